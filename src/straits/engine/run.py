"""Run one slice of time: demand in, log and state out. The only door to the compiled engines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import MAX_ROWS
from straits.base.errors import InternalError, NumericalError
from straits.engine import reference
from straits.engine._kernels import exposure as exposure_kernel
from straits.engine._kernels import rows as row_kernel
from straits.engine._kernels import sweep as sweep_kernel
from straits.engine.arrivals import foot_passengers
from straits.engine.blocks import (
    BlockTables,
    Slice,
    block_tables,
    run_block,
    small_tables,
    stage_of,
    step_columns,
    steps_of,
)
from straits.engine.layout import Layout, Segment, layout
from straits.tables.vehicles import (
    BY_VEHICLE,
    NEVER,
    UNLIMITED,
    Arrivals,
    Status,
    VehicleLog,
    VehiclePlan,
    VehicleState,
    stream_of,
)

__all__ = ["Engine", "Scratch", "run_slice", "stood"]

# "auto" sweeps where nothing couples and uses the calendar where it does; "calendar" uses it
# everywhere; "reference" is the plain engine. All give the same bits.
Engine = Literal["auto", "calendar", "reference"]

_NOBODY = np.empty(0, np.int64)


def run_slice(
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
    run = _Run(plan, key, _numbered(state, plan), new, people, start, end)
    done = (_reference(run) if engine == "reference"
            else _compiled(run, engine, scratch or Scratch()))
    log = _log(run, done)
    before, entered, exited, left_inside = done.counts
    if np.any(before + entered != exited + left_inside):
        raise InternalError("vehicles are not conserved in the slice starting at tick "
                            f"{start}: {before}, {entered}, {exited}, {left_inside}")
    return log, _addressed(done.carried, plan)


def _numbered(state: VehicleState, plan: VehiclePlan) -> VehicleState:
    """Return a state whose ships are rows of the plan's sailings.

    In a state a ship is ``station << 32 | its number in the station's timetable``, which a plan with
    other sailings later, or at another station, does not change.
    """
    def rows(ship: NDArray[np.int64]) -> NDArray[np.int64]:
        sailing = plan.sailing_first[np.maximum(ship, 0) >> 32] + (ship & 0xFFFF_FFFF)
        return np.where(ship < 0, -1, sailing)

    return replace(state, ship=rows(state.ship), open_sailing=rows(state.open_sailing))


def _addressed(state: VehicleState, plan: VehiclePlan) -> VehicleState:
    """Return a state whose ships are told by station and number; see `_numbered`."""
    def address(sailing: NDArray[np.int64]) -> NDArray[np.int64]:
        station = np.searchsorted(plan.sailing_first, sailing, side="right") - 1
        number = sailing - plan.sailing_first[np.maximum(station, 0)]
        return np.where(sailing < 0, -1, (station << 32) | number)

    return replace(state, ship=address(state.ship), open_sailing=address(state.open_sailing))


@dataclass(frozen=True, slots=True)
class _Run:
    """What a slice is run on."""

    plan: VehiclePlan
    key: int
    state: VehicleState
    new: Arrivals
    aboard: NDArray[np.int64]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Done:
    """What an engine hands back from one slice."""

    visits: tuple[NDArray[np.int64], ...]
    sailings: tuple[NDArray[np.int64], ...]
    outcomes: tuple[NDArray[np.int64], ...]  # vehicle, kind, instant
    gave_up: tuple[NDArray[np.int64], ...]  # vehicle first
    stood: tuple[NDArray[np.int64], ...]  # vehicle first
    schemes: tuple[NDArray[np.int64], ...]
    carried: VehicleState
    counts: tuple[NDArray[np.int64], ...]  # by stream: inside before, entered, left, inside


def _fitted(state: VehicleState, plan: VehiclePlan) -> VehicleState:
    """Return a state of an empty network with columns for the plan's stations, roads, schemes."""
    empty = VehicleState.empty(plan)
    return VehicleState(*(
        getattr(state if name in BY_VEHICLE else empty, name) for name in VehicleState.__slots__))


