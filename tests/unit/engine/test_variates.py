"""Quantile tables: the mean is exact, the shape close, the compiled look-up the plain one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammainc, ndtri

from straits.engine.variates import (
    OCTAVES,
    TABLE_SIZE,
    constant_table,
    exponential_table,
    gamma_factors,
    lognormal_table,
    look_up,
)

GRID = np.concatenate([
    np.linspace(0.004, 0.999, 4001), 1.0 - np.logspace(-3, math.log10(2e-9), 400),
])  # fmt: skip


def mean_of(table: np.ndarray) -> float:
    """Return the mean of a piecewise linear quantile function."""
    octave, part = np.repeat(np.arange(OCTAVES), 256), np.tile(np.arange(256), OCTAVES)
    grid = np.append((1.0 + (256 - part) / 256) * 2.0 ** -(octave + 1.0), 2.0**-OCTAVES)
    return float(np.sum(-np.diff(grid) * 0.5 * (table[1:] + table[:-1])) + table[-1] * grid[-1])


@pytest.mark.parametrize("cv", [0.1, 0.5, 1.1, 1.5])
def test_lognormal(cv: float) -> None:
    table = lognormal_table(cv)
    assert table.size == TABLE_SIZE
    assert mean_of(table) == pytest.approx(1.0, abs=1e-12)
    sigma = math.sqrt(math.log1p(cv * cv))
    exact = np.exp(sigma * ndtri(GRID) - sigma * sigma / 2)
    found = np.array([look_up(table, float(u)) for u in GRID])
    error = np.abs(found / exact - 1.0)
    assert error.max() < 5e-3
    assert error[GRID >= 0.05].max() < 5e-5
    assert np.all(np.diff(table) > 0.0)


def test_exponential() -> None:
    found = np.array([look_up(exponential_table(), float(u)) for u in GRID])
    assert np.max(np.abs(found / -np.log1p(-GRID) - 1.0)) < 1e-3
    assert mean_of(exponential_table()) == pytest.approx(1.0, abs=1e-12)


def test_no_spread_is_the_constant() -> None:
    assert np.all(constant_table() == 1.0)
    assert np.all(lognormal_table(0.0) == 1.0)


@pytest.mark.parametrize("u", [2.0**-53, 0.25, 0.5, 1.0 - 2.0**-53])
def test_ends_of_the_table(u: float) -> None:
    value = look_up(lognormal_table(0.5), u)
    assert 0.0 < value < 100.0


def test_a_larger_uniform_is_never_a_smaller_variate() -> None:
    u = np.sort(GRID)
    found = [look_up(lognormal_table(0.8), float(x)) for x in u]
    assert np.all(np.diff(found) >= 0.0)


def test_gamma_factors() -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    for cv in (0.06, 0.3):
        factor = gamma_factors(u, np.array(cv))
        assert factor.mean() == pytest.approx(1.0, abs=1e-4)
        assert factor.std() == pytest.approx(cv, rel=1e-2)
        assert gammainc(1 / cv**2, factor[777] / cv**2) == pytest.approx(u[777], rel=1e-9)
    assert np.all(gamma_factors(u, np.array(0.0)) == 1.0)
