"""Fits without a series, or without the last months, and what they predict of it.

Draws are of the Gaussian that touches the posterior at its mode, in the expected-value form: a few
seconds where chains take minutes. The luck of one history is left out, but for counts of deaths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit import Fit, mode, normals
from straits.analysis.fit_report import Predicted, predictions
from straits.base.hashing import unit_draws
from straits.base.names import decision_id
from straits.ensemble.executors import spread

__all__ = ["HINDCAST", "LeftOut", "left_out"]

HINDCAST: Final = date(2016, 6, 5)  # what ends later is hidden: the summer before the decision day
DRAWS: Final = 400
# The expected form has only stayers in it; what separates it from people is in the correction.
_NOT_HELD: Final = ("over_a_year",)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was hidden from a fit, beside what the fit says of it.

    Attributes
    ----------
    name : str
        A series, or "after" and a day.
    rows : tuple of Predicted
        The rows that were hidden, bounds left out.
    """

    name: str
    rows: tuple[Predicted, ...]


def left_out(fit: Fit, seed: int, jobs: int, say: Callable[[str], None]) -> list[LeftOut]:
    """Hide each series of a fit in turn, then all that ends after a day, and predict it.

    Parameters
    ----------
    fit : Fit
        Without a correction.
    seed : int
        Of the draws and of the errors of observation.
    jobs : int
    say : callable
        Told what is done.
    """
    series = np.array([row.series for row in fit.record.rows])
    names = [name for name in fit.record.places
             if name not in _NOT_HELD and np.any(fit.used & (series == name))]
    hidden = [(name, fit.used & (series == name)) for name in names]
    late = np.array([row.last > HINDCAST for row in fit.record.rows])
    hidden.append((f"after {HINDCAST}", fit.used & late & ~np.isin(series, _NOT_HELD)))
    out = []
    tasks = [(fit, hide, seed) for _, hide in hidden]
    for (name, _), rows in zip(hidden, spread(_predicted, tasks, jobs), strict=True):
        out.append(LeftOut(name, rows))
        say(name)
    return out


def _predicted(task: tuple[Fit, NDArray[np.bool_], int]) -> tuple[Predicted, ...]:
    fit, hide, seed = task
    seen = replace(fit, used=fit.used & ~hide)
    middle, spread_of = mode(seen)
    z = middle + normals("calibrate.left_out", DRAWS, seed) @ np.linalg.cholesky(spread_of).T
    shown = np.stack([seen.predicted(one) for one in z])
    counts = fit.record.error == 0.0
    shown[:, counts] = _counted(shown[:, counts], seed)
    rows = predictions(fit.record, shown, seen.used, seed)
    return tuple(row for row, gone in zip(rows, hide, strict=True) if gone and row.side == "both")


def _counted(expected: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Return counts with these expectations, as a history would have them."""
    from scipy.stats import poisson

    u = unit_draws(expected.size, decision_id("calibrate.left_out.count"), seed)
    return np.asarray(poisson.ppf(u.reshape(expected.shape), np.maximum(expected, 1e-9)))