def _log(run: _Run, done: _Done) -> VehicleLog:
    """Return the log of a slice."""
    plan, carried = run.plan, done.carried
    station_of = _station(plan, carried)
    inside = (carried.arrived < run.end) & (station_of >= 0)
    held = (carried.status == Status.ROAD) | (carried.status == Status.HELD)
    inside |= held
    first = plan.route_first[carried.route]
    step = plan.route_step[np.where(station_of >= 0, first + carried.stage, 0)]
    since = carried.arrived - np.where(held, plan.step_transit[step], 0)
    waits = inside & ((carried.status == Status.QUEUED) | (carried.status == Status.BLOCKED))
    released = np.where(carried.status == Status.HELD, NEVER, carried.leaves)
    # By time; at one instant by station. Engines and blocks write them in orders of their own.
    order = np.lexsort((done.sailings[0], done.sailings[1]))
    sail_station, sail_at, sail_vehicles, sail_space, sail_late = (
        column[order] for column in done.sailings)
    outcomes = _by_time(done.outcomes, 2)
    foot = foot_passengers(plan, run.key, sail_station, sail_at - np.maximum(sail_late, 0))
    _, entered, exited, left_inside = done.counts
    return VehicleLog(
        run.start, run.end, *done.visits,
        carried.vehicle[inside], station_of[inside], carried.arrived[inside],
        np.where(waits, carried.joined, -1)[inside],
        np.where(waits, carried.started, -1)[inside],
        np.where(waits, carried.leaves, -1)[inside], carried.status[inside],
        sail_station, sail_at, sail_vehicles, sail_space,
        np.where(sail_late < 0, 0, foot), sail_late,
        *outcomes, *_by_time(done.gave_up, 4), *_by_time(done.stood, 4),
        carried.vehicle[held], plan.road_of_stream[carried.stream[held]],
        since[held], released[held], run.state.scheme_on, *done.schemes, entered, exited, left_inside,
    )


def _by_time(
    columns: tuple[NDArray[np.int64], ...], instant: int
) -> tuple[NDArray[np.int64], ...]:
    """Return rows by the instant in one column, and by vehicle, which is the first."""
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


def _station(plan: VehiclePlan, state: VehicleState) -> NDArray[np.int64]:
    """Return the station at which each vehicle stands or to which it travels; -1 on its way out."""
    first = plan.route_first[state.route]
    last = state.stage >= plan.route_first[state.route + 1] - first
    index = np.where(last, 0, first + state.stage)
    return np.where(last, -1, plan.step_station[plan.route_step[index]])


