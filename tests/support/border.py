"""The real border of August 2016, planned for a few days and run in the ways that tests compare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from straits.base.hashing import content_hash
from straits.engine.coupling import Border, Day, simulate_border, simulate_vehicles
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.ensemble.study import Planned, Study, plan_task
from straits.tables.people import PeopleDay
from straits.tables.vehicles import VehicleLog, VehiclePlan, VehicleState

KEY = Seed(1, 0).key
VISIT = ("vehicle", "station", "arrived", "waiting", "service", "blocked", "held", "delay")
HEAD = """straits: policy
id: {id}
title: {title}
proposer: {{role: a test}}
date: 2016-08-30
source: written for a test
says: Written for a test; nobody proposed it.
announced: 2016-08-30
in_force: 2016-08-30
maintains_arrangements: true
changes:
"""


def write_policy(folder: Path, name: str, *changes: str, title: str = "A test") -> str:
    """Write a policy of these changes, each ``path: ..., scale: ...``; return its path.

    The range is the operand alone, so that its size is not uncertain.
    """
    operands = [re.search(r"(?:set|scale|add): ([^,]+)", change) for change in changes]
    lines = [
        f"  - {{{change}, range: [{found[1]}, {found[1]}], assumed: a test}}\n" if found
        else f"  - {{{change}}}\n"
        for change, found in zip(changes, operands, strict=True)
    ]
    text = HEAD.format(id=name, title=title) + "".join(lines)
    if not changes:
        text = text.replace("changes:\n", "changes: []\n")
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def study(*policies: str, days: int = 3, rows: int = 1, **options: object) -> Study:
    """Return a study of fixed futures; the status quo comes first."""
    return Study(
        "calais-2016", ("status-quo", *policies), days=days, rows=rows,
        **{"futures": "fixed", **options},  # type: ignore[arg-type]
    )  # fmt: skip


@cache
def planned(policy: str = "status-quo", days: int = 3) -> Planned:
    """Return the plan of one policy over a window of some days."""
    names = () if policy == "status-quo" else (policy,)
    return plan_task(study(*names, days=days), policy, 0)


@cache
def checkpoint(policy: str = "status-quo", days: int = 3) -> Border:
    """Return the border at the start of the decision day, as this policy's own plan gives it."""
    plan = planned(policy, days)
    eve = plan.people_offset + plan.warm_up - 1
    people = None
    for after, _ in simulate_people(plan.people, KEY, 0, eve):
        people = after
    state = Border(VehicleState.empty(), people)
    for day in simulate_vehicles(plan.vehicles, KEY, state, (0, plan.warm_up)):
        state = day.state
    return state


@dataclass(frozen=True)
class Ran:
    """What some days left behind, copied out of the memory that days share."""

    visits: dict[str, NDArray[np.int64]]  # in one order that no slicing changes
    outcomes: NDArray[np.int64]
    sailings: NDArray[np.int64]
    entered: NDArray[np.int64]
    exited: NDArray[np.int64]
    people: tuple[PeopleDay, ...]
    state: Border
    states: tuple[Border, ...]

    def of(self, plan: VehiclePlan, stations: Iterable[str]) -> bytes:
        """Return the log of some stations as bytes."""
        numbers = [plan.station_names.index(name) for name in stations]
        here = np.isin(self.visits["station"], numbers)
        return b"".join(self.visits[name][here].tobytes() for name in VISIT)

    def of_streams(self, plan: VehiclePlan, *parts: str) -> bytes:
        """Return the log of the streams whose names hold one of `parts`, as bytes."""
        streams = [k for k, name in enumerate(plan.stream_names) if any(p in name for p in parts)]
        here = np.isin((self.visits["vehicle"] >> 24) & 255, streams)
        return b"".join(self.visits[name][here].tobytes() for name in VISIT)


def copied(log: VehicleLog) -> dict[str, NDArray[np.int64]]:
    """Return the columns of a log in memory of their own."""
    return {
        field.name: np.array(getattr(log, field.name))
        for field in fields(log)
        if field.name not in ("start", "end")
    }


def gathered(days: Iterable[Day]) -> Ran:
    """Run days to their end and join what they say."""
    logs, people, states = [], [], []
    for day in days:
        logs += [copied(log) for log in day.logs]
        if day.people is not None:
            people.append(day.people)
        states.append(day.state)
    joined = {name: np.concatenate([log[name] for log in logs]) for name in logs[0]}
    order = np.lexsort((joined["vehicle"], joined["station"], joined["arrived"]))
    outcomes = np.stack([joined[f"outcome_{k}"] for k in ("vehicle", "kind", "at")])
    sailings = np.stack([joined[f"sailing_{k}"] for k in ("station", "at", "vehicles", "space",
                                                           "foot")])
    return Ran(
        {name: joined[name][order] for name in VISIT},
        outcomes[:, np.lexsort(outcomes)], sailings[:, np.lexsort(sailings[:2])],
        np.sum([log["entered"] for log in logs], axis=0),
        np.sum([log["exited"] for log in logs], axis=0),
        tuple(people), states[-1], tuple(states),
    )  # fmt: skip


def run(
    plan: Planned,
    days: int,
    *,
    state: Border | None = None,
    vehicles: VehiclePlan | None = None,
    **options: object,
) -> Ran:
    """Run the first days of a window from its checkpoint."""
    start = checkpoint() if state is None else state
    return gathered(simulate_border(
        plan.vehicles if vehicles is None else vehicles, plan.people, KEY, start,
        (plan.warm_up, plan.warm_up + days), people_offset=plan.people_offset,
        **options,  # type: ignore[arg-type]
    ))


def with_servers(plan: VehiclePlan, station: str, add: int) -> VehiclePlan:
    """Return the plan with more servers on duty at one station, at all times."""
    k = plan.station_names.index(station)
    servers = plan.roster_servers.copy()
    servers[plan.roster_first[k] : plan.roster_first[k + 1]] += add
    return replace(plan, roster_servers=servers)


def fingerprint(*parts: object) -> str:
    """Return a hash of everything in arrays, dataclasses and mappings."""
    return content_hash(*parts)


def same_people(one: PeopleDay, other: PeopleDay) -> bool:
    """Say whether two days of people are the same, bit for bit."""
    names: Mapping[str, object] = {field.name: None for field in fields(one)}
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def same_state(one: object, other: object) -> bool:
    """Say whether two states are the same, bit for bit."""
    return content_hash(one) == content_hash(other)
