"""Extreme numbers run with their ledgers whole, or are refused with the limit named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from straits.base.errors import NumericalError
from straits.engine.population import MOST_PEOPLE, initial_people, simulate_people
from straits.tables.people import STAYER, STOCKS, Event, Observation, PeoplePlan, State
from straits.tables.people_parameters import MONTH_DAYS, Param
from support.people_plans import KEPT, KEY, changed, events, plan, run

HAZARDS = ("LEAVE", "LEAVE_EVENT", "RATE", "CLAIM_FRANCE", "RECEPTION_RATE", "REMOVAL_RATE",
           "VOLUNTARY", "FAMILY_RATE")  # fmt: skip
CAPACITIES = ("RECEPTION_CAPACITY", "REMOVAL_CAPACITY", "FAMILY_CAPACITY", "LODGE_CAPACITY",
              "CENTRE_CAPACITY", "UK_RETURNS", "FR_RETURNS", "REUNION_CAPACITY",
              "CHILDREN_CAPACITY", "ONE_CAPACITY", "UK_DUBLIN_CAPACITY")  # fmt: skip
LORRIES = {"WEIGHT_TRAIN": 0.0, "WEIGHT_BOAT": 0.0}  # and tickets: no way without either
ENGINES = ("compiled", "reference")
TRIED = (Event.NO_LORRY, Event.DIED, Event.TURNED_BACK, Event.BOARDED, Event.OPEN_TRIED)


def checked(source: PeoplePlan) -> tuple[np.ndarray, list]:
    """Run a plan, check the ledger of people and of lorries, and return events and logs."""
    _, logs = run(source)
    seen = events(logs)
    ended = sum(int(log.stock[STOCKS:].sum()) for log in logs)
    arrived = sum(log.arrivals for log in logs)
    assert source.start_stock + arrived == int(logs[-1].stock[:STOCKS].sum()) + ended
    landed = [Event.FOUND_BEFORE_SEA, Event.FOUND_AFTER_SEA, Event.CROSSED_UNSEEN]
    assert seen[Event.BOARDED] == seen[landed].sum()
    return seen, logs


def searched(source: PeoplePlan, share: float, sensitivity: float) -> PeoplePlan:
    """Return a plan that searches this share of lorries with this sensitivity."""
    return replace(source, share=np.full_like(source.share, share),
                   sensitivity=np.full_like(source.sensitivity, sensitivity),
                   targeting=np.ones_like(source.targeting))  # fmt: skip


def test_nobody_at_all() -> None:
    seen, logs = checked(plan(days=60, stock=0, inflow=0.0))
    assert seen.sum() == 0
    assert all(log.stock[:STOCKS].sum() == 0 for log in logs)
    assert all(log.observed[Observation.OFFICIAL_COUNT] == 0 for log in logs)


def test_no_inflow_empties_the_site() -> None:
    seen, logs = checked(plan(days=400, stock=300, inflow=0.0, decision_day=400, LEAVE=0.1,
                              LEFT_AGAIN=0.0, RETURN_AGAIN=0.0, STAYER=0.0))  # fmt: skip
    assert seen[Event.ARRIVED] == 0
    assert logs[-1].stock[[State.AT_SITE, State.ABOARD]].sum() <= 1


def test_everyone_claims() -> None:
    """A hazard beyond any that a document admits: all but a few claim on their first day."""
    seen, logs = checked(plan(days=40, stock=2000, inflow=50.0, CLAIM_FRANCE=1e6, FR_REGISTERED=1e6,
                              **KEPT))  # fmt: skip
    assert seen[Event.CLAIMED_FRANCE] > 0.99 * (2000 + seen[Event.ARRIVED])
    assert logs[-1].stock[State.AT_SITE] == 0
    others = seen[[Event.LEFT, Event.CROSSED_UNSEEN, *TRIED]].sum()
    assert others < 0.01 * seen[Event.CLAIMED_FRANCE]


def test_no_staff_decides_nothing_and_keeps_every_claim() -> None:
    seen, logs = checked(plan(days=120, stock=500, UK_STAFF=0.0, FR_STAFF=0.0, **KEPT))
    for column in (Observation.UK_CLAIMS, Observation.FRANCE_CLAIMS):
        claims, decided = (sum(int(log.observed[column + k]) for log in logs) for k in (0, 1))
        assert decided == 0
        assert logs[-1].observed[column + 2] == 40 + claims
    assert seen[[Event.GRANTED_UK, Event.REFUSED_UK, Event.GRANTED_FRANCE,
                 Event.REFUSED_FRANCE]].sum() == 0  # fmt: skip
    assert seen[Event.CLAIMED_UK] == logs[-1].stock[State.CLAIM_UK] > 0


def test_no_capacity_anywhere() -> None:
    source = plan(days=90, stock=800, LODGE_OPEN=1.0, CENTRE_OPEN=1.0, ONE_OPEN=1.0,
                  **dict.fromkeys(CAPACITIES, 0.0))  # fmt: skip
    seen, _ = checked(source)
    shut = [Event.TO_RECEPTION, Event.REMOVED, Event.FAMILY_TRANSFER, Event.LODGED_CALAIS,
            Event.TO_UK_CENTRE, Event.RETURNED_UK, Event.RETURNED_FRANCE, Event.FAMILY_REUNION,
            Event.CHILD_TRANSFER, Event.ONE_OUT, Event.ONE_IN, Event.DUBLIN_TO_FRANCE,
            Event.DUBLIN_ELSEWHERE]  # fmt: skip
    assert seen[shut].sum() == 0
    assert seen[Event.UK_CENTRE_FULL] > 0, "they ask all the same"


def test_a_million_people_at_the_start() -> None:
    source = plan(days=3, stock=1_000_000, inflow=50.0)
    seen, logs = checked(source)
    assert logs[0].stock[State.AT_SITE] > 900_000
    assert seen[Event.TURNED_BACK] > 0


@pytest.mark.parametrize("engine", ENGINES)
def test_more_people_than_a_run_holds_are_refused(engine: str) -> None:
    source = replace(plan(days=2), start_stock=MOST_PEOPLE + 1)
    with pytest.raises(NumericalError, match="4,000,001 people on day 0; a run holds at most 4,0"):
        initial_people(source, KEY, engine)
    flood = plan(days=2, stock=10, inflow=1e7)
    with pytest.raises(NumericalError, match="people on day 0; a run holds at most 4,000,000"):
        list(simulate_people(flood, KEY, 0, 1, engine=engine))


def test_everybody_a_stayer() -> None:
    few, many = (checked(plan(days=120, stock=1500, inflow=0.0, STAYER=share, LEAVE_STAYER=0.1))
                 for share in (0.0, 1.0))  # fmt: skip
    assert many[0][Event.LEFT] < 0.2 * few[0][Event.LEFT]
    state = initial_people(plan(stock=50, STAYER=1.0), KEY)
    assert np.all(state.people["traits"] & STAYER)
    still, _ = checked(plan(days=60, stock=400, inflow=0.0, STAYER=1.0, LEAVE_STAYER=0.0,
                            FAMILY_RATE=0.0))  # fmt: skip
    assert still.sum() == 0, "a factor of zero keeps them where they are"


def test_access_zero_and_one() -> None:
    barred, _ = checked(plan(days=60, stock=1500, ACCESS=0.0, CHOICE_ACCESS=0.0, **LORRIES))
    assert barred[Event.BOARDED] == 0 < barred[Event.TURNED_BACK]
    nowhere, _ = checked(plan(days=60, stock=1500, ACCESS=0.0, OPEN_CALAIS=0.0, OPEN_DUNKIRK=0.0,
                              OPEN_COQUELLES=0.0, **LORRIES))  # fmt: skip
    assert nowhere[list(TRIED)].sum() == 0, "where no place can be reached nobody tries"
    free, _ = checked(plan(days=60, stock=1500, ACCESS=1.0, **LORRIES))
    assert free[Event.TURNED_BACK] == 0 < free[Event.BOARDED]


def test_a_perfect_search_and_none() -> None:
    source = plan(days=60, stock=1500, **LORRIES)
    perfect, _ = checked(searched(source, 1.0, 1.0))
    assert perfect[Event.CROSSED_UNSEEN] == 0 < perfect[Event.FOUND_BEFORE_SEA]
    assert perfect[Event.FOUND_BEFORE_SEA] == perfect[Event.BOARDED]
    none, _ = checked(searched(source, 1.0, 0.0))
    assert none[Event.CROSSED_UNSEEN] == none[Event.BOARDED] > 0


@pytest.mark.parametrize("matching", [1e-300, 1e8, 1e17, 1e300])
def test_as_many_lorries_as_one_likes(matching: float) -> None:
    """With room for all, everyone meets a lorry; rounding must not turn that into nobody."""
    seen, _ = checked(plan(days=30, stock=1500, MATCHING=matching, **LORRIES))
    met = seen[[Event.TURNED_BACK, Event.BOARDED, Event.DIED]].sum()
    if matching < 1.0:
        assert met == 0 < seen[Event.NO_LORRY]
    else:
        assert seen[Event.NO_LORRY] == 0 < met


def test_every_attempt_kills() -> None:
    seen, _ = checked(plan(days=60, stock=500, DEATH=1.0, **LORRIES))
    assert seen[Event.DIED] > 0
    assert seen[[Event.TURNED_BACK, Event.BOARDED]].sum() == 0


def test_all_hazards_at_their_bounds() -> None:
    source = plan(days=30, stock=1000, inflow=100.0, **dict.fromkeys(HAZARDS, 30.0 / MONTH_DAYS))
    seen, logs = checked(source)
    assert logs[-1].stock[State.AT_SITE] < 200
    assert seen[Event.CLAIMED_FRANCE] > 0


@pytest.mark.parametrize("which", ["low", "high"])
def test_all_parameters_at_a_bound_at_once(which: str) -> None:
    source = plan(days=20, stock=200)
    parameters = source.parameters.copy()
    for param in Param:
        bound = param.low if which == "low" else param.high
        value = float(bound if bound is not None else 0.0)
        parameters[:, param] = value / MONTH_DAYS if param.unit == "1/month" else value
    # The inflow alone would be four million people a day; that is refused, as above.
    parameters[:, [Param.INFLOW, Param.INFLOW_OUTLOOK]] = (5.0, 1.0)
    seen, _ = checked(replace(source, parameters=parameters))
    assert np.all(seen >= 0)


def test_a_route_that_shuts_leaves_no_claim_behind() -> None:
    source = changed(plan(days=90, stock=600), 10, LODGE_OPEN=1.0, LODGE_CAPACITY=1.0)
    _, logs = checked(changed(source, 50, LODGE_OPEN=0.0))
    assert logs[49].observed[Observation.CALAIS_BACKLOG] > 50
    assert logs[50].observed[Observation.CALAIS_BACKLOG] == 0
    assert logs[-1].observed[Observation.CALAIS_BACKLOG] == 0
    assert logs[50].stock[State.CLAIM_LODGED_CALAIS] == 0


def test_everyone_gives_up_or_is_sent_on() -> None:
    """Hazards beyond any that a document admits: within eight days of the claim nobody waits."""
    source = plan(days=60, stock=400, UK_ABSCONDING=1e6, FR_WITHDRAWAL=1e6, FR_TO_SITE=0.0,
                  UK_STAFF=0.0, FR_STAFF=0.0, UK_TIME=0.0)  # fmt: skip
    seen, logs = checked(source)
    assert seen[Event.GRANTED_UK] == seen[Event.WITHDREW_UK] == seen[Event.BACK_AT_SITE] == 0
    recent = sum(int(log.events[[Event.CLAIMED_UK, Event.FRESH_CLAIM_UK]].sum())
                 for log in logs[-8:])  # fmt: skip
    assert logs[-1].stock[State.CLAIM_UK] <= recent


def test_every_decision_is_made_twice() -> None:
    """All first decisions are sent back; none of the second is, so that the queue still moves."""
    kept = {**KEPT, "UK_REWORK": 1.0, "FR_REWORK": 1.0}
    seen, logs = checked(plan(days=150, stock=600, UK_STAFF=400.0, UK_TIME=5.0, **kept))
    decided = seen[[Event.GRANTED_UK, Event.REFUSED_UK]].sum()
    waits = logs[-1].stock[State.CLAIM_UK]
    assert 0 < decided <= seen[Event.REWORKED_UK] <= decided + waits


def test_exchange_with_nobody_to_return_opens_no_place() -> None:
    source = plan(days=90, stock=500, RATE=0.0, FAMILY_RATE=0.0, REUNION_RATE=0.0, ONE_OPEN=1.0,
                  ONE_CAPACITY=50.0)  # fmt: skip
    seen, _ = checked(source)
    assert seen[[Event.ONE_OUT, Event.ONE_IN]].sum() == 0
