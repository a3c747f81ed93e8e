"""Run one slice of time: demand in, log and state out. The only door to the compiled engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS, MAX_ROWS, WORD_SHIFT
from straits.base.errors import InternalError, NumericalError
from straits.base.names import decision_id
from straits.engine import reference
from straits.engine._kernels import demand as demand_kernel
from straits.engine._kernels import draws
from straits.engine._kernels import exposure as exposure_kernel
from straits.engine._kernels import sweep as sweep_kernel
from straits.engine.variates import gamma_factors
from straits.tables.vehicles import (
    Arrivals,
    VehicleLog,
    VehiclePlan,
    VehicleState,
    stream_of,
)

__all__ = ["Engine", "arrivals", "day_factors", "run_slice", "stood"]

Engine = Literal["sweep", "reference"]

_COUNT = decision_id("demand.count")
_INSTANT = decision_id("demand.instant")
_OCCUPANTS = decision_id("demand.occupants")
_DAY = decision_id("demand.day")
_FOOT = decision_id("departure.foot_passengers")


def day_factors(plan: VehiclePlan, key: int) -> NDArray[np.float64]:
    """Return each demand group's factor on each day, float64[day, group] [dimensionless].

    One gamma variate of mean 1 a group and day: the over-dispersion that hours alone lack.
    """
    groups = plan.dispersion_cv.size
    entity = np.arange(plan.days)[:, None] | (np.arange(groups)[None, :] << 20)
    u = np.empty(entity.size)
    draws.uniforms(np.uint64(key), np.uint64(_DAY), entity.ravel().astype(np.uint64),
                   np.uint64(0), u)
    return gamma_factors(u.reshape(entity.shape), plan.dispersion_cv[None, :])


def arrivals(
    plan: VehiclePlan, key: int, factors: NDArray[np.float64], first_hour: int, last_hour: int
) -> Arrivals:
    """Return the vehicles that enter in [first_hour, last_hour) since the plan's day 0.

    The number in an hour is the Poisson quantile of one uniform, so that a larger rate only
    adds vehicles and changes no other.

    Raises
    ------
    NumericalError
        If the plan's rates end before `last_hour`.
    """
    if last_hour > 24 * plan.days or first_hour < 0:
        raise NumericalError(f"demand is planned for {plan.days} days; hour {last_hour} asked")
    counts = np.zeros((last_hour - first_hour, plan.rates.shape[2]), np.int64)
    total = demand_kernel.hour_counts(np.uint64(key), np.uint64(_COUNT), plan.rates, factors,
                                      plan.dispersion_group, first_hour, last_hour, counts)
    if counts.size and counts.max() >= 1 << 24:
        raise NumericalError("more than 16.7 million vehicles of one stream in an hour")
    columns = [np.empty(total, np.int64) for _ in range(3)]
    demand_kernel.fill_arrivals(np.uint64(key), np.uint64(_INSTANT), np.uint64(_OCCUPANTS),
                                counts, first_hour, plan.stream_class, plan.occupants_cdf,
                                *columns)
    return Arrivals(*columns)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The vehicles of one slice, carried and new, by rising id."""

    state: VehicleState
    fresh: NDArray[np.bool_]
    entry: NDArray[np.int64]


