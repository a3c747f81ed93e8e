"""The history in expected values is the mean of histories of people.

Bounds are K standard errors of the mean over seeds and a small share. Measured over 24 seeds of the
baseline, the expected form lies within 0.6 % at the site since 2014, 1.2 % below in counted attempts
and 1.4 % below in crossings in 2016, 0.7 % below in crossings before. Two causes are known. Those
whom a state returns after an asylum decision do not come back here: a quarter of all who arrive
again; without them half of the difference of 2016 goes. And places go to all who ask alike, not in
order of first arrival: stayers are 26 % of the site in August 2016 where people make 23 %.
All else is within the luck of 24 seeds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import exp, lgamma, log

import numpy as np
import pytest

from straits.base.errors import InternalError
from straits.engine._kernels.people_expected import served
from straits.engine.expected import Expected, expect_people
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.ensemble.study import Study, horizon, plan_task
from straits.tables.people import Event, PeoplePlan, State
from straits.tables.people_parameters import Param
from support.people_plans import changed, plan, without_treaty

SEEDS = 12
K = 4.5
BIAS = 0.02  # a little more than was measured
STOCKS = {
    "AT_SITE": State.AT_SITE, "AT_OTHER_SITE": State.AT_OTHER_SITE,
    "IN_RECEPTION": State.RECEPTION_CENTRE,
}  # fmt: skip
EVENTS = {
    "COUNTED": (Event.COUNTED, Event.FOUND_BEFORE_SEA),
    "TURNED_BACK": (Event.TURNED_BACK,),
    "BOARDED": (Event.BOARDED,),
    "CROSSED_UNSEEN": (Event.CROSSED_UNSEEN,),
    "FOUND_AFTER_SEA": (Event.FOUND_AFTER_SEA,),
    "CROSSED": (Event.CROSSED_UNSEEN, Event.FOUND_AFTER_SEA, Event.OPEN_BOARDED),
    "OPEN_BOARDED": (Event.OPEN_BOARDED,),
    "DEATHS": (Event.DIED,),
    "TO_RECEPTION": (Event.TO_RECEPTION,),
    "LEFT_RECEPTION": (Event.LEFT_RECEPTION,),
    "REMOVED": (Event.REMOVED,),
    "VOLUNTARY_RETURN": (Event.VOLUNTARY_RETURN,),
    "FAMILY_TRANSFER": (Event.FAMILY_TRANSFER,),
}
ENTRIES = (Expected.ARRIVALS, Expected.ARRIVED_OTHER, Expected.ARRIVED_AGAIN)
EXITS = (
    Expected.CROSSED, Expected.DEATHS, Expected.CLAIMED_FRANCE, Expected.CLAIMED_FROM_RECEPTION,
    Expected.REMOVED, Expected.LEFT, Expected.LEFT_RECEPTION, Expected.VOLUNTARY_RETURN,
    Expected.FAMILY_TRANSFER,
)  # fmt: skip


class Histories:
    """Histories of people under some seeds: stocks and events, [seed, day, ...]."""

    def __init__(self, source: PeoplePlan, days: int) -> None:
        logs = [
            [log for _, log in simulate_people(source, Seed(1, row).key, 0, days - 1)]
            for row in range(SEEDS)
        ]
        self.stock = np.array([[log.stock for log in one] for one in logs], float)
        self.events = np.array([[log.events.sum(axis=1) for log in one] for one in logs], float)
        self.first = np.array([[log.events[Event.ARRIVED, 0] for log in one] for one in logs], float)

    def of(self, *kinds: Event) -> np.ndarray:
        return sum(self.events[:, :, kind] for kind in kinds)


def misfits(people: np.ndarray, expected: np.ndarray, bias: float = BIAS) -> np.ndarray:
    """Return where numbers of seeds, [seed, n], and expected ones, [n], lie too far apart."""
    mean, error = people.mean(axis=0), people.std(axis=0, ddof=1) / np.sqrt(len(people))
    # A few events in all seeds together may show no spread: their luck is Poisson's.
    error = np.maximum(error, np.sqrt((expected + 1.0 / SEEDS) / SEEDS) * (expected < 20.0))
    return np.abs(expected - mean) > K * error + bias * mean


def sums(days: np.ndarray, cuts: list[int]) -> np.ndarray:
    """Return the sums over stretches of days, the last axis of `days`."""
    return np.add.reduceat(days, cuts, axis=-1)


def claims(out: np.ndarray) -> np.ndarray:
    """Return all claims in France."""
    return out[:, Expected.CLAIMED_FRANCE] + out[:, Expected.CLAIMED_FROM_RECEPTION]


def days_until(year: int, month: int, origin: date) -> int:
    return (date(year, month, 1) - origin).days


@pytest.fixture(scope="module")
def baseline() -> tuple[PeoplePlan, date, Histories]:
    study = Study("calais-2016", ("status-quo",), days=1, rows=1, futures="fixed")
    origin, decision_day, _ = horizon(study)
    source = plan_task(study, "status-quo", 0).people
    return source, origin, Histories(source, (decision_day - origin).days)


def test_the_site_has_as_many_people(baseline: tuple[PeoplePlan, date, Histories]) -> None:
    source, _, people = baseline
    days = people.stock.shape[1]
    out = expect_people(source, days=days)
    when = [*range(90, days, 90), days - 1]
    for name, state in STOCKS.items():
        wrong = misfits(people.stock[:, when, state], out[when, Expected[name]])
        assert not wrong.any(), (name, wrong)


def test_as_many_events_happen(baseline: tuple[PeoplePlan, date, Histories]) -> None:
    source, origin, people = baseline
    days = people.stock.shape[1]
    out = expect_people(source, days=days)
    years = [days_until(year, 1, origin) for year in (2013, 2014, 2015, 2016)]
    for name, kinds in EVENTS.items():
        wrong = misfits(sums(people.of(*kinds), years), sums(out[:, Expected[name]], years))
        assert not wrong.any(), (name, wrong)
    assert not misfits(sums(people.of(Event.CLAIMED_FRANCE), years), sums(claims(out), years)).any()
    assert not misfits(sums(people.first, years), sums(out[:, Expected.ARRIVALS], years), 0.0).any()


def test_attempts_of_each_month(baseline: tuple[PeoplePlan, date, Histories]) -> None:
    source, origin, people = baseline
    out = expect_people(source, days=people.stock.shape[1])
    months = [days_until(2013 + k // 12, k % 12 + 1, origin) for k in range(44)]
    counted = sums(people.of(*EVENTS["COUNTED"]), months)
    assert not misfits(counted, sums(out[:, Expected.COUNTED], months)).any()


@pytest.mark.parametrize(
    "name", ["INFLOW", "AIMS", "LEAVE", "RATE", "ACCESS", "CLAIM_FRANCE", "RECEPTION_CAPACITY"]
)
def test_a_fifth_more_would_be_noticed(
    name: str, baseline: tuple[PeoplePlan, date, Histories]
) -> None:
    source, origin, people = baseline
    parameters = source.parameters.copy()
    parameters[:, Param[name]] *= 1.2
    out = expect_people(source, parameters, people.stock.shape[1])
    years = [days_until(year, 1, origin) for year in (2013, 2014, 2015, 2016)]
    ends = [*(day - 1 for day in years[1:]), len(out) - 1]
    wrong = misfits(people.stock[:, ends, State.AT_SITE], out[ends, Expected.AT_SITE]).any()
    for kind in ("COUNTED", "CROSSED"):
        happened = sums(people.of(*EVENTS[kind]), years)
        wrong |= misfits(happened, sums(out[:, Expected[kind]], years)).any()
    assert wrong | misfits(sums(people.of(Event.CLAIMED_FRANCE), years), sums(claims(out), years)).any()


def test_what_the_baseline_leaves_at_rest() -> None:
    """Crowding, learning, choice, places that are rare, a treaty that ends, people who come back.

    No state returns anyone, so that those who arrive again are the same in both forms.
    """
    source = plan(
        days=240, stock=1500, inflow=40.0, decision_day=240, LEAVE=0.004, LEAVE_CROWDING=0.6,
        LEAVE_REFERENCE=1200.0, LEARNING=0.8, CHOICE_SUCCESS=0.6, MEMORY=10.0, LEFT_AGAIN=0.4,
        RETURN_AGAIN=0.5, AGAIN_DELAY=20.0, REMOVAL_CAPACITY=0.4, RECEPTION_CAPACITY=6.5,
        RECEPTION_STAY=17.0, RECEPTION_BACK=0.2, MATCHING=0.02, STAYER=0.3, UK_RETURNS=0.0,
        FR_RETURNS=0.0, UK_STUCK_LEAVE=0.0, FR_STUCK_LEAVE=0.0, WEIGHT_TRAIN=0.3,
        ACCESS_TRAIN=0.2, DEATH_TRAIN=0.01, WEIGHT_BOAT=0.2, DEATH_BOAT=0.02, FOUND_BOAT=0.3,
    )  # fmt: skip
    source = changed(source, 80, LEAVE_EVENT=0.01, EPISODE=2.0)
    source = without_treaty(source, 120)
    people = Histories(source, source.days)
    out = expect_people(source)
    cuts = [0, 80, 120, 160, 200]
    for name, state in STOCKS.items():
        when = [40, 79, 119, 160, 239]
        wrong = misfits(people.stock[:, when, state], out[when, Expected[name]], 0.02)
        assert not wrong.any(), (name, wrong)
    for name, kinds in {
        **EVENTS, "ARRIVED_AGAIN": (Event.ARRIVED_AGAIN,), "LEFT": (Event.LEFT,)
    }.items():  # fmt: skip
        wrong = misfits(sums(people.of(*kinds), cuts), sums(out[:, Expected[name]], cuts), 0.02)
        assert not wrong.any(), (name, wrong)


def test_nobody_is_lost(baseline: tuple[PeoplePlan, date, Histories]) -> None:
    source, _, _ = baseline
    out = expect_people(source, start_stock=500.5)
    inside = out[:, [Expected.AT_SITE, Expected.AT_OTHER_SITE, Expected.IN_RECEPTION]].sum(axis=1)
    entries, exits = (out[:, list(columns)].sum(axis=1).cumsum() for columns in (ENTRIES, EXITS))
    assert np.allclose(500.5 + entries, inside + exits, rtol=1e-9, atol=0.0)
    assert (out >= 0.0).all()
    assert (out[:, Expected.STAYERS_AT_SITE] <= out[:, Expected.AT_SITE]).all()


def test_no_attempts_no_crossings(baseline: tuple[PeoplePlan, date, Histories]) -> None:
    source = changed(baseline[0], 0, RATE=0.0)
    out = expect_people(source)
    for name in ("TRIED", "COUNTED", "BOARDED", "CROSSED", "DEATHS"):
        assert not out[:, Expected[name]].any(), name
    assert out[-1, Expected.AT_SITE] > expect_people(baseline[0])[-1, Expected.AT_SITE]


def test_only_leaving_is_an_exponential() -> None:
    rest = dict.fromkeys(
        ["RATE", "VOLUNTARY", "CLAIM_FRANCE", "REMOVAL_RATE", "FAMILY_RATE", "RECEPTION_RATE",
         "LEFT_AGAIN"], 0.0,
    )  # fmt: skip
    source = plan(days=100, stock=1000, inflow=0.0, LEAVE=0.02, LEAVE_STAYER=0.1, STAYER=0.25, **rest)
    out = expect_people(source)
    ends = np.arange(1, 101)
    stayers = 250.0 * np.exp(-0.002 * ends)
    assert np.allclose(out[:, Expected.STAYERS_AT_SITE], stayers, rtol=1e-10)
    assert np.allclose(out[:, Expected.AT_SITE], 750.0 * np.exp(-0.02 * ends) + stayers, rtol=1e-10)
    assert not out[:, Expected.CROSSED].any()


def test_reception_is_a_delay() -> None:
    source = plan(days=90, stock=1000, inflow=5.0, RECEPTION_STAY=12.0, RECEPTION_CAPACITY=3.0)
    out = expect_people(source)
    entered = out[:, Expected.TO_RECEPTION]
    claim, back = source.value(0, Param.RECEPTION_CLAIM), source.value(0, Param.RECEPTION_BACK)
    claimed = out[12:, Expected.CLAIMED_FROM_RECEPTION]
    assert np.allclose(claimed, claim * entered[:-12], rtol=1e-12)
    left = out[12:, Expected.LEFT_RECEPTION]
    assert np.allclose(left, (1.0 - claim - back) * entered[:-12], rtol=1e-9)
    inside = entered.cumsum() - np.concatenate([np.zeros(12), entered.cumsum()[:-12]])
    assert np.allclose(out[:, Expected.IN_RECEPTION], inside, rtol=1e-9)


@pytest.mark.parametrize("capacity", [0.0, 0.03, 0.9, 1.0, 4.6, 13.2, 40.8])
@pytest.mark.parametrize("asked", [0.0, 0.2, 3.0, 12.5, 43.0, 500.0])
def test_askers_and_places(asked: float, capacity: float) -> None:
    """Against the sum over the Poisson, whole places on their share of days."""

    def least(mean: float, places: int) -> float:
        counts = range(int(mean + 15.0 * mean**0.5) + 30)
        masses = [exp(k * log(mean) - mean - lgamma(k + 1.0)) if mean else float(k == 0) for k in counts]
        return sum(min(k, places) * mass for k, mass in zip(counts, masses, strict=True))

    whole = int(capacity)
    part = capacity - whole
    if capacity < 1.0:
        truth = capacity * least(asked / capacity, 1) if capacity else 0.0
    else:
        truth = (1.0 - part) * least(asked, whole) + part * least(asked, whole + 1)
    assert served(asked, capacity) == pytest.approx(truth, rel=1e-9, abs=1e-12)


def test_a_history_beyond_this_form_is_refused() -> None:
    source = plan(days=60)
    with pytest.raises(InternalError, match="on day 40"):
        expect_people(changed(source, 40, CLOSED=1.0))
    assert len(expect_people(changed(source, 40, CLOSED=1.0), days=40)) == 40
    for opened in ({"ONE_OPEN": 1.0}, {"CHILDREN_CAPACITY": 0.5}, {"CENTRE_OPEN": 1.0}):
        with pytest.raises(InternalError, match="a route open on day 40"):
            expect_people(changed(source, 40, **opened))
    with pytest.raises(InternalError, match="61 days"):
        expect_people(source, days=61)
    with pytest.raises(InternalError, match="parameters"):
        expect_people(source, source.parameters[:, :-1])


def test_parameters_take_the_place_of_the_plans() -> None:
    source = plan(days=60)
    other = changed(source, 20, ACCESS=0.5)
    given = expect_people(source, other.parameters)
    assert np.array_equal(given, expect_people(other))
    assert not np.array_equal(given, expect_people(source))
    stock = expect_people(source, start_stock=10.0)
    assert np.array_equal(stock, expect_people(replace(source, start_stock=10)))
