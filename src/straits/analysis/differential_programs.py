"""The same vehicles through two other simulation programs, SimPy and Ciw.

Each gets the instants of entry, the routes and every service time as whole numbers below 2^53, and
says when each visit joined, was started, was over and left. Nothing is drawn, so whatever the two
programs and ours decide alike must come out equal to the last unit. Both are imported when called;
words that are theirs and not ours are looked up by name.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Call", "Line", "Times", "Trip", "ciw_times", "simpy_times"]

# By vehicle and station: joined, service started, service over, left.
Times: TypeAlias = dict[tuple[int, int], tuple[int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """A station: changes of its servers as (instant, servers on duty), and its waiting places."""

    roster: tuple[tuple[int, int], ...]
    buffer: int | None = None

    @property
    def most(self) -> int:
        """The most servers ever on duty."""
        return max(number for _, number in self.roster)


@dataclass(frozen=True, slots=True)
class Call:
    """One visit of a trip: where, how long the way there and the service are, which rank."""

    station: int
    transit: int
    service: int
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """A vehicle: when it enters and where it is served."""

    vehicle: int
    entry: int
    calls: tuple[Call, ...]


# ---- SimPy


@dataclass(frozen=True, slots=True)
class _Place:
    """A station in SimPy: its servers by priority, and its waiting places, first come first."""

    servers: Any
    room: Any  # None for any number


def simpy_times(lines: Sequence[Line], trips: Sequence[Trip]) -> Times:
    """Return what SimPy makes of the trips.

    A vehicle asks for a place at its next station while it keeps its server (blocking after
    service), and gives the place back when its service there starts. Servers off duty are held
    by requests that go before all vehicles: who is in service is not interrupted.
    """
    simpy = importlib.import_module("simpy")
    by_rank, plain = vars(simpy)["PriorityResource"], vars(simpy)["Resource"]
    env = simpy.Environment(initial_time=0)
    places = [
        _Place(by_rank(env, line.most), None if line.buffer is None else plain(env, line.buffer))
        for line in lines
    ]
    for line, place in zip(lines, places, strict=True):
        env.process(_duty(env, line, place.servers))
    out: Times = {}
    for trip in trips:
        env.process(_drive(env, trip, places, out))
    env.run()
    return out


def _duty(env: Any, line: Line, servers: Any) -> Iterator[Any]:
    """Hold as many servers as are off duty; one that is closing finishes its vehicle first."""
    held: list[Any] = []
    for at, number in line.roster:
        if at > env.now:
            yield env.timeout(at - env.now)
        while len(held) < line.most - number:
            held.append(servers.request(priority=-1))
        while len(held) > line.most - number:
            closing = [one for one in held if not one.triggered]
            one = closing[0] if closing else held[0]
            held.remove(one)
            if closing:
                one.cancel()
            else:
                servers.release(one)


def _drive(env: Any, trip: Trip, places: Sequence[_Place], out: Times) -> Iterator[Any]:
    """Take one vehicle along its route."""
    yield env.timeout(trip.entry)
    server: Any = None
    seen, station = (0, 0, 0), -1
    for call in trip.calls:
        here, room = places[call.station], None
        if here.room is not None:
            room = here.room.request()
            yield room
        if server is not None:
            out[trip.vehicle, station] = (*seen, env.now)
            places[station].servers.release(server)
        station = call.station
        yield env.timeout(call.transit)
        joined = env.now
        server = here.servers.request(priority=call.priority)
        yield server
        started = env.now
        if room is not None:
            here.room.release(room)
        yield env.timeout(call.service)
        seen = (joined, started, env.now)
    if server is not None:
        out[trip.vehicle, station] = (*seen, env.now)
        places[station].servers.release(server)


# ---- Ciw


def ciw_times(lines: Sequence[Line], trips: Sequence[Trip], end: int) -> Times:
    """Return what Ciw makes of the trips until `end`; it has no ways, and its rosters are constant.

    A rank of priority is a class of its own, so a vehicle has one rank everywhere. A vehicle
    that reaches a full station from outside would be lost, so the first station of every trip
    has places for all.
    """
    ciw = importlib.import_module("ciw")
    ordered = sorted(trips, key=lambda trip: trip.entry)  # individuals are numbered as they come
    ranks = sorted({trip.calls[0].priority for trip in trips})
    services = [{call.station: float(call.service) for call in trip.calls} for trip in ordered]

    def served(station: int) -> Any:
        def sample(_: Any, t: float | None = None, ind: Any = None) -> float:
            return services[int(ind.id_number) - 1][station]

        return type("Given", (ciw.dists.Distribution,), {"sample": sample})()

    def onward(ind: Any, _: Any) -> list[int]:
        return [call.station + 1 for call in ordered[ind.id_number - 1].calls[1:]]

    each = range(len(lines))
    described = ciw.create_network(
        arrival_distributions={
            f"rank {rank}": [_coming(ciw, ordered, rank, station) for station in each]
            for rank in ranks},
        service_distributions={f"rank {rank}": [served(s) for s in each] for rank in ranks},
        number_of_servers=[line.roster[0][1] for line in lines],
        queue_capacities=[math.inf if line.buffer is None else line.buffer for line in lines],
        priority_classes={f"rank {rank}": k for k, rank in enumerate(ranks)},
        routing={f"rank {rank}": ciw.routing.ProcessBased(onward) for rank in ranks},
    )
    simulation = ciw.Simulation(described)
    simulation.simulate_until_max_time(float(end))
    out: Times = {}
    for record in simulation.get_all_records():
        row = record._asdict()
        number = _whole(row)
        out[ordered[row["id_number"] - 1].vehicle, row["node"] - 1] = (
            number("arrival_date"), number("service_start_date"), number("service_end_date"),
            number("exit_date"))
    return out


def _coming(ciw: Any, ordered: Sequence[Trip], rank: int, station: int) -> Any:
    """Return the gaps between those of a rank who enter at a station; None for nobody."""
    at = [float(trip.entry) for trip in ordered
          if trip.calls[0].priority == rank and trip.calls[0].station == station]
    if not at:
        return None
    gaps = [b - a for a, b in zip([0.0, *at[:-1]], at, strict=True)]
    return ciw.dists.Sequential([*gaps, math.inf])


def _whole(row: dict[str, Any]) -> Callable[[str], int]:
    """Return how to read a column as a whole number, -1 where it is not one."""

    def number(name: str) -> int:
        value = float(row[name])
        return int(value) if value.is_integer() else -1

    return number
