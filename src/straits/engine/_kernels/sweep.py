"""The sweep, compiled: one station after another over sorted columns, for one slice of time.

A station with c servers is the Kiefer-Wolfowitz recursion on a sorted array of event words
(instant at which a server gets free, vehicle in it). Popping its head gives both the next
start and the next vehicle to leave, in order, so nothing is sorted on the way out. When the
roster closes servers the smallest words simply stop being heads: those servers finish
their vehicle first. ``engine/reference.py`` says the same in plain Python.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

from straits.engine._kernels.draws import threefry, to_unit, uniform

_SHIFT = 25
_MASK = (1 << 22) - 1
_NO_ROW = _MASK
_FAR = np.int64(1) << 62


@njit(inline="always")
def _service(table, bits):
    """Return the table's quantile for a survival probability given by its float64 bits."""
    octave = 1022 - (bits >> 52)
    if octave >= 30:
        return table[7680]
    place = 256.0 - np.float64(bits & ((np.int64(1) << 52) - 1)) * 2.0**-44
    index = np.int64(place)
    low = table[octave * 256 + index]
    return low + (place - index) * (table[octave * 256 + index + 1] - low)


@njit(inline="always")
def _advance(row, now, key, v, steps, plan_select):
    """Move a vehicle to its next station and return its number (the last one is the way out)."""
    vehicle, route, stage, step, arrived, aboard = v
    route_first, route_step, step_station, step_transit, exit_station = steps
    select, share, share_aboard = plan_select
    first = route_first[route[row]]
    length = route_first[route[row] + 1] - first
    s = stage[row] + 1
    while s < length:
        k = route_step[first + s]
        chance = share_aboard[k] if aboard[row] > 0 else share[k]
        if chance >= 1.0 or uniform(key, select[k], vehicle[row], 0) < chance:
            stage[row] = s
            step[row] = k
            arrived[row] = now + step_transit[k]
            return step_station[k]
        s += 1
    stage[row] = s
    step[row] = -1
    arrived[row] = now
    return exit_station


@njit(cache=True, nogil=True)
def enter(key, fresh, entry, v, steps, plan_select):
    """Send vehicles that enter in this slice to their first station.

    Vehicles flagged in `fresh` have stage -1; `entry` is their instant of entry [ticks].
    """
    for row in range(fresh.size):
        if fresh[row]:
            _advance(row, entry[row], key, v, steps, plan_select)


@njit(inline="always")
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


