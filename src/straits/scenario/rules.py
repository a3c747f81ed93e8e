"""The validators behind `quantity`, `numbers`, `series` and `shares`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from straits.scenario.findings import Finding, excerpt, raise_findings, unknown_key
from straits.scenario.quantity import Numbers, Quantity, SeriesValue, Shares
from straits.scenario.units import UnitError, convert

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

__all__ = ["NumbersRule", "QuantityRule", "SeriesRule", "SharesRule", "read_date"]

_ORIGIN: Final = ("source", "assumed", "grade")
_MAX_POINTS: Final = 10_000


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


@dataclass(frozen=True, slots=True)
class _Rule:
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

    def read(self, raw: object, findings: list[Finding]) -> Any:
        """Return the value read; what is wrong is appended to `findings`."""
        raise NotImplementedError

    def bounds(self) -> str:
        """Return the bounds in words."""
        unit = "" if self.unit in ("", "1") else f" {self.unit}"
        if self.low is not None and self.high is not None:
            return f"from {self.low:g} to {self.high:g}{unit}"
        if self.low is not None:
            return f"{self.low:g}{unit} or more"
        if self.high is not None:
            return f"{self.high:g}{unit} or less"
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
            if self.high == 1.0 and 1.0 < value <= 100.0 and self.unit in ("", "1"):
                hint = f"If you meant {value:g} %, write {value / 100:.2f} or '{value:g} %'"
            message = "this number is too small" if too_low else "this number is too large"
            findings.append(Finding(message, excerpt(raw), self.bounds(), hint, path))
            return math.nan
        return value


def _origin(
    raw: dict[str, Any], findings: list[Finding], *, spread: str
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
    if given is None and assumed is None:
        findings.append(
            Finding(
                "this number says neither where it comes from nor that it is assumed",
                allowed=f"source: KEY, or assumed: REASON with {spread}",
                hint="Run 'straits figures' for the keys of the shipped figures",
            )
        )
    elif assumed is not None and spread not in raw:
        findings.append(
            Finding(
                f"an assumption needs {'a range' if spread == 'range' else 'a tolerance'}",
                allowed="range: [LOW, HIGH]" if spread == "range" else "tolerance: '10 %'",
                hint="Say how wrong it could be",
            )
        )
    return source, assumed if isinstance(assumed, str) else "", grade if grade else ""


def _keys(raw: dict[str, Any], known: tuple[str, ...], findings: list[Finding]) -> None:
    findings.extend(unknown_key(key, known) for key in raw if key not in known)


def _tolerance(raw: dict[str, Any], findings: list[Finding]) -> float | None:
    if "tolerance" not in raw:
        return None
    rule = QuantityRule("1", 0.0, 10.0, False)
    return rule.number(raw["tolerance"], findings, ("tolerance",))


@dataclass(frozen=True, slots=True)
class QuantityRule(_Rule):
    """Reads ``{value: 45 s, range: [37 s, 70 s], source: key}``."""

    bare: bool

    def read(self, raw: object, findings: list[Finding]) -> Quantity | None:
        """Return the quantity read; what is wrong is appended to `findings`."""
        if isinstance(raw, Quantity):
            return raw
        if not isinstance(raw, dict):
            value = self.number(raw, findings, ())
            if self.bare:
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
        _keys(raw, ("value", "range", *_ORIGIN), findings)
        value = math.nan
        if "value" in raw:
            value = self.number(raw["value"], findings, ("value",))
        else:
            findings.append(Finding("'value' is missing", allowed=self.bounds()))
        limits = self._range(raw, value, findings) if "range" in raw else None
        source, assumed, grade = _origin(raw, findings, spread="range")
        return Quantity(
            value=value, range=limits, unit=self.unit, source=source, assumed=assumed, grade=grade
        )

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


@dataclass(frozen=True, slots=True)
class NumbersRule(_Rule):
    """Reads ``{values: [...], source: key}``."""

    length: int | None

    def read(self, raw: object, findings: list[Finding]) -> Numbers | None:
        """Return the numbers read; what is wrong is appended to `findings`."""
        if isinstance(raw, Numbers):
            return raw
        if not isinstance(raw, dict):
            findings.append(
                Finding(
                    "a list of numbers needs its source or the reason for assuming it",
                    excerpt(raw),
                    "{values: [...], source: KEY} or "
                    "{values: [...], tolerance: '10 %', assumed: REASON}",
                )
            )
            return None
        _keys(raw, ("values", "tolerance", *_ORIGIN), findings)
        items = raw.get("values")
        values: list[float] = []
        if not isinstance(items, list) or not items:
            count = "" if self.length is None else f"{self.length} "
            found = "nothing" if items is None else excerpt(items)
            findings.append(Finding(f"'values' must be a list of {count}numbers", found))
        else:
            values = [
                self.number(item, findings, ("values", place), plain=True)
                for place, item in enumerate(items[:_MAX_POINTS])
            ]
            if self.length is not None and len(items) != self.length:
                findings.append(
                    Finding(
                        "this list has the wrong length",
                        f"{len(items)} numbers",
                        f"{self.length} numbers",
                        path=("values",),
                    )
                )
        tolerance = _tolerance(raw, findings)
        source, assumed, grade = _origin(raw, findings, spread="tolerance")
        return Numbers(
            values=tuple(values), unit=self.unit, tolerance=tolerance,
            source=source, assumed=assumed, grade=grade,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SharesRule(_Rule):
    """Reads ``{values: {1: 0.92, 2: 0.08}, source: key}``."""

    total: float | None

    def read(self, raw: object, findings: list[Finding]) -> Shares | None:
        """Return the shares read; what is wrong is appended to `findings`."""
        if isinstance(raw, Shares):
            return raw
        items = raw.get("values") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or not isinstance(items, dict) or not items:
            findings.append(
                Finding(
                    "shares are written by name",
                    excerpt(raw),
                    "{values: {NAME: SHARE, ...}, source: KEY}",
                )
            )
            return None
        _keys(raw, ("values", "tolerance", *_ORIGIN), findings)
        values = tuple(self.number(item, findings, ("values", key)) for key, item in items.items())
        total = math.fsum(values)
        if self.total is not None and abs(total - self.total) > 1e-6:
            findings.append(
                Finding(
                    f"these shares must sum to {self.total:g}", f"{total:.6g}", path=("values",)
                )
            )
        tolerance = _tolerance(raw, findings)
        source, assumed, grade = _origin(raw, findings, spread="tolerance")
        return Shares(
            keys=tuple(str(key) for key in items), values=values, tolerance=tolerance,
            source=source, assumed=assumed, grade=grade,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeriesRule(_Rule):
    """Reads ``{steps: {2013-01-01: 4.0}, source: key}``, knots, or one constant value."""

    def read(self, raw: object, findings: list[Finding]) -> SeriesValue | None:
        """Return the series read; what is wrong is appended to `findings`."""
        if isinstance(raw, SeriesValue):
            return raw
        if not isinstance(raw, dict):
            findings.append(
                Finding(
                    "a series needs dates and its source",
                    excerpt(raw),
                    "{steps: {2013-01-01: ..., 2015-06-01: ...}, source: KEY}, or knots",
                )
            )
            return None
        if "value" in raw:
            one = QuantityRule(self.unit, self.low, self.high, False).read(raw, findings)
            if one is None or findings:
                return None
            return SeriesValue(
                dates=(1,), values=(one.value,), unit=self.unit, tolerance=_relative(one),
                source=one.source, assumed=one.assumed, grade=one.grade,
            )  # fmt: skip
        _keys(raw, ("steps", "knots", "tolerance", *_ORIGIN), findings)
        kind = "knots" if "knots" in raw else "steps"
        items = raw.get(kind)
        points: dict[int, float] = {}
        if ("steps" in raw) == ("knots" in raw):
            findings.append(
                Finding(
                    "a series has either steps or knots",
                    excerpt(raw),
                    "steps: {DATE: NUMBER, ...} or knots: {DATE: NUMBER, ...}",
                )
            )
        elif not isinstance(items, dict) or not items:
            findings.append(
                Finding(
                    "this must give numbers by date",
                    excerpt(items),
                    "{2013-01-01: NUMBER, ...}",
                    path=(kind,),
                )
            )
        else:
            points = self._points(kind, items, findings)
        tolerance = _tolerance(raw, findings)
        source, assumed, grade = _origin(raw, findings, spread="tolerance")
        return SeriesValue(
            dates=tuple(points), values=tuple(points.values()),
            kind="knots" if kind == "knots" else "steps", unit=self.unit, tolerance=tolerance,
            source=source, assumed=assumed, grade=grade,
        )  # fmt: skip

    def _points(
        self, kind: str, items: dict[str, Any], findings: list[Finding]
    ) -> dict[int, float]:
        points: dict[int, float] = {}
        for key, item in items.items():
            day = read_date(key)
            if day is None:
                findings.append(
                    Finding("this is no date", excerpt(key), "YYYY-MM-DD", path=(kind, key))
                )
                continue
            if points and day.toordinal() <= max(points):
                findings.append(Finding("dates must ascend", excerpt(key), path=(kind, key)))
            value = self.number(item, findings, (kind, key), plain=True)
            if kind == "knots" and value <= 0:
                findings.append(
                    Finding(
                        "a knot must be above zero, because the line between knots is logarithmic",
                        excerpt(item),
                        hint="Use steps for a value of zero",
                        path=(kind, key),
                    )
                )
            points[day.toordinal()] = value
        return points


def _relative(one: Quantity) -> float | None:
    """Return the range of a constant as a tolerance [dimensionless]."""
    if one.range is None:
        return None
    scale = abs(one.value)
    widest = max(abs(bound - one.value) for bound in one.range)
    return min(10.0, widest / scale) if scale else None
