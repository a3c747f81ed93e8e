"""Documents of the network: sites, crossings, law, stations, controls, departures, pools."""

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
from straits.scenario.searches import SecondaryDoc, TechniqueDoc
from straits.scenario.servers import Buffer, Duration, ServersDoc, ServiceDoc, Share

__all__ = [
    "ControlDoc",
    "CostsDoc",
    "CrossingDoc",
    "DepartureDoc",
    "InstrumentDoc",
    "MovedDoc",
    "PoolDoc",
    "ServersDoc",
    "SiteDoc",
    "StationDoc",
    "TimetableDoc",
    "VehicleClassDoc",
]

_NONE_S = Quantity(value=0.0, unit="s", bare=True)
_NOBODY = Quantity(value=0.0, unit="people", bare=True)

Rank = Annotated[int, Field(ge=0, le=3)]
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
    """Length, people aboard, cost of an hour's delay, road and loads of a class of vehicles."""

    length: Annotated[Quantity, quantity("m", low=0.5, high=40)]
    occupants: Annotated[Shares, shares()]
    delay_cost: Annotated[Quantity, quantity("GBP/h", low=0)]
    spacing: Annotated[Quantity, quantity("m", low=0.5, high=60)] | None = None
    load_types: Annotated[Shares, shares()] | None = None


class PatienceDoc(Closed):
    """Time after which a vehicle leaves a queue unserved."""

    mean: Annotated[Quantity, quantity("s", low=1, high=30 * 86_400)]
    cv: Annotated[Quantity, quantity(low=0, high=5)]


class ExtraServersDoc(Closed):
    """Servers that a rule opens: called at a long queue, closed at a short one."""

    add: Annotated[Quantity, quantity("servers", low=1, high=100)]
    when: Annotated[Quantity, quantity("m", low=1)]
    until: Annotated[Quantity, quantity("m", low=0)]
    lead: Annotated[Quantity, quantity("s", low=0, high=86_400)]


class AgainDoc(Closed):
    """Vehicles that are sent back: to the same stage once more, or to an earlier one."""

    share: Annotated[Quantity, quantity(low=0, high=0.95)]
    back_to: Ident


class _StandsDoc(Closed):
    """What stations and controls share."""

    name: Text
    direction: Direction
    crossings: list[Ident] = Field(min_length=1)
    classes: list[VehicleClass] = Field(min_length=1)
    order: Annotated[int, Field(ge=1, le=99)]
    transit: Annotated[Quantity, quantity("s", low=0, high=86_400, bare="zero")] = _NONE_S
    buffer: Buffer | None = None
    exposed: bool = False
    pool: Ident | None = None
    priority: dict[VehicleClass, Rank] = Field(default_factory=dict)
    balk_at: Annotated[Quantity, quantity("vehicles", low=1)] | None = None
    patience: dict[VehicleClass, PatienceDoc] = Field(default_factory=dict)
    extra_servers: ExtraServersDoc | None = None
    again: AgainDoc | None = None


class StationDoc(_StandsDoc):
    """A place of service that belongs to no state's control: a check-in, a weighbridge."""

    at: Ident
    servers: ServersDoc
    service: dict[VehicleClass, ServiceDoc]


class MovedPartDoc(Closed):
    """What a part of a search has where it stands when the search has moved."""

    servers: ServersDoc
    buffer: Buffer | None = None


class MovedDoc(Closed):
    """Where a control stands for one crossing when its instrument is not in force."""

    sited_in: Ident
    station: Ident
    order: Annotated[int, Field(ge=1, le=99)]
    servers: ServersDoc | None = None
    buffer: Buffer | None = None
    pool: Ident | None = None
    parts: dict[Ident, MovedPartDoc] = Field(default_factory=dict)


class ControlDoc(_StandsDoc):
    """A state's check of people, goods or load, wherever the law lets it stand."""

    kind: Literal["exit", "entry", "search", "customs"]
    by: State
    sited_in: Ident
    under: Ident | None = None
    servers: ServersDoc | None = None
    service: dict[VehicleClass, ServiceDoc] = Field(default_factory=dict)
    share: Share | None = None
    targeting: Annotated[Quantity, quantity(low=0, high=100)] | None = None
    sensitivity: Share | None = None
    by_load: dict[Ident, Share] = Field(default_factory=dict)
    find_time: Duration | None = None
    techniques: dict[Ident, TechniqueDoc] = Field(default_factory=dict)
    secondary: SecondaryDoc | None = None
    if_moved: dict[Ident, MovedDoc] = Field(default_factory=dict)


class PoolDoc(Closed):
    """Officers or teams that several stations of one site share."""

    name: Text
    servers: ServersDoc


class TimetableDoc(Closed):
    """Departures: so many a day, so many in each local hour by kind of day, or a list of times."""

    per_day: Annotated[Quantity, quantity("departures", low=0, high=1000)] | None = None
    weekday: HourNumbers | None = None
    weekend: HourNumbers | None = None
    peak: HourNumbers | None = None
    peak_days: list[Day] = Field(default_factory=list, max_length=5000)
    times: list[HourMinute] | None = Field(default=None, min_length=1, max_length=1000)
    times_weekend: list[HourMinute] | None = Field(default=None, min_length=1, max_length=1000)
    source: SourceKeys | None = None
    assumed: Text | None = None
    tolerance: Annotated[Quantity, quantity(low=0, high=10, bare=True)] | None = None


class DepartureDoc(Closed):
    """The sailings or shuttles of one crossing and direction that take certain classes."""

    crossing: Ident
    direction: Direction
    classes: list[VehicleClass] = Field(min_length=1)
    capacity: Annotated[Quantity, quantity("m", low=0, high=100_000, or_unit="places")]
    space: dict[VehicleClass, Annotated[Quantity, quantity("m", low=0, or_unit="places")]]
    cut_off: Annotated[Quantity, quantity("s", low=0, high=86_400)]
    foot_passengers: Annotated[Quantity, quantity("people", low=0, bare="zero")] = _NOBODY
    timetable: TimetableDoc
    class_capacity: dict[VehicleClass, Annotated[Quantity, quantity("vehicles", low=0)]] = Field(
        default_factory=dict
    )
    loading_order: list[list[VehicleClass]] = Field(default_factory=list, max_length=4)
    cancelled: Share | None = None
    marshalling: Buffer | None = None
    berth_turnaround: Annotated[Quantity, quantity("s", low=0, high=86_400)] | None = None


class PublicCostDoc(Closed):
    """What a public service costs, and who pays; the amount keeps the unit written."""

    payer: State
    cost: Annotated[Quantity, money()]


class CostsDoc(Closed):
    """Public costs by name."""

    public: dict[Ident, PublicCostDoc] = Field(default_factory=dict)
