"""Verdict words: every edge, halves up, undefined futures, and what a replication is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from straits.analysis.verdicts import (
    Holding,
    hold,
    hold_by,
    share_verdict,
    whole_percent,
    word,
)
from straits.base.hashing import unit_draws


def told(holding: int, futures: int, undefined: int = 0) -> str:
    holds = np.arange(futures + undefined) < holding
    defined = np.arange(futures + undefined) < futures
    return share_verdict(Holding(holds, defined, np.zeros(futures + undefined, bool))).word


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (100, "Holds"), (95, "Holds"), (94, "Usually holds"), (70, "Usually holds"), (69, "Depends"),
        (50, "Depends"), (31, "Depends"), (30, "Usually does not hold"), (6, "Usually does not hold"),
        (5, "Does not hold"), (0, "Does not hold"),
    ],
)  # fmt: skip
def test_every_edge(percent: int, expected: str) -> None:
    assert word(percent) == expected
    assert told(percent, 100) == expected
    assert told(10 * percent, 1000) == expected


@pytest.mark.parametrize(
    ("holding", "expected"),
    [
        (945, "Holds"), (944, "Usually holds"), (695, "Usually holds"), (694, "Depends"),
        (305, "Depends"), (304, "Usually does not hold"), (55, "Usually does not hold"),
        (54, "Does not hold"),
    ],
)  # fmt: skip
def test_shares_are_whole_percent_first(holding: int, expected: str) -> None:
    """Halves go up, in every share that no binary fraction holds, too."""
    assert told(holding, 1000) == expected


def test_whole_percents_are_those_of_integers() -> None:
    for whole in (1, 3, 7, 200, 997):
        for part in range(whole + 1):
            assert abs(whole_percent(part, whole) - 100 * part / whole) <= 0.5 + 1e-9
            assert 2 * whole * whole_percent(part, whole) > 200 * part - whole
    assert whole_percent(29, 200) == 15  # 14.5, which a float makes 14.499999999999998


def test_without_futures_it_cannot_be_decided() -> None:
    found = share_verdict(Holding(*np.zeros((3, 0), bool)))
    assert (found.word, found.percent, found.futures) == ("Cannot be decided here", None, 0)
    assert math.isnan(found.low)
    assert told(0, 0, undefined=10) == "Cannot be decided here"


def test_undefined_futures_are_left_out_as_long_as_they_are_few() -> None:
    assert told(95, 95, undefined=5) == "Holds"
    assert told(94, 94, undefined=6) == "Cannot be decided here"
    values = np.ones((100, 2))
    values[:5, 1] = math.nan
    found = share_verdict(hold(values, "above"))
    assert (found.word, found.futures, found.undefined, found.holding) == ("Holds", 95, 5, 95)


def test_a_future_holds_by_the_mean_over_its_replications() -> None:
    values = np.array([[3.0, -1.0, -1.0], [-3.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    assert hold(values, "above").holds.tolist() == [True, False, False]
    assert hold(values, "at least").holds.tolist() == [True, False, True]
    assert hold(values, "below").holds.tolist() == [False, True, False]
    assert hold(values, "at most").holds.tolist() == [False, True, True]
    assert hold(values, "above", threshold=-2.0).holds.all()
    # The first two could be chance; nothing is chance in the third.
    assert hold(values, "above").near.tolist() == [True, True, False]
    assert not hold(values[:, :1], "above").near.any()


def test_near_futures_are_those_of_a_t_interval() -> None:
    from scipy.special import ndtri

    values = ndtri(unit_draws(4 * 2000, 8)).reshape(2000, 4)
    far = hold(values, "above").near.mean()
    assert far == pytest.approx(0.9, abs=4.5 * math.sqrt(0.09 / 2000))
    assert share_verdict(hold(values, "above")).near == round(far * 2000)


def test_a_predicate_over_several_numbers() -> None:
    values = np.array([[[1.0, 5.0], [3.0, 5.0]], [[9.0, 5.0], [9.0, 5.0]], [[math.nan, 1.0], [1.0, 1.0]]])
    found = hold_by(values, lambda mean: mean[:, 0] < mean[:, 1])
    assert found.holds.tolist() == [True, False, False]
    assert found.defined.tolist() == [True, True, False]


def test_the_interval_is_wilsons() -> None:
    found = share_verdict(hold(np.where(np.arange(200) < 150, 1.0, -1.0)[:, None], "above"))
    assert (found.percent, found.holding) == (75, 150)
    for end in (found.low, found.high):
        assert abs(0.75 - end) / math.sqrt(end * (1 - end) / 200) == pytest.approx(1.644854, abs=1e-6)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="no share"):
        word(101)
    with pytest.raises(ValueError, match="unknown relation 'over'"):
        hold(np.zeros((2, 2)), "over")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="future and replication"):
        hold(np.zeros(2), "above")
    with pytest.raises(ValueError, match="yes or no for each of 2 futures"):
        hold_by(np.zeros((2, 2)), lambda _: np.zeros(2))  # type: ignore[arg-type, return-value]
