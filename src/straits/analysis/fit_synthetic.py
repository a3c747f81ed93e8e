"""Synthetic recovery: truths are planted, their record is fitted, and the fit must find them.

A truth is a draw of the prior, its record what the expected-value form shows of it, with the
record's own errors. If the sampler is right, the rank of a truth among the draws of its posterior
is uniform [1]_. One-sided rows have no error to draw and are left out.

Each truth has one walker, which makes the fit's Crank-Nicolson steps: they need no ensemble, and
one long walk spends the least on its beginning. It starts twice as far from the mode as draws of
the Gaussian there lie, so that ranks also tell whether it came back. It keeps that Gaussian: what
one walker has seen in a third of its steps is too little to learn the covariance of 62 numbers
from, and going on with the half of it slowed the walk threefold.

References
----------
.. [1] S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman, "Validating Bayesian inference
   algorithms with simulation-based calibration" (2018). arXiv:1804.06788
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit import (
    STRIDES,
    Fit,
    Step,
    crank_nicolson,
    density_of,
    mode,
    normals,
)
from straits.analysis.fit_ranks import Recovery
from straits.analysis.fit_settled import autocorrelation_time
from straits.base.hashing import unit_draws
from straits.base.names import decision_id
from straits.ensemble.executors import spread

__all__ = ["recovery", "walk"]

STEPS: Final = 10_000
BURN_IN: Final = 1 / 3  # of the steps, left out
DRAWS: Final = 19  # kept, evenly spaced: a truth has 20 ranks among them, 18 of them inside 90 %
APART: Final = 2.0

Found = tuple[NDArray[np.float64], float, NDArray[np.float64]]


def recovery(
    fit: Fit, truths: int, seed: int, jobs: int, say: Callable[[int], None]
) -> Recovery:
    """Plant truths, fit each one's record, and return where they lie."""
    found = []
    for one in spread(_recovered, [(fit, seed, k) for k in range(truths)], jobs):
        found.append(one)
        say(len(found))
    ranks, misfits, memories = zip(*found, strict=True)
    return Recovery(np.stack(ranks), np.array(misfits), int(_two_sided(fit).sum()),
                    np.stack(memories))


def _recovered(task: tuple[Fit, int, int]) -> Found:
    """Return a truth's ranks, the misfit at the mode, and how much its draws remember."""
    fit, seed, number = task
    truth = normals(f"calibrate.truth.{number}", 1, seed)[0]
    record = fit.record
    value = _observed(fit.predicted(truth), record.error, seed, number)
    planted = replace(fit, record=replace(record, value=value), used=_two_sided(fit))
    first = mode(planted)
    late = _walk(planted, seed + 1 + number, first)
    apart = len(late) // DRAWS
    kept = late[apart - 1 :: apart][:DRAWS]
    rank = ((kept < truth).sum(axis=0) + 0.5) / (DRAWS + 1)
    return (np.asarray(rank), -2.0 * density_of(planted)(first[0]),
            autocorrelation_time(late[:, None]) / apart)


def _two_sided(fit: Fit) -> NDArray[np.bool_]:
    return fit.used & ~(fit.record.upper | fit.record.lower)


def _walk(
    fit: Fit, seed: int, first: tuple[NDArray[np.float64], Any]
) -> NDArray[np.float64]:
    """Return the later steps of one walker, float64[step, number].

    Parameters
    ----------
    fit : Fit
    seed : int
    first : (float64[number], float64[number, number])
        The mode, and the covariance of the Gaussian there.
    """
    away = APART * normals("calibrate.walker", 1, seed) @ np.linalg.cholesky(first[1]).T
    steps = [crank_nicolson(*first, stride) for stride, _ in STRIDES]
    return walk(density_of(fit), first[0] + away[0], steps, STEPS, seed)[int(STEPS * BURN_IN) :]


def walk(
    log_density: Callable[[NDArray[np.float64]], float], start: NDArray[np.float64],
    steps: Sequence[Step], count: int, seed: int,
) -> NDArray[np.float64]:
    """Return where one walker is after each step, float64[step, number].

    What an ensemble needs, and one walker does not, would cost a fifth as much as the steps do.

    Parameters
    ----------
    log_density : callable
        But for a constant.
    start : float64[number]
    steps : sequence of Step
        One for each of `STRIDES`, taken with the shares given there.
    count : int
        How many steps.
    seed : int
    """
    normal = normals("calibrate.walk", count, seed, start.size)
    luck = unit_draws(2 * count, decision_id("calibrate.walk.choice"), seed).reshape(count, 2)
    shares = np.cumsum([share for _, share in STRIDES])
    which = np.searchsorted(shares / shares[-1], luck[:, 0], side="right")
    least = np.log(luck[:, 1])
    z = start[None]
    density = log_density(start)
    out = np.empty((count, start.size))
    for k in range(count):
        new, factor = steps[which[k]](z, normal[k])
        proposed = log_density(new[0])
        if least[k] < proposed - density + factor[0]:
            z, density = new, proposed
        out[k] = z[0]
    return out


def _observed(
    shown: NDArray[np.float64], error: NDArray[np.float64], seed: int, number: int
) -> NDArray[np.float64]:
    """Return a record with the errors that the fit assumes: lognormal, or Poisson for deaths."""
    from scipy.special import ndtri
    from scipy.stats import poisson

    name = decision_id(f"calibrate.observed.{number}")
    u = unit_draws(shown.size, name, seed)
    counts = poisson.ppf(u, np.maximum(shown, 1e-9))
    return np.asarray(np.where(error > 0.0, shown * np.exp(error * ndtri(u)),
                               np.maximum(counts, 0.0)))
