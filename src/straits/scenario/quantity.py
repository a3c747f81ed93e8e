"""Numbers of a document: each with unit, range, source or stated assumption.

The markers `quantity`, `numbers`, `series` and `shares` are put into ``Annotated``::

    class ServiceDoc(Closed):
        fixed: Annotated[Quantity, quantity("s", low=0)]
        month: Annotated[Numbers, numbers(length=12, low=0)]
        inflow: Annotated[SeriesValue, series("people/d", low=0)]
        occupants: Annotated[Shares, shares()]

A validated value is in the declared unit; nothing further in knows about other units.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from straits.scenario.units import written

if TYPE_CHECKING:
    from straits.scenario.lists import NumbersRule, SeriesRule, SharesRule
    from straits.scenario.rules import MoneyRule, QuantityRule

__all__ = [
    "Numbers",
    "Quantity",
    "SeriesValue",
    "Shares",
    "Sourced",
    "money",
    "numbers",
    "quantity",
    "series",
    "shares",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """What every number carries: where it comes from, and in which unit it is."""

    unit: str = "1"
    source: tuple[str, ...] = ()  # keys of the shipped figures
    assumed: str = ""  # the reason, when nobody has measured it
    grade: str = ""  # A..D, as in the shipped figures

    def origin(self) -> dict[str, Any]:
        """Return the keys that say where the number comes from, as a document writes them."""
        out: dict[str, Any] = {}
        if self.source:
            out["source"] = self.source[0] if len(self.source) == 1 else list(self.source)
        if self.assumed:
            out["assumed"] = self.assumed
        if self.grade:
            out["grade"] = self.grade
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Sourced):
    """One number in its declared unit."""

    value: float
    range: tuple[float, float] | None = None
    bare: bool = False  # written without source, where a document allows that

    def plain(self) -> float:
        """Return the number alone [declared unit]."""
        return self.value

    def node(self) -> dict[str, Any] | float | str:
        """Return the number as a resolved document writes it."""
        if self.bare:
            return written(self.value, self.unit)
        out: dict[str, Any] = {"value": written(self.value, self.unit)}
        if self.range is not None:
            out["range"] = [written(bound, self.unit) for bound in self.range]
        return {**out, **self.origin()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers(Sourced):
    """A list of numbers that belong together: 12 months, 7 weekdays, 24 hours."""

    values: tuple[float, ...]
    tolerance: float | None = None  # relative, of each number [dimensionless]

    def plain(self) -> tuple[float, ...]:
        """Return the numbers alone [declared unit]."""
        return self.values

    def node(self) -> dict[str, Any]:
        """Return the numbers as a resolved document writes them."""
        out: dict[str, Any] = {"values": list(self.values)}
        if self.tolerance is not None:
            out["tolerance"] = self.tolerance
        return {**out, **self.origin()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares(Sourced):
    """Shares of a whole by name: the occupants of a vehicle, the needs of people."""

    keys: tuple[str, ...]
    values: tuple[float, ...]
    tolerance: float | None = None

    def plain(self) -> dict[str, float]:
        """Return the shares by name [dimensionless]."""
        return dict(zip(self.keys, self.values, strict=True))

    def node(self) -> dict[str, Any]:
        """Return the shares as a resolved document writes them."""
        out: dict[str, Any] = {"values": self.plain()}
        if self.tolerance is not None:
            out["tolerance"] = self.tolerance
        return {**out, **self.origin()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesValue(Sourced):
    """A number that changes with the date: by steps, or log-linear between knots.

    Before the first date it has the first value.
    """

    dates: tuple[int, ...]  # proleptic ordinals, ascending
    values: tuple[float, ...]
    kind: Literal["steps", "knots"] = "steps"
    tolerance: float | None = None

    def at(self, ordinal: int) -> float:
        """Return the value on the day with this proleptic ordinal [declared unit]."""
        place = bisect_right(self.dates, ordinal) - 1
        if place < 0:
            return self.values[0]
        if self.kind == "steps" or place == len(self.dates) - 1:
            return self.values[place]
        first, last = self.dates[place], self.dates[place + 1]
        weight = (ordinal - first) / (last - first)
        low, high = math.log(self.values[place]), math.log(self.values[place + 1])
        return self.values[place] if weight == 0 else math.exp(low + weight * (high - low))

    def changes(self, first: int, last: int) -> set[int]:
        """Return the days in (first, last] on which the value differs from the day before."""
        if self.kind == "steps":
            return {
                day
                for day, before, after in zip(
                    self.dates[1:], self.values, self.values[1:], strict=False
                )
                if first < day <= last and before != after
            }
        days: set[int] = set()
        for place in range(len(self.dates) - 1):
            if self.values[place] != self.values[place + 1]:
                low = max(self.dates[place], first) + 1
                days.update(range(low, min(self.dates[place + 1], last) + 1))
        return days

    def node(self) -> dict[str, Any]:
        """Return the series as a resolved document writes it."""
        from datetime import date

        points = {
            date.fromordinal(day): value for day, value in zip(self.dates, self.values, strict=True)
        }
        out: dict[str, Any] = {self.kind: points}
        if self.tolerance is not None:
            out["tolerance"] = self.tolerance
        return {**out, **self.origin()}


def quantity(
    unit: str = "1",
    low: float | None = None,
    high: float | None = None,
    *,
    bare: bool | Literal["zero"] = False,
    or_unit: str | None = None,
) -> QuantityRule:
    """Return the marker of a number in `unit`, bounds included and in that unit.

    With `bare`, the number may be written without source or assumption (rosters, dates of
    our own choosing such as a warm-up); say so only where nothing is claimed about the world.
    With ``bare="zero"`` only a plain zero may, which says that there is none of it. With
    `or_unit`, numbers in that unit are kept in it: the capacity of ferries is in metres, of
    shuttles in places.
    """
    from straits.scenario.rules import QuantityRule

    return QuantityRule(unit, low, high, bare, or_unit)


def money() -> MoneyRule:
    """Return the marker of an amount in pounds, kept in the unit written (GBP, GBP/h, GBP/d)."""
    from straits.scenario.rules import MoneyRule

    return MoneyRule("GBP", 0.0, None)


def numbers(
    unit: str = "1",
    *,
    length: int | None = None,
    low: float | None = None,
    high: float | None = None,
) -> NumbersRule:
    """Return the marker of a list of `length` numbers, each within the bounds."""
    from straits.scenario.lists import NumbersRule

    return NumbersRule(unit, low, high, length)


def series(unit: str = "1", low: float | None = None, high: float | None = None) -> SeriesRule:
    """Return the marker of a series in time; plain numbers in it are in `unit`."""
    from straits.scenario.lists import SeriesRule

    return SeriesRule(unit, low, high)


def shares(low: float = 0.0, high: float = 1.0, total: float | None = 1.0) -> SharesRule:
    """Return the marker of shares by name that sum to `total`, or to anything when None."""
    from straits.scenario.lists import SharesRule

    return SharesRule("1", low, high, total)
