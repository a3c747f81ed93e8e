"""The second half of a day in plain Python: the specification of outcomes, asylum, observers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.engine.people_reference import (
    Day, Person, chance, inflow_factor, open_chances, poisson_quantile, read_people, write_people,
)  # fmt: skip
from straits.tables.people import (
    AIMS, CHILD, LAGS, NEED, REFUSED, STOCKS, TERMINAL, VULNERABLE, WILL_BE_ARRESTED, WILL_CLAIM,
    WILL_FADE, Counter, Decision, Event, Memory, Observation, PersonDays, State,
)  # fmt: skip
from straits.tables.people_parameters import Param

__all__ = ["finish", "normal_quantile"]

_CHANCE_WINDOW = 90
_YEAR = 365
_LEDGER_BROKEN = 1


@dataclass(frozen=True, slots=True)
class _System:
    """The words of one state's asylum system; `shift` moves a UK parameter to its own."""

    number: int
    shift: int
    claim: State
    appeal: State
    pending: State
    stuck: State
    protected: State
    granted: Event
    refused: Event
    appealed: Event
    allowed: Event
    returned: Event
    lost: Event
    claimed: Event
    grant_draw: Decision
    appeal_draw: Decision
    allowed_draw: Decision
    screen_draw: Decision
    documents_draw: Decision


_UK: Final = _System(
    0, 0, State.CLAIM_UK, State.APPEAL_UK, State.RETURN_PENDING_UK, State.NON_RETURNABLE_UK,
    State.PROTECTED_UK, Event.GRANTED_UK, Event.REFUSED_UK, Event.APPEALED_UK, Event.ALLOWED_UK,
    Event.RETURNED_UK, Event.NOT_RETURNABLE_UK, Event.CLAIMED_UK, Decision.UK_GRANT,
    Decision.UK_APPEAL, Decision.UK_ALLOWED, Decision.UK_SCREEN, Decision.UK_DOCUMENTS,
)  # fmt: skip
_FRANCE: Final = _System(
    1, Param.FR_BACKGROUND - Param.UK_BACKGROUND, State.CLAIM_FRANCE, State.APPEAL_FRANCE,
    State.RETURN_PENDING_FRANCE, State.NON_RETURNABLE_FRANCE, State.PROTECTED_FRANCE,
    Event.GRANTED_FRANCE, Event.REFUSED_FRANCE, Event.APPEALED_FRANCE, Event.ALLOWED_FRANCE,
    Event.RETURNED_FRANCE, Event.NOT_RETURNABLE_FRANCE, Event.CLAIMED_FRANCE, Decision.FR_GRANT,
    Decision.FR_APPEAL, Decision.FR_ALLOWED, Decision.FR_SCREEN, Decision.FR_DOCUMENTS,
)  # fmt: skip
_SYSTEMS: Final = (_UK, _FRANCE)


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


def _to_return(today: Day, someone: Person, system: _System) -> None:
    """Send a refused person to the return channel: screen first, then documents."""
    someone.since, someone.due = today.day, -1
    if someone.has(NEED):
        screened = today[Param.UK_SCREEN + system.shift]
        if today.draw_today(system.screen_draw, someone) < screened:
            today.note(Event.SCREENED, someone)
            someone.state = system.stuck
            return
    documents = today[Param.UK_DOCUMENTS + system.shift]
    if today.draw_today(system.documents_draw, someone) < documents:
        someone.state = system.pending
    else:
        today.note(system.lost, someone)
        someone.state = system.stuck


def _claim_uk(today: Day, someone: Person) -> None:
    someone.state, someone.since = State.CLAIM_UK, today.day
    someone.due = someone.ticket = -1


def _found_on_uk_soil(today: Day, someone: Person) -> None:
    """Let a person found on UK soil claim asylum there, or enter the return channel."""
    if today.draw_attempt(Decision.FOUND_CLAIM, someone) < today[Param.UK_CLAIM_FOUND]:
        _claim_uk(today, someone)
    else:
        _to_return(today, someone, _UK)


