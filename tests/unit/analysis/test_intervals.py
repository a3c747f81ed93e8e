"""Intervals: the published Wilson interval, addressed resamples, percentiles with infinities."""

from __future__ import annotations

import math

import numpy as np
import pytest

from straits.analysis.intervals import half_samples, percentiles, resample_counts, wilson
from straits.base.hashing import unit_draws


def test_wilson_solves_its_quadratic() -> None:
    """The ends are the shares from which the count is as many standard errors away as asked."""
    low, high = wilson(0.3, 50, 0.95)
    for end in (low, high):
        assert abs(0.3 - end) / math.sqrt(end * (1 - end) / 50) == pytest.approx(1.959964, abs=1e-6)
    assert wilson(0.0, 10)[0] == 0.0
    assert wilson(1.0, 10)[1] == 1.0
    with pytest.raises(ValueError, match="0 cases"):
        wilson(0.5, 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        wilson(0.5, 10, 95.0)


def test_resamples_are_addressed() -> None:
    counts = resample_counts("tests.a", 3, 20, 100)
    assert (counts.sum(axis=1) == 100).all()
    assert np.array_equal(resample_counts("tests.a", 3, 5, 100), counts[:5])
    assert not np.array_equal(resample_counts("tests.b", 3, 20, 100), counts)
    assert abs(counts.mean(axis=0) - 1.0).max() < 4.5 / math.sqrt(20)


def test_half_samples_hold_half_without_repeats() -> None:
    taken = half_samples("tests.a", 3, 200, 11)
    assert (taken.sum(axis=1) == 6).all()
    share = taken.mean(axis=0)
    assert abs(share - 6 / 11).max() < 4.5 * math.sqrt(6 / 11 * 5 / 11 / 200)


def test_percentiles_keep_infinities_and_leave_out_the_unknown() -> None:
    values = np.column_stack([np.arange(20.0), np.full(20, math.nan)])
    values[:3, 0] = -math.inf
    values[5, 0] = math.nan
    low, high = percentiles(values, 0.8)
    assert (low[0], high[0]) == (-math.inf, 18.0)
    assert np.isnan(low[1])
    assert np.isnan(high[1])
    normal = unit_draws(10_000, 1)[:, None]
    assert percentiles(normal, 0.9)[0][0] == pytest.approx(0.05, abs=0.01)
