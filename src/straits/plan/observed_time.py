"""Times as files write them, and the instants that they mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from straits.base.clock import SECOND_TICKS

__all__ = ["EPOCH", "offsets_of", "ticks_of", "written_time"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?\s?(Z|[+-]\d\d:?\d\d)?")


def written_time(value: object) -> datetime | None:
    """Return a date and time written as text, None where it is none."""
    if not isinstance(value, str) or not _TIME.fullmatch(value.strip()):
        return None
    text = value.strip()
    try:
        return datetime.fromisoformat(text[:16] + text[16:].replace(" ", ""))
    except ValueError:
        return None


def ticks_of(time: datetime) -> int:
    """Return an instant [ticks since 1970-01-01 UTC]."""
    since = time - EPOCH
    seconds = 86_400 * since.days + since.seconds
    return seconds * SECOND_TICKS + since.microseconds * SECOND_TICKS // 1_000_000


def offsets_of(local: datetime, zone: ZoneInfo) -> tuple[timedelta, ...]:
    """Return the offsets at which a zone's clock shows a time; none or two when it changes."""
    found: list[timedelta] = []
    for fold in (0, 1):
        instant = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        shown = instant.astimezone(zone)
        offset = shown.utcoffset()
        if offset is not None and shown.replace(tzinfo=None) == local and offset not in found:
            found.append(offset)
    return tuple(found)
