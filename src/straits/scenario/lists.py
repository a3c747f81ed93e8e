"""How lists of numbers are read: the validators behind `numbers`, `shares` and `series`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from straits.scenario.findings import Finding, excerpt
from straits.scenario.quantity import Numbers, Quantity, SeriesValue, Shares
from straits.scenario.rules import (
    ORIGIN,
    QuantityRule,
    Rule,
    check_keys,
    read_date,
    read_origin,
    read_tolerance,
)

__all__ = ["NumbersRule", "SeriesRule", "SharesRule"]

MAX_POINTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class NumbersRule(Rule):
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
        check_keys(raw, ("values", "tolerance", *ORIGIN), findings)
        items = raw.get("values")
        values: list[float] = []
        if not isinstance(items, list) or not items:
            count = "" if self.length is None else f"{self.length} "
            found = "nothing" if items is None else excerpt(items)
            findings.append(Finding(f"'values' must be a list of {count}numbers", found))
        else:
            values = [
                self.number(item, findings, ("values", place), plain=True)
                for place, item in enumerate(items[:MAX_POINTS])
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
        tolerance = read_tolerance(raw, findings)
        source, assumed, grade = read_origin(raw, findings, spread=("tolerance",))
        return Numbers(
            values=tuple(values), unit=self.unit, tolerance=tolerance,
            source=source, assumed=assumed, grade=grade,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SharesRule(Rule):
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
        check_keys(raw, ("values", "tolerance", *ORIGIN), findings)
        values = tuple(self.number(item, findings, ("values", key)) for key, item in items.items())
        total = math.fsum(values)
        if self.total is not None and abs(total - self.total) > 1e-6:
            findings.append(
                Finding(
                    f"these shares must sum to {self.total:g}", f"{total:.6g}", path=("values",)
                )
            )
        tolerance = read_tolerance(raw, findings)
        source, assumed, grade = read_origin(raw, findings, spread=("tolerance",))
        return Shares(
            keys=tuple(str(key) for key in items), values=values, tolerance=tolerance,
            source=source, assumed=assumed, grade=grade,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeriesRule(Rule):
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
            one = QuantityRule(self.unit, self.low, self.high).read(raw, findings)
            if one is None or findings:
                return None
            return SeriesValue(
                dates=(1,), values=(one.value,), unit=self.unit, tolerance=_relative(one),
                source=one.source, assumed=one.assumed, grade=one.grade,
            )  # fmt: skip
        check_keys(raw, ("steps", "knots", "tolerance", *ORIGIN), findings)
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
        tolerance = read_tolerance(raw, findings)
        source, assumed, grade = read_origin(raw, findings, spread=("tolerance",))
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
