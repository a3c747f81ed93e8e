"""The first half of a day in plain Python: the specification of arrivals, choices, attempts.

One `Person` a row, one `Day` that knows the parameters, draws and notes events. Slow, and meant
to be read; the compiled twin gives the same rows and events bit for bit
(``tests/parity/test_people.py``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.engine.rng import uniform
from straits.tables.people import (
    AIMS, ARRIVAL_SHIFT, CHILD, COHORT_CALAIS, COHORT_OTHER, COHORT_SHIFT, COHORT_START,
    GENERATION_SHIFT, NEED, NOWHERE, REFUSED, STAYER, TERMINAL, TIES, VULNERABLE,
    Counter, Decision, Event, Memory, State, pack_person_id,
)  # fmt: skip
from straits.tables.people_parameters import Param

__all__ = [
    "Day", "Person", "arrivals", "begin", "chance", "inflow_factor", "open_chances",
    "poisson_quantile", "read_people", "start", "write_people",
]  # fmt: skip

_HOUR_TICKS = 3600 * 1024
_CHANCE_FLOOR = 0.02
_LAST_GENERATION = 100
_PLACES = range(3)
_WAYS = ("leave", "return", "claim", "removal", "family", "centre", "lodge", "uk_centre", "attempt")


@dataclass(slots=True)
class Person:
    """One person: the fields of a PERSON row."""

    person: int
    vehicle: int
    willing: float
    arrived: int
    since: int
    due: int
    ticket: int
    attempts: int
    state: int
    traits: int
    place: int
    then: int

    def has(self, trait: int) -> bool:
        """Say whether a trait is set."""
        return bool(self.traits & trait)


_NAMES = tuple(field.name for field in fields(Person))


def read_people(rows: NDArray[np.void]) -> list[Person]:
    """Return the rows as people."""
    return [Person(*row) for row in rows[list(_NAMES)].tolist()]


def write_people(people: Iterable[Person], rows: NDArray[np.void]) -> None:
    """Write people back into their rows."""
    for i, person in enumerate(people):
        rows[i] = tuple(getattr(person, name) for name in rows.dtype.names or ())


class Day:
    """One day: its number, parameters, draws, book of events."""

    def __init__(
        self, p: NDArray[np.float64], book: NDArray[np.int64], keys: NDArray[np.uint64], day: int
    ) -> None:
        self.day = int(day)
        self._p = [float(value) for value in p]
        self._book = book
        self._keys = [int(key) for key in keys]

    def __getitem__(self, param: int) -> float:
        """Return a parameter of the day."""
        return self._p[param]

    def draw(self, decision: Decision, entity: int, ordinal: int) -> float:
        """Return the addressed draw of a purpose [U(0, 1)]."""
        return uniform(self._keys[-1], self._keys[decision], entity, ordinal)

    def draw_today(self, decision: Decision, someone: Person) -> float:
        """Return a draw that is taken at most once a day: its ordinal is the days since arrival."""
        return self.draw(decision, someone.person, self.day - someone.arrived)

    def draw_attempt(self, decision: Decision, someone: Person) -> float:
        """Return a draw about an attempt: its ordinal is the attempt's number."""
        return self.draw(decision, someone.person, someone.attempts)

    def note(self, event: Event, someone: Person, place: int = NOWHERE) -> None:
        """Count an event, and write its row where a trace is kept."""
        self._book[event, place] += 1
        head = len(Event)
        if len(self._book) > head + 1:
            row = head + 1 + self._book[head, 0]
            self._book[head, 0] += 1
            self._book[row, :3] = (someone.person, event, place)

    def count(self, event: Event, place: int) -> int:
        """Return how often an event has happened today at a place."""
        return int(self._book[event, place])

    def quota(self, param: int | float) -> int:
        """Return the whole units that a daily rate gives today; no unit is kept for later."""
        rate = self[param] if isinstance(param, Param) else float(param)
        return math.floor(rate * (self.day + 1)) - math.floor(rate * self.day)

    def end(self, someone: Person, state: State, again: float) -> None:
        """Let a person leave the model; a share of `again` will come back after a while."""
        someone.state, someone.since, someone.vehicle, someone.due = state, self.day, -1, -1
        if again <= 0.0 or someone.person >> GENERATION_SHIFT >= _LAST_GENERATION:
            return
        if self.draw_today(Decision.AGAIN, someone) < again:
            u = self.draw_today(Decision.AGAIN_DELAY, someone)
            someone.due = self.day + 1 + int(-self[Param.AGAIN_DELAY] * math.log(1.0 - u))


