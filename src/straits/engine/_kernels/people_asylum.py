"""Claims, decisions, returns, compiled: step 6 of a day; the twin is ``people_reference_asylum``.

What happens while a claim waits is in ``people_waiting``.

The arguments are those of ``people``; `system` is 0 for the UK and 1 for France.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.inline import kernel
from straits.engine._kernels.people import draw, end, note, quota
from straits.tables.people import (
    CHILD,
    LAGS,
    NEED,
    NOWHERE,
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

SPAN = Param.FR_BACKGROUND - Param.UK_BACKGROUND  # France's block of parameters


@kernel
def to_return(row, system, p, book, keys, day):
    """Send a refused person to the return channel: screen first, then documents."""
    shift = system * SPAN
    uk = system == 0
    age = day - row.arrived
    row.since = day
    row.due = -1
    pending = State.RETURN_PENDING_UK if uk else State.RETURN_PENDING_FRANCE
    stuck = State.NON_RETURNABLE_UK if uk else State.NON_RETURNABLE_FRANCE
    if row.traits & NEED:
        screen = Decision.UK_SCREEN if uk else Decision.FR_SCREEN
        if draw(keys, screen, row.person, age) < p[Param.UK_SCREEN + shift]:
            note(book, row.person, Event.SCREENED, NOWHERE)
            row.state = stuck
            return
    documents = Decision.UK_DOCUMENTS if uk else Decision.FR_DOCUMENTS
    if draw(keys, documents, row.person, age) < p[Param.UK_DOCUMENTS + shift]:
        row.state = pending
        challenge = Decision.UK_CHALLENGE if uk else Decision.FR_CHALLENGE
        if draw(keys, challenge, row.person, age) < p[Param.UK_CHALLENGE + shift]:
            note(book, row.person, Event.CHALLENGED_UK if uk else Event.CHALLENGED_FRANCE, NOWHERE)
            row.due = day + int(p[Param.UK_CHALLENGE_TIME + shift])
    else:
        lost = Event.NOT_RETURNABLE_UK if uk else Event.NOT_RETURNABLE_FRANCE
        note(book, row.person, lost, NOWHERE)
        row.state = stuck


@kernel
def claim_uk(row, p, book, keys, day):
    """Let a person on UK soil claim asylum; for some, another state is asked to take charge."""
    row.state = State.CLAIM_UK
    row.since = day
    row.due = -1
    row.ticket = -1
    row.then = 0
    share = p[Param.UK_DUBLIN_SHARE]
    if share <= 0.0 or row.traits & CHILD:
        return
    if draw(keys, Decision.DUBLIN, row.person, day - row.arrived) < share:
        note(book, row.person, Event.DUBLIN_ASKED, NOWHERE)
        row.due = day + int(p[Param.UK_DUBLIN_LIMIT])


@kernel
def cross_unseen(row, p, keys, day):
    """Let a person be in the UK unseen, and settle what comes next and when."""
    found = p[Param.UK_FOUND_INLAND]
    u = draw(keys, Decision.CROSSED, row.person, row.attempts)
    v = draw(keys, Decision.CROSSED_DELAY, row.person, row.attempts)
    row.state = State.UK_UNSEEN
    row.since = day
    if u < found:
        row.then = WILL_BE_ARRESTED
        row.due = day + 1 + int(3.0 * v)
    elif u < found + (1.0 - found) * p[Param.UK_CLAIM]:
        row.then = WILL_CLAIM
        row.due = day + 1 + int(-p[Param.UK_CLAIM_LAG] * math.log(1.0 - v))
    else:
        row.then = WILL_FADE
        row.due = day + 1 + int(-p[Param.UK_FADE] * math.log(1.0 - v))


@kernel
def claim_or_return(row, share, p, book, keys, day):
    """Let a person found on UK soil claim asylum there, or enter the return channel."""
    u = draw(keys, Decision.FOUND_CLAIM, row.person, row.attempts)
    if u < share:
        claim_uk(row, p, book, keys, day)
    else:
        to_return(row, np.int64(0), p, book, keys, day)


@kernel
def move_on(row, p, book, keys, day):
    """Take the step that a person's due day brings: centre, or unseen in the UK."""
    if row.state == State.RECEPTION_CENTRE:
        u = draw(keys, Decision.RECEPTION, row.person, day - row.arrived)
        row.due = -1
        row.since = day
        if u < p[Param.RECEPTION_CLAIM]:
            row.state = State.CLAIM_FRANCE
            row.ticket = -1
        elif u < p[Param.RECEPTION_CLAIM] + p[Param.RECEPTION_BACK]:
            note(book, row.person, Event.BACK_FROM_RECEPTION, NOWHERE)
            row.state = State.AT_SITE
        else:
            note(book, row.person, Event.LEFT_RECEPTION, NOWHERE)
            end(row, State.LEFT_ELSEWHERE, p[Param.LEFT_AGAIN], p, keys, day)
    elif row.state == State.UK_UNSEEN:
        if row.then == WILL_BE_ARRESTED:
            note(book, row.person, Event.ARRESTED, row.place)
            claim_or_return(
                row, p[Param.UK_CLAIM_FOUND], p, book, keys, day
            )
        elif row.then == WILL_CLAIM:
            claim_uk(row, p, book, keys, day)
        else:
            note(book, row.person, Event.OUT_OF_VIEW, NOWHERE)
            end(row, State.LEFT_ELSEWHERE, 0.0, p, keys, day)


