"""Run one slice of time: demand in, log and state out. The only door to the compiled engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import MAX_ROWS
from straits.base.errors import InternalError, NumericalError
from straits.base.names import decision_id
from straits.engine import reference
from straits.engine._kernels import demand as demand_kernel
from straits.engine._kernels import draws
from straits.engine._kernels import exposure as exposure_kernel
from straits.engine._kernels import rows as row_kernel
from straits.engine._kernels import sweep as sweep_kernel
from straits.engine.variates import gamma_factors
from straits.tables.vehicles import (
    Arrivals,
    VehicleLog,
    VehiclePlan,
    VehicleState,
    stream_of,
)

__all__ = ["Engine", "Scratch", "arrivals", "day_factors", "run_slice", "stood"]

Engine = Literal["sweep", "reference"]

_COUNT = decision_id("demand.count")
_INSTANT = decision_id("demand.instant")
_OCCUPANTS = decision_id("demand.occupants")
_DAY = decision_id("demand.day")
_FOOT = decision_id("departure.foot_passengers")
_NOBODY = np.empty(0, np.int64)


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


def run_slice(  # noqa: PLR0913 - the engine's one door: what, whose luck, who, when, how
    plan: VehiclePlan,
    key: int,
    state: VehicleState,
    new: Arrivals,
    *,
    start: int,
    end: int,
    aboard: NDArray[np.int64] | None = None,
    engine: Engine = "sweep",
    scratch: Scratch | None = None,
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
    scratch : Scratch, optional
        Memory to work in; the log's columns are then views of it, good until the next slice.

    Raises
    ------
    InternalError
        If the vehicles do not balance: in + inside before = out + inside after.
    """
    if state.vehicle.size + new.vehicle.size > MAX_ROWS:
        raise NumericalError(f"{state.vehicle.size + new.vehicle.size:,} vehicles in one slice; "
                             f"at most {MAX_ROWS:,}: use shorter slices")
    if state.vehicle.size and new.vehicle.size and state.vehicle[-1] >= new.vehicle[0]:
        raise InternalError("a carried vehicle has a later address than a new one")
    people = _NOBODY if aboard is None else aboard
    if engine == "reference":
        done = _reference(plan, key, state, new, people, start, end)
    else:
        done = _sweep(plan, key, state, new, people, start, end, scratch or Scratch())
    carried = done.carried
    station_of = _station(plan, carried)
    inside = (carried.arrived < end) & (station_of >= 0)
    vehicle, station, arrived, waiting, service, delay = done.visits
    none = np.broadcast_to(np.int64(0), vehicle.shape)  # no buffer blocks yet, no road holds
    sail_station, sail_at, sail_vehicles, sail_space = done.sailings
    outcome_vehicle, outcome_kind, outcome_at = done.outcomes
    before, entered, exited, left_inside = done.counts
    log = VehicleLog(
        start, end, vehicle, station, arrived, waiting, service, none, none, delay,
        carried.vehicle[inside], station_of[inside], carried.arrived[inside],
        carried.started[inside],
        sail_station, sail_at, sail_vehicles, sail_space,
        _foot(plan, key, sail_station, sail_at),
        outcome_vehicle, outcome_kind, outcome_at, entered, exited, left_inside,
    )
    if np.any(before + entered != exited + left_inside):
        raise InternalError("vehicles are not conserved in the slice starting at tick "
                            f"{start}: {before}, {entered}, {exited}, {left_inside}")
    return log, carried


def stood(plan: VehiclePlan, log: VehicleLog, out: NDArray[np.int64]) -> None:
    """Add to int64[place, 24] how long lorries bound for the UK stood within reach [ticks].

    The time at an exposed station counts, waiting and service alike, clipped to the slice.
    """
    still = log.end - log.inside_arrived
    none = np.zeros(still.size, np.int64)
    for vehicle, station, arrived, waiting, service in (
        (log.vehicle, log.station, log.arrived, log.waiting, log.service),
        (log.inside_vehicle, log.inside_station, log.inside_arrived, still, none),
    ):
        exposure_kernel.add_exposure(vehicle, station, arrived, waiting, service, log.start,
                                     log.end, plan.station_place, plan.place_of_stream, out)


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


