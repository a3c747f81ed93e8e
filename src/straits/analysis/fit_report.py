"""What a fit says: the record beside its predictions, and what the data taught."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit import Fit, normals
from straits.analysis.fit_record import Record
from straits.plan.free import FREE

__all__ = ["Learnt", "Predicted", "average_relative_difference", "kept", "learnt", "predictions"]

LOW: Final = 0.05
HIGH: Final = 0.95
_TAUGHT: Final = 0.7  # overlap of prior and posterior above which the data taught little


@dataclass(frozen=True, slots=True)
class Predicted:
    """One row of the record beside its prediction.

    Attributes
    ----------
    series, figure, first, last, side, note : str
    observed, median, low, high : float
        Of the record, and of the predictions with the record's error [the record's units].
    covered : bool
        Whether the figure lies inside the 90 % interval, or on the allowed side of its end.
    fitted : bool
    """

    series: str
    figure: str
    first: str
    last: str
    side: str
    observed: float
    median: float
    low: float
    high: float
    covered: bool
    fitted: bool
    note: str


def predictions(
    record: Record, shown: NDArray[np.float64], used: NDArray[np.bool_], seed: int
) -> list[Predicted]:
    """Return the record beside what histories would have shown, observers' errors added.

    Parameters
    ----------
    record : Record
    shown : float64[draw, row]
        Without errors of observation.
    used : bool[row]
        Rows that were fitted.
    seed : int
        Of the errors of observation.
    """
    luck = normals("validate.error", len(shown), seed, shown.shape[1])
    noisy = shown * np.exp(_errors(record) * luck)
    low, median, high = np.quantile(noisy, [LOW, 0.5, HIGH], axis=0)
    out = []
    for k, row in enumerate(record.rows):
        above, below = record.value[k] > high[k], record.value[k] < low[k]
        missed = (above and row.side != "upper") or (below and row.side != "lower")
        out.append(Predicted(
            row.series, row.figure, row.first.isoformat(), row.last.isoformat(), row.side,
            float(record.value[k]), float(median[k]), float(low[k]), float(high[k]),
            not missed, bool(used[k]), row.note))
    return out


def _errors(record: Record) -> NDArray[np.float64]:
    """Return the observers' errors alone [log sd]: the luck of a history is in the histories."""
    return np.array([row.log_sd for row in record.rows])


def average_relative_difference(rows: Sequence[Predicted]) -> float:
    """Return sum |predicted - observed| / sum observed, averaged over series [1].

    Within a series as Flee scores the camps of a conflict [1]_; series have units of their own, so
    each counts the same. Bounds are left out.

    References
    ----------
    .. [1] D. Suleimenova, D. Bell, D. Groen, "A generalized simulation development approach for
       predicting refugee destinations", Scientific Reports 7 (2017).
       doi:10.1038/s41598-017-13828-9
    """
    values = []
    for series in sorted({row.series for row in rows if row.side == "both"}):
        some = [row for row in rows if row.series == series and row.side == "both"]
        off = sum(abs(row.median - row.observed) for row in some)
        values.append(off / sum(row.observed for row in some))
    return float(np.mean(values))


LEAST_COVERED: Final = 64 / 73  # of fitted rows, by 90 % intervals
MISFIT: Final = 0.9  # probability of the band of the misfit at the mode
LARGEST_DIFFERENCE: Final = 0.15  # average relative difference of fitted rows
LEAST_BOUNDS: Final = 0.9  # share of one-sided rows that are kept


def kept(rows: Sequence[Predicted], misfit: float) -> tuple[bool, list[str]]:
    """Return whether fitted rows lie in the acceptance bands, and what was found in words.

    A fit leans towards its rows, so that its intervals cover more than nine in ten of them however
    wide the errors are. Whether those are right is seen in the misfit: for a linear model with
    Gaussian errors and priors the least sum of squared residuals, of rows and of priors, follows
    a chi-squared distribution with as many degrees of freedom as there are rows.

    Parameters
    ----------
    rows : sequence of Predicted
        What `predictions` says of the record.
    misfit : float
        That sum at the mode [squared errors].
    """
    from scipy.stats import chi2

    both = [row for row in rows if row.side == "both"]
    values = [row for row in both if row.fitted]
    bounds = [row for row in rows if row.fitted and row.side != "both"]
    low, high = chi2.ppf([(1.0 - MISFIT) / 2.0, (1.0 + MISFIT) / 2.0], len(values))
    covered = sum(row.covered for row in values)
    least = math.ceil(LEAST_COVERED * len(values) - 0.5)
    difference = average_relative_difference(values)
    held = sum(row.covered for row in bounds)
    found = (
        (covered >= least, f"fitted rows covered: {covered} of {len(values)}, at least {least}"),
        (low <= misfit <= high,
         f"misfit of rows and priors at the mode: {misfit:.1f} for {len(values)} rows, acceptance "
         f"band {low:.0f} to {high:.0f}: below it the errors are too wide, above too narrow"),
        (difference <= LARGEST_DIFFERENCE,
         f"average relative difference, fitted: {difference:.1%}, at most "
         f"{LARGEST_DIFFERENCE:.0%}"),
        (held >= LEAST_BOUNDS * len(bounds), f"bounds kept: {held} of {len(bounds)}, at least "
                                             f"{math.ceil(LEAST_BOUNDS * len(bounds))}"),
    )
    lines = [f"{text}   {'accepted' if good else 'OUTSIDE'}" for good, text in found]
    lines.append(f"all rows, predicted ones too: {sum(row.covered for row in both)} of {len(both)} "
                 "covered   told, not judged")
    return all(good for good, _ in found), lines


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the data taught about one number.

    Attributes
    ----------
    name, unit, meaning : str
    prior, posterior : (float, float, float)
        Median, and ends of the 90 % interval.
    overlap : float
        Common area of prior and posterior densities, one where nothing was learnt.
    """

    name: str
    unit: str
    meaning: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    overlap: float

    @property
    def taught(self) -> bool:
        """Whether the data taught anything worth the name."""
        return self.overlap < _TAUGHT


def learnt(fit: Fit, z: NDArray[np.float64]) -> list[Learnt]:
    """Return what the data taught about each number, from draws float64[draw, number]."""
    values = fit.values(z)
    prior = fit.values(normals("calibrate.prior", 2000, 1))  # a fit may tie one number to another
    out = []
    for k, free in enumerate(FREE):
        if np.ptp(values[:, k]) == 0.0:
            continue  # held in this fit
        out.append(Learnt(free.name, free.unit, free.meaning, _three(prior[:, k]),
                          _three(values[:, k]), _overlap(prior[:, k], values[:, k])))
    return out


def _three(column: NDArray[np.float64]) -> tuple[float, float, float]:
    low, median, high = (float(one) for one in np.quantile(column, [LOW, 0.5, HIGH]))
    return median, low, high


def _overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the common area of two samples' densities, in bins of equal share of the first."""
    edges = np.quantile(first, np.linspace(0.0, 1.0, 21))
    edges[0], edges[-1] = -np.inf, np.inf
    a = np.histogram(first, edges)[0] / first.size
    b = np.histogram(second, edges)[0] / second.size
    return float(np.minimum(a, b).sum())
