"""The baseline document: the world as documented."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from straits.scenario.closed import Closed, Day, Ident, Text, VehicleClass
from straits.scenario.demand import DemandDoc
from straits.scenario.incidents import IncidentDoc
from straits.scenario.network import (
    ControlDoc,
    CostsDoc,
    CrossingDoc,
    DepartureDoc,
    InstrumentDoc,
    PoolDoc,
    SiteDoc,
    StationDoc,
    VehicleClassDoc,
)
from straits.scenario.population import AsylumDoc, ObserversDoc, PeopleDoc
from straits.scenario.quantity import Quantity, quantity
from straits.scenario.roads import RoadDoc, SchemeDoc

__all__ = ["BaselineDoc", "HistoryDoc"]


class HistoryDoc(Closed):
    """From when people are simulated, and how long vehicles run before they count."""

    from_: Day = Field(alias="from")
    vehicle_warm_up: Annotated[Quantity, quantity("s", low=0, high=86_400 * 60, bare=True)]


class BaselineDoc(Closed):
    """The world as documented on one day."""

    straits: Literal["baseline"]
    id: Ident
    title: Text
    extends: Text | None = None
    knowledge_until: Day
    decision_day: Day
    reference_year: Annotated[int, Field(ge=1980, le=2100)]
    history: HistoryDoc
    sites: dict[Ident, SiteDoc] = Field(min_length=2)
    crossings: dict[Ident, CrossingDoc] = Field(min_length=1)
    instruments: dict[Ident, InstrumentDoc] = Field(default_factory=dict)
    vehicle_classes: dict[VehicleClass, VehicleClassDoc] = Field(min_length=1)
    demand: DemandDoc
    stations: dict[Ident, StationDoc] = Field(default_factory=dict)
    controls: dict[Ident, ControlDoc] = Field(default_factory=dict)
    departures: dict[Ident, DepartureDoc] = Field(min_length=1)
    pools: dict[Ident, PoolDoc] = Field(default_factory=dict)
    roads: dict[Ident, RoadDoc] = Field(default_factory=dict)
    schemes: dict[Ident, SchemeDoc] = Field(default_factory=dict)
    incidents: dict[Ident, IncidentDoc] = Field(default_factory=dict)
    costs: CostsDoc = Field(default_factory=CostsDoc)
    people: PeopleDoc | None = None
    asylum: AsylumDoc | None = None
    observers: ObserversDoc | None = None
