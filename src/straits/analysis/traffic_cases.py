"""Queues of the past, simulated: four baselines, and what is read off their logs.

Each case is a baseline of the library that says what is published, what is assumed and what was
fitted. Only vehicles run. A `Variation` changes what is assumed of arrivals or of the road, under
the same luck, so that its effect on a measure can be told from chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS, SECOND_TICKS
from straits.engine.coupling import Border, simulate_vehicles
from straits.engine.rng import Seed
from straits.plan.vehicles import compile_vehicles
from straits.results.tailback import (
    cleared_at,
    first_reached,
    held_vehicles,
    peak_tailback,
    standing,
)
from straits.scenario import Scenario, build, load_baseline
from straits.tables.vehicles import (
    VEHICLE_CLASSES,
    VehicleLog,
    VehiclePlan,
    VehicleState,
    stream_of,
)

__all__ = ["AS_WRITTEN", "CASES", "Case", "Prepared", "Variation", "prepare", "simulate"]

METRES_IN_MILE: Final = 1609.344
SHORT_M: Final = 500.0  # a queue below this is gone, for those who report queues
MINUTE: Final = 60 * SECOND_TICKS
NOT_REACHED: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Variation:
    """What is assumed otherwise than in the baseline of a case."""

    words: str = ""
    flow: float = 1.0  # factor on all volumes [dimensionless]
    flat: bool = False  # arrivals spread evenly over the day
    apart: bool = False  # lorries have an approach of their own


AS_WRITTEN: Final = Variation()
_FLOWS: Final = (Variation("flow -10 %", flow=0.9), Variation("flow +10 %", flow=1.1))
_FLAT: Final = Variation("arrivals even over the day", flat=True)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case, compiled."""

    plan: VehiclePlan
    world: Mapping[str, Any]
    midnight: int  # local midnight of the decision day [ticks]


@dataclass(frozen=True, slots=True)
class Ran:
    """One row of a case."""

    case: Prepared
    logs: tuple[VehicleLog, ...]

    @property
    def plan(self) -> VehiclePlan:
        """The plan that was run."""
        return self.case.plan

    def road(self, name: str) -> int:
        """Return the number of a road."""
        return self.plan.road_names.index(name)

    def hour(self, at: int | None) -> float:
        """Return an instant by the site's clock, from midnight of the case's first day [h].

        What has not happened when the logs end is put there.
        """
        return ((self.logs[-1].end if at is None else at) - self.case.midnight) / HOUR_TICKS

    def visits(self, station: str, *columns: str) -> list[NDArray[np.int64]]:
        """Return columns of all visits to a station."""
        number = self.plan.station_names.index(station)
        return [
            np.concatenate([getattr(log, name)[log.station == number] for log in self.logs])
            for name in columns
        ]


@dataclass(frozen=True, slots=True)
class Case:
    """A queue of the past: the baseline, its days, what is read off, what else is tried."""

    baseline: str
    days: int
    site: str
    measure: Callable[[Ran], dict[str, float]]
    variations: tuple[Variation, ...]


def prepare(case: Case, variation: Variation = AS_WRITTEN) -> Prepared:
    """Compile a case, with what a variation changes."""
    baseline = load_baseline(case.baseline)
    day = baseline.doc.decision_day
    scenario = build(baseline)
    changes = _changes(scenario.world_at(day), variation)
    if changes:
        scenario = build(baseline, (), changes)
    plan, first = _compiled(scenario, day, case.days)
    if variation.apart:
        # A stream without a road stands in a queue of its own.
        lorry = np.array([VEHICLE_CLASSES[k].startswith("hgv") for k in plan.stream_class])
        plan = replace(plan, road_of_stream=np.where(lorry, -1, plan.road_of_stream))
    world = scenario.world_at(day)
    zone = ZoneInfo(world["sites"][case.site]["time_zone"])
    local = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    origin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return Prepared(plan, world, round((local - origin).total_seconds()) * SECOND_TICKS)


def _compiled(scenario: Scenario, day: date, days: int) -> tuple[VehiclePlan, date]:
    warm_up = max(1, round(float(scenario.world_at(day)["history"]["vehicle_warm_up"]) / 86_400.0))
    first = day - timedelta(warm_up)
    return compile_vehicles(scenario, first, warm_up + days), first


def _changes(world: Mapping[str, Any], variation: Variation) -> dict[str, float]:
    """Return the values, by dotted path, that a variation sets."""
    demand, out = world["demand"], {}
    if variation.flow != 1.0:
        for crossing, volumes in demand["volumes"].items():
            for kind, volume in volumes.items():
                out[f"demand.volumes.{crossing}.{kind}"] = variation.flow * float(volume)
    if variation.flat:
        for group in demand["groups"]:
            for direction in ("to_fr", "to_uk"):
                out[f"demand.groups.{group}.hour_{direction}"] = 1.0
    return out


