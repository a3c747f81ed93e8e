"""The vehicle engine in plain Python, written to be read: it *is* the specification.

One calendar of events in the written total order (time, phase, entity). At one instant capacities
change first; then servers finish, ships unload, vehicles reach their approach, join queues,
lose patience; holding schemes release; last, sailings load.

A station serves by rank and then in the order of joining, and may start a service whenever
fewer vehicles are in service than servers are on duty, so a server that closes finishes its
vehicle first. A vehicle moves on only when the next station has room; until then it keeps its
server (blocking after service). Who waits for room is admitted in the order of asking, and
nobody overtakes the one who is next. What one admission sets free is settled at the same
instant, stations further down the chain first.
"""

from __future__ import annotations

import heapq
from bisect import insort

import numpy as np
from numpy.typing import NDArray

from straits.engine.reference_rows import (
    CAPACITY,
    ENTER,
    FINISH,
    JOIN,
    RELEASE,
    RENEGE,
    SAIL,
    UNLOAD,
    Run,
    Tables,
    new_run,
    next_place,
    service_ticks,
    tables,
)
from straits.engine.variates import look_up
from straits.tables.vehicles import (
    DEPARTURE,
    LEFT_UNFOUND,
    NEVER,
    TURNED_AWAY,
    UNLIMITED,
    GaveUp,
    Status,
    VehiclePlan,
    VehicleState,
)

__all__ = ["run_slice"]

# Who asks for room at one instant: first those that block a server, then ships, then the road.
_ASKS = {Status.BLOCKED: 0, Status.ABOARD: 1, Status.ROAD: 2}


def run_slice(
    plan: VehiclePlan,
    key: int,
    rows: VehicleState,
    fresh: NDArray[np.bool_],
    entry: NDArray[np.int64],
    span: tuple[int, int],
) -> Tables:
    """Run [start, end) [ticks] for merged rows; see ``engine.run.run_slice``.

    Raises
    ------
    NumericalError
        If vehicles wait for each other in a circle.
    """
    run = new_run(plan, key, rows, span)
    for row in range(rows.vehicle.size):
        _place(run, row, bool(fresh[row]), int(entry[row]))
    _order_who_asks(run)
    handle = (_capacity, _finish, _unload, _enter, _join, _renege, _release_due, _sail)
    while run.calendar and run.calendar[0][0] < run.end:
        at, phase, who = heapq.heappop(run.calendar)
        handle[phase](run, at, who)
        _settle(run, at)
    return tables(run)


def _place(run: Run, row: int, fresh: bool, entry: int) -> None:
    """Put a vehicle where it is when the slice begins."""
    rows, status = run.rows, int(run.rows.status[row])
    if fresh:
        stage, rounds = next_place(run, row, -1, 0)
        rows.stage[row], rows.rounds[row] = stage, rounds
        run.push(entry, ENTER, row)
        return
    station = run.station(row)
    if status == Status.BLOCKED:
        run.busy[station] += 1
        run.take_pool(station, 1)
        target = run.target(row)
        insort(run.asking[target], (int(rows.leaves[row]), _ASKS[Status.BLOCKED], row))
        run.blocked[station] += 1
    elif status == Status.QUEUED and rows.started[row] >= 0:
        run.busy[station] += 1
        run.take_pool(station, 1)
        run.push(int(rows.leaves[row]), FINISH, row)
    elif status == Status.QUEUED:
        if station >= 0:
            run.used[station] += run.need(row, station)
        if rows.joined[row] < run.start:
            _line_up(run, int(rows.joined[row]), row)
        else:
            run.push(int(rows.joined[row]), JOIN, row)
    else:
        run.waiting_rows[status].append(row)


def _order_who_asks(run: Run) -> None:
    """Rebuild roads, holding areas and ships from the vehicles that are on them."""
    rows, plan = run.rows, run.plan
    for row in sorted(run.waiting_rows[Status.HELD], key=lambda r: (run.since(r), r)):
        run.holding[run.road(row)].append(row)
    on_road = sorted(run.waiting_rows[Status.ROAD], key=lambda r: (
        max(int(rows.leaves[r]), run.since(r)), int(rows.leaves[r]) >= 0, r))
    for row in on_road:
        _stand(run, row)
        if rows.joined[row] >= 0:
            insort(run.asking[run.station(row)], (int(rows.joined[row]), _ASKS[Status.ROAD], row))
    for row in sorted(run.waiting_rows[Status.ABOARD], key=lambda r: int(rows.joined[r])):
        run.ships[int(rows.ship[row])].append(row)
    for sailing, aboard in run.ships.items():
        if run.left_at[sailing] < 0:
            continue
        wants = _wants_off(run, sailing)
        if aboard and wants < run.start:
            # It has asked for room in an earlier slice and still waits.
            row = aboard[0]
            insort(run.asking[run.station(row)], (wants, _ASKS[Status.ABOARD], row))
        else:
            run.push(wants, UNLOAD, sailing)
    for road in range(len(plan.road_names)):
        _plan_release(run, road, run.start)


