"""What stands behind the numbers of a plan: who checks where, and what things cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["NO_STATIONS", "JunctionLegend", "Legend", "PhaseLegend", "RoadLegend", "SchemeLegend",
           "StationLegend"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StationLegend:
    """One physical station, in words."""

    station: str
    label: str
    site: str
    direction: str  # to_uk or to_fr
    phase: int  # 0 before the sea, 1 departure, 2 after the sea
    kind: str  # check_in, exit, entry, search, customs, departure
    by: str  # UK, FR or "" for operators


@dataclass(frozen=True, slots=True)
class JunctionLegend:
    """A place on a road that people know."""

    label: str
    distance_dm: int  # from the first station, along the road


@dataclass(frozen=True, slots=True)
class RoadLegend:
    """One approach, in words; its junctions from the nearest on.

    A queue takes ``lanes`` rows: vehicles whose spacing adds up to x stand x / lanes back.
    """

    road: str
    label: str
    site: str
    direction: str  # to_uk or to_fr
    lanes: int
    length_dm: int  # that the road can hold before it reaches others, 0 where nothing says so
    junctions: tuple[JunctionLegend, ...]


@dataclass(frozen=True, slots=True)
class PhaseLegend:
    """A part of a holding scheme."""

    label: str
    vehicles: int  # that it and the phases before it hold


@dataclass(frozen=True, slots=True)
class SchemeLegend:
    """One holding scheme, in words."""

    scheme: str
    label: str
    roads: tuple[str, ...]
    phases: tuple[PhaseLegend, ...]


@dataclass(frozen=True, slots=True)
class Legend:
    """The plan's stations and streams in words, and the prices of a day's world.

    `delay_cost` is by class [GBP/h]; `prices` are the unit costs of the baseline's
    ``costs.public`` [GBP per the unit that each names], `payers` who bears them.
    """

    stations: tuple[StationLegend, ...]
    streams: tuple[tuple[str, str, str], ...]  # crossing, direction, class
    classes: tuple[str, ...]
    lengths_m: tuple[float, ...]
    delay_cost: Mapping[str, float]
    prices: Mapping[str, float]
    payers: Mapping[str, str]
    weekday: int  # of the vehicle plan's day 0, Monday 0
    window_weekday: int  # of the window's first day
    instruments: Mapping[str, bool]  # in force on the last day
    volumes: tuple[float, ...]  # by stream: half of the reference year's volume [vehicles]
    expected: tuple[float, ...]  # by stream: expected arrivals in the window [vehicles]
    spacings_m: tuple[float, ...] = ()  # by class: road that a standing vehicle takes
    pools: tuple[tuple[str, str], ...] = ()  # id and name, in the plan's order
    roads: tuple[RoadLegend, ...] = ()  # in the plan's order
    schemes: tuple[SchemeLegend, ...] = ()


NO_STATIONS: Final = Legend(
    stations=(), streams=(), classes=(), lengths_m=(), delay_cost={}, prices={}, payers={},
    weekday=0, window_weekday=0, instruments={}, volumes=(), expected=(),
)  # fmt: skip
"""The legend of people alone, for measures that need no vehicles."""
