"""Random networks run by us and by two other programs with the same arrivals and services.

Nothing is compared in the mean: every visit's instants of joining, start, end and leaving are whole
numbers and must be equal. Against SimPy: rosters that close and open, priorities by visit, steps
that are passed by, finite buffers with blocking after service, the road before a full station;
services are those that our run drew. Against Ciw: several servers, one priority a vehicle, finite
buffers with blocking. Its rosters are left out: there the servers of a new shift come while those
of the old one finish, so that more are at work than are on duty.

Ciw has no ways between stations and ours take a tick at least. There every entry and service is a
multiple of `CELL` ticks, and instants are compared in cells: the ticks on the way never add up
to one.

Ties: at one instant our order is (time, phase, vehicle), theirs that of insertion, or drawn.
Instants are random numbers of millions, so ties are rare; a network is set aside and counted, and
another takes its place, where two entries, joinings, ends of service or changes of servers share an
instant. Against Ciw, where nothing else happens by itself: where two entries or ends share a cell.
It is also set aside where someone is still inside at the end.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from straits.analysis.differential_programs import (
    Call,
    Line,
    Times,
    Trip,
    ciw_times,
    simpy_times,
)
from straits.analysis.traffic_rows import TrafficRow, verdict
from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.base.names import decision_id
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.rng import Seed, uniform
from straits.engine.run import Engine, run_slice
from straits.plan.simple import Service, Station, Visit, network
from straits.tables.vehicles import (
    UNLIMITED,
    Arrivals,
    VehicleLog,
    VehiclePlan,
    VehicleState,
    pack_vehicle_id,
)

__all__ = ["CELL", "Compared", "against_ciw", "against_simpy", "program_rows"]

CELL: Final = 4096  # ticks
CELLS_END: Final = 1 << 25  # by then every vehicle has left
DAYS: Final = 3  # demand comes on the first
SET_ASIDE: Final = 3  # networks drawn for each one compared, at most

_CHOICE = decision_id("differential.network")
_Option = TypeVar("_Option")


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of one network in two programs."""

    visits: int
    mismatches: int
    tied: bool  # set aside: two decisions at one instant


class _Dice:
    """The choices that make a network: draws of one entity, numbered as they are asked for."""

    def __init__(self, seed: int, number: int) -> None:
        self.key, self.number, self.ordinal = Seed(seed).key, number, 0

    def share(self) -> float:
        """Return a number in (0, 1)."""
        self.ordinal += 1
        return uniform(self.key, _CHOICE, self.number, self.ordinal)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self.share() * (high - low + 1))

    def pick(self, options: Sequence[_Option]) -> _Option:
        """Return one of the options."""
        return options[self.whole(0, len(options) - 1)]


def program_rows(networks: int = 40, seed: int = 1, engine: Engine = "auto") -> list[TrafficRow]:
    """Return how many visits differ from SimPy and from Ciw: none is accepted.

    Parameters
    ----------
    networks : int
        Random networks compared with each program.
    seed : int
    engine : {"auto", "calendar", "reference"}
    """
    return [
        _row("SimPy", "simpy", networks, lambda k: against_simpy(
            _random_plan(_Dice(seed, k)), Seed(seed, k).key, engine)),
        _row("Ciw", "ciw", networks, lambda k: against_ciw(*_random_trips(_Dice(seed, k)), engine)),
    ]


def _row(name: str, package: str, networks: int, compare: Callable[[int], Compared]) -> TrafficRow:
    """Return the row of one program; a skipped one where it is not installed."""
    case, what = f"random networks, {name}", "visits with another wait, service or blocked time"
    if importlib.util.find_spec(package) is None:
        return TrafficRow("program", case, what, "visits", None, float("nan"), float("nan"),
                          float("nan"), None, "skipped", f"install the package {package}")
    compared = visits = wrong = tied = 0
    first = -1
    for number in range(SET_ASIDE * networks):
        one = compare(number)
        if one.tied:
            tied += 1
            continue
        compared, visits, wrong = compared + 1, visits + one.visits, wrong + one.mismatches
        first = number if one.mismatches and first < 0 else first
        if compared == networks:
            break
    note = f"{compared} networks, {visits:,} visits, {tied} networks set aside for ties"
    note += f"; first difference in network {first}" if first >= 0 else ""
    band, value = (0.0, 0.0), float(wrong)
    return TrafficRow("program", case, what, "visits", 0.0, value, value, value, band,
                      verdict("program", value, band if compared else None), note)


