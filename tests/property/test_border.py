"""The coupled border of August 2016: ledgers, slices, engines, the shared checkpoint."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from straits.engine.coupling import simulate_border, simulate_vehicles
from straits.engine.population import simulate_people
from straits.engine.run import Engine
from straits.ensemble import study as studies
from straits.scenario import names
from straits.tables.people import STOCKS, Event, State
from straits.tables.vehicles import FOUND_BEFORE_SEA, LEFT_UNFOUND, stream_of
from support import border
from support.border import (
    KEY,
    VISIT,
    Ran,
    checkpoint,
    fingerprint,
    gathered,
    planned,
    run,
    same_people,
    same_state,
)

DAYS = 3
MOVED = "end-le-touquet"



@cache
def whole(policy: str) -> Ran:
    """Return a policy's first days, in slices of a day."""
    return run(planned(policy), DAYS)


@pytest.mark.parametrize("policy", ["status-quo", MOVED, "close-camp"])
def test_vehicles_are_conserved_by_stream(policy: str) -> None:
    ran, streams = whole(policy), len(planned().vehicles.stream_names)
    inside = np.bincount(stream_of(checkpoint().vehicles.vehicle), minlength=streams)
    after = np.bincount(stream_of(ran.state.vehicles.vehicle), minlength=streams)
    assert np.array_equal(inside + ran.entered, ran.exited + after)
    assert ran.entered.sum() > 15_000 * DAYS


@pytest.mark.parametrize("policy", ["status-quo", MOVED])
def test_no_vehicle_stands_in_two_places(policy: str) -> None:
    """Each visits a station once, in the order of its route, and loses no time on the way."""
    visits = whole(policy).visits
    pair = np.stack([visits["vehicle"], visits["station"]])
    assert np.unique(pair, axis=1).shape[1] == pair.shape[1]
    order = np.lexsort((visits["arrived"], visits["vehicle"]))
    v = {name: visits[name][order] for name in VISIT}
    left = v["arrived"] + v["waiting"] + v["service"] + v["blocked"] + v["held"]
    same = v["vehicle"][1:] == v["vehicle"][:-1]
    assert np.all(v["arrived"][1:][same] > left[:-1][same])
    assert np.all(v["station"][1:][same] > v["station"][:-1][same])
    for name in ("waiting", "service", "blocked", "held", "delay"):
        assert v[name].min() >= 0


@pytest.mark.parametrize("policy", ["status-quo", MOVED, "close-camp"])
def test_people_are_conserved_with_those_aboard(policy: str) -> None:
    """Inside yesterday + arrived = inside today + left; those aboard are in lorries that exist."""
    before = checkpoint().people
    assert before is not None
    inside = int(np.sum(before.people["state"] < STOCKS))
    ran, seen = whole(policy), 0
    for day, state in zip(ran.people, ran.states, strict=True):
        assert inside + day.arrivals == day.stock.sum()
        inside = int(day.stock[:STOCKS].sum())
        people = state.people.people
        aboard = people[people["state"] == State.ABOARD]
        assert aboard.size == day.stock[State.ABOARD]
        lorry, count = np.unique(aboard["vehicle"], return_counts=True)
        carrying = state.vehicles.aboard > 0
        assert np.array_equal(state.vehicles.vehicle[carrying], lorry)
        assert np.array_equal(state.vehicles.aboard[carrying], count)
        seen += aboard.size
        by_state = np.bincount(people["state"], minlength=len(State))
        assert np.array_equal(by_state[:STOCKS], day.stock[:STOCKS])
    assert seen > 0


def test_every_lorry_with_people_aboard_ends_in_an_outcome_for_each() -> None:
    ran = whole("status-quo")
    events = np.sum([day.events.sum(axis=1) for day in ran.people], axis=0)
    start = int(np.sum(checkpoint().people.people["state"] == State.ABOARD))
    end = int(ran.people[-1].stock[State.ABOARD])
    settled = (
        events[Event.FOUND_BEFORE_SEA] + events[Event.FOUND_AFTER_SEA]
        + events[Event.CROSSED_UNSEEN]
    )
    assert start + events[Event.BOARDED] - events[Event.NO_VEHICLE] == settled + end
    kinds = np.bincount(ran.outcomes[1], minlength=3)
    assert kinds[FOUND_BEFORE_SEA] > 0
    assert kinds[LEFT_UNFOUND] > 0
    assert kinds[FOUND_BEFORE_SEA] <= events[Event.FOUND_BEFORE_SEA]


