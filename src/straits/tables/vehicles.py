"""The vehicle half's columns: the plan that goes into an engine, the log and state that come out.

Indices: a *stream* is crossing x direction x class; a *route* is the sequence of *steps* that a
vehicle of one stream meets, fixed by the instant at which it enters; a step is one visit of one
*station* under one control. Stations are numbered in topological order: every step of a route
stands at a station with a higher number than the step before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DEPARTURE",
    "FOUND_AFTER_SEA",
    "FOUND_BEFORE_SEA",
    "LEFT_UNFOUND",
    "PLACES",
    "SERVED",
    "VEHICLE_CLASSES",
    "Arrivals",
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


@dataclass(frozen=True, slots=True)
class VehiclePlan:
    """Everything an engine needs to know about vehicles: arrays only.

    Attributes
    ----------
    rates : float64[day, 24, stream]
        Expected arrivals in each UTC hour [vehicles].
    dispersion_group, dispersion_cv
        Streams of one group share one gamma factor a day (mean 1, this coefficient of variation).
    occupants_cdf : float64[class, k]
        P(occupants <= k + 1).
    place_of_stream : int64[stream]
        Index into `PLACES` for accompanied lorries bound for the UK, else -1.
    epoch_start : int64[epoch]
        Instants [ticks] from which `route_of[epoch, stream]` holds for vehicles that enter.
    route_first, route_step
        Compressed rows: route r is ``route_step[route_first[r]:route_first[r + 1]]``.
    step_* : arrays[step]
        Station; decision ids; service time = table quantile x (base + per occupant x occupants)
        [ticks]; transit before the station [ticks]; share selected, without and with people
        aboard; sensitivity and extra time of a find [ticks]; whether it stands after the sea;
        space taken on a departure [capacity units].
    quantiles : float64[table, bin]
        Quantile tables of unit mean, see ``engine.variates``.
    station_* : arrays[station]
        Kind, site, exposed place (or -1), roster as compressed rows (instants [ticks], servers),
        sailings as compressed rows (instants [ticks], capacity), cut-off, crossing time and
        unloading gap [ticks], mean foot passengers a sailing, whether it is in use for display.
    """

    days: int
    stream_names: tuple[str, ...]
    stream_class: NDArray[np.int64]
    rates: NDArray[np.float64]
    dispersion_group: NDArray[np.int64]
    dispersion_cv: NDArray[np.float64]
    occupants_cdf: NDArray[np.float64]
    class_length_dm: NDArray[np.int64]
    place_of_stream: NDArray[np.int64]
    epoch_start: NDArray[np.int64]
    route_of: NDArray[np.int64]
    route_first: NDArray[np.int64]
    route_step: NDArray[np.int64]
    step_station: NDArray[np.int64]
    step_decision: NDArray[np.uint64]
    step_base: NDArray[np.float64]
    step_per_occupant: NDArray[np.float64]
    step_table: NDArray[np.int64]
    step_transit: NDArray[np.int64]
    step_select_decision: NDArray[np.uint64]
    step_share: NDArray[np.float64]
    step_share_aboard: NDArray[np.float64]
    step_find_decision: NDArray[np.uint64]
    step_sensitivity: NDArray[np.float64]
    step_find_ticks: NDArray[np.int64]
    step_after_sea: NDArray[np.int64]
    step_space: NDArray[np.int64]
    quantiles: NDArray[np.float64]
    station_names: tuple[str, ...]
    station_kind: NDArray[np.int64]
    station_place: NDArray[np.int64]
    roster_first: NDArray[np.int64]
    roster_at: NDArray[np.int64]
    roster_servers: NDArray[np.int64]
    sailing_first: NDArray[np.int64]
    sailing_at: NDArray[np.int64]
    sailing_capacity: NDArray[np.int64]
    station_cut_off: NDArray[np.int64]
    station_crossing: NDArray[np.int64]
    station_unload_gap: NDArray[np.int64]
    station_foot: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Vehicles that enter in a stretch of time, by rising id."""

    vehicle: NDArray[np.int64]
    at: NDArray[np.int64]  # instant of entry [ticks]
    occupants: NDArray[np.int64]

    def between(self, start: int, end: int) -> Arrivals:
        """Return those that enter in [start, end) [ticks]."""
        mask = (self.at >= start) & (self.at < end)
        return Arrivals(self.vehicle[mask], self.at[mask], self.occupants[mask])


@dataclass(frozen=True, slots=True)
class VehicleState:
    """The vehicles inside at an instant, by rising id: with the servers, the checkpoint.

    A vehicle waits for or travels to its station (`started` is -1 and `arrived` may lie in the
    future) or is being served (`started` and `leaves` are set). Which servers are idle follows
    from the roster, so it is not stored.
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

    @classmethod
    def empty(cls) -> VehicleState:
        """Return the state of an empty network."""
        return cls(*(np.empty(0, np.int64) for _ in range(9)))


@dataclass(frozen=True, slots=True)
class VehicleLog:
    """What happened in one slice [start, end): one row a visit that ended in it.

    ``left = arrived + waiting + service + blocked + held``. For a departure, `waiting` runs
    until the sailing leaves and `delay` is the part of it after the first sailing for which
    the vehicle was in time; for a served station `delay` is waiting + blocked + held.
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
    inside_started: NDArray[np.int64]  # -1 while waiting
    # sailings that left
    sailing_station: NDArray[np.int64]
    sailing_at: NDArray[np.int64]
    sailing_vehicles: NDArray[np.int64]
    sailing_space: NDArray[np.int64]
    sailing_foot: NDArray[np.int64]
    # what became of people aboard: vehicle, kind, instant
    outcome_vehicle: NDArray[np.int64]
    outcome_kind: NDArray[np.int64]
    outcome_at: NDArray[np.int64]
    entered: NDArray[np.int64]  # vehicles by stream
    exited: NDArray[np.int64]
    inside: NDArray[np.int64]  # by stream, at `end`
