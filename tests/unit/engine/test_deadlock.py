"""A circle of stations that wait for each other ends the run, and the message says what to do."""

from __future__ import annotations

import numpy as np
import pytest

from straits.base.errors import NumericalError
from straits.plan.simple import Service, Station, Visit, network
from support.networks import run


@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_the_message_names_circle_instant_and_remedy(engine: str) -> None:
    """Two booths of one place each; the second sends all back to the first, on day 1 from noon."""
    rates = np.zeros((2, 24, 1))
    rates[1, 12] = 200.0
    stations = [Station("A", buffer=1), Station("B", buffer=1)]
    minute = Service(60.0, family="constant")
    plan = network(stations, [[Visit(0, minute), Visit(1, minute, again=1.0, back=1)]], rates)
    with pytest.raises(NumericalError, match=(
        r"^deadlock on day 1 of the plan at 12:\d\d UTC: every server waits for room at the next "
        r"station: (A -> B -> A|B -> A -> B)\. Give one of them a larger buffer, or send a smaller "
        r"share back$"
    )):
        run(plan, 1, 24, 2, engine)
