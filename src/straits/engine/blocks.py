"""Run a block of coupled stations through the compiled calendar: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import InternalError
from straits.engine._kernels import block as block_kernel
from straits.engine._kernels import calendar, itinerary, memory, sweep
from straits.engine._kernels.memory import HEAP, NOTE, NOTES, SLOT, SLOTS, STUCK, Timetables
from straits.engine._kernels.rows import CARGO, ROUTE_BITS
from straits.engine.block_tables import small_tables, step_columns
from straits.engine.layout import Segment
from straits.engine.reference_rows import LOAD
from straits.tables.vehicles import ROUNDS, VehiclePlan, VehicleState

__all__ = ["WIDTHS", "BlockTables", "Fixed", "Room", "Slice", "block_tables", "collected", "fixed",
           "run_block", "sliced"]

# What is written beside the log, by kind: outcomes, who gave up, who stood, schemes, sailings, who
# is kept; and how many numbers each has.
WIDTHS = (3, 6, 5, 3, 5, 10)


@dataclass(slots=True)
class BlockTables:
    """The state that is not by vehicle, as the blocks of a slice leave it.

    Attributes
    ----------
    still : int64[3, n]
        Sailings that are not over at the end, of which there are `still_count`, with the instants
        of the ``VehicleState``.
    notes : int
        Records in ``Room.notes``.
    ran : bool
        Whether there was a block.
    """

    extra_at: NDArray[np.int64]
    scheme_on: NDArray[np.int64]
    released_at: NDArray[np.int64]
    still: NDArray[np.int64]
    still_count: int = 0
    notes: int = 0
    ran: bool = False


def block_tables(state: VehicleState, sailings: int) -> BlockTables:
    """Return tables that begin with a state, with room for the sailings of a slice."""
    return BlockTables(state.extra_at.copy(), state.scheme_on.copy(), state.released_at.copy(),
                       np.empty((3, sailings + state.open_sailing.size), np.int64))


class Room:
    """Memory in which blocks run, kept and grown; see ``segments.Scratch`` for why."""

    __slots__ = ("arrays", "notes", "standing", "who")

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self.notes = np.empty((0, NOTE), np.int64)
        self.standing = np.empty((3, 0), np.int64)
        self.who = np.empty((0, 2), np.int64)

    def array(self, name: str, size: int, dtype: type = np.int64) -> NDArray[Any]:
        """Return the array of this name, of `size` numbers or more, whatever they are."""
        kept = self.arrays.get(name)
        if kept is None or kept.size < size:
            kept = self.arrays[name] = np.empty(size + size // 4, dtype)
        return kept

    def note(self, used: int, more: int) -> NDArray[np.int64]:
        """Return the notes, of which some are used, with room for more."""
        if self.notes.shape[0] < used + more:
            before, self.notes = self.notes, np.empty((2 * used + more + more // 4, NOTE), np.int64)
            self.notes[:used] = before[:used]
        return self.notes

    def slice(self, carried: int, changes: int) -> None:
        """Make room for a slice with so many vehicles carried, and so many changes of servers."""
        if self.standing.shape[1] < carried:
            self.standing = np.empty((3, carried + carried // 4), np.int64)
        if self.who.shape[0] < changes:
            self.who = np.empty((2 * changes, 2), np.int64)


@dataclass(frozen=True, slots=True)
class _Members:
    """What follows from which stations are in a block.

    Attributes
    ----------
    member : bool[station]
    per_route : int64[route]
        How often a vehicle of a route can visit the block at most.
    pool_last : int64[pool]
        The last station of the block that a pool serves, -1 for none.
    """

    member: NDArray[np.bool_]
    per_route: NDArray[np.int64]
    pool_last: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the blocks read of a plan, made once.

    Attributes
    ----------
    steps, columns, small
        See ``_kernels.itinerary``, ``block_tables.step_columns`` and ``small_tables``.
    stage_of : int16[station, route]
        The stage at which each route meets each station, -1 for never.
    visits : int64[route, station]
        How often a vehicle of a route can visit a station at most.
    fractions : tuple of arrays
        What the calendar reads that is no integer.
    blocks : dict
        By their stations: what follows from which these are.
    """

    steps: itinerary.Steps
    columns: NDArray[np.int64]
    small: NDArray[np.int64]
    stage_of: NDArray[np.int16]
    visits: NDArray[np.int64]
    timetables: Timetables
    fractions: tuple[NDArray[np.float64], ...]
    blocks: dict[bytes, _Members]

    def members(self, plan: VehiclePlan, stations: NDArray[np.int64]) -> _Members:
        """Return what follows from which stations are in a block."""
        name = stations.tobytes()
        if name not in self.blocks:
            member = np.zeros(len(plan.station_names), np.bool_)
            member[stations] = True
            last = np.full(len(plan.pool_names), -1, np.int64)
            inside = stations[plan.station_pool[stations] >= 0]
            np.maximum.at(last, plan.station_pool[inside], inside)
            self.blocks[name] = _Members(member, self.visits[:, member].sum(axis=1), last)
        return self.blocks[name]


