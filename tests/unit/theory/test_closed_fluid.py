"""Fluid queues against triangles done by hand and against small steps of time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from straits.theory.fluid import back_of_queue_m, fluid_queue, passing_times_s, wait_at_s

HOUR_S = 3600.0


def test_a_rush_by_hand():
    """100 an hour too many for two hours, then 50 an hour too few: a triangle."""
    path = fluid_queue(
        edges_s=[0.0, 2 * HOUR_S], arrivals_per_s=[400 / HOUR_S, 250 / HOUR_S],
        capacities_per_s=[300 / HOUR_S, 300 / HOUR_S])
    assert path.peak == pytest.approx(200.0)
    assert path.peak_at_s == 2 * HOUR_S
    assert path.cleared_at_s == pytest.approx(6 * HOUR_S)
    assert path.total_delay_s == pytest.approx(200.0 * 6 * HOUR_S / 2)
    # at the peak 200 wait for 300 an hour: 40 minutes
    wait = wait_at_s(2 * HOUR_S, path=path, edges_s=[0.0, 2 * HOUR_S], capacities_per_s=[300 / HOUR_S] * 2)
    assert wait == pytest.approx(2400.0)
    assert back_of_queue_m(vehicles=path.peak, lanes=2, spacing_m=7.5) == pytest.approx(750.0)


def small_steps(edges, arrivals, capacities, initial, until, step):
    t = np.arange(edges[0], until, step)
    which = np.searchsorted(edges, t, side="right") - 1
    net = (np.array(arrivals) - np.array(capacities))[which] * step
    queue = np.empty(t.size + 1)
    queue[0] = initial
    for i, change in enumerate(net.tolist()):
        queue[i + 1] = max(queue[i] + change, 0.0)
    return np.append(t, until), queue


@pytest.mark.parametrize("initial", [0.0, 35.0])
def test_a_day_against_small_steps(initial):
    edges = [h * HOUR_S for h in (0, 3, 6, 9, 12, 15, 18)]
    arrivals = [x / HOUR_S for x in (100, 500, 300, 280, 600, 200, 120)]
    capacities = [x / HOUR_S for x in (250, 350, 250, 500, 450, 450, 300)]
    path = fluid_queue(
        edges_s=edges, arrivals_per_s=arrivals, capacities_per_s=capacities, initial=initial)
    t, queue = small_steps(edges, arrivals, capacities, initial, 24 * HOUR_S, 5.0)
    assert path.peak == pytest.approx(queue.max(), abs=0.5)
    assert path.peak_at_s == pytest.approx(t[queue.argmax()], abs=6.0)
    assert path.cleared_at_s == pytest.approx(t[np.flatnonzero(queue > 0.0)[-1] + 1], abs=6.0)
    assert path.total_delay_s == pytest.approx(np.trapezoid(queue, t), rel=1e-3)
    for level in (50.0, 400.0, 590.0, 1e6):
        above = np.flatnonzero(queue > level)
        expected = t[above[0]] if above.size else math.inf
        assert passing_times_s(path, [level])[0] == pytest.approx(expected, abs=6.0)
    # the mean of waits by arrival, weighted by arrivals, is the delay (first come first served)
    when = np.arange(0.0, 24 * HOUR_S, 20.0) + 10.0
    rate = np.array(arrivals)[np.searchsorted(edges, when, side="right") - 1]
    waits = [wait_at_s(x, path=path, edges_s=edges, capacities_per_s=capacities) for x in when.tolist()]
    first_wait = 0.0
    if initial:  # those who stood there at first waited, too
        first_wait = initial**2 / 2 / capacities[0]
    assert rate @ np.array(waits) * 20.0 + first_wait == pytest.approx(path.total_delay_s, rel=2e-3)


def test_phases_of_a_holding_scheme_fill_one_after_the_other():
    """228 an hour come, 35 % of 308 an hour go: 120.2 an hour are held."""
    path = fluid_queue(
        edges_s=[0.0, 60 * HOUR_S], arrivals_per_s=[228 / HOUR_S] * 2,
        capacities_per_s=[0.35 * 308 / HOUR_S, 308 / HOUR_S])
    held = 228 - 0.35 * 308
    passing = passing_times_s(path, [2100.0, 3600.0, 5700.0, 7500.0])
    assert [x / HOUR_S for x in passing[:3]] == pytest.approx([x / held for x in (2100, 3600, 5700)])
    assert passing[3] == math.inf
    assert path.peak == pytest.approx(60 * held)
    assert path.cleared_at_s / HOUR_S == pytest.approx(60 + 60 * held / 80)


def test_endings():
    grows = fluid_queue(edges_s=[0.0], arrivals_per_s=[2.0], capacities_per_s=[1.0])
    assert grows.peak == grows.cleared_at_s == grows.total_delay_s == math.inf
    assert passing_times_s(grows, [50.0, 100.0]) == pytest.approx((50.0, 100.0))
    assert wait_at_s(40.0, path=grows, edges_s=[0.0], capacities_per_s=[1.0]) == pytest.approx(40.0)
    stays = fluid_queue(
        edges_s=[0.0, 10.0], arrivals_per_s=[2.0, 1.0], capacities_per_s=[1.0, 1.0])
    assert (stays.peak, stays.peak_at_s, stays.cleared_at_s) == (10.0, 10.0, math.inf)
    never = fluid_queue(edges_s=[5.0], arrivals_per_s=[1.0], capacities_per_s=[2.0])
    assert (never.peak, never.cleared_at_s, never.total_delay_s) == (0.0, 5.0, 0.0)
    closed = fluid_queue(
        edges_s=[0.0, 10.0, 20.0], arrivals_per_s=[1.0, 0.0, 0.0], capacities_per_s=[0.0, 0.0, 2.0])
    assert closed.cleared_at_s == pytest.approx(25.0)
    assert wait_at_s(5.0, path=closed, edges_s=[0.0, 10.0, 20.0], capacities_per_s=[0.0, 0.0, 2.0]) == pytest.approx(17.5)
    assert passing_times_s(closed, [-1.0, 10.0]) == (0.0, math.inf)
