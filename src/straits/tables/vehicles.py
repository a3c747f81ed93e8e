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
    step_priority : int64[step]
        Rank in the queue, 0 first; who is in service is not interrupted. At a departure it is the
        order of loading. At most `PRIORITIES` ranks.
    step_again, step_back, step_again_decision : arrays[step]
        Chance of going back after this step, how many steps of the route [steps, >= 0: 0 is the
        same step once more], decision id. Draws of the n-th return have ordinal n.
    step_alarm : int64[step]
        1: a detection or a false alarm here is a referral, and nobody is found yet. 2: a step that
        only vehicles with a referral meet; who is detected here is found. 0: neither.
    step_false_alarm, step_alarm_decision : arrays[step]
        Chance that an empty vehicle raises an alarm [dimensionless]; decision id.
    step_load : float64[step, load]
        Factor on the sensitivity by type of load [dimensionless]; the product is at most 1.
    load_cdf : float64[class, load]
        P(type of load <= k); drawn once a vehicle, so that techniques share its difficulty.
    step_patience, step_patience_table, step_patience_decision : arrays[step]
        Mean time after which a vehicle leaves the queue [ticks, 0: never], quantile table, decision id.
    within_of_stream, within_cdf : int64[stream], float64[profile, day, 24, 12]
        Row of the profile of a stream that books, -1 for uniform inside the hour; share of an hour's
        arrivals before the end of each five minutes.
    observed_first, observed_at, observed_width : compressed rows by stream
        Observed vehicles: start of the time in which one came and its length [ticks].
    covered_first, covered_from, covered_to : compressed rows by stream
        Hours since day 0 in which observed vehicles take the place of drawn ones [h].
    choice_set, choice_pool : int64[stream]
        Streams with one number are alternatives; those of one pool hear the same waits; -1: none.
    choice_sensitivity, retiming_share, retiming_sensitivity : float64[day, stream]
        Log-odds that an hour of waiting costs a crossing [1/h]; share of vehicles that may come at
        another hour, and log-odds of an hour [1/h].
    class_spacing_dm : int64[class]
        Road that a standing vehicle takes, its gap included [dm].
    station_buffer : int64[station]
        Room for those that travel to a station or wait at it, `UNLIMITED` for any number; who is
        in service takes none. station_buffer_dm : 1 where it is counted in dm of road, else vehicles.
    station_balk : int64[station]
        Waiting vehicles at which others do not join, `UNLIMITED` for never.
    station_pool : int64[station]
        Pool of servers that the station shares, -1 for its own. A service needs a server on duty at
        the station and one in the pool. pool_first, pool_at, pool_servers : roster of each pool.
    station_extra, station_extra_on_dm, station_extra_off_dm, station_extra_lead : arrays[station]
        Servers opened by a rule: how many, the queue at which they are called, the one at which they
        close [dm of waiting vehicles, on the road included], and the time from call to opening [ticks].
    sailing_cancel, sailing_link : arrays[sailing]
        Chance that it does not leave; the sailing (index) that waits for its berth until this one is
        unloaded, -1 for none. station_cancel_decision : decision id by station.
    station_careful : bool[station]
        Departures whose ships may have to wait for room ashore, or keep a berth from others, under
        any law that the plan knows: their vehicles are followed until they have left the ship.
    station_class_capacity : int64[station, class]
        Vehicles of a class that one sailing takes, `UNLIMITED` for as many as fit.
    road_of_stream : int64[stream]
        Approach on which vehicles of a stream stand when their first station is full; -1: each of
        its own. First come, first served, whatever the first stations are.
    road_lanes : int64[road]
    road_scheme : int64[road]
        Holding scheme of the road, or -1.
    scheme_* : arrays[scheme]
        Phases as compressed rows (cumulative vehicles); queue on one of its roads at which it starts,
        and at which it may end once nobody is held [dm]; queue below which it releases [dm]; least
        time between two releases to one road [ticks]; classes it holds [scheme, class]; share of
        drivers who comply; share found unready and turned back; first and last instant [ticks];
        decision ids.
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
    step_priority: NDArray[np.int64]
    step_again: NDArray[np.float64]
    step_back: NDArray[np.int64]
    step_again_decision: NDArray[np.uint64]
    step_alarm: NDArray[np.int64]
    step_false_alarm: NDArray[np.float64]
    step_alarm_decision: NDArray[np.uint64]
    step_load: NDArray[np.float64]
    load_cdf: NDArray[np.float64]
    step_patience: NDArray[np.float64]
    step_patience_table: NDArray[np.int64]
    step_patience_decision: NDArray[np.uint64]
    within_of_stream: NDArray[np.int64]
    within_cdf: NDArray[np.float64]
    observed_first: NDArray[np.int64]
    observed_at: NDArray[np.int64]
    observed_width: NDArray[np.int64]
    covered_first: NDArray[np.int64]
    covered_from: NDArray[np.int64]
    covered_to: NDArray[np.int64]
    choice_set: NDArray[np.int64]
    choice_pool: NDArray[np.int64]
    choice_sensitivity: NDArray[np.float64]
    retiming_share: NDArray[np.float64]
    retiming_sensitivity: NDArray[np.float64]
    class_spacing_dm: NDArray[np.int64]
    station_buffer: NDArray[np.int64]
    station_buffer_dm: NDArray[np.int64]
    station_balk: NDArray[np.int64]
    station_pool: NDArray[np.int64]
    pool_names: tuple[str, ...]
    pool_first: NDArray[np.int64]
    pool_at: NDArray[np.int64]
    pool_servers: NDArray[np.int64]
    station_extra: NDArray[np.int64]
    station_extra_on_dm: NDArray[np.int64]
    station_extra_off_dm: NDArray[np.int64]
    station_extra_lead: NDArray[np.int64]
    sailing_cancel: NDArray[np.float64]
    sailing_link: NDArray[np.int64]
    station_cancel_decision: NDArray[np.uint64]
    station_careful: NDArray[np.bool_]
    station_class_capacity: NDArray[np.int64]
    road_names: tuple[str, ...]
    road_of_stream: NDArray[np.int64]
    road_lanes: NDArray[np.int64]
    road_scheme: NDArray[np.int64]
    scheme_names: tuple[str, ...]
    scheme_phase_first: NDArray[np.int64]
    scheme_phase_veh: NDArray[np.int64]
    scheme_on_dm: NDArray[np.int64]
    scheme_off_dm: NDArray[np.int64]
    scheme_release_dm: NDArray[np.int64]
    scheme_gap: NDArray[np.int64]
    scheme_class: NDArray[np.int64]
    scheme_compliance: NDArray[np.float64]
    scheme_unready: NDArray[np.float64]
    scheme_from: NDArray[np.int64]
    scheme_to: NDArray[np.int64]
    scheme_comply_decision: NDArray[np.uint64]
    scheme_ready_decision: NDArray[np.uint64]


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


BY_VEHICLE: Final = ("vehicle", "route", "stage", "arrived", "started", "leaves", "occupants", "aboard",
              "found", "joined", "status", "ship", "rounds", "alarm", "stream")


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
