"""The measuring pass, compiled: one slice's log added into integer accumulators.

A pass of its own on the finished log: no engine knows a measure.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["add_queue", "add_visits"]

_QUARTER = 900 * 1024
_LAST_BIN = 256 * 25 - 1


@njit(cache=True, nogil=True)
def add_visits(vehicle, station, arrived, waiting, service, delay, start, stream_class, classes,
               counts, waits, delays, longest, histogram, busy, handled):
    """Add the visits that ended in the slice.

    The accumulators of waits are by (station, class) pair, class fastest; `handled` counts
    vehicles by (station, stream); `busy` is server time inside the slice by station [ticks].
    """
    as_float = waiting.astype(np.float64)
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
            exponent = (bits[i] >> 52) - 1023
            k = 256 + (exponent - 8) * 256 + ((bits[i] >> 44) & 255)
            k = min(k, _LAST_BIN)
        histogram[pair, k] += 1
        handled[s, stream] += 1
        left = arrived[i] + wait + service[i]
        busy[s] += left - max(left - service[i], start)


@njit(cache=True, nogil=True)
def add_queue(vehicle, station, arrived, until, start, end, stream_class, length, profile,
              metres, quarter_total):
    """Add the time that vehicles spent waiting, [arrived, until) inside [start, end).

    `profile` and `metres` are int64[station, 672], by quarter of an hour since Monday 00:00 UTC of
    a week that begins at tick 0 plus the shift folded into `start`; `quarter_total` is
    int64[station, quarters of the slice].
    """
    for i in range(vehicle.size):
        low = max(arrived[i], start)
        high = min(until[i], end)
        if high <= low:
            continue
        s = station[i]
        size = length[stream_class[(vehicle[i] >> 24) & 255]]
        quarter = low // _QUARTER
        while low < high:
            edge = min((quarter + 1) * _QUARTER, high)
            part = edge - low
            week = quarter % 672
            profile[s, week] += part
            metres[s, week] += part * size
            quarter_total[s, quarter - start // _QUARTER] += part
            low = edge
            quarter += 1
