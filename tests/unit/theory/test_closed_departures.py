"""Departures with a capacity against Spitzer's series, a walk, and limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from straits.theory import departures as d

K = 4.5  # standard errors; the seed is fixed, so never flaky
HOUR_S = 3600.0


def spitzer(mean: float, capacity: int) -> float:
    """Mean number left behind: sum over n of E max(S_n - n C, 0) / n, S_n Poisson (n lam T)."""
    total, n = 0.0, 1
    while True:
        a, b = n * mean, n * capacity
        over = a * stats.poisson.sf(b - 2, a) - b * stats.poisson.sf(b - 1, a)
        total += over / n
        if over / n < 1e-13 * max(total, 1e-300) or n > 200_000:
            return total
        n += 1


@pytest.mark.parametrize(("mean", "capacity"), [(0.6, 1), (4.0, 5), (40.0, 44), (95.0, 100), (10.0, 30), (0.01, 3)])
def test_left_behind_is_spitzers_sum(mean, capacity):
    one = {"rate_per_s": mean / HOUR_S, "headway_s": HOUR_S, "capacity": capacity}
    law = d.left_behind(**one)
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    assert law @ np.arange(law.size) == pytest.approx(spitzer(mean, capacity), rel=1e-6, abs=1e-12)
    wait = d.mean_wait_bulk(**one, cut_off_s=600.0)
    assert wait == pytest.approx(2400.0 + spitzer(mean, capacity) / mean * HOUR_S, rel=1e-6)


def test_left_behind_balances_departure_by_departure():
    mean, capacity = 4.0, 5
    law = d.left_behind(rate_per_s=mean, headway_s=1.0, capacity=capacity)
    chances = stats.poisson.pmf(np.arange(200), mean)
    there = np.convolve(law, chances)
    after = np.append(there[: capacity + 1].sum(), there[capacity + 1 :])
    assert after[: law.size] == pytest.approx(law, abs=1e-12)


def test_capacity_one_is_md1():
    """One vehicle at a time at fixed instants: left behind as by the services of M/D/1."""
    from straits.theory.stations import number_present_md1

    load = 0.7
    md1 = number_present_md1(rate_per_s=load, service_s=1.0, count=60)
    law = d.left_behind(rate_per_s=load, headway_s=1.0, capacity=1)
    # M/D/1 at the ends of slots of one service: N' = max(N - 1, 0) + A, seen before A is added
    assert law[0] == pytest.approx(md1[0] + md1[1])
    assert law[1:40] == pytest.approx(md1[2:41], abs=1e-12)


def test_waits_against_a_walk():
    mean, capacity, count = 28.0, 30, 30_000
    generator = np.random.default_rng(20160830)
    left, lost = 0, np.empty(count)
    for n, arrivals in enumerate(generator.poisson(mean, count).tolist()):
        left = max(left + arrivals - capacity, 0)
        lost[n] = left
    batches = lost.reshape(30, -1)[1:].mean(axis=1)
    expected = d.mean_delay_bulk(rate_per_s=mean / HOUR_S, headway_s=HOUR_S, capacity=capacity)
    error = batches.std(ddof=1) / math.sqrt(batches.size)
    assert abs(batches.mean() - expected * mean / HOUR_S) < K * error


def test_limits():
    roomy = {"rate_per_s": 0.01, "headway_s": 1000.0, "capacity": 100}
    assert d.mean_wait_bulk(**roomy) == pytest.approx(
        d.mean_wait_for_departure(headway_s=1000.0), rel=1e-9)
    assert d.mean_wait_bulk(rate_per_s=0.1, headway_s=1000.0, capacity=100) == math.inf
    with pytest.raises(ValueError, match="no law"):
        d.left_behind(rate_per_s=0.2, headway_s=1000.0, capacity=100)
    # 16,000 places, solved in a band: heavy traffic, var / (2 drift)
    delay = d.mean_delay_bulk(rate_per_s=0.0999, headway_s=1000.0, capacity=100)
    assert delay * 0.0999 == pytest.approx(99.9 / 0.2 - 0.5826 * math.sqrt(99.9), rel=1e-3)
    # diffusion near saturation: var / (2 drift), within a per cent of the continuity correction
    delay = d.mean_delay_bulk(rate_per_s=0.99, headway_s=100.0, capacity=100)
    assert delay * 0.99 == pytest.approx(99.0 / 2.0 - 0.5826 * math.sqrt(99.0), rel=0.02)


def test_overload_without_chance_is_what_a_large_overload_does():
    one = {"rate_per_s": 0.12, "headway_s": 1000.0, "capacity": 100}
    assert d.queue_when_overloaded(**one, departures=50) == pytest.approx(1000.0)
    assert d.queue_when_overloaded(**{**one, "rate_per_s": 0.08}, departures=50) == 0.0
    generator = np.random.default_rng(7)
    ends = []
    for _ in range(300):
        left = 0
        for arrivals in generator.poisson(120.0, 50).tolist():
            left = max(left + arrivals - 100, 0)
        ends.append(left)
    # chance at the start adds a little: E max(0, -min of the walk), under half a vehicle here
    assert abs(np.mean(ends) - 1000.0) < K * np.std(ends) / math.sqrt(300) + 0.5
