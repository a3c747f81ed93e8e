"""The displacement ledger: every attempt and person of both policies is booked once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from straits.analysis.displacement import (
    MODE,
    Booking,
    Fate,
    Lives,
    Way,
    balance,
    ledger_of,
    lives_of,
    row_ledger,
)
from straits.base.errors import InternalError
from straits.ensemble.study import border_days, people_at_decision
from straits.tables.people import Event, State
from support.border import study, write_policy

CALAIS, COQUELLES, TICKET = Way.LORRY_CALAIS, Way.LORRY_COQUELLES, Way.TICKET_CALAIS
NO_LORRY = Way.NO_LORRY_CALAIS


def lives(fates: dict[int, Fate], *attempts: tuple[int, int, Way]) -> Lives:
    people = sorted(fates)
    return Lives(np.array(people, np.int64), np.array([fates[one] for one in people], np.int64),
                 np.array(attempts, np.int64).reshape(-1, 3), np.array([True] * len(people)))


def test_a_ledger_that_was_worked_out_by_hand() -> None:
    first = lives({1: Fate.ON_THE_COAST, 2: Fate.IN_UK, 3: Fate.DIED},
                  (1, 0, CALAIS), (1, 1, CALAIS), (1, 2, CALAIS), (1, 3, CALAIS),
                  (1, 9, CALAIS), (1, 10, NO_LORRY), (2, 0, COQUELLES), (3, 5, TICKET))
    second = lives({1: Fate.ON_THE_COAST, 2: Fate.RETURNED, 4: Fate.ON_THE_COAST},
                   (1, 1, CALAIS), (1, 4, CALAIS), (1, 6, COQUELLES), (1, 7, TICKET),
                   (1, 9, NO_LORRY), (1, 10, CALAIS), (4, 0, CALAIS))
    found = ledger_of(first, second)
    balance(found, first, second)
    assert found.attempts[Booking.SAME, CALAIS, CALAIS] == 1
    assert found.attempts[Booking.OTHER_DAY, CALAIS, CALAIS] == 1
    assert found.attempts[Booking.OTHER_PLACE, CALAIS, COQUELLES] == 1
    assert found.attempts[Booking.OTHER_MODE, CALAIS, TICKET] == 1
    assert found.attempts[Booking.REACH, CALAIS, NO_LORRY] == 1
    assert found.attempts[Booking.REACH, NO_LORRY, CALAIS] == 1
    assert found.attempts.sum() == 6
    assert MODE.size == len(Way)
    assert found.tries.tolist() == [[0, 2, 0, 1, 0, 0], [1, 1, 0, 1, 0, 0]]
    assert found.not_made[COQUELLES, Fate.RETURNED] == 1
    assert found.not_made[TICKET, Fate.NEVER_CAME] == 1
    assert found.added[Fate.NEVER_CAME, CALAIS] == 1
    assert found.people[Fate.IN_UK, Fate.RETURNED] == 1
    assert found.people[Fate.DIED, Fate.NEVER_CAME] == 1
    assert found.people[Fate.NEVER_CAME, Fate.ON_THE_COAST] == 1
    assert found.people.sum() == 4


_ATTEMPTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.sampled_from(Way)),
                     max_size=60, unique_by=lambda one: one[:2])


@given(a=_ATTEMPTS, b=_ATTEMPTS, ends=st.lists(st.sampled_from(list(Fate)[1:]), min_size=14,
                                               max_size=14), missing=st.integers(0, 6))
def test_ledgers_of_any_two_runs_balance(
    a: list[tuple[int, int, Way]], b: list[tuple[int, int, Way]], ends: list[Fate], missing: int
) -> None:
    first = lives(dict(zip(range(7), ends, strict=False)), *a)
    here = {k: ends[7 + k] for k in range(7) if k != missing}
    second = lives(here, *(one for one in b if one[0] != missing))
    found = ledger_of(first, second)
    balance(found, first, second)
    back = ledger_of(second, first)
    assert np.array_equal(back.people, found.people.T)
    assert np.array_equal(back.attempts, found.attempts.transpose(0, 2, 1))
    itself = ledger_of(first, first)
    assert itself.attempts[Booking.SAME].sum() == len(a)
    assert itself.attempts[Booking.SAME].trace() == len(a)


def test_a_policy_without_effect_moves_nobody(tmp_path) -> None:  # type: ignore[no-untyped-def]
    nothing = write_policy(tmp_path, "nothing")
    found = row_ledger(study(nothing, days=3), "status-quo", nothing, 0)
    assert found.attempts[Booking.SAME].sum() == found.attempts.sum() > 500
    assert found.not_made.sum() == found.added.sum() == 0
    assert np.count_nonzero(found.people - np.diag(np.diag(found.people))) == 0


def test_attempts_are_those_that_the_log_counts_and_an_unknown_end_is_told() -> None:
    asked = study(days=4)
    days = list(border_days(asked, "status-quo", 0, trace=True))
    logs = [day.people for day in days if day.people is not None]
    last = days[-1].state.people
    assert last is not None
    before = people_at_decision(asked, 0)
    found = lives_of(before, logs, last.people)
    events = sum(log.events.sum(axis=1) for log in logs)
    tried = (Event.TURNED_BACK, Event.BOARDED, Event.DIED, Event.OPEN_TRIED, Event.NO_LORRY)
    assert len(found.attempts) == sum(int(events[event]) for event in tried)
    came = int(events[Event.ARRIVED])
    assert found.person.size == np.unique(before["person"] & ((1 << 56) - 1)).size + came
    assert events[Event.LEFT] > 0
    coast = (before["state"] <= State.ABOARD).sum()
    back = (Event.ARRIVED_AGAIN, Event.BACK_FROM_RECEPTION, Event.BACK_AT_SITE)
    again = int(sum(events[event] for event in back))
    assert events[Event.BACK_FROM_RECEPTION] > 0
    assert coast + came <= found.coast.sum() <= coast + came + again
    hidden = [replace(log, trace=log.trace[log.trace[:, 1] != Event.LEFT]) for log in logs]
    with pytest.raises(InternalError, match="left the model"):
        lives_of(before, hidden, last.people)


def test_a_fence_at_the_port_moves_attempts_of_the_same_people(tmp_path) -> None:  # type: ignore[no-untyped-def]
    fence = write_policy(tmp_path, "fence", "path: people.places.calais.access, scale: 0.2")
    found = row_ledger(study(fence, days=6), "status-quo", fence, 0)
    away = found.attempts[Booking.OTHER_PLACE, CALAIS].sum()
    back = found.attempts[Booking.OTHER_PLACE, :, CALAIS].sum()
    assert away > 100
    assert away > 10 * back


def test_secured_parking_is_booked_as_lorries_out_of_reach(tmp_path) -> None:  # type: ignore[no-untyped-def]
    secured = write_policy(tmp_path, "secured",
                           "path: people.places.calais.secured_share, set: 0.9")
    found = row_ledger(study(secured, days=6), "status-quo", secured, 0)
    out = found.attempts[Booking.REACH, CALAIS, NO_LORRY]
    assert out > 100
    assert out > 10 * found.attempts[Booking.REACH, NO_LORRY, CALAIS]
    assert abs(found.tries[0].sum() - found.tries[1].sum()) < 20  # news of it reaches few in six days
    assert found.tries[1, 0] > found.tries[0, 0]
