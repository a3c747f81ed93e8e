"""Choices and attempts in plain Python: the specification of steps 1 to 3 of a day."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.engine.people_reference import (
    Day,
    Person,
    close_site,
    come_back,
    newcomers,
    read_people,
    to_centre,
    write_people,
)
from straits.engine.people_reference_asylum import (
    cross_unseen,
    found_on_uk_soil,
    landed_openly,
)
from straits.tables.people import (
    AIMS,
    CHILD,
    COHORT_CALAIS,
    COHORT_OTHER,
    NEED,
    REFUSED,
    STAYER,
    TIES,
    TRAIN,
    UK_KEEPS,
    Counter,
    Decision,
    Event,
    Memory,
    State,
)
from straits.tables.people_parameters import Param

__all__ = ["begin", "open_chances"]

_HOUR_TICKS = 3600 * 1024
_PLACES = range(3)
_COQUELLES = 1  # in PLACES: the trains leave from there
# A new way stands at the end, so that the same draw picks the same way of those before.
_WAYS = (
    "leave", "return", "claim", "removal", "family", "centre", "lodge", "uk_centre", "attempt",
    "reunion", "children", "exchange",
)  # fmt: skip
_MOVED = {
    "family": Event.FAMILY_TRANSFER, "uk_centre": Event.TO_UK_CENTRE,
    "reunion": Event.FAMILY_REUNION, "children": Event.CHILD_TRANSFER, "exchange": Event.ONE_IN,
}  # fmt: skip


def open_chances(p: Any, juxtaposed: NDArray[np.int8], out: Any) -> None:
    """Fill `out` with the chance of being let aboard openly: a product over the controls."""
    free = float(p[Param.CARRIER_CHECKS_FREE])
    checks = free + float(p[Param.LIABILITY]) * (float(p[Param.CARRIER_CHECKS]) - free)
    exit_check = 1.0 - float(p[Param.OPEN_EXIT_SHARE]) * float(p[Param.OPEN_EXIT_SENSITIVITY])
    others = exit_check * (1.0 - checks * float(p[Param.CARRIER_SENSITIVITY]))
    for place in _PLACES:
        out[place] = others * float(p[Param.OPEN_UK]) if juxtaposed[place] else others


def _access(today: Day, juxtaposed: NDArray[np.int8]) -> list[float]:
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


def _shares(today: Day, memory: list[float], access: list[float]) -> list[float]:
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
        )
        reached.append(total)
    return [value / total for value in reached] if total > 0.0 else reached


def _attempt_rate(today: Day, memory: list[float]) -> float:
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


def _hazards(
    today: Day, someone: Person, leave: float, attempt: float, offered: dict[str, int]
) -> list[float]:
    """Return the day's competing hazards of one person, in the order of `_WAYS` [1/d]."""
    h = dict.fromkeys(_WAYS, 0.0)
    aims = someone.has(AIMS)
    slow = today[Param.LEAVE_STAYER] if someone.has(STAYER) else 1.0
    if someone.state == State.CLAIM_LODGED_CALAIS:
        h["leave"] = leave * slow * today[Param.LODGE_LEAVE]
        h["attempt"] = attempt * slow * today[Param.QUEUE_ATTEMPTS]
        return list(h.values())
    prefers = 1.0 if aims else today[Param.PREFERENCE]
    h["leave"] = leave * slow
    h["return"] = today[Param.VOLUNTARY] * slow
    h["claim"] = today[Param.CLAIM_FRANCE] * prefers * slow
    if someone.state == State.AT_SITE:
        if today[Param.CLOSED] >= 0.5:
            h["leave"] *= today[Param.CLOSED_HAZARD]
        h["leave"] += today[Param.LEAVE_EVENT] * slow
        if offered["removal"] > 0 and not someone.has(CHILD):
            h["removal"] = today[Param.REMOVAL_RATE] * slow
        if offered["family"] > 0 and someone.has(CHILD) and someone.has(TIES):
            h["family"] = today[Param.FAMILY_RATE]
        if offered["centre"] > 0:
            h["centre"] = today[Param.RECEPTION_RATE] * prefers * slow
    if aims:
        lodging = today[Param.LODGE_OPEN] > 0.0 and today[Param.LODGE_CAPACITY] > 0.0
        if lodging and not someone.has(REFUSED) and someone.willing < today[Param.LODGE_JOIN]:
            h["lodge"] = today[Param.LODGE_RATE]
        if today[Param.CENTRE_OPEN] > 0.0 and someone.willing < today[Param.CENTRE_JOIN]:
            h["uk_centre"] = today[Param.CENTRE_RATE]
        h["attempt"] = attempt * slow
    if someone.state == State.AT_SITE:
        if someone.has(CHILD):
            if offered["children"] > 0 and not someone.has(TIES):
                h["children"] = today[Param.CHILDREN_RATE]
        else:
            if offered["reunion"] > 0 and someone.has(TIES):
                h["reunion"] = today[Param.REUNION_RATE]
            joins = aims and not someone.has(REFUSED) and someone.willing < today[Param.ONE_JOIN]
            if offered["exchange"] > 0 and joins:
                h["exchange"] = today[Param.ONE_RATE]
    return list(h.values())


