"""Break-even: the value of one assumption at which a difference changes its sign.

`solve` finds all roots of a function that can be computed; `from_runs` those of a mean that is only
seen through noisy paired differences at scattered values. Both say on which side the difference
lies when it has no root, which is an answer, too.

References
----------
.. [1] R. P. Brent, "Algorithms for Minimization without Derivatives", 1973, chapters 4 and 5.
.. [2] B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993.
   doi:10.1201/9780429246593
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from straits.analysis import smoothing
from straits.analysis.intervals import LEVEL, percentiles, resample_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BreakEven", "Crossing", "Kind", "Root", "Roots", "Side", "by_future", "crossings",
           "from_runs", "side_of", "solve"]  # fmt: skip

Kind = Literal["rising", "falling", "touching"]
Side = Literal["crosses", "always above", "always below", "always zero"]
Function = Callable[[float], float]

# Two roots closer than a step of the scan are met only by way of a minimum between them.
SCAN: Final = 129
# Below this share of its largest value a minimum counts as touching zero.
TOUCHES: Final = 1e-10
# Points at which a fitted mean is looked at; its roots are interpolated between them.
POINTS: Final = 401
RESAMPLES: Final = 500
PURPOSE: Final = "analysis.breakeven.resample"


@dataclass(frozen=True, slots=True)
class Root:
    """One root, or a stretch of zeros from `value` to `until` [unit of the assumption]."""

    value: float
    until: float
    kind: Kind  # what the difference does as the assumption grows


@dataclass(frozen=True, slots=True)
class Roots:
    """All roots in a range, lowest first."""

    low: float
    high: float
    roots: tuple[Root, ...]
    side: Side

    @property
    def says(self) -> str:
        """The roots in a few words."""
        return _words(self.side, [root.value for root in self.roots])


@dataclass(frozen=True, slots=True)
class Crossing:
    """One break-even of a fitted mean [unit of the assumption].

    An end of the interval that is infinite lies outside the range of the runs: in more resamples
    than the interval leaves out, the mean crosses zero beyond the range or nowhere.
    """

    value: float
    low: float
    high: float
    rising: bool  # from below zero to above as the assumption grows

    @property
    def leaves_range(self) -> bool:
        """Whether the interval goes on where no run is."""
        return math.isinf(self.low) or math.isinf(self.high)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What noisy paired differences say of a break-even.

    Attributes
    ----------
    crossings : tuple of Crossing
        Lowest first; empty when the mean has one sign.
    side : Side
        Of the fitted mean over the whole range.
    grid : float64[point]
        Values of the assumption from the lowest run to the highest.
    mean, mean_low, mean_high : float64[point]
        Fitted mean and its pointwise interval [unit of the difference].
    positive_share : float64[point]
        Share of resamples whose mean is above zero.
    agreement : float
        Share of resamples with as many crossings, or on the same side without one.
    futures : int
        Independent runs that the fit rests on.
    degrees : float
        Effective degrees of freedom of the mean; 2 is a straight line.
    error : float
        Root mean squared leave-one-out error of the mean [unit of the difference].
    level : float
        What intervals hold [dimensionless].
    """

    crossings: tuple[Crossing, ...]
    side: Side
    grid: NDArray[np.float64]
    mean: NDArray[np.float64]
    mean_low: NDArray[np.float64]
    mean_high: NDArray[np.float64]
    positive_share: NDArray[np.float64]
    agreement: float
    futures: int
    degrees: float
    error: float
    level: float

    @property
    def says(self) -> str:
        """The break-evens in a few words, an interval that leaves the range included."""
        text = _words(self.side, [crossing.value for crossing in self.crossings])
        out = [one for one in self.crossings if one.leaves_range]
        return text + ("; the interval leaves the range of the runs" if out else "")


