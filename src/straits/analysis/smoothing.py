"""A smooth mean over one to three assumptions, from runs at scattered values.

The mean is a thin-plate spline of order two [1]_, with centres at some of the runs instead of at
all of them [2]_: over one assumption the natural cubic spline with knots at the centres. How smooth
it is, leave-one-out decides. Every assumption is first scaled to its range over the runs, since a
thin-plate spline bends alike in all directions.

A resample chooses its own smoothness, by the runs that it left out. At one penalty for all of them
intervals would pretend that the smoothness is known, and hold less than they say.

References
----------
.. [1] P. J. Green, B. W. Silverman, "Nonparametric Regression and Generalized Linear Models",
   1994, chapters 2, 3 and 7. doi:10.1201/b15710
.. [2] S. N. Wood, "Thin plate regression splines", J. R. Stat. Soc. B 65 (2003) 95-114.
   doi:10.1111/1467-9868.00374
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Smooth", "fit"]

# More centres change nothing once the penalty decides; by number of assumptions.
CENTRES: Final = {1: 24, 2: 40, 3: 60}
# Runs a centre has at least, on average.
RUNS_A_CENTRE: Final = 4
# Penalties that leave-one-out is asked about, from interpolation to a plane.
PENALTIES: Final = 41
# Columns smaller than this share of the largest are noise of the arithmetic.
LEAST_SIZE: Final = 1e-9
# Added to what a resample may make singular, as a share of its largest entry.
RIDGE: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Smooth:
    """A smooth mean, and what is needed to fit it again to other weights.

    Attributes
    ----------
    low, span : float64[assumption]
        Least value and width of the range of each assumption over the runs [its unit].
    centres : float64[centre, assumption]
        Scaled to [0, 1].
    null : float64[centre, centre - assumptions - 1]
        Directions of the centres' weights that no plane has.
    turn : float64[raw column, column]
        From constant, assumptions and bending to columns that are orthonormal over the runs.
    penalty : float64
        What leave-one-out chose, on the diagonal of `roughness`.
    roughness : float64[column, column]
        Squared bending of the mean as a form of the coefficients.
    design : float64[run, column]
        Columns at the runs.
    values : float64[run]
        What was fitted.
    coefficients : float64[column]
        Of the mean.
    degrees : float
        Effective degrees of freedom; 2 is a line, 3 a plane over two assumptions.
    error : float
        Root mean squared leave-one-out error [unit of the values].
    """

    low: NDArray[np.float64]
    span: NDArray[np.float64]
    centres: NDArray[np.float64]
    null: NDArray[np.float64]
    turn: NDArray[np.float64]
    penalty: float
    roughness: NDArray[np.float64]
    design: NDArray[np.float64]
    values: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    degrees: float
    error: float

    def columns(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the columns at other values: float64[point, column] from [point, assumption]."""
        raw = _columns((x - self.low) / self.span, self.centres, self.null)
        turned: NDArray[np.float64] = raw @ self.turn
        return turned

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean at some values: float64[point] from float64[point, assumption]."""
        mean: NDArray[np.float64] = self.columns(x) @ self.coefficients
        return mean

    def again(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coefficients of resamples, each as smooth as suits the runs it left out.

        Parameters
        ----------
        counts : float64[resample, run]
            How often each run stands in each resample.

        Returns
        -------
        float64[resample, column]
        """
        out = np.empty((counts.shape[0], self.design.shape[1]))
        for k, weights in enumerate(counts):
            basis, turn, bends, loads = _diagonal(self.design, self.roughness, self.values, weights)
            tried = 1.0 / (1.0 + np.outer(bends, _penalties(bends)))
            aside = weights == 0.0
            if not aside.any():  # of eight runs, one resample in 400
                aside[:] = True
            missed = self.values[aside, None] - basis[aside] @ (tried * loads[:, None])
            # The last of the best is the smoothest.
            best = tried.shape[1] - 1 - int(np.argmin(np.mean(missed**2, axis=0)[::-1]))
            out[k] = turn @ (tried[:, best] * loads)
        return out


