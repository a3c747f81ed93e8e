"""Incidents: what they leave of servers, by quarter of an hour."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from straits.plan.incidents import hit_servers
from straits.plan.positions import BEFORE, Position


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({"servers": 3}, [3, 3, 3]),
        ({"capacity": 0.4}, [0, 1, 3]),
        ({"capacity": 0.0}, [0, 0, 0]),
    ],
)
def test_what_an_incident_leaves(effect: dict[str, float], expected: list[int]) -> None:
    day = date(2016, 1, 1)
    place = Position("one", "one", "here", "to_fr", BEFORE, 1, ("a",), {}, None, "one")
    hit = {"stations": ["one"], "from": "2016-01-01 00:15", "to": "2016-01-01 01:00", **effect}
    world = {"sites": {"here": {"time_zone": "UTC"}}, "incidents": {"x": hit}}
    quarters = np.array([7, 0, 1, 8, 9])
    hit_servers(quarters, place, [(day, world)], day)
    assert quarters.tolist() == [7, *expected, 9]