@njit(cache=True, nogil=True)
def serve_calais(p, rows, busy, counters, day):
    """Move the queue of claims lodged in Calais on: absent people take no one's turn."""
    served = counters[Counter.CALAIS_SERVED]
    issued = counters[Counter.CALAIS_ISSUED]
    if p[Param.LODGE_OPEN] <= 0.0:
        counters[Counter.CALAIS_SERVED] = issued  # what waited is void
        return
    if issued == served:
        return
    waits = np.zeros(issued - served, np.uint8)
    for i in busy:
        row = rows[i]
        lodged = row.state == State.CLAIM_LODGED_CALAIS and row.ticket >= served
        if lodged and row.since + p[Param.LODGE_TIME] <= day:
            waits[row.ticket - served] = 1
    left = quota(p[Param.LODGE_CAPACITY], day)
    reached = 0
    for k in range(waits.size):
        if waits[k]:
            if left == 0:
                break
            left -= 1
            reached = k + 1
    counters[Counter.CALAIS_SERVED] = served + reached


@kernel
def decide_calais(row, p, counters, book, keys, day):
    """Decide a claim lodged in Calais whose turn has come, or void it when the route is shut."""
    if p[Param.LODGE_OPEN] <= 0.0:
        note(book, row.person, Event.WITHDREW_CALAIS, NOWHERE)
        row.state = State.AT_SITE
        row.since = day
        row.ticket = -1
        return
    if row.ticket >= counters[Counter.CALAIS_SERVED]:
        return
    need = row.traits & NEED
    grant = p[Param.LODGE_GRANT_NEED] if need else p[Param.LODGE_GRANT_NOT]
    age = day - row.arrived
    row.ticket = -1
    if draw(keys, Decision.LODGED, row.person, age) < grant:
        note(book, row.person, Event.GRANTED_CALAIS, NOWHERE)
        end(row, State.PROTECTED_UK, 0.0, p, keys, day)
        return
    note(book, row.person, Event.REFUSED_CALAIS, NOWHERE)
    u = draw(keys, Decision.LODGED_NEXT, row.person, age)
    row.traits |= REFUSED
    if u < p[Param.LODGE_RETURN]:
        to_return(row, np.int64(1), p, book, keys, day)
    elif u < p[Param.LODGE_RETURN] + p[Param.LODGE_STAY]:
        row.state = State.AT_SITE
        row.since = day
    else:
        note(book, row.person, Event.LEFT, NOWHERE)
        end(row, State.LEFT_ELSEWHERE, p[Param.LEFT_AGAIN], p, keys, day)


