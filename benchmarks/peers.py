"""Straits beside other tools on one model: ``python -m benchmarks.peers --model A``.

Every tool runs in a process of its own, in turn (A B A B ...), on one thread; what is compared
is CPU seconds per visit (one vehicle at one station). Straits draws its own demand and takes every
measure of a summary; the peer is given its arrival trace ready made and sums waits. Prints one
JSON line a run and, last, one line a rival: ``SimPy 366x``. Straits takes some 60 ms for the 28
days where SimPy takes 20 s, so its run is repeated and the median taken: one interruption by
another process would else double it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

REPEATS = 9  # of Straits' run, in one process
TOOLS = {"simpy": "SimPy", "ciw": "Ciw"}


def run_straits(days: int) -> dict[str, float]:
    """Run Straits on model A with every measure on."""
    import numpy as np

    from benchmarks import model_a as model
    from straits.base.clock import DAY_TICKS
    from straits.engine.rng import Seed
    from straits.engine.arrivals import arrivals, day_factors
    from straits.engine.run import Scratch, run_slice
    from straits.plan.simple import Service, Station, Visit, network
    from straits.results.summary import empty_summary, measure_vehicles
    from straits.tables.vehicles import VehicleState

    stations = [Station(name, model.roster(name, days)) for name in model.SERVERS]
    routes = []
    for k, (kind, _) in enumerate(model.CLASSES):
        route = [Visit(0, Service(*model.EXIT[k])), Visit(1, Service(*model.ENTRY[k]))]
        if kind == "lorry":
            route.append(Visit(2, Service(*model.SEARCH), share=model.SEARCH_SHARE))
        routes.append([*route, Visit(3, Service(model.DEPARTURE_S, 0.0, "constant"))])
    rates = np.stack([model.hourly(days) * share for _, share in model.CLASSES], axis=2)
    plan = network(stations, routes, rates)
    key = Seed(1).key
    scratch = Scratch()

    def once(length: int) -> tuple[int, dict[str, float]]:
        factors = day_factors(plan, key)
        state, summary, visits = VehicleState.empty(), empty_summary(plan, days), 0
        for day in range(length):
            new = arrivals(plan, key, factors, 24 * day, 24 * day + 24)
            log, state = run_slice(plan, key, state, new, start=day * DAY_TICKS,
                                   end=(day + 1) * DAY_TICKS, scratch=scratch)
            summary = measure_vehicles(log, plan, (0, days * DAY_TICKS), 0, summary)
            visits += log.vehicle.size
        v = summary.values
        handled = v["handled"].sum(axis=1)
        waits = {name: float(v["waits"][k] / max(handled[k], 1)) / 1024.0
                 for k, name in enumerate(model.SERVERS)}
        return visits, waits

    once(2)  # compile, or load what was compiled before
    spent = []
    for _ in range(REPEATS):
        start = time.process_time()
        visits, waits = once(days)
        spent.append(time.process_time() - start)
    return {"visits": visits, "cpu_s": statistics.median(spent), "waits_s": waits}


def run_simpy(days: int) -> dict[str, float]:
    """Run SimPy on model A: one process a vehicle, one resource a station."""
    import random

    import numpy as np
    import simpy

    from benchmarks import model_a as model

    generator = np.random.default_rng(1)
    rates = model.hourly(days).ravel()
    counts = generator.poisson(rates)
    at = np.repeat(np.arange(rates.size) * 3600.0, counts) + generator.random(counts.sum()) * 3600
    at.sort()
    shares = np.cumsum([share for _, share in model.CLASSES])
    kinds = np.minimum(np.searchsorted(shares, generator.random(at.size)), 2).tolist()
    times = at.tolist()
    rng = random.Random(8)
    lognormal, chance = rng.lognormvariate, random.Random(1).random
    exits = [model.lognormal(*row) for row in model.EXIT]
    entries = [model.lognormal(*row) for row in model.ENTRY]
    search = model.lognormal(*model.SEARCH)
    env = simpy.Environment()
    stations = [simpy.PriorityResource(env, model.SERVERS[name][0]) for name in model.SERVERS]
    waits, visits = [0.0] * 4, [0] * 4
    timeout = env.timeout

    def stage(k: int, length: float):  # type: ignore[no-untyped-def]
        joined = env.now
        with stations[k].request() as request:
            yield request
            waits[k] += env.now - joined
            visits[k] += 1
            yield timeout(length)

    def vehicle(kind: int):  # type: ignore[no-untyped-def]
        joined = env.now
        with stations[0].request() as request:
            yield request
            waits[0] += env.now - joined
            visits[0] += 1
            yield timeout(lognormal(*exits[kind]))
        joined = env.now
        with stations[1].request() as request:
            yield request
            waits[1] += env.now - joined
            visits[1] += 1
            yield timeout(lognormal(*entries[kind]))
        if kind == 0 and chance() < model.SEARCH_SHARE:
            joined = env.now
            with stations[2].request() as request:
                yield request
                waits[2] += env.now - joined
                visits[2] += 1
                yield timeout(lognormal(*search))
        joined = env.now
        with stations[3].request() as request:
            yield request
            waits[3] += env.now - joined
            visits[3] += 1
            yield timeout(model.DEPARTURE_S)

    def off_duty(k: int, until: float):  # type: ignore[no-untyped-def]
        with stations[k].request(priority=-1) as request:
            yield request
            yield timeout(until - env.now)

    def shifts(k: int, name: str):  # type: ignore[no-untyped-def]
        changes = model.roster(name, days)
        most = model.SERVERS[name][0]
        for i, (start, servers) in enumerate(changes):
            if start > env.now:
                yield timeout(start - env.now)
            end = changes[i + 1][0] if i + 1 < len(changes) else days * 86_400.0
            if servers < most and end > start:
                for _ in range(most - servers):
                    env.process(off_duty(k, end))

    def source():  # type: ignore[no-untyped-def]
        for instant, kind in zip(times, kinds, strict=True):
            yield timeout(instant - env.now)
            env.process(vehicle(kind))

    start = time.process_time()
    for k, name in enumerate(model.SERVERS):
        env.process(shifts(k, name))
    env.process(source())
    env.run()
    cpu = time.process_time() - start
    return {"visits": sum(visits), "cpu_s": cpu,
            "waits_s": {name: waits[k] / max(visits[k], 1)
                        for k, name in enumerate(model.SERVERS)}}


def run_ciw(days: int) -> dict[str, float]:
    """Run Ciw on model A's stations and classes."""
    import ciw

    from benchmarks import model_a as model

    rates = model.hourly(days).ravel()
    names = [name for name, _ in model.CLASSES]

    def arrivals(share: float) -> object:
        return ciw.dists.PoissonIntervals(
            rates=(rates * share / 3600.0).tolist(),
            endpoints=[3600.0 * (k + 1) for k in range(rates.size)],
            max_sample_date=days * 86_400.0)

    def services(rows: tuple[tuple[float, float], ...]) -> list[object]:
        return [ciw.dists.Lognormal(*model.lognormal(*row)) for row in rows]

    def schedule(name: str) -> object:
        changes = model.roster(name, days)
        if len(changes) == 1:
            return changes[0][1]
        ends = [at for at, _ in changes[1:]] + [(days + 7) * 86_400.0]
        return ciw.Schedule(numbers_of_servers=[c for _, c in changes], shift_end_dates=ends)

    exits, entries = services(model.EXIT), services(model.ENTRY)
    rest = [ciw.dists.Lognormal(*model.lognormal(*model.SEARCH)),
            ciw.dists.Deterministic(model.DEPARTURE_S)]
    share = model.SEARCH_SHARE
    searched = [[0, 1, 0, 0], [0, 0, share, 1 - share], [0, 0, 0, 1], [0, 0, 0, 0]]
    straight = [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]
    network = ciw.create_network(
        arrival_distributions={n: [arrivals(s), None, None, None] for n, s in model.CLASSES},
        service_distributions={n: [exits[k], entries[k], *rest] for k, n in enumerate(names)},
        routing={n: searched if n == "lorry" else straight for n in names},
        number_of_servers=[schedule(name) for name in model.SERVERS])
    ciw.seed(1)
    start = time.process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time((days + 1) * 86_400.0)
    records = simulation.get_all_records()
    cpu = time.process_time() - start
    waits = {}
    for k, name in enumerate(model.SERVERS):
        here = [r.waiting_time for r in records if r.node == k + 1]
        waits[name] = sum(here) / max(len(here), 1)
    return {"visits": len(records), "cpu_s": cpu, "waits_s": waits}


