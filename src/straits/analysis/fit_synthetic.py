"""Synthetic recovery: truths are planted, their record is fitted, and the fit must find them.

A truth is a draw of the prior, its record what the expected-value form shows of it, with the
record's own errors. If the sampler is right, the rank of a truth among the draws of its posterior
is uniform [1]_. One-sided rows have no error to draw and are left out.

References
----------
.. [1] S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman, "Validating Bayesian inference
   algorithms with simulation-based calibration" (2018). arXiv:1804.06788
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit import Fit, normals, sample
from straits.base.hashing import unit_draw
from straits.base.names import decision_id
from straits.ensemble.executors import spread
from straits.plan.free import FREE

__all__ = ["Recovery", "recovery", "verdict"]

STEPS: Final = 100  # walkers start spread around the mode, so few are enough; the ranks tell
BINS: Final = 10
STANDARD_ERRORS: Final = 4.5  # truths are independent of each other, numbers of one truth are not
SLACK: Final = 0.02  # share: what a sampler of this length may be off by


@dataclass(frozen=True, slots=True)
class Recovery:
    """Where planted truths lie among the draws of their posteriors.

    Attributes
    ----------
    rank : float64[truth, number]
        Share of the draws below the truth.
    """

    rank: NDArray[np.float64]

    @property
    def covered(self) -> NDArray[np.float64]:
        """Share of each truth's numbers that lie inside their 90 % intervals, float64[truth]."""
        return np.asarray(((self.rank >= 0.05) & (self.rank <= 0.95)).mean(axis=1))

    @property
    def histogram(self) -> NDArray[np.float64]:
        """Share of each truth's ranks in ten equal bins, float64[truth, bin]."""
        bins = np.minimum((self.rank * BINS).astype(np.int64), BINS - 1)
        return np.stack([(bins == k).mean(axis=1) for k in range(BINS)], axis=1)


def recovery(
    fit: Fit, truths: int, seed: int, jobs: int, say: Callable[[int], None]
) -> Recovery:
    """Plant truths, fit each one's record, and return the ranks."""
    ranks = []
    for rank in spread(_recovered, [(fit, seed, k) for k in range(truths)], jobs):
        ranks.append(rank)
        say(len(ranks))
    return Recovery(np.stack(ranks))


def _recovered(task: tuple[Fit, int, int]) -> NDArray[np.float64]:
    fit, seed, number = task
    truth = normals(f"calibrate.truth.{number}", 1, seed)[0]
    record = fit.record
    two_sided = ~(record.upper | record.lower)
    shown = fit.predicted(truth)
    planted = replace(
        fit, record=replace(record, value=_observed(shown, record.error, seed, number)),
        used=fit.used & two_sided)
    chain = sample(planted, STEPS, seed + 1 + number, None, lambda _: None)
    late = chain.z[len(chain.z) // 3 :].reshape(-1, len(FREE))
    return np.asarray((late < truth).mean(axis=0))


def _observed(
    shown: NDArray[np.float64], error: NDArray[np.float64], seed: int, number: int
) -> NDArray[np.float64]:
    """Return a record with the errors that the fit assumes: lognormal, or Poisson for deaths."""
    from scipy.special import ndtri
    from scipy.stats import poisson

    name = decision_id(f"calibrate.observed.{number}")
    u = np.array([unit_draw(name, seed, k) for k in range(shown.size)])
    counts = poisson.ppf(u, np.maximum(shown, 1e-9))
    return np.asarray(np.where(error > 0.0, shown * np.exp(error * ndtri(u)),
                               np.maximum(counts, 0.0)))


def verdict(found: Recovery) -> tuple[bool, list[str]]:
    """Return whether the ranks are uniform, and what was found in words.

    Held against each other: the share inside 90 % intervals and 0.9, each bin's share and 0.1,
    within 4.5 standard errors over truths plus 0.02.
    """
    truths = len(found.rank)
    lines, good = [], True
    bins = found.histogram
    for name, shares, should in (
        ("inside 90 % intervals", found.covered, 0.9),
        *((f"ranks {k / BINS:.1f} to {(k + 1) / BINS:.1f}", bins[:, k], 1.0 / BINS)
          for k in range(BINS)),
    ):
        mean, error = float(shares.mean()), float(shares.std(ddof=1)) / truths**0.5
        inside = abs(mean - should) <= STANDARD_ERRORS * error + SLACK
        good &= inside
        lines.append(f"{name:<24}{mean:>8.1%}   should be {should:.0%}, standard error "
                     f"{error:.1%}   {'accepted' if inside else 'OUTSIDE'}")
    return good, lines



