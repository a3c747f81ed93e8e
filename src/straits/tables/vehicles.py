"""The vehicle half's columns: the plan that goes into an engine, the log and state that come out.

Indices: a *stream* is crossing x direction x class; a *route* is the sequence of *steps* that a
vehicle of one stream meets, fixed by the instant at which it enters; a step is one visit of one
*station* under one control. Stations are numbered in topological order: every step of a route
stands at a station with a higher number than the step before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.tables.vehicle_plan import VehiclePlan

__all__ = [
    "DEPARTURE",
    "FOUND_AFTER_SEA",
    "FOUND_BEFORE_SEA",
    "LEFT_UNFOUND",
    "NEVER",
    "PLACES",
    "SERVED",
    "TURNED_AWAY",
    "UNLIMITED",
    "VEHICLE_CLASSES",
    "Arrivals",
    "GaveUp",
    "Status",
    "VehicleLog",
    "VehiclePlan",
    "VehicleState",
    "pack_vehicle_id",
    "stream_of",
]

VEHICLE_CLASSES: Final = (
    "hgv_accompanied",
    "hgv_unaccompanied",
    "van",
    "car",
    "coach",
    "motorcycle",
)
# Where people may board a lorry bound for the UK; the order is that of every place array.
PLACES: Final = ("calais", "coquelles", "dunkirk")

SERVED: Final = 0  # station kinds
DEPARTURE: Final = 1

FOUND_BEFORE_SEA: Final = 0  # outcome kinds of a lorry with people aboard
FOUND_AFTER_SEA: Final = 1
LEFT_UNFOUND: Final = 2
TURNED_AWAY: Final = 3  # the lorry left before it had crossed: its people are where they were

UNLIMITED: Final = -1  # a capacity without a limit
NEVER: Final = 1 << 62  # an instant that does not come [ticks]


class Status(IntEnum):
    """Where a vehicle inside the network is, beside its stage."""

    QUEUED = 0  # has its place: travels to its station, waits for or is in service there
    BLOCKED = 1  # service over, no room ahead: it keeps its server
    ROAD = 2  # stands on the approach until the first station has room
    HELD = 3  # stands in a holding scheme until it may go on to the road
    ABOARD = 4  # on a ship that has left, and not unloaded yet


class GaveUp(IntEnum):
    """Why a vehicle left the network before it was served."""

    BALKED = 0  # found too long a queue
    RENEGED = 1  # lost patience in the queue
    TURNED_BACK = 2  # not ready for the border, sent back from a holding scheme


HOUR_SHIFT: Final = 32
STREAM_SHIFT: Final = 24
STREAM_MASK: Final = 255


def pack_vehicle_id(stream: int, hour: int, ordinal: int) -> int:
    """Return the address of a vehicle: its UTC hour since day 0, stream, ordinal in that hour.

    The hour comes first, so vehicles by rising id are nearly in the order of their entry, and
    carried vehicles always precede new ones: neighbours in time are neighbours in memory.
    """
    return (hour << HOUR_SHIFT) | (stream << STREAM_SHIFT) | ordinal


def stream_of(vehicle: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the stream in each vehicle's address."""
    return (vehicle >> STREAM_SHIFT) & STREAM_MASK


