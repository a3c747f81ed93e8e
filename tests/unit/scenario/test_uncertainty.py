"""Distributions and designs of futures."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from straits.scenario import (
    Uncertain,
    UncertaintySet,
    load_baseline,
    load_uncertainty,
    sample_futures,
)

VALID = Path(__file__).parents[2] / "scenarios" / "valid"
MINI = load_baseline(VALID / "mini.yaml")
SET = load_uncertainty(VALID / "mini-uncertainty.yaml", MINI)
GRID = [(k + 0.5) / 2000 for k in range(2000)]


def make(family: str, low: float, high: float, /, **parameters: float) -> Uncertain:
    values = {key: (float(value),) for key, value in parameters.items()}
    return Uncertain("x", ("p",), "set", "1", family, values, low, high)


@pytest.mark.parametrize("one", SET.uncertain, ids=lambda one: one.family)
def test_quantiles_ascend_inside_the_range(one: Uncertain) -> None:
    values = [one.quantile(u) for u in (1e-12, *GRID, 1 - 1e-12)]
    assert values == sorted(values)
    assert one.low <= values[0] <= values[-1] <= one.high


@pytest.mark.parametrize(
    ("one", "median"),
    [
        (make("uniform", 2, 4, low=2, high=4), 3.0),
        (make("triangular", 0, 1, low=0, mode=1, high=1), math.sqrt(0.5)),
        (make("normal", -50, 50, mean=3, sd=2), 3.0),
        (make("lognormal", 1e-9, 1e9, median=3, log_sd=0.5), 3.0),
        (make("logitnormal", 0, 1, median=0.3, logit_sd=0.7), 0.3),
        (make("beta", 0, 1, a=2, b=2), 0.5),
    ],
    ids=lambda value: value.family if isinstance(value, Uncertain) else "",
)
def test_medians_are_known(one: Uncertain, median: float) -> None:
    assert one.quantile(0.5) == pytest.approx(median, rel=1e-9)


def test_means_of_cut_distributions() -> None:
    # A normal cut at its mean is half normal: mean sd * sqrt(2 / pi). The midpoint rule with
    # 2,000 points errs by far less than the tolerance here.
    half = make("normal", 0, 60, mean=0, sd=1)
    assert sum(map(half.quantile, GRID)) / 2000 == pytest.approx(math.sqrt(2 / math.pi), rel=1e-3)
    beta = make("beta", 0, 1, a=2, b=6)
    assert sum(map(beta.quantile, GRID)) / 2000 == pytest.approx(0.25, rel=1e-4)


def test_cutting_keeps_the_share_below_each_value() -> None:
    whole, cut = make("normal", -50, 50, mean=0, sd=1), make("normal", -1, 2, mean=0, sd=1)
    first, last = whole._cdf(-1), whole._cdf(2)
    for u in (0.1, 0.5, 0.9):
        assert cut.quantile(u) == pytest.approx(
            whole.quantile(first + u * (last - first)), abs=1e-9
        )


def test_a_choice_follows_its_weights() -> None:
    booths = SET["booths"]
    picks = [booths.quantile(u) for u in GRID]
    assert [picks.count(value) / 2000 for value in (9.0, 10.0, 12.0)] == [0.25, 0.5, 0.25]


def test_units_of_a_set() -> None:
    crossing, find = SET["crossing"], SET["find time"]
    assert (crossing.unit, crossing.low, crossing.high) == ("s", 4800.0, 6600.0)
    assert (find.op, find.parameters["sd"]) == ("add", (300.0,))
    assert SET["service"].unit == "1"


def test_futures_are_a_latin_hypercube() -> None:
    futures = sample_futures(SET, 50, 7)
    assert len(futures) == 50
    volume = SET["volume"]
    strata = sorted(
        int((f["volume"] - volume.low) / (volume.high - volume.low) * 50) for f in futures
    )
    assert strata == list(range(50))
    assert all(set(future) == {one.name for one in SET.uncertain} for future in futures)


def test_futures_depend_on_seed_and_name_alone() -> None:
    futures = sample_futures(SET, 20, 7)
    assert futures == sample_futures(SET, 20, 7)
    assert futures != sample_futures(SET, 20, 8)
    fewer = UncertaintySet(SET.id, SET.baseline, SET.uncertain[2:5], SET.doc, SET.document)
    for row, future in enumerate(sample_futures(fewer, 20, 7)):
        assert future.items() <= futures[row].items()


def test_columns_of_a_design_are_not_tied() -> None:
    futures = sample_futures(SET, 400, 3)
    names = ["volume", "crossing", "search share"]
    for a, b in [(0, 1), (0, 2), (1, 2)]:
        order = [sorted(range(400), key=lambda row, k=k: futures[row][names[k]]) for k in (a, b)]
        ranks = [dict(zip(column, range(400), strict=True)) for column in order]
        total = sum((ranks[0][row] - ranks[1][row]) ** 2 for row in range(400))
        rho = 1 - 6 * total / (400 * (400**2 - 1))
        # Spearman's rho of independent columns has a standard error of 1 / sqrt(n - 1).
        assert abs(rho) < 4.5 / math.sqrt(399)
