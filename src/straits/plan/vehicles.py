"""From the world of a scenario to the vehicle plan: stations, routes, rosters, departures.

The plan holds every position that a dated instrument can give a control. Stations, streams and
decisions are numbered from the baseline alone, so two policies share them; what a policy
changes shows in routes (by the instant of entry), rosters and steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS, MAX_DAYS, ticks
from straits.base.errors import NumericalError
from straits.plan.berths import ashore, careful, sailing_links
from straits.plan.bookings import expected_demand
from straits.plan.buffers import station_columns
from straits.plan.choice import choice_columns
from straits.plan.dated import refuse_dated_structure, refuse_small_departures, sailings_of
from straits.plan.demand import World, origin_site, stream_list
from straits.plan.incidents import hit_sailings
from straits.plan.observed import observed_columns
from straits.plan.positions import (
    BEFORE,
    SEA,
    Position,
    Worlds,
    by_station,
    journey,
    positions,
    standing,
)
from straits.plan.roads import road_columns
from straits.plan.searches import load_cdf
from straits.plan.staffing import Roster, rosters_of
from straits.plan.steps import Steps, step_columns
from straits.tables.vehicles import DEPARTURE, PLACES, SERVED, VEHICLE_CLASSES, VehiclePlan

__all__ = ["compile_vehicles"]

# What the vehicle half reads; people's parameters may change every day without touching it.
SECTIONS: Final = ("crossings", "instruments", "vehicle_classes", "demand", "stations", "controls",
                   "departures", "pools", "roads", "schemes", "incidents")


def compile_vehicles(scenario: Worlds, first: date, days: int) -> VehiclePlan:
    """Return the vehicle plan for `days` days from `first`.

    Raises
    ------
    NumericalError
        If the horizon does not fit the clock.
    UserError
        If a date changes what holds for a whole run, or leaves a departure no capacity.
    """
    if days > MAX_DAYS:
        raise NumericalError(f"{days} days asked; the clock holds {MAX_DAYS}")
    starts = sorted({first, *scenario.breaks(first, first + timedelta(days), SECTIONS)})
    starts = [day for day in starts if first <= day < first + timedelta(days)]
    worlds = [(day, scenario.world_at(day)) for day in starts]
    refuse_dated_structure(worlds)
    refuse_small_departures(worlds)
    base = worlds[0][1]
    order = sorted(positions(base), key=lambda p: p.sort_key)
    names = tuple(dict.fromkeys(p.station for p in order))
    expected = expected_demand(worlds, first, days)
    steps = Steps.of(base, {name: k for k, name in enumerate(names)})
    route_index: dict[tuple[int, ...], int] = {}
    epochs: list[tuple[int, list[int]]] = []
    for day, world in worlds:
        routes = _routes(world, day, steps)
        numbers = [route_index.setdefault(route, len(route_index)) for route in routes]
        if not epochs or epochs[-1][1] != numbers:
            epochs.append(((day - first).days * DAY_TICKS, numbers))
    rosters = rosters_of(worlds, first, days, names, expected.rates)
    demand: dict[str, Any] = {
        "rates": expected.rates, "within_of_stream": expected.within_of_stream,
        "within_cdf": expected.within_cdf,
        **observed_columns(base, first, days, scenario.folder),
        **choice_columns(worlds, first, days),
    }
    return _arrays(worlds, names, demand, steps, list(route_index), epochs, rosters)


def _routes(world: World, day: date, steps: Steps) -> list[tuple[int, ...]]:
    """Return every stream's route as steps; a stream that goes nowhere has an empty one."""
    use = sorted(standing(world, day), key=lambda p: p.sort_key)
    routes: list[tuple[int, ...]] = []
    for stream in stream_list(world):
        route = journey(use, stream)
        routes.append(tuple(
            steps.add(world, route, place, stream[2]) for place in range(len(route))
        ))
    return routes


