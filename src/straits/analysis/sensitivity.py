"""Which assumptions matter: elementary effects, and shares of variance by Saltelli's design.

Designs are points of the open unit cube, one column an assumption, to be put through the
assumptions' quantiles. Draws of a column hang on the assumption's name: in Morris' design another
assumption moves nobody's levels, in Sobol's one that is added last moves nobody's column. Outputs
come as float64[run, output], so that several measures and months cost no further run.

Chance: if all runs of a row or trajectory share their luck, as comparisons do, luck is one more
input that nobody moves. Otherwise every effect and every total index holds it as well.

References
----------
.. [1] M. D. Morris, "Factorial sampling plans for preliminary computational experiments",
   Technometrics 33 (1991) 161-174. doi:10.1080/00401706.1991.10484804
.. [2] F. Campolongo, J. Cariboni, A. Saltelli, "An effective screening design for sensitivity
   analysis of large models", Environ. Model. Softw. 22 (2007) 1509-1518.
   doi:10.1016/j.envsoft.2006.10.004
.. [3] I. M. Sobol', "Global sensitivity indices for nonlinear mathematical models and their Monte
   Carlo estimates", Math. Comput. Simul. 55 (2001) 271-280. doi:10.1016/S0378-4754(00)00270-6
.. [4] A. Saltelli et al., "Variance based sensitivity analysis of model output. Design and
   estimator for the total sensitivity index", Comput. Phys. Commun. 181 (2010) 259-270.
   doi:10.1016/j.cpc.2009.09.018
.. [5] M. J. W. Jansen, "Analysis of variance designs for model output", Comput. Phys. Commun. 117
   (1999) 35-43. doi:10.1016/S0010-4655(98)00154-4
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from straits.analysis.intervals import LEVEL, percentiles, resample_counts
from straits.base.hashing import unit_draws
from straits.base.names import decision_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Indices", "Morris", "MorrisDesign", "SobolDesign", "elementary_effects",
           "morris_design", "sobol_design", "sobol_indices"]  # fmt: skip

LEVELS: Final = 4
TAIL: Final = 0.025
RESAMPLES: Final = 500
MORRIS: Final = "analysis.sensitivity.morris"
SOBOL: Final = "analysis.sensitivity.sobol"
BITS: Final = 30


@dataclass(frozen=True, slots=True)
class MorrisDesign:
    """Trajectories that move one assumption at a time.

    Attributes
    ----------
    names : tuple of str
        The assumptions, one a column.
    points : float64[run, assumption]
        Trajectory after trajectory, each one run longer than there are assumptions.
    moved : intp[trajectory, step]
        Which assumption a step moves.
    step : float64[trajectory, step]
        By how much [share of its distribution], with sign.
    """

    names: tuple[str, ...]
    points: NDArray[np.float64]
    moved: NDArray[np.intp]
    step: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Morris:
    """Elementary effects, as change of an output over the whole distribution of an assumption.

    Attributes
    ----------
    mu, mu_star, sigma : float64[assumption, output]
        Mean, mean size and spread of the effects [unit of the output]. A large mean size matters;
        a large spread beside it means that the effect depends on where one stands.
    low, high : float64[assumption, output]
        Interval of the mean size over resampled trajectories.
    effects : float64[trajectory, assumption, output]
    """

    mu: NDArray[np.float64]
    mu_star: NDArray[np.float64]
    sigma: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    effects: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SobolDesign:
    """Saltelli's design: two samples, and the first with one column of the second, for each column.

    Attributes
    ----------
    names : tuple of str
        The assumptions, one a column.
    points : float64[run, assumption]
        All rows of the first sample, all of the second, then all of the mixed samples in the order
        of the names: (assumptions + 2) x rows runs.
    rows : int
        Rows of each sample.
    """

    names: tuple[str, ...]
    points: NDArray[np.float64]
    rows: int


@dataclass(frozen=True, slots=True)
class Indices:
    """Shares of an output's variance.

    Attributes
    ----------
    first, total : float64[assumption, output]
        What knowing the assumption alone would take away, and what would be left if all others
        were known. NaN where an output does not vary.
    first_low, first_high, total_low, total_high : float64[assumption, output]
        Intervals over resampled rows. Rows of a quasi-random design are more even than independent
        ones, so that the intervals are rather too wide.
    variance : float64[output]
        Variance that is shared out [unit of the output, squared].
    """

    first: NDArray[np.float64]
    total: NDArray[np.float64]
    first_low: NDArray[np.float64]
    first_high: NDArray[np.float64]
    total_low: NDArray[np.float64]
    total_high: NDArray[np.float64]
    variance: NDArray[np.float64]


def morris_design(
    names: Sequence[str],
    trajectories: int,
    *,
    levels: int = LEVELS,
    tail: float = TAIL,
    seed: int = 0,
) -> MorrisDesign:
    """Return trajectories through a grid of the unit cube [1]_.

    A step is half of the levels, so that all of them are met equally often. The grid leaves out a
    tail at either end, since the paper's ends, 0 and 1, have infinite quantiles where a
    distribution has no bounds. An assumption that acts alike at both ends of every step looks
    dead; another number of levels tells.

    Parameters
    ----------
    names : sequence of str
        The assumptions.
    trajectories : int
        How many; each costs one run more than there are assumptions. At least 2.
    levels : int
        Even, at least 2.
    tail : float
        Share left out at either end [dimensionless, below 0.5].
    seed : int
        Which luck.

    Raises
    ------
    ValueError
        For an odd number of levels, a tail that leaves nothing, too few trajectories, or no
        assumption.
    InternalError
        If two names share an id.
    """
    if levels < 2 or levels % 2:
        raise ValueError(f"{levels} levels cannot be met equally often; allowed: even numbers")
    if not 0.0 <= tail < 0.5:
        raise ValueError(f"tails of {tail:g} leave nothing; allowed: 0 to below 0.5")
    if trajectories < 2 or not names:
        raise ValueError(f"{trajectories} trajectories of {len(names)} assumptions have no spread")
    ids = _ids(MORRIS, names)
    width = len(names)
    start = np.empty((trajectories, width))
    order = np.empty((trajectories, width))
    for column, name in enumerate(ids):
        start[:, column] = np.floor(unit_draws(trajectories, name, seed, 0) * levels)
        order[:, column] = unit_draws(trajectories, name, seed, 1)
    moved = np.argsort(order, axis=1, kind="stable")
    # From the lower half up and from the upper half down: no level is left.
    sign = np.where(start < levels // 2, 1.0, -1.0)
    between = (1.0 - 2.0 * tail) / (levels - 1)
    step = between * levels / 2.0 * np.take_along_axis(sign, moved, axis=1)
    points = np.repeat((tail + between * start)[:, None, :], width + 1, axis=1)
    for k in range(width):
        rows = np.arange(trajectories)
        points[rows, k + 1 :, moved[:, k]] += step[:, k, None]
    return MorrisDesign(tuple(names), points.reshape(-1, width), moved, step)


def elementary_effects(
    design: MorrisDesign,
    y: NDArray[np.float64],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Morris:
    """Return elementary effects of each assumption on each output [1]_, [2]_.

    Parameters
    ----------
    design : MorrisDesign
    y : float64[run, output]
        Outputs at the design's points.
    level : float
        What intervals hold [dimensionless].
    resamples, seed : int
        How many resamples of trajectories, and which luck they have.

    Raises
    ------
    ValueError
        If outputs do not fit the design or are not finite.
    """
    _check(y, len(design.points))
    trajectories, width = design.moved.shape
    change = np.diff(y.reshape(trajectories, width + 1, -1), axis=1) / design.step[:, :, None]
    effects = np.empty_like(change)
    np.put_along_axis(effects, design.moved[:, :, None], change, axis=1)
    size = np.abs(effects)
    counts = resample_counts(MORRIS, seed, resamples, trajectories)
    low, high = percentiles(np.tensordot(counts, size, axes=1) / trajectories, level)
    return Morris(effects.mean(axis=0), size.mean(axis=0), effects.std(axis=0, ddof=1), low, high,
                  effects)


def sobol_design(names: Sequence[str], rows: int, *, seed: int = 0) -> SobolDesign:
    """Return Saltelli's design [4]_ on Sobol's sequence, shifted by addressed draws.

    Parameters
    ----------
    names : sequence of str
        The assumptions.
    rows : int
        A power of two; the design has (assumptions + 2) x rows runs.
    seed : int
        Which shift.

    Raises
    ------
    ValueError
        If rows are no power of two, or there is no assumption.
    InternalError
        If two names share an id.
    """
    from scipy.stats import qmc

    if rows < 2 or rows & (rows - 1):
        raise ValueError(f"{rows} rows leave Sobol's sequence uneven; allowed: powers of two")
    if not names:
        raise ValueError("a design needs an assumption")
    ids = _ids(SOBOL, names)
    # Two dimensions for each assumption, so that one that is added last changes no column. A shift
    # of the bits keeps how evenly the sequence lies.
    width = len(names)
    sequence = qmc.Sobol(2 * width, scramble=False, bits=BITS)
    whole = (sequence.random_base2(rows.bit_length() - 1) * 2.0**BITS).astype(np.int64)
    shift = np.array([np.floor(unit_draws(2, name, seed) * 2.0**BITS) for name in ids])
    both = ((whole ^ shift.astype(np.int64).ravel()) + 0.5) * 2.0**-BITS
    first, second = both[:, 0::2], both[:, 1::2]
    mixed = np.repeat(first[None, :, :], width, axis=0)
    for column in range(width):
        mixed[column, :, column] = second[:, column]
    points = np.concatenate([first, second, mixed.reshape(-1, width)])
    return SobolDesign(tuple(names), points, rows)


def sobol_indices(
    design: SobolDesign,
    y: NDArray[np.float64],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Indices:
    """Return first-order and total indices of each assumption for each output.

    With A and B the samples and AB the mixed ones, first-order: mean of B (AB - A) [4]_; total:
    half the mean of (A - AB)^2 [5]_; both over the variance of A and B. Outputs are centred before,
    which changes nothing in the mean and much in the error. Estimates can fall below 0 or above 1
    by chance and are not cut.

    Parameters
    ----------
    design : SobolDesign
    y : float64[run, output]
        Outputs at the design's points.
    level : float
        What intervals hold [dimensionless].
    resamples, seed : int
        How many resamples of rows, and which luck they have.

    Raises
    ------
    ValueError
        If outputs do not fit the design or are not finite.
    """
    _check(y, len(design.points))
    rows, width = design.rows, len(design.names)
    counts = np.concatenate([np.ones((1, rows)), resample_counts(SOBOL, seed, resamples, rows)])
    counts /= rows
    found = np.empty((2, len(counts), width, y.shape[1]))
    variance = np.empty(y.shape[1])
    for output in range(y.shape[1]):
        a, b, *mixed = (y[:, output] - y[: 2 * rows, output].mean()).reshape(width + 2, rows)
        ab = np.array(mixed).T
        mean = counts @ (a + b) / 2.0
        spread = counts @ (a**2 + b**2) / 2.0 - mean**2
        if np.ptp(y[: 2 * rows, output]) == 0.0:
            spread[:] = np.nan  # an output that does not vary has nothing to share out
        found[0, :, :, output] = counts @ (b[:, None] * (ab - a[:, None])) / spread[:, None]
        found[1, :, :, output] = counts @ ((a[:, None] - ab) ** 2) / (2.0 * spread[:, None])
        variance[output] = 0.0 if np.isnan(spread[0]) else spread[0]
    first_low, first_high = percentiles(found[0, 1:], level)
    total_low, total_high = percentiles(found[1, 1:], level)
    return Indices(found[0, 0], found[1, 0], first_low, first_high, total_low, total_high, variance)


def _ids(purpose: str, names: Sequence[str]) -> list[int]:
    """Return the decision id of each name; a name that stands twice is refused."""
    if len(set(names)) < len(names):
        raise ValueError("two assumptions have one name")
    ids = decision_ids(f"{purpose}.{name}" for name in names)
    return [ids[f"{purpose}.{name}"] for name in names]


def _check(y: NDArray[np.float64], runs: int) -> None:
    if y.ndim != 2 or len(y) != runs:
        raise ValueError(f"outputs of {runs} runs are needed as [run, output]; found {y.shape}")
    if not np.isfinite(y).all():
        raise ValueError("an output of a run is not finite")
