"""The measuring pass, compiled: one slice's log added into integer accumulators.

A pass of its own on the finished log: no engine knows a measure.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["add_queue", "add_visits", "on_duty"]

_QUARTER = 900 * 1024
_LAST_BIN = 256 * 25 - 1


@njit(cache=True, nogil=True)
def add_visits(vehicle, station, arrived, waiting, service, delay, start, stream_class, classes,
               counts, waits, delays, longest, histogram, busy, handled):
    """Add the visits that ended in the slice.

    The accumulators of waits are by (station, class) pair, class fastest; `handled` counts
    vehicles by (station, stream); `busy` is server time inside the slice by station [ticks].
    """
    as_float = np.empty(1)
    bits = as_float.view(np.int64)
    for i in range(vehicle.size):
        stream = (vehicle[i] >> 24) & 255
        s = station[i]
        pair = s * classes + stream_class[stream]
        wait = waiting[i]
        counts[pair] += 1
        waits[pair] += wait
        delays[pair] += delay[i]
        longest[pair] = max(longest[pair], wait)
        k = wait
        if wait >= 256:
            # The exponent of the number as a float is its octave, the mantissa's top is the bin.
            as_float[0] = wait
            k = min(((bits[0] >> 44) & 0xFFFFF) - (1031 << 8) + 256, _LAST_BIN)
        histogram[pair, k] += 1
        handled[s, stream] += 1
        left = arrived[i] + wait + service[i]
        busy[s] += left - max(left - service[i], start)


@njit(cache=True, nogil=True)
def add_queue(vehicle, station, arrived, waiting, shift, start, end, stream_class, length, profile,
              metres, quarter_total):
    """Add the time that vehicles spent waiting, [arrived, arrived + waiting) inside [start, end).

    `profile` and `metres` are int64[station, 672], by quarter of an hour since Monday 00:00 UTC,
    with `shift` the time from there to tick 0; `quarter_total` is int64[station, quarters of the
    slice].
    """
    for i in range(vehicle.size):
        low = max(arrived[i], start)
        high = min(arrived[i] + waiting[i], end)
        if high <= low:
            continue
        low += shift
        high += shift
        s = station[i]
        size = length[stream_class[(vehicle[i] >> 24) & 255]]
        quarter = low // _QUARTER
        while low < high:
            edge = min((quarter + 1) * _QUARTER, high)
            part = edge - low
            week = quarter % 672
            profile[s, week] += part
            metres[s, week] += part * size
            quarter_total[s, quarter - (start + shift) // _QUARTER] += part
            low = edge
            quarter += 1


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
