"""Bookings move arrivals towards departures and lose nobody."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from straits.plan.bookings import BINS, LONGEST_BINS, expected_demand, lead_share, plain_demand
from straits.plan.demand import expected_arrivals, stream_list
from straits.scenario import build, load_baseline

FIRST = date(2017, 1, 1)
BOOKING = {"kind": None, "share": 0.6, "early": 5400.0, "spread": 1800.0, "latest": 600.0}


@cache
def plain_world() -> Mapping[str, Any]:
    baseline = load_baseline("calais-2016")
    return build(baseline).world_at(baseline.doc.decision_day)


def world(**groups: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the world with the bookings of some groups."""
    out = dict(plain_world())
    out["demand"] = copy.deepcopy(out["demand"])
    for name, booking in groups.items():
        out["demand"]["groups"][name.replace("_", "-")]["booking"] = booking
    return out


def group(name: str) -> str:
    known = list(plain_world()["demand"]["groups"])
    return next(one for one in known if name in one)


def booked(**changes: Any) -> dict[str, Any]:
    return world(**{group("tourist"): {**BOOKING, **changes}})


def stream(kind: str = "car", direction: str = "to_fr", crossing: str = "dover-calais") -> int:
    return stream_list(plain_world()).index((crossing, direction, kind))


def test_without_bookings_nothing_changes() -> None:
    found = expected_demand([(FIRST, plain_world())], FIRST, 30)
    assert np.array_equal(found.rates, expected_arrivals(plain_world(), FIRST, 30))
    assert np.all(found.within_of_stream == -1)
    assert found.within_cdf.shape == plain_demand(30, 36)["within_cdf"].shape == (0, 30, 24, BINS)


def test_a_share_of_nothing_changes_nothing() -> None:
    found = expected_demand([(FIRST, booked(share=0.0))], FIRST, 10)
    assert np.array_equal(found.rates, expected_arrivals(plain_world(), FIRST, 10))
    assert np.all(found.within_of_stream == -1)


def test_a_year_keeps_its_volume_and_others_their_rates() -> None:
    found = expected_demand([(FIRST, booked())], FIRST, 365)
    plain = expected_arrivals(plain_world(), FIRST, 365)
    before, after = plain.sum(axis=(0, 1)), found.rates.sum(axis=(0, 1))
    # What crosses midnight at either end is the edge: less than a tenth of a day of the year.
    assert after == pytest.approx(before, rel=1e-4)
    books = found.within_of_stream >= 0
    assert books[stream()]
    assert np.array_equal(found.rates[:, :, ~books], plain[:, :, ~books])
    assert not np.array_equal(found.rates[:, :, stream()], plain[:, :, stream()])


def test_inside_a_day_arrivals_move_by_little() -> None:
    """Booking follows the profile: days keep nearly what they had."""
    found = expected_demand([(FIRST, booked(share=1.0))], FIRST, 60)
    plain = expected_arrivals(plain_world(), FIRST, 60)
    ratio = found.rates[:, :, stream()].sum(axis=1) / plain[:, :, stream()].sum(axis=1)
    assert np.all(np.abs(ratio - 1.0) < 0.05)


def test_the_rates_of_a_day_do_not_depend_on_the_window() -> None:
    long = expected_demand([(FIRST, booked())], FIRST, 40)
    later = FIRST + timedelta(20)
    short = expected_demand([(later, booked())], later, 5)
    assert np.allclose(short.rates, long.rates[20:25], rtol=1e-12, atol=1e-12)
    assert np.allclose(short.within_cdf, long.within_cdf[:, 20:25], rtol=1e-9)


def test_shapes_are_stored_once_and_cumulate_to_one() -> None:
    found = expected_demand([(FIRST, booked())], FIRST, 5)
    used = found.within_of_stream[found.within_of_stream >= 0]
    assert set(used) == set(range(found.within_cdf.shape[0]))
    assert found.within_cdf.shape[0] < used.size
    assert found.within_of_stream[stream("car")] == found.within_of_stream[stream("motorcycle")]
    assert np.all(found.within_cdf[..., -1] == 1.0)
    assert np.all(np.diff(found.within_cdf, axis=-1) >= 0.0)


