"""Vehicles that answer yesterday's waits: another crossing, another hour.

With intended shares p and waits w [h], the shares wanted are a logit whose constants are such
that equal waits reproduce what was intended:

    q(k) = p(k) exp(-b w(k)) / sum over j of p(j) exp(-b w(j))

A vehicle that intended i stays with probability min(1, q(i) / p(i)) and otherwise goes to one of
the alternatives that gain, in proportion to q - p. So nobody moves who need not, the shares are q,
and raising one wait keeps every vehicle moved that had moved before: who stays is decided by one
addressed uniform, and where to by another.

References
----------
.. [1] K. E. Train, "Discrete Choice Methods with Simulation", 2nd ed., Cambridge University Press
   2009, chapters 2 and 3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.base.names import decision_id
from straits.engine.arrivals import uniforms
from straits.tables.vehicles import Arrivals, VehiclePlan

__all__ = ["choose", "has_choice", "mean_waits"]

_CHOICE = decision_id("demand.choice")
_RETIMING = decision_id("demand.retiming")

Floats = NDArray[np.float64]


def has_choice(plan: VehiclePlan) -> bool:
    """Say whether any vehicle of the plan may answer waits; if not, `choose` changes nothing."""
    return bool(np.any(plan.choice_sensitivity > 0.0) or np.any(
        plan.retiming_share * plan.retiming_sensitivity > 0.0))


def mean_waits(
    plan: VehiclePlan, ticks: NDArray[np.int64], vehicles: NDArray[np.int64]
) -> Floats:
    """Return the mean waits of a day as vehicles hear of them, float64[stream, 24] [h].

    Streams of one pool (crossing, direction and choosing classes) hear the same. An hour in which
    nobody of the pool came has the pool's mean of the day, and a day without anybody zero.

    Parameters
    ----------
    plan : VehiclePlan
    ticks : int64[stream, 24]
        Sum of waits by stream and UTC hour of entry [ticks].
    vehicles : int64[stream, 24]
        How many vehicles these are.
    """
    out = np.zeros(ticks.shape)
    for pool in np.unique(plan.choice_pool[plan.choice_pool >= 0]):
        members = plan.choice_pool == pool
        total, count = ticks[members].sum(axis=0), vehicles[members].sum(axis=0)
        whole = total.sum() / max(int(count.sum()), 1)
        hourly = np.where(count > 0, total / np.maximum(count, 1), whole)
        out[members] = hourly / HOUR_TICKS
    return out


def choose(plan: VehiclePlan, key: int, new: Arrivals, waits: Floats) -> Arrivals:
    """Return the vehicles of one UTC day with the hour and the crossing that they choose.

    Hours first, then crossings at the hour chosen. Ids, occupants and the place inside the hour
    stay, and rows stay in the order of their ids; `at` and `stream` change for those who move.
    Without choice in the plan, or with equal waits, `new` itself is returned or its equal.

    Parameters
    ----------
    plan : VehiclePlan
    key : int
        ``Seed.key`` of the row.
    new : Arrivals
        All vehicles that enter on one UTC day since the plan's day 0.
    waits : float64[stream, 24]
        Yesterday's mean wait by stream and UTC hour [h], see `mean_waits`.
    """
    if new.vehicle.size == 0 or not has_choice(plan):
        return new
    day = int(new.at[0] // DAY_TICKS)
    at, stream = new.at.copy(), new.stream.copy()
    for one in np.flatnonzero(plan.retiming_share[day] * plan.retiming_sensitivity[day] > 0.0):
        rows = np.flatnonzero(stream == one)
        hour = at[rows] // HOUR_TICKS - 24 * day
        shares, stay = _logit(plan.rates[day, :, one], waits[one],
                              float(plan.retiming_sensitivity[day, one]))
        stay = 1.0 - plan.retiming_share[day, one] * (1.0 - stay)
        to = _moved(key, _RETIMING, new.vehicle[rows], hour, stay, shares)
        at[rows] += (to - hour) * HOUR_TICKS
    for number in np.unique(plan.choice_set[plan.choice_set >= 0]):
        members = np.flatnonzero(plan.choice_set == number)
        sensitivity = float(plan.choice_sensitivity[day, members[0]])
        rows = np.flatnonzero(np.isin(stream, members)) if sensitivity > 0.0 else members[:0]
        hours = at[rows] // HOUR_TICKS - 24 * day
        for hour in np.unique(hours):
            here = rows[hours == hour]
            shares, stay = _logit(plan.rates[day, hour, members], waits[members, hour], sensitivity)
            mine = np.searchsorted(members, stream[here])
            stream[here] = members[_moved(key, _CHOICE, new.vehicle[here], mine, stay, shares)]
    return Arrivals(new.vehicle, at, new.occupants, stream)


def _logit(intended: Floats, waits: Floats, sensitivity: float) -> tuple[Floats, Floats]:
    """Return cumulated shares of those who move, by where to, and the chance of staying.

    Parameters
    ----------
    intended : float64[alternative]
        Intended arrivals [vehicles].
    waits : float64[alternative]
        [h].
    sensitivity : float
        Log-odds that an hour of waiting costs [1/h].
    """
    none = np.ones(intended.size)
    if intended.sum() <= 0.0:
        return none, none
    # Against the least wait, equal waits give factors of exactly one and nobody moves.
    factor = np.exp(-sensitivity * (waits - waits.min()))
    ratio = factor * (intended.sum() / np.sum(intended * factor))
    gains = np.cumsum(intended * np.maximum(ratio - 1.0, 0.0))
    if gains[-1] <= 0.0:
        return none, none
    return gains / gains[-1], np.minimum(ratio, 1.0)


def _moved(
    key: int, decision: int, vehicle: NDArray[np.int64], mine: NDArray[np.int64], stay: Floats,
    to: Floats,
) -> NDArray[np.int64]:
    """Return each vehicle's alternative: `mine`, or for those who leave it one drawn from `to`."""
    out = mine.copy()
    leaves = np.flatnonzero(uniforms(key, decision, vehicle) > stay[mine])
    u = uniforms(key, decision, vehicle[leaves], 1)
    out[leaves] = np.minimum(np.searchsorted(to, u), to.size - 1)
    return out
