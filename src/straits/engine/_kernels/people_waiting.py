"""While a claim waits, compiled: giving it up, going to another state, tickets, the queues.

The arguments are those of ``people``; the twin is ``people_reference_waiting``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.inline import kernel
from straits.engine._kernels.people import draw, end, note, quota
from straits.engine._kernels.people_asylum import SPAN, move_on
from straits.tables.people import (
    CHILD,
    LAGS,
    NOWHERE,
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

# Those who wait are asked every eighth day: months make the hazard, and a draw a day costs.
EVERY = 8  # a power of two, for the remainder of a division
LATER = 1 << 30  # days: no due day is as late
EXCHANGE = 0  # what is left of the day's returns in exchange
DUBLIN = 1  # and of its transfers to the state responsible
REGISTERED = 2  # and of the claims that each state registers


@kernel
def to_coast_or_claim(row, coast, decision, p, book, keys, day):
    """Let a person who is in France go back to the coast, by a share, or say that they do not."""
    row.ticket = -1
    row.due = -1
    row.since = day
    row.then = 0
    row.traits &= 255 - REWORKED
    if draw(keys, decision, row.person, day - row.arrived) < coast:
        note(book, row.person, Event.BACK_AT_SITE, NOWHERE)
        row.state = State.AT_SITE
        return True
    return False


@kernel
def give_up(row, system, p, book, keys, day):
    """Let a person who waits withdraw the claim or drop out of view."""
    withdraw = EVERY * p[Param.UK_WITHDRAWAL + system * SPAN]
    abscond = EVERY * p[Param.UK_ABSCONDING + system * SPAN]
    total = withdraw + abscond
    if total <= 0.0:
        return
    u = draw(keys, Decision.WAITING, row.person, day - row.arrived)
    if u >= total:  # 1 - exp(-total) <= total: most people, most days
        return
    either = 1.0 - math.exp(-total)
    if u >= either:
        return
    withdrew = abscond <= 0.0 or u / either * total < withdraw
    if system == 0:
        note(book, row.person, Event.WITHDREW_UK if withdrew else Event.ABSCONDED_UK, NOWHERE)
        if withdrew:
            end(row, State.RETURNED, p[Param.RETURN_AGAIN], p, keys, day)
        else:
            end(row, State.LEFT_ELSEWHERE, 0.0, p, keys, day)
        return
    event = Event.WITHDREW_FRANCE if withdrew else Event.ABSCONDED_FRANCE
    note(book, row.person, event, NOWHERE)
    if not to_coast_or_claim(
        row, p[Param.FR_TO_SITE], Decision.WITHDRAWN_TO, p, book, keys, day
    ):
        end(row, State.LEFT_ELSEWHERE, p[Param.LEFT_AGAIN], p, keys, day)


@kernel
def return_in_exchange(row, p, counters, book, keys, day):
    """Return a person from the UK to France: a place opens for someone there."""
    counters[Counter.ONE_OUT] += 1
    note(book, row.person, Event.ONE_OUT, NOWHERE)
    row.traits |= REFUSED
    if not to_coast_or_claim(row, p[Param.ONE_COAST], Decision.ONE_OUT_TO, p, book, keys, day):
        row.state = State.CLAIM_FRANCE


@kernel
def transfer(row, p, book, keys, day):
    """Transfer a person from the UK to the state that takes charge of the claim."""
    u = draw(keys, Decision.DUBLIN_TO, row.person, day - row.arrived)
    if u < p[Param.UK_DUBLIN_FRANCE]:
        note(book, row.person, Event.DUBLIN_TO_FRANCE, NOWHERE)
        row.state = State.CLAIM_FRANCE
        row.ticket = -1
        row.due = -1
        row.since = day
        row.then = 0
    else:
        note(book, row.person, Event.DUBLIN_ELSEWHERE, NOWHERE)
        end(row, State.LEFT_ELSEWHERE, 0.0, p, keys, day)


@kernel
def wait(row, p, left, counters, book, keys, day):
    """Let the day act on a person whose claim waits for its first decision."""
    if row.state == State.CLAIM_UK:
        in_time = day - row.since <= p[Param.ONE_WINDOW]
        exchanged = in_time and row.then != UK_KEEPS and not row.traits & CHILD
        if left[EXCHANGE] > 0 and exchanged:
            left[EXCHANGE] -= 1
            return_in_exchange(row, p, counters, book, keys, day)
            return
        if row.due >= 0:
            if row.due <= day:
                note(book, row.person, Event.DUBLIN_LAPSED, NOWHERE)
                row.due = -1
            elif left[DUBLIN] > 0:
                left[DUBLIN] -= 1
                transfer(row, p, book, keys, day)
                return
    if (day - row.since) & (EVERY - 1) == 0:
        system = 0 if row.state == State.CLAIM_UK else 1
        give_up(row, system, p, book, keys, day)


@kernel
def list_waiting(rows, busy, day, left, waiting):
    """List the busy on whom the day may act before their turn in a queue; return how many.

    On most days nothing can happen to a claim. A few too many do no harm: `lodge_claims` looks.
    """
    everyone = left[EXCHANGE] > 0
    latest = day + LATER if left[DUBLIN] > 0 else day
    count = 0
    for i in busy:
        row = rows[i]
        acts = everyone | (row.ticket < 0) | ((day - row.since) & (EVERY - 1) == 0)
        waiting[count] = i
        count += acts | (row.due >= 0) & (row.due <= latest)
    return count


@njit(cache=True, nogil=True)
def lodge_claims(p, rows, busy, counters, lags, observed, book, keys, day):
    """Let those who wait act, ticket new claims in both states, move the queues on.

    A place is a number, and the claims of others have no row, so a queue cannot skip whoever is
    gone: their turn comes and closes a file. The staff that documents derive from claims and
    backlogs did that work too.
    """
    for system in range(2):
        background = quota(p[Param.UK_BACKGROUND + system * SPAN], day)
        counters[Counter.UK_ISSUED + 2 * system] += background
        counters[Counter.UK_BACKGROUND + system] += background
        observed[Observation.UK_CLAIMS + 3 * system] = background
    left = np.empty(4, np.int64)
    for system in range(2):
        left[REGISTERED + system] = quota(p[Param.UK_REGISTERED + system * SPAN], day)
    left[EXCHANGE] = quota(p[Param.ONE_CAPACITY], day) if p[Param.ONE_OPEN] > 0.0 else 0
    left[DUBLIN] = quota(p[Param.UK_DUBLIN_CAPACITY], day)
    waiting = np.empty(busy.size, np.int64)
    for i in waiting[: list_waiting(rows, busy, day, left, waiting)]:
        row = rows[i]
        if 0 <= row.due <= day:
            move_on(row, p, book, keys, day)
        if row.ticket >= 0:
            uk = row.state == State.CLAIM_UK
            if row.since < day and (uk or row.state == State.CLAIM_FRANCE):
                asked = (day - row.since) & (EVERY - 1) == 0  # on most days nothing can happen
                held = row.due >= 0 and (left[DUBLIN] > 0 or row.due <= day)
                if asked or (uk and (held or left[EXCHANGE] > 0)):
                    wait(row, p, left, counters, book, keys, day)
            if row.ticket >= 0:
                continue
        if row.state == State.CLAIM_UK and left[REGISTERED] > 0:
            left[REGISTERED] -= 1
            row.ticket = counters[Counter.UK_ISSUED]
            counters[Counter.UK_ISSUED] += 1
            note(book, row.person, Event.CLAIMED_UK, NOWHERE)
            observed[Observation.UK_CLAIMS] += 1
        elif row.state == State.CLAIM_FRANCE and left[REGISTERED + 1] > 0:
            left[REGISTERED + 1] -= 1
            row.ticket = counters[Counter.FR_ISSUED]
            counters[Counter.FR_ISSUED] += 1
            note(book, row.person, Event.CLAIMED_FRANCE, NOWHERE)
            observed[Observation.FRANCE_CLAIMS] += 1
    for system in range(2):
        shift = system * SPAN
        issued = counters[Counter.UK_ISSUED + 2 * system]
        served = counters[Counter.UK_SERVED + 2 * system]
        lags[system, day % LAGS] = issued
        least = min(int(p[Param.UK_TIME + shift]), LAGS - 1)
        ripe = lags[system, (day - least) % LAGS]
        pace = p[Param.UK_STAFF + shift] * p[Param.UK_PACE + shift]
        reached = max(served, min(served + quota(pace, day), ripe))
        counters[Counter.UK_SERVED + 2 * system] = reached
        observed[Observation.UK_DECISIONS + 3 * system] = reached - served
