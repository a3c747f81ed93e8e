"""Berths: ships and the departures that wait for them, in pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from straits.plan.berths import paired

Instants = st.lists(st.integers(0, 500), max_size=40).map(sorted)


def test_ships_take_the_first_departure_that_is_free() -> None:
    ready = np.array([5, 6, 20, 21, 90])
    departs = np.array([0, 10, 12, 20, 30])
    assert paired(ready, departs).tolist() == [1, 2, 3, 4, -1]
    assert paired(np.empty(0, np.int64), departs).size == 0
    assert paired(ready, np.empty(0, np.int64)).tolist() == [-1] * 5


@given(Instants, Instants)
def test_pairs_are_those_of_taking_turns(ready: list[int], departs: list[int]) -> None:
    free = list(range(len(departs)))
    expected = []
    for at in ready:
        chosen = next((k for k in free if departs[k] >= at), -1)
        if chosen >= 0:
            free.remove(chosen)
        expected.append(chosen)
    found = paired(np.array(ready, np.int64), np.array(departs, np.int64))
    assert found.tolist() == expected
