"""Estimators of small chances against closed forms, with their errors and their work."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, special, stats

from straits.analysis import rare
from straits.analysis.rare import Regime, Technique
from straits.base.names import decision_id
from straits.engine.rng import Seed, uniform
from straits.theory.detection import unseen_by_load, unseen_probability

K = 4.5  # standard errors; seeds are fixed, so never flaky
KEY = Seed(20160830, 4).key
CHANCES = [1e-3, 1e-4, 1e-5, 1e-6]
LEAST_GAIN = 100.0

# Chance to be missed by each of three techniques, by type of load, before it is scaled.
MISSED = ((0.6, 0.9, 1.2), (0.8, 1.0, 1.3), (0.9, 1.0, 1.1))


def regime_at(chance: float, common: bool = False, examined: float = 1.0) -> Regime:
    """A made-up regime under which `chance` of those aboard go unseen."""

    def made(scale: float) -> Regime:
        techniques = tuple(
            Technique(f"t{i}", 1.0 - share * scale, tuple(1.0 - scale * m for m in missed), referral=1.0)
            for i, (share, missed) in enumerate(zip((0.0 if common else 0.1, 0.1, 0.3), MISSED, strict=True))
        )
        return Regime((0.5, 0.3, 0.2), techniques, (examined,) * 3, common)

    scale = optimize.brentq(lambda x: unseen_probability(made(x)) - chance, 1e-6, 0.7, xtol=1e-15)
    return made(scale)


def tightened(regime: Regime, places: tuple[int, ...] = (0,), by: float = 0.7) -> Regime:
    """The same with fewer missed by some of the techniques."""
    techniques = list(regime.techniques)
    for place in places:
        one = techniques[place]
        techniques[place] = replace(one, sensitivity=tuple(1 - by * (1 - s) for s in one.sensitivity))
    return replace(regime, techniques=tuple(techniques))


def close(found: rare.Estimate, expected: float) -> None:
    assert found.standard_error > 0.0
    assert abs(found.value - expected) < K * found.standard_error, (found, expected)


def test_draws_are_those_of_the_engine_bit_for_bit() -> None:
    entities = np.array([0, 1, 17, 2**40 + 5, 2**63 - 1], np.int64)
    for key, decision, ordinal in ((KEY, decision_id("analysis.rare.load"), 0), (2**64 - 1, 2**32 - 1, 7), (0, 1, 2**40)):
        found = rare.uniforms(key, decision, entities, ordinal)
        assert found.tolist() == [uniform(key, decision, int(e), ordinal) for e in entities]


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("chance", CHANCES)
def test_conditioning(chance: float, common: bool) -> None:
    regime = regime_at(chance, common)
    found = rare.unseen_by_conditioning(regime, key=KEY, vehicles=5_000)
    close(found, chance)
    assert found.work == 5_000
    assert found.gain > LEAST_GAIN


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("chance", CHANCES)
def test_splitting(chance: float, common: bool) -> None:
    regime = regime_at(chance, common)
    found = rare.unseen_by_splitting(regime, key=KEY, particles=400)
    close(found, chance)
    assert found.work == 400 * 32 * 3
    assert found.gain > LEAST_GAIN


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("places", [(0,), (1, 2)])
@pytest.mark.parametrize("chance", CHANCES)
def test_paired_differences(chance: float, places: tuple[int, ...], common: bool) -> None:
    regime = regime_at(chance, common)
    other = tightened(regime, places)
    expected = chance - unseen_probability(other)
    found = rare.difference_by_conditioning(regime, other, key=KEY, vehicles=5_000)
    close(found, expected)
    assert found.gain > LEAST_GAIN
    split = rare.difference_by_splitting(regime, other, key=KEY, particles=400)
    close(split, expected)
    assert split.gain > LEAST_GAIN
    # and paired luck is better than luck of its own
    apart = rare.unseen_by_splitting(regime, key=Seed(1).key, particles=400).standard_error
    assert split.standard_error < apart


@pytest.mark.parametrize("examined", [1.0, 1.0 - 2e-4])
@pytest.mark.parametrize("common", [False, True])
def test_drawn_selections_and_imperfect_examinations(common: bool, examined: float) -> None:
    regime = regime_at(1e-3, common, examined)
    assert regime.secondary[0] == examined
    other = tightened(regime)
    drawn = rare.unseen_by_conditioning(regime, key=KEY, vehicles=60_000, given="load and selection")
    close(drawn, 1e-3)
    close(rare.unseen_by_splitting(regime, key=KEY, particles=2_000), 1e-3)
    expected = 1e-3 - unseen_probability(other)
    close(rare.difference_by_splitting(regime, other, key=KEY, particles=2_000), expected)
    close(
        rare.difference_by_conditioning(
            regime, other, key=KEY, vehicles=60_000, given="load and selection"),
        expected,
    )  # fmt: skip


@pytest.mark.parametrize("common", [False, True])
def test_a_technique_more_or_less_is_a_difference_like_any_other(common: bool) -> None:
    regime = regime_at(1e-4, common)
    fewer = replace(regime, techniques=regime.techniques[:1] + regime.techniques[2:])
    expected = unseen_probability(fewer) - 1e-4
    close(rare.difference_by_conditioning(fewer, regime, key=KEY, vehicles=5_000), expected)
    close(rare.difference_by_splitting(fewer, regime, key=KEY, particles=400), expected)


def test_differences_between_ways_of_selection() -> None:
    regime = regime_at(1e-4, True)
    other = replace(regime, common_selection=False)
    expected = 1e-4 - unseen_probability(other)
    close(rare.difference_by_conditioning(regime, other, key=KEY, vehicles=5_000), expected)
    close(rare.difference_by_splitting(regime, other, key=KEY, particles=400), expected)


def test_common_luck() -> None:
    """Equal regimes differ by nothing at all, and a technique more moves nobody's load."""
    regime = regime_at(1e-4)
    same = rare.difference_by_conditioning(regime, regime, key=KEY, vehicles=200)
    assert (same.value, same.standard_error, same.gain) == (0.0, 0.0, math.inf)
    split = rare.difference_by_splitting(regime, regime, key=KEY, particles=50)
    assert (split.value, split.standard_error) == (0.0, 0.0)
    alone = rare.unseen_by_splitting(regime, key=KEY, particles=50)
    assert alone == rare.unseen_by_splitting(regime, key=KEY, particles=50)


