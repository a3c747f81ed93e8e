"""Random small networks with everything that can couple, for properties and the soak."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from straits.plan.simple import Pool, Road, Scheme, Service, Station, Visit, network
from straits.tables.vehicles import VehiclePlan

DAY_S = 86_400.0


@st.composite
def plans(draw: Any, coupled: bool = True) -> VehiclePlan:
    """Return the plan of half a day or so of a random network of up to six stations.

    Stations come in a chain: some before a departure, the departure, some after it; routes leave
    some out. Without `coupled` nothing asks for room, shares or returns.
    """
    before, after = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    sails = draw(st.booleans())
    chance = st.sampled_from((False, False, True)) if coupled else st.just(False)
    pooled = coupled and before > 1 and draw(chance)
    stations: list[Station] = []
    for k in range(before + after + sails):
        if sails and k == before:
            stations.append(_departure(draw, f"s{k}", chance, k))
            continue
        roster = [(0.0, draw(st.integers(1, 3)))]
        for hour in sorted(draw(st.sets(st.integers(1, 22), max_size=3))):
            roster.append((hour * 3600.0 + draw(st.sampled_from((0.0, 900.0, 7.0))),
                           draw(st.integers(0, 4))))
        roster.append((23 * 3600.0, 4))
        limits: dict[str, Any] = {}
        if draw(chance):
            limits["buffer" if draw(st.booleans()) else "buffer_m"] = draw(st.integers(1, 6)) * 8
        if draw(chance):
            limits["balk"] = draw(st.integers(0, 12))
        if draw(chance):
            limits.update(extra=draw(st.integers(1, 2)), extra_on_m=draw(st.sampled_from((30, 75))),
                          extra_off_m=draw(st.sampled_from((0, 15))), extra_lead_s=600.0)
        if pooled and k < before:
            limits["pool"] = "pool"
        stations.append(Station(f"s{k}", roster, **limits))
    pools = [Pool("pool", [(0.0, 3), (36_000.0, draw(st.integers(1, 5)))])] if pooled else []
    routes = [_route(draw, stations, before, sails, chance)
              for _ in range(draw(st.integers(1, 3)))]
    roads, schemes = _roads(draw, chance, len(routes))
    peak = draw(st.sampled_from((4.0, 12.0, 30.0)))
    hours = 1.0 + 0.8 * np.sin(np.arange(24) / 24 * 6.28 + draw(st.integers(0, 6)))
    rates = np.repeat((hours * peak)[None, :, None], len(routes), axis=2)
    return network(stations, routes, rates, 0.1, pools=pools, roads=roads, schemes=schemes,
                   loads=(0.7, 0.3) if draw(chance) else (1.0,))


def _departure(draw: Any, name: str, chance: Any, place: int) -> Station:
    every = draw(st.sampled_from((1800.0, 5400.0)))
    number = int(DAY_S / every)
    more: dict[str, Any] = {}
    if draw(chance):
        more["buffer"] = draw(st.integers(2, 20))
    if draw(chance):
        more["cancelled"] = [0.3] * number
    if draw(chance):
        more["class_capacity"] = draw(st.integers(2, 9))
    if draw(chance):
        # A ship holds the berth of a later one of the same line.
        more["link"] = {k: (place, k + 4) for k in range(number - 4) if k % 3 == 0}
    return Station(name, sailings=[(k * every + 60.0, draw(st.sampled_from((6, 12, 30))))
                                   for k in range(number)],
                   cut_off_s=draw(st.sampled_from((0.0, 900.0))), crossing_s=3000.0,
                   unload_gap_s=draw(st.sampled_from((0.0, 10.0, 60.0))), **more)


def _route(draw: Any, stations: list[Station], before: int, sails: bool, chance: Any
           ) -> list[Visit]:
    route: list[Visit] = []
    alarmed = False
    for k, station in enumerate(stations):
        if station.sailings:
            route.append(Visit(k, space=draw(st.integers(1, 3)), priority=draw(st.integers(0, 2))
                               if draw(chance) else 0))
            continue
        if route and draw(st.integers(0, 4)) == 0:
            continue
        service = Service(draw(st.sampled_from((40.0, 200.0, 600.0))),
                          draw(st.sampled_from((0.0, 0.5, 1.0))))
        more: dict[str, Any] = {}
        if draw(chance):
            more["priority"] = draw(st.integers(0, 2))
        if draw(chance):
            more["patience"] = Service(draw(st.sampled_from((300.0, 2000.0))), 1.0, "exponential")
        if draw(st.integers(0, 3)) == 0:
            more.update(share=draw(st.sampled_from((0.3, 0.9))), share_aboard=0.8,
                        sensitivity=0.6, find_s=500.0, load=())
        if "share" not in more and draw(chance):
            behind = 0  # steps since the last that sends back, or a ship
            while behind < len(route) and not route[-1 - behind].again and not (
                    stations[route[-1 - behind].station].sailings):
                behind += 1
            more.update(again=0.3, back=draw(st.integers(0, min(behind, 2))))
        if not alarmed and k + 1 < before and draw(chance):
            alarmed = True
            route.append(Visit(k, service, 60.0, sensitivity=0.7, alarm=1, false_alarm=0.2,
                               share=0.8, share_aboard=0.9))
            route.append(Visit(k + 1, Service(300.0, 0.5), 30.0, alarm=2, sensitivity=0.9,
                               find_s=100.0))
            continue
        if route and route[-1].station >= k:
            continue
        route.append(Visit(k, service, draw(st.sampled_from((0.0, 45.0, 120.0))),
                           after_sea=sails and k > before, **more))
    return route


def _roads(draw: Any, chance: Any, streams: int) -> tuple[list[Road], list[Scheme]]:
    if not draw(chance):
        return [], []
    scheme = draw(chance)
    schemes = [Scheme("hold", (4, draw(st.integers(6, 40))), on_m=draw(st.sampled_from((15, 60))),
                      release_m=draw(st.sampled_from((0, 30))), gap_s=draw(st.sampled_from((1, 90))),
                      compliance=draw(st.sampled_from((0.6, 1.0))),
                      unready=draw(st.sampled_from((0.0, 0.2))),
                      to_s=draw(st.sampled_from((50_000.0, 1e6))))] if scheme else []
    split = draw(st.integers(1, streams))
    roads = [Road("a", range(split), 2, "hold" if scheme else None)]
    if split < streams:
        roads.append(Road("b", range(split, streams), 1, "hold" if scheme else None))
    return roads, schemes
