"""Run one slice of time: demand in, log and state out. The only door to the compiled engines."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS, MAX_ROWS
from straits.base.errors import InternalError, NumericalError
from straits.engine import reference
from straits.engine._kernels import exposure as exposure_kernel
from straits.engine._kernels import rows as row_kernel
from straits.engine.arrivals import foot_passengers
from straits.engine.layout import refuse_unclear_returns
from straits.engine.segments import Done, Run, Scratch, Stuck, compiled, tried
from straits.tables.vehicles import (
    BY_VEHICLE,
    NEVER,
    Arrivals,
    VehicleLog,
    VehiclePlan,
    VehicleState,
    stream_of,
)

__all__ = ["Engine", "Scratch", "run_pieces", "run_slice", "stood"]

# "auto" sweeps where nothing couples and uses the calendar where it does; "calendar" uses it
# everywhere; "reference" is the plain engine. All give the same bits.
Engine = Literal["auto", "calendar", "reference"]

_NOBODY = np.empty(0, np.int64)
_VISITS = VehicleLog.__slots__[2:10]
PIECE_TICKS: Final = 4 * HOUR_TICKS  # of a slice in which buffers fill


def run_slice(  # noqa: PLR0913 - the engine's one door: what, whose luck, who, when, how
    plan: VehiclePlan,
    key: int,
    state: VehicleState,
    new: Arrivals,
    *,
    start: int,
    end: int,
    aboard: NDArray[np.int64] | None = None,
    engine: Engine = "auto",
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
    engine : {"auto", "calendar", "reference"}
        All give the same bits.
    scratch : Scratch, optional
        Memory to work in; the log's columns are then views of it, good until the next slice.

    Raises
    ------
    InternalError
        If the vehicles do not balance: in + inside before = out + inside after.
    NumericalError
        If vehicles wait for each other in a circle, or are too many for one slice.
    """
    run = _run(plan, key, state, new, start, end, aboard)
    if engine == "reference":
        refuse_unclear_returns(plan)
        done = _reference(run)
    else:
        try:
            done = compiled(run, engine == "calendar", scratch or Scratch())
        except Stuck as stuck:
            _reference(run)  # it finds the same circle, and says which
            raise InternalError("a block is stuck, but not in the plain engine") from stuck
    return _balanced(run, done)


def run_pieces(
    plan: VehiclePlan,
    key: int,
    state: VehicleState,
    new: Arrivals,
    *,
    start: int,
    end: int,
    aboard: NDArray[np.int64] | None = None,
    scratch: Scratch | None = None,
) -> tuple[tuple[VehicleLog, ...], VehicleState]:
    """Run the vehicles through [start, end) in one slice, or in several where buffers fill.

    A slice in which a buffer fills takes several times as long as one without. Buffers fill for
    some hours: cut into pieces, the others are run without them. The pieces' logs add up to
    that of the whole. Parameters as for `run_slice`.
    """
    scratch = scratch or Scratch()
    if end - start <= PIECE_TICKS or not scratch.layout(plan).chancy:
        log, state = run_slice(plan, key, state, new, start=start, end=end, aboard=aboard,
                               scratch=scratch)
        return (log,), state
    run = _run(plan, key, state, new, start, end, aboard)
    done = tried(run, scratch)
    if done is not None:
        log, state = _balanced(run, done)
        return (log,), state
    logs = []
    for low, high in pairwise([*range(start, end, PIECE_TICKS), end]):
        mask = (new.at >= low) & (new.at < high)
        log, state = run_slice(
            plan, key, state, new.between(low, high), start=low, end=high,
            aboard=None if aboard is None else aboard[mask], scratch=scratch)
        logs.append(log if high == end else _kept(log))
    return tuple(logs), state


def _kept(log: VehicleLog) -> VehicleLog:
    """Return a log whose visits outlast the next slice in the same memory."""
    return replace(log, **{name: getattr(log, name).copy() for name in _VISITS})


