"""Who is there, in plain Python: the specification of arrivals and of the site's closing.

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
    AIMS,
    ARRIVAL_SHIFT,
    CHILD,
    COHORT_CALAIS,
    COHORT_OTHER,
    COHORT_SHIFT,
    COHORT_START,
    GENERATION_SHIFT,
    NEED,
    NOWHERE,
    REFUSED,
    REWORKED,
    STAYER,
    TERMINAL,
    TIES,
    VULNERABLE,
    Counter,
    Decision,
    Event,
    Memory,
    State,
    pack_person_id,
)
from straits.tables.people_parameters import Param

__all__ = [
    "Day",
    "Person",
    "arrivals",
    "chance",
    "close_site",
    "come_back",
    "inflow_factor",
    "newcomers",
    "poisson_quantile",
    "read_people",
    "start",
    "to_centre",
    "write_people",
]

_CHANCE_FLOOR = 0.02  # a chance near zero would let the elasticity explode
_LAST_GENERATION = 100


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

    def quota(self, rate: float) -> int:
        """Return the whole units that a daily rate gives today; no unit is kept for later."""
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


def newcomers(today: Day, cohort: int, count: int) -> list[Person]:
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
    write_people(newcomers(Day(p, book, keys, 0), COHORT_START, rows.size), rows)


def close_site(today: Day, people: list[Person], counters: NDArray[np.int64]) -> None:
    """Empty the site on the day it closes: centres, other sites, elsewhere, or stay near it."""
    closed = today[Param.CLOSED] >= 0.5
    if closed and counters[Counter.CLOSED] == 0:
        centres = today[Param.CLOSED_CENTRES]
        stay = centres + today[Param.CLOSED_STAY]
        other = stay + today[Param.CLOSED_OTHER]
        places = int(today[Param.CLOSED_PLACES])
        for someone in people:
            if someone.state not in (State.AT_SITE, State.CLAIM_LODGED_CALAIS):
                continue
            u = today.draw_today(Decision.CLOSURE, someone)
            if u < centres and places == 0:  # who finds no place goes where the others go
                today.note(Event.RECEPTION_FULL, someone)
                u = centres + u / centres * (1.0 - centres)
            if centres <= u < stay:
                continue
            if someone.state == State.CLAIM_LODGED_CALAIS:
                today.note(Event.WITHDREW_CALAIS, someone)
            if u < centres:
                places -= 1
                to_centre(today, someone)
                continue
            today.note(Event.DISPERSED, someone)
            if u < other:
                someone.state, someone.since = State.AT_OTHER_SITE, today.day
            else:
                today.end(someone, State.LEFT_ELSEWHERE, today[Param.CLOSED_AGAIN])
    counters[Counter.CLOSED] = int(closed)


def to_centre(today: Day, someone: Person) -> None:
    """Take a person to a reception centre."""
    someone.state, someone.since = State.RECEPTION_CENTRE, today.day
    someone.due = today.day + int(today[Param.RECEPTION_STAY])
    today.note(Event.TO_RECEPTION, someone)


def come_back(today: Day, people: list[Person]) -> None:
    """Let those whose day has come arrive again, as new people one generation up."""
    for someone in people:
        if someone.state >= TERMINAL and 0 <= someone.due <= today.day:
            someone.person += 1 << GENERATION_SHIFT
            someone.arrived = someone.since = today.day
            someone.due = someone.ticket = -1
            someone.attempts = 0
            someone.state = State.AT_SITE
            someone.traits &= 255 - REFUSED - REWORKED
            someone.then = 0
            today.note(Event.ARRIVED_AGAIN, someone, 0)