@kernel
def sent_back(row, system, p, counters, book, keys, day):
    """Say whether a first decision is to be made again: the claim then queues once more."""
    again = p[Param.UK_REWORK + system * SPAN]
    if again <= 0.0 or row.traits & REWORKED:
        return False
    uk = system == 0
    rework = Decision.UK_REWORK if uk else Decision.FR_REWORK
    if draw(keys, rework, row.person, day - row.arrived) >= again:
        return False
    note(book, row.person, Event.REWORKED_UK if uk else Event.REWORKED_FRANCE, NOWHERE)
    row.traits |= REWORKED
    row.then = UK_KEEPS
    row.since = day
    row.ticket = counters[Counter.UK_ISSUED + 2 * system]
    counters[Counter.UK_ISSUED + 2 * system] += 1
    return True


@kernel
def decide(row, system, p, book, keys, day):
    """Decide a claim for protection at first instance."""
    shift = system * SPAN
    uk = system == 0
    age = day - row.arrived
    row.traits &= 255 - REWORKED
    need = row.traits & NEED
    grant = p[Param.UK_GRANT_NEED + shift] if need else p[Param.UK_GRANT_NOT + shift]
    row.ticket = -1
    row.since = day
    if draw(keys, Decision.UK_GRANT if uk else Decision.FR_GRANT, row.person, age) < grant:
        granted = Event.GRANTED_UK if uk else Event.GRANTED_FRANCE
        note(book, row.person, granted, NOWHERE)
        state = State.PROTECTED_UK if uk else State.PROTECTED_FRANCE
        end(row, state, 0.0, p, keys, day)
        return
    refused = Event.REFUSED_UK if uk else Event.REFUSED_FRANCE
    note(book, row.person, refused, NOWHERE)
    u = draw(keys, Decision.UK_APPEAL if uk else Decision.FR_APPEAL, row.person, age)
    if u < p[Param.UK_APPEAL + shift]:
        appealed = Event.APPEALED_UK if uk else Event.APPEALED_FRANCE
        note(book, row.person, appealed, NOWHERE)
        row.state = State.APPEAL_UK if uk else State.APPEAL_FRANCE
        row.due = day + int(p[Param.UK_APPEAL_TIME + shift])
    else:
        to_return(row, system, p, book, keys, day)


@kernel
def decide_appeal(row, system, p, book, keys, day):
    """Decide an appeal: protection, or the return channel."""
    shift = system * SPAN
    uk = system == 0
    need = row.traits & NEED
    allowed = p[Param.UK_ALLOWED_NEED + shift] if need else p[Param.UK_ALLOWED_NOT + shift]
    u = draw(
        keys, Decision.UK_ALLOWED if uk else Decision.FR_ALLOWED, row.person,
        day - row.arrived,
    )  # fmt: skip
    if u < allowed:
        event = Event.ALLOWED_UK if uk else Event.ALLOWED_FRANCE
        note(book, row.person, event, NOWHERE)
        state = State.PROTECTED_UK if uk else State.PROTECTED_FRANCE
        end(row, state, 0.0, p, keys, day)
    else:
        to_return(row, system, p, book, keys, day)


@kernel
def stopped(row, system, p, book, keys, day):
    """Say whether a court holds a person back today: until it has ruled, or because it did."""
    if row.due > day:
        return True
    shift = system * SPAN
    uk = system == 0
    row.due = -1
    need = row.traits & NEED
    upheld = p[Param.UK_STOPPED_NEED + shift] if need else p[Param.UK_STOPPED_NOT + shift]
    ruling = Decision.UK_STOPPED if uk else Decision.FR_STOPPED
    if draw(keys, ruling, row.person, day - row.arrived) >= upheld:
        return False
    note(book, row.person, Event.STOPPED_UK if uk else Event.STOPPED_FRANCE, NOWHERE)
    row.state = State.NON_RETURNABLE_UK if uk else State.NON_RETURNABLE_FRANCE
    row.since = day
    return True


