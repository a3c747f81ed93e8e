"""The measuring pass, compiled: one slice's log added into integer accumulators.

A pass of its own on the finished log: no engine knows a measure.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

from straits.engine._kernels.draws import bits_of

__all__ = [
    "add_causes",
    "add_ledger",
    "add_queues",
    "add_sailings",
    "add_spans",
    "add_visits",
]

_QUARTER = 900 * 1024
_DAY = 96 * _QUARTER
_LAST_BIN = 256 * 25 - 1
_CHUNK = 512


@njit(cache=True, nogil=True)
def _bin(wait):
    """Return the bin of a wait [ticks]."""
    if wait < 256:
        return wait
    # The exponent of the number as a float is its octave, the mantissa's top is the bin.
    return min(((bits_of(np.float64(wait)) >> 44) & 0xFFFFF) - (1031 << 8) + 256, _LAST_BIN)


@njit(cache=True, nogil=True)
def add_visits(vehicle, station, joined, waiting, service, delay, start, stream_class, classes,
               counts, waits, delays, longest, histogram, busy, handled):
    """Add the visits that ended in the slice; return the rows that waited.

    The accumulators of waits are by (station, class) pair, class fastest; `handled` counts
    vehicles by (station, stream); `busy` is server time inside the slice by station [ticks].

    A log is by station, and at each those come first that began before the slice. Most visits do
    not wait: those are counted by stream and no more.
    """
    # Counters side by side: adding to one and the same at every visit would wait for itself.
    here = np.zeros(4 * 256, np.int64)
    waited = np.zeros(256, np.int64)
    rows = np.empty(vehicle.size + 1, np.int64)
    n = 0
    low = 0
    first = True  # of its station
    while low < vehicle.size:
        s = station[low]
        high = min(low + _CHUNK, vehicle.size)
        while station[high - 1] != s:
            high -= 1
        busy[s] += _busy(joined, waiting, service, start, low, high, first)
        m = n
        for i in range(low, high):
            rows[uint64(n)] = i
            n += (waiting[i] | delay[i]) != 0
            stream = (uint64(vehicle[i]) >> uint64(24)) & uint64(255)
            here[(uint64(i & 3) << uint64(8)) | stream] += 1
        for j in range(m, n):
            i = uint64(rows[j])
            wait = waiting[i]
            stream = (uint64(vehicle[i]) >> uint64(24)) & uint64(255)
            pair = uint64(s * classes + stream_class[stream])
            waited[stream] += 1
            waits[pair] += wait
            delays[pair] += delay[i]
            longest[pair] = max(longest[pair], wait)
            histogram[pair, uint64(_bin(wait))] += 1
        low = high
        first = low < vehicle.size and station[low] != s
        if not first and low < vehicle.size:
            continue
        for stream in range(stream_class.size):
            number = here[stream] + here[256 + stream] + here[512 + stream] + here[768 + stream]
            pair = s * classes + stream_class[stream]
            handled[s, stream] += number
            counts[pair] += number
            histogram[pair, 0] += number - waited[stream]
            waited[stream] = 0
            for k in range(4):
                here[k * 256 + stream] = 0
    return rows[:n]


@njit(cache=True, nogil=True)
def _busy(joined, waiting, service, start, low, high, first):
    """Return service time inside the slice of the visits [low, high) of one station [ticks]."""
    total = 0
    if first:
        while low < high and joined[low] + waiting[low] < start:
            total += max(joined[low] + waiting[low] + service[low] - start, 0)
            low += 1
    for i in range(low, high):
        total += service[i]
    return total


@njit
def _add_part(since, part, metres_part, shift, first, profile, metres, quarter_total):
    """Add time spent waiting in the quarter of one station that begins at `since` [ticks]."""
    quarter = (since + shift) // _QUARTER
    profile[quarter % 672] += part
    metres[quarter % 672] += metres_part
    quarter_total[quarter - first] += part


@njit
def _add_wait(low, high, shift, first, size, profile, metres, quarter_total):
    """Add a wait over [low, high) [ticks] to the quarters of one station, `size` dm long."""
    low += shift
    high += shift
    quarter = low // _QUARTER
    while low < high:
        edge = min((quarter + 1) * _QUARTER, high)
        part = edge - low
        week = quarter % 672
        profile[week] += part
        metres[week] += part * size
        quarter_total[quarter - first] += part
        low = edge
        quarter += 1


@njit(cache=True, nogil=True)
def add_queue(rows, vehicle, station, joined, waiting, shift, start, end, stream_class, length,
              profile, metres, quarter_total):
    """Add the time that vehicles spent waiting, [joined, joined + waiting) inside [start, end).

    `rows` are the rows to look at; `profile` and `metres` are int64[station, 672], by quarter of
    an hour since Monday 00:00 UTC, with `shift` the time from there to tick 0; `quarter_total`
    is int64[station, quarters of the slice].
    """
    first = (start + shift) // _QUARTER
    # Who waits in the same quarter at the same station as the one before is added up first.
    here = uint64(0)
    since = until = total = metres_total = np.int64(0)
    for j in range(rows.size):
        i = uint64(rows[j])
        low = max(joined[i], start)
        high = min(joined[i] + waiting[i], end)
        if high <= low:
            continue
        s = uint64(station[i])
        size = length[stream_class[(uint64(vehicle[i]) >> uint64(24)) & uint64(255)]]
        if low < since or high > until or s != here:
            if total > 0:
                _add_part(since, total, metres_total, shift, first, profile[here], metres[here],
                          quarter_total[here])
            here = s
            total = metres_total = np.int64(0)
            since = low - (low + shift) % _QUARTER
            until = since + _QUARTER
            if high > until:
                _add_wait(low, high, shift, first, size, profile[s], metres[s], quarter_total[s])
                continue
        total += high - low
        metres_total += (high - low) * size
    if total > 0:
        _add_part(since, total, metres_total, shift, first, profile[here], metres[here],
                  quarter_total[here])


@njit(cache=True, nogil=True)
def add_inside(vehicle, station, joined, started, leaves, shift, start, end, stream_class, length,
               busy, profile, metres, quarter_total):
    """Add what visits under way at the slice's end waited and were served so far.

    `joined` is -1 for who is still held, `started` for who waits; see `add_queue` and
    `add_visits`.
    """
    first = (start + shift) // _QUARTER
    for i in range(vehicle.size):
        s = station[i]
        high = end
        if started[i] >= 0:
            busy[s] += max(min(leaves[i], end) - max(started[i], start), 0)
            high = min(started[i], end)
        low = max(joined[i], start)
        if joined[i] < 0 or high <= low:
            continue
        size = length[stream_class[(vehicle[i] >> 24) & 255]]
        _add_wait(low, high, shift, first, size, profile[s], metres[s], quarter_total[s])


@njit(cache=True, nogil=True)
def add_queues(visits, inside, gone, span, stream_class, length, roster, sums, queues):
    """Add a slice's log to its queues, and what servers were on duty.

    Parameters
    ----------
    visits : tuple of int64[n]
        Rows of visits that waited; vehicle, station, joined and waiting of all visits.
    inside : tuple of int64[n]
        Visits under way at the end: vehicle, station, joined, started, leaves.
    gone : tuple of int64[m]
        Who left a queue unserved: rows to look at, vehicle, station, joined, how long it waited.
    span : tuple of int
        Start and end of the slice, start of the window, time from a Monday 00:00 UTC to tick 0.
    roster : tuple of arrays
        First row of each station, instants, servers.
    sums : tuple of arrays
        What `add_inside` adds to and what `on_duty` does.
    queues : tuple of arrays
        Profile and metres, see `add_queue`; longest and by day, see `add_quarters`.
    """
    start, end, since, shift = span
    busy, duty = sums
    profile, metres, longest_queue, by_day = queues
    quarters = np.zeros((profile.shape[0], -(-(end - start) // _QUARTER)), np.int64)
    how = (shift, start, end, stream_class, length)
    queue = (profile, metres, quarters)
    add_queue(*visits, *how, *queue)
    add_inside(*inside, *how, busy, *queue)
    add_queue(*gone, *how, *queue)
    add_quarters(quarters, start - since, longest_queue, by_day)
    on_duty(*roster, start, end, duty)


@njit(cache=True, nogil=True)
def add_quarters(quarter_total, since, longest, by_day):
    """Add the queues of a slice's quarters to its days; keep the longest of any quarter.

    `since` is the time from the window's start to the slice's [ticks].
    """
    for s in range(quarter_total.shape[0]):
        for k in range(quarter_total.shape[1]):
            here = quarter_total[s, k]
            longest[s] = max(longest[s], here)
            by_day[s, (since + k * _QUARTER) // _DAY] += here


@njit(cache=True, nogil=True)
def add_sailings(station, vehicles, space, foot, late, sums):
    """Add the sailings of a slice to their stations' sums.

    `sums` are number, vehicles, space, foot passengers, time behind the timetable, cancellations.
    """
    number, carried, taken, walking, behind, cancelled = sums
    for i in range(station.size):
        s = station[i]
        number[s] += 1
        carried[s] += vehicles[i]
        taken[s] += space[i]
        walking[s] += foot[i]
        behind[s] += max(late[i], 0)
        cancelled[s] += late[i] < 0


@njit(cache=True, nogil=True)
def add_causes(rows, vehicle, station, joined, waiting, blocked, held, stream_class, classes,
               blocked_sum, held_sum):
    """Add what visits were blocked and held, by (station, class) pair [ticks]."""
    for j in range(rows.size):
        i = uint64(rows[j])
        pair = station[i] * classes + stream_class[(uint64(vehicle[i]) >> uint64(24)) & uint64(255)]
        blocked_sum[pair] += blocked[i]
        held_sum[pair] += held[i]


@njit(cache=True, nogil=True)
def _add_span(out, since, until, start, end, shift, bin_ticks):
    """Add the time of [since, until) inside [start, end) to the bins of one row of a table."""
    low = max(since, start)
    high = min(until, end)
    if high <= low:
        return
    low += shift
    high += shift
    one = low // bin_ticks
    while low < high:
        edge = min((one + 1) * bin_ticks, high)
        out[one % out.size] += edge - low
        low = edge
        one += 1


@njit(cache=True, nogil=True)
def add_ledger(rows, station, arrived, joined, waiting, service, blocked, delay, kind, start, end,
               shift, bin_ticks, out):
    """Add what visits were blocked, late for a departure and held, int64[3, station, bins]."""
    for j in range(rows.size):
        i = uint64(rows[j])
        s = station[i]
        left = joined[i] + waiting[i] + service[i] + blocked[i]
        if blocked[i] > 0:
            _add_span(out[0, s], left - blocked[i], left, start, end, shift, bin_ticks)
        if kind[s] == 1:
            missed = delay[i] - (joined[i] - arrived[i])
            _add_span(out[1, s], left - missed, left, start, end, shift, bin_ticks)
        if joined[i] > arrived[i]:
            _add_span(out[2, s], arrived[i], joined[i], start, end, shift, bin_ticks)


@njit(cache=True, nogil=True)
def add_spans(where, since, until, weight, start, end, shift, bin_ticks, out):
    """Add weighted time inside [start, end) to int64[place, bins], by bins since Monday 00:00 UTC.

    The last bin is followed by the first. `shift` is the time from Monday 00:00 to tick 0.
    """
    bins = out.shape[1]
    for i in range(where.size):
        low = max(since[i], start)
        high = min(until[i], end)
        if high <= low:
            continue
        low += shift
        high += shift
        one = low // bin_ticks
        while low < high:
            edge = min((one + 1) * bin_ticks, high)
            out[where[i], one % bins] += (edge - low) * weight[i]
            low = edge
            one += 1


@njit(cache=True, nogil=True)
def on_duty(roster_first, roster_at, roster_servers, start, end, out):
    """Add server time on duty in [start, end) by station [ticks]."""
    for s in range(out.size):
        low = roster_first[s]
        high = roster_first[s + 1]
        k = low + np.searchsorted(roster_at[low:high], start, side="right") - 1
        for q in range(max(k, low), high):
            begin = max(roster_at[q], start)
            if begin >= end:
                break
            stop = min(roster_at[q + 1], end) if q + 1 < high else end
            out[s] += max(stop - begin, 0) * roster_servers[q]
