"""The displacement ledger between two policies: attempt by attempt, person by person.

Both policies share their luck, so the same person, known by an address and nothing else, can be
followed through both. Every attempt under the one is booked to an attempt of the same person under
the other, or to what that person did instead; every person's end under the one stands beside the
end under the other. The books balance: what a policy ends at one place is never just gone. Only
sums leave this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import InternalError
from straits.ensemble.study import Study, border_days, people_at_decision
from straits.tables.people import (
    GENERATION_SHIFT,
    STOCKS,
    TRAIN,
    Event,
    PeopleDay,
    State,
)

__all__ = ["MODE", "Booking", "Fate", "Ledger", "Lives", "Way", "balance", "ledger_of", "lives_of",
           "row_ledger"]  # fmt: skip


class Way(IntEnum):
    """How an attempt was made, and where; without a lorry within reach it ends before it began."""

    LORRY_CALAIS = 0
    LORRY_COQUELLES = 1
    LORRY_DUNKIRK = 2
    TICKET_CALAIS = 3
    TICKET_COQUELLES = 4
    TICKET_DUNKIRK = 5
    NO_LORRY_CALAIS = 6
    NO_LORRY_COQUELLES = 7
    NO_LORRY_DUNKIRK = 8
    TRAIN = 9  # on foot at the tunnel
    BOAT = 10


class Fate(IntEnum):
    """Where a person is when the window ends."""

    NEVER_CAME = 0
    ON_THE_COAST = 1  # at the site, at another site, aboard a lorry
    WAITS_FOR_UK_DECISION = 2  # in Calais
    IN_FRANCE = 3  # in a reception centre, in the asylum system, or not returnable
    PROTECTED_FRANCE = 4
    IN_UK = 5  # unseen, in the asylum system, or not returnable
    PROTECTED_UK = 6
    OUT_OF_VIEW_UK = 7  # unseen in the UK for so long that the model no longer counts them
    LEFT_ELSEWHERE = 8
    RETURNED = 9
    DIED = 10


class Booking(IntEnum):
    """What became of an attempt under the other policy."""

    SAME = 0  # the same person, way and day
    REACH = 1  # the same day and place; under one policy alone a lorry was within reach
    OTHER_DAY = 2
    OTHER_PLACE = 3
    OTHER_MODE = 4
    NOT_MADE = 5


_FATE_OF_STATE: Final = {
    State.AT_SITE: Fate.ON_THE_COAST, State.AT_OTHER_SITE: Fate.ON_THE_COAST,
    State.ABOARD: Fate.ON_THE_COAST, State.CLAIM_LODGED_CALAIS: Fate.WAITS_FOR_UK_DECISION,
    State.RECEPTION_CENTRE: Fate.IN_FRANCE, State.CLAIM_FRANCE: Fate.IN_FRANCE,
    State.APPEAL_FRANCE: Fate.IN_FRANCE, State.RETURN_PENDING_FRANCE: Fate.IN_FRANCE,
    State.NON_RETURNABLE_FRANCE: Fate.IN_FRANCE, State.UK_UNSEEN: Fate.IN_UK,
    State.CLAIM_UK: Fate.IN_UK, State.APPEAL_UK: Fate.IN_UK, State.RETURN_PENDING_UK: Fate.IN_UK,
    State.NON_RETURNABLE_UK: Fate.IN_UK, State.PROTECTED_UK: Fate.PROTECTED_UK,
    State.PROTECTED_FRANCE: Fate.PROTECTED_FRANCE, State.LEFT_ELSEWHERE: Fate.LEFT_ELSEWHERE,
    State.RETURNED: Fate.RETURNED, State.DIED: Fate.DIED,
}  # fmt: skip
# The event with which somebody leaves the model for good, where the state is no longer kept.
_FATE_OF_EVENT: Final = {
    Event.LEFT: Fate.LEFT_ELSEWHERE, Event.LEFT_RECEPTION: Fate.LEFT_ELSEWHERE,
    Event.DISPERSED: Fate.LEFT_ELSEWHERE, Event.OUT_OF_VIEW: Fate.OUT_OF_VIEW_UK,
    Event.VOLUNTARY_RETURN: Fate.RETURNED, Event.REMOVED: Fate.RETURNED,
    Event.RETURNED_UK: Fate.RETURNED, Event.RETURNED_FRANCE: Fate.RETURNED,
    Event.GRANTED_CALAIS: Fate.PROTECTED_UK, Event.GRANTED_UK: Fate.PROTECTED_UK,
    Event.ALLOWED_UK: Fate.PROTECTED_UK, Event.GRANTED_FRANCE: Fate.PROTECTED_FRANCE,
    Event.ALLOWED_FRANCE: Fate.PROTECTED_FRANCE, Event.DIED: Fate.DIED,
    Event.WITHDREW_UK: Fate.RETURNED, Event.ABSCONDED_UK: Fate.OUT_OF_VIEW_UK,
    Event.WITHDREW_FRANCE: Fate.LEFT_ELSEWHERE, Event.ABSCONDED_FRANCE: Fate.LEFT_ELSEWHERE,
    Event.DUBLIN_ELSEWHERE: Fate.LEFT_ELSEWHERE,
}  # fmt: skip
# After which some stay: in another place of the coast, or back at the site.
_SOME_STAY: Final = (Event.DISPERSED, Event.WITHDREW_FRANCE, Event.ABSCONDED_FRANCE)
# The first of the three ways, Calais before Coquelles and Dunkirk, of which an event is one.
_WAY_OF_EVENT: Final = {
    Event.TURNED_BACK: Way.LORRY_CALAIS, Event.BOARDED: Way.LORRY_CALAIS,
    Event.DIED: Way.LORRY_CALAIS, Event.OPEN_TRIED: Way.TICKET_CALAIS,
    Event.NO_LORRY: Way.NO_LORRY_CALAIS,
}  # fmt: skip
_CAME: Final = (Event.ARRIVED, Event.ARRIVED_AGAIN, Event.BACK_FROM_RECEPTION, Event.BACK_AT_SITE)
MODE: Final = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4])
"""Mode of each way: lorry, ticket, no lorry within reach, train, boat."""
BINS: Final = (0, 1, 2, 4, 8, 16)
"""Attempts from which on a person stands in the next bin of the distribution."""
_PERSON: Final = (1 << GENERATION_SHIFT) - 1  # whoever comes back is still the same person
_WAYS: Final = len(Way)
_FATES: Final = len(Fate)


@dataclass(frozen=True, slots=True)
class Lives:
    """What became of the people of one run between the decision day and the end.

    Attributes
    ----------
    person : int64[person]
        Addresses, ascending.
    fate : int64[person]
        `Fate`.
    attempts : int64[attempt, 3]
        Person, day, `Way`.
    coast : bool[person]
        Whether they were on the coast at any time.
    """

    person: NDArray[np.int64]
    fate: NDArray[np.int64]
    attempts: NDArray[np.int64]
    coast: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one row between two policies.

    Attributes
    ----------
    attempts : int64[Booking, Way, Way]
        Attempts under the first policy by their way and that of the attempt they are booked to;
        those that are not made stand in `not_made`.
    not_made : int64[Way, Fate]
        Attempts under the first policy that the same person does not make under the second, by
        where the second leaves the person.
    added : int64[Fate, Way]
        Attempts under the second policy alone, by where the first leaves the person.
    people : int64[Fate, Fate]
        People by their end under the first and the second.
    tries : int64[2, bin]
        People who were on the coast under the first and the second, by their attempts: `BINS`.
    """

    attempts: NDArray[np.int64]
    not_made: NDArray[np.int64]
    added: NDArray[np.int64]
    people: NDArray[np.int64]
    tries: NDArray[np.int64]


