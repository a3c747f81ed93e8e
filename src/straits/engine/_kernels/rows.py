"""Columns to rows and back, compiled: who is in a slice, and who is carried on."""

from __future__ import annotations

import numpy as np
from numba import njit

_SHIFT = 25

# A vehicle's row: its id, and a word of what it carries.
VEHICLE, CARGO = range(2)
# The word: route << 40 | stream << 32 | people aboard << 16 | found << 8 | occupants.
ROUTE_BITS = 40
STREAM_BITS = 32
ABOARD_BITS = 16
ABOARD_MASK = (1 << 16) - 1
FOUND = 1 << 8
# What stays of the word once the people aboard have been found.
EMPTIED = ~((ABOARD_MASK << ABOARD_BITS) | (255 << 8))
# A vehicle in brief, for those who look at many: route << 9 | people aboard at the start << 8 |
# stream of its id.
BRIEF_ROUTE = 9
BRIEF_ABOARD = 1 << 8
# What is kept of a vehicle that is inside at the end: row, station, instants.
KEPT = 5
_QUEUED, _BLOCKED, _ROAD, _HELD = range(4)  # of Status


@njit(cache=True, nogil=True)
def pack(state, new, aboard, epoch_start, route_of, route_first, rows, brief, fresh, words, counts,
         used):
    """Fill the rows of a slice: carried vehicles first, then those that enter, by rising id.

    Parameters
    ----------
    state, new : tuples of columns
        Of ``VehicleState`` and ``Arrivals``.
    aboard : int64[new] or int64[0]
        People concealed in each new vehicle; empty when in none.
    rows, brief, fresh, words : arrays to fill
        The vehicles; the same in brief, uint32; event words of those that enter, and of those that
        wait or travel (unsorted).
    counts : int64[2, stream]
        Filled with carried and new vehicles by stream.
    used : int64[route]
        Filled with the vehicles of each route.

    Returns
    -------
    tuple of int
        Words in `fresh` and `words`; visits that could happen; vehicles with people aboard; a
        stream without a route, or -1.
    """
    vehicle, route, started, occupants = state[0], state[1], state[4], state[6]
    carried_aboard, found, joined, status = state[7], state[8], state[9], state[10]
    carried_stream = state[14]
    waiting = 0
    laden = 0
    for i in range(vehicle.size):
        rows[i, VEHICLE] = vehicle[i]
        rows[i, CARGO] = ((route[i] << ROUTE_BITS) | (carried_stream[i] << STREAM_BITS)
                          | (carried_aboard[i] << ABOARD_BITS) | (found[i] << 8) | occupants[i])
        counts[0, (vehicle[i] >> 24) & 255] += 1
        used[route[i]] += 1
        laden += carried_aboard[i] > 0
        brief[i] = ((route[i] << BRIEF_ROUTE) | ((carried_aboard[i] > 0) * BRIEF_ABOARD)
                    | ((vehicle[i] >> 24) & 255))
        if started[i] < 0 and status[i] == 0:
            words[waiting] = (joined[i] << _SHIFT) | i
            waiting += 1
    stream = _enter(vehicle.size, new, epoch_start, route_of, rows, brief, fresh, counts, used)
    if aboard.size:
        for i in range(aboard.size):
            rows[vehicle.size + i, CARGO] |= aboard[i] << ABOARD_BITS
            brief[vehicle.size + i] |= (aboard[i] > 0) * BRIEF_ABOARD
            laden += aboard[i] > 0
    room = 0
    for r in range(used.size):
        room += used[r] * (route_first[r + 1] - route_first[r])
    return new[0].size, waiting, room, laden, stream


@njit(cache=True, nogil=True)
def _enter(n, new, epoch_start, route_of, rows, brief, fresh, counts, used):
    """Fill the rows from `n` on with vehicles that enter; return a stream without route, or -1."""
    entering, entry, party, taken = new
    i = 0
    while i < entering.size:
        # Vehicles of one stream and hour stand together. Mostly they take one route.
        cell = entering[i] >> 24
        end = i + np.searchsorted(entering[i:], ((cell + 1) << 24) - 1, side="right")
        own = cell & 255
        counts[1, own] += end - i
        stream = taken[i]
        first = entry[i]
        last = entry[i]
        alike = True
        for k in range(i, end):
            alike &= taken[k] == stream
            first = min(first, entry[k])
            last = max(last, entry[k])
        epoch = np.searchsorted(epoch_start, first, side="right") - 1
        if alike and (epoch + 1 == epoch_start.size or last < epoch_start[epoch + 1]):
            r = route_of[epoch, stream]
            if r < 0:
                return stream
            used[r] += end - i
            short = np.uint32((r << BRIEF_ROUTE) | own)
            cargo = (r << ROUTE_BITS) | (stream << STREAM_BITS)
            for k in range(i, end):
                rows[n + k, VEHICLE] = entering[k]
                rows[n + k, CARGO] = cargo | party[k]
            for k in range(i, end):
                brief[n + k] = short
                fresh[k] = (entry[k] << _SHIFT) | (n + k)
        else:
            for k in range(i, end):
                if entry[k] < epoch_start[epoch] or (
                        epoch + 1 < epoch_start.size and entry[k] >= epoch_start[epoch + 1]):
                    epoch = np.searchsorted(epoch_start, entry[k], side="right") - 1
                r = route_of[epoch, taken[k]]
                if r < 0:
                    return taken[k]
                used[r] += 1
                rows[n + k, VEHICLE] = entering[k]
                rows[n + k, CARGO] = (r << ROUTE_BITS) | (taken[k] << STREAM_BITS) | party[k]
                brief[n + k] = (r << BRIEF_ROUTE) | own
                fresh[k] = (entry[k] << _SHIFT) | (n + k)
        i = end
    return -1


