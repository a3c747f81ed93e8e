"""Stationary queues at one station: Erlang B and C, Pollaczek-Khinchine, Little's law."""

from __future__ import annotations

import math

__all__ = [
    "erlang_b",
    "erlang_c",
    "mean_number_little",
    "mean_wait_mg1",
    "mean_wait_mgc",
    "mean_wait_mmc",
    "wait_quantile_mmc",
]


def erlang_b(servers: int, offered_load: float) -> float:
    """Return the share of arrivals lost when all servers are busy [dimensionless].

    Parameters
    ----------
    servers : int
        c, at least 0.
    offered_load : float
        a = lambda / mu [erlang].

    References
    ----------
    .. [1] A. K. Erlang, "Solution of some problems in the theory of probabilities of
       significance in automatic telephone exchanges", 1917. The recursion is standard.
    """
    share = 1.0
    for k in range(1, servers + 1):
        share = offered_load * share / (k + offered_load * share)
    return share


def erlang_c(servers: int, offered_load: float) -> float:
    """Return the probability that an arrival waits in M/M/c [dimensionless]; 1 when unstable."""
    if offered_load >= servers:
        return 1.0
    blocked = erlang_b(servers, offered_load)
    return servers * blocked / (servers - offered_load * (1.0 - blocked))


def mean_wait_mmc(*, rate_per_s: float, mean_service_s: float, servers: int) -> float:
    """Return the mean wait of M/M/c [s]; infinite when the load reaches the servers."""
    load = rate_per_s * mean_service_s
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) * mean_service_s / (servers - load)


def wait_quantile_mmc(
    share: float, *, rate_per_s: float, mean_service_s: float, servers: int
) -> float:
    """Return the wait that `share` of arrivals to M/M/c do not exceed [s]."""
    load = rate_per_s * mean_service_s
    waits = erlang_c(servers, load)
    if share <= 1.0 - waits:
        return 0.0
    return mean_service_s / (servers - load) * math.log(waits / (1.0 - share))


def mean_wait_mg1(*, rate_per_s: float, mean_service_s: float, cv: float) -> float:
    """Return the mean wait of M/G/1 [s].

    References
    ----------
    .. [1] F. Pollaczek (1930) and A. Khinchine (1932): Wq = rho / (1 - rho) (1 + cv^2) / 2 E[S].
    """
    load = rate_per_s * mean_service_s
    if load >= 1.0:
        return math.inf
    return load / (1.0 - load) * (1.0 + cv * cv) / 2.0 * mean_service_s


def mean_wait_mgc(
    *, rate_per_s: float, mean_service_s: float, cv: float, servers: int
) -> float:
    """Return the Allen-Cunneen approximation of the mean wait of M/G/c [s].

    References
    ----------
    .. [1] A. O. Allen, "Probability, Statistics and Queueing Theory", 2nd ed., 1990.
    """
    wait = mean_wait_mmc(
        rate_per_s=rate_per_s, mean_service_s=mean_service_s, servers=servers
    )
    return wait * (1.0 + cv * cv) / 2.0


def mean_number_little(*, rate_per_s: float, mean_sojourn_s: float) -> float:
    """Return the mean number present, L = lambda W [entities].

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula: L = lambda W", 1961.
    """
    return rate_per_s * mean_sojourn_s
