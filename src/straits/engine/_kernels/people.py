"""Who is there, compiled: draws, the book of events, arrivals, the closing of the site.

Every function takes arrays and writes into them: few and wide ones, because each argument of a
compiled function costs time at every compilation. `p` is the day's row of parameters, `rows` the
people, `keys` the decision ids with the row's key behind them, `book` the day's events by place
(one row an event), then a row that counts the trace rows, then the trace rows if any.
The twin is ``people_reference``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.demand import poisson_quantile
from straits.engine._kernels.draws import uniform
from straits.engine._kernels.inline import kernel
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
    TIES,
    VULNERABLE,
    Counter,
    Decision,
    Event,
    Memory,
    State,
)
from straits.tables.people_parameters import Param

_CHANCE_FLOOR = 0.02  # a chance near zero would let the elasticity explode
_LAST_GENERATION = 100
KEY = len(Decision)  # where `keys` holds the row's own key
TRACE = len(Event) + 1  # first trace row of `book`; the row before it holds their number


def bits_of_states(*states):
    """Return a word with the bits of these states set: being in one of them costs no branch."""
    return sum(1 << state for state in states)


@njit("float64(uint64[::1], int64, int64, int64)", cache=True, nogil=True, _nrt=False)
def draw(keys, decision, entity, ordinal):
    """Return the addressed draw of a purpose [U(0, 1)]."""
    return uniform(keys[KEY], keys[decision], entity, ordinal)


@kernel
def draw_all(keys, decision, entities, ordinals, out):
    """Fill `out` with the draws of many; only a loop that does nothing else is vectorised."""
    key, purpose = keys[KEY], keys[decision]
    for k in range(out.size):
        out[k] = uniform(key, purpose, entities[k], ordinals[k])


@njit("void(int64[:, ::1], int64, int64, int64)", cache=True, nogil=True, _nrt=False)
def note(book, person, event, place):
    """Count an event in the day's book, and write its row where a trace is kept."""
    book[event, place] += 1
    if book.shape[0] > TRACE:
        row = TRACE + book[TRACE - 1, 0]
        book[TRACE - 1, 0] += 1
        book[row, 0] = person
        book[row, 1] = event
        book[row, 2] = place


@njit("int64(float64, int64)", cache=True, nogil=True, _nrt=False)
def quota(rate, day):
    """Return the whole units that a daily rate gives on a day; no unit is kept for later."""
    return np.int64(math.floor(rate * (day + 1))) - np.int64(math.floor(rate * day))


@kernel
def end(row, state, again, p, keys, day):
    """Let a person leave the model; a share of `again` will come back after a while."""
    row.state = state
    row.since = day
    row.vehicle = -1
    row.due = -1
    if again > 0.0 and (row.person >> GENERATION_SHIFT) < _LAST_GENERATION:
        age = day - row.arrived
        if draw(keys, Decision.AGAIN, row.person, age) < again:
            u = draw(keys, Decision.AGAIN_DELAY, row.person, age)
            row.due = day + 1 + int(-p[Param.AGAIN_DELAY] * math.log(1.0 - u))


@kernel
def chance(memory):
    """Return the perceived chance of being in the UK within 90 days by any route."""
    rate = 0.0
    if memory[Memory.AIMING] > 0.0:
        rate = memory[Memory.CROSSINGS] / memory[Memory.AIMING]
    return 1.0 - math.exp(-90.0 * rate) * (1.0 - memory[Memory.ROUTE])


@kernel
def inflow_factor(p, memory, day, decision_day):
    """Return the factor that the elasticity puts on first arrivals [dimensionless]."""
    start = memory[Memory.CHANCE_START]
    if day < decision_day or start <= 0.0 or p[Param.ELASTICITY] == 0.0:
        return 1.0
    ratio = max(chance(memory), _CHANCE_FLOOR) / max(start, _CHANCE_FLOOR)
    return min(ratio ** p[Param.ELASTICITY], p[Param.INFLOW_CAP])


@kernel
def arrivals(p, memory, keys, day, decision_day, out):
    """Fill `out` with today's first arrivals at the site and at other sites [people]."""
    mean = p[Param.INFLOW] * p[Param.INFLOW_OUTLOOK] * inflow_factor(p, memory, day, decision_day)
    other = mean * p[Param.INFLOW_OTHER]
    if p[Param.CLOSED] >= 0.5:
        mean *= p[Param.CLOSED_INFLOW]
    for cohort in (COHORT_CALAIS, COHORT_OTHER):
        cell = (cohort << COHORT_SHIFT) | (day << ARRIVAL_SHIFT)
        u = draw(keys, Decision.INFLOW, cell, 0)
        expected = mean if cohort == COHORT_CALAIS else other
        out[cohort - COHORT_CALAIS] = poisson_quantile(u, expected)


