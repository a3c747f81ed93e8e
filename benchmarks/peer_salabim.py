"""salabim on the models: one component a vehicle, with generators, its faster way of the two.

It is no dependency of this project's: where it is not installed, nobody asks for it.
"""

from __future__ import annotations

import importlib
import random
import time
from collections.abc import Iterator
from importlib.metadata import version

from benchmarks import model as shared

sim = importlib.import_module("salabim")
sim.yieldless(False)


def run(model: shared.Model, days: int) -> dict[str, object]:
    """Run a model and return its JSON line."""
    times, kinds = (column.tolist() for column in shared.trace(days))
    env = sim.Environment(trace=False, random_seed=1, isdefault_env=True)
    lognormal, chance = random.Random(8).lognormvariate, random.Random(1).random
    services = [[shared.lognormal(*row) for row in rows] for rows in (
        shared.EXIT, shared.ENTRY, (shared.SEARCH,) * len(shared.CLASSES))]

    def counted(name: str, size: int) -> object:
        return sim.Resource(name, capacity=size, monitor=False)

    stations = [counted(name, max(model.servers[name])) for name in shared.STATIONS]
    rooms = [counted(f"before {name}", model.buffers[name]) if name in model.buffers else None
             for name in shared.STATIONS]
    waits, blocked, visits = [0.0] * 4, [0.0] * 4, [0] * 4
    lorry, straight, now = (0, 1, 2, 3), (0, 1, 3), env.now

    class Vehicle(sim.Component):  # type: ignore[misc]
        kind = 0

        def process(self) -> Iterator[object]:
            kind, at = self.kind, -1
            searched = kind == 0 and chance() < shared.SEARCH_SHARE
            for k in lorry if searched else straight:
                room = rooms[k]
                if room is not None:
                    done = now()
                    yield self.request(room)
                    blocked[at] += now() - done
                if at >= 0:
                    self.release(stations[at])
                joined = now()
                yield self.request(stations[k])
                if room is not None:
                    self.release(room)
                waits[k] += now() - joined
                visits[k] += 1
                yield self.hold(model.departure_s if k == 3 else lognormal(*services[k][kind]))
                at = k
            self.release(stations[at])

    class Source(sim.Component):  # type: ignore[misc]
        def process(self) -> Iterator[object]:
            for instant, kind in zip(times, kinds, strict=True):
                yield self.hold(till=instant)
                Vehicle().kind = kind

    class Shifts(sim.Component):  # type: ignore[misc]
        def process(self, number: int) -> Iterator[object]:
            for instant, servers in model.roster(shared.STATIONS[number], days):
                yield self.hold(till=instant)
                stations[number].set_capacity(servers)

    start = time.process_time()
    for k, name in enumerate(shared.STATIONS):
        if len(model.roster(name, days)) > 1:
            Shifts(number=k)
    Source()
    env.run()
    cpu = time.process_time() - start
    return {"version": version("salabim"), "visits": sum(visits), "cpu_s": cpu,
            "waits_s": shared.by_station(waits, visits),
            "blocked_s": shared.by_station(blocked, visits)}
