"""What of a difference is due to the policy, and what to assumptions.

Two ways. `four_lines` takes an outcome under both policies and both assumptions and splits the
difference into policy, assumption and interaction. `shapley` shares a total among several players,
assumptions and policies alike, by what each adds on average over all orders in which they could be
changed [1]_. That is the only way of sharing which adds up to the total, treats equals alike, gives
nothing to who changes nothing, and shares a sum of totals as it shares each.

References
----------
.. [1] L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II (1953)
   307-317. doi:10.1515/9781400881970-018
.. [2] J. Castro, D. Gómez, J. Tejada, "Polynomial calculation of the Shapley value based on
   sampling", Comput. Oper. Res. 36 (2009) 1726-1730. doi:10.1016/j.cor.2008.04.004
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from straits.base.hashing import unit_draws
from straits.base.names import decision_id

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Attribution", "FourLines", "four_lines", "shapley"]

Value = Callable[[frozenset[int]], "ArrayLike"]

EXACT_PLAYERS: Final = 10  # 1,024 coalitions
ORDERS: Final = 512
PURPOSE: Final = "analysis.attribution.order"


@dataclass(frozen=True, slots=True)
class Attribution:
    """A total shared among players.

    Attributes
    ----------
    parts : float64[player, ...]
        What each player adds; they add up to the total whichever way they were computed, since
        every single order does.
    standard_error : float64[player, ...]
        Of each part; 0 if exact.
    total : float64[...]
        Value of all players less that of none.
    way : str
        "exact", or "random orders".
    coalitions : int
        How many different coalitions were evaluated.
    """

    parts: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    total: NDArray[np.float64]
    way: Literal["exact", "random orders"]
    coalitions: int


@dataclass(frozen=True, slots=True)
class FourLines:
    """The difference between (policy B, assumption b) and (policy A, assumption a), in parts.

    All are float64[...], means over runs [unit of the outcome]; `total` is `policy` + `assumption`
    + `interaction`, and also `policy_shared` + `assumption_shared`, which halve the interaction as
    Shapley values of two players do. Standard errors are those of paired runs.

    Attributes
    ----------
    policy : float64[...]
        Changing the policy alone, under assumption a.
    assumption : float64[...]
        Changing the assumption alone, under policy A.
    interaction : float64[...]
        What the policy does more under b than under a.
    total : float64[...]
        Changing both.
    policy_shared, assumption_shared : float64[...]
        Mean effect of each over both settings of the other.
    standard_error : mapping of str to float64[...]
        Of each of the six above, by name.
    """

    policy: NDArray[np.float64]
    assumption: NDArray[np.float64]
    interaction: NDArray[np.float64]
    total: NDArray[np.float64]
    policy_shared: NDArray[np.float64]
    assumption_shared: NDArray[np.float64]
    standard_error: Mapping[str, NDArray[np.float64]]


def shapley(
    value: Value, players: int, *, orders: int | None = None, seed: int = 0
) -> Attribution:
    """Share a total among players.

    Up to ten players are shared among exactly, over all coalitions. Above that, or if `orders` is
    given, over addressed random orders, each with its reverse, which halves the work for players
    whose parts do not interact [2]_. A coalition is evaluated once.

    Parameters
    ----------
    value : callable
        From a set of players (0 to players - 1) to a number or an array, always of one shape: the
        outcome if these players have their new value and the others their old one.
    players : int
        At least 1.
    orders : int, optional
        Random orders, even, at least 4.
    seed : int
        Which luck.

    Raises
    ------
    ValueError
        Without players, for an odd number of orders or fewer than four, or if a value is not
        finite.
    """
    if players < 1:
        raise ValueError("a total without players cannot be shared")
    known: dict[frozenset[int], NDArray[np.float64]] = {}

    def of(coalition: frozenset[int]) -> NDArray[np.float64]:
        if coalition not in known:
            found = np.asarray(value(coalition), dtype=np.float64)
            if not np.isfinite(found).all():
                raise ValueError(f"the value of players {sorted(coalition)} is not finite")
            known[coalition] = found
        return known[coalition]

    if orders is None and players <= EXACT_PLAYERS:
        way: Literal["exact", "random orders"] = "exact"
        parts = _exact(of, players)
        error = np.zeros_like(parts)
    else:
        way = "random orders"
        orders = ORDERS if orders is None else orders
        if orders < 4 or orders % 2:
            raise ValueError(f"{orders} random orders; allowed: an even number from 4")
        parts, error = _by_orders(of, players, orders, seed)
    total = of(frozenset(range(players))) - of(frozenset())
    return Attribution(parts, error, total, way, len(known))


def _exact(
    of: Callable[[frozenset[int]], NDArray[np.float64]], players: int
) -> NDArray[np.float64]:
    """Return the mean of what each player adds, coalitions weighted by their number of orders."""
    every = frozenset(range(players))
    coalitions = [
        frozenset(player for player in range(players) if mask >> player & 1)
        for mask in range(2**players)
    ]
    parts = np.zeros((players, *of(every).shape))
    for coalition in coalitions:
        for player in every - coalition:
            weight = 1.0 / (players * math.comb(players - 1, len(coalition)))
            parts[player] += weight * (of(coalition | {player}) - of(coalition))
    return parts


def _by_orders(
    of: Callable[[frozenset[int]], NDArray[np.float64]], players: int, orders: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard error of what each adds, over pairs of an order and its reverse."""
    name = decision_id(PURPOSE)
    pairs = orders // 2
    added = np.zeros((pairs, players, *of(frozenset()).shape))
    for pair in range(pairs):
        order = np.argsort(unit_draws(players, name, seed, pair), kind="stable").tolist()
        for sequence in (order, order[::-1]):
            before = frozenset[int]()
            for player in sequence:
                after = before | {player}
                added[pair, player] += 0.5 * (of(after) - of(before))
                before = after
    return added.mean(axis=0), added.std(axis=0, ddof=1) / math.sqrt(pairs)


def four_lines(
    before: NDArray[np.float64],
    other_assumption: NDArray[np.float64],
    other_policy: NDArray[np.float64],
    both: NDArray[np.float64],
) -> FourLines:
    """Split a difference into policy, assumption and interaction.

    Parameters
    ----------
    before : float64[run, ...]
        Outcome under policy A and assumption a, by run, for instance by month [its unit].
    other_assumption, other_policy, both : float64[run, ...]
        The same runs, with their luck, under (A, b), (B, a) and (B, b).

    Raises
    ------
    ValueError
        If the four are not of one shape, are empty, or not finite.
    """
    shapes = {one.shape for one in (before, other_assumption, other_policy, both)}
    if len(shapes) != 1 or before.ndim < 1 or not len(before):
        raise ValueError(f"four outcomes of the same runs are needed; found shapes {shapes}")
    if not all(np.isfinite(one).all() for one in (before, other_assumption, other_policy, both)):
        raise ValueError("an outcome of a run is not finite")
    policy, assumption = other_policy - before, other_assumption - before
    interaction = (both - other_assumption) - policy
    by_run = {
        "policy": policy,
        "assumption": assumption,
        "interaction": interaction,
        "total": both - before,
        "policy_shared": policy + 0.5 * interaction,
        "assumption_shared": assumption + 0.5 * interaction,
    }
    runs = len(before)
    error = {
        name: one.std(axis=0, ddof=1) / math.sqrt(runs) if runs > 1
        else np.full(one.shape[1:], math.nan)
        for name, one in by_run.items()
    }
    return FourLines(**{name: one.mean(axis=0) for name, one in by_run.items()},
                     standard_error=error)
