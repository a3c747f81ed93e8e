"""From the slice's rows into a block of the calendar and out again, compiled."""

from __future__ import annotations

import numpy as np

from straits.engine._kernels.calendar import (
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
from straits.engine._kernels.itinerary import is_here
from straits.engine._kernels.memory import (
    ABOARD,
    ALARM_AFTER,
    ALARM_BEFORE,
    ARRIVED,
    BLOCKED,
    BUSY,
    ENTER,
    FAR,
    FINISH,
    GONE,
    HELD,
    JOINED,
    LAST,
    LEAVE_AT,
    LEAVE_STEP,
    LEAVES,
    LOG_AT,
    LOG_NEXT,
    NOTE_KEPT,
    NOTES,
    PHASE,
    POOL,
    POOL_BUSY,
    POOL_OF,
    POOLS,
    QUEUED,
    ROAD,
    ROAD_SIZE,
    ROADS,
    ROUND_SHIFT,
    ROW,
    S_HEAD,
    S_LEFT,
    S_OPEN,
    SAILING,
    SHIFT,
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
    STEP_BITS,
    STEP_STATION,
    STOPPED,
    STREAM_ROAD,
    TRANSIT,
    UNLOAD,
    USED,
    VISIT,
    slot_of,
)  # fmt: skip
from straits.engine._kernels.rows import CARGO, FOUND, ROUTE_BITS, VEHICLE

_MASK = (1 << 22) - 1
_STEP_MASK = (1 << STEP_BITS) - 1


@kernel
def find(home, order, status, route, member, per_route, words, rows, here, standing):
    """Find the carried rows of a block: all, and those that stand on roads, are held or aboard.

    Parameters
    ----------
    home, order : int64[carried]
        See ``itinerary.place``.
    per_route : int64[route]
        How many visits to the block a vehicle of each route can make.
    here, standing : int64[n], int64[3, n]
        Filled with the rows, and with the words of `order` of those held, on roads and aboard.

    Returns
    -------
    tuple of int
        Rows; those held, on roads, aboard; visits that could happen, with those of `words`.
    """
    count = held = road = aboard = 0
    most = np.int64(1)
    for row in range(home.size):
        if not is_here(home, member, row):
            continue
        here[count] = row
        count += 1
        most += per_route[route[row]]
        if status[row] == HELD:
            standing[0, held] = order[row]
            held += 1
        elif status[row] == ROAD:
            standing[1, road] = order[row]
            road += 1
        elif status[row] == ABOARD:
            standing[2, aboard] = order[row]
            aboard += 1
    for i in range(words.size):
        most += per_route[rows[words[i] & _MASK, CARGO] >> ROUTE_BITS]
    return count, held, road, aboard, most


@kernel
def fill_block(m, r, k, v, f, heap, log, rows, here, home, state, words, came_from, standing,
               outside, members, first, begun, visits, number):
    """Put everyone where they are when the slice begins.

    Parameters
    ----------
    here, standing, home
        See `find`; of `standing` only those of the block, sorted.
    outside : int64[n + 1]
        Filled with the events of those who come from outside: unsorted, and FAR behind them.
    members : int64[n]
        The block's stations; `first` is filled with where each one's rows of the log begin, and
        `begun` with how many of them began before the slice.
    visits, number : int
        In the log before the block; in its itineraries.

    Returns
    -------
    int
        Those who come from outside, or -1 if the log has no room.
    """
    arrived, started, leaves, joined, status, ship = state
    if not _share_log(m, k, v, log, members, first, visits, number):
        return -1
    n = 0
    for i in range(here.size):
        r[here[i] * ROW + STATUS] = GONE
    for i in range(words.size):
        row = words[i] & _MASK
        at = words[i] >> SHIFT
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
            station = station_of(r, k, v, row)
            s = STATIONS + STATION * station
            m[s + USED] += need(m, rows, row, s)
            if row < home.size and home[row] == station:
                r[c + ARRIVED] = arrived[row]
            if at < m[START]:
                # Joined in an earlier slice, and waits: words come in the order of joining.
                join_queue(m, r, k, v, f, heap, rows, at, row, s)
                continue
        outside[n] = (at << SHIFT) | (came_from[i] << PHASE) | row
        n += 1
    outside[n] = FAR
    for i in range(here.size):
        row = here[i]
        c = row * ROW
        if r[c + STATUS] != GONE:
            continue
        r[c + STATUS] = status[row]
        r[c + ARRIVED] = arrived[row]
        r[c + JOINED] = joined[row]
        r[c + STARTED] = started[row]
        r[c + LEAVES] = leaves[row]
        r[c + LEAVE_AT] = -1
        if status[row] == QUEUED or status[row] == BLOCKED:
            _in_service(m, r, k, v, heap, log, rows, row)
    for i in range(here.size):
        row = here[i]
        if status[row] == BLOCKED:
            line_up(m, r, _next_station(r, k, v, row), row, leaves[row])
    _stand_again(m, r, k, v, rows, standing, ship)
    _berth_again(m, r, k, v, heap)
    plan_releases(m, heap)
    for j in range(members.size):
        begun[j] = m[STATIONS + STATION * members[j] + LOG_NEXT] - first[j]
    return n


@inner
def _share_log(m, k, v, log, members, first, visits, number):
    """Give every station of the block its rows of the log; say whether there are enough."""
    for i in range(number):
        step = v[2 * i + 1] & _STEP_MASK
        m[STATIONS + STATION * k[STEP * step + STEP_STATION] + LOG_NEXT] += 1
    for j in range(members.size):
        s = STATIONS + STATION * members[j]
        first[j] = visits
        visits += m[s + LOG_NEXT]
        m[s + LOG_NEXT] = first[j]
    return visits <= log.shape[1]


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
def _stand_again(m, r, k, v, rows, standing, ship):
    """Rebuild holding areas, roads and ships."""
    held, on_roads, aboard = standing
    for i in range(held.size):
        row = held[i] & _MASK
        road = m[stream_at(rows, row) + STREAM_ROAD]
        hold_again(m, r, ROADS + ROAD_SIZE * road, row)
    for i in range(on_roads.size):
        row = on_roads[i] & _MASK
        road = m[stream_at(rows, row) + STREAM_ROAD]
        station = station_of(r, k, v, row)
        stand(m, r, rows, row, road, STATIONS + STATION * station)
        if r[row * ROW + JOINED] >= 0:
            line_up(m, r, station, row, r[row * ROW + JOINED])
    for i in range(aboard.size):
        row = aboard[i] & _MASK
        slot = slot_of(m, m[SLOT_COUNT], ship[row])
        r[row * ROW + SHIP] = slot
        embark(m, r, SLOTS + SLOT * slot, row)


@inner
def _berth_again(m, r, k, v, heap):
    """Let the ships in port unload on."""
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


@kernel
def empty_block(m, r, v, log, notes, rows, plan, members, first, begun, visits, here, home, member,
                words):
    """Move the block's visits together in the log, and write down who is still inside.

    `here` and `words` say who was in the block or came to it; the rest is as in `fill_block`.
    Returns the number of visits in the log.
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
    for i in range(here.size):
        if r[here[i] * ROW + STATUS] != GONE:
            _keep(m, r, v, notes, rows, plan, here[i])
    for i in range(words.size):
        row = words[i] & _MASK
        if not is_here(home, member, row) and r[row * ROW + STATUS] != GONE:
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