@njit(cache=True, nogil=True)
def unpack(rows, kept, count, more, more_count, route_first, route_step, step_station,
           step_transit, end, never, carried, inside, standing, counts):
    """Fill the columns of vehicles that are carried on, by rising row, and what a log says of them.

    `kept` int64[5, count] says where each is that the sweep keeps: its row, the station where it
    stands or to which it travels (or the number of stations, on its way out), and when it joined,
    started and leaves. `more` int64[10, more_count] says it of those that the calendar keeps: row,
    stage and the state's columns from `arrived` on. The last row of `counts` int64[4, stream],
    vehicles by stream before, new, out and inside, is filled.

    Returns
    -------
    tuple of int
        See `inside_rows`; whether the vehicles balance.
    """
    (vehicle, route, stage, arrived, started, leaves, occupants, aboard, found, joined, status,
     ship, rounds, alarm, stream) = carried
    total = count + more_count
    order = np.empty(total, np.int64)
    for i in range(count):
        order[i] = (kept[0, i] << _SHIFT) | i
    for i in range(more_count):
        order[count + i] = (more[0, i] << _SHIFT) | (count + i)
    order.sort()
    for n in range(total):
        i = order[n] & ((1 << _SHIFT) - 1)
        row = kept[0, i] if i < count else more[0, i - count]
        cargo = rows[row, CARGO]
        r = cargo >> ROUTE_BITS
        vehicle[n] = rows[row, VEHICLE]
        route[n] = r
        occupants[n] = cargo & 255
        aboard[n] = (cargo >> ABOARD_BITS) & ABOARD_MASK
        found[n] = (cargo >> 8) & 1
        stream[n] = (cargo >> STREAM_BITS) & 255
        counts[3, (vehicle[n] >> 24) & 255] += 1
        if i < count:
            at = route_first[r]
            while at < route_first[r + 1] and step_station[route_step[at]] != kept[1, i]:
                at += 1
            stage[n] = at - route_first[r]
            arrived[n] = kept[2, i]
            started[n] = kept[3, i]
            leaves[n] = kept[4, i]
            joined[n] = kept[2, i]
            status[n] = 0
            ship[n] = -1
            rounds[n] = 0
            alarm[n] = 0
        else:
            i -= count
            stage[n] = more[1, i]
            arrived[n] = more[2, i]
            started[n] = more[3, i]
            leaves[n] = more[4, i]
            joined[n] = more[5, i]
            status[n] = more[6, i]
            ship[n] = more[7, i]
            rounds[n] = more[8, i]
            alarm[n] = more[9, i]
    balanced = True
    for s in range(counts.shape[1]):
        balanced &= counts[0, s] + counts[1, s] == counts[2, s] + counts[3, s]
    under_way, stand = inside_rows(carried, route_first, route_step, step_station, step_transit,
                                   end, never, inside, standing)
    return under_way, stand, balanced


@njit(cache=True, nogil=True)
def inside_rows(state, route_first, route_step, step_station, step_transit, end, never, inside,
                standing):
    """Say what a log says of the vehicles of a state at the end of a slice.

    `inside` int64[7, n] is filled with visits under way: vehicle, station, arrived, joined,
    started, leaves, status; `standing` int64[4, n] with those who stand on an approach or in a
    scheme: vehicle, stream, since, released. Returns how many of each there are.
    """
    vehicle, route, stage, arrived, started, leaves = state[:6]
    joined, status, stream = state[9], state[10], state[14]
    n = 0
    m = 0
    for i in range(vehicle.size):
        at = route_first[route[i]] + stage[i]
        out = at >= route_first[route[i] + 1]
        held = status[i] == _ROAD or status[i] == _HELD
        if held:
            standing[0, m] = vehicle[i]
            standing[1, m] = stream[i]
            standing[2, m] = arrived[i] - step_transit[route_step[at]]
            standing[3, m] = never if status[i] == _HELD else leaves[i]
            m += 1
        if out or not (held or arrived[i] < end):
            continue
        waits = status[i] == _QUEUED or status[i] == _BLOCKED
        inside[0, n] = vehicle[i]
        inside[1, n] = step_station[route_step[at]]
        inside[2, n] = arrived[i]
        inside[3, n] = joined[i] if waits else -1
        inside[4, n] = started[i] if waits else -1
        inside[5, n] = leaves[i] if waits else -1
        inside[6, n] = status[i]
        n += 1
    return n, m
