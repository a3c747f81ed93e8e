"""Which assumptions matter for the difference between two policies, and whether they or the policy.

All from runs that are there already. Beside shares of variance by assumption stands a table of all
runs of both policies with two factors: how much of what varies is due to the policy, to the future,
to both together, and to luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from straits.analysis.intervals import LEVEL, normal_quantile
from straits.analysis.paired import Paired
from straits.analysis.sensitivity_given import LEAST_RUNS, first_order_given
from straits.ensemble.assumptions import AssumptionColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST_RUNS", "Mattering", "Parts", "Ranked", "mattering_of", "parts_of"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One assumption and how much of the variance it explains.

    Attributes
    ----------
    column : AssumptionColumn
    share, low, high : float
        First-order share of the variance of the difference over futures, and the ends of its
        interval, cut to 0 and 1 [dimensionless].
    level_share : float
        The same of the measure itself under the policy [dimensionless]; below 0 by luck alone.
    is_clear : bool
        Whether luck does not explain it: two standard errors above 0.
    change : float
        Mean difference in the upper third of the assumption less that in the lower third [unit of
        the measure]: which way it works.
    """

    column: AssumptionColumn
    share: float
    low: float
    high: float
    level_share: float
    is_clear: bool
    change: float


@dataclass(frozen=True, slots=True)
class Parts:
    """Shares of the variance over all runs of both policies; together 1 [dimensionless].

    Attributes
    ----------
    policy : float
        What the mean difference between the policies makes.
    future : float
        What futures make under both policies alike.
    together : float
        What the policy does more in one future than in another, luck in it left out.
    luck : float
    """

    policy: float
    future: float
    together: float
    luck: float


@dataclass(frozen=True, slots=True)
class Mattering:
    """What decides a difference.

    Attributes
    ----------
    paired : Paired
    ranked : tuple of Ranked
        All assumptions, what explains most first; empty where the difference does not vary.
    parts : Parts or None
        None where nothing varies, or luck cannot be told apart for want of replications.
    luck_share : float
        Share of the difference's variance over futures, means over replications, that is luck
        [dimensionless]; NaN with one replication. No assumption can explain it.
    """

    paired: Paired
    ranked: tuple[Ranked, ...]
    parts: Parts | None
    luck_share: float


def mattering_of(paired: Paired, *, seed: int = 0) -> Mattering:
    """Return which assumptions matter, the most first.

    Parameters
    ----------
    paired : Paired
    seed : int
        Luck of half samples.

    Raises
    ------
    ValueError
        For fewer futures than `LEAST_RUNS`.
    """
    difference = paired.difference
    if len(difference) < LEAST_RUNS:
        raise ValueError(f"{len(difference)} futures are too few; allowed: {LEAST_RUNS} or more")
    columns = list(paired.table.assumptions.values())
    parts, luck = parts_of(np.stack([paired.against, paired.under])), _luck_share(paired)
    if not columns or not np.ptp(difference) > 0.0:
        return Mattering(paired, (), parts, luck)
    outputs = np.column_stack([difference, paired.under.mean(axis=1)])
    given = first_order_given(np.stack([one.values for one in columns], axis=1), outputs,
                              seed=seed)
    reach, ranked = normal_quantile(LEVEL), []
    for column, first, error in zip(columns, given.first, given.standard_error, strict=True):
        share, spread = float(first[0]), float(error[0])
        ranked.append(Ranked(
            column, share, min(max(share - reach * spread, 0.0), 1.0),
            min(max(share + reach * spread, 0.0), 1.0), float(first[1]), share > 2.0 * spread,
            _change(column.values, difference)))
    return Mattering(paired, tuple(sorted(ranked, key=lambda one: -one.share)), parts, luck)


def _change(x: NDArray[np.float64], difference: NDArray[np.float64]) -> float:
    """Return the mean in the upper third of `x` less that in the lower; ties stay together."""
    low, high = np.quantile(x, [1.0 / 3.0, 2.0 / 3.0])
    return float(difference[x >= high].mean() - difference[x <= low].mean())


def _luck_share(paired: Paired) -> float:
    runs = paired.under - paired.against
    total = float(runs.mean(axis=1).var(ddof=1))
    if runs.shape[1] < 2 or not total > 0.0:
        return float("nan")
    luck = float(runs.var(axis=1, ddof=1).mean()) / runs.shape[1]
    return float(min(luck / total, 1.0))


def parts_of(values: NDArray[np.float64]) -> Parts | None:
    """Return what makes a measure vary over policies, futures and luck.

    The usual mean squares of a table with two factors [1]_. Runs of one row share their luck
    between policies, so luck has a part of its own with the row and one within it; both count as
    luck. Parts below zero by luck are set to zero.

    Parameters
    ----------
    values : float64[policy, future, replication]
        Two replications or more.

    Returns
    -------
    Parts or None
        None if nothing varies or there is one replication.

    References
    ----------
    .. [1] H. Scheffé, "The Analysis of Variance", 1959, chapters 7 and 8.
    """
    policies, futures, own = values.shape
    if own < 2 or futures < 2 or policies < 2 or not np.ptp(values) > 0.0:
        return None
    cell = values.mean(axis=2)
    by_policy, by_future = cell.mean(axis=1), cell.mean(axis=0)
    apart = cell - by_policy[:, None] - by_future[None, :] + cell.mean()
    row = values.mean(axis=0)  # luck that both policies share
    shared = float(row.var(axis=1, ddof=1).mean())
    inner = values - row[None] - cell[:, :, None] + cell.mean(axis=0)[None, :, None]
    within = float((inner**2).sum() / (futures * (own - 1) * policies))
    together = float((apart**2).sum() / ((futures - 1) * policies)) - within / own
    future = float(by_future.var(ddof=1)) - shared / own
    # The error of the mean over futures is in the policy's part, too, and small beside it.
    policy = float(by_policy.var()) - float((apart**2).sum()) / (
        futures * (futures - 1) * policies)
    found = np.maximum([policy, future, together, shared + within], 0.0)
    if not found.sum() > 0.0:
        return None
    return Parts(*(float(one) for one in found / found.sum()))
