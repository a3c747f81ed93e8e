"""SimPy on the models: one process a vehicle, one resource a station, buffers as resources."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import simpy

from benchmarks import model as shared


def run(model: shared.Model, days: int) -> dict[str, object]:
    """Run a model and return its JSON line."""
    times, kinds = (column.tolist() for column in shared.trace(days))
    ours = random.Random(8)
    lognormal, chance = ours.lognormvariate, random.Random(1).random
    exits = [shared.lognormal(*row) for row in shared.EXIT]
    entries = [shared.lognormal(*row) for row in shared.ENTRY]
    search = shared.lognormal(*shared.SEARCH)
    env = simpy.Environment()
    kind_of = simpy.Resource if model.buffers else simpy.PriorityResource
    stations = [kind_of(env, max(model.servers[name])) for name in shared.STATIONS]
    rooms = {shared.STATIONS.index(name): simpy.Resource(env, room)
             for name, room in model.buffers.items()}
    waits, blocked, visits = [0.0] * 4, [0.0] * 4, [0] * 4
    timeout, departure_s = env.timeout, model.departure_s

    def vehicle(kind: int) -> Iterator[object]:
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
        if kind == 0 and chance() < shared.SEARCH_SHARE:
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
            yield timeout(departure_s)

    def blocking_vehicle(kind: int) -> Iterator[object]:
        place = server = before = None
        at = -1
        for k in range(4):
            if k == 2 and not (kind == 0 and chance() < shared.SEARCH_SHARE):
                continue
            room = rooms.get(k)
            place = None
            if room is not None:
                done = env.now
                place = room.request()
                yield place
                blocked[at] += env.now - done
            if before is not None:
                stations[at].release(before)
            joined = env.now
            server = stations[k].request()
            yield server
            if place is not None:
                room.release(place)
            waits[k] += env.now - joined
            visits[k] += 1
            length = departure_s if k == 3 else lognormal(
                *(exits[kind] if k == 0 else entries[kind] if k == 1 else search))
            yield timeout(length)
            before, at = server, k
        stations[at].release(before)

    def off_duty(k: int, until: float) -> Iterator[object]:
        with stations[k].request(priority=-1) as request:
            yield request
            yield timeout(until - env.now)

    def shifts(k: int, name: str) -> Iterator[object]:
        changes = model.roster(name, days)
        most = max(model.servers[name])
        for i, (start, servers) in enumerate(changes):
            if start > env.now:
                yield timeout(start - env.now)
            end = changes[i + 1][0] if i + 1 < len(changes) else days * 86_400.0
            if servers < most and end > start:
                for _ in range(most - servers):
                    env.process(off_duty(k, end))

    def source() -> Iterator[object]:
        route = blocking_vehicle if model.buffers else vehicle
        for instant, kind in zip(times, kinds, strict=True):
            yield timeout(instant - env.now)
            env.process(route(kind))

    start = time.process_time()
    for k, name in enumerate(shared.STATIONS):
        if len(model.roster(name, days)) > 1:
            env.process(shifts(k, name))
    env.process(source())
    env.run()
    cpu = time.process_time() - start
    return {"version": simpy.__version__, "visits": sum(visits), "cpu_s": cpu,
            "waits_s": shared.by_station(waits, visits),
            "blocked_s": shared.by_station(blocked, visits)}
