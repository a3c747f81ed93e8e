"""Sensitivity: published indices of test functions, dead inputs, addressed designs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from straits.analysis.sensitivity import (
    elementary_effects,
    morris_design,
    sobol_design,
    sobol_indices,
)
from straits.analysis.sensitivity_given import first_order_given
from straits.base.hashing import unit_draws
from straits.base.names import decision_id

# T. Ishigami, T. Homma, "An importance quantification technique in uncertainty analysis for computer
# models", ISUMA 1990. doi:10.1109/ISUMA.1990.151285: sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1.
ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437, 0.0)
NAMES = ("one", "two", "three", "dead")
# Sobol's g-function at a = 0, 1, 4.5, 9, 99, 99, 99, 99.
G = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def ishigami(u: NDArray[np.float64]) -> NDArray[np.float64]:
    x = math.pi * (2.0 * u - 1.0)
    y = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return np.asarray(y)


def g_function(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.prod((np.abs(4.0 * u - 2.0) + G) / (1.0 + G), axis=1))


def g_indices() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First-order and total indices in closed form."""
    own = 1.0 / (3.0 * (1.0 + G) ** 2)
    variance = np.prod(1.0 + own) - 1.0
    return own / variance, own * np.prod(1.0 + own) / (1.0 + own) / variance


def uniforms(runs: int, width: int, number: int = 0) -> NDArray[np.float64]:
    return unit_draws(runs * width, decision_id("tests.sensitivity"), number).reshape(runs, width)


class TestMorris:
    def test_a_linear_model_has_its_slopes_and_no_spread(self) -> None:
        design = morris_design(("a", "b", "c"), 8)
        found = elementary_effects(design, (design.points @ [3.0, -2.0, 0.0])[:, None])
        assert found.mu[:, 0] == pytest.approx([3.0, -2.0, 0.0])
        assert found.mu_star[:, 0] == pytest.approx([3.0, 2.0, 0.0])
        assert found.sigma == pytest.approx(0.0, abs=1e-12)
        assert (found.mu_star[2], found.sigma[2], found.high[2]) == (0.0, 0.0, 0.0)

    def test_ishigami_as_published(self) -> None:
        """On the grid 0, 1/3, 2/3, 1 the second input has 7.875 and no spread but of sign [2]."""
        design = morris_design(NAMES, 200, tail=0.0)
        found = elementary_effects(design, ishigami(design.points)[:, None])
        assert found.mu_star[1, 0] == pytest.approx(7.875)
        assert found.mu_star[0, 0] == pytest.approx(7.8, abs=1.0)
        assert found.mu_star[2, 0] == pytest.approx(6.25, abs=1.0)
        assert found.mu[2, 0] == pytest.approx(0.0, abs=1.5)
        assert found.sigma[2, 0] > 0.9 * found.mu_star[2, 0]
        assert found.mu_star[3, 0] == found.sigma[3, 0] == 0.0
        assert (found.low <= found.mu_star).all()
        assert (found.mu_star <= found.high).all()

    def test_a_step_moves_one_assumption_inside_the_cube(self) -> None:
        design = morris_design(NAMES, 30, levels=6)
        steps = np.diff(design.points.reshape(30, 5, 4), axis=1)
        assert ((steps != 0.0).sum(axis=2) == 1).all()
        assert (np.sort(design.moved, axis=1) == np.arange(4)).all()
        assert design.points.min() == pytest.approx(0.025)
        assert design.points.max() == pytest.approx(0.975)
        assert np.unique(design.points.round(9)).size == 6

    def test_another_assumption_moves_nobody(self) -> None:
        few, more = morris_design(("a", "b"), 10), morris_design(("new", "a", "b"), 10)
        start = few.points.reshape(10, 3, 2)[:, 0]
        assert np.array_equal(start, more.points.reshape(10, 4, 3)[:, 0, 1:])

    def test_bad_input(self) -> None:
        with pytest.raises(ValueError, match="even numbers"):
            morris_design(("a",), 4, levels=3)
        with pytest.raises(ValueError, match="no spread"):
            morris_design(("a",), 1)
        with pytest.raises(ValueError, match="one name"):
            morris_design(("a", "a"), 4)
        with pytest.raises(ValueError, match="leave nothing"):
            morris_design(("a",), 4, tail=0.5)
        design = morris_design(("a",), 4)
        with pytest.raises(ValueError, match="8 runs are needed"):
            elementary_effects(design, np.zeros((7, 1)))
        with pytest.raises(ValueError, match="not finite"):
            elementary_effects(design, np.full((8, 1), math.nan))


