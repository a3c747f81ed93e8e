"""What the plain engine keeps while it runs one slice, and what it draws and writes down."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS, SECOND_TICKS
from straits.base.errors import NumericalError
from straits.base.names import decision_id
from straits.engine.rng import uniform
from straits.engine.variates import look_up
from straits.tables.vehicles import (
    DEPARTURE,
    NEVER,
    ROUNDS,
    UNLIMITED,
    Status,
    VehiclePlan,
    VehicleState,
)

__all__ = ["LOAD", "Run", "Tables", "new_run", "next_place", "service_ticks", "tables"]

Columns: TypeAlias = tuple[NDArray[np.int64], ...]

CAPACITY, FINISH, UNLOAD, ENTER, JOIN, RENEGE, RELEASE, SAIL = range(8)
LOAD: Final = decision_id("vehicle.load")


@dataclass(frozen=True, slots=True)
class Tables:
    """What a slice leaves behind, as columns: see ``VehicleLog``."""

    visits: Columns
    sailings: Columns
    outcomes: Columns  # row, kind, instant
    gave_up: Columns  # row, station, arrived, joined, instant, kind
    stood: Columns  # row, road, since, released, until
    schemes: Columns
    rows: VehicleState
    out: NDArray[np.bool_]


@dataclass(slots=True)
class Run:
    """The mutable state of one slice [start, end)."""

    plan: VehiclePlan
    key: int
    rows: VehicleState
    start: int
    end: int
    out: list[bool]
    servers: list[int]
    busy: list[int]
    blocked: list[int]
    used: list[int]  # room taken in each buffer [vehicles or dm]
    queues: list[list[tuple[int, int, int]]]  # rank, joined, row
    asking: list[list[tuple[int, int, int]]]  # instant, kind, row: who wants room at a station
    queue_dm: list[int]
    extra_open: list[bool]
    pool_members: list[list[int]]
    pool_servers: list[int]
    pool_busy: list[int]
    roads: list[list[int]]
    road_dm: list[int]
    holding: list[list[int]]
    release_set: list[bool]
    careful: list[bool]  # departures whose ships may have to wait for room ashore
    pending: dict[int, int]  # ships whose berth a sailing waits for
    leave_at: list[int]  # when patience ends, -1 for never
    begun: list[int]  # order in which services began; -1 for before the slice
    calendar: list[tuple[int, int, int]] = field(default_factory=list)
    dirty: set[int] = field(default_factory=set)  # stations at which something got free
    waiting_rows: dict[int, list[int]] = field(default_factory=dict)
    ships: dict[int, list[int]] = field(default_factory=dict)
    left_at: dict[int, int] = field(default_factory=dict)
    last_off: dict[int, int] = field(default_factory=dict)
    visits: list[tuple[int, ...]] = field(default_factory=list)
    sailings: list[tuple[int, ...]] = field(default_factory=list)
    outcomes: list[tuple[int, ...]] = field(default_factory=list)
    gave_up: list[tuple[int, ...]] = field(default_factory=list)
    stood: list[tuple[int, ...]] = field(default_factory=list)
    schemes: list[tuple[int, ...]] = field(default_factory=list)
    counter: int = 0

    def push(self, at: int, phase: int, who: int) -> None:
        """Put an event into the calendar."""
        heapq.heappush(self.calendar, (int(at), phase, who))

    def count(self) -> int:
        """Return the next number of a service that begins."""
        self.counter += 1
        return self.counter

    def step(self, row: int) -> int:
        """Return the step at which a vehicle stands."""
        return self.step_at(row, int(self.rows.stage[row]))

    def step_at(self, row: int, stage: int) -> int:
        """Return the step of a stage of a vehicle's route, -1 on the way out."""
        route = int(self.rows.route[row])
        first, last = int(self.plan.route_first[route]), int(self.plan.route_first[route + 1])
        return int(self.plan.route_step[first + stage]) if first + stage < last else -1

    def station(self, row: int) -> int:
        """Return the station at which a vehicle stands or to which it goes, -1 on its way out."""
        step = self.step(row)
        return int(self.plan.step_station[step]) if step >= 0 else -1

    def target(self, row: int) -> int:
        """Return the station to which a served vehicle goes next, -1 for out."""
        stage, _ = next_place(self, row, int(self.rows.stage[row]), int(self.rows.rounds[row]))
        step = self.step_at(row, stage)
        return int(self.plan.step_station[step]) if step >= 0 else -1

    def transit(self, row: int) -> int:
        """Return the time to a vehicle's station [ticks]; none on the way out."""
        step = self.step(row)
        return int(self.plan.step_transit[step]) if step >= 0 else 0

    def kind(self, row: int) -> int:
        """Return a vehicle's class."""
        return int(self.plan.stream_class[(int(self.rows.vehicle[row]) >> 24) & 255])

    def spacing(self, row: int) -> int:
        """Return the road that a standing vehicle takes [dm]."""
        return int(self.plan.class_spacing_dm[self.kind(row)])

    def need(self, row: int, station: int) -> int:
        """Return the room that a vehicle takes in a buffer [vehicles or dm]."""
        return self.spacing(row) if self.plan.station_buffer_dm[station] else 1

    def has_room(self, row: int, station: int) -> bool:
        """Say whether a station's buffer has room for a vehicle."""
        room = int(self.plan.station_buffer[station])
        return room == UNLIMITED or self.used[station] + self.need(row, station) <= room

    def on_duty(self, station: int) -> int:
        """Return the servers on duty, those called by a rule included."""
        extra = int(self.plan.station_extra[station]) if self.extra_open[station] else 0
        return self.servers[station] + extra

    def can_start(self, station: int) -> bool:
        """Say whether a service could start at once."""
        if self.plan.station_kind[station] == DEPARTURE:
            return False
        pool = int(self.plan.station_pool[station])
        free = pool < 0 or self.pool_busy[pool] < self.pool_servers[pool]
        return free and self.busy[station] < self.on_duty(station)

    def take_pool(self, station: int, number: int) -> None:
        """Take servers from the pool that a station shares, if any."""
        if self.plan.station_pool[station] >= 0:
            self.pool_busy[self.plan.station_pool[station]] += number

    def road(self, row: int) -> int:
        """Return a vehicle's approach, -1 for none with a name."""
        return int(self.plan.road_of_stream[self.rows.stream[row]])

    def since(self, row: int) -> int:
        """Return when a vehicle on the road or held reached its approach."""
        return int(self.rows.arrived[row]) - self.transit(row)

    def holds(self, row: int, road: int, at: int) -> bool:
        """Say whether a holding scheme takes a vehicle that reaches its approach."""
        plan, scheme = self.plan, int(self.plan.road_scheme[road])
        if (scheme < 0 or not self.rows.scheme_on[scheme]
                or not plan.scheme_from[scheme] <= at < plan.scheme_to[scheme]
                or not plan.scheme_class[scheme, self.kind(row)]):
            return False
        held = sum(len(self.holding[r]) for r in np.flatnonzero(plan.road_scheme == scheme))
        if held >= plan.scheme_phase_veh[plan.scheme_phase_first[scheme + 1] - 1]:
            return False
        share = plan.scheme_compliance[scheme]
        decision = int(plan.scheme_comply_decision[scheme])
        return bool(share >= 1.0 or self.draw(decision, row) < share)

    def starts_scheme(self, road: int, now: int) -> bool:
        """Say whether the queue on a road starts its holding scheme."""
        scheme = int(self.plan.road_scheme[road])
        return bool(
            scheme >= 0 and not self.rows.scheme_on[scheme]
            and self.plan.scheme_from[scheme] <= now < self.plan.scheme_to[scheme]
            and self.road_dm[road] >= self.plan.scheme_on_dm[scheme])

    def uniform(self, decision: int, entity: int, ordinal: int = 0) -> float:
        """Return a draw of this row [U(0, 1)]."""
        return uniform(self.key, decision, entity, ordinal)

    def draw(self, decision: int, row: int) -> float:
        """Return a vehicle's uniform number for a decision, in the round in which it is."""
        vehicle, ordinal = int(self.rows.vehicle[row]), int(self.rows.rounds[row])
        return self.uniform(decision, vehicle, ordinal)

    def log_visit(self, row: int, blocked: int) -> None:
        """Write down a visit that ends."""
        rows = self.rows
        arrived, joined = int(rows.arrived[row]), int(rows.joined[row])
        started, over = int(rows.started[row]), int(rows.leaves[row])
        held, waiting = joined - arrived, started - joined
        self.visits.append((row, self.station(row), arrived, waiting, over - started, blocked, held,
                            held + waiting + blocked, self.begun[row]))

    def log_departure(self, row: int, station: int, at: int) -> None:
        """Write down that a vehicle leaves on a sailing."""
        plan, rows = self.plan, self.rows
        first, last = int(plan.sailing_first[station]), int(plan.sailing_first[station + 1])
        joined, held = int(rows.joined[row]), int(rows.joined[row] - rows.arrived[row])
        in_time = first + int(np.searchsorted(
            plan.sailing_at[first:last], joined + plan.station_cut_off[station]))
        # A late ship may take those who came after the timetable's instant: they missed nothing.
        missed = max(at - int(plan.sailing_at[in_time]), 0) if in_time < last else 0
        self.visits.append((row, station, int(rows.arrived[row]), at - joined, 0, 0, held,
                            held + missed, self.count()))

    def log_stood(self, row: int, until: int) -> None:
        """Write down that a vehicle has stood on its approach."""
        self.stood.append((row, self.road(row), self.since(row), int(self.rows.leaves[row]), until))

    def refuse_deadlock(self, station: int, at: int) -> None:
        """Refuse a circle of stations whose servers all wait for each other's room.

        Raises
        ------
        NumericalError
            Naming the stations of the circle, and when the last of them was blocked.
        """
        stuck = {
            s for s in range(len(self.busy))
            if 0 < self.busy[s] == self.blocked[s] and self.busy[s] >= self.on_duty(s) > 0
        }
        waits: dict[int, set[int]] = {s: set() for s in stuck}
        for target, asking in enumerate(self.asking):
            for _, _, row in asking:
                here = self.station(row)
                if self.rows.status[row] == Status.BLOCKED and here in waits:
                    waits[here].add(target)
        while True:
            able = {s for s in stuck if not waits[s] <= stuck}
            if not able:
                break
            stuck -= able
        if station in stuck:
            names = self.plan.station_names
            circle = [station]
            while min(waits[circle[-1]]) not in circle:
                circle.append(min(waits[circle[-1]]))
            circle = circle[circle.index(min(waits[circle[-1]])):]
            minute = at // (60 * SECOND_TICKS) % (24 * 60)
            raise NumericalError(
                f"deadlock on day {at // DAY_TICKS} of the plan at {minute // 60:02}:"
                f"{minute % 60:02} UTC: every server waits for room at the next station: "
                + " -> ".join(names[s] for s in [*circle, circle[0]])
                + ". Give one of them a larger buffer, or send a smaller share back")


