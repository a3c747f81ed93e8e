"""A day in which a buffer fills is run in pieces, and the pieces add up to the day."""

from __future__ import annotations

import numpy as np
import pytest

from straits.engine.rng import Seed
from straits.engine.run import PIECE_TICKS
from straits.plan.simple import Service, Station, Visit, network
from straits.tables.vehicles import VehiclePlan, VehicleState
from support.networks import assert_same, joined, run

DAYS = 2


def rush(buffer: int) -> VehiclePlan:
    """Return two booths in series that are too few from 08:00 to 10:00 UTC."""
    stations = [Station("exit", [(0, 3)]), Station("entry", [(0, 3)], buffer=buffer)]
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