def fit(x: NDArray[np.float64], values: NDArray[np.float64]) -> Smooth:
    """Fit a smooth mean to scattered runs.

    Parameters
    ----------
    x : float64[run, assumption]
        One to three assumptions.
    values : float64[run]
        What is to be smoothed; its noise may differ from place to place.

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite, an assumption that does not vary,
        or fewer than four runs an assumption and four.
    """
    runs, width = _checked(x, values)
    low = x.min(axis=0)
    span = x.max(axis=0) - low
    unit = (x - low) / span
    centres = _spread(unit, min(CENTRES[width], max(runs // RUNS_A_CENTRE, width + 1)))
    plane = np.column_stack([np.ones(len(centres)), centres])
    null = np.linalg.qr(plane, mode="complete")[0][:, width + 1 :]
    # Raw columns of bending are tiny and much alike; turned, they are neither.
    design, size, right = np.linalg.svd(_columns(unit, centres, null), full_matrices=False)
    kept = size > LEAST_SIZE * size[0]
    design, turn = design[:, kept], (right[kept] / size[kept, None]).T
    bending = turn[width + 1 :].T @ (null.T @ _radial(centres, centres) @ null) @ turn[width + 1 :]
    roughness = (bending + bending.T) / 2.0
    basis, back, bends, loads = _diagonal(design, roughness, values, np.ones(runs))
    best = (math.inf, 0.0, np.ones(bends.size))
    for penalty in _penalties(bends):
        share = 1.0 / (1.0 + penalty * bends)
        # Leaving a run out multiplies its residual by 1 / (1 - leverage).
        left_out = (values - basis @ (share * loads)) / np.maximum(1.0 - basis**2 @ share, 1e-9)
        error = float(np.sqrt(np.mean(left_out**2)))
        if error <= best[0]:  # a tie goes to the smoother
            best = (error, float(penalty), share)
    error, penalty, share = best
    return Smooth(low, span, centres, null, turn, penalty, roughness, design, values,
                  back @ (share * loads), float(share.sum()), error)


def _checked(x: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[int, int]:
    """Return numbers of runs and of assumptions, or refuse."""
    if x.ndim != 2 or x.shape[1] not in CENTRES or values.shape != x.shape[:1]:
        raise ValueError(f"runs of one to three assumptions are needed, one value each; found "
                         f"{x.shape} and {values.shape}")
    runs, width = x.shape
    if not (np.isfinite(x).all() and np.isfinite(values).all()):
        raise ValueError("a value of a run is not finite")
    if runs < 4 * (width + 1):
        raise ValueError(f"{runs} runs are too few for a mean over {width} assumptions; allowed: "
                         f"{4 * (width + 1)} or more")
    for column in range(width):
        if np.ptp(x[:, column]) == 0.0:
            raise ValueError(f"assumption {column} is the same in every run")
    return runs, width


def _spread(unit: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return some of the runs, spread out: each next one is farthest from those before.

    Over one assumption that would crowd the ends of a lopsided sample, so quantiles are taken.
    """
    distinct = np.unique(unit, axis=0)
    count = min(count, len(distinct))
    if unit.shape[1] == 1:
        places = np.linspace(0.0, len(distinct) - 1.0, count).round().astype(np.intp)
        return distinct[places]
    chosen = [int(np.argmin(np.sum((distinct - distinct.mean(axis=0)) ** 2, axis=1)))]
    distance = np.sum((distinct - distinct[chosen[0]]) ** 2, axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.sum((distinct - distinct[chosen[-1]]) ** 2, axis=1))
    return distinct[chosen]


def _radial(x: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the thin-plate function of order two of all distances: float64[point, centre].

    Signs are such that the bending of weights that no plane has is positive.
    """
    distance = np.sqrt(np.sum((x[:, None, :] - centres[None, :, :]) ** 2, axis=2))
    radial: NDArray[np.float64] = -distance / (8.0 * math.pi)
    if x.shape[1] == 1:
        radial = distance**3 / 12.0
    elif x.shape[1] == 2:
        safe = np.where(distance > 0.0, distance, 1.0)
        radial = distance**2 * np.log(safe) / (8.0 * math.pi)
    return radial


def _columns(
    unit: NDArray[np.float64], centres: NDArray[np.float64], null: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return constant, assumptions and bending at some points: float64[point, column]."""
    return np.column_stack([np.ones(len(unit)), unit, _radial(unit, centres) @ null])


def _diagonal(
    design: NDArray[np.float64],
    roughness: NDArray[np.float64],
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.float64], ...]:
    """Return the basis in which the design is orthonormal and the roughness diagonal.

    Returns
    -------
    basis : float64[run, direction]
    turn : float64[column, direction]
        From directions to coefficients.
    bends : float64[direction]
        Roughness of each, rising.
    loads : float64[direction]
        The values in that basis. At a penalty p, each is kept to the share 1 / (1 + p bends).
    """
    weighted = design * weights[:, None]
    gram = design.T @ weighted
    gram.flat[:: gram.shape[0] + 1] += RIDGE * gram.max()
    inverse = np.linalg.inv(np.linalg.cholesky(gram))
    bends, turn = np.linalg.eigh(inverse @ roughness @ inverse.T)
    turn = inverse.T @ turn
    return design @ turn, turn, np.maximum(bends, 0.0), turn.T @ (weighted.T @ values)


def _penalties(bends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return penalties to choose from, from none that matters to one that leaves a plane."""
    curved = bends[bends > 1e-12 * bends.max()]
    if not curved.size:
        return np.zeros(1)
    return np.geomspace(1e-4 / curved.max(), 1e6 / curved.min(), PENALTIES)
