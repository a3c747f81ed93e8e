"""Demand is drawn by address: bookings bunch it, observed arrivals replace it."""

from __future__ import annotations

import numpy as np
import pytest

from straits.base.clock import HOUR_TICKS
from straits.base.errors import NumericalError
from straits.engine.arrivals import arrivals, day_factors, uniforms
from straits.engine.rng import uniform
from straits.tables.vehicles import Arrivals, stream_of
from support.demand import DemandPlan, demand_plan

KEY = 7
SHAPE = np.array([0.02, 0.02, 0.05, 0.1, 0.2, 0.25, 0.15, 0.1, 0.05, 0.03, 0.02, 0.01])
FIVE = HOUR_TICKS // 12


def drawn(plan: DemandPlan, first: int = 0, last: int | None = None) -> Arrivals:
    last = 24 * plan.days if last is None else last
    return arrivals(plan, KEY, day_factors(plan, KEY), first, last)


def booked(days: int = 40) -> DemandPlan:
    cdf = np.broadcast_to(np.cumsum(SHAPE), (1, days, 24, 12)).copy()
    cdf[..., -1] = 1.0
    return demand_plan(np.full((days, 24, 2), 20.0), within_of_stream=np.array([0, -1]),
                       within_cdf=cdf)


def seen(at: list[int], width: list[int], hours: tuple[int, int], stream: int = 1) -> DemandPlan:
    """A plan of three days and three streams, one of them observed for some hours."""
    first = np.array([0, *(len(at) if stream < k else 0 for k in range(1, 4))])
    spans = np.array([0, *(1 if stream < k else 0 for k in range(1, 4))])
    return demand_plan(
        np.full((3, 24, 3), 5.0), observed_first=first, observed_at=np.array(at, np.int64),
        observed_width=np.array(width, np.int64), covered_first=spans,
        covered_from=np.array([hours[0]]), covered_to=np.array([hours[1]]),
    )  # fmt: skip


def test_draws_are_those_of_the_plain_twin() -> None:
    ids = np.array([0, 5, 1 << 40], np.int64)
    assert uniforms(KEY, 3, ids, 2).tolist() == [uniform(KEY, 3, int(i), 2) for i in ids]


def test_booked_instants_follow_the_bins_and_the_rest_stays() -> None:
    plan, plain = drawn(booked()), drawn(demand_plan(np.full((40, 24, 2), 20.0)))
    assert np.array_equal(plan.vehicle, plain.vehicle)
    assert np.array_equal(plan.occupants, plain.occupants)
    other = plan.stream == 1
    assert np.array_equal(plan.at[other], plain.at[other])
    mine = plan.at[~other]
    assert np.array_equal(mine // HOUR_TICKS, plan.vehicle[~other] >> 32)
    share = np.bincount(mine % HOUR_TICKS // FIVE, minlength=12) / mine.size
    error = np.sqrt(SHAPE * (1 - SHAPE) / mine.size)
    assert np.all(np.abs(share - SHAPE) < 4.5 * error)  # about 1 seed in 10 000 for all twelve


def test_booked_instants_rise_with_the_uniform_one() -> None:
    """Inversion: who is earlier in an hour without bookings is not later with them."""
    plan, plain = drawn(booked(3)), drawn(demand_plan(np.full((3, 24, 2), 20.0)))
    order = np.argsort(plain.at[plan.stream == 0], kind="stable")
    assert np.all(np.diff(plan.at[plan.stream == 0][order]) >= 0)


def test_an_even_shape_gives_the_uniform_instants() -> None:
    cdf = np.broadcast_to(np.arange(1, 13) / 12, (1, 3, 24, 12)).copy()
    rates = np.full((3, 24, 1), 20.0)
    plan = drawn(demand_plan(rates, within_of_stream=np.array([0]), within_cdf=cdf))
    assert np.abs(plan.at - drawn(demand_plan(rates)).at).max() <= 1


@pytest.mark.parametrize("step", [1, 5, 7, 24])
def test_slices_add_up(step: int) -> None:
    at = [HOUR_TICKS * 26 + k * 700_000 for k in range(60)]
    plan = seen(at, [700_000] * 60, (24, 48))
    parts = [drawn(plan, hour, min(hour + step, 72)) for hour in range(0, 72, step)]
    whole = drawn(plan)
    for name in ("vehicle", "at", "occupants", "stream"):
        assert np.array_equal(np.concatenate([getattr(p, name) for p in parts]),
                              getattr(whole, name))


def test_observed_instants_replace_drawn_ones_where_they_cover() -> None:
    at = sorted([HOUR_TICKS * 24 + 5, HOUR_TICKS * 30 + 9, HOUR_TICKS * 30 + 9, HOUR_TICKS * 47])
    plan, plain = drawn(seen(at, [0] * 4, (24, 48))), drawn(demand_plan(np.full((3, 24, 3), 5.0)))
    mine = plan.stream == 1
    hour = plan.at // HOUR_TICKS
    inside = mine & (hour >= 24) & (hour < 48)
    assert plan.at[inside].tolist() == at
    assert (plan.vehicle[inside] & 0xFFFFFF).tolist() == [0, 0, 1, 0]
    assert np.array_equal(plan.vehicle[inside] >> 32, hour[inside])
    kept = (plain.stream != 1) | (plain.at < 24 * HOUR_TICKS) | (plain.at >= 48 * HOUR_TICKS)
    for name in ("vehicle", "at", "occupants"):
        assert np.array_equal(getattr(plan, name)[~inside], getattr(plain, name)[kept])


def test_ids_rise_and_name_hour_and_stream() -> None:
    at = [HOUR_TICKS * 25 + k * 90_000 for k in range(400)]
    plan = drawn(seen(at, [90_000] * 400, (24, 48)))
    assert np.all(np.diff(plan.vehicle) > 0)
    assert np.array_equal(plan.stream, stream_of(plan.vehicle))
    assert np.array_equal(plan.at // HOUR_TICKS, plan.vehicle >> 32)
    rows = plan.at[(plan.stream == 1) & (plan.at >= 24 * HOUR_TICKS) & (plan.at < 48 * HOUR_TICKS)]
    assert np.all(np.diff(rows) >= 0)
    assert np.array_equal((rows - 25 * HOUR_TICKS) // 90_000, np.arange(400))


def test_a_covered_time_without_rows_has_nobody() -> None:
    plan = drawn(seen([], [], (0, 72)))
    assert not np.any(plan.stream == 1)
    assert np.any(plan.stream == 0)


def test_demand_ends_with_the_plan() -> None:
    with pytest.raises(NumericalError, match="planned for 3 days"):
        drawn(seen([], [], (0, 72)), 0, 73)
