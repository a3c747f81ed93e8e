"""Attribution: sums, symmetry, dummies, linear games, and the mean over all orders by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from straits.analysis.attribution import four_lines, shapley
from straits.base.hashing import unit_draws

Value = dict[frozenset[int], NDArray[np.float64]]


def random_game(players: int, number: int, outputs: int = 1) -> Value:
    """A value at random for each coalition."""
    sets = [frozenset(c) for k in range(players + 1) for c in itertools.combinations(range(players), k)]
    draws = unit_draws(len(sets) * outputs, 20160830, number).reshape(len(sets), outputs)
    return dict(zip(sets, draws, strict=True))


def over_all_orders(game: Value, players: int) -> NDArray[np.float64]:
    parts = np.zeros((players, *game[frozenset()].shape))
    for order in itertools.permutations(range(players)):
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            parts[player] += game[before | {player}] - game[before]
    return parts / math.factorial(players)


@pytest.mark.parametrize("players", [1, 2, 3, 4, 5, 6])
def test_exact_values_are_the_mean_over_all_orders(players: int) -> None:
    game = random_game(players, players, outputs=3)
    found = shapley(game.__getitem__, players)
    assert found.parts == pytest.approx(over_all_orders(game, players), abs=1e-12)
    assert found.parts.sum(axis=0) == pytest.approx(found.total, abs=1e-12)
    assert found.total == pytest.approx(game[frozenset(range(players))] - game[frozenset()])
    assert not found.standard_error.any()
    assert (found.way, found.coalitions) == ("exact", 2**players)


def test_equals_get_the_same_and_who_changes_nothing_gets_nothing() -> None:
    def value(who: frozenset[int]) -> float:
        """Players 0 and 1 do something together, 2 alone, 3 nothing."""
        return 6.0 * ({0, 1} <= who) + 1.5 * (2 in who)

    found = shapley(value, 4)
    assert found.parts == pytest.approx([3.0, 3.0, 1.5, 0.0])
    assert found.parts[3] == 0.0
    sampled = shapley(value, 4, orders=200)
    assert sampled.parts[3] == sampled.standard_error[3] == 0.0


def test_a_linear_game_has_its_weights_and_no_error_by_any_order() -> None:
    weights = np.array([3.0, -1.0, 0.5, 2.0, 0.0, 7.0, 1.0, 1.0, 1.0, 1.0, 1.0, -4.0])

    def value(who: frozenset[int]) -> float:
        return 10.0 + sum(weights[player] for player in who)

    found = shapley(value, 12)
    assert found.way == "random orders"
    assert found.parts == pytest.approx(weights)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)
    assert shapley(value, 12, orders=4).parts == pytest.approx(weights)


def test_random_orders_come_within_their_error_and_add_up_all_the_same() -> None:
    game = random_game(8, 1)
    exact, sampled = shapley(game.__getitem__, 8), shapley(game.__getitem__, 8, orders=400)
    assert sampled.parts.sum(axis=0) == pytest.approx(exact.total, abs=1e-12)
    assert (np.abs(sampled.parts - exact.parts) < 4.5 * sampled.standard_error).all()
    assert (sampled.standard_error < 0.05).all()
    again = shapley(game.__getitem__, 8, orders=400)
    assert np.array_equal(sampled.parts, again.parts)
    assert not np.array_equal(sampled.parts, shapley(game.__getitem__, 8, orders=400, seed=1).parts)


def test_a_sum_of_games_is_shared_as_each() -> None:
    one, other = random_game(5, 1), random_game(5, 2)
    both = shapley(lambda who: one[who] + other[who], 5)
    apart = shapley(one.__getitem__, 5).parts + shapley(other.__getitem__, 5).parts
    assert both.parts == pytest.approx(apart, abs=1e-12)


def test_four_lines_by_hand() -> None:
    before = np.array([[10.0, 20.0], [12.0, 20.0]])
    others = (before + np.array(change) for change in ([1.0, 0.0], [4.0, 2.0], [7.0, 2.0]))
    found = four_lines(before, *others)
    assert found.policy.tolist() == [4.0, 2.0]
    assert found.assumption.tolist() == [1.0, 0.0]
    assert found.interaction.tolist() == [2.0, 0.0]
    assert found.total.tolist() == [7.0, 2.0]
    assert found.policy_shared.tolist() == [5.0, 2.0]
    assert found.assumption_shared.tolist() == [2.0, 0.0]
    assert all(not error.any() for error in found.standard_error.values())


def test_four_lines_add_up_and_are_shapley_values_of_two_players() -> None:
    draws = unit_draws(4 * 50 * 6, 1, 2).reshape(4, 50, 6)
    found = four_lines(*draws)
    assert found.policy + found.assumption + found.interaction == pytest.approx(found.total)
    assert found.policy_shared + found.assumption_shared == pytest.approx(found.total)
    means = dict(zip([frozenset(), frozenset({1}), frozenset({0}), frozenset({0, 1})], draws.mean(axis=1), strict=True))
    shared = shapley(means.__getitem__, 2)
    assert shared.parts[0] == pytest.approx(found.policy_shared)
    assert shared.parts[1] == pytest.approx(found.assumption_shared)
    spread = (draws[3] - draws[0]).std(axis=0, ddof=1) / math.sqrt(50)
    assert found.standard_error["total"] == pytest.approx(spread)


def test_a_policy_without_effect_has_none_in_any_line() -> None:
    here, there = unit_draws(30, 1), unit_draws(30, 2)
    found = four_lines(here, there, here, there)
    assert found.policy == found.interaction == found.policy_shared == 0.0
    assert found.assumption == found.total


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="without players"):
        shapley(lambda _: 0.0, 0)
    with pytest.raises(ValueError, match="even number"):
        shapley(lambda _: 0.0, 3, orders=5)
    with pytest.raises(ValueError, match=r"players \[0, 1\] is not finite"):
        shapley(lambda who: math.nan if len(who) == 2 else 0.0, 2)
    with pytest.raises(ValueError, match="four outcomes"):
        four_lines(np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="not finite"):
        four_lines(np.zeros(3), np.zeros(3), np.zeros(3), np.full(3, math.inf))
