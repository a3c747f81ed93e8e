"""The sweep, compiled: one station after another over sorted columns, for one slice of time.

A station with c servers is the Kiefer-Wolfowitz recursion on a sorted window of event words
(instant at which a server gets free, vehicle in it). The window slides along one array: its
head gives both the next start and the next vehicle to leave, so what it has passed is the
list of departures, in order, and nothing is sorted on the way out. When the roster closes
servers the head simply moves on: those servers finish their vehicle first.
``engine/reference.py`` says the same in plain Python.

Visits are logged as they start, in the order of joining, and only those that end in the slice.
A vehicle is one row of two int64 that says who it is; where it is, is said by the column in which
its word stands. Rows are indexed by unsigned numbers, which spares the test for negative ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint64

from straits.engine._kernels.draws import table_place, threefry, to_unit, uniform, whole_part
from straits.engine._kernels.rows import (
    ABOARD_BITS,
    ABOARD_MASK,
    BRIEF_ABOARD,
    BRIEF_ROUTE,
    CARGO,
    EMPTIED,
    FOUND,
    ROUTE_BITS,
    VEHICLE,
)
from straits.engine._kernels.window import WIDEST, serve_12, serve_20, serve_32

_SHIFT = 25
_MASK = (1 << 22) - 1
_NO_ROW = _MASK
_NOT_SEEN = -2
_FAR = np.int64(1) << 62
_OCTAVES = 30
_TABLE_SIZE = 7681
_ROW = np.uint64(_MASK)
_CHUNK = 512  # visits worked on at a time, so that what is between two passes stays in cache
_MIXED = -2  # instead of a station: vehicles leave for several
# What a route's service at a station is drawn from: words of one row, see ``_network``.
_DECISION, _TABLE, _BASE, _PER_OCCUPANT = range(4)
# What a slice has come to, in `tally`.
VISITS, SAILINGS, FOUND_PEOPLE, INSIDE, FULL = range(5)


@njit(cache=True, nogil=True)
def _sort_run(words, low, high):
    """Sort, by insertion, a run that is already nearly sorted."""
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
    """Sort event words whose times lie in [start, end), evenly spread: one bucket a word.

    The sorted words are in `spare`.
    """
    n = words.size
    span = end - start
    shift = 0
    while (span >> shift) > 2 * n + 1:
        shift += 1
    buckets = (span >> shift) + 2
    for b in range(buckets):
        count[b] = 0
    for i in range(n):
        count[uint64((((words[i] >> _SHIFT) - start) >> shift) + 1)] += 1
    for b in range(1, buckets):
        count[b] += count[b - 1]
    for i in range(n):
        b = uint64(((words[i] >> _SHIFT) - start) >> shift)
        spare[uint64(count[b])] = words[i]
        count[b] += 1
    _sort_run(spare, 0, n)


@njit(cache=True, nogil=True)
def _select(key, route, vehicle, laden, k, routes, follow, step_station, picks, select, share,
            share_aboard):
    """Return the step after the searches that do not select this vehicle; k is the first."""
    while k >= 0 and picks[k + 1]:
        chance = share_aboard[k] if laden else share[k]
        if chance >= 1.0 or uniform(key, select[k], vehicle, 0) < chance:
            break
        k = follow[(step_station[k] + 1) * routes + route]
    return k


@njit(cache=True, nogil=True)
def _keep(kept, count, row, station, arrived, started, leaves):
    """Note a vehicle that is inside at the end of the slice; return how many there are."""
    kept[0, count] = row
    kept[1, count] = station
    kept[2, count] = arrived
    kept[3, count] = started
    kept[4, count] = leaves
    return count + 1


@njit(cache=True, nogil=True)
def _next_steps(key, rows, brief, words, chosen, s, routes, follow, steps, picks, need, ids, keys,
                u):
    """Fill `chosen` with the step to which each vehicle goes that left station `s`.

    `words` are at most a chunk, each of a vehicle. Who may be passed by a search is drawn for all
    at once.
    """
    _, step_station, _, select, share, share_aboard = steps
    base = uint64((s + 1) * routes)
    m = 0
    for i in range(words.size):
        one = brief[uint64(words[i]) & _ROW]
        chosen[i] = follow[base + (uint64(one) >> uint64(BRIEF_ROUTE))]
    for i in range(words.size):
        need[uint64(m)] = i
        m += picks[uint64(chosen[i] + 1)]
    for j in range(m):
        i = need[j]
        ids[j] = uint64(rows[uint64(words[i]) & _ROW, VEHICLE])
        keys[j] = select[uint64(chosen[i])]
    for j in range(m):
        word, _ = threefry(key, keys[j], ids[j], uint64(0))
        u[j] = to_unit(word)
    again = False
    for j in range(m):
        i = uint64(need[j])
        k = uint64(chosen[i])
        r = uint64(words[i]) & _ROW
        one = uint64(brief[r])
        chance = share[k]
        if one & uint64(BRIEF_ABOARD) and (rows[r, CARGO] >> ABOARD_BITS) & ABOARD_MASK:
            chance = share_aboard[k]
        beyond = follow[uint64(step_station[k] + 1) * uint64(routes)
                        + (one >> uint64(BRIEF_ROUTE))]
        passes = u[j] >= chance
        chosen[i] = beyond if passes else np.int64(k)
        keys[j] = uint64(passes)
        again |= passes & picks[uint64(beyond + 1)]
    if not again:
        return
    for j in range(m):
        i = need[j]
        k = chosen[i]
        if keys[j] and picks[k + 1]:
            cargo = rows[words[i] & _MASK, CARGO]
            chosen[i] = _select(key, cargo >> ROUTE_BITS, ids[j],
                                (cargo >> ABOARD_BITS) & ABOARD_MASK != 0, k, routes, follow,
                                step_station, picks, select, share, share_aboard)


@njit(cache=True, nogil=True)
def _move(key, rows, brief, words, s, end, inbox, fill, only, only_transit, routes, follow, steps,
          picks, kept, inside, exited, chunk):
    """Send vehicles that left station `s` to their next one; return how many are kept.

    `words` say who left and when. On the way out, only vehicles with people aboard are put into
    the last inbox.
    """
    step_station, transit = steps[1], steps[2]
    chosen, need, ids, keys, u, part = chunk
    way_out = fill.size - 1
    if 0 <= only < way_out:
        # Everyone goes to one station, as long a way: nothing to ask of the vehicle.
        place = fill[only]
        for i in range(words.size):
            word = words[i]
            inbox[place] = word + only_transit
            place += (word & _MASK) != _NO_ROW
        fill[only] = place
        return inside
    if only == way_out:
        return _all_out(rows, brief, words, end, inbox, fill, kept, inside, exited)
    for low in range(0, words.size, _CHUNK):
        n = uint64(0)
        for i in range(low, min(low + _CHUNK, words.size)):
            part[n] = words[i]
            n += uint64(words[i] & _MASK != _NO_ROW)
        _next_steps(key, rows, brief, part[:n], chosen, s, routes, follow, steps, picks, need, ids,
                    keys, u)
        for i in range(n):
            word = part[i]
            r = uint64(word) & _ROW
            k = chosen[i]
            if k >= 0:
                target = uint64(step_station[uint64(k)])
                inbox[uint64(fill[target])] = word + (transit[uint64(k)] << _SHIFT)
                fill[target] += 1
            elif word >> _SHIFT >= end:
                inside = _keep(kept, inside, np.int64(r), way_out, word >> _SHIFT, -1, -1)
            else:
                exited[(uint64(rows[r, VEHICLE]) >> uint64(24)) & uint64(255)] += 1
                if (rows[r, CARGO] >> ABOARD_BITS) & ABOARD_MASK:
                    inbox[fill[way_out]] = word
                    fill[way_out] += 1
    return inside


@njit(cache=True, nogil=True)
def _all_out(rows, brief, words, end, inbox, fill, kept, inside, exited):
    """Let everyone out of the network; return how many are kept, still on their way."""
    way_out = fill.size - 1
    # Counters side by side: adding to one and the same at every vehicle would wait for itself.
    here = np.zeros(4 * 256, np.int64)
    for i in range(words.size):
        word = words[i]
        r = uint64(word) & _ROW
        if r == _ROW:
            continue
        if word >> _SHIFT >= end:
            inside = _keep(kept, inside, np.int64(r), way_out, word >> _SHIFT, -1, -1)
            continue
        one = uint64(brief[r])
        here[(uint64(i & 3) << uint64(8)) | (one & uint64(255))] += 1
        if one & uint64(BRIEF_ABOARD) and (rows[r, CARGO] >> ABOARD_BITS) & ABOARD_MASK:
            inbox[fill[way_out]] = word
            fill[way_out] += 1
    for stream in range(exited.size):
        exited[stream] += here[stream] + here[256 + stream] + here[512 + stream] + here[
            768 + stream]
    return inside


@njit(cache=True, nogil=True)
def _draw(key, rows, queue, ways, quantiles, constant, vehicle, joined, duration, add, chunk):
    """Draw the service time [ticks] of a chunk of the queue, in passes that vectorise.

    `add` is filled with the time and the row in one word; for `ways` and `constant` see
    ``_network``.
    """
    cells, _, spare, keys, means, _ = chunk
    n = queue.size
    for i in range(n):
        joined[i] = queue[i] >> _SHIFT
    if constant > 0:
        for i in range(n):
            vehicle[i] = rows[uint64(queue[i]) & _ROW, VEHICLE]
            duration[i] = constant
            add[i] = (constant << _SHIFT) | (queue[i] & _MASK)
        return
    for i in range(n):
        r = uint64(queue[i]) & _ROW
        vehicle[i] = rows[r, VEHICLE]
        cells[i] = rows[r, CARGO]
    whole, real = ways
    for i in range(n):
        cargo = uint64(cells[i])
        route = cargo >> uint64(ROUTE_BITS)
        keys[i] = uint64(whole[route, _DECISION])
        cells[i] = whole[route, _TABLE]
        party = np.float64(np.int64(cargo & uint64(255)))
        means[i] = real[route, _BASE] + real[route, _PER_OCCUPANT] * party
    if constant == 0:
        for i in range(n):
            means[i] = means[i] * quantiles[uint64(cells[i])] + 0.5
    else:
        last = quantiles.size - 1
        parts = spare.view(np.float64)
        for i in range(n):
            word, _ = threefry(key, keys[i], uint64(vehicle[i]), uint64(0))
            octave, index, part = table_place(to_unit(word))
            inside = octave < _OCTAVES
            cells[i] += octave * 256 + index if inside else _TABLE_SIZE - 1
            parts[i] = part if inside else 0.0
        for i in range(n):
            cell = cells[i]
            quantile = quantiles[uint64(cell)]
            quantile += parts[i] * (quantiles[uint64(min(cell + 1, last))] - quantile)
            means[i] = means[i] * quantile + 0.5
    for i in range(n):
        duration[i] = whole_part(max(means[i], 1.0))
        add[i] = (duration[i] << _SHIFT) | (queue[i] & _MASK)


@njit(cache=True, nogil=True)
def _draw_finds(key, rows, queue, step_of, service, duration, add):
    """Draw who is found by a search: the search then takes longer."""
    find_decision, sensitivity, find_ticks = service[5:8]
    for i in range(queue.size):
        r = queue[i] & _MASK
        cargo = rows[r, CARGO]
        if (cargo >> ABOARD_BITS) & ABOARD_MASK == 0:
            continue
        k = step_of[cargo >> ROUTE_BITS]
        chance = sensitivity[k]
        if chance > 0.0 and uniform(key, find_decision[k], rows[r, VEHICLE], 0) < chance:
            rows[r, CARGO] |= FOUND
            duration[i] += find_ticks[k]
            add[i] += find_ticks[k] << _SHIFT


@njit(cache=True, nogil=True)
def _insert(w, tail, word):
    """Insert a word into the sorted window that ends at `tail`, from its back."""
    q = tail
    while w[q - 1] > word:
        w[q] = w[q - 1]
        q -= 1
    w[q] = word


@njit(cache=True, nogil=True)
def _serve_wide(queue, add, w, c, waiting, limit):
    """Do as `window.serve_12` for any number of servers, in place: w[:c] is the window."""
    for i in range(queue.size):
        joined = queue[i] >> _SHIFT << _SHIFT
        at = max(joined, w[i] >> _SHIFT << _SHIFT)
        if at >= limit:
            return i
        waiting[i] = (at - joined) >> _SHIFT
        word = at + add[i]
        q = i + c
        while q > i + 1 and w[q - 1] > word:
            w[q] = w[q - 1]
            q -= 1
        w[q] = word
    return queue.size


@njit(cache=True, nogil=True)
def _serve_some(queue, add, w, c, waiting, limit, lanes, constant):
    """Start services before `limit` (an event word); w[:c] are the servers on duty.

    Returns how many started; as many words of `w` were passed, and the window follows them.
    """
    # Where services last as long, who starts later leaves later, and nothing is moved to insert.
    if constant > 0 or c > WIDEST:
        return _serve_wide(queue, add, w, c, waiting, limit)
    for q in range(c):
        lanes[q] = w[q]
    for q in range(c, WIDEST):
        lanes[q] = _FAR
    if c <= 12:
        n = serve_12(queue, add, w, waiting, lanes, queue.size, limit)
    elif c <= 20:
        n = serve_20(queue, add, w, waiting, lanes, queue.size, limit)
    else:
        n = serve_32(queue, add, w, waiting, lanes, queue.size, limit)
    for q in range(c):
        w[n + q] = lanes[q]
    return n


@njit(cache=True, nogil=True)
def _carry_in(state, rows, busy, end, station, visits, log, kept, inside):
    """Log the visits that began before the slice and end in it; keep the others.

    Returns the number of visits and of vehicles kept.
    """
    log_vehicle, _, log_arrived, log_waiting, log_service, log_delay = log
    arrived, started = state[2:4]
    for i in range(busy.size):
        r = busy[i] & _MASK
        at = busy[i] >> _SHIFT
        if at < end:
            log_vehicle[visits] = rows[r, VEHICLE]
            log_arrived[visits] = arrived[r]
            log_waiting[visits] = started[r] - arrived[r]
            log_service[visits] = at - started[r]
            log_delay[visits] = started[r] - arrived[r]
            visits += 1
        else:
            inside = _keep(kept, inside, r, station, arrived[r], started[r], at)
    return visits, inside


@njit(cache=True, nogil=True)
def _serve(key, rows, queue, step_of, service, ways, constant, searching, w, busy, start, end,
           roster_at, roster_servers, log, add, lanes, chunk):
    """Run one station; return where its departures end in `w`, where `w` ends, who started.

    w[1:stop] are the words that were passed, in order of leaving; ``w[0]`` is a sentinel.
    """
    vehicle, _, joined, waiting, duration, _ = log
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
    n = queue.size
    i = 0
    low = 0  # services of queue[low:drawn] are in `add`
    drawn = 0
    while True:
        if c > 0 and i < n:
            if i == drawn:
                low = i
                drawn = min(n, i + _CHUNK)
                part = queue[low:drawn]
                _draw(key, rows, part, ways, service[4], constant, vehicle[low:], joined[low:],
                      duration[low:], add, chunk)
                if searching:
                    _draw_finds(key, rows, part, step_of, service, duration[low:], add)
            more = _serve_some(queue[i:drawn], add[i - low :], w[tail - c :], c, waiting[i:],
                               min(change, end) << _SHIFT, lanes, constant)
            i += more
            tail += more
            if more:
                head = tail - c
            if i == drawn:
                continue
        if change >= end:
            break
        # Nobody starts before the change. Closing servers that are done by now are gone; the
        # rest may be kept on.
        while head < tail - c and (w[head] >> _SHIFT) <= change:
            head += 1
        c = roster_servers[change_index]
        while tail - head < c:
            _insert(w, tail, (change << _SHIFT) | _NO_ROW)
            tail += 1
        change_index += 1
        change = roster_at[change_index] if change_index < roster_at.size else _FAR
    if searching:
        # A find drawn for someone who did not start here yet is not yet a find.
        for q in range(i, drawn):
            rows[queue[q] & _MASK, CARGO] &= ~FOUND
    # Nobody else starts in this slice: let go whoever is done by its end.
    while head < tail and (w[head] >> _SHIFT) < end:
        head += 1
    return head, tail, i


@njit(cache=True, nogil=True)
def _close_log(queue, begun, unfinished, end, station, log, kept, inside):
    """Take the visits out of the log that last beyond the slice; keep who is inside.

    Of the `begun` visits, `unfinished` do not end in the slice. Returns the visits that stay
    and the number of vehicles kept.
    """
    vehicle, _, arrived, waiting, service, _ = log
    first = begun
    while unfinished > 0:
        first -= 1
        started = arrived[first] + waiting[first]
        if started + service[first] >= end:
            inside = _keep(kept, inside, queue[first] & _MASK, station, arrived[first], started,
                           started + service[first])
            unfinished -= 1
    stay = first
    for i in range(first, begun):
        if arrived[i] + waiting[i] + service[i] < end:
            vehicle[stay] = vehicle[i]
            arrived[stay] = arrived[i]
            waiting[stay] = waiting[i]
            service[stay] = service[i]
            stay += 1
    for i in range(begun, queue.size):
        inside = _keep(kept, inside, queue[i] & _MASK, station, queue[i] >> _SHIFT, -1, -1)
    return stay, inside


@njit(cache=True, nogil=True)
def _book_finds(rows, words, step_of, after_sea, outcomes, found):
    """Book the finds of searches that ended; the people leave the lorry."""
    outcome_row, outcome_kind, outcome_at = outcomes[0], outcomes[1], outcomes[2]
    for q in range(words.size):
        r = words[q] & _MASK
        if r != _NO_ROW and rows[r, CARGO] & FOUND:
            route = rows[r, CARGO] >> ROUTE_BITS
            rows[r, CARGO] &= EMPTIED
            outcome_row[found] = r
            outcome_kind[found] = after_sea[step_of[route]]
            outcome_at[found] = words[q] >> _SHIFT
            found += 1
    return found


@njit(cache=True, nogil=True)
def _load(rows, queue, step_of, station, log, w, sailing_at, capacity, first, last, cut_off,
          crossing, gap, space, sailings, left):
    """Load a departure's sailings in [first, last) while there is room, in order of joining.

    Fills w[1:] with who reaches the far shore when, and returns how many loaded and sailings.
    """
    log_vehicle, _, log_arrived, log_waiting, log_service, log_delay = log
    sailing_station, sailing_time = sailings[0], sailings[1]
    sailing_vehicles, sailing_space = sailings[2], sailings[3]
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
            need = space[uint64(step_of[uint64(rows[r, CARGO]) >> uint64(ROUTE_BITS)])]
            if joined + cut_off > at or used + need > capacity[p]:
                break
            while sailing_at[in_time] < joined + cut_off:
                in_time += 1
            v = uint64(i)
            log_vehicle[v] = rows[r, VEHICLE]
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
def _way_out(queue, outcomes, found):
    """Book the people who leave the network unfound; return the number of outcomes."""
    outcome_row, outcome_kind, outcome_at = outcomes[0], outcomes[1], outcomes[2]
    for i in range(queue.size):
        outcome_row[found] = queue[i] & _MASK
        outcome_kind[found] = 2
        outcome_at[found] = queue[i] >> _SHIFT
        found += 1
    return found


@njit(cache=True, nogil=True)
def _network(count, used, route_first, steps, service, net):
    """Say in `net` what the vehicles of this slice can do, from the routes they use; see `Net`."""
    route_step, step_station, transit, _, share, share_aboard = steps
    decision, base, per_occupant, table, quantiles, _, sensitivity = service[:7]
    routes = used.size
    (offset, step_of, follow, picks, only, only_transit, way, ordered, constant, searching,
     whole) = net
    real = whole.view(np.float64)
    for s in range(count + 1):
        offset[s] = 0
        only[s] = -1
        only_transit[s] = 0
        way[s] = -1
        ordered[s] = True
        constant[s] = _NOT_SEEN
    offset[count + 1] = 0
    for s in range(count):
        searching[s] = False
    for step in range(step_station.size):
        picks[step + 1] = share[step] < 1.0 or share_aboard[step] < 1.0
    for r in range(routes):
        if used[r] == 0:
            continue
        here = np.int64(0)
        for q in range(route_first[r], route_first[r + 1] + 1):
            k = np.int64(-1)
            target = count
            if q < route_first[r + 1]:
                k = route_step[q]
                target = step_station[k]
                offset[target + 1] += used[r]
                step_of[target, r] = k
                cell = table[k] * _TABLE_SIZE
                whole[target, r, _DECISION] = np.int64(decision[k])
                whole[target, r, _TABLE] = cell
                real[target, r, _BASE] = base[k]
                real[target, r, _PER_OCCUPANT] = per_occupant[k]
                ticks = np.int64(-1)
                # A quantile table never falls: equal ends mean a constant.
                if quantiles[cell] == quantiles[cell + _TABLE_SIZE - 1]:
                    ticks = np.int64(max(base[k] * quantiles[cell] + 0.5, 1.0))
                    ticks *= np.int64(per_occupant[k] == 0.0)
                if constant[target] == _NOT_SEEN:
                    constant[target] = ticks
                elif ticks < 0 or constant[target] < 0:
                    constant[target] = -1
                elif ticks != constant[target]:
                    constant[target] = 0
                searching[target] |= sensitivity[k] > 0.0
                if way[target] != -1 and way[target] != transit[k]:
                    ordered[target] = False
                way[target] = transit[k]
            follow[here * routes + r] = k
            add = transit[k] << _SHIFT if k >= 0 else np.int64(0)
            if only[here] == -1:
                only[here] = target
                only_transit[here] = add
            if picks[k + 1] or only[here] != target or only_transit[here] != add:
                only[here] = _MIXED
            here = target + 1
        offset[count + 1] += used[r]
    for s in range(count + 1):
        offset[s + 1] += offset[s]


def room_for(count: int, routes: int, steps: int, vehicles: int) -> Any:
    """Return room for what a slice's sweeps tell each other.

    Returns
    -------
    net : tuple of arrays
        What the vehicles of the slice can do. Offsets of every station's inbox, with room for
        each visit that could happen; step_of[station, route], the step that a route has at a
        station; follow[station + 1, route], the step after it, -1 for the way out (row 0 is the
        gate); picks[step + 1], whether vehicles may be passed by; only[station + 1], the one
        station to which everyone goes, or `_MIXED`, and the word to add for the way there; the
        last way to a station that was seen; whether runs come in one order; the service time
        [ticks] where it is the same for all, 0 where it is the same for a class and its
        occupants, else -1; whether people can be found, by station; and, by station and route,
        what service is drawn from: decision, place of the table, mean and what it rises by for
        each occupant [ticks], the last two to be read as real numbers.
    boxes : tuple of arrays
        Where each station's inbox ends, the sorted runs in it and their number, the words of
        those in service, of at most so many vehicles carried, and where each station's begin.
    """
    net = (np.empty(count + 2, np.int64), np.zeros((count, routes), np.int32),
           np.empty((count + 1) * routes, np.int32), np.zeros(steps + 1, np.bool_),
           np.empty(count + 1, np.int64), np.empty(count + 1, np.int64),
           np.empty(count + 1, np.int64), np.empty(count + 1, np.bool_),
           np.empty(count + 1, np.int64), np.empty(count, np.bool_),
           np.zeros((count, routes, 4), np.int64))
    boxes = (np.empty(count + 1, np.int64), np.empty((count + 1, count + 2), np.int64),
             np.empty(count + 1, np.int64), np.empty(vehicles, np.int64),
             np.empty(count + 2, np.int64))
    return net, boxes


@njit(cache=True, nogil=True)
def _in_service(state, route_first, route_step, step_station, words, first):
    """Fill `words` with the vehicles in service at the start, by station, and their offsets."""
    route, stage, _, started, leaves, status = state
    count = first.size - 2
    for s in range(first.size):
        first[s] = 0
    # A station's words are counted two places on, and one place on is where the next of them goes.
    for i in range(route.size):
        if started[i] >= 0 and status[i] == 0:
            first[step_station[route_step[route_first[route[i]] + stage[i]]] + 2] += 1
    for s in range(count):
        first[s + 2] += first[s + 1]
    for i in range(route.size):
        if started[i] >= 0 and status[i] == 0:
            s = step_station[route_step[route_first[route[i]] + stage[i]]] + 1
            words[first[s]] = (leaves[i] << _SHIFT) | i
            first[s] += 1


@njit(cache=True, nogil=True)
def _hand_in(words, state, route_first, route_step, step_station, rows, inbox, fill, end, kept,
             exited, inside):
    """Put the vehicles that wait or travel at the start where they belong; count those kept."""
    route, stage = state[:2]
    way_out = fill.size - 1
    for i in range(words.size):
        r = words[i] & _MASK
        at = route_first[route[r]] + stage[r]
        if at < route_first[route[r] + 1]:
            target = step_station[route_step[at]]
        elif words[i] >> _SHIFT >= end:
            inside = _keep(kept, inside, r, way_out, words[i] >> _SHIFT, -1, -1)
            continue
        else:
            exited[(rows[r, VEHICLE] >> 24) & 255] += 1
            if (rows[r, CARGO] >> ABOARD_BITS) & ABOARD_MASK == 0:
                continue
            target = way_out
        inbox[fill[target]] = words[i]
        fill[target] += 1
    return inside


@njit(cache=True, nogil=True)
def _open(key, start, end, entry, state, rows, brief, used, route_first, steps, service, kept,
          exited, scratch, net, boxes, tally, chunk):
    """Put everyone before the station to which they go first."""
    fresh, words = entry
    fill, runs, run_count, busy, busy_first = boxes
    count = fill.size - 1
    route_step, step_station = steps[:2]
    _network(count, used, route_first, steps, service, net)
    for s in range(count + 1):
        fill[s] = net[0][s]
    _in_service(state, route_first, route_step, step_station, busy, busy_first)
    _bucket_sort(fresh, start, end, scratch[1], scratch[2])
    tally[INSIDE] = _hand_in(words, state, route_first, route_step, step_station, rows, scratch[0],
                             fill, end, kept, exited, 0)
    for s in range(count + 1):
        runs[s, 0] = fill[s]
        run_count[s] = 1
    # Not the literals -1 and False: they would have it all compiled twice.
    _send(key, rows, brief, scratch[1][: fresh.size], np.int64(-1), end, np.bool_(False), used.size,
          steps, kept, exited, scratch, net, boxes, tally, chunk)


@njit(cache=True, nogil=True)
def _chunk():
    return (np.empty(_CHUNK, np.int64), np.empty(_CHUNK, np.int64), np.empty(_CHUNK, np.uint64),
            np.empty(_CHUNK, np.uint64), np.empty(_CHUNK), np.empty(_CHUNK, np.int64))


@njit(cache=True, nogil=True)
def _send(key, rows, brief, gone, s, end, mixed, routes, steps, kept, exited, scratch, net, boxes,
          tally, chunk):
    """Send those who left station `s`, -1 for the gate, and note the new runs in the inboxes."""
    follow, picks, only, only_transit, _, ordered = net[2:8]
    fill, runs, run_count = boxes[:3]
    count = fill.size - 1
    before = fill.copy()
    tally[INSIDE] = _move(key, rows, brief, gone, s, end, scratch[0], fill, only[s + 1],
                          only_transit[s + 1], routes, follow, steps, picks, kept, tally[INSIDE],
                          exited, chunk)
    for t in range(count + 1):
        if fill[t] > before[t]:
            if mixed or t == count or not ordered[t]:
                _sort_run(scratch[0], before[t], fill[t])
            runs[t, run_count[t]] = fill[t]
            run_count[t] += 1


@njit(cache=True, nogil=True)
def note_runs(before, boxes, scratch):
    """Sort what was put into the inboxes since `before`, and note the new runs."""
    fill, runs, run_count = boxes[:3]
    for t in range(fill.size):
        if fill[t] > before[t]:
            _sort_run(scratch[0], before[t], fill[t])
            runs[t, run_count[t]] = fill[t]
            run_count[t] += 1


@njit(cache=True, nogil=True)
def gather(s, net, boxes, scratch):
    """Return the sorted words of a station's inbox."""
    offset = net[0]
    fill, runs, run_count = boxes[:3]
    if run_count[s] > 1:
        _merge_runs(scratch[0], offset[s], runs[s, : run_count[s]], scratch[1])
    return scratch[0][offset[s] : fill[s]]


