"""How one number of a document is read: the validators behind `quantity` and `money`."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from straits.scenario.findings import Finding, excerpt, raise_findings, unknown_key
from straits.scenario.quantity import Quantity
from straits.scenario.units import UnitError, convert

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

__all__ = [
    "ORIGIN",
    "MoneyRule",
    "QuantityRule",
    "Rule",
    "check_keys",
    "read_date",
    "read_origin",
    "read_tolerance",
]

ORIGIN: Final = ("source", "assumed", "grade")
_POUNDS: Final = re.compile(r"((?:GBP|£)(?:\s*/\s*[A-Za-z]\w{0,11}){0,2})$")


def read_date(raw: object) -> date | None:
    """Return a calendar day written as 2016-08-30, or None."""
    if isinstance(raw, datetime):
        return None
    if isinstance(raw, date):
        return raw
    if isinstance(raw, str) and len(raw) == 10:
        try:
            return date.fromisoformat(raw)
        except ValueError:
            return None
    return None


def _short(bound: float) -> str:
    """Return a bound as people write it: large ones without an exponent."""
    return f"{bound:.0f}" if 1e6 <= abs(bound) < 1e15 else f"{bound:g}"


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """Unit and bounds of a field, and how its node is read."""

    unit: str
    low: float | None
    high: float | None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.validate)

    def validate(self, raw: object) -> Any:
        """Return the value, or raise everything that is wrong with the node."""
        findings: list[Finding] = []
        value = self.read(raw, findings)
        if findings:
            raise_findings(findings)
        return value

    @abstractmethod
    def read(self, raw: object, findings: list[Finding]) -> Any:
        """Return the value read; what is wrong is appended to `findings`."""

    def bounds(self) -> str:
        """Return the bounds in words."""
        unit = "" if self.unit in ("", "1") else f" {self.unit}"
        if self.low is not None and self.high is not None:
            return f"from {_short(self.low)} to {_short(self.high)}{unit}"
        if self.low is not None:
            return f"{_short(self.low)}{unit} or more"
        if self.high is not None:
            return f"{_short(self.high)}{unit} or less"
        return f"any number{unit and ' in'}{unit}"

    def number(
        self,
        raw: object,
        findings: list[Finding],
        path: tuple[str | int, ...],
        *,
        plain: bool | None = None,
    ) -> float:
        """Return one number within the bounds; NaN where it is wrong."""
        try:
            value = convert(raw, self.unit, plain=plain)
        except UnitError as error:
            one = error.finding
            findings.append(Finding(one.message, one.found, one.allowed, one.hint, path))
            return math.nan
        too_low = self.low is not None and value < self.low
        too_high = self.high is not None and value > self.high
        if too_low or too_high:
            hint = ""
            as_percent = not isinstance(raw, str) and self.unit in ("", "1")
            if self.high == 1.0 and 1.0 < value <= 100.0 and as_percent:
                hint = f"If you meant {value:g} %, write {value / 100:g} or '{value:g} %'"
            message = "this number is too small" if too_low else "this number is too large"
            findings.append(Finding(message, excerpt(raw), self.bounds(), hint, path))
            return math.nan
        return value


def read_origin(
    raw: dict[str, Any], findings: list[Finding], *, spread: tuple[str, ...]
) -> tuple[tuple[str, ...], str, str]:
    """Return source, assumed and grade of a node; `spread` is what an assumption must have."""
    source: tuple[str, ...] = ()
    given = raw.get("source")
    if isinstance(given, str) and given.strip():
        source = (given,)
    elif isinstance(given, list) and given and all(isinstance(key, str) for key in given):
        source = tuple(given)
    elif given is not None:
        findings.append(
            Finding(
                "this must name shipped figures",
                excerpt(given),
                "a key, or a list of keys",
                path=("source",),
            )
        )
    assumed = raw.get("assumed")
    if assumed is not None and not (isinstance(assumed, str) and assumed.strip()):
        findings.append(
            Finding(
                "this must be the reason for the assumption",
                excerpt(assumed),
                "a sentence in quotes",
                path=("assumed",),
            )
        )
    grade = raw.get("grade", "")
    if grade not in ("", "A", "B", "C", "D"):
        findings.append(Finding("this is no grade", excerpt(grade), "A, B, C, D", path=("grade",)))
    wanted = "range: [LOW, HIGH]" if "range" in spread else "tolerance: '10 %'"
    if given is None and assumed is None:
        findings.append(
            Finding(
                "this number says neither where it comes from nor that it is assumed",
                allowed=f"source: KEY, or assumed: REASON with {wanted}",
                hint="The keys of the shipped figures stand in straits/data/figures.csv",
            )
        )
    elif assumed is not None and not any(key in raw for key in spread):
        name = "a range" if "range" in spread else "a tolerance"
        findings.append(
            Finding(f"an assumption needs {name}", allowed=wanted, hint="Say how wrong it could be")
        )
    return source, assumed if isinstance(assumed, str) else "", grade if grade else ""


def check_keys(raw: dict[str, Any], known: tuple[str, ...], findings: list[Finding]) -> None:
    """Append a finding for every key of `raw` that is not known."""
    findings.extend(unknown_key(key, known) for key in raw if key not in known)


def read_tolerance(raw: dict[str, Any], findings: list[Finding]) -> float | None:
    """Return the relative tolerance of a node, None without one [dimensionless]."""
    if "tolerance" not in raw:
        return None
    rule = QuantityRule("1", 0.0, 10.0)
    return rule.number(raw["tolerance"], findings, ("tolerance",))


@dataclass(frozen=True, slots=True)
class QuantityRule(Rule):
    """Reads ``{value: 45 s, range: [37 s, 70 s], source: key}``."""

    bare: bool | Literal["zero"] = False
    or_unit: str | None = None

    def read(self, raw: object, findings: list[Finding]) -> Quantity | None:
        """Return the quantity read; what is wrong is appended to `findings`."""
        if isinstance(raw, Quantity):
            return raw
        written = raw.get("value") if isinstance(raw, dict) else raw
        if self.or_unit is not None and _is_in(written, self.or_unit):
            return replace(self, unit=self.or_unit, or_unit=None).read(raw, findings)
        if not isinstance(raw, dict):
            value = self.number(raw, findings, ())
            if self.bare is True or (self.bare == "zero" and value == 0.0):
                return Quantity(value=value, unit=self.unit, bare=True)
            if not findings:
                findings.append(
                    Finding(
                        "a number needs its source or the reason for assuming it",
                        excerpt(raw),
                        "{value: ..., source: KEY} or "
                        "{value: ..., range: [LOW, HIGH], assumed: REASON}",
                    )
                )
            return None
        check_keys(raw, ("value", "range", "tolerance", *ORIGIN), findings)
        value = math.nan
        if "value" in raw:
            value = self.number(raw["value"], findings, ("value",))
        else:
            findings.append(Finding("'value' is missing", allowed=self.bounds()))
        limits = self._range(raw, value, findings) if "range" in raw else None
        tolerance = read_tolerance(raw, findings)
        if "range" in raw and "tolerance" in raw:
            findings.append(
                Finding("a number has a range or a tolerance, not both", path=("tolerance",))
            )
        elif tolerance is not None:
            limits = self._around(value, tolerance)
        source, assumed, grade = read_origin(raw, findings, spread=("range", "tolerance"))
        return Quantity(
            value=value, range=limits, unit=self.unit, source=source, assumed=assumed, grade=grade
        )

    def _around(self, value: float, tolerance: float) -> tuple[float, float]:
        spread = abs(value) * tolerance
        low = value - spread if self.low is None else max(value - spread, self.low)
        high = value + spread if self.high is None else min(value + spread, self.high)
        return low, high

    def _range(
        self, raw: dict[str, Any], value: float, findings: list[Finding]
    ) -> tuple[float, float] | None:
        pair = raw["range"]
        if not isinstance(pair, list) or len(pair) != 2:
            findings.append(
                Finding("a range has two numbers", excerpt(pair), "[LOW, HIGH]", path=("range",))
            )
            return None
        low = self.number(pair[0], findings, ("range", 0))
        high = self.number(pair[1], findings, ("range", 1))
        if low > high:
            findings.append(
                Finding(
                    "this range is reversed",
                    f"{pair[0]} to {pair[1]}",
                    "[LOW, HIGH]",
                    f"Write [{pair[1]}, {pair[0]}]",
                    ("range",),
                )
            )
        elif value < low or value > high:
            findings.append(
                Finding(
                    "the value lies outside its own range",
                    excerpt(raw["value"]),
                    f"from {pair[0]} to {pair[1]}",
                    path=("value",),
                )
            )
        return low, high


def _is_in(raw: object, unit: str) -> bool:
    """Return whether a number is written in exactly this unit, or in its singular."""
    words = str(raw).split() if isinstance(raw, str) else []
    return len(words) == 2 and words[1] in (unit, unit.rstrip("s"))


@dataclass(frozen=True, slots=True)
class MoneyRule(Rule):
    """Reads an amount in pounds and keeps the unit it is written in."""

    def read(self, raw: object, findings: list[Finding]) -> Quantity | None:
        """Return the amount read; what is wrong is appended to `findings`."""
        if isinstance(raw, Quantity):
            return raw
        written = raw.get("value") if isinstance(raw, dict) else raw
        unit = "GBP"
        if isinstance(written, str) and (match := _POUNDS.search(written.strip())):
            unit = match.group(1).replace(" ", "").replace("£", "GBP")
        return QuantityRule(unit, self.low, self.high).read(raw, findings)
