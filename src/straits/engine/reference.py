"""The vehicle engine in plain Python, written to be read: it *is* the specification.

One calendar of events in the written total order (time, phase, row). At one instant rosters
change first, then servers finish, then vehicles join queues, then sailings load; a station
serves in the order of joining and may start a service whenever fewer vehicles are in service
than servers are on duty, so a server that closes finishes its vehicle first.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from straits.engine.rng import uniform
from straits.engine.variates import look_up
from straits.tables.vehicles import DEPARTURE, LEFT_UNFOUND, VehiclePlan, VehicleState

__all__ = ["SliceResult", "run_slice"]

Columns: TypeAlias = tuple[NDArray[np.int64], ...]
# visits, sailings, outcomes, final state, who is out
SliceResult: TypeAlias = tuple[Columns, Columns, Columns, VehicleState, NDArray[np.bool_]]

ROSTER, FINISH, JOIN, SAIL = range(4)


@dataclass(slots=True)
class _Run:
    """The mutable state of one slice."""

    plan: VehiclePlan
    key: int
    start: int
    end: int
    rows: VehicleState
    calendar: list[tuple[int, int, int]] = field(default_factory=list)
    queues: list[list[int]] = field(default_factory=list)
    servers: list[int] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)
    out: list[bool] = field(default_factory=list)
    visits: list[tuple[int, ...]] = field(default_factory=list)
    sailings: list[tuple[int, ...]] = field(default_factory=list)
    outcomes: list[tuple[int, int, int]] = field(default_factory=list)


def run_slice(
    plan: VehiclePlan,
    key: int,
    rows: VehicleState,
    fresh: NDArray[np.bool_],
    entry: NDArray[np.int64],
    start: int,
    end: int,
) -> SliceResult:
    """Run [start, end) [ticks] for merged rows; see ``engine.run.run_slice``."""
    count = len(plan.station_names)
    run = _Run(plan, key, start, end, rows, out=[False] * rows.vehicle.size)
    run.queues = [[] for _ in range(count)]
    run.servers, run.busy = [0] * count, [0] * count
    for station in range(count):
        _schedule_station(run, station, start)
    for row in range(rows.vehicle.size):
        if fresh[row]:
            _advance(run, row, int(entry[row]))
        elif rows.started[row] >= 0:
            run.busy[int(plan.step_station[_step(run, row)])] += 1
            heapq.heappush(run.calendar, (int(rows.leaves[row]), FINISH, row))
        else:
            heapq.heappush(run.calendar, (int(rows.arrived[row]), JOIN, row))
    handle = {ROSTER: _roster, FINISH: _finish, JOIN: _join, SAIL: _sail}
    while run.calendar and run.calendar[0][0] < end:
        at, phase, who = heapq.heappop(run.calendar)
        handle[phase](run, at, who)
    return (_columns(_in_log_order(run), 6), _columns(run.sailings, 4),
            _columns(run.outcomes, 3), rows, np.array(run.out, bool))


def _columns(records: Sequence[tuple[int, ...]], width: int) -> Columns:
    """Turn records into columns."""
    table = np.array(records, np.int64).reshape(len(records), width)
    return tuple(np.ascontiguousarray(table[:, k]) for k in range(width))


def _in_log_order(run: _Run) -> list[tuple[int, ...]]:
    """Return visits in the log's written order.

    By station; first those that began before the slice, by the instant of leaving, then the
    others by the instant of joining; ties by row. The row becomes the vehicle's id.
    """

    def key(visit: tuple[int, ...]) -> tuple[int, ...]:
        row, station, arrived, waiting, service, _ = visit
        if arrived + waiting < run.start:
            return (station, 0, arrived + waiting + service, row)
        return (station, 1, arrived, row)

    return [(int(run.rows.vehicle[v[0]]), *v[1:]) for v in sorted(run.visits, key=key)]


def _schedule_station(run: _Run, station: int, start: int) -> None:
    """Put the roster changes and sailings of this slice into the calendar."""
    plan = run.plan
    for k in range(int(plan.roster_first[station]), int(plan.roster_first[station + 1])):
        at = int(plan.roster_at[k])
        if at <= start:
            run.servers[station] = int(plan.roster_servers[k])
        elif at < run.end:
            heapq.heappush(run.calendar, (at, ROSTER, k))
    for k in range(int(plan.sailing_first[station]), int(plan.sailing_first[station + 1])):
        if start <= plan.sailing_at[k] < run.end:
            heapq.heappush(run.calendar, (int(plan.sailing_at[k]), SAIL, k))


def _step(run: _Run, row: int) -> int:
    """Return the step at which a vehicle stands."""
    first = run.plan.route_first[run.rows.route[row]]
    return int(run.plan.route_step[first + run.rows.stage[row]])


def _advance(run: _Run, row: int, now: int) -> None:
    """Send a vehicle to its next station; a search that does not select it is passed by."""
    plan, rows = run.plan, run.rows
    first = int(plan.route_first[rows.route[row]])
    length = int(plan.route_first[rows.route[row] + 1]) - first
    stage = int(rows.stage[row]) + 1
    at = now
    while stage < length:
        step = int(plan.route_step[first + stage])
        share = plan.step_share_aboard[step] if rows.aboard[row] else plan.step_share[step]
        decision = int(plan.step_select_decision[step])
        if share >= 1.0 or uniform(run.key, decision, int(rows.vehicle[row])) < share:
            at = now + int(plan.step_transit[step])
            break
        stage += 1
    rows.stage[row] = stage
    rows.arrived[row] = at
    heapq.heappush(run.calendar, (at, JOIN, row))


def _join(run: _Run, at: int, row: int) -> None:
    """Let a vehicle join the queue of its station, or leave the network."""
    plan, rows = run.plan, run.rows
    length = plan.route_first[rows.route[row] + 1] - plan.route_first[rows.route[row]]
    if rows.stage[row] >= length:
        run.out[row] = True
        if rows.aboard[row]:
            run.outcomes.append((row, LEFT_UNFOUND, at))
        return
    station = int(plan.step_station[_step(run, row)])
    run.queues[station].append(row)
    _serve(run, at, station)


def _serve(run: _Run, at: int, station: int) -> None:
    """Start services while a server on duty is free."""
    if run.plan.station_kind[station] == DEPARTURE:
        return
    queue, rows = run.queues[station], run.rows
    at = max(at, run.start)  # who waited over the slice's start joined before it
    while queue and run.busy[station] < run.servers[station]:
        row = queue.pop(0)
        rows.started[row] = at
        rows.leaves[row] = at + _service_ticks(run, row)
        run.busy[station] += 1
        heapq.heappush(run.calendar, (int(rows.leaves[row]), FINISH, row))


def _service_ticks(run: _Run, row: int) -> int:
    """Draw a vehicle's service time [ticks]; a find lengthens a search."""
    plan, rows, step = run.plan, run.rows, _step(run, row)
    vehicle = int(rows.vehicle[row])
    u = uniform(run.key, int(plan.step_decision[step]), vehicle)
    mean = plan.step_base[step] + plan.step_per_occupant[step] * rows.occupants[row]
    length = max(int(mean * look_up(plan.quantiles[plan.step_table[step]], u) + 0.5), 1)
    if rows.aboard[row] and plan.step_sensitivity[step] > 0.0:
        chance = plan.step_sensitivity[step]
        if uniform(run.key, int(plan.step_find_decision[step]), vehicle) < chance:
            rows.found[row] = 1
            length += int(plan.step_find_ticks[step])
    return length


