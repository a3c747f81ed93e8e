"""The ledgers of persons and attempts balance, whatever the numbers.

A scenario is a plan of few people whose parameters are moved at random within the bounds of
`Param`, once on the first day and once later, with the treaty ended on a day of its own. Half of
the scenarios resolve what lorries carry on a later day, as the coupled border does.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from straits.engine.population import assign_vehicles, begin_day, finish_day, initial_people
from straits.engine.rng import Seed
from straits.tables.people import (
    NOWHERE,
    STOCKS,
    TERMINAL,
    Boardings,
    Counter,
    Event,
    Observation,
    PeopleDay,
    PeoplePlan,
    PeopleState,
    State,
)
from straits.tables.people_parameters import MONTH_DAYS, Param
from support.people_plans import changed, plan, without_treaty

SCENARIOS: Final = 1000
TRIED: Final = (Event.NO_LORRY, Event.DIED, Event.TURNED_BACK, Event.BOARDED, Event.OPEN_TRIED)
# Where a number has no bound in the documents, or one that would only fill the memory.
HIGH: Final = {Param.INFLOW: 12.0, Param.INFLOW_OUTLOOK: 2.0, Param.INFLOW_CAP: 3.0}
UNBOUNDED: Final = 20.0


def value_of(param: Param, share: float) -> float:
    """Return a value of a parameter, as the plan holds it, by its share of the way up."""
    low = param.low or 0.0
    high = HIGH.get(param, param.high if param.high is not None else low + UNBOUNDED)
    high = min(high, low + 1000.0)
    # Most hazards near the low end: what empties the site on the first day shows little else.
    value = low + (high - low) * (share**4 if param.unit == "1/month" else share)
    return value / MONTH_DAYS if param.unit == "1/month" else value


# Every route open, and every step soon enough to be met within weeks.
QUICK: Final = {
    "LODGE_OPEN": 1.0, "LODGE_CAPACITY": 1.5, "LODGE_TIME": 3.0, "LODGE_RETURN": 0.2,
    "CENTRE_OPEN": 1.0, "CENTRE_CAPACITY": 0.6, "UK_TIME": 3.0, "FR_TIME": 3.0,
    "UK_APPEAL_TIME": 5.0, "FR_APPEAL_TIME": 5.0, "RECEPTION_STAY": 6.0, "UK_CLAIM_LAG": 4.0,
    "UK_FADE": 20.0, "AGAIN_DELAY": 5.0, "UK_RETURNS": 0.4, "FR_RETURNS": 0.4,
    "UK_RETURN_LIMIT": 6.0, "FR_RETURN_LIMIT": 6.0, "UK_STAFF": 40.0, "FR_STAFF": 30.0,
    "QUEUE_ATTEMPTS": 1.0, "DEATH": 0.005, "COUNTED": 0.9,
    "UK_WITHDRAWAL": 0.02, "UK_ABSCONDING": 0.02, "UK_REWORK": 0.3, "UK_FRESH": 0.05,
    "FR_WITHDRAWAL": 0.02, "FR_ABSCONDING": 0.02, "FR_REWORK": 0.3, "FR_FRESH": 0.05,
    "FR_TO_SITE": 0.5, "UK_DUBLIN_SHARE": 0.5, "UK_DUBLIN_CAPACITY": 0.4, "UK_DUBLIN_LIMIT": 12.0,
    "UK_DUBLIN_FRANCE": 0.5, "REUNION_CAPACITY": 0.4, "CHILDREN_CAPACITY": 0.4, "ONE_OPEN": 1.0,
    "ONE_CAPACITY": 0.5, "ONE_COAST": 0.5, "UK_CHALLENGE": 0.5, "FR_CHALLENGE": 0.5,
    "UK_CHALLENGE_TIME": 4.0, "FR_CHALLENGE_TIME": 4.0, "UK_STOPPED_NOT": 0.5,
    "FR_STOPPED_NOT": 0.5, "UK_REGISTERED": 4.0, "FR_REGISTERED": 9.0, "UK_APPEALS": 2.0,
    "FR_APPEALS": 2.0,
}  # fmt: skip
SHARES: Final = st.one_of(st.sampled_from((0.0, 1.0)), st.floats(0.0, 1.0))
MOVED: Final = st.dictionaries(st.sampled_from(list(Param)), SHARES, min_size=4, max_size=30)


@dataclass(frozen=True)
class Case:
    """A random scenario."""

    days: int
    stock: int
    inflow: float
    first: dict[Param, float]
    then: dict[Param, float]
    turn: int
    treaty: int
    coupled: bool
    seed: int

    def plan(self) -> PeoplePlan:
        """Return the plan of the scenario."""
        source = plan(self.days, self.stock, self.inflow, self.days // 3, **QUICK)
        for day, values in ((0, self.first), (self.turn, self.then)):
            source = changed(source, day, **{p.name: value_of(p, s) for p, s in values.items()})
        return without_treaty(source, self.treaty)


CASES: Final = st.builds(
    Case, days=st.integers(20, 60), stock=st.integers(0, 80), inflow=st.floats(0.0, 8.0),
    first=MOVED, then=MOVED, turn=st.integers(0, 60), treaty=st.integers(0, 60),
    coupled=st.booleans(), seed=st.integers(0, 10_000),
)  # fmt: skip
EVERYTHING_HAPPENS: Final = Case(
    60, 500, 20.0, {Param.RATE: 0.8, Param.UK_STUCK_LEAVE: 0.7, Param.FR_STUCK_LEAVE: 0.7},
    {Param.CLOSED: 1.0, Param.LODGE_OPEN: 0.0, Param.CLOSED_AGAIN: 1.0}, 45, 15, True, 1,
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One day of a run: the states around it, in the middle of it, and its log."""

    before: PeopleState
    begun: PeopleState
    after: PeopleState
    log: PeopleDay


