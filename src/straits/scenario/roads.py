"""Documents of roads: approaches with their junctions, and the schemes that hold lorries."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from straits.scenario.closed import Closed, Day, Direction, Ident, Text, VehicleClass
from straits.scenario.quantity import Quantity, quantity
from straits.scenario.servers import Share

__all__ = ["AvailableDoc", "JunctionDoc", "PhaseDoc", "RoadDoc", "SchemeDoc"]

_NOBODY = Quantity(value=0.0, bare=True)

Length = Annotated[Quantity, quantity("m", low=0, high=1e6)]


class JunctionDoc(Closed):
    """A place on a road that people know, and how far it is from the first station."""

    name: Text
    distance: Length


class RoadDoc(Closed):
    """An approach: where vehicles stand when their first station is full."""

    name: Text
    site: Ident
    direction: Direction
    crossings: list[Ident] = Field(min_length=1)
    classes: list[VehicleClass] = Field(min_length=1)
    lanes: Annotated[Quantity, quantity(low=1, high=8)]
    length: Annotated[Quantity, quantity("m", low=1, high=1e6)] | None = None
    junctions: dict[Ident, JunctionDoc] = Field(default_factory=dict)


class PhaseDoc(Closed):
    """A part of a holding scheme: how many vehicles it and the parts before it hold."""

    name: Text
    capacity: Annotated[Quantity, quantity("vehicles", low=0, high=1e6)]


class AvailableDoc(Closed):
    """Days on which a scheme can be used, both included."""

    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class SchemeDoc(Closed):
    """A traffic plan that holds vehicles off the last stretch and lets them go by and by."""

    name: Text
    roads: list[Ident] = Field(min_length=1)
    classes: list[VehicleClass] = Field(min_length=1)
    phases: list[PhaseDoc] = Field(min_length=1, max_length=20)
    starts_at: Length
    ends_at: Length
    release_below: Length
    release_rate: Annotated[Quantity, quantity("vehicles/h", low=0, high=100_000)]
    compliance: Share | None = None
    unready: Annotated[Quantity, quantity(low=0, high=1, bare="zero")] = _NOBODY
    available: AvailableDoc | None = None
