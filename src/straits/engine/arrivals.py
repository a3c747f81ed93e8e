"""Who enters when: the demand of a plan, drawn by address."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS
from straits.base.errors import NumericalError
from straits.base.names import decision_id
from straits.engine._kernels import demand as demand_kernel
from straits.engine._kernels import draws
from straits.engine.variates import gamma_factors
from straits.tables.vehicles import Arrivals, VehiclePlan

__all__ = ["arrivals", "day_factors", "foot_passengers", "uniforms"]

_COUNT = decision_id("demand.count")
_INSTANT = decision_id("demand.instant")
_OCCUPANTS = decision_id("demand.occupants")
_DAY = decision_id("demand.day")
_OBSERVED = decision_id("demand.observed")
_FOOT = decision_id("departure.foot_passengers")


def day_factors(plan: VehiclePlan, key: int) -> NDArray[np.float64]:
    """Return each demand group's factor on each day, float64[day, group] [dimensionless].

    One gamma variate of mean 1 a group and day: the over-dispersion that hours alone lack.
    """
    groups = plan.dispersion_cv.size
    entity = np.arange(plan.days)[:, None] | (np.arange(groups)[None, :] << 20)
    u = uniforms(key, _DAY, entity.ravel())
    return gamma_factors(u.reshape(entity.shape), plan.dispersion_cv[None, :])


def arrivals(
    plan: VehiclePlan, key: int, factors: NDArray[np.float64], first_hour: int, last_hour: int
) -> Arrivals:
    """Return the vehicles that enter in [first_hour, last_hour) since the plan's day 0.

    The number in an hour is the Poisson quantile of one uniform, so that a larger rate only
    adds vehicles and changes no other. In hours that a file of observed arrivals covers, the
    vehicles of its streams are those of the file: one a row, numbered by rising instant.

    Raises
    ------
    NumericalError
        If the plan's rates end before `last_hour`, or an hour holds more than can be numbered.
    """
    if last_hour > 24 * plan.days or first_hour < 0:
        raise NumericalError(f"demand is planned for {plan.days} days; hour {last_hour} asked")
    counts = np.zeros((last_hour - first_hour, plan.rates.shape[2]), np.int64)
    total, largest = demand_kernel.hour_counts(
        np.uint64(key), np.uint64(_COUNT), plan.rates, factors, plan.dispersion_group, first_hour,
        last_hour, counts)
    cell = seen_at = np.empty(0, np.int64)
    if plan.covered_from.size:
        cell, seen_at = _observed(plan, key, first_hour, last_hour, counts)
        total, largest = int(counts.sum()), int(counts.max(initial=0))
    if largest >= 1 << 24:
        raise NumericalError("more than 16.7 million vehicles of one stream in an hour")
    columns = [np.empty(total, np.int64) for _ in range(4)]
    demand_kernel.fill_arrivals(np.uint64(key), np.uint64(_INSTANT), np.uint64(_OCCUPANTS),
                                counts, first_hour, plan.stream_class, plan.occupants_cdf,
                                plan.within_of_stream, plan.within_cdf, *columns)
    if cell.size:
        first = np.concatenate([[0], np.cumsum(counts.ravel())])[:-1]
        order = np.argsort(cell, kind="stable")
        rank = np.arange(cell.size) - np.searchsorted(cell[order], cell[order])
        columns[1][first[cell[order]] + rank] = seen_at[order]
    return Arrivals(*columns)


def _observed(
    plan: VehiclePlan, key: int, first_hour: int, last_hour: int, counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put observed numbers into `counts`; return the cell and the instant of each such vehicle.

    Cells number ``counts.ravel()``; instants [ticks] rise inside a cell. A row that stands for a
    part of a counted interval falls at an addressed place in that part.
    """
    streams = counts.shape[1]
    cells, instants = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    start, end = first_hour * HOUR_TICKS, last_hour * HOUR_TICKS
    for stream in np.flatnonzero(np.diff(plan.covered_first)):
        for span in range(plan.covered_first[stream], plan.covered_first[stream + 1]):
            low = max(int(plan.covered_from[span]) - first_hour, 0)
            counts[low : max(int(plan.covered_to[span]) - first_hour, low), stream] = 0
        rows = slice(plan.observed_first[stream], plan.observed_first[stream + 1])
        at = plan.observed_at[rows]
        # The row before the first may reach into these hours from before them.
        low = max(int(np.searchsorted(at, start)) - 1, 0)
        index = np.arange(low, int(np.searchsorted(at, end)))
        width = plan.observed_width[rows][index]
        u = uniforms(key, _OBSERVED, index | (int(stream) << 40))
        at = at[index] + (u * width).astype(np.int64)
        at = at[(at >= start) & (at < end)]
        cell = (at // HOUR_TICKS - first_hour) * streams + stream
        np.add.at(counts.reshape(-1), cell, 1)
        cells.append(cell)
        instants.append(at)
    return np.concatenate(cells), np.concatenate(instants)


def uniforms(
    key: int, decision: int, entities: NDArray[np.int64], ordinal: int = 0
) -> NDArray[np.float64]:
    """Return one draw [U(0, 1)] of each entity for a decision; see ``engine.rng.uniform``."""
    out = np.empty(entities.size)
    draws.uniforms(np.uint64(key), np.uint64(decision), entities.astype(np.uint64),
                   np.uint64(ordinal), out)
    return out


def foot_passengers(
    plan: VehiclePlan, key: int, station: NDArray[np.int64], at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the foot passengers of each sailing [people]: a Poisson number, by address."""
    out = np.zeros(station.size, np.int64)
    for i in range(station.size):
        mean = plan.station_foot[station[i]]
        if mean > 0.0:
            entity = (int(station[i]) << 48) | int(at[i])
            u = draws.threefry_unit(np.uint64(key), np.uint64(_FOOT), np.uint64(entity))
            out[i] = demand_kernel.poisson_quantile(u, mean)
    return out
