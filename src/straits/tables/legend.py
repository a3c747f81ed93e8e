"""What stands behind the numbers of a plan: who checks where, and what things cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Legend", "StationLegend"]


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
