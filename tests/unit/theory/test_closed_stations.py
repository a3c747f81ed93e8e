"""Laws and waits of one station against balanced chains, published values and limits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from straits.theory import stations as s
from support.markov_chains import mean, stationary

MEAN_S = 60.0


def per_s(load: float) -> float:
    return load / MEAN_S


@pytest.mark.parametrize(
    ("servers", "load", "lost", "waits"),
    # From the printed tables of Erlang's formulae: B(10, 5) = 0.0184, C(10, 5) = 0.0361, ...
    [(1, 0.5, 0.3333, 0.5), (2, 1.0, 0.2, 0.3333), (10, 5.0, 0.0184, 0.0361), (5, 4.0, 0.1991, 0.5541)],
)
def test_erlang_b_and_c_are_those_of_the_tables(servers, load, lost, waits):
    assert s.erlang_b(servers, load) == pytest.approx(lost, abs=6e-5)
    assert s.erlang_c(servers, load) == pytest.approx(waits, abs=6e-5)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (3, 2.4), (12, 10.0), (200, 1.0)])
def test_number_present_mmc(servers, load):
    one = {"rate_per_s": per_s(load), "mean_service_s": MEAN_S, "servers": servers}
    law = s.number_present_mmc(**one, count=3000)
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    assert law[servers:].sum() == pytest.approx(s.erlang_c(servers, load), rel=1e-9, abs=1e-200)
    numbers = np.arange(law.size)
    present = per_s(load) * (s.mean_wait_mmc(**one) + MEAN_S)  # Little
    assert law @ numbers == pytest.approx(present, rel=1e-9)
    # the first places do not depend on how many are asked for
    assert s.number_present_mmc(**one, count=1) == pytest.approx(law[:2], rel=1e-12)


def test_mmc_overloaded():
    one = {"rate_per_s": 2.0, "mean_service_s": 1.0, "servers": 2}
    assert not s.number_present_mmc(**one, count=4).any()
    assert s.wait_exceeds_mmc(9.0, **one) == 1.0


def test_wait_exceeds_is_the_other_side_of_the_quantile_and_integrates_to_the_mean():
    one = {"rate_per_s": per_s(3.2), "mean_service_s": MEAN_S, "servers": 4}
    assert s.wait_exceeds_mmc(s.wait_quantile_mmc(0.9, **one), **one) == pytest.approx(0.1)
    t = np.linspace(0.0, 4000.0, 40_001)
    tail = np.array([s.wait_exceeds_mmc(x, **one) for x in t])
    assert np.trapezoid(tail, t) == pytest.approx(s.mean_wait_mmc(**one), rel=1e-5)


@pytest.mark.parametrize("load", [0.2, 0.75, 0.97])
def test_number_present_md1(load):
    law = s.number_present_md1(rate_per_s=per_s(load), service_s=MEAN_S, count=1500)
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    wait = s.mean_wait_md1(rate_per_s=per_s(load), service_s=MEAN_S)
    assert law @ np.arange(law.size) == pytest.approx(per_s(load) * (wait + MEAN_S), rel=1e-9)
    # The chain left by departures, solved as it stands.
    size = 120 if load < 0.9 else 700
    chances = np.array([math.exp(k * math.log(load) - load - math.lgamma(k + 1)) for k in range(size)])
    moves = np.zeros((size, size))
    for n in range(size):
        low = max(n - 1, 0)
        moves[n, low:] = chances[: size - low]
    equations = moves.T - np.eye(size)
    equations[0] = 1.0
    solved = np.linalg.solve(equations, np.eye(size)[0])
    assert law[:40] == pytest.approx(solved[:40], abs=1e-8)
    # Published: P(N = 1) = (1 - rho)(e^rho - 1).
    assert law[1] == pytest.approx((1.0 - load) * math.expm1(load), rel=1e-12)


def test_wait_within_md1_is_erlangs_series_and_integrates_to_the_mean():
    load, rate = 0.75, per_s(0.75)
    for wait in (0.0, 17.0, 60.0, 100.0, 250.0):
        series = sum(
            math.exp(rate * (wait - k * MEAN_S)) * (-rate * (wait - k * MEAN_S)) ** k / math.factorial(k)
            for k in range(int(wait // MEAN_S) + 1)
        )
        found = s.wait_within_md1(wait, rate_per_s=rate, service_s=MEAN_S)
        assert found == pytest.approx((1.0 - load) * series, rel=1e-10)
    t = np.arange(0.0, 2400.0, 5.0) + 2.5
    tail = [1.0 - s.wait_within_md1(x, rate_per_s=rate, service_s=MEAN_S) for x in t]
    assert sum(tail) * 5.0 == pytest.approx(s.mean_wait_md1(rate_per_s=rate, service_s=MEAN_S), rel=1e-3)


@pytest.mark.parametrize(("servers", "load", "places"), [(1, 0.8, 5), (3, 4.5, 7), (4, 3.0, 4)])
def test_mmck_against_the_chain(servers, load, places):
    one = {"rate_per_s": per_s(load), "mean_service_s": MEAN_S, "servers": servers, "places": places}

    def moves(state):
        (n,) = state
        if n < places:
            yield (n + 1,), per_s(load)
        if n:
            yield (n - 1,), min(n, servers) / MEAN_S

    law = stationary((0,), moves)
    assert s.number_present_mmck(**one) == pytest.approx([law[n,] for n in range(places + 1)])
    assert s.blocked_share_mmck(**one) == pytest.approx(law[places,])
    waiting = mean(law, lambda n: max(n - servers, 0))
    assert s.mean_wait_mmck(**one) == pytest.approx(waiting / (per_s(load) * (1 - law[places,])))


def test_mmck_limits():
    one = {"rate_per_s": per_s(2.4), "mean_service_s": MEAN_S, "servers": 3}
    assert s.blocked_share_mmck(**one, places=3) == pytest.approx(s.erlang_b(3, 2.4))
    assert s.mean_wait_mmck(**one, places=3) == 0.0
    assert s.mean_wait_mmck(**one, places=400) == pytest.approx(s.mean_wait_mmc(**one))
    # M/M/1/K with rho = 1: all numbers equally likely
    even = s.number_present_mmck(rate_per_s=1.0, mean_service_s=1.0, servers=1, places=9)
    assert even == pytest.approx(np.full(10, 0.1))


@pytest.mark.parametrize(("servers", "load", "patience"), [(1, 0.9, 45.0), (3, 4.0, 120.0), (8, 6.0, 900.0)])
def test_patience_against_the_chain_of_one_who_waits(servers, load, patience):
    one = {"rate_per_s": per_s(load), "mean_service_s": MEAN_S, "servers": servers, "mean_patience_s": patience}
    top = 160

    def moves(state):
        (n,) = state
        if n < top:
            yield (n + 1,), per_s(load)
        if n:
            yield (n - 1,), min(n, servers) / MEAN_S + max(n - servers, 0) / patience

    law = stationary((0,), moves)
    found = s.number_present_mmcm(**one)
    assert found[:40] == pytest.approx([law[n,] for n in range(40)], abs=1e-12)
    queue = mean(law, lambda n: max(n - servers, 0))
    assert s.mean_wait_mmcm(**one) == pytest.approx(queue / per_s(load))
    # what comes in is served or leaves: lam (1 - reneging) = mu E min(N, c)
    busy = mean(law, lambda n: min(n, servers))
    assert s.reneging_share_mmcm(**one) == pytest.approx(1.0 - busy / load)
    # First-step equations of one who waits with k ahead: chance to be served, and wait times it.
    serve = np.zeros(top)
    time = np.zeros(top)
    for k in range(top):
        go, leave = servers / MEAN_S + k / patience, 1.0 / patience
        before = (serve[k - 1], time[k - 1]) if k else (1.0, 0.0)
        serve[k] = go * before[0] / (go + leave)
        time[k] = (go * before[1] + serve[k]) / (go + leave)
    arrivals = np.array([law[n,] for n in range(servers, top)])
    direct = sum(law[n,] for n in range(servers))
    served = direct + arrivals @ serve[: arrivals.size]
    assert served == pytest.approx(1.0 - s.reneging_share_mmcm(**one))
    expected = arrivals @ time[: arrivals.size] / served
    assert s.mean_wait_served_mmcm(**one) == pytest.approx(expected)


def test_patience_limits():
    one = {"rate_per_s": per_s(2.4), "mean_service_s": MEAN_S, "servers": 3}
    patient = s.mean_wait_mmcm(**one, mean_patience_s=1e9)
    assert patient == pytest.approx(s.mean_wait_mmc(**one), rel=1e-5)
    assert s.reneging_share_mmcm(**one, mean_patience_s=1e-6) == pytest.approx(s.erlang_b(3, 2.4), rel=1e-4)
    # patience as service: M/M/infinity, a Poisson number
    law = s.number_present_mmcm(**one, mean_patience_s=MEAN_S)
    assert law[:6] == pytest.approx([math.exp(-2.4) * 2.4**n / math.factorial(n) for n in range(6)])


def test_priorities_mmc_against_the_chain():
    servers, loads, top = 2, (0.5, 0.6), 40

    def moves(state):
        busy, first, second = state
        for k, load in enumerate(loads):
            if busy < servers:
                yield (busy + 1, first, second), per_s(load)
            elif (first, second)[k] < top:
                yield (busy, first + (k == 0), second + (k == 1)), per_s(load)
        rate = busy / MEAN_S
        if first:
            yield (busy, first - 1, second), rate
        elif second:
            yield (busy, first, second - 1), rate
        elif busy:
            yield (busy - 1, 0, 0), rate

    law = stationary((0, 0, 0), moves)
    waits = s.mean_waits_priority_mmc(
        rates_per_s=[per_s(x) for x in loads], mean_service_s=MEAN_S, servers=servers)
    assert waits[0] == pytest.approx(mean(law, lambda b, f, n: f) / per_s(loads[0]), rel=1e-6)
    assert waits[1] == pytest.approx(mean(law, lambda b, f, n: n) / per_s(loads[1]), rel=1e-6)


def test_priorities_mg1_against_the_chain():
    """Two classes with exponential services of different means; the state says who is served."""
    rates, means, top = (0.2, 0.15), (1.0, 2.5), 60

    def moves(state):
        now, first, second = state
        for k, rate in enumerate(rates):
            if now < 0:
                yield (k, 0, 0), rate
            elif (first, second)[k] < top:
                yield (now, first + (k == 0), second + (k == 1)), rate
        if now >= 0:
            after = (0, first - 1, second) if first else (1, first, second - 1) if second else (-1, 0, 0)
            yield after, 1.0 / means[now]

    law = stationary((-1, 0, 0), moves)
    waits = s.mean_waits_priority_mg1(rates_per_s=rates, mean_services_s=means, cvs=(1.0, 1.0))
    assert waits[0] == pytest.approx(mean(law, lambda b, f, n: f) / rates[0], rel=1e-5)
    assert waits[1] == pytest.approx(mean(law, lambda b, f, n: n) / rates[1], rel=1e-5)


def test_priorities_agree_with_each_other_and_conserve_work():
    rates, means, cvs = (0.1, 0.2, 0.15), (1.0, 2.0, 1.5), (0.0, 0.6, 1.4)
    waits = s.mean_waits_priority_mg1(rates_per_s=rates, mean_services_s=means, cvs=cvs)
    loads = [r * m for r, m in zip(rates, means, strict=True)]
    residual = sum(x * m * (1 + c * c) / 2 for x, m, c in zip(loads, means, cvs, strict=True))
    # Kleinrock's conservation law
    conserved = sum(loads) * residual / (1 - sum(loads))
    assert sum(x * w for x, w in zip(loads, waits, strict=True)) == pytest.approx(conserved)
    single = s.mean_waits_priority_mg1(rates_per_s=[0.4], mean_services_s=[2.0], cvs=[0.7])
    assert single[0] == pytest.approx(s.mean_wait_mg1(rate_per_s=0.4, mean_service_s=2.0, cv=0.7))
    one = s.mean_waits_priority_mmc(rates_per_s=[0.2, 0.3, 0.4], mean_service_s=1.0, servers=1)
    other = s.mean_waits_priority_mg1(rates_per_s=[0.2, 0.3, 0.4], mean_services_s=[1.0] * 3, cvs=[1.0] * 3)
    assert one == pytest.approx(other)


def test_priorities_when_the_last_class_overloads():
    waits = s.mean_waits_priority_mmc(rates_per_s=[0.5, 4.0, 1.0], mean_service_s=1.0, servers=2)
    # servers always busy: who comes first in line waits as in a birth-death queue of rate c mu
    assert waits[0] == pytest.approx(0.25 / 0.75 / 0.5)
    assert waits[1:] == (math.inf, math.inf)
    general = s.mean_waits_priority_mg1(
        rates_per_s=[0.3, 9.0], mean_services_s=[1.0, 2.0], cvs=[1.0, 0.0])
    # vacations without end: lam1 E S1^2 / 2 / (1 - rho1), and half of a vacation of 2 s
    assert general[0] == pytest.approx(0.3 * 2.0 / 2 / 0.7 + 1.0)
    assert general[1] == math.inf
