"""Networks of stations: Jackson's product form, and two stations in line with little room between.

Symbols: lam arrivals a second, mu = 1 / mean service, c servers, k waiting places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from straits.theory.stations import mean_wait_mmc

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "OpenNetwork",
    "Tandem",
    "open_network",
    "tandem_bound",
    "tandem_with_blocking",
    "traffic_rates",
]

_STEPS = 64  # of a reduction whose error squares at each


@dataclass(frozen=True, slots=True)
class OpenNetwork:
    """Means of a Jackson network, one place a station; infinite where one is overloaded."""

    arrival_rates_per_s: tuple[float, ...]
    mean_waits_s: tuple[float, ...]  # of one visit
    mean_numbers: tuple[float, ...]  # present, in service included
    mean_sojourn_s: float  # from entering the network to leaving it, over all visits


def traffic_rates(
    *, external_per_s: Sequence[float], routing: Sequence[Sequence[float]]
) -> tuple[float, ...]:
    """Return the arrivals at each station with all that come back [1/s].

    Parameters
    ----------
    external_per_s : sequence of float
        Arrivals from outside at each station.
    routing : sequence of sequences of float
        ``routing[i][j]`` is the share that goes on from station i to j; the rest leaves.

    References
    ----------
    .. [1] J. R. Jackson, "Networks of waiting lines", Oper. Res. 5 (1957): lam = gamma + P' lam.
    """
    moves = np.asarray(routing, dtype=np.float64)
    rates = np.linalg.solve(np.eye(len(external_per_s)) - moves.T, np.asarray(external_per_s))
    return tuple(rates.tolist())


def open_network(
    *,
    external_per_s: Sequence[float],
    routing: Sequence[Sequence[float]],
    mean_services_s: Sequence[float],
    servers: Sequence[int],
) -> OpenNetwork:
    """Return the means of an open network of M/M/c stations, feedback allowed.

    References
    ----------
    .. [1] J. R. Jackson (1957), as above: the law is a product of those of M/M/c.
    """
    rates = traffic_rates(external_per_s=external_per_s, routing=routing)
    waits = tuple(
        mean_wait_mmc(rate_per_s=rate, mean_service_s=mean, servers=count)
        for rate, mean, count in zip(rates, mean_services_s, servers, strict=True)
    )
    numbers = tuple(
        rate * (wait + mean) if rate > 0.0 else 0.0
        for rate, wait, mean in zip(rates, waits, mean_services_s, strict=True)
    )
    return OpenNetwork(rates, waits, numbers, sum(numbers) / sum(external_per_s))


@dataclass(frozen=True, slots=True)
class Tandem:
    """Means of two stations in line, blocking after service; infinite when overloaded."""

    bound_per_s: float  # arrivals that the pair can just not keep up with
    mean_wait_first_s: float  # in the queue that has no end
    mean_blocked_s: float  # per vehicle: served at the first station, and no room to go on
    mean_wait_second_s: float  # on the waiting places between
    mean_number_present: float  # anywhere in the pair

    @property
    def mean_sojourn_waiting_s(self) -> float:
        """All time that is not service [s]."""
        return self.mean_wait_first_s + self.mean_blocked_s + self.mean_wait_second_s


def tandem_bound(
    *, mean_services_s: tuple[float, float], servers: tuple[int, int], buffer: int
) -> float:
    """Return the rate at which two stations in line saturate [1/s].

    With the first queue never empty, the number past the first station is a birth-death chain:
    births (c1 - blocked) mu1, deaths min(m, c2) mu2.

    Parameters
    ----------
    mean_services_s, servers : pair
        Exponential services and servers of the first and second station.
    buffer : int
        k, vehicles that may wait between; who is in service takes none of the places.

    References
    ----------
    .. [1] G. C. Hunt, "Sequential arrays of waiting lines", Oper. Res. 4 (1956) 674-683.
    """
    births, deaths = _downstream(mean_services_s, servers, buffer)
    law = np.concatenate([[1.0], np.cumprod(births[:-1] / deaths[1:])])
    return float(law @ births / law.sum())


def tandem_with_blocking(
    *,
    rate_per_s: float,
    mean_services_s: tuple[float, float],
    servers: tuple[int, int],
    buffer: int,
) -> Tandem:
    """Return the means of M/M/c1 to M/M/c2 with `buffer` waiting places between.

    A vehicle that leaves the first station and finds the places taken stays and blocks its
    server; who has been blocked longest moves first. The chain of (n, m), n waiting or in
    service at the first station and m past it, is solved without cutting it off: from n = c1
    on, every n is the one before times one matrix, to the precision of the machine.

    References
    ----------
    .. [1] M. F. Neuts, "Matrix-Geometric Solutions in Stochastic Models", 1981, chapters 1, 5.
    .. [2] G. Latouche, V. Ramaswami, "A logarithmic reduction algorithm for
       quasi-birth-death processes", J. Appl. Prob. 30 (1993) 650-674.
    """
    bound = tandem_bound(mean_services_s=mean_services_s, servers=servers, buffer=buffer)
    if rate_per_s >= bound:
        return Tandem(bound, math.inf, math.inf, math.inf, math.inf)
    law, tail = _stationary(rate_per_s, mean_services_s, servers, buffer)
    first, second = servers
    levels, past = np.indices(law.shape)
    blocked = np.maximum(past - second - buffer, 0)
    waiting = np.maximum(levels - (first - blocked), 0)
    between = np.clip(past - second, 0, buffer)

    # Sums over all n >= c1: x + x R + x R^2 + ..., and the same with weights 0, 1, 2, ...
    whole = law.copy()
    whole[-1] = np.linalg.solve((np.eye(tail.shape[0]) - tail).T, law[-1])
    further = np.linalg.solve((np.eye(tail.shape[0]) - tail).T, whole[-1] @ tail).sum()
    waits_first = float((whole * waiting).sum() + further) / rate_per_s
    return Tandem(
        bound_per_s=bound,
        mean_wait_first_s=waits_first,
        mean_blocked_s=float((whole * blocked).sum()) / rate_per_s,
        mean_wait_second_s=float((whole * between).sum()) / rate_per_s,
        mean_number_present=float((whole * (levels + past)).sum() + further),
    )


def _downstream(
    mean_services_s: tuple[float, float], servers: tuple[int, int], buffer: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rates up and down of the number past a first station that is never empty."""
    first, second = servers
    past = np.arange(second + buffer + first + 1)
    active = first - np.maximum(past - second - buffer, 0)
    return active / mean_services_s[0], np.minimum(past, second) / mean_services_s[1]


