"""Attempts, compiled: which way, which lorry, how far; the twin is people_reference_choices.

The arguments are those of ``people``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.inline import kernel
from straits.engine._kernels.people import draw, draw_all, end, note
from straits.engine._kernels.people_asylum import claim_uk, to_return
from straits.tables.people import (
    NOWHERE,
    Decision,
    Event,
    Memory,
    State,
)
from straits.tables.people_parameters import Param

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
    """Fill `out` with the chance that an attempt is not turned back before boarding."""
    for place in range(3):
        access = min(1.0, p[Param.ACCESS] * p[Param.ACCESS_CALAIS + place])
        if not juxtaposed[place]:
            access += (1.0 - access) * p[Param.ACCESS_UK_PART]
        out[place] = access


@kernel
def choice_shares(p, memory, access, out):
    """Fill `out` with cumulative shares: lorries at three places, open boarding at three."""
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
        )
        out[place] = total
    for place in range(3):
        perceived = memory[Memory.OPEN_CALAIS + place]
        total += p[Param.OPEN_CALAIS + place] * perceived ** p[Param.CHOICE_SUCCESS]
        out[3 + place] = total
    if total > 0.0:
        for k in range(6):
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
    """Fill `try_how` with the way of each attempt: 0 to 2 a lorry, 3 to 5 a ticket, by place."""
    for k in range(drawn.size):
        how = 0
        for j in range(5):
            how += drawn[k] >= shares[j]
        try_how[k] = how


@njit(cache=True, nogil=True)
def attempt_all(
    p, rows, book, keys, day, exposure, access, opening, shares, try_row,
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
        place = try_how[k] % 3
        if try_how[k] >= 3:
            note(book, person, Event.OPEN_TRIED, place)
            if draw(keys, Decision.OPEN, person, number) < opening[place]:
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
