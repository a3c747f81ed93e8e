"""Outcomes, services, observers in plain Python: the specification of steps 5 to 9 of a day."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from straits.engine.people_reference import (
    Day,
    Person,
    chance,
    inflow_factor,
    poisson_quantile,
    read_people,
    write_people,
)
from straits.engine.people_reference_asylum import cross_unseen, decide_all, found_on_uk_soil
from straits.engine.people_reference_attempts import open_chances
from straits.engine.people_reference_waiting import lodge_claims
from straits.tables.people import (
    AIMS,
    BOAT,
    CHILD,
    COLUMNS,
    NOWHERE,
    REFUSED,
    STOCKS,
    TERMINAL,
    TRAIN,
    VULNERABLE,
    Counter,
    Decision,
    Event,
    Memory,
    Observation,
    PersonDays,
    State,
)
from straits.tables.people_parameters import Param

__all__ = ["finish", "normal_quantile"]

_CHANCE_WINDOW = 90
_YEAR = 365
_LEDGER_BROKEN = 1


def normal_quantile(u: float) -> float:
    """Return the quantile of the standard normal by Acklam's rational forms, error 1.2e-9."""
    if u < 0.02425 or u > 0.97575:
        v = u if u < 0.5 else 1.0 - u
        q = math.sqrt(-2.0 * math.log(v))
        top = -7.784894002430293e-03 * q - 3.223964580411365e-01
        top = (top * q - 2.400758277161838e00) * q - 2.549732539343734e00
        top = (top * q + 4.374664141464968e00) * q + 2.938163982698783e00
        bottom = 7.784695709041462e-03 * q + 3.224671290700398e-01
        bottom = ((bottom * q + 2.445134137142996e00) * q + 3.754408661907416e00) * q + 1.0
        return top / bottom if u < 0.5 else -top / bottom
    q = u - 0.5
    r = q * q
    top = -3.969683028665376e01 * r + 2.209460984245205e02
    top = (top * r - 2.759285104469687e02) * r + 1.383577518672690e02
    top = (top * r - 3.066479806614716e01) * r + 2.506628277459239e00
    bottom = -5.447609879822406e01 * r + 1.615858368580409e02
    bottom = (bottom * r - 1.556989798598866e02) * r + 6.680131188771972e01
    bottom = (bottom * r - 1.328068155288572e01) * r + 1.0
    return top * q / bottom


def _expected_outcome(
    today: Day, someone: Person, share: NDArray[np.float64], targeting: NDArray[np.float64],
    sensitivity: NDArray[np.float64], before: NDArray[np.int8],
) -> int:  # fmt: skip
    """Return what an expected search does: 0 found before the sea, 1 after it, 2 not found."""
    place = someone.place
    found = min(1.0, float(share[place]) * float(targeting[place])) * float(sensitivity[place])
    if today.draw_attempt(Decision.SEARCH, someone) >= found:
        return 2
    return 0 if before[place] else 1


def _land(today: Day, someone: Person, kind: int, memory: NDArray[np.float64]) -> int:
    """Book an outcome to a person aboard; return 1 if UK ports report a find."""
    place = someone.place
    someone.vehicle = -1
    if kind == 0:
        today.note(Event.FOUND_BEFORE_SEA, someone, place)
        someone.state = someone.then
        return 0
    if kind == 3:  # the lorry turned away before it had crossed
        today.note(Event.NO_VEHICLE, someone, place)
        someone.state = someone.then
        return 0
    memory[Memory.SUCCESS_CALAIS + place] += 1.0
    if someone.then == State.CLAIM_LODGED_CALAIS:
        today.note(Event.WITHDREW_CALAIS, someone)
    if kind == 1:
        today.note(Event.FOUND_AFTER_SEA, someone, place)
        found_on_uk_soil(today, someone)
        return 1
    today.note(Event.CROSSED_UNSEEN, someone, place)
    reported = today.draw_attempt(Decision.PORT_FOUND, someone) < today[Param.PORTS_SHARE]
    cross_unseen(today, someone)
    return int(reported)


