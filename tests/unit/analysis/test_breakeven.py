"""Break-evens: planted roots come back, none are made up, and the bill's percentages are met."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from straits.analysis.breakeven import BreakEven, by_future, from_runs, solve
from straits.analysis.breakeven_surface import curve, surface
from straits.analysis.migration_bill import bill_break_evens, gain_for_deterred, gain_for_everyone
from straits.base.hashing import unit_draws
from straits.base.names import decision_id
from straits.data import figures


def uniforms(name: str, count: int, number: int = 0) -> NDArray[np.float64]:
    return unit_draws(count, decision_id(f"tests.breakeven.{name}"), number)


def normals(name: str, count: int, number: int = 0) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(name, count, number)))


class TestSolve:
    def test_all_roots_of_a_function_that_is_not_monotone(self) -> None:
        found = solve(lambda x: x**3 - x, -2.0, 2.0)
        assert [root.value for root in found.roots] == pytest.approx([-1.0, 0.0, 1.0], abs=1e-12)
        assert [root.kind for root in found.roots] == ["rising", "falling", "rising"]
        assert found.says == "-1 and 0 and 1"

    @pytest.mark.parametrize(("shift", "says"), [(2.0, "none: always above"), (-2.0, "none: always below")])
    def test_no_root_says_on_which_side(self, shift: float, says: str) -> None:
        assert solve(lambda x: math.sin(x) + shift, 0.0, 10.0).says == says

    def test_two_roots_between_points_of_the_scan(self) -> None:
        found = solve(lambda x: (x - 0.3) ** 2 - 1e-6, 0.0, 1.0)
        assert [root.value for root in found.roots] == pytest.approx([0.299, 0.301], abs=1e-9)
        assert found.side == "crosses"

    def test_a_root_that_only_touches(self) -> None:
        found = solve(lambda x: (x - 0.3) ** 2, 0.0, 1.0)
        assert [root.kind for root in found.roots] == ["touching"]
        assert found.roots[0].value == pytest.approx(0.3, abs=1e-6)
        assert found.says == "0.3, touching: otherwise always above"

    def test_no_effect_up_to_a_threshold_is_a_stretch(self) -> None:
        (root,) = solve(lambda x: max(x - 1 / 3, 0.0), 0.0, 1.0).roots
        assert (root.value, root.until) == pytest.approx((0.0, 1 / 3), abs=1e-12)
        (root,) = solve(lambda x: max(x - 0.7, 0.0) + min(x - 0.3, 0.0), 0.0, 1.0).roots
        assert (root.value, root.until) == pytest.approx((0.3, 0.7), abs=1e-12)
        assert root.kind == "rising"

    def test_no_effect_at_all(self) -> None:
        assert solve(lambda _: 0.0, 0.0, 1.0).side == "always zero"

    def test_bad_input(self) -> None:
        with pytest.raises(ValueError, match="nothing to search"):
            solve(lambda x: x, 1.0, 1.0)
        with pytest.raises(ValueError, match="scan of 2"):
            solve(lambda x: x, 0.0, 1.0, points=2)
        with pytest.raises(ValueError, match="is nan"):
            solve(lambda _: math.nan, 0.0, 1.0)


class TestBill:
    def test_published_percentages_come_back(self) -> None:
        found = bill_break_evens()
        assert [round(100 * one.deterred_share) for one in found] == [37, 2, 61]
        for one in found:
            if one.published_share is not None:
                assert round(100 * one.deterred_share) == round(100 * one.published_share)
            assert all(key in figures() for key in one.figures)

    def test_the_two_readings_differ_by_who_saves(self) -> None:
        assert gain_for_everyone(0.0, 169e3, 106e3) == -63e3
        assert gain_for_deterred(0.0, 169e3, 106e3) == -169e3
        assert gain_for_everyone(1.0, 169e3, 106e3) == gain_for_deterred(1.0, 169e3, 106e3) == 106e3


def found_at(
    root: float, slope: float, noise: float = 0.5, runs: int = 300, number: int = 0, resamples: int = 200
) -> tuple[BreakEven, NDArray[np.float64]]:
    x = uniforms("x", runs, number)
    difference = slope * (np.exp(x) - math.exp(root)) + noise * normals("noise", runs, number)
    return from_runs(x, difference, resamples=resamples, seed=number), x


class TestFromRuns:
    def test_a_planted_root_comes_back_in_its_interval(self) -> None:
        found, _ = found_at(0.6, 2.0)
        (one,) = found.crossings
        assert one.low < 0.6 < one.high
        assert one.rising
        assert not one.leaves_range
        assert abs(one.value - 0.6) < 0.05
        assert found.agreement > 0.95
        assert found.says == f"{one.value:.4g}"

    def test_intervals_hold_about_what_they_say(self) -> None:
        """90 % intervals of 40 studies: at least 31 hold the truth (1 in 200 has fewer)."""
        held = sum(
            any(one.low <= 0.4 <= one.high for one in found_at(0.4, 2.0, runs=100, number=k, resamples=60)[0].crossings)
            for k in range(40)
        )
        assert held >= 31

    @pytest.mark.parametrize(("shift", "side"), [(3.0, "always above"), (-3.0, "always below")])
    def test_no_root_says_on_which_side(self, shift: float, side: str) -> None:
        x = uniforms("x", 200)
        found = from_runs(x, shift + x + normals("noise", 200), resamples=100)
        assert found.crossings == ()
        assert found.side == side
        assert found.says == f"none: {side}"
        assert found.agreement == 1.0

    def test_several_roots(self) -> None:
        x = uniforms("x", 500)
        difference = np.cos(3 * np.pi * x) + 0.3 * normals("noise", 500)
        found = from_runs(x, difference, resamples=100)
        assert [one.value for one in found.crossings] == pytest.approx([1 / 6, 3 / 6, 5 / 6], abs=0.03)
        assert [one.rising for one in found.crossings] == [False, True, False]

    def test_an_interval_that_leaves_the_range_says_so(self) -> None:
        found, x = found_at(0.9, 1.0, noise=1.5, runs=120, number=1)
        (one,) = found.crossings
        assert one.high == math.inf
        assert x.min() < one.low < one.value
        assert found.says.endswith("the interval leaves the range of the runs")

    def test_a_policy_without_effect_has_none(self) -> None:
        found = from_runs(uniforms("x", 100), np.zeros(100), resamples=50)
        assert found.side == "always zero"
        assert not found.mean.any()
        assert not found.positive_share.any()
        assert found.agreement == 1.0

    def test_replications_of_a_future_are_one_run(self) -> None:
        x = np.repeat(uniforms("x", 60), 4)
        future = np.repeat(np.arange(60), 4)
        noise = np.repeat(normals("noise", 60), 4)
        found = from_runs(x, x - 0.5 + noise, future=future, resamples=50)
        alone = from_runs(x[::4], (x - 0.5 + noise)[::4], resamples=50)
        assert found.futures == 60
        assert np.array_equal(found.mean, alone.mean)
        with pytest.raises(ValueError, match="differs between runs of one future"):
            by_future(uniforms("x", 240), noise, future)

    def test_the_same_seed_gives_the_same_interval(self) -> None:
        assert found_at(0.6, 2.0)[0].crossings == found_at(0.6, 2.0)[0].crossings

    def test_bad_input(self) -> None:
        with pytest.raises(ValueError, match="too few"):
            from_runs(np.arange(5.0), np.arange(5.0))
        with pytest.raises(ValueError, match="same in every run"):
            from_runs(np.ones(20), np.arange(20.0))
        with pytest.raises(ValueError, match="not finite"):
            from_runs(np.arange(20.0), np.full(20, math.nan))
        with pytest.raises(ValueError, match="one value each"):
            from_runs(np.arange(20.0), np.arange(19.0))


class TestContours:
    def test_a_curve_comes_back_in_its_band(self) -> None:
        x, other = uniforms("x", 600), 10.0 * uniforms("other", 600)
        truth = 0.2 + 0.005 * np.linspace(other.min(), other.max(), 13) ** 2
        difference = x - 0.2 - 0.005 * other**2 + 0.2 * normals("noise", 600)
        found = curve(x, other, difference, points=13, resamples=80)
        assert (found.place == "one").all()
        assert found.rising.all()
        assert np.abs(found.value - truth).max() < 0.08
        assert np.mean((found.low <= truth) & (truth <= found.high)) > 0.7
        assert found.supported.all()
        assert found.positive_share.shape == (13, found.assumption.size)

    def test_a_curve_ends_where_the_difference_has_one_sign(self) -> None:
        x, other = uniforms("x", 400), uniforms("other", 400)
        found = curve(x, other, x - 2.0 * other + 0.1 * normals("noise", 400), points=11, resamples=40)
        assert found.place[1] == "one"
        assert (found.place[7:] == "always below").all()
        assert np.isnan(found.value[7:]).all()
        assert not found.supported[7:].any()

    def test_a_surface_comes_back(self) -> None:
        x, others = uniforms("x", 900), np.column_stack([uniforms("a", 900), uniforms("b", 900)])
        difference = 0.3 + 0.4 * others[:, 0] * others[:, 1] - x + 0.2 * normals("noise", 900)
        found = surface(x, others, difference, points=7, resamples=40)
        truth = 0.3 + 0.4 * np.outer(found.others[0], found.others[1])
        assert found.value.shape == (7, 7)
        assert not found.rising.any()
        assert np.sqrt(np.mean((found.value - truth) ** 2)) < 0.04
        assert found.supported[1:-1, 1:-1].all()

    def test_where_no_run_is_a_curve_is_not_supported(self) -> None:
        other = uniforms("other", 500)
        x = np.clip(other + 0.05 * normals("near", 500), 0.0, 1.0)
        difference = x - 0.9 + other + 0.05 * normals("noise", 500)  # zero at x = 0.9 - other
        found = curve(x, other, difference, points=21, resamples=20)
        near = np.abs(found.others[0] - 0.45) < 0.04
        assert found.supported[near].all()
        assert not found.supported[np.abs(found.others[0] - 0.45) > 0.25].any()

    def test_bad_input(self) -> None:
        x = uniforms("x", 50)
        with pytest.raises(ValueError, match="two assumptions"):
            surface(x, x, x)
        with pytest.raises(ValueError, match="no range"):
            curve(x, uniforms("other", 50), x, points=1)
