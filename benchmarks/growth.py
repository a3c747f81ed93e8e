"""How cost grows: ``python -m benchmarks.growth``; each figure beside its bar.

CPU time on one thread. Sizes that are compared are run in turn, several times over, and the median
of each is taken, so that a busy machine slows all alike. Memory is the growth of a process's peak
from a small slice to a large one, less the log and the arrivals, whose size is known; each size has
its own process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks import model as shared
from benchmarks.ours import plan_of, simulate
from straits.engine.run import Engine, Scratch
from straits.plan.simple import Service, Station, Visit, network
from straits.tables.vehicles import VehiclePlan

LOG_B = 64  # a visit in the log: eight columns
ARRIVAL_B = 32  # a vehicle among the arrivals: four columns


def medians(tasks: Sequence[Callable[[], int]], repeats: int) -> list[float]:
    """Return CPU time a visit of each task [ns]; a task returns its visits."""
    spent: list[list[float]] = [[] for _ in tasks]
    for task in tasks:
        task()  # compile, or load what was compiled before; touch the memory
    for _ in range(repeats):
        for k, task in enumerate(tasks):
            start = time.process_time()
            visits = task()
            spent[k].append((time.process_time() - start) / visits * 1e9)
    return [statistics.median(each) for each in spent]


def visits_of(plan: VehiclePlan, days: int, scratch: Scratch,
              **options: object) -> Callable[[], int]:
    """Return a task that simulates and says how many visits that made."""
    return lambda: simulate(plan, days, scratch=scratch, **options).visits  # type: ignore[arg-type]


def horizon(repeats: int, most: int) -> None:
    """Print cost a visit from a day (25 thousand vehicles) to 160 (4 million).

    Model B goes to the calendar throughout: left to themselves, days that block cost more.
    """
    lengths = [n for n in (1, 4, 28, 160) if n <= most]
    for name, engine in (("A", "auto"), ("B", "calendar")):
        plan, scratch = plan_of(shared.MODELS[name], max(lengths)), Scratch()
        costs = medians([visits_of(plan, n, scratch, engine=engine) for n in lengths], repeats)
        for days, cost in zip(lengths, costs, strict=True):
            print(f"model {name}, {25_000 * days:>9,} vehicles in {days:>3} slices of a day: "
                  f"{cost:6.1f} ns a visit")
        print(f"  most over least {max(costs) / min(costs):.2f}x (bar <= 1.35x)")
    lengths = [n for n in (1, 7, 28) if n <= most]
    plan, scratch = plan_of(shared.MODELS["A"], max(lengths)), Scratch()
    costs = medians([visits_of(plan, n, scratch, slice_days=n) for n in lengths], repeats)
    for days, cost in zip(lengths, costs, strict=True):
        print(f"model A, {25_000 * days:>9,} vehicles in one slice: {cost:6.1f} ns a visit")
    print(f"  most over least {max(costs) / min(costs):.2f}x (bar <= 1.35x)")


def one_station(servers: int, vehicles: int = 100_000, load: float = 0.85) -> VehiclePlan:
    """Return the plan of a day at one station under a load that does not change."""
    service = Service(load * servers * 86_400.0 / vehicles, 0.6)
    return network([Station("one", [(0.0, servers)])], [[Visit(0, service)]],
                   np.full((1, 24, 1), vehicles / 24.0))


def servers(repeats: int) -> None:
    """Print cost a visit by number of servers, swept and by the calendar."""
    sizes = (4, 8, 16, 32, 64)
    plans = [one_station(size) for size in sizes]
    for engine, said in (("auto", "sweep"), ("calendar", "calendar")):
        kind: Engine = engine  # type: ignore[assignment]
        scratches = [Scratch() for _ in plans]
        costs = medians([visits_of(p, 1, s, engine=kind)
                         for p, s in zip(plans, scratches, strict=True)], repeats)
        text = ", ".join(f"{size}: {cost:.1f}" for size, cost in zip(sizes, costs, strict=True))
        print(f"{said} by servers of one station, ns a visit: {text}")
        doubling = (costs[-1] - costs[0]) / 4.0
        print(f"  64 over 4: {costs[-1] / costs[0]:.2f}x (bar <= 1.6x)" if engine == "auto" else
              f"  a doubling costs {doubling:+.1f} ns (bar <= +7 ns)")


def measures(repeats: int) -> None:
    """Print what the measures add to a run."""
    for name in ("A", "B"):
        plan, scratch = plan_of(shared.MODELS[name], 28), Scratch()
        bare, full = medians([visits_of(plan, 28, scratch, measured=False),
                              visits_of(plan, 28, scratch)], repeats)
        print(f"model {name}: every measure on {full:.1f} ns a visit, off {bare:.1f}: "
              f"+{full / bare - 1.0:.0%} (bar <= 15 %)")


def peak(engine: str, name: str, days: int) -> None:
    """Print the peak of this process after one slice of some days, as JSON."""
    kind: Engine = engine  # type: ignore[assignment]
    plan = plan_of(shared.MODELS[name], days)
    simulate(plan_of(shared.MODELS[name], 1, traffic=0.01), 1, engine=kind)
    run = simulate(plan, days, slice_days=days, engine=kind, measured=False)
    print(json.dumps({"mb": shared.peak_mb(), "vehicles": run.vehicles, "visits": run.visits}))


def memory() -> None:
    """Print memory a vehicle of a slice, beside what its log and its arrivals take."""
    for engine, name, said, bar in (("auto", "A", "sweep", 40), ("calendar", "B", "calendar", 64)):
        small, large = (json.loads(subprocess.run(
            [sys.executable, "-m", "benchmarks.growth", "--peak", f"{engine},{name},{days}"],
            check=True, capture_output=True, text=True).stdout) for days in (4, 28))
        vehicles = large["vehicles"] - small["vehicles"]
        total = (large["mb"] - small["mb"]) * 2**20 / vehicles
        log = LOG_B * (large["visits"] - small["visits"]) / vehicles
        print(f"{said} on model {name}, one slice of 28 d: {total:.0f} B a vehicle, of which log "
              f"{log:.0f}, arrivals {ARRIVAL_B}, engine {total - log - ARRIVAL_B:.0f} "
              f"(bar <= {bar} B)")


def main() -> None:
    """Print every table asked for."""
    tables = {"horizon": lambda: horizon(asked.repeats, asked.days),
              "servers": lambda: servers(5 * asked.repeats),
              "measures": lambda: measures(asked.repeats), "memory": memory}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default=",".join(tables))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--days", type=int, default=160, help="the longest horizon")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peak:
        engine, name, days = asked.peak.split(",")
        peak(engine, name, int(days))
        return
    chosen = [name for name in asked.tables.split(",") if name]
    if set(chosen) - set(tables):
        parser.error(f"tables are {', '.join(tables)}")
    for name in chosen:
        tables[name]()


if __name__ == "__main__":
    main()
