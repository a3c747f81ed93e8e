"""Attempts in plain Python: which way, which lorry, how far; step 3 of a day, specified."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.engine.people_reference import Day, Person
from straits.engine.people_reference_asylum import (
    cross_unseen,
    found_on_uk_soil,
    landed_openly,
)
from straits.tables.people import TRAIN, Decision, Event, Memory, State
from straits.tables.people_parameters import Param

__all__ = ["access_now", "attempt_rate", "choice_shares", "instant", "meetings", "open_chances",
           "try_lorry", "try_openly", "try_without_lorry"]  # fmt: skip

_HOUR_TICKS = 3600 * 1024
_PLACES = range(3)
_COQUELLES = 1  # in PLACES: the trains leave from there


def open_chances(p: Any, juxtaposed: NDArray[np.int8], out: Any) -> None:
    """Fill `out` with the chance of being let aboard openly: a product over the controls."""
    free = float(p[Param.CARRIER_CHECKS_FREE])
    checks = free + float(p[Param.LIABILITY]) * (float(p[Param.CARRIER_CHECKS]) - free)
    exit_check = 1.0 - float(p[Param.OPEN_EXIT_SHARE]) * float(p[Param.OPEN_EXIT_SENSITIVITY])
    others = exit_check * (1.0 - checks * float(p[Param.CARRIER_SENSITIVITY]))
    for place in _PLACES:
        out[place] = others * float(p[Param.OPEN_UK]) if juxtaposed[place] else others


def access_now(today: Day, juxtaposed: NDArray[np.int8]) -> list[float]:
    """Return the chance of not being turned back before boarding: by place, by train, by boat."""
    out = []
    for place in _PLACES:
        access = min(1.0, today[Param.ACCESS] * today[Param.ACCESS_CALAIS + place])
        if not juxtaposed[place]:
            access += (1.0 - access) * today[Param.ACCESS_UK_PART]
        out.append(access)
    train = today[Param.ACCESS_TRAIN]
    if not juxtaposed[_COQUELLES]:
        train += (1.0 - train) * today[Param.ACCESS_UK_PART]
    return [*out, train, today[Param.ACCESS_BOAT]]


def _caution(today: Day, memory: list[float], k: int, tried: float) -> float:
    """Return the factor of the perceived risk of dying in a way's weight: places, train, boat."""
    weight, reference = today[Param.PRIOR_RISK], today[Param.REFERENCE_RISK]
    risk = (memory[Memory.DIED_CALAIS + k] + weight * reference) / (tried + weight)
    return float(1.0 / (1.0 + today[Param.CHOICE_RISK] * (risk / reference - 1.0)))


def choice_shares(today: Day, memory: list[float], access: list[float]) -> list[float]:
    """Return cumulative shares: lorries at three places, tickets at three, train, boat."""
    weight, reference = today[Param.PRIOR_ATTEMPTS], today[Param.REFERENCE_SUCCESS]
    reached: list[float] = []
    total = 0.0
    for place in _PLACES:
        success = (memory[Memory.SUCCESS_CALAIS + place] + weight * reference) / (
            memory[Memory.TRIED_CALAIS + place] + weight
        )
        total += (
            today[Param.WEIGHT_CALAIS + place]
            * access[place] ** today[Param.CHOICE_ACCESS]
            * success ** today[Param.CHOICE_SUCCESS]
            * _caution(today, memory, place, memory[Memory.TRIED_CALAIS + place])
        )
        reached.append(total)
    for place in _PLACES:
        perceived = memory[Memory.OPEN_CALAIS + place]
        total += today[Param.OPEN_CALAIS + place] * perceived ** today[Param.CHOICE_SUCCESS]
        reached.append(total)
    for k in range(2):
        success = (memory[Memory.SUCCESS_TRAIN + k] + weight * reference) / (
            memory[Memory.TRIED_TRAIN + k] + weight
        )
        total += (
            today[Param.WEIGHT_TRAIN + k]
            * access[TRAIN + k] ** today[Param.CHOICE_ACCESS]
            * success ** today[Param.CHOICE_SUCCESS]
            * _caution(today, memory, TRAIN + k, memory[Memory.TRIED_TRAIN + k])
        )
        reached.append(total)
    return [value / total for value in reached] if total > 0.0 else reached


def attempt_rate(today: Day, memory: list[float]) -> float:
    """Return the attempts of a person aiming for the UK [1/d]; success draws a few more."""
    success = tried = 0.0
    for place in _PLACES:
        success += memory[Memory.SUCCESS_CALAIS + place]
        tried += memory[Memory.TRIED_CALAIS + place]
    for k in range(2):
        success += memory[Memory.SUCCESS_TRAIN + k]
        tried += memory[Memory.TRIED_TRAIN + k]
    weight, reference = today[Param.PRIOR_ATTEMPTS], today[Param.REFERENCE_SUCCESS]
    known = (success + weight * reference) / (tried + weight)
    learnt = (known / reference) ** today[Param.LEARNING]
    return float(today[Param.RATE] * today[Param.EPISODE] * today[Param.SEASON] * learnt)