def row_ledger(study: Study, first: str, second: str, row: int) -> Ledger:
    """Return the ledger between two policies of a study in one row."""
    here = people_at_decision(study, row)
    runs = []
    for policy in (first, second):
        days = list(border_days(study, policy, row, trace=True))
        last = days[-1].state.people
        assert last is not None
        runs.append(lives_of(here, [day.people for day in days if day.people is not None],
                             last.people))
    found = ledger_of(*runs)
    balance(found, *runs)
    return found


def lives_of(
    before: NDArray[np.void], days: Iterable[PeopleDay], after: NDArray[np.void]
) -> Lives:
    """Return what became of people between two moments.

    Parameters
    ----------
    before, after : PERSON[row]
        The people inside, and those who have left and will come back.
    days : iterable of PeopleDay
        The days between, with their traces.

    Raises
    ------
    InternalError
        If somebody left the model by an event that this module does not know.
    """
    logs = list(days)
    trace = np.concatenate([log.trace for log in logs])
    day = np.repeat([log.day for log in logs], [len(log.trace) for log in logs])
    everyone = np.unique(np.concatenate([before["person"], trace[:, 0], after["person"]]) & _PERSON)
    fate = np.full(everyone.size, -1, np.int64)
    # Last events first, so that what happened last is what stays.
    ends = np.full(len(Event), -1, np.int64)
    for event, ending in _FATE_OF_EVENT.items():
        ends[event] = ending
    rows = trace[ends[trace[:, 1]] >= 0]
    fate[np.searchsorted(everyone, rows[:, 0] & _PERSON)] = ends[rows[:, 1]]
    of_state = np.array([_FATE_OF_STATE[State(k)] for k in range(len(State))])
    fate[np.searchsorted(everyone, after["person"] & _PERSON)] = of_state[after["state"]]
    if np.any(fate < 0):
        raise InternalError(f"{int(np.sum(fate < 0))} people left the model by an event that the "
                            "displacement ledger does not know")
    _check_ends(logs, trace, ends)
    ways = np.full(len(Event), -1, np.int64)
    for event, way in _WAY_OF_EVENT.items():
        ways[event] = way
    tried = ways[trace[:, 1]] >= 0
    place = trace[tried, 2]
    lorryless = int(Way.TRAIN) - TRAIN + place
    made = np.where(place < TRAIN, ways[trace[tried, 1]] + place, lorryless)
    attempts = np.stack([trace[tried, 0] & _PERSON, day[tried], made], axis=1)
    there = np.isin(before["state"], [k for k, at in _FATE_OF_STATE.items()
                                      if at in (Fate.ON_THE_COAST, Fate.WAITS_FOR_UK_DECISION)])
    came = np.concatenate([before["person"][there], trace[np.isin(trace[:, 1], _CAME), 0]])
    return Lives(everyone, fate, attempts, np.isin(everyone, came & _PERSON))