PRIORITIES: Final = 4  # ranks of priority that a queue can have
ROUNDS: Final = 16  # times that a vehicle can be sent back; the next time it goes on


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Vehicles that enter in a stretch of time, by rising id."""

    vehicle: NDArray[np.int64]
    at: NDArray[np.int64]  # instant of entry [ticks]
    occupants: NDArray[np.int64]
    stream: NDArray[np.int64]  # the one it takes; its address says the one that it intended

    def between(self, start: int, end: int) -> Arrivals:
        """Return those that enter in [start, end) [ticks]."""
        mask = (self.at >= start) & (self.at < end)
        return Arrivals(*(getattr(self, name)[mask] for name in Arrivals.__slots__))


@dataclass(frozen=True, slots=True)
class VehicleState:
    """The vehicles inside at an instant, by rising id: with the servers, the checkpoint.

    A vehicle waits for or travels to its station (`started` is -1 and `joined` may lie in the
    future) or is being served (`started` and `leaves` are set). Which servers are idle follows
    from the roster, and how full a buffer is from the vehicles, so neither is stored.

    `arrived` is when it reaches its station if nothing holds it before, `joined` when it does.
    What `leaves` means depends on `status`: the end of service (QUEUED and in service, BLOCKED);
    the instant of release from a holding scheme, -1 if it was in none (ROAD); the instant at
    which it could leave the ship (ABOARD). For ABOARD, `joined` is its place in the order of
    loading.

    The last columns are not by vehicle: since when extra servers are called or open, by station
    (`NEVER` when not); whether a holding scheme is in force; the last release to each road; the
    sailings that left and are not unloaded, or wait for their berth: sailing, the instant
    at which it left (-1 while it waits), and the last instant at which a vehicle left it.
    """

    vehicle: NDArray[np.int64]
    route: NDArray[np.int64]
    stage: NDArray[np.int64]  # position in the route; the route's length once on the way out
    arrived: NDArray[np.int64]
    started: NDArray[np.int64]
    leaves: NDArray[np.int64]
    occupants: NDArray[np.int64]
    aboard: NDArray[np.int64]  # people concealed in it
    found: NDArray[np.int64]  # 1 while the search that finds them is under way
    joined: NDArray[np.int64]
    status: NDArray[np.int64]
    ship: NDArray[np.int64]  # the sailing it is on, or -1
    rounds: NDArray[np.int64]  # times it was sent back
    alarm: NDArray[np.int64]  # 1 while it has a referral
    stream: NDArray[np.int64]  # the one it takes
    extra_at: NDArray[np.int64]  # by station
    scheme_on: NDArray[np.int64]  # by scheme
    released_at: NDArray[np.int64]  # by road
    open_sailing: NDArray[np.int64]
    open_left: NDArray[np.int64]
    open_last: NDArray[np.int64]

    @classmethod
    def empty(cls, plan: VehiclePlan | None = None) -> VehicleState:
        """Return the state of an empty network."""
        none = [np.empty(0, np.int64) for _ in range(len(BY_VEHICLE) + 6)]
        if plan is not None:
            at = len(BY_VEHICLE)
            none[at] = np.full(len(plan.station_names), NEVER)
            none[at + 1] = np.zeros(len(plan.scheme_names), np.int64)
            none[at + 2] = np.full(len(plan.road_names), -NEVER)
        return cls(*none)


BY_VEHICLE: Final = (
    "vehicle", "route", "stage", "arrived", "started", "leaves", "occupants", "aboard", "found",
    "joined", "status", "ship", "rounds", "alarm", "stream",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VehicleLog:
    """What happened in one slice [start, end): one row a visit that ended in it.

    ``left = arrived + held + waiting + service + blocked``: `held` is spent before the station,
    on the road or on a ship that cannot unload; `blocked` after the service, for want of room
    ahead. For a departure, `waiting` runs until the sailing leaves and `delay` is held and the part
    of the waiting after the first sailing for which the vehicle was in time; for a served station
    `delay` is waiting + blocked + held.
    """

    start: int
    end: int
    vehicle: NDArray[np.int64]
    station: NDArray[np.int64]
    arrived: NDArray[np.int64]
    waiting: NDArray[np.int64]
    service: NDArray[np.int64]
    blocked: NDArray[np.int64]
    held: NDArray[np.int64]
    delay: NDArray[np.int64]
    # visits under way at `end`: arrived before it, not yet left
    inside_vehicle: NDArray[np.int64]
    inside_station: NDArray[np.int64]
    inside_arrived: NDArray[np.int64]
    inside_joined: NDArray[np.int64]  # -1 while held
    inside_started: NDArray[np.int64]  # -1 while waiting
    inside_leaves: NDArray[np.int64]  # end of service of those in service or blocked
    inside_status: NDArray[np.int64]
    # sailings that left, and those cancelled
    sailing_station: NDArray[np.int64]
    sailing_at: NDArray[np.int64]  # when it left
    sailing_vehicles: NDArray[np.int64]
    sailing_space: NDArray[np.int64]
    sailing_foot: NDArray[np.int64]
    sailing_late: NDArray[np.int64]  # behind the timetable [ticks]; -1 if cancelled
    # what became of people aboard: vehicle, kind, instant
    outcome_vehicle: NDArray[np.int64]
    outcome_kind: NDArray[np.int64]
    outcome_at: NDArray[np.int64]
    # vehicles that left the network before they were served: vehicle, station, when it would have
    # joined and when it did (-1: never), when it left, why
    gave_up_vehicle: NDArray[np.int64]
    gave_up_station: NDArray[np.int64]
    gave_up_arrived: NDArray[np.int64]
    gave_up_joined: NDArray[np.int64]
    gave_up_at: NDArray[np.int64]
    gave_up_kind: NDArray[np.int64]
    # vehicles that stood on an approach and went on: vehicle, road, since, released from a holding
    # scheme (-1: was in none), until
    stood_vehicle: NDArray[np.int64]
    stood_road: NDArray[np.int64]
    stood_since: NDArray[np.int64]
    stood_released: NDArray[np.int64]
    stood_until: NDArray[np.int64]
    # those that still stand at `end`
    standing_vehicle: NDArray[np.int64]
    standing_road: NDArray[np.int64]
    standing_since: NDArray[np.int64]
    standing_released: NDArray[np.int64]  # `end` or later while in the scheme
    # holding schemes that began (1) or ended (0)
    scheme_began: NDArray[np.int64]  # by scheme: in force at `start`
    scheme_index: NDArray[np.int64]
    scheme_at: NDArray[np.int64]
    scheme_state: NDArray[np.int64]
    entered: NDArray[np.int64]  # vehicles by stream
    exited: NDArray[np.int64]
    inside: NDArray[np.int64]  # by stream, at `end`