def poisson_quantile(u: float, mean: float) -> int:
    """Return the smallest k with P(N <= k) >= u; above 100 the sum starts ten deviations below."""
    if mean <= 0.0:
        return 0
    k = max(0, int(mean - 10.0 * math.sqrt(mean))) if mean > 100.0 else 0
    mass = math.exp(k * math.log(mean) - mean - math.lgamma(k + 1.0)) if k else math.exp(-mean)
    total = mass
    while total < u and k < mean + 40.0 * math.sqrt(mean) + 60.0:
        k += 1
        mass *= mean / k
        total += mass
    return k


def chance(memory: NDArray[np.float64]) -> float:
    """Return the perceived chance of being in the UK within 90 days by any route."""
    aiming, crossings = float(memory[Memory.AIMING]), float(memory[Memory.CROSSINGS])
    rate = crossings / aiming if aiming > 0.0 else 0.0
    return 1.0 - math.exp(-90.0 * rate) * (1.0 - float(memory[Memory.ROUTE]))


def inflow_factor(p: Any, memory: NDArray[np.float64], day: int, decision_day: int) -> float:
    """Return (V / V0)^e, capped; V and V0 have a floor, and it acts from the decision day on."""
    start_chance = float(memory[Memory.CHANCE_START])
    if day < decision_day or start_chance <= 0.0 or p[Param.ELASTICITY] == 0.0:
        return 1.0
    ratio = max(chance(memory), _CHANCE_FLOOR) / max(start_chance, _CHANCE_FLOOR)
    return float(min(ratio ** float(p[Param.ELASTICITY]), float(p[Param.INFLOW_CAP])))


def arrivals(
    p: NDArray[np.float64], memory: NDArray[np.float64], keys: NDArray[np.uint64], day: int,
    decision_day: int, out: NDArray[np.int64],
) -> None:  # fmt: skip
    """Fill `out` with today's first arrivals at the site and at other sites [people]."""
    today = Day(p, out, keys, day)
    mean = today[Param.INFLOW] * today[Param.INFLOW_OUTLOOK]
    mean *= inflow_factor(today, memory, day, decision_day)
    expected = {COHORT_CALAIS: mean, COHORT_OTHER: mean * today[Param.INFLOW_OTHER]}
    if today[Param.CLOSED] >= 0.5:
        expected[COHORT_CALAIS] *= today[Param.CLOSED_INFLOW]
    for cohort, people in expected.items():
        u = today.draw(Decision.INFLOW, pack_person_id(cohort, day, 0), 0)
        out[cohort - COHORT_CALAIS] = poisson_quantile(u, people)


def _newcomers(today: Day, cohort: int, count: int) -> list[Person]:
    """Return the day's first arrivals of a cohort, with the traits drawn for them."""
    traits = {
        NEED: (Decision.TRAIT_NEED, Param.NEED),
        AIMS: (Decision.TRAIT_AIMS, Param.AIMS),
        TIES: (Decision.TRAIT_TIES, Param.TIES),
        CHILD: (Decision.TRAIT_CHILD, Param.CHILD),
        VULNERABLE: (Decision.TRAIT_VULNERABLE, Param.VULNERABLE),
        STAYER: (Decision.TRAIT_STAYER, Param.STAYER),
    }
    people = []
    for ordinal in range(count):
        person = (cohort << COHORT_SHIFT) | (today.day << ARRIVAL_SHIFT) | ordinal
        someone = Person(
            person=person, vehicle=-1, willing=today.draw(Decision.TRAIT_WILLING, person, 0),
            arrived=today.day, since=today.day, due=-1, ticket=-1, attempts=0,
            state=State.AT_OTHER_SITE if cohort == COHORT_OTHER else State.AT_SITE,
            traits=0, place=NOWHERE, then=0,
        )  # fmt: skip
        for bit, (decision, share) in traits.items():
            if today.draw(decision, person, 0) < today[share]:
                someone.traits |= bit
        if cohort != COHORT_START:
            today.note(Event.ARRIVED, someone, NOWHERE if cohort == COHORT_OTHER else 0)
        people.append(someone)
    return people


