"""From the slice's rows into a block of the calendar and out again, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from straits.engine._kernels.calendar import (
    ABOARD,
    BLOCKED,
    ENTER,
    FAR,
    FINISH,
    GONE,
    HELD,
    JOIN,
    QUEUED,
    ROAD,
    UNLOAD,
    embark,
    hold_again,
    join_queue,
    line_up,
    need,
    note,
    plan_releases,
    push,
    stand,
    station_of,
    step_of,
    stream_at,
    wants_off,
)  # fmt: skip
from straits.engine._kernels.inline import inner, kernel
from straits.engine._kernels.itinerary import expand, select
from straits.engine._kernels.memory import (
    ALARM_AFTER,
    ALARM_BEFORE,
    ARRIVED,
    BUSY,
    JOINED,
    LAST,
    LEAVE_AT,
    LEAVE_STEP,
    LEAVES,
    LOG_AT,
    LOG_NEXT,
    NOTE_KEPT,
    NOTES,
    POOL,
    POOL_BUSY,
    POOL_OF,
    POOLS,
    ROAD_SIZE,
    ROADS,
    ROUND_SHIFT,
    ROW,
    S_HEAD,
    S_LEFT,
    S_OPEN,
    SAILING,
    SHIP,
    SLOT,
    SLOT_COUNT,
    SLOTS,
    STAGE_SHIFT,
    START,
    STARTED,
    STATION,
    STATIONS,
    STATUS,
    STEP,
    STOPPED,
    STREAM_ROAD,
    TRANSIT,
    USED,
    VISIT,
)  # fmt: skip
from straits.engine._kernels.rows import ABOARD_BITS, ABOARD_MASK, CARGO, FOUND, ROUTE_BITS, VEHICLE

_SHIFT = 25
_PHASE = 22
_MASK = (1 << 22) - 1


@kernel
def plan_visits(key, rows, state, stages, words, came_from, stage_of, member, p, r, v, owner,
                first):
    """Write down the itineraries of those in the block and those who come to it.

    Parameters
    ----------
    state : tuple of columns
        Started, status, rounds and alarm of the ``VehicleState``.
    stages : int64[carried]
        Stage at which each carried vehicle of the block begins its itinerary, -1 if elsewhere.
    words : int64[n]
        Event words of those who come from outside the block; `first` is the station of each.
    came_from : int64[n]
        Filled with ENTER or JOIN.

    Returns
    -------
    int
        Visits written down.
    """
    started, status, rounds, alarm = state
    # Of the types that the loops give them: literals would have `expand` compiled four times.
    n, no_rounds, no = np.int64(0), np.int64(0), np.bool_(False)
    for row in range(stages.size):
        if stages[row] >= 0:
            # Who is aboard a ship has still to leave it: the visit of the departure is over.
            served = started[row] >= 0 or status[row] == BLOCKED or status[row] == ABOARD
            n = expand(key, rows, row, stages[row], rounds[row], alarm[row] != 0, served, member,
                       p, r, v, owner, n)
    for i in range(words.size):
        row = words[i] & _MASK
        came_from[i] = JOIN
        if row < stages.size and stages[row] >= 0:
            continue
        cargo = rows[row, CARGO]
        route = cargo >> ROUTE_BITS
        stage = np.int64(stage_of[first[i], route])
        if row >= stages.size:
            laden = (cargo >> ABOARD_BITS) & ABOARD_MASK != 0
            if stage == 0 or select(key, rows[row, VEHICLE], route, no_rounds, no_rounds, laden, no,
                                    p) == stage:
                came_from[i] = ENTER
        n = expand(key, rows, row, stage, no_rounds, no, no, member, p, r, v, owner, n)
    return n


@njit(cache=True, nogil=True)
def fill_block(m, r, k, v, f, heap, log, rows, stages, state, words, came_from, order, slot_of):
    """Put everyone where they are when the slice begins; return the sorted words from outside.

    `order` are the carried rows of the block that stand on roads, are held or aboard, in the order
    in which they do, and `slot_of` the ship of each.
    """
    arrived, started, leaves, joined, status = state
    outside = np.empty(words.size + 1, np.int64)
    n = 0
    for row in range(stages.size):
        r[row * ROW + STATUS] = GONE
    for i in range(words.size):
        row = words[i] & _MASK
        at = words[i] >> _SHIFT
        c = row * ROW
        r[c + STATUS] = QUEUED
        r[c + STARTED] = -1
        r[c + LEAVES] = -1
        r[c + LEAVE_AT] = -1
        r[c + JOINED] = at
        r[c + ARRIVED] = at
        if came_from[i] == ENTER:
            at -= k[STEP * step_of(r, v, row) + TRANSIT]
        else:
            s = STATIONS + STATION * station_of(r, k, v, row)
            m[s + USED] += need(m, rows, row, s)
            if row < stages.size and stages[row] >= 0:
                r[c + ARRIVED] = arrived[row]
            if at < m[START]:
                # Joined in an earlier slice, and waits: words come in the order of joining.
                join_queue(m, r, k, v, f, heap, rows, at, row, s)
                continue
        outside[n] = (at << _SHIFT) | (came_from[i] << _PHASE) | row
        n += 1
    outside[n] = FAR
    outside = outside[: n + 1]
    outside.sort()
    for row in range(stages.size):
        c = row * ROW
        if stages[row] < 0 or r[c + STATUS] != GONE:
            continue
        r[c + STATUS] = status[row]
        r[c + ARRIVED] = arrived[row]
        r[c + JOINED] = joined[row]
        r[c + STARTED] = started[row]
        r[c + LEAVES] = leaves[row]
        r[c + LEAVE_AT] = -1
        if status[row] == QUEUED or status[row] == BLOCKED:
            _in_service(m, r, k, v, heap, log, rows, row)
    for row in range(stages.size):
        if stages[row] >= 0 and status[row] == BLOCKED:
            line_up(m, r, _next_station(r, k, v, row), row, leaves[row])
    _stand_again(m, r, k, v, rows, order, slot_of)
    for slot in range(m[SLOT_COUNT]):
        b = SLOTS + SLOT * slot
        if not m[b + S_OPEN] or m[b + S_LEFT] < 0:
            continue
        wants = wants_off(m, r, slot)
        row = m[b + S_HEAD]
        if row >= 0 and wants < m[START]:
            # It has asked for room in an earlier slice and still waits.
            line_up(m, r, _next_station(r, k, v, row), row, wants)
        else:
            push(m, heap, wants, UNLOAD, slot)
    plan_releases(m, heap)
    return outside


@inner
def _next_station(r, k, v, row):
    return k[STEP * (v[2 * r[row * ROW + VISIT] + 3] & ((1 << 24) - 1))]


@inner
def _in_service(m, r, k, v, heap, log, rows, row):
    """Take up a vehicle that is in service, or blocked after it: the first rows of the log."""
    c = row * ROW
    s = STATIONS + STATION * station_of(r, k, v, row)
    m[s + BUSY] += 1
    if m[s + POOL_OF] >= 0:
        m[POOLS + POOL * m[s + POOL_OF] + POOL_BUSY] += 1
    at = m[s + LOG_NEXT]
    m[s + LOG_NEXT] = at + 1
    r[c + LOG_AT] = at
    log[0, at] = rows[row, VEHICLE]
    log[2, at] = r[c + ARRIVED]
    log[3, at] = r[c + STARTED] - r[c + JOINED]
    log[4, at] = r[c + LEAVES] - r[c + STARTED]
    log[5, at] = -1
    if r[c + STATUS] == BLOCKED:
        m[s + STOPPED] += 1
    else:
        push(m, heap, r[c + LEAVES], FINISH, row)


@inner
def _stand_again(m, r, k, v, rows, order, slot_of):
    """Rebuild roads, holding areas and ships."""
    for i in range(order.size):
        row = order[i]
        c = row * ROW
        road = m[stream_at(rows, row) + STREAM_ROAD]
        if r[c + STATUS] == ROAD:
            station = station_of(r, k, v, row)
            stand(m, r, rows, row, road, STATIONS + STATION * station)
            if r[c + JOINED] >= 0:
                line_up(m, r, station, row, r[c + JOINED])
        elif r[c + STATUS] == HELD:
            hold_again(m, r, ROADS + ROAD_SIZE * road, row)
        else:
            r[c + SHIP] = slot_of[i]
            embark(m, r, SLOTS + SLOT * slot_of[i], row)


@kernel
def empty_block(m, r, v, log, notes, rows, plan, members, first, begun, visits, stages, words):
    """Move the block's visits together in the log, and write down who is still inside.

    `first` is where each member's rows of the log begin, `begun` how many of them began before the
    slice. `stages` and `words` say who was in the block or came to it. Returns the number of visits
    in the log.
    """
    for j in range(members.size):
        s = members[j]
        low, high = first[j], m[STATIONS + STATION * s + LOG_NEXT]
        old = visits
        for i in range(low, high):
            if log[5, i] < 0:
                continue
            if visits != i:
                for c in range(8):
                    log[c, visits] = log[c, i]
            log[1, visits] = s
            visits += 1
            if i < low + begun[j]:
                _sort_last(log, old, visits - 1)
    for row in range(stages.size):
        if stages[row] >= 0 and r[row * ROW + STATUS] != GONE:
            _keep(m, r, v, notes, rows, plan, row)
    for i in range(words.size):
        row = words[i] & _MASK
        here = row < stages.size and stages[row] >= 0
        if not here and r[row * ROW + STATUS] != GONE:
            _keep(m, r, v, notes, rows, plan, row)
    return visits


@inner
def _sort_last(log, low, last):
    """Sort the last row in among those from `low` on, by the instant of leaving, then vehicle."""
    i = last
    while i > low:
        one = log[2, i] + log[3, i] + log[4, i] + log[6, i] + log[7, i]
        other = (log[2, i - 1] + log[3, i - 1] + log[4, i - 1] + log[6, i - 1] + log[7, i - 1])
        if other < one or (other == one and log[0, i - 1] < log[0, i]):
            return
        for c in range(8):
            kept = log[c, i]
            log[c, i] = log[c, i - 1]
            log[c, i - 1] = kept
        i -= 1


@inner
def _keep(m, r, v, notes, rows, plan, row):
    """Write down a vehicle that is inside the block at the end."""
    c = row * ROW
    visit = r[c + VISIT]
    word = v[2 * visit + 1]
    status = r[c + STATUS]
    served = r[c + STARTED] >= 0 or status in (BLOCKED, ABOARD)
    n = m[NOTES]
    note(m, notes, NOTE_KEPT, row, word >> STAGE_SHIFT, r[c + ARRIVED], r[c + STARTED],
         r[c + LEAVES])
    notes[n, 6] = r[c + JOINED]
    notes[n, 7] = status
    notes[n, 8] = -1
    notes[n, 9] = (word >> ROUND_SHIFT) & 255
    notes[n, 10] = (word & (ALARM_AFTER if served else ALARM_BEFORE)) != 0
    if status != QUEUED or r[c + STARTED] < 0:
        rows[row, CARGO] &= ~FOUND
    if status != ABOARD:
        return
    notes[n, 8] = m[SLOTS + SLOT * r[c + SHIP] + SAILING]
    if not word & LAST:
        following = v[2 * visit + 3]
        notes[n, 2] = following >> STAGE_SHIFT
        notes[n, 9] = (following >> ROUND_SHIFT) & 255
        return
    route_first, route_step = plan
    route = rows[row, CARGO] >> ROUTE_BITS
    stage = route_first[route + 1] - route_first[route]
    step = r[c + LEAVE_STEP]
    if step >= 0:
        stage = 0
        while route_step[route_first[route] + stage] != step:
            stage += 1
    notes[n, 2] = stage
