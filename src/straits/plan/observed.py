"""Observed arrivals become columns of the plan: instants by stream, and the hours they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS
from straits.base.errors import Problem, UserError
from straits.plan.demand import World, stream_list
from straits.plan.observed_file import Observed, read_observed

__all__ = ["check_observed", "observed_columns", "observed_files"]

# Instants of files are ticks since this midnight [UTC], whatever the plan's day 0.
_ORIGIN: Final = date(1970, 1, 1)
_EMPTY: Final = np.empty(0, np.int64)


@dataclass(slots=True)
class _Stream:
    """What the files say of one stream: rows and spans, in ticks and hours since day 0."""

    at: NDArray[np.int64]
    width: NDArray[np.int64]
    spans: list[tuple[int, int, str]]


def observed_files(world: World, folder: Path) -> list[Path]:
    """Return the files of observed arrivals; relative names are from `folder`."""
    return [folder / str(entry["file"]) for entry in world["demand"].get("observed") or ()]


def check_observed(world: World, folder: Path) -> list[Problem]:
    """Return every problem in the files of observed arrivals, those of all files together."""
    return _read_all(world, folder)[1]


def observed_columns(
    world: World, first: date, days: int, folder: Path
) -> dict[str, NDArray[np.int64]]:
    """Return the plan's columns of observed arrivals.

    On the local days that a file covers, the drawn arrivals of its streams are replaced.
    Rates stay as they are: rosters open for what is expected, not for what came.

    Parameters
    ----------
    world : mapping
        Of any day: what is observed does not change on a date.
    first : date
        Day 0.
    days : int
        How many days.
    folder : Path
        From which relative names of files lead: the folder of the baseline's document.

    Returns
    -------
    dict
        ``observed_first``, ``covered_first`` (int64[stream + 1]), ``observed_at``,
        ``observed_width`` (int64[row], ticks), ``covered_from``, ``covered_to`` (int64[span], hours
        since day 0).

    Raises
    ------
    UserError
        With every problem in every file.
    """
    found, problems = _read_all(world, folder)
    if problems:
        raise UserError(problems)
    streams = stream_list(world)
    shift = (first - _ORIGIN).days * DAY_TICKS
    end = days * DAY_TICKS
    held = [_Stream(_EMPTY, _EMPTY, []) for _ in streams]
    for entry, one in zip(world["demand"].get("observed") or (), found, strict=True):
        # A zone whose midnight is inside a UTC hour covers the whole of that hour.
        low = _midnight(one.first, entry["time_zone"], first) // timedelta(hours=1)
        high = -(-_midnight(one.last + timedelta(1), entry["time_zone"], first)
                 // timedelta(hours=1))
        for index in one.streams:
            mine = held[index]
            mine.spans.append((low, high, str(entry["file"])))
            rows = one.stream == index
            mine.at = np.concatenate([mine.at, one.at[rows] - shift])
            mine.width = np.concatenate([mine.width, one.width[rows]])
    _refuse_overlaps(held, streams)
    for mine in held:
        order = np.argsort(mine.at, kind="stable")
        order = order[(mine.at[order] + mine.width[order] >= 0) & (mine.at[order] < end)]
        mine.at, mine.width = mine.at[order], mine.width[order]
        mine.spans = sorted((max(low, 0), min(high, 24 * days), name)
                            for low, high, name in mine.spans if low < 24 * days and high > 0)
    spans = [span for mine in held for span in mine.spans]
    return {
        "observed_first": _firsts([mine.at.size for mine in held]),
        "observed_at": np.concatenate([_EMPTY, *(mine.at for mine in held)]),
        "observed_width": np.concatenate([_EMPTY, *(mine.width for mine in held)]),
        "covered_first": _firsts([len(mine.spans) for mine in held]),
        "covered_from": np.array([low for low, _, _ in spans], np.int64),
        "covered_to": np.array([high for _, high, _ in spans], np.int64),
    }


def _read_all(world: World, folder: Path) -> tuple[list[Observed], list[Problem]]:
    found: list[Observed] = []
    problems: list[Problem] = []
    for entry in world["demand"].get("observed") or ():
        try:
            found.append(read_observed(folder / str(entry["file"]), entry, _known(world)))
        except UserError as error:
            problems += error.problems
    return found, problems


def _known(world: World) -> Mapping[tuple[str, str, str], tuple[int, bool]]:
    """Return the number of each stream of known classes, and whether a departure carries it."""
    carried = {(one["crossing"], one["direction"], kind)
               for one in world["departures"].values() for kind in one["classes"]}
    return {stream: (index, stream in carried) for index, stream in enumerate(stream_list(world))
            if stream[2] in world["vehicle_classes"]}


def _midnight(day: date, zone: str, first: date) -> timedelta:
    """Return the time from `first`, in UTC, to the beginning of a local day."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return local - start


def _refuse_overlaps(held: list[_Stream], streams: list[tuple[str, str, str]]) -> None:
    """Refuse two files that cover the same hours of the same stream."""
    problems: dict[tuple[str, str], Problem] = {}
    for mine, stream in zip(held, streams, strict=True):
        spans = sorted(mine.spans)
        for (_, high, one), (low, _, two) in pairwise(spans):
            # Days that follow each other in two time zones may share an hour.
            if high - low > 1 and (one, two) not in problems:
                problems[(one, two)] = Problem(
                    two, "demand.observed", "these days are covered twice",
                    f"{'/'.join(stream)} here and in '{one}'", "one file for a stream and day",
                    "Say which days each file covers with 'from' and 'to'")
    if problems:
        raise UserError(list(problems.values()))


def _firsts(lengths: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

