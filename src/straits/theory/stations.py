"""Stationary queues at one station: laws of the number present, and waits, in closed form.

Symbols: c servers, lam = arrivals a second, mu = 1 / mean service, a = lam / mu [erlang],
rho = a / c. Laws are arrays whose place n holds P(N = n), N the number present (waiting and
in service), seen alike by an arrival and at any instant (arrivals are Poisson).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "blocked_share_mmck",
    "erlang_b",
    "erlang_c",
    "mean_number_little",
    "mean_wait_md1",
    "mean_wait_mg1",
    "mean_wait_mgc",
    "mean_wait_mmc",
    "mean_wait_mmck",
    "mean_wait_mmcm",
    "mean_wait_served_mmcm",
    "mean_waits_priority_mg1",
    "mean_waits_priority_mmc",
    "number_present_md1",
    "number_present_mmc",
    "number_present_mmck",
    "number_present_mmcm",
    "reneging_share_mmcm",
    "wait_exceeds_mmc",
    "wait_quantile_mmc",
    "wait_within_md1",
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


def number_present_mmc(
    *, rate_per_s: float, mean_service_s: float, servers: int, count: int
) -> NDArray[np.float64]:
    """Return P(N = 0), ..., P(N = count) of M/M/c [dimensionless]; zeros when unstable.

    References
    ----------
    .. [1] L. Kleinrock, "Queueing Systems", vol. 1, 1975, section 3.5.
    """
    load = rate_per_s * mean_service_s
    if load >= servers:
        return np.zeros(count + 1)
    top = max(count, servers)
    numbers = np.arange(1, top + 1)
    law = _birth_death(np.full(top, load), np.minimum(numbers, servers).astype(np.float64))
    # beyond `top` the law is geometric with ratio rho
    law = law / (1.0 + float(law[-1]) * load / (servers - load))
    return law[: count + 1]


def wait_exceeds_mmc(
    wait_s: float, *, rate_per_s: float, mean_service_s: float, servers: int
) -> float:
    """Return the share of arrivals to M/M/c that wait longer than `wait_s` [dimensionless].

    References
    ----------
    .. [1] L. Kleinrock, "Queueing Systems", vol. 1, 1975: P(W > t) = C exp(-(c mu - lam) t).
    """
    load = rate_per_s * mean_service_s
    if load >= servers:
        return 1.0
    return erlang_c(servers, load) * math.exp(-(servers - load) * wait_s / mean_service_s)


def mean_wait_md1(*, rate_per_s: float, service_s: float) -> float:
    """Return the mean wait of M/D/1 [s], half of that of M/M/1.

    References
    ----------
    .. [1] A. K. Erlang, "The theory of probabilities and telephone conversations", 1909.
    """
    return mean_wait_mg1(rate_per_s=rate_per_s, mean_service_s=service_s, cv=0.0)


def number_present_md1(
    *, rate_per_s: float, service_s: float, count: int
) -> NDArray[np.float64]:
    """Return P(N = 0), ..., P(N = count) of M/D/1 [dimensionless]; zeros when unstable.

    Only positive terms are added, so nothing cancels, however long the queue.

    References
    ----------
    .. [1] V. Ramaswami, "A stable recursion for the steady state vector in Markov chains of
       M/G/1 type", Comm. Statist. Stochastic Models 4 (1988) 183-188.
    """
    load = rate_per_s * service_s
    law = np.zeros(count + 1)
    if load >= 1.0:
        return law
    law[0] = 1.0 - load
    # at_least[i] = P(at least i arrivals during one service)
    at_least = np.ones(count + 1)
    at_least[1:] = special.gammainc(np.arange(1, count + 1), load)
    for n in range(1, count + 1):
        ways = law[0] * at_least[n] + law[1:n] @ at_least[n:1:-1]
        law[n] = ways * math.exp(load)
    return law


def wait_within_md1(wait_s: float, *, rate_per_s: float, service_s: float) -> float:
    """Return the share of arrivals to M/D/1 that wait at most `wait_s` [dimensionless].

    References
    ----------
    .. [1] G. J. Franx, "A simple solution for the M/D/c waiting time distribution",
       Oper. Res. Lett. 29 (2001) 221-229.
    """
    turns = math.floor(wait_s / service_s) + 1
    law = number_present_md1(rate_per_s=rate_per_s, service_s=service_s, count=turns)
    waiting_at_most = np.cumsum(law)[1:]  # place j: at most j wait, so at most j + 1 are present
    arrivals = rate_per_s * (turns * service_s - wait_s)
    few = np.arange(turns)
    chances = np.exp(special.xlogy(few, arrivals) - arrivals - special.gammaln(few + 1.0))
    return float(waiting_at_most[::-1] @ chances)


def number_present_mmck(
    *, rate_per_s: float, mean_service_s: float, servers: int, places: int
) -> NDArray[np.float64]:
    """Return P(N = 0), ..., P(N = K) of M/M/c/K [dimensionless].

    Parameters
    ----------
    rate_per_s, mean_service_s, servers
        lam of all who come, 1 / mu, c.
    places : int
        K, those in service included, at least c.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, "Fundamentals of Queueing Theory", 3rd ed., 1998, 2.5.
    """
    numbers = np.arange(1, places + 1)
    deaths = np.minimum(numbers, servers) / mean_service_s
    return _birth_death(np.full(places, rate_per_s), deaths)


def blocked_share_mmck(
    *, rate_per_s: float, mean_service_s: float, servers: int, places: int
) -> float:
    """Return the share of arrivals that find all K places of M/M/c/K taken [dimensionless]."""
    law = number_present_mmck(
        rate_per_s=rate_per_s, mean_service_s=mean_service_s, servers=servers, places=places
    )
    return float(law[-1])


def mean_wait_mmck(
    *, rate_per_s: float, mean_service_s: float, servers: int, places: int
) -> float:
    """Return the mean wait of those admitted to M/M/c/K [s], by Little's law."""
    law = number_present_mmck(
        rate_per_s=rate_per_s, mean_service_s=mean_service_s, servers=servers, places=places
    )
    return _waiting(law, servers) / (rate_per_s * float(law[:-1].sum()))