@njit(cache=True, nogil=True)
def _fits(queue, waiting, begun, rows, margin, room, by_road, stream_class, spacing):
    """Say whether a buffer holds all who would stand in it, each from `margin` before it joins.

    With the longest way to the station as margin it may say no where the truth is yes.
    """
    largest = np.int64(1)
    if by_road:
        for size in spacing:
            largest = max(largest, size)
    if _starts_soon(queue, waiting, begun, margin, room // largest):
        return True
    if not by_road:
        return False
    taken = np.int64(0)
    out = 0
    for i in range(queue.size):
        since = (queue[i] >> _SHIFT) - margin
        while out < begun and (queue[out] >> _SHIFT) + waiting[out] < since:
            taken -= _room(rows, queue[out], stream_class, spacing)
            out += 1
        taken += _room(rows, queue[i], stream_class, spacing)
        if taken > room:
            return False
    return True


@njit(cache=True, nogil=True)
def _starts_soon(queue, waiting, begun, margin, places):
    """Say whether each vehicle has started `margin` before the one `places` behind it joins.

    Then there are never more of them: services start in the order of joining.
    """
    last = queue.size - places
    if last > begun:
        return False
    late = np.int64(0)
    for i in range(max(last, 0)):
        started = (queue[i] >> _SHIFT) + waiting[i]
        late |= started >= (queue[i + places] >> _SHIFT) - margin
    return late == 0


@njit(cache=True, nogil=True)
def _room(rows, word, stream_class, spacing):
    return spacing[stream_class[(rows[word & _MASK, VEHICLE] >> 24) & 255]]


@njit(cache=True, nogil=True)
def run_stations(key, start, end, order, opens, closes, entry, state, rows, brief, used,
                 route_first, steps, service, stations, checks, table, sailings, outcomes, kept,
                 exited, scratch, net, boxes, tally):
    """Run stations one after another; the first of a slice let everyone in, the last close it.

    Parameters
    ----------
    order : int64[n]
        Stations, each after all from which vehicles come to it.
    opens, closes : bool
        Whether these are the first stations of the slice, and the last.
    entry : tuple of int64 arrays
        Event words of the vehicles that enter, unsorted, and of those that wait or travel,
        sorted.
    state : tuple of columns
        Of the ``VehicleState`` at the start: route, stage, arrived, started, leaves, status.
    rows : int64[n, 2]
        The vehicles; people who are found leave theirs.
    brief : uint32[n]
        The same in brief, as they were at the start.
    used : int64[route]
        Vehicles by route.
    steps, service, stations : tuples of plan arrays
    checks : tuple of arrays
        Room before each station, -1 for any amount; whether it is counted in dm; the longest way
        to it [ticks]; class of each stream; road that a class takes [dm].
    table, sailings, outcomes : int64[6, n], int64[4, n], int64[3, n]
        The log, filled from ``tally`` on.
    kept : int64[5, n]
        Filled with who is inside at the end, see ``rows.unpack``.
    exited : int64[stream]
        Vehicles that left are added.
    scratch : int64[3, m]
        Room to work in; kept between slices, since memory that was touched before is cheap.
    net, boxes : tuples of arrays
        See ``room_for``.
    tally : int64[5]
        Visits, sailings, outcomes and vehicles kept so far; whether a buffer would have filled.
    """
    chunk = _chunk()
    if opens:
        _open(key, start, end, entry, state, rows, brief, used, route_first, steps, service, kept,
              exited, scratch, net, boxes, tally, chunk)
    after_sea, space = service[8:]
    (kind, roster_first, roster_at, roster_servers, sailing_first, sailing_at, capacity,
     cut_off, crossing, unload_gap) = stations
    room, by_road, margin, stream_class, spacing = checks
    step_of, constant, searching, whole = net[1], net[8], net[9], net[10]
    real = whole.view(np.float64)
    busy, busy_first = boxes[3:]
    log = (table[0], table[1], table[2], table[3], table[4], table[5])
    w = scratch[2]
    add = np.empty(_CHUNK, np.int64)
    lanes = np.empty(WIDEST, np.int64)
    # A served station's delay is its wait: where all are, one column serves for both.
    own_delay = order.size < kind.size
    for s in range(kind.size):
        own_delay |= kind[s] == 1
    for s in order:
        if tally[FULL]:
            return  # in vain
        queue = gather(s, net, boxes, scratch)
        here = tally[VISITS]
        visits = here
        if kind[s] == 1:
            low, high = sailing_first[s], sailing_first[s + 1]
            times = sailing_at[low:high]
            mine = (log[0][visits:], log[1], log[2][visits:], log[3][visits:],
                    log[4][visits:], log[5][visits:])
            begun, tally[SAILINGS] = _load(
                rows, queue, step_of[s], s, mine, w, times, capacity[low:high],
                np.searchsorted(times, start), np.searchsorted(times, end), cut_off[s],
                crossing[s], unload_gap[s], space, sailings, tally[SAILINGS])
            gone = w[1 : begun + 1]
            if room[s] >= 0 and not _fits(queue, mine[3], begun, rows, margin[s], room[s],
                                          by_road[s], stream_class, spacing):
                tally[FULL] = 1
            _, tally[INSIDE] = _close_log(queue, begun, 0, end, s, mine, kept, tally[INSIDE])
            visits += begun
        else:
            low, high = roster_first[s], roster_first[s + 1]
            held = busy[busy_first[s] : busy_first[s + 1]]
            _sort_run(held, 0, held.size)
            was = tally[INSIDE]
            visits, tally[INSIDE] = _carry_in(state, rows, held, end, s, visits, log, kept,
                                              tally[INSIDE])
            was = tally[INSIDE] - was
            mine = (log[0][visits:], log[1], log[2][visits:], log[3][visits:],
                    log[4][visits:], log[5][visits:])
            stop, tail, begun = _serve(
                key, rows, queue, step_of[s], service, (whole[s], real[s]), constant[s],
                searching[s], w, held, start, end, roster_at[low:high], roster_servers[low:high],
                mine, add, lanes, chunk)
            if room[s] >= 0 and not _fits(queue, mine[3], begun, rows, margin[s], room[s],
                                          by_road[s], stream_class, spacing):
                tally[FULL] = 1
            unfinished = -was
            for q in range(stop, tail):
                unfinished += (w[q] & _MASK) != _NO_ROW
            stay, tally[INSIDE] = _close_log(queue, begun, unfinished, end, s, mine, kept,
                                             tally[INSIDE])
            if own_delay:
                for i in range(visits, visits + stay):
                    log[5][i] = log[3][i]
            visits += stay
            gone = w[1:stop]
            if searching[s]:
                tally[FOUND_PEOPLE] = _book_finds(rows, gone, step_of[s], after_sea, outcomes,
                                                  tally[FOUND_PEOPLE])
        for i in range(here, visits):
            log[1][i] = s
        tally[VISITS] = visits
        _send(key, rows, brief, gone, s, end, kind[s] == 1, used.size, steps, kept, exited, scratch,
              net, boxes, tally, chunk)
    if closes:
        count = boxes[0].size - 1
        tally[FOUND_PEOPLE] = _way_out(scratch[0][net[0][count] : boxes[0][count]], outcomes,
                                       tally[FOUND_PEOPLE])
