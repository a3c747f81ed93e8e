"""Numbers and names as readers see them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from straits.report.markup import Scale, tick_text, ticks_of
from straits.report.text import (
    difference,
    figure,
    interval,
    level,
    long_date,
    lower_first,
    short_name,
    signed,
    span_of,
    station_name,
)
from support.comparison import effect, policy_info


@pytest.mark.parametrize(("value", "text"), [
    (0.0, "0"), (-0.0, "0"), (0.018, "0.02"), (0.004, "0.004"), (-0.004, "−0.004"),
    (1e-9, "0.00"), (-1e-9, "0.00"), (0.123, "0.12"), (1.25, "1.2"), (12.3, "12"),
    (123.4, "123"), (1234.5, "1,234"), (-1234567.0, "−1,234,567"),
])
def test_figures(value: float, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(("value", "text"), [
    (999.4, "999"), (1234.0, "1,230"), (1_234_567.0, "1,230,000"), (-98_765.0, "−98,800"),
])
def test_levels_have_three_digits(value: float, text: str) -> None:
    assert level(value) == text


@pytest.mark.parametrize(("value", "text"), [
    (0.0, "0"), (1e-9, "0.00"), (0.5, "+0.50"), (-0.5, "−0.50"), (2345.0, "+2,340"),
])
def test_signs(value: float, text: str) -> None:
    assert signed(value) == text


def test_no_effect_has_no_interval() -> None:
    none = effect("a", "deaths", 2, first=True)
    assert difference(none) == "none"
    assert interval(none) == ""


@pytest.mark.parametrize(("label", "text"), [
    ("UK public cost", "UK public cost"), ("French public cost", "French public cost"),
    ("Lorry delay, to the UK", "lorry delay, to the UK"), ("Deaths", "deaths"), ("", ""),
])
def test_names_keep_capitals(label: str, text: str) -> None:
    assert lower_first(label) == text


def test_short_names_fit() -> None:
    assert short_name(policy_info("end-le-touquet", "x" * 40)) == "End Le Touquet"
    assert short_name(policy_info("own", "My policy")) == "My policy"
    assert short_name(policy_info("folder/own-policy", "x" * 40)) == "own-policy"
    assert len(short_name(policy_info("y" * 40, "x" * 40))) < 17


def test_dates_and_stations() -> None:
    assert long_date("2016-08-30") == "30 August 2016"
    assert long_date("-") == "-"
    assert station_name("UK entry check at Dover, cars, moved from Dunkirk") == (
        "UK entry check at Dover, cars")


@pytest.mark.parametrize(("low", "high"), [
    (0.0, 1.0), (-3.0, 17.0), (0.0, 9_876.0), (-0.004, 0.001), (2.0, 3.0), (0.0, 0.0)])
@pytest.mark.parametrize("most", [2, 4, 6])
def test_ticks_are_round_few_and_inside(low: float, high: float, most: int) -> None:
    ticks = ticks_of(low, high, most)
    assert 1 <= len(ticks) <= most
    assert all(low - 1e-9 <= t <= high + 1e-9 for t in ticks)
    if low <= 0.0 <= high:
        assert 0.0 in ticks
    assert all(len(tick_text(t)) < 9 for t in ticks)


def test_scale_stays_inside() -> None:
    scale = Scale(0.0, 10.0, 5.0, 95.0)
    assert scale(5.0) == 50.0
    assert (scale(-1.0), scale(11.0)) == (5.0, 95.0)
    assert Scale(1.0, 1.0, 0.0, 10.0)(1.0) == 5.0


def test_an_axis_is_cut_where_one_row_would_press_all_others_flat() -> None:
    plain = replace(effect("a", "deaths", 0, first=False), low=1.0, difference=2.0, high=3.0)
    wild = replace(plain, high=900.0)
    none = effect("a", "deaths", 2, first=True)
    assert span_of([plain, none]) == (0.0, 3.0)
    assert span_of([plain, wild]) == (0.0, 8.0)
    assert span_of([none]) == (0.0, 0.0)
    assert span_of([replace(plain, low=-1.0, difference=0.0)]) == (-1.0, 3.0)
