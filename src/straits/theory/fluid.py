"""Queues without chance: rates that change by the hour, tailbacks, and when stores overflow.

Arrivals come at a rate lam(t) and are let through at up to c(t) mu; both are constant between
edges. The queue is then a chain of straight lines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["FluidQueue", "back_of_queue_m", "fluid_queue", "passing_times_s", "wait_at_s"]


@dataclass(frozen=True, slots=True)
class FluidQueue:
    """A queue as straight lines between instants, after the last of which it stays as it is.

    An ending that never clears has its last rates in `growth_per_s`.
    """

    times_s: tuple[float, ...]
    queue: tuple[float, ...]  # vehicles, at these instants
    peak: float
    peak_at_s: float  # the first instant of the peak
    cleared_at_s: float  # when it is empty for good; infinite if it never is
    total_delay_s: float  # vehicle-seconds: the area under the lines; infinite likewise
    growth_per_s: float  # after the last instant


def fluid_queue(
    *,
    edges_s: Sequence[float],
    arrivals_per_s: Sequence[float],
    capacities_per_s: Sequence[float],
    initial: float = 0.0,
) -> FluidQueue:
    """Return the path of a fluid queue, its peak, and when it has cleared.

    Parameters
    ----------
    edges_s : sequence of float
        Starts of the periods, rising; the last one lasts until the queue has cleared.
    arrivals_per_s, capacities_per_s : sequence of float
        lam and c mu of each period.
    initial : float
        Vehicles that wait at the first edge.

    References
    ----------
    .. [1] G. F. Newell, "Applications of Queueing Theory", 2nd ed., 1982, chapter 2.
    """
    times, queue = [edges_s[0]], [initial]
    growth = 0.0
    ends = [*edges_s[1:], math.inf]
    for end, arrivals, capacity in zip(ends, arrivals_per_s, capacities_per_s, strict=True):
        growth = arrivals - capacity
        if growth < 0.0:
            empty_at = times[-1] + queue[-1] / -growth
            if times[-1] < empty_at < end:
                times.append(empty_at)
                queue.append(0.0)
            if empty_at < end:
                growth = 0.0
        if end < math.inf:
            queue.append(max(queue[-1] + growth * (end - times[-1]), 0.0))
            times.append(end)
    peak = max(queue)
    area = sum(
        (queue[i] + queue[i + 1]) / 2.0 * (times[i + 1] - times[i]) for i in range(len(times) - 1)
    )
    never = growth > 0.0 or queue[-1] > 0.0
    busy = [i for i, waiting in enumerate(queue) if waiting > 0.0]
    cleared = times[busy[-1] + 1] if busy and not never else times[0]
    return FluidQueue(
        times_s=tuple(times),
        queue=tuple(queue),
        peak=math.inf if growth > 0.0 else peak,
        peak_at_s=math.inf if growth > 0.0 else times[queue.index(peak)],
        cleared_at_s=math.inf if never else cleared,
        total_delay_s=math.inf if never else area,
        growth_per_s=growth,
    )


def wait_at_s(
    instant_s: float,
    *,
    path: FluidQueue,
    edges_s: Sequence[float],
    capacities_per_s: Sequence[float],
) -> float:
    """Return the wait of a vehicle that arrives at an instant, first come first served [s].

    It is let through when the capacity since then has taken all who stood before it.

    References
    ----------
    .. [1] G. F. Newell (1982), as for `fluid_queue`: the horizontal distance of two curves.
    """
    before, at = _queue_at(path, instant_s), instant_s
    ends = [*edges_s[1:], math.inf]
    for end, capacity in zip(ends, capacities_per_s, strict=True):
        if end <= at:
            continue
        if before <= capacity * (end - at):
            return at - instant_s + (before / capacity if before > 0.0 else 0.0)
        before -= capacity * (end - at)
        at = end
    return math.inf


def passing_times_s(path: FluidQueue, levels: Sequence[float]) -> tuple[float, ...]:
    """Return when the queue first passes each level [s]; infinite where it never does.

    Levels are the capacities of stores that fill one after the other, such as the 2,100, 3,600
    and 5,700 vehicles of the phases of a holding scheme.
    """
    return tuple(_first_above(path, level) for level in levels)


def back_of_queue_m(*, vehicles: float, lanes: int, spacing_m: float) -> float:
    """Return the length of a tailback [m]: vehicles over lanes, each with its spacing.

    References
    ----------
    .. [1] M. J. Lighthill, G. B. Whitham, "On kinematic waves II", Proc. R. Soc. A 229 (1955):
       standing vehicles have one density, the reciprocal of the spacing.
    """
    return vehicles / lanes * spacing_m


def _queue_at(path: FluidQueue, instant_s: float) -> float:
    """Return the vehicles waiting at an instant."""
    for i in range(len(path.times_s) - 1):
        start, end = path.times_s[i], path.times_s[i + 1]
        if start <= instant_s <= end:
            part = (instant_s - start) / (end - start)
            return path.queue[i] + part * (path.queue[i + 1] - path.queue[i])
    after = instant_s - path.times_s[-1]
    return max(path.queue[-1] + path.growth_per_s * after, 0.0) if after > 0.0 else path.queue[-1]


def _first_above(path: FluidQueue, level: float) -> float:
    """Return when the straight lines first rise above a level [s]."""
    if path.queue[0] > level:
        return path.times_s[0]
    for i in range(len(path.times_s) - 1):
        low, high = path.queue[i], path.queue[i + 1]
        if low <= level < high:
            part = (level - low) / (high - low)
            return path.times_s[i] + part * (path.times_s[i + 1] - path.times_s[i])
    if path.growth_per_s > 0.0:
        return path.times_s[-1] + (level - path.queue[-1]) / path.growth_per_s
    return math.inf
