"""Random networks with everything that can couple: engines, slices and ledgers agree to the tick.

``make soak`` runs ten thousand of them; here a few, drawn anew at every run.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from straits.base.clock import DAY_TICKS
from straits.base.errors import NumericalError
from straits.engine.rng import Seed
from straits.results.causes import delay_by_cause
from straits.results.summary import empty_summary, measure_vehicles
from straits.tables.vehicles import Status, VehicleLog, VehiclePlan, VehicleState
from support.networks import LOG, assert_same, joined, run
from support.random_networks import plans

NETWORKS = int(os.environ.get("STRAITS_SOAK", "60"))
EVENTS = {
    "gave_up": ("vehicle", "station", "arrived", "joined", "at", "kind"),
    "stood": ("vehicle", "road", "since", "released", "until"),
    "scheme": ("index", "at", "state"),
}
INSIDE = ("vehicle", "station", "arrived", "joined", "started", "leaves", "status")


class Network:
    """A plan whose arrays are not printed when an example fails."""

    def __init__(self, plan: VehiclePlan) -> None:
        self.plan = plan

    def __repr__(self) -> str:
        p = self.plan
        return (f"Network(buffers={p.station_buffer.tolist()}, pools={p.station_pool.tolist()}, "
                f"balk={p.station_balk.tolist()}, routes={p.route_first.tolist()})")


def ran(plan: VehiclePlan, key: int, slice_h: int, engine: str
        ) -> tuple[list[VehicleLog], VehicleState] | None:
    """Run a day; None where vehicles come to wait for each other in a circle."""
    try:
        return run(plan, key, slice_h, 1, engine)
    except NumericalError as refused:
        assert "deadlock" in str(refused)
        return None


def events(logs: list[VehicleLog], name: str) -> list[tuple[int, ...]]:
    columns = [np.concatenate([getattr(log, f"{name}_{c}") for log in logs]) for c in EVENTS[name]]
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def check_ledger(plan: VehiclePlan, logs: list[VehicleLog]) -> None:
    """Every tick of delay has one cause and one hour."""
    summary = empty_summary(plan, 1)
    for log in logs:
        summary = measure_vehicles(log, plan, (0, DAY_TICKS), 0, summary)
    v, last = summary.values, logs[-1]
    started = last.inside_started >= 0
    blocked = last.inside_status == Status.BLOCKED
    known = int((last.inside_started - last.inside_arrived)[started].sum())
    known += int((last.end - last.inside_leaves)[blocked].sum())
    ledger = delay_by_cause(v, plan.station_kind)
    assert ledger.min(initial=0) >= 0
    assert ledger.sum() == v["delays"].sum() + v["overdue"].sum() + known
    assert v["entered"].sum() == v["exited"].sum() + v["inside"].sum()


@pytest.mark.slow
@settings(max_examples=NETWORKS, deadline=None, database=None, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))
@given(plans().map(Network), st.integers(0, 1000), st.sampled_from((5, 7, 11)))
def test_engines_slices_and_ledgers_agree(network: Network, seed: int, cut: int) -> None:
    plan, key = network.plan, Seed(seed).key
    plain = ran(plan, key, 24, "reference")
    if plain is None:
        assert ran(plan, key, 24, "calendar") is None
        assert ran(plan, key, 24, "auto") is None
        return
    logs, state = plain
    check_ledger(plan, logs)
    for engine, slice_h in (("calendar", 24), ("auto", 24), ("pieces", 24), ("reference", cut),
                            ("calendar", cut), ("auto", cut)):
        other = ran(plan, key, slice_h, engine)
        assert other is not None
        others, end = other
        assert_same(joined(others), joined(logs))
        if len(others) == 1:
            for name in LOG:
                np.testing.assert_array_equal(getattr(others[0], name), getattr(logs[0], name))
        for name in EVENTS:
            assert events(others, name) == events(logs, name)
        for name in INSIDE:
            np.testing.assert_array_equal(getattr(others[-1], f"inside_{name}"),
                                          getattr(logs[-1], f"inside_{name}"))
        for name in VehicleState.__slots__:
            np.testing.assert_array_equal(getattr(end, name), getattr(state, name), name)
        check_ledger(plan, others)