def _settle(run: Run, now: int) -> None:
    """Let everything happen that this instant has made possible, downstream first."""
    while run.dirty:
        station = max(run.dirty)
        run.dirty.discard(station)
        _serve(run, now, station)
        _admit(run, now, station)


# ---- stations


def _capacity(run: Run, at: int, change: int) -> None:
    """Put other servers on duty, at a station or in a pool, or those called by a rule."""
    stations, pools = run.plan.roster_at.size, run.plan.pool_at.size
    if change < stations:
        station = int(np.searchsorted(run.plan.roster_first, change, side="right")) - 1
        run.servers[station] = int(run.plan.roster_servers[change])
        run.dirty.add(station)
    elif change < stations + pools:
        pool = int(np.searchsorted(run.plan.pool_first, change - stations, side="right")) - 1
        run.pool_servers[pool] = int(run.plan.pool_servers[change - stations])
        run.dirty.update(run.pool_members[pool][-1:])
    else:
        station = change - stations - pools
        if run.rows.extra_at[station] != at:
            return
        if run.queue_dm[station] <= run.plan.station_extra_off_dm[station]:
            run.rows.extra_at[station] = NEVER
            return
        run.extra_open[station] = True
        run.dirty.add(station)


def _serve(run: Run, now: int, station: int) -> None:
    """Start services while a server on duty is free; a pool serves who has waited longest."""
    if run.plan.station_kind[station] == DEPARTURE:
        return
    pool = int(run.plan.station_pool[station])
    members = run.pool_members[pool] if pool >= 0 else [station]
    while pool < 0 or run.pool_busy[pool] < run.pool_servers[pool]:
        able = [s for s in members if run.busy[s] < run.on_duty(s) and run.queues[s]]
        if not able:
            break
        chosen = min(able, key=lambda s: run.queues[s][0])
        _start(run, now, chosen)
        if chosen != station:
            run.dirty.add(chosen)


def _start(run: Run, now: int, station: int) -> None:
    """Start the service of the next vehicle of a queue; its place in the buffer is free."""
    rows = run.rows
    _, _, row = run.queues[station].pop(0)
    rows.started[row] = now
    rows.leaves[row] = now + service_ticks(run, row)
    run.leave_at[row] = -1
    run.begun[row] = run.count()
    run.busy[station] += 1
    run.take_pool(station, 1)
    run.used[station] -= run.need(row, station)
    _shorten(run, row, station)
    run.push(int(rows.leaves[row]), FINISH, row)


def _finish(run: Run, at: int, row: int) -> None:
    """End a service: book a find, then move on or, for want of room, stay with the server."""
    plan, rows = run.plan, run.rows
    if rows.found[row]:
        rows.found[row] = 0
        rows.aboard[row] = 0
        run.outcomes.append((row, int(plan.step_after_sea[run.step(row)]), at))
    station = run.station(row)
    rows.status[row] = Status.BLOCKED
    run.blocked[station] += 1
    if _ask(run, at, row, run.target(row)):
        _free(run, at, row)
    else:
        run.refuse_deadlock(station, at)


def _free(run: Run, now: int, row: int) -> None:
    """Let a served vehicle leave its station: log the visit, free the server, move on."""
    rows, station = run.rows, run.station(row)
    run.log_visit(row, blocked=now - int(rows.leaves[row]))
    run.blocked[station] -= 1
    run.busy[station] -= 1
    run.take_pool(station, -1)
    run.dirty.add(station)
    stage, rounds = next_place(run, row, int(rows.stage[row]), int(rows.rounds[row]))
    rows.stage[row], rows.rounds[row] = stage, rounds
    rows.arrived[row] = now + run.transit(row)
    _travel(run, now, row)


