"""Documents of demand: volumes, profiles, holidays, tilts, surges."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from straits.scenario.closed import (
    Closed,
    Day,
    Direction,
    Ident,
    MonthDay,
    VehicleClass,
    spread_origin,
)
from straits.scenario.quantity import Numbers, Quantity, numbers, quantity

__all__ = ["DemandDoc", "GroupDoc", "HolidayDoc", "SurgeDoc", "TiltDoc"]

Factor = Annotated[Quantity, quantity(low=0, high=20)]
HourNumbers = Annotated[Numbers, numbers(length=24, low=0)]
WeekNumbers = Annotated[Numbers, numbers(length=7, low=0)]


class GroupDoc(Closed):
    """Classes and crossings whose traffic has the same shape over year, week and day."""

    crossings: list[Ident] = Field(min_length=1)
    classes: list[VehicleClass] = Field(min_length=1)
    day_cv: Annotated[Quantity, quantity(low=0, high=3, bare="zero")]
    month: Annotated[Numbers, numbers(length=12, low=0)]
    weekday: WeekNumbers
    weekday_holidays: WeekNumbers | None = None
    hour_to_fr: HourNumbers
    hour_to_uk: HourNumbers


class HolidayDoc(Closed):
    """Days of the year on which the holiday weekday profile holds, both included."""

    from_: MonthDay = Field(alias="from")
    to: MonthDay


class TiltDoc(Closed):
    """Days of the year on which one direction is busier than the other; the mean is one."""

    groups: list[Ident] = Field(min_length=1)
    from_: MonthDay = Field(alias="from")
    to: MonthDay
    to_fr: Factor
    to_uk: Factor

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, raw: Any) -> Any:
        return spread_origin(raw, ("to_fr", "to_uk"))


class SurgeDoc(Closed):
    """Dated days on which one direction has a multiple of its usual traffic."""

    groups: list[Ident] = Field(min_length=1)
    direction: Direction
    from_: Day = Field(alias="from")
    to: Day
    factor: Factor

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, raw: Any) -> Any:
        return spread_origin(raw, ("factor",))


class DemandDoc(Closed):
    """Vehicles of the reference year by crossing and class, and how they spread over it."""

    volumes: dict[
        Ident, dict[VehicleClass, Annotated[Quantity, quantity("vehicles", low=0, high=1e9)]]
    ]
    groups: dict[Ident, GroupDoc]
    holidays: list[HolidayDoc] = Field(default_factory=list)
    tilts: list[TiltDoc] = Field(default_factory=list)
    surges: list[SurgeDoc] = Field(default_factory=list)
