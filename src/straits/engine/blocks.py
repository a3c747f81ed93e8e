"""Run a block of coupled stations through the compiled calendar: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import InternalError
from straits.engine._kernels import block as block_kernel
from straits.engine._kernels import calendar, itinerary, sweep
from straits.engine._kernels.memory import (
    AHEAD,
    BUFFER,
    CANCELLED,
    CAPACITY_OF,
    CHANGES,
    CYCLIC,
    END,
    EXITED,
    EXTRA_AT,
    EXTRA_OPEN,
    HEAP,
    HOLD_ON,
    KEY,
    LINK,
    LOG_NEXT,
    MEMBER,
    NOTE,
    NOTE_GAVE_UP,
    NOTE_KEPT,
    NOTE_OUTCOME,
    NOTE_SAILING,
    NOTE_SCHEME,
    NOTE_STOOD,
    NOTES,
    PENDING,
    POOL,
    POOL_LAST,
    POOL_SERVERS,
    POOLS,
    RELEASED_AT,
    ROAD_SIZE,
    ROADS,
    ROW,
    S_HEAD,
    S_LAST,
    S_LEFT,
    S_OPEN,
    S_TAIL,
    SAILING,
    SCHEDULED,
    SCHEME,
    SCHEMES,
    SERVERS,
    SLOT,
    SLOT_COUNT,
    SLOT_STATION,
    SLOTS,
    START,
    STATION,
    STATIONS,
    STREAM,
    STREAMS,
    STUCK,
    WAY_OUT,
)  # fmt: skip
from straits.engine.block_tables import small_tables, step_columns
from straits.engine.layout import Segment
from straits.engine.reference_rows import LOAD
from straits.engine.rng import uniform
from straits.tables.vehicles import (
    NEVER,
    ROUNDS,
    UNLIMITED,
    Status,
    VehiclePlan,
    VehicleState,
)

__all__ = ["BlockTables", "Fixed", "Slice", "block_tables", "fixed", "run_block"]


@dataclass(slots=True)
class BlockTables:
    """What the blocks of a slice write beside the log, and the state that is not by vehicle."""

    gave_up: list[NDArray[np.int64]]
    stood: list[NDArray[np.int64]]
    schemes: list[NDArray[np.int64]]
    sailings: list[NDArray[np.int64]]
    outcomes: list[NDArray[np.int64]]
    kept: list[NDArray[np.int64]]
    open_: list[NDArray[np.int64]]
    extra_at: NDArray[np.int64]
    scheme_on: NDArray[np.int64]
    released_at: NDArray[np.int64]


def block_tables(state: VehicleState) -> BlockTables:
    """Return empty tables that begin with a state."""
    return BlockTables([], [], [], [], [], [], [], state.extra_at.copy(), state.scheme_on.copy(),
                       state.released_at.copy())


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
    """

    steps: itinerary.Steps
    columns: NDArray[np.int64]
    small: NDArray[np.int64]
    stage_of: NDArray[np.int16]
    visits: NDArray[np.int64]