class TestSobol:
    def test_ishigami_within_its_intervals(self) -> None:
        design = sobol_design(NAMES, 1024)
        found = sobol_indices(design, ishigami(design.points)[:, None], level=0.95)
        for estimate, low, high, truth in (
            (found.first, found.first_low, found.first_high, ISHIGAMI_FIRST),
            (found.total, found.total_low, found.total_high, ISHIGAMI_TOTAL),
        ):
            assert (low[:, 0] - 1e-4 <= truth).all()
            assert (truth <= high[:, 0] + 1e-4).all()
            assert estimate[:, 0] == pytest.approx(truth, abs=0.02)
        assert found.variance[0] == pytest.approx(13.8446, rel=0.01)

    def test_g_function_within_its_intervals(self) -> None:
        first, total = g_indices()
        design = sobol_design([f"g{k}" for k in range(8)], 1024)
        found = sobol_indices(design, g_function(design.points)[:, None], level=0.95)
        assert found.first[:, 0] == pytest.approx(first, abs=0.03)
        assert found.total[:, 0] == pytest.approx(total, abs=0.03)
        assert ((found.first_low[:, 0] <= first) & (first <= found.first_high[:, 0])).all()
        assert ((found.total_low[:, 0] <= total) & (total <= found.total_high[:, 0])).mean() >= 7 / 8

    def test_a_dead_input_gets_exactly_zero(self) -> None:
        design = sobol_design(NAMES, 64)
        found = sobol_indices(design, ishigami(design.points)[:, None], resamples=20)
        assert found.first[3, 0] == found.total[3, 0] == 0.0
        assert found.first_low[3, 0] == found.total_high[3, 0] == 0.0

    def test_many_outputs_are_each_alone(self) -> None:
        design = sobol_design(NAMES, 256)
        y = np.column_stack([ishigami(design.points), 1e6 + design.points[:, 2], np.full(len(design.points), 3.0)])
        found = sobol_indices(design, y, resamples=30)
        alone = sobol_indices(design, y[:, :1], resamples=30)
        assert np.array_equal(found.first[:, :1], alone.first)
        assert np.array_equal(found.total_high[:, :1], alone.total_high)
        assert found.first[:, 1] == pytest.approx([0.0, 0.0, 1.0, 0.0], abs=0.01)
        assert np.isnan(found.first[:, 2]).all()
        assert found.variance[2] == 0.0

    def test_the_same_as_scipy(self) -> None:
        from scipy.stats import sobol_indices as theirs

        design = sobol_design(NAMES, 128)
        y = ishigami(design.points)
        ours = sobol_indices(design, y[:, None], resamples=2)
        blocks = y.reshape(6, 1, 128)
        told = theirs(func={"f_A": blocks[0], "f_B": blocks[1], "f_AB": blocks[2:]}, n=128)
        assert ours.first[:, 0] == pytest.approx(np.ravel(told.first_order), abs=1e-12)
        assert ours.total[:, 0] == pytest.approx(np.ravel(told.total_order), abs=1e-12)

    def test_a_design_is_even_and_an_added_assumption_moves_no_column(self) -> None:
        few, more = sobol_design(("a", "b"), 64), sobol_design(("a", "b", "new"), 64)
        assert np.array_equal(few.points[:128], more.points[:128, :2])
        assert ((few.points > 0.0) & (few.points < 1.0)).all()
        for column in range(3):  # one point in each 64th
            assert np.array_equal(np.sort(np.floor(64 * more.points[:64, column])), np.arange(64))
        assert not np.array_equal(few.points, sobol_design(("a", "b"), 64, seed=1).points)

    def test_bad_input(self) -> None:
        with pytest.raises(ValueError, match="powers of two"):
            sobol_design(("a",), 100)
        with pytest.raises(ValueError, match="needs an assumption"):
            sobol_design((), 64)
        with pytest.raises(ValueError, match="192 runs are needed"):
            sobol_indices(sobol_design(("a",), 64), np.zeros(192))


class TestGivenData:
    def test_ishigami_within_three_standard_errors(self) -> None:
        x = uniforms(4000, 4)
        found = first_order_given(x, ishigami(x)[:, None])
        assert (np.abs(found.first[:, 0] - ISHIGAMI_FIRST) < 3.0 * found.standard_error[:, 0]).all()
        assert found.first[:, 0] == pytest.approx(ISHIGAMI_FIRST, abs=0.02)

    def test_luck_alone_is_taken_off(self) -> None:
        """Over 30 samples of 200 runs a dead input has 0 in the mean, and not 12 / 200."""
        found = [first_order_given(uniforms(200, 2, k), ishigami_like(k), halves=10) for k in range(30)]
        dead = np.array([one.first[1, 0] for one in found])
        assert abs(dead.mean()) < 4.5 * dead.std(ddof=1) / math.sqrt(30)
        assert np.mean([one.uncorrected[1, 0] for one in found]) > 0.04
        told = np.mean([one.standard_error[1, 0] for one in found])
        assert 0.7 < told / dead.std(ddof=1) < 2.0  # half samples have half the runs a group

    def test_categories_are_groups(self) -> None:
        draws = uniforms(500, 2)
        x = np.floor(3 * draws[:, :1])
        y = np.array([0.0, 5.0, 1.0])[x[:, 0].astype(int)] + draws[:, 1]
        found = first_order_given(x, np.column_stack([y, np.ones(500)]))
        between = np.var([0.0, 5.0, 1.0])
        assert found.degrees.tolist() == [3]
        assert found.first[0, 0] == pytest.approx(between / (between + 1 / 12), abs=0.02)
        assert np.isnan(found.first[0, 1])

    def test_dependent_assumptions_tell_of_each_other(self) -> None:
        x = uniforms(1000, 2)
        x[:, 1] = 0.9 * x[:, 0] + 0.1 * x[:, 1]
        found = first_order_given(x, x[:, :1])
        assert found.first[0, 0] == pytest.approx(1.0)
        assert found.first[1, 0] > 0.9

    def test_bad_input(self) -> None:
        x = uniforms(100, 2)
        with pytest.raises(ValueError, match="outputs are needed"):
            first_order_given(x, x[:-1])
        with pytest.raises(ValueError, match="too few"):
            first_order_given(x[:30], x[:30])
        with pytest.raises(ValueError, match="not finite"):
            first_order_given(x, np.full((100, 1), math.inf))
        with pytest.raises(ValueError, match="up to 12 groups"):
            first_order_given(x, x, groups=30)


def ishigami_like(number: int) -> NDArray[np.float64]:
    """An output of the first of two inputs and of what nobody recorded."""
    x = uniforms(200, 2, number)
    return (x[:, 0] + 0.5 * uniforms(200, 1, 1000 + number)[:, 0])[:, None]
