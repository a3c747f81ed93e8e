"""Which stations run one after another, and which must share a calendar of events.

A station whose servers ask nobody is swept. Stations that can stop each other form a *block* and
run in one event loop: a buffer that can fill couples a station to all from which vehicles come to
it; so do shared servers, referrals back, ships that may have to wait, roads with several ends. What
needs the calendar but asks nobody else, such as priorities, is a block of one station.

A buffer that a slice does not fill has no effect. So each slice is first swept as if the buffers
that only booths feed were without limit, and run again with them if one would have filled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import NumericalError
from straits.tables.vehicles import DEPARTURE, UNLIMITED, VehiclePlan

__all__ = ["Layout", "Segment", "layout", "refuse_unclear_returns"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Stations that run together: swept in this order, or a block of the calendar."""

    stations: NDArray[np.int64]
    block: bool
    cyclic: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How a network runs: `tried` first, `exact` when a buffer would have filled.

    Attributes
    ----------
    tried, exact : tuple of Segment
        In the order in which they run. They are equal where no buffer is left to chance.
    left_to_chance : bool[station]
        Stations whose buffer `tried` does not hold.
    near : bool[station]
        Those, and all at which vehicles may stand because of them. Who stands there, or at a
        station that `tried` sweeps, can only be run by `exact`.
    margin : int64[station]
        The longest way to a station [ticks].
    chancy : bool
        Whether there is a station whose buffer is left to chance.
    """

    tried: tuple[Segment, ...]
    exact: tuple[Segment, ...]
    left_to_chance: NDArray[np.bool_]
    near: NDArray[np.bool_]
    margin: NDArray[np.int64]
    chancy: bool


def layout(plan: VehiclePlan) -> Layout:
    """Return how a plan's network is run.

    Raises
    ------
    NumericalError
        If a step that sends vehicles back can be passed by, or such stretches overlap: how often
        a vehicle was sent back would then be unknown to what lies behind.
    """
    refuse_unclear_returns(plan)
    slow, edges, finite = plan.station_careful, _edges(plan), plan.station_buffer != UNLIMITED
    base = _Coupling(plan, edges)
    base.always(slow)
    fed_by_ships = {b for a, b in edges if a >= 0 and plan.station_kind[a] == DEPARTURE}
    held = np.zeros(finite.size, np.bool_)
    for station in np.flatnonzero(finite):
        held[station] = station in fed_by_ships or base.calendar[station]
    while True:
        for station in np.flatnonzero(held):
            base.hold(int(station))
        base.roads(held)
        # What was drawn in may have a buffer of its own, which is then held, too.
        more = finite & base.calendar & ~held
        if not more.any():
            break
        held |= more
    tried = base.segments()
    for station in np.flatnonzero(finite & ~held):
        base.hold(int(station))
    base.roads(finite)
    margin = np.zeros(finite.size, np.int64)
    np.maximum.at(margin, plan.step_station, plan.step_transit)
    chance = finite & ~held
    near = chance.copy()
    near[[a for a, b in edges if a >= 0 and chance[b]]] = True
    for ends in base.ends():
        near[ends] |= chance[ends].any()
    for segment in tried:
        near[segment.stations] |= not segment.block
    return Layout(tried, base.segments(), chance, near, margin, bool(chance.any()))


def refuse_unclear_returns(plan: VehiclePlan) -> None:
    """Refuse steps that send vehicles back and can be passed by, or whose stretches overlap.

    Raises
    ------
    NumericalError
        Naming the station.
    """
    for route in range(plan.route_first.size - 1):
        steps = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
        free = 0
        for place, step in enumerate(steps):
            if plan.step_again[step] <= 0.0:
                continue
            name = plan.station_names[plan.step_station[step]]
            if _passed_by(plan, int(step)):
                raise NumericalError(f"{name} sends vehicles back, so none may pass it by")
            if place - int(plan.step_back[step]) < free:
                raise NumericalError(f"{name} sends vehicles back beyond another that does")
            free = place + 1


def _passed_by(plan: VehiclePlan, step: int) -> bool:
    """Say whether vehicles may pass a step by."""
    return bool(plan.step_share[step] < 1.0 or plan.step_share_aboard[step] < 1.0
                or plan.step_alarm[step] == 2)


def _edges(plan: VehiclePlan) -> set[tuple[int, int]]:
    """Return pairs of stations between which vehicles go; -1 is the gate."""
    edges: set[tuple[int, int]] = set()
    for route in range(plan.route_first.size - 1):
        steps = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
        sources = [-1]
        for step in steps:
            station = int(plan.step_station[step])
            edges.update((source, station) for source in sources)
            sources = [*sources, station] if _passed_by(plan, int(step)) else [station]
        for place, step in enumerate(steps):
            if plan.step_again[step] > 0.0:
                back = steps[place - plan.step_back[step]]
                edges.add((int(plan.step_station[step]), int(plan.step_station[back])))
    return edges


class _Coupling:
    """Groups of stations that share a calendar, while they are put together."""

    def __init__(self, plan: VehiclePlan, edges: set[tuple[int, int]]) -> None:
        self.plan, self.edges = plan, edges
        count = len(plan.station_names)
        self.group = list(range(count))
        self.calendar = np.zeros(count, np.bool_)

    def find(self, station: int) -> int:
        while self.group[station] != station:
            station = self.group[station]
        return station

    def join(self, stations: list[int]) -> None:
        """Let stations share one calendar."""
        for station in stations:
            self.group[self.find(station)] = self.find(stations[0])
            self.calendar[station] = True

    def hold(self, station: int) -> None:
        """Hold a station's buffer: it is coupled to all from which vehicles come to it."""
        self.join([station, *sorted(a for a, b in self.edges if b == station and a >= 0)])

    def always(self, slow: NDArray[np.bool_]) -> None:
        """Join what couples whatever happens."""
        plan = self.plan
        ranked = np.zeros(self.calendar.size, np.bool_)
        ranked[plan.step_station[(plan.step_priority > 0) | (plan.step_patience > 0.0)]] = True
        hard = (plan.step_sensitivity > 0.0) & (plan.step_load != 1.0).any(axis=1)
        ranked[plan.step_station[hard]] = True
        ranked |= (plan.station_balk != UNLIMITED) | (plan.station_extra > 0)
        ranked |= (plan.station_class_capacity != UNLIMITED).any(axis=1)
        for station in range(ranked.size):
            chances = plan.sailing_cancel[plan.sailing_first[station]:
                                          plan.sailing_first[station + 1]]
            ranked[station] |= bool((chances > 0.0).any())
        self.calendar |= ranked
        for pool in range(len(plan.pool_names)):
            self.join(np.flatnonzero(plan.station_pool == pool).tolist())
        self._stretches()
        for ship in np.flatnonzero(slow).tolist():
            self.join([ship, *sorted(b for a, b in self.edges if a == ship)])
        owner = np.repeat(np.arange(ranked.size), np.diff(plan.sailing_first))
        for sailing in np.flatnonzero(plan.sailing_link >= 0):
            self.join([int(owner[sailing]), int(owner[plan.sailing_link[sailing]])])

    def _stretches(self) -> None:
        """Join the stations between a referral and where it leads."""
        plan = self.plan
        for route in range(plan.route_first.size - 1):
            steps = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
            alarmed = [p for p, step in enumerate(steps) if plan.step_alarm[step] == 1]
            second = [p for p, step in enumerate(steps) if plan.step_alarm[step] == 2]
            if alarmed:
                last = max([*second, alarmed[-1]])
                self.join([int(plan.step_station[s]) for s in steps[alarmed[0] : last + 1]])
            for place, step in enumerate(steps):
                if plan.step_again[step] > 0.0:
                    first = place - int(plan.step_back[step])
                    self.join([int(plan.step_station[s]) for s in steps[first : place + 1]])

    def roads(self, held: NDArray[np.bool_]) -> None:
        """Join the ends of a road, or of a holding scheme, if one of them holds its buffer."""
        for stations in self.ends():
            if held[stations].any():
                self.join(stations)

    def ends(self) -> list[list[int]]:
        """Return the first stations of every road and of every holding scheme."""
        plan = self.plan
        ends: dict[tuple[str, int], set[int]] = {}
        for stream, road in enumerate(plan.road_of_stream):
            if road < 0:
                continue
            for route in set(plan.route_of[:, stream].tolist()):
                for step in plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]:
                    here = ends.setdefault(("road", int(road)), set())
                    here.add(int(plan.step_station[step]))
                    if plan.road_scheme[road] >= 0:
                        scheme = ("scheme", int(plan.road_scheme[road]))
                        ends.setdefault(scheme, set()).add(int(plan.step_station[step]))
                    if not _passed_by(plan, int(step)):
                        break
        return [sorted(stations) for stations in ends.values()]

    def segments(self) -> tuple[Segment, ...]:
        """Return the groups in an order in which each comes after all that feed it."""
        self._close_circles()
        members: dict[int, list[int]] = {}
        for station in range(len(self.group)):
            members.setdefault(self.find(station), []).append(station)
        feeds = {g: set[int]() for g in members}
        for a, b in self.edges:
            if a >= 0 and self.find(a) != self.find(b):
                feeds[self.find(b)].add(self.find(a))
        out: list[Segment] = []
        swept: list[int] = []
        waiting = dict(feeds)
        while waiting:
            able = min((members[g][0], g) for g, needs in waiting.items()
                       if not needs & waiting.keys())
            group = able[1]
            del waiting[group]
            if not self.calendar[members[group]].any():
                swept += members[group]
                continue
            if swept:
                out.append(Segment(np.array(swept, np.int64), block=False))
                swept = []
            inner = {(a, b) for a, b in self.edges if self.find(b) == group == self.find(max(a, 0))}
            out.append(Segment(np.array(members[group], np.int64), block=True,
                               cyclic=_has_circle(inner)))
        if swept:
            out.append(Segment(np.array(swept, np.int64), block=False))
        return tuple(out)

    def _close_circles(self) -> None:
        """Join groups that feed each other, so that those left can run one after another."""
        changed = True
        while changed:
            changed = False
            after: dict[int, set[int]] = {}
            for a, b in self.edges:
                if a >= 0 and self.find(a) != self.find(b):
                    after.setdefault(self.find(a), set()).add(self.find(b))
            for group in list(after):
                seen, todo = set[int](), list(after[group])
                while todo:
                    one = todo.pop()
                    if one not in seen:
                        seen.add(one)
                        todo += after.get(one, ())
                back = [g for g in seen if group in after.get(g, ())]
                if back:
                    self.join([group, *back])
                    changed = True
                    break


def _has_circle(edges: set[tuple[int, int]]) -> bool:
    """Say whether a set of edges closes a circle."""
    edges = {(a, b) for a, b in edges if a >= 0}
    if any(a == b for a, b in edges):
        return True
    while edges:
        ends = {b for _, b in edges}
        kept = {(a, b) for a, b in edges if a in ends}
        if kept == edges:
            return True
        edges = kept
    return False
