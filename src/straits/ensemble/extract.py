"""What a comparison keeps of one task: measures, station rows, queues, the stock by day.

A summary holds tens of megabytes, an extract a few hundred kilobytes, so a study of any number
of tasks is compared in flat memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from straits.results.measures import measure_values
from straits.results.profile import queue_profile
from straits.results.stations import station_rows
from straits.results.summary import Summary
from straits.tables.legend import Legend
from straits.tables.people import State

__all__ = ["Extract", "extract_of"]


@dataclass(frozen=True, slots=True)
class Extract:
    """One task, as far as a comparison needs it.

    Attributes
    ----------
    values : mapping
        Every measure [its unit].
    stations : tuple of rows
        ``results.stations.station_rows``.
    queues, metres : float32[station, 672]
        Mean queue by quarter of an hour of the week, UTC [vehicles, m].
    stock : int64[day]
        People at the site at the end of each day, with those whose claim is lodged there.
    departed, inside : int64[stream]
        Vehicles that left on a departure, and that are still inside at the end.
    """

    legend: Legend
    values: Mapping[str, float]
    stations: tuple[Mapping[str, str | float], ...]
    queues: NDArray[np.float32]
    metres: NDArray[np.float32]
    stock: NDArray[np.int64]
    departed: NDArray[np.int64]
    inside: NDArray[np.int64]


def extract_of(summary: Summary, legend: Legend, days: int) -> Extract:
    """Return what a comparison keeps of a summary over a window of `days` days."""
    v = summary.values
    count = range(len(legend.stations))
    sea = [k for k in count if legend.stations[k].kind == "departure"]
    return Extract(
        legend=legend,
        values=measure_values(summary, legend, days),
        stations=tuple(station_rows(summary, legend, days)),
        queues=np.array([queue_profile(summary, k, days, legend.window_weekday) for k in count],
                        np.float32),
        metres=np.array([queue_profile(summary, k, days, legend.window_weekday, "metres")
                         for k in count], np.float32),
        stock=v["stock"][:, State.AT_SITE] + v["stock"][:, State.CLAIM_LODGED_CALAIS],
        departed=v["handled"][sea].sum(axis=0),
        inside=v["inside"].copy(),
    )
