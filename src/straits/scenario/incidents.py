"""Documents of incidents: dated losses of servers, of capacity, of departures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from straits.scenario.closed import Closed, Ident, Text, spread_origin
from straits.scenario.findings import Finding, excerpt, raise_findings
from straits.scenario.quantity import Quantity, quantity
from straits.scenario.servers import Share

__all__ = ["EFFECTS", "IncidentDoc", "instants_of"]

EFFECTS: Final = ("servers", "capacity", "cancelled")
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_OFFSET: Final = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_FORM: Final = "%Y-%m-%d %H:%M"


def _local_time(raw: object) -> str:
    """Return a date and time of day by the clock of a site."""
    if not isinstance(raw, str) or not _LOCAL.fullmatch(raw) or not _exists(raw):
        hint = ""
        if isinstance(raw, str) and _OFFSET.search(raw[10:]):
            hint = "Leave the offset out: the time is that of the site's clock"
        allowed = "a date and time of day, such as '2016-07-22 18:00'"
        raise_findings([Finding("this is no local date and time", excerpt(raw), allowed, hint)])
    return raw


def _exists(text: str) -> bool:
    try:
        datetime.strptime(text, _FORM)
    except ValueError:
        return False
    return True


LocalTime = Annotated[str, BeforeValidator(_local_time)]


class IncidentDoc(Closed):
    """A stretch of time in which stations or departures do less than usual."""

    title: Text
    stations: list[Ident] = Field(default_factory=list)
    departures: list[Ident] = Field(default_factory=list)
    from_: LocalTime = Field(alias="from")
    to: LocalTime
    servers: Annotated[Quantity, quantity("servers", low=0, high=500)] | None = None
    capacity: Annotated[Quantity, quantity(low=0, high=1)] | None = None
    cancelled: Share | None = None

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, raw: Any) -> Any:
        return spread_origin(raw, EFFECTS)


def instants_of(text: str, zone: str) -> list[datetime]:
    """Return the instants [UTC] at which a site's clock shows a date and time of day.

    There is one, except when the clock changes: in spring it skips an hour, which never comes,
    and in autumn it shows an hour twice.
    """
    local = datetime.strptime(text, _FORM)
    found: list[datetime] = []
    for fold in (0, 1):
        instant = local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
        shown = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if shown == local and instant not in found:
            found.append(instant)
    return found
