"""In which part of the plausible world does a policy do what is asked? Boxes, one after another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from straits.analysis.discovery import LEAST_RUNS, Discovery, Kind, Rule, discover
from straits.analysis.margins import Threshold
from straits.analysis.paired import Paired
from straits.analysis.verdicts import Holding, ShareVerdict, share_verdict
from straits.ensemble.assumptions import AssumptionColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["LEAST_RUNS", "Condition", "Explored", "FoundBox", "explore"]

MOST_BOXES: Final = 3
# A number with no more values than this is a choice between cases.
MOST_CASES: Final = 7


@dataclass(frozen=True, slots=True)
class Condition:
    """Limits on one assumption.

    Attributes
    ----------
    column : AssumptionColumn
    low, high : float
        Ends included; infinite where there is none [unit of the assumption].
    cases : tuple of float
        Of a choice, the cases inside; empty for a number.
    kept : float
        Share of all futures that keep this condition alone [dimensionless].
    stability : float
        Share of half samples that restrict the assumption, too [dimensionless].
    """

    column: AssumptionColumn
    low: float
    high: float
    cases: tuple[float, ...]
    kept: float
    stability: float


@dataclass(frozen=True, slots=True)
class FoundBox:
    """A part of the world, and how often it holds in it.

    Attributes
    ----------
    conditions : tuple of Condition
        All must be kept; the most stable first.
    held, inside : int
        Futures inside in which it holds, and futures inside; those of earlier boxes left out.
    coverage : float
        Share of all futures in which it holds that are these [dimensionless].
    expected : float
        Median density in the other halves: what new futures in the box would give [dimensionless].
    found, confirmed : float
        Share of half samples that find a box, and of those that the other half confirms.
    """

    conditions: tuple[Condition, ...]
    held: int
    inside: int
    coverage: float
    expected: float
    found: float
    confirmed: float

    @property
    def density(self) -> float:
        """Share of the futures inside in which it holds [dimensionless]."""
        return self.held / self.inside


@dataclass(frozen=True, slots=True)
class Explored:
    """Where a threshold is kept.

    Attributes
    ----------
    paired : Paired
    threshold : Threshold
    verdict : ShareVerdict
        Over all futures.
    boxes : tuple of FoundBox
        That stand, the first found first.
    last : Discovery or None
        The search that found none that stands; None where there was nothing left to search.
    """

    paired: Paired
    threshold: Threshold
    verdict: ShareVerdict
    boxes: tuple[FoundBox, ...]
    last: Discovery | None


def explore(
    paired: Paired, threshold: Threshold, *, density: float | None = None, seed: int = 0
) -> Explored:
    """Return boxes in which a difference keeps a threshold more often than elsewhere.

    A future counts by its mean over replications. After a box that stands, the next is searched
    among the futures outside of it.

    Parameters
    ----------
    paired : Paired
    threshold : Threshold
    density : float, optional
        Asked-for density: the box that covers most and has it; without, the box that gains most
        over the share of all futures.
    seed : int
        Luck of half samples.

    Raises
    ------
    ValueError
        For fewer futures than `LEAST_RUNS`.
    """
    base = paired.against.mean(axis=1).tolist()
    holds = np.array([threshold.holds(value, other)
                      for value, other in zip(paired.difference.tolist(), base, strict=True)], bool)
    if len(holds) < LEAST_RUNS:
        raise ValueError(f"{len(holds)} futures are too few; allowed: {LEAST_RUNS} or more")
    verdict = share_verdict(Holding(holds, np.ones(len(holds), bool), np.zeros(len(holds), bool)))
    columns = list(paired.table.assumptions.values())
    boxes: list[FoundBox] = []
    last = None
    if columns:
        x = np.stack([one.values for one in columns], axis=1)
        rule = Rule(density=density, seed=seed)
        kinds: list[Kind] = ["category" if np.unique(one.values).size <= MOST_CASES else "real"
                             for one in columns]
        left = np.ones(len(holds), bool)
        while len(boxes) < MOST_BOXES and _worth(holds[left]):
            found = discover(x[left], holds[left], kinds=kinds, rule=rule)
            if not found.claimed:
                last = found
                break
            inside = left & found.box.inside(x)
            boxes.append(_box(found, columns, x, (inside, holds)))
            left &= ~inside
    return Explored(paired, threshold, verdict, tuple(boxes), last)


def _worth(holds: NDArray[np.bool_]) -> bool:
    """Say whether there are enough futures of both sides to search."""
    return holds.size >= LEAST_RUNS and bool(holds.any()) and not bool(holds.all())


def _box(
    found: Discovery, columns: Sequence[AssumptionColumn], x: NDArray[np.float64],
    runs: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> FoundBox:
    """Return a discovery's box in words of its assumptions."""
    inside, holds = runs
    conditions = []
    for k in np.flatnonzero(found.box.restricted).tolist():
        low, high = float(found.box.low[k]), float(found.box.high[k])
        without = found.box.without[k]
        values = x[:, k]
        kept = (values >= low) & (values <= high) & ~np.isin(values, list(without))
        cases = tuple(float(one) for one in np.unique(values) if one not in without)
        conditions.append(Condition(columns[k], low, high, cases if without else (),
                                    float(kept.mean()), float(found.stability[k])))
    conditions.sort(key=lambda one: -one.stability)
    held = int(np.sum(inside & holds))
    expected = found.other_half_density
    return FoundBox(tuple(conditions), held, int(inside.sum()), held / int(holds.sum()),
                    expected if math.isfinite(expected) else 0.0, found.found, found.confirmed)
