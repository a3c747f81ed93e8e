"""The integer clock: ticks of 2^-10 s, days, hours, packed event words.

An event word is an int64 that sorts as the written total order (time, phase, row): time in
its upper 38 bits (8.5 years), phase in 3, the slice-local row in 22. Rows are ranks of entity
ids, so a tie in time is resolved by id and never by insertion order.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

__all__ = [
    "DAY_TICKS",
    "HOUR_TICKS",
    "MAX_DAYS",
    "MAX_ROWS",
    "NO_ROW",
    "PHASE_BITS",
    "QUARTER_TICKS",
    "ROW_BITS",
    "SECOND_TICKS",
    "WORD_SHIFT",
    "day_of",
    "local_hour",
    "ticks",
]

SECOND_TICKS: Final = 1 << 10
HOUR_TICKS: Final = 3600 * SECOND_TICKS
QUARTER_TICKS: Final = 900 * SECOND_TICKS
DAY_TICKS: Final = 24 * HOUR_TICKS

ROW_BITS: Final = 22
PHASE_BITS: Final = 3
WORD_SHIFT: Final = ROW_BITS + PHASE_BITS
TIME_BITS: Final = 38

# The last row is the mark of a server without a vehicle.
MAX_ROWS: Final = (1 << ROW_BITS) - 1
NO_ROW: Final = MAX_ROWS
# One year of the clock is kept free, so that what is due after the horizon still has a time.
MAX_DAYS: Final = (1 << TIME_BITS) // DAY_TICKS - 366


def ticks(seconds: float) -> int:
    """Return a length of time [ticks], rounded to the nearest tick and at least one.

    Every service and every move takes at least one tick, so that no event can follow
    another at the same instant except by the written order.
    """
    return max(1, round(seconds * SECOND_TICKS))


def day_of(origin: date, day: date) -> int:
    """Return the number of a calendar day [days since `origin`]."""
    return day.toordinal() - origin.toordinal()


def local_hour(day: date, utc_hour: int, zone: str) -> tuple[date, int]:
    """Return the local date and hour in which a UTC hour begins.

    In spring one local hour is missing and in autumn one is doubled: a profile given by
    local hour loses or repeats it, as the real day does.
    """
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=utc_hour)
    local = instant.astimezone(ZoneInfo(zone))
    return local.date(), local.hour