def fixed(plan: VehiclePlan) -> Fixed:
    """Return what the blocks read of a plan."""
    routes, stations = plan.route_first.size - 1, len(plan.station_names)
    stage_of = np.full((stations, routes), -1, np.int16)
    visits = np.zeros((routes, stations), np.int64)
    for route in range(routes):
        on_way = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
        stage_of[plan.step_station[on_way], route] = np.arange(on_way.size)
        number = np.ones(on_way.size, np.int64)
        for place, step in enumerate(on_way):
            if plan.step_again[step] > 0.0:
                number[place - int(plan.step_back[step]) : place + 1] *= ROUNDS + 1
        np.add.at(visits[route], plan.step_station[on_way], number)
    steps = _steps_of(plan)
    fractions = (plan.step_patience, np.stack([plan.scheme_compliance, plan.scheme_unready], 1),
                 steps.quantiles)
    return Fixed(steps, step_columns(plan), small_tables(plan), stage_of, visits, _timetables(plan),
                 fractions, {})


def _timetables(plan: VehiclePlan) -> Timetables:
    """Return the plan's arrays that say who is on duty and what sails, and when."""
    return Timetables(
        plan.roster_first, plan.roster_at, plan.roster_servers, plan.pool_first, plan.pool_at,
        plan.pool_servers, plan.sailing_first, plan.sailing_at, plan.sailing_capacity,
        plan.sailing_cancel, plan.sailing_link, plan.station_cancel_decision)


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice, as its blocks see it.

    Attributes
    ----------
    log : int64[8, visits]
    scratch : int64[3, n]
        Of the sweep: the inboxes are in the first row.
    vehicles : int64[n]
        For the rows of a block.
    sailings : int
        That leave in the slice or are still open.
    home, begins, order : int64[carried]
        See ``itinerary.place``.
    """

    plan: VehiclePlan
    key: np.uint64
    start: int
    end: int
    state: VehicleState
    rows: NDArray[np.int64]
    fixed: Fixed
    log: NDArray[np.int64]
    scratch: NDArray[np.int64]
    vehicles: NDArray[np.int64]
    exited: NDArray[np.int64]
    room: Room
    sailings: int
    home: NDArray[np.int64]
    begins: NDArray[np.int64]
    order: NDArray[np.int64]


def _steps_of(plan: VehiclePlan) -> itinerary.Steps:
    """Return the plan's arrays that say what vehicles will do."""
    return itinerary.Steps(
        plan.route_first, plan.route_step, plan.step_station, plan.step_decision, plan.step_base,
        plan.step_per_occupant, plan.step_table, plan.quantiles.ravel(), plan.step_select_decision,
        plan.step_share, plan.step_share_aboard, plan.step_find_decision, plan.step_sensitivity,
        plan.step_find_ticks, plan.step_again, plan.step_back, plan.step_again_decision,
        plan.step_alarm, plan.step_false_alarm, plan.step_alarm_decision, plan.step_load,
        plan.load_cdf, np.uint64(LOAD), plan.stream_class)


def sliced(
    plan: VehiclePlan, span: tuple[np.uint64, int, int], state: VehicleState, read: Fixed,
    room: Room, due: tuple[int, int], arrays: tuple[NDArray[np.int64], ...],
) -> Slice:
    """Return a slice as its blocks see it.

    Parameters
    ----------
    span : (uint64, int, int)
        Key, start and end [ticks].
    due : (int, int)
        Changes of servers, at stations and in pools; sailings that leave.
    arrays : tuple of arrays
        Rows, log, scratch, vehicles and exited of the `Slice`.
    """
    rows, log, scratch, vehicles, exited = arrays
    carried = state.vehicle.size
    room.slice(carried, due[0])
    home, begins, order = (room.array(name, carried)[:carried]
                           for name in ("home", "begins", "order"))
    itinerary.place(
        (state.route, state.stage, state.arrived, state.leaves, state.joined, state.status,
         state.ship), read.columns, read.steps, plan.sailing_first, read.stage_of, home, begins,
        order)
    return Slice(plan, *span, state, rows, read, log, scratch, vehicles, exited, room,
                 due[1] + state.open_sailing.size, home, begins, order)


