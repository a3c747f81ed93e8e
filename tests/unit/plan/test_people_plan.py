"""From documents to the people plan."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from straits.plan.people import compile_people
from straits.scenario import build, combine, load_baseline
from straits.tables.people import PeoplePlan
from straits.tables.people_parameters import MONTH_DAYS, Param

FIRST, LAST, TURN = date(2016, 8, 1), date(2016, 10, 31), date(2016, 8, 30)


def compiled(policy: str = "", **future: float) -> PeoplePlan:
    policies = combine(policy) if policy else ()
    scenario = build(load_baseline("calais-2016"), policies, {}, "immediate")
    return compile_people(scenario, FIRST, LAST, TURN)


def test_rates_by_month_are_held_by_day() -> None:
    found = compiled()
    assert found.value(0, Param.LEAVE) == pytest.approx(0.098 / MONTH_DAYS)
    assert found.days == 92
    assert found.decision_day == 29


def test_treaty_ends_at_the_ports_only() -> None:
    found = compiled("end-le-touquet")
    before, after = found.decision_day - 1, found.days - 1
    assert found.uk_entry_juxtaposed[before].tolist() == [1, 1, 1]
    assert found.uk_entry_juxtaposed[after].tolist() == [0, 1, 0]
    assert found.search_before_sea[after].tolist() == [0, 1, 0]
    assert np.all(found.share > 0)


def test_both_treaties() -> None:
    found = compiled("end-both-treaties")
    assert found.uk_entry_juxtaposed[-1].tolist() == [0, 0, 0]


def test_attempts_peak_in_august_and_exposure_is_in_ticks() -> None:
    found = compiled()
    season = found.parameters[:, Param.SEASON]
    assert season[0] > 1.3 > season[-1]
    assert found.exposure.shape == (3, 24)
    assert found.exposure.sum() > 100 * 3600 * 1024


def test_a_half_open_exchange_offers_half_its_returns() -> None:
    """The ramp of the policy builds the route up; the pace itself is in force at once."""
    found = compiled("one-in-one-out")
    opened = found.parameters[:, Param.ONE_OPEN]
    assert opened[found.decision_day - 1] == 0.0 < opened[-1] < 1.0
    assert np.allclose(found.parameters[found.decision_day :, Param.ONE_CAPACITY],
                       2.3 * opened[found.decision_day :])  # fmt: skip


def test_a_policy_without_effect_on_people_gives_the_same_arrays() -> None:
    one, other = compiled(), compiled("status-quo")
    assert np.array_equal(one.parameters, other.parameters)
    assert np.array_equal(one.uk_entry_juxtaposed, other.uk_entry_juxtaposed)
