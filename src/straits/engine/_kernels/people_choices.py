"""Choices, compiled: steps 1 to 3 of a day; the twin is ``people_reference_choices``.

The arguments are those of ``people``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.draws import uniform
from straits.engine._kernels.people import (
    KEY,
    add_people,
    close_site,
    come_back,
    draw,
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


@njit(cache=True, nogil=True)
def hazards(p, row, leave, attempt, capacity, h):
    """Fill `h` with the day's competing hazards of one person and return their sum [1/d]."""
    aims = (row.traits & AIMS) != 0
    slow = p[Param.LEAVE_STAYER] if row.traits & STAYER else 1.0
    for k in range(WAYS):
        h[k] = 0.0
    if row.state == State.CLAIM_LODGED_CALAIS:
        h[0] = leave * slow * p[Param.LODGE_LEAVE]
        h[8] = attempt * slow * p[Param.QUEUE_ATTEMPTS]
        return h[0] + h[8]
    at_site = row.state == State.AT_SITE
    prefers = 1.0 if aims else p[Param.PREFERENCE]
    h[0] = leave * slow
    if at_site:
        if p[Param.CLOSED] >= 0.5:
            h[0] *= p[Param.CLOSED_HAZARD]
        h[0] += p[Param.LEAVE_EVENT] * slow
    h[1] = p[Param.VOLUNTARY] * slow
    h[2] = p[Param.CLAIM_FRANCE] * prefers * slow
    if at_site:
        if capacity[0] > 0 and not row.traits & CHILD:
            h[3] = p[Param.REMOVAL_RATE] * slow
        if capacity[1] > 0 and row.traits & CHILD and row.traits & TIES:
            h[4] = p[Param.FAMILY_RATE]
        if capacity[2] > 0:
            h[5] = p[Param.RECEPTION_RATE] * prefers * slow
    if aims:
        lodging = p[Param.LODGE_OPEN] > 0.0 and p[Param.LODGE_CAPACITY] > 0.0
        if lodging and not row.traits & REFUSED and row.willing < p[Param.LODGE_JOIN]:
            h[6] = p[Param.LODGE_RATE]
        if p[Param.CENTRE_OPEN] > 0.0 and row.willing < p[Param.CENTRE_JOIN]:
            h[7] = p[Param.CENTRE_RATE]
        h[8] = attempt * slow
    if at_site:
        if row.traits & CHILD:
            if capacity[5] > 0 and not row.traits & TIES:
                h[10] = p[Param.CHILDREN_RATE]
        else:
            if capacity[4] > 0 and row.traits & TIES:
                h[9] = p[Param.REUNION_RATE]
            joins = aims and not row.traits & REFUSED and row.willing < p[Param.ONE_JOIN]
            if capacity[6] > 0 and joins:
                h[11] = p[Param.ONE_RATE]
    total = 0.0
    for k in range(WAYS):
        total += h[k]
    return total


@njit(cache=True, nogil=True)
def most_hazard(p, leave, attempt, offered):
    """Return a bound on anyone's hazards: most people, most days, need no more than their draw."""
    prefers = max(1.0, p[Param.PREFERENCE])
    closed = max(1.0, p[Param.CLOSED_HAZARD]) if p[Param.CLOSED] >= 0.5 else 1.0
    bound = leave * closed + p[Param.LEAVE_EVENT] + p[Param.VOLUNTARY]
    bound += (p[Param.CLAIM_FRANCE] + p[Param.RECEPTION_RATE]) * prefers
    bound += p[Param.REMOVAL_RATE] + attempt
    # Children with family there, children without, adults with: nobody has two of these ways.
    family = p[Param.FAMILY_RATE] if offered[1] > 0 else 0.0
    reunion = p[Param.REUNION_RATE] if offered[4] > 0 else 0.0
    children = p[Param.CHILDREN_RATE] if offered[5] > 0 else 0.0
    bound += max(family, reunion, children)
    if offered[6] > 0:
        bound += p[Param.ONE_RATE]
    if p[Param.LODGE_OPEN] > 0.0:
        bound += p[Param.LODGE_RATE]
    if p[Param.CENTRE_OPEN] > 0.0:
        bound += p[Param.CENTRE_RATE]
    return bound * 1.000001  # whatever the order in which the sum is rounded


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def move_to_uk(row, day):
    """Let a person enter the UK by a route: the claim there is the UK's."""
    row.state = State.CLAIM_UK
    row.then = UK_KEEPS
    row.since = day
    row.due = -1
    row.ticket = -1


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def draw_choices(rows, keys, day, who, drawn):
    """Fill `who` with the rows that choose today and `drawn` with their draws; return how many.

    The draws stand in a loop of their own, because only such a loop is vectorised.
    """
    count = 0
    person = np.empty(rows.size, np.uint64)
    age = np.empty(rows.size, np.uint64)
    for i in range(rows.size):
        state = rows[i].state
        stuck = state == State.NON_RETURNABLE_UK or state == State.NON_RETURNABLE_FRANCE
        if state <= State.CLAIM_LODGED_CALAIS or stuck:
            who[count] = i
            person[count] = rows[i].person
            age[count] = day - rows[i].arrived
            count += 1
    key, choice = keys[KEY], keys[Decision.CHOICE]
    for k in range(count):
        drawn[k] = uniform(key, choice, person[k], age[k])
    return count


