"""The published break-evens of the migration bill of 2023, as a check of the solver.

The impact assessment of June 2023 gave the share of arrivals that the bill would have to deter to
save money: 37 %, or 2 % if accommodation costs go on rising. Both follow if the saving accrues for
everyone who leaves the asylum system, deterred or relocated; the published pages do not state the
formula, it is inferred because it gives both figures. If only those who are deterred save anything,
the first figure is 61 %: the same numbers, another assumption, and the difference is the point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from straits.analysis.breakeven import solve
from straits.base.errors import DataError
from straits.data.read import figures

__all__ = ["BillBreakEven", "bill_break_evens", "gain_for_deterred", "gain_for_everyone"]

COST: Final = "bill2023.cost_relocated_gbp"
SAVING: Final = "bill2023.saving_gbp.current"
SAVING_RISING: Final = "bill2023.saving_gbp.rising"
PUBLISHED: Final = "bill2023.break_even_share.current"
PUBLISHED_RISING: Final = "bill2023.break_even_share.rising"


@dataclass(frozen=True, slots=True)
class BillBreakEven:
    """One break-even of the bill, and what it rests on.

    Attributes
    ----------
    deterred_share : float
        Share of arrivals that must be deterred [dimensionless].
    published_share : float | None
        What was published [dimensionless]; None where nothing was.
    saves : str
        For whom the asylum system's cost is taken as saved.
    figures : tuple of str
        Keys of the figures used.
    """

    deterred_share: float
    published_share: float | None
    saves: str
    figures: tuple[str, ...]


def gain_for_everyone(deterred_share: float, cost_gbp: float, saving_gbp: float) -> float:
    """Return the gain an arrival if the saving accrues for the deterred and the relocated [GBP].

    ``saving - (1 - d) cost``: everyone leaves the asylum system, those not deterred at a cost.
    """
    return saving_gbp - (1.0 - deterred_share) * cost_gbp


def gain_for_deterred(deterred_share: float, cost_gbp: float, saving_gbp: float) -> float:
    """Return the gain an arrival if the saving accrues for the deterred alone [GBP].

    ``d saving - (1 - d) cost``.
    """
    return deterred_share * saving_gbp - (1.0 - deterred_share) * cost_gbp


def bill_break_evens() -> tuple[BillBreakEven, ...]:
    """Return the two published break-evens and the variant, from the shipped figures.

    Raises
    ------
    DataError
        If a figure is not a number, or gives no single break-even.
    """
    everyone, deterred = "for everyone, deterred or relocated", "for the deterred alone"
    out = []
    for gain, saves, saving, published in (
        (gain_for_everyone, everyone, SAVING, PUBLISHED),
        (gain_for_everyone, everyone, SAVING_RISING, PUBLISHED_RISING),
        (gain_for_deterred, deterred, SAVING, None),
    ):
        cost_gbp, saving_gbp = _number(COST), _number(saving)
        found = solve(lambda d: gain(d, cost_gbp, saving_gbp), 0.0, 1.0)  # noqa: B023
        if len(found.roots) != 1:
            raise DataError(f"{COST} and {saving} give no single break-even; {found.says}")
        out.append(BillBreakEven(
            found.roots[0].value, _number(published) if published else None, saves,
            (COST, saving),
        ))  # fmt: skip
    return tuple(out)


def _number(key: str) -> float:
    number = figures()[key].number
    if number is None:
        raise DataError(f"the figure {key} is not a number")
    return number
