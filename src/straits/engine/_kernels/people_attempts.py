"""Attempts, compiled: which way, which lorry, how far; the twin is people_reference_attempts.

The arguments are those of ``people``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.inline import kernel
from straits.engine._kernels.people import draw, draw_all, end, note
from straits.engine._kernels.people_asylum import (
    claim_or_return,
    claim_uk,
    cross_unseen,
    to_return,
)
from straits.tables.people import (
    BOAT,
    NOWHERE,
    TRAIN,
    Decision,
    Event,
    Memory,
    State,
)
from straits.tables.people_parameters import Param

COQUELLES = 1  # in PLACES: the trains leave from there
WAYS = 8  # lorries at three places, tickets at three, train, boat
_HOUR_TICKS = 3600 * 1024
_DAY_TICKS = 24 * _HOUR_TICKS
# The draws of an attempt in the order in which it meets them, `Decision.OPEN` and what follows
# a ticket left out: those are few.
_LUCK = (
    int(Decision.PLACE), int(Decision.MATCH), int(Decision.INJURY), int(Decision.DRIVER),
    int(Decision.DEATH), int(Decision.ACCESS), int(Decision.COUNTED),
)  # fmt: skip


@kernel
def open_chances(p, juxtaposed, out):
    """Fill `out` with the chance of being let aboard openly, by place."""
    checks = p[Param.CARRIER_CHECKS_FREE] + p[Param.LIABILITY] * (
        p[Param.CARRIER_CHECKS] - p[Param.CARRIER_CHECKS_FREE]
    )
    others = (1.0 - p[Param.OPEN_EXIT_SHARE] * p[Param.OPEN_EXIT_SENSITIVITY]) * (
        1.0 - checks * p[Param.CARRIER_SENSITIVITY]
    )
    for place in range(3):
        out[place] = others * p[Param.OPEN_UK] if juxtaposed[place] else others


@kernel
def access_now(p, juxtaposed, out):
    """Fill `out` with the chance of not being turned back: by place, by train, by boat."""
    for place in range(3):
        access = min(1.0, p[Param.ACCESS] * p[Param.ACCESS_CALAIS + place])
        if not juxtaposed[place]:
            access += (1.0 - access) * p[Param.ACCESS_UK_PART]
        out[place] = access
    out[TRAIN] = p[Param.ACCESS_TRAIN]
    if not juxtaposed[COQUELLES]:
        out[TRAIN] += (1.0 - out[TRAIN]) * p[Param.ACCESS_UK_PART]
    out[BOAT] = p[Param.ACCESS_BOAT]


@kernel
def caution(p, memory, k, tried):
    """Return the factor of the perceived risk of dying in the weight of a way.

    `k` counts places, train, boat; `tried` are its remembered attempts.
    """
    weight = p[Param.PRIOR_RISK]
    risk = (memory[Memory.DIED_CALAIS + k] + weight * p[Param.REFERENCE_RISK]) / (tried + weight)
    return 1.0 / (1.0 + p[Param.CHOICE_RISK] * (risk / p[Param.REFERENCE_RISK] - 1.0))


@kernel
def choice_shares(p, memory, access, out):
    """Fill `out` with cumulative shares: lorries at three places, tickets at three, train, boat."""
    total = 0.0
    weight = p[Param.PRIOR_ATTEMPTS]
    for place in range(3):
        success = (memory[Memory.SUCCESS_CALAIS + place] + weight * p[Param.REFERENCE_SUCCESS]) / (
            memory[Memory.TRIED_CALAIS + place] + weight
        )
        total += (
            p[Param.WEIGHT_CALAIS + place]
            * access[place] ** p[Param.CHOICE_ACCESS]
            * success ** p[Param.CHOICE_SUCCESS]
            * caution(p, memory, place, memory[Memory.TRIED_CALAIS + place])
        )
        out[place] = total
    for place in range(3):
        perceived = memory[Memory.OPEN_CALAIS + place]
        total += p[Param.OPEN_CALAIS + place] * perceived ** p[Param.CHOICE_SUCCESS]
        out[3 + place] = total
    for k in range(2):
        success = (memory[Memory.SUCCESS_TRAIN + k] + weight * p[Param.REFERENCE_SUCCESS]) / (
            memory[Memory.TRIED_TRAIN + k] + weight
        )
        total += (
            p[Param.WEIGHT_TRAIN + k]
            * access[TRAIN + k] ** p[Param.CHOICE_ACCESS]
            * success ** p[Param.CHOICE_SUCCESS]
            * caution(p, memory, TRAIN + k, memory[Memory.TRIED_TRAIN + k])
        )
        out[6 + k] = total
    if total > 0.0:
        for k in range(WAYS):
            out[k] /= total
    return total


@kernel
def attempt_rate(p, memory):
    """Return the attempts of a person aiming for the UK [1/d]."""
    success = 0.0
    tried = 0.0
    for place in range(3):
        success += memory[Memory.SUCCESS_CALAIS + place]
        tried += memory[Memory.TRIED_CALAIS + place]
    for k in range(2):
        success += memory[Memory.SUCCESS_TRAIN + k]
        tried += memory[Memory.TRIED_TRAIN + k]
    weight = p[Param.PRIOR_ATTEMPTS]
    known = (success + weight * p[Param.REFERENCE_SUCCESS]) / (tried + weight)
    learnt = (known / p[Param.REFERENCE_SUCCESS]) ** p[Param.LEARNING]
    return p[Param.RATE] * p[Param.EPISODE] * p[Param.SEASON] * learnt


@njit(cache=True, nogil=True)
def matching(p, exposure, try_how, out):
    """Fill `out` with the chance that an attempt meets a stationary lorry, by place."""
    wanted = np.zeros(3)
    for how in try_how:
        if how < 3:
            wanted[how] += 1.0
    for place in range(3):
        standing = 0
        for hour in range(24):
            standing += exposure[place, hour]
        hours = standing / _HOUR_TICKS + p[Param.PARKED_CALAIS + place]
        room = p[Param.MATCHING] * hours * (1.0 - p[Param.SECURED_CALAIS + place])
        out[place] = 0.0
        if room > 0.0:
            x = wanted[place] / room
            out[place] = -math.expm1(-x) / x if x > 0.0 else 1.0


@kernel
def instant_of_day(exposure, place, u):
    """Return the instant of a boarding, spread over the day as stationary lorries are [ticks]."""
    total = 0
    for hour in range(24):
        total += exposure[place, hour]
    if total == 0:
        return int(u * _DAY_TICKS)
    target = u * total
    reached = 0.0
    for hour in range(24):
        part = exposure[place, hour]
        if part > 0 and target < reached + part:
            return hour * _HOUR_TICKS + int((target - reached) / part * _HOUR_TICKS)
        reached += part
    return _DAY_TICKS - 1


@njit(cache=True, nogil=True)
def with_ticket(p, row, place, opening, book, keys, day):
    """Resolve an attempt to board openly."""
    person, number = row.person, row.attempts
    note(book, person, Event.OPEN_TRIED, place)
    if draw(keys, Decision.OPEN, person, number) >= opening[place]:
        return
    note(book, person, Event.OPEN_BOARDED, place)
    if row.state == State.CLAIM_LODGED_CALAIS:
        note(book, person, Event.WITHDREW_CALAIS, NOWHERE)
    row.place = place
    row.ticket = -1
    row.due = -1
    row.since = day
    if draw(keys, Decision.OPEN_CLAIM, person, number) < p[Param.OPEN_CLAIM]:
        claim_uk(row, p, book, keys, day)
    else:
        to_return(row, np.int64(0), p, book, keys, day)


@njit(cache=True, nogil=True)
def without_lorry(p, row, k, access, memory, book, keys, day):
    """Resolve an attempt on foot for a train (k = 0) or by boat (k = 1) to its end."""
    person, number, place = row.person, row.attempts, TRAIN + k
    if draw(keys, Decision.INJURY, person, number) < p[Param.INJURY]:
        note(book, person, Event.INJURED, place)
    lodged = row.state == State.CLAIM_LODGED_CALAIS
    if draw(keys, Decision.DEATH, person, number) < p[Param.DEATH_TRAIN + k]:
        if lodged:
            note(book, person, Event.WITHDREW_CALAIS, NOWHERE)
        note(book, person, Event.DIED, place)
        end(row, State.DIED, 0.0, p, keys, day)
        return
    if draw(keys, Decision.ACCESS, person, number) >= access[place]:
        note(book, person, Event.TURNED_BACK, place)
        # The statistics are of controls at ports and tunnel; a boat meets none.
        if place == TRAIN and draw(keys, Decision.COUNTED, person, number) < p[Param.COUNTED]:
            note(book, person, Event.COUNTED, place)
        return
    note(book, person, Event.BOARDED, place)
    memory[Memory.SUCCESS_TRAIN + k] += 1.0
    if lodged:
        note(book, person, Event.WITHDREW_CALAIS, NOWHERE)
    row.place = place
    row.ticket = -1
    if draw(keys, Decision.SEARCH, person, number) < p[Param.FOUND_TRAIN + k]:
        note(book, person, Event.FOUND_AFTER_SEA, place)
        claim_or_return(row, p[Param.UK_CLAIM_FOUND], p, book, keys, day)
        return
    note(book, person, Event.CROSSED_UNSEEN, place)
    cross_unseen(row, p, keys, day)


@njit(cache=True, nogil=True)
def draw_attempts(rows, keys, try_row):
    """Return every draw that an attempt may need, float64[purpose, attempt]."""
    person = np.empty(try_row.size, np.int64)
    number = np.empty(try_row.size, np.int64)
    for k in range(try_row.size):
        row = rows[try_row[k]]
        person[k] = row.person
        number[k] = row.attempts
    drawn = np.empty((len(_LUCK), try_row.size))
    for j in range(len(_LUCK)):
        draw_all(keys, _LUCK[j], person, number, drawn[j])
    return drawn


@kernel
def pick_ways(shares, drawn, try_how):
    """Fill `try_how` with the way of each attempt: 0 to 2 lorries, 3 to 5 tickets, train, boat."""
    for k in range(drawn.size):
        how = 0
        for j in range(WAYS - 1):
            how += drawn[k] >= shares[j]
        try_how[k] = how


@njit(cache=True, nogil=True)
def attempt_all(
    p, rows, memory, book, keys, day, exposure, access, opening, shares, try_row,
    board_row, board_place, board_instant,
):  # fmt: skip
    """Resolve the day's attempts up to the moment of boarding; return how many boarded."""
    way, match, injury, driver, death, passes, counted = draw_attempts(rows, keys, try_row)
    try_how = np.empty(try_row.size, np.int64)
    pick_ways(shares, way, try_how)
    meets = np.empty(3)
    matching(p, exposure, try_how, meets)
    boarded = 0
    for k in range(try_row.size):
        row = rows[try_row[k]]
        person, number = row.person, row.attempts
        if try_how[k] >= 6:
            without_lorry(p, row, try_how[k] - 6, access, memory, book, keys, day)
            continue
        place = try_how[k] % 3
        if try_how[k] >= 3:
            with_ticket(p, row, place, opening, book, keys, day)
            continue
        if match[k] >= meets[place]:
            note(book, person, Event.NO_LORRY, place)
            continue
        if injury[k] < p[Param.INJURY]:
            note(book, person, Event.INJURED, place)
        if driver[k] < p[Param.DRIVER]:
            note(book, person, Event.DRIVER_INCIDENT, place)
        if death[k] < p[Param.DEATH]:
            if row.state == State.CLAIM_LODGED_CALAIS:
                note(book, person, Event.WITHDREW_CALAIS, NOWHERE)
            note(book, person, Event.DIED, place)
            end(row, State.DIED, 0.0, p, keys, day)
            continue
        if passes[k] >= access[place]:
            note(book, person, Event.TURNED_BACK, place)
            if counted[k] < p[Param.COUNTED]:
                note(book, person, Event.COUNTED, place)
            continue
        note(book, person, Event.BOARDED, place)
        row.then = row.state
        row.state = State.ABOARD
        row.vehicle = -1
        row.place = place
        board_row[boarded] = try_row[k]
        board_place[boarded] = place
        u = draw(keys, Decision.INSTANT, person, number)
        board_instant[boarded] = instant_of_day(exposure, place, u)
        boarded += 1
    return boarded
