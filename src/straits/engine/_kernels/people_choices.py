"""Choices, compiled: steps 1 to 3 of a day; the twin is ``people_reference_choices``.

The arguments are those of ``people``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.inline import kernel
from straits.engine._kernels.people import (
    add_people,
    arrive_again,
    bits_of_states,
    close_site,
    draw,
    draw_all,
    end,
    note,
    quota,
)
from straits.engine._kernels.people_attempts import WAYS as ATTEMPT_WAYS
from straits.engine._kernels.people_attempts import (
    access_now,
    attempt_all,
    attempt_rate,
    choice_shares,
    open_chances,
)
from straits.tables.people import (
    AIMS,
    CHILD,
    COHORT_CALAIS,
    COHORT_OTHER,
    NEED,
    NOWHERE,
    REFUSED,
    STAYER,
    STOCKS,
    TERMINAL,
    TIES,
    UK_KEEPS,
    Counter,
    Decision,
    Event,
    State,
)
from straits.tables.people_parameters import Param

# Leave, return, claim, removal, family, centre, lodge, UK centre, attempt; then reunion of adults,
# children without family there, one in for one out: a new way stands at the end, so that the same
# draw picks the same way of those before.
WAYS = 12
_MOVING = AIMS | TIES | CHILD | STAYER | REFUSED  # the traits that hazards depend on
# The states of those who choose, a bit each.
_CHOOSERS = bits_of_states(
    State.AT_SITE, State.AT_OTHER_SITE, State.CLAIM_LODGED_CALAIS, State.NON_RETURNABLE_FRANCE,
    State.NON_RETURNABLE_UK,
)  # fmt: skip


@kernel
def hazards(p, state, traits, willing, leave, attempt, capacity, h):
    """Fill `h` with the day's competing hazards of one person and return their sum [1/d]."""
    aims = (traits & AIMS) != 0
    slow = p[Param.LEAVE_STAYER] if traits & STAYER else 1.0
    for k in range(WAYS):
        h[k] = 0.0
    if state == State.CLAIM_LODGED_CALAIS:
        h[0] = leave * slow * p[Param.LODGE_LEAVE]
        h[8] = attempt * slow * p[Param.QUEUE_ATTEMPTS]
        return h[0] + h[8]
    at_site = state == State.AT_SITE
    prefers = 1.0 if aims else p[Param.PREFERENCE]
    h[0] = leave * slow
    if at_site:
        if p[Param.CLOSED] >= 0.5:
            h[0] *= p[Param.CLOSED_HAZARD]
        h[0] += p[Param.LEAVE_EVENT] * slow
    h[1] = p[Param.VOLUNTARY] * slow
    h[2] = p[Param.CLAIM_FRANCE] * prefers * slow
    if at_site:
        if capacity[0] > 0 and not traits & CHILD:
            h[3] = p[Param.REMOVAL_RATE] * slow
        if capacity[1] > 0 and traits & CHILD and traits & TIES:
            h[4] = p[Param.FAMILY_RATE]
        if capacity[2] > 0:
            h[5] = p[Param.RECEPTION_RATE] * prefers * slow
    if aims:
        lodging = p[Param.LODGE_OPEN] > 0.0 and p[Param.LODGE_CAPACITY] > 0.0
        if lodging and not traits & REFUSED and willing < p[Param.LODGE_JOIN]:
            h[6] = p[Param.LODGE_RATE]
        if p[Param.CENTRE_OPEN] > 0.0 and willing < p[Param.CENTRE_JOIN]:
            h[7] = p[Param.CENTRE_RATE]
        h[8] = attempt * slow
    if at_site:
        if traits & CHILD:
            if capacity[5] > 0 and not traits & TIES:
                h[10] = p[Param.CHILDREN_RATE]
        else:
            if capacity[4] > 0 and traits & TIES:
                h[9] = p[Param.REUNION_RATE]
            joins = aims and not traits & REFUSED and willing < p[Param.ONE_JOIN]
            if capacity[6] > 0 and joins:
                h[11] = p[Param.ONE_RATE]
    total = 0.0
    for k in range(WAYS):
        total += h[k]
    return total


@kernel
def most_hazards(p, leave, attempt, offered, h, most):
    """Fill `most` with the hazards of people who would take any route, by state and traits.

    Nobody's sum is above, however it is rounded: the same terms in the same order, or zeros. Most
    people, most days, need no more than their draw and the largest of all, which is returned.
    """
    most[State.NON_RETURNABLE_UK] = p[Param.UK_STUCK_LEAVE] + p[Param.UK_FRESH]
    most[State.NON_RETURNABLE_FRANCE] = p[Param.FR_STUCK_LEAVE] + p[Param.FR_FRESH]
    bound = max(most[State.NON_RETURNABLE_UK, 0], most[State.NON_RETURNABLE_FRANCE, 0])
    for state in range(State.CLAIM_LODGED_CALAIS + 1):
        for traits in range(_MOVING + 1):
            if traits & _MOVING == traits:
                most[state, traits] = hazards(p, state, traits, 0.0, leave, attempt, offered, h)
                bound = max(bound, most[state, traits])
    return bound