def _run(
    plan: VehiclePlan, key: int, state: VehicleState, new: Arrivals, start: int, end: int,
    aboard: NDArray[np.int64] | None,
) -> Run:
    """Return what a slice is run on, once it has been looked at."""
    if state.vehicle.size + new.vehicle.size > MAX_ROWS:
        raise NumericalError(f"{state.vehicle.size + new.vehicle.size:,} vehicles in one slice; "
                             f"at most {MAX_ROWS:,}: use shorter slices")
    if state.vehicle.size and new.vehicle.size and state.vehicle[-1] >= new.vehicle[0]:
        raise InternalError("a carried vehicle has a later address than a new one")
    if len({getattr(new, name).size for name in Arrivals.__slots__}) != 1:
        raise InternalError("the columns of the arrivals differ in length")
    if state.extra_at.size != len(plan.station_names):
        state = _fitted(state, plan)
    people = _NOBODY if aboard is None else aboard
    return Run(plan, key, _numbered(state, plan), new, people, start, end)


def _balanced(run: Run, done: Done) -> tuple[VehicleLog, VehicleState]:
    """Return the log and what is carried on, once the vehicles have been found to balance."""
    if not done.balanced:
        before, entered, exited, left_inside = done.counts
        raise InternalError("vehicles are not conserved in the slice starting at tick "
                            f"{run.start}: {before}, {entered}, {exited}, {left_inside}")
    return _log(run, done), _addressed(done.carried, run.plan)


def _numbered(state: VehicleState, plan: VehiclePlan) -> VehicleState:
    """Return a state whose ships are rows of the plan's sailings.

    In a state a ship is ``station << 32 | its number in the station's timetable``, which a plan
    with other sailings later, or at another station, does not change.
    """
    if not plan.sailing_at.size:
        return state

    def rows(ship: NDArray[np.int64]) -> NDArray[np.int64]:
        sailing = plan.sailing_first[np.maximum(ship, 0) >> 32] + (ship & 0xFFFF_FFFF)
        return np.where(ship < 0, -1, sailing)

    return replace(state, ship=rows(state.ship), open_sailing=rows(state.open_sailing))


def _addressed(state: VehicleState, plan: VehiclePlan) -> VehicleState:
    """Return a state whose ships are told by station and number; see `_numbered`."""
    if not plan.sailing_at.size:
        return state

    def address(sailing: NDArray[np.int64]) -> NDArray[np.int64]:
        station = np.searchsorted(plan.sailing_first, sailing, side="right") - 1
        number = sailing - plan.sailing_first[np.maximum(station, 0)]
        return np.where(sailing < 0, -1, (station << 32) | number)

    return replace(state, ship=address(state.ship), open_sailing=address(state.open_sailing))


def _fitted(state: VehicleState, plan: VehiclePlan) -> VehicleState:
    """Return a state of an empty network with columns for the plan's stations, roads, schemes."""
    empty = VehicleState.empty(plan)
    return VehicleState(*(
        getattr(state if name in BY_VEHICLE else empty, name) for name in VehicleState.__slots__))


def _log(run: Run, done: Done) -> VehicleLog:
    """Return the log of a slice."""
    plan, inside, standing = run.plan, done.inside, done.standing
    road = plan.road_of_stream[standing[1]] if standing.shape[1] else standing[1]
    _, entered, exited, left_inside = done.counts
    columns = (
        *done.visits, *inside, *_sailings(run, done.sailings), *_by_time(done.outcomes, 2),
        *_by_time(done.gave_up, 4), *_by_time(done.stood, 4), standing[0], road, *standing[2:],
        run.state.scheme_on, *done.schemes, entered, exited, left_inside)
    return VehicleLog(run.start, run.end, *columns)


