"""Exposure, compiled: how long lorries bound for the UK stood where people can reach them."""

from __future__ import annotations

from numba import njit

_HOUR = 3600 * 1024


@njit(cache=True, nogil=True)
def add_exposure(vehicle, station, arrived, waiting, service, start, end, station_place,
                 place_of_stream, out):
    """Add the time that accompanied lorries bound for the UK stood at exposed stations.

    `out` is int64[place, 24] by UTC hour [ticks].
    """
    for i in range(vehicle.size):
        place = station_place[station[i]]
        # A lorry that takes another crossing than it intended is exposed where it stands.
        if place < 0 or place_of_stream[(vehicle[i] >> 24) & 255] < 0:
            continue
        low = max(arrived[i], start)
        high = min(arrived[i] + waiting[i] + service[i], end)
        hour = low // _HOUR
        while low < high:
            edge = min((hour + 1) * _HOUR, high)
            out[place, hour % 24] += edge - low
            low = edge
            hour += 1
