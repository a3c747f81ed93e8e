"""Waiting for scheduled departures, with room for all or with a capacity.

Arrivals are Poisson with rate lam; a departure every T seconds takes at most C of those who
were there `cut_off_s` before it. A cut-off moves the instant at which a vehicle counts as
ready, so it is added to every wait and changes nothing else.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import linalg, optimize, special

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "left_behind",
    "mean_delay_bulk",
    "mean_wait_bulk",
    "mean_wait_for_departure",
    "queue_when_overloaded",
]

_TAIL: Final = 1e-14  # of the law of those left behind, beyond its last place
_LEAST: Final = 1e-22  # chance of a number of arrivals that is worth a diagonal


def mean_wait_for_departure(*, headway_s: float, cut_off_s: float = 0.0) -> float:
    """Return the mean wait for an even headway that never fills [s]: half of it, and the cut-off.

    Arrivals are Poisson, so the instant of arrival is uniform within a headway.
    """
    return cut_off_s + 0.5 * headway_s


def left_behind(*, rate_per_s: float, headway_s: float, capacity: int) -> NDArray[np.float64]:
    """Return P(0), P(1), ... vehicles left on the quay by a departure [dimensionless].

    The embedded chain X' = max(X + A - C, 0), A Poisson with mean lam T, is solved where it
    is cut off: beyond the last place it has a probability of about 1e-14.

    References
    ----------
    .. [1] N. T. J. Bailey, "On queueing processes with bulk service", J. R. Statist. Soc. B 16
       (1954) 80-87.

    Raises
    ------
    ValueError
        If departures cannot take all who come: then no law exists.
    """
    mean = rate_per_s * headway_s
    if mean >= capacity:
        raise ValueError(f"{mean:g} vehicles a departure of {capacity}: the queue has no law")
    top = math.ceil(-math.log(_TAIL) / _decay(mean, capacity)) + 1
    # chance[i] = P(A = i); from m to n takes A = n - m + C
    chance = _poisson(np.arange(capacity + top + 1), mean)
    counted = np.flatnonzero(chance > _LEAST)
    lower = min(max(int(counted[-1]) - capacity, 0), top - 1)
    upper = min(capacity - int(counted[0]), top - 1)
    # Balance at n = 1, 2, ... with P(0) = 1: a band, one value along each diagonal.
    steps = np.arange(-upper, lower + 1)
    band = np.repeat(chance[steps + capacity, None], top, axis=1)
    band[upper] -= 1.0
    beyond: NDArray[np.float64] = linalg.solve_banded(
        (lower, upper), band, -chance[capacity + 1 : capacity + top + 1]
    )
    law = np.append(1.0, np.maximum(beyond, 0.0))
    law /= law.sum()
    return law


def mean_delay_bulk(*, rate_per_s: float, headway_s: float, capacity: int) -> float:
    """Return the mean time lost to full departures [s]; infinite when they cannot take all.

    It is the mean number left behind over the arrival rate (Little's law), and comes on top
    of the wait for a departure that never fills.

    References
    ----------
    .. [1] N. T. J. Bailey (1954), as for `left_behind`.
    """
    if rate_per_s * headway_s >= capacity:
        return math.inf
    law = left_behind(rate_per_s=rate_per_s, headway_s=headway_s, capacity=capacity)
    return float(law @ np.arange(law.size)) / rate_per_s


def mean_wait_bulk(
    *, rate_per_s: float, headway_s: float, capacity: int, cut_off_s: float = 0.0
) -> float:
    """Return the mean wait for departures of a capacity [s]; infinite when they cannot take all."""
    delay = mean_delay_bulk(rate_per_s=rate_per_s, headway_s=headway_s, capacity=capacity)
    return delay + mean_wait_for_departure(headway_s=headway_s, cut_off_s=cut_off_s)


def queue_when_overloaded(
    *, rate_per_s: float, headway_s: float, capacity: int, departures: int
) -> float:
    """Return the number left behind after so many full departures, without chance [vehicles].

    The deterministic limit, from an empty quay: what comes less what is carried.
    """
    return departures * max(rate_per_s * headway_s - capacity, 0.0)


def _poisson(numbers: NDArray[np.intp], mean: float) -> NDArray[np.float64]:
    """Return the Poisson law at `numbers`, in logarithms, so that nothing overflows."""
    chances: NDArray[np.float64] = np.exp(
        special.xlogy(numbers, mean) - mean - special.gammaln(numbers + 1.0)
    )
    return chances


def _decay(mean: float, capacity: int) -> float:
    """Return s > 0 with E exp(s (A - C)) = 1: the law of those left behind falls as exp(-s n)."""

    def excess(exponent: float) -> float:
        return mean * math.expm1(exponent) - capacity * exponent

    least = math.log(capacity / mean)  # where the convex excess is lowest, and negative
    high = 2.0 * least
    while excess(high) <= 0.0:
        high *= 2.0
    return float(optimize.brentq(excess, least, high))
