"""The mean week of a queue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import SECOND_TICKS
from straits.results.summary import Summary

__all__ = ["queue_profile"]


def queue_profile(
    summary: Summary, station: int, days: int, first_weekday: int, unit: str = "vehicles"
) -> NDArray[np.float64]:
    """Return the mean queue by quarter of an hour of the week, float64[672] [vehicles or m].

    Monday 00:00 UTC comes first. Each weekday is divided by how often it occurs in the window,
    which begins on `first_weekday` (Monday 0); one that does not occur is 0.
    """
    times = np.bincount((first_weekday + np.arange(days)) % 7, minlength=7)
    quarter = 900.0 * SECOND_TICKS * np.repeat(np.maximum(times, 1), 96)
    if unit == "metres":
        return np.asarray(summary.values["queue_dm"][station] / 10.0 / quarter)
    return np.asarray(summary.values["queue"][station] / quarter)