def new_run(plan: VehiclePlan, key: int, rows: VehicleState, span: tuple[int, int]) -> Run:
    """Return the state in which a slice begins, without its vehicles."""
    start, end = span
    stations, size, roads = len(plan.station_names), rows.vehicle.size, len(plan.road_names)
    zero = [0] * stations
    run = Run(
        plan, key, rows, start, end, [False] * size, zero.copy(), zero.copy(), zero.copy(),
        zero.copy(), [[] for _ in zero], [[] for _ in zero], zero.copy(),
        [bool(at < start) for at in rows.extra_at],
        [np.flatnonzero(plan.station_pool == p).tolist() for p in range(len(plan.pool_names))],
        [0] * len(plan.pool_names), [0] * len(plan.pool_names),
        [[] for _ in range(roads)], [0] * roads, [[] for _ in range(roads)], [False] * roads,
        plan.station_careful.tolist(), {}, [-1] * size, [-1] * size)
    run.waiting_rows = {status: [] for status in Status}
    _schedule(run, plan.roster_first, plan.roster_at, plan.roster_servers, run.servers, 0)
    _schedule(run, plan.pool_first, plan.pool_at, plan.pool_servers, run.pool_servers,
              plan.roster_at.size)
    for station, at in enumerate(rows.extra_at):
        if start <= at < end:
            run.push(int(at), CAPACITY, plan.roster_at.size + plan.pool_at.size + station)
    for sailing, left, last in zip(rows.open_sailing, rows.open_left, rows.open_last, strict=True):
        run.ships[int(sailing)] = []
        run.left_at[int(sailing)], run.last_off[int(sailing)] = int(left), int(last)
    run.pending = dict.fromkeys(range(plan.sailing_at.size), 0)
    for sailing in np.flatnonzero(plan.sailing_link >= 0):
        if plan.sailing_at[sailing] >= start or int(sailing) in run.ships:
            run.pending[int(plan.sailing_link[sailing])] += 1
    for sailing in np.flatnonzero((plan.sailing_at >= start) & (plan.sailing_at < end)):
        run.push(int(plan.sailing_at[sailing]), SAIL, int(sailing))
    return run


