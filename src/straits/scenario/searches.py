"""Documents of a search's parts: techniques in order, and the examination that they refer to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from straits.scenario.closed import Closed, Ident, Text, VehicleClass
from straits.scenario.quantity import Quantity, quantity
from straits.scenario.servers import Buffer, ServersDoc, ServiceDoc, Share

__all__ = ["SecondaryDoc", "TechniqueDoc"]

_NONE_S = Quantity(value=0.0, unit="s", bare=True)
_NEVER = Quantity(value=0.0, bare=True)


class _PartDoc(Closed):
    """What the parts of a search share."""

    name: Text
    service: dict[VehicleClass, ServiceDoc]
    servers: ServersDoc | None = None
    transit: Annotated[Quantity, quantity("s", low=0, high=86_400, bare="zero")] = _NONE_S
    buffer: Buffer | None = None
    pool: Ident | None = None
    sensitivity: Share | None = None
    by_load: dict[Ident, Share] = Field(default_factory=dict)


class TechniqueDoc(_PartDoc):
    """A dog, a probe, a scanner: techniques of the same order work at the same time."""

    order: Annotated[int, Field(ge=1, le=9)]
    share: Share | None = None
    false_alarm: Annotated[Quantity, quantity(low=0, high=1, bare="zero")] = _NEVER


class SecondaryDoc(_PartDoc):
    """The examination of vehicles at which a technique has raised an alarm."""
