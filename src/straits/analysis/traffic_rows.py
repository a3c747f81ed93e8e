"""One line of the validation of the vehicle half, whatever it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["TrafficRow", "verdict"]

Kind = Literal["theory", "program", "predicted", "fitted"]
Verdict = Literal["accepted", "outside", "fitted", "skipped"]


@dataclass(frozen=True, slots=True)
class TrafficRow:
    """A quantity beside what it should be.

    Attributes
    ----------
    kind : str
        What it is held against: a closed form, another program, or history; a quantity of history
        that was used to set the model is "fitted" and cannot count as passed.
    case, what, unit : str
    published : float or None
        The closed form, the other program's value or the record [unit]; None where there is none.
    simulated, low, high : float
        Mean and range of the rows, or the estimate and its interval [unit].
    band : (float, float) or None
        Accepted values, written before the run [unit].
    verdict : str
    note : str
        What was assumed, how many standard errors or rows, what remains open.
    """

    kind: Kind
    case: str
    what: str
    unit: str
    published: float | None
    simulated: float
    low: float
    high: float
    band: tuple[float, float] | None
    verdict: Verdict
    note: str = ""


def verdict(kind: Kind, simulated: float, band: tuple[float, float] | None) -> Verdict:
    """Return the verdict on a value: whatever was fitted is no test."""
    if kind == "fitted":
        return "fitted"
    if band is None:
        return "skipped"
    return "accepted" if band[0] <= simulated <= band[1] else "outside"