def _cross_unseen(today: Day, someone: Person) -> None:
    """Let a person be in the UK unseen, and settle what comes next and when."""
    found = today[Param.UK_FOUND_INLAND]
    u = today.draw_attempt(Decision.CROSSED, someone)
    v = today.draw_attempt(Decision.CROSSED_DELAY, someone)
    someone.state, someone.since = State.UK_UNSEEN, today.day
    if u < found:
        someone.then, wait = WILL_BE_ARRESTED, 3.0 * v
    elif u < found + (1.0 - found) * today[Param.UK_CLAIM]:
        someone.then, wait = WILL_CLAIM, -today[Param.UK_CLAIM_LAG] * math.log(1.0 - v)
    else:
        someone.then, wait = WILL_FADE, -today[Param.UK_FADE] * math.log(1.0 - v)
    someone.due = today.day + 1 + int(wait)


def _expected_outcome(
    today: Day, someone: Person, share: NDArray[np.float64], targeting: NDArray[np.float64],
    sensitivity: NDArray[np.float64], before: NDArray[np.int8],
) -> int:  # fmt: skip
    """Return what a search of the expected kind does: 0 found before the sea, 1 after, 2 unfound."""
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
    memory[Memory.SUCCESS_CALAIS + place] += 1.0
    if someone.then == State.CLAIM_LODGED_CALAIS:
        today.note(Event.WITHDREW_CALAIS, someone)
    if kind == 1:
        today.note(Event.FOUND_AFTER_SEA, someone, place)
        _found_on_uk_soil(today, someone)
        return 1
    today.note(Event.CROSSED_UNSEEN, someone, place)
    reported = today.draw_attempt(Decision.PORT_FOUND, someone) < today[Param.PORTS_SHARE]
    _cross_unseen(today, someone)
    return int(reported)


def _move_on(today: Day, someone: Person) -> None:
    """Take the step that a person's due day brings: centre, or unseen in the UK."""
    if someone.state == State.RECEPTION_CENTRE:
        u = today.draw_today(Decision.RECEPTION, someone)
        someone.due, someone.since = -1, today.day
        if u < today[Param.RECEPTION_CLAIM]:
            someone.state, someone.ticket = State.CLAIM_FRANCE, -1
        elif u < today[Param.RECEPTION_CLAIM] + today[Param.RECEPTION_BACK]:
            today.note(Event.BACK_FROM_RECEPTION, someone)
            someone.state = State.AT_SITE
        else:
            today.note(Event.LEFT_RECEPTION, someone)
            today.end(someone, State.LEFT_ELSEWHERE, today[Param.LEFT_AGAIN])
    elif someone.state == State.UK_UNSEEN:
        if someone.then == WILL_BE_ARRESTED:
            today.note(Event.ARRESTED, someone, someone.place)
            _found_on_uk_soil(today, someone)
        elif someone.then == WILL_CLAIM:
            _claim_uk(today, someone)
        else:
            today.note(Event.OUT_OF_VIEW, someone)
            today.end(someone, State.LEFT_ELSEWHERE, 0.0)


def _lodge_claims(
    today: Day, people: list[Person], counters: NDArray[np.int64], lags: NDArray[np.int64],
    observed: NDArray[np.int64],
) -> None:  # fmt: skip
    """Give tickets to new claims in both states and move the queues on, capacity a day."""
    for system in _SYSTEMS:
        background = today.quota(Param(Param.UK_BACKGROUND + system.shift))
        counters[Counter.UK_ISSUED + 2 * system.number] += background
        counters[Counter.UK_BACKGROUND + system.number] += background
        observed[Observation.UK_CLAIMS + 3 * system.number] = background
    for someone in people:
        if 0 <= someone.due <= today.day:
            _move_on(today, someone)
        for system in _SYSTEMS:
            if someone.state == system.claim and someone.ticket < 0:
                someone.ticket = int(counters[Counter.UK_ISSUED + 2 * system.number])
                counters[Counter.UK_ISSUED + 2 * system.number] += 1
                observed[Observation.UK_CLAIMS + 3 * system.number] += 1
                today.note(system.claimed, someone)
    for system in _SYSTEMS:
        issued = int(counters[Counter.UK_ISSUED + 2 * system.number])
        served = int(counters[Counter.UK_SERVED + 2 * system.number])
        lags[system.number, today.day % LAGS] = issued
        wait = min(int(today[Param.UK_TIME + system.shift]), LAGS - 1)
        ripe = int(lags[system.number, (today.day - wait) % LAGS])
        pace = today[Param.UK_STAFF + system.shift] * today[Param.UK_PACE + system.shift]
        reached = max(served, min(served + today.quota(pace), ripe))
        counters[Counter.UK_SERVED + 2 * system.number] = reached
        observed[Observation.UK_DECISIONS + 3 * system.number] = reached - served
        observed[Observation.UK_BACKLOG + 3 * system.number] = issued - reached