@njit(cache=True, nogil=True)
def choose(p, rows, counters, memory, book, keys, day, shares, try_row, try_how):
    """Let everyone choose once; return how many attempts there are, by row and way."""
    who = np.empty(rows.size, np.int64)
    drawn = np.empty(rows.size)
    count = draw_choices(rows, keys, day, who, drawn)
    leave = p[Param.LEAVE]
    if p[Param.LEAVE_CROWDING] > 0.0:
        site = 0
        for k in range(count):
            site += rows[who[k]].state == State.AT_SITE
        leave *= (site / p[Param.LEAVE_REFERENCE]) ** p[Param.LEAVE_CROWDING]
    attempt = attempt_rate(p, memory) if shares[ATTEMPT_WAYS - 1] > 0.0 else 0.0
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
    stuck = max(
        p[Param.UK_STUCK_LEAVE] + p[Param.UK_FRESH], p[Param.FR_STUCK_LEAVE] + p[Param.FR_FRESH]
    )
    most = max(most_hazard(p, leave, attempt, offered), stuck)
    tries = 0
    for k in range(count):
        u = drawn[k]
        if u >= most:
            continue
        row = rows[who[k]]
        if row.state > State.CLAIM_LODGED_CALAIS:
            act_stuck(p, row, u, counters, book, keys, day)
            continue
        total = hazards(p, row, leave, attempt, offered, h)
        which = pick(h, total, u)
        if which == 8:
            row.attempts += 1
            u = draw(keys, Decision.PLACE, row.person, row.attempts)
            how = 0
            while how < ATTEMPT_WAYS - 1 and u >= shares[how]:
                how += 1
            try_row[tries] = who[k]
            try_how[tries] = how
            tries += 1
        elif which >= 0:
            act(p, row, which, capacity, counters, book, keys, day)
    return tries


def begin(
    p, rows, known, counts, counters, memory, book, keys, day,
    exposure, juxtaposed, board_row, board_place, board_instant,
):  # fmt: skip
    """Run steps 1 to 3 of a day; rows from `known` on are for today's first arrivals."""
    close_site(p, rows, known, counters, book, keys, day)
    come_back(rows, known, book, day)
    add_people(p, rows, known, counts[0], np.int64(COHORT_CALAIS), book, keys, day)
    add_people(p, rows, known + counts[0], counts[1], np.int64(COHORT_OTHER), book, keys, day)
    opening = np.empty(3)
    access = np.empty(5)
    shares = np.empty(ATTEMPT_WAYS)
    open_chances(p, juxtaposed, opening)
    access_now(p, juxtaposed, access)
    choice_shares(p, memory, access, shares)
    try_row = np.empty(rows.size, np.int64)
    try_how = np.empty(rows.size, np.int64)
    tries = choose(p, rows, counters, memory, book, keys, day, shares, try_row, try_how)
    return attempt_all(
        p, rows, memory, book, keys, day, exposure, access, opening, tries,
        try_row, try_how, board_row, board_place, board_instant,
    )  # fmt: skip
