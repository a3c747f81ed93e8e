"""The sweep, compiled: one station after another over sorted columns, for one slice of time.

A station with c servers is the Kiefer-Wolfowitz recursion on a sorted window of event words
(instant at which a server gets free, vehicle in it). The window slides along one array: its
head gives both the next start and the next vehicle to leave, so what it has passed is the
list of departures, in order, and nothing is sorted on the way out. When the roster closes
servers the head simply moves on: those servers finish their vehicle first.
``engine/reference.py`` says the same in plain Python.

Visits are logged as they start, in the order of joining, and only those that end in the slice.
A vehicle is one row of eight int64, one cache line: see the column numbers below. Rows are
indexed by unsigned numbers, which spares the test for negative ones.
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
_ABOARD = 1 << 16
_ROW = np.uint64(_MASK)
_ONE = np.uint64(1)


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
def _bucket_sort(words, start, end, spare, count):
    """Sort event words whose times lie in [start, end), evenly spread: one bucket a word."""
    n = words.size
    span = end - start
    shift = 0
    while (span >> shift) > 2 * n + 1:
        shift += 1
    buckets = (span >> shift) + 2
    for b in range(buckets):
        count[b] = 0
    for i in range(n):
        count[(((words[i] >> _SHIFT) - start) >> shift) + 1] += 1
    for b in range(1, buckets):
        count[b] += count[b - 1]
    for i in range(n):
        b = ((words[i] >> _SHIFT) - start) >> shift
        spare[count[b]] = words[i]
        count[b] += 1
    for i in range(n):
        words[i] = spare[i]
    _sort_run(words, 0, n)


@njit(cache=True, nogil=True)
def _move(key, rows, words, inbox, fill, route_step, step_station, transit, select, share,
          share_aboard, way_out):
    """Send vehicles that left a station to their next one; an unselecting search is passed by.

    `words` say who left and when.
    """
    for i in range(words.size):
        r = uint64(words[i]) & _ROW
        if r == _ROW:
            continue
        at = words[i] >> _SHIFT
        target = way_out
        cursor = rows[r, CURSOR] + 1
        last = rows[r, ROUTE_END]
        step = np.int64(-1)
        while cursor < last:
            k = uint64(route_step[uint64(cursor)])
            chance = share[k]
            if chance < 1.0:
                if rows[r, CARGO] >= _ABOARD:
                    chance = share_aboard[k]
                if chance < 1.0 and uniform(key, select[k], rows[r, VEHICLE], 0) >= chance:
                    cursor += 1
                    continue
            step = np.int64(k)
            target = step_station[k]
            at += transit[k]
            break
        rows[r, STEP] = step
        rows[r, CURSOR] = cursor
        place = fill[target]
        inbox[place] = (at << _SHIFT) | np.int64(r)
        fill[target] = place + 1


@njit(cache=True, nogil=True)
def _draw_durations(key, rows, queue, ids, keys, survival, cells, means, duration, decision,
                    base, per_occupant, table, quantiles):
    """Draw the service time [ticks] of everyone in the queue, in batches that vectorise."""
    for i in range(queue.size):
        r = uint64(queue[i]) & _ROW
        k = uint64(rows[r, STEP])
        ids[i] = uint64(rows[r, VEHICLE])
        keys[i] = decision[k]
        cells[i] = table[k] * _TABLE_SIZE
        means[i] = base[k] + per_occupant[k] * (rows[r, CARGO] & 255)
    for i in range(queue.size):
        word, _ = threefry(key, keys[i], ids[i], uint64(0))
        survival[i] = 1.0 - to_unit(word)
    bits = survival.view(np.int64)
    for i in range(queue.size):
        # The look-up of engine/variates.py, on the bits of the survival probability.
        octave = 1022 - (bits[i] >> 52)
        cell = cells[i]
        quantile = quantiles[uint64(cell + _TABLE_SIZE - 1)]
        if octave < _OCTAVES:
            place = 256.0 - np.float64(bits[i] & _MANTISSA) * 2.0**-44
            index = np.int64(place)
            cell += octave * 256 + index
            quantile = quantiles[uint64(cell)]
            quantile += (place - index) * (quantiles[uint64(cell + 1)] - quantiles[uint64(cell)])
        duration[i] = max(np.int64(means[i] * quantile + 0.5), 1)


@njit(cache=True, nogil=True)
def _draw_finds(key, rows, queue, duration, find_decision, sensitivity, find_ticks):
    """Draw who is found by a search: the search then takes longer."""
    for i in range(queue.size):
        r = queue[i] & _MASK
        if rows[r, CARGO] < _ABOARD:
            continue
        k = rows[r, STEP]
        chance = sensitivity[k]
        if chance > 0.0 and uniform(key, find_decision[k], rows[r, VEHICLE], 0) < chance:
            rows[r, CARGO] |= _FOUND
            duration[i] += find_ticks[k]


@njit(cache=True, nogil=True)
def _insert(w, tail, word):
    """Insert a word into the sorted window that ends at `tail`, from its back."""
    q = tail
    while w[q - 1] > word:
        w[q] = w[q - 1]
        q -= 1
    w[q] = word


@njit(cache=True, nogil=True)
def _carry_in(rows, busy, end, station, visits, log):
    """Log the visits that began before the slice and end in it; return the number of visits."""
    log_vehicle, log_station, log_arrived, log_waiting, log_service, log_delay = log
    for i in range(busy.size):
        r = busy[i] & _MASK
        at = busy[i] >> _SHIFT
        if at < end:
            log_vehicle[visits] = rows[r, VEHICLE]
            log_station[visits] = station
            log_arrived[visits] = rows[r, ARRIVED]
            log_waiting[visits] = rows[r, STARTED] - rows[r, ARRIVED]
            log_service[visits] = at - rows[r, STARTED]
            log_delay[visits] = rows[r, STARTED] - rows[r, ARRIVED]
            rows[r, STARTED] = -1
            visits += 1
    return visits


@njit(cache=True, nogil=True)
def _serve(rows, queue, ids, duration, w, busy, start, end, roster_at, roster_servers, station,
           visits, log):
    """Run one station; return where its departures end in `w`, how many started, and the visits.

    w[1:result] are the words that were passed, in order of leaving; ``w[0]`` is a sentinel.
    """
    log_vehicle, log_station, log_arrived, log_waiting, log_service, log_delay = log
    change_index = 0
    c = 0
    while change_index < roster_at.size and roster_at[change_index] <= start:
        c = roster_servers[change_index]
        change_index += 1
    change = roster_at[change_index] if change_index < roster_at.size else _FAR
    w[0] = -1
    head = 1
    tail = 1
    for q in range(busy.size):
        w[tail] = busy[q]
        tail += 1
    while tail - head < c:
        _insert(w, tail, (start << _SHIFT) | _NO_ROW)
        tail += 1
    i = 0
    n = queue.size
    while True:
        # The next start: the first in the queue and the head of the servers on duty.
        at = _FAR
        joined = _FAR
        if i < n and c > 0:
            joined = queue[i] >> _SHIFT
            at = max(joined, w[uint64(tail - c)] >> _SHIFT)
        if change <= at and change < end:
            # Closing servers that are done by now are gone; the rest may be kept on.
            while head < tail - c and (w[head] >> _SHIFT) <= change:
                head += 1
            c = roster_servers[change_index]
            while tail - head < c:
                _insert(w, tail, (change << _SHIFT) | _NO_ROW)
                tail += 1
            change_index += 1
            change = roster_at[change_index] if change_index < roster_at.size else _FAR
        elif at < end:
            head = tail - c + 1
            r = queue[i] & _MASK
            finish = at + duration[i]
            word = (finish << _SHIFT) | r
            q = uint64(tail)
            # The window's front, or the sentinel, is never larger than a word of its future.
            floor = uint64(head)
            while q > floor and w[q - _ONE] > word:
                w[q] = w[q - _ONE]
                q -= _ONE
            w[q] = word
            tail += 1
            if finish < end:
                v = uint64(visits)
                log_vehicle[v] = np.int64(ids[i])
                log_station[v] = station
                log_arrived[v] = joined
                log_waiting[v] = at - joined
                log_service[v] = finish - at
                log_delay[v] = at - joined
                visits += 1
            else:
                rows[r, ARRIVED] = joined
                rows[r, STARTED] = at
                rows[r, LEAVES] = finish
            i += 1
        else:
            break
    # Nobody else starts in this slice: let go whoever is done by its end.
    while head < tail and (w[head] >> _SHIFT) < end:
        head += 1
    return head, i, visits


@njit(cache=True, nogil=True)
def _book_finds(rows, words, after_sea, outcomes, found):
    """Book the finds of searches that ended; the people leave the lorry."""
    outcome_row, outcome_kind, outcome_at = outcomes
    for q in range(words.size):
        r = words[q] & _MASK
        if r != _NO_ROW and rows[r, CARGO] & _FOUND:
            rows[r, CARGO] &= 255
            outcome_row[found] = r
            outcome_kind[found] = after_sea[rows[r, STEP]]
            outcome_at[found] = words[q] >> _SHIFT
            found += 1
    return found


@njit(cache=True, nogil=True)
def _load(rows, queue, station, visits, log, w, sailing_at, capacity, first, last, cut_off,
          crossing, gap, space, sailings, left):
    """Load a departure's sailings in [first, last) while there is room, in order of joining.

    Fills w[1:] with who reaches the far shore when, and returns how many loaded and sailings.
    """
    log_vehicle, log_station, log_arrived, log_waiting, log_service, log_delay = log
    sailing_station, sailing_time, sailing_vehicles, sailing_space = sailings
    i = 0
    in_time = 0
    if queue.size > 0:
        in_time = np.searchsorted(sailing_at, (queue[0] >> _SHIFT) + cut_off)
    for p in range(first, last):
        at = sailing_at[p]
        used = 0
        loaded = 0
        while i < queue.size:
            r = uint64(queue[i]) & _ROW
            joined = queue[i] >> _SHIFT
            need = space[uint64(rows[r, STEP])]
            if joined + cut_off > at or used + need > capacity[p]:
                break
            while sailing_at[in_time] < joined + cut_off:
                in_time += 1
            v = uint64(visits + i)
            log_vehicle[v] = rows[r, VEHICLE]
            log_station[v] = station
            log_arrived[v] = joined
            log_waiting[v] = at - joined
            log_service[v] = 0
            log_delay[v] = at - sailing_at[in_time]
            used += need
            loaded += 1
            w[i + 1] = ((at + crossing + loaded * gap) << _SHIFT) | np.int64(r)
            i += 1
        sailing_station[left] = station
        sailing_time[left] = at
        sailing_vehicles[left] = loaded
        sailing_space[left] = used
        left += 1
    return i, left


@njit(cache=True, nogil=True)
def _way_out(rows, queue, end, outcomes, found):
    """Let vehicles leave the network; return the number of outcomes."""
    outcome_row, outcome_kind, outcome_at = outcomes
    for i in range(queue.size):
        at = queue[i] >> _SHIFT
        r = uint64(queue[i]) & _ROW
        if at >= end:
            rows[r, ARRIVED] = at
            continue
        rows[r, STARTED] = OUT
        if rows[r, CARGO] >= _ABOARD:
            outcome_row[found] = np.int64(r)
            outcome_kind[found] = 2
            outcome_at[found] = at
            found += 1
    return found


@njit(cache=True, nogil=True)
def _room(rows, count, route_step, step_station):
    """Return the offsets of every station's inbox: room for each visit that could happen."""
    # Vehicles in one place of one route have the same stations ahead: count places first.
    here = np.zeros(route_step.size + 2, np.int64)
    for i in range(rows.shape[0]):
        last = rows[i, ROUTE_END]
        cursor = rows[i, CURSOR] if rows[i, STEP] >= 0 else min(rows[i, CURSOR] + 1, last)
        here[cursor] += 1
        here[last] -= 1
    offset = np.zeros(count + 2, np.int64)
    inside = 0
    for q in range(route_step.size):
        inside += here[q]
        offset[step_station[route_step[q]] + 1] += inside
    offset[count + 1] = rows.shape[0]
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
          outcomes, scratch):
    """Run the slice [start, end) and fill the log; return (visits, sailings, outcomes).

    Parameters
    ----------
    fresh, words : int64[n]
        Event words of the vehicles that enter, unsorted, and of those that wait or travel,
        sorted.
    rows : int64[n, 8]
        The vehicles, changed in place.
    steps, service, stations : tuples of plan arrays
    log, sailings, outcomes : tuples of arrays to fill
    scratch : int64[8, m]
        Room to work in, at least `scratch_size` wide; kept between slices, since memory that
        was touched before is cheap.
    """
    route_step, step_station, transit, select, share, share_aboard = steps
    (decision, base, per_occupant, table, quantiles, find_decision, sensitivity, find_ticks,
     after_sea, space) = service
    (kind, roster_first, roster_at, roster_servers, sailing_first, sailing_at, capacity,
     cut_off, crossing, unload_gap) = stations
    count = kind.size
    offset = _room(rows, count, route_step, step_station)
    inbox = scratch[0]
    spare = scratch[1]
    w = scratch[2]
    ids = scratch[3].view(np.uint64)
    keys = scratch[4].view(np.uint64)
    survival = scratch[5].view(np.float64)
    cells = scratch[6]
    means = scratch[7].view(np.float64)
    duration = scratch[1]  # `spare` is free again once a station's runs are merged
    fill = offset[: count + 1].copy()
    before = np.empty(count + 1, np.int64)
    runs = np.empty((count + 1, count + 2), np.int64)
    run_count = np.ones(count + 1, np.int64)
    searching = np.zeros(count, np.bool_)
    for k in range(sensitivity.size):
        if sensitivity[k] > 0.0:
            searching[step_station[k]] = True
    busy, busy_first = _in_service(rows, count, step_station)
    _bucket_sort(fresh, start, end, spare, w)
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
        gone = fresh  # at the gate: vehicles that enter go to their first station
        if s >= 0:
            if run_count[s] > 1:
                _merge_runs(inbox, offset[s], runs[s, : run_count[s]], spare)
            queue = inbox[offset[s] : fill[s]]
            if kind[s] == 1:
                low, high = sailing_first[s], sailing_first[s + 1]
                here = sailing_at[low:high]
                first = np.searchsorted(here, start)
                last = np.searchsorted(here, end)
                begun, left = _load(rows, queue, s, visits, log, w, here, capacity[low:high],
                                    first, last, cut_off[s], crossing[s], unload_gap[s], space,
                                    sailings, left)
                visits += begun
                gone = w[1 : begun + 1]
            else:
                low, high = roster_first[s], roster_first[s + 1]
                mine = busy[busy_first[s] : busy_first[s + 1]]
                mine.sort()
                _draw_durations(key, rows, queue, ids, keys, survival, cells, means, duration,
                                decision, base, per_occupant, table, quantiles)
                if searching[s]:
                    _draw_finds(key, rows, queue, duration, find_decision, sensitivity,
                                find_ticks)
                visits = _carry_in(rows, mine, end, s, visits, log)
                stop, begun, visits = _serve(rows, queue, ids, duration, w, mine, start, end,
                                             roster_at[low:high], roster_servers[low:high], s,
                                             visits, log)
                gone = w[1:stop]
                if searching[s]:
                    # A find drawn for someone who did not start here yet is not yet a find.
                    for i in range(begun, queue.size):
                        rows[queue[i] & _MASK, CARGO] &= ~_FOUND
                    found = _book_finds(rows, gone, after_sea, outcomes, found)
            for i in range(begun, queue.size):
                rows[queue[i] & _MASK, ARRIVED] = queue[i] >> _SHIFT
        for t in range(s + 1, count + 1):
            before[t] = fill[t]
        _move(key, rows, gone, inbox, fill, route_step, step_station, transit, select, share,
              share_aboard, count)
        for t in range(s + 1, count + 1):
            if fill[t] > before[t]:
                _sort_run(inbox, before[t], fill[t])
                runs[t, run_count[t]] = fill[t]
                run_count[t] += 1
    found = _way_out(rows, inbox[offset[count] : fill[count]], end, outcomes, found)
    return visits, left, found
