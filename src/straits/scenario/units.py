"""Units at the document's edge: "90 min" becomes 5400.0 once, and never again.

The units are a closed list of our own, so that a misspelt unit is an error and not a new
unit. Pint does the arithmetic; it is loaded only when a document really uses another unit
than the field declares, because loading it costs more than reading a document.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from straits.scenario.findings import Finding, excerpt, nearest

if TYPE_CHECKING:
    import pint

__all__ = ["PLAIN_UNITS", "UnitError", "convert", "factor_between", "written"]

_DEFINITIONS: Final = (
    "second = [time] = s = sec = seconds",
    "millisecond = 0.001 s = ms = milliseconds",
    "minute = 60 s = min = minutes = mins",
    "hour = 60 min = h = hours = hr",
    "day = 24 h = d = days",
    "week = 7 d = wk = weeks",
    "year = 365.25 d = yr = years",
    # A month is a twelfth of a year everywhere, so that rates by month add up to the year.
    "month = year / 12 = mo = months",
    "metre = [length] = m = meter = metres = meters",
    "kilometre = 1000 m = km = kilometer = kilometres",
    "square_metre = m ** 2 = m2",
    "litre = [volume] = L = l = liter = litres",
    "person = [person] = _ = people = persons",
    "vehicle = [vehicle] = veh = vehicles",
    "departure = [departure] = _ = departures = sailing = sailings = shuttle = shuttles",
    "server = [server] = _ = servers",
    "place = [place] = _ = places",
    "claim = [claim] = _ = claims",
    "decision = [decision] = _ = decisions",
    "attempt = [attempt] = _ = attempts",
    "arrest = [arrest] = _ = arrests",
    "event = [event] = _ = events",
    "toilet = [toilet] = _ = toilets",
    "shower = [shower] = _ = showers",
    "tap = [tap] = _ = taps",
    "meal = [meal] = _ = meals",
    "GBP = [pound]",
    "EUR = [euro]",
)
_NAMES: Final = frozenset(
    name
    for line in _DEFINITIONS
    for part, name in enumerate(re.sub(r"\[.*?\]", "", line).replace(" ", "").split("="))
    if name and name != "_" and (part == 0 or re.fullmatch(r"[A-Za-z]\w*", name))
) - {"year/12", "m**2"}
_COUNTS: Final = ("person", "vehicle", "departure", "server", "place", "claim", "decision")
_COUNTS_TOO: Final = ("attempt", "arrest", "event", "toilet", "shower", "tap", "meal")
# A number without a unit is accepted where the field is a pure number or a count.
PLAIN_UNITS: Final = frozenset(
    {"", "1", *_COUNTS, *_COUNTS_TOO, "people", *(f"{name}s" for name in _COUNTS + _COUNTS_TOO)}
)

_NUMBER: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(.*)", re.DOTALL)
_UNIT: Final = re.compile(r"(?:1|[A-Za-z_]\w*)(?:[/*][A-Za-z_]\w*){0,3}")


class UnitError(Exception):
    """A number whose text or unit cannot be read; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[float]:
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry(None)
    for line in _DEFINITIONS:
        registry.define(line)
    return registry


def _tidy(unit: str) -> str:
    text = unit.strip().replace("£", "GBP").replace("€", "EUR").replace("²", "2")
    text = re.sub(r"\s+(?:per|a)\s+", "/", text)
    return re.sub(r"\s*([/*·])\s*", r"\1", text).replace("·", "*")


@lru_cache(maxsize=1024)
def factor_between(unit: str, declared: str) -> float:
    """Return what a number in `unit` is multiplied by to be in `declared` [dimensionless].

    Raises
    ------
    UnitError
        If the unit is not in the closed list, or measures something else.
    """
    text = _tidy(unit)
    target = _tidy(declared) or "1"
    if text == "%":
        if target == "1":
            return 0.01
        raise UnitError(Finding("wrong unit", "'%'", _allowed(declared), ""))
    if text == target or (text in PLAIN_UNITS and target == "1" and text in ("", "1")):
        return 1.0
    if re.match(r",\d", text):
        raise UnitError(Finding("a number has no comma in it", excerpt(unit), "1000, 0.5",
                                "Write thousands without a mark, and a decimal with a point"))
    if not _UNIT.fullmatch(text):
        raise UnitError(Finding("this unit cannot be read", excerpt(unit), _allowed(declared), ""))
    for name in re.findall(r"[A-Za-z_]\w*", text):
        if name not in _NAMES:
            close = nearest(name, _NAMES)
            hint = f"Did you mean '{close[0]}'?" if close else ""
            raise UnitError(Finding("unknown unit", repr(name[:40]), _allowed(declared), hint))
    registry = _registry()
    given, wanted = registry.parse_expression(text), registry.parse_expression(target)
    try:
        ratio = given / wanted
        factor = float(ratio if isinstance(ratio, float | int) else ratio.m_as("dimensionless"))
    except Exception as error:
        if type(error).__name__ != "DimensionalityError":
            raise
        finding = Finding("wrong unit", repr(text), _allowed(declared), "")
        raise UnitError(finding) from None
    return factor


def _allowed(declared: str) -> str:
    examples = {
        "": "a plain number such as 0.4, or a percentage such as '40 %'",
        "s": "a length of time such as '75 s', '90 min', '12 h', '365 d'",
        "d": "a length of time such as '28 d', '12 h', '3 month'",
        "m": "a length such as '16.5 m', '1.2 km'",
    }
    key = "" if declared in ("", "1") else declared
    return examples.get(key, f"a number in {declared}, such as '3 {declared}'")


def convert(raw: object, declared: str, *, plain: bool | None = None) -> float:
    """Return a number of a document in the declared unit [declared].

    Parameters
    ----------
    raw : object
        What the document says: a number, or text such as "90 min".
    declared : str
        The unit of the field, "" or "1" for pure numbers.
    plain : bool, optional
        Whether a number without a unit is accepted; by default only where the field is a
        pure number or a count of things.
    """
    accepts_plain = (declared in PLAIN_UNITS) if plain is None else plain
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise UnitError(Finding("this must be a number", excerpt(raw), _allowed(declared)))
    if isinstance(raw, str):
        match = _NUMBER.fullmatch(raw.strip()[:80])
        if match is None:
            raise UnitError(Finding("this must be a number", excerpt(raw), _allowed(declared)))
        digits, unit = match.groups()
        number = float(digits)  # the pattern admits only what float() reads
    else:
        unit = ""
        try:
            number = float(raw)
        except OverflowError:
            number = math.inf
    if not unit:
        if not accepts_plain:
            hint = f"Write the unit: '{excerpt(raw).strip(chr(39))} {declared}'"
            raise UnitError(Finding("a unit is missing", excerpt(raw), _allowed(declared), hint))
        factor = 1.0
    else:
        factor = factor_between(unit, declared)
    value = number * factor
    if not math.isfinite(value):
        raise UnitError(Finding("this number is not finite", excerpt(raw), _allowed(declared)))
    return value


def written(value: float, declared: str) -> str | float:
    """Return a number as a document would say it, so that reading it back is exact."""
    if declared in ("", "1"):
        return value
    return f"{value!r} {declared}"