class Scratch:
    """Memory that a run keeps between slices, grown when a slice needs more.

    Touching fresh memory costs more than all arithmetic on it; memory that was used for the slice
    before is still mapped and mostly in cache.
    """

    __slots__ = ("fresh", "kept", "log", "rows", "words", "work")

    def __init__(self) -> None:
        self.work = np.empty((3, 0), np.int64)
        self.log = np.empty((6, 0), np.int64)
        self.rows = np.empty((0, 2), np.int64)
        self.kept = np.empty((5, 0), np.int64)
        self.fresh = self.words = np.empty(0, np.int64)

    def room(self, work: int, log: int, rows: int) -> None:
        """Make room for this many words of work, visits and vehicles."""
        if self.work.shape[1] < work:
            self.work = np.empty((3, work + work // 4), np.int64)
        if self.log.shape[1] < log:
            self.log = np.empty((6, log + log // 4), np.int64)
        if self.rows.shape[0] < rows:
            size = rows + rows // 4
            self.rows, self.kept = np.empty((size, 2), np.int64), np.empty((5, size), np.int64)
            self.fresh, self.words = np.empty(size, np.int64), np.empty(size, np.int64)


@dataclass(frozen=True, slots=True)
class _Done:
    """What an engine hands back from one slice."""

    visits: tuple[NDArray[np.int64], ...]
    sailings: tuple[NDArray[np.int64], ...]
    outcomes: tuple[NDArray[np.int64], ...]  # vehicle, kind, instant
    carried: VehicleState
    counts: tuple[NDArray[np.int64], ...]  # by stream: inside before, entered, left, inside


def _reference(
    plan: VehiclePlan, key: int, state: VehicleState, new: Arrivals, aboard: NDArray[np.int64],
    start: int, end: int,
) -> _Done:
    """Run the plain engine on merged columns."""
    epoch = np.searchsorted(plan.epoch_start, new.at, side="right") - 1
    route = plan.route_of[epoch, stream_of(new.vehicle)]
    size = new.vehicle.size
    none, zero = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    people = aboard if aboard.size else zero
    columns = (new.vehicle, route, none, new.at, none, none, new.occupants, people, zero)
    rows = VehicleState(*(
        np.concatenate([getattr(state, name), column])
        for name, column in zip(VehicleState.__slots__, columns, strict=True)))
    fresh = np.arange(rows.vehicle.size) >= state.vehicle.size
    visits, sailings, outcomes, final, out = reference.run_slice(
        plan, key, rows, fresh, rows.arrived.copy(), start, end)
    carried = VehicleState(*(getattr(final, name)[~out] for name in VehicleState.__slots__))
    carried.leaves[carried.started < 0] = -1
    streams = len(plan.stream_names)
    counts = tuple(np.bincount(stream_of(ids), minlength=streams) for ids in (
        state.vehicle, new.vehicle, rows.vehicle[out], carried.vehicle))
    found = (rows.vehicle[outcomes[0]], outcomes[1], outcomes[2])
    return _Done(visits, sailings, found, carried, counts)


def _sweep(
    plan: VehiclePlan, key: int, state: VehicleState, new: Arrivals, aboard: NDArray[np.int64],
    start: int, end: int, scratch: Scratch,
) -> _Done:
    """Call the compiled sweep."""
    size = state.vehicle.size + new.vehicle.size
    scratch.room(0, 0, size)
    rows = scratch.rows[:size]
    counts = np.zeros((4, len(plan.stream_names)), np.int64)
    used = np.zeros(plan.route_first.size - 1, np.int64)
    before = tuple(getattr(state, name) for name in VehicleState.__slots__)
    entering, waiting, room, laden, bad = row_kernel.pack(
        before, (new.vehicle, new.at, new.occupants), aboard, plan.epoch_start, plan.route_of,
        plan.route_first, rows, scratch.fresh, scratch.words, counts[:2], used)
    if bad >= 0:
        raise InternalError(f"vehicles of stream {plan.stream_names[bad]} have no route")
    fresh, words = scratch.fresh[:entering], scratch.words[:waiting]
    words.sort()
    most = int(plan.roster_servers.max(initial=1))
    changes = int(np.count_nonzero((plan.roster_at >= start) & (plan.roster_at < end)))
    scratch.room(room + 2 * size + most * (changes + 2) + 16, room, size)
    slots = int(np.count_nonzero((plan.sailing_at >= start) & (plan.sailing_at < end)))
    sailings = tuple(np.empty((4, slots), np.int64))
    outcomes = tuple(np.empty((3, laden + 1), np.int64))
    steps = (plan.route_step, plan.step_station, plan.step_transit, plan.step_select_decision,
             plan.step_share, plan.step_share_aboard)
    service = (plan.step_decision, plan.step_base, plan.step_per_occupant, plan.step_table,
               plan.quantiles.ravel(), plan.step_find_decision, plan.step_sensitivity,
               plan.step_find_ticks, plan.step_after_sea, plan.step_space)
    stations = (plan.station_kind, plan.roster_first, plan.roster_at, plan.roster_servers,
                plan.sailing_first, plan.sailing_at, plan.sailing_capacity,
                plan.station_cut_off, plan.station_crossing, plan.station_unload_gap)
    log = tuple(scratch.log)
    visits, left, found, inside = sweep_kernel.sweep(
        np.uint64(key), start, end, fresh, words, before, rows, used, plan.route_first, steps,
        service, stations, log, sailings, outcomes, scratch.kept, counts[2], scratch.work)
    columns = tuple(np.empty((9, inside), np.int64))
    row_kernel.unpack(rows, scratch.kept, inside, plan.route_first, plan.route_step,
                      plan.step_station, columns, counts[3])
    row, kind, at = (column[:found] for column in outcomes)
    done = tuple(column[:visits] for column in log)
    if not plan.station_kind.any():
        done = (*done[:5], done[3])  # every delay is a wait
    return _Done(done, tuple(column[:left] for column in sailings),
                 (rows[row, row_kernel.VEHICLE], kind, at), VehicleState(*columns),
                 tuple(counts))