def start(
    p: NDArray[np.float64], rows: NDArray[np.void], book: NDArray[np.int64],
    keys: NDArray[np.uint64],
) -> None:  # fmt: skip
    """Write the people who are at the site when the plan begins."""
    write_people(_newcomers(Day(p, book, keys, 0), COHORT_START, rows.size), rows)


def _close_site(today: Day, people: list[Person], counters: NDArray[np.int64]) -> None:
    """Empty the site on the day it closes: centres, other sites, elsewhere, or stay near it."""
    closed = today[Param.CLOSED] >= 0.5
    if closed and counters[Counter.CLOSED] == 0:
        centres = today[Param.CLOSED_CENTRES]
        stay = centres + today[Param.CLOSED_STAY]
        other = stay + today[Param.CLOSED_OTHER]
        for someone in people:
            if someone.state not in (State.AT_SITE, State.CLAIM_LODGED_CALAIS):
                continue
            u = today.draw_today(Decision.CLOSURE, someone)
            if centres <= u < stay:
                continue
            if someone.state == State.CLAIM_LODGED_CALAIS:
                today.note(Event.WITHDREW_CALAIS, someone)
            if u < centres:
                _to_centre(today, someone)
                continue
            today.note(Event.DISPERSED, someone)
            if u < other:
                someone.state, someone.since = State.AT_OTHER_SITE, today.day
            else:
                today.end(someone, State.LEFT_ELSEWHERE, today[Param.CLOSED_AGAIN])
    counters[Counter.CLOSED] = int(closed)


def _to_centre(today: Day, someone: Person) -> None:
    someone.state, someone.since = State.RECEPTION_CENTRE, today.day
    someone.due = today.day + int(today[Param.RECEPTION_STAY])
    today.note(Event.TO_RECEPTION, someone)


def _come_back(today: Day, people: list[Person]) -> None:
    """Let those whose day has come arrive again, as new people one generation up."""
    for someone in people:
        if someone.state >= TERMINAL and 0 <= someone.due <= today.day:
            someone.person += 1 << GENERATION_SHIFT
            someone.arrived = someone.since = today.day
            someone.due = someone.ticket = -1
            someone.attempts = 0
            someone.state = State.AT_SITE
            someone.traits &= 255 - REFUSED
            today.note(Event.ARRIVED_AGAIN, someone, 0)


def open_chances(p: Any, juxtaposed: NDArray[np.int8], out: Any) -> None:
    """Fill `out` with the chance of being let aboard openly: a product over the controls."""
    free = float(p[Param.CARRIER_CHECKS_FREE])
    checks = free + float(p[Param.LIABILITY]) * (float(p[Param.CARRIER_CHECKS]) - free)
    exit_check = 1.0 - float(p[Param.OPEN_EXIT_SHARE]) * float(p[Param.OPEN_EXIT_SENSITIVITY])
    others = exit_check * (1.0 - checks * float(p[Param.CARRIER_SENSITIVITY]))
    for place in _PLACES:
        out[place] = others * float(p[Param.OPEN_UK]) if juxtaposed[place] else others


def _access(today: Day, juxtaposed: NDArray[np.int8]) -> list[float]:
    """Return the chance that an attempt is not turned back before boarding, by place."""
    out = []
    for place in _PLACES:
        access = min(1.0, today[Param.ACCESS] * today[Param.ACCESS_CALAIS + place])
        if not juxtaposed[place]:
            access += (1.0 - access) * today[Param.ACCESS_UK_PART]
        out.append(access)
    return out


def _shares(today: Day, memory: list[float], access: list[float]) -> list[float]:
    """Return cumulative shares of the six ways: lorries at three places, openly at three."""
    weight, reference = today[Param.PRIOR_ATTEMPTS], today[Param.REFERENCE_SUCCESS]
    reached: list[float] = []
    total = 0.0
    for place in _PLACES:
        success = (memory[Memory.SUCCESS_CALAIS + place] + weight * reference) / (
            memory[Memory.TRIED_CALAIS + place] + weight
        )
        total += (
            today[Param.WEIGHT_CALAIS + place]
            * access[place] ** today[Param.CHOICE_ACCESS]
            * success ** today[Param.CHOICE_SUCCESS]
        )
        reached.append(total)
    for place in _PLACES:
        perceived = memory[Memory.OPEN_CALAIS + place]
        total += today[Param.OPEN_CALAIS + place] * perceived ** today[Param.CHOICE_SUCCESS]
        reached.append(total)
    return [value / total for value in reached] if total > 0.0 else reached


