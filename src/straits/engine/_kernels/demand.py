"""Demand, compiled: how many vehicles enter in an hour, who they are, and when."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint64

from straits.engine._kernels.draws import uniform, whole_part

_HOUR_TICKS = 3600 * 1024


@njit(cache=True, nogil=True)
def poisson_quantile(u, mean):
    """Return the smallest k with P(N <= k) >= u for a Poisson of this mean.

    Above a mean of 100 the sum starts ten standard deviations below the mean; what lies
    below has less than 1e-20 of the mass.
    """
    if mean <= 0.0:
        return 0
    k = 0
    if mean > 100.0:
        k = int(mean - 10.0 * math.sqrt(mean))
        k = max(k, 0)
    mass = math.exp(k * math.log(mean) - mean - math.lgamma(k + 1.0)) if k else math.exp(-mean)
    total = mass
    limit = mean + 40.0 * math.sqrt(mean) + 60.0
    while total < u and k < limit:
        k += 1
        mass *= mean / k
        total += mass
    return k


@njit(cache=True, nogil=True)
def hour_counts(key, decision, rates, factors, group, first_hour, last_hour, out):
    """Fill out[hour - first_hour, stream] with the number of vehicles that enter.

    `rates` is float64[day, 24, stream], `factors` float64[day, group]. Returns the sum of the
    numbers and the largest.
    """
    total = 0
    largest = 0
    for hour in range(first_hour, last_hour):
        day = hour // 24
        clock = hour - day * 24
        for stream in range(rates.shape[2]):
            mean = rates[day, clock, stream] * factors[day, group[stream]]
            count = 0
            if mean > 0.0:
                cell = (hour << 32) | (stream << 24)
                count = poisson_quantile(uniform(key, decision, cell, 0), mean)
            out[hour - first_hour, stream] = count
            total += count
            largest = max(largest, count)
    return total, largest


@njit
def _inside(u, cdf):
    """Return the place in its hour [in (0, 1)] at which a share `u` of the hour has arrived.

    `cdf` is cumulated at the ends of equal bins, and linear in each.
    """
    k = 0
    before = 0.0
    while k < cdf.size - 1 and u > cdf[k]:
        before = cdf[k]
        k += 1
    return (k + (u - before) / (cdf[k] - before)) / cdf.size


@njit(cache=True, nogil=True)
def fill_arrivals(key, instant, party, counts, first_hour, classes, cdf, profiles, within,
                  vehicle, at, occupants, taken):
    """Fill the vehicles of the cells in `counts`, by rising id (hour first); `taken` is the stream.

    Where `profiles[stream]` is -1 instants are uniform inside the hour, else they follow
    ``within[profiles[stream], day, hour of the day]``.
    """
    n = 0
    ways = cdf.shape[1]
    for row in range(counts.shape[0]):
        hour = first_hour + row
        for stream in range(counts.shape[1]):
            kind = classes[stream]
            profile = profiles[stream]
            base = (hour << 32) | (stream << 24)
            size = counts[row, stream]
            # One pass a column, which the compiler turns into vectors of draws.
            ids = vehicle[n : n + size]
            instants = at[n : n + size]
            people = occupants[n : n + size]
            taken[n : n + size] = stream
            for i in range(size):
                ids[i] = base | i
                u = uniform(key, instant, uint64(base | i), uint64(0))
                instants[i] = hour * _HOUR_TICKS + whole_part(u * _HOUR_TICKS)
            if profile >= 0:
                shape = within[profile, hour // 24, hour % 24]
                for i in range(size):
                    u = uniform(key, instant, uint64(base | i), uint64(0))
                    place = np.int64(_inside(u, shape) * _HOUR_TICKS)
                    instants[i] = hour * _HOUR_TICKS + min(place, _HOUR_TICKS - 1)
            if cdf[kind, 0] < 1.0:
                for i in range(size):
                    u = uniform(key, party, uint64(base | i), uint64(0))
                    number = 1
                    for k in range(ways - 1):
                        number += u > cdf[kind, k]
                    people[i] = number
            else:
                people[:] = 1  # written out as a loop, it keeps the one above from vectors
            n += size
    return n