def _count(
    today: Day, people: list[Person], stock: NDArray[np.int64], person_days: NDArray[np.int64]
) -> dict[str, int]:
    """Count everyone by state, and the site by standard; return who aims for the UK."""
    aiming = {"trying": 0, "lodged": 0, "lodge": 0, "centre": 0, "exchange": 0}
    for someone in people:
        if someone.state < TERMINAL or someone.since == today.day:
            stock[someone.state] += 1
        lodged = someone.state == State.CLAIM_LODGED_CALAIS
        if someone.state <= State.CLAIM_LODGED_CALAIS and someone.has(AIMS):
            aiming["lodged" if lodged else "trying"] += 1
            if not lodged:
                aiming["centre"] += someone.willing < today[Param.CENTRE_JOIN]
                if not someone.has(REFUSED):
                    aiming["lodge"] += someone.willing < today[Param.LODGE_JOIN]
                    if someone.state == State.AT_SITE and not someone.has(CHILD):
                        aiming["exchange"] += someone.willing < today[Param.ONE_JOIN]
        if someone.state == State.AT_SITE or lodged:
            age = today.day - someone.arrived
            person_days[PersonDays.AT_SITE] += 1
            person_days[PersonDays.TIME_AT_SITE] += age
            person_days[PersonDays.CHILDREN_AT_SITE] += someone.has(CHILD)
            person_days[PersonDays.VULNERABLE_AT_SITE] += someone.has(VULNERABLE)
            person_days[PersonDays.OVER_A_YEAR] += age > _YEAR
    person_days[PersonDays.WITHOUT_DECISION] = (
        stock[State.CLAIM_UK] + stock[State.CLAIM_FRANCE] + stock[State.CLAIM_LODGED_CALAIS]
    )
    site = int(person_days[PersonDays.AT_SITE])
    standards = {
        PersonDays.WITHOUT_SHELTER: today[Param.SHELTER],
        PersonDays.BELOW_AREA_STANDARD: (
            today[Param.SHELTER] * min(1.0, today[Param.AREA] / today[Param.AREA_STANDARD])
        ),
        PersonDays.BELOW_TOILET_STANDARD: today[Param.TOILETS] * today[Param.TOILET_STANDARD],
        PersonDays.BELOW_WATER_STANDARD: today[Param.WATER] / today[Param.WATER_STANDARD],
    }
    for standard, enough_for in standards.items():
        person_days[standard] = max(0, site - int(enough_for))
    return aiming


