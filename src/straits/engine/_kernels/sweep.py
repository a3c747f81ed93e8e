"""The sweep, compiled: one station after another over sorted columns, for one slice of time.

A station with c servers is the Kiefer-Wolfowitz recursion on a sorted window of event words
(instant at which a server gets free, vehicle in it). The window slides along one array: its
head gives both the next start and the next vehicle to leave, so what it has passed is the
list of departures, in order, and nothing is sorted on the way out. When the roster closes
servers the head simply moves on: those servers finish their vehicle first.
``engine/reference.py`` says the same in plain Python.

A vehicle is one row of eight int64, one cache line: see the column numbers below.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

from straits.engine._kernels.draws import threefry, to_unit, uniform

VEHICLE, ARRIVED, STARTED, LEAVES, STEP, CURSOR, ROUTE_END, CARGO = range(8)
OUT = -2  # in STARTED: the vehicle has left the network

_SHIFT = 25
_MASK = (1 << 22) - 1
_NO_ROW = _MASK
_FAR = np.int64(1) << 62
_OCTAVES = 30
_TABLE_SIZE = 7681
_MANTISSA = (np.int64(1) << 52) - 1
_FOUND = 1 << 8  # CARGO = people aboard << 16 | found << 8 | occupants
_ABOARD_SHIFT = 16


@njit(cache=True, nogil=True)
def _sort_run(words, low, high):
    """Insertion sort of a run that is already nearly sorted."""
    for i in range(low + 1, high):
        word = words[i]
        j = i - 1
        if words[j] > word:
            while j >= low and words[j] > word:
                words[j + 1] = words[j]
                j -= 1
            words[j + 1] = word


@njit(cache=True, nogil=True)
def _merge_runs(words, low, ends, spare):
    """Merge the sorted runs words[low:ends[0]], words[ends[0]:ends[1]], ... in place."""
    for r in range(1, ends.size):
        middle = ends[r - 1]
        high = ends[r]
        if high == middle or middle == low or words[middle - 1] <= words[middle]:
            continue
        size = high - middle
        for i in range(size):
            spare[i] = words[middle + i]
        a = middle - 1
        b = size - 1
        k = high - 1
        while b >= 0:
            if a >= low and words[a] > spare[b]:
                words[k] = words[a]
                a -= 1
            else:
                words[k] = spare[b]
                b -= 1
            k -= 1


@njit(cache=True, nogil=True)
def _move(key, rows, moves, moves_at, moved, inbox, fill, route_step, step_station, transit,
          select, share, share_aboard, way_out):
    """Send vehicles that left a station to their next one; an unselecting search is passed by."""
    for i in range(moved):
        row = rows[moves[i]]
        at = moves_at[i]
        target = way_out
        cursor = row[CURSOR] + 1
        row[STEP] = -1
        while cursor < row[ROUTE_END]:
            k = route_step[cursor]
            chance = share[k]
            if chance < 1.0:
                if row[CARGO] >= (1 << _ABOARD_SHIFT):
                    chance = share_aboard[k]
                if chance < 1.0 and uniform(key, select[k], row[VEHICLE], 0) >= chance:
                    cursor += 1
                    continue
            row[STEP] = k
            target = step_station[k]
            at += transit[k]
            break
        row[CURSOR] = cursor
        row[ARRIVED] = at
        inbox[fill[target]] = (at << _SHIFT) | moves[i]
        fill[target] += 1


@njit(cache=True, nogil=True)
def _draw_durations(key, rows, queue, ids, keys, survival, duration, decision, base,
                    per_occupant, table, quantiles, find_decision, sensitivity, find_ticks):
    """Draw the service time [ticks] of everyone in the queue, in batches that vectorise."""
    for i in range(queue.size):
        row = rows[queue[i] & _MASK]
        ids[i] = uint64(row[VEHICLE])
        keys[i] = decision[row[STEP]]
    for i in range(queue.size):
        word, _ = threefry(key, keys[i], ids[i], uint64(0))
        survival[i] = 1.0 - to_unit(word)
    bits = survival.view(np.int64)
    for i in range(queue.size):
        row = rows[queue[i] & _MASK]
        k = row[STEP]
        # The look-up of engine/variates.py, on the bits of the survival probability.
        octave = 1022 - (bits[i] >> 52)
        cell = table[k] * _TABLE_SIZE
        quantile = quantiles[cell + _TABLE_SIZE - 1]
        if octave < _OCTAVES:
            place = 256.0 - np.float64(bits[i] & _MANTISSA) * 2.0**-44
            index = np.int64(place)
            cell += octave * 256 + index
            quantile = quantiles[cell]
            quantile += (place - index) * (quantiles[cell + 1] - quantiles[cell])
        mean = base[k] + per_occupant[k] * (row[CARGO] & 255)
        length = max(np.int64(mean * quantile + 0.5), 1)
        if row[CARGO] >= (1 << _ABOARD_SHIFT) and sensitivity[k] > 0.0:
            if uniform(key, find_decision[k], row[VEHICLE], 0) < sensitivity[k]:
                row[CARGO] |= _FOUND
                length += find_ticks[k]
        duration[i] = length


@njit(cache=True, nogil=True)
def _insert(w, tail, word):
    """Insert a word into the sorted window that ends at `tail`, from its back."""
    q = tail
    while w[q - 1] > word:
        w[q] = w[q - 1]
        q -= 1
    w[q] = word


@njit(cache=True, nogil=True)
def _serve(rows, queue, duration, w, busy, start, end, roster_at, roster_servers):
    """Run one station; return where its departures end in `w` and how many started.

    w[1:result] are the words that were passed, in order of leaving; ``w[0]`` is a sentinel.
    """
    r = 0
    c = 0
    while r < roster_at.size and roster_at[r] <= start:
        c = roster_servers[r]
        r += 1
    w[0] = -1
    head = 1
    tail = 1
    for q in range(busy.size):
        w[tail] = busy[q]
        tail += 1
    idle = (start << _SHIFT) | _NO_ROW
    while tail - head < c:
        _insert(w, tail, idle)
        tail += 1
    change = roster_at[r] if r < roster_at.size else _FAR
    i = 0
    n = queue.size
    while True:
        # The next start: the first in the queue and the head of the servers on duty.
        at = _FAR
        if i < n and c > 0:
            at = max(queue[i] >> _SHIFT, w[tail - c] >> _SHIFT)
        if change <= at and change < end:
            # Closing servers that are done by now are gone; the rest may be kept on.
            while head < tail - c and (w[head] >> _SHIFT) <= change:
                head += 1
            c = roster_servers[r]
            idle = (change << _SHIFT) | _NO_ROW
            while tail - head < c:
                _insert(w, tail, idle)
                tail += 1
            r += 1
            change = roster_at[r] if r < roster_at.size else _FAR
        elif at < end:
            head = tail - c + 1
            row = queue[i] & _MASK
            finish = at + duration[i]
            rows[row, STARTED] = at
            rows[row, LEAVES] = finish
            word = (finish << _SHIFT) | row
            q = tail
            while q > head and w[q - 1] > word:
                w[q] = w[q - 1]
                q -= 1
            w[q] = word
            tail += 1
            i += 1
        else:
            break
    # Nobody else starts in this slice: let go whoever is done by its end.
    while head < tail and (w[head] >> _SHIFT) < end:
        head += 1
    return head, i


@njit(cache=True, nogil=True)
def _leave(rows, w, stop, station, visits, log, moves, moves_at, after_sea, outcomes, found):
    """Log the visits that ended, book finds; return the numbers of moves and outcomes."""
    log_row, log_station, log_arrived, log_waiting, log_service, log_delay = log
    outcome_row, outcome_kind, outcome_at = outcomes
    moved = 0
    for q in range(1, stop):
        number = w[q] & _MASK
        if number == _NO_ROW:
            continue
        row = rows[number]
        at = w[q] >> _SHIFT
        v = visits + moved
        wait = row[STARTED] - row[ARRIVED]
        log_row[v] = number
        log_station[v] = station
        log_arrived[v] = row[ARRIVED]
        log_waiting[v] = wait
        log_service[v] = at - row[STARTED]
        log_delay[v] = wait
        row[STARTED] = -1
        if row[CARGO] & _FOUND:
            row[CARGO] &= 255
            outcome_row[found] = number
            outcome_kind[found] = after_sea[row[STEP]]
            outcome_at[found] = at
            found += 1
        moves[moved] = number
        moves_at[moved] = at
        moved += 1
    return moved, found


@njit(cache=True, nogil=True)
def _load(rows, queue, station, visits, log, moves, moves_at, sailing_at, capacity, first, last,
          cut_off, crossing, gap, space, end, sailings, left):
    """Load a departure's sailings in [first, last) while there is room, in order of joining."""
    log_row, log_station, log_arrived, log_waiting, log_service, log_delay = log
    sailing_station, sailing_time, sailing_vehicles, sailing_space = sailings
    moved = 0
    i = 0
    in_time = 0
    if queue.size > 0:
        in_time = np.searchsorted(sailing_at, (queue[0] >> _SHIFT) + cut_off)
    for p in range(first, last):
        at = sailing_at[p]
        used = 0
        loaded = 0
        while i < queue.size:
            number = queue[i] & _MASK
            joined = queue[i] >> _SHIFT
            need = space[rows[number, STEP]]
            if joined + cut_off > at or used + need > capacity[p]:
                break
            while sailing_at[in_time] < joined + cut_off:
                in_time += 1
            v = visits + moved
            log_row[v] = number
            log_station[v] = station
            log_arrived[v] = joined
            log_waiting[v] = at - joined
            log_service[v] = 0
            log_delay[v] = at - sailing_at[in_time]
            used += need
            loaded += 1
            moves[moved] = number
            moves_at[moved] = at + crossing + loaded * gap
            moved += 1
            i += 1
        sailing_station[left] = station
        sailing_time[left] = at
        sailing_vehicles[left] = loaded
        sailing_space[left] = used
        left += 1
    return moved, left