def _pick(hazards: list[float], u: float) -> str | None:
    """Return which of the competing hazards strikes under one uniform, if any does."""
    total = 0.0
    for hazard in hazards:
        total += hazard
    any_of_them = 1.0 - math.exp(-total)
    if u >= total or u >= any_of_them:
        return None
    target, reached, last = u / any_of_them * total, 0.0, None
    for way, hazard in zip(_WAYS, hazards, strict=True):
        if hazard > 0.0:
            reached, last = reached + hazard, way
            if target < reached:
                break
    return last


def _act(
    today: Day, someone: Person, way: str, left: dict[str, int], counters: NDArray[np.int64]
) -> None:
    """Carry out a choice other than an attempt; places go in order of first arrival."""
    if way == "leave":
        if someone.state == State.CLAIM_LODGED_CALAIS:
            today.note(Event.WITHDREW_CALAIS, someone)
        today.note(Event.LEFT, someone)
        today.end(someone, State.LEFT_ELSEWHERE, today[Param.LEFT_AGAIN])
    elif way == "return":
        today.note(Event.VOLUNTARY_RETURN, someone)
        today.end(someone, State.RETURNED, today[Param.RETURN_AGAIN])
    elif way == "claim":
        someone.state, someone.since, someone.ticket = State.CLAIM_FRANCE, today.day, -1
    elif way == "lodge":
        today.note(Event.LODGED_CALAIS, someone)
        someone.state, someone.since = State.CLAIM_LODGED_CALAIS, today.day
        someone.ticket = int(counters[Counter.CALAIS_ISSUED])
        counters[Counter.CALAIS_ISSUED] += 1
    elif left[way] <= 0:
        if way == "centre":
            today.note(Event.RECEPTION_FULL, someone)
        elif way == "uk_centre":
            today.note(Event.UK_CENTRE_FULL, someone)
    elif way == "removal":
        _remove(today, someone, left)
    else:
        left[way] -= 1
        if way == "centre":
            to_centre(today, someone)
            return
        today.note(_MOVED[way], someone)
        counters[Counter.ONE_IN] += way == "exchange"
        # Who enters the UK by a route has a claim that is the UK's.
        someone.state, someone.then, someone.since = State.CLAIM_UK, UK_KEEPS, today.day
        someone.due = someone.ticket = -1


def _remove(today: Day, someone: Person, left: dict[str, int]) -> None:
    """Remove a person from the site, unless the screen recognises a need of protection."""
    if someone.has(NEED):
        if today.draw_today(Decision.SCREEN, someone) < today[Param.REMOVAL_SCREEN]:
            today.note(Event.SCREENED, someone)
            return
        today.note(Event.WRONGLY_RETURNED, someone)
    left["removal"] -= 1
    today.note(Event.REMOVED, someone)
    today.end(someone, State.RETURNED, today[Param.RETURN_AGAIN])


def _choose(
    today: Day, people: list[Person], counters: NDArray[np.int64], memory: list[float],
    shares: list[float],
) -> list[tuple[int, int]]:  # fmt: skip
    """Let everyone choose once; return the attempts: row, and way in the order of `shares`."""
    leave = today[Param.LEAVE]
    if today[Param.LEAVE_CROWDING] > 0.0:
        site = sum(someone.state == State.AT_SITE for someone in people)
        leave *= (site / today[Param.LEAVE_REFERENCE]) ** today[Param.LEAVE_CROWDING]
    attempt = _attempt_rate(today, memory) if shares[-1] > 0.0 else 0.0
    offered = {
        "removal": today.quota(today[Param.REMOVAL_CAPACITY]),
        "family": today.quota(today[Param.FAMILY_CAPACITY]),
        "centre": today.quota(today[Param.RECEPTION_CAPACITY]),
        "uk_centre": today.quota(today[Param.CENTRE_CAPACITY]),
        "reunion": today.quota(today[Param.REUNION_CAPACITY]),
        "children": today.quota(today[Param.CHILDREN_CAPACITY]),
        "exchange": 0,
    }
    if today[Param.ONE_OPEN] > 0.0:  # a place for each one returned up to yesterday, none on trust
        offered["exchange"] = int(counters[Counter.ONE_OUT] - counters[Counter.ONE_IN])
    left = dict(offered)
    tries: list[tuple[int, int]] = []
    for i, someone in enumerate(people):
        if someone.state <= State.CLAIM_LODGED_CALAIS:
            u = today.draw_today(Decision.CHOICE, someone)
            way = _pick(_hazards(today, someone, leave, attempt, offered), u)
            if way == "attempt":
                someone.attempts += 1
                u = today.draw_attempt(Decision.PLACE, someone)
                tries.append((i, sum(u >= share for share in shares[:-1])))
            elif way is not None:
                _act(today, someone, way, left, counters)
        elif someone.state in (State.NON_RETURNABLE_UK, State.NON_RETURNABLE_FRANCE):
            _act_stuck(today, someone, counters)
    return tries


