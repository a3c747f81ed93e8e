"""Choice of crossing and hour: nothing moves without a reason, and shares are the logit's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.choice import choose, has_choice, mean_waits
from straits.tables.vehicles import Arrivals
from support.demand import DemandPlan, demand_plan

KEY = 11
RATES = np.array([120.0, 60.0, 90.0, 40.0])  # three crossings that are alternatives, and one apart


def plan(sensitivity: float = 0.0, share: float = 0.0, retiming: float = 0.0,
         **columns: Any) -> DemandPlan:
    profile = 1.0 + 0.5 * np.sin(np.arange(24) * np.pi / 12)
    rates = RATES * profile[None, :, None] * np.ones((2, 1, 1))

    def by_day(value: float) -> np.ndarray:
        return np.full((2, 4), value) * [1, 1, 1, 0]

    return demand_plan(
        rates, choice_set=np.array([0, 0, 0, -1]), choice_pool=np.array([0, 1, 2, -1]),
        choice_sensitivity=by_day(sensitivity), retiming_share=by_day(share),
        retiming_sensitivity=by_day(retiming), **columns,
    )  # fmt: skip


def day(of: DemandPlan, number: int = 1) -> Arrivals:
    return arrivals(of, KEY, day_factors(of, KEY), 24 * number, 24 * number + 24)


def waits(*by_stream: float) -> np.ndarray:
    return np.repeat(np.array(by_stream)[:, None], 24, axis=1)


def changed(before: Arrivals, after: Arrivals) -> np.ndarray:
    return before.stream != after.stream


@pytest.mark.parametrize("of", [plan(), plan(share=0.5), plan(retiming=2.0)])
def test_without_choice_the_very_same_arrivals_come_back(of: DemandPlan) -> None:
    new = day(of)
    assert not has_choice(of)
    assert choose(of, KEY, new, waits(5, 0, 1, 0)) is new


@pytest.mark.parametrize("level", [0.0, 0.3, 7.7])
def test_equal_waits_move_nobody(level: float) -> None:
    of = plan(0.8, 1.0, 0.9)
    new = day(of)
    after = choose(of, KEY, new, np.full((4, 24), level))
    for name in ("vehicle", "at", "occupants", "stream"):
        assert np.array_equal(getattr(after, name), getattr(new, name))


def test_a_longer_wait_keeps_moved_whoever_had_moved() -> None:
    of = plan(0.5)
    new = day(of)
    before = np.zeros(new.vehicle.size, bool)
    where = new.stream
    for hours in (0.1, 0.5, 1.0, 2.0, 6.0):
        after = choose(of, KEY, new, waits(hours, 0, 0, 0))
        moved = changed(new, after)
        assert np.all(moved[before])
        assert np.array_equal(after.stream[before], where[before])
        assert moved.sum() > before.sum()
        assert np.all(new.stream[moved] == 0)
        before, where = moved, after.stream


def test_shares_are_those_of_the_logit() -> None:
    of, wait = plan(0.7), waits(2.0, 0.5, 0.0, 9.0)
    new = day(of)
    after = choose(of, KEY, new, wait)
    weight = RATES[:3] * np.exp(-0.7 * wait[:3, 0])
    wanted = weight / weight.sum()
    inside = after.stream < 3
    share = np.bincount(after.stream[inside], minlength=3) / inside.sum()
    error = np.sqrt(wanted * (1 - wanted) / inside.sum())
    assert np.all(np.abs(share - wanted) < 4.5 * error)  # about 1 seed in 50 000
    assert np.array_equal(after.stream[~inside], new.stream[~inside])


def test_those_who_move_spread_as_volumes_do() -> None:
    of = plan(1.0)
    new = day(of)
    after = choose(of, KEY, new, waits(1.5, 0, 0, 0))
    to = after.stream[changed(new, after)]
    wanted = RATES[2] / (RATES[1] + RATES[2])
    error = np.sqrt(wanted * (1 - wanted) / to.size)
    assert abs(np.mean(to == 2) - wanted) < 4.5 * error  # 1 seed in 150 000


def test_the_wait_of_another_hour_moves_nobody() -> None:
    of = plan(1.0)
    new = day(of)
    wait = np.zeros((4, 24))
    wait[0, 9] = 3.0
    moved = changed(new, choose(of, KEY, new, wait))
    assert moved.any()
    assert set(new.at[moved] // HOUR_TICKS % 24) == {9}


def test_hours_follow_the_logit_and_stay_on_their_day() -> None:
    of = plan(share=1.0, retiming=0.6)
    new = day(of)
    wait = np.zeros((4, 24))
    wait[:3, 6:18] = 2.5
    after = choose(of, KEY, new, wait)
    assert np.all(after.at // DAY_TICKS == 1)
    assert np.array_equal(after.vehicle, new.vehicle)
    assert np.array_equal(after.stream, new.stream)
    assert np.array_equal(after.at % HOUR_TICKS, new.at % HOUR_TICKS)
    mine = after.stream == 0
    weight = of.rates[1, :, 0] * np.exp(-0.6 * wait[0])
    wanted = weight / weight.sum()
    share = np.bincount(after.at[mine] // HOUR_TICKS % 24, minlength=24) / mine.sum()
    error = np.sqrt(wanted * (1 - wanted) / mine.sum())
    assert np.all(np.abs(share - wanted) < 4.5 * error)  # about 1 seed in 6 000
    assert np.array_equal(after.at[new.stream == 3], new.at[new.stream == 3])


def test_a_share_moves_in_proportion_and_a_larger_one_keeps_them_moved() -> None:
    wait = np.zeros((4, 24))
    wait[0, 6:18] = 4.0
    new = day(plan())
    moved = {}
    for share in (0.2, 0.4, 1.0):
        after = choose(plan(share=share, retiming=1.0), KEY, new, wait)
        moved[share] = after.at != new.at
    assert np.all(moved[0.4][moved[0.2]])
    assert np.all(moved[1.0][moved[0.4]])
    count = moved[1.0].sum()
    for share in (0.2, 0.4):
        error = np.sqrt(share * (1 - share) / count)
        assert abs(moved[share].sum() / count - share) < 4.5 * error  # 1 seed in 75 000


def test_hour_first_then_crossing_at_that_hour() -> None:
    of = plan(1.0, 0.5, 0.5)
    new = day(of)
    wait = np.zeros((4, 24))
    wait[0, :12] = 4.0  # in the morning one crossing is full, so its vehicles come later
    after = choose(of, KEY, new, wait)
    retimed = after.at != new.at
    assert retimed.any()
    assert not np.any(changed(new, after) & retimed)
    still = ~retimed & (new.stream == 0) & (new.at // HOUR_TICKS % 24 < 12)
    assert np.any(changed(new, after)[still])


def test_a_stream_without_expected_arrivals_gains_and_loses_nobody() -> None:
    of = plan(1.0)
    rates = of.rates.copy()
    rates[:, :, 1] = 0.0
    of = replace(of, rates=rates)
    new = day(of)
    after = choose(of, KEY, new, waits(3.0, 0.0, 0.0, 0.0))
    assert not np.any(after.stream == 1)


def test_vehicles_hear_the_mean_of_their_pool() -> None:
    of = plan(1.0)
    of = replace(of, choice_pool=np.array([0, 0, 1, -1]))
    ticks, count = np.zeros((4, 24), np.int64), np.zeros((4, 24), np.int64)
    ticks[0, 3], count[0, 3] = HOUR_TICKS, 1
    ticks[1, 3], count[1, 3] = 0, 3
    ticks[1, 5], count[1, 5] = 4 * HOUR_TICKS, 4
    ticks[3, 5], count[3, 5] = 4 * HOUR_TICKS, 4
    heard = mean_waits(of, ticks, count)
    assert heard[0, 3] == heard[1, 3] == 0.25
    assert heard[0, 5] == 1.0
    assert heard[0, 0] == 5 / 8  # nobody came: the day's mean
    assert not heard[2:].any()