def test_one_departure_a_day_is_met_by_the_density_of_the_lead() -> None:
    """With everybody booked on one sailing, arrivals are its lead times, bin by bin."""
    one = booked(share=1.0, early=3600.0, spread=1200.0, latest=0.0)
    one["departures"] = copy.deepcopy(one["departures"])
    for spec in one["departures"].values():
        spec["timetable"] = {"per_day": 1.0}  # in the middle of the local day
    found = expected_demand([(FIRST, one)], FIRST, 3)
    index = stream()
    bins = (found.rates[:, :, index, None] * np.diff(
        found.within_cdf[found.within_of_stream[index]], axis=-1, prepend=0.0)).reshape(3, -1)
    place = np.zeros(1, np.int64)
    middle = 12 * BINS
    share = np.array([lead_share(ahead, place, BOOKING | {
        "early": 3600.0, "spread": 1200.0, "latest": 0.0})[0] for ahead in range(1, 60)])
    mine = bins[1, middle - np.arange(1, 60)]
    assert mine / mine.sum() == pytest.approx(share / share.sum(), rel=1e-9)
    assert bins[1, middle:].sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("latest", [0.0, 1800.0])
def test_the_lead_has_its_mean_and_spread(latest: float) -> None:
    booking = {"early": 5400.0, "spread": 2400.0, "latest": latest}
    place = np.array([0, 100_000], np.int64)
    ahead = np.arange(-20, LONGEST_BINS)
    share = np.array([lead_share(int(k), place, booking) for k in ahead])
    assert share.sum(axis=0) == pytest.approx([1.0, 1.0], rel=1e-12)
    assert share.min() >= 0.0
    for column, offset in enumerate(place / 1024):
        lead = offset + 300.0 * (ahead - 0.5)  # middle of each bin
        mean = float(share[:, column] @ lead)
        sd = math.sqrt(float(share[:, column] @ (lead - mean) ** 2))
        assert mean == pytest.approx(5400.0, abs=5.0)
        assert sd == pytest.approx(2400.0, rel=0.01)
    late = share[ahead < 0].sum()
    assert (late > 0.0) == (latest > 0.0)


def test_a_policy_that_brings_bookings_acts_from_its_day() -> None:
    later = FIRST + timedelta(10)
    found = expected_demand([(FIRST, plain_world()), (later, booked())], FIRST, 20)
    always = expected_demand([(FIRST, booked())], FIRST, 20)
    plain = expected_arrivals(plain_world(), FIRST, 20)
    assert np.array_equal(found.rates[:10], plain[:10])
    assert np.array_equal(found.rates[10:], always.rates[10:])
    row = found.within_of_stream[stream()]
    assert np.array_equal(found.within_cdf[row, :10], np.broadcast_to(
        np.arange(1, BINS + 1) / BINS, (10, 24, BINS)))
    assert np.array_equal(found.within_cdf[row, 10:],
                          always.within_cdf[always.within_of_stream[stream()], 10:])


def test_a_timetable_that_changes_moves_bookings_with_it() -> None:
    later = FIRST + timedelta(5)
    other = booked()
    other["departures"] = copy.deepcopy(other["departures"])
    for spec in other["departures"].values():
        spec["timetable"] = {"per_day": 4.0}
    found = expected_demand([(FIRST, booked()), (later, other)], FIRST, 10)
    alone = expected_demand([(FIRST, other)], FIRST, 10)
    assert np.array_equal(found.rates[5:], alone.rates[5:])
    assert not np.array_equal(found.rates[:5], alone.rates[:5])


def test_where_nothing_departs_nobody_books() -> None:
    still = booked()
    still["departures"] = copy.deepcopy(still["departures"])
    for spec in still["departures"].values():
        spec["timetable"] = {"weekday": (0.0,) * 24, "weekend": (0.0,) * 24}
    found = expected_demand([(FIRST, still)], FIRST, 5)
    assert np.allclose(found.rates, expected_arrivals(plain_world(), FIRST, 5), rtol=1e-12)


def test_only_the_named_kind_of_departure_is_booked() -> None:
    ferries = expected_demand([(FIRST, booked(kind="ferry"))], FIRST, 2)
    assert np.array_equal(ferries.rates, expected_demand([(FIRST, booked())], FIRST, 2).rates)
    shuttles = expected_demand([(FIRST, booked(kind="shuttle"))], FIRST, 2)
    assert np.all(shuttles.within_of_stream == -1)
