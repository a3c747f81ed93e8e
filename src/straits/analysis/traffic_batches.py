"""Batch means of long runs of small networks, and the rows that hold them against closed forms.

One long run is cut into batches of equal length after a warm-up; the spread of the batches' means
gives the standard error of their mean. What entered in the cool-down is not counted, so nobody who
is counted is still under way when the run ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.traffic_rows import TrafficRow, verdict
from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.rng import Seed
from straits.engine.run import Engine, run_slice
from straits.tables.vehicles import Arrivals, VehicleLog, VehiclePlan, VehicleState

__all__ = ["K", "Stays", "Window", "drawn", "law_row", "mean_row", "simulate", "stays", "window"]

# With 30 batches, one sound row in 10,000 lies further off.
K: Final = 4.5
BATCHES: Final = 30
SHORTEST: Final = 8 * HOUR_TICKS  # batch: long beside the memory of every queue here
SEED: Final = 20160830
WARM_UP: Final = 6 * HOUR_TICKS
COOL_DOWN: Final = 3 * HOUR_TICKS
# Numbers present that are rarer than this are left to the mean.
RAREST: Final = 0.004


@dataclass(frozen=True, slots=True)
class Window:
    """The observed part of a run, in batches of equal length [ticks]."""

    start: int
    end: int
    batches: int = BATCHES

    @property
    def length(self) -> float:
        """Length of one batch [ticks]."""
        return (self.end - self.start) / self.batches

    @property
    def edges(self) -> NDArray[np.int64]:
        """Starts of the batches, and the end [ticks]."""
        return np.linspace(self.start, self.end, self.batches + 1).astype(np.int64)

    def batch(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the batch of each instant, -1 before the window and `batches` after it."""
        return np.searchsorted(self.edges, at, side="right").astype(np.int64) - 1

    def means(self, at: NDArray[np.int64], values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the mean of `values` in each batch of their instants."""
        which = self.batch(at)
        inside = (which >= 0) & (which < self.batches)
        number = np.bincount(which[inside], minlength=self.batches)
        total = np.bincount(which[inside], values[inside].astype(np.float64), self.batches)
        return np.asarray(total / number)

    def rates(self, at: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the instants in each batch over its length [1/s]."""
        which = self.batch(at)
        inside = (which >= 0) & (which < self.batches)
        return np.bincount(which[inside], minlength=self.batches) / (self.length / 1024.0)


@dataclass(frozen=True, slots=True)
class Stays:
    """When those who came to a place came and left [ticks]."""

    came: NDArray[np.int64]
    left: NDArray[np.int64]

    def __add__(self, other: Stays) -> Stays:
        """Return both together."""
        return Stays(np.concatenate([self.came, other.came]),
                     np.concatenate([self.left, other.left]))

    def levels(self, over: Window) -> tuple[NDArray[np.int64], ...]:
        """Return batch, number present and length [ticks] of every stretch without a change."""
        at = np.concatenate([self.came, self.left, over.edges])
        change = np.concatenate([np.ones(self.came.size, np.int64),
                                 np.full(self.left.size, -1), np.zeros(over.batches + 1, np.int64)])
        order = np.argsort(at, kind="stable")
        at, number = at[order], np.cumsum(change[order])
        which = over.batch(at[:-1])
        inside = (which >= 0) & (which < over.batches)
        return which[inside], number[:-1][inside], np.diff(at)[inside]

    def law_in_time(self, over: Window, count: int) -> NDArray[np.float64]:
        """Return the share of time with 0, ..., `count` - 1 present, float64[batch, count]."""
        which, number, length = self.levels(over)
        shares = np.bincount(which * (count + 1) + np.minimum(number, count), length,
                             over.batches * (count + 1)).reshape(over.batches, count + 1)
        return np.asarray(shares[:, :count] / shares.sum(axis=1, keepdims=True))

    def law_seen(self, over: Window, count: int) -> NDArray[np.float64]:
        """Return the share of those who come that find 0, ..., `count` - 1 present.

        Who leaves at the instant of an arrival is not found: services end before vehicles join.
        """
        came = np.sort(self.came)
        found = np.arange(came.size) - np.searchsorted(np.sort(self.left), came, side="right")
        return np.stack([over.means(came, found == n) for n in range(count)], axis=1)

    def mean_number(self, over: Window) -> NDArray[np.float64]:
        """Return the mean number present in each batch."""
        which, number, length = self.levels(over)
        area = np.bincount(which, number * length, over.batches)
        return np.asarray(area / np.diff(over.edges))


def stays(log: VehicleLog, station: int) -> Stays:
    """Return when those who were served at a station came to it and left it."""
    here = log.station == station
    joined = (log.arrived + log.held)[here]
    return Stays(joined, joined + (log.waiting + log.service + log.blocked)[here])


def window(days: int) -> Window:
    """Return the window of a run of so many days: after a warm-up, before a cool-down.

    Short runs have fewer batches, for batches that are too short know of each other.
    """
    start, end = WARM_UP, days * DAY_TICKS - COOL_DOWN
    return Window(start, end, min(BATCHES, max((end - start) // SHORTEST, 2)))


def drawn(plan: VehiclePlan) -> tuple[int, Arrivals]:
    """Return the key of the one row of these runs, and all who enter."""
    key = Seed(SEED).key
    return key, arrivals(plan, key, day_factors(plan, key), 0, 24 * plan.days)


def simulate(plan: VehiclePlan, engine: Engine) -> VehicleLog:
    """Return the log of all days of a plan."""
    key, new = drawn(plan)
    log, _ = run_slice(plan, key, VehicleState.empty(plan), new, start=0,
                       end=plan.days * DAY_TICKS, engine=engine)
    return log


def mean_row(
    case: str, what: str, unit: str, published: float, samples: NDArray[np.float64]
) -> TrafficRow:
    """Return the row of a mean: its interval and its band are `K` standard errors wide each way.

    Parameters
    ----------
    case, what, unit : str
    published : float
        The closed form [unit].
    samples : float64[batch]
        Means of batches [unit].

    References
    ----------
    .. [1] A. M. Law, "Simulation Modeling and Analysis", 5th ed., 2015, 9.5.3: batch means.
    """
    value, error = float(samples.mean()), _error(samples)
    band = (published - K * error, published + K * error)
    off = (value - published) / error if error > 0.0 else 0.0
    note = f"{off:+.2f} standard errors off; {K} accepted; {samples.size} batches"
    return TrafficRow("theory", case, what, unit, published, value, value - K * error,
                      value + K * error, band, verdict("theory", value, band), note)


def law_row(
    case: str, what: str, law: NDArray[np.float64], samples: NDArray[np.float64]
) -> TrafficRow:
    """Return the row of a law: the largest deviation of its probabilities [standard errors].

    Parameters
    ----------
    case, what : str
    law : float64[n]
        Probabilities of 0, 1, ...
    samples : float64[batch, n]
        Shares in batches.
    """
    errors = np.array([_error(samples[:, n]) for n in range(law.size)])
    off = np.abs(samples.mean(axis=0) - law)
    common = (law >= RAREST) & (errors > 0.0)
    by_number = np.where(common, off / np.where(errors > 0.0, errors, 1.0), 0.0)
    worst = int(np.argmax(by_number))
    value, band = float(by_number[worst]), (0.0, K)
    note = (f"largest of {int(common.sum())} probabilities: P({worst}) = {law[worst]:.4f}, "
            f"simulated {samples[:, worst].mean():.4f}; {samples.shape[0]} batches")
    return TrafficRow("theory", case, what, "standard errors", None, value, 0.0, value, band,
                      verdict("theory", value, band), note)


def _error(samples: NDArray[np.float64]) -> float:
    """Return the standard error of the mean of independent samples."""
    return float(samples.std(ddof=1) / np.sqrt(samples.size))
