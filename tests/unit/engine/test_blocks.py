"""Memory that outlasts a block, and what is put in order in it."""

from __future__ import annotations

import numpy as np
import pytest

from straits.engine._kernels import memory
from straits.engine.blocks import Room
from straits.engine.segments import Scratch


def test_notes_outlast_a_block_that_needs_more_room() -> None:
    room = Room()
    first = room.note(0, 3)
    first[:3] = np.arange(3)[:, None]
    more = room.note(3, 1000)
    assert more.shape[0] >= 1003
    assert np.array_equal(more[:3, 0], np.arange(3))
    assert room.note(1003, 0) is more


def test_an_array_is_kept_until_it_is_too_small() -> None:
    room = Room()
    one = room.array("one", 8)
    assert room.array("one", 4) is one
    assert room.array("other", 8) is not one
    assert room.array("one", 8 * one.size).size >= 8 * one.size


@pytest.mark.parametrize("stations", [[], [0], [0, 0, 2, 3], [5, 5, 1, 2, 2, 0], [1, 0, 1, 0, 1]])
def test_the_log_is_put_in_the_order_of_stations(stations: list[int]) -> None:
    scratch = Scratch()
    scratch.room(0, 8, 0)
    visits = len(stations)
    scratch.log[:, :visits] = 10 * np.arange(8)[:, None] + np.arange(visits)
    scratch.log[1, :visits] = stations
    order = np.argsort(np.array(stations, np.int64), kind="stable")
    expected = scratch.log[:, :visits][:, order]
    assert np.array_equal(scratch.by_station(visits)[:, :visits], expected)


@pytest.mark.parametrize("sailings", [[3, 4, 5], [5, 3, 4], [4, 4, 3, 5, 3]])
def test_the_ships_of_a_block_rise_whatever_order_they_come_in(sailings: list[int]) -> None:
    m = np.zeros(memory.SLOTS + memory.SLOT * 6, np.int64)
    slots = 0
    for sailing in sailings:
        slots = memory._add_slot.py_func(m, slots, sailing)
    table = m[memory.SLOTS :].reshape(-1, memory.SLOT)
    assert table[:slots, memory.SAILING].tolist() == [3, 4, 5]
    assert [memory.slot_of.py_func(m, slots, sailing) for sailing in (3, 4, 5, 6)] == [0, 1, 2, 3]
