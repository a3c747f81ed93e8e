"""Boxes by patient rule induction: peel, choose, lift, paste.

The method [1]_ starts from all runs and peels away a thin slice at a time, so that what is left
holds more and more runs for which a predicate holds. `discovery` judges what comes out.

References
----------
.. [1] J. H. Friedman, N. I. Fisher, "Bump hunting in high-dimensional data", Stat. Comput. 9 (1999)
   123-143. doi:10.1023/A:1008894516817
.. [2] B. P. Bryant, R. J. Lempert, "Thinking inside the box: a participatory, computer-assisted
   approach to scenario discovery", Technol. Forecast. Soc. Change 77 (2010) 34-49.
   doi:10.1016/j.techfore.2009.08.002
.. [3] J. H. Kwakkel, M. Jaxa-Rozen, "Improving scenario discovery for handling heterogeneous
   uncertainties and multinomial classified outcomes", Environ. Model. Softw. 79 (2016) 311-321.
   doi:10.1016/j.envsoft.2015.11.020
.. [4] N. Lavrač, P. Flach, B. Zupan, "Rule evaluation measures: a unifying view", ILP 1999.
   doi:10.1007/3-540-48751-4_17
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Box", "Kind", "Rule", "Trajectory", "choose", "kinds_of", "paste", "peel", "quasi_p",
           "shares", "simplify"]  # fmt: skip

Kind = Literal["real", "integer", "category"]

PEEL: Final = 0.05
LEAST_MASS: Final = 0.05
HALVES: Final = 50
# Restrictions that luck would bring about more often than this, over all assumptions, are lifted.
LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Box:
    """Limits on assumptions; a run is inside if it keeps all of them.

    Attributes
    ----------
    low, high : float64[assumption]
        Limits, ends included [units of the assumptions]; infinite where there is none.
    without : tuple of frozenset, one an assumption
        Categories that are left out; empty for numbers.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    without: tuple[frozenset[float], ...]

    @property
    def restricted(self) -> NDArray[np.bool_]:
        """Which assumptions have a limit: bool[assumption]."""
        categories = np.array([bool(left_out) for left_out in self.without])
        limits: NDArray[np.bool_] = np.isfinite(self.low) | np.isfinite(self.high) | categories
        return limits

    def inside(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which runs lie inside: bool[run] from float64[run, assumption]."""
        kept: NDArray[np.bool_] = np.all((x >= self.low) & (x <= self.high), axis=1)
        for column, left_out in enumerate(self.without):
            if left_out:
                kept &= ~np.isin(x[:, column], list(left_out))
        return kept

    def lifted(self, column: int) -> Box:
        """Return the box without its limits on one assumption."""
        low, high, without = self.low.copy(), self.high.copy(), list(self.without)
        low[column], high[column], without[column] = -math.inf, math.inf, frozenset()
        return Box(low, high, tuple(without))


@dataclass(frozen=True, slots=True)
class Trajectory:
    """What peeling went through, from all runs to the smallest box.

    Attributes
    ----------
    boxes : tuple of Box, one a step
    density : float64[step]
        Share of the runs inside for which the predicate holds.
    coverage : float64[step]
        Share of the runs for which it holds that are inside.
    mass : float64[step]
        Share of all runs that are inside.
    restricted : bool[step, assumption]
    """

    boxes: tuple[Box, ...]
    density: NDArray[np.float64]
    coverage: NDArray[np.float64]
    mass: NDArray[np.float64]
    restricted: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a box is found, chosen and judged.

    Attributes
    ----------
    density : float | None
        If given, the largest coverage with at least this density is chosen; otherwise the box with
        the largest ``mass x (density - base rate)``, weighted relative accuracy [4]_: it gains by
        every region in which the predicate holds more often than on average, and by no other.
    peel : float
        Share of the runs inside that a step takes away.
    least_mass : float
        Share of all runs below which a box is too small.
    halves, seed : int
        Half samples, and which luck they have.
    """

    density: float | None = None
    peel: float = PEEL
    least_mass: float = LEAST_MASS
    halves: int = HALVES
    seed: int = 0

    def __post_init__(self) -> None:
        for name, share in (("peel", self.peel), ("least_mass", self.least_mass)):
            if not 0.0 < share < 0.5:
                raise ValueError(f"{name} is a share between 0 and 0.5, not {share:g}")
        if self.density is not None and not 0.0 < self.density <= 1.0:
            raise ValueError(f"a density lies between 0 and 1, not {self.density:g}")
        if self.halves < 2:
            raise ValueError(f"stability needs two half samples or more, not {self.halves}")


def kinds_of(x: NDArray[np.float64], kinds: Sequence[Kind] | None) -> tuple[Kind, ...]:
    """Return the kinds of the assumptions, all real if not given.

    Raises
    ------
    ValueError
        If there are not as many as columns, or one is unknown.
    """
    out: tuple[Kind, ...] = tuple(kinds) if kinds is not None else ("real",) * x.shape[1]
    if len(out) != x.shape[1] or set(out) - {"real", "integer", "category"}:
        raise ValueError(f"{x.shape[1]} assumptions need as many kinds of real, integer or "
                         f"category; found {out}")
    return out


def shares(inside: NDArray[np.bool_], holds: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return density, coverage and mass of the runs inside; a share of nothing is 0."""
    both = float(np.sum(inside & holds))
    return (both / max(float(inside.sum()), 1.0), both / max(float(holds.sum()), 1.0),
            float(inside.mean()))


def peel(
    x: NDArray[np.float64],
    holds: NDArray[np.bool_],
    *,
    kinds: Sequence[Kind] | None = None,
    rule: Rule | None = None,
    among: NDArray[np.bool_] | None = None,
) -> Trajectory:
    """Peel from all runs to the smallest box that the rule allows.

    A step takes the lowest or highest runs of one number, ties together, or one category: the
    slice without which the density rises most for each run taken away [3]_. A plain comparison of
    densities would prefer categories and integers, whose slices are thick.

    Parameters
    ----------
    x : float64[run, assumption]
        Assumptions of each run; categories as numbers.
    holds : bool[run]
        For which runs the predicate holds.
    kinds : sequence of {"real", "integer", "category"}, optional
        Of each assumption; all real if not given.
    rule : Rule, optional
        How thick slices are, and how small the last box may be.
    among : bool[assumption], optional
        Which assumptions may be restricted; all if not given.
    """
    rule = rule or Rule()
    kinds = kinds_of(x, kinds)
    width = x.shape[1]
    box = Box(np.full(width, -math.inf), np.full(width, math.inf), (frozenset(),) * width)
    boxes, rows = [box], [shares(np.ones(len(x), bool), holds)]
    columns = np.arange(width) if among is None else np.flatnonzero(among)
    order = np.argsort(x[:, columns], axis=0, kind="stable").T  # of all columns, and only once
    while columns.size and 0.0 < rows[-1][0] < 1.0:
        best = _best_peel(x, holds, order, columns.tolist(), kinds, rule)
        if best is None:
            break
        box = _peeled(box, best, kinds)
        kept = box.inside(x)
        order = order[kept[order]].reshape(columns.size, -1)
        boxes.append(box)
        rows.append(shares(kept, holds))
    density, coverage, mass = np.array(rows).T
    return Trajectory(tuple(boxes), density, coverage, mass,
                      np.array([one.restricted for one in boxes]))


@dataclass(frozen=True, slots=True)
class _Slice:
    """A slice that could be taken away, and how much the density rises for each of its runs."""

    gain: float
    column: int
    low: float = -math.inf  # new limit, or no change
    high: float = math.inf
    category: float = math.nan


def _peeled(box: Box, cut: _Slice, kinds: Sequence[Kind]) -> Box:
    low, high, without = box.low.copy(), box.high.copy(), list(box.without)
    if kinds[cut.column] == "category":
        without[cut.column] = without[cut.column] | {cut.category}
    low[cut.column] = max(low[cut.column], cut.low)
    high[cut.column] = min(high[cut.column], cut.high)
    return Box(low, high, tuple(without))


def _best_peel(
    x: NDArray[np.float64],
    holds: NDArray[np.bool_],
    order: NDArray[np.intp],
    columns: Sequence[int],
    kinds: Sequence[Kind],
    rule: Rule,
) -> _Slice | None:
    """Return the best slice of the runs in `order` [column, run], or None if none may go."""
    inside = order.shape[1]
    values = np.take_along_axis(x.T[columns], order, axis=1)
    held = np.pad(np.cumsum(holds[order], axis=1), ((0, 0), (1, 0)))
    thin = max(1, math.floor(rule.peel * inside))
    below = np.sum(values <= values[:, thin - 1, None], axis=1)
    above = np.sum(values >= values[:, inside - thin, None], axis=1)
    total, least = int(held[0, -1]), max(rule.least_mass * len(x), 1.0)

    def gain(taken: int, taken_held: int) -> float:
        left = inside - taken
        if taken == 0 or left < least:
            return -math.inf
        return float(((total - taken_held) / left - total / inside) / taken)

    best: _Slice | None = None
    for place, column in enumerate(columns):
        row, kind = values[place], kinds[column]
        for cut in (
            _category_slices(row, held[place], column, gain) if kind == "category"
            else _number_slices(row, held[place], column, kind,
                                (int(below[place]), int(above[place])), gain)
        ):
            if cut.gain > (best.gain if best else -math.inf):
                best = cut
    return best


def _number_slices(
    row: NDArray[np.float64],
    held: NDArray[np.int64],
    column: int,
    kind: Kind,
    taken: tuple[int, int],
    gain: Callable[[int, int], float],
) -> Iterator[_Slice]:
    """Yield the lowest and the highest slice; real limits lie halfway between two runs."""
    below, above = taken
    inside = row.size
    if below < inside:
        limit = row[below] if kind == "integer" else 0.5 * (row[below - 1] + row[below])
        yield _Slice(gain(below, int(held[below])), column, low=float(limit))
    if above < inside:
        first = inside - above
        limit = row[first - 1] if kind == "integer" else 0.5 * (row[first - 1] + row[first])
        yield _Slice(gain(above, int(held[-1] - held[first])), column, high=float(limit))


def _category_slices(
    row: NDArray[np.float64],
    held: NDArray[np.int64],
    column: int,
    gain: Callable[[int, int], float],
) -> Iterator[_Slice]:
    """Yield a slice for each category inside; equal values stand together."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(row)) + 1, [row.size]])
    for first, last in pairwise(starts.tolist()):
        yield _Slice(gain(last - first, int(held[last] - held[first])), column,
                     category=float(row[first]))


def choose(trajectory: Trajectory, rule: Rule | None = None) -> int:
    """Return the step whose box the rule takes; 0, the whole space, if none is dense enough."""
    rule = rule or Rule()
    if rule.density is None:
        return int(np.argmax(trajectory.mass * (trajectory.density - trajectory.density[0])))
    dense = trajectory.density >= rule.density
    return int(np.argmax(np.where(dense, trajectory.coverage, -1.0))) if dense.any() else 0


def quasi_p(box: Box, x: NDArray[np.float64], holds: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the chance that each restriction does as much by luck [2]_: float64[assumption].

    As many runs as the box has are drawn with the density of the box without the restriction; the
    chance is that at least as many hold. 1 where there is no restriction. Restrictions are taken
    as given beforehand, which they are not: the numbers are too small.
    """
    from scipy.stats import binom

    out = np.ones(x.shape[1])
    inside = box.inside(x)
    count, held = int(inside.sum()), int(np.sum(inside & holds))
    for column in np.flatnonzero(box.restricted).tolist():
        density = shares(box.lifted(column).inside(x), holds)[0]
        out[column] = float(binom.sf(held - 1, count, density))
    return out


def simplify(box: Box, x: NDArray[np.float64], holds: NDArray[np.bool_]) -> Box:
    """Lift restrictions that luck explains, the weakest first, until none is left.

    Luck explains a restriction if its quasi-p-value times the number of assumptions is above 0.05:
    peeling had all of them to choose from.
    """
    while box.restricted.any():
        luck = np.where(box.restricted, quasi_p(box, x, holds), -1.0)
        weakest = int(np.argmax(luck))
        if luck[weakest] * x.shape[1] <= LEVEL:
            break
        box = box.lifted(weakest)
    return box


def paste(
    box: Box,
    x: NDArray[np.float64],
    holds: NDArray[np.bool_],
    *,
    kinds: Sequence[Kind] | None = None,
    rule: Rule | None = None,
) -> Box:
    """Put slices back beyond the limits as long as that makes the box denser [1]_.

    Peeling cannot know in an early step where later steps will lead; pasting mends its limits.

    Parameters
    ----------
    box : Box
        As peeling left it.
    x, holds, kinds, rule
        As in `peel`.
    """
    rule = rule or Rule()
    kinds = kinds_of(x, kinds)
    density = shares(box.inside(x), holds)[0]
    while True:
        better = None
        for wider in _wider(box, x, kinds, rule):
            now = shares(wider.inside(x), holds)[0]
            if now > density:
                better, density = wider, now
        if better is None:
            return box
        box = better


def _wider(box: Box, x: NDArray[np.float64], kinds: Sequence[Kind], rule: Rule) -> Iterator[Box]:
    """Yield the box with one slice put back at each of its limits."""
    thin = max(1, math.floor(rule.peel * int(box.inside(x).sum())))
    for column in np.flatnonzero(box.restricted).tolist():
        row = x[box.lifted(column).inside(x), column]
        for category in box.without[column]:
            without = list(box.without)
            without[column] = without[column] - {category}
            yield Box(box.low, box.high, tuple(without))
        for side, limits in ((1.0, box.low), (-1.0, box.high)):
            if not math.isfinite(limits[column]):
                continue
            # The low side as it is, the high side mirrored.
            beyond = np.sort(side * row[side * row < side * limits[column]])[::-1]
            limit = -math.inf
            if beyond.size > thin:
                last, following = beyond[thin - 1], beyond[beyond < beyond[thin - 1]]
                if following.size:
                    limit = last if kinds[column] == "integer" else 0.5 * (last + following[0])
            wider = limits.copy()
            wider[column] = side * limit
            low, high = (wider, box.high) if side > 0.0 else (box.low, wider)
            yield Box(low, high, box.without)