def _finish(run: _Run, at: int, row: int) -> None:
    """End a service: log the visit, free the server, book a find, move on."""
    plan, rows, step = run.plan, run.rows, _step(run, row)
    station = int(plan.step_station[step])
    arrived, started = int(rows.arrived[row]), int(rows.started[row])
    wait = started - arrived
    run.visits.append((row, station, arrived, wait, at - started, wait))
    run.busy[station] -= 1
    rows.started[row] = -1
    if rows.found[row]:
        rows.found[row] = 0
        rows.aboard[row] = 0
        run.outcomes.append((row, int(plan.step_after_sea[step]), at))
    _serve(run, at, station)
    _advance(run, row, at)


def _roster(run: _Run, at: int, change: int) -> None:
    """Put another number of servers on duty."""
    station = int(np.searchsorted(run.plan.roster_first, change, side="right")) - 1
    run.servers[station] = int(run.plan.roster_servers[change])
    _serve(run, at, station)


def _sail(run: _Run, at: int, sailing: int) -> None:
    """Load a sailing in the order of joining while there is room, and let it leave."""
    plan, rows = run.plan, run.rows
    station = int(np.searchsorted(plan.sailing_first, sailing, side="right")) - 1
    first, last = plan.sailing_first[station], plan.sailing_first[station + 1]
    cut_off = int(plan.station_cut_off[station])
    queue, used, loaded = run.queues[station], 0, 0
    while queue:
        row = queue[0]
        joined = int(rows.arrived[row])
        space = int(plan.step_space[_step(run, row)])
        if joined + cut_off > at or used + space > plan.sailing_capacity[sailing]:
            break
        queue.pop(0)
        in_time = first + np.searchsorted(plan.sailing_at[first:last], joined + cut_off)
        missed = at - int(plan.sailing_at[in_time])
        run.visits.append((row, station, joined, at - joined, 0, missed))
        used += space
        loaded += 1
        ashore = at + int(plan.station_crossing[station])
        _advance(run, row, ashore + loaded * int(plan.station_unload_gap[station]))
    run.sailings.append((station, at, loaded, used))
