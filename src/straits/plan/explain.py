"""What a plan will do before it runs: offered load, utilisation, first bottleneck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS
from straits.plan.demand import stream_list
from straits.plan.legend import label_of
from straits.plan.positions import AFTER, SEA, Worlds, standing
from straits.plan.rosters import shifted
from straits.plan.staffing import lags_of
from straits.tables.vehicles import VehiclePlan

__all__ = ["StationLoad", "expected_visits", "station_loads"]


@dataclass(frozen=True, slots=True)
class StationLoad:
    """Expected load of one station over a window, for one crossing and direction.

    Attributes
    ----------
    mean_load, peak_load : float
        Offered load in the mean hour, and in the busiest expected hour [erlang].
    mean_servers, peak_servers : float
        Servers on duty in the mean hour, and in that busiest hour; for a departure, capacity
        as vehicles of the expected mix an hour.
    utilisation, peak_utilisation : float
        Expected busy share over the window, and load over servers in the hour where that ratio
        is highest [dimensionless]; above 1 a queue must grow.
    peak_at : str
        That hour, UTC.
    """

    station: str
    label: str
    crossing: str
    direction: str
    phase: str
    mean_load: float
    peak_load: float
    mean_servers: float
    peak_servers: float
    utilisation: float
    peak_utilisation: float
    peak_at: str


def station_loads(
    scenario: Worlds, plan: VehiclePlan, first: date, window: tuple[int, int]
) -> list[StationLoad]:
    """Return the loads of every station in use on the window's first day, in the order met.

    Loads come from expected arrivals and mean service times; no draw is made. A station that
    serves two crossings appears under each, with its whole load. After the sea arrivals are shifted
    by the mean time of the crossing; the minutes between stations of one shore are left out.
    """
    day = first + timedelta(window[0])
    world = scenario.world_at(day)
    streams = stream_list(world)
    rates = plan.rates[window[0] : window[1]].reshape(-1, len(streams))
    epoch = int(np.searchsorted(plan.epoch_start, window[0] * 24 * HOUR_TICKS, side="right")) - 1
    load = np.zeros((len(plan.station_names), rates.shape[0]))
    by_class: dict[tuple[int, int], NDArray[np.float64]] = {}  # vehicles for whom places are few
    lags = lags_of(world)
    after = {p.station for p in standing(world, day) if p.phase == AFTER}
    occupants = plan.occupants_cdf
    people = 1.0 + np.sum(1.0 - occupants, axis=1)
    for index, (crossing, direction, _) in enumerate(streams):
        late = shifted(rates[:, index], lags[(crossing, direction)])
        route = plan.route_of[epoch, index]
        steps = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
        for step, share in zip(steps, expected_visits(plan, steps), strict=True):
            station = plan.step_station[step]
            kind = plan.stream_class[index]
            ticks = plan.step_base[step] + plan.step_per_occupant[step] * people[kind]
            mean_h = ticks / HOUR_TICKS
            if plan.station_kind[station] == 1:
                mean_h = float(plan.step_space[step])
            rate = late if plan.station_names[station] in after else rates[:, index]
            load[station] += rate * share * mean_h
            if plan.station_class_capacity[station, kind] >= 0:
                pair = (int(station), int(kind))
                by_class[pair] = by_class.get(pair, 0.0) + rate * share
    out = []
    for position in sorted(standing(world, day), key=lambda p: p.sort_key):
        number = plan.station_names.index(position.station)
        if not load[number].any():
            continue
        servers = _capacity(plan, number, window)
        ratio = load[number] / np.maximum(servers, 1e-12)
        if plan.station_kind[number] == 1:
            # Sailings are lumpy: compare over six hours.
            ratio = _smooth(load[number]) / np.maximum(_smooth(servers), 1e-12)
        mean = float(load[number].sum() / max(servers.sum(), 1e-12))
        for (station, kind), wanted in by_class.items():
            if station == number:
                # The class for which its places are fewest says how full the departure is.
                places = _capacity(plan, number, window, kind)
                ratio = np.maximum(ratio, _smooth(wanted) / np.maximum(_smooth(places), 1e-12))
                mean = max(mean, float(wanted.sum() / max(places.sum(), 1e-12)))
        peak = int(np.argmax(ratio))
        for crossing in position.crossings:
            out.append(StationLoad(
                position.station, label_of(position, world), crossing,
                position.direction,
                "departure" if position.phase == SEA
                else "after the sea" if position.phase == AFTER else "before the sea",
                float(load[number].mean()), float(load[number].max()), float(servers.mean()),
                float(servers[peak]), mean, float(ratio[peak]),
                f"{first + timedelta(window[0] + peak // 24)} {peak % 24:02d}:00",
            ))
    return out


def expected_visits(plan: VehiclePlan, steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how often a vehicle without people aboard meets each step of a route [visits].

    Steps that send vehicles back are met again; an examination is met after an alarm.
    """
    out = np.array(plan.step_share[steps], np.float64)
    calm = 1.0
    for place, step in enumerate(steps):
        if plan.step_alarm[step] == 1:
            calm *= 1.0 - out[place] * plan.step_false_alarm[step]
        elif plan.step_alarm[step] == 2:
            out[place] = 1.0 - calm
            calm = 1.0
    for place, step in enumerate(steps):
        out[place - plan.step_back[step] : place + 1] /= 1.0 - plan.step_again[step]
    return out


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.convolve(values, np.ones(6) / 6.0, mode="same")


def _capacity(
    plan: VehiclePlan, station: int, window: tuple[int, int], kind: int = -1
) -> NDArray[np.float64]:
    """Return servers on duty, or space that sails, in each hour of the window.

    With a class the places that a departure has for it, where they are limited.
    """
    hours = (window[1] - window[0]) * 24
    start = window[0] * 24 * HOUR_TICKS
    out = np.zeros(hours)
    if plan.station_kind[station] == 1:
        low, high = plan.sailing_first[station], plan.sailing_first[station + 1]
        hour = (plan.sailing_at[low:high] - start) // HOUR_TICKS
        inside = (hour >= 0) & (hour < hours)
        room = plan.sailing_capacity[low:high].astype(float)
        if kind >= 0:
            room = np.where(room > 0.0, plan.station_class_capacity[station, kind], 0.0)
        np.add.at(out, hour[inside], room[inside])
        return out
    low, high = plan.roster_first[station], plan.roster_first[station + 1]
    at = plan.roster_at[low:high]
    middle = start + np.arange(hours) * HOUR_TICKS + HOUR_TICKS // 2
    which = np.searchsorted(at, middle, side="right") - 1
    return np.asarray(np.where(which >= 0, plan.roster_servers[low + which], 0), np.float64)
