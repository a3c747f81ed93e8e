"""Choices in plain Python: the specification of steps 1 to 3 of a day."""

from __future__ import annotations

import math

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
from straits.engine.people_reference_attempts import (
    access_now,
    attempt_rate,
    choice_shares,
    instant,
    meetings,
    open_chances,
    try_lorry,
    try_openly,
    try_without_lorry,
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
    UK_KEEPS,
    Counter,
    Decision,
    Event,
    State,
)
from straits.tables.people_parameters import Param

__all__ = ["begin"]

_PLACES = range(3)
# A new way stands at the end, so that the same draw picks the same way of those before.
_WAYS = (
    "leave", "return", "claim", "removal", "family", "centre", "lodge", "uk_centre", "attempt",
    "reunion", "children", "exchange",
)  # fmt: skip
_MOVED = {
    "family": Event.FAMILY_TRANSFER, "uk_centre": Event.TO_UK_CENTRE,
    "reunion": Event.FAMILY_REUNION, "children": Event.CHILD_TRANSFER, "exchange": Event.ONE_IN,
}  # fmt: skip


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
    attempt = attempt_rate(today, memory) if shares[-1] > 0.0 else 0.0
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
    access = access_now(today, juxtaposed)
    shares = choice_shares(today, known_now, access)
    tries = _choose(today, people, counters, known_now, shares)
    wanted = [sum(how == place for _, how in tries) for place in _PLACES]
    meets = meetings(today, exposure, wanted)
    boarded = 0
    for i, how in tries:
        someone, place = people[i], how % 3
        if how >= 6:
            try_without_lorry(today, someone, how - 6, access, memory)
        elif how >= 3:
            try_openly(today, someone, place, opening)
        elif try_lorry(today, someone, place, meets[place], access[place]):
            u = today.draw_attempt(Decision.INSTANT, someone)
            board_row[boarded], board_place[boarded] = i, place
            board_instant[boarded] = instant([int(part) for part in exposure[place]], u)
            boarded += 1
    write_people(people, rows)
    return boarded