def _travel(run: Run, now: int, row: int) -> None:
    """Send a vehicle that has its place to its station."""
    rows = run.rows
    rows.status[row] = Status.QUEUED
    rows.started[row] = rows.leaves[row] = rows.ship[row] = -1
    rows.joined[row] = now + run.transit(row)
    run.push(int(rows.joined[row]), JOIN, row)


def _join(run: Run, at: int, row: int) -> None:
    """Let a vehicle join the queue of its station, turn away, or leave the network."""
    plan, rows = run.plan, run.rows
    station = run.station(row)
    if station < 0:
        run.out[row] = True
        if rows.aboard[row]:
            run.outcomes.append((row, LEFT_UNFOUND, at))
        return
    limit = int(plan.station_balk[station])
    if limit != UNLIMITED and len(run.queues[station]) >= limit and not (
            not run.queues[station] and run.can_start(station)):
        run.used[station] -= run.need(row, station)
        _give_up(run, at, row, GaveUp.BALKED)
        run.dirty.add(station)
        return
    _line_up(run, at, row)
    run.dirty.add(station)
    _settle(run, at)
    _call_extra(run, at, station)


def _line_up(run: Run, at: int, row: int) -> None:
    """Put a vehicle into the queue of its station, until it is served or its patience ends."""
    plan, station, step = run.plan, run.station(row), run.step(row)
    insort(run.queues[station], (int(plan.step_priority[step]), at, row))
    run.queue_dm[station] += run.spacing(row)
    if plan.step_patience[step] > 0.0:
        u = run.draw(int(plan.step_patience_decision[step]), row)
        table = plan.quantiles[plan.step_patience_table[step]]
        run.leave_at[row] = at + max(int(plan.step_patience[step] * look_up(table, u) + 0.5), 1)
        run.push(int(run.leave_at[row]), RENEGE, row)


def _renege(run: Run, at: int, row: int) -> None:
    """Let a vehicle leave a queue in which it has lost patience."""
    if run.leave_at[row] != at:
        return
    station = run.station(row)
    run.queues[station] = [one for one in run.queues[station] if one[2] != row]
    run.used[station] -= run.need(row, station)
    _shorten(run, row, station)
    _give_up(run, at, row, GaveUp.RENEGED)
    run.dirty.add(station)


def _give_up(run: Run, at: int, row: int, why: GaveUp) -> None:
    """Let a vehicle leave the network before it was served."""
    joined = -1 if why == GaveUp.TURNED_BACK else int(run.rows.joined[row])
    run.gave_up.append((row, run.station(row), int(run.rows.arrived[row]), joined, at, int(why)))
    run.out[row] = True
    run.leave_at[row] = -1
    if run.rows.aboard[row]:
        run.outcomes.append((row, TURNED_AWAY, at))


def _call_extra(run: Run, now: int, station: int) -> None:
    """Call the extra servers of a station whose queue has grown too long."""
    plan = run.plan
    if (plan.station_extra[station] > 0 and run.rows.extra_at[station] == NEVER
            and run.queue_dm[station] >= plan.station_extra_on_dm[station]):
        at = now + max(int(plan.station_extra_lead[station]), 1)
        run.rows.extra_at[station] = at
        run.push(at, CAPACITY, plan.roster_at.size + plan.pool_at.size + station)


def _shorten(run: Run, row: int, station: int) -> None:
    """Take a vehicle off the length of a queue; extra servers close at a short one."""
    run.queue_dm[station] -= run.spacing(row)
    if run.extra_open[station] and (
            run.queue_dm[station] <= run.plan.station_extra_off_dm[station]):
        run.extra_open[station] = False
        run.rows.extra_at[station] = NEVER


# ---- room


def _ask(run: Run, now: int, row: int, target: int) -> bool:
    """Give a vehicle its place at the next station, or let it ask until there is room."""
    if target < 0:
        return True
    if not run.asking[target] and run.has_room(row, target):
        run.used[target] += run.need(row, target)
        return True
    insort(run.asking[target], (now, _ASKS[Status(int(run.rows.status[row]))], row))
    return False


def _admit(run: Run, now: int, station: int) -> None:
    """Give room to those who ask for it, in turn, while there is some."""
    while run.asking[station] and run.has_room(run.asking[station][0][2], station):
        _, _, row = run.asking[station].pop(0)
        run.used[station] += run.need(row, station)
        status = int(run.rows.status[row])
        if status == Status.BLOCKED:
            _free(run, now, row)
        elif status == Status.ROAD:
            _leave_road(run, now, row)
        else:
            _off_ship(run, now, row)