class Scratch:
    """Memory that a run keeps between slices, grown when a slice needs more.

    Touching fresh memory costs more than all arithmetic on it; memory that was used for the slice
    before is still mapped and mostly in cache. It also remembers how its plan's network is run.
    """

    __slots__ = ("fresh", "kept", "laid", "log", "plan", "rows", "words", "work")

    def __init__(self) -> None:
        self.work = np.empty((3, 0), np.int64)
        self.log = np.empty((8, 0), np.int64)
        self.rows = np.empty((0, 2), np.int64)
        self.kept = np.empty((5, 0), np.int64)
        self.fresh = self.words = np.empty(0, np.int64)
        self.plan: VehiclePlan | None = None
        self.laid: Layout | None = None

    def room(self, work: int, log: int, rows: int) -> None:
        """Make room for this many words of work, visits and vehicles."""
        if self.work.shape[1] < work:
            self.work = np.empty((3, work + work // 4), np.int64)
        if self.log.shape[1] < log:
            # Whoever reads a column that the sweep leaves alone shall find zero.
            self.log = np.zeros((8, log + log // 4), np.int64)
        if self.rows.shape[0] < rows:
            size = rows + rows // 4
            self.rows, self.kept = np.empty((size, 2), np.int64), np.empty((5, size), np.int64)
            self.fresh, self.words = np.empty(size, np.int64), np.empty(size, np.int64)

    def layout(self, plan: VehiclePlan) -> Layout:
        """Return how the plan's network is run."""
        if self.laid is None or self.plan is not plan:
            self.plan, self.laid = plan, layout(plan)
        return self.laid


def _reference(run: _Run) -> _Done:
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

    def named(columns: tuple[NDArray[np.int64], ...]) -> tuple[NDArray[np.int64], ...]:
        return (rows.vehicle[columns[0]], *columns[1:])

    return _Done(tables.visits, tables.sailings, named(tables.outcomes), named(tables.gave_up),
                 named(tables.stood), tables.schemes, carried, counts)


def _compiled(run: _Run, engine: Engine, scratch: Scratch) -> _Done:
    """Try the slice without the buffers that are left to chance; hold them if one would fill."""
    laid = scratch.layout(run.plan)
    if engine == "calendar":
        everything = np.arange(len(run.plan.station_names))
        done = _segments(run, laid, (Segment(everything, block=True, cyclic=True),), scratch)
    elif _undisturbed(run, laid):
        done = _segments(run, laid, laid.tried, scratch)
        if done is None:
            done = _segments(run, laid, laid.exact, scratch)
    else:
        done = _segments(run, laid, laid.exact, scratch)
    if done is None:
        raise InternalError("a buffer that is held has overflowed")
    return done


def _undisturbed(run: _Run, laid: Layout) -> bool:
    """Say whether no carried vehicle stands for want of room that was left to chance."""
    state = run.state
    if not laid.left_to_chance.any() or not state.vehicle.size:
        return True
    stands = (state.status != Status.QUEUED) & (state.status != Status.ABOARD)
    stands |= (state.joined != state.arrived) & (state.status == Status.QUEUED)
    return not bool(laid.near[_station(run.plan, state)[stands]].any())


@dataclass(slots=True)
class _Columns:
    """A slice's arrays as the sweep takes them."""

    steps: tuple[NDArray[Any], ...]
    service: tuple[NDArray[Any], ...]
    stations: tuple[NDArray[np.int64], ...]
    checks: tuple[NDArray[np.int64], ...]


def _columns(plan: VehiclePlan, laid: Layout, checked: bool) -> _Columns:
    """Return the plan's arrays for the sweep; `checked` says whether to watch buffers."""
    watched = laid.left_to_chance if checked else np.zeros_like(laid.left_to_chance)
    # Who comes from a swept station has no referral: it passes a second line by.
    first_line = plan.step_alarm != 2
    return _Columns(
        (plan.route_step, plan.step_station, plan.step_transit, plan.step_select_decision,
         plan.step_share * first_line, plan.step_share_aboard * first_line),
        (plan.step_decision, plan.step_base, plan.step_per_occupant, plan.step_table,
         plan.quantiles.ravel(), plan.step_find_decision, plan.step_sensitivity,
         plan.step_find_ticks, plan.step_after_sea, plan.step_space),
        (plan.station_kind, plan.roster_first, plan.roster_at, plan.roster_servers,
         plan.sailing_first, plan.sailing_at, plan.sailing_capacity,
         plan.station_cut_off, plan.station_crossing, plan.station_unload_gap),
        (np.where(watched, plan.station_buffer, UNLIMITED), plan.station_buffer_dm, laid.margin,
         plan.stream_class, plan.class_spacing_dm))


def _segments(
    run: _Run, laid: Layout, segments: tuple[Segment, ...], scratch: Scratch
) -> _Done | None:
    """Run a slice by segments; None where a buffer that is watched would have filled."""
    plan, state, new = run.plan, run.state, run.new
    size = state.vehicle.size + new.vehicle.size
    scratch.room(0, 0, size)
    rows = scratch.rows[:size]
    counts = np.zeros((4, len(plan.stream_names)), np.int64)
    used = np.zeros(plan.route_first.size - 1, np.int64)
    before = tuple(getattr(state, name) for name in BY_VEHICLE)
    entering, waiting, room, laden, bad = row_kernel.pack(
        before, (new.vehicle, new.at, new.occupants, new.stream), run.aboard, plan.epoch_start, plan.route_of,
        plan.route_first, rows, scratch.fresh, scratch.words, counts[:2], used)
    if bad >= 0:
        raise InternalError(f"vehicles of stream {plan.stream_names[bad]} have no route")
    fresh, words = scratch.fresh[:entering], scratch.words[:waiting]
    words.sort()
    most = int(plan.roster_servers.max(initial=1))
    changes = int(np.count_nonzero((plan.roster_at >= run.start) & (plan.roster_at < run.end)))
    scratch.room(room + 2 * size + most * (changes + 2) + 16, room + size, size)
    slots = int(np.count_nonzero((plan.sailing_at >= run.start) & (plan.sailing_at < run.end)))
    sailings, outcomes = tuple(np.empty((4, slots), np.int64)), tuple(
        np.empty((3, laden + 1), np.int64))
    columns = _columns(plan, laid, checked=segments is laid.tried)
    tally = np.zeros(5, np.int64)
    tables = block_tables(state)
    opening = (np.uint64(run.key), run.start, run.end)
    entry = (fresh, words, before, rows, used, plan.route_first, columns.steps, columns.service)
    places = (scratch.kept, counts[2], scratch.work)
    net, boxes = sweep_kernel.open_slice(*opening, *entry, len(plan.station_names), *places, tally)
    now = None
    for segment in segments:
        if segment.block:
            now = now or Slice(
                plan, run.key, run.start, run.end, state, rows, steps_of(plan),
                step_columns(plan), small_tables(plan), stage_of(plan), scratch.log,
                scratch.work, counts[2])
            tally[0], stuck = run_block(now, segment, boxes, _words(segment, net, boxes, scratch),
                                        int(tally[0]), tables)
            if stuck:
                _reference(run)  # it finds the same circle, and says which
                raise InternalError("a block is stuck, but not in the plain engine")
            continue
        was = int(tally[0])
        sweep_kernel.run_stations(
            *opening, segment.stations, before, rows, used, columns.steps, columns.service,
            columns.stations, columns.checks, tuple(scratch.log[:6]), sailings, outcomes, *places,
            net, boxes, tally)
        if len(segments) > 1:
            scratch.log[6:, was : tally[0]] = 0  # nobody is held or blocked here
    sweep_kernel.close_slice(net, boxes, outcomes, scratch.work, tally)
    if tally[sweep_kernel.FULL]:
        return None
    return _handed_back(run, scratch, tally, (sailings, outcomes), counts, tables)


def _words(
    segment: Segment, net: Any, boxes: Any, scratch: Scratch
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the event words of those who come to a block, by time, and to which station."""
    parts = [sweep_kernel.gather(s, net, boxes, scratch.work).copy() for s in segment.stations]
    words = np.concatenate(parts)
    where = np.repeat(segment.stations, [part.size for part in parts])
    order = np.argsort(words, kind="stable")
    return words[order], where[order]


def _handed_back(
    run: _Run, scratch: Scratch, tally: NDArray[np.int64], swept: tuple[Any, Any],
    counts: NDArray[np.int64], tables: BlockTables,
) -> _Done:
    """Put together what the segments of a slice have written."""
    plan = run.plan
    rows = scratch.rows
    visits, left, found, inside = (int(n) for n in tally[:4])
    more = (np.concatenate(tables.kept, axis=1) if tables.kept
            else np.empty((10, 0), np.int64))
    by_vehicle = tuple(np.empty((len(BY_VEHICLE), inside + more.shape[1]), np.int64))
    row_kernel.unpack(rows, scratch.kept, inside, more, more.shape[1], plan.route_first,
                      plan.route_step, plan.step_station, by_vehicle, counts[3])
    still = (np.concatenate(tables.open_, axis=1) if tables.open_
             else np.empty((3, 0), np.int64))
    still = still[:, np.argsort(still[0])]
    carried = VehicleState(*by_vehicle, tables.extra_at, tables.scheme_on, tables.released_at,
                           *still)
    vehicle, station, arrived, waiting, service, delay, blocked, held = (
        column[:visits] for column in scratch.log)
    if not tables.kept:
        blocked = held = np.broadcast_to(np.int64(0), vehicle.shape)
        if not plan.station_kind.any():
            delay = waiting  # every delay is a wait
    done = [vehicle, station, arrived, waiting, service, blocked, held, delay]
    if tables.kept and visits and np.any(np.diff(station) < 0):
        order = np.argsort(station, kind="stable")
        done = [column[order] for column in done]
    punctual = np.zeros(left, np.int64)
    sailings = _sailings(tables, [*(column[:left] for column in swept[0]), punctual])
    outcomes = _joined([np.stack([column[:found] for column in swept[1]]), *tables.outcomes])

    def named(parts: list[NDArray[np.int64]], width: int) -> tuple[NDArray[np.int64], ...]:
        table = _joined(parts, width)
        return (rows[table[0], row_kernel.VEHICLE], *table[1:])

    return _Done(tuple(done), sailings, named([np.stack(outcomes)], 3), named(tables.gave_up, 6),
                 named(tables.stood, 5), _joined(tables.schemes, 3), carried, tuple(counts))


def _joined(
    parts: list[NDArray[np.int64]], width: int = 3
) -> tuple[NDArray[np.int64], ...]:
    """Return tables of equal width as columns."""
    return tuple(np.concatenate([np.empty((width, 0), np.int64), *parts], axis=1))


def _sailings(
    tables: BlockTables, swept: list[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], ...]:
    """Return the sailings of sweep and blocks together."""
    if not tables.sailings:
        return tuple(swept)
    return _joined([np.stack(swept), *tables.sailings], 5)