def _serve_calais(today: Day, people: list[Person], counters: NDArray[np.int64]) -> None:
    """Move the queue of claims lodged in Calais on: absent people take no one's turn."""
    if today[Param.LODGE_OPEN] <= 0.0:
        return
    served = counters[Counter.CALAIS_SERVED]
    waiting = sorted(
        someone.ticket
        for someone in people
        if someone.state == State.CLAIM_LODGED_CALAIS
        and someone.ticket >= served
        and someone.since + today[Param.LODGE_TIME] <= today.day
    )
    decided = waiting[: today.quota(Param.LODGE_CAPACITY)]
    if decided:
        counters[Counter.CALAIS_SERVED] = decided[-1] + 1


def _decide_calais(today: Day, someone: Person, served: int) -> None:
    """Decide a claim lodged in Calais whose turn has come, or void it when the route is shut."""
    if today[Param.LODGE_OPEN] <= 0.0:
        today.note(Event.WITHDREW_CALAIS, someone)
        someone.state, someone.since, someone.ticket = State.AT_SITE, today.day, -1
        return
    if someone.ticket >= served:
        return
    grant = today[Param.LODGE_GRANT_NEED if someone.has(NEED) else Param.LODGE_GRANT_NOT]
    someone.ticket = -1
    if today.draw_today(Decision.LODGED, someone) < grant:
        today.note(Event.GRANTED_CALAIS, someone)
        today.end(someone, State.PROTECTED_UK, 0.0)
        return
    today.note(Event.REFUSED_CALAIS, someone)
    someone.traits |= REFUSED
    u = today.draw_today(Decision.LODGED_NEXT, someone)
    if u < today[Param.LODGE_RETURN]:
        _to_return(today, someone, _FRANCE)
    elif u < today[Param.LODGE_RETURN] + today[Param.LODGE_STAY]:
        someone.state, someone.since = State.AT_SITE, today.day
    else:
        today.note(Event.LEFT, someone)
        today.end(someone, State.LEFT_ELSEWHERE, today[Param.LEFT_AGAIN])


def _decide(today: Day, someone: Person, system: _System) -> None:
    """Decide a claim for protection at first instance."""
    need = Param.UK_GRANT_NEED if someone.has(NEED) else Param.UK_GRANT_NOT
    someone.ticket, someone.since = -1, today.day
    if today.draw_today(system.grant_draw, someone) < today[need + system.shift]:
        today.note(system.granted, someone)
        today.end(someone, system.protected, 0.0)
        return
    today.note(system.refused, someone)
    if today.draw_today(system.appeal_draw, someone) < today[Param.UK_APPEAL + system.shift]:
        today.note(system.appealed, someone)
        someone.state = system.appeal
        someone.due = today.day + int(today[Param.UK_APPEAL_TIME + system.shift])
    else:
        _to_return(today, someone, system)


def _decide_appeal(today: Day, someone: Person, system: _System) -> None:
    """Decide an appeal: protection, or the return channel."""
    need = Param.UK_ALLOWED_NEED if someone.has(NEED) else Param.UK_ALLOWED_NOT
    if today.draw_today(system.allowed_draw, someone) < today[need + system.shift]:
        today.note(system.allowed, someone)
        today.end(someone, system.protected, 0.0)
    else:
        _to_return(today, someone, system)


def _send_back(today: Day, someone: Person, system: _System, left: list[int]) -> None:
    """Return a person, while capacity lasts, or give the return up after its limit."""
    if left[system.number] > 0:
        left[system.number] -= 1
        if someone.has(NEED):
            today.note(Event.WRONGLY_RETURNED, someone)
        today.note(system.returned, someone)
        today.end(someone, State.RETURNED, today[Param.RETURN_AGAIN])
    elif today.day - someone.since > today[Param.UK_RETURN_LIMIT + system.shift]:
        today.note(system.lost, someone)
        someone.state, someone.since = system.stuck, today.day


