"""Scenario discovery: the part of the plausible world in which something holds.

The answer is a box, limits on a few assumptions, which people can read and argue about [1]_. It is
found by patient rule induction (`peeling`), which chases luck as well as structure; therefore every
box is found again in half samples and judged by the other halves, and none is claimed that does
not pass.

References
----------
.. [1] B. P. Bryant, R. J. Lempert, "Thinking inside the box: a participatory, computer-assisted
   approach to scenario discovery", Technol. Forecast. Soc. Change 77 (2010) 34-49.
   doi:10.1016/j.techfore.2009.08.002
.. [2] N. Meinshausen, P. Bühlmann, "Stability selection", J. R. Stat. Soc. B 72 (2010) 417-473.
   doi:10.1111/j.1467-9868.2010.00740.x
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from straits.analysis.intervals import half_samples
from straits.analysis.peeling import (
    Box,
    Kind,
    Rule,
    Trajectory,
    choose,
    kinds_of,
    paste,
    peel,
    quasi_p,
    shares,
    simplify,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Box", "Discovery", "Kind", "Rule", "Trajectory", "discover"]

# A box is claimed if so many half samples find one, and so many of these are confirmed.
FOUND: Final = 0.5
CONFIRMED: Final = 0.95
LEAST_RUNS: Final = 40
# Quasi-p-value up to which an assumption takes part in the second peeling.
SCREEN: Final = 0.2
PURPOSE: Final = "analysis.discovery.half"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The chosen box and how far it can be trusted.

    Attributes
    ----------
    claimed : bool
        Whether the box stands. If not, `box` is the whole space: nothing was discovered.
    box : Box
    density, coverage, mass : float
        Of `box` over the runs that it was found in; the density is optimistic for that.
    base_rate : float
        Share of all runs for which the predicate holds.
    quasi_p : float64[assumption]
        Chance that the restriction does as much by luck; 1 where there is none. Too small, since
        the restrictions were chosen from many.
    stability : float64[assumption]
        Share of half samples in whose box the assumption is restricted [2]_.
    found : float
        Share of half samples that find a box.
    confirmed : float
        Share of those boxes that have more than the base rate in the other half.
    other_half_density : float
        Median density of those boxes in the other halves: the density to expect of new runs, a
        little low, since they rest on half of the runs. NaN if there is none.
    trajectory : Trajectory
        Of the last peeling.
    """

    claimed: bool
    box: Box
    density: float
    coverage: float
    mass: float
    base_rate: float
    quasi_p: NDArray[np.float64]
    stability: NDArray[np.float64]
    found: float
    confirmed: float
    other_half_density: float
    trajectory: Trajectory


def discover(
    x: NDArray[np.float64],
    holds: NDArray[np.bool_],
    *,
    kinds: Sequence[Kind] | None = None,
    rule: Rule | None = None,
) -> Discovery:
    """Find the box in which a predicate holds, and say whether it stands.

    Peeling, twice; the rule's choice; restrictions that luck explains are lifted, weakest first;
    pasting. The same on half samples gives stability, and the other halves decide whether the box
    is claimed: half of the half samples or more must find a box, and 95 in 100 of those boxes must
    have more than the base rate where they were not found.

    Parameters
    ----------
    x : float64[run, assumption]
        Assumptions of each run; categories as numbers.
    holds : bool[run]
        For which runs the predicate holds.
    kinds : sequence of {"real", "integer", "category"}, optional
        Of each assumption; all real if not given.
    rule : Rule, optional

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite, or fewer than 40 runs.
    """
    rule = rule or Rule()
    _check(x, holds)
    kinds = kinds_of(x, kinds)
    box, trajectory = _found(x, holds, kinds, rule)
    stability = np.zeros(x.shape[1])
    densities = []  # of boxes of half samples in the other halves
    base = float(holds.mean())
    for taken in half_samples(PURPOSE, rule.seed, rule.halves, len(x)):
        half = _found(x[taken], holds[taken], kinds, rule)[0]
        stability += half.restricted / rule.halves
        if half.restricted.any():
            densities.append(shares(half.inside(x[~taken]), holds[~taken])[0])
    others = np.array(densities)
    confirmed = float(np.mean(others > base)) if densities else 0.0
    enough = len(densities) >= FOUND * rule.halves
    claimed = bool(enough and confirmed >= CONFIRMED and box.restricted.any())
    if not claimed:
        box = trajectory.boxes[0]
    density, coverage, mass = shares(box.inside(x), holds)
    return Discovery(
        claimed, box, density, coverage, mass, base, quasi_p(box, x, holds), stability,
        len(densities) / rule.halves, confirmed,
        float(np.median(others)) if densities else math.nan, trajectory,
    )  # fmt: skip


def _check(x: NDArray[np.float64], holds: NDArray[np.bool_]) -> None:
    if x.ndim != 2 or holds.shape != x.shape[:1] or holds.dtype != bool:
        raise ValueError(f"runs of assumptions and a truth value each are needed; found {x.shape} "
                         f"and {holds.shape} of {holds.dtype}")
    if len(x) < LEAST_RUNS:
        raise ValueError(f"{len(x)} runs are too few to peel; allowed: {LEAST_RUNS} or more")
    if not np.isfinite(x).all():
        raise ValueError("an assumption of a run is not finite")


def _found(
    x: NDArray[np.float64], holds: NDArray[np.bool_], kinds: Sequence[Kind], rule: Rule
) -> tuple[Box, Trajectory]:
    """Return the box of one set of runs, and what the last peeling went through.

    Among many assumptions the first slices are luck more often than not, and what they waste is
    missing later. A second peeling is therefore confined to assumptions that the first restricted
    by more than luck, generously told.
    """
    first = peel(x, holds, kinds=kinds, rule=rule)
    luck = quasi_p(first.boxes[choose(first, rule)], x, holds)
    trajectory = peel(x, holds, kinds=kinds, rule=rule, among=luck <= SCREEN)
    box = simplify(trajectory.boxes[choose(trajectory, rule)], x, holds)
    return paste(box, x, holds, kinds=kinds, rule=rule), trajectory