def number_present_mmcm(
    *, rate_per_s: float, mean_service_s: float, servers: int, mean_patience_s: float
) -> NDArray[np.float64]:
    """Return P(N = 0), P(N = 1), ... of M/M/c+M [dimensionless], to where it ends in 1e-17.

    Everyone who waits leaves the queue after an exponential patience; in service nobody does.

    References
    ----------
    .. [1] C. Palm, "Research on telephone traffic carried by full availability groups",
       Tele 1 (1957); known as Erlang A.
    """
    load, patience = rate_per_s * mean_service_s, mean_patience_s
    # Past this number every further one is at most half as likely ...
    beyond = math.ceil(max(2.0 * rate_per_s - servers / mean_service_s, 0.0) * patience) + 60
    if load < servers:  # ... or, with long patience, the geometric tail ends it earlier.
        beyond = min(beyond, math.ceil(42.0 / math.log(servers / load)))
    numbers = np.arange(1, servers + beyond + 1)
    deaths = np.minimum(numbers, servers) / mean_service_s
    deaths = deaths + np.maximum(numbers - servers, 0) / patience
    return _birth_death(np.full(numbers.size, rate_per_s), deaths)


def reneging_share_mmcm(
    *, rate_per_s: float, mean_service_s: float, servers: int, mean_patience_s: float
) -> float:
    """Return the share of arrivals to M/M/c+M that leave the queue unserved [dimensionless]."""
    wait = mean_wait_mmcm(
        rate_per_s=rate_per_s,
        mean_service_s=mean_service_s,
        servers=servers,
        mean_patience_s=mean_patience_s,
    )
    return wait / mean_patience_s


