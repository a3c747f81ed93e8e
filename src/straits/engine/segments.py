"""The compiled way through a slice: stations that are swept, and blocks of those that couple."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import InternalError
from straits.engine._kernels import rows as row_kernel
from straits.engine._kernels import sweep as sweep_kernel
from straits.engine._kernels.memory import ROW
from straits.engine.blocks import (
    WIDTHS,
    BlockTables,
    Fixed,
    Room,
    block_tables,
    collected,
    fixed,
    run_block,
    sliced,
)
from straits.engine.layout import Layout, Segment, layout
from straits.tables.vehicles import (
    BY_VEHICLE,
    NEVER,
    UNLIMITED,
    Arrivals,
    Status,
    VehiclePlan,
    VehicleState,
)

__all__ = ["Done", "Run", "Scratch", "Stuck", "compiled", "station_of", "tried"]


_NOBODY = np.empty(0, np.int64)
_NO_TABLES = tuple(tuple(np.empty((width, 0), np.int64)) for width in WIDTHS[:-1])
_NO_SAILINGS = _NO_TABLES[4]
_NOBODY_KEPT = np.empty((WIDTHS[-1], 0), np.int64)
_ZERO = bytes(8)


class Stuck(Exception):  # noqa: N818 - it says what happened; the door turns it into an error
    """Vehicles wait for each other in a circle."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a slice is run on."""

    plan: VehiclePlan
    key: int
    state: VehicleState
    new: Arrivals
    aboard: NDArray[np.int64]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Done:
    """What an engine hands back from one slice."""

    visits: tuple[NDArray[np.int64], ...]
    inside: NDArray[np.int64]  # see ``rows.inside_rows``
    standing: NDArray[np.int64]
    sailings: tuple[NDArray[np.int64], ...]
    outcomes: tuple[NDArray[np.int64], ...]  # vehicle, kind, instant
    gave_up: tuple[NDArray[np.int64], ...]  # vehicle first
    stood: tuple[NDArray[np.int64], ...]  # vehicle first
    schemes: tuple[NDArray[np.int64], ...]
    carried: VehicleState
    counts: tuple[NDArray[np.int64], ...]  # by stream: inside before, entered, left, inside
    balanced: bool  # in + inside before = out + inside after, by stream


