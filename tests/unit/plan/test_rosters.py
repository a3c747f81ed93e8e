"""Rosters and timetables: local clocks, planned servers, evenly spread departures."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.plan.rosters import (
    planned_servers,
    roster_changes,
    sailings,
    shifted,
    written_servers,
)

SUMMER = date(2016, 8, 30)


def test_servers_for_a_load() -> None:
    rule = {"built": 7, "target_utilisation": 0.9, "minimum": 1}
    load = np.array([0.0, 0.9, 0.91, 4.5, 6.3, 20.0])
    assert planned_servers(load, rule).tolist() == [1, 1, 2, 5, 7, 7]
    assert planned_servers(load, {**rule, "minimum": 3}).tolist() == [3, 3, 3, 5, 7, 7]
    assert planned_servers(load, {**rule, "built": 2, "minimum": 3}).max() == 2


def test_a_written_roster_is_local() -> None:
    roster = [{"from": "06:00", "to": "22:00", "servers": 5},
              {"from": "22:00", "to": "06:00", "servers": 2}]  # fmt: skip
    paris = written_servers(roster, SUMMER, 24, "Europe/Paris")
    assert paris.size == 96
    assert np.flatnonzero(paris == 5).tolist() == list(range(16, 80))  # 04:00 to 20:00 UTC
    winter = written_servers(roster, date(2016, 12, 1), 24, "Europe/London")
    assert np.flatnonzero(winter == 5).tolist() == list(range(24, 88))


def test_changes_of_a_roster() -> None:
    at, servers = roster_changes(np.array([2, 2, 5, 5, 5, 0, 2]), 10)
    assert at == [0, 20, 50, 60]
    assert servers == [2, 5, 0, 2]


def test_rates_reach_the_far_shore_later() -> None:
    rate = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    assert shifted(rate, 0.0).tolist() == rate.tolist()
    assert shifted(rate, 1.0).tolist() == [1.0, 1.0, 2.0, 4.0, 8.0]
    assert shifted(rate, 1.5).tolist() == [1.0, 1.0, 1.5, 3.0, 6.0]


def test_departures_of_a_day() -> None:
    departure = {"timetable": {"per_day": 48}}
    at = sailings(departure, SUMMER, 2, "Europe/Paris")
    assert at.size == 96
    assert set(np.diff(at).tolist()) == {HOUR_TICKS // 2}
    assert 0 <= at.min() < at.max() < 2 * DAY_TICKS


@pytest.mark.parametrize(("day", "count"), [(date(2017, 3, 26), 24), (date(2016, 10, 30), 23)])
def test_departures_at_the_change_of_clocks(day: date, count: int) -> None:
    """One a local hour: autumn's doubled hour has one, spring's missing hour has none."""
    table = {"weekday": [1] * 24, "weekend": [1] * 24}
    at = sailings({"timetable": table}, day, 1, "Europe/London")
    assert at.size == count
    assert np.all(np.diff(at) > 0)
    assert np.diff(at).max() == (HOUR_TICKS if count == 24 else 2 * HOUR_TICKS)


def test_weekends_and_peak_days_have_their_own_lists() -> None:
    table = {"weekday": [1] * 24, "weekend": [2] * 24, "peak": [3] * 24,
             "peak_days": [date(2016, 8, 31)]}  # fmt: skip
    at = sailings({"timetable": table}, SUMMER, 5, "UTC")
    per_day = np.bincount(at // DAY_TICKS)
    assert per_day.tolist() == [24, 72, 24, 24, 48]
