"""Scenario discovery: planted boxes come back, none is found in noise, by hand on small tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from straits.analysis.discovery import Discovery, Rule, discover
from straits.analysis.peeling import Box, choose, paste, peel, quasi_p, shares, simplify
from straits.base.hashing import unit_draws
from straits.base.names import decision_id

RULE = Rule(halves=12)
WIDE = Rule(density=0.75, halves=12)


def uniforms(runs: int, width: int, number: int = 0) -> NDArray[np.float64]:
    return unit_draws(runs * width, decision_id("tests.discovery"), number).reshape(runs, width)


def planted(
    runs: int, width: int, inside: float, outside: float, number: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Runs, whether they lie in the box x0 > 0.25, x1 > 0.3, x3 < 0.6, and for which it holds."""
    draws = uniforms(runs, width + 1, number)
    x = draws[:, :width]
    box = (x[:, 0] > 0.25) & (x[:, 1] > 0.3) & (x[:, 3] < 0.6)
    return x, box, draws[:, width] < np.where(box, inside, outside)


@pytest.mark.parametrize(
    ("runs", "width", "inside", "outside"),
    [(500, 5, 0.9, 0.1), (800, 10, 0.85, 0.15), (1200, 20, 0.9, 0.1), (1000, 20, 0.8, 0.2)],
)
def test_a_planted_box_comes_back(runs: int, width: int, inside: float, outside: float) -> None:
    x, box, holds = planted(runs, width, inside, outside)
    found = discover(x, holds, rule=RULE)
    assert found.claimed
    assert np.flatnonzero(found.box.restricted).tolist() == [0, 1, 3]
    assert found.box.low[:2] == pytest.approx([0.25, 0.3], abs=0.06)
    assert found.box.high[3] == pytest.approx(0.6, abs=0.06)
    true = shares(box, holds)
    assert found.density > true[0] - 0.06
    assert found.coverage > true[1] - 0.1
    assert (found.quasi_p[[0, 1, 3]] < 1e-3).all()
    assert (found.quasi_p[4:] == 1.0).all()
    assert (found.stability[[0, 1, 3]] > 0.5).all()
    assert (np.delete(found.stability, [0, 1, 3]) < 0.35).all()
    assert found.base_rate + 0.25 < found.other_half_density < inside + 0.06


def test_no_box_in_pure_noise() -> None:
    claimed = []
    for number in range(3):
        draws = uniforms(400, 11, 100 + number)
        found = discover(draws[:, :10], draws[:, 10] < 0.3, rule=RULE)
        claimed.append(found.claimed)
        assert not found.box.restricted.any()
        assert (found.density, found.coverage, found.mass) == (found.base_rate, 1.0, 1.0)
        # What peeling alone would have shown, and why nobody should trust it.
        assert found.trajectory.density.max() > found.base_rate + 0.05 or len(found.trajectory.boxes) == 1
    assert not any(claimed)


def test_categories_and_integers() -> None:
    draws = uniforms(1000, 6)
    route, lanes = np.floor(4 * draws[:, 0]), np.floor(6 * draws[:, 1])
    box = np.isin(route, [1, 3]) & (lanes >= 3)
    x = np.column_stack([route, lanes, draws[:, 2:5]])
    holds = draws[:, 5] < np.where(box, 0.9, 0.1)
    found = discover(x, holds, kinds=("category", "integer", "real", "real", "real"), rule=RULE)
    assert found.claimed
    assert found.box.without[0] == {0.0, 2.0}
    assert found.box.low[1] == 3.0
    assert np.flatnonzero(found.box.restricted).tolist() == [0, 1]
    assert np.array_equal(found.box.inside(x), box)


def test_the_rule_of_a_density_takes_the_largest_coverage_that_has_it() -> None:
    x, _, holds = planted(800, 5, 0.9, 0.1)
    trajectory = peel(x, holds)
    step = choose(trajectory, WIDE)
    assert trajectory.density[step] >= 0.75 > trajectory.density[step - 1]
    assert choose(trajectory, Rule(density=1.0)) in (0, len(trajectory.boxes) - 1)
    found = discover(x, holds, rule=WIDE)
    assert found.claimed
    assert found.density >= 0.75


def test_a_trajectory_begins_with_all_runs_and_gets_smaller() -> None:
    x, _, holds = planted(400, 5, 0.9, 0.1)
    found = peel(x, holds, rule=Rule(least_mass=0.1))
    assert (found.density[0], found.coverage[0], found.mass[0]) == (holds.mean(), 1.0, 1.0)
    assert (np.diff(found.mass) < 0.0).all()
    assert found.mass[-1] >= 0.1
    assert found.density == pytest.approx(found.coverage * holds.mean() / found.mass)
    assert not found.restricted[0].any()
    assert (found.restricted.sum(axis=1) <= np.arange(len(found.boxes))).all()


def test_quasi_p_is_a_binomial_tail() -> None:
    x = np.array([[0.0], [0.0], [1.0], [1.0]])
    holds = np.array([False, False, True, True])
    box = Box(np.array([0.5]), np.array([math.inf]), (frozenset(),))
    assert quasi_p(box, x, holds) == pytest.approx([0.25])  # two of two at one half
    assert not simplify(box, x, holds).restricted.any()


def test_pasting_puts_back_what_peeling_took_too_much() -> None:
    x = np.linspace(0.005, 0.995, 100)[:, None]
    holds = x[:, 0] > 0.4
    holds[45:50] = False  # a weak place at the limit of the box
    box = Box(np.array([0.5]), np.array([0.8]), (frozenset(),))
    assert shares(box.inside(x), holds)[0] == 1.0
    assert paste(box, x, holds).high[0] == 0.8  # it cannot become denser
    weak = Box(np.array([0.45]), np.array([0.8]), (frozenset(),))
    assert paste(weak, x, holds).high[0] == math.inf


def test_a_predicate_that_always_or_never_holds_has_no_box() -> None:
    x = uniforms(60, 3)
    for value in (True, False):
        found = discover(x, np.full(60, value), rule=RULE)
        assert not found.claimed
        assert math.isnan(found.other_half_density)
        assert len(found.trajectory.boxes) == 1


def test_the_same_seed_gives_the_same_box() -> None:
    x, _, holds = planted(300, 5, 0.9, 0.1)

    def told(found: Discovery) -> list[float]:
        return [*found.stability, *found.box.low, found.confirmed]

    assert told(discover(x, holds, rule=RULE)) == told(discover(x, holds, rule=RULE))


def test_bad_input() -> None:
    x = uniforms(60, 3)
    holds = x[:, 0] > 0.5
    with pytest.raises(ValueError, match="truth value each"):
        discover(x, holds[:-1])
    with pytest.raises(ValueError, match="truth value each"):
        discover(x, holds.astype(float))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="too few"):
        discover(x[:30], holds[:30])
    with pytest.raises(ValueError, match="as many kinds"):
        discover(x, holds, kinds=("real", "real"))
    with pytest.raises(ValueError, match="not finite"):
        discover(np.full((60, 2), math.inf), holds)
    for wrong in ({"peel": 0.0}, {"least_mass": 0.7}, {"density": 1.2}, {"halves": 1}):
        with pytest.raises(ValueError, match="not"):
            Rule(**wrong)  # type: ignore[arg-type]
