"""Networks against balanced chains, published bounds, and a walk through departures one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from straits.theory.networks import open_network, tandem_bound, tandem_with_blocking, traffic_rates
from straits.theory.stations import mean_wait_mmc
from support.markov_chains import mean, stationary

K = 4.5  # standard errors; the seed is fixed, so never flaky


def test_traffic_rates():
    # a quarter is referred and comes back: 1 / (1 - 1/4)
    assert traffic_rates(external_per_s=[0.3], routing=[[0.25]]) == pytest.approx((0.4,))
    routing = [[0.0, 0.7, 0.3], [0.2, 0.0, 0.8], [0.1, 0.0, 0.0]]
    external = [1.0, 0.2, 0.0]
    rates = np.array(external)
    for _ in range(400):
        rates = np.array(external) + rates @ np.array(routing)
    assert traffic_rates(external_per_s=external, routing=routing) == pytest.approx(rates.tolist())


def test_open_network_against_the_chain():
    external, means, servers = (0.25, 0.15), (1.0, 1.6), (1, 2)
    routing = [[0.1, 0.6], [0.3, 0.0]]
    top = 45

    def moves(state):
        for i in range(2):
            if state[i] < top:
                yield tuple(n + (j == i) for j, n in enumerate(state)), external[i]
            rate = min(state[i], servers[i]) / means[i]
            if not rate:
                continue
            yield tuple(n - (j == i) for j, n in enumerate(state)), rate * (1 - sum(routing[i]))
            other = 1 - i
            if state[other] < top:
                after = tuple(n - 1 if j == i else n + 1 for j, n in enumerate(state))
                yield after, rate * routing[i][other]

    law = stationary((0, 0), moves)
    found = open_network(external_per_s=external, routing=routing, mean_services_s=means, servers=servers)
    for i in range(2):
        assert found.mean_numbers[i] == pytest.approx(mean(law, lambda *s, i=i: s[i]), rel=1e-5)
        queue = mean(law, lambda *s, i=i: max(s[i] - servers[i], 0))
        assert found.mean_waits_s[i] == pytest.approx(queue / found.arrival_rates_per_s[i], rel=1e-5)
    total = mean(law, lambda a, b: a + b)
    assert found.mean_sojourn_s == pytest.approx(total / sum(external), rel=1e-5)


def test_open_network_limits():
    line = open_network(
        external_per_s=[0.5, 0.0], routing=[[0.0, 1.0], [0.0, 0.0]], mean_services_s=[1.0, 3.0],
        servers=[1, 2])
    # Burke: what leaves the first station is Poisson again
    assert line.mean_waits_s[1] == pytest.approx(
        mean_wait_mmc(rate_per_s=0.5, mean_service_s=3.0, servers=2))
    over = open_network(
        external_per_s=[0.5], routing=[[0.5]], mean_services_s=[1.0], servers=[1])
    assert over.mean_waits_s == (math.inf,)
    assert over.mean_sojourn_s == math.inf


@pytest.mark.parametrize("buffer", [0, 1, 5])
@pytest.mark.parametrize("mu", [(1.0, 1.0), (1.0, 1.5), (2.0, 0.7)])
def test_tandem_bound_is_hunts(mu, buffer):
    """Hunt (1956): (k + 2) / (k + 3) of mu for equal servers, 2/3 without places between."""
    found = tandem_bound(mean_services_s=(1 / mu[0], 1 / mu[1]), servers=(1, 1), buffer=buffer)
    if mu[0] == mu[1]:
        expected = (buffer + 2) / (buffer + 3)
    else:
        a, b = mu[0] ** (buffer + 2), mu[1] ** (buffer + 2)
        expected = mu[0] * mu[1] * (a - b) / (a * mu[0] - b * mu[1])
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("servers", "buffer", "means", "rate"),
    [((1, 1), 0, (1.0, 1.0), 0.4), ((1, 1), 2, (1.0, 1.2), 0.5), ((2, 1), 1, (1.5, 0.9), 0.6),
     ((2, 3), 2, (1.0, 1.9), 1.0), ((3, 2), 0, (1.0, 0.8), 1.2)],
)
def test_tandem_against_the_chain_cut_off(servers, buffer, means, rate):
    """States (waiting, in service, blocked, between, in service at the second station)."""
    top = 120

    def settled(w, s, b, q, d):
        """Move on all that can: downstream before upstream."""
        while True:
            if q and d < servers[1]:
                q, d = q - 1, d + 1
            elif b and (q < buffer or d < servers[1]):
                b, q, d = b - 1, q + (d >= servers[1]), d + (d < servers[1])
            elif w and s + b < servers[0]:
                w, s = w - 1, s + 1
            else:
                return (w, s, b, q, d)

    def moves(state):
        w, s, b, q, d = state
        if w < top:
            yield settled(w + 1, s, b, q, d), rate
        if s:
            yield settled(w, s - 1, b + 1, q, d), s / means[0]
        if d:
            yield settled(w, s, b, q, d - 1), d / means[1]

    law = stationary((0, 0, 0, 0, 0), moves)
    assert sum(p for state, p in law.items() if state[0] == top) < 1e-9  # what the cut leaves out
    found = tandem_with_blocking(
        rate_per_s=rate, mean_services_s=means, servers=servers, buffer=buffer)
    assert found.mean_wait_first_s == pytest.approx(mean(law, lambda *s: s[0]) / rate, rel=1e-6)
    assert found.mean_blocked_s == pytest.approx(mean(law, lambda *s: s[2]) / rate, rel=1e-6)
    assert found.mean_wait_second_s == pytest.approx(
        mean(law, lambda *s: s[3]) / rate, rel=1e-6, abs=1e-12)
    assert found.mean_number_present == pytest.approx(mean(law, lambda *s: sum(s)), rel=1e-6)
    # Little over the pair
    sojourn = found.mean_sojourn_waiting_s + sum(means)
    assert found.mean_number_present == pytest.approx(rate * sojourn)


def test_tandem_with_much_room_is_jacksons_and_without_keeps_its_bound():
    means, servers, rate = (1.0, 1.3), (2, 2), 1.1
    wide = tandem_with_blocking(rate_per_s=rate, mean_services_s=means, servers=servers, buffer=70)
    for wait, mean_s, count in zip(
        (wide.mean_wait_first_s, wide.mean_wait_second_s), means, servers, strict=True
    ):
        expected = mean_wait_mmc(rate_per_s=rate, mean_service_s=mean_s, servers=count)
        assert wait == pytest.approx(expected, rel=1e-8)
    assert wide.mean_blocked_s == pytest.approx(0.0, abs=1e-9)
    assert wide.bound_per_s == pytest.approx(2 / 1.3, rel=1e-6)
    narrow = tandem_with_blocking(rate_per_s=0.67, mean_services_s=(1.0, 1.0), servers=(1, 1), buffer=0)
    assert narrow.bound_per_s == pytest.approx(2 / 3)
    assert narrow.mean_wait_first_s == math.inf
    near = tandem_with_blocking(rate_per_s=0.666, mean_services_s=(1.0, 1.0), servers=(1, 1), buffer=0)
    assert 500.0 < near.mean_wait_first_s < 5000.0


@pytest.mark.parametrize(("buffer", "means", "rate"), [(0, (1.0, 1.0), 0.5), (3, (1.0, 1.1), 0.65)])
def test_tandem_against_a_walk_vehicle_by_vehicle(buffer, means, rate):
    """Single servers: leave the first when k + 1 vehicles before have left the second."""
    generator = np.random.default_rng(20160830)
    count, batches = 150_000, 30
    arrive = np.cumsum(generator.exponential(1 / rate, count)).tolist()
    one = generator.exponential(means[0], count).tolist()
    two = generator.exponential(means[1], count).tolist()
    gone, left = [0.0] * count, [0.0] * count
    waits, blocked, between = np.empty(count), np.empty(count), np.empty(count)
    for n in range(count):
        start = max(arrive[n], gone[n - 1] if n else 0.0)
        done = start + one[n]
        free = left[n - buffer - 1] if n > buffer else 0.0
        gone[n] = max(done, free)
        begin = max(gone[n], left[n - 1] if n else 0.0)
        left[n] = begin + two[n]
        waits[n], blocked[n], between[n] = start - arrive[n], gone[n] - done, begin - gone[n]
    found = tandem_with_blocking(
        rate_per_s=rate, mean_services_s=means, servers=(1, 1), buffer=buffer)
    for values, expected in (
        (waits, found.mean_wait_first_s), (blocked, found.mean_blocked_s),
        (between, found.mean_wait_second_s),
    ):
        means_of = values.reshape(batches, -1)[1:].mean(axis=1)
        error = means_of.std(ddof=1) / math.sqrt(means_of.size)
        assert abs(means_of.mean() - expected) <= K * error
