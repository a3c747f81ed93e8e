"""The compiled step and its plain twin give the same rows, events and memories, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from straits.engine.population import (
    assign_vehicles,
    begin_day,
    finish_day,
    initial_people,
    simulate_people,
)
from straits.tables.people import BOAT, COLUMNS, TRAIN, Event, PeoplePlan, PeopleState, State
from straits.tables.people_parameters import Param
from support.people_plans import KEY, changed, plan, without_treaty

ENGINES = ("compiled", "reference")
# Whatever can happen while a claim waits, often enough to happen among few people.
WAITING = {
    "UK_WITHDRAWAL": 0.01, "UK_ABSCONDING": 0.01, "UK_REWORK": 0.2, "UK_FRESH": 0.02,
    "FR_WITHDRAWAL": 0.01, "FR_ABSCONDING": 0.01, "FR_REWORK": 0.2, "FR_FRESH": 0.02,
    "FR_TO_SITE": 0.5, "UK_DUBLIN_SHARE": 0.4, "UK_DUBLIN_CAPACITY": 0.2, "UK_DUBLIN_LIMIT": 25.0,
    "UK_DUBLIN_FRANCE": 0.5, "UK_CHALLENGE": 0.4, "UK_CHALLENGE_TIME": 6.0, "FR_CHALLENGE": 0.4,
    "FR_CHALLENGE_TIME": 6.0, "UK_APPEALS": 0.5, "FR_APPEALS": 0.4, "UK_REGISTERED": 1.2,
    "FR_REGISTERED": 1.2,
}
STATE = ("people", "counters", "memory", "lags", "today", "trace")
LOG = ("stock", "events", "person_days", "observed", "arrivals", "trace")


def busy_plan() -> PeoplePlan:
    """A plan in which every policy switch is thrown and almost every event happens."""
    source = plan(
        days=230, ELASTICITY=0.6, LEAVE_CROWDING=0.3, DEATH=0.01, UK_RETURN_LIMIT=9.0,
        UK_RETURNS=0.2, FR_RETURN_LIMIT=9.0, FR_RETURNS=0.2, COUNTED=0.9, CLOSED_AGAIN=0.5,
        REUNION_CAPACITY=0.4, CHILDREN_CAPACITY=0.2, WEIGHT_TRAIN=0.4, ACCESS_TRAIN=0.3,
        DEATH_TRAIN=0.02, WEIGHT_BOAT=0.2, DEATH_BOAT=0.03, CHOICE_RISK=0.7, PRIOR_RISK=50.0,
        CLOSED_PLACES=60.0, **WAITING,
    )  # fmt: skip
    source = changed(source, 100, LODGE_OPEN=1.0, LODGE_CAPACITY=2.5, LODGE_RETURN=0.2)
    source = changed(source, 130, CENTRE_OPEN=1.0, CENTRE_CAPACITY=0.8)
    source = changed(source, 120, ONE_OPEN=1.0, ONE_CAPACITY=0.4, ONE_WINDOW=40.0, ONE_COAST=0.5)
    source = changed(source, 150, LIABILITY=0.0)
    source = changed(source, 170, CLOSED=1.0)
    source = changed(source, 185, CLOSED=0.0)
    source = changed(source, 195, LODGE_OPEN=0.0, LODGE_CAPACITY=0.0)
    return without_treaty(source, 140)


RATES = [param for param in Param if param.unit == "1/month"]
SHARES = [param for param in Param if param.high == 1.0 and param.path.startswith("asylum.")]
PLACES = ("UK_DUBLIN_CAPACITY", "REUNION_CAPACITY", "CHILDREN_CAPACITY", "ONE_CAPACITY",
          "UK_APPEALS", "FR_APPEALS", "UK_REGISTERED", "FR_REGISTERED")  # fmt: skip


def random_plan(number: int) -> PeoplePlan:
    """A plan whose asylum systems and routes have numbers drawn at random, twice."""
    draw = np.random.default_rng(number)
    source = plan(days=90, stock=250, UK_APPEAL_TIME=9.0, FR_APPEAL_TIME=9.0, UK_TIME=5.0)
    for day in (0, 45):
        values = {param.name: draw.exponential(0.01) for param in RATES}
        values |= {param.name: draw.uniform() for param in SHARES}
        values |= {name: draw.exponential(0.6) for name in PLACES}
        values |= {f"{state}_CHALLENGE_TIME": draw.integers(1, 20) for state in ("UK", "FR")}
        values |= {"UK_DUBLIN_LIMIT": draw.integers(1, 40), "ONE_WINDOW": draw.integers(0, 60)}
        values |= {"ONE_OPEN": draw.integers(0, 2), "ONE_COAST": draw.uniform(), "RATE": 0.05}
        values |= {"ONE_JOIN": draw.uniform(), "ONE_RATE": draw.uniform()}
        source = changed(source, day, **values)
    return source


@pytest.mark.parametrize("number", range(6))
def test_random_asylum_systems_agree(number: int) -> None:
    source = random_plan(number)
    for (one, log), (other, plain) in zip(
        simulate_people(source, KEY, 0, source.days - 1, trace=True),
        simulate_people(source, KEY, 0, source.days - 1, engine="reference", trace=True),
        strict=True,
    ):
        for name in LOG:
            assert np.array_equal(getattr(log, name), getattr(plain, name)), (log.day, name)
        for name in STATE:
            assert np.array_equal(getattr(one, name), getattr(other, name)), (log.day, name)


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
    seen, by_way = np.zeros(len(Event), np.int64), np.zeros((len(Event), COLUMNS), np.int64)
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
        by_way += one.events
    without = [Event.INJURED, Event.DIED, Event.TURNED_BACK, Event.BOARDED, Event.FOUND_AFTER_SEA,
               Event.CROSSED_UNSEEN]  # fmt: skip
    assert np.all(by_way[without][:, [TRAIN, BOAT]] > 0)
    assert by_way[Event.COUNTED, TRAIN] > by_way[Event.COUNTED, BOAT] == 0
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