@kernel
def list_struck(rows, who, drawn, most, bound, struck):
    """List the places in `who` of those whom a hazard may strike; return how many."""
    count = 0
    for k in range(who.size):
        struck[count] = k
        count += drawn[k] < bound
    kept = 0
    for j in range(count):
        row = rows[who[struck[j]]]
        struck[kept] = struck[j]
        kept += drawn[struck[j]] < most[row.state, row.traits & _MOVING]
    return kept


@kernel
def pick(h, total, u):
    """Return which of the competing hazards strikes under the uniform `u`, or -1."""
    if u >= total:  # 1 - exp(-total) <= total: most people, most days
        return -1
    any_of_them = 1.0 - math.exp(-total)
    if u >= any_of_them:
        return -1
    target = u / any_of_them * total
    reached = 0.0
    last = -1
    for k in range(h.size):
        if h[k] > 0.0:
            reached += h[k]
            last = k
            if target < reached:
                return k
    return last


@kernel
def move_to_uk(row, day):
    """Let a person enter the UK by a route: the claim there is the UK's."""
    row.state = State.CLAIM_UK
    row.then = UK_KEEPS
    row.since = day
    row.due = -1
    row.ticket = -1


@kernel
def take_place(row, which, capacity, counters, book, day):
    """Let a person join family, or a child alone or someone in exchange enter the UK."""
    here = which - 5  # ways 9 to 11 have their places in 4 to 6
    if capacity[here] <= 0:
        return
    capacity[here] -= 1
    if which == 9:
        note(book, row.person, Event.FAMILY_REUNION, NOWHERE)
    elif which == 10:
        note(book, row.person, Event.CHILD_TRANSFER, NOWHERE)
    else:
        note(book, row.person, Event.ONE_IN, NOWHERE)
        counters[Counter.ONE_IN] += 1
    move_to_uk(row, day)


@kernel
def act(p, row, which, capacity, counters, book, keys, day):
    """Carry out a choice other than an attempt; places go in order of first arrival."""
    if which == 0:
        if row.state == State.CLAIM_LODGED_CALAIS:
            note(book, row.person, Event.WITHDREW_CALAIS, NOWHERE)
        note(book, row.person, Event.LEFT, NOWHERE)
        end(row, State.LEFT_ELSEWHERE, p[Param.LEFT_AGAIN], p, keys, day)
    elif which == 1:
        note(book, row.person, Event.VOLUNTARY_RETURN, NOWHERE)
        end(row, State.RETURNED, p[Param.RETURN_AGAIN], p, keys, day)
    elif which == 2:
        row.state = State.CLAIM_FRANCE
        row.since = day
        row.ticket = -1
    elif which == 3:
        if capacity[0] <= 0:
            return
        if row.traits & NEED:
            u = draw(keys, Decision.SCREEN, row.person, day - row.arrived)
            if u < p[Param.REMOVAL_SCREEN]:
                note(book, row.person, Event.SCREENED, NOWHERE)
                return
            note(book, row.person, Event.WRONGLY_RETURNED, NOWHERE)
        capacity[0] -= 1
        note(book, row.person, Event.REMOVED, NOWHERE)
        end(row, State.RETURNED, p[Param.RETURN_AGAIN], p, keys, day)
    elif which == 4:
        if capacity[1] > 0:
            capacity[1] -= 1
            note(book, row.person, Event.FAMILY_TRANSFER, NOWHERE)
            move_to_uk(row, day)
    elif which == 5:
        if capacity[2] > 0:
            capacity[2] -= 1
            note(book, row.person, Event.TO_RECEPTION, NOWHERE)
            row.state = State.RECEPTION_CENTRE
            row.since = day
            row.due = day + int(p[Param.RECEPTION_STAY])
        else:
            note(book, row.person, Event.RECEPTION_FULL, NOWHERE)
    elif which == 6:
        note(book, row.person, Event.LODGED_CALAIS, NOWHERE)
        row.state = State.CLAIM_LODGED_CALAIS
        row.since = day
        row.ticket = counters[Counter.CALAIS_ISSUED]
        counters[Counter.CALAIS_ISSUED] += 1
    elif which == 7:
        if capacity[3] > 0:
            capacity[3] -= 1
            note(book, row.person, Event.TO_UK_CENTRE, NOWHERE)
            move_to_uk(row, day)
        else:
            note(book, row.person, Event.UK_CENTRE_FULL, NOWHERE)
    else:
        take_place(row, which, capacity, counters, book, day)


