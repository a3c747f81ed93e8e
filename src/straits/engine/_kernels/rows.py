"""Columns to rows and back, compiled: who is in a slice, and who is carried on."""

from __future__ import annotations

import numpy as np
from numba import njit

from straits.engine._kernels.sweep import (
    ARRIVED,
    CARGO,
    CURSOR,
    LEAVES,
    OUT,
    ROUTE_END,
    STARTED,
    STEP,
    VEHICLE,
)

_SHIFT = 25


@njit(cache=True, nogil=True)
def pack(state, new, aboard, epoch_start, route_of, route_first, route_step, rows, routes, fresh,
         words, counts):
    """Fill the rows of a slice: carried vehicles first, then those that enter, by rising id.

    Parameters
    ----------
    state, new : tuples of columns
        Of ``VehicleState`` and ``Arrivals``.
    aboard : int64[new] or int64[0]
        People concealed in each new vehicle; empty when in none.
    rows, routes, fresh, words : arrays to fill
        The vehicles; their routes; event words of those that enter, and of those that wait or
        travel (unsorted).
    counts : int64[2, stream]
        Filled with carried and new vehicles by stream.

    Returns
    -------
    tuple of int
        Words in `fresh` and `words`; visits that could happen; vehicles with people aboard; a
        stream without a route, or -1.
    """
    vehicle, route, stage, arrived, started, leaves, occupants, carried_aboard, found = state
    entering, entry, party = new
    n = 0
    waiting = 0
    room = 0
    laden = 0
    for i in range(vehicle.size):
        r = route[i]
        cursor = route_first[r] + stage[i]
        last = route_first[r + 1]
        rows[n, VEHICLE] = vehicle[i]
        rows[n, ARRIVED] = arrived[i]
        rows[n, STARTED] = started[i]
        rows[n, LEAVES] = leaves[i]
        rows[n, STEP] = route_step[cursor] if cursor < last else -1
        rows[n, CURSOR] = cursor
        rows[n, ROUTE_END] = last
        rows[n, CARGO] = (carried_aboard[i] << 16) | (found[i] << 8) | occupants[i]
        routes[n] = r
        counts[0, (vehicle[i] >> 24) & 255] += 1
        room += last - cursor
        laden += carried_aboard[i] > 0
        if started[i] < 0:
            words[waiting] = (arrived[i] << _SHIFT) | n
            waiting += 1
        n += 1
    epoch = 0
    for i in range(entering.size):
        # Vehicles come nearly in the order of entry: the epoch is mostly that of the one before.
        while epoch + 1 < epoch_start.size and epoch_start[epoch + 1] <= entry[i]:
            epoch += 1
        while epoch_start[epoch] > entry[i]:
            epoch -= 1
        stream = (entering[i] >> 24) & 255
        r = route_of[epoch, stream]
        if r < 0:
            return i, waiting, room, laden, stream
        people = aboard[i] if aboard.size else 0
        rows[n, VEHICLE] = entering[i]
        rows[n, ARRIVED] = entry[i]
        rows[n, STARTED] = -1
        rows[n, LEAVES] = -1
        rows[n, STEP] = -1
        rows[n, CURSOR] = route_first[r] - 1
        rows[n, ROUTE_END] = route_first[r + 1]
        rows[n, CARGO] = (people << 16) | party[i]
        routes[n] = r
        counts[1, stream] += 1
        room += route_first[r + 1] - route_first[r]
        laden += people > 0
        fresh[i] = (entry[i] << _SHIFT) | n
        n += 1
    return entering.size, waiting, room, laden, -1


@njit(cache=True, nogil=True)
def unpack(rows, routes, route_first, carried, counts):
    """Fill the columns of vehicles that are carried on; return how many there are.

    `counts` int64[2, stream] is filled with vehicles that left, and that are inside.
    """
    vehicle, route, stage, arrived, started, leaves, occupants, aboard, found = carried
    n = 0
    for i in range(rows.shape[0]):
        stream = (rows[i, VEHICLE] >> 24) & 255
        if rows[i, STARTED] == OUT:
            counts[0, stream] += 1
            continue
        counts[1, stream] += 1
        serving = rows[i, STARTED] >= 0
        cargo = rows[i, CARGO]
        vehicle[n] = rows[i, VEHICLE]
        route[n] = routes[i]
        stage[n] = rows[i, CURSOR] - route_first[routes[i]]
        arrived[n] = rows[i, ARRIVED]
        started[n] = rows[i, STARTED]
        # What an earlier service left there means nothing.
        leaves[n] = rows[i, LEAVES] if serving else np.int64(-1)
        occupants[n] = cargo & 255
        aboard[n] = cargo >> 16
        found[n] = (cargo >> 8) & 1
        n += 1
    return n