def _learn(
    today: Day, counters: NDArray[np.int64], memory: NDArray[np.float64],
    juxtaposed: NDArray[np.int8], decision_day: int, aiming: dict[str, int],
) -> None:  # fmt: skip
    """Let people on site learn from the day: success by place, open boarding, routes, V0."""
    keep = 2.0 ** (-1.0 / today[Param.MEMORY])
    opening = [0.0, 0.0, 0.0]
    open_chances(today, juxtaposed, opening)
    reached = 0
    for place in range(3):
        # Who sat out the night without a lorry has tried too: parking out of reach is found out.
        died = today.count(Event.DIED, place)
        kinds = (Event.TURNED_BACK, Event.BOARDED, Event.NO_LORRY)
        tried = sum(today.count(event, place) for event in kinds) + died
        remembered = float(memory[Memory.DIED_CALAIS + place])
        memory[Memory.DIED_CALAIS + place] = keep * (remembered + died)
        memory[Memory.SUCCESS_CALAIS + place] *= keep
        remembered = float(memory[Memory.TRIED_CALAIS + place])
        memory[Memory.TRIED_CALAIS + place] = keep * (remembered + tried)
        old = float(memory[Memory.OPEN_CALAIS + place])
        memory[Memory.OPEN_CALAIS + place] = old + (1.0 - keep) * (opening[place] - old)
        reached += today.count(Event.OPEN_BOARDED, place)
    for k in range(2):
        died = today.count(Event.DIED, TRAIN + k)
        ways = (Event.TURNED_BACK, Event.BOARDED)
        tried = sum(today.count(event, TRAIN + k) for event in ways) + died
        remembered = float(memory[Memory.DIED_TRAIN + k])
        memory[Memory.DIED_TRAIN + k] = keep * (remembered + died)
        memory[Memory.SUCCESS_TRAIN + k] *= keep
        remembered = float(memory[Memory.TRIED_TRAIN + k])
        memory[Memory.TRIED_TRAIN + k] = keep * (remembered + tried)
    for place in range(NOWHERE):
        for event in (Event.CROSSED_UNSEEN, Event.FOUND_AFTER_SEA):
            reached += today.count(event, place)
    keep = 2.0 ** (-1.0 / today[Param.INFLOW_MEMORY])
    # Who is returned to France within weeks is not in the UK: the chance is of being there.
    reached -= today.count(Event.ONE_OUT, NOWHERE)
    memory[Memory.CROSSINGS] = keep * max(0.0, float(memory[Memory.CROSSINGS]) + reached)
    # Who waits for a decision tries less: a queue must not look like a poorer chance of crossing.
    trying = aiming["trying"] + today[Param.QUEUE_ATTEMPTS] * aiming["lodged"]
    memory[Memory.AIMING] = keep * (float(memory[Memory.AIMING]) + trying)
    route = _route_chance(today, counters, aiming)
    old = float(memory[Memory.ROUTE])
    memory[Memory.ROUTE] = old + (1.0 - keep) * (route - old)
    if decision_day - _CHANCE_WINDOW <= today.day < decision_day:
        memory[Memory.CHANCE_SUM] += chance(memory)
        counters[Counter.CHANCE_DAYS] += 1
        if today.day == decision_day - 1:
            total = float(memory[Memory.CHANCE_SUM])
            memory[Memory.CHANCE_START] = total / int(counters[Counter.CHANCE_DAYS])


def _route_chance(today: Day, counters: NDArray[np.int64], aiming: dict[str, int]) -> float:
    """Return the chance by the routes: taking it x success in time, those on site ahead."""
    lodge = centre = exchange = 0.0
    if today[Param.LODGE_OPEN] > 0.0 and today[Param.LODGE_CAPACITY] > 0.0:
        waiting = int(counters[Counter.CALAIS_ISSUED] - counters[Counter.CALAIS_SERVED])
        wait = today[Param.LODGE_TIME] + (waiting + aiming["lodge"]) / today[Param.LODGE_CAPACITY]
        granted = today[Param.NEED] * today[Param.LODGE_GRANT_NEED]
        granted += (1.0 - today[Param.NEED]) * today[Param.LODGE_GRANT_NOT]
        late = math.exp(min(700.0, (wait - 90.0) / 10.0))
        lodge = today[Param.LODGE_JOIN] * granted / (1.0 + late)
    if today[Param.CENTRE_OPEN] > 0.0:
        rate = today[Param.CENTRE_CAPACITY] / max(1.0, float(aiming["centre"]))
        centre = today[Param.CENTRE_JOIN] * (1.0 - math.exp(-90.0 * rate))
    if today[Param.ONE_OPEN] > 0.0:
        # What opens a place is a return: the chance is learnt from returns, and not promised.
        rate = today.count(Event.ONE_OUT, NOWHERE) / max(1.0, float(aiming["exchange"]))
        exchange = today[Param.ONE_JOIN] * (1.0 - math.exp(-90.0 * rate))
    return 1.0 - (1.0 - lodge) * (1.0 - centre) * (1.0 - exchange)


