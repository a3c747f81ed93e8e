"""Small networks from a few lists: for theory tests, benchmarks and modellers without documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import ticks
from straits.base.names import decision_ids
from straits.engine.variates import constant_table, exponential_table, lognormal_table
from straits.plan.berths import careful
from straits.plan.bookings import plain_demand
from straits.tables.vehicles import DEPARTURE, SERVED, UNLIMITED, VehiclePlan

__all__ = ["Pool", "Road", "Scheme", "Service", "Station", "Visit", "network"]


@dataclass(frozen=True, slots=True)
class Service:
    """A distribution of service time: family, mean [s], coefficient of variation."""

    mean_s: float
    cv: float = 1.0
    family: str = "lognormal"  # or "exponential", "constant"

    def table(self) -> NDArray[np.float64]:
        """Return the quantile table of unit mean."""
        if self.family == "exponential":
            return exponential_table()
        if self.family == "constant" or self.cv <= 0.0:
            return constant_table()
        return lognormal_table(self.cv)


@dataclass(frozen=True, slots=True)
class Station:
    """A station: roster as (instant [s], servers), or sailings as (instant [s], capacity).

    `buffer` is the room for those that travel to it or wait: vehicles, or metres of road where
    `buffer_m` is given; a vehicle that finds none stays where it is and keeps its server.
    `pool` names a `Pool` whose servers it shares. `extra` servers are called when its queue
    passes `extra_on_m`, open `extra_lead_s` later and close at `extra_off_m`. For sailings:
    `cancelled` chances and `link`, the (station, sailing) that waits for a ship's berth.
    """

    name: str
    roster: Sequence[tuple[float, int]] = ((0.0, 1),)
    sailings: Sequence[tuple[float, int]] = ()
    cut_off_s: float = 0.0
    crossing_s: float = 0.0
    unload_gap_s: float = 0.0
    buffer: int | None = None
    buffer_m: float | None = None
    balk: int | None = None
    pool: str | None = None
    extra: int = 0
    extra_on_m: float = 0.0
    extra_off_m: float = 0.0
    extra_lead_s: float = 0.0
    cancelled: Sequence[float] = ()
    link: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    class_capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Servers that several stations share: roster as (instant [s], servers)."""

    name: str
    roster: Sequence[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A holding scheme: phases as cumulative vehicles; see ``VehiclePlan``."""

    name: str
    phases: Sequence[int]
    on_m: float
    off_m: float = 0.0
    release_m: float = 0.0
    gap_s: float = 1.0
    compliance: float = 1.0
    unready: float = 0.0
    from_s: float = 0.0
    to_s: float = 1e9


@dataclass(frozen=True, slots=True)
class Road:
    """An approach: the streams that stand on it when their first station is full."""

    name: str
    streams: Sequence[int]
    lanes: int = 1
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One step of a route: the station's number, the service, the share of vehicles selected.

    `again` is the chance of going `back` steps of the route afterwards; `alarm` and the rest
    are the step's columns in ``VehiclePlan``.
    """

    station: int
    service: Service | None = None
    transit_s: float = 0.0
    share: float = 1.0
    share_aboard: float = 1.0
    sensitivity: float = 0.0
    find_s: float = 0.0
    after_sea: bool = False
    space: int = 1
    name: str = field(default="")
    priority: int = 0
    again: float = 0.0
    back: int = 0
    alarm: int = 0
    false_alarm: float = 0.0
    load: Sequence[float] = ()
    patience: Service | None = None


def network(  # noqa: PLR0913 - stations, routes and rates; what couples them, by keyword
    stations: Sequence[Station],
    routes: Sequence[Sequence[Visit]],
    rates_per_day: NDArray[np.float64],
    day_cv: float = 0.0,
    *,
    pools: Sequence[Pool] = (),
    roads: Sequence[Road] = (),
    schemes: Sequence[Scheme] = (),
    spacing_m: float = 7.5,
    loads: Sequence[float] = (1.0,),
) -> VehiclePlan:
    """Return the plan of a network with one route for each stream.

    Parameters
    ----------
    stations : sequence of Station
        In topological order.
    routes : sequence of sequences of Visit
        Route of each stream.
    rates_per_day : float64[day, 24, stream]
        Expected arrivals in each hour [vehicles].
    day_cv : float
        Coefficient of variation of the day's factor [dimensionless].
    pools, roads, schemes : sequences, optional
        What stations share, and where vehicles stand.
    spacing_m : float
        Road that a standing vehicle takes [m].
    loads : sequence of float
        Shares of the types of load, to which `Visit.load` has a factor each.
    """
    visits = [visit for route in routes for visit in route]
    names = [visit.name or f"{stations[visit.station].name}.{k}" for k, visit in enumerate(visits)]
    purposes = ("service", "select", "find", "again", "alarm", "patience")
    ids = decision_ids(
        [f"{name}.{what}" for name in names for what in purposes]
        + [f"{s.name}.cancel" for s in stations]
        + [f"{s.name}.{what}" for s in schemes for what in ("comply", "ready")])
    tables: list[NDArray[np.float64]] = [constant_table()]
    table_of: dict[tuple[str, float], int] = {("constant", 0.0): 0}
    for one in [v.service for v in visits] + [v.patience for v in visits]:
        if one and (one.family, one.cv) not in table_of:
            table_of[(one.family, one.cv)] = len(tables)
            tables.append(one.table())
    streams = len(routes)
    pool_names = [pool.name for pool in pools]
    scheme_names = [scheme.name for scheme in schemes]
    road_of = [next((k for k, r in enumerate(roads) if i in r.streams), -1) for i in range(streams)]
    sailing_first = np.concatenate([[0], np.cumsum([len(s.sailings) for s in stations])])

    def column(values: list[float]) -> NDArray[np.float64]:
        return np.array(values, np.float64)

    def whole(values: list[Any]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    def gap(seconds: float) -> int:
        return ticks(seconds) if seconds > 0.0 else 0

    def metres(length: float) -> int:
        return round(10.0 * length)

    def decisions(what: str) -> NDArray[np.uint64]:
        return np.array([ids[f"{name}.{what}"] for name in names], np.uint64)

    def named(owners: Sequence[Station] | Sequence[Scheme], what: str) -> NDArray[np.uint64]:
        return np.array([ids[f"{one.name}.{what}"] for one in owners], np.uint64)

    def firsts(lengths: list[int]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def table(one: Service | None) -> int:
        return table_of[(one.family, one.cv)] if one else 0

    def room(one: Station) -> int:
        if one.buffer_m is not None:
            return metres(one.buffer_m)
        return UNLIMITED if one.buffer is None else one.buffer

    def or_unlimited(value: int | None) -> int:
        return UNLIMITED if value is None else value

    kinds = whole([DEPARTURE if s.sailings else SERVED for s in stations])
    links = whole([
        int(sailing_first[s.link[k][0]]) + s.link[k][1] if k in s.link else -1
        for s in stations for k in range(len(s.sailings))
    ])
    rooms = whole([room(s) for s in stations])
    return VehiclePlan(
        days=rates_per_day.shape[0],
        stream_names=tuple(f"stream-{k}" for k in range(streams)),
        stream_class=whole([0] * streams),
        rates=np.ascontiguousarray(rates_per_day, np.float64),
        dispersion_group=whole([0] * streams),
        dispersion_cv=column([day_cv]),
        occupants_cdf=np.ones((1, 1)),
        class_length_dm=whole([50]),
        place_of_stream=whole([-1] * streams),
        epoch_start=whole([0]),
        route_of=np.arange(streams, dtype=np.int64)[None, :].copy(),
        route_first=firsts([len(route) for route in routes]),
        route_step=np.arange(len(visits), dtype=np.int64),
        step_station=whole([v.station for v in visits]),
        step_decision=decisions("service"),
        step_base=column([v.service.mean_s * 1024 if v.service else 0.0 for v in visits]),
        step_per_occupant=column([0.0] * len(visits)),
        step_table=whole([table(v.service) for v in visits]),
        step_transit=whole([ticks(v.transit_s) for v in visits]),
        step_select_decision=decisions("select"),
        step_share=column([v.share for v in visits]),
        step_share_aboard=column([v.share_aboard for v in visits]),
        step_find_decision=decisions("find"),
        step_sensitivity=column([v.sensitivity for v in visits]),
        step_find_ticks=whole([gap(v.find_s) for v in visits]),
        step_after_sea=whole([int(v.after_sea) for v in visits]),
        step_space=whole([v.space for v in visits]),
        quantiles=np.array(tables),
        station_names=tuple(s.name for s in stations),
        station_kind=kinds,
        station_place=whole([-1] * len(stations)),
        roster_first=firsts([0 if s.sailings else len(s.roster) for s in stations]),
        roster_at=whole([
            round(at * 1024) for s in stations if not s.sailings for at, _ in s.roster
        ]),
        roster_servers=whole([c for s in stations if not s.sailings for _, c in s.roster]),
        sailing_first=sailing_first.astype(np.int64),
        sailing_at=whole([round(at * 1024) for s in stations for at, _ in s.sailings]),
        sailing_capacity=whole([space for s in stations for _, space in s.sailings]),
        station_cut_off=whole([gap(s.cut_off_s) for s in stations]),
        station_crossing=whole([gap(s.crossing_s) for s in stations]),
        station_unload_gap=whole([gap(s.unload_gap_s) for s in stations]),
        station_foot=column([0.0] * len(stations)),
        step_priority=whole([v.priority for v in visits]),
        step_again=column([v.again for v in visits]),
        step_back=whole([v.back for v in visits]),
        step_again_decision=decisions("again"),
        step_alarm=whole([v.alarm for v in visits]),
        step_false_alarm=column([v.false_alarm for v in visits]),
        step_alarm_decision=decisions("alarm"),
        step_load=np.array([v.load or [1.0] * len(loads) for v in visits], np.float64),
        load_cdf=np.cumsum(np.array([loads], np.float64), axis=1),
        step_patience=column([1024 * v.patience.mean_s if v.patience else 0.0 for v in visits]),
        step_patience_table=whole([table(v.patience) for v in visits]),
        step_patience_decision=decisions("patience"),
        **plain_demand(rates_per_day.shape[0], streams),
        class_spacing_dm=whole([metres(spacing_m)]),
        station_buffer=rooms,
        station_buffer_dm=whole([int(s.buffer_m is not None) for s in stations]),
        station_balk=whole([or_unlimited(s.balk) for s in stations]),
        station_pool=whole([pool_names.index(s.pool) if s.pool else -1 for s in stations]),
        pool_names=tuple(pool_names),
        pool_first=firsts([len(pool.roster) for pool in pools]),
        pool_at=whole([round(at * 1024) for pool in pools for at, _ in pool.roster]),
        pool_servers=whole([c for pool in pools for _, c in pool.roster]),
        station_extra=whole([s.extra for s in stations]),
        station_extra_on_dm=whole([metres(s.extra_on_m) for s in stations]),
        station_extra_off_dm=whole([metres(s.extra_off_m) for s in stations]),
        station_extra_lead=whole([gap(s.extra_lead_s) for s in stations]),
        sailing_cancel=column([
            s.cancelled[k] if k < len(s.cancelled) else 0.0
            for s in stations for k in range(len(s.sailings))
        ]),
        sailing_link=links,
        station_careful=careful(kinds, _ashore(stations, routes), rooms,
                                sailing_first.astype(np.int64), links),
        station_cancel_decision=named(stations, "cancel"),
        station_class_capacity=whole([[or_unlimited(s.class_capacity)] for s in stations]),
        road_names=tuple(road.name for road in roads),
        road_of_stream=whole(road_of),
        road_lanes=whole([road.lanes for road in roads]),
        road_scheme=whole([
            scheme_names.index(road.scheme) if road.scheme else -1 for road in roads
        ]),
        scheme_names=tuple(scheme_names),
        scheme_phase_first=firsts([len(scheme.phases) for scheme in schemes]),
        scheme_phase_veh=whole([number for scheme in schemes for number in scheme.phases]),
        scheme_on_dm=whole([metres(scheme.on_m) for scheme in schemes]),
        scheme_off_dm=whole([metres(scheme.off_m) for scheme in schemes]),
        scheme_release_dm=whole([metres(scheme.release_m) for scheme in schemes]),
        scheme_gap=whole([ticks(scheme.gap_s) for scheme in schemes]),
        scheme_class=np.ones((len(schemes), 1), np.int64),
        scheme_compliance=column([scheme.compliance for scheme in schemes]),
        scheme_unready=column([scheme.unready for scheme in schemes]),
        scheme_from=whole([round(scheme.from_s * 1024) for scheme in schemes]),
        scheme_to=whole([round(scheme.to_s * 1024) for scheme in schemes]),
        scheme_comply_decision=named(schemes, "comply"),
        scheme_ready_decision=named(schemes, "ready"),
    )


def _ashore(
    stations: Sequence[Station], routes: Sequence[Sequence[Visit]]
) -> list[tuple[int, int]]:
    """Return departures with the stations to which their vehicles may come from the ship."""
    out = []
    for route in routes:
        ship = -1
        for visit in route:
            if ship >= 0:
                out.append((ship, visit.station))
            if stations[visit.station].sailings:
                ship = visit.station
            elif min(visit.share, visit.share_aboard) >= 1.0 and visit.alarm != 2:
                ship = -1
    return out