def _attempt_rate(today: Day, memory: list[float]) -> float:
    """Return the attempts of a person aiming for the UK [1/d]; success draws a few more."""
    success = tried = 0.0
    for place in _PLACES:
        success += memory[Memory.SUCCESS_CALAIS + place]
        tried += memory[Memory.TRIED_CALAIS + place]
    weight, reference = today[Param.PRIOR_ATTEMPTS], today[Param.REFERENCE_SUCCESS]
    known = (success + weight * reference) / (tried + weight)
    learnt = (known / reference) ** today[Param.LEARNING]
    return today[Param.RATE] * today[Param.EPISODE] * today[Param.SEASON] * learnt


def _hazards(
    today: Day, someone: Person, leave: float, attempt: float, offered: dict[str, int]
) -> list[float]:
    """Return the day's competing hazards of one person, in the order of `_WAYS` [1/d]."""
    h = dict.fromkeys(_WAYS, 0.0)
    aims = someone.has(AIMS)
    slow = today[Param.LEAVE_STAYER] if someone.has(STAYER) else 1.0
    if someone.state == State.CLAIM_LODGED_CALAIS:
        h["leave"] = leave * slow * today[Param.LODGE_LEAVE]
        h["attempt"] = attempt * slow * today[Param.QUEUE_ATTEMPTS]
        return list(h.values())
    prefers = 1.0 if aims else today[Param.PREFERENCE]
    h["leave"] = leave * slow
    h["return"] = today[Param.VOLUNTARY] * slow
    h["claim"] = today[Param.CLAIM_FRANCE] * prefers * slow
    if someone.state == State.AT_SITE:
        if today[Param.CLOSED] >= 0.5:
            h["leave"] *= today[Param.CLOSED_HAZARD]
        h["leave"] += today[Param.LEAVE_EVENT] * slow
        if offered["removal"] > 0 and not someone.has(CHILD):
            h["removal"] = today[Param.REMOVAL_RATE] * slow
        if offered["family"] > 0 and someone.has(CHILD) and someone.has(TIES):
            h["family"] = today[Param.FAMILY_RATE]
        if offered["centre"] > 0:
            h["centre"] = today[Param.RECEPTION_RATE] * prefers * slow
    if aims:
        lodging = today[Param.LODGE_OPEN] > 0.0 and today[Param.LODGE_CAPACITY] > 0.0
        if lodging and not someone.has(REFUSED) and someone.willing < today[Param.LODGE_JOIN]:
            h["lodge"] = today[Param.LODGE_RATE]
        if today[Param.CENTRE_OPEN] > 0.0 and someone.willing < today[Param.CENTRE_JOIN]:
            h["uk_centre"] = today[Param.CENTRE_RATE]
        h["attempt"] = attempt * slow
    return list(h.values())


def _pick(hazards: list[float], u: float) -> str | None:
    """Return which of the competing hazards strikes under one uniform, if any does."""
    total = 0.0
    for hazard in hazards:
        total += hazard
    any_of_them = 1.0 - math.exp(-total)
    if u >= total or u >= any_of_them:
        return None
    target, reached, last = u / any_of_them * total, 0.0, None
    for way, hazard in zip(_WAYS, hazards, strict=True):
        if hazard > 0.0:
            reached, last = reached + hazard, way
            if target < reached:
                break
    return last


