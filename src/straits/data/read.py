"""Shipped figures: every number the package rests on, with its source.

The tables are plain CSV beside this module and are read once, on the first call.
Figures that contradict each other are both shipped; nothing here chooses between them.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "GRADES",
    "Acceptance",
    "Arrests",
    "Figure",
    "acceptance",
    "arrests_by_force",
    "coastline",
    "figures",
    "table_rows",
]

GRADES: Final = MappingProxyType(
    {
        "A": "official, or two independent sources",
        "B": "one report, or arithmetic on figures of grade A",
        "C": "recalled or derived with assumptions: never evidence in a fit",
    }
)
"""What the grade of a figure means."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One published or derived figure.

    Attributes
    ----------
    key : str
        Dotted name that documents cite.
    value : str
        The figure as shipped; text where the source gives words, a range or a list.
    unit, period, place, definition : str
        What was counted, in which unit, when and where, in the package's own words.
    source_title, source_url : str
        Who published it; the address is empty when no page was found.
    date : str
        Date of publication as far as known (year, year-month or day); may be empty.
    grade : str
        A, B or C: see `GRADES`.
    """

    key: str
    value: str
    unit: str
    period: str
    place: str
    definition: str
    source_title: str
    source_url: str
    date: str
    grade: str

    @property
    def number(self) -> float | None:
        """The value as a number [in `unit`], or None where the source gives words."""
        try:
            return float(self.value)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Arrests:
    """Police arrests on suspicion of illegal entry, one force and period.

    Attributes
    ----------
    force, period : str
        Who and when; rows of unlike definition are told apart by `note`.
    arrests : int | None
        Arrests [records, not persons]; None where nothing was published.
    note, source_title, source_url : str
        Scope or conflict, who published it, where.
    """

    force: str
    period: str
    arrests: int | None
    note: str
    source_title: str
    source_url: str


@cache
def figures() -> Mapping[str, Figure]:
    """Return all shipped figures by key, in the order of the table."""
    return MappingProxyType({row["key"]: Figure(**row) for row in table_rows("figures.csv")})


@cache
def arrests_by_force() -> tuple[Arrests, ...]:
    """Return the published arrests by police force; contradictory versions all stand."""
    return tuple(
        Arrests(
            force=row["force"],
            period=row["period"],
            arrests=int(row["arrests"]) if row["arrests"] else None,
            note=row["note"],
            source_title=row["source_title"],
            source_url=row["source_url"],
        )
        for row in table_rows("arrests_by_force.csv")
    )


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One band of the validation, written before the run it judges.

    Attributes
    ----------
    series : str
        What the simulated observers counted.
    figure : str
        Key of the record.
    start, end : date
        First and last day of the count.
    low_factor, high_factor : float
        Band as factors on the record [dimensionless].
    note : str
        Why the band is as wide as it is.
    """

    series: str
    figure: str
    start: date
    end: date
    low_factor: float
    high_factor: float
    note: str


@cache
def acceptance() -> tuple[Acceptance, ...]:
    """Return the acceptance bands of the validation, in the order of the table."""
    return tuple(
        Acceptance(
            row["series"], row["figure"], date.fromisoformat(row["from"]),
            date.fromisoformat(row["to"]), float(row["low_factor"]), float(row["high_factor"]),
            row["note"],
        )
        for row in table_rows("acceptance.csv")
    )


@cache
def coastline() -> dict[str, Any]:
    """Return the coast of the Strait as a GeoJSON feature collection [degrees WGS84]."""
    text = files("straits.data").joinpath("coastline.geojson").read_text(encoding="utf-8")
    collection: dict[str, Any] = json.loads(text)
    return collection


def table_rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a shipped table as text, in its order."""
    text = files("straits.data").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(StringIO(text, newline=""))