def _sailings(
    run: Run, sailings: tuple[NDArray[np.int64], ...]
) -> tuple[NDArray[np.int64], ...]:
    """Return a log's columns of sailings, by time and at one instant by station.

    Engines and blocks write them in orders of their own.
    """
    if not sailings[0].size:
        return (*sailings, sailings[0])
    order = np.lexsort((sailings[0], sailings[1]))
    station, at, vehicles, space, late = (column[order] for column in sailings)
    foot = foot_passengers(run.plan, run.key, station, at - np.maximum(late, 0))
    return station, at, vehicles, space, np.where(late < 0, 0, foot), late


def _by_time(
    columns: tuple[NDArray[np.int64], ...], instant: int
) -> tuple[NDArray[np.int64], ...]:
    """Return rows by the instant in one column, and by vehicle, which is the first."""
    if columns[0].size <= 1:
        return columns
    order = np.lexsort((columns[0], columns[instant]))
    return tuple(column[order] for column in columns)


def stood(plan: VehiclePlan, log: VehicleLog, out: NDArray[np.int64]) -> None:
    """Add to int64[place, 24] how long lorries bound for the UK stood within reach [ticks].

    The time at an exposed station counts, on the road before it, waiting, in service and blocked
    alike, clipped to the slice.
    """
    still = log.end - log.inside_arrived
    none = np.zeros(still.size, np.int64)
    for vehicle, station, arrived, waiting, service in (
        (log.vehicle, log.station, log.arrived, log.waiting + log.held,
         log.service + log.blocked),
        (log.inside_vehicle, log.inside_station, log.inside_arrived, still, none),
    ):
        exposure_kernel.add_exposure(vehicle, station, arrived, waiting, service, log.start,
                                     log.end, plan.station_place, plan.place_of_stream, out)


def _reference(run: Run) -> Done:
    """Run the plain engine on merged columns."""
    plan, state, new = run.plan, run.state, run.new
    epoch = np.searchsorted(plan.epoch_start, new.at, side="right") - 1
    route = plan.route_of[epoch, new.stream]
    none, zero = np.full(new.vehicle.size, -1, np.int64), np.zeros(new.vehicle.size, np.int64)
    people = run.aboard if run.aboard.size else zero
    columns = {"vehicle": new.vehicle, "route": route, "arrived": new.at,
               "occupants": new.occupants, "aboard": people, "found": zero, "status": zero,
               "rounds": zero, "alarm": zero, "stream": new.stream}
    rows = VehicleState(*(
        np.concatenate([getattr(state, name), columns.get(name, none)])
        if name in BY_VEHICLE else getattr(state, name).copy()
        for name in VehicleState.__slots__))
    fresh = np.arange(rows.vehicle.size) >= state.vehicle.size
    tables = reference.run_slice(plan, run.key, rows, fresh, rows.arrived.copy(),
                                 (run.start, run.end))
    carried = VehicleState(*(
        getattr(tables.rows, name)[~tables.out] if name in BY_VEHICLE
        else getattr(tables.rows, name) for name in VehicleState.__slots__))
    streams = len(plan.stream_names)
    counts = tuple(np.bincount(stream_of(ids), minlength=streams) for ids in (
        state.vehicle, new.vehicle, rows.vehicle[tables.out], carried.vehicle))

    by_vehicle = tuple(getattr(carried, name) for name in BY_VEHICLE)
    inside, standing = np.empty((7, carried.vehicle.size), np.int64), np.empty(
        (4, carried.vehicle.size), np.int64)
    under_way, stand = row_kernel.inside_rows(
        by_vehicle, plan.route_first, plan.route_step, plan.step_station, plan.step_transit,
        run.end, NEVER, inside, standing)

    def named(columns: tuple[NDArray[np.int64], ...]) -> tuple[NDArray[np.int64], ...]:
        return (rows.vehicle[columns[0]], *columns[1:])

    before, entered, exited, left_inside = counts
    return Done(tables.visits, inside[:, :under_way], standing[:, :stand], tables.sailings,
                named(tables.outcomes), named(tables.gave_up), named(tables.stood), tables.schemes,
                carried, counts, np.array_equal(before + entered, exited + left_inside))


