"""Detection by techniques in series against every outcome written out, and limits."""

from __future__ import annotations

import itertools

import pytest

from straits.theory import detection
from straits.theory.detection import Regime, Technique

ONE = Technique("probe", 0.8, (0.7, 0.2), false_alarm=0.03, referral=0.9)
TWO = Technique("scanner", 0.5, (0.6, 0.1), false_alarm=0.05)
THREE = Technique("dog", 0.3, (0.9, 0.5), false_alarm=0.01, referral=0.5)


def regime(common: bool, secondary=(0.95, 0.8)) -> Regime:
    return Regime((0.65, 0.35), (ONE, TWO, THREE), secondary, common)


def written_out(given: Regime, aboard: bool) -> float:
    """P(unseen), or P(not referred) of the empty: the sum over loads, selections and alarms."""
    total = 0.0
    edges = sorted({0.0, 1.0, *(t.share for t in given.techniques)})
    if given.common_selection:
        selections = [
            (high - low, tuple(low < t.share for t in given.techniques))
            for low, high in itertools.pairwise(edges)
        ]
    else:
        selections = []
        for met in itertools.product((False, True), repeat=3):
            chance = 1.0
            for t, is_met in zip(given.techniques, met, strict=True):
                chance *= t.share if is_met else 1.0 - t.share
            selections.append((chance, met))
    for load, weight in enumerate(given.load_shares):
        for chance, met in selections:
            for alarms in itertools.product((False, True), repeat=3):
                p = weight * chance
                for t, is_met, alarm in zip(given.techniques, met, alarms, strict=True):
                    a = (t.sensitivity[load] if aboard else t.false_alarm) * is_met * t.referral
                    p *= a if alarm else 1.0 - a
                if aboard:
                    total += p * (1.0 - given.secondary[load] if any(alarms) else 1.0)
                else:
                    total += p * (not any(alarms))
    return total


@pytest.mark.parametrize("common", [False, True])
def test_every_outcome(common):
    given = regime(common)
    assert detection.unseen_probability(given) == pytest.approx(written_out(given, True))
    assert detection.found_probability(given) == pytest.approx(1.0 - written_out(given, True))
    share = 1.0 - written_out(given, False)
    assert detection.referred_empty_share(given) == pytest.approx(share)
    load = detection.false_alarm_load(given, rate_per_s=0.05, mean_examination_s=600.0)
    assert load == pytest.approx(30.0 * share)


def test_one_technique_is_a_product():
    given = Regime((1.0,), (Technique("probe", 0.4, (0.7,), referral=0.5),), (0.9,))
    assert detection.found_probability(given) == pytest.approx(0.4 * 0.7 * 0.5 * 0.9)
    assert detection.found_probability(Regime((1.0,), (), (0.9,))) == 0.0


def test_a_shared_load_makes_techniques_miss_the_same_vehicles():
    """More goes unseen than if each technique met a load of its own."""
    both = regime(False, (1.0, 1.0))
    single = 1.0
    for one in both.techniques:
        single *= detection.unseen_probability(Regime(both.load_shares, (one,), (1.0, 1.0)))
    assert detection.unseen_probability(both) > single * 1.05
    # and a common selection leaves some vehicles to nobody
    assert detection.unseen_probability(regime(True)) > detection.unseen_probability(regime(False))


def test_order_changes_nothing():
    for common in (False, True):
        given = regime(common)
        turned = Regime(given.load_shares, given.techniques[::-1], given.secondary, common)
        assert detection.unseen_probability(turned) == pytest.approx(
            detection.unseen_probability(given), rel=1e-14)


def test_attempts():
    given = regime(False)
    p = detection.unseen_probability(given)
    assert detection.unseen_in_attempts(given, attempts=0) == 0.0
    assert detection.unseen_in_attempts(given, attempts=1) == pytest.approx(p)
    assert detection.unseen_in_attempts(given, attempts=1, same_load=True) == pytest.approx(p)
    assert detection.unseen_in_attempts(given, attempts=5) == pytest.approx(1.0 - (1.0 - p) ** 5)
    by_load = detection.unseen_by_load(given)
    expected = 0.65 * (1 - (1 - by_load[0]) ** 5) + 0.35 * (1 - (1 - by_load[1]) ** 5)
    found = detection.unseen_in_attempts(given, attempts=5, same_load=True)
    assert found == pytest.approx(expected)
    assert found < detection.unseen_in_attempts(given, attempts=5)
    open_way = Regime((1.0,), (), (1.0,))
    assert detection.unseen_in_attempts(open_way, attempts=3) == 1.0
    rare = Regime((1.0,), (Technique("probe", 1.0, (1.0 - 1e-12,)),), (1.0,))
    assert detection.unseen_in_attempts(rare, attempts=1000) == pytest.approx(1e-9, rel=1e-3)


@pytest.mark.parametrize(
    ("given", "words"),
    [(((0.5, 0.4), (), (1.0, 1.0)), "add up to 0.9"), (((0.5, 0.5), (), (1.0,)), "2 places"),
     (((0.5, 0.5), (ONE, ONE), (1.0, 1.0)), "one name")],
)
def test_what_cannot_be_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        Regime(*given)
