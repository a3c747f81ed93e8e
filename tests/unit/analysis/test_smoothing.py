"""The smooth mean: what it must leave alone, and its leave-one-out error the long way."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from straits.analysis.smoothing import Smooth, fit
from straits.base.hashing import unit_draws
from straits.base.names import decision_id


def uniforms(runs: int, width: int, number: int = 0) -> NDArray[np.float64]:
    return unit_draws(runs * width, decision_id("tests.smoothing"), number).reshape(runs, width)


def noise(runs: int, number: int = 1) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(runs, 1, number)[:, 0]))


def left_out_one_by_one(smooth: Smooth) -> float:
    errors = []
    for run in range(len(smooth.values)):
        kept = np.arange(len(smooth.values)) != run
        design, values = smooth.design[kept], smooth.values[kept]
        gram = design.T @ design + smooth.penalty * smooth.roughness
        errors.append(smooth.values[run] - smooth.design[run] @ np.linalg.solve(gram, design.T @ values))
    return float(np.sqrt(np.mean(np.square(errors))))


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_plane_comes_back_whatever_the_units(width: int) -> None:
    x = uniforms(80, width) * np.array([1e-6, 1.0, 1e6])[:width] + 5.0
    plane = 2.0 + (x - 5.0) @ np.array([3e6, -1.0, 2e-6])[:width]
    smooth = fit(x, plane)
    assert smooth(x) == pytest.approx(plane, rel=1e-6)
    assert smooth.error < 1e-6
    beyond = x.max(axis=0, keepdims=True)
    assert smooth(beyond)[0] == pytest.approx(2.0 + ((beyond - 5.0) @ np.array([3e6, -1.0, 2e-6])[:width])[0])


@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_error_is_that_of_leaving_runs_out_one_by_one(width: int) -> None:
    x = uniforms(70, width)
    smooth = fit(x, np.sin(5.0 * x[:, 0]) + 0.3 * noise(70))
    assert smooth.error == pytest.approx(left_out_one_by_one(smooth), rel=1e-5)
    assert width + 1 < smooth.degrees < 20


def test_noise_alone_is_flat() -> None:
    degrees = [fit(uniforms(200, 1, k), noise(200, 50 + k)).degrees for k in range(20)]
    assert np.median(degrees) < 3.0


def test_the_penalty_is_the_bending_of_the_curve() -> None:
    """In one dimension the roughness is the integral of the squared second derivative."""
    x = uniforms(60, 1)
    smooth = fit(x, np.cos(6.0 * x[:, 0]))
    grid = np.linspace(smooth.low[0], smooth.low[0] + smooth.span[0], 4001)
    bend = np.gradient(np.gradient(smooth(grid[:, None]), grid), grid)[2:-2]
    area = float(np.sum(bend**2) * (grid[1] - grid[0])) * smooth.span[0] ** 3
    form = float(smooth.coefficients @ smooth.roughness @ smooth.coefficients)
    assert form == pytest.approx(area, rel=1e-2)


@pytest.mark.parametrize("levels", [2, 3, 5])
def test_few_different_values_are_enough(levels: int) -> None:
    x = np.repeat(np.arange(float(levels)), 20)[:, None]
    smooth = fit(x, 2.0 * x[:, 0] - 1.0 + 0.1 * noise(20 * levels))
    assert smooth(x[::20]) == pytest.approx(2.0 * np.arange(levels) - 1.0, abs=0.15)


def test_resamples_spread_about_the_mean_as_they_should() -> None:
    """The bootstrap's standard error of a line's middle is that of a mean."""
    from straits.analysis.intervals import resample_counts

    x = uniforms(100, 1)
    values = x[:, 0] + noise(100)
    smooth = fit(x, values)
    again = smooth.again(resample_counts("tests.smoothing", 0, 200, 100))
    middle = again @ smooth.columns(x.mean(axis=0, keepdims=True))[0]
    assert 0.08 < middle.std() < 0.16


def test_eight_runs_are_the_fewest() -> None:
    from straits.analysis.breakeven import from_runs

    x = np.arange(8.0)
    assert from_runs(x, x - 3.5, resamples=500).crossings[0].value == pytest.approx(3.5)