def settled(state: PeopleState, boardings: Boardings, day: int):
    """Give boardings lorries, sometimes none, and settle some of those aboard."""
    vehicles = np.array(
        [-1 if (k * 7 + day) % 11 == 0 else day * 1000 + k // 2 for k in range(boardings.row.size)],
        np.int64,
    )
    state = assign_vehicles(state, boardings, vehicles)
    aboard = np.unique(state.people["vehicle"][state.people["state"] == State.ABOARD])
    arrived = aboard[(aboard + day) % 3 > 0]
    return state, (arrived, arrived % 4)


def steps(case: Case, engine: str = "compiled", trace: bool = False) -> Iterator[Step]:
    """Run a scenario day by day."""
    source, key = case.plan(), Seed(case.seed).key
    state = initial_people(source, key, engine)
    for day in range(source.days):
        begun, boardings = begin_day(
            source, state, day, None, key, case.coupled, engine=engine, trace=trace
        )
        outcomes = None
        if case.coupled:
            begun, outcomes = settled(begun, boardings, day)
        middle = replace(begun, people=begun.people.copy())  # `finish_day` uses the rows up
        after, log = finish_day(source, begun, day, outcomes, key, engine=engine, trace=trace)
        yield Step(state, middle, after, log)
        state = after


def attempts_of(day: Step) -> int:
    """Return by how much people's own counts of attempts grew on a day."""
    rows = day.before.people
    back = (rows["state"] >= TERMINAL) & (rows["due"] >= 0) & (rows["due"] <= day.log.day)
    return int(day.begun.people["attempts"].sum()) - int(rows["attempts"][~back].sum())


def check_day(day: Step) -> None:
    """Check what must hold on every day."""
    log, seen = day.log, day.log.events.sum(axis=1)
    inside, ended = log.stock[:STOCKS].sum(), log.stock[STOCKS:].sum()
    assert day.before.counters[Counter.STOCK] + log.arrivals == inside + ended
    assert seen.min() >= 0
    assert min(log.stock.min(), log.person_days.min(), log.observed.min()) >= 0
    # Places in the UK are opened by returns, and by nothing else.
    for state in (day.begun, day.after):
        assert state.counters[Counter.ONE_IN] <= state.counters[Counter.ONE_OUT]
    people = day.after.people["state"]
    assert np.array_equal(np.bincount(people, minlength=STOCKS)[:STOCKS], log.stock[:STOCKS])
    # Attempts: each ends in one way, and people's own counts say as many.
    assert attempts_of(day) == sum(seen[k] for k in TRIED)
    assert seen[Event.COUNTED] <= seen[Event.TURNED_BACK]
    assert seen[Event.OPEN_BOARDED] <= seen[Event.OPEN_TRIED]
    assert max(seen[Event.INJURED], seen[Event.DRIVER_INCIDENT]) <= sum(seen[k] for k in TRIED[:4])
    for kind in TRIED:
        assert log.events[kind, NOWHERE] == 0, "an attempt without a place"


def check_run(case: Case, start: PeopleState, last: PeopleState, logs: list[PeopleDay]) -> None:
    """Check what must hold over a run as a whole, by state where events tell where people go."""
    seen = np.sum([log.events for log in logs], axis=(0, 2))
    ended = np.sum([log.stock[STOCKS:] for log in logs], axis=0)
    now = {state: int(logs[-1].stock[state]) for state in State if state < TERMINAL}
    out = dict(zip([state for state in State if state >= TERMINAL], ended.tolist(), strict=True))

    def total(*kinds: Event) -> int:
        return int(sum(seen[k] for k in kinds))

    arrived = total(Event.ARRIVED, Event.ARRIVED_AGAIN)
    assert start.people.size + arrived == sum(now.values()) + sum(out.values())
    assert last.counters[Counter.ENDED] == sum(out.values())
    assert last.counters[Counter.ARRIVALS] == arrived
    # Exits by terminal state.
    assert out[State.DIED] == total(Event.DIED)
    assert out[State.PROTECTED_UK] == total(Event.GRANTED_UK, Event.ALLOWED_UK,
                                            Event.GRANTED_CALAIS)  # fmt: skip
    assert out[State.PROTECTED_FRANCE] == total(Event.GRANTED_FRANCE, Event.ALLOWED_FRANCE)
    assert out[State.RETURNED] == total(Event.VOLUNTARY_RETURN, Event.REMOVED, Event.RETURNED_UK,
                                        Event.RETURNED_FRANCE, Event.WITHDREW_UK)  # fmt: skip
    gave_up = total(Event.WITHDREW_FRANCE, Event.ABSCONDED_FRANCE)
    to_france = total(Event.DUBLIN_TO_FRANCE, Event.ONE_OUT)
    back = total(Event.BACK_AT_SITE)
    assert back <= gave_up + total(Event.ONE_OUT)
    left = total(Event.LEFT, Event.LEFT_RECEPTION, Event.OUT_OF_VIEW, Event.ABSCONDED_UK,
                 Event.DUBLIN_ELSEWHERE)  # fmt: skip
    # Of those who give a claim up in France, who does not go back to the site leaves.
    least = left + max(0, gave_up - back)
    assert least <= out[State.LEFT_ELSEWHERE] <= left + gave_up + total(Event.DISPERSED)
    # States into and out of which every move is an event.
    landed = total(Event.FOUND_BEFORE_SEA, Event.FOUND_AFTER_SEA, Event.CROSSED_UNSEEN,
                   Event.NO_VEHICLE)  # fmt: skip
    assert total(Event.BOARDED) == landed + now[State.ABOARD]
    if not case.coupled:
        assert now[State.ABOARD] == 0
    moved = to_france + total(Event.DUBLIN_ELSEWHERE)
    ended_uk = total(Event.GRANTED_UK, Event.REFUSED_UK, Event.WITHDREW_UK, Event.ABSCONDED_UK)
    claimed = total(Event.CLAIMED_UK, Event.FRESH_CLAIM_UK)
    rows = last.people
    unregistered = {state: int(np.count_nonzero((rows["state"] == state) & (rows["ticket"] < 0)))
                    for state in (State.CLAIM_UK, State.CLAIM_FRANCE)}
    assert now[State.CLAIM_UK] == claimed - ended_uk - moved + unregistered[State.CLAIM_UK]
    decided = total(Event.GRANTED_FRANCE, Event.REFUSED_FRANCE)
    claimed = total(Event.CLAIMED_FRANCE, Event.FRESH_CLAIM_FRANCE)
    claimed += unregistered[State.CLAIM_FRANCE]
    assert now[State.CLAIM_FRANCE] == claimed - decided - gave_up
    # Whom another state was asked to take: taken, still asked for, or the UK's.
    asked = (last.people["state"] == State.CLAIM_UK) & (last.people["due"] >= 0)
    taken = total(Event.DUBLIN_TO_FRANCE, Event.DUBLIN_ELSEWHERE, Event.DUBLIN_LAPSED)
    gone = total(Event.DUBLIN_ASKED) - taken - np.count_nonzero(asked)
    assert 0 <= gone <= total(Event.WITHDREW_UK, Event.ABSCONDED_UK, Event.ONE_OUT)
    assert last.counters[Counter.ONE_OUT] == total(Event.ONE_OUT)
    assert last.counters[Counter.ONE_IN] == total(Event.ONE_IN)
    away = (last.people["state"] == State.ABOARD) & (
        last.people["then"] == State.CLAIM_LODGED_CALAIS
    )
    closed = total(Event.GRANTED_CALAIS, Event.REFUSED_CALAIS, Event.WITHDREW_CALAIS)
    pending = now[State.CLAIM_LODGED_CALAIS] + np.count_nonzero(away)
    assert total(Event.LODGED_CALAIS) == closed + pending
    # The UK as a whole: people come by seven ways, and leave by ten.
    uk = (State.UK_UNSEEN, State.CLAIM_UK, State.APPEAL_UK, State.RETURN_PENDING_UK,
          State.NON_RETURNABLE_UK)  # fmt: skip
    came = total(Event.CROSSED_UNSEEN, Event.FOUND_AFTER_SEA, Event.OPEN_BOARDED,
                 Event.FAMILY_TRANSFER, Event.TO_UK_CENTRE, Event.FAMILY_REUNION,
                 Event.CHILD_TRANSFER, Event.ONE_IN)  # fmt: skip
    went = total(Event.GRANTED_UK, Event.ALLOWED_UK, Event.RETURNED_UK, Event.OUT_OF_VIEW,
                 Event.WITHDREW_UK, Event.ABSCONDED_UK) + moved  # fmt: skip
    stuck = came - went - sum(now[state] for state in uk)
    assert 0 <= stuck <= total(Event.LEFT)
    # Claims of others share the queues: the state's book has theirs and ours.
    for system, (column, stock) in enumerate(
        [(Observation.UK_CLAIMS, State.CLAIM_UK), (Observation.FRANCE_CLAIMS, State.CLAIM_FRANCE)]
    ):
        claims, decisions = (sum(int(log.observed[column + k]) for log in logs) for k in (0, 1))
        backlog = int(logs[-1].observed[column + 2])
        again = total((Event.REWORKED_UK, Event.REWORKED_FRANCE)[system],
                      (Event.FRESH_CLAIM_UK, Event.FRESH_CLAIM_FRANCE)[system])  # fmt: skip
        again += int(last.counters[Counter.UK_REWORKED + system])
        assert 40 + claims + again == decisions + backlog
        # A turn that has passed is kept for those for whom another state is asked.
        kept = np.count_nonzero(asked) if stock == State.CLAIM_UK else 0
        assert backlog >= now[stock] - kept - unregistered[stock]
        ours = total((Event.CLAIMED_UK, Event.CLAIMED_FRANCE)[system])
        assert claims == ours + last.counters[Counter.UK_BACKGROUND + system]


def check_case(case: Case, engine: str = "compiled") -> None:
    """Run a scenario and check its ledgers, day by day and as a whole."""
    days = []
    for day in steps(case, engine):
        check_day(day)
        days.append(day)
    check_run(case, days[0].before, days[-1].after, [day.log for day in days])


@settings(max_examples=SCENARIOS, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@example(EVERYTHING_HAPPENS)
@given(CASES)
def test_ledgers_balance_in_a_thousand_scenarios(case: Case) -> None:
    check_case(case)


@settings(max_examples=12, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(CASES)
def test_ledgers_balance_in_the_plain_engine(case: Case) -> None:
    check_case(replace(case, days=20, stock=case.stock // 2), "reference")


# ------------------------------------------------------------ person by person

SITE: Final = frozenset({State.AT_SITE, State.AT_OTHER_SITE})
COAST: Final = SITE | {State.CLAIM_LODGED_CALAIS}
SENT_UK: Final = frozenset({State.RETURN_PENDING_UK, State.NON_RETURNABLE_UK})
SENT_FRANCE: Final = frozenset({State.RETURN_PENDING_FRANCE, State.NON_RETURNABLE_FRANCE})
# Event: from which states, to which; those that leave a person where they are do not stand here.
MOVES: Final[dict[Event, tuple[frozenset[State], frozenset[State]]]] = {
    Event.LEFT: (COAST | {State.NON_RETURNABLE_UK, State.NON_RETURNABLE_FRANCE},
                 frozenset({State.LEFT_ELSEWHERE})),
    Event.VOLUNTARY_RETURN: (SITE, frozenset({State.RETURNED})),
    Event.CLAIMED_FRANCE: (SITE | {State.RECEPTION_CENTRE, State.CLAIM_FRANCE},
                           frozenset({State.CLAIM_FRANCE})),
    Event.REMOVED: (frozenset({State.AT_SITE}), frozenset({State.RETURNED})),
    Event.FAMILY_TRANSFER: (frozenset({State.AT_SITE}), frozenset({State.CLAIM_UK})),
    Event.TO_RECEPTION: (COAST, frozenset({State.RECEPTION_CENTRE})),
    Event.LEFT_RECEPTION: (frozenset({State.RECEPTION_CENTRE}), frozenset({State.LEFT_ELSEWHERE})),
    Event.BACK_FROM_RECEPTION: (frozenset({State.RECEPTION_CENTRE}), frozenset({State.AT_SITE})),
    Event.LODGED_CALAIS: (SITE, frozenset({State.CLAIM_LODGED_CALAIS})),
    Event.GRANTED_CALAIS: (frozenset({State.CLAIM_LODGED_CALAIS}), frozenset({State.PROTECTED_UK})),
    Event.REFUSED_CALAIS: (frozenset({State.CLAIM_LODGED_CALAIS}),
                           SENT_FRANCE | {State.AT_SITE}),
    # It is followed by where the person goes, except when the route shuts.
    Event.WITHDREW_CALAIS: (
        frozenset({State.CLAIM_LODGED_CALAIS, State.ABOARD, State.CLAIM_UK, *SENT_UK}),
        COAST | {State.ABOARD, State.CLAIM_UK, *SENT_UK}),
    Event.TO_UK_CENTRE: (SITE, frozenset({State.CLAIM_UK})),
    Event.DISPERSED: (COAST, frozenset({State.AT_OTHER_SITE, State.LEFT_ELSEWHERE})),
    Event.BOARDED: (COAST, frozenset({State.ABOARD})),
    Event.NO_VEHICLE: (frozenset({State.ABOARD}), COAST),
    Event.FOUND_BEFORE_SEA: (frozenset({State.ABOARD}), COAST),
    Event.FOUND_AFTER_SEA: (frozenset({State.ABOARD}) | COAST, SENT_UK | {State.CLAIM_UK}),
    Event.CROSSED_UNSEEN: (frozenset({State.ABOARD}) | COAST, frozenset({State.UK_UNSEEN})),
    Event.OPEN_BOARDED: (COAST, SENT_UK | {State.CLAIM_UK}),
    Event.DIED: (COAST, frozenset({State.DIED})),
    Event.ARRESTED: (frozenset({State.UK_UNSEEN}), SENT_UK | {State.CLAIM_UK}),
    Event.OUT_OF_VIEW: (frozenset({State.UK_UNSEEN}), frozenset({State.LEFT_ELSEWHERE})),
    Event.CLAIMED_UK: (frozenset({State.CLAIM_UK, State.UK_UNSEEN}), frozenset({State.CLAIM_UK})),
    Event.GRANTED_UK: (frozenset({State.CLAIM_UK}), frozenset({State.PROTECTED_UK})),
    Event.REFUSED_UK: (frozenset({State.CLAIM_UK}), SENT_UK),
    Event.APPEALED_UK: (SENT_UK, frozenset({State.APPEAL_UK})),
    Event.ALLOWED_UK: (frozenset({State.APPEAL_UK}), frozenset({State.PROTECTED_UK})),
    Event.RETURNED_UK: (frozenset({State.RETURN_PENDING_UK}), frozenset({State.RETURNED})),
    Event.NOT_RETURNABLE_UK: (SENT_UK | {State.APPEAL_UK}, frozenset({State.NON_RETURNABLE_UK})),
    Event.GRANTED_FRANCE: (frozenset({State.CLAIM_FRANCE}), frozenset({State.PROTECTED_FRANCE})),
    Event.REFUSED_FRANCE: (frozenset({State.CLAIM_FRANCE}), SENT_FRANCE),
    Event.APPEALED_FRANCE: (SENT_FRANCE, frozenset({State.APPEAL_FRANCE})),
    Event.ALLOWED_FRANCE: (frozenset({State.APPEAL_FRANCE}), frozenset({State.PROTECTED_FRANCE})),
    Event.RETURNED_FRANCE: (frozenset({State.RETURN_PENDING_FRANCE}), frozenset({State.RETURNED})),
    Event.NOT_RETURNABLE_FRANCE: (SENT_FRANCE | {State.APPEAL_FRANCE},
                                  frozenset({State.NON_RETURNABLE_FRANCE})),
    Event.WITHDREW_UK: (frozenset({State.CLAIM_UK}), frozenset({State.RETURNED})),
    Event.ABSCONDED_UK: (frozenset({State.CLAIM_UK}), frozenset({State.LEFT_ELSEWHERE})),
    Event.WITHDREW_FRANCE: (frozenset({State.CLAIM_FRANCE}),
                            frozenset({State.LEFT_ELSEWHERE, State.AT_SITE})),
    Event.ABSCONDED_FRANCE: (frozenset({State.CLAIM_FRANCE}),
                             frozenset({State.LEFT_ELSEWHERE, State.AT_SITE})),
    Event.REWORKED_UK: (frozenset({State.CLAIM_UK}), frozenset({State.CLAIM_UK})),
    Event.REWORKED_FRANCE: (frozenset({State.CLAIM_FRANCE}), frozenset({State.CLAIM_FRANCE})),
    Event.FRESH_CLAIM_UK: (frozenset({State.NON_RETURNABLE_UK}), frozenset({State.CLAIM_UK})),
    Event.FRESH_CLAIM_FRANCE: (frozenset({State.NON_RETURNABLE_FRANCE}),
                               frozenset({State.CLAIM_FRANCE})),
    Event.DUBLIN_ASKED: (frozenset({State.CLAIM_UK, State.UK_UNSEEN}),
                         frozenset({State.CLAIM_UK})),
    Event.DUBLIN_LAPSED: (frozenset({State.CLAIM_UK}), frozenset({State.CLAIM_UK})),
    Event.DUBLIN_TO_FRANCE: (frozenset({State.CLAIM_UK}), frozenset({State.CLAIM_FRANCE})),
    Event.DUBLIN_ELSEWHERE: (frozenset({State.CLAIM_UK}), frozenset({State.LEFT_ELSEWHERE})),
    Event.FAMILY_REUNION: (frozenset({State.AT_SITE}), frozenset({State.CLAIM_UK})),
    Event.CHILD_TRANSFER: (frozenset({State.AT_SITE}), frozenset({State.CLAIM_UK})),
    Event.ONE_OUT: (frozenset({State.CLAIM_UK}),
                    frozenset({State.CLAIM_FRANCE, State.AT_SITE})),
    Event.ONE_IN: (frozenset({State.AT_SITE}), frozenset({State.CLAIM_UK})),
    Event.STOPPED_UK: (frozenset({State.RETURN_PENDING_UK}), frozenset({State.NON_RETURNABLE_UK})),
    Event.STOPPED_FRANCE: (frozenset({State.RETURN_PENDING_FRANCE}),
                           frozenset({State.NON_RETURNABLE_FRANCE})),
    Event.BACK_AT_SITE: (frozenset({State.AT_SITE}), frozenset({State.AT_SITE})),
}  # fmt: skip
SOURCES: Final = {State.CLAIM_UK: MOVES[Event.CLAIMED_UK][0],
                  State.CLAIM_FRANCE: MOVES[Event.CLAIMED_FRANCE][0]}  # fmt: skip
# The only move without an event of its own: an appeal is dismissed.
DISMISSED: Final = {
    State.APPEAL_UK: SENT_UK | {State.APPEAL_UK},
    State.APPEAL_FRANCE: SENT_FRANCE | {State.APPEAL_FRANCE},
}


def states_by_person(state: PeopleState) -> dict[int, State]:
    """Return where everyone stands; people may have left and come back under another number."""
    return {int(row["person"]): State(row["state"]) for row in state.people}


@settings(max_examples=60, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@example(EVERYTHING_HAPPENS)
@given(CASES)
def test_the_events_of_a_person_explain_where_they_stand(case: Case) -> None:
    for day in steps(case, trace=True):
        can_be = {who: frozenset({at}) for who, at in states_by_person(day.before).items()}
        tried: Tally[int] = Tally()
        for person, event, _ in day.log.trace.tolist():
            if event in (Event.ARRIVED, Event.ARRIVED_AGAIN):
                assert person not in can_be, "someone arrived who was there"
                can_be[person] = SITE
            elif event in MOVES:
                sources, targets = MOVES[Event(event)]
                assert can_be[person] & sources, (Event(event).name, can_be[person])
                can_be[person] = targets
            tried[person] += event in TRIED
        rows = day.after.people
        unregistered = set(rows["person"][rows["ticket"] < 0].tolist())
        for person, at in states_by_person(day.after).items():
            allowed = can_be[person]
            if person in unregistered and at in SOURCES:  # the event comes with the ticket
                assert allowed & SOURCES[at], (person, at.name, allowed)
                continue
            if len(allowed) == 1:
                allowed = DISMISSED.get(next(iter(allowed)), allowed)
            assert at in allowed, (person, at.name, allowed)
        before = dict(zip(day.before.people["person"].tolist(),
                          day.before.people["attempts"].tolist(), strict=True))  # fmt: skip
        for person, count in zip(day.begun.people["person"].tolist(),
                                 day.begun.people["attempts"].tolist(), strict=True):  # fmt: skip
            assert count - before.get(person, 0) == tried[person]


def test_every_event_is_met() -> None:
    """What never happens is not checked: one scenario has all of it."""
    seen = sum(day.log.events.sum(axis=1) for day in steps(EVERYTHING_HAPPENS))
    assert {Event(k).name for k in np.flatnonzero(seen == 0)} == set()


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_wrong_entry_is_seen(engine: str) -> None:
    """The checks can fail: one attempt more, or one person fewer, and they do."""
    day = next(iter(steps(EVERYTHING_HAPPENS, engine)))
    check_day(day)
    more = replace(day, log=replace(day.log, events=day.log.events.copy()))
    more.log.events[Event.TURNED_BACK, 0] += 1
    fewer = replace(day, log=replace(day.log, stock=day.log.stock.copy()))
    fewer.log.stock[State.AT_SITE] -= 1
    for wrong in (more, fewer):
        with pytest.raises(AssertionError):
            check_day(wrong)
