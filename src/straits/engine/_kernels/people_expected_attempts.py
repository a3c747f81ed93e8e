"""The attempts of an expected day, compiled: which way, which lorry, how far, what is learnt.

The part of ``people_attempts`` and of ``people_after`` that ``people_expected`` needs; arguments
are those of the latter. Powers whose base and exponent stay the same for months are kept.
"""

from __future__ import annotations

import math
from enum import IntEnum

from straits.engine._kernels.inline import inner
from straits.engine._kernels.people_attempts import WAYS as ATTEMPT_WAYS
from straits.engine._kernels.people_attempts import caution
from straits.tables.people import TRAIN, Memory
from straits.tables.people_parameters import Param


class Way(IntEnum):
    """Chances that hold for one attempt of anyone."""

    TURNED_BACK = 0
    BOARDED = 1
    FOUND_BEFORE = 2
    FOUND_AFTER = 3
    UNSEEN = 4
    OPEN = 5
    DIED = 6
    UNCOUNTED = 7  # turned back where no statistics are kept: in a boat


class Kept(IntEnum):
    """Powers that are the same for months; those by place have three rows."""

    ACCESS = 0
    OPEN = 3
    ROOM = 6
    MEMORY = 9
    DELAY = 10
    ACCESS_TRAIN = 11
    ACCESS_BOAT = 12


WAYS = len(Way)
KEPT = 13


@inner
def power(base, exponent, kept):
    """Return base ** exponent, which `kept` holds with both while they stay the same."""
    if base != kept[0] or exponent != kept[1]:
        kept[0] = base
        kept[1] = exponent
        kept[2] = base**exponent
    return kept[2]


@inner
def struck(x):
    """Return (1 - exp(-x)) / x: how much of a hazard `x` strikes in one day."""
    if x > 0.25:
        return (1.0 - math.exp(-x)) / x
    # The series takes no difference of near numbers, and half the time; its error is below 5e-11.
    y = 1.0 - x * (1.0 / 8.0)
    y = 1.0 - x * (1.0 / 7.0) * y
    y = 1.0 - x * (1.0 / 6.0) * y
    y = 1.0 - x * (1.0 / 5.0) * y
    y = 1.0 - x * (1.0 / 4.0) * y
    y = 1.0 - x * (1.0 / 3.0) * y
    return 1.0 - x * 0.5 * y


@inner
def choose_way(p, memory, access, kept, out):
    """Fill `out` with cumulative shares as ``choice_shares`` does, which takes all powers anew."""
    total = 0.0
    weight = p[Param.PRIOR_ATTEMPTS]
    for place in range(3):
        success = memory[Memory.SUCCESS_CALAIS + place] + weight * p[Param.REFERENCE_SUCCESS]
        success /= memory[Memory.TRIED_CALAIS + place] + weight
        if p[Param.CHOICE_SUCCESS] != 1.0:
            success = success ** p[Param.CHOICE_SUCCESS]
        ease = power(access[place], p[Param.CHOICE_ACCESS], kept[Kept.ACCESS + place])
        safe = caution(p, memory, place, memory[Memory.TRIED_CALAIS + place])
        total += p[Param.WEIGHT_CALAIS + place] * ease * success * safe
        out[place] = total
    for place in range(3):
        perceived = memory[Memory.OPEN_CALAIS + place]
        ease = power(perceived, p[Param.CHOICE_SUCCESS], kept[Kept.OPEN + place])
        total += p[Param.OPEN_CALAIS + place] * ease
        out[3 + place] = total
    for k in range(2):
        success = memory[Memory.SUCCESS_TRAIN + k] + weight * p[Param.REFERENCE_SUCCESS]
        success /= memory[Memory.TRIED_TRAIN + k] + weight
        if p[Param.CHOICE_SUCCESS] != 1.0:
            success = success ** p[Param.CHOICE_SUCCESS]
        ease = power(access[TRAIN + k], p[Param.CHOICE_ACCESS], kept[Kept.ACCESS_TRAIN + k])
        safe = caution(p, memory, TRAIN + k, memory[Memory.TRIED_TRAIN + k])
        total += p[Param.WEIGHT_TRAIN + k] * ease * success * safe
        out[6 + k] = total
    if total > 0.0:
        for k in range(ATTEMPT_WAYS):
            out[k] /= total