def _times(log: VehicleLog, unit: int = 1) -> Times:
    """Return the instants of every visit of a log, rounded down to multiples of `unit` ticks."""
    joined = log.arrived + log.held
    started = joined + log.waiting
    over = started + log.service
    table = np.stack([joined, started, over, over + log.blocked], 1) // unit
    return {(int(v), int(s)): (int(a), int(b), int(c), int(d))
            for v, s, (a, b, c, d) in zip(log.vehicle, log.station, table, strict=True)}


def _differ(ours: Times, theirs: Times) -> int:
    """Return how many visits differ or are only in one of the two."""
    return sum(ours.get(key) != theirs.get(key) for key in {*ours, *theirs})


# ---- SimPy


def against_simpy(plan: VehiclePlan, key: int, engine: Engine = "auto") -> Compared:
    """Return the comparison of a plan's first day with SimPy, run on until all have left.

    The plan may have rosters, buffers in vehicles, priorities and steps that are passed by; a
    route visits a station once at most, and the last roster serves all.
    """
    new = arrivals(plan, key, day_factors(plan, key), 0, 24 * plan.days)
    log, _ = run_slice(plan, key, VehicleState.empty(plan), new, start=0, end=DAYS * DAY_TICKS,
                       engine=engine)
    ours = _times(log)
    joins = log.arrived + log.held
    ends = joins + log.waiting + log.service
    changes = plan.roster_at[plan.roster_at > 0]
    if log.inside.any() or _tied(new.at, joins, ends, changes):
        return Compared(0, 0, tied=True)
    theirs = simpy_times(_lines(plan), _trips(plan, new, ours))
    return Compared(len(ours), _differ(ours, theirs), tied=False)


