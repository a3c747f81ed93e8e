"""From the world of a scenario to the vehicle plan: stations, routes, rosters, departures.

The plan holds every position that a dated instrument can give a control. Stations, streams and
decisions are numbered from the baseline alone, so two policies share them; what a policy
changes shows in routes (by the instant of entry), rosters and steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS, HOUR_TICKS, MAX_DAYS, ticks
from straits.base.errors import NumericalError
from straits.base.names import decision_ids
from straits.engine.variates import constant_table, lognormal_table
from straits.plan.dated import SPACE_UNIT, refuse_dated_structure, sailings_of
from straits.plan.demand import World, expected_arrivals, origin_site, stream_list
from straits.plan.positions import AFTER, BEFORE, SEA, Position, Worlds, positions, standing
from straits.plan.rosters import (
    planned_servers,
    roster_changes,
    shifted,
    written_servers,
)
from straits.tables.vehicles import DEPARTURE, PLACES, SERVED, VEHICLE_CLASSES, VehiclePlan

__all__ = ["compile_vehicles", "lags_of"]

# A moved check's old position keeps its roster this long, to serve out its queue.
DRAIN_DAYS = 7
# What the vehicle half reads; people's parameters may change every day without touching it.
SECTIONS = ("crossings", "instruments", "vehicle_classes", "demand", "stations", "controls",
            "departures")


@dataclass(slots=True)
class _Steps:
    """Steps found so far; equal steps are stored once."""

    index: dict[tuple[Any, ...], int] = field(default_factory=dict)
    tables: dict[float, int] = field(default_factory=lambda: {0.0: 0})

    def add(self, row: tuple[Any, ...]) -> int:
        return self.index.setdefault(row, len(self.index))


def compile_vehicles(scenario: Worlds, first: date, days: int) -> VehiclePlan:
    """Return the vehicle plan for `days` days from `first`.

    Raises
    ------
    NumericalError
        If the horizon does not fit the clock.
    """
    if days > MAX_DAYS:
        raise NumericalError(f"{days} days asked; the clock holds {MAX_DAYS}")
    starts = sorted({first, *scenario.breaks(first, first + timedelta(days), SECTIONS)})
    starts = [day for day in starts if first <= day < first + timedelta(days)]
    worlds = [(day, scenario.world_at(day)) for day in starts]
    refuse_dated_structure(worlds)
    base = worlds[0][1]
    order = sorted(positions(base), key=lambda p: p.sort_key)
    names = tuple(dict.fromkeys(p.station for p in order))
    stations = {name: k for k, name in enumerate(names)}
    rates = _rates(worlds, first, days)
    steps = _Steps()
    route_index: dict[tuple[int, ...], int] = {}
    epochs: list[tuple[int, list[int]]] = []
    for day, world in worlds:
        routes = _routes(world, day, stations, steps)
        numbers = [route_index.setdefault(route, len(route_index)) for route in routes]
        if not epochs or epochs[-1][1] != numbers:
            epochs.append(((day - first).days * DAY_TICKS, numbers))
    rosters = _rosters(worlds, first, days, stations, rates)
    return _arrays(worlds, names, rates, steps, list(route_index), epochs, rosters)


def _rates(worlds: list[tuple[date, World]], first: date, days: int) -> NDArray[np.float64]:
    """Return expected arrivals; each stretch of days uses its own world's demand."""
    parts: list[tuple[int, Mapping[str, Any]]] = []
    for day, world in worlds:
        if not parts or parts[-1][1]["demand"] != world["demand"]:
            parts.append(((day - first).days, world))
    rates = expected_arrivals(parts[0][1], first, days)
    for offset, world in parts[1:]:
        rates[offset:] = expected_arrivals(world, first, days)[offset:]
    return rates


def _routes(
    world: World, day: date, stations: Mapping[str, int], steps: _Steps
) -> list[tuple[int, ...]]:
    """Return every stream's route as steps; a stream that goes nowhere has an empty one."""
    use = sorted(standing(world, day), key=lambda p: p.sort_key)
    routes: list[tuple[int, ...]] = []
    for crossing, direction, kind in stream_list(world):
        route = [
            steps.add(_step(position, kind, stations, steps))
            for position in use
            if position.direction == direction
            and crossing in position.crossings
            and kind in position.spec["classes"]
        ]
        routes.append(tuple(route))
    return routes