def test_uncoupled_halves_are_the_halves_alone() -> None:
    plan, state = planned(), checkpoint()
    both = run(plan, DAYS, coupled=False)
    span = (plan.warm_up, plan.warm_up + DAYS)
    vehicles = gathered(simulate_vehicles(plan.vehicles, KEY, state, span))
    for name in VISIT:
        assert np.array_equal(both.visits[name], vehicles.visits[name])
    assert same_state(both.state.vehicles, vehicles.state.vehicles)
    assert both.outcomes.size == 0
    first, last = span[0] + plan.people_offset, span[1] + plan.people_offset - 1
    alone = list(simulate_people(plan.people, KEY, first, last, state.people))
    assert all(same_people(a, b) for a, (_, b) in zip(both.people, alone, strict=True))
    assert same_state(both.state.people, alone[-1][0])


def test_coupling_changes_both_halves() -> None:
    """Or the test above would say nothing."""
    off, on = run(planned(), DAYS, coupled=False), whole("status-quo")
    assert not all(same_people(a, b) for a, b in zip(off.people, on.people, strict=True))
    assert not same_state(off.state.vehicles, on.state.vehicles)


@pytest.mark.parametrize("slice_h", [7, 1])
@pytest.mark.parametrize("policy", ["status-quo", MOVED])
def test_slices_of_any_length_give_the_same_border(slice_h: int, policy: str) -> None:
    one, many = whole(policy), run(planned(policy), DAYS, slice_h=slice_h)
    for name in VISIT:
        np.testing.assert_array_equal(one.visits[name], many.visits[name])
    for name in ("outcomes", "sailings", "entered", "exited"):
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))
    assert all(same_people(a, b) for a, b in zip(one.people, many.people, strict=True))
    assert same_state(one.state, many.state)


@pytest.mark.parametrize(("policy", "scale"), [("status-quo", 1.0), (MOVED, 0.4)])
@pytest.mark.parametrize("engine", ["auto", "calendar"])
def test_the_reference_gives_the_same_border(policy: str, scale: float, engine: Engine) -> None:
    """A day with people aboard, row for row: what is fast means what is plain."""
    plan = planned(policy)
    vehicles = replace(plan.vehicles, rates=plan.vehicles.rates * scale)
    fast = run(plan, 1, vehicles=vehicles, engine=engine)
    plain = run(plan, 1, vehicles=vehicles, engine="reference")
    for name in VISIT:
        np.testing.assert_array_equal(fast.visits[name], plain.visits[name], name)
    for name in ("outcomes", "sailings", "entered", "exited"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name), name)
    assert same_people(fast.people[0], plain.people[0])
    assert same_state(fast.state, plain.state)
    assert fast.outcomes.shape[1] > 10


@pytest.mark.parametrize("policy", [name for name in names("policy") if name != "status-quo"])
def test_every_policy_starts_from_the_same_checkpoint(policy: str) -> None:
    """What was simulated once a row is what the policy's own plan gives up to the decision day."""
    shared = studies._checkpoint(border.study(policy, days=DAYS), 0)
    assert same_state(shared, checkpoint(policy, DAYS))


def test_running_changes_neither_plan_nor_checkpoint() -> None:
    plan, state = planned(), checkpoint()
    before = fingerprint(plan.vehicles, plan.people, state)
    run(plan, 1)
    run(plan, 1, coupled=False, engine="reference", vehicles=replace(
        plan.vehicles, rates=plan.vehicles.rates * 0.05))
    assert fingerprint(plan.vehicles, plan.people, state) == before


def test_two_runs_at_once_are_two_runs() -> None:
    """No module state: days of two borders, taken in turn."""
    plans = [planned("status-quo"), planned(MOVED)]
    turns = [
        simulate_border(p.vehicles, p.people, KEY, checkpoint(), (p.warm_up, p.warm_up + DAYS),
                        people_offset=p.people_offset)
        for p in plans
    ]
    last = [None, None]
    for days in zip(*turns, strict=True):
        last = [day.state for day in days]
    assert same_state(last[0], whole("status-quo").state)
    assert same_state(last[1], whole(MOVED).state)


def test_the_plan_holds_arrays_and_nothing_else() -> None:
    for part in (planned().vehicles, planned().people):
        for field in fields(part):
            value = getattr(part, field.name)
            assert isinstance(value, np.ndarray | int | tuple), field.name
