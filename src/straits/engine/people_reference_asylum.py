"""Claims, decisions, returns in plain Python: the specification of step 6 of a day.

What happens while a claim waits is in ``people_reference_waiting``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.engine.people_reference import Day, Person
from straits.tables.people import (
    CHILD,
    LAGS,
    NEED,
    REFUSED,
    REWORKED,
    UK_KEEPS,
    WILL_BE_ARRESTED,
    WILL_CLAIM,
    WILL_FADE,
    Counter,
    Decision,
    Event,
    Observation,
    State,
)
from straits.tables.people_parameters import Param

__all__ = ["SYSTEMS", "System", "cross_unseen", "decide_all", "found_on_uk_soil", "landed_openly",
           "move_on"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class System:
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
    withdrew: Event
    absconded: Event
    reworked: Event
    rework_draw: Decision
    challenged: Event
    stopped: Event
    challenge_draw: Decision
    stopped_draw: Decision


_UK: Final = System(
    0, 0, State.CLAIM_UK, State.APPEAL_UK, State.RETURN_PENDING_UK, State.NON_RETURNABLE_UK,
    State.PROTECTED_UK, Event.GRANTED_UK, Event.REFUSED_UK, Event.APPEALED_UK, Event.ALLOWED_UK,
    Event.RETURNED_UK, Event.NOT_RETURNABLE_UK, Event.CLAIMED_UK, Decision.UK_GRANT,
    Decision.UK_APPEAL, Decision.UK_ALLOWED, Decision.UK_SCREEN, Decision.UK_DOCUMENTS,
    Event.WITHDREW_UK, Event.ABSCONDED_UK, Event.REWORKED_UK, Decision.UK_REWORK,
    Event.CHALLENGED_UK, Event.STOPPED_UK, Decision.UK_CHALLENGE, Decision.UK_STOPPED,
)  # fmt: skip
_FRANCE: Final = System(
    1, Param.FR_BACKGROUND - Param.UK_BACKGROUND, State.CLAIM_FRANCE, State.APPEAL_FRANCE,
    State.RETURN_PENDING_FRANCE, State.NON_RETURNABLE_FRANCE, State.PROTECTED_FRANCE,
    Event.GRANTED_FRANCE, Event.REFUSED_FRANCE, Event.APPEALED_FRANCE, Event.ALLOWED_FRANCE,
    Event.RETURNED_FRANCE, Event.NOT_RETURNABLE_FRANCE, Event.CLAIMED_FRANCE, Decision.FR_GRANT,
    Decision.FR_APPEAL, Decision.FR_ALLOWED, Decision.FR_SCREEN, Decision.FR_DOCUMENTS,
    Event.WITHDREW_FRANCE, Event.ABSCONDED_FRANCE, Event.REWORKED_FRANCE, Decision.FR_REWORK,
    Event.CHALLENGED_FRANCE, Event.STOPPED_FRANCE, Decision.FR_CHALLENGE, Decision.FR_STOPPED,
)  # fmt: skip
SYSTEMS: Final = (_UK, _FRANCE)


def _to_return(today: Day, someone: Person, system: System) -> None:
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
        challenged = today[Param.UK_CHALLENGE + system.shift]
        if today.draw_today(system.challenge_draw, someone) < challenged:
            today.note(system.challenged, someone)
            someone.due = today.day + int(today[Param.UK_CHALLENGE_TIME + system.shift])
    else:
        today.note(system.lost, someone)
        someone.state = system.stuck


def _claim_uk(today: Day, someone: Person) -> None:
    """Let a person on UK soil claim asylum; for some, another state is asked to take charge."""
    someone.state, someone.since, someone.then = State.CLAIM_UK, today.day, 0
    someone.due = someone.ticket = -1
    share = today[Param.UK_DUBLIN_SHARE]
    if share <= 0.0 or someone.has(CHILD):
        return
    if today.draw_today(Decision.DUBLIN, someone) < share:
        today.note(Event.DUBLIN_ASKED, someone)
        someone.due = today.day + int(today[Param.UK_DUBLIN_LIMIT])


def cross_unseen(today: Day, someone: Person) -> None:
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


def found_on_uk_soil(today: Day, someone: Person) -> None:
    """Let a person found on UK soil claim asylum there, or enter the return channel."""
    if today.draw_attempt(Decision.FOUND_CLAIM, someone) < today[Param.UK_CLAIM_FOUND]:
        _claim_uk(today, someone)
    else:
        _to_return(today, someone, _UK)


def landed_openly(today: Day, someone: Person) -> None:
    """Let a person who came by ticket claim asylum, or enter the return channel."""
    if today.draw_attempt(Decision.OPEN_CLAIM, someone) < today[Param.OPEN_CLAIM]:
        _claim_uk(today, someone)
    else:
        someone.ticket = -1
        _to_return(today, someone, _UK)


def move_on(today: Day, someone: Person) -> None:
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
            found_on_uk_soil(today, someone)
        elif someone.then == WILL_CLAIM:
            _claim_uk(today, someone)
        else:
            today.note(Event.OUT_OF_VIEW, someone)
            today.end(someone, State.LEFT_ELSEWHERE, 0.0)


def _serve_calais(today: Day, people: list[Person], counters: NDArray[np.int64]) -> None:
    """Move the queue of claims lodged in Calais on: absent people take no one's turn."""
    if today[Param.LODGE_OPEN] <= 0.0:
        counters[Counter.CALAIS_SERVED] = counters[Counter.CALAIS_ISSUED]  # what waited is void
        return
    served = counters[Counter.CALAIS_SERVED]
    waiting = sorted(
        someone.ticket
        for someone in people
        if someone.state == State.CLAIM_LODGED_CALAIS
        and someone.ticket >= served
        and someone.since + today[Param.LODGE_TIME] <= today.day
    )
    decided = waiting[: today.quota(today[Param.LODGE_CAPACITY])]
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