def _step(
    position: Position, kind: str, stations: Mapping[str, int], steps: _Steps
) -> tuple[Any, ...]:
    """Return the row of one step; see ``VehiclePlan`` for its columns."""
    spec, stage = position.spec, position.stage
    station = stations[position.station]
    if position.phase == SEA:
        space = round(SPACE_UNIT * spec["space"][kind])
        return (station, stage, 0.0, 0.0, 0, 1, 1.0, 1.0, 0.0, 0, 0, space)
    service = spec["service"][kind]
    cv = float(service["cv"])
    share = float(spec.get("share") or 1.0) if spec.get("kind") == "search" else 1.0
    if spec.get("kind") == "search":
        share = float(spec["share"])
        targeted = min(1.0, share * float(spec.get("targeting") or 1.0))
        sensitivity, find = float(spec["sensitivity"]), ticks(float(spec["find_time"]))
    else:
        targeted, sensitivity, find = share, 0.0, 0
    return (
        station, stage, 1024.0 * float(service["fixed"]),
        1024.0 * float(service["per_occupant"]), steps.tables.setdefault(cv, len(steps.tables)),
        ticks(float(spec["transit"])), share, targeted, sensitivity, find,
        int(position.phase == AFTER), 0,
    )


def _rosters(
    worlds: list[tuple[date, World]],
    first: date,
    days: int,
    stations: Mapping[str, int],
    rates: NDArray[np.float64],
) -> list[tuple[list[int], list[int]]]:
    """Return each station's roster changes (instants [ticks], servers)."""
    quarters = np.zeros((len(stations), 96 * days), np.int64)
    standing_before: set[str] = set()
    for k, (day, world) in enumerate(worlds):
        start = (day - first).days
        end = (worlds[k + 1][0] - first).days if k + 1 < len(worlds) else days
        now = standing(world, day)
        in_use = {p.station for p in now if p.phase != SEA}
        for name, servers in _plan_servers(world, first, (start, end), now, rates).items():
            quarters[stations[name], 96 * start : 96 * end] = servers
        for name in standing_before - in_use:
            # What has moved away serves out its queue on its old roster, then closes.
            old = quarters[stations[name]]
            stop = min(start + DRAIN_DAYS, days)
            for drained in range(start, stop):
                source = max(drained - 7, 0)
                old[96 * drained : 96 * (drained + 1)] = old[96 * source : 96 * (source + 1)]
        standing_before = in_use
    return [roster_changes(row, HOUR_TICKS // 4) for row in quarters]


def _plan_servers(
    world: World, first: date, days: tuple[int, int], use: list[Position],
    rates: NDArray[np.float64],
) -> dict[str, NDArray[np.int64]]:
    """Return servers on duty by quarter of an hour in [days[0], days[1]), by station in use."""
    start, end = days
    # What reaches the far shore today left up to some hours before midnight.
    early = max(start - 1, 0)
    before = 24 * (start - early)
    hourly = rates[early:end].reshape(-1, rates.shape[2])
    streams = stream_list(world)
    lags = lags_of(world)
    load: dict[str, NDArray[np.float64]] = {}
    rule: dict[str, Mapping[str, Any]] = {}
    site: dict[str, str] = {}
    for position in use:
        if position.phase == SEA:
            continue
        spec = position.spec
        site[position.station] = position.site
        if position.servers:
            rule[position.station] = position.servers
        total = load.setdefault(position.station, np.zeros(24 * (end - start)))
        for index, (crossing, direction, kind) in enumerate(streams):
            if (direction != position.direction or crossing not in position.crossings
                    or kind not in spec["classes"]):
                continue
            service = spec["service"][kind]
            people = _mean_occupants(world["vehicle_classes"][kind])
            mean_s = float(service["fixed"]) + people * float(service["per_occupant"])
            share = float(spec["share"]) if spec.get("kind") == "search" else 1.0
            lag = lags[(crossing, direction)] if position.phase == AFTER else 0.0
            total += shifted(hourly[:, index], lag)[before:] * (share * mean_s / 3600.0)
    out = {}
    for name, total in load.items():
        if rule[name].get("roster"):
            zone = world["sites"][site[name]]["time_zone"]
            out[name] = written_servers(
                rule[name]["roster"], first + timedelta(start), 24 * (end - start), zone)
        else:
            out[name] = np.repeat(planned_servers(total, rule[name]), 4)
    return out


def _mean_occupants(kind: Mapping[str, Any]) -> float:
    shares = kind["occupants"]
    return sum(int(k) * float(v) for k, v in shares.items()) / sum(map(float, shares.values()))


def lags_of(world: World) -> dict[tuple[str, str], float]:
    """Return the mean time from arrival to the far shore [h], for planning rosters."""
    lags = {}
    for spec in world["departures"].values():
        table = spec["timetable"]
        daily = float(table.get("per_day") or 0) or sum(map(float, table.get("weekday") or ()))
        daily = max(daily, 1.0)  # where nothing departs, no roster depends on it
        crossing = world["crossings"][spec["crossing"]]
        seconds = float(spec["cut_off"]) + 43_200.0 / daily + float(crossing["crossing_time"])
        lags[(spec["crossing"], spec["direction"])] = seconds / 3600.0
    return lags


def _arrays(
    worlds: list[tuple[date, World]],
    names: tuple[str, ...],
    rates: NDArray[np.float64],
    steps: _Steps,
    routes: list[tuple[int, ...]],
    epochs: list[tuple[int, list[int]]],
    rosters: list[tuple[list[int], list[int]]],
) -> VehiclePlan:
    """Pack everything into the plan's arrays."""
    world = worlds[0][1]
    days = rates.shape[0]
    rows = list(steps.index)
    stages = sorted({row[1] for row in rows})
    ids = decision_ids(f"{s}.{what}" for s in stages for what in ("service", "select", "find"))
    streams = stream_list(world)
    where = {p.station: p for p in positions(world)}
    groups = list(world["demand"]["groups"])
    group_of = {(c, k): i for i, g in enumerate(world["demand"]["groups"].values())
                for c in g["crossings"] for k in g["classes"]}
    departures = [where[n].spec if where[n].phase == SEA else None for n in names]
    none = np.empty(0, np.int64)
    sail = [
        sailings_of(worlds, n, world["sites"][where[n].site]["time_zone"], worlds[0][0], days)
        if d else (none, none)
        for n, d in zip(names, departures, strict=True)
    ]
    widest = max(int(k) for c in VEHICLE_CLASSES if c in world["vehicle_classes"]
                 for k in world["vehicle_classes"][c]["occupants"])

    def whole(values: list[Any]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    def column(k: int) -> list[Any]:
        return [row[k] for row in rows]

    def firsts(lengths: list[int]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def decisions(what: str) -> NDArray[np.uint64]:
        return np.array([ids[f"{row[1]}.{what}"] for row in rows], np.uint64)

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

    closed = [([], []) if d else r for d, r in zip(departures, rosters, strict=True)]
    return VehiclePlan(
        days=days,
        stream_names=tuple("/".join(stream) for stream in streams),
        stream_class=whole([VEHICLE_CLASSES.index(kind) for _, _, kind in streams]),
        rates=rates,
        dispersion_group=whole([group_of.get((c, k), 0) for c, _, k in streams]),
        dispersion_cv=np.array([float(world["demand"]["groups"][g]["day_cv"]) for g in groups]),
        occupants_cdf=_occupants_cdf(world, widest),
        class_length_dm=whole([
            round(10 * float(world["vehicle_classes"].get(c, {"length": 0.0})["length"]))
            for c in VEHICLE_CLASSES
        ]),
        place_of_stream=whole([_place(world, *stream) for stream in streams]),
        epoch_start=whole([at for at, _ in epochs]),
        route_of=whole([numbers for _, numbers in epochs]),
        route_first=firsts([len(route) for route in routes]),
        route_step=whole([step for route in routes for step in route]),
        step_station=whole(column(0)),
        step_decision=decisions("service"),
        step_base=np.array(column(2), np.float64),
        step_per_occupant=np.array(column(3), np.float64),
        step_table=whole(column(4)),
        step_transit=whole(column(5)),
        step_select_decision=decisions("select"),
        step_share=np.array(column(6), np.float64),
        step_share_aboard=np.array(column(7), np.float64),
        step_find_decision=decisions("find"),
        step_sensitivity=np.array(column(8), np.float64),
        step_find_ticks=whole(column(9)),
        step_after_sea=whole(column(10)),
        step_space=whole(column(11)),
        quantiles=np.array([lognormal_table(cv) if cv else constant_table()
                            for cv in steps.tables]),
        station_names=names,
        station_kind=whole([DEPARTURE if d else SERVED for d in departures]),
        station_place=whole([_exposed(where[n]) for n in names]),
        roster_first=firsts([len(at) for at, _ in closed]),
        roster_at=whole([at for instants, _ in closed for at in instants]),
        roster_servers=whole([c for _, servers in closed for c in servers]),
        sailing_first=firsts([at.size for at, _ in sail]),
        sailing_at=np.concatenate([at for at, _ in sail]),
        sailing_capacity=np.concatenate([capacity for _, capacity in sail]),
        station_cut_off=of_departure("cut_off"),
        station_crossing=of_departure("crossing_time"),
        station_unload_gap=of_departure("unload_gap"),
        station_foot=np.array([
            float(d.get("foot_passengers") or 0.0) if d else 0.0 for d in departures
        ]),
    )


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
    moved = position.station != position.stage
    if position.phase != BEFORE or moved or not position.spec.get("exposed"):
        return -1
    return PLACES.index(position.site) if position.site in PLACES else -1
