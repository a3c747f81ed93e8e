"""The record of the people half: what observers published, ready to be set beside a history.

Each row of ``people_record.csv`` names a shipped figure and says what a model must compute to be
compared with it: over which days, how, and within which error. A figure that overlaps another of
its series says so in its note, and has a larger error for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from straits.base.errors import DataError
from straits.data.read import table_rows

__all__ = ["LAST_FITTED", "SERIES", "SIDES", "STATISTICS", "RecordRow", "people_record"]

LAST_FITTED: Final = date(2016, 8, 30)
"""Day after which nothing is fitted; later rows are there to be predicted."""

SERIES: Final = MappingProxyType(
    {
        "official_count": "people at the site, as authorities counted or estimated them",
        "ngo_count": "people at the site, as associations counted or estimated them",
        "prevented_attempts": "attempts found by UK controls in France and Belgium: events",
        "port_finds": "people found hidden at UK ferry ports, after the crossing",
        "arrests": "police arrests in the UK on suspicion of illegal entry, all ways of entry",
        "deaths": "people who died on the way from the continent to the UK, all causes",
        "reception": "people who left for reception centres elsewhere in France",
        "uk_claims_eight": "asylum claims inside the UK by eight nationalities common at the site",
        "lorry_drops": "people met inland in the UK after they had come hidden in lorries",
        "france_claims": "asylum claims lodged in or by way of Calais",
        "arrivals": "people new at the site a day, as associations estimated them",
        "over_a_year": "share of people asked who had been at the site for over a year",
    }
)
"""What was counted, by series."""

STATISTICS: Final = MappingProxyType(
    {
        "stock": "people at the site, mean over the days",
        "sum": "events, sum over the days",
        "per_day": "events a day, mean over the days",
        "share": "share of the people at the site, mean over the days",
    }
)
"""What a model has to compute from its days to be compared with a figure."""

SIDES: Final = MappingProxyType(
    {
        "both": "the figure is a value: too much and too little both count",
        "upper": "the figure is an upper bound: only more than it counts",
        "lower": "the figure is a lower bound: only less than it counts",
    }
)
"""Which deviations from a figure count."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One observation of the record.

    Attributes
    ----------
    series : str
        Who counted what: a key of `SERIES`.
    figure : str
        Key of the figure observed.
    first, last : date
        First and last day that it covers; the same day for a count of one day. Where no day was
        published, the days within which it must have been taken.
    statistic : str
        How the days become a number: a key of `STATISTICS`.
    side : {"both", "upper", "lower"}
        Which deviations count: a key of `SIDES`.
    log_sd : float
        Assumed error as a standard deviation of logarithms; 0 for small counts of events, whose
        error is Poisson.
    fitted : bool
        True if a fit may use the row; False if it is predicted only.
    note : str
        What limits the figure, why its error is what it is, what it overlaps; may be empty.
    """

    series: str
    figure: str
    first: date
    last: date
    statistic: str
    side: Literal["both", "upper", "lower"]
    log_sd: float
    fitted: bool
    note: str


@cache
def people_record() -> tuple[RecordRow, ...]:
    """Return the record of the people half, in the order of the table.

    Raises
    ------
    DataError
        If the shipped table is damaged.
    """
    return tuple(
        _record_row(f"people_record.csv:{line}", row)
        for line, row in enumerate(table_rows("people_record.csv"), start=2)
    )


def _record_row(where: str, row: dict[str, str]) -> RecordRow:
    for column, allowed in (
        ("series", SERIES), ("statistic", STATISTICS), ("side", SIDES), ("fitted", ("yes", "no")),
    ):  # fmt: skip
        if row[column] not in allowed:
            raise DataError(
                f"{where}  {column} is no known word; found {row[column]!r}; "
                f"allowed: {', '.join(allowed)}"
            )
    side = row["side"]
    return RecordRow(
        series=row["series"],
        figure=row["figure"],
        first=date.fromisoformat(row["from"]),
        last=date.fromisoformat(row["to"]),
        statistic=row["statistic"],
        side="upper" if side == "upper" else "lower" if side == "lower" else "both",
        log_sd=float(row["log_sd"]),
        fitted=row["fitted"] == "yes",
        note=row["note"],
    )