@kernel
def send_back(row, system, p, left, book, keys, day):
    """Return a person, while capacity lasts, or give the return up after its limit."""
    shift = system * SPAN
    uk = system == 0
    if row.due >= 0 and stopped(row, system, p, book, keys, day):
        return
    if left[system] > 0:
        left[system] -= 1
        if row.traits & NEED:
            note(book, row.person, Event.WRONGLY_RETURNED, NOWHERE)
        event = Event.RETURNED_UK if uk else Event.RETURNED_FRANCE
        note(book, row.person, event, NOWHERE)
        end(row, State.RETURNED, p[Param.RETURN_AGAIN], p, keys, day)
    elif day - row.since > p[Param.UK_RETURN_LIMIT + shift]:
        event = Event.NOT_RETURNABLE_UK if uk else Event.NOT_RETURNABLE_FRANCE
        note(book, row.person, event, NOWHERE)
        row.state = State.NON_RETURNABLE_UK if uk else State.NON_RETURNABLE_FRANCE
        row.since = day


@kernel
def close_day(p, ours, counters, lags, observed, day):
    """Send decisions of others back at the same share, and write both queues down.

    A claim that is decided twice takes two decisions, of which the second stands, so that of all
    decisions on others' claims r / (1 + r) are sent back. `ours` are the tickets of people in the
    model that were reached today.
    """
    for system in range(2):
        again = p[Param.UK_REWORK + system * SPAN]
        others = observed[Observation.UK_DECISIONS + 3 * system] - ours[system]
        extra = quota(others * (again / (1.0 + again)), day)
        counters[Counter.UK_ISSUED + 2 * system] += extra
        counters[Counter.UK_REWORKED + system] += extra
        issued = counters[Counter.UK_ISSUED + 2 * system]
        served = counters[Counter.UK_SERVED + 2 * system]
        lags[system, day % LAGS] = issued
        observed[Observation.UK_BACKLOG + 3 * system] = issued - served


@kernel
def list_reached(rows, busy, counters, reached):
    """List the busy without claims that wait for their turn in either queue; return how many."""
    count = 0
    for i in busy:
        row = rows[i]
        waits = (row.state == State.CLAIM_UK) & (row.ticket >= counters[Counter.UK_SERVED])
        waits |= (row.state == State.CLAIM_FRANCE) & (row.ticket >= counters[Counter.FR_SERVED])
        reached[count] = i
        count += 1 - waits
    return count


@njit(cache=True, nogil=True)
def decide_all(p, rows, busy, counters, lags, observed, book, keys, day):
    """Decide claims and appeals, and carry out returns, in order of first arrival."""
    serve_calais(p, rows, busy, counters, day)
    left = np.empty(2, np.int64)
    judges = np.empty(2, np.int64)
    for system in range(2):
        left[system] = quota(p[Param.UK_RETURNS + system * SPAN], day)
        judges[system] = quota(p[Param.UK_APPEALS + system * SPAN], day)
    ours = np.zeros(2, np.int64)
    reached = np.empty(busy.size, np.int64)
    for i in reached[: list_reached(rows, busy, counters, reached)]:
        row = rows[i]
        state = row.state
        if State.CLAIM_FRANCE <= state <= State.RETURN_PENDING_FRANCE:
            system, stage = 1, state - State.CLAIM_FRANCE
        elif State.CLAIM_UK <= state <= State.RETURN_PENDING_UK:
            system, stage = 0, state - State.CLAIM_UK
        else:
            if state == State.CLAIM_LODGED_CALAIS:
                decide_calais(row, p, counters, book, keys, day)
            continue
        if stage == 0:
            served = counters[Counter.UK_SERVED + 2 * system]
            if 0 <= row.ticket < served:
                ours[system] += row.ticket >= served - observed[
                    Observation.UK_DECISIONS + 3 * system
                ]
                # While another state is asked the turn is kept, not used.
                if row.due <= day and not sent_back(
                    row, system, p, counters, book, keys, day
                ):
                    decide(row, system, p, book, keys, day)
        elif stage == 1:
            if row.due <= day and judges[system] > 0:
                judges[system] -= 1
                decide_appeal(row, system, p, book, keys, day)
        elif row.since < day:
            send_back(row, system, p, left, book, keys, day)
    close_day(p, ours, counters, lags, observed, day)
