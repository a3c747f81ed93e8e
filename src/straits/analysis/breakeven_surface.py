"""Break-even of one assumption as a function of one other, or of two others.

A smooth mean over all of them (`smoothing`) is fitted to scattered runs at once. Where it is zero
is the curve, or the surface; resamples of whole futures give its band.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from straits.analysis import smoothing
from straits.analysis.breakeven import PURPOSE, Crossing, by_future, crossings, side_of
from straits.analysis.intervals import LEVEL, resample_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Contour", "Place", "curve", "surface"]

Place = Literal["one", "several", "always above", "always below", "always zero"]

GRID: Final = 101  # values of the assumption at which the mean is looked at
RESAMPLES: Final = 200
# A point of the curve is supported if a ball that holds BALL runs on average holds this many. At
# a corner of the range an eighth of it lies inside.
BALL: Final = 40
SUPPORT: Final = 3


@dataclass(frozen=True, slots=True)
class Contour:
    """Break-even of one assumption over a grid of others.

    Shapes [other] are (points,) for a curve and (points, points) for a surface.

    Attributes
    ----------
    others : tuple of float64[point]
        Values of each other assumption [its unit].
    assumption : float64[value]
        Values of the assumption that is solved for [its unit].
    value, low, high : float64[other]
        Its break-even and the ends of the interval; NaN unless there is exactly one. An infinite
        end lies outside the range of the runs.
    rising : bool[other]
        Whether the difference goes from below zero to above as the assumption grows.
    place : str[other]
        "one", "several", or on which side the mean lies all along.
    mean : float64[other, value]
        Fitted mean [unit of the difference].
    positive_share : float64[other, value]
        Share of resamples whose mean is above zero: a band that also holds where break-evens
        are several or none.
    supported : bool[other]
        Whether runs lie near the break-even; elsewhere the mean is carried on from afar.
    degrees, error : float
        Effective degrees of freedom, and root mean squared leave-one-out error of the mean.
    level : float
        What intervals hold [dimensionless].
    """

    others: tuple[NDArray[np.float64], ...]
    assumption: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rising: NDArray[np.bool_]
    place: NDArray[np.str_]
    mean: NDArray[np.float64]
    positive_share: NDArray[np.float64]
    supported: NDArray[np.bool_]
    degrees: float
    error: float
    level: float


def curve(
    x: NDArray[np.float64],
    other: NDArray[np.float64],
    difference: NDArray[np.float64],
    *,
    future: NDArray[np.integer] | None = None,
    points: int = 25,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Contour:
    """Return the break-even of one assumption as a curve over another.

    Parameters
    ----------
    x, other : float64[run]
        The assumption that is solved for, and the one it depends on [their units].
    difference : float64[run]
        Paired difference of a measure [its unit].
    future : integer[run], optional
        Which future each run belongs to; without it every run is one of its own.
    points : int
        Values of the other assumption, equally spaced over its range.
    level : float
        What the bands hold [dimensionless].
    resamples, seed : int
        How many resamples, and which luck they have.

    Raises
    ------
    ValueError
        For fewer than 12 futures, an assumption that does not vary, or numbers that are not finite.
    """
    runs = np.column_stack([x, other])
    if future is not None:
        runs, difference = by_future(runs, difference, future)
    return _contour(runs, difference, points, level, resamples, seed)


def surface(
    x: NDArray[np.float64],
    others: NDArray[np.float64],
    difference: NDArray[np.float64],
    *,
    future: NDArray[np.integer] | None = None,
    points: int = 13,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Contour:
    """Return the break-even of one assumption as a surface over two others.

    Parameters
    ----------
    x : float64[run]
        The assumption that is solved for [its unit].
    others : float64[run, 2]
        The two it depends on [their units].
    difference : float64[run]
        Paired difference of a measure [its unit].
    future : integer[run], optional
        Which future each run belongs to; without it every run is one of its own.
    points : int
        Values of each of the others, equally spaced over their ranges.
    level : float
        What the bands hold [dimensionless].
    resamples, seed : int
        How many resamples, and which luck they have.

    Raises
    ------
    ValueError
        For fewer than 16 futures, others that are not two, an assumption that does not vary, or
        numbers that are not finite.
    """
    if others.ndim != 2 or others.shape[1] != 2:
        raise ValueError(f"a surface lies over two assumptions; found shape {others.shape}")
    runs = np.column_stack([x, others])
    if future is not None:
        runs, difference = by_future(runs, difference, future)
    return _contour(runs, difference, points, level, resamples, seed)


def _contour(
    runs: NDArray[np.float64],
    difference: NDArray[np.float64],
    points: int,
    level: float,
    resamples: int,
    seed: int,
) -> Contour:
    """Return where a smooth mean over the columns of `runs` is zero along the first."""
    if points < 2:
        raise ValueError(f"a grid of {points} values has no range; allowed: 2 or more")
    smooth = smoothing.fit(runs, difference)
    grid, *others = (
        np.linspace(low, low + span, GRID if column == 0 else points)
        for column, (low, span) in enumerate(zip(smooth.low, smooth.span, strict=True))
    )
    shape = tuple(one.size for one in others)
    places = np.stack(np.meshgrid(*others, indexing="ij"), axis=-1).reshape(-1, len(others))
    again = smooth.again(resample_counts(PURPOSE, seed, resamples, len(runs)))
    value, low, high = (np.full(len(places), math.nan) for _ in range(3))
    rising = np.zeros(len(places), bool)
    place = np.empty(len(places), dtype="U12")
    means = np.zeros((len(places), GRID))
    shares = np.zeros((len(places), GRID))
    for k, at in enumerate(places):
        columns = smooth.columns(np.column_stack([grid, np.tile(at, (GRID, 1))]))
        resampled = again @ columns.T if difference.any() else np.zeros((resamples, GRID))
        if difference.any():  # otherwise rounding would give a policy without effect a sign
            means[k] = columns @ smooth.coefficients
        shares[k] = (resampled > 0.0).mean(axis=0)
        found = crossings(grid, means[k], resampled, level)
        place[k] = _place(found, means[k])
        if len(found) == 1:
            value[k], low[k], high[k] = found[0].value, found[0].low, found[0].high
            rising[k] = found[0].rising
    supported = _supported(smooth, runs, np.column_stack([value, places]))
    return Contour(
        tuple(others), grid, value.reshape(shape), low.reshape(shape), high.reshape(shape),
        rising.reshape(shape), place.reshape(shape), means.reshape(*shape, GRID),
        shares.reshape(*shape, GRID), supported.reshape(shape), smooth.degrees, smooth.error,
        level,
    )  # fmt: skip


def _place(found: tuple[Crossing, ...], mean: NDArray[np.float64]) -> Place:
    if found:
        return "one" if len(found) == 1 else "several"
    side = side_of(mean)
    # A mean that is zero at the very end of the range has two signs and no crossing.
    return "one" if side == "crosses" else side


def _supported(
    smooth: smoothing.Smooth, runs: NDArray[np.float64], points: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Say which points have runs near them; a point that is NaN has none."""
    unit = (runs - smooth.low) / smooth.span
    at = (points - smooth.low) / smooth.span
    count, width = unit.shape
    ball = math.pi ** (width / 2.0) / math.gamma(width / 2.0 + 1.0)
    radius = (BALL / (count * ball)) ** (1.0 / width)
    near = np.array([np.sum(np.sum((unit - one) ** 2, axis=1) <= radius**2) for one in at])
    return near >= SUPPORT