def test_chances_of_vehicles_that_are_known() -> None:
    """A vehicle's own chance averages to the closed form over selections."""
    regime = replace(regime_at(1e-3), secondary=(1.0, 0.9, 0.5))
    loads = np.arange(3)
    assert rare.unseen_given(regime, loads) == pytest.approx(unseen_by_load(regime))
    total = np.zeros(3)
    for bits in range(8):
        met = [bool(bits >> i & 1) for i in range(3)]
        weight = math.prod(t.share if m else 1 - t.share for t, m in zip(regime.techniques, met, strict=True))
        total += weight * rare.unseen_given(regime, loads, np.tile(met, (3, 1)))
    assert total == pytest.approx(unseen_by_load(regime))


def test_coverage_of_the_standard_errors() -> None:
    """Of 400 intervals of 95 % as many hold the truth as should, within 4.5 standard errors."""
    regime, other = regime_at(1e-4), tightened(regime_at(1e-4))
    difference = 1e-4 - unseen_probability(other)
    count, repeats = 400, 16
    quantile = stats.t.ppf(0.975, repeats - 1)
    scores = np.empty((4, count))
    for row in range(count):
        key = Seed(2016, row).key
        found = (
            (rare.unseen_by_conditioning(regime, key=key, vehicles=300), 1e-4, 1.96),
            (rare.difference_by_conditioning(regime, other, key=key, vehicles=300), difference, 1.96),
            (rare.unseen_by_splitting(regime, key=key, particles=60, repeats=repeats), 1e-4, quantile),
            (rare.difference_by_splitting(regime, other, key=key, particles=60, repeats=repeats),
             difference, quantile),
        )
        scores[:, row] = [(one.value - truth) / one.standard_error / limit for one, truth, limit in found]
    inside = (np.abs(scores) < 1.0).mean(axis=1)
    assert np.all(np.abs(inside - 0.95) < K * math.sqrt(0.95 * 0.05 / count))
    # no bias beyond chance: a score has a standard deviation of about 1 / limit
    assert np.all(np.abs(scores.mean(axis=1)) < K / math.sqrt(count) * 0.6)


class Arrival:
    """One more arrival of a Poisson stream before time is up: on with chance 0 or 1."""

    def advance(self, state, draw):
        now = state[:, 0] if state.shape[1] else np.zeros(state.shape[0])
        now = now - np.log(draw("tests.arrival"))
        return now[:, None], (now < 1.0).astype(float)


class ArrivalInClosedForm(Arrival):
    """The same with the stage integrated: the chance is known, and time drawn within it."""

    def advance(self, state, draw):
        now = state[:, 0] if state.shape[1] else np.zeros(state.shape[0])
        chance = -np.expm1(now - 1.0)
        return (now - np.log1p(-draw("tests.arrival") * chance))[:, None], chance


@pytest.mark.parametrize(("count", "least"), [(6, 5.0), (8, 100.0), (9, 500.0)])
def test_splitting_of_any_process(count: int, least: float) -> None:
    """P(at least n arrivals in unit time at rate 1), from 6e-4 to 1e-6."""
    expected = float(special.gammainc(count, 1.0))
    found = rare.split([Arrival()] * count, key=KEY, particles=2_000)
    close(found, expected)
    assert found.gain > least
    better = rare.split([ArrivalInClosedForm()] * count, key=KEY, particles=2_000)
    close(better, expected)
    assert better.gain > 1.5 * found.gain


def test_a_population_that_dies_out_says_nothing_happened() -> None:
    class Wall:
        def advance(self, state, draw):
            return state, np.zeros(state.shape[0])

    none = rare.split([Arrival(), Wall(), Arrival()], key=KEY, particles=20, repeats=3)
    assert (none.value, none.standard_error) == (0.0, 0.0)
    less = rare.split_difference([Arrival()], [Wall()], key=KEY, particles=500)
    close(less, float(-np.expm1(-1.0)))


def test_the_unit_of_work_is_that_of_plain_simulation() -> None:
    """Brute force with as many vehicles as `brute_force_work` says has that standard error."""
    regime = regime_at(1e-2)
    found = rare.unseen_by_conditioning(regime, key=KEY, vehicles=2_000)
    needed = int(found.brute_force_work)
    generator = np.random.default_rng(20160830)
    loads = np.searchsorted([0.5, 0.8], generator.random(needed), side="right")
    unseen = np.ones(needed, bool)
    for one in regime.techniques:
        met = generator.random(needed) < one.share
        unseen &= ~(met & (generator.random(needed) < np.array(one.sensitivity)[loads]))
    error = unseen.std() / math.sqrt(needed)
    assert error == pytest.approx(found.standard_error, rel=0.1)
    assert abs(unseen.mean() - 1e-2) < K * error
