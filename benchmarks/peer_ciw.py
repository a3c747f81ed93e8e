"""Ciw on the models: its own schedules, its own blocking.

At a change of shift it lets the old shift finish and begins with fresh servers, which is a little
more generous than the others; a buffer is its `queue_capacities`.
"""

from __future__ import annotations

import time

import ciw

from benchmarks import model as shared


def _network(model: shared.Model, days: int) -> object:
    """Return the network; arrivals are replayed class by class."""
    names = [name for name, _ in shared.CLASSES]
    times, kinds = shared.trace(days)

    def gaps(k: int) -> object:
        mine = times[kinds == k]
        return ciw.dists.Sequential([float(mine[0]), *(mine[1:] - mine[:-1]).tolist(),
                                     float("inf")])

    def services(rows: tuple[tuple[float, float], ...]) -> list[object]:
        return [ciw.dists.Lognormal(*shared.lognormal(*row)) for row in rows]

    def schedule(name: str) -> object:
        changes = model.roster(name, days)
        if len(changes) == 1:
            return changes[0][1]
        ends = [at for at, _ in changes[1:]] + [(days + 7) * 86_400.0]
        return ciw.Schedule(numbers_of_servers=[c for _, c in changes], shift_end_dates=ends)

    exits, entries = services(shared.EXIT), services(shared.ENTRY)
    rest = [ciw.dists.Lognormal(*shared.lognormal(*shared.SEARCH)),
            ciw.dists.Deterministic(model.departure_s)]
    share = shared.SEARCH_SHARE
    first, last, out = [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0] * 4
    searched = [first, [0.0, 0.0, share, 1.0 - share], last, out]
    straight = [first, last, last, out]
    return ciw.create_network(
        arrival_distributions={n: [gaps(k), None, None, None] for k, n in enumerate(names)},
        service_distributions={n: [exits[k], entries[k], *rest] for k, n in enumerate(names)},
        routing={n: searched if n == "lorry" else straight for n in names},
        number_of_servers=[schedule(name) for name in shared.STATIONS],
        queue_capacities=[model.buffers.get(name, float("inf")) for name in shared.STATIONS])


def run(model: shared.Model, days: int) -> dict[str, object]:
    """Run a model and return its JSON line."""
    network = _network(model, days)
    ciw.seed(1)
    start = time.process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time((days + 1) * 86_400.0)
    records = simulation.get_all_records()
    cpu = time.process_time() - start
    waits, blocked, visits = [0.0] * 4, [0.0] * 4, [0] * 4
    for record in records:
        waits[record.node - 1] += record.waiting_time
        blocked[record.node - 1] += record.time_blocked
        visits[record.node - 1] += 1
    return {"version": ciw.__version__, "visits": len(records), "cpu_s": cpu,
            "waits_s": shared.by_station(waits, visits),
            "blocked_s": shared.by_station(blocked, visits)}