@njit(cache=True, nogil=True)
def _way_out(rows, queue, end, outcomes, found):
    """Let vehicles leave the network; return the number of outcomes."""
    outcome_row, outcome_kind, outcome_at = outcomes
    for i in range(queue.size):
        at = queue[i] >> _SHIFT
        if at >= end:
            break
        number = queue[i] & _MASK
        rows[number, STARTED] = OUT
        if rows[number, CARGO] >= (1 << _ABOARD_SHIFT):
            outcome_row[found] = number
            outcome_kind[found] = 2
            outcome_at[found] = at
            found += 1
    return found


@njit(cache=True, nogil=True)
def _room(rows, count, route_step, step_station):
    """Return the offsets of every station's inbox: room for each visit that could happen."""
    offset = np.zeros(count + 2, np.int64)
    for i in range(rows.shape[0]):
        cursor = rows[i, CURSOR] if rows[i, STEP] >= 0 else rows[i, CURSOR] + 1
        for q in range(cursor, rows[i, ROUTE_END]):
            offset[step_station[route_step[q]] + 1] += 1
        offset[count + 1] += 1
    for s in range(count + 1):
        offset[s + 1] += offset[s]
    return offset


@njit(cache=True, nogil=True)
def _in_service(rows, count, step_station):
    """Return the words of vehicles in service at the start, by station, and their offsets."""
    first = np.zeros(count + 1, np.int64)
    for i in range(rows.shape[0]):
        if rows[i, STARTED] >= 0:
            first[step_station[rows[i, STEP]] + 1] += 1
    for s in range(count):
        first[s + 1] += first[s]
    words = np.empty(first[count], np.int64)
    cursor = first[:count].copy()
    for i in range(rows.shape[0]):
        if rows[i, STARTED] >= 0:
            s = step_station[rows[i, STEP]]
            words[cursor[s]] = (rows[i, LEAVES] << _SHIFT) | i
            cursor[s] += 1
    return words, first