# ---- roads and holding schemes


def _enter(run: Run, at: int, row: int) -> None:
    """Let a vehicle reach its approach: into a holding scheme, on to the road, or straight on."""
    rows = run.rows
    rows.arrived[row] = at + run.transit(row)
    rows.leaves[row] = rows.joined[row] = -1
    station = run.station(row)
    if station < 0:
        _travel(run, at, row)
        return
    road = run.road(row)
    if road >= 0 and run.holds(row, road, at):
        rows.status[row] = Status.HELD
        run.holding[road].append(row)
        _plan_release(run, road, at)
        return
    _to_road(run, at, row)


def _to_road(run: Run, now: int, row: int) -> None:
    """Let a vehicle on to the road; at its head it asks for room."""
    rows, road = run.rows, run.road(row)
    rows.status[row] = Status.ROAD
    if road < 0 or not run.roads[road]:
        if _ask(run, now, row, run.station(row)):
            if rows.leaves[row] >= 0:
                run.log_stood(row, now)
            _travel(run, now, row)
            return
        rows.joined[row] = now
    _stand(run, row)
    _call_extra(run, now, run.station(row))
    if road >= 0 and run.starts_scheme(road, now):
        scheme = int(run.plan.road_scheme[road])
        rows.scheme_on[scheme] = 1
        run.schemes.append((scheme, now, 1))


def _stand(run: Run, row: int) -> None:
    """Count a vehicle that stands on the road."""
    road = run.road(row)
    run.queue_dm[run.station(row)] += run.spacing(row)
    if road >= 0:
        run.roads[road].append(row)
        run.road_dm[road] += run.spacing(row)


def _leave_road(run: Run, now: int, row: int) -> None:
    """Let the head of the road go to its station; who is next asks for room, and so on."""
    rows, road = run.rows, run.road(row)
    while True:
        run.log_stood(row, now)
        _shorten(run, row, run.station(row))
        _travel(run, now, row)
        if road < 0:
            return
        run.roads[road].pop(0)
        run.road_dm[road] -= run.spacing(row)
        if not run.roads[road]:
            break
        row = run.roads[road][0]
        rows.joined[row] = now
        if not _ask(run, now, row, run.station(row)):
            break
    _plan_release(run, road, now)
    _end_scheme(run, road, now)


def _plan_release(run: Run, road: int, now: int) -> None:
    """Set the instant of the next release from a holding area, if the road has space for it."""
    scheme = int(run.plan.road_scheme[road])
    if (scheme < 0 or not run.holding[road] or run.release_set[road]
            or run.road_dm[road] > run.plan.scheme_release_dm[scheme]):
        return
    at = max(now, int(run.rows.released_at[road] + run.plan.scheme_gap[scheme]))
    run.release_set[road] = True
    run.push(at, RELEASE, road)


def _release_due(run: Run, at: int, road: int) -> None:
    """Release the first vehicle that is held; a driver who is not ready is turned back."""
    plan, rows = run.plan, run.rows
    run.release_set[road] = False
    scheme = int(plan.road_scheme[road])
    if not run.holding[road] or run.road_dm[road] > plan.scheme_release_dm[scheme]:
        return
    row = run.holding[road].pop(0)
    rows.released_at[road] = at
    unready = plan.scheme_unready[scheme]
    rows.leaves[row] = at
    if unready > 0.0 and run.draw(int(plan.scheme_ready_decision[scheme]), row) < unready:
        run.log_stood(row, at)
        _give_up(run, at, row, GaveUp.TURNED_BACK)
    else:
        _to_road(run, at, row)
    _plan_release(run, road, at)
    _end_scheme(run, road, at)


def _end_scheme(run: Run, road: int, now: int) -> None:
    """End a holding scheme when nobody is held and its roads are clear."""
    scheme = int(run.plan.road_scheme[road])
    if scheme < 0 or not run.rows.scheme_on[scheme]:
        return
    roads = np.flatnonzero(run.plan.road_scheme == scheme)
    limit = run.plan.scheme_off_dm[scheme]
    if all(not run.holding[r] and run.road_dm[r] <= limit for r in roads):
        run.rows.scheme_on[scheme] = 0
        run.schemes.append((scheme, now, 0))


# ---- departures