def _arrays(
    worlds: list[tuple[date, World]],
    names: tuple[str, ...],
    demand: Mapping[str, Any],
    steps: Steps,
    routes: list[tuple[int, ...]],
    epochs: list[tuple[int, list[int]]],
    rosters: tuple[list[Roster], list[Roster]],
) -> VehiclePlan:
    """Pack everything into the plan's arrays."""
    first, world = worlds[0]
    days = demand["rates"].shape[0]
    streams = stream_list(world)
    places = by_station(world)
    where = {name: places[name][-1] for name in names}
    groups = list(world["demand"]["groups"])
    group_of = {(c, k): i for i, g in enumerate(world["demand"]["groups"].values())
                for c in g["crossings"] for k in g["classes"]}
    departures = [where[n].spec if where[n].phase == SEA else None for n in names]
    widest = max(int(k) for c in VEHICLE_CLASSES if c in world["vehicle_classes"]
                 for k in world["vehicle_classes"][c]["occupants"])
    none: Roster = ([], [])
    served = [none if d else r for d, r in zip(departures, rosters[0], strict=True)]

    def whole(values: list[Any]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    def firsts(lengths: list[int]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    kinds = whole([DEPARTURE if d else SERVED for d in departures])
    ships = _sailing_columns(worlds, names, where, days)
    rooms = station_columns(world, names, places)

    def of_departure(key: str) -> NDArray[np.int64]:
        out = []
        for d in departures:
            if d is None:
                out.append(0)
                continue
            crossing = world["crossings"][d["crossing"]]
            value = float(d[key] if key in d else crossing[key])
            out.append(ticks(value) if value > 0.0 else 0)
        return whole(out)

    return VehiclePlan(
        days=days,
        stream_names=tuple("/".join(stream) for stream in streams),
        stream_class=whole([VEHICLE_CLASSES.index(kind) for _, _, kind in streams]),
        **demand,
        dispersion_group=whole([group_of.get((c, k), 0) for c, _, k in streams]),
        dispersion_cv=np.array([float(world["demand"]["groups"][g]["day_cv"]) for g in groups]),
        occupants_cdf=_occupants_cdf(world, widest),
        class_length_dm=whole([
            round(10 * float(world["vehicle_classes"].get(c, {"length": 0.0})["length"]))
            for c in VEHICLE_CLASSES
        ]),
        load_cdf=load_cdf(world, steps.loads),
        place_of_stream=whole([_place(world, *stream) for stream in streams]),
        epoch_start=whole([at for at, _ in epochs]),
        route_of=whole([numbers for _, numbers in epochs]),
        route_first=firsts([len(route) for route in routes]),
        route_step=whole([step for route in routes for step in route]),
        station_names=names,
        station_kind=kinds,
        station_place=whole([_exposed(where[n]) for n in names]),
        roster_first=firsts([len(at) for at, _ in served]),
        roster_at=whole([at for instants, _ in served for at in instants]),
        roster_servers=whole([c for _, servers in served for c in servers]),
        pool_first=firsts([len(at) for at, _ in rosters[1]]),
        pool_at=whole([at for instants, _ in rosters[1] for at in instants]),
        pool_servers=whole([c for _, servers in rosters[1] for c in servers]),
        station_cut_off=of_departure("cut_off"),
        station_crossing=of_departure("crossing_time"),
        station_unload_gap=of_departure("unload_gap"),
        station_foot=np.array([
            float(d.get("foot_passengers") or 0.0) if d else 0.0 for d in departures
        ]),
        **step_columns(steps),
        **ships,
        **rooms,
        station_careful=careful(kinds, ashore(names, places), rooms["station_buffer"],
                                ships["sailing_first"], ships["sailing_link"]),
        **road_columns(world, first),
    )


def _sailing_columns(
    worlds: list[tuple[date, World]],
    names: tuple[str, ...],
    where: Mapping[str, Position],
    days: int,
) -> dict[str, Any]:
    """Return when each departure sails, how much it takes, and whose berth it waits for."""
    first, world = worlds[0]
    instants: list[NDArray[np.int64]] = []
    capacities: list[NDArray[np.int64]] = []
    chances: list[NDArray[np.float64]] = []
    for name in names:
        place = where[name]
        at, capacity = np.empty(0, np.int64), np.empty(0, np.int64)
        cancelled = np.empty(0)
        if place.phase == SEA:
            zone = world["sites"][place.site]["time_zone"]
            at, capacity, cancelled = sailings_of(worlds, name, zone, first, days)
            hit_sailings(at, (capacity, cancelled), place, worlds, first)
        instants.append(at)
        capacities.append(capacity)
        chances.append(cancelled)
    begins = np.concatenate([[0], np.cumsum([at.size for at in instants])]).astype(np.int64)
    return {
        "sailing_first": begins,
        "sailing_at": np.concatenate(instants),
        "sailing_capacity": np.concatenate(capacities),
        "sailing_cancel": np.concatenate(chances),
        "sailing_link": sailing_links(world, where, names, instants, begins),
    }


def _occupants_cdf(world: World, widest: int) -> NDArray[np.float64]:
    """Return P(occupants <= k + 1) by class."""
    cdf = np.ones((len(VEHICLE_CLASSES), widest))
    for row, name in enumerate(VEHICLE_CLASSES):
        kind = world["vehicle_classes"].get(name)
        if kind:
            shares = np.zeros(widest)
            for people, share in kind["occupants"].items():
                shares[int(people) - 1] = float(share)
            cdf[row] = np.cumsum(shares) / shares.sum()
            cdf[row, -1] = 1.0
    return cdf


def _place(world: World, crossing: str, direction: str, kind: str) -> int:
    site = origin_site(world, crossing, direction)
    boards = kind == "hgv_accompanied" and direction == "to_uk" and site in PLACES
    return PLACES.index(site) if boards else -1


def _exposed(position: Position) -> int:
    """Return the place whose people can reach lorries standing here, or -1."""
    if position.phase != BEFORE or position.moved or not position.spec.get("exposed"):
        return -1
    return PLACES.index(position.site) if position.site in PLACES else -1