def run_block(
    now: Slice, segment: Segment, boxes: tuple[NDArray[np.int64], ...],
    words: tuple[NDArray[np.int64], NDArray[np.int64]], visits: int, tables: BlockTables,
) -> tuple[int, bool]:
    """Run one block; return the visits in the log so far, and whether it got stuck in a circle.

    Parameters
    ----------
    boxes : tuple of arrays
        Of the sweep: what leaves the block is put into its inboxes.
    words : (int64[n], int64[n])
        Event words of those who come to the block, and to which station.
    visits : int
        Visits in the log before this block.
    tables : BlockTables
        To which the block adds.
    """
    plan, state, read, room, key = now.plan, now.state, now.fixed, now.room, now.key
    some, stations, home = read.members(plan, segment.stations), segment.stations, now.home
    coming, where = words
    here = room.array("here", home.size)
    count, *many, most = block_kernel.find(
        home, now.order, state.status, state.route, some.member, some.per_route, coming, now.rows,
        here, room.standing)
    here, standing = here[:count], _standing(room, many)
    r, v = now.vehicles, room.array("visits", 2 * most + 2)
    owner, came_from = room.array("owner", most, np.int32), room.array("came_from", coming.size)
    number = itinerary.plan_visits(
        key, now.rows, (state.started, state.status, state.rounds, state.alarm), now.begins, here,
        home, coming, came_from, read.stage_of, some.member, read.steps, r, v, owner, where)
    itinerary.draw_services(key, now.rows, read.steps, v, owner, number)
    m = room.array("small", SLOTS + SLOT * now.sailings)
    # What is known; an event a vehicle, and one a visit of those whose patience may end when they
    # are gone.
    heap = room.array("heap", room.who.shape[0] + 2 * some.member.size + 4 * now.sailings + number
                      + 4 * (coming.size + home.size) + len(plan.road_names) + 16)
    whole = (tables.extra_at, tables.scheme_on, tables.released_at)
    slots = memory.set_block(
        m, read.small, read.timetables, some.member, some.pool_last,
        (*whole, state.open_sailing, state.open_left, state.open_last), heap, room.who, key,
        now.start, now.end, segment.cyclic, tables.notes)
    heap[: m[HEAP]].sort()  # sorted, so a heap
    # A scheme begins or ends when somebody comes on to a road or leaves it.
    notes = room.note(tables.notes, 6 * (coming.size + count) + number + 2 * slots + 8)
    outside = room.array("outside", coming.size + 1)
    first, begun = room.array("first", stations.size), room.array("begun", stations.size)
    came = block_kernel.fill_block(
        m, r, read.columns, v, read.fractions, heap, now.log, now.rows, here, home,
        (state.arrived, state.started, state.leaves, state.joined, state.status, state.ship),
        coming, came_from, standing, outside, stations, first, begun, visits, number)
    if came < 0:
        raise InternalError(f"a block has {number:,} visits, more than have room")
    outside[:came].sort()
    before = boxes[0].copy()
    calendar.run_block(m, r, read.columns, v, read.fractions, heap, now.log, notes, now.rows,
                       now.scratch[0], boxes[0], room.who, plan.sailing_at, outside)
    if m[STUCK]:
        return visits, True
    visits = block_kernel.empty_block(
        m, r, v, now.log, notes, now.rows, (plan.route_first, plan.route_step), stations, first,
        begun, visits, here, home, some.member, coming)
    sweep.note_runs(before, boxes, now.scratch)
    tables.still_count = memory.read_block(m, some.member, whole, now.exited, tables.still,
                                           tables.still_count)
    tables.notes, tables.ran = int(m[NOTES]), True
    return int(visits), False


def _standing(room: Room, many: list[int]) -> tuple[NDArray[np.int64], ...]:
    """Return the words of those held, on roads and aboard, each in the order in which they are."""
    standing = tuple(words[:size] for words, size in zip(room.standing, many, strict=True))
    for words in standing:
        if words.size > 1:
            words.sort()
    return standing


def collected(
    tables: BlockTables, room: Room, rows: NDArray[np.int64], plan: VehiclePlan
) -> tuple[NDArray[np.int64], ...]:
    """Return what the blocks of a slice have written beside the log, a table a kind."""
    notes = room.notes[: tables.notes]
    kind = notes[:, 0].copy()
    out = tuple(notes[kind == one, 1 : width + 1].T.copy() for one, width in enumerate(WIDTHS))
    kept = out[memory.NOTE_KEPT]
    way_out = kept[1] < 0  # at the end of their route
    route = rows[kept[0, way_out], CARGO] >> ROUTE_BITS
    kept[1, way_out] = plan.route_first[route + 1] - plan.route_first[route]
    return out
