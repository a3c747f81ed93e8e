"""Small networks from a few lists: for theory tests, benchmarks and modellers without documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import ticks
from straits.base.names import decision_ids
from straits.engine.variates import constant_table, exponential_table, lognormal_table
from straits.tables.vehicles import DEPARTURE, SERVED, VehiclePlan

__all__ = ["Service", "Station", "Visit", "network"]


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
    """A station: roster as (instant [s], servers), or sailings as (instant [s], capacity)."""

    name: str
    roster: Sequence[tuple[float, int]] = ((0.0, 1),)
    sailings: Sequence[tuple[float, int]] = ()
    cut_off_s: float = 0.0
    crossing_s: float = 0.0
    unload_gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Visit:
    """One step of a route: the station's number, the service, the share of vehicles selected."""

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


def network(
    stations: Sequence[Station],
    routes: Sequence[Sequence[Visit]],
    rates_per_day: NDArray[np.float64],
    day_cv: float = 0.0,
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
    """
    visits = [visit for route in routes for visit in route]
    names = [visit.name or f"{stations[visit.station].name}.{k}" for k, visit in enumerate(visits)]
    ids = decision_ids(f"{name}.{what}" for name in names for what in ("service", "select", "find"))
    tables: list[NDArray[np.float64]] = [constant_table()]
    table_of: dict[tuple[str, float], int] = {("constant", 0.0): 0}
    for visit in visits:
        if visit.service and (visit.service.family, visit.service.cv) not in table_of:
            table_of[(visit.service.family, visit.service.cv)] = len(tables)
            tables.append(visit.service.table())
    streams = len(routes)

    def column(values: list[float]) -> NDArray[np.float64]:
        return np.array(values, np.float64)

    def whole(values: list[int]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    def gap(seconds: float) -> int:
        return ticks(seconds) if seconds > 0.0 else 0

    def decisions(what: str) -> NDArray[np.uint64]:
        return np.array([ids[f"{name}.{what}"] for name in names], np.uint64)

    def firsts(lengths: list[int]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

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
        step_table=whole([
            table_of[(v.service.family, v.service.cv)] if v.service else 0 for v in visits
        ]),
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
        station_kind=whole([DEPARTURE if s.sailings else SERVED for s in stations]),
        station_place=whole([-1] * len(stations)),
        roster_first=firsts([0 if s.sailings else len(s.roster) for s in stations]),
        roster_at=whole([
            round(at * 1024) for s in stations if not s.sailings for at, _ in s.roster
        ]),
        roster_servers=whole([c for s in stations if not s.sailings for _, c in s.roster]),
        sailing_first=firsts([len(s.sailings) for s in stations]),
        sailing_at=whole([round(at * 1024) for s in stations for at, _ in s.sailings]),
        sailing_capacity=whole([room for s in stations for _, room in s.sailings]),
        station_cut_off=whole([gap(s.cut_off_s) for s in stations]),
        station_crossing=whole([gap(s.crossing_s) for s in stations]),
        station_unload_gap=whole([gap(s.unload_gap_s) for s in stations]),
        station_foot=column([0.0] * len(stations)),
    )
