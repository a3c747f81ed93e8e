"""Cimba's Python package on the models: compiled server processes that pass vehicles on by stores.

A vehicle in a store is one integer: the instant at which it was offered [us], times four, plus its
class; below zero it is a server off duty until that second. It is no dependency of this project's:
where it is not installed, nobody asks for it. (Annotations are read by the package, so they are not
postponed here.)
"""

import importlib
import time

import numpy as np

from benchmarks import model as shared

cb = importlib.import_module("cimba")
inputs, draws = cb.inputs, cb.random
LOG = [shared.lognormal(*row) for rows in (shared.EXIT, shared.ENTRY, (shared.SEARCH,) * 3)
       for row in rows]
SEARCHED = shared.SEARCH_SHARE


def post(servers: list[int]) -> type:
    """Return a model class with these numbers of servers by day."""
    exits, entries, searches, departures = servers

    class Post(cb.Model):  # type: ignore[misc, name-defined]
        gap: cb.Input[float]
        kind: cb.Input[int]
        shift_gap: cb.Input[float]
        shift_at: cb.Input[int]
        shift_end: cb.Input[int]
        vehicles: cb.Param[int]
        shifts: cb.Param[int]
        departure_s: cb.Param[float]
        mu: cb.Array[float] = cb.Array([row[0] for row in LOG])
        sigma: cb.Array[float] = cb.Array([row[1] for row in LOG])
        before_exit: cb.Store[int]
        before_entry: cb.Store[int]
        before_search: cb.Store[int]
        before_departure: cb.Store[int]
        n0: cb.Output[int]
        n1: cb.Output[int]
        n2: cb.Output[int]
        n3: cb.Output[int]
        w0: cb.Output[float]
        w1: cb.Output[float]
        w2: cb.Output[float]
        w3: cb.Output[float]
        b0: cb.Output[float]
        b1: cb.Output[float]
        b2: cb.Output[float]
        c0: int = 0
        c1: int = 0
        c2: int = 0
        c3: int = 0
        a0: float = 0.0
        a1: float = 0.0
        a2: float = 0.0
        a3: float = 0.0
        d0: float = 0.0
        d1: float = 0.0
        d2: float = 0.0

        @cb.process
        def come(self):
            for _ in range(self.vehicles):
                cb.hold(self.gap.next())
                self.before_exit.put((int(cb.now() * 1e6) << 2) | self.kind.next())

        @cb.process
        def change(self):
            for _ in range(self.shifts):
                cb.hold(self.shift_gap.next())
                if self.shift_at.next() == 0:
                    self.before_exit.put(-self.shift_end.next())
                else:
                    self.before_entry.put(-self.shift_end.next())

        @cb.process(copies=exits)
        def exit_check(self):
            while True:
                v = self.before_exit.get()
                if v < 0:
                    cb.hold(max(0.0, float(-v) - cb.now()))
                else:
                    k = v & 3
                    self.a0 += cb.now() - float(v >> 2) * 1e-6
                    self.c0 += 1
                    cb.hold(draws.lognormal(self.mu[k], self.sigma[k]))
                    done = cb.now()
                    self.before_entry.put((int(done * 1e6) << 2) | k)
                    self.d0 += cb.now() - done

        @cb.process(copies=entries)
        def entry_check(self):
            while True:
                v = self.before_entry.get()
                if v < 0:
                    cb.hold(max(0.0, float(-v) - cb.now()))
                else:
                    k = v & 3
                    self.a1 += cb.now() - float(v >> 2) * 1e-6
                    self.c1 += 1
                    cb.hold(draws.lognormal(self.mu[3 + k], self.sigma[3 + k]))
                    done = cb.now()
                    if k == 0 and draws.uniform() < SEARCHED:
                        self.before_search.put((int(done * 1e6) << 2) | k)
                    else:
                        self.before_departure.put((int(done * 1e6) << 2) | k)
                    self.d1 += cb.now() - done

        @cb.process(copies=searches)
        def search(self):
            while True:
                v = self.before_search.get()
                k = v & 3
                self.a2 += cb.now() - float(v >> 2) * 1e-6
                self.c2 += 1
                cb.hold(draws.lognormal(self.mu[6 + k], self.sigma[6 + k]))
                done = cb.now()
                self.before_departure.put((int(done * 1e6) << 2) | k)
                self.d2 += cb.now() - done

        @cb.process(copies=departures)
        def leave(self):
            while True:
                v = self.before_departure.get()
                self.a3 += cb.now() - float(v >> 2) * 1e-6
                self.c3 += 1
                cb.hold(self.departure_s)

        @cb.on_end
        def close(self):
            self.n0 = self.c0
            self.n1 = self.c1
            self.n2 = self.c2
            self.n3 = self.c3
            self.w0 = self.a0
            self.w1 = self.a1
            self.w2 = self.a2
            self.w3 = self.a3
            self.b0 = self.d0
            self.b1 = self.d1
            self.b2 = self.d2

    return Post


def _shifts(model: shared.Model, days: int) -> list[tuple[float, int, int]]:
    """Return (instant [s], station, until [s]) for every server that goes off duty."""
    out = []
    for k, name in enumerate(shared.STATIONS):
        changes = model.roster(name, days)
        most = max(model.servers[name])
        ends = [at for at, _ in changes[1:]] + [(days + 1) * 86_400.0]
        for (start, servers), end in zip(changes, ends, strict=True):
            out += [(start, k, int(end))] * (most - servers)
    return sorted(out)


def run(model: shared.Model, days: int) -> dict[str, object]:
    """Run a model and return its JSON line."""
    times, kinds = shared.trace(days)
    shifts = _shifts(model, days)
    one = post([max(model.servers[name]) for name in shared.STATIONS])()
    one.gap = inputs.trace(np.diff(times, prepend=0.0))
    one.kind = inputs.trace(kinds.astype(np.int64))
    table = shifts or [(0.0, 0, 1)]
    one.shift_gap = inputs.trace(np.diff([row[0] for row in table], prepend=0.0))
    one.shift_at = inputs.trace(np.array([row[1] for row in table]))
    one.shift_end = inputs.trace(np.array([row[2] for row in table]))
    one.vehicles, one.shifts, one.departure_s = times.size, len(shifts), model.departure_s
    for name, room in model.buffers.items():
        setattr(one, f"before_{name}", cb.Store(capacity=room))
    for seed in (0, 1):  # the first compiles
        experiment = cb.Experiment(one, replications=1, seed=seed)
        start = time.process_time()
        found = experiment.run()[one]
        cpu = time.process_time() - start

    def four(letter: str) -> list[float]:
        return [float(np.ravel(getattr(found, f"{letter}{k}"))[0]) if hasattr(found, f"{letter}{k}")
                else 0.0 for k in range(4)]

    visits, waits, blocked = four("n"), four("w"), four("b")
    # An offered vehicle's clock starts when it is offered, so that being blocked counts as waiting.
    if model.buffers:
        waits[1] -= blocked[0]
        waits[3] -= blocked[1] + blocked[2]
    return {"version": cb.__version__, "visits": round(sum(visits)), "cpu_s": cpu,
            "waits_s": shared.by_station(waits, visits),
            "blocked_s": shared.by_station(blocked, visits)}