def solve(f: Function, low: float, high: float, *, points: int = SCAN) -> Roots:
    """Find the roots of a function of one assumption, monotone or not.

    A scan finds changes of sign, and minima between which two roots or a touching one may hide;
    Brent's methods [1]_ close in on them. Roots that come in pairs between two points of the scan
    are met where the scan sees the minimum; a finer scan misses fewer.

    Parameters
    ----------
    f : callable
        Difference at a value of the assumption; the same value whenever it is asked.
    low, high : float
        Range that is searched, ends included.
    points : int
        Points of the scan, at least 3.

    Raises
    ------
    ValueError
        For an empty range, a scan that is too coarse, or a difference that is not finite.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"a range from {low:g} to {high:g} has nothing to search")
    if points < 3:
        raise ValueError(f"a scan of {points} points sees no minimum; allowed: 3 or more")

    def known(x: float) -> float:
        value = float(f(x))
        if not math.isfinite(value):
            raise ValueError(f"the difference at {x:g} is {value}")
        return value

    x = [float(at) for at in np.linspace(low, high, points)]
    y = [known(at) for at in x]
    found: list[Root] = []
    at = 0
    while at < points:
        if y[at] == 0.0:
            last = at
            while last + 1 < points and y[last + 1] == 0.0:
                last += 1
            found.append(_stretch(known, x, y, at, last))
            at = last
        elif at + 1 < points and y[at] * y[at + 1] < 0.0:
            found.append(_between(known, x[at], x[at + 1]))
        elif 0 < at < points - 1 and y[at - 1] * y[at] > 0.0 and y[at] * y[at + 1] > 0.0:
            found.extend(_hidden(known, x[at - 1 : at + 2], y[at - 1 : at + 2],
                                 max(map(abs, y))))
        at += 1
    crosses = any(root.kind != "touching" for root in found)
    side: Side = "crosses" if crosses else side_of(np.array(y))
    return Roots(low, high, tuple(sorted(found, key=lambda root: root.value)), side)


def _between(f: Function, low: float, high: float) -> Root:
    """Return the root between two points of unlike sign."""
    from scipy.optimize import brentq

    value = float(brentq(f, low, high, xtol=1e-14 * max(abs(low), abs(high), 1e-300)))
    return Root(value, value, "rising" if f(high) > 0.0 else "falling")


def _stretch(f: Function, x: list[float], y: list[float], first: int, last: int) -> Root:
    """Return a root that the scan met, with how far the difference stays at zero."""
    before = y[first - 1] if first > 0 else 0.0
    after = y[last + 1] if last + 1 < len(y) else 0.0
    value = x[first] if first == last or not before else _edge(f, x[first], x[first - 1])
    until = x[last] if first == last or not after else _edge(f, x[last], x[last + 1])
    kind: Kind = "touching"
    if before * after < 0.0:
        kind = "rising" if after > 0.0 else "falling"
    return Root(value, until, kind)


def _edge(f: Function, zero: float, other: float) -> float:
    """Return where the difference leaves zero, by halving."""
    for _ in range(60):
        middle = 0.5 * (zero + other)
        if f(middle) == 0.0:
            zero = middle
        else:
            other = middle
    return zero


def _hidden(f: Function, x: list[float], y: list[float], scale: float) -> list[Root]:
    """Return roots by a minimum of the distance from zero between three points of one sign."""
    from scipy.optimize import minimize_scalar

    sign = math.copysign(1.0, y[1])
    if not abs(y[1]) <= min(abs(y[0]), abs(y[2])):
        return []
    nearest = minimize_scalar(lambda at: sign * f(at), bounds=(x[0], x[2]), method="bounded",
                              options={"xatol": 1e-10 * (x[2] - x[0])})
    middle, distance = float(nearest.x), float(nearest.fun)
    if distance < -TOUCHES * scale:
        return [_between(f, x[0], middle), _between(f, middle, x[2])]
    return [Root(middle, middle, "touching")] if distance <= TOUCHES * scale else []


def side_of(values: NDArray[np.float64]) -> Side:
    """Say on which side of zero values lie, zeros among them set aside."""
    above, below = bool((values > 0.0).any()), bool((values < 0.0).any())
    if above and below:
        return "crosses"
    return "always above" if above else "always below" if below else "always zero"


def _words(side: Side, values: list[float]) -> str:
    if not values:
        return f"none: {side}"
    text = " and ".join(f"{value:.4g}" for value in values)
    return text if side == "crosses" else f"{text}, touching: otherwise {side}"


def by_future(
    x: NDArray[np.float64], difference: NDArray[np.float64], future: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one value of the assumptions and one mean difference for each future.

    Replications of one future are no independent runs. Every future counts alike, however many it
    has.

    Parameters
    ----------
    x : float64[run] or float64[run, assumption]
        The same in all runs of a future.
    difference : float64[run]
        Paired differences.
    future : integer[run]
        Which future a run belongs to.

    Raises
    ------
    ValueError
        If an assumption differs between runs of one future.
    """
    _, first, place, count = np.unique(
        future, return_index=True, return_inverse=True, return_counts=True)
    own = x[first]
    if not np.array_equal(own[place], x):
        raise ValueError("an assumption differs between runs of one future")
    return own, np.bincount(place, weights=difference) / count


