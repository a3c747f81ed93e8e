"""Networks against closed forms: Jackson, blocking, departures, overload, and Little's law."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.traffic_batches import (
    Stays,
    Window,
    drawn,
    law_row,
    mean_row,
    simulate,
    stays,
    window,
)
from straits.analysis.traffic_rows import TrafficRow, verdict
from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.engine.run import Engine
from straits.plan.simple import Road, Service, Station, Visit, network
from straits.tables.vehicles import VehicleLog, VehiclePlan
from straits.theory import departures, fluid, networks

__all__ = ["blocking_in_line", "bulk_departures", "feedback_network", "littles_law", "overload"]

# The overload: one peak a day, each day a sample.
SERVERS: Final = 4
SERVICE_S: Final = 4.0
ARRIVALS_PER_H: Final = (1800.0, 5400.0, 5400.0, 1800.0, 1800.0, 1800.0)
FIRST_HOUR: Final = 6
PEAK_S: Final = 3600.0 * (FIRST_HOUR + 3)  # when the queue is longest
BUFFER: Final = 100
LANES: Final = 2
SPACING_M: Final = 7.5
# Around its peak a queue is flat within its luck for (c mu + lam) / (lam - c mu)^2, some 10 s.
PEAK_TIME_S: Final = 60.0


def feedback_network(engine: Engine, days: int) -> list[TrafficRow]:
    """Return a Jackson network in which three in ten are sent back, and a station that repeats.

    Two streams: the first visits all four stations; the second enters at the second station
    and goes on to the last.

    References
    ----------
    .. [1] J. R. Jackson, "Networks of waiting lines", Oper. Res. 5 (1957) 518-521.
    .. [2] F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, "Open, closed, and mixed
       networks of queues with different classes", J. ACM 22 (1975) 248-260.
    """
    means, servers, back, repeat = (50.0, 18.0, 80.0, 16.0), (2, 1, 3, 1), 0.3, 0.25
    external = (0.018, 0.014)
    first = external[0] / (1.0 - back)  # through the first three stations, returns included
    on = first / (first + external[1])
    expected = networks.open_network(
        external_per_s=(external[0], external[1], 0.0, 0.0),
        routing=((0.0, 1.0, 0.0, 0.0), (0.0, 0.0, on, 1.0 - on),
                 (back, 0.0, 0.0, 1.0 - back), (0.0, 0.0, 0.0, repeat)),
        mean_services_s=means, servers=servers)
    service = [Service(mean, 1.0, "exponential") for mean in means]
    last = Visit(3, service[3], again=repeat)
    long = [Visit(0, service[0]), Visit(1, service[1]), Visit(2, service[2], again=back, back=2)]
    rates = np.broadcast_to(3600.0 * np.array(external), (days, 24, 2))
    plan = network([Station(f"check-{k}", [(0.0, c)]) for k, c in enumerate(servers)],
                   [[*long, last], [Visit(1, service[1]), last]], rates)
    log, over, case = simulate(plan, engine), window(days), "Jackson network with feedback"
    rows = []
    for k in range(len(means)):
        here, name = log.station == k, f"station {k + 1}"
        rows += [
            mean_row(case, f"mean wait of a visit, {name}", "s", expected.mean_waits_s[k],
                     over.means(log.arrived[here], log.waiting[here] / 1024.0)),
            mean_row(case, f"mean number present, {name}", "vehicles", expected.mean_numbers[k],
                     stays(log, k).mean_number(over)),
        ]
    trip = _trips(log)
    rows.append(mean_row(case, "mean time from entry to exit", "s", expected.mean_sojourn_s,
                         over.means(trip.came, (trip.left - trip.came) / 1024.0)))
    return rows


def _trips(log: VehicleLog) -> Stays:
    """Return when each vehicle came to its first station and left its last."""
    order = np.argsort(log.vehicle, kind="stable")
    first = np.flatnonzero(np.diff(log.vehicle[order], prepend=-1))
    left = log.arrived + log.held + log.waiting + log.service + log.blocked
    return Stays(np.minimum.reduceat(log.arrived[order], first),
                 np.maximum.reduceat(left[order], first))


def _line(
    rate_per_s: float, means: tuple[float, float], servers: tuple[int, int], buffer: int, days: int
) -> VehiclePlan:
    """Return the plan of two exponential stations in line with `buffer` places between."""
    route = [Visit(k, Service(mean, 1.0, "exponential")) for k, mean in enumerate(means)]
    stations = [Station("first", [(0.0, servers[0])]),
                Station("second", [(0.0, servers[1])], buffer=buffer)]
    return network(stations, [route], np.full((days, 24, 1), 3600.0 * rate_per_s))


def blocking_in_line(engine: Engine, days: int) -> list[TrafficRow]:
    """Return two stations in line, blocking after service: waits, blocked time, saturation.

    References
    ----------
    .. [1] G. C. Hunt, "Sequential arrays of waiting lines", Oper. Res. 4 (1956) 674-683.
    .. [2] M. F. Neuts, "Matrix-Geometric Solutions in Stochastic Models", 1981.
    """
    rows, over = [], window(days)
    for means, servers, buffer, part in (
            ((20.0, 20.0), (1, 1), 1, 0.75), ((60.0, 90.0), (2, 3), 2, 0.8)):
        case = f"line of {servers[0]} and {servers[1]} servers, {buffer} between"
        bound = networks.tandem_bound(mean_services_s=means, servers=servers, buffer=buffer)
        expected = networks.tandem_with_blocking(
            rate_per_s=part * bound, mean_services_s=means, servers=servers, buffer=buffer)
        log = simulate(_line(part * bound, means, servers, buffer, days), engine)
        for station, what, values, published in (
            (0, "mean wait at the first", log.waiting, expected.mean_wait_first_s),
            (0, "mean time blocked", log.blocked, expected.mean_blocked_s),
            (1, "mean wait between", log.waiting, expected.mean_wait_second_s),
        ):
            here = log.station == station
            rows.append(mean_row(case, what, "s", published,
                                 over.means(log.arrived[here], values[here] / 1024.0)))
        both = stays(log, 0) + stays(log, 1)
        rows.append(mean_row(case, "mean number present", "vehicles",
                             expected.mean_number_present, both.mean_number(over)))
        full = simulate(_line(1.25 * bound, means, servers, buffer, days), engine)
        rows.append(mean_row(case, "throughput of a line that is never empty", "1/s", bound,
                             over.rates(stays(full, 1).left)))
    return rows


def bulk_departures(engine: Engine, days: int) -> list[TrafficRow]:
    """Return departures of a capacity at an even headway: mean wait, law of those left behind.

    References
    ----------
    .. [1] N. T. J. Bailey, "On queueing processes with bulk service", J. R. Statist. Soc. B 16
       (1954) 80-87.
    """
    rows, over = [], window(days)
    cases = ((1800.0, 600.0, 30, 0.85), (3600.0, 0.0, 999, 0.05))
    for headway_s, cut_off_s, capacity, full in cases:
        rate = full * capacity / headway_s
        sailings = [(k * headway_s, capacity) for k in range(int(86_400 * days / headway_s))]
        plan = network([Station("ferry", sailings=sailings, cut_off_s=cut_off_s)], [[Visit(0)]],
                       np.full((days, 24, 1), 3600.0 * rate))
        log = simulate(plan, engine)
        case = f"departures of {capacity} every {headway_s / 60:.0f} min, {full:.0%} full"
        known = {"rate_per_s": rate, "headway_s": headway_s}
        rows.append(mean_row(
            case, "mean wait", "s",
            departures.mean_wait_bulk(**known, capacity=capacity, cut_off_s=cut_off_s),
            over.means(log.arrived, log.waiting / 1024.0)))
        rows.append(mean_row(
            case, "mean time lost to full departures", "s",
            departures.mean_delay_bulk(**known, capacity=capacity),
            over.means(log.arrived, log.delay / 1024.0)))
        if full < 0.5:
            continue
        _, new = drawn(plan)
        in_time = np.sort(new.at) + 1 + round(cut_off_s * 1024)  # moves take a tick
        left = np.searchsorted(in_time, log.sailing_at, side="right")
        left = left - np.cumsum(log.sailing_vehicles)
        law = departures.left_behind(**known, capacity=capacity)[:12]
        rows.append(law_row(
            case, "number left behind by a departure", law,
            np.stack([over.means(log.sailing_at, left == n) for n in range(law.size)], axis=1)))
    return rows


def overload(engine: Engine, days: int) -> list[TrafficRow]:
    """Return a road to a check that two hours overload, against the queue without chance.

    Every day is a sample: the queue at its peak, when it peaks and clears, the delay of all, the
    wait of who comes at the peak, and how far back the road is full.

    References
    ----------
    .. [1] G. F. Newell, "Applications of Queueing Theory", 2nd ed., 1982, chapter 2.
    """
    edges = [3600.0 * (FIRST_HOUR + k) for k in range(len(ARRIVALS_PER_H) + 1)]
    arriving = [*(a / 3600.0 for a in ARRIVALS_PER_H), 0.0]
    letting = [SERVERS / SERVICE_S] * len(arriving)
    path = fluid.fluid_queue(edges_s=edges, arrivals_per_s=arriving, capacities_per_s=letting)
    hours = np.zeros((days, 24, 1))
    hours[:, FIRST_HOUR : FIRST_HOUR + len(ARRIVALS_PER_H), 0] = ARRIVALS_PER_H
    plan = network([Station("check", [(0.0, SERVERS)], buffer=BUFFER)],
                   [[Visit(0, Service(SERVICE_S, 0.5))]], hours,
                   roads=[Road("road", [0], lanes=LANES)], spacing_m=SPACING_M)
    log = simulate(plan, engine)
    # From reaching the approach to the start of the service.
    queue = Stays(log.arrived, log.arrived + log.held + log.waiting)
    road = Stays(log.stood_since, log.stood_until)
    samples = np.array([_day(queue, road, day) for day in range(days)])
    case = "two hours of overload on a road"
    tail = fluid.back_of_queue_m(vehicles=path.peak - BUFFER, lanes=LANES, spacing_m=SPACING_M)
    wait = fluid.wait_at_s(PEAK_S - 60.0, path=path, edges_s=edges, capacities_per_s=letting)
    rows = [
        mean_row(case, what, unit, published, samples[:, k])
        for k, (what, unit, published) in enumerate((
            ("queue at its peak", "vehicles", path.peak),
            ("back of the queue at its peak", "m", tail),
            ("wait of who comes at the peak", "s", wait),
            ("time at which the queue has cleared", "s", path.cleared_at_s),
            ("delay of all", "vehicle h", path.total_delay_s / 3600.0),
        ))]
    peak_at, band = float(samples[:, 5].mean()), (PEAK_S - PEAK_TIME_S, PEAK_S + PEAK_TIME_S)
    rows.append(TrafficRow(
        "theory", case, "time of the peak", "s", path.peak_at_s, peak_at,
        float(samples[:, 5].min()), float(samples[:, 5].max()), band,
        verdict("theory", peak_at, band), "near its peak a queue is flat within its luck"))
    return rows


def _day(queue: Stays, road: Stays, day: int) -> tuple[float, ...]:
    """Return what `overload` compares of one day, in the order of its rows."""
    start = day * DAY_TICKS
    peak = start + int(PEAK_S * 1024)
    today = (queue.came >= start) & (queue.came < start + DAY_TICKS)
    one = Stays(queue.came[today], queue.left[today])
    over = Window(start + FIRST_HOUR * HOUR_TICKS, start + DAY_TICKS, 1)
    _, number, length = one.levels(over)
    at = over.start + np.cumsum(length) - length
    cleared = at[(at > peak) & (number == 0) & (length > 0)][0]
    late = (one.came >= peak - 120 * 1024) & (one.came < peak)  # the two minutes before the peak
    standing = _present(road, peak)
    return (
        _present(one, peak), standing / LANES * SPACING_M,
        float((one.left - one.came)[late].mean()) / 1024.0, (cleared - start) / 1024.0,
        float((one.left - one.came).sum()) / HOUR_TICKS,
        (at[np.argmax(number)] - start) / 1024.0)


def _present(place: Stays, at: int) -> float:
    """Return the number at a place at an instant."""
    return float(np.count_nonzero((place.came <= at) & (place.left > at)))


def littles_law(engine: Engine, days: int) -> list[TrafficRow]:
    """Return Little's law on the log of a road and three stations that block each other.

    The area under the number inside, from who enters and when each leaves, must equal the sum
    of all times of all visits, to the tick, those held on the road and blocked included.

    References
    ----------
    .. [1] J. D. C. Little, S. C. Graves, "Little's law", in "Building Intuition", 2008: over a
       time that begins and ends empty, L = lambda W is an identity.
    """
    transit_s = 25.0
    stations = [Station("first", [(0.0, 2)], buffer=6), Station("second", [(0.0, 3)], buffer=2),
                Station("third", [(0.0, 2), (30_000.0, 1), (50_000.0, 3)], buffer_m=30.0)]
    routes = [[Visit(0, Service(50.0, 0.6), transit_s), Visit(1, Service(80.0, 1.0), transit_s),
               Visit(2, Service(45.0, 0.5), transit_s, priority=1)],
              [Visit(0, Service(30.0, 0.6), transit_s), Visit(2, Service(60.0), transit_s)]]
    rates = np.full((days, 24, 2), 42.0)
    rates[-1, 12:] = 0.0  # so that the network ends empty
    plan = network(stations, routes, rates, roads=[Road("road", [0, 1])])
    log = simulate(plan, engine)
    _, new = drawn(plan)
    over = Window(0, days * DAY_TICKS, 1)
    parts = log.held + log.waiting + log.service + log.blocked
    transit = plan.step_transit[0]
    inside = Stays(new.at, _trips(log).left)
    area = sum(int(n) * int(t) for _, n, t in zip(*inside.levels(over), strict=True))
    total = int(parts.sum()) + int(transit) * parts.size
    vehicles = max(new.vehicle.size, 1)
    note = (f"L = {area / over.length:.3f}, lambda W over {vehicles:,} vehicles; held "
            f"{log.held.sum() / HOUR_TICKS:.0f} h, blocked {log.blocked.sum() / HOUR_TICKS:.0f} h; "
            f"{log.inside_vehicle.size} inside at the end")
    case = "Little's law, road and blocking"
    return [
        _exact(case, "area under the number inside less all times of visits", "ticks",
               area - total, note),
        _exact(case, "visits that do not begin where the last one ended", "visits",
               _gaps(log, new.vehicle, new.at, int(transit)), f"{parts.size:,} visits"),
    ]


def _gaps(
    log: VehicleLog, vehicle: NDArray[np.int64], entry: NDArray[np.int64], transit: int
) -> int:
    """Return how many visits do not follow their vehicle's entry, or last visit, at once."""
    order = np.lexsort((log.arrived, log.vehicle))
    who, came = log.vehicle[order], log.arrived[order]
    left = (log.arrived + log.held + log.waiting + log.service + log.blocked)[order]
    first = np.diff(who, prepend=-1) != 0
    before = np.where(first, entry[np.searchsorted(vehicle, who)], np.roll(left, 1))
    return int(np.count_nonzero(came != before + transit))


def _exact(case: str, what: str, unit: str, value: int, note: str) -> TrafficRow:
    """Return the row of an identity: only 0 is accepted."""
    band = (0.0, 0.0)
    return TrafficRow("theory", case, what, unit, 0.0, float(value), float(value), float(value),
                      band, verdict("theory", float(value), band), note)