def _act_stuck(today: Day, someone: Person, counters: NDArray[np.int64]) -> None:
    """Let a person who cannot be returned leave, or lodge a fresh claim."""
    uk = someone.state == State.NON_RETURNABLE_UK
    leave = today[Param.UK_STUCK_LEAVE if uk else Param.FR_STUCK_LEAVE]
    fresh = today[Param.UK_FRESH if uk else Param.FR_FRESH]
    u = today.draw_today(Decision.CHOICE, someone)
    either = 1.0 - math.exp(-(leave + fresh))
    if u >= either:
        return
    if fresh <= 0.0 or u / either * (leave + fresh) < leave:
        today.note(Event.LEFT, someone)
        today.end(someone, State.LEFT_ELSEWHERE, 0.0)
        return
    issued = Counter.UK_ISSUED if uk else Counter.FR_ISSUED
    today.note(Event.FRESH_CLAIM_UK if uk else Event.FRESH_CLAIM_FRANCE, someone)
    someone.state, someone.then = State.CLAIM_UK if uk else State.CLAIM_FRANCE, UK_KEEPS
    someone.since, someone.ticket = today.day, int(counters[issued])
    counters[issued] += 1


def _meetings(today: Day, exposure: NDArray[np.int64], wanted: list[int]) -> list[float]:
    """Return the chance that an attempt meets a stationary lorry, by place: (1 - e^-x) / x."""
    out = []
    for place in _PLACES:
        standing = int(exposure[place].sum())
        hours = standing / _HOUR_TICKS + today[Param.PARKED_CALAIS + place]
        room = today[Param.MATCHING] * hours * (1.0 - today[Param.SECURED_CALAIS + place])
        x = wanted[place] / room if room > 0.0 else math.inf
        out.append(0.0 if x == math.inf else 1.0 if x == 0.0 else -math.expm1(-x) / x)
    return out


def _instant(standing: list[int], u: float) -> int:
    """Return the instant of a boarding, spread over the day as stationary lorries are [ticks]."""
    if sum(standing) == 0:
        return int(u * 24 * _HOUR_TICKS)
    target, reached = u * sum(standing), 0.0
    for hour, part in enumerate(standing):
        if part > 0 and target < reached + part:
            return hour * _HOUR_TICKS + int((target - reached) / part * _HOUR_TICKS)
        reached += part
    return 24 * _HOUR_TICKS - 1


def _try_openly(today: Day, someone: Person, place: int, opening: list[float]) -> None:
    """Let a person present themselves with a ticket."""
    today.note(Event.OPEN_TRIED, someone, place)
    if today.draw_attempt(Decision.OPEN, someone) >= opening[place]:
        return
    today.note(Event.OPEN_BOARDED, someone, place)
    if someone.state == State.CLAIM_LODGED_CALAIS:
        today.note(Event.WITHDREW_CALAIS, someone)
    someone.place = place
    landed_openly(today, someone)


def _try_lorry(today: Day, someone: Person, place: int, meets: float, access: float) -> bool:
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


def _try_without_lorry(
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


def begin(  # noqa: PLR0913 - the arguments of the compiled twin
    p: NDArray[np.float64], rows: NDArray[np.void], known: int, counts: NDArray[np.int64],
    counters: NDArray[np.int64], memory: NDArray[np.float64], book: NDArray[np.int64],
    keys: NDArray[np.uint64], day: int, exposure: NDArray[np.int64],
    juxtaposed: NDArray[np.int8], board_row: NDArray[np.int64], board_place: NDArray[np.int64],
    board_instant: NDArray[np.int64],
) -> int:  # fmt: skip
    """Run steps 1 to 3 of a day; rows from `known` on are for today's first arrivals."""
    today = Day(p, book, keys, day)
    people = read_people(rows[:known])
    close_site(today, people, counters)
    come_back(today, people)
    people += newcomers(today, COHORT_CALAIS, int(counts[0]))
    people += newcomers(today, COHORT_OTHER, int(counts[1]))
    known_now = [float(value) for value in memory]
    opening = [0.0, 0.0, 0.0]
    open_chances(today, juxtaposed, opening)
    access = _access(today, juxtaposed)
    shares = _shares(today, known_now, access)
    tries = _choose(today, people, counters, known_now, shares)
    wanted = [sum(how == place for _, how in tries) for place in _PLACES]
    meets = _meetings(today, exposure, wanted)
    boarded = 0
    for i, how in tries:
        someone, place = people[i], how % 3
        if how >= 6:
            _try_without_lorry(today, someone, how - 6, access, memory)
        elif how >= 3:
            _try_openly(today, someone, place, opening)
        elif _try_lorry(today, someone, place, meets[place], access[place]):
            u = today.draw_attempt(Decision.INSTANT, someone)
            board_row[boarded], board_place[boarded] = i, place
            board_instant[boarded] = _instant([int(part) for part in exposure[place]], u)
            boarded += 1
    write_people(people, rows)
    return boarded
