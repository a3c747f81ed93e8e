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
from straits.plan.free import FREE, values_of

__all__ = ["Learnt", "Predicted", "average_relative_difference", "kept", "learnt", "left_out",
           "predictions"]  # fmt: skip

LOW: Final = 0.05
HIGH: Final = 0.95
_LEAST: Final = 1e-12
_FAR: Final = 100.0  # squared errors beyond which a figure is unlikely enough
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


# Acceptance bands, written before the fit. Of the 73 rows of a study before this one, September and
# October 2016 among them, a good model covers 64 to 71 by its 90 % intervals; all of them means
# errors that are too wide.
COVERED: Final = (64 / 73, 71 / 73)
LARGEST_DIFFERENCE: Final = 0.15  # average relative difference of fitted rows
LEAST_BOUNDS: Final = 0.9  # share of one-sided rows that are kept


def left_out(
    record: Record, shown: NDArray[np.float64], used: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return where each figure lies among its predictions, a fitted one as if it had not been [1].

    A fit leans towards what it is fitted to, so that its intervals cover more than their nominal
    share of it. Each draw therefore counts by the inverse of the likelihood that the row gave it,
    which is the weight it would have without that row; the largest weights are cut [2]_.

    Parameters
    ----------
    record : Record
        With the published errors.
    shown : float64[draw, row]
        Without errors of observation.
    used : bool[row]
        Rows that were fitted.

    Returns
    -------
    float64[row]
        Predictive probability of less than the figure; for deaths half of equality counts.

    References
    ----------
    .. [1] A. E. Gelfand, D. K. Dey, H. Chang, "Model determination using predictive distributions
       with implementation via sampling-based methods", Bayesian Statistics 4 (1992).
    .. [2] E. L. Ionides, "Truncated importance sampling", Journal of Computational and Graphical
       Statistics 17 (2008). doi:10.1198/106186008X320456
    """
    from scipy.special import ndtr
    from scipy.stats import poisson

    error = _errors(record)
    out = np.empty(len(error))
    for k, observed in enumerate(record.value):
        if error[k] > 0.0:
            apart = np.log(observed / np.maximum(shown[:, k], _LEAST)) / error[k]
            below, unlikely = ndtr(apart), np.exp(0.5 * np.minimum(apart * apart, _FAR))
        else:
            mean = np.maximum(shown[:, k], _LEAST)
            mass = poisson.pmf(observed, mean)
            below = poisson.cdf(observed, mean) - 0.5 * mass
            unlikely = 1.0 / np.maximum(mass, _LEAST)
        weight = unlikely if used[k] else np.ones(len(shown))
        weight = np.minimum(weight, weight.mean() * math.sqrt(len(weight)))
        out[k] = float(weight @ below / weight.sum())
    return out


def kept(
    rows: Sequence[Predicted], place: NDArray[np.float64]
) -> tuple[bool, list[str]]:
    """Return whether rows lie in the acceptance bands, and what was found in words.

    Parameters
    ----------
    rows : sequence of Predicted
        What `predictions` says of the record.
    place : float64[row]
        What `left_out` says of it.
    """
    both = [row for row in rows if row.side == "both"]
    values = [row for row in both if row.fitted]
    bounds = [row for row in rows if row.fitted and row.side != "both"]
    inside = sum(bool(LOW <= where <= HIGH) for where, row in zip(place, rows, strict=True)
                 if row.fitted and row.side == "both")
    difference = average_relative_difference(values)
    held = sum(row.covered for row in bounds)
    found = (
        _share("rows covered, fitted and predicted", sum(row.covered for row in both), len(both)),
        _share("fitted rows covered, each predicted without itself", inside, len(values)),
        (difference <= LARGEST_DIFFERENCE,
         f"average relative difference, fitted: {difference:.1%}, at most "
         f"{LARGEST_DIFFERENCE:.0%}"),
        (held >= LEAST_BOUNDS * len(bounds), f"bounds kept: {held} of {len(bounds)}, at least "
                                             f"{math.ceil(LEAST_BOUNDS * len(bounds))}"),
    )
    return (all(good for good, _ in found),
            [f"{text}   {'accepted' if good else 'OUTSIDE'}" for good, text in found])


def _share(name: str, covered: int, rows: int) -> tuple[bool, str]:
    low = math.ceil(COVERED[0] * rows - 0.5)
    high = math.floor(COVERED[1] * rows + 0.5)
    return low <= covered <= high, f"{name}: {covered} of {rows}, acceptance band {low} to {high}"


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
    prior = values_of(normals("calibrate.prior", 2000, 1))
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
