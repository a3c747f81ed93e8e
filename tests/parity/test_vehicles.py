"""The engines give the same rows; slices of any length give the same bits."""

import numpy as np
import pytest

from straits.base.clock import HOUR_TICKS
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.rng import Seed
from straits.engine.run import run_slice
from straits.plan.simple import Service, Station, Visit, network
from straits.tables.vehicles import Status, VehicleState
from support.networks import LOG, assert_same, border, joined, run

DAYS = 3


@pytest.fixture(scope="module")
def whole():
    return run(border(DAYS), Seed(3, 1).key, 24 * DAYS, DAYS)


@pytest.mark.parametrize("slice_h", [1, 5, 7, 24])
def test_any_slicing_gives_the_same_bits(whole, slice_h):
    logs, state = run(border(DAYS), Seed(3, 1).key, slice_h, DAYS)
    assert_same(joined(logs), joined(whole[0]))
    for name in VehicleState.__slots__:
        np.testing.assert_array_equal(getattr(state, name), getattr(whole[1], name))


def test_28_days_are_28_days_and_slices_of_7_hours():
    plan, key = border(28, 0.3), Seed(5).key
    one = joined(run(plan, key, 24 * 28, 28)[0])
    assert_same(joined(run(plan, key, 24, 28)[0]), one)
    assert_same(joined(run(plan, key, 7, 28)[0]), one)


@pytest.mark.parametrize("scale", [0.2, 1.0, 1.6])
@pytest.mark.parametrize("row", [0, 1])
def test_reference_and_sweep_agree_row_for_row(scale, row):
    plan, key = border(2, scale), Seed(11, row).key
    fast, end = run(plan, key, 24, 2)
    slow, slow_end = run(plan, key, 24, 2, "reference")
    for one, other in zip(fast, slow, strict=True):
        for name in ("vehicle", "station", "arrived", "waiting", "service", "delay"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    assert_same(joined(fast), joined(slow))
    for name in VehicleState.__slots__:
        np.testing.assert_array_equal(getattr(end, name), getattr(slow_end, name))


def test_the_network_is_worth_comparing(whole):
    """Guard against an empty comparison: everything that can happen does."""
    log = whole[0][0]
    assert set(log.station) == set(range(6))
    assert {0, 2} <= set(log.outcome_kind)
    assert log.inside_vehicle.size > 0
    assert (log.waiting > 0).any()
    assert not log.blocked.any()
    assert not log.held.any()


def test_ships_in_a_state_survive_another_timetable():
    """A policy that adds sailings at one port shifts the rows of another's: its ships must not care."""
    def plan(extra):
        early = [(t * 3600.0, 20) for t in range(0, 24, 2)]
        more = [(t * 3600.0 + 60, 20) for t in range(13, 24, 2)] if extra else []
        stations = [
            Station("one", sailings=sorted(early + more), crossing_s=5400, unload_gap_s=10),
            Station("two", sailings=early, crossing_s=5400, unload_gap_s=60),
            Station("plaza", [(0, 1)], buffer=2),
        ]
        slow = Service(200, 0.5)
        routes = [[Visit(0), Visit(2, slow, 60)], [Visit(1), Visit(2, slow, 60)]]
        return network(stations, routes, np.full((1, 24, 2), 8.0))

    key = Seed(4).key
    logs = {}
    for engine in ("auto", "calendar", "reference"):
        for extra in (False, True):
            first, then = plan(False), plan(extra)
            factors = day_factors(first, key)
            state = VehicleState.empty()
            for one, hours in ((first, (0, 12)), (then, (12, 24))):
                log, state = run_slice(one, key, state, arrivals(one, key, factors, *hours),
                                       start=hours[0] * HOUR_TICKS, end=hours[1] * HOUR_TICKS,
                                       engine=engine)
                if hours == (0, 12):
                    assert (state.status == Status.ABOARD).any()
                    assert state.open_sailing.size > 1
            logs[engine, extra] = log
        for name in ("vehicle", "station", "arrived", "waiting", "held", "blocked"):
            np.testing.assert_array_equal(getattr(logs[engine, True], name),
                                          getattr(logs["auto", True], name))
    two = [np.sort(log.arrived[(log.station == 1)]) for log in
           (logs["auto", False], logs["auto", True])]
    np.testing.assert_array_equal(*two)  # who sails from the other port, and when
    assert logs["auto", False].held.any()


def test_the_calendar_gives_the_rows_of_a_network_without_coupling():
    plan, key = border(2), Seed(11, 1).key
    swept, end = run(plan, key, 24, 2)
    looped, same = run(plan, key, 24, 2, "calendar")
    for one, other in zip(swept, looped, strict=True):
        for name in LOG:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    for name in VehicleState.__slots__:
        np.testing.assert_array_equal(getattr(end, name), getattr(same, name))