def _decide_all(today: Day, people: list[Person], counters: NDArray[np.int64]) -> None:
    """Decide claims and appeals, and carry out returns, in order of first arrival."""
    _serve_calais(today, people, counters)
    left = [today.quota(Param.UK_RETURNS), today.quota(Param.FR_RETURNS)]
    for someone in people:
        before = someone.state
        if before == State.CLAIM_LODGED_CALAIS:
            _decide_calais(today, someone, int(counters[Counter.CALAIS_SERVED]))
        for system in _SYSTEMS:
            served = counters[Counter.UK_SERVED + 2 * system.number]
            if before == system.claim and someone.ticket < served:
                _decide(today, someone, system)
            elif before == system.appeal and someone.due <= today.day:
                _decide_appeal(today, someone, system)
            elif before == system.pending and someone.since < today.day:
                _send_back(today, someone, system, left)


def _count(
    today: Day, people: list[Person], stock: NDArray[np.int64], person_days: NDArray[np.int64]
) -> dict[str, int]:
    """Count everyone by state, and the site by standard; return who aims for the UK."""
    aiming = {"all": 0, "lodge": 0, "centre": 0}
    for someone in people:
        if someone.state < TERMINAL or someone.since == today.day:
            stock[someone.state] += 1
        lodged = someone.state == State.CLAIM_LODGED_CALAIS
        if someone.state <= State.CLAIM_LODGED_CALAIS and someone.has(AIMS):
            aiming["all"] += 1
            if not lodged:
                aiming["centre"] += someone.willing < today[Param.CENTRE_JOIN]
                if not someone.has(REFUSED):
                    aiming["lodge"] += someone.willing < today[Param.LODGE_JOIN]
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
        tried = today.count(Event.TURNED_BACK, place) + today.count(Event.BOARDED, place)
        memory[Memory.SUCCESS_CALAIS + place] *= keep
        remembered = float(memory[Memory.TRIED_CALAIS + place])
        memory[Memory.TRIED_CALAIS + place] = keep * (remembered + tried)
        old = float(memory[Memory.OPEN_CALAIS + place])
        memory[Memory.OPEN_CALAIS + place] = old + (1.0 - keep) * (opening[place] - old)
        for event in (Event.CROSSED_UNSEEN, Event.FOUND_AFTER_SEA, Event.OPEN_BOARDED):
            reached += today.count(event, place)
    keep = 2.0 ** (-1.0 / today[Param.INFLOW_MEMORY])
    memory[Memory.CROSSINGS] = keep * (float(memory[Memory.CROSSINGS]) + reached)
    memory[Memory.AIMING] = keep * (float(memory[Memory.AIMING]) + aiming["all"])
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
    lodge = centre = 0.0
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
    return 1.0 - (1.0 - lodge) * (1.0 - centre)


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
    for place in range(4):
        prevented += today.count(Event.COUNTED, place)
        prevented += today.count(Event.FOUND_BEFORE_SEA, place)
        arrested += today.count(Event.ARRESTED, place)
    observed[Observation.PREVENTED_ATTEMPTS] = prevented
    others = poisson_quantile(today.draw(Decision.ARRESTS, today.day, 0), today[Param.ARRESTS])
    observed[Observation.ARRESTS] = arrested + others
    others = poisson_quantile(today.draw(Decision.PORTS, today.day, 0), today[Param.PORTS])
    observed[Observation.PORT_FINDS] = ports + others
    observed[Observation.CALAIS_BACKLOG] = (
        counters[Counter.CALAIS_ISSUED] - counters[Counter.CALAIS_SERVED]
    )
    observed[Observation.PERCEIVED_CHANCE] = int(chance(memory) * 1e6 + 0.5)
    factor = inflow_factor(today, memory, today.day, decision_day)
    observed[Observation.INFLOW_FACTOR] = int(factor * 1e6 + 0.5)


def finish(
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
    _lodge_claims(today, people, counters, lags, observed)
    _decide_all(today, people, counters)
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
        for place in range(4)
    )
    balanced = counters[Counter.STOCK] + arrived == inside + ended
    counters[Counter.STOCK] = inside
    counters[Counter.ENDED] += ended
    counters[Counter.ARRIVALS] += arrived
    return len(remain), 0 if balanced else _LEDGER_BROKEN