@njit(cache=True, nogil=True)
def sweep(key, start, end, fresh, words, rows, steps, service, stations, log, sailings,
          outcomes):
    """Run the slice [start, end) and fill the log; return (visits, sailings, outcomes).

    Parameters
    ----------
    fresh, words : int64[n]
        Sorted event words of the vehicles that enter, and of those that wait or travel.
    rows : int64[n, 8]
        The vehicles, changed in place.
    steps, service, stations : tuples of plan arrays
    log, sailings, outcomes : tuples of arrays to fill
    """
    route_step, step_station, transit, select, share, share_aboard = steps
    (decision, base, per_occupant, table, quantiles, find_decision, sensitivity, find_ticks,
     after_sea, space) = service
    (kind, roster_first, roster_at, roster_servers, sailing_first, sailing_at, capacity,
     cut_off, crossing, unload_gap) = stations
    count = kind.size
    offset = _room(rows, count, route_step, step_station)
    widest = fresh.size
    most = 0
    for s in range(count + 1):
        widest = max(widest, offset[s + 1] - offset[s])
    for s in range(roster_servers.size):
        most = max(most, roster_servers[s])
    inbox = np.empty(offset[count + 1], np.int64)
    fill = offset[: count + 1].copy()
    before = np.empty(count + 1, np.int64)
    runs = np.empty((count + 1, count + 2), np.int64)
    run_count = np.ones(count + 1, np.int64)
    spare = np.empty(widest, np.int64)
    moves = np.empty(widest + rows.shape[0], np.int64)  # who leaves a station, and when
    moves_at = np.empty(widest + rows.shape[0], np.int64)
    ids = np.empty(widest, np.uint64)
    keys = np.empty(widest, np.uint64)
    survival = np.empty(widest, np.float64)
    duration = np.empty(widest, np.int64)
    busy, busy_first = _in_service(rows, count, step_station)
    for i in range(words.size):
        step = rows[words[i] & _MASK, STEP]
        target = step_station[step] if step >= 0 else count
        inbox[fill[target]] = words[i]
        fill[target] += 1
    for s in range(count + 1):
        runs[s, 0] = fill[s]

    visits = 0
    left = 0
    found = 0
    for s in range(-1, count):
        moved = 0
        if s < 0:
            # The gate: vehicles that enter go to their first station.
            for i in range(fresh.size):
                moves[i] = fresh[i] & _MASK
                moves_at[i] = fresh[i] >> _SHIFT
            moved = fresh.size
        else:
            if run_count[s] > 1:
                _merge_runs(inbox, offset[s], runs[s, : run_count[s]], spare)
            queue = inbox[offset[s] : fill[s]]
            if kind[s] == 1:
                low, high = sailing_first[s], sailing_first[s + 1]
                here = sailing_at[low:high]
                first = np.searchsorted(here, start)
                last = np.searchsorted(here, end)
                moved, left = _load(rows, queue, s, visits, log, moves, moves_at, here,
                                    capacity[low:high], first, last, cut_off[s], crossing[s],
                                    unload_gap[s], space, end, sailings, left)
            else:
                low, high = roster_first[s], roster_first[s + 1]
                mine = busy[busy_first[s] : busy_first[s + 1]]
                mine.sort()
                _draw_durations(key, rows, queue, ids, keys, survival, duration, decision, base,
                                per_occupant, table, quantiles, find_decision, sensitivity,
                                find_ticks)
                changes = np.searchsorted(roster_at[low:high], end) - np.searchsorted(
                    roster_at[low:high], start)
                w = np.empty(queue.size + mine.size + most * (changes + 2) + 2, np.int64)
                stop, begun = _serve(rows, queue, duration, w, mine, start, end,
                                     roster_at[low:high], roster_servers[low:high])
                for i in range(begun, queue.size):
                    # A find drawn for someone who did not start here yet is not yet a find.
                    rows[queue[i] & _MASK, CARGO] &= ~_FOUND
                moved, found = _leave(rows, w, stop, s, visits, log, moves, moves_at, after_sea,
                                      outcomes, found)
            visits += moved
        for t in range(s + 1, count + 1):
            before[t] = fill[t]
        _move(key, rows, moves, moves_at, moved, inbox, fill, route_step, step_station, transit,
              select, share, share_aboard, count)
        for t in range(s + 1, count + 1):
            if fill[t] > before[t]:
                _sort_run(inbox, before[t], fill[t])
                runs[t, run_count[t]] = fill[t]
                run_count[t] += 1
    _merge_runs(inbox, offset[count], runs[count, : run_count[count]], spare)
    found = _way_out(rows, inbox[offset[count] : fill[count]], end, outcomes, found)
    return visits, left, found
