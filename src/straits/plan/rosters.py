"""Rosters and timetables: how many servers are on duty when, and when departures leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS, SECOND_TICKS

__all__ = ["planned_servers", "roster_changes", "sailings", "shifted", "written_servers"]


def shifted(rate: NDArray[np.float64], lag_h: float) -> NDArray[np.float64]:
    """Return hourly rates as they reach a station `lag_h` hours later; the start is held."""
    whole = int(lag_h)
    part = lag_h - whole
    padded = np.concatenate([np.repeat(rate[:1], whole + 1), rate])
    late = padded[: rate.size]
    early = padded[1 : rate.size + 1]
    return np.asarray((1.0 - part) * early + part * late)


def planned_servers(load: NDArray[np.float64], servers: Mapping[str, Any]) -> NDArray[np.int64]:
    """Return servers on duty in each hour for an expected load [erlang].

    Enough for the target utilisation on the *expected* profile, at least the minimum and at
    most what is built: a station that was rostered on its own realised demand could never
    overload.
    """
    wanted = np.ceil(load / servers["target_utilisation"] - 1e-9)
    low = int(servers.get("minimum") or 1)
    built = int(servers["built"])
    return np.asarray(np.clip(wanted, min(low, built), built), np.int64)


def written_servers(
    roster: list[Mapping[str, Any]], first: date, hours: int, zone: str
) -> NDArray[np.int64]:
    """Return servers on duty in each quarter of an hour from a roster written in local time."""
    out = np.zeros(4 * hours, np.int64)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    for quarter in range(4 * hours):
        local = (start + timedelta(minutes=15 * quarter)).astimezone(ZoneInfo(zone))
        clock = f"{local:%H:%M}"
        for row in roster:
            low, high = str(row["from"]), str(row["to"])
            if (low <= clock < high) if low < high else (clock >= low or clock < high):
                out[quarter] = int(row["servers"])
    return out


def roster_changes(servers: NDArray[np.int64], step: int) -> tuple[list[int], list[int]]:
    """Return the instants [ticks] at which the number on duty changes, and the numbers."""
    change = np.flatnonzero(np.diff(servers)) + 1
    index = np.concatenate([[0], change])
    return [int(k) * step for k in index], [int(servers[k]) for k in index]


@lru_cache(maxsize=16)
def _local_hours(first: date, days: int, zone: str) -> NDArray[np.float64]:
    """Return the instant at which each local hour begins, float64[day + 2, 24] [s since `first`].

    Row 0 is the local day before `first`. An hour that the clock skips begins with the next.
    """
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    clock = ZoneInfo(zone)
    out = np.empty((days + 2, 24))
    for row in range(days + 2):
        day = first + timedelta(row - 1)
        for hour in range(24):
            local = datetime(day.year, day.month, day.day, hour, tzinfo=clock)
            out[row, hour] = (local.astimezone(UTC) - start).total_seconds()
    return out


def sailings(
    departure: Mapping[str, Any], first: date, days: int, zone: str
) -> NDArray[np.int64]:
    """Return the instants of departures [ticks since `first`], in order.

    `per_day` spreads them evenly over the local day; lists by local hour spread each hour's
    departures evenly inside the hour; `times` lists each by its local time.
    """
    table = departure["timetable"]
    peak_days = {str(day) for day in table.get("peak_days") or ()}
    hours = _local_hours(first, days, zone)
    plans = {kind: _offsets(table, kind) for kind in ("weekday", "weekend", "peak")}
    parts = []
    for row in range(days + 2):
        day = first + timedelta(row - 1)
        kind = "weekend" if day.weekday() >= 5 else "weekday"
        if str(day) in peak_days and table.get("peak"):
            kind = "peak"
        hour, offset = plans[kind]
        parts.append(hours[row, hour] + offset)
    at = np.floor(np.concatenate(parts) * SECOND_TICKS + 0.5).astype(np.int64)
    at = np.unique(at)
    return np.asarray(at[(at >= 0) & (at < days * 24 * HOUR_TICKS)])


def _offsets(
    table: Mapping[str, Any], kind: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the local hour of each departure of a day and the seconds after it."""
    times: list[str] = table.get("times") or []
    if times:
        listed = (table.get("times_weekend") or times) if kind == "weekend" else times
        seconds = np.array([3600.0 * int(t[:2]) + 60.0 * int(t[3:]) for t in listed], np.float64)
    elif table.get("per_day"):
        count = int(table["per_day"])
        seconds = 86_400.0 * (np.arange(count) + 0.5) / count
    else:
        hourly = table.get(kind) or table.get("weekday") or ()
        seconds = np.array([
            3600.0 * (hour + (k + 0.5) / round(count))
            for hour, count in enumerate(hourly)
            for k in range(round(count))
        ], np.float64)
    hour = (seconds // 3600.0).astype(np.int64)
    return hour, seconds - 3600.0 * hour