@njit(inline="always")
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
def sweep(key, start, end, words, v, more, steps, plan_select, service, stations, log, sailings,
          outcomes):
    """Run the slice [start, end) and fill the log; return (visits, sailings, outcomes).

    Parameters
    ----------
    words : int64[n]
        Sorted event words of the vehicles that wait or travel.
    v, more : tuples of arrays[row]
        Vehicle state: (vehicle, route, stage, step, arrived, aboard), and (started, leaves,
        occupants, found); changed in place. `started` is -1 unless in service, and -2 once out.
    steps, plan_select, service, stations : tuples of plan arrays
    log, sailings, outcomes : tuples of arrays to fill
    """
    vehicle, route, stage, step, arrived, aboard = v
    started, leaves, occupants, found = more
    route_first, route_step, step_station, step_transit, exit_station = steps
    (decision, base, per_occupant, table, quantiles, find_decision, sensitivity, find_ticks,
     after_sea, space) = service
    (kind, roster_first, roster_at, roster_servers, sailing_first, sailing_at, sailing_capacity,
     cut_off, crossing, unload_gap) = stations
    log_row, log_station, log_arrived, log_waiting, log_service, log_delay = log
    sailing_station, sailing_time, sailing_vehicles, sailing_space = sailings
    outcome_row, outcome_kind, outcome_at = outcomes
    count = kind.size
    rows = vehicle.size

    # Room for every visit that could still happen, station by station.
    offset = np.zeros(count + 2, np.int64)
    for row in range(rows):
        first = route_first[route[row]]
        length = route_first[route[row] + 1] - first
        for s in range(max(stage[row], 0), length):
            offset[step_station[route_step[first + s]] + 1] += 1
        offset[count + 1] += 1
    widest = 0
    for s in range(count + 1):
        widest = max(widest, offset[s + 1])
        offset[s + 1] += offset[s]
    inbox = np.empty(offset[count + 1], np.int64)
    fill = offset[: count + 1].copy()
    runs = np.empty((count + 1, 2 * count + 4), np.int64)
    run_count = np.zeros(count + 1, np.int64)
    spare = np.empty(widest, np.int64)
    ids = np.empty(widest, np.uint64)
    keys = np.empty(widest, np.uint64)
    survival = np.empty(widest, np.float64)
    duration = np.empty(widest, np.int64)

    for i in range(words.size):
        row = words[i] & _MASK
        target = exit_station if step[row] < 0 else step_station[step[row]]
        inbox[fill[target]] = words[i]
        fill[target] += 1
    for s in range(count + 1):
        runs[s, 0] = fill[s]
        run_count[s] = 1

    # Vehicles in service at the start, by station: their words open the server arrays.
    held_first = np.zeros(count + 2, np.int64)
    for row in range(rows):
        if started[row] >= 0:
            held_first[step_station[step[row]] + 1] += 1
    for s in range(count + 1):
        held_first[s + 1] += held_first[s]
    held = np.empty(held_first[count + 1], np.int64)
    cursor = held_first[: count + 1].copy()
    for row in range(rows):
        if started[row] >= 0:
            s = step_station[step[row]]
            held[cursor[s]] = (leaves[row] << _SHIFT) | row
            cursor[s] += 1

    visits = 0
    left_count = 0
    outcome_count = 0
    before = np.empty(count + 1, np.int64)
    for s in range(count + 1):
        low = offset[s]
        n = fill[s] - low
        if run_count[s] > 1:
            _merge_runs(inbox, low, runs[s, : run_count[s]], spare)
        queue = inbox[low : low + n]
        if s == exit_station:
            for i in range(n):
                at = queue[i] >> _SHIFT
                if at >= end:
                    break
                row = queue[i] & _MASK
                started[row] = -2
                if aboard[row] > 0:
                    outcome_row[outcome_count] = row
                    outcome_kind[outcome_count] = 2
                    outcome_at[outcome_count] = at
                    outcome_count += 1
            continue
        for t in range(s + 1, count + 1):
            before[t] = fill[t]

        if kind[s] == 1:
            # A departure: load in the order of joining while there is room.
            p = np.searchsorted(sailing_at[sailing_first[s] : sailing_first[s + 1]], start)
            p += sailing_first[s]
            i = 0
            f = sailing_first[s]
            if n > 0:
                f += np.searchsorted(
                    sailing_at[sailing_first[s] : sailing_first[s + 1]],
                    (queue[0] >> _SHIFT) + cut_off[s],
                )
            while p < sailing_first[s + 1] and sailing_at[p] < end:
                at = sailing_at[p]
                room = sailing_capacity[p]
                used = 0
                loaded = 0
                while i < n:
                    row = queue[i] & _MASK
                    joined = queue[i] >> _SHIFT
                    need = space[step[row]]
                    if joined + cut_off[s] > at or used + need > room:
                        break
                    while sailing_at[f] < joined + cut_off[s]:
                        f += 1
                    log_row[visits] = row
                    log_station[visits] = s
                    log_arrived[visits] = joined
                    log_waiting[visits] = at - joined
                    log_service[visits] = 0
                    log_delay[visits] = at - sailing_at[f]
                    visits += 1
                    used += need
                    loaded += 1
                    ashore = at + crossing[s] + loaded * unload_gap[s]
                    target = _advance(row, ashore, key, v, steps, plan_select)
                    inbox[fill[target]] = (arrived[row] << _SHIFT) | row
                    fill[target] += 1
                    i += 1
                sailing_station[left_count] = s
                sailing_time[left_count] = at
                sailing_vehicles[left_count] = loaded
                sailing_space[left_count] = used
                left_count += 1
                p += 1
        else:
            # Service times of everyone who may start here, drawn in one go.
            for i in range(n):
                row = queue[i] & _MASK
                ids[i] = uint64(vehicle[row])
                keys[i] = decision[step[row]]
            for i in range(n):
                word, _ = threefry(key, keys[i], ids[i], uint64(0))
                survival[i] = 1.0 - to_unit(word)
            bits = survival.view(np.int64)
            for i in range(n):
                row = queue[i] & _MASK
                k = step[row]
                mean = base[k] + per_occupant[k] * occupants[row]
                length = np.int64(mean * _service(quantiles[table[k]], bits[i]) + 0.5)
                length = max(length, 1)
                if aboard[row] > 0 and sensitivity[k] > 0.0:
                    if uniform(key, find_decision[k], vehicle[row], 0) < sensitivity[k]:
                        found[row] = 1
                        length += find_ticks[k]
                duration[i] = length

            r = roster_first[s]
            c = 0
            while r < roster_first[s + 1] and roster_at[r] <= start:
                c = roster_servers[r]
                r += 1
            change = roster_at[r] if r < roster_first[s + 1] else _FAR
            busy = held[held_first[s] : held_first[s + 1]]
            busy.sort()
            most = c
            for q in range(r, roster_first[s + 1]):
                if roster_at[q] >= end:
                    break
                most = max(most, roster_servers[q])
            w = np.empty(most + busy.size + 1, np.int64)
            m = busy.size
            for q in range(m):
                w[q] = busy[q]
            while m < c:
                # Idle servers: free from the start of the slice; no vehicle in them.
                idle = (start << _SHIFT) | _NO_ROW
                q = m - 1
                while q >= 0 and w[q] > idle:
                    w[q + 1] = w[q]
                    q -= 1
                w[q + 1] = idle
                m += 1

            i = 0
            while True:
                # The next start: the first in the queue and the head of the open servers.
                at = _FAR
                if i < n and c > 0:
                    at = max(queue[i] >> _SHIFT, w[m - c] >> _SHIFT)
                if change <= at and change < end:
                    # Closing servers that are done by now are gone; the rest may be kept on.
                    gone = 0
                    while gone < m - c and (w[gone] >> _SHIFT) <= change:
                        gone += 1
                    stop = gone
                elif at < end:
                    gone = m - c + 1
                    stop = -1
                else:
                    # Nobody else starts in this slice: let go whoever is done by its end.
                    gone = 0
                    while gone < m and (w[gone] >> _SHIFT) < end:
                        gone += 1
                    stop = -2
                for q in range(gone):
                    row = w[q] & _MASK
                    if row == _NO_ROW:
                        continue
                    at_left = w[q] >> _SHIFT
                    log_row[visits] = row
                    log_station[visits] = s
                    log_arrived[visits] = arrived[row]
                    log_waiting[visits] = started[row] - arrived[row]
                    log_service[visits] = at_left - started[row]
                    log_delay[visits] = started[row] - arrived[row]
                    visits += 1
                    started[row] = -1
                    if found[row] == 1:
                        found[row] = 0
                        aboard[row] = 0
                        outcome_row[outcome_count] = row
                        outcome_kind[outcome_count] = after_sea[step[row]]
                        outcome_at[outcome_count] = at_left
                        outcome_count += 1
                    target = _advance(row, at_left, key, v, steps, plan_select)
                    inbox[fill[target]] = (arrived[row] << _SHIFT) | row
                    fill[target] += 1
                if stop == -2:
                    break
                if stop >= 0:
                    for q in range(gone, m):
                        w[q - gone] = w[q]
                    m -= gone
                    c = roster_servers[r]
                    r += 1
                    idle = (change << _SHIFT) | _NO_ROW
                    while m < c:
                        q = m - 1
                        while q >= 0 and w[q] > idle:
                            w[q + 1] = w[q]
                            q -= 1
                        w[q + 1] = idle
                        m += 1
                    change = roster_at[r] if r < roster_first[s + 1] else _FAR
                    continue
                row = queue[i] & _MASK
                finish = at + duration[i]
                started[row] = at
                leaves[row] = finish
                word = (finish << _SHIFT) | row
                # Drop the served head (and closed servers before it), insert the new word.
                q = 0
                while q + gone < m and w[q + gone] < word:
                    w[q] = w[q + gone]
                    q += 1
                w[q] = word
                if gone > 1:
                    q += 1
                    while q + gone - 1 < m:
                        w[q] = w[q + gone - 1]
                        q += 1
                m = m - gone + 1
                i += 1
            # A find drawn for someone who did not start here yet is not yet a find.
            for q in range(i, n):
                found[queue[q] & _MASK] = 0
        for t in range(s + 1, count + 1):
            if fill[t] > before[t]:
                _sort_run(inbox, before[t], fill[t])
                runs[t, run_count[t]] = fill[t]
                run_count[t] += 1
    return visits, left_count, outcome_count