def _check_ends(
    logs: list[PeopleDay], trace: NDArray[np.int64], ends: NDArray[np.int64]
) -> None:
    """Hold the events that end a stay to the number of people who left the model."""
    left = sum(int(log.stock[STOCKS:].sum()) for log in logs)
    sure = ends >= 0
    sure[list(_SOME_STAY)] = False
    known = int(np.sum(sure[trace[:, 1]]))
    some = int(np.sum(np.isin(trace[:, 1], _SOME_STAY)))
    if not known <= left <= known + some:
        raise InternalError(f"{left} people left the model, {known} by events that the "
                            f"displacement ledger knows, at most {some} by others")


def ledger_of(first: Lives, second: Lives) -> Ledger:
    """Return the ledger between two runs that share their luck.

    Attempts of a person are paired: first those of one way and day, then of one place and day with
    a lorry within reach under one policy alone, then of one way in their order, then of one mode
    in their order, then what is left in its order.
    """
    a, b = first.attempts, second.attempts
    pairs = np.zeros((Booking.NOT_MADE, _WAYS, _WAYS), np.int64)
    within_reach = np.arange(_WAYS)
    within_reach[Way.NO_LORRY_CALAIS : Way.TRAIN] -= Way.NO_LORRY_CALAIS
    for booking, label in (
        (Booking.SAME, lambda rows: rows[:, 1] * _WAYS + rows[:, 2]),
        (Booking.REACH, lambda rows: rows[:, 1] * _WAYS + within_reach[rows[:, 2]]),
        (Booking.OTHER_DAY, lambda rows: rows[:, 2]),
        (Booking.OTHER_PLACE, lambda rows: MODE[rows[:, 2]]),
        (Booking.OTHER_MODE, lambda rows: np.zeros(len(rows), np.int64)),
    ):
        here, there = _paired(a, b, label(a), label(b))
        np.add.at(pairs[booking], (a[here, 2], b[there, 2]), 1)
        a, b = np.delete(a, here, axis=0), np.delete(b, there, axis=0)
    not_made = np.zeros((_WAYS, _FATES), np.int64)
    np.add.at(not_made, (a[:, 2], _fates(second, a[:, 0])), 1)
    added = np.zeros((_FATES, _WAYS), np.int64)
    np.add.at(added, (_fates(first, b[:, 0]), b[:, 2]), 1)
    people = np.zeros((_FATES, _FATES), np.int64)
    everyone = np.union1d(first.person, second.person)
    np.add.at(people, (_fates(first, everyone), _fates(second, everyone)), 1)
    return Ledger(pairs, not_made, added, people, np.stack([_tries(first), _tries(second)]))


