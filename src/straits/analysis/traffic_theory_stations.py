"""One station against its closed forms: waits, laws of the number present, losses, priorities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from straits.analysis.traffic_batches import (
    Stays,
    law_row,
    mean_row,
    simulate,
    stays,
    window,
)
from straits.analysis.traffic_rows import TrafficRow
from straits.engine.run import Engine
from straits.engine.variates import BINS, OCTAVES, lognormal_table
from straits.plan.simple import Service, Station, Visit, network
from straits.tables.vehicles import GaveUp, VehicleLog, stream_of
from straits.theory import stations as closed

__all__ = ["limited_room", "many_servers", "one_server", "one_server_constant", "patience",
           "priorities_many_servers", "priorities_one_server"]

MEAN_S: Final = 30.0
MARKOV: Final = Service(MEAN_S, 1.0, "exponential")


def _log(
    station: Station, visits: Sequence[Visit], rates_per_s: Sequence[float], days: int,
    engine: Engine,
) -> VehicleLog:
    """Return the log of one station, with one stream for each visit."""
    rates = np.broadcast_to(3600.0 * np.array(rates_per_s), (days, 24, len(visits)))
    return simulate(network([station], [[visit] for visit in visits], rates), engine)


def _waits_s(log: VehicleLog) -> NDArray[np.float64]:
    return log.waiting / 1024.0


def many_servers(engine: Engine, days: int) -> list[TrafficRow]:
    """Return M/M/c: mean wait, share that waits, tail of the wait, laws in time and on arrival.

    References
    ----------
    .. [1] L. Kleinrock, "Queueing Systems", vol. 1, 1975, section 3.5.
    .. [2] R. W. Wolff, "Poisson arrivals see time averages", Oper. Res. 30 (1982) 223-231.
    """
    rows, over = [], window(days)
    for servers, load in ((1, 0.7), (3, 2.4), (7, 5.95)):
        rate = load / MEAN_S
        log = _log(Station("check", [(0.0, servers)]), [Visit(0, MARKOV)], [rate], days, engine)
        case = f"M/M/{servers}, utilisation {load / servers:.2f}"
        wait, present = _waits_s(log), stays(log, 0)
        mean = closed.mean_wait_mmc(rate_per_s=rate, mean_service_s=MEAN_S, servers=servers)
        law = closed.number_present_mmc(rate_per_s=rate, mean_service_s=MEAN_S, servers=servers,
                                        count=4 * servers + 11)
        tail = closed.wait_exceeds_mmc(2.0 * mean, rate_per_s=rate, mean_service_s=MEAN_S,
                                       servers=servers)
        rows += [
            mean_row(case, "mean wait", "s", mean, over.means(log.arrived, wait)),
            mean_row(case, "share that waits", "share", closed.erlang_c(servers, load),
                     over.means(log.arrived, wait > 0.0)),
            mean_row(case, "share that waits longer than twice the mean", "share", tail,
                     over.means(log.arrived, wait > 2.0 * mean)),
            law_row(case, "number present, share of time", law,
                    present.law_in_time(over, law.size)),
            law_row(case, "number present, found on arrival", law,
                    present.law_seen(over, law.size)),
        ]
    return rows


def one_server_constant(engine: Engine, days: int) -> list[TrafficRow]:
    """Return M/D/1: mean wait, law of the wait, law of the number present.

    References
    ----------
    .. [1] A. K. Erlang, "The theory of probabilities and telephone conversations", 1909.
    """
    over, load = window(days), 0.8
    rate, case = load / MEAN_S, f"M/D/1, utilisation {load:.2f}"
    log = _log(Station("check"), [Visit(0, Service(MEAN_S, 0.0, "constant"))], [rate], days,
               engine)
    law = closed.number_present_md1(rate_per_s=rate, service_s=MEAN_S, count=15)
    turns = np.arange(8) * 0.75
    within = np.array([closed.wait_within_md1(t * MEAN_S, rate_per_s=rate, service_s=MEAN_S)
                       for t in turns])
    wait = _waits_s(log)
    found = np.stack([over.means(log.arrived, wait <= t * MEAN_S) for t in turns], axis=1)
    return [
        mean_row(case, "mean wait", "s", closed.mean_wait_md1(rate_per_s=rate, service_s=MEAN_S),
                 over.means(log.arrived, wait)),
        law_row(case, "wait at most 0, 3/4, ... services", within, found),
        law_row(case, "number present, share of time", law,
                stays(log, 0).law_in_time(over, law.size)),
    ]


def one_server(engine: Engine, days: int) -> list[TrafficRow]:
    """Return M/G/1 with lognormal services: mean wait, law of the number present."""
    rows, over, load = [], window(days), 0.75
    for cv in (0.5, 1.1):
        rate, case = load / MEAN_S, f"M/G/1, cv {cv}, utilisation {load:.2f}"
        log = _log(Station("check"), [Visit(0, Service(MEAN_S, cv))], [rate], days, engine)
        law = _number_present_mg1(rate_per_s=rate, services_s=MEAN_S * lognormal_table(cv),
                                  count=15)
        mean = closed.mean_wait_mg1(rate_per_s=rate, mean_service_s=MEAN_S, cv=cv)
        present = stays(log, 0)
        rows += [
            mean_row(case, "mean wait", "s", mean, over.means(log.arrived, _waits_s(log))),
            law_row(case, "number present, share of time", law,
                    present.law_in_time(over, law.size)),
            law_row(case, "number present, found on arrival", law,
                    present.law_seen(over, law.size)),
        ]
    return rows


def limited_room(engine: Engine, days: int) -> list[TrafficRow]:
    """Return M/M/c/K, where who finds K - c waiting turns away: loss, wait, number present.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, "Fundamentals of Queueing Theory", 3rd ed., 1998, 2.5.
    """
    rows, over = [], window(days)
    for servers, places, load in ((1, 4, 0.9), (3, 8, 3.3)):
        rate, case = load / MEAN_S, f"M/M/{servers}/{places}, offered load {load} erlang"
        log = _log(Station("check", [(0.0, servers)], balk=places - servers), [Visit(0, MARKOV)],
                   [rate], days, engine)
        lost = log.gave_up_at[log.gave_up_kind == GaveUp.BALKED]
        at = np.concatenate([log.arrived, lost])
        turned = np.arange(at.size) >= log.arrived.size
        known = {"rate_per_s": rate, "mean_service_s": MEAN_S}
        law = closed.number_present_mmck(**known, servers=servers, places=places)
        share = closed.blocked_share_mmck(**known, servers=servers, places=places)
        wait = closed.mean_wait_mmck(**known, servers=servers, places=places)
        rows += [
            mean_row(case, "share lost", "share", share, over.means(at, turned)),
            mean_row(case, "mean wait of those admitted", "s", wait,
                     over.means(log.arrived, _waits_s(log))),
            law_row(case, "number present, share of time", law,
                    stays(log, 0).law_in_time(over, law.size)),
        ]
    return rows


def patience(engine: Engine, days: int) -> list[TrafficRow]:
    """Return M/M/c+M: share that leaves the queue, waits, number present, also in overload.

    References
    ----------
    .. [1] A. Mandelbaum, S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue",
       2007.
    """
    rows, over = [], window(days)
    for servers, load, patience_s in ((2, 1.7, 60.0), (3, 3.6, 45.0)):
        rate, case = load / MEAN_S, f"M/M/{servers}+M, offered load {load} erlang"
        visit = Visit(0, MARKOV, patience=Service(patience_s, 1.0, "exponential"))
        log = _log(Station("check", [(0.0, servers)]), [visit], [rate], days, engine)
        gone = log.gave_up_kind == GaveUp.RENEGED
        left = Stays(log.gave_up_arrived[gone], log.gave_up_at[gone])
        at = np.concatenate([log.arrived, left.came])
        unserved = np.arange(at.size) >= log.arrived.size
        waits = np.concatenate([log.waiting, left.left - left.came]) / 1024.0
        known = {"rate_per_s": rate, "mean_service_s": MEAN_S, "mean_patience_s": patience_s}
        share = closed.reneging_share_mmcm(**known, servers=servers)
        served = closed.mean_wait_served_mmcm(**known, servers=servers)
        everyone = closed.mean_wait_mmcm(**known, servers=servers)
        law = closed.number_present_mmcm(**known, servers=servers)[:16]
        rows += [
            mean_row(case, "share that leaves the queue", "share", share,
                     over.means(at, unserved)),
            mean_row(case, "mean wait of those served", "s", served,
                     over.means(log.arrived, _waits_s(log))),
            mean_row(case, "mean wait of all", "s", everyone, over.means(at, waits)),
            law_row(case, "number present, share of time", law,
                    (stays(log, 0) + left).law_in_time(over, law.size)),
        ]
    return rows


def _by_rank(
    case: str, log: VehicleLog, expected: Sequence[float], days: int
) -> list[TrafficRow]:
    """Return the mean wait of each rank; streams are ranks."""
    over, rank, rows = window(days), stream_of(log.vehicle), []
    for k, mean in enumerate(expected):
        samples = over.means(log.arrived[rank == k], _waits_s(log)[rank == k])
        rows.append(mean_row(case, f"mean wait, priority {k}", "s", mean, samples))
    return rows


def priorities_many_servers(engine: Engine, days: int) -> list[TrafficRow]:
    """Return M/M/2 with three ranks, nobody in service interrupted: mean waits.

    References
    ----------
    .. [1] A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2 (1954).
    """
    servers, loads = 2, (0.4, 0.6, 0.6)
    rates = [load / MEAN_S for load in loads]
    visits = [Visit(0, MARKOV, priority=rank) for rank in range(len(loads))]
    log = _log(Station("check", [(0.0, servers)]), visits, rates, days, engine)
    expected = closed.mean_waits_priority_mmc(rates_per_s=rates, mean_service_s=MEAN_S,
                                              servers=servers)
    return _by_rank("M/M/2, non-preemptive priorities", log, expected, days)


def priorities_one_server(engine: Engine, days: int) -> list[TrafficRow]:
    """Return M/G/1 with two ranks of different services: mean waits.

    References
    ----------
    .. [1] R. W. Conway, W. L. Maxwell, L. W. Miller, "Theory of Scheduling", 1967, chapter 8.
    """
    means, cvs, loads = (20.0, 45.0), (0.5, 1.0), (0.35, 0.4)
    rates = [load / mean for load, mean in zip(loads, means, strict=True)]
    visits = [Visit(0, Service(mean, cv), priority=rank)
              for rank, (mean, cv) in enumerate(zip(means, cvs, strict=True))]
    log = _log(Station("check"), visits, rates, days, engine)
    expected = closed.mean_waits_priority_mg1(rates_per_s=rates, mean_services_s=means, cvs=cvs)
    return _by_rank("M/G/1, non-preemptive priorities", log, expected, days)


def _number_present_mg1(
    *, rate_per_s: float, services_s: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Return P(N = 0), ..., P(N = count) of M/G/1 [dimensionless], stable.

    Parameters
    ----------
    rate_per_s : float
    services_s : float64[bin]
        Quantile table of the service time [s]; see ``engine.variates``.
    count : int

    References
    ----------
    .. [1] V. Ramaswami, "A stable recursion for the steady state vector in Markov chains of
       M/G/1 type", Comm. Statist. Stochastic Models 4 (1988) 183-188.
    """
    chances = np.repeat(2.0 ** -(np.arange(OCTAVES) + 1.0) / BINS, BINS)
    arriving = rate_per_s * (services_s[:-1] + services_s[1:]) / 2.0  # in the service of each bin
    # at_least[i] = P(at least i arrivals during one service)
    numbers = np.arange(1, count + 1)[:, None]
    at_least = np.concatenate([[1.0], special.gammainc(numbers, arriving[None, :]) @ chances])
    law = np.zeros(count + 1)
    law[0] = 1.0 - float(arriving @ chances)
    for n in range(1, count + 1):
        ways = law[0] * at_least[n] + law[1:n] @ at_least[n:1:-1]
        law[n] = ways / (1.0 - at_least[1])
    return law