def _act(
    today: Day, someone: Person, way: str, left: dict[str, int], counters: NDArray[np.int64]
) -> None:
    """Carry out a choice other than an attempt; places go in order of first arrival."""
    if way == "leave":
        if someone.state == State.CLAIM_LODGED_CALAIS:
            today.note(Event.WITHDREW_CALAIS, someone)
        today.note(Event.LEFT, someone)
        today.end(someone, State.LEFT_ELSEWHERE, today[Param.LEFT_AGAIN])
    elif way == "return":
        today.note(Event.VOLUNTARY_RETURN, someone)
        today.end(someone, State.RETURNED, today[Param.RETURN_AGAIN])
    elif way == "claim":
        someone.state, someone.since, someone.ticket = State.CLAIM_FRANCE, today.day, -1
    elif way == "lodge":
        today.note(Event.LODGED_CALAIS, someone)
        someone.state, someone.since = State.CLAIM_LODGED_CALAIS, today.day
        someone.ticket = int(counters[Counter.CALAIS_ISSUED])
        counters[Counter.CALAIS_ISSUED] += 1
    elif left[way] <= 0:
        if way == "centre":
            today.note(Event.RECEPTION_FULL, someone)
        elif way == "uk_centre":
            today.note(Event.UK_CENTRE_FULL, someone)
    elif way == "removal":
        _remove(today, someone, left)
    else:
        left[way] -= 1
        if way == "centre":
            _to_centre(today, someone)
            return
        moved = Event.FAMILY_TRANSFER if way == "family" else Event.TO_UK_CENTRE
        today.note(moved, someone)
        someone.state, someone.since, someone.ticket = State.CLAIM_UK, today.day, -1


def _remove(today: Day, someone: Person, left: dict[str, int]) -> None:
    """Remove a person from the site, unless the screen recognises a need of protection."""
    if someone.has(NEED):
        if today.draw_today(Decision.SCREEN, someone) < today[Param.REMOVAL_SCREEN]:
            today.note(Event.SCREENED, someone)
            return
        today.note(Event.WRONGLY_RETURNED, someone)
    left["removal"] -= 1
    today.note(Event.REMOVED, someone)
    today.end(someone, State.RETURNED, today[Param.RETURN_AGAIN])


def _choose(
    today: Day, people: list[Person], counters: NDArray[np.int64], memory: list[float],
    shares: list[float],
) -> list[tuple[int, int]]:  # fmt: skip
    """Let everyone choose once; return the attempts: row, and way in the order of `shares`."""
    leave = today[Param.LEAVE]
    if today[Param.LEAVE_CROWDING] > 0.0:
        site = sum(someone.state == State.AT_SITE for someone in people)
        leave *= (site / today[Param.LEAVE_REFERENCE]) ** today[Param.LEAVE_CROWDING]
    attempt = _attempt_rate(today, memory) if shares[-1] > 0.0 else 0.0
    offered = {
        "removal": today.quota(Param.REMOVAL_CAPACITY),
        "family": today.quota(Param.FAMILY_CAPACITY),
        "centre": today.quota(Param.RECEPTION_CAPACITY),
        "uk_centre": today.quota(Param.CENTRE_CAPACITY),
    }
    left = dict(offered)
    tries: list[tuple[int, int]] = []
    for i, someone in enumerate(people):
        if someone.state <= State.CLAIM_LODGED_CALAIS:
            u = today.draw_today(Decision.CHOICE, someone)
            way = _pick(_hazards(today, someone, leave, attempt, offered), u)
            if way == "attempt":
                someone.attempts += 1
                u = today.draw_attempt(Decision.PLACE, someone)
                tries.append((i, sum(u >= share for share in shares[:5])))
            elif way is not None:
                _act(today, someone, way, left, counters)
        elif someone.state in (State.NON_RETURNABLE_UK, State.NON_RETURNABLE_FRANCE):
            uk = someone.state == State.NON_RETURNABLE_UK
            rate = today[Param.UK_STUCK_LEAVE if uk else Param.FR_STUCK_LEAVE]
            if today.draw_today(Decision.CHOICE, someone) < 1.0 - math.exp(-rate):
                today.note(Event.LEFT, someone)
                today.end(someone, State.LEFT_ELSEWHERE, 0.0)
    return tries


def _meetings(today: Day, exposure: NDArray[np.int64], wanted: list[int]) -> list[float]:
    """Return the chance that an attempt meets a stationary lorry, by place: (1 - e^-x) / x."""
    out = []
    for place in _PLACES:
        standing = int(exposure[place].sum())
        hours = standing / _HOUR_TICKS + today[Param.PARKED_CALAIS + place]
        room = today[Param.MATCHING] * hours * (1.0 - today[Param.SECURED_CALAIS + place])
        x = wanted[place] / room if room > 0.0 else math.inf
        out.append(0.0 if x == math.inf else 1.0 if x == 0.0 else (1.0 - math.exp(-x)) / x)
    return out


