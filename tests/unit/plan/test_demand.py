"""Expected arrivals add up to the volumes, month by month, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from straits.plan.demand import expected_arrivals, stream_list
from straits.scenario import build, load_baseline

FIRST = date(2017, 1, 1)
DAYS = 365


@cache
def world() -> Mapping[str, Any]:
    baseline = load_baseline("calais-2016")
    return build(baseline).world_at(baseline.doc.decision_day)


@cache
def rates() -> np.ndarray:
    return expected_arrivals(world(), FIRST, DAYS)


def test_a_calendar_year_carries_half_the_volume_each_way() -> None:
    totals = rates().sum(axis=(0, 1))
    volumes = world()["demand"]["volumes"]
    for total, (crossing, _, kind) in zip(totals, stream_list(world()), strict=True):
        volume = 0.5 * volumes.get(crossing, {}).get(kind, 0.0)
        # The site's clock runs before UTC, so an hour or two of the year lies outside.
        assert total == pytest.approx(volume, rel=2e-4)


def test_months_keep_their_totals() -> None:
    """Weekday factors are renormalised inside each month."""
    group = world()["demand"]["groups"]["ferry-freight"]
    stream = stream_list(world()).index(("dover-calais", "to_fr", "hgv_accompanied"))
    daily = rates()[:, :, stream].sum(axis=1)
    month = np.array([date.fromordinal(FIRST.toordinal() + d).month for d in range(DAYS)])
    means = np.array([daily[month == m].mean() for m in range(1, 13)])
    published = np.asarray(group["month"])
    assert means / means.mean() == pytest.approx(published / published.mean(), rel=0.01)


def test_the_rates_of_a_day_do_not_depend_on_the_window() -> None:
    later = expected_arrivals(world(), date(2017, 3, 20), 20)
    offset = (date(2017, 3, 20) - FIRST).days
    assert np.array_equal(later, rates()[offset : offset + 20])


def test_streams_are_numbered_by_crossings_alone() -> None:
    streams = stream_list(world())
    assert streams == stream_list({"crossings": world()["crossings"]})
    assert len(set(streams)) == len(streams) == 36


def test_nothing_is_negative_and_directions_balance_over_the_year() -> None:
    assert rates().min() >= 0.0
    streams = stream_list(world())
    total = {s: rates()[:, :, k].sum() for k, s in enumerate(streams)}
    for crossing, direction, kind in streams:
        back = "to_uk" if direction == "to_fr" else "to_fr"
        assert total[(crossing, direction, kind)] == pytest.approx(
            total[(crossing, back, kind)], rel=5e-4
        )