@inner
def meeting(p, place, hours, wanted, kept):
    """Return the chance that an attempt meets a stationary lorry, of a Poisson number `wanted`."""
    room = p[Param.MATCHING] * (hours[place] + p[Param.PARKED_CALAIS + place])
    room *= 1.0 - p[Param.SECURED_CALAIS + place]
    if room <= 0.0:
        return 0.0
    # With n attempts room * (1 - exp(-n / room)) meet one; E exp(-n / room) = exp(-wanted * part).
    part = 1.0 - power(math.e, -1.0 / room, kept[Kept.ROOM + place])
    return room * part * struck(wanted * part)


@inner
def attempt_ways(
    p, share, targeting, sensitivity, before, access, opening, shares, hours, tries,
    kept, way, learnt,
):  # fmt: skip
    """Fill `way` with the chances of one attempt; count in `learnt` what the site hears of."""
    for k in range(WAYS):
        way[k] = 0.0
    reached = 0.0
    for place in range(3):
        part = shares[place] - reached
        reached = shares[place]
        met = part * meeting(p, place, hours, part * tries, kept)
        died = met * p[Param.DEATH]
        boarded = (met - died) * access[place]
        turned = met - died - boarded
        found = boarded * min(1.0, share[place] * targeting[place]) * sensitivity[place]
        way[Way.DIED] += died
        way[Way.BOARDED] += boarded
        way[Way.TURNED_BACK] += turned
        way[Way.UNSEEN] += boarded - found
        way[Way.FOUND_BEFORE if before[place] else Way.FOUND_AFTER] += found
        success = boarded if not before[place] else boarded - found
        learnt[0, place] = tries * success
        learnt[1, place] = tries * part  # also those who met no lorry, and those who died
        learnt[2, place] = tries * died
    for place in range(3):
        way[Way.OPEN] += (shares[3 + place] - reached) * opening[place]
        reached = shares[3 + place]
    for k in range(2):
        part = shares[6 + k] - reached
        reached = shares[6 + k]
        died = part * p[Param.DEATH_TRAIN + k]
        boarded = (part - died) * access[TRAIN + k]
        found = boarded * p[Param.FOUND_TRAIN + k]
        way[Way.DIED] += died
        way[Way.BOARDED] += boarded
        way[Way.TURNED_BACK] += part - died - boarded
        if k == 1:
            way[Way.UNCOUNTED] += part - died - boarded
        way[Way.FOUND_AFTER] += found
        way[Way.UNSEEN] += boarded - found
        learnt[0, TRAIN + k] = tries * boarded
        learnt[1, TRAIN + k] = tries * part
        learnt[2, TRAIN + k] = tries * died


@inner
def remember(p, memory, opening, learnt, kept):
    """Let people on site learn from the day."""
    keep = power(2.0, -1.0 / p[Param.MEMORY], kept[Kept.MEMORY])
    for k in range(5):
        died = Memory.DIED_CALAIS + k
        memory[died] = keep * (memory[died] + learnt[2, k])
    for place in range(3):
        success, tried = Memory.SUCCESS_CALAIS + place, Memory.TRIED_CALAIS + place
        memory[success] = keep * (memory[success] + learnt[0, place])
        memory[tried] = keep * (memory[tried] + learnt[1, place])
        if place < 2:
            success, tried = Memory.SUCCESS_TRAIN + place, Memory.TRIED_TRAIN + place
            memory[success] = keep * (memory[success] + learnt[0, TRAIN + place])
            memory[tried] = keep * (memory[tried] + learnt[1, TRAIN + place])
        old = memory[Memory.OPEN_CALAIS + place]
        memory[Memory.OPEN_CALAIS + place] = old + (1.0 - keep) * (opening[place] - old)