def station_of(plan: VehiclePlan, state: VehicleState) -> NDArray[np.int64]:
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

    __slots__ = ("block", "blocks", "brief", "columns", "fresh", "kept", "laid", "log", "net",
                 "ordered", "plan", "read", "rows", "words", "work", "zeros")

    def __init__(self) -> None:
        self.work = np.empty((3, 0), np.int64)
        self.log = self.ordered = np.empty((8, 0), np.int64)
        self.blocks = Room()
        self.rows = np.empty((0, 2), np.int64)
        self.kept = np.empty((5, 0), np.int64)
        self.fresh = self.words = self.block = np.empty(0, np.int64)
        self.brief = np.empty(0, np.uint32)
        self.plan: VehiclePlan | None = None
        self.laid: Layout | None = None
        self.read: Fixed | None = None
        self.columns: dict[bool, _Columns] = {}
        self.net: Any = None
        self.zeros = _NOBODY

    def room(self, work: int, log: int, rows: int) -> None:
        """Make room for this many words of work, visits and vehicles."""
        if self.work.shape[1] < work:
            self.work = np.empty((3, work + work // 4), np.int64)
        if self.log.shape[1] < log:
            # Whoever reads a column that the sweep leaves alone shall find zero.
            self.log = np.zeros((8, log + log // 4), np.int64)
            self.zeros = np.ndarray((self.log.shape[1],), np.int64, _ZERO, strides=(0,))
        if self.rows.shape[0] < rows:
            size = rows + rows // 4
            self.rows, self.kept = np.empty((size, 2), np.int64), np.empty((5, size), np.int64)
            self.fresh, self.words = np.empty(size, np.int64), np.empty(size, np.int64)
            self.brief = np.empty(size, np.uint32)

    def layout(self, plan: VehiclePlan) -> Layout:
        """Return how the plan's network is run."""
        if self.laid is None or self.plan is not plan:
            self.plan, self.laid, self.read = plan, layout(plan), None
            self.columns, self.net = {}, None
        return self.laid

    def swept(self, plan: VehiclePlan, checked: bool) -> _Columns:
        """Return the plan's arrays for the sweep; `checked` says whether to watch buffers."""
        laid = self.layout(plan)
        if checked not in self.columns:
            self.columns[checked] = _columns(plan, laid, checked)
        return self.columns[checked]

    def between(self, plan: VehiclePlan, carried: int) -> tuple[Any, Any]:
        """Return room for what the sweeps of a slice tell each other: net and boxes."""
        if self.net is None or self.net[1][3].size < carried:
            self.net = sweep_kernel.room_for(
                len(plan.station_names), plan.route_first.size - 1, plan.step_station.size,
                carried + carried // 4)
        return self.net  # type: ignore[no-any-return]

    def room_for_rows(self, rows: int) -> NDArray[np.int64]:
        """Return memory for what the calendar keeps of each vehicle."""
        if self.block.size < rows * ROW:
            self.block = np.empty((rows + rows // 4) * ROW, np.int64)
        return self.block

    def by_station(self, visits: int) -> NDArray[np.int64]:
        """Return the first visits of the log in the order of stations.

        Visits to a station stand together: a few dozen stretches are copied, not single visits.
        """
        station = self.log[1, :visits]
        cuts = np.flatnonzero(station[1:] != station[:-1]) + 1
        if np.all(station[cuts - 1] < station[cuts]):
            return self.log
        if self.ordered.shape[1] < visits:
            self.ordered = np.empty(self.log.shape, np.int64)
        begin, end = np.append(0, cuts), np.append(cuts, visits)
        at = 0
        for one in np.argsort(station[begin], kind="stable"):
            low, high = begin[one], end[one]
            self.ordered[:, at : at + high - low] = self.log[:, low:high]
            at += high - low
        return self.ordered

    def fixed(self, plan: VehiclePlan) -> Fixed:
        """Return what the blocks read of the plan."""
        self.layout(plan)
        if self.read is None:
            self.read = fixed(plan)
        return self.read


def compiled(run: Run, everywhere: bool, scratch: Scratch) -> Done:
    """Try the slice without the buffers that are left to chance; hold them if one would fill."""
    laid = scratch.layout(run.plan)
    if everywhere:
        everything = np.arange(len(run.plan.station_names))
        done = _segments(run, laid, (Segment(everything, block=True, cyclic=True),), scratch)
    else:
        done = tried(run, scratch) or _segments(run, laid, laid.exact, scratch)
    if done is None:
        raise InternalError("a buffer that is held has overflowed")
    return done


def tried(run: Run, scratch: Scratch) -> Done | None:
    """Run a slice as if the buffers that are left to chance were without limit.

    Returns None where one of them would have filled, or where somebody stands because one is full.
    """
    laid = scratch.layout(run.plan)
    return _segments(run, laid, laid.tried, scratch) if _undisturbed(run, laid) else None


def _undisturbed(run: Run, laid: Layout) -> bool:
    """Say whether no carried vehicle stands for want of room that was left to chance."""
    state = run.state
    if not laid.chancy or not state.vehicle.size:
        return True
    stands = (state.status != Status.QUEUED) & (state.status != Status.ABOARD)
    stands |= (state.joined != state.arrived) & (state.status == Status.QUEUED)
    return not bool(laid.near[station_of(run.plan, state)[stands]].any())


@dataclass(slots=True)
class _Columns:
    """A slice's arrays as the sweep takes them."""

    tables: tuple[Any, ...]  # from `route_first` to `checks` of ``sweep.run_stations``
    most: int  # servers of any roster
    changes: list[int]  # instants at which servers change, sorted
    sailings: list[int]  # instants of sailings, sorted
    again: bool  # whether anybody is sent back
    departs: bool  # whether there is a departure


def _columns(plan: VehiclePlan, laid: Layout, checked: bool) -> _Columns:
    """Return the plan's arrays for the sweep; `checked` says whether to watch buffers."""
    watched = laid.left_to_chance if checked else np.zeros_like(laid.left_to_chance)
    # Who comes from a swept station has no referral: it passes a second line by.
    first_line = plan.step_alarm != 2
    tables = (
        plan.route_first,
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
    return _Columns(
        tables, int(plan.roster_servers.max(initial=1)),
        np.sort(np.concatenate([plan.roster_at, plan.pool_at])).tolist(),
        np.sort(plan.sailing_at).tolist(),
        bool(plan.step_again.any()), bool(plan.station_kind.any()))


def _number(times: list[int], run: Run) -> int:
    """Return how many of the sorted instants lie in the slice."""
    return bisect_left(times, run.end) - bisect_left(times, run.start)


def _segments(
    run: Run, laid: Layout, segments: tuple[Segment, ...], scratch: Scratch
) -> Done | None:
    """Run a slice by segments; None where a buffer that is watched would have filled."""
    plan, state, new = run.plan, run.state, run.new
    size = state.vehicle.size + new.vehicle.size
    scratch.room(0, 0, size)
    rows = scratch.rows[:size]
    counts = np.zeros((4, len(plan.stream_names)), np.int64)
    used = np.zeros(plan.route_first.size - 1, np.int64)
    before = tuple(getattr(state, name) for name in BY_VEHICLE)
    entering, waiting, room, laden, bad = row_kernel.pack(
        before, (new.vehicle, new.at, new.occupants, new.stream), run.aboard, plan.epoch_start,
        plan.route_of, plan.route_first, rows, scratch.brief, scratch.fresh, scratch.words,
        counts[:2], used)
    if bad >= 0:
        raise InternalError(f"vehicles of stream {plan.stream_names[bad]} have no route")
    words = scratch.words[:waiting]
    words.sort()
    columns = scratch.swept(plan, checked=segments is laid.tried)
    changes, due = _number(columns.changes, run), _number(columns.sailings, run)
    # Who is sent back visits a station again: room for every visit that could happen.
    visits = room if not columns.again else int(
        (used * scratch.fixed(plan).visits.sum(axis=1)).sum())
    scratch.room(room + 2 * size + columns.most * (changes + 2) + 16, visits + size, size)
    sailings, outcomes = np.empty((4, due), np.int64), np.empty((3, laden + 1), np.int64)
    tally = np.zeros(5, np.int64)
    tables = block_tables(state, due)
    opening = (np.uint64(run.key), run.start, run.end)
    net, boxes = scratch.between(plan, state.vehicle.size)

    def sweep(stations: NDArray[np.int64], opens: bool, closes: bool) -> None:
        sweep_kernel.run_stations(
            *opening, stations, opens, closes, (scratch.fresh[:entering], words),
            (*before[1:6], before[10]), rows, scratch.brief, used, *columns.tables, scratch.log,
            sailings, outcomes, scratch.kept, counts[2], scratch.work, net, boxes, tally)

    if segments[0].block:
        sweep(_NOBODY, True, False)
    now = None
    for segment in segments:
        if segment.block:
            now = now or sliced(
                plan, opening, state, scratch.fixed(plan), scratch.blocks, (changes, due),
                (rows, scratch.log, scratch.work, scratch.room_for_rows(size), counts[2]))
            tally[0], stuck = run_block(now, segment, boxes, _words(segment, net, boxes, scratch),
                                        int(tally[0]), tables)
            if stuck and segments is laid.tried and laid.chancy:
                return None  # with every buffer held it may come to it, or not
            if stuck:
                raise Stuck
            continue
        was = int(tally[0])
        sweep(segment.stations, segment is segments[0], segment is segments[-1])
        if tally[sweep_kernel.FULL]:
            return None
        if len(segments) > 1:
            scratch.log[6:, was : tally[0]] = 0  # nobody is held or blocked here
    if segments[-1].block:
        sweep(_NOBODY, False, True)
    return _handed_back(run, scratch, tally, (sailings, outcomes), counts, tables, columns.departs)


def _words(
    segment: Segment, net: Any, boxes: Any, scratch: Scratch
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the event words of those who come to a block, by time, and to which station."""
    if segment.stations.size == 1:
        station = segment.stations[0]
        words = sweep_kernel.gather(station, net, boxes, scratch.work).copy()
        return words, np.full(words.size, station)
    parts = [sweep_kernel.gather(s, net, boxes, scratch.work).copy() for s in segment.stations]
    words = np.concatenate(parts)
    where = np.repeat(segment.stations, [part.size for part in parts])
    order = np.argsort(words, kind="stable")
    return words[order], where[order]


def _handed_back(
    run: Run, scratch: Scratch, tally: NDArray[np.int64], swept: tuple[Any, Any],
    counts: NDArray[np.int64], tables: BlockTables, departs: bool,
) -> Done:
    """Put together what the segments of a slice have written."""
    plan = run.plan
    rows = scratch.rows
    visits, left, found, kept, _ = tally.tolist()
    written, more = _NO_TABLES, _NOBODY_KEPT
    if tables.ran:
        *beside, more = collected(tables, scratch.blocks, rows, plan)
        written = tuple(tuple(table) for table in beside)
    found_by_blocks, gave_up, stood, schemes, sailed = written
    columns = np.empty((len(BY_VEHICLE) + 7 + 4, kept + more.shape[1]), np.int64)
    by_vehicle = tuple(columns[: len(BY_VEHICLE)])
    inside, standing = columns[len(BY_VEHICLE) : -4], columns[-4:]
    under_way, stand, balanced = row_kernel.unpack(
        rows, scratch.kept, kept, more, more.shape[1], plan.route_first, plan.route_step,
        plan.step_station, plan.step_transit, run.end, NEVER, by_vehicle, inside, standing, counts)
    still = tables.still[:, : tables.still_count]
    if tables.still_count:
        still = still[:, np.argsort(still[0])]
    carried = VehicleState(*(*by_vehicle, tables.extra_at, tables.scheme_on, tables.released_at,
                             *still))
    log = (scratch.by_station(visits) if tables.ran else scratch.log)[:, :visits]
    vehicle, station, arrived, waiting, service, delay, blocked, held = log
    if not tables.ran:
        blocked = held = scratch.zeros[:visits]
        if not departs:
            delay = waiting
    # A sweep's sailings are never late.
    sailings = (*swept[0][:, :left], np.zeros(left, np.int64)) if left else _NO_SAILINGS
    outcomes = _joined(tuple(swept[1][:, :found]), found_by_blocks)
    return Done((vehicle, station, arrived, waiting, service, blocked, held, delay),
                inside[:, :under_way], standing[:, :stand], _joined(sailings, sailed),
                _named(outcomes, rows), _named(gave_up, rows), _named(stood, rows), schemes,
                carried, tuple(counts), balanced)


def _named(
    table: tuple[NDArray[np.int64], ...], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], ...]:
    """Return columns of which the first says vehicles by their ids instead of their rows."""
    first = rows[table[0], row_kernel.VEHICLE] if table[0].size else table[0]
    return (first, *table[1:])


def _joined(
    swept: tuple[NDArray[np.int64], ...], more: tuple[NDArray[np.int64], ...]
) -> tuple[NDArray[np.int64], ...]:
    """Return the sweep's columns, followed by those of the blocks."""
    if not more[0].size:
        return swept
    return tuple(np.concatenate([np.stack(swept), np.stack(more)], axis=1))
