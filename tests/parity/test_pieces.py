"""A day in which a buffer fills is run in pieces, and the pieces add up to the day."""

from __future__ import annotations

import numpy as np
import pytest

from straits.base.clock import DAY_TICKS
from straits.engine.rng import Seed
from straits.engine.run import PIECE_TICKS
from straits.plan.simple import Service, Station, Visit, network
from straits.results.causes import delay_by_cause
from straits.results.summary import empty_summary, measure_vehicles
from straits.tables.vehicles import VehiclePlan, VehicleState
from support.networks import assert_same, joined, run

DAYS = 2


def rush(buffer: int, *, closed: bool = False) -> VehiclePlan:
    """Return two booths in series that are too few from 08:00 to 10:00 UTC.

    With `closed`, nobody is at the second from 09:00 to 21:00.
    """
    entry = [(0, 3), (9 * 3600, 0), (21 * 3600, 3)] if closed else [(0, 3)]
    stations = [Station("exit", [(0, 3)]), Station("entry", entry, buffer=buffer)]
    route = [Visit(0, Service(40, 0.4)), Visit(1, Service(50, 0.6), 30)]
    rates = np.full((DAYS, 24, 1), 60.0)
    rates[:, 8:10] = 230.0
    return network(stations, [route], rates)


@pytest.mark.parametrize("buffer", [3, 12])
def test_pieces_add_up_to_the_day(buffer: int) -> None:
    plan, key = rush(buffer), Seed(5).key
    logs, state = run(plan, key, 24, DAYS, "pieces")
    assert len(logs) > DAYS
    assert {log.end - log.start for log in logs} <= {PIECE_TICKS, 6 * PIECE_TICKS}
    whole, end = run(plan, key, 24, DAYS, "reference")
    assert_same(joined(logs), joined(whole))
    assert sum(int(log.blocked.sum()) for log in logs) > 0
    for name in VehicleState.__slots__:
        np.testing.assert_array_equal(getattr(state, name), getattr(end, name), name)


def test_a_day_without_a_full_buffer_stays_whole() -> None:
    logs, _ = run(rush(1000), Seed(5).key, 24, DAYS, "pieces")
    assert len(logs) == DAYS


def test_hours_in_which_nobody_is_served_are_in_the_ledger() -> None:
    """A piece without one visit still has those who stand blocked."""
    plan, key = rush(3, closed=True), Seed(5).key
    logs, _ = run(plan, key, 24, 1, "pieces")
    assert any(log.vehicle.size == 0 for log in logs)
    ledgers = []
    for found in (logs, run(plan, key, 24, 1, "reference")[0]):
        out = empty_summary(plan, 1)
        for log in found:
            out = measure_vehicles(log, plan, (0, DAY_TICKS), 0, out)
        ledgers.append(delay_by_cause(out.values, plan.station_kind))
    np.testing.assert_array_equal(*ledgers)


@pytest.mark.parametrize("engine", ["auto", "calendar"])
def test_few_vehicles_that_come_back_often_have_room_in_the_log(engine: str) -> None:
    """A slice with one vehicle can have a dozen visits."""
    stations = [Station("exit", [(0, 2)], buffer=20), Station("entry", [(0, 2)])]
    route = [Visit(0, Service(40, 0.4)), Visit(1, Service(50, 0.6), 30, again=0.9, back=1)]
    plan, key = network(stations, [route], np.full((1, 24, 1), 1.2)), Seed(5).key
    logs, _ = run(plan, key, 1, 1, engine)
    whole, _ = run(plan, key, 24, 1, "reference")
    assert sum(log.vehicle.size for log in logs) > 6 * sum(int(log.entered[0]) for log in logs)
    assert_same(joined(logs), joined(whole))