def _tied(*instants: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> bool:
    """Say whether two of these instants are the same."""
    together = np.concatenate(instants)
    return bool(np.unique(together).size < together.size)


def _lines(plan: VehiclePlan) -> list[Line]:
    """Return the stations of a plan."""
    lines = []
    for station, room in enumerate(plan.station_buffer):
        rows = slice(plan.roster_first[station], plan.roster_first[station + 1])
        roster = zip(plan.roster_at[rows].tolist(), plan.roster_servers[rows].tolist(), strict=True)
        lines.append(Line(tuple(roster), None if room == UNLIMITED else int(room)))
    return lines


def _trips(plan: VehiclePlan, new: Arrivals, ours: Times) -> list[Trip]:
    """Return the vehicles with the steps that they took and the services that they drew."""
    trips = []
    for vehicle, at, stream in zip(new.vehicle, new.at, new.stream, strict=True):
        route = int(plan.route_of[0, stream])
        steps = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
        calls = []
        for step in steps:
            seen = ours.get((int(vehicle), int(plan.step_station[step])))
            if seen is not None:
                calls.append(Call(int(plan.step_station[step]), int(plan.step_transit[step]),
                                  seen[2] - seen[1], int(plan.step_priority[step])))
        trips.append(Trip(int(vehicle), int(at), tuple(calls)))
    return trips


def _random_plan(dice: _Dice) -> VehiclePlan:
    """Return a network of two to five stations in a chain, and one to three routes through it."""
    stations = []
    count = dice.whole(2, 5)
    for k in range(count):
        roster = _random_roster(dice)
        room = dice.whole(1, 6) if dice.share() < 0.6 else None
        stations.append(Station(f"s{k}", roster, buffer=room))
    routes: list[list[Visit]] = []
    for _ in range(dice.whole(1, 3)):
        places = [k for k in range(count) if dice.share() < 0.75] or [dice.whole(0, count - 1)]
        routes.append([_random_visit(dice, k) for k in places])
    rates = np.zeros((1, 24, len(routes)))
    rates[0, :18] = np.array([[dice.whole(4, 20) for _ in routes] for _ in range(18)])
    return network(stations, routes, rates)


def _random_roster(dice: _Dice) -> list[tuple[float, int]]:
    """Return a roster that closes any number of servers at once, but opens one at a time.

    Two that open at one instant let two vehicles on at one instant: a tie.
    """
    roster = [(0.0, dice.whole(1, 3))]
    for hour in range(1, 21):
        if dice.share() < 0.3:
            number = dice.pick((roster[-1][1] + 1, dice.whole(0, roster[-1][1])))
            roster.append((3600.0 * (hour + dice.share()), min(number, 4)))
    for hour in (22, 23):  # who is left is served
        if roster[-1][1] < 2:
            roster.append((3600.0 * (hour + dice.share()), roster[-1][1] + 1))
    return roster


def _random_visit(dice: _Dice, station: int) -> Visit:
    service = Service(60.0 * dice.whole(1, 9), dice.pick((0.5, 1.0)),
                      dice.pick(("lognormal", "exponential")))
    return Visit(station, service, 200.0 * dice.share(), priority=dice.whole(0, 2),
                 share=dice.pick((1.0, 1.0, 0.6)))


# ---- Ciw


def against_ciw(lines: Sequence[Line], trips: Sequence[Trip], engine: Engine = "auto") -> Compared:
    """Return the comparison of trips with Ciw; all their times are in cells of `CELL` ticks.

    At most 256 trips, one stream each, whose ways take no cell; a trip begins at a station with
    any number of places, has one priority, and visits a station once at most.
    """
    stations = [Station(f"s{k}", line.roster, buffer=line.buffer) for k, line in enumerate(lines)]
    cell_s = CELL / 1024.0
    routes = [[Visit(call.station, Service(call.service * cell_s, 0.0, "constant"),
                     priority=call.priority) for call in trip.calls] for trip in trips]
    plan = network(stations, routes, np.zeros((1, 24, len(trips))))
    at = np.array([trip.entry * CELL for trip in trips], np.int64)
    names = np.array([pack_vehicle_id(k, int(instant) // HOUR_TICKS, 0)
                      for k, instant in enumerate(at)], np.int64)
    order = np.argsort(names)
    new = Arrivals(names[order], at[order], np.ones(at.size, np.int64), order.astype(np.int64))
    key = Seed(0).key  # nothing is drawn
    log, _ = run_slice(plan, key, VehicleState.empty(plan), new, start=0, end=CELLS_END * CELL,
                       engine=engine)
    ours = _times(log, CELL)
    ends = np.array([one[2] for one in ours.values()], np.int64)
    if log.inside.any() or _tied(at // CELL, ends):
        return Compared(0, 0, tied=True)
    named = [Trip(int(name), trip.entry, trip.calls)
             for name, trip in zip(names, trips, strict=True)]
    return Compared(len(ours), _differ(ours, ciw_times(lines, named, CELLS_END)), tied=False)


def _random_trips(dice: _Dice) -> tuple[list[Line], list[Trip]]:
    """Return two to four stations and a hundred vehicles or so, in cells."""
    count, vehicles, mean = dice.whole(2, 4), dice.whole(60, 120), 100_000
    lines = [Line(((0, dice.whole(1, 3)),), dice.whole(1, 4) if k and dice.share() < 0.7 else None)
             for k in range(count)]
    span = int(vehicles * mean / lines[0].most / (0.6 + 0.5 * dice.share()))
    ranks = dice.whole(1, 3)
    trips = []
    for k in range(vehicles):
        rank = dice.whole(1, ranks)
        places = [0, *(s for s in range(1, count) if dice.share() < 0.7)]
        calls = tuple(Call(s, 0, dice.whole(mean // 10, 2 * mean) * lines[s].most // lines[0].most,
                           rank) for s in places)
        trips.append(Trip(k, dice.whole(1, span), calls))
    return lines, trips