def _sent_back(
    today: Day, someone: Person, system: System, counters: NDArray[np.int64]
) -> bool:
    """Say whether a first decision is to be made again: the claim then queues once more."""
    again = today[Param.UK_REWORK + system.shift]
    if again <= 0.0 or someone.has(REWORKED):
        return False
    if today.draw_today(system.rework_draw, someone) >= again:
        return False
    today.note(system.reworked, someone)
    someone.traits |= REWORKED
    someone.then, someone.since = UK_KEEPS, today.day
    someone.ticket = int(counters[Counter.UK_ISSUED + 2 * system.number])
    counters[Counter.UK_ISSUED + 2 * system.number] += 1
    return True


def _decide(today: Day, someone: Person, system: System) -> None:
    """Decide a claim for protection at first instance."""
    someone.traits &= 255 - REWORKED
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


def _decide_appeal(today: Day, someone: Person, system: System) -> None:
    """Decide an appeal: protection, or the return channel."""
    need = Param.UK_ALLOWED_NEED if someone.has(NEED) else Param.UK_ALLOWED_NOT
    if today.draw_today(system.allowed_draw, someone) < today[need + system.shift]:
        today.note(system.allowed, someone)
        today.end(someone, system.protected, 0.0)
    else:
        _to_return(today, someone, system)


def _stopped(today: Day, someone: Person, system: System) -> bool:
    """Say whether a court holds a person back today: until it has ruled, or because it did."""
    if someone.due > today.day:
        return True
    someone.due = -1
    upheld = Param.UK_STOPPED_NEED if someone.has(NEED) else Param.UK_STOPPED_NOT
    if today.draw_today(system.stopped_draw, someone) >= today[upheld + system.shift]:
        return False
    today.note(system.stopped, someone)
    someone.state, someone.since = system.stuck, today.day
    return True


def _send_back(today: Day, someone: Person, system: System, left: list[int]) -> None:
    """Return a person, while capacity lasts, or give the return up after its limit."""
    if someone.due >= 0 and _stopped(today, someone, system):
        return
    if left[system.number] > 0:
        left[system.number] -= 1
        if someone.has(NEED):
            today.note(Event.WRONGLY_RETURNED, someone)
        today.note(system.returned, someone)
        today.end(someone, State.RETURNED, today[Param.RETURN_AGAIN])
    elif today.day - someone.since > today[Param.UK_RETURN_LIMIT + system.shift]:
        today.note(system.lost, someone)
        someone.state, someone.since = system.stuck, today.day


def _close_day(
    today: Day, system: System, ours: int, counters: NDArray[np.int64], lags: NDArray[np.int64],
    observed: NDArray[np.int64],
) -> None:  # fmt: skip
    """Send decisions of others back at the same share, and write the queue down.

    A claim that is decided twice takes two decisions, of which the second stands, so that of all
    decisions on others' claims r / (1 + r) are sent back. `ours` are the tickets of people in the
    model that were reached today.
    """
    again = today[Param.UK_REWORK + system.shift]
    others = int(observed[Observation.UK_DECISIONS + 3 * system.number]) - ours
    extra = today.quota(others * (again / (1.0 + again)))
    counters[Counter.UK_ISSUED + 2 * system.number] += extra
    counters[Counter.UK_REWORKED + system.number] += extra
    issued = counters[Counter.UK_ISSUED + 2 * system.number]
    lags[system.number, today.day % LAGS] = issued
    served = counters[Counter.UK_SERVED + 2 * system.number]
    observed[Observation.UK_BACKLOG + 3 * system.number] = issued - served


def decide_all(
    today: Day, people: list[Person], counters: NDArray[np.int64], lags: NDArray[np.int64],
    observed: NDArray[np.int64],
) -> None:  # fmt: skip
    """Decide claims and appeals, and carry out returns, in order of first arrival."""
    _serve_calais(today, people, counters)
    left = [today.quota(today[Param.UK_RETURNS + system.shift]) for system in SYSTEMS]
    judges = [today.quota(today[Param.UK_APPEALS + system.shift]) for system in SYSTEMS]
    ours = [0, 0]
    for someone in people:
        before = someone.state
        if before == State.CLAIM_LODGED_CALAIS:
            _decide_calais(today, someone, int(counters[Counter.CALAIS_SERVED]))
        for system in SYSTEMS:
            served = counters[Counter.UK_SERVED + 2 * system.number]
            if before == system.claim and 0 <= someone.ticket < served:
                first = served - observed[Observation.UK_DECISIONS + 3 * system.number]
                ours[system.number] += bool(someone.ticket >= first)
                # While another state is asked the turn is kept, not used.
                if someone.due <= today.day and not _sent_back(today, someone, system, counters):
                    _decide(today, someone, system)
            elif before == system.appeal and someone.due <= today.day:
                if judges[system.number] > 0:
                    judges[system.number] -= 1
                    _decide_appeal(today, someone, system)
            elif before == system.pending and someone.since < today.day:
                _send_back(today, someone, system, left)
    for system in SYSTEMS:
        _close_day(today, system, ours[system.number], counters, lags, observed)
