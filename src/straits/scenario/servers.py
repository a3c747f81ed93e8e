"""Documents of servers and of what they do: rosters, service times, room before them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Annotated, Literal

from pydantic import Field

from straits.scenario.closed import Closed, HourMinute, SourceKeys, Text
from straits.scenario.findings import Finding
from straits.scenario.quantity import Quantity, quantity
from straits.scenario.rules import QuantityRule
from straits.scenario.units import UnitError, factor_between

__all__ = [
    "Buffer", "Duration", "Metres", "RosterDoc", "ServersDoc", "ServiceDoc", "Share",
]  # fmt: skip

_NONE_S = Quantity(value=0.0, unit="s", bare=True)
_ONE_SERVER = Quantity(value=1.0, unit="servers", bare=True)

Duration = Annotated[Quantity, quantity("s", low=0, high=86_400)]
Share = Annotated[Quantity, quantity(low=0, high=1)]


class Metres(float):
    """A room counted in metres of road; one in vehicles is a plain number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room(Quantity):
    """How many vehicles fit somewhere, or how much road there is for them."""

    def plain(self) -> float:
        """Return the number alone, which knows whether it is in metres [vehicles or m]."""
        return Metres(self.value) if self.unit == "m" else self.value


@dataclass(frozen=True, slots=True)
class RoomRule(QuantityRule):
    """Reads ``{value: 220 vehicles, source: key}``, or the same in metres of road."""

    def read(self, raw: object, findings: list[Finding]) -> Quantity | None:
        """Return the room read; what is wrong is appended to `findings`."""
        written = raw.get("value") if isinstance(raw, dict) else raw
        rule = replace(self, unit="m") if _is_length(written) else self
        found = QuantityRule.read(rule, raw, findings)
        if found is None or isinstance(found, Room):
            return found
        return Room(**{one.name: getattr(found, one.name) for one in fields(found)})


def _is_length(written: object) -> bool:
    """Return whether a number is written in a unit of length."""
    words = written.split(maxsplit=1) if isinstance(written, str) else []
    if len(words) < 2:
        return False
    try:
        factor_between(words[1], "m")
    except UnitError:
        return False
    return True


Buffer = Annotated[Quantity, RoomRule("vehicles", 0.0, 1e7)]


class RosterDoc(Closed):
    """So many servers from one local time to another."""

    from_: HourMinute = Field(alias="from")
    to: HourMinute
    servers: Annotated[int, Field(ge=0, le=500)]


class ServersDoc(Closed):
    """How many servers are open: opened for the expected load, or by a roster."""

    built: Annotated[Quantity, quantity("servers", low=0, high=500)] | None = None
    target_utilisation: Annotated[Quantity, quantity(low=0.05, high=1)] | None = None
    minimum: Annotated[Quantity, quantity("servers", low=0, high=500, bare=True)] = _ONE_SERVER
    lead: Annotated[Quantity, quantity("s", low=0, high=86_400, bare=True)] = _NONE_S
    roster: list[RosterDoc] | None = Field(default=None, min_length=1)
    source: SourceKeys | None = None
    assumed: Text | None = None
    tolerance: Annotated[Quantity, quantity(low=0, high=10, bare=True)] | None = None
    grade: Literal["A", "B", "C", "D"] | None = None


class ServiceDoc(Closed):
    """Time at a server: a fixed part, a part for each person aboard, and their spread."""

    fixed: Duration
    per_occupant: Annotated[Quantity, quantity("s", low=0, high=86_400, bare="zero")] = _NONE_S
    cv: Annotated[Quantity, quantity(low=0, high=5)]
