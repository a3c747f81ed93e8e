"""Regret and robustness on tables made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from straits.analysis.robustness import (
    differences,
    domain_share,
    regret,
    regret_against,
    robustness,
)
from straits.base.hashing import unit_draws

# Policies by futures: the first is the status quo, the last has no effect.
COST = np.array([[4.0, 4.0, 4.0, 4.0], [1.0, 3.0, 5.0, 9.0], [4.0, 4.0, 4.0, 4.0]])


def test_regret_by_hand() -> None:
    assert regret(COST, "less").tolist() == [[3, 1, 0, 0], [0, 0, 1, 5], [3, 1, 0, 0]]
    assert regret(COST, "more").tolist() == [[0, 0, 1, 5], [3, 1, 0, 0], [0, 0, 1, 5]]
    assert regret_against(COST, "less").tolist() == [[0, 0, 0, 0], [0, 0, 1, 5], [0, 0, 0, 0]]
    assert regret_against(COST, "more").tolist() == [[0, 0, 0, 0], [3, 1, 0, 0], [0, 0, 0, 0]]
    assert differences(COST)[1].tolist() == [-3, -1, 1, 5]


def test_a_policy_without_effect_has_exactly_no_difference_and_no_regret() -> None:
    values = unit_draws(600, 5).reshape(3, 200) * 1e7
    values[2] = values[0]
    assert not differences(values)[2].any()
    assert not regret_against(values, "less")[2].any()
    assert not regret_against(values, "more")[2].any()
    table = robustness(values[:, :, None], ["less"], weightings=100)
    for column in (table.mean, table.mean_regret, table.regret_90, table.max_regret, table.best_share, table.domain_share):
        assert column[0, 0] == column[2, 0]


def test_the_table_by_hand() -> None:
    values = np.stack([COST, -COST], axis=2)
    found = robustness(values, ["less", "more"], [4.0, None], weightings=400)
    assert found.mean[:, 0].tolist() == [4.0, 4.5, 4.0]
    assert found.max_regret[:, 0].tolist() == [3.0, 5.0, 3.0]
    assert found.mean_regret[:, 0].tolist() == [1.0, 1.5, 1.0]
    assert found.regret_90[:, 0] == pytest.approx([2.4, 3.8, 2.4])
    assert found.satisficing_share[:, 0].tolist() == [1.0, 0.5, 1.0]
    assert np.isnan(found.satisficing_share[:, 1]).all()
    assert found.best_share[:, 0].tolist() == [0.25, 0.5, 0.25]
    assert found.futures.tolist() == [4, 4]
    # Less of a number is more of its negative.
    assert np.array_equal(found.max_regret[:, 0], found.max_regret[:, 1])
    assert np.array_equal(found.domain_share[:, 0], found.domain_share[:, 1])


def test_the_domain_criterion_is_a_volume() -> None:
    """Two futures: the second policy is better for weights of the first future below 1/4."""
    values = np.array([[0.0, 1.0], [3.0, 0.0]])
    found = domain_share(values, "less", weightings=4000)
    assert found.sum() == pytest.approx(1.0)
    assert found[1] == pytest.approx(0.25, abs=4.5 * math.sqrt(0.25 * 0.75 / 4000))
    assert domain_share(np.zeros((4, 3)), "less", weightings=10).tolist() == [0.25] * 4


def test_futures_without_a_measure_are_left_out_for_all() -> None:
    values = COST.copy()[:, :, None]
    values[1, 3, 0] = math.nan
    found = robustness(values, ["less"], weightings=10)
    assert found.futures.tolist() == [3]
    assert found.mean[0, 0] == 4.0
    assert found.max_regret[1, 0] == 1.0


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="direction 'none' has no regret"):
        regret(COST, "none")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="2 directions"):
        robustness(COST[:, :, None], ["less", "more"])
    with pytest.raises(ValueError, match="2 thresholds"):
        robustness(COST[:, :, None], ["less"], [1.0, 2.0])
    with pytest.raises(ValueError, match="measure 0 is defined in no future"):
        robustness(np.full((2, 3, 1), math.nan), ["less"])