def _sail(run: Run, at: int, sailing: int) -> None:
    """Load a sailing while there is room, and let it leave, once its berth is free."""
    plan = run.plan
    station = int(np.searchsorted(plan.sailing_first, sailing, side="right")) - 1
    if run.pending[sailing]:
        run.left_at[sailing] = -1
        run.ships.setdefault(sailing, [])
        return
    run.ships.pop(sailing, None)
    scheduled = int(plan.sailing_at[sailing])
    cancel = plan.sailing_cancel[sailing]
    if cancel > 0.0 and run.uniform(int(plan.station_cancel_decision[station]), scheduled) < cancel:
        run.sailings.append((station, at, 0, 0, -1))
        _berth_free(run, at, sailing)
        return
    loaded, used = _load(run, at, sailing, station)
    run.sailings.append((station, at, len(loaded), used, at - scheduled))
    run.dirty.add(station)
    if run.careful[station]:
        run.ships[sailing] = loaded
        run.left_at[sailing], run.last_off[sailing] = at, -NEVER
        run.push(_wants_off(run, sailing), UNLOAD, sailing)


def _load(run: Run, at: int, sailing: int, station: int) -> tuple[list[int], int]:
    """Put vehicles on a ship in the order of loading until the next does not fit."""
    plan, rows = run.plan, run.rows
    used, loaded, stay = 0, [], []
    taken = [0] * plan.class_spacing_dm.size
    cut_off = int(plan.station_cut_off[station])
    for place, (rank, joined, row) in enumerate(run.queues[station]):
        kind, space = run.kind(row), int(plan.step_space[run.step(row)])
        limit = plan.station_class_capacity[station, kind]
        late = joined + cut_off > at
        if late or (limit != UNLIMITED and taken[kind] >= limit):
            stay.append((rank, joined, row))
            continue
        if used + space > plan.sailing_capacity[sailing]:
            stay += run.queues[station][place:]
            break
        used += space
        taken[kind] += 1
        loaded.append(row)
    run.queues[station] = stay
    for place, row in enumerate(loaded, 1):
        run.log_departure(row, station, at)
        run.used[station] -= run.need(row, station)
        _shorten(run, row, station)
        run.leave_at[row] = -1
        ashore = at + int(plan.station_crossing[station])
        ashore += place * int(plan.station_unload_gap[station])
        stage, rounds = next_place(run, row, int(rows.stage[row]), int(rows.rounds[row]))
        rows.stage[row], rows.rounds[row] = stage, rounds
        rows.arrived[row] = ashore + run.transit(row)
        if run.careful[station]:
            rows.status[row], rows.ship[row] = Status.ABOARD, sailing
            rows.joined[row], rows.leaves[row] = place, ashore
        else:
            _travel(run, ashore, row)
    return loaded, used


def _wants_off(run: Run, sailing: int) -> int:
    """Return when the next vehicle of a ship could leave it, or when an empty one is in port."""
    station = int(np.searchsorted(run.plan.sailing_first, sailing, side="right")) - 1
    if not run.ships[sailing]:
        return int(run.left_at[sailing] + run.plan.station_crossing[station])
    ready = int(run.rows.leaves[run.ships[sailing][0]])
    return max(ready, int(run.last_off[sailing] + run.plan.station_unload_gap[station]))


def _unload(run: Run, at: int, sailing: int) -> None:
    """Let the next vehicle off a ship, if there is room for it."""
    if not run.ships[sailing]:
        _berth_free(run, at, sailing)
        return
    row = run.ships[sailing][0]
    if _ask(run, at, row, run.station(row)):
        _off_ship(run, at, row)


def _off_ship(run: Run, now: int, row: int) -> None:
    """Let a vehicle drive off; the last one frees the berth."""
    sailing = int(run.rows.ship[row])
    run.ships[sailing].pop(0)
    run.last_off[sailing] = now
    _travel(run, now, row)
    if run.ships[sailing]:
        run.push(_wants_off(run, sailing), UNLOAD, sailing)
    else:
        _berth_free(run, now, sailing)


def _berth_free(run: Run, now: int, sailing: int) -> None:
    """Free the berth of a ship; who waits for it may leave."""
    run.ships.pop(sailing, None)
    follows = int(run.plan.sailing_link[sailing])
    if follows < 0:
        return
    run.pending[follows] -= 1
    if not run.pending[follows] and follows in run.ships and run.left_at[follows] < 0:
        run.push(now, SAIL, follows)