def meetings(today: Day, exposure: NDArray[np.int64], wanted: list[int]) -> list[float]:
    """Return the chance that an attempt meets a stationary lorry, by place: (1 - e^-x) / x."""
    out = []
    for place in _PLACES:
        standing = int(exposure[place].sum())
        hours = standing / _HOUR_TICKS + today[Param.PARKED_CALAIS + place]
        room = today[Param.MATCHING] * hours * (1.0 - today[Param.SECURED_CALAIS + place])
        x = wanted[place] / room if room > 0.0 else math.inf
        out.append(0.0 if x == math.inf else 1.0 if x == 0.0 else -math.expm1(-x) / x)
    return out


def instant(standing: list[int], u: float) -> int:
    """Return the instant of a boarding, spread over the day as stationary lorries are [ticks]."""
    if sum(standing) == 0:
        return int(u * 24 * _HOUR_TICKS)
    target, reached = u * sum(standing), 0.0
    for hour, part in enumerate(standing):
        if part > 0 and target < reached + part:
            return hour * _HOUR_TICKS + int((target - reached) / part * _HOUR_TICKS)
        reached += part
    return 24 * _HOUR_TICKS - 1


def try_openly(today: Day, someone: Person, place: int, opening: list[float]) -> None:
    """Let a person present themselves with a ticket."""
    today.note(Event.OPEN_TRIED, someone, place)
    if today.draw_attempt(Decision.OPEN, someone) >= opening[place]:
        return
    today.note(Event.OPEN_BOARDED, someone, place)
    if someone.state == State.CLAIM_LODGED_CALAIS:
        today.note(Event.WITHDREW_CALAIS, someone)
    someone.place = place
    landed_openly(today, someone)


def try_lorry(today: Day, someone: Person, place: int, meets: float, access: float) -> bool:
    """Let a person try a lorry; say whether they got in."""
    if today.draw_attempt(Decision.MATCH, someone) >= meets:
        today.note(Event.NO_LORRY, someone, place)
        return False
    if today.draw_attempt(Decision.INJURY, someone) < today[Param.INJURY]:
        today.note(Event.INJURED, someone, place)
    if today.draw_attempt(Decision.DRIVER, someone) < today[Param.DRIVER]:
        today.note(Event.DRIVER_INCIDENT, someone, place)
    if today.draw_attempt(Decision.DEATH, someone) < today[Param.DEATH]:
        if someone.state == State.CLAIM_LODGED_CALAIS:
            today.note(Event.WITHDREW_CALAIS, someone)
        today.note(Event.DIED, someone, place)
        today.end(someone, State.DIED, 0.0)
        return False
    if today.draw_attempt(Decision.ACCESS, someone) >= access:
        today.note(Event.TURNED_BACK, someone, place)
        if today.draw_attempt(Decision.COUNTED, someone) < today[Param.COUNTED]:
            today.note(Event.COUNTED, someone, place)
        return False
    today.note(Event.BOARDED, someone, place)
    someone.then, someone.state = someone.state, State.ABOARD
    someone.vehicle, someone.place = -1, place
    return True


def try_without_lorry(
    today: Day, someone: Person, k: int, access: list[float], memory: NDArray[np.float64]
) -> None:
    """Let a person try on foot for a train (k = 0) or by boat (k = 1), to the end."""
    place = TRAIN + k
    if today.draw_attempt(Decision.INJURY, someone) < today[Param.INJURY]:
        today.note(Event.INJURED, someone, place)
    lodged = someone.state == State.CLAIM_LODGED_CALAIS
    if today.draw_attempt(Decision.DEATH, someone) < today[Param.DEATH_TRAIN + k]:
        if lodged:
            today.note(Event.WITHDREW_CALAIS, someone)
        today.note(Event.DIED, someone, place)
        today.end(someone, State.DIED, 0.0)
        return
    if today.draw_attempt(Decision.ACCESS, someone) >= access[place]:
        today.note(Event.TURNED_BACK, someone, place)
        # The statistics are of controls at ports and tunnel; a boat meets none.
        counted = place == TRAIN and (
            today.draw_attempt(Decision.COUNTED, someone) < today[Param.COUNTED])
        if counted:
            today.note(Event.COUNTED, someone, place)
        return
    today.note(Event.BOARDED, someone, place)
    memory[Memory.SUCCESS_TRAIN + k] += 1.0
    if lodged:
        today.note(Event.WITHDREW_CALAIS, someone)
    someone.place, someone.ticket = place, -1
    if today.draw_attempt(Decision.SEARCH, someone) < today[Param.FOUND_TRAIN + k]:
        today.note(Event.FOUND_AFTER_SEA, someone, place)
        found_on_uk_soil(today, someone)
    else:
        today.note(Event.CROSSED_UNSEEN, someone, place)
        cross_unseen(today, someone)
