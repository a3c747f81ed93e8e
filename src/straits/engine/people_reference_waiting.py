"""While a claim waits, in plain Python: giving it up, going to another state, the queues."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.engine.people_reference import Day, Person
from straits.engine.people_reference_asylum import SYSTEMS, System, move_on
from straits.tables.people import (
    CHILD,
    LAGS,
    REFUSED,
    REWORKED,
    UK_KEEPS,
    Counter,
    Decision,
    Event,
    Observation,
    State,
)
from straits.tables.people_parameters import Param

__all__ = ["lodge_claims"]

# Those who wait are asked every eighth day: months make the hazard, and a draw a day costs.
_EVERY: Final = 8
_UK: Final = SYSTEMS[0]


def _goes_to_coast(today: Day, someone: Person, coast: float, decision: Decision) -> bool:
    """Let a person who is in France go back to the coast, by a share; say whether they do."""
    someone.ticket = someone.due = -1
    someone.since, someone.then = today.day, 0
    someone.traits &= 255 - REWORKED
    if today.draw_today(decision, someone) >= coast:
        return False
    today.note(Event.BACK_AT_SITE, someone)
    someone.state = State.AT_SITE
    return True


def _give_up(today: Day, someone: Person, system: System) -> None:
    """Let a person who waits withdraw the claim or drop out of view."""
    withdraw = _EVERY * today[Param.UK_WITHDRAWAL + system.shift]
    abscond = _EVERY * today[Param.UK_ABSCONDING + system.shift]
    total = withdraw + abscond
    if total <= 0.0:
        return
    u = today.draw_today(Decision.WAITING, someone)
    either = 1.0 - math.exp(-total)
    if u >= either:
        return
    withdrew = abscond <= 0.0 or u / either * total < withdraw
    today.note(system.withdrew if withdrew else system.absconded, someone)
    if system is not _UK:
        if not _goes_to_coast(today, someone, today[Param.FR_TO_SITE], Decision.WITHDRAWN_TO):
            today.end(someone, State.LEFT_ELSEWHERE, today[Param.LEFT_AGAIN])
    elif withdrew:
        today.end(someone, State.RETURNED, today[Param.RETURN_AGAIN])
    else:
        today.end(someone, State.LEFT_ELSEWHERE, 0.0)


def _return_in_exchange(today: Day, someone: Person, counters: NDArray[np.int64]) -> None:
    """Return a person from the UK to France: a place opens for someone there."""
    counters[Counter.ONE_OUT] += 1
    today.note(Event.ONE_OUT, someone)
    someone.traits |= REFUSED
    if not _goes_to_coast(today, someone, today[Param.ONE_COAST], Decision.ONE_OUT_TO):
        someone.state = State.CLAIM_FRANCE


def _transfer(today: Day, someone: Person) -> None:
    """Transfer a person from the UK to the state that takes charge of the claim."""
    if today.draw_today(Decision.DUBLIN_TO, someone) < today[Param.UK_DUBLIN_FRANCE]:
        today.note(Event.DUBLIN_TO_FRANCE, someone)
        someone.state, someone.since, someone.then = State.CLAIM_FRANCE, today.day, 0
        someone.ticket = someone.due = -1
    else:
        today.note(Event.DUBLIN_ELSEWHERE, someone)
        today.end(someone, State.LEFT_ELSEWHERE, 0.0)


def _wait(
    today: Day, someone: Person, system: System, left: dict[str, int], counters: NDArray[np.int64]
) -> None:
    """Let the day act on a person whose claim waits for its first decision."""
    if system is _UK:
        in_time = today.day - someone.since <= today[Param.ONE_WINDOW]
        exchanged = in_time and someone.then != UK_KEEPS and not someone.has(CHILD)
        if left["exchange"] > 0 and exchanged:
            left["exchange"] -= 1
            _return_in_exchange(today, someone, counters)
            return
        if 0 <= someone.due <= today.day:
            today.note(Event.DUBLIN_LAPSED, someone)
            someone.due = -1
        elif someone.due >= 0 and left["dublin"] > 0:
            left["dublin"] -= 1
            _transfer(today, someone)
            return
    if (today.day - someone.since) % _EVERY == 0:
        _give_up(today, someone, system)


def lodge_claims(
    today: Day, people: list[Person], counters: NDArray[np.int64], lags: NDArray[np.int64],
    observed: NDArray[np.int64],
) -> None:  # fmt: skip
    """Let those who wait act, ticket new claims in both states, move the queues on.

    A place is a number, and the claims of others have no row, so a queue cannot skip whoever is
    gone: their turn comes and closes a file. The staff that documents derive from claims and
    backlogs did that work too.
    """
    for system in SYSTEMS:
        background = today.quota(today[Param.UK_BACKGROUND + system.shift])
        counters[Counter.UK_ISSUED + 2 * system.number] += background
        counters[Counter.UK_BACKGROUND + system.number] += background
        observed[Observation.UK_CLAIMS + 3 * system.number] = background
    left = {"exchange": 0, "dublin": today.quota(today[Param.UK_DUBLIN_CAPACITY])}
    registered = [today.quota(today[Param.UK_REGISTERED + system.shift]) for system in SYSTEMS]
    if today[Param.ONE_OPEN] > 0.0:
        left["exchange"] = today.quota(today[Param.ONE_CAPACITY])
    for someone in people:
        if 0 <= someone.due <= today.day:
            move_on(today, someone)
        for system in SYSTEMS:
            if someone.state == system.claim and someone.ticket >= 0 and someone.since < today.day:
                _wait(today, someone, system, left, counters)
            waits = someone.state == system.claim and someone.ticket < 0
            if waits and registered[system.number] > 0:
                registered[system.number] -= 1
                someone.ticket = int(counters[Counter.UK_ISSUED + 2 * system.number])
                counters[Counter.UK_ISSUED + 2 * system.number] += 1
                observed[Observation.UK_CLAIMS + 3 * system.number] += 1
                today.note(system.claimed, someone)
    for system in SYSTEMS:
        issued = int(counters[Counter.UK_ISSUED + 2 * system.number])
        served = int(counters[Counter.UK_SERVED + 2 * system.number])
        lags[system.number, today.day % LAGS] = issued
        wait = min(int(today[Param.UK_TIME + system.shift]), LAGS - 1)
        ripe = int(lags[system.number, (today.day - wait) % LAGS])
        pace = today[Param.UK_STAFF + system.shift] * today[Param.UK_PACE + system.shift]
        reached = max(served, min(served + today.quota(pace), ripe))
        counters[Counter.UK_SERVED + 2 * system.number] = reached
        observed[Observation.UK_DECISIONS + 3 * system.number] = reached - served
