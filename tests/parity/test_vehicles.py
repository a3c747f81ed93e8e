"""Sweep and reference give the same rows; slices of any length give the same bits."""

import numpy as np
import pytest

from straits.engine.rng import Seed
from straits.tables.vehicles import VehicleState
from support.networks import assert_same, border, joined, run

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
