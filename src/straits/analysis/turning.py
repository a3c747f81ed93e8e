"""Where the difference between two policies turns, over one, two or three assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from straits.analysis import breakeven, breakeven_surface
from straits.analysis.breakeven import BreakEven
from straits.analysis.breakeven_surface import Contour
from straits.analysis.margins import Margin, Threshold
from straits.analysis.paired import Paired
from straits.ensemble.assumptions import AssumptionColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST_FUTURES", "MOST_ASSUMPTIONS", "Turning", "turning_of"]

LEAST_FUTURES: Final = (8, 12, 16)
"""How many futures a break-even over one, two and three assumptions needs."""
MOST_ASSUMPTIONS: Final = len(LEAST_FUTURES)
# Of a surface: as many columns as a terminal holds.
SURFACE_POINTS: Final = 7
CURVE_POINTS: Final = 13


@dataclass(frozen=True, slots=True)
class Turning:
    """A break-even and what it rests on.

    Attributes
    ----------
    paired : Paired
    by : Margin
        At what difference it turns; 0 is no difference.
    columns : tuple of AssumptionColumn
        The first is solved for.
    number : BreakEven
        Over the first alone, all others varying along.
    contour : Contour or None
        The first as a function of the others, where there are others.
    above_share : float
        Share of futures whose difference lies above `by` [dimensionless].
    """

    paired: Paired
    by: Margin
    columns: tuple[AssumptionColumn, ...]
    number: BreakEven
    contour: Contour | None
    above_share: float


def turning_of(
    paired: Paired, columns: Sequence[AssumptionColumn], by: Margin, *, seed: int = 0
) -> Turning:
    """Return where a difference turns over one to three assumptions.

    Parameters
    ----------
    paired : Paired
    columns : sequence of AssumptionColumn
        Of its table, the one that is solved for first.
    by : Margin
        At what difference it turns, in the measure's unit or as a share of the value under the
        other policy.
    seed : int
        Luck of resamples.

    Raises
    ------
    ValueError
        For too few futures, or no assumption or more than three.
    """
    if not 1 <= len(columns) <= MOST_ASSUMPTIONS:
        raise ValueError(f"{len(columns)} assumptions; allowed: 1 to {MOST_ASSUMPTIONS}")
    slack = paired.slack(Threshold("more", by))
    first, *rest = (one.values for one in columns)
    number = breakeven.from_runs(first, slack, seed=seed)
    return Turning(paired, by, tuple(columns), number, _contour(first, rest, slack, seed),
                   float(np.mean(slack > 0.0)))


def _contour(
    first: NDArray[np.float64], rest: Sequence[NDArray[np.float64]], slack: NDArray[np.float64],
    seed: int,
) -> Contour | None:
    if not rest:
        return None
    if len(rest) == 1:
        return breakeven_surface.curve(first, rest[0], slack, points=CURVE_POINTS, seed=seed)
    return breakeven_surface.surface(first, np.column_stack(rest), slack, points=SURFACE_POINTS,
                                     seed=seed)
