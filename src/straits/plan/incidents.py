"""Incidents: dated losses of servers, of capacity and of departures, laid over what was planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS, HOUR_TICKS, SECOND_TICKS
from straits.plan.demand import World
from straits.plan.positions import Position
from straits.scenario.incidents import instants_of

__all__ = ["hit_sailings", "hit_servers"]

QUARTER = HOUR_TICKS // 4


def hit_servers(
    quarters: NDArray[np.int64], where: Position, worlds: list[tuple[date, World]], first: date
) -> None:
    """Change the servers on duty [by quarter of an hour] of one station, in place.

    `servers` says how many are on duty; `capacity` which share of them is, of which at least one
    stays while it is not zero.
    """
    for start, end, hit in _hits(worlds, first, where, "stations"):
        low, high = max(start // QUARTER, 0), min(end // QUARTER, quarters.size)
        if high <= low:
            continue
        if hit.get("servers") is not None:
            quarters[low:high] = round(float(hit["servers"]))
        elif hit.get("capacity") is not None:
            share = float(hit["capacity"])
            left = np.floor(share * quarters[low:high] + 0.5).astype(np.int64)
            least = np.minimum(quarters[low:high], 1 if share > 0.0 else 0)
            quarters[low:high] = np.maximum(left, least)


def hit_sailings(
    at: NDArray[np.int64],
    sailing: tuple[NDArray[np.int64], NDArray[np.float64]],
    where: Position,
    worlds: list[tuple[date, World]],
    first: date,
) -> None:
    """Change capacities and chances of cancellation of one departure's sailings, in place.

    Sailings that are due while an incident lasts are hit, whenever they leave.
    """
    capacity, cancelled = sailing
    for start, end, hit in _hits(worlds, first, where, "departures"):
        low, high = np.searchsorted(at, (start, end))
        if hit.get("capacity") is not None:
            share = float(hit["capacity"])
            capacity[low:high] = np.floor(share * capacity[low:high] + 1e-9).astype(np.int64)
        if hit.get("cancelled") is not None:
            sails = 1.0 - float(hit["cancelled"])
            cancelled[low:high] = 1.0 - (1.0 - cancelled[low:high]) * sails


def _hits(
    worlds: list[tuple[date, World]], first: date, where: Position, key: str
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """Yield beginning and end [ticks since `first`] of incidents, as each world has them."""
    for k, (day, world) in enumerate(worlds):
        begin = (day - first).days * DAY_TICKS
        until = (worlds[k + 1][0] - first).days * DAY_TICKS if k + 1 < len(worlds) else None
        for hit in (world.get("incidents") or {}).values():
            if where.station not in (hit.get(key) or ()):
                continue
            zone = world["sites"][where.site]["time_zone"]
            start = max(_ticks(hit["from"], zone, first), begin)
            end = _ticks(hit["to"], zone, first)
            end = end if until is None else min(end, until)
            if start < end:
                yield start, end, hit


def _ticks(text: str, zone: str, first: date) -> int:
    """Return a local time as an instant [ticks since the first day]."""
    origin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return round((instants_of(text, zone)[0] - origin).total_seconds()) * SECOND_TICKS