def fixed(plan: VehiclePlan) -> Fixed:
    """Return what the blocks read of a plan."""
    routes, stations = plan.route_first.size - 1, len(plan.station_names)
    stage_of = np.full((stations, routes), -1, np.int16)
    visits = np.zeros((routes, stations), np.int64)
    for route in range(routes):
        steps = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
        stage_of[plan.step_station[steps], route] = np.arange(steps.size)
        number = np.ones(steps.size, np.int64)
        for place, step in enumerate(steps):
            if plan.step_again[step] > 0.0:
                number[place - int(plan.step_back[step]) : place + 1] *= ROUNDS + 1
        np.add.at(visits[route], plan.step_station[steps], number)
    return Fixed(_steps_of(plan), step_columns(plan), small_tables(plan), stage_of, visits)


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice, as its blocks see it."""

    plan: VehiclePlan
    key: int
    start: int
    end: int
    state: VehicleState
    rows: NDArray[np.int64]
    fixed: Fixed
    log: NDArray[np.int64]  # int64[8, visits]
    scratch: NDArray[np.int64]
    room: NDArray[np.int64]  # for the rows of a block
    exited: NDArray[np.int64]


def _steps_of(plan: VehiclePlan) -> itinerary.Steps:
    """Return the plan's arrays that say what vehicles will do."""
    return itinerary.Steps(
        plan.route_first, plan.route_step, plan.step_station, plan.step_decision, plan.step_base,
        plan.step_per_occupant, plan.step_table, plan.quantiles.ravel(), plan.step_select_decision,
        plan.step_share, plan.step_share_aboard, plan.step_find_decision, plan.step_sensitivity,
        plan.step_find_ticks, plan.step_again, plan.step_back, plan.step_again_decision,
        plan.step_alarm, plan.step_false_alarm, plan.step_alarm_decision, plan.step_load,
        plan.load_cdf, np.uint64(LOAD), plan.stream_class)


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
    plan, state, size = now.plan, now.state, now.rows.shape[0]
    member = np.zeros(len(plan.station_names), np.bool_)
    member[segment.stations] = True
    stages, order = _carried(now, member)
    most = _most_visits(now, member, stages, words)
    r, v = now.room[: size * ROW], np.empty(2 * most + 2, np.int64)
    owner, came_from = np.empty(most, np.int32), np.empty(words[0].size, np.int64)
    number = block_kernel.plan_visits(
        np.uint64(now.key), now.rows, (state.started, state.status, state.rounds, state.alarm),
        stages, words[0], came_from, now.fixed.stage_of, member, now.fixed.steps, r, v, owner,
        words[1])
    itinerary.draw_services(np.uint64(now.key), now.rows, now.fixed.steps, v, owner, number)
    slots = _slots(now, member)
    steps = v[1 : 2 * number : 2] & ((1 << 24) - 1)
    counts = np.bincount(plan.step_station[steps], minlength=member.size)
    first = visits + np.concatenate([[0], np.cumsum(counts[segment.stations])])
    if first[-1] > now.log.shape[1]:
        raise InternalError(f"a block has {first[-1] - visits:,} visits, more than have room")
    changes = _changes(now, member)
    m = _memory(now, segment, member, slots, first, changes, tables)
    events = _events(now, changes.at, slots, tables, member)
    # An event a vehicle, and one a visit of those whose patience may end when they are gone.
    heap = np.empty(events.size + 4 * (words[0].size + stages.size) + number + 3 * slots.size
                    + member.size + len(plan.road_names) + 16, np.int64)
    heap[: events.size] = events
    # A scheme begins or ends when somebody comes on to a road or leaves it.
    notes = np.empty((5 * size + number + 2 * slots.size + 8, NOTE), np.int64)
    m[HEAP], m[AHEAD] = events.size, calendar.FAR
    slot_of = np.searchsorted(slots, np.maximum(state.ship[order], 0))
    m[WAY_OUT] = boxes[0].size - 1
    fractions = (plan.step_patience, np.stack([plan.scheme_compliance, plan.scheme_unready], 1),
                 now.fixed.steps.quantiles)
    outside = block_kernel.fill_block(
        m, r, now.fixed.columns, v, fractions, heap, now.log, now.rows, stages,
        (state.arrived, state.started, state.leaves, state.joined, state.status),
        words[0], came_from, order, slot_of)
    table = m[STATIONS : STATIONS + STATION * member.size].reshape(-1, STATION)
    begun = table[segment.stations, LOG_NEXT] - first[:-1]
    before = boxes[0].copy()
    calendar.run_block(m, r, now.fixed.columns, v, fractions, heap, now.log, notes, now.rows,
                       now.scratch[0], boxes[0], changes.who, plan.sailing_at, outside)
    if m[STUCK]:
        return visits, True
    visits = block_kernel.empty_block(m, r, v, now.log, notes, now.rows,
                                      (plan.route_first, plan.route_step), segment.stations, first,
                                      begun, visits, stages, words[0])
    sweep.note_runs(before, boxes, now.scratch)
    _collect(now, m, slots, notes, table, tables)
    return int(visits), False


