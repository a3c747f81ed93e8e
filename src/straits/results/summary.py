"""Summaries: named arrays of integers that merge in any order to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS
from straits.results import accumulate
from straits.results.causes import CAUSES, add_causes, departure_since
from straits.results.histogram import BIN_COUNT
from straits.tables.people import COLUMNS, Event, Observation, PeopleDay, PersonDays
from straits.tables.vehicles import DEPARTURE, GaveUp, VehicleLog, VehiclePlan, stream_of

__all__ = ["Summary", "empty_people", "empty_summary", "folded", "measure_people",
           "measure_vehicles", "merge"]  # fmt: skip

# Accumulators whose merge is the larger value; all others add up.
MAXIMA: Final = frozenset({"longest_wait", "longest_queue", "longest_tailback_dm"})
# The state at the window's end: kept from the summary that has it, by `closing_at`.
CLOSING: Final = frozenset({
    "still_waiting", "waiting_age", "oldest_waiting", "overdue", "inside",
})
STATES: Final = 19


@dataclass(frozen=True, slots=True)
class Summary:
    """Integer accumulators by name, over a window of time.

    Attributes
    ----------
    values : mapping of str to int64 arrays
    closing_at : int
        Instant [ticks] to which the closing state (who still waits) refers, the window's end; -1
        where that is not in it yet.
    """

    values: Mapping[str, NDArray[np.int64]]
    closing_at: int = -1


def empty_summary(plan: VehiclePlan, days: int) -> Summary:
    """Return a summary of nothing for a window of `days` days."""
    stations, streams = len(plan.station_names), len(plan.stream_names)
    count = stations * plan.class_length_dm.size  # (station, class) pairs, class fastest
    shape: dict[str, tuple[int, ...]] = {
        "visits": (count,), "waits": (count,), "delays": (count,), "longest_wait": (count,),
        "histogram": (count, BIN_COUNT), "busy": (stations,), "on_duty": (stations,),
        "handled": (stations, streams), "queue": (stations, 672), "queue_dm": (stations, 672),
        "longest_queue": (stations,), "queue_day": (stations, days),
        "entered": (streams,), "exited": (streams,), "inside": (streams,),
        "still_waiting": (stations,), "waiting_age": (stations,), "oldest_waiting": (stations,),
        "overdue": (count,),
        "sailings": (stations,), "sailing_space": (stations,), "sailing_vehicles": (stations,),
        "sailing_foot": (stations,), "sailing_late": (stations,), "cancelled": (stations,),
        "blocked": (count,), "held": (count,), "ledger": (len(CAUSES) - 1, stations, 168),
        "gave_up": (stations, len(GaveUp)),
        "tailback_dm": (len(plan.road_names), 672), "longest_tailback_dm": (len(plan.road_names),),
        "in_scheme": (len(plan.road_names), 1), "scheme_on": (len(plan.scheme_names),),
    }
    vehicles = {name: np.zeros(size, np.int64) for name, size in shape.items()}
    return Summary({**vehicles, **empty_people(days).values})


def empty_people(days: int) -> Summary:
    """Return a summary of nothing of the people half alone."""
    shape: dict[str, tuple[int, ...]] = {
        "stock": (days, STATES), "events": (days, len(Event), COLUMNS),
        "person_days": (days, len(PersonDays)), "observed": (days, len(Observation)),
        "arrivals": (days,),
    }  # fmt: skip
    return Summary({name: np.zeros(size, np.int64) for name, size in shape.items()})


def folded(summary: Summary) -> Summary:
    """Return the people half of a summary as two days: all days but the last as one, and the last.

    Measures of people are sums over days, or the last day's, so they are the same bits of it, and
    a window of any length is a few kilobytes.
    """
    return Summary({
        name: np.stack([summary.values[name][:-1].sum(axis=0), summary.values[name][-1]])
        for name in empty_people(1).values
    })  # fmt: skip


def merge(first: Summary, second: Summary) -> Summary:
    """Return the summary of two disjoint stretches of time; the order does not matter."""
    late, early = (first, second) if first.closing_at >= second.closing_at else (second, first)
    values = {}
    for name, one in first.values.items():
        other = second.values[name]
        if name in MAXIMA:
            values[name] = np.maximum(one, other)
        elif name in CLOSING:
            values[name] = late.values[name] if early is not late else one
        else:
            values[name] = one + other
    return Summary(values, late.closing_at)


def measure_vehicles(log: VehicleLog, plan: VehiclePlan, window: tuple[int, int],
                     weekday: int, out: Summary) -> Summary:
    """Add one slice's log to `out`, which is changed, and return it.

    The slice that ends with the window leaves its closing state as well.

    Parameters
    ----------
    log : VehicleLog
        A slice that lies inside the window.
    window : (int, int)
        First and last instant of the window [ticks].
    weekday : int
        Weekday of the plan's day 0, Monday 0: queues are kept by quarter of an hour of a week.
    """
    v = out.values
    joined = log.arrived + log.held if log.held.strides != (0,) else log.arrived
    shift = weekday * DAY_TICKS
    waited = accumulate.add_visits(
        log.vehicle, log.station, joined, log.waiting, log.service, log.delay, log.start,
        plan.stream_class, plan.class_length_dm.size, v["visits"], v["waits"], v["delays"],
        v["longest_wait"], v["histogram"], v["busy"], v["handled"],
    )
    accumulate.add_queues(
        (waited, log.vehicle, log.station, joined, log.waiting),
        (log.inside_vehicle, log.inside_station, log.inside_joined, log.inside_started,
         log.inside_leaves), _gone(log), (log.start, log.end, window[0], shift),
        plan.stream_class, plan.class_length_dm,
        (plan.roster_first, plan.roster_at, plan.roster_servers),
        (v["busy"], v["on_duty"]), (v["queue"], v["queue_dm"], v["longest_queue"], v["queue_day"]))
    if log.held.strides != (0,):
        accumulate.add_causes(waited, log.vehicle, log.station, joined, log.waiting, log.blocked,
                              log.held, plan.stream_class, plan.class_length_dm.size,
                              v["blocked"], v["held"])
    add_causes(log, plan, waited, joined, shift, v)
    v["entered"] += log.entered
    v["exited"] += log.exited
    if log.sailing_station.size:
        accumulate.add_sailings(
            log.sailing_station, log.sailing_vehicles, log.sailing_space, log.sailing_foot,
            log.sailing_late, (v["sailings"], v["sailing_vehicles"], v["sailing_space"],
                               v["sailing_foot"], v["sailing_late"], v["cancelled"]))
    return _close(log, plan, out) if log.end == window[1] else out


def _gone(log: VehicleLog) -> tuple[NDArray[np.int64], ...]:
    """Return who left a queue unserved, as ``accumulate.add_queues`` takes them."""
    vehicle, joined = log.gave_up_vehicle, log.gave_up_joined
    if not vehicle.size:
        return (vehicle,) * 5
    return (np.flatnonzero(joined >= 0), vehicle, log.gave_up_station, joined,
            log.gave_up_at - joined)


def _close(log: VehicleLog, plan: VehiclePlan, out: Summary) -> Summary:
    """Put the state at the window's end into the summary: who still waits, and for how long."""
    v = out.values
    waiting = log.inside_started < 0
    station = log.inside_station[waiting]
    age = log.end - log.inside_arrived[waiting]
    v["inside"][:] = log.inside
    for name in ("still_waiting", "waiting_age", "oldest_waiting", "overdue"):
        v[name][:] = 0
    np.add.at(v["still_waiting"], station, 1)
    np.add.at(v["waiting_age"], station, age)
    np.maximum.at(v["oldest_waiting"], station, age)
    kind = plan.stream_class[stream_of(log.inside_vehicle[waiting])]
    late = np.where(plan.station_kind[station] == DEPARTURE, 0, age)
    # Waiting for a departure is late from the first sailing that left without the vehicle.
    joined = log.inside_joined[waiting]
    sea = np.flatnonzero((plan.station_kind[station] == DEPARTURE) & (joined >= 0))
    late[sea] = log.end - departure_since(plan, station[sea], joined[sea], log.end)
    late[sea] += np.maximum(joined[sea] - log.inside_arrived[waiting][sea], 0)
    ashore = np.flatnonzero((plan.station_kind[station] == DEPARTURE) & (joined < 0))
    late[ashore] = age[ashore]
    late = np.maximum(late, 0)
    np.add.at(v["overdue"], station * plan.class_length_dm.size + kind, late)
    return Summary(v, log.end)


def departed(summary: Summary, plan: VehiclePlan) -> NDArray[np.int64]:
    """Return vehicles that left on a departure, by stream [vehicles]."""
    sea = plan.station_kind == DEPARTURE
    return np.asarray(summary.values["handled"][sea].sum(axis=0))


def measure_people(day: PeopleDay, index: int, out: Summary) -> None:
    """Put one day of the people half into the summary, at day `index` of the window."""
    v = out.values
    v["stock"][index] += day.stock
    v["events"][index] += day.events
    v["person_days"][index] += day.person_days
    v["observed"][index] += day.observed
    v["arrivals"][index] += day.arrivals


def lorries_inside(log: VehicleLog, plan: VehiclePlan) -> NDArray[np.int64]:
    """Return vehicles waiting at the slice's end, by (station, class) [vehicles]."""
    out = np.zeros((len(plan.station_names), plan.class_length_dm.size), np.int64)
    waiting = log.inside_started < 0
    kind = plan.stream_class[stream_of(log.inside_vehicle[waiting])]
    np.add.at(out, (log.inside_station[waiting], kind), 1)
    return out
