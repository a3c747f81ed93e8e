"""The compiled step and its plain twin give the same rows, events and memories, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from straits.engine.population import assign_vehicles, begin_day, finish_day, initial_people
from straits.tables.people import Event, PeoplePlan, PeopleState, State
from support.people_plans import KEY, changed, plan, without_treaty

ENGINES = ("compiled", "reference")
STATE = ("people", "counters", "memory", "lags", "today", "trace")
LOG = ("stock", "events", "person_days", "observed", "arrivals", "trace")


def busy_plan() -> PeoplePlan:
    """A plan in which every policy switch is thrown and almost every event happens."""
    source = plan(
        days=230, ELASTICITY=0.6, LEAVE_CROWDING=0.3, DEATH=0.01, UK_RETURN_LIMIT=9.0,
        UK_RETURNS=0.2, FR_RETURN_LIMIT=9.0, FR_RETURNS=0.2, COUNTED=0.9, CLOSED_AGAIN=0.5,
    )  # fmt: skip
    source = changed(source, 100, LODGE_OPEN=1.0, LODGE_CAPACITY=2.5, LODGE_RETURN=0.2)
    source = changed(source, 130, CENTRE_OPEN=1.0, CENTRE_CAPACITY=0.8)
    source = changed(source, 150, LIABILITY=0.0)
    source = changed(source, 170, CLOSED=1.0)
    source = changed(source, 185, CLOSED=0.0)
    source = changed(source, 195, LODGE_OPEN=0.0, LODGE_CAPACITY=0.0)
    return without_treaty(source, 140)


def coupling(state: PeopleState, boardings, day: int):
    """Give each boarding a made-up lorry, sometimes none, and settle some of those aboard."""
    vehicles = np.array(
        [-1 if (k * 7 + day) % 11 == 0 else day * 1000 + k // 2 for k in range(boardings.row.size)],
        np.int64,
    )
    state = assign_vehicles(state, boardings, vehicles)
    aboard = np.unique(state.people["vehicle"][state.people["state"] == State.ABOARD])
    settled = aboard[(aboard + day) % 3 > 0][::-1].copy()
    return state, (settled, settled // 2 % 3)


@pytest.mark.parametrize("coupled", [False, True])
def test_same_rows_and_events(coupled: bool) -> None:
    source = busy_plan()
    states = {engine: initial_people(source, KEY, engine) for engine in ENGINES}
    seen = np.zeros(len(Event), np.int64)
    for day in range(source.days):
        logs = {}
        for engine in ENGINES:
            begun, boardings = begin_day(
                source, states[engine], day, None, KEY, coupled, engine=engine, trace=True
            )
            outcomes = None
            if coupled:
                begun, outcomes = coupling(begun, boardings, day)
            states[engine], logs[engine] = finish_day(
                source, begun, day, outcomes, KEY, engine=engine, trace=True
            )
        one, other = logs["compiled"], logs["reference"]
        for name in LOG:
            assert np.array_equal(getattr(one, name), getattr(other, name)), (day, name)
        for name in STATE:
            a, b = (getattr(states[engine], name) for engine in ENGINES)
            assert np.array_equal(a, b), (day, name)
        seen += one.events.sum(axis=1)
    silent = {Event(k).name for k in np.flatnonzero(seen == 0)}
    assert silent <= {"NO_VEHICLE"} if not coupled else not silent


def test_trace_rows_are_the_events_counted() -> None:
    source = busy_plan()
    state = initial_people(source, KEY)
    for day in range(120):
        begun, _ = begin_day(source, state, day, None, KEY, coupled=False, trace=True)
        state, log = finish_day(source, begun, day, None, KEY, trace=True)
        counted = np.zeros_like(log.events)
        np.add.at(counted, (log.trace[:, 1], log.trace[:, 2]), 1)
        assert np.array_equal(counted, log.events)
