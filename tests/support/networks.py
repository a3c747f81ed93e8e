"""Small networks, and how to run them in slices."""

import numpy as np

from straits.base.clock import HOUR_TICKS
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.run import run_pieces, run_slice
from straits.plan.simple import Service, Station, Visit, network
from straits.tables.vehicles import VehicleState, stream_of

LOG = ("vehicle", "station", "arrived", "waiting", "service", "blocked", "held", "delay")


def border(days, scale=1.0, faster_entry=0.0):
    """A network with everything a sweep has: rosters that close and open, merging and splitting
    routes, a search that selects and finds, sailings, a shuttle, stations after the sea."""
    st = [
        Station("check-in", [(0, 3)] + [(d * 86400 + h * 3600, c) for d in range(days)
                                        for h, c in ((6, 4), (13, 5), (22, 2))]),
        Station("entry", [(0, 4)] + [(d * 86400 + h * 3600, c) for d in range(days)
                                     for h, c in ((5, 5), (15, 0), (16, 6))]),
        Station("search", [(0, 3)]),
        Station("ferry", sailings=[(t * 2400.0, 60) for t in range(36 * days)], cut_off_s=1800,
                crossing_s=5400, unload_gap_s=7.5),
        Station("shuttle", sailings=[(t * 1200.0 + 7, 40) for t in range(72 * days)],
                cut_off_s=600, crossing_s=2100, unload_gap_s=20),
        Station("far", [(0, 5)]),
    ]
    entry = Service(45 - faster_entry, 0.6)
    lorry = [Visit(0, Service(60, 0.5), 30), Visit(1, entry, 60),
             Visit(2, Service(141, 1.1), 60, share=0.4, share_aboard=0.7, sensitivity=0.6,
                   find_s=1200),
             Visit(3, space=3), Visit(5, Service(40, 0.5), 60)]
    car = [Visit(0, Service(45, 0.5), 30), Visit(1, Service(30, 0.6), 60), Visit(4),
           Visit(5, Service(20, 0.5), 60)]
    other = [Visit(1, Service(30, 1.0, "exponential"), 60), Visit(3)]
    profile = 1 + 0.5 * np.sin(np.arange(24) / 24 * 6.28)
    rates = np.stack([np.stack([profile * r for r in (60, 110, 40)], 1)] * days) * scale
    return network(st, [lorry, car, other], rates, 0.1)


def run(plan, key, slice_h, days, engine="auto", aboard=True):
    """Run `days` days in slices and return logs and the last state.

    The engine "pieces" is "auto", cutting slices in which buffers fill.
    """
    factors = day_factors(plan, key)
    state = VehicleState.empty()
    logs = []
    hour = 0
    while hour < days * 24:
        end = min(hour + slice_h, days * 24)
        new = arrivals(plan, key, factors, hour, end)
        people = ((new.vehicle % 7 == 0) & (stream_of(new.vehicle) == 0)).astype(np.int64) * 3
        span = {"start": hour * HOUR_TICKS, "end": end * HOUR_TICKS,
                "aboard": people if aboard else None}
        if engine == "pieces":
            pieces, state = run_pieces(plan, key, state, new, **span)
            logs += pieces
        else:
            log, state = run_slice(plan, key, state, new, engine=engine, **span)
            logs.append(log)
        hour = end
    return logs, state


def joined(logs):
    """Return all visits, outcomes and sailings in one order that no slicing changes."""
    visits = [np.concatenate([getattr(log, name) for log in logs]) for name in LOG]
    order = np.lexsort((visits[0], visits[1], visits[2]))
    found = [np.concatenate([getattr(log, f"outcome_{k}") for log in logs])
             for k in ("vehicle", "kind", "at")]
    sail = [np.concatenate([getattr(log, f"sailing_{k}") for log in logs])
            for k in ("station", "at", "vehicles", "space", "foot")]
    return ([column[order] for column in visits]
            + [column[np.lexsort(found)] for column in found]
            + [column[np.lexsort((sail[0], sail[1]))] for column in sail])


def assert_same(first, second):
    """Compare two logs column by column."""
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
