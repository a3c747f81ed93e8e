"""Quantile tables: one uniform, one look-up, any shape.

A table holds the quantile function of a distribution of mean 1 on a grid that is even in the
octaves of 1 - u: 256 bins in [1/2, 1), 256 in [1/4, 1/2), and so on for `OCTAVES` octaves, so
the upper tail is as fine as the middle. Values between two grid points are interpolated
linearly, and the table is scaled so that its mean is exact. The relative error of the quantile
is below 5e-5 for lognormals with cv <= 1.5 between u = 0.05 and 1 - 2e-9, and below 5e-3 from
u = 0.004 (``tests/unit/engine/test_variates.py``): the shortest services are the roughest.
Beyond the last octave the quantile is held.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINS", "OCTAVES", "TABLE_SIZE", "constant_table", "exponential_table",
           "gamma_factors", "lognormal_table", "look_up"]

OCTAVES: Final = 30
BINS: Final = 256
TABLE_SIZE: Final = OCTAVES * BINS + 1


def _grid() -> NDArray[np.float64]:
    """Return the grid of survival probabilities 1 - u, falling from 1."""
    octave = np.repeat(np.arange(OCTAVES), BINS)
    part = np.tile(np.arange(BINS), OCTAVES)
    grid = (1.0 + (BINS - part) / BINS) * 2.0 ** -(octave + 1.0)
    return np.append(grid, 2.0**-OCTAVES)


def _rescale(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the table scaled to mean 1 under linear interpolation."""
    weights = -np.diff(_grid())
    mean = float(np.sum(weights * 0.5 * (values[1:] + values[:-1]))) + 2.0**-OCTAVES * values[-1]
    return np.asarray(values / mean)


def lognormal_table(cv: float) -> NDArray[np.float64]:
    """Return the table of a lognormal of mean 1 and this coefficient of variation."""
    from scipy.special import ndtri

    if cv <= 0.0:
        return constant_table()
    sigma = math.sqrt(math.log1p(cv * cv))
    survival = _grid()
    # At u = 0 the quantile is 0, which would bend the first bin: use the middle of the bin.
    survival[0] = 1.0 - 0.25 / (2 * BINS)
    return _rescale(np.exp(-sigma * ndtri(survival)))


def exponential_table() -> NDArray[np.float64]:
    """Return the table of an exponential of mean 1."""
    return _rescale(-np.log(_grid()))


def constant_table() -> NDArray[np.float64]:
    """Return the table of the constant 1."""
    return np.ones(TABLE_SIZE)


def look_up(table: NDArray[np.float64], u: float) -> float:
    """Return the quantile at `u` in (0, 1): the plain twin of the compiled look-up."""
    survival = 1.0 - u
    mantissa, exponent = math.frexp(survival)  # survival = mantissa * 2**exponent
    octave = -exponent
    if octave >= OCTAVES:
        return float(table[TABLE_SIZE - 1])
    place = (1.0 - mantissa) * (2.0 * BINS)  # 0 at the top of the octave, BINS at its foot
    index = int(place)
    fraction = place - index
    low = table[octave * BINS + index]
    return float(low + fraction * (table[octave * BINS + index + 1] - low))


def gamma_factors(u: NDArray[np.float64], cv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return gamma variates of mean 1 and coefficients of variation `cv`, by inversion."""
    from scipy.special import gammaincinv

    safe = np.where(cv > 0.0, cv, 1.0)
    shape = 1.0 / (safe * safe)
    return np.asarray(np.where(cv > 0.0, gammaincinv(shape, u) / shape, 1.0))