def _measure(tool: str, days: int) -> dict[str, float]:
    """Run one tool in a process of its own and return its JSON line."""
    command = [sys.executable, "-m", "benchmarks.peers", "--only", tool, "--days", str(days)]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(line.strip(), flush=True)
    return json.loads(line)


def main() -> None:
    """Run the tools in turn and print how many times slower the rivals are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="A", choices=["A"])
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--rivals", default="simpy")
    parser.add_argument("--only", choices=["straits", *TOOLS])
    asked = parser.parse_args()
    if asked.only:
        run = {"straits": run_straits, "simpy": run_simpy, "ciw": run_ciw}[asked.only]
        result = run(asked.days)
        result["ns_per_visit"] = result["cpu_s"] / result["visits"] * 1e9
        print(json.dumps({"tool": asked.only, "model": asked.model, "days": asked.days, **result}))
        return
    rivals = [name for name in asked.rivals.split(",") if name]
    ratios: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(asked.pairs):
        ours = _measure("straits", asked.days)
        for name in rivals:
            theirs = _measure(name, asked.days if name == "simpy" else min(asked.days, 7))
            ratios[name].append(theirs["ns_per_visit"] / ours["ns_per_visit"])
    for name in rivals:
        low, high = min(ratios[name]), max(ratios[name])
        print(f"{TOOLS[name]} {statistics.median(ratios[name]):.0f}x   "
              f"({low:.0f} to {high:.0f} in {asked.pairs} pairs)")


if __name__ == "__main__":
    main()
