"""Policies against futures: regret, and what a policy can be relied on for.

Regret is what a policy costs against the best policy of the same future [1]_. No measure of
robustness is the right one; they differ in how much of the worst they look at [2]_, so several
stand side by side. A measure without a direction has no regret.

References
----------
.. [1] L. J. Savage, "The theory of statistical decision", J. Am. Stat. Assoc. 46 (1951) 55-67.
   doi:10.1080/01621459.1951.10500768
.. [2] C. McPhail et al., Earth's Future 6 (2018) 169-191: how measures of robustness are
   calculated, and why they disagree. doi:10.1002/2017EF000649
.. [3] G. O. Schneller, G. P. Sphicas, "Decision making under uncertainty: Starr's domain
   criterion", Theory Decis. 15 (1983) 321-336. doi:10.1007/BF00162111
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from straits.base.hashing import unit_draws
from straits.base.names import decision_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Direction", "Robustness", "differences", "domain_share", "regret", "regret_against",
           "robustness"]  # fmt: skip

Direction = Literal["less", "more"]

WEIGHTINGS: Final = 1000
PURPOSE: Final = "analysis.robustness.weights"


@dataclass(frozen=True, slots=True)
class Robustness:
    """How policies do over futures, all float64[policy, measure].

    Attributes
    ----------
    mean : float64[policy, measure]
        Over futures [unit of the measure].
    mean_regret, regret_90, max_regret : float64[policy, measure]
        Mean, 90th percentile and largest regret [unit of the measure]; never below 0.
    satisficing_share : float64[policy, measure]
        Share of futures that meet the measure's threshold; NaN without one.
    best_share : float64[policy, measure]
        Share of futures in which no policy is better; policies that tie share the future.
    domain_share : float64[policy, measure]
        Starr's domain criterion [3]_: share of all weightings of futures under which the policy's
        weighted mean is the best.
    futures : intp[measure]
        Futures counted: those in which the measure is defined under every policy.
    """

    mean: NDArray[np.float64]
    mean_regret: NDArray[np.float64]
    regret_90: NDArray[np.float64]
    max_regret: NDArray[np.float64]
    satisficing_share: NDArray[np.float64]
    best_share: NDArray[np.float64]
    domain_share: NDArray[np.float64]
    futures: NDArray[np.intp]


def differences(values: NDArray[np.float64], status_quo: int = 0) -> NDArray[np.float64]:
    """Return paired differences from one policy: float64[policy, future] from the same.

    A policy without effect has the status quo's numbers, bit for bit, and exactly 0.
    """
    difference: NDArray[np.float64] = values - values[status_quo]
    return difference


def regret(values: NDArray[np.float64], direction: Direction) -> NDArray[np.float64]:
    """Return what each policy costs against the best of each future.

    Parameters
    ----------
    values : float64[policy, future]
        One measure [its unit].
    direction : {"less", "more"}
        Which is better.

    Returns
    -------
    float64[policy, future]
        Regret [unit of the measure]; 0 for the best.
    """
    best = values.min(axis=0) if _sign(direction) > 0.0 else values.max(axis=0)
    lost: NDArray[np.float64] = np.abs(values - best)
    return lost


def regret_against(
    values: NDArray[np.float64], direction: Direction, status_quo: int = 0
) -> NDArray[np.float64]:
    """Return by how much each policy is worse than the status quo: float64[policy, future].

    0 where it is as good or better, and so everywhere for a policy without effect.
    """
    return np.maximum(_sign(direction) * differences(values, status_quo), 0.0)


def robustness(
    values: NDArray[np.float64],
    directions: Sequence[Direction],
    thresholds: Sequence[float | None] | None = None,
    *,
    weightings: int = WEIGHTINGS,
    seed: int = 0,
) -> Robustness:
    """Return the table of regret and robustness.

    Parameters
    ----------
    values : float64[policy, future, measure]
        Means over the replications of a future; NaN where a measure is undefined.
    directions : sequence of {"less", "more"}
        Which is better, one a measure.
    thresholds : sequence of float or None, optional
        What a measure has to reach, itself included [its unit].
    weightings, seed : int
        Weightings of futures for Starr's criterion, and which luck they have.

    Raises
    ------
    ValueError
        For shapes that do not fit, a measure without direction, or one that is defined in no
        future.
    """
    if values.ndim != 3 or not all(values.shape) or len(directions) != values.shape[2]:
        raise ValueError(f"values [policy, future, measure] and a direction each are needed; found "
                         f"{values.shape} and {len(directions)} directions")
    thresholds = [None] * len(directions) if thresholds is None else thresholds
    if len(thresholds) != len(directions):
        raise ValueError(f"{len(directions)} measures have {len(thresholds)} thresholds")
    policies, _, measures = values.shape
    mean, mean_regret, regret_90, max_regret, satisficing, best_share, domain = (
        np.full((policies, measures), math.nan) for _ in range(7))
    counted = np.zeros(measures, np.intp)
    for m, (direction, threshold) in enumerate(zip(directions, thresholds, strict=True)):
        defined = np.isfinite(values[:, :, m]).all(axis=0)
        if not defined.any():
            raise ValueError(f"measure {m} is defined in no future under every policy")
        here = values[:, defined, m]
        lost = regret(here, direction)
        counted[m] = int(defined.sum())
        best = lost == 0.0
        mean[:, m] = here.mean(axis=1)
        mean_regret[:, m] = lost.mean(axis=1)
        regret_90[:, m] = np.quantile(lost, 0.9, axis=1)
        max_regret[:, m] = lost.max(axis=1)
        if threshold is not None:
            sign = _sign(direction)
            satisficing[:, m] = (sign * here <= sign * threshold).mean(axis=1)
        best_share[:, m] = (best / best.sum(axis=0)).mean(axis=1)
        domain[:, m] = domain_share(here, direction, weightings=weightings, seed=seed)
    return Robustness(mean, mean_regret, regret_90, max_regret, satisficing, best_share, domain,
                      counted)


def domain_share(
    values: NDArray[np.float64],
    direction: Direction,
    *,
    weightings: int = WEIGHTINGS,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the share of weightings of futures under which each policy is best [3]_.

    All weightings that add up to 1 are equally likely; they are drawn at addresses. With many
    futures most of them are nearly even, and the share is then the chance that a policy has the
    best mean, given how many futures were drawn. Policies that tie share a weighting.

    Parameters
    ----------
    values : float64[policy, future]
        One measure, finite [its unit].
    direction : {"less", "more"}
        Which is better.
    weightings, seed : int
        How many, and which luck they have.

    Returns
    -------
    float64[policy]
    """
    name = decision_id(PURPOSE)
    drawn = np.array([unit_draws(values.shape[1], name, seed, k) for k in range(weightings)])
    weights = -np.log(drawn)
    # A product may add up equal rows in another order; policies that tie must tie in every bit.
    own, place = np.unique(values, axis=0, return_inverse=True)
    means = (own @ (weights / weights.sum(axis=1, keepdims=True)).T)[place.ravel()]
    best = regret(means, direction) == 0.0
    share: NDArray[np.float64] = (best / best.sum(axis=0)).mean(axis=1)
    return share


def _sign(direction: str) -> float:
    """Return 1 if less is better and -1 if more is."""
    if direction not in ("less", "more"):
        raise ValueError(f"a measure of direction {direction!r} has no regret: less or more has")
    return 1.0 if direction == "less" else -1.0