def _stationary(
    rate: float, mean_services_s: tuple[float, float], servers: tuple[int, int], buffer: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the law for n = 0, ..., c1, one row each, and the matrix R of what follows."""
    first = servers[0]
    births, deaths = _downstream(mean_services_s, servers, buffer)
    size = births.size
    up = rate * np.eye(size)
    downs, locals_ = [], []
    for level in range(first + 1):
        # level vehicles at the first station cannot use more servers than they are
        passing = np.minimum(births, level / mean_services_s[0])
        down = np.zeros((size, size))
        down[np.arange(size - 1), np.arange(1, size)] = passing[:-1]
        local = np.diag(deaths[1:], -1) - np.diag(rate + passing + deaths)
        downs.append(down)
        locals_.append(local)
    tail = up @ np.linalg.inv(-locals_[-1] - up @ _first_passage(up, locals_[-1], downs[-1]))

    # Balance of all boundary levels at once; the last one feeds on what lies beyond through R.
    levels = first + 1
    balance = np.zeros((levels * size, levels * size))
    for level in range(levels):
        here = slice(level * size, (level + 1) * size)
        balance[here, here] = locals_[level]
        if level:
            below = slice((level - 1) * size, level * size)
            balance[below, here] = up
            balance[here, below] = downs[level]
    balance[-size:, -size:] += tail @ downs[-1]
    weights = np.ones(levels * size)
    weights[-size:] = np.linalg.solve(np.eye(size) - tail, np.ones(size))
    balance[:, 0] = weights
    law = np.linalg.solve(balance.T, np.append(1.0, np.zeros(levels * size - 1)))
    return law.reshape(levels, size), tail


def _first_passage(
    up: NDArray[np.float64], local: NDArray[np.float64], down: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return G, the law of the phase in which the chain first comes one level down."""
    inverse = np.linalg.inv(-local)
    rise, fall = inverse @ up, inverse @ down
    passage, reach = fall.copy(), rise.copy()
    identity = np.eye(local.shape[0])
    for _ in range(_STEPS):
        turn = np.linalg.inv(identity - rise @ fall - fall @ rise)
        rise, fall = turn @ rise @ rise, turn @ fall @ fall
        added = reach @ fall
        passage = passage + added
        reach = reach @ rise
        if added.max() < np.finfo(np.float64).eps:
            break
    return passage
