"""Relations of statements: "at least 5 %", "less than 5,000 people a year", "about a quarter".

A margin is a share of the value under the other policy, or a quantity in the unit of what is
compared. Where something lies against its threshold is one signed number, so that whether a
statement holds and where its sign changes are read off the same quantity.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from straits.scenario.findings import Finding, excerpt
from straits.scenario.statement import Relation
from straits.scenario.units import UnitError, convert

__all__ = ["Margin", "Threshold", "read_margin", "read_share", "reader_unit"]

_THOUSANDS: Final = re.compile(r"\s*[+-]?\d{1,3}(?:,\d{3})+")
_DIGITS: Final = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d{1,3})?")
_POINTS: Final = re.compile(r"(.*?)\s*(?:percentage )?points?$", re.DOTALL)
_STRICT: Final = ("more", "less")


@dataclass(frozen=True, slots=True)
class Margin:
    """How much.

    Attributes
    ----------
    value : float
        In the unit of what is compared, or as a share [dimensionless].
    is_share : bool
        Whether it is a share of the value that something is compared with.
    """

    value: float
    is_share: bool = False

    def amount(self, base: float) -> float:
        """Return the margin in the unit of `base`, the value compared with [its unit]."""
        return self.value * abs(base) if self.is_share else self.value


@dataclass(frozen=True, slots=True)
class Threshold:
    """A relation with its margins, signed: "less by 5 %" lies at -5 %.

    Attributes
    ----------
    relation : str
        more, less (both strict), at_least, at_most, about.
    by : Margin
        Where the border lies.
    within : Margin or None
        How far off "about" may be.
    """

    relation: Relation
    by: Margin
    within: Margin | None = None

    def slack(self, value: float, base: float = math.nan) -> float:
        """Return by how much `value` lies on the side that was claimed [unit of `value`].

        Zero is the border, and what is negative does not hold. The sign changes at the break-even.

        Parameters
        ----------
        value : float
            What is compared: a difference, a level, a change, a ratio, a place in a list.
        base : float
            The value that shares are shares of [unit of `value`].
        """
        beyond = value - self.by.amount(base)
        if self.relation == "about":
            tolerance = self.within.amount(base) if self.within is not None else 0.0
            return tolerance - abs(beyond)
        return beyond if self.relation in ("more", "at_least") else -beyond

    def holds(self, value: float, base: float = math.nan) -> bool:
        """Say whether `value` is as claimed; `base` as in `slack`."""
        slack = self.slack(value, base)
        return slack > 0.0 if self.relation in _STRICT else slack >= 0.0


def reader_unit(unit: str) -> tuple[str, float]:
    """Return a measure's unit as documents write units, and how much of it the measure counts in.

    "thousand person-days a year, mean" is ("person*day/year", 1000).
    """
    text, factor = unit.partition(",")[0].strip(), 1.0
    if text.startswith("thousand"):
        text, factor = text.removeprefix("thousand").strip(), 1e3
    if text.startswith("£m"):
        text, factor = "GBP" + text.removeprefix("£m"), 1e6
    if text.startswith("a "):
        text = f"1 {text}"
    return text.replace("person-days", "person*day").replace(" a ", "/"), factor


def read_margin(raw: object, unit: str, is_level: bool = False) -> Margin | Finding:
    """Return a margin written for a measure, or what is wrong with it.

    Parameters
    ----------
    raw : object
        What the document says: "5 %", "5000 people a year", 0.
    unit : str
        The measure's unit.
    is_level : bool
        Whether the measure itself is compared and not a difference, so that a share means nothing.
    """
    if not isinstance(raw, bool) and raw in (0, "0"):
        return Margin(0.0)
    text = raw.strip() if isinstance(raw, str) else ""
    shown = unit.partition(",")[0]
    in_percent = shown == "%"
    allowed = f"a quantity such as '5 {shown}'" if not in_percent else "a level such as '60 %'"
    if not is_level:
        quantity = "points, such as '5 points'" if in_percent else allowed
        allowed = f"a share such as '5 %', or {quantity}"
    try:
        if text.endswith("%"):
            if is_level and not in_percent:
                return Finding("a level is compared with a quantity", excerpt(raw), allowed)
            share = convert(text, "1")
            return Margin(100.0 * share) if is_level else Margin(share, is_share=True)
        points = _POINTS.fullmatch(text)
        if in_percent:
            if points is None or is_level:
                return Finding("wrong unit", excerpt(raw), allowed)
            return Margin(convert(points[1], "1"))
        if text.endswith(shown):
            digits = text.removesuffix(shown).strip()
            if _DIGITS.fullmatch(digits):
                return Margin(convert(digits, "1"))
        target, factor = reader_unit(unit)
        # A hyphen would be read as a minus sign.
        number: object = text.replace("person-days", "person*day") if text else raw
        return Margin(convert(number, target, plain=False) / factor)
    except UnitError as error:
        found = error.finding
        missing = found.message == "a unit is missing"
        hint = f"Write the unit: '{text[:40] or excerpt(raw)} {shown}'" if missing else ""
        if _THOUSANDS.match(text):
            hint = "Write the number without commas"
        return Finding(found.message, excerpt(raw), allowed, hint)


def read_share(raw: object) -> Margin | Finding:
    """Return a margin on a pure number, a change or a ratio [dimensionless]."""
    try:
        return Margin(convert(raw, "1"))
    except UnitError as error:
        found = error.finding
        return Finding(found.message, found.found, found.allowed, found.hint)