def _schedule(
    run: Run, first: NDArray[np.int64], at: NDArray[np.int64], number: NDArray[np.int64],
    on_duty: list[int], offset: int,
) -> None:
    """Set the number on duty at the start, and put the changes of the slice into the calendar."""
    for one in range(first.size - 1):
        for k in range(int(first[one]), int(first[one + 1])):
            if at[k] < run.start:
                on_duty[one] = int(number[k])
            elif at[k] < run.end:
                run.push(int(at[k]), CAPACITY, offset + k)


def next_place(run: Run, row: int, stage: int, rounds: int) -> tuple[int, int]:
    """Return the stage to which a vehicle goes after `stage`, and how often it was sent back.

    A step may send it back; a search that does not select it is passed by.
    """
    plan, rows = run.plan, run.rows
    vehicle = int(rows.vehicle[row])
    if stage >= 0:
        step = run.step_at(row, stage)
        again = plan.step_again[step]
        if again > 0.0 and rounds < ROUNDS and run.uniform(
                int(plan.step_again_decision[step]), vehicle, rounds) < again:
            stage -= int(plan.step_back[step]) + 1
            rounds += 1
        elif again > 0.0:
            rounds = 0  # draws further on are those of a vehicle that was never sent back
    while True:
        stage += 1
        step = run.step_at(row, stage)
        if step < 0:
            return stage, rounds
        if plan.step_alarm[step] == 2 and not rows.alarm[row]:
            continue
        share = plan.step_share_aboard[step] if rows.aboard[row] else plan.step_share[step]
        decision = int(plan.step_select_decision[step])
        if share >= 1.0 or run.uniform(decision, vehicle, rounds) < share:
            return stage, rounds


