"""Shares of variance from runs that are there already, at scattered and possibly dependent values.

A first-order index is the share of an output's variance that the mean given one assumption has. The
mean is estimated by local regression: runs are put in order of the assumption and cut into groups
of equal size, with a line through each [1]_. Lines through groups explain some variance by luck
alone; the degrees of freedom that they use are taken off [2]_.

What the estimate cannot say: where assumptions depend on each other, as draws of a posterior do,
the index of one holds what it tells about the others as well, and indices may add up to more than
1. Nothing is said of interactions.

References
----------
.. [1] E. Plischke, E. Borgonovo, C. L. Smith, "Global sensitivity measures from given data", Eur.
   J. Oper. Res. 226 (2013) 536-550. doi:10.1016/j.ejor.2012.11.047
.. [2] T. L. Kelley, "An unbiased correlation ratio measure", Proc. Natl. Acad. Sci. 21 (1935)
   554-559. doi:10.1073/pnas.21.9.554
.. [3] J. Shao, C. F. J. Wu, "A general theory for jackknife variance estimation", Ann. Stat. 17
   (1989) 1176-1197. doi:10.1214/aos/1176347263
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from straits.analysis.intervals import half_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GivenData", "first_order_given"]

HALVES: Final = 40
LEAST_RUNS: Final = 40
PURPOSE: Final = "analysis.sensitivity.given"


@dataclass(frozen=True, slots=True)
class GivenData:
    """First-order indices from given data.

    Attributes
    ----------
    first : float64[assumption, output]
        Corrected share of variance; 0 in the mean for an assumption that does nothing and tells
        nothing, hence negative about every other time. NaN where an output does not vary.
    standard_error : float64[assumption, output]
        From half samples [3]_: their spread is the error of all runs.
    uncorrected : float64[assumption, output]
        Share before the correction; above 0 by about `degrees` over runs even for luck alone.
    degrees : intp[assumption]
        Degrees of freedom that the local regression uses.
    """

    first: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    uncorrected: NDArray[np.float64]
    degrees: NDArray[np.intp]


def first_order_given(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    groups: int | None = None,
    halves: int = HALVES,
    seed: int = 0,
) -> GivenData:
    """Estimate first-order indices from scattered runs.

    An assumption with no more values than groups, a category or a switch, has a group for each
    value and no lines.

    Parameters
    ----------
    x : float64[run, assumption]
        Values of the assumptions.
    y : float64[run, output]
        Outputs of the same runs.
    groups : int, optional
        How many groups; the cube root of the runs if not given. Fewer cannot follow a mean with
        many turns, whose index is then too low; more make the error larger.
    halves, seed : int
        Half samples for the standard error, and which luck they have.

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite, fewer than 40 runs, or groups that
        leave fewer than four runs each in a half sample.
    """
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise ValueError(f"runs of assumptions and of outputs are needed; found {x.shape} and "
                         f"{y.shape}")
    if len(x) < LEAST_RUNS:
        raise ValueError(f"{len(x)} runs are too few; allowed: {LEAST_RUNS} or more")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("a value of a run is not finite")
    groups = max(2, round(len(x) ** (1.0 / 3.0))) if groups is None else groups
    if not 1 <= groups <= len(x) // 8 or halves < 2:
        raise ValueError(f"{groups} groups of {len(x)} runs, {halves} half samples; allowed: up to "
                         f"{len(x) // 8} groups, 2 half samples or more")
    first, uncorrected, degrees = _shares(x, y, groups)
    again = np.array([
        _shares(x[taken], y[taken], groups)[0]
        for taken in half_samples(PURPOSE, seed, halves, len(x))
    ])  # fmt: skip
    return GivenData(first, again.std(axis=0, ddof=1), uncorrected, degrees)


def _shares(
    x: NDArray[np.float64], y: NDArray[np.float64], groups: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Return corrected and plain shares, and degrees of freedom, by assumption."""
    runs = len(x)
    total = np.sum((y - y.mean(axis=0)) ** 2, axis=0)
    total = np.where(np.ptp(y, axis=0) > 0.0, total, np.nan)
    corrected = np.empty((x.shape[1], y.shape[1]))
    plain = np.empty_like(corrected)
    degrees = np.empty(x.shape[1], np.intp)
    for column in range(x.shape[1]):
        left, used = _unexplained(x[:, column], y, groups)
        plain[column] = 1.0 - left / total
        corrected[column] = 1.0 - left / (runs - used) / (total / (runs - 1))
        degrees[column] = used
    return corrected, plain, degrees


def _unexplained(
    x: NDArray[np.float64], y: NDArray[np.float64], groups: int
) -> tuple[NDArray[np.float64], int]:
    """Return the squares that lines through groups leave, and how many numbers they take."""
    values, place = np.unique(x, return_inverse=True)
    if values.size > groups:
        # By rank, but equal values together: otherwise their order would be luck.
        rank = np.argsort(np.argsort(x, kind="stable"), kind="stable")
        first = np.full(values.size, len(x))
        np.minimum.at(first, place, rank)
        place = np.unique(first[place] * groups // len(x), return_inverse=True)[1]
    size = np.bincount(place).astype(float)
    mean_x = np.bincount(place, x) / size
    apart = x - mean_x[place]
    width = np.bincount(place, apart**2)
    # Rounding may leave a group of equal values some width.
    sloped = (width > 1e-12 * (np.ptp(x) ** 2 * size + 1e-300)) & (size > 2)
    left = np.empty(y.shape[1])
    for output in range(y.shape[1]):
        off = y[:, output] - (np.bincount(place, y[:, output]) / size)[place]
        slope = np.divide(np.bincount(place, apart * off), width, out=np.zeros(size.size),
                          where=sloped)
        left[output] = np.sum((off - slope[place] * apart) ** 2)
    return left, int(size.size + sloped.sum())