def _instant(standing: list[int], u: float) -> int:
    """Return the instant of a boarding, spread over the day as stationary lorries are [ticks]."""
    if sum(standing) == 0:
        return int(u * 24 * _HOUR_TICKS)
    target, reached = u * sum(standing), 0.0
    for hour, part in enumerate(standing):
        if part > 0 and target < reached + part:
            return hour * _HOUR_TICKS + int((target - reached) / part * _HOUR_TICKS)
        reached += part
    return 24 * _HOUR_TICKS - 1


def _try_openly(today: Day, someone: Person, place: int, opening: list[float]) -> None:
    """Let a person present themselves with a ticket."""
    today.note(Event.OPEN_TRIED, someone, place)
    if today.draw_attempt(Decision.OPEN, someone) >= opening[place]:
        return
    today.note(Event.OPEN_BOARDED, someone, place)
    if someone.state == State.CLAIM_LODGED_CALAIS:
        today.note(Event.WITHDREW_CALAIS, someone)
    claims = today.draw_attempt(Decision.OPEN_CLAIM, someone) < today[Param.OPEN_CLAIM]
    someone.state = State.CLAIM_UK if claims else State.RETURN_PENDING_UK
    someone.since, someone.ticket, someone.place = today.day, -1, place


def _try_lorry(today: Day, someone: Person, place: int, meets: float, access: float) -> bool:
    """Let a person try a lorry; say whether they got in."""
    if today.draw_attempt(Decision.MATCH, someone) >= meets:
        today.note(Event.NO_LORRY, someone, place)
        return False
    if today.draw_attempt(Decision.INJURY, someone) < today[Param.INJURY]:
        today.note(Event.INJURED, someone, place)
    if today.draw_attempt(Decision.DRIVER, someone) < today[Param.DRIVER]:
        today.note(Event.DRIVER_INCIDENT, someone, place)
    if today.draw_attempt(Decision.DEATH, someone) < today[Param.DEATH]:
        if someone.state == State.CLAIM_LODGED_CALAIS:
            today.note(Event.WITHDREW_CALAIS, someone)
        today.note(Event.DIED, someone, place)
        today.end(someone, State.DIED, 0.0)
        return False
    if today.draw_attempt(Decision.ACCESS, someone) >= access:
        today.note(Event.TURNED_BACK, someone, place)
        if today.draw_attempt(Decision.COUNTED, someone) < today[Param.COUNTED]:
            today.note(Event.COUNTED, someone, place)
        return False
    today.note(Event.BOARDED, someone, place)
    someone.then, someone.state = someone.state, State.ABOARD
    someone.vehicle, someone.place = -1, place
    return True


def begin(
    p: NDArray[np.float64], rows: NDArray[np.void], known: int, counts: NDArray[np.int64],
    counters: NDArray[np.int64], memory: NDArray[np.float64], book: NDArray[np.int64],
    keys: NDArray[np.uint64], day: int, exposure: NDArray[np.int64],
    juxtaposed: NDArray[np.int8], board_row: NDArray[np.int64], board_place: NDArray[np.int64],
    board_instant: NDArray[np.int64],
) -> int:  # fmt: skip
    """Run steps 1 to 3 of a day; rows from `known` on are for today's first arrivals."""
    today = Day(p, book, keys, day)
    people = read_people(rows[:known])
    _close_site(today, people, counters)
    _come_back(today, people)
    people += _newcomers(today, COHORT_CALAIS, int(counts[0]))
    people += _newcomers(today, COHORT_OTHER, int(counts[1]))
    known_now = [float(value) for value in memory]
    opening = [0.0, 0.0, 0.0]
    open_chances(today, juxtaposed, opening)
    access = _access(today, juxtaposed)
    tries = _choose(today, people, counters, known_now, _shares(today, known_now, access))
    wanted = [sum(how == place for _, how in tries) for place in _PLACES]
    meets = _meetings(today, exposure, wanted)
    boarded = 0
    for i, how in tries:
        someone, place = people[i], how % 3
        if how >= 3:
            _try_openly(today, someone, place, opening)
        elif _try_lorry(today, someone, place, meets[place], access[place]):
            u = today.draw_attempt(Decision.INSTANT, someone)
            board_row[boarded], board_place[boarded] = i, place
            board_instant[boarded] = _instant([int(part) for part in exposure[place]], u)
            boarded += 1
    write_people(people, rows)
    return boarded