@kernel
def act_stuck(p, row, u, counters, book, keys, day):
    """Let a person who cannot be returned leave, or lodge a fresh claim."""
    uk = row.state == State.NON_RETURNABLE_UK
    leave = p[Param.UK_STUCK_LEAVE] if uk else p[Param.FR_STUCK_LEAVE]
    fresh = p[Param.UK_FRESH] if uk else p[Param.FR_FRESH]
    total = leave + fresh
    either = 1.0 - math.exp(-total)
    if u >= either:
        return
    if fresh <= 0.0 or u / either * total < leave:
        note(book, row.person, Event.LEFT, NOWHERE)
        end(row, State.LEFT_ELSEWHERE, 0.0, p, keys, day)
        return
    issued = Counter.UK_ISSUED if uk else Counter.FR_ISSUED
    note(book, row.person, Event.FRESH_CLAIM_UK if uk else Event.FRESH_CLAIM_FRANCE, NOWHERE)
    row.state = State.CLAIM_UK if uk else State.CLAIM_FRANCE
    row.then = UK_KEEPS
    row.since = day
    row.ticket = counters[issued]
    counters[issued] += 1


@kernel
def call(rows, first, last, book, day, called, count):
    """Let those whose day has come arrive again, and list who chooses: row, person, age.

    Everyone is written down and whoever does not choose is written over, because states are mixed
    in the table: a branch on them is guessed wrong as often as not.
    """
    for i in range(first, last):
        row = rows[i]
        if row.state >= TERMINAL and 0 <= row.due <= day:
            arrive_again(row, book, day)
        called[0, count] = i
        called[1, count] = row.person
        called[2, count] = day - row.arrived
        count += (_CHOOSERS >> row.state) & 1
    return count


@njit(cache=True, nogil=True)
def choose(p, rows, who, drawn, counters, memory, book, keys, day, goes, try_row):
    """Let everyone called choose once; return how many attempts there are, by row."""
    leave = p[Param.LEAVE]
    if p[Param.LEAVE_CROWDING] > 0.0:
        site = 0
        for k in range(who.size):
            site += rows[who[k]].state == State.AT_SITE
        leave *= (site / p[Param.LEAVE_REFERENCE]) ** p[Param.LEAVE_CROWDING]
    attempt = attempt_rate(p, memory) if goes else 0.0
    capacity = np.zeros(7, np.int64)
    capacity[0] = quota(p[Param.REMOVAL_CAPACITY], day)
    capacity[1] = quota(p[Param.FAMILY_CAPACITY], day)
    capacity[2] = quota(p[Param.RECEPTION_CAPACITY], day)
    capacity[3] = quota(p[Param.CENTRE_CAPACITY], day)
    capacity[4] = quota(p[Param.REUNION_CAPACITY], day)
    capacity[5] = quota(p[Param.CHILDREN_CAPACITY], day)
    if p[Param.ONE_OPEN] > 0.0:  # a place for each one returned up to yesterday, and none on trust
        capacity[6] = counters[Counter.ONE_OUT] - counters[Counter.ONE_IN]
    # What is open today is fixed before the first choice: capacity decides who gets a place,
    # not who asks.
    offered = capacity.copy()
    h = np.empty(WAYS)
    most = np.empty((STOCKS, _MOVING + 1))
    bound = most_hazards(p, leave, attempt, offered, h, most)
    struck = np.empty(who.size, np.int64)
    tries = 0
    for k in struck[: list_struck(rows, who, drawn, most, bound, struck)]:
        row = rows[who[k]]
        u = drawn[k]
        if row.state > State.CLAIM_LODGED_CALAIS:
            act_stuck(p, row, u, counters, book, keys, day)
            continue
        total = hazards(p, row.state, row.traits, row.willing, leave, attempt, offered, h)
        which = pick(h, total, u)
        if which == 8:
            row.attempts += 1
            try_row[tries] = who[k]
            tries += 1
        elif which >= 0:
            act(p, row, which, capacity, counters, book, keys, day)
    return tries


@njit(cache=True, nogil=True)
def begin(
    p, rows, known, counts, counters, memory, book, keys, day,
    exposure, juxtaposed, board_row, board_place, board_instant,
):  # fmt: skip
    """Run steps 1 to 3 of a day; rows from `known` on are for today's first arrivals."""
    close_site(p, rows, known, counters, book, keys, day)
    called = np.empty((3, rows.size), np.int64)
    count = call(rows, 0, known, book, day, called, 0)
    add_people(p, rows, known, counts[0], COHORT_CALAIS, book, keys, day)
    add_people(p, rows, known + counts[0], counts[1], COHORT_OTHER, book, keys, day)
    count = call(rows, known, rows.size, book, day, called, count)
    opening = np.empty(3)
    access = np.empty(5)
    shares = np.empty(ATTEMPT_WAYS)
    open_chances(p, juxtaposed, opening)
    access_now(p, juxtaposed, access)
    choice_shares(p, memory, access, shares)
    who, person, age = called[0, :count], called[1, :count], called[2, :count]
    drawn = np.empty(count)
    draw_all(keys, Decision.CHOICE, person, age, drawn)
    try_row = np.empty(count, np.int64)
    goes = shares[ATTEMPT_WAYS - 1] > 0.0
    tries = choose(p, rows, who, drawn, counters, memory, book, keys, day, goes, try_row)
    return attempt_all(
        p, rows, memory, book, keys, day, exposure, access, opening, shares, try_row[:tries],
        board_row, board_place, board_instant,
    )  # fmt: skip
