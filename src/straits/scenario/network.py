"""Documents of the network: sites, crossings, law, stations, controls, departures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from straits.scenario.closed import (
    Closed,
    Day,
    Direction,
    HourMinute,
    Ident,
    SourceKeys,
    State,
    Text,
    VehicleClass,
)
from straits.scenario.quantity import (
    Numbers,
    Quantity,
    Shares,
    money,
    numbers,
    quantity,
    shares,
)

__all__ = [
    "ControlDoc",
    "CostsDoc",
    "CrossingDoc",
    "DepartureDoc",
    "InstrumentDoc",
    "MovedDoc",
    "RosterDoc",
    "ServersDoc",
    "ServiceDoc",
    "SiteDoc",
    "StationDoc",
    "TimetableDoc",
    "VehicleClassDoc",
]

_NONE_S = Quantity(value=0.0, unit="s", bare=True)
_NOBODY = Quantity(value=0.0, unit="people", bare=True)
_ONE_SERVER = Quantity(value=1.0, unit="servers", bare=True)

Duration = Annotated[Quantity, quantity("s", low=0)]
Share = Annotated[Quantity, quantity(low=0, high=1)]
HourNumbers = Annotated[Numbers, numbers(length=24, low=0)]


class SiteDoc(Closed):
    """A place on one state's soil where a crossing begins or ends."""

    name: Text
    state: State
    time_zone: Text


class CrossingDoc(Closed):
    """A route between two sites, in both directions."""

    kind: Literal["ferry", "shuttle"]
    uk_site: Ident
    fr_site: Ident
    crossing_time: Annotated[Quantity, quantity("s", low=60, high=86_400)]
    unload_gap: Annotated[Quantity, quantity("s", low=0, high=600)]


class InstrumentDoc(Closed):
    """A treaty under which one state may control on the other's soil."""

    title: Text
    in_force: Day
    ends: Day | None = None
    notice: Annotated[Quantity, quantity("s", low=0)]
    covers: list[Ident] = Field(min_length=1)
    source: SourceKeys


class VehicleClassDoc(Closed):
    """Length, people aboard and cost of an hour's delay of a class of vehicles."""

    length: Annotated[Quantity, quantity("m", low=0.5, high=40)]
    occupants: Annotated[Shares, shares()]
    delay_cost: Annotated[Quantity, quantity("GBP/h", low=0)]


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
    per_occupant: Annotated[Quantity, quantity("s", low=0, bare="zero")] = _NONE_S
    cv: Annotated[Quantity, quantity(low=0, high=5)]


class _StandsDoc(Closed):
    """What stations and controls share."""

    name: Text
    direction: Direction
    crossings: list[Ident] = Field(min_length=1)
    classes: list[VehicleClass] = Field(min_length=1)
    order: Annotated[int, Field(ge=1, le=99)]
    transit: Annotated[Quantity, quantity("s", low=0, high=86_400, bare="zero")] = _NONE_S
    servers: ServersDoc
    service: dict[VehicleClass, ServiceDoc]
    buffer: Annotated[Quantity, quantity("vehicles", low=0)] | None = None
    exposed: bool = False


class StationDoc(_StandsDoc):
    """A place of service that belongs to no state's control: a check-in, a weighbridge."""

    at: Ident


class MovedDoc(Closed):
    """Where a control stands for one crossing when its instrument is not in force."""

    sited_in: Ident
    station: Ident
    order: Annotated[int, Field(ge=1, le=99)]
    servers: ServersDoc | None = None
    buffer: Annotated[Quantity, quantity("vehicles", low=0)] | None = None


class ControlDoc(_StandsDoc):
    """A state's check of people, goods or load, wherever the law lets it stand."""

    kind: Literal["exit", "entry", "search", "customs"]
    by: State
    sited_in: Ident
    under: Ident | None = None
    share: Share | None = None
    targeting: Annotated[Quantity, quantity(low=0, high=100)] | None = None
    sensitivity: Share | None = None
    find_time: Duration | None = None
    if_moved: dict[Ident, MovedDoc] = Field(default_factory=dict)


class TimetableDoc(Closed):
    """Departures: so many a day, or so many in each local hour by kind of day."""

    per_day: Annotated[Quantity, quantity("departures", low=0, high=1000)] | None = None
    weekday: HourNumbers | None = None
    weekend: HourNumbers | None = None
    peak: HourNumbers | None = None
    peak_days: list[Day] = Field(default_factory=list, max_length=5000)


class DepartureDoc(Closed):
    """The sailings or shuttles of one crossing and direction that take certain classes."""

    crossing: Ident
    direction: Direction
    classes: list[VehicleClass] = Field(min_length=1)
    capacity: Annotated[Quantity, quantity("m", low=0, or_unit="places")]
    space: dict[VehicleClass, Annotated[Quantity, quantity("m", low=0, or_unit="places")]]
    cut_off: Annotated[Quantity, quantity("s", low=0, high=86_400)]
    foot_passengers: Annotated[Quantity, quantity("people", low=0, bare="zero")] = _NOBODY
    timetable: TimetableDoc


class PublicCostDoc(Closed):
    """What a public service costs, and who pays; the amount keeps the unit written."""

    payer: State
    cost: Annotated[Quantity, money()]


class CostsDoc(Closed):
    """Public costs by name."""

    public: dict[Ident, PublicCostDoc] = Field(default_factory=dict)
