"""Summaries are integers that merge in any order; quantiles err by less than a bin."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from straits.base.clock import DAY_TICKS
from straits.engine.coupling import simulate_border
from straits.results import accumulate
from straits.results.histogram import BIN_COUNT, RELATIVE_WIDTH, bin_edges, quantile
from straits.results.measures import measure_values
from straits.results.stations import station_rows
from straits.results.summary import (
    CLOSING,
    MAXIMA,
    Summary,
    empty_summary,
    measure_people,
    measure_vehicles,
    merge,
)
from support.border import KEY, checkpoint, planned

DAYS = 3
LONGEST = (1 << 32) - 1


def summed(days: tuple[int, ...], slice_h: int = 24) -> Summary:
    """Measure some of the window's days into one summary."""
    plan = planned()
    window = (plan.warm_up * DAY_TICKS, (plan.warm_up + DAYS) * DAY_TICKS)
    out = empty_summary(plan.vehicles, DAYS)
    for day in simulate_border(plan.vehicles, plan.people, KEY, checkpoint(),
                               (plan.warm_up, plan.warm_up + DAYS),
                               people_offset=plan.people_offset, slice_h=slice_h):
        if day.number - plan.warm_up in days:
            for log in day.logs:
                out = measure_vehicles(log, plan.vehicles, window, plan.legend.weekday, out)
            measure_people(day.people, day.number - plan.warm_up, out)
    return out


@cache
def daily() -> tuple[Summary, ...]:
    """Return a summary for each day."""
    return tuple(summed((day,)) for day in range(DAYS))


def assert_equal(one: Summary, other: Summary) -> None:
    assert one.closing_at == other.closing_at
    assert one.values.keys() == other.values.keys()
    for name, array in one.values.items():
        np.testing.assert_array_equal(array, other.values[name], name)


@given(st.permutations(range(DAYS)), st.booleans())
@settings(max_examples=12, deadline=None)
def test_days_merge_in_any_order(order: list[int], right_first: bool) -> None:
    parts = [daily()[k] for k in order]
    one = (merge(parts[0], merge(parts[1], parts[2])) if right_first
           else merge(merge(parts[0], parts[1]), parts[2]))
    assert_equal(one, summed(tuple(range(DAYS))))


@pytest.mark.parametrize("slice_h", [7, 1])
def test_a_summary_does_not_depend_on_the_slicing(slice_h: int) -> None:
    whole = tuple(range(DAYS))
    assert_equal(summed(whole), summed(whole, slice_h))


@st.composite
def summaries(draw: st.DrawFn) -> list[Summary]:
    """Draw three summaries that end at different instants."""
    ends = draw(st.lists(st.integers(0, 10**9), min_size=3, max_size=3, unique=True))
    number = st.integers(0, 2**40)
    return [
        Summary({
            name: np.array([draw(number), draw(number)], np.int64)
            for name in ("visits", "waits", *sorted(MAXIMA), *sorted(CLOSING))
        }, end)
        for end in ends
    ]


@given(summaries())
def test_merging_is_associative_and_commutative(three: list[Summary]) -> None:
    a, b, c = three
    assert_equal(merge(a, b), merge(b, a))
    assert_equal(merge(merge(a, b), c), merge(a, merge(b, c)))


def test_merging_nothing_changes_nothing() -> None:
    nothing = empty_summary(planned().vehicles, DAYS)
    assert_equal(merge(nothing, daily()[0]), daily()[0])
    assert_equal(merge(daily()[0], nothing), daily()[0])


def test_every_accumulator_is_an_integer() -> None:
    for array in daily()[0].values.values():
        assert array.dtype == np.int64
        assert array.min() >= 0


@given(st.lists(st.integers(0, LONGEST), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_a_quantile_errs_by_less_than_a_bin(waits: list[int], share: float) -> None:
    values = np.sort(np.array(waits, np.int64))
    counts = np.bincount(np.searchsorted(bin_edges(), values, "right") - 1, minlength=BIN_COUNT)
    exact = int(values[int(np.ceil(share * values.size)) - 1])
    found = quantile(counts, share)
    assert abs(found - exact) <= max(1.0, RELATIVE_WIDTH * exact)


@given(st.lists(st.integers(0, LONGEST), min_size=1, max_size=40))
def test_the_measuring_pass_bins_as_the_edges_say(waits: list[int]) -> None:
    size = len(waits)
    zeros, one = np.zeros(size, np.int64), np.zeros(1, np.int64)
    counts, totals, delays, longest, busy = (one.copy() for _ in range(5))
    histogram, handled = np.zeros((1, BIN_COUNT), np.int64), np.zeros((1, 1), np.int64)
    accumulate.add_visits(zeros, zeros, zeros, np.array(waits, np.int64), zeros, zeros, 0, one, 1,
                          counts, totals, delays, longest, histogram, busy, handled)
    expected = np.searchsorted(bin_edges(), np.array(waits), "right") - 1
    np.testing.assert_array_equal(histogram[0], np.bincount(expected, minlength=BIN_COUNT))
    assert (counts[0], totals[0], longest[0]) == (size, sum(waits), max(waits))


def test_bins_are_narrow_and_without_gaps() -> None:
    edges = bin_edges()
    assert edges.size == BIN_COUNT + 1
    width = np.diff(edges)
    assert width.min() == 1
    assert np.all(width[256:] <= RELATIVE_WIDTH * edges[256:-1])
    assert RELATIVE_WIDTH <= 0.005


def test_measures_of_a_day_are_sane() -> None:
    """Waits of a station: p50 <= p90 <= p95 <= max; what is busy is on duty; nothing negative."""
    whole = summed(tuple(range(DAYS)))
    legend = planned().legend
    classes = 0
    for row in station_rows(whole, legend, DAYS):
        if row["class"] == "all":
            assert ("utilisation" in row) == (row["kind"] != "departure")  # no servers there
            assert 0.0 <= row.get("utilisation", 0.0) <= 1.0
            continue
        classes += 1
        ladder = [row[f"wait_p{q}_min"] for q in (50, 90, 95)]
        ladder.append(row["wait_max_min"] * (1 + RELATIVE_WIDTH) + 1 / 1024)
        assert all(a <= b for a, b in pairwise(ladder))
    assert classes > 40
    for name, value in measure_values(whole, legend, DAYS).items():
        assert np.isfinite(value), name
        assert value >= 0.0, name
