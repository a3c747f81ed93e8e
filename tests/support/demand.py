"""A plan with nothing but demand, for tests of arrivals and choice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from straits.plan.bookings import plain_demand


@dataclass(frozen=True)
class DemandPlan:
    """The columns that arrivals and choice read; see ``VehiclePlan``."""

    rates: np.ndarray  # [day, 24, stream]
    dispersion_group: np.ndarray
    dispersion_cv: np.ndarray
    stream_class: np.ndarray
    occupants_cdf: np.ndarray
    within_of_stream: np.ndarray
    within_cdf: np.ndarray
    observed_first: np.ndarray
    observed_at: np.ndarray
    observed_width: np.ndarray
    covered_first: np.ndarray
    covered_from: np.ndarray
    covered_to: np.ndarray
    choice_set: np.ndarray
    choice_pool: np.ndarray
    choice_sensitivity: np.ndarray
    retiming_share: np.ndarray
    retiming_sensitivity: np.ndarray
    days: int = field(default=0)


def demand_plan(rates: np.ndarray, **columns: Any) -> DemandPlan:
    """Return a plan with these rates, one class, and whatever columns are given."""
    days, _, streams = rates.shape
    plan = DemandPlan(
        rates=np.ascontiguousarray(rates, np.float64),
        dispersion_group=np.zeros(streams, np.int64), dispersion_cv=np.zeros(1),
        stream_class=np.zeros(streams, np.int64), occupants_cdf=np.array([[0.6, 0.9, 1.0]]),
        days=days, **plain_demand(days, streams),
    )  # fmt: skip
    return replace(plan, **columns)