def from_runs(
    x: NDArray[np.float64],
    difference: NDArray[np.float64],
    *,
    future: NDArray[np.integer] | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> BreakEven:
    """Find break-evens of one assumption from paired differences at scattered values.

    The mean is a natural cubic spline, as smooth as leave-one-out finds best (`smoothing`). Its
    interval comes from resampling whole futures [2]_: it holds chance and all other assumptions,
    which vary from run to run, and not the bias that any smoothing has.

    Parameters
    ----------
    x : float64[run]
        The assumption [its unit].
    difference : float64[run]
        Paired difference of a measure, less the value at which a claim would turn if that is not
        zero [unit of the measure].
    future : integer[run], optional
        Which future each run belongs to; without it every run is one of its own.
    level : float
        What intervals hold [dimensionless].
    resamples, seed : int
        How many resamples, and which luck they have.

    Raises
    ------
    ValueError
        For fewer than eight futures, an assumption that does not vary, or numbers that are not
        finite.
    """
    if future is not None:
        x, difference = by_future(x, difference, future)
    smooth = smoothing.fit(x.reshape(len(x), -1), difference)
    grid = np.linspace(x.min(), x.max(), POINTS)
    columns = smooth.columns(grid[:, None])
    counts = resample_counts(PURPOSE, seed, resamples, len(x))
    if difference.any():
        mean, again = columns @ smooth.coefficients, smooth.again(counts) @ columns.T
    else:  # no rounding of a fit may turn a policy without effect into one that has some
        mean, again = np.zeros(grid.size), np.zeros((resamples, grid.size))
    mean_low, mean_high = percentiles(again, level)
    found = crossings(grid, mean, again, level)
    changes = np.sum((again[:, :-1] < 0.0) != (again[:, 1:] < 0.0), axis=1)
    alike = changes == len(found)
    if not found:
        alike &= np.array([side_of(one) == side_of(mean) for one in again])
    return BreakEven(
        found, side_of(mean), grid, mean, mean_low, mean_high, (again > 0.0).mean(axis=0),
        float(alike.mean()), len(x), smooth.degrees, smooth.error, level,
    )  # fmt: skip


def crossings(
    grid: NDArray[np.float64],
    mean: NDArray[np.float64],
    again: NDArray[np.float64],
    level: float = LEVEL,
) -> tuple[Crossing, ...]:
    """Return where a mean crosses zero, with the interval of each crossing over resamples.

    A resample's crossing of the same direction nearest to that of the mean is its twin. Where it
    has none, its mean begins as it would beyond the crossing, which then lies below the range, or
    it begins as it would before, and the crossing lies above.

    Parameters
    ----------
    grid : float64[point]
        Values of the assumption, rising.
    mean : float64[point]
        The mean there.
    again : float64[resample, point]
        The means of resamples there.
    level : float
        What the intervals hold [dimensionless].
    """
    out = []
    for rising in (True, False):
        sign = 1.0 if rising else -1.0
        own = _ups(grid, sign * mean[None, :])[0]
        twins = _ups(grid, sign * again)
        beyond = np.where(sign * again[:, 0] >= 0.0, -math.inf, math.inf)
        for value in own[~np.isnan(own)]:
            distance = np.where(np.isnan(twins), math.inf, np.abs(twins - value))
            nearest = np.argmin(distance, axis=1)
            met = np.take_along_axis(twins, nearest[:, None], axis=1)[:, 0]
            low, high = percentiles(np.where(np.isnan(met), beyond, met), level)
            out.append(Crossing(float(value), float(low), float(high), rising))
    return tuple(sorted(out, key=lambda crossing: crossing.value))


def _ups(grid: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where each row rises through zero, NaN elsewhere: float64[row, point - 1]."""
    left, right = values[:, :-1], values[:, 1:]
    up = (left < 0.0) & (right >= 0.0)
    share = np.divide(-left, right - left, out=np.zeros_like(left), where=up)
    return np.where(up, grid[:-1] + share * np.diff(grid), math.nan)