def simulate(case: Case, prepared: Prepared, seed: Seed) -> dict[str, float]:
    """Run one row of a case and return its measures."""
    logs = tuple(
        _kept(log)
        for day in simulate_vehicles(prepared.plan, seed.key, Border(VehicleState.empty(), None),
                                     (0, prepared.plan.days))
        for log in day.logs
    )
    return case.measure(Ran(prepared, logs))


def _kept(log: VehicleLog) -> VehicleLog:
    """Return a log whose columns stay: those of a running simulation are used again."""
    columns = {
        one.name: getattr(log, one.name).copy()
        for one in fields(log) if isinstance(getattr(log, one.name), np.ndarray)
    }  # fmt: skip
    return replace(log, **columns)


# ---- what is read off


def _folkestone(ran: Ran) -> dict[str, float]:
    road = ran.road("m20-folkestone-freight")
    longest, at = peak_tailback(ran.logs, ran.plan, road)
    return {
        "tailback": longest / METRES_IN_MILE,
        "peak_at": ran.hour(at),
        "cleared_at": ran.hour(cleared_at(ran.logs, ran.plan, road, SHORT_M)),
    }


def _dover(ran: Ran) -> dict[str, float]:
    road = ran.road("a20-dover")
    longest, at = peak_tailback(ran.logs, ran.plan, road)
    saturday = 24.0
    return {
        "tailback": longest / METRES_IN_MILE,
        "peak_at": ran.hour(at) - saturday,
        "cleared_at": ran.hour(cleared_at(ran.logs, ran.plan, road, SHORT_M)) - saturday,
        "longest_car": _longest_wait(ran, "fr-entry-dover-tourist", "car"),
        "longest_coach": _longest_wait(ran, "fr-entry-dover-coach", "coach"),
    }


def _longest_wait(ran: Ran, station: str, kind: str) -> float:
    """Return the longest time from reaching the approach to the start of a check [h]."""
    vehicle, held, waiting = ran.visits(station, "vehicle", "held", "waiting")
    own = ran.plan.stream_class[stream_of(vehicle)] == VEHICLE_CLASSES.index(kind)
    return float((held + waiting)[own].max(initial=0)) / HOUR_TICKS


def _stack(ran: Ran) -> dict[str, float]:
    there = standing(ran.logs, [ran.road(name) for name in ("a20-dover", "m20-folkestone-freight")])
    number = held_vehicles(there, np.unique(there.since))
    stayed = (there.until - there.since)[there.was_held] / HOUR_TICKS
    return {
        "queue": float(number.max(initial=0)),
        "mean_held": float(stayed.mean()) if stayed.size else 0.0,
        "longest_held": float(stayed.max(initial=0.0)),
    }


STAGES: Final = ("uk", "french", "check_in", "motorway_exit", "a16")


def _coquelles(ran: Ran) -> dict[str, float]:
    """Return when each stage was first blocked, from the slow-down on [min], and if in order."""
    slow = ran.case.world["incidents"]["slow-uk-check"]
    start = ran.case.midnight + int(slow["from"][-5:-3]) * HOUR_TICKS
    road = ran.road("a16-coquelles-tourist")
    ramp = ran.case.world["roads"]["a16-coquelles-tourist"]["junctions"]["a16-j42"]["distance"]
    since = standing(ran.logs, [road]).since
    uk, waited = ran.visits("uk-entry-coquelles-tourist", "arrived", "waiting")
    first: list[int | None] = [
        _first(uk[waited > 0], start),
        _first(_blocked(ran, "fr-exit-coquelles-tourist"), start),
        _first(_blocked(ran, "coquelles-check-in-tourist"), start),
        _first(since, start),
        first_reached(ran.logs, ran.plan, road, float(ramp)),
    ]
    times = [NOT_REACHED if at is None else (at - start) / MINUTE for at in first]
    # A stage that is never reached compares as false, so the order is not right.
    right = all(a <= b for a, b in pairwise(times))
    return {"order": float(right), **dict(zip(STAGES, times, strict=True))}


def _blocked(ran: Ran, station: str) -> NDArray[np.int64]:
    """Return the instants at which vehicles were served and could not go on [ticks]."""
    arrived, held, waiting, service, blocked = ran.visits(
        station, "arrived", "held", "waiting", "service", "blocked")
    return np.asarray((arrived + held + waiting + service)[blocked > 0])


def _first(instants: NDArray[np.int64], start: int) -> int | None:
    later = instants[instants >= start]
    return int(later.min()) if later.size else None


CASES: Final[Sequence[Case]] = (
    Case("folkestone-2020-11", 2, "folkestone", _folkestone, (*_FLOWS, _FLAT)),
    Case("dover-2016-07", 4, "dover", _dover,
         (*_FLOWS, _FLAT, Variation("lorries in a queue of their own", apart=True))),
    Case("stack-2015", 9, "dover", _stack, (*_FLOWS, _FLAT)),
    Case("coquelles-blocking", 1, "coquelles", _coquelles, _FLOWS),
)
