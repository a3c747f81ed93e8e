"""Tailbacks and holding areas, read off the log: who stood on a road, and from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from straits.tables.vehicles import VehicleLog, VehiclePlan, stream_of

__all__ = [
    "Standing", "cleared_at", "first_reached", "held_vehicles", "peak_tailback", "standing",
    "tailback_m",
]  # fmt: skip

DM_IN_M = 10.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Vehicles that stood on some roads or were held off them; one row each.

    A vehicle in a holding scheme is held until `released`, and stands on the road from then to
    `until`. Who was in no scheme stands from `since` on.
    """

    vehicle: NDArray[np.int64]
    road: NDArray[np.int64]
    since: NDArray[np.int64]  # reached the approach [ticks]
    released: NDArray[np.int64]  # from a scheme; -1: was in none [ticks]
    until: NDArray[np.int64]  # went on; the last log's end for those that still stand [ticks]

    @property
    def stands(self) -> NDArray[np.int64]:
        """From when each stands on the road itself [ticks]."""
        return np.minimum(np.maximum(self.since, self.released), self.until)

    @property
    def was_held(self) -> NDArray[np.bool_]:
        """Whether each was in a holding scheme."""
        return self.released >= 0


def standing(logs: Sequence[VehicleLog], roads: Iterable[int]) -> Standing:
    """Return who stood on `roads` in the logs of slices that follow one another."""
    wanted = np.array(sorted(roads), np.int64)
    parts = [
        np.stack([log.stood_vehicle, log.stood_road, log.stood_since, log.stood_released,
                  log.stood_until])
        for log in logs
    ]
    if logs:
        last = logs[-1]
        end = np.full(last.standing_vehicle.size, last.end)
        parts.append(np.stack([last.standing_vehicle, last.standing_road, last.standing_since,
                               last.standing_released, end]))
    table = np.concatenate([np.empty((5, 0), np.int64), *parts], axis=1)
    return Standing(*table[:, np.isin(table[1], wanted)])


def tailback_m(
    logs: Sequence[VehicleLog], plan: VehiclePlan, road: int, instants: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the length of the queue on a road at some instants [m].

    Each vehicle that stands there takes the spacing of its class, spread over the road's lanes.
    Who is held in a scheme is not in the tailback.
    """
    return _length_m(standing(logs, [road]), plan, road, instants)


def peak_tailback(
    logs: Sequence[VehicleLog], plan: VehiclePlan, road: int
) -> tuple[float, int]:
    """Return the longest queue on a road [m] and the first instant of it [ticks]; 0 if none."""
    there = standing(logs, [road])
    instants = np.unique(there.stands)
    if not instants.size:
        return 0.0, 0
    lengths = _length_m(there, plan, road, instants)
    best = int(np.argmax(lengths))
    return float(lengths[best]), int(instants[best])


def first_reached(
    logs: Sequence[VehicleLog], plan: VehiclePlan, road: int, length_m: float
) -> int | None:
    """Return the first instant at which the queue on a road is that long [ticks], if it ever is."""
    there = standing(logs, [road])
    instants = np.unique(there.stands)
    long = _length_m(there, plan, road, instants) >= length_m
    return int(instants[np.argmax(long)]) if long.any() else None


def cleared_at(
    logs: Sequence[VehicleLog], plan: VehiclePlan, road: int, length_m: float
) -> int | None:
    """Return the instant from which on the queue stays shorter than that [ticks].

    It is None if the queue is as long as that when the logs end, and 0 if it never was.
    """
    there = standing(logs, [road])
    # Between two of these instants the length does not change.
    instants = np.unique(np.concatenate([there.stands, there.until]))
    long = np.flatnonzero(_length_m(there, plan, road, instants) >= length_m)
    if not long.size:
        return 0
    # Who still stands when the logs end has not gone on.
    last = int(instants[long[-1] + 1]) if long[-1] + 1 < instants.size else logs[-1].end
    return None if last >= logs[-1].end else last


def held_vehicles(there: Standing, instants: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many vehicles are held or stand at some instants [vehicles]."""
    came = np.searchsorted(np.sort(there.since), instants, side="right")
    gone = np.searchsorted(np.sort(there.until), instants, side="right")
    return np.asarray(came - gone, np.int64)


def _length_m(
    there: Standing, plan: VehiclePlan, road: int, instants: NDArray[np.int64]
) -> NDArray[np.float64]:
    spacing = plan.class_spacing_dm[plan.stream_class[stream_of(there.vehicle)]]
    came = _sum_until(there.stands, spacing, instants)
    gone = _sum_until(there.until, spacing, instants)
    return (came - gone) / (DM_IN_M * int(plan.road_lanes[road]))


def _sum_until(
    at: NDArray[np.int64], weight: NDArray[np.int64], instants: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the sum of the weights whose instant has come, at each of `instants`."""
    order = np.argsort(at, kind="stable")
    total = np.concatenate([[0], np.cumsum(weight[order])])
    return np.asarray(total[np.searchsorted(at[order], instants, side="right")], np.int64)
