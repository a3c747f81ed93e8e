"""Why vehicles were late, and where they stood: delay by cause and hour, tailbacks, schemes.

Delay is the time that a vehicle would not have spent without others, a lack of servers or a ship
that was full: waiting for a server, blocked by what is ahead, waiting for a departure after the
first for which it was in time, held on the road or aboard before it could get in. Each is booked
to the station that could not take it and to the hours in which it was suffered, so the hours add
up to the delay exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS, QUARTER_TICKS
from straits.results import accumulate
from straits.tables.vehicles import DEPARTURE, Status, VehicleLog, VehiclePlan, stream_of

__all__ = ["CAUSES", "add_causes", "delay_by_cause", "departure_since"]

CAUSES: Final = ("waiting for a server", "blocked", "waiting for a departure", "held")
BLOCKED, LATE, HELD = range(3)  # rows of a summary's ledger; the first cause is its queues
HOURS: Final = 168

Whole: TypeAlias = NDArray[np.int64]
Values: TypeAlias = Mapping[str, Whole]
Span: TypeAlias = tuple[int, Whole, Whole, Whole]  # row of the ledger, station, since, until


def departure_since(plan: VehiclePlan, station: Whole, joined: Whole, otherwise: int) -> Whole:
    """Return from when waiting for a departure is late: the first sailing for which one is in time.

    Parameters
    ----------
    station, joined : int64[n]
        Departures, and when vehicles joined them [ticks].
    otherwise : int
        What to return where no such sailing is planned [ticks].
    """
    out = np.full(station.size, otherwise, np.int64)
    for s in np.unique(station):
        here = np.flatnonzero(station == s)
        sails = plan.sailing_at[plan.sailing_first[s] : plan.sailing_first[s + 1]]
        place = np.searchsorted(sails, joined[here] + plan.station_cut_off[s])
        out[here] = np.append(sails, max(otherwise, 0))[place]
    return out


def _gave_up(log: VehicleLog, plan: VehiclePlan) -> tuple[Whole, Whole]:
    """Return until when those who turned away were held, and since when they waited [ticks].

    Between the two they waited for a departure for which they were not late yet.
    """
    at = log.gave_up_at
    joined = np.where(log.gave_up_joined < 0, at, log.gave_up_joined)
    late = joined.copy()
    sea = np.flatnonzero(plan.station_kind[log.gave_up_station] == DEPARTURE)
    first = departure_since(plan, log.gave_up_station[sea], joined[sea], log.end)
    late[sea] = np.minimum(first, at[sea])
    return joined, late


def _turned_away(log: VehicleLog, plan: VehiclePlan, out: Values) -> Iterator[Span]:
    """Yield the delays of those who turned away, and add them to those of their class."""
    station, at = log.gave_up_station, log.gave_up_at
    joined, late = _gave_up(log, plan)
    pair = station * plan.class_length_dm.size + plan.stream_class[stream_of(log.gave_up_vehicle)]
    np.add.at(out["delays"], pair, np.maximum(joined - log.gave_up_arrived, 0) + at - late)
    np.add.at(out["gave_up"], (station, log.gave_up_kind), 1)
    yield HELD, station, log.gave_up_arrived, joined
    sea = plan.station_kind[station] == DEPARTURE
    yield LATE, station[sea], late[sea], at[sea]


def _inside(log: VehicleLog, plan: VehiclePlan) -> Iterator[Span]:
    """Yield the delays so far of visits that are under way."""
    station, joined = log.inside_station, log.inside_joined
    out = joined < 0  # still held
    end = np.full(station.size, log.end)
    yield HELD, station, log.inside_arrived, np.where(out, end, np.minimum(joined, end))
    sea = ~out & (plan.station_kind[station] == DEPARTURE)
    yield LATE, station[sea], departure_since(plan, station[sea], joined[sea], log.end), end[sea]
    blocked = log.inside_status == Status.BLOCKED
    yield BLOCKED, station[blocked], log.inside_leaves[blocked], end[blocked]


def delay_by_cause(values: Values, kind: Whole) -> Whole:
    """Return delay by cause (as `CAUSES`), station and hour of the week since Monday 00:00 UTC.

    Parameters
    ----------
    values : mapping of arrays
        Of a ``Summary``.
    kind : int64[station]
        ``VehiclePlan.station_kind``.

    Returns
    -------
    int64[4, station, 168]
        [ticks].
    """
    queues = values["queue"].reshape(kind.size, HOURS, -1).sum(axis=2)
    return np.concatenate([(queues * (kind != DEPARTURE)[:, None])[None], values["ledger"]])


def add_causes(
    log: VehicleLog, plan: VehiclePlan, rows: Whole, joined: Whole, shift: int, out: Values
) -> None:
    """Add a slice's delays by cause and hour, its queues on roads, and who turned away.

    Parameters
    ----------
    rows : int64[n]
        Visits that were late, as ``accumulate.add_visits`` returns them.
    joined : int64[visit]
        When each visit of the log joined its station [ticks].
    shift : int
        Time from a Monday 00:00 UTC to tick 0 [ticks].
    out : mapping of arrays
        Of a ``Summary``; changed.
    """
    ledger = out["ledger"]
    if log.delay is log.waiting:
        return  # nothing holds anybody here, and nothing departs: queues say it all
    accumulate.add_ledger(rows, log.station, log.arrived, joined, log.waiting, log.service,
                          log.blocked, log.delay, plan.station_kind, log.start, log.end, shift,
                          HOUR_TICKS, ledger)
    _add_roads(log, plan, shift, out)
    parts = [_inside(log, plan)] if log.inside_vehicle.size else []
    if log.gave_up_vehicle.size:
        parts.append(_turned_away(log, plan, out))
    for spans in parts:
        for cause, station, since, until in spans:
            accumulate.add_spans(station, since, until, np.ones_like(station), log.start, log.end,
                                 shift, HOUR_TICKS, ledger[cause])


def _add_roads(log: VehicleLog, plan: VehiclePlan, shift: int, out: Values) -> None:
    """Add tailbacks by quarter of an hour, and the time under holding schemes."""
    if not plan.road_names:
        return
    vehicle = np.concatenate([log.stood_vehicle, log.standing_vehicle])
    road = np.concatenate([log.stood_road, log.standing_road])
    since = np.concatenate([log.stood_since, log.standing_since])
    released = np.concatenate([log.stood_released, log.standing_released])
    until = np.concatenate([log.stood_until, np.full(log.standing_road.size, log.end)])
    spacing = plan.class_spacing_dm[plan.stream_class[stream_of(vehicle)]]
    on = road >= 0
    begun = np.minimum(np.maximum(since, released), until)
    quarters = np.zeros((len(plan.road_names), -(-(log.end - log.start) // QUARTER_TICKS)),
                        np.int64)
    for table, offset in ((out["tailback_dm"], shift), (quarters, -log.start)):
        accumulate.add_spans(road[on], begun[on], until[on], spacing[on], log.start, log.end,
                             offset, QUARTER_TICKS, table)
    np.maximum(out["longest_tailback_dm"], quarters.max(axis=1), out=out["longest_tailback_dm"])
    held = on & (released >= 0)
    accumulate.add_spans(road[held], since[held], begun[held], np.ones_like(road[held]), log.start,
                         log.end, 0, log.end + 1, out["in_scheme"])
    for scheme in range(len(plan.scheme_names)):
        mine = log.scheme_index == scheme
        at, state = log.scheme_at[mine], log.scheme_state[mine]
        for one, now in zip(at, state, strict=True):
            out["scheme_on"][scheme] += (log.end - one) * (1 if now else -1)
        out["scheme_on"][scheme] += (log.end - log.start) * int(log.scheme_began[scheme])
