"""Numbers of documents: units, bounds, ranges, origins."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from straits.scenario.quantity import (
    Numbers,
    Quantity,
    SeriesValue,
    Shares,
    money,
    numbers,
    quantity,
    series,
    shares,
)
from straits.scenario.units import UnitError, convert, written
from straits.scenario.validate import findings_of


class Sample(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    time: Annotated[Quantity, quantity("s", low=0)] | None = None
    share: Annotated[Quantity, quantity(low=0, high=1)] | None = None
    free: Annotated[Quantity, quantity("d", bare=True)] | None = None
    none: Annotated[Quantity, quantity("people", bare="zero")] | None = None
    space: Annotated[Quantity, quantity("m", low=0, or_unit="places")] | None = None
    cost: Annotated[Quantity, money()] | None = None
    month: Annotated[Numbers, numbers(length=3, low=0)] | None = None
    rate: Annotated[SeriesValue, series("1/month", low=0)] | None = None
    parts: Annotated[Shares, shares()] | None = None


def read(key: str, raw: Any) -> Any:
    return getattr(Sample.model_validate({key: raw}), key)


def wrong(key: str, raw: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({key: raw})
    return [finding.message for finding in findings_of(caught.value, Sample)]


@pytest.mark.parametrize(
    ("raw", "unit", "expected"),
    [
        ("75 s", "s", 75.0), ("90 min", "s", 5400.0), ("12h", "s", 43_200.0), ("365 d", "s", 31_536_000.0),
        ("1.2 km", "m", 1200.0), ("40 %", "", 0.4), (0.4, "1", 0.4), (7, "vehicles", 7.0),
        ("7 vehicle", "vehicles", 7.0), ("7 people", "people", 7.0), ("1/month", "1/d", None),
        ("4 1/month", "1/d", 4 * 12 / 365.25), ("2 people/h", "people/d", 48.0),
        ("60 GBP per h", "GBP/h", 60.0), ("£60/h", "GBP/h", None), ("1 £/min", "GBP/h", 60.0),
        ("1e3 s", "s", 1000.0), ("-5 min", "s", -300.0), ("1 year", "d", 365.25), ("12 month", "d", 365.25),
    ],
)  # fmt: skip
def test_units_are_converted_once(raw: Any, unit: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(UnitError):
            convert(raw, unit)
    else:
        assert convert(raw, unit) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("raw", "unit", "message"),
    [
        ("75", "s", "a unit is missing"), (75, "s", "a unit is missing"),
        ("75 m", "s", "wrong unit"), ("75 EUR", "GBP", "wrong unit"), ("3 vehicles", "people", "wrong unit"),
        ("75 secs", "s", "unknown unit"), ("75 s**9**9", "s", "this unit cannot be read"),
        ("75 __import__('os')", "s", "this unit cannot be read"), (True, "1", "this must be a number"),
        ("1,000 m", "m", "a number has no comma in it"), (None, "1", "this must be a number"),
        (float("nan"), "1", "this number is not finite"), ("1e400 s", "s", "this number is not finite"),
        (10**400, "1", "this number is not finite"), ("9 %", "s", "wrong unit"),
    ],
)  # fmt: skip
def test_wrong_units_are_refused(raw: Any, unit: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        convert(raw, unit)
    assert caught.value.finding.message == message


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["1", "s", "GBP/h", "people/d"]),
)
def test_what_is_written_reads_back_to_the_same_bits(value: float, unit: str) -> None:
    assert convert(written(value, unit), unit) == value


def test_a_quantity_keeps_its_range_source_and_grade() -> None:
    one = read(
        "time", {"value": "45 s", "range": ["37 s", "70 s"], "source": "a.key", "grade": "B"}
    )
    assert one == Quantity(value=45.0, unit="s", range=(37.0, 70.0), source=("a.key",), grade="B")
    assert read("time", one.node()) == one


def test_a_tolerance_becomes_a_range_within_the_bounds() -> None:
    assert read("share", {"value": 0.9, "tolerance": "20 %", "assumed": "a guess"}).range == (
        0.72,
        1.0,
    )


@pytest.mark.parametrize(
    ("raw", "messages"),
    [
        ({"value": "45 s"}, ["this number says neither where it comes from nor that it is assumed"]),
        ({"value": "45 s", "assumed": "x"}, ["an assumption needs a range"]),
        ({"value": "45 s", "assumed": "x", "range": ["50 s", "70 s"]}, ["the value lies outside its own range"]),
        ({"value": "45 s", "assumed": "x", "range": ["70 s", "40 s"]}, ["this range is reversed"]),
        ({"value": "45 s", "assumed": "x", "range": ["70 s"]}, ["a range has two numbers"]),
        ({"value": "-4 s", "source": "k"}, ["this number is too small"]),
        ({"value": "45 s", "source": 3}, ["this must name shipped figures"]),
        ({"value": "45 s", "source": "k", "grade": "E"}, ["this is no grade"]),
        ({"source": "k"}, ["'value' is missing"]),
        ("45 s", ["a number needs its source or the reason for assuming it"]),
        ({"value": "4 km", "asumed": "x", "range": "wide"},
         ["unknown key", "wrong unit", "a range has two numbers",
          "this number says neither where it comes from nor that it is assumed"]),
    ],
)  # fmt: skip
def test_everything_wrong_with_a_number_is_told_at_once(raw: Any, messages: list[str]) -> None:
    assert wrong("time", raw) == messages


def test_a_percentage_written_as_a_number_gets_a_hint() -> None:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({"share": {"value": 60, "source": "k"}})
    (finding,) = findings_of(caught.value, Sample)
    assert finding.hint == "If you meant 60 %, write 0.6 or '60 %'"


def test_bare_numbers_only_where_nothing_is_claimed() -> None:
    assert read("free", "28 d").value == 28.0
    assert read("none", 0).value == 0.0
    assert wrong("none", 5) == ["a number needs its source or the reason for assuming it"]
    assert wrong("share", 0.5) == ["a number needs its source or the reason for assuming it"]


def test_capacity_is_kept_in_metres_or_places() -> None:
    assert read("space", {"value": "2.9 km", "source": "k"}).unit == "m"
    places = read("space", {"value": "32 places", "source": "k"})
    assert (places.value, places.unit) == (32.0, "places")
    assert read("space", places.node()) == places


def test_money_keeps_the_unit_written() -> None:
    cost = read("cost", {"value": "45 GBP/h", "range": ["30 GBP/h", "1 GBP/min"], "source": "k"})
    assert (cost.unit, cost.range) == ("GBP/h", (30.0, 60.0))
    assert wrong("cost", {"value": "45 EUR", "source": "k"}) == ["wrong unit"]


def test_lists_have_their_length_and_a_tolerance() -> None:
    one = read("month", {"values": [1, 2, "300 %"], "tolerance": "10 %", "assumed": "x"})
    assert (one.values, one.tolerance) == ((1.0, 2.0, 3.0), 0.1)
    assert wrong("month", {"values": [1, 2], "source": "k"}) == ["this list has the wrong length"]
    assert wrong("month", {"values": [1, 2, 3], "assumed": "k"}) == [
        "an assumption needs a tolerance"
    ]


def test_shares_sum_to_one() -> None:
    assert read("parts", {"values": {"1": 0.92, "2": 0.08}, "source": "k"}).plain() == {
        "1": 0.92,
        "2": 0.08,
    }
    assert wrong("parts", {"values": {"1": 0.92}, "source": "k"}) == ["these shares must sum to 1"]


def test_steps_hold_until_the_next_date() -> None:
    rate = read("rate", {"steps": {"2013-01-01": 4.0, "2014-06-01": "1 1/d"}, "source": "k"})
    day = date(2014, 6, 1).toordinal()
    assert [rate.at(day + shift) for shift in (-1000, -1, 0, 999)] == pytest.approx(
        [4, 4, 365.25 / 12, 365.25 / 12]
    )
    assert rate.changes(day - 10, day + 10) == {day}


def test_knots_are_joined_by_straight_lines_of_the_logarithm() -> None:
    rate = read("rate", {"knots": {"2013-01-01": 1.0, "2013-01-11": 4.0}, "source": "k"})
    first = date(2013, 1, 1).toordinal()
    assert rate.at(first + 5) == pytest.approx(2.0)
    assert (rate.at(first - 9), rate.at(first + 99)) == (1.0, 4.0)
    assert rate.changes(first - 50, first + 50) == set(range(first + 1, first + 11))
    assert wrong("rate", {"knots": {"2013-01-01": 0}, "source": "k"}) == [
        "a knot must be above zero, because the line between knots is logarithmic"
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"steps": {"soon": 1}, "source": "k"}, "this is no date"),
        ({"steps": {"2014-01-01": 1, "2013-01-01": 2}, "source": "k"}, "dates must ascend"),
        ({"steps": {}, "source": "k"}, "this must give numbers by date"),
        ({"source": "k"}, "a series has either steps or knots"),
        ({"steps": {"2014-01-01": -1}, "source": "k"}, "this number is too small"),
        (3, "a series needs dates and its source"),
    ],
)
def test_wrong_series_are_refused(raw: Any, message: str) -> None:
    assert wrong("rate", raw) == [message]


def test_a_constant_series_is_one_value() -> None:
    rate = read("rate", {"value": "2 1/month", "range": ["1 1/month", "3 1/month"], "assumed": "x"})
    assert (rate.values, rate.tolerance) == ((2.0,), 0.5)
    assert read("rate", rate.node()) == rate


def test_a_document_constructs_no_new_unit() -> None:
    # Pint would read both as prefixed units had it a registry of its own.
    for text in ("1 kGBP", "1 megasecond"):
        with pytest.raises(UnitError, match="unknown unit"):
            convert(text, "s")