def _gather(plan: VehiclePlan, state: VehicleState, new: Arrivals,
            aboard: NDArray[np.int64] | None) -> _Rows:
    """Merge carried and new vehicles; the row of a vehicle is the rank of its id."""
    count = state.vehicle.size + new.vehicle.size
    if count > MAX_ROWS:
        raise NumericalError(
            f"{count:,} vehicles in one slice; at most {MAX_ROWS:,}: use shorter slices"
        )
    epoch = np.searchsorted(plan.epoch_start, new.at, side="right") - 1
    route = plan.route_of[epoch, stream_of(new.vehicle)]
    if route.size and route.min() < 0:
        stream = plan.stream_names[int(stream_of(new.vehicle)[route.argmin()])]
        raise InternalError(f"vehicles of stream {stream} have no route")
    if state.vehicle.size and new.vehicle.size and state.vehicle[-1] >= new.vehicle[0]:
        raise InternalError("a carried vehicle has a later address than a new one")
    size = new.vehicle.size
    none, zero = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    people = zero if aboard is None else aboard

    def joined(old: NDArray[np.int64], fresh: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([old, fresh])

    merged = VehicleState(
        joined(state.vehicle, new.vehicle), joined(state.route, route), joined(state.stage, none),
        joined(state.arrived, new.at), joined(state.started, none), joined(state.leaves, none),
        joined(state.occupants, new.occupants), joined(state.aboard, people),
        joined(state.found, zero),
    )
    fresh = joined(np.zeros(state.vehicle.size, np.int64), np.ones(size, np.int64)) > 0
    return _Rows(merged, fresh, merged.arrived.copy())


def run_slice(
    plan: VehiclePlan,
    key: int,
    state: VehicleState,
    new: Arrivals,
    *,
    start: int,
    end: int,
    aboard: NDArray[np.int64] | None = None,
    engine: Engine = "sweep",
) -> tuple[VehicleLog, VehicleState]:
    """Run the vehicles through [start, end) and return the log and what is carried on.

    Parameters
    ----------
    plan : VehiclePlan
    key : int
        ``Seed.key`` of the row.
    state : VehicleState
        Vehicles inside at `start`.
    new : Arrivals
        Vehicles that enter in [start, end).
    start, end : int
        The slice [ticks].
    aboard : int64[new], optional
        People concealed in each new vehicle.
    engine : {"sweep", "reference"}
        Both give the same bits.

    Raises
    ------
    InternalError
        If the vehicles do not balance: in + inside before = out + inside after.
    """
    rows = _gather(plan, state, new, aboard)
    if engine == "reference":
        result = reference.run_slice(plan, key, rows.state, rows.fresh, rows.entry, start, end)
    else:
        result = _sweep(plan, key, rows, start, end)
    columns, sailings, outcomes, final, out = result
    streams = len(plan.stream_names)
    stream = stream_of(rows.state.vehicle)
    keep = ~out
    carried = VehicleState(*(getattr(final, name)[keep] for name in VehicleState.__slots__))
    station_of = _station(plan, carried)
    inside = (carried.arrived < end) & (station_of >= 0)
    row, station, arrived, waiting, service, delay = columns
    zeros = np.zeros(row.size, np.int64)
    log = VehicleLog(
        start, end, rows.state.vehicle[row], station, arrived, waiting, service,
        zeros, zeros, delay,
        carried.vehicle[inside], station_of[inside], carried.arrived[inside],
        carried.started[inside],
        *sailings, _foot(plan, key, sailings[0], sailings[1]),
        rows.state.vehicle[outcomes[0]], outcomes[1], outcomes[2],
        np.bincount(stream[rows.fresh], minlength=streams),
        np.bincount(stream[out], minlength=streams),
        np.bincount(stream[keep], minlength=streams),
    )
    before = np.bincount(stream_of(state.vehicle), minlength=streams)
    if np.any(before + log.entered != log.exited + log.inside):
        raise InternalError("vehicles are not conserved in the slice starting at tick "
                            f"{start}: {before}, {log.entered}, {log.exited}, {log.inside}")
    return log, carried


def stood(plan: VehiclePlan, log: VehicleLog, out: NDArray[np.int64]) -> None:
    """Add to int64[place, 24] how long lorries bound for the UK stood within reach [ticks].

    The time at an exposed station counts, waiting and service alike, clipped to the slice.
    """
    left = log.arrived + log.waiting + log.service + log.blocked + log.held
    until = np.full(log.inside_vehicle.size, log.end)
    for vehicle, station, arrived, end in (
        (log.vehicle, log.station, log.arrived, left),
        (log.inside_vehicle, log.inside_station, log.inside_arrived, until),
    ):
        exposure_kernel.add_exposure(vehicle, station, arrived, end, log.start, log.end,
                                     plan.station_place, plan.place_of_stream, out)


def _station(plan: VehiclePlan, state: VehicleState) -> NDArray[np.int64]:
    """Return the station at which each vehicle stands or to which it travels; -1 on its way out."""
    first = plan.route_first[state.route]
    last = state.stage >= plan.route_first[state.route + 1] - first
    index = np.where(last, 0, first + state.stage)
    return np.where(last, -1, plan.step_station[plan.route_step[index]])


def _foot(plan: VehiclePlan, key: int, station: NDArray[np.int64],
          at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the foot passengers of each sailing [people]: a Poisson number, by address."""
    out = np.zeros(station.size, np.int64)
    for i in range(station.size):
        mean = plan.station_foot[station[i]]
        if mean > 0.0:
            entity = (int(station[i]) << 48) | int(at[i])
            u = draws.threefry_unit(np.uint64(key), np.uint64(_FOOT), np.uint64(entity))
            out[i] = demand_kernel.poisson_quantile(u, mean)
    return out


def _words(at: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the sorted event words of the rows in `mask`."""
    row = np.flatnonzero(mask)
    words = (at[row] << WORD_SHIFT) | row
    words.sort()
    return words


def _sweep(
    plan: VehiclePlan, key: int, rows: _Rows, start: int, end: int
) -> reference.SliceResult:
    """Call the compiled sweep on the merged rows."""
    s = rows.state
    first = plan.route_first[s.route]
    last = plan.route_first[s.route + 1]
    table = np.empty((s.vehicle.size, 8), np.int64)
    table[:, sweep_kernel.VEHICLE] = s.vehicle
    table[:, sweep_kernel.ARRIVED] = s.arrived
    table[:, sweep_kernel.STARTED] = s.started
    table[:, sweep_kernel.LEAVES] = s.leaves
    cursor = first + s.stage
    inside = (s.stage >= 0) & (cursor < last)
    table[:, sweep_kernel.STEP] = np.where(inside, plan.route_step[np.where(inside, cursor, 0)], -1)
    table[:, sweep_kernel.CURSOR] = cursor
    table[:, sweep_kernel.ROUTE_END] = last
    table[:, sweep_kernel.CARGO] = (s.aboard << 16) | (s.found << 8) | s.occupants
    fresh = _words(rows.entry, rows.fresh)
    words = _words(s.arrived, (s.started < 0) & ~rows.fresh)
    room = int(np.sum(last - cursor))
    log = tuple(np.empty(room, np.int64) for _ in range(6))
    slots = int(np.sum((plan.sailing_at >= start) & (plan.sailing_at < end)))
    sailings = tuple(np.empty(slots, np.int64) for _ in range(4))
    outcomes = tuple(np.empty(int(np.sum(s.aboard > 0)) + 1, np.int64) for _ in range(3))
    steps = (plan.route_step, plan.step_station, plan.step_transit, plan.step_select_decision,
             plan.step_share, plan.step_share_aboard)
    service = (plan.step_decision, plan.step_base, plan.step_per_occupant, plan.step_table,
               plan.quantiles.ravel(), plan.step_find_decision, plan.step_sensitivity,
               plan.step_find_ticks, plan.step_after_sea, plan.step_space)
    stations = (plan.station_kind, plan.roster_first, plan.roster_at, plan.roster_servers,
                plan.sailing_first, plan.sailing_at, plan.sailing_capacity,
                plan.station_cut_off, plan.station_crossing, plan.station_unload_gap)
    visits, left, found = sweep_kernel.sweep(np.uint64(key), start, end, fresh, words, table,
                                             steps, service, stations, log, sailings, outcomes)
    cargo = table[:, sweep_kernel.CARGO]
    final = VehicleState(
        s.vehicle, s.route, table[:, sweep_kernel.CURSOR] - first,
        table[:, sweep_kernel.ARRIVED], table[:, sweep_kernel.STARTED],
        table[:, sweep_kernel.LEAVES], s.occupants, cargo >> 16, (cargo >> 8) & 1,
    )
    return (tuple(column[:visits] for column in log), tuple(column[:left] for column in sailings),
            tuple(column[:found] for column in outcomes), final,
            table[:, sweep_kernel.STARTED] == sweep_kernel.OUT)
