"""Servers on duty by quarter of an hour, at stations and in the pools that stations share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS
from straits.plan.buffers import pool_of
from straits.plan.demand import World, stream_list
from straits.plan.incidents import hit_servers
from straits.plan.positions import (
    AFTER,
    SEA,
    Position,
    by_station,
    journey,
    standing,
    visits,
)
from straits.plan.rosters import planned_servers, roster_changes, shifted, written_servers
from straits.plan.searches import (
    FOLLOWS,
    longest_service,
    mean_occupants,
    mean_time,
    referred_share,
    selected,
)

__all__ = ["Roster", "lags_of", "rosters_of"]

# A moved check's old position keeps its roster this long, to serve out its queue.
DRAIN_DAYS: Final = 7

Roster = tuple[list[int], list[int]]  # instants [ticks], servers


@dataclass(slots=True)
class _Plan:
    """What one stretch of days needs: offered load [erlang by hour], rule and zone by name."""

    load: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    rule: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    zone: dict[str, str] = field(default_factory=dict)


def rosters_of(
    worlds: list[tuple[date, World]],
    first: date,
    days: int,
    names: tuple[str, ...],
    rates: NDArray[np.float64],
) -> tuple[list[Roster], list[Roster]]:
    """Return the changes of the rosters of every station, and of every pool.

    A station whose control has moved away serves out its queue on its old roster, then closes.
    """
    stations = {name: k for k, name in enumerate(names)}
    pools = {name: k for k, name in enumerate(worlds[0][1].get("pools") or {})}
    quarters = np.zeros((len(stations), 96 * days), np.int64)
    shared = np.zeros((len(pools), 96 * days), np.int64)
    before: set[str] = set()
    for k, (day, world) in enumerate(worlds):
        start = (day - first).days
        end = (worlds[k + 1][0] - first).days if k + 1 < len(worlds) else days
        use = sorted(standing(world, day), key=lambda p: p.sort_key)
        own, pooled = _loads(world, (start, end), use, rates)
        for plan, index, table in ((own, stations, quarters), (pooled, pools, shared)):
            for name in plan.load:
                table[index[name], 96 * start : 96 * end] = _servers(
                    plan, name, first + timedelta(start), 24 * (end - start))
        now = {p.station for p in use if p.phase != SEA}
        for name in before - now:
            _drain(quarters[stations[name]], start, days)
        before = now
    where = by_station(worlds[0][1])
    for name, number in stations.items():
        hit_servers(quarters[number], where[name][0], worlds, first)
    quarter = HOUR_TICKS // 4
    return ([roster_changes(row, quarter) for row in quarters],
            [roster_changes(row, quarter) for row in shared])


def _drain(row: NDArray[np.int64], start: int, days: int) -> None:
    for drained in range(start, min(start + DRAIN_DAYS, days)):
        source = max(drained - 7, 0)
        row[96 * drained : 96 * (drained + 1)] = row[96 * source : 96 * (source + 1)]


def _loads(
    world: World, days: tuple[int, int], use: list[Position], rates: NDArray[np.float64]
) -> tuple[_Plan, _Plan]:
    """Return what stations in use, and pools, are expected to have to do in [days[0], days[1])."""
    start, end = days
    # What reaches the far shore today left up to some hours before midnight.
    early = max(start - 1, 0)
    hourly = rates[early:end].reshape(-1, rates.shape[2])
    lags = lags_of(world)
    own, pooled = _Plan(), _Plan()
    pool_at: dict[str, str | None] = {}
    for name, places in by_station(world).items():
        pool_at[name] = pool_of(places)
    for place in use:
        if place.phase == SEA:
            continue
        own.load.setdefault(place.station, np.zeros(24 * (end - start)))
        own.zone[place.station] = world["sites"][place.site]["time_zone"]
        if place.servers:
            own.rule[place.station] = place.servers
        pool = pool_at[place.station]
        if pool:
            pooled.load.setdefault(pool, np.zeros(24 * (end - start)))
            pooled.zone[pool] = own.zone[place.station]
            pooled.rule[pool] = world["pools"][pool]["servers"]
    for index, stream in enumerate(stream_list(world)):
        route = journey(use, stream)
        for place, times in zip(route, visits(route), strict=True):
            if place.phase == SEA:
                continue
            lag = lags[stream[:2]] if place.phase == AFTER else 0.0
            rate = shifted(hourly[:, index], lag)[24 * (start - early) :]
            load = rate * (times * _work_h(world, place, stream[2]))
            own.load[place.station] += load
            pool = pool_at[place.station]
            if pool:
                pooled.load[pool] += load
    return own, pooled


def _work_h(world: World, place: Position, kind: str) -> float:
    """Return the mean time that a vehicle of a class keeps a server, over all that pass [h]."""
    spec, part = place.spec, place.part
    people = mean_occupants(world["vehicle_classes"][kind])
    service = longest_service(part.members if part else (spec,), kind, people)
    share = referred_share(spec) if part and part.alarm == FOLLOWS else selected(spec, part)[0]
    return share * mean_time(service, people) / 3600.0


def _servers(plan: _Plan, name: str, first: date, hours: int) -> NDArray[np.int64]:
    rule = plan.rule[name]
    if rule.get("roster"):
        return written_servers(rule["roster"], first, hours, plan.zone[name])
    return np.repeat(planned_servers(plan.load[name], rule), 4)


def lags_of(world: World) -> dict[tuple[str, str], float]:
    """Return the mean time from arrival to the far shore [h], for planning rosters."""
    lags = {}
    for spec in world["departures"].values():
        table = spec["timetable"]
        daily = (float(table.get("per_day") or 0) or sum(map(float, table.get("weekday") or ()))
                 or float(len(table.get("times") or ())))
        daily = max(daily, 1.0)  # where nothing departs, no roster depends on it
        crossing = world["crossings"][spec["crossing"]]
        seconds = float(spec["cut_off"]) + 43_200.0 / daily + float(crossing["crossing_time"])
        lags[(spec["crossing"], spec["direction"])] = seconds / 3600.0
    return lags