def mean_wait_mmcm(
    *, rate_per_s: float, mean_service_s: float, servers: int, mean_patience_s: float
) -> float:
    """Return the mean wait in M/M/c+M over all arrivals, served or not [s]."""
    law = number_present_mmcm(
        rate_per_s=rate_per_s,
        mean_service_s=mean_service_s,
        servers=servers,
        mean_patience_s=mean_patience_s,
    )
    return _waiting(law, servers) / rate_per_s


def mean_wait_served_mmcm(
    *, rate_per_s: float, mean_service_s: float, servers: int, mean_patience_s: float
) -> float:
    """Return the mean wait in M/M/c+M of those who are served [s].

    With k waiting ahead the queue moves on after exponential times with rates c mu + i theta,
    i = k + 1, ..., 1, whoever leaves; and the share c mu / (c mu + (k + 1) theta) is served.

    References
    ----------
    .. [1] A. Mandelbaum, S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue",
       2007, section 3.
    """
    law = number_present_mmcm(
        rate_per_s=rate_per_s,
        mean_service_s=mean_service_s,
        servers=servers,
        mean_patience_s=mean_patience_s,
    )
    arrived = law[servers:]
    full = servers / mean_service_s
    rates = full + np.arange(1, arrived.size + 1) / mean_patience_s
    served = arrived * full / rates
    waits = np.cumsum(1.0 / rates)
    return float(served @ waits) / float(law[:servers].sum() + served.sum())


def mean_waits_priority_mmc(
    *, rates_per_s: Sequence[float], mean_service_s: float, servers: int
) -> tuple[float, ...]:
    """Return the mean wait of each class, first served first, of M/M/c with priorities [s].

    Nobody in service is interrupted, and all classes have one exponential service. A class
    that the servers cannot keep up with, and all after it, waits for ever; for those before
    it the servers are always busy.

    References
    ----------
    .. [1] A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2 (1954).
    """
    loads = [rate * mean_service_s / servers for rate in rates_per_s]
    busy = erlang_c(servers, sum(rates_per_s) * mean_service_s)
    return _by_priority(loads, busy * mean_service_s / servers)


def mean_waits_priority_mg1(
    *, rates_per_s: Sequence[float], mean_services_s: Sequence[float], cvs: Sequence[float]
) -> tuple[float, ...]:
    """Return the mean wait of each class, first served first, of M/G/1 with priorities [s].

    Nobody in service is interrupted. The class that the server cannot keep up with takes what
    the classes before it leave of the server.

    References
    ----------
    .. [1] A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2 (1954).
    .. [2] R. W. Conway, W. L. Maxwell, L. W. Miller, "Theory of Scheduling", 1967, chapter 8.
    """
    loads = [rate * mean for rate, mean in zip(rates_per_s, mean_services_s, strict=True)]
    residual, spare = 0.0, 1.0
    for load, mean, cv in zip(loads, mean_services_s, cvs, strict=True):
        residual += min(load, spare) * mean * (1.0 + cv * cv) / 2.0
        spare = max(spare - load, 0.0)
    return _by_priority(loads, residual)


def _by_priority(loads: Sequence[float], residual_s: float) -> tuple[float, ...]:
    """Return Cobham's waits [s] from each class's utilisation and the wait for a free server."""
    waits, before = [], 0.0
    for load in loads:
        after = before + load
        stable = after < 1.0
        waits.append(residual_s / ((1.0 - before) * (1.0 - after)) if stable else math.inf)
        before = after
    return tuple(waits)


def _birth_death(
    births: NDArray[np.float64], deaths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the law of a birth-death chain; in logarithms, so that nothing overflows."""
    weights = np.concatenate([[0.0], np.cumsum(np.log(births) - np.log(deaths))])
    law: NDArray[np.float64] = np.exp(weights - weights.max())
    law /= law.sum()
    return law


def _waiting(law: NDArray[np.float64], servers: int) -> float:
    """Return the mean number waiting, Lq, of a law of the number present."""
    return float(law[servers:] @ np.arange(law.size - servers))
