"""Small facts about the people step."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from straits.base.errors import InternalError
from straits.engine.people_reference import poisson_quantile
from straits.engine.people_reference_after import normal_quantile
from straits.engine.population import begin_day, finish_day, initial_people, simulate_people
from straits.tables.people import Counter, Observation
from support.people_plans import KEPT, KEY, plan, run


@pytest.mark.parametrize("u", [1e-9, 0.001, 0.02, 0.3, 0.5, 0.77, 0.98, 1 - 1e-9])
def test_normal_quantile(u: float) -> None:
    exact = statistics.NormalDist().inv_cdf(u)
    assert normal_quantile(u) == pytest.approx(exact, rel=2e-9, abs=2e-9)


@pytest.mark.parametrize("mean", [0.3, 6.0, 99.0, 300.0])
def test_poisson_quantile(mean: float) -> None:
    """The mean over a fine grid of uniforms is the mean."""
    grid = [(k + 0.5) / 4000 for k in range(4000)]
    found = sum(poisson_quantile(u, mean) for u in grid) / len(grid)
    assert found == pytest.approx(mean, abs=0.02 * math.sqrt(mean))


def test_a_broken_ledger_is_our_bug() -> None:
    source = plan()
    begun, _ = begin_day(source, initial_people(source, KEY), 0, None, KEY, coupled=False)
    begun.counters[Counter.STOCK] += 1
    with pytest.raises(InternalError, match="do not add up on day 0"):
        finish_day(source, begun, 0, None, KEY)


def test_a_later_first_day_needs_a_state() -> None:
    with pytest.raises(InternalError):
        next(simulate_people(plan(), KEY, 5, 6))


def test_queues_have_a_least_time_and_a_capacity() -> None:
    source = plan(days=60, UK_TIME=20.0, UK_STAFF=1000.0, **KEPT)
    _, logs = run(source)
    decided = [int(log.observed[Observation.UK_DECISIONS]) for log in logs]
    claims = [int(log.observed[Observation.UK_CLAIMS]) for log in logs]
    assert decided[20:] == claims[: len(claims) - 20]


def test_head_counts_scatter_around_their_share() -> None:
    source = plan(stock=5000, days=120, OFFICIAL=0.8, NGO=1.2)
    _, logs = run(source)
    site = np.array([log.person_days[0] for log in logs], float)
    for column, ratio, noise in ((0, 0.8, 0.08), (1, 1.2, 0.06)):
        logs_of_ratio = np.log([log.observed[column] for log in logs] / site / ratio)
        assert abs(logs_of_ratio.mean()) < 4.5 * noise / math.sqrt(len(logs))


def test_row_of_a_new_day_needs_only_its_key() -> None:
    source = plan(days=30)
    one, other = (run(source, key)[1][-1].observed for key in (KEY, KEY))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, run(source, KEY + 1)[1][-1].observed)