@kernel
def add_people(p, rows, first, count, cohort, book, keys, day):
    """Write `count` new people into the rows from `first` on."""
    for ordinal in range(count):
        row = rows[first + ordinal]
        person = (cohort << COHORT_SHIFT) | (day << ARRIVAL_SHIFT) | ordinal
        row.person = person
        row.vehicle = -1
        row.arrived = day
        row.since = day
        row.due = -1
        row.ticket = -1
        row.attempts = 0
        row.state = State.AT_OTHER_SITE if cohort == COHORT_OTHER else State.AT_SITE
        row.place = NOWHERE
        row.then = 0
        row.willing = draw(keys, Decision.TRAIT_WILLING, person, 0)
        traits = 0
        if draw(keys, Decision.TRAIT_NEED, person, 0) < p[Param.NEED]:
            traits |= NEED
        if draw(keys, Decision.TRAIT_AIMS, person, 0) < p[Param.AIMS]:
            traits |= AIMS
        if draw(keys, Decision.TRAIT_TIES, person, 0) < p[Param.TIES]:
            traits |= TIES
        if draw(keys, Decision.TRAIT_CHILD, person, 0) < p[Param.CHILD]:
            traits |= CHILD
        if draw(keys, Decision.TRAIT_VULNERABLE, person, 0) < p[Param.VULNERABLE]:
            traits |= VULNERABLE
        if draw(keys, Decision.TRAIT_STAYER, person, 0) < p[Param.STAYER]:
            traits |= STAYER
        row.traits = traits
        if cohort != COHORT_START:
            place = NOWHERE if cohort == COHORT_OTHER else 0
            note(book, person, Event.ARRIVED, place)


@kernel
def arrive_again(row, book, day):
    """Let a person whose day has come arrive again, as a new person one generation up."""
    row.person += 1 << GENERATION_SHIFT
    row.arrived = day
    row.since = day
    row.due = -1
    row.ticket = -1
    row.attempts = 0
    row.state = State.AT_SITE
    row.traits &= 255 - REFUSED - REWORKED
    row.then = 0
    note(book, row.person, Event.ARRIVED_AGAIN, 0)


@kernel
def close_site(p, rows, count, counters, book, keys, day):
    """Empty the site on the day it closes: centres, other sites, elsewhere, or stay near it."""
    closed = p[Param.CLOSED] >= 0.5
    if closed and counters[Counter.CLOSED] == 0:
        centres = p[Param.CLOSED_CENTRES]
        stay = centres + p[Param.CLOSED_STAY]
        other = stay + p[Param.CLOSED_OTHER]
        places = int(p[Param.CLOSED_PLACES])
        for i in range(count):
            row = rows[i]
            if row.state != State.AT_SITE and row.state != State.CLAIM_LODGED_CALAIS:
                continue
            u = draw(keys, Decision.CLOSURE, row.person, day - row.arrived)
            if u < centres and places == 0:  # who finds no place goes where the others go
                note(book, row.person, Event.RECEPTION_FULL, NOWHERE)
                u = centres + u / centres * (1.0 - centres)
            if centres <= u < stay:
                continue
            if row.state == State.CLAIM_LODGED_CALAIS:
                note(book, row.person, Event.WITHDREW_CALAIS, NOWHERE)
            if u < centres:
                places -= 1
                row.state = State.RECEPTION_CENTRE
                row.since = day
                row.due = day + int(p[Param.RECEPTION_STAY])
                note(book, row.person, Event.TO_RECEPTION, NOWHERE)
                continue
            note(book, row.person, Event.DISPERSED, NOWHERE)
            if u < other:
                row.state = State.AT_OTHER_SITE
                row.since = day
            else:
                end(row, State.LEFT_ELSEWHERE, p[Param.CLOSED_AGAIN], p, keys, day)
    counters[Counter.CLOSED] = 1 if closed else 0


@kernel
def start(p, rows, book, keys):
    """Write the people who are at the site when the plan begins."""
    add_people(p, rows, 0, rows.size, np.int64(COHORT_START), book, keys, np.int64(0))
