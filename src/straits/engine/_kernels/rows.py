"""Columns to rows and back, compiled: who is in a slice, and who is carried on."""

from __future__ import annotations

import numpy as np
from numba import njit

_SHIFT = 25
_FAR = np.int64(1) << 62

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
# What is kept of a vehicle that is inside at the end: row, station, instants.
KEPT = 5
_QUEUED, _BLOCKED, _ROAD, _HELD = range(4)  # of Status


@njit(cache=True, nogil=True)
def pack(state, new, aboard, epoch_start, route_of, route_first, rows, fresh, words, counts,
         used):
    """Fill the rows of a slice: carried vehicles first, then those that enter, by rising id.

    Parameters
    ----------
    state, new : tuples of columns
        Of ``VehicleState`` and ``Arrivals``.
    aboard : int64[new] or int64[0]
        People concealed in each new vehicle; empty when in none.
    rows, fresh, words : arrays to fill
        The vehicles; event words of those that enter, and of those that wait or travel
        (unsorted).
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
        if started[i] < 0 and status[i] == 0:
            words[waiting] = (joined[i] << _SHIFT) | i
            waiting += 1
    stream = _enter(vehicle.size, new, epoch_start, route_of, rows, fresh, counts, used)
    if aboard.size:
        for i in range(aboard.size):
            rows[vehicle.size + i, CARGO] |= aboard[i] << ABOARD_BITS
            laden += aboard[i] > 0
    room = 0
    for r in range(used.size):
        room += used[r] * (route_first[r + 1] - route_first[r])
    return new[0].size, waiting, room, laden, stream


@njit(cache=True, nogil=True)
def _enter(n, new, epoch_start, route_of, rows, fresh, counts, used):
    """Fill the rows from `n` on with vehicles that enter; return a stream without route, or -1."""
    entering, entry, party, taken = new
    low = _FAR  # where the epoch begins and ends; the first vehicle looks for its own
    high = -_FAR
    epoch = 0
    stream = -1
    r = 0
    since = 0
    for i in range(entering.size):
        # Vehicles of one stream and hour stand together, so that little is looked up anew.
        here = taken[i]
        if here != stream or entry[i] < low or entry[i] >= high:
            if stream >= 0:
                used[r] += i - since
            since = i
            stream = here
            epoch = np.searchsorted(epoch_start, entry[i], side="right") - 1
            low = epoch_start[epoch]
            high = epoch_start[epoch + 1] if epoch + 1 < epoch_start.size else _FAR
            r = route_of[epoch, stream]
            if r < 0:
                return stream
        counts[1, (entering[i] >> 24) & 255] += 1
        rows[n + i, VEHICLE] = entering[i]
        rows[n + i, CARGO] = (r << ROUTE_BITS) | (here << STREAM_BITS) | party[i]
        fresh[i] = (entry[i] << _SHIFT) | (n + i)
    if stream >= 0:
        used[r] += entering.size - since
    return -1


@njit(cache=True, nogil=True)
def unpack(rows, kept, count, more, more_count, route_first, route_step, step_station, carried,
           inside):
    """Fill the columns of vehicles that are carried on, by rising row.

    `kept` int64[5, count] says where each is that the sweep keeps: its row, the station where it
    stands or to which it travels (or the number of stations, on its way out), and when it joined,
    started and leaves. `more` int64[10, more_count] says it of those that the calendar keeps: row,
    stage and the state's columns from `arrived` on. `inside` int64[stream] is filled with vehicles
    by stream.
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
        inside[(vehicle[n] >> 24) & 255] += 1
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


@njit(cache=True, nogil=True)
def inside_rows(state, route_first, route_step, step_station, step_transit, end, never):
    """Return what a log says of the vehicles of a state at the end of a slice.

    Returns
    -------
    int64[7, n]
        Visits under way: vehicle, station, arrived, joined, started, leaves, status.
    int64[4, m]
        Those who stand on an approach or in a scheme: vehicle, stream, since, released.
    """
    vehicle, route, stage, arrived, started, leaves = state[:6]
    joined, status, stream = state[9], state[10], state[14]
    inside = np.empty((7, vehicle.size), np.int64)
    standing = np.empty((4, vehicle.size), np.int64)
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
    return inside[:, :n], standing[:, :m]
