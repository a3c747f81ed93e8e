"""Intervals of shares and of resampled numbers, with addressed draws.

A resample is known by a purpose, a seed and its number, so that adding resamples, runs at the end
or another analysis moves none of those that were drawn before.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from straits.base.hashing import unit_draws
from straits.base.names import decision_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEVEL", "half_samples", "normal_quantile", "percentiles", "resample_counts", "wilson"]

LEVEL: Final = 0.9
"""The house's interval holds 90 in 100."""


def normal_quantile(level: float) -> float:
    """Return how many standard errors an interval reaches to either side [dimensionless]."""
    from scipy.special import ndtri

    if not 0.0 < level < 1.0:
        raise ValueError(f"an interval holds a share between 0 and 1, not {level:g}")
    return float(ndtri(0.5 + level / 2.0))


def wilson(share: float, number: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval of a share that was counted over independent cases [1]_.

    Parameters
    ----------
    share : float
        Share counted [dimensionless, 0 to 1].
    number : int
        Cases, at least 1.
    level : float
        What the interval holds [dimensionless].

    Raises
    ------
    ValueError
        For a share outside 0 to 1 or without cases.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical
       inference", J. Am. Stat. Assoc. 22 (1927) 209-212. doi:10.1080/01621459.1927.10502953
    """
    if not 0.0 <= share <= 1.0 or number < 1:
        raise ValueError(f"no interval for a share of {share:g} in {number} cases")
    z = normal_quantile(level)
    z2 = z**2
    middle = (share + z2 / (2.0 * number)) / (1.0 + z2 / number)
    half = z / (1.0 + z2 / number) * math.sqrt(
        share * (1.0 - share) / number + z2 / (4.0 * number**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def resample_counts(purpose: str, seed: int, resamples: int, size: int) -> NDArray[np.float64]:
    """Return how often each of `size` cases stands in each bootstrap resample [1]_.

    Parameters
    ----------
    purpose : str
        Dotted name of what the draws are for.
    seed : int
        Which luck.
    resamples, size : int
        How many resamples, and how many cases there are and each resample draws.

    Returns
    -------
    float64[resample, case]
        Whole numbers; every row adds up to `size`.

    References
    ----------
    .. [1] B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993.
       doi:10.1201/9780429246593
    """
    name = decision_id(purpose)
    counts = np.empty((resamples, size))
    for k in range(resamples):
        drawn = np.floor(unit_draws(size, name, seed, k) * size).astype(np.intp)
        counts[k] = np.bincount(drawn, minlength=size)
    return counts


def half_samples(purpose: str, seed: int, samples: int, size: int) -> NDArray[np.bool_]:
    """Return which cases stand in each half sample, drawn without replacement: bool[sample, case].

    Of an odd number of cases the larger half is taken.
    """
    name = decision_id(purpose)
    taken = np.zeros((samples, size), bool)
    for k in range(samples):
        order = np.argsort(unit_draws(size, name, seed, k), kind="stable")
        taken[k, order[: (size + 1) // 2]] = True
    return taken


def percentiles(
    values: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the central interval of resampled numbers, over the first axis.

    Ends are values that were met and not interpolated, so that infinite ones (a number that left
    its range) stay what they are. NaN are left out; a column of nothing else gives NaN.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"an interval holds a share between 0 and 1, not {level:g}")
    ordered = np.sort(values, axis=0)  # NaN last
    known = np.sum(~np.isnan(ordered), axis=0)
    tail = (1.0 - level) / 2.0
    low = np.maximum(np.floor(tail * known - 1e-9).astype(np.intp), 0)
    high = np.maximum(known - 1 - low, 0)
    return (np.take_along_axis(ordered, low[None, ...], axis=0)[0],
            np.take_along_axis(ordered, high[None, ...], axis=0)[0])
