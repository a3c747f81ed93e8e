"""From the world of a scenario to the people plan: one row of parameters a day, and the search.

Rates by month become rates by day. What hangs on several parts of the world is worked out here:
the season of attempts, whether the UK's entry control and search stand before departure at each
place, and the search regime that people meet when no vehicles are simulated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS
from straits.base.names import decision_ids
from straits.tables.people import DECISIONS, PeoplePlan
from straits.tables.people_parameters import MONTH_DAYS, Param
from straits.tables.vehicles import PLACES

__all__ = ["compile_people", "is_about_people"]

World = Mapping[str, Any]

# Access at which the weights of lorries and tickets are stated, near that of 2013 to 2016: a larger
# exponent of access then moves attempts between places, and not all of them to tickets. Any other
# value would do with other weights of tickets.
_ACCESS: Final = 0.17

_PEOPLE_PATHS: Final = frozenset(param.path for param in Param)
_SEARCHED: Final = ("share", "targeting", "sensitivity")


class _Worlds(Protocol):
    """What the compiler needs of a scenario."""

    def world_at(self, day: date) -> World:
        """Return the resolved values of one day."""

    def breaks(self, first: date, last: date) -> list[date]:
        """Return the days on which they change."""


@dataclass(frozen=True, slots=True)
class _Search:
    """What stands before the sea at one place, and what the search there does."""

    share: float = 0.0
    targeting: float = 1.0
    sensitivity: float = 0.0
    before_sea: int = 0
    entry_before_sea: int = 0


def compile_people(
    scenario: _Worlds, first: date, last: date, decision_day: date | None = None
) -> PeoplePlan:
    """Return the people plan for the days from `first` to `last`, both included.

    Parameters
    ----------
    scenario : Scenario
        Anything with ``world_at`` and ``breaks``.
    first, last : date
        Origin of the plan, the first day of the history, and the horizon.
    decision_day : date, optional
        Day from which policies and the elasticity act; taken from the world when absent.
    """
    days = last.toordinal() - first.toordinal() + 1
    starts = sorted({first, *(day for day in scenario.breaks(first, last) if first < day <= last)})
    start_world = scenario.world_at(first)
    turn = decision_day if decision_day is not None else start_world.get("decision_day")
    turning = (turn - first).days if isinstance(turn, date) else days
    parameters = np.zeros((days, len(Param)))
    search = np.zeros((3, days, len(PLACES)))
    standing = np.zeros((2, days, len(PLACES)), np.int8)
    ends = [*starts[1:], last + timedelta(1)]
    for start, end in zip(starts, ends, strict=True):
        world = start_world if start == first else scenario.world_at(start)
        rows = slice((start - first).days, (end - first).days)
        parameters[rows] = _row(world)
        for place, found in enumerate(_search_at(world, name, start) for name in PLACES):
            search[:, rows, place] = np.array(
                [found.share, found.targeting, found.sensitivity]
            )[:, None]
            standing[:, rows, place] = np.array([found.entry_before_sea, found.before_sea])[:, None]
    parameters[: max(0, min(turning, days)), Param.INFLOW_OUTLOOK] = 1.0
    # A route that is half open offers half its places: the ramp of a policy builds it up.
    parameters[:, Param.LODGE_CAPACITY] *= parameters[:, Param.LODGE_OPEN]
    parameters[:, Param.CENTRE_CAPACITY] *= parameters[:, Param.CENTRE_OPEN]
    parameters[:, Param.ONE_CAPACITY] *= parameters[:, Param.ONE_OPEN]
    _season(parameters, start_world, first)
    without_ticket = [*range(Param.WEIGHT_CALAIS, Param.WEIGHT_DUNKIRK + 1),
                      Param.WEIGHT_TRAIN, Param.WEIGHT_BOAT]
    parameters[:, without_ticket] *= _ACCESS ** -parameters[:, Param.CHOICE_ACCESS, None]
    _prices(parameters)
    ids = decision_ids(DECISIONS)
    people, asylum = start_world["people"], start_world["asylum"]
    return PeoplePlan(
        days=days,
        parameters=parameters,
        share=search[0],
        targeting=search[1],
        sensitivity=search[2],
        uk_entry_juxtaposed=standing[0],
        search_before_sea=standing[1],
        exposure=_exposure(people["exposure"]),
        decisions=np.array([ids[name] for name in DECISIONS], np.uint64),
        decision_day=turning,
        start_stock=round(people["start"]["stock"]),
        start_backlog=np.array(
            [round(asylum[state]["backlog_at_start"]) for state in ("uk", "france")], np.int64
        ),
    )


def is_about_people(path: str) -> bool:
    """Say whether the people plan is compiled from the number at a path of the document.

    An assumption on other numbers changes nothing for people whose vehicles are not simulated.
    """
    if path in _PEOPLE_PATHS or path.startswith("people."):
        return True
    part = path.split(".")
    return part[0] == "asylum" or (
        len(part) == 3 and part[0] == "controls" and part[2] in _SEARCHED)


def _row(world: World) -> NDArray[np.float64]:
    """Return the parameters of one day, rates by month held a day."""
    row = np.empty(len(Param))
    for param in Param:
        value: Any = world
        for part in param.path.split("."):
            value = value[part]
        row[param] = float(value) / MONTH_DAYS if param.unit == "1/month" else float(value)
    return row


def _season(parameters: NDArray[np.float64], world: World, first: date) -> None:
    """Turn the season's amplitude into each day's factor on attempts."""
    peak = float(world["people"]["attempts"]["season_peak"])
    for day in range(len(parameters)):
        of_year = (first + timedelta(day)).timetuple().tm_yday
        wave = math.cos(2.0 * math.pi * (of_year - peak) / 365.0)
        parameters[day, Param.SEASON] = math.exp(parameters[day, Param.SEASON] * wave)


def _prices(parameters: NDArray[np.float64]) -> None:
    """Put what ways cost into their weights; who goes to a train on foot pays nobody."""
    against = -parameters[:, Param.CHOICE_PRICE]
    for place in range(len(PLACES)):
        parameters[:, Param.WEIGHT_CALAIS + place] *= parameters[:, Param.PRICE_LORRY] ** against
    parameters[:, Param.WEIGHT_BOAT] *= parameters[:, Param.PRICE_BOAT] ** against


def _exposure(lists: Mapping[str, Any]) -> NDArray[np.int64]:
    """Return stationary lorry-time by place and UTC hour [ticks a day]."""
    hours = np.array([lists[place] for place in PLACES], float)
    return np.asarray(np.rint(hours * HOUR_TICKS), np.int64)


def _search_at(world: World, place: str, day: date) -> _Search:
    """Return what a person in a lorry bound for the UK from `place` meets on a day."""
    crossings = {
        name for name, spec in world.get("crossings", {}).items() if spec["fr_site"] == place
    }
    entry, search = 0, _Search()
    for spec in world.get("controls", {}).values():
        covers = crossings.intersection(spec["crossings"])
        lorries = "hgv_accompanied" in spec["classes"]
        if spec["direction"] != "to_uk" or not covers:
            continue
        before = int(_stands_before_sea(world, spec, place, day))
        if spec["kind"] == "entry" and spec["by"] == "UK":
            entry = max(entry, before)
        elif spec["kind"] == "search" and lorries:
            search = _Search(
                float(spec["share"]), float(spec["targeting"]), float(spec["sensitivity"]), before
            )
    return _Search(search.share, search.targeting, search.sensitivity, search.before_sea, entry)


def _stands_before_sea(world: World, spec: Mapping[str, Any], place: str, day: date) -> bool:
    """Say whether a control stands on the shore of departure on a day."""
    if spec["sited_in"] != place:
        return False
    under = spec.get("under")
    if not under:
        return True
    treaty = world["instruments"][under]
    return bool(treaty["in_force"] <= day and (treaty["ends"] is None or day < treaty["ends"]))