def _observe(
    today: Day, counters: NDArray[np.int64], memory: NDArray[np.float64],
    observed: NDArray[np.int64], site: int, ports: int, decision_day: int,
) -> None:  # fmt: skip
    """Write down what observers would have: counts with noise, arrests, finds, perceived chance."""
    z = normal_quantile(today.draw(Decision.OFFICIAL, today.day, 0))
    official = today[Param.OFFICIAL] * site * math.exp(today[Param.OFFICIAL_NOISE] * z)
    z = normal_quantile(today.draw(Decision.NGO, today.day, 0))
    ngo = today[Param.NGO] * site * math.exp(today[Param.NGO_NOISE] * z)
    observed[Observation.OFFICIAL_COUNT] = int(official + 0.5)
    observed[Observation.NGO_COUNT] = int(ngo + 0.5)
    prevented = arrested = 0
    for place in range(COLUMNS):
        prevented += today.count(Event.COUNTED, place)
        prevented += today.count(Event.FOUND_BEFORE_SEA, place)
        arrested += today.count(Event.ARRESTED, place)
    observed[Observation.PREVENTED_ATTEMPTS] = prevented
    others = poisson_quantile(today.draw(Decision.ARRESTS, today.day, 0), today[Param.ARRESTS])
    observed[Observation.ARRESTS] = arrested + others
    others = poisson_quantile(today.draw(Decision.PORTS, today.day, 0), today[Param.PORTS])
    ports += sum(today.count(Event.FOUND_AFTER_SEA, place) for place in (TRAIN, BOAT))
    observed[Observation.PORT_FINDS] = ports + others
    observed[Observation.CALAIS_BACKLOG] = (
        counters[Counter.CALAIS_ISSUED] - counters[Counter.CALAIS_SERVED]
    )
    observed[Observation.PERCEIVED_CHANCE] = int(chance(memory) * 1e6 + 0.5)
    factor = inflow_factor(today, memory, today.day, decision_day)
    observed[Observation.INFLOW_FACTOR] = int(factor * 1e6 + 0.5)


def finish(  # noqa: PLR0913 - the arguments of the compiled twin
    p: NDArray[np.float64], rows: NDArray[np.void], counters: NDArray[np.int64],
    memory: NDArray[np.float64], lags: NDArray[np.int64], book: NDArray[np.int64],
    keys: NDArray[np.uint64], day: int, decision_day: int, share: NDArray[np.float64],
    targeting: NDArray[np.float64], sensitivity: NDArray[np.float64], before: NDArray[np.int8],
    juxtaposed: NDArray[np.int8], vehicles: NDArray[np.int64], kinds: NDArray[np.int64],
    stock: NDArray[np.int64], person_days: NDArray[np.int64], observed: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """Run steps 5 to 9 of a day; return how many rows remain and a status, 0 when all is well."""
    today = Day(p, book, keys, day)
    people = read_people(rows)
    settled = dict(zip(vehicles.tolist(), kinds.tolist(), strict=True))
    ports = 0
    for someone in people:
        if someone.state != State.ABOARD:
            continue
        if counters[Counter.COUPLED]:
            kind = settled.get(someone.vehicle)
        else:
            kind = _expected_outcome(today, someone, share, targeting, sensitivity, before)
        if kind is not None:
            ports += _land(today, someone, kind, memory)
    lodge_claims(today, people, counters, lags, observed)
    decide_all(today, people, counters, lags, observed)
    aiming = _count(today, people, stock, person_days)
    remain = [someone for someone in people if someone.state < TERMINAL or someone.due >= 0]
    write_people(remain, rows)
    _learn(today, counters, memory, juxtaposed, decision_day, aiming)
    site = int(person_days[PersonDays.AT_SITE])
    _observe(today, counters, memory, observed, site, ports, decision_day)
    inside, ended = int(stock[:STOCKS].sum()), int(stock[STOCKS:].sum())
    arrived = sum(
        today.count(event, place)
        for event in (Event.ARRIVED, Event.ARRIVED_AGAIN)
        for place in range(COLUMNS)
    )
    balanced = counters[Counter.STOCK] + arrived == inside + ended
    counters[Counter.STOCK] = inside
    counters[Counter.ENDED] += ended
    counters[Counter.ARRIVALS] += arrived
    return len(remain), 0 if balanced else _LEDGER_BROKEN