def _tries(lives: Lives) -> NDArray[np.int64]:
    """Return how many people of the coast made how many attempts, int64[bin]."""
    tried = lives.attempts[MODE[lives.attempts[:, 2]] != MODE[Way.NO_LORRY_CALAIS], 0]
    made = np.bincount(np.searchsorted(lives.person, tried), minlength=lives.person.size)
    return np.histogram(made[lives.coast], [*BINS, np.inf])[0]


def _paired(
    a: NDArray[np.int64], b: NDArray[np.int64], in_a: NDArray[np.int64], in_b: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of a and b that belong together: one person and label, in order of time."""
    keys = np.concatenate([np.stack([rows[:, 0], label, _rank(rows[:, 0], label, rows[:, 1])])
                           for rows, label in ((a, in_a), (b, in_b))], axis=1)
    _, number = np.unique(keys, axis=1, return_inverse=True)
    number = number.reshape(-1)
    _, here, there = np.intersect1d(number[: len(a)], number[len(a) :], assume_unique=True,
                                    return_indices=True)
    return here, there


def _rank(
    person: NDArray[np.int64], label: NDArray[np.int64], day: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return which attempt of its person and label each row is, by day."""
    order = np.lexsort((day, label, person))
    new = np.ones(len(order), bool)
    new[1:] = ((person[order][1:] != person[order][:-1]) | (label[order][1:] != label[order][:-1]))
    starts = np.flatnonzero(new)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    return rank


def _fates(lives: Lives, person: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the fates of people, of whom some may never have come in this run."""
    place = np.minimum(np.searchsorted(lives.person, person), max(lives.person.size - 1, 0))
    if not lives.person.size:
        return np.full(person.size, int(Fate.NEVER_CAME))
    known = lives.person[place] == person
    return np.where(known, lives.fate[place], int(Fate.NEVER_CAME))


def balance(found: Ledger, first: Lives, second: Lives) -> None:
    """Raise unless every attempt and every person of both runs is booked exactly once.

    Raises
    ------
    InternalError
    """
    by_first = found.attempts.sum(axis=(0, 2)) + found.not_made.sum(axis=1)
    by_second = found.attempts.sum(axis=(0, 1)) + found.added.sum(axis=0)
    for lives, booked in ((first, by_first), (second, by_second)):
        made = np.bincount(lives.attempts[:, 2], minlength=_WAYS)
        if not np.array_equal(made, booked):
            raise InternalError(f"attempts do not balance: made {made}, booked {booked}")
    for lives, ends in ((first, found.people.sum(axis=1)), (second, found.people.sum(axis=0))):
        counted = np.bincount(lives.fate, minlength=_FATES)
        if not np.array_equal(counted[1:], ends[1:]) or counted[Fate.NEVER_CAME]:
            raise InternalError(f"people do not balance: {counted}, booked {ends}")
