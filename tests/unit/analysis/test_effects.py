"""Effects over rows: middles, intervals, verdicts, and the words for them."""

from __future__ import annotations

import numpy as np
import pytest

from straits.analysis.compare import effect_of, interval_name
from straits.analysis.words import amount, phrase
from straits.results.measures import MEASURES


def effect(here: list[float], there: list[float], measure: str = "deaths"):
    return effect_of("p", measure, np.array(here), np.array(there))


def test_differences_are_paired() -> None:
    """A large spread of rows hides nothing when every row moves the same way."""
    one = effect([11.0, 101.0, 1002.0], [10.0, 100.0, 1000.0])
    assert (one.difference, one.low, one.high) == (1.0, 1.0, 2.0)
    assert (one.value, one.value_low, one.value_high) == (101.0, 11.0, 1002.0)
    assert one.verdict == "clear"


@pytest.mark.parametrize(
    ("here", "there", "verdict"),
    [
        ([1.0, 2.0], [1.0, 2.0], "none"),
        ([1.0, 2.0], [1.0, 1.0], "unclear"),
        ([0.0, 2.0], [1.0, 1.0], "unclear"),
        ([2.0, 3.0], [1.0, 1.0], "clear"),
        ([0.0, 0.5], [1.0, 1.0], "clear"),
        ([0.1 + 0.2, 1.0], [0.3, 1.0], "none"),
    ],
)
def test_verdicts(here: list[float], there: list[float], verdict: str) -> None:
    assert effect(here, there).verdict == verdict


def test_intervals_are_the_rows_until_there_are_many() -> None:
    few = effect(list(np.arange(10.0)), [0.0] * 10)
    assert (few.low, few.high) == (0.0, 9.0)
    many = effect(list(np.arange(101.0)), [0.0] * 101)
    assert (many.low, many.high) == (5.0, 95.0)
    assert interval_name(10) == "lowest to highest of 10 rows"
    assert interval_name(1) == "one row: no interval"
    assert "40 rows" in interval_name(40)


@pytest.mark.parametrize(
    ("value", "text"),
    [(12_345.0, "12,000"), (-1234.0, "1,200"), (999.4, "999"), (6.66, "6.7"), (3.0, "3"),
     (0.034, "0.034"), (0.0, "0")],
)  # fmt: skip
def test_amounts_have_two_digits(value: float, text: str) -> None:
    assert amount(value) == text


def test_words_say_no_more_than_the_rows() -> None:
    assert phrase(effect([1.0], [1.0])) == "no change"
    assert "cannot be said" in phrase(effect([0.0, 2.0], [1.0, 1.0]))
    assert phrase(effect([30.0, 31.0], [10.0, 10.0])).endswith("more")
    assert "fewer" in phrase(effect([1.0, 2.0], [10.0, 10.0]))
    assert "less" in phrase(effect([1.0, 2.0], [10.0, 10.0], "lorry_delay_to_uk"))


def test_measures_are_complete() -> None:
    for name, measure in MEASURES.items():
        assert name == measure.name
        assert measure.label
        assert measure.unit
        assert len(measure.definition.split()) > 2
        assert measure.direction in ("less", "more", "none")
        assert measure.commitment in range(1, 7)
    assert {m.commitment for m in MEASURES.values()} == set(range(1, 7))
    headlines = [m for m in MEASURES.values() if m.headline]
    assert {m.commitment for m in headlines} >= {1, 2, 3, 4, 5}
