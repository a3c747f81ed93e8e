"""Identities and signs of the people half."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from straits.engine.population import begin_day, finish_day, initial_people, simulate_people
from straits.engine.rng import Seed
from straits.tables.people import STOCKS, Counter, Event, Observation, PersonDays, State
from support.people_plans import KEY, changed, events, plan, run, without_treaty

# Nothing that people share: no learning from each other, no places to run out of.
ALONE = {
    "LEARNING": 0.0, "CHOICE_SUCCESS": 0.0, "MATCHING": 1e9, "ELASTICITY": 0.0,
    "REMOVAL_CAPACITY": 0.0, "RECEPTION_CAPACITY": 0.0, "FAMILY_CAPACITY": 0.0, "UK_RETURNS": 0.0,
    "FR_RETURNS": 0.0, "UK_STAFF": 0.0, "FR_STAFF": 0.0,
}  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 1000),
    inflow=st.floats(0.0, 20.0),
    closed=st.integers(0, 59),
    opened=st.integers(0, 59),
)
def test_people_are_conserved(seed: int, inflow: float, closed: int, opened: int) -> None:
    source = plan(days=60, inflow=inflow, decision_day=20)
    source = changed(source, closed, CLOSED=1.0)
    source = changed(source, opened, LODGE_OPEN=1.0, LODGE_CAPACITY=3.0, LODGE_RETURN=0.3)
    inside = source.start_stock
    for state, log in simulate_people(source, Seed(seed).key, 0, 59):
        now, ended = int(log.stock[:STOCKS].sum()), int(log.stock[STOCKS:].sum())
        assert inside + log.arrivals == now + ended
        assert now == np.count_nonzero(state.people["state"] < STOCKS)
        assert state.counters[Counter.STOCK] == now
        inside = now


def test_claims_lodged_in_calais_balance() -> None:
    source = changed(plan(), 50, LODGE_OPEN=1.0, LODGE_CAPACITY=2.0, LODGE_RETURN=0.2)
    state, logs = run(source)
    seen = events(logs)
    out = seen[Event.GRANTED_CALAIS] + seen[Event.REFUSED_CALAIS] + seen[Event.WITHDREW_CALAIS]
    aboard = state.people[state.people["state"] == State.ABOARD]
    away = np.count_nonzero(aboard["then"] == State.CLAIM_LODGED_CALAIS)
    assert seen[Event.LODGED_CALAIS] == out + logs[-1].stock[State.CLAIM_LODGED_CALAIS] + away
    assert seen[Event.GRANTED_CALAIS] > 0


def test_a_day_does_not_touch_the_state_it_starts_from() -> None:
    source = plan()
    state = initial_people(source, KEY)
    before = {name: getattr(state, name).copy() for name in ("people", "counters", "memory", "lags")}
    for _ in range(2):
        begun, _ = begin_day(source, state, 0, None, KEY, coupled=False)
        finish_day(source, begun, 0, None, KEY)
    for name, array in before.items():
        assert np.array_equal(getattr(state, name), array)


def test_checkpoint_resumes_to_the_same_days() -> None:
    source = plan(days=80)
    _, logs = run(source)
    state, _ = list(simulate_people(source, KEY, 0, 39))[-1]
    again = [log for _, log in simulate_people(source, KEY, 40, 79, state)]
    for one, other in zip(logs[40:], again, strict=True):
        assert np.array_equal(one.events, other.events)
        assert np.array_equal(one.observed, other.observed)


def test_one_more_person_changes_nobody_else() -> None:
    few, many = plan(days=120, stock=300, **ALONE), plan(days=120, stock=301, **ALONE)
    (one, _), (other, _) = run(few), run(many)
    extra = other.people[~np.isin(other.people["person"], one.people["person"])]
    rest = other.people[np.isin(other.people["person"], one.people["person"])]
    assert extra.size <= 1
    names = [name for name in one.people.dtype.names or () if name != "ticket"]
    for name in names:
        assert np.array_equal(one.people[name], rest[name]), name


def test_a_larger_inflow_only_adds_people() -> None:
    few, many = plan(days=60, inflow=5.0, **ALONE), plan(days=60, inflow=8.0, **ALONE)
    (one, _), (other, _) = run(few), run(many)
    shared = np.isin(other.people["person"], one.people["person"])
    assert shared.sum() == one.people.size
    assert np.array_equal(other.people[shared]["state"], one.people["state"])


def test_zero_rates_leave_everyone_where_they_are() -> None:
    names = ("LEAVE", "LEAVE_EVENT", "RATE", "CLAIM_FRANCE", "RECEPTION_RATE", "REMOVAL_RATE",
             "VOLUNTARY", "FAMILY_RATE")  # fmt: skip
    source = plan(days=30, inflow=0.0, **dict.fromkeys(names, 0.0))
    state, logs = run(source)
    assert logs[-1].stock[State.AT_SITE] == source.start_stock == state.people.size
    assert events(logs).sum() == 0


def test_no_elasticity_no_change_of_inflow_by_a_route() -> None:
    source = plan(ELASTICITY=0.0)
    routed = changed(source, 90, LODGE_OPEN=1.0, LODGE_CAPACITY=20.0)
    arrived = [[log.events[Event.ARRIVED].tolist() for log in run(p)[1]] for p in (source, routed)]
    assert arrived[0] == arrived[1]
    drawn = changed(routed, 0, ELASTICITY=1.0)
    assert events(run(drawn)[1])[Event.ARRIVED] > events(run(routed)[1])[Event.ARRIVED]


def test_perceived_chance_counts_those_already_there() -> None:
    """A route that cannot serve the people on site in 90 days adds little to the chance."""
    source = plan(stock=4000, days=150, RATE=0.0)
    chances = []
    for capacity in (4.0, 400.0):
        _, logs = run(changed(source, 90, LODGE_OPEN=1.0, LODGE_CAPACITY=capacity))
        chances.append(logs[-1].observed[Observation.PERCEIVED_CHANCE])
    assert chances[0] < 20_000 < 150_000 < chances[1]


def test_lifting_carriers_liability_raises_open_boarding_once_the_treaty_ends() -> None:
    source = without_treaty(plan(stock=3000), 90)
    liable, free = (
        events(run(changed(source, 90, LIABILITY=value))[1])[Event.OPEN_BOARDED]
        for value in (1.0, 0.0)
    )
    assert free > 1.3 * liable > 0
    kept = events(run(plan(stock=3000))[1])[Event.OPEN_BOARDED]
    assert kept < 0.05 * liable


@pytest.mark.parametrize(
    "make",
    [
        lambda source: replace(source, sensitivity=np.full_like(source.sensitivity, 0.95)),
        lambda source: replace(source, share=np.full_like(source.share, 1.0)),
        lambda source: changed(source, 0, ACCESS=0.04),
        lambda source: changed(source, 0, SECURED_CALAIS=1.0, SECURED_COQUELLES=1.0),
    ],
    ids=["sensitivity", "share", "access", "secured parking"],
)
def test_more_security_fewer_crossings(make) -> None:
    source = plan(stock=4000, days=120)
    before, after = (events(run(p)[1])[Event.CROSSED_UNSEEN] for p in (source, make(source)))
    assert after < before - 4.5 * np.sqrt(before + after)


def test_ending_the_treaty_raises_claims_in_the_uk() -> None:
    source = plan(stock=3000, WEIGHT_TRAIN=0.0, WEIGHT_BOAT=0.0)
    kept, ended = (events(run(p)[1]) for p in (source, without_treaty(source, 90)))
    assert ended[Event.CLAIMED_UK] > 1.5 * kept[Event.CLAIMED_UK]
    assert ended[Event.FOUND_AFTER_SEA] > 0 == kept[Event.FOUND_AFTER_SEA]


def test_closing_one_place_moves_attempts_to_the_others() -> None:
    source = plan(stock=4000, days=60)
    fenced = changed(source, 0, ACCESS_CALAIS=0.3)
    tried = [
        sum(log.events[Event.TURNED_BACK] + log.events[Event.BOARDED] for log in run(p)[1])
        for p in (source, fenced)
    ]
    assert tried[1][0] < tried[0][0]
    assert tried[1][1] > tried[0][1]


def test_capacities_bind() -> None:
    source = plan(stock=3000, days=60, RECEPTION_CAPACITY=4.0, REMOVAL_CAPACITY=2.0)
    _, logs = run(source)
    assert max(log.events[Event.TO_RECEPTION].sum() for log in logs) == 4
    assert max(log.events[Event.REMOVED].sum() for log in logs) == 2


def test_closing_the_site_empties_it_once() -> None:
    source = changed(plan(stock=2000, days=60, inflow=0.0, RECEPTION_BACK=0.0), 30, CLOSED=1.0)
    _, logs = run(source)
    site = [log.person_days[PersonDays.AT_SITE] for log in logs]
    assert site[30] < 0.1 * site[29]
    assert logs[30].events[Event.TO_RECEPTION].sum() > 0.6 * site[29]
    assert all(log.events[Event.DISPERSED].sum() == 0 for log in logs[31:])