def service_ticks(run: Run, row: int) -> int:
    """Draw a vehicle's service time [ticks], and what a search or an alarm adds to it."""
    plan, rows, step = run.plan, run.rows, run.step(row)
    u = run.draw(int(plan.step_decision[step]), row)
    mean = plan.step_base[step] + plan.step_per_occupant[step] * rows.occupants[row]
    length = max(int(mean * look_up(plan.quantiles[plan.step_table[step]], u) + 0.5), 1)
    alarm = int(plan.step_alarm[step])
    rows.alarm[row] = rows.alarm[row] if alarm != 2 else 0
    if rows.aboard[row] and plan.step_sensitivity[step] > 0.0:
        chance = plan.step_sensitivity[step] * plan.step_load[step, _load_type(run, row)]
        if run.draw(int(plan.step_find_decision[step]), row) < chance:
            if alarm == 1:
                rows.alarm[row] = 1
            else:
                rows.found[row] = 1
                length += int(plan.step_find_ticks[step])
    elif (alarm == 1 and not rows.aboard[row] and plan.step_false_alarm[step] > 0.0
          and run.draw(int(plan.step_alarm_decision[step]), row) < plan.step_false_alarm[step]):
        rows.alarm[row] = 1
    return length


def _load_type(run: Run, row: int) -> int:
    """Return a vehicle's type of load, one draw for all techniques."""
    cdf = run.plan.load_cdf[run.kind(row)]
    if cdf.size == 1:
        return 0
    return int(np.count_nonzero(run.uniform(LOAD, int(run.rows.vehicle[row])) >= cdf[:-1]))


def tables(run: Run) -> Tables:
    """Return what the slice leaves behind, visits in the log's written order.

    By station; first those that began before the slice, by the instant of leaving; then the
    others as they began. A row becomes the vehicle's id.
    """

    def place(visit: tuple[int, ...]) -> tuple[int, ...]:
        row, station, arrived, waiting, service, blocked, held, _, begun = visit
        if begun < 0:
            return (station, 0, arrived + held + waiting + service + blocked, row)
        return (station, 1, begun)

    ordered = [(int(run.rows.vehicle[v[0]]), *v[1:8]) for v in sorted(run.visits, key=place)]
    rows = run.rows
    waits = sorted(run.ships)
    state = replace(
        rows, open_sailing=np.array(waits, np.int64),
        open_left=np.array([run.left_at[s] for s in waits], np.int64),
        open_last=np.array([run.last_off.get(s, -NEVER) for s in waits], np.int64))
    return Tables(
        _columns(ordered, 8), _columns(run.sailings, 5), _columns(run.outcomes, 3),
        _columns(run.gave_up, 6), _columns(run.stood, 5), _columns(run.schemes, 3), state,
        np.array(run.out, bool))


def _columns(records: Sequence[tuple[int, ...]], width: int) -> Columns:
    """Turn records into columns."""
    table = np.array(records, np.int64).reshape(len(records), width)
    return tuple(np.ascontiguousarray(table[:, k]) for k in range(width))