def _carried(
    now: Slice, member: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return at which stage each carried vehicle of the block begins, and who stands, in order.

    A vehicle aboard begins at the departure that it is still to leave.
    """
    plan, state = now.plan, now.state
    first = plan.route_first[state.route]
    length = plan.route_first[state.route + 1] - first
    inside = state.stage < length
    step = plan.route_step[np.where(inside, first + state.stage, 0)]
    station = np.where(inside, plan.step_station[step], -1)
    stages = np.where((station >= 0) & member[station], state.stage, -1)
    aboard = np.flatnonzero(state.status == Status.ABOARD)
    ship = np.searchsorted(plan.sailing_first, state.ship[aboard], side="right") - 1
    at_sea = now.fixed.stage_of[ship, state.route[aboard]].astype(np.int64)
    stages[aboard] = np.where(member[ship], at_sea, -1)
    since = state.arrived - np.where(inside, plan.step_transit[step], 0)
    rows = np.arange(stages.size)
    here = stages >= 0
    held = rows[here & (state.status == Status.HELD)]
    road = rows[here & (state.status == Status.ROAD)]
    ships = rows[here & (state.status == Status.ABOARD)]
    order = np.concatenate([
        held[np.lexsort((held, since[held]))],
        road[np.lexsort((road, state.leaves[road] >= 0,
                         np.maximum(state.leaves[road], since[road])))],
        ships[np.lexsort((state.joined[ships], state.ship[ships]))],
    ])
    return stages, order


def _most_visits(
    now: Slice, member: NDArray[np.bool_], stages: NDArray[np.int64],
    words: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> int:
    """Return how many visits the block's itineraries can have at most."""
    per_route = now.fixed.visits[:, member].sum(axis=1)
    rows = words[0] & ((1 << 22) - 1)
    routes = np.concatenate([now.rows[rows, 1] >> 40, now.state.route[stages >= 0]])
    return int(per_route[routes].sum()) + 1


def _slots(now: Slice, member: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the block's sailings that leave in the slice or are still open, by index."""
    plan = now.plan
    out = []
    for station in np.flatnonzero(member):
        low, high = int(plan.sailing_first[station]), int(plan.sailing_first[station + 1])
        begin, stop = np.searchsorted(plan.sailing_at[low:high], (now.start, now.end))
        out.append(np.arange(low + begin, low + stop))
        still = now.state.open_sailing
        out.append(still[(still >= low) & (still < high)])
    return np.unique(np.concatenate([*out, np.empty(0, np.int64)])).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Changes:
    """Who is on duty at the start, and what changes in the slice."""

    duty: NDArray[np.int64]
    pools: NDArray[np.int64]
    at: NDArray[np.int64]
    who: NDArray[np.int64]  # int64[n, 2]: station, or -1 - pool; servers


def _changes(now: Slice, member: NDArray[np.bool_]) -> _Changes:
    """Return the roster changes of a block, by time."""
    plan = now.plan
    at: list[int] = []
    who: list[tuple[int, int]] = []
    duty = np.zeros(member.size, np.int64)
    pools = np.zeros(len(plan.pool_names), np.int64)
    for out, first, when, many, pooled in (
        (duty, plan.roster_first, plan.roster_at, plan.roster_servers, False),
        (pools, plan.pool_first, plan.pool_at, plan.pool_servers, True),
    ):
        for one in range(out.size) if pooled else np.flatnonzero(member).tolist():
            low, high = int(first[one]), int(first[one + 1])
            begin = low + int(np.searchsorted(when[low:high], now.start))
            stop = max(low + int(np.searchsorted(when[low:high], now.end)), begin)
            out[one] = many[begin - 1] if begin > low else 0
            at += when[begin:stop].tolist()
            who += [(-1 - one if pooled else one, n) for n in many[begin:stop].tolist()]
    order = np.argsort(np.array(at, np.int64), kind="stable")
    return _Changes(duty, pools, np.array(at, np.int64)[order],
                    np.array(who, np.int64).reshape(-1, 2)[order])


def _events(
    now: Slice, at: NDArray[np.int64], slots: NDArray[np.int64], tables: BlockTables,
    member: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the calendar with the slice's capacity changes and sailings: sorted, so a heap."""
    plan = now.plan
    here = np.flatnonzero(member & (tables.extra_at >= now.start) & (tables.extra_at < now.end))
    sails = np.flatnonzero(plan.sailing_at[slots] >= now.start)
    return np.sort(np.concatenate([
        (at << 25) | (calendar.CAPACITY << 22) | np.arange(at.size),
        (tables.extra_at[here] << 25) | (calendar.CAPACITY << 22) | (at.size + here),
        (plan.sailing_at[slots[sails]] << 25) | (calendar.SAIL << 22) | sails,
    ]))


def _memory(
    now: Slice, segment: Segment, member: NDArray[np.bool_], slots: NDArray[np.int64],
    first: NDArray[np.int64], changes: _Changes, tables: BlockTables,
) -> NDArray[np.int64]:
    """Return the small tables of a block as they are before anything happens."""
    m = np.concatenate([now.fixed.small, np.zeros(SLOT * slots.size, np.int64)])
    m[START], m[END], m[CYCLIC], m[CHANGES] = (
        now.start, now.end, segment.cyclic, changes.at.size)
    m[SLOT_COUNT], m[KEY] = slots.size, np.uint64(now.key).astype(np.int64)
    stations = m[STATIONS : STATIONS + STATION * member.size].reshape(-1, STATION)
    stations[:, MEMBER] = member
    stations[~member, BUFFER] = UNLIMITED
    stations[:, SERVERS] = changes.duty
    stations[:, EXTRA_OPEN] = tables.extra_at < now.start
    stations[:, EXTRA_AT] = tables.extra_at
    stations[segment.stations, LOG_NEXT] = first[:-1]
    pools = m[POOLS : POOLS + POOL * changes.pools.size].reshape(-1, POOL)
    pools[:, POOL_SERVERS] = changes.pools
    inside = now.plan.station_pool[segment.stations]
    pools[:, POOL_LAST] = [max(segment.stations[inside == p], default=-1)
                           for p in range(changes.pools.size)]
    roads = m[ROADS : ROADS + ROAD_SIZE * len(now.plan.road_names)].reshape(-1, ROAD_SIZE)
    roads[:, RELEASED_AT] = tables.released_at
    schemes = m[SCHEMES : SCHEMES + SCHEME * len(now.plan.scheme_names)].reshape(-1, SCHEME)
    schemes[:, HOLD_ON] = tables.scheme_on
    _fill_slots(now, slots, m[SLOTS:].reshape(-1, SLOT))
    return m


def _fill_slots(now: Slice, slots: NDArray[np.int64], table: NDArray[np.int64]) -> None:
    """Fill in the ships of a block."""
    plan, state = now.plan, now.state
    station = np.searchsorted(plan.sailing_first, slots, side="right") - 1
    table[:, SAILING], table[:, SLOT_STATION] = slots, station
    table[:, SCHEDULED], table[:, CAPACITY_OF] = (
        plan.sailing_at[slots], plan.sailing_capacity[slots])
    table[:, S_HEAD] = table[:, S_TAIL] = table[:, S_LEFT] = -1
    table[:, S_LAST] = -NEVER
    for i in np.flatnonzero(plan.sailing_cancel[slots] > 0.0):
        u = uniform(now.key, int(plan.station_cancel_decision[station[i]]),
                    int(plan.sailing_at[slots[i]]))
        table[i, CANCELLED] = u < plan.sailing_cancel[slots[i]]
    target = plan.sailing_link[slots]
    place = np.minimum(np.searchsorted(slots, target), max(slots.size - 1, 0))
    known = target >= 0
    known[known] = slots[place[known]] == target[known]
    table[:, LINK] = np.where(known, place, -1)
    np.add.at(table[:, PENDING], place[known], 1)
    here = np.isin(state.open_sailing, slots)
    at = np.searchsorted(slots, state.open_sailing[here])
    table[at, S_OPEN] = 1
    table[at, S_LEFT], table[at, S_LAST] = state.open_left[here], state.open_last[here]


def _collect(
    now: Slice, m: NDArray[np.int64], slots: NDArray[np.int64], notes: NDArray[np.int64],
    stations: NDArray[np.int64], tables: BlockTables,
) -> None:
    """Add what a block has written to the tables of the slice."""
    notes = notes[: m[NOTES]]
    for kind, out, width in (
        (NOTE_OUTCOME, tables.outcomes, 3), (NOTE_GAVE_UP, tables.gave_up, 6),
        (NOTE_STOOD, tables.stood, 5), (NOTE_SCHEME, tables.schemes, 3),
        (NOTE_SAILING, tables.sailings, 5), (NOTE_KEPT, tables.kept, 10),
    ):
        out.append(notes[notes[:, 0] == kind, 1 : width + 1].T.copy())
    kept = tables.kept[-1]
    out_row = kept[1] < 0  # on their way out: at the end of their route
    route = now.rows[kept[0, out_row], 1] >> 40
    kept[1, out_row] = now.plan.route_first[route + 1] - now.plan.route_first[route]
    ships = m[SLOTS:].reshape(-1, SLOT)
    still = np.flatnonzero(ships[:, S_OPEN])
    tables.open_.append(np.stack([slots[still], ships[still, S_LEFT], ships[still, S_LAST]]))
    here = stations[:, MEMBER] == 1
    tables.extra_at[here] = stations[here, EXTRA_AT]
    roads = m[ROADS : ROADS + ROAD_SIZE * tables.released_at.size].reshape(-1, ROAD_SIZE)
    tables.released_at[:] = roads[:, RELEASED_AT]
    schemes = m[SCHEMES : SCHEMES + SCHEME * tables.scheme_on.size].reshape(-1, SCHEME)
    tables.scheme_on[:] = schemes[:, HOLD_ON]
    streams = m[STREAMS : STREAMS + STREAM * now.exited.size].reshape(-1, STREAM)
    now.exited[:] += streams[:, EXITED]
