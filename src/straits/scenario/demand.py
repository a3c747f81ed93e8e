"""Documents of demand: volumes, profiles, dated events, bookings, observed arrivals, choice."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from straits.scenario.closed import (
    Closed,
    Day,
    Direction,
    Ident,
    MonthDay,
    SourceKeys,
    Text,
    VehicleClass,
    spread_origin,
)
from straits.scenario.quantity import Numbers, Quantity, numbers, quantity

__all__ = [
    "BookingDoc", "ChoiceDoc", "ColumnsDoc", "DemandDoc", "GroupDoc", "HolidayDoc", "ObservedDoc",
    "RetimingDoc", "SurgeDoc", "TiltDoc",
]  # fmt: skip

_NONE_S = Quantity(value=0.0, unit="s", bare=True)

Factor = Annotated[Quantity, quantity(low=0, high=20)]
HourNumbers = Annotated[Numbers, numbers(length=24, low=0)]
WeekNumbers = Annotated[Numbers, numbers(length=7, low=0)]


class BookingDoc(Closed):
    """Vehicles that booked a departure and arrive for it: how many, and how long before it.

    The time before the departure is lognormal, moved so that it ends `latest` after it.
    """

    kind: Literal["ferry", "shuttle"] | None = None
    share: Annotated[Quantity, quantity(low=0, high=1)]
    early: Annotated[Quantity, quantity("s", low=0, high=43_200)]
    spread: Annotated[Quantity, quantity("s", low=60, high=43_200)]
    latest: Annotated[Quantity, quantity("s", low=0, high=21_600, bare="zero")] = _NONE_S


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
    booking: BookingDoc | None = None


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


class ColumnsDoc(Closed):
    """The headings under which a file of arrivals has what is needed."""

    time: Text
    count: Text | None = None
    crossing: Text | None = None
    direction: Text | None = None
    class_: Text | None = Field(default=None, alias="class")
    id: Text | None = None


class ObservedDoc(Closed):
    """A file of arrivals that were observed: one row a vehicle, or counts by interval."""

    file: Text
    sheet: Text | None = None
    crossing: Ident | None = None
    direction: Direction | None = None
    class_: VehicleClass | None = Field(default=None, alias="class")
    columns: ColumnsDoc
    words: dict[Text, Ident] = Field(default_factory=dict)
    interval: Annotated[Quantity, quantity("s", low=1, high=86_400, bare=True)] | None = None
    time_zone: Text
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    source: SourceKeys | None = None
    assumed: Text | None = None


class RetimingDoc(Closed):
    """Vehicles that may come at another hour of their day, where yesterday's wait was smaller."""

    share: Annotated[Quantity, quantity(low=0, high=1)]
    wait_sensitivity: Annotated[Quantity, quantity("1/h", low=0, high=20)]


class ChoiceDoc(Closed):
    """Classes that choose among crossings, or an hour, by the waits of the day before."""

    crossings: list[Ident] = Field(min_length=1)
    classes: list[VehicleClass] = Field(min_length=1)
    wait_sensitivity: Annotated[Quantity, quantity("1/h", low=0, high=20)] | None = None
    retiming: RetimingDoc | None = None


class DemandDoc(Closed):
    """Vehicles of the reference year by crossing and class, and how they spread over it."""

    volumes: dict[
        Ident, dict[VehicleClass, Annotated[Quantity, quantity("vehicles", low=0, high=1e9)]]
    ]
    groups: dict[Ident, GroupDoc]
    holidays: list[HolidayDoc] = Field(default_factory=list)
    tilts: list[TiltDoc] = Field(default_factory=list)
    surges: list[SurgeDoc] = Field(default_factory=list)
    observed: list[ObservedDoc] = Field(default_factory=list)
    choice: dict[Ident, ChoiceDoc] = Field(default_factory=dict)
