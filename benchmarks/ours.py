"""Straits on the models: its plan, and one run with every measure on."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass

import numpy as np

from benchmarks import model as shared
from straits.base.clock import DAY_TICKS, SECOND_TICKS
from straits.base.version import __version__
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.rng import Seed
from straits.engine.run import Engine, Scratch, run_pieces, run_slice
from straits.plan.simple import Service, Station, Visit, network
from straits.results.summary import Summary, empty_summary, measure_vehicles
from straits.tables.vehicles import VehiclePlan, VehicleState

REPEATS = 9  # of a run, in one process: a run takes a fraction of a second


def plan_of(model: shared.Model, days: int, *, entry_scale: float = 1.0,
            entry_servers: int = 0, traffic: float = 1.0) -> VehiclePlan:
    """Return the plan of a model; `entry_scale` and `entry_servers` (by day) make its policies."""
    stations = []
    for name in shared.STATIONS:
        roster = model.roster(name, days)
        if name == "entry" and entry_servers:
            most = max(servers for _, servers in roster)
            roster = [(at, servers + entry_servers * (servers == most)) for at, servers in roster]
        stations.append(Station(name, roster, buffer=model.buffers.get(name)))
    routes = []
    for k, (kind, _) in enumerate(shared.CLASSES):
        mean, cv = shared.ENTRY[k]
        route = [Visit(0, Service(*shared.EXIT[k])), Visit(1, Service(mean * entry_scale, cv))]
        if kind == "lorry":
            route.append(Visit(2, Service(*shared.SEARCH), share=shared.SEARCH_SHARE))
        routes.append([*route, Visit(3, Service(model.departure_s, 0.0, "constant"))])
    rates = np.stack([shared.hourly(days) * traffic * share for _, share in shared.CLASSES], axis=2)
    return network(stations, routes, rates)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run left: its summary, visits, blocked time by station, the largest slice."""

    summary: Summary
    visits: int
    blocked_s: np.ndarray
    vehicles: int
    largest: int  # vehicles of the largest slice


def simulate(plan: VehiclePlan, days: int, *, row: int = 0, slice_days: int = 1,
             measured: bool = True, engine: Engine = "auto",
             scratch: Scratch | None = None) -> Run:
    """Simulate `days` days in slices; `measured` leaves the measures out where it is false."""
    key = Seed(1, row).key
    scratch = scratch or Scratch()
    factors = day_factors(plan, key)
    state, summary = VehicleState.empty(plan), empty_summary(plan, days)
    visits = vehicles = largest = 0
    for day in range(0, days, slice_days):
        last = min(day + slice_days, days)
        new = arrivals(plan, key, factors, 24 * day, 24 * last)
        largest = max(largest, new.vehicle.size + state.vehicle.size)
        span = {"start": day * DAY_TICKS, "end": last * DAY_TICKS, "scratch": scratch}
        if engine == "auto":
            logs, state = run_pieces(plan, key, state, new, **span)
        else:
            log, state = run_slice(plan, key, state, new, engine=engine, **span)
            logs = (log,)
        for log in logs:
            if measured:
                summary = measure_vehicles(log, plan, (0, days * DAY_TICKS), 0, summary)
            visits += log.vehicle.size
        vehicles += new.vehicle.size
    blocked = summary.values["blocked"].reshape(len(plan.station_names), -1).sum(axis=1)
    return Run(summary, visits, blocked / SECOND_TICKS, vehicles, largest)


def means(run: Run) -> tuple[dict[str, float], dict[str, float]]:
    """Return mean wait and mean time blocked by station [s]."""
    v = run.summary.values
    handled = np.maximum(v["handled"].sum(axis=1), 1)
    waits = v["waits"].reshape(handled.size, -1).sum(axis=1) / SECOND_TICKS
    return (dict(zip(shared.STATIONS, (waits / handled).tolist(), strict=True)),
            dict(zip(shared.STATIONS, (run.blocked_s / handled).tolist(), strict=True)))


def run_tool(model: shared.Model, days: int) -> dict[str, object]:
    """Run a model as the rivals do, several times, and return its JSON line."""
    tiny = plan_of(model, 2, traffic=0.01)
    simulate(tiny, 2)  # compile, or load what was compiled before
    if model.buffers:
        simulate(tiny, 2, engine="calendar")
    plan = plan_of(model, days)
    gc.collect()
    before = shared.peak_mb()
    run = simulate(plan, days)
    memory = (shared.peak_mb() - before) * 2**20 / run.largest
    spent = []
    for _ in range(REPEATS):
        start = time.process_time()
        run = simulate(plan, days)
        spent.append(time.process_time() - start)
    waits, blocked = means(run)
    return {"version": __version__, "visits": run.visits, "cpu_s": statistics.median(spent),
            "waits_s": waits, "blocked_s": blocked, "vehicles": run.vehicles,
            "memory_b_per_vehicle": round(memory, 1)}


def spread(model: shared.Model, days: int, rows: int = 24) -> dict[str, object]:
    """Return mean and standard deviation between rows of every station's mean wait and blocking."""
    plan = plan_of(model, days)
    runs = [means(simulate(plan, days, row=row)) for row in range(rows)]
    out: dict[str, object] = {"rows": rows}
    for place, name in enumerate(("waits_s", "blocked_s")):
        table = np.array([list(run[place].values()) for run in runs])
        out[name] = {station: (float(table[:, k].mean()), float(table[:, k].std(ddof=1)))
                     for k, station in enumerate(shared.STATIONS)}
    return out
