"""The vehicle half's plan: everything that an engine needs to know, as arrays only.

Indices are those of ``tables.vehicles``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["VehiclePlan"]


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
        Mean time after which a vehicle leaves the queue [ticks, 0: never], table, decision id.
    within_of_stream, within_cdf : int64[stream], float64[profile, day, 24, 12]
        Row of the profile of a stream that books, -1 for uniform inside the hour; share of an
        hour's arrivals before the end of each five minutes.
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
        in service takes none. station_buffer_dm: 1 where it is counted in dm of road.
    station_balk : int64[station]
        Waiting vehicles at which others do not join, `UNLIMITED` for never.
    station_pool : int64[station]
        Pool of servers that the station shares, -1 for its own. A service needs a server on duty at
        the station and one in the pool. pool_first, pool_at, pool_servers : roster of each pool.
    station_extra, station_extra_on_dm, station_extra_off_dm, station_extra_lead : arrays[station]
        Servers opened by a rule: how many; the queues at which they are called and at which they
        close [dm of waiting vehicles, on the road included]; time from call to opening [ticks].
    sailing_cancel, sailing_link : arrays[sailing]
        Chance that it does not leave; the sailing (index) that waits for its berth until this one
        is unloaded, -1 for none. station_cancel_decision : decision id by station.
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
        Phases as compressed rows (cumulative vehicles); queue on one of its roads at which it
        starts, and at which it may end once nobody is held [dm]; queue below which it releases
        [dm]; least time between two releases to one road [ticks]; classes it holds [scheme,
        class]; share of drivers who comply; share found unready and turned back; first and last
        instant [ticks]; decision ids.
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
