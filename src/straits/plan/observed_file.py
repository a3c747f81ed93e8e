"""One file of observed arrivals, checked row by row: instants, or counts by interval."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import SECOND_TICKS
from straits.base.errors import Problem, UserError
from straits.plan.observed_table import MAX_PROBLEMS, Table, is_missing, read_table
from straits.plan.observed_time import EPOCH, offsets_of, ticks_of, written_time
from straits.scenario.findings import excerpt, nearest

__all__ = ["MAX_COUNT", "Known", "Observed", "read_observed"]

MAX_COUNT: Final = 100_000  # vehicles of one stream in one interval
_KEYS: Final = ("crossing", "direction", "class")
_COUNT: Final = re.compile(r"[-+]?\d+(\.\d*)?")

_YEARS: Final = range(1980, 2101)
# Number of each stream (crossing, direction, class), and whether a departure carries it.
Known = Mapping[tuple[str, str, str], tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class Observed:
    """What one file says.

    Attributes
    ----------
    stream : int64[row]
        Number of the stream of each vehicle.
    at : int64[row]
        Instant, or beginning of the time in which it came [ticks since 1970-01-01 UTC].
    width : int64[row]
        Length of that time [ticks]; 0 for an instant.
    streams : tuple of int
        The streams that the file covers.
    first, last : date
        The local days that it covers, both included.
    """

    stream: NDArray[np.int64]
    at: NDArray[np.int64]
    width: NDArray[np.int64]
    streams: tuple[int, ...]
    first: date
    last: date


def read_observed(path: Path, entry: Mapping[str, Any], known: Known) -> Observed:
    """Return the arrivals of a file as an entry of ``demand.observed`` describes it.

    Parameters
    ----------
    path : Path
        A file of at most 50 MB: .csv, .xlsx or .parquet.
    entry : mapping
        ``columns``, ``time_zone`` and the rest of the entry, with plain values.
    known : mapping
        Every stream, its number, and whether a departure carries it.

    Raises
    ------
    UserError
        With every problem in the file, up to twenty and how many more there are.
    """
    try:
        stat = path.stat()
    except (OSError, ValueError):
        stamp = (0, 0)
    else:
        stamp = (stat.st_mtime_ns, stat.st_size)
    how = tuple((key, tuple(sorted(value.items())) if isinstance(value, Mapping) else value)
                for key, value in sorted(entry.items()) if value is not None)
    return _read(path, stamp, how, tuple(sorted(known.items())))


@lru_cache(maxsize=8)
def _read(
    path: Path, stamp: tuple[int, int], how: tuple[tuple[str, Any], ...],
    known: tuple[tuple[tuple[str, str, str], tuple[int, bool]], ...],
) -> Observed:
    """Read a file once for all plans of a process; `stamp` tells an edited file apart."""
    entry: dict[str, Any] = {
        key: dict(value) if key in ("columns", "words") else value for key, value in how
    }
    columns = {key: name for key, name in entry["columns"].items() if name is not None}
    table = read_table(path, list(dict.fromkeys(columns.values())), entry.get("sheet"))
    return _Reader(path, entry, columns, dict(known), table).read()


@dataclass(slots=True)
class _Reader:
    """The rows of one file, their problems, and what earlier rows looked like."""

    path: Path
    entry: Mapping[str, Any]
    columns: Mapping[str, str]
    known: Known
    table: Table
    problems: list[Problem] = field(default_factory=list)
    more: int = 0
    offsets: dict[datetime, tuple[timedelta, ...]] = field(default_factory=dict)

    def add(
        self, row: int, key: str, message: str, found: str = "", allowed: str = "", hint: str = ""
    ) -> None:
        """Record a problem in a row, counted from zero."""
        if len(self.problems) >= MAX_PROBLEMS:
            self.more += 1
            return
        where = f"{self.path}:{self.number(row)}"
        self.problems.append(
            Problem(where, self.columns.get(key, key), message, found, allowed, hint))

    def number(self, row: int) -> int:
        """Return the number of a row as people see it in the file."""
        return row + self.table.first_row

    def values(self, key: str) -> list[Any]:
        """Return a column by its meaning."""
        return self.table.columns[self.columns[key]]

    def read(self) -> Observed:
        """Return the rows in order, or raise everything that is wrong with them."""
        instants = self.instants()
        streams = self.streams()
        self.check_order(instants)
        if "id" in self.columns:
            self.check_ids(instants, streams)
        counts = self.counts() if "count" in self.columns else None
        span = round(float(self.entry.get("interval") or 0.0) * SECOND_TICKS)
        if counts is not None:
            self.check_intervals(instants, streams, span)
        first, last = self.days(instants, span)
        if self.more:
            self.problems.append(Problem(str(self.path), "", f"and {self.more:,} more problems"))
        if self.problems:
            raise UserError(self.problems)
        at, stream = np.array(instants, np.int64), np.array(streams, np.int64)
        zone = ZoneInfo(self.entry["time_zone"])
        low, high = (ticks_of(datetime(day.year, day.month, day.day, tzinfo=zone))
                     for day in (first, last + timedelta(1)))
        kept = (at >= low) & (at < high)
        at, stream = at[kept], stream[kept]
        covered = tuple(int(one) for one in np.unique(stream))
        if counts is None:
            return Observed(stream, at, np.zeros(at.size, np.int64), covered, first, last)
        number = np.array(counts, np.int64)[kept]
        begin, end = _parts(at, number, span)
        # Of an interval that outlasts the last day, the rest is left out.
        inside = begin < high
        begin, end = begin[inside], np.minimum(end[inside], high)
        every = np.repeat(stream, number)[inside]
        return Observed(every, begin, end - begin, covered, first, last)

    def instants(self) -> list[int]:
        """Return the instant of each row [ticks since 1970-01-01 UTC], -1 where it is wrong."""
        times = [self.time(row, value) for row, value in enumerate(self.values("time"))]
        aware = [row for row, time in enumerate(times) if time and time.tzinfo is not None]
        naive = [row for row, time in enumerate(times) if time and time.tzinfo is None]
        if aware and naive:
            few, word = (naive, "no offset") if len(naive) <= len(aware) else (aware, "an offset")
            for row in few:
                self.add(row, "time", "times with and without an offset are mixed in this file",
                         f"{word} here", "an offset such as +01:00 in every row, or in none")
            return [-1] * len(times)
        if aware:
            self.check_offsets([time for time in times if time], aware)
        return [-1 if time is None else self.instant(row, time) for row, time in enumerate(times)]

    def time(self, row: int, value: Any) -> datetime | None:
        """Return the time that a cell holds, None where it holds none."""
        if is_missing(value):
            self.add(row, "time", "the time is missing")
            return None
        time = value if isinstance(value, datetime) else written_time(value)
        if time is not None and time.year in _YEARS:
            return time
        if time is not None:
            self.add(row, "time", "this year cannot be meant", str(time.year), "1980 to 2100")
            return None
        self.add(row, "time", "this is no date and time", excerpt(value),
                 "such as 2016-08-01 07:15:30, with or without an offset such as +01:00")
        return None

    def check_offsets(self, times: list[datetime], rows: list[int]) -> None:
        """Record offsets that differ and are not those of the time zone."""
        if len({time.utcoffset() for time in times}) == 1:
            return
        zone = ZoneInfo(self.entry["time_zone"])
        for row, time in zip(rows, times, strict=True):
            if time.astimezone(zone).utcoffset() != time.utcoffset():
                right = time.astimezone(zone).strftime("%z")
                self.add(row, "time", "this offset is neither that of every row nor the zone's",
                         time.strftime("%z"), f"{right} in {self.entry['time_zone']}")

    def instant(self, row: int, time: datetime) -> int:
        """Return the instant of a time [ticks since 1970-01-01 UTC], -1 if there is none or two."""
        if time.tzinfo is not None:
            return ticks_of(time)
        found = self.offsets_at(time)
        zone = self.entry["time_zone"]
        if not found:
            self.add(row, "time", "this time does not exist: the clock skips it",
                     f"{time} in {zone}", "", "Write the offset behind every time")
        elif len(found) == 2:
            self.add(row, "time", "this time comes twice: the clock is put back",
                     f"{time} in {zone}", "", "Write the offset behind every time")
        else:
            return ticks_of((time - found[0]).replace(tzinfo=UTC))
        return -1

    def offsets_at(self, time: datetime) -> tuple[timedelta, ...]:
        """Return the offsets of a local time, looked up once an hour where they do not change."""
        hour = time.replace(minute=0, second=0, microsecond=0)
        if hour not in self.offsets:
            zone = ZoneInfo(self.entry["time_zone"])
            begin, end = offsets_of(hour, zone), offsets_of(hour + timedelta(minutes=59), zone)
            self.offsets[hour] = begin if begin == end else ()
        found = self.offsets[hour]
        return found or offsets_of(time, ZoneInfo(self.entry["time_zone"]))

    def check_order(self, instants: list[int]) -> None:
        """Record rows that are earlier than one before them."""
        before, latest = -1, -1
        for row, at in enumerate(instants):
            if at < 0:
                continue
            if at < latest:
                self.add(row, "time", "this row is earlier than one before it",
                         str(self.values("time")[row]),
                         f"{self.values('time')[before]} or later, as in row {self.number(before)}",
                         "Sort the rows by time")
            else:
                before, latest = row, at

    def streams(self) -> list[int]:
        """Return the number of the stream of each row, -1 where it is wrong."""
        words = self.entry.get("words") or {}
        allowed = {key: sorted({stream[place] for stream in self.known})
                   for place, key in enumerate(_KEYS)}
        seen: dict[tuple[Any, ...], int | None] = {}
        given = [self.values(key) if key in self.columns else None for key in _KEYS]
        size = len(self.values("time"))
        out = []
        for row in range(size):
            cells = tuple(self.entry[key] if column is None else column[row]
                          for key, column in zip(_KEYS, given, strict=True))
            if cells not in seen or seen[cells] is None:
                seen[cells] = self.stream(row, cells, words, allowed)
            out.append(-1 if seen[cells] is None else int(seen[cells] or 0))
        return out

    def stream(
        self, row: int, cells: tuple[Any, ...], words: Mapping[str, str],
        allowed: Mapping[str, list[str]],
    ) -> int | None:
        """Return the number of the stream that a row names, None where it names none."""
        names = []
        for key, cell in zip(_KEYS, cells, strict=True):
            text = "" if is_missing(cell) else str(cell).strip()
            name = words.get(text, text)
            if not text:
                self.add(row, key, f"the {key} is missing")
            elif name not in allowed[key]:
                close = nearest(name, allowed[key])
                self.add(row, key, f"there is no {key} of this name", excerpt(cell),
                         ", ".join(allowed[key]),
                         f"Did you mean '{close[0]}'?" if close else
                         "Say in 'words' what the file's words mean")
            else:
                names.append(name)
        if len(names) < len(_KEYS):
            return None
        crossing, direction, kind = names
        number, carried = self.known[(crossing, direction, kind)]
        if not carried:
            self.add(row, "class", f"no departure carries {kind} on {crossing} {direction}")
            return None
        return number

    def check_ids(self, instants: list[int], streams: list[int]) -> None:
        """Record missing and repeated ids; one and the same row twice says so."""
        first: dict[str, int] = {}
        for row, value in enumerate(self.values("id")):
            if is_missing(value):
                self.add(row, "id", "the id is missing")
                continue
            before = first.setdefault(str(value).strip(), row)
            if before == row:
                continue
            same = (instants[row], streams[row]) == (instants[before], streams[before])
            self.add(row, "id", "this row is there twice" if same else "this id is there twice",
                     excerpt(value), "one row a vehicle", f"First in row {self.number(before)}")

    def counts(self) -> list[int]:
        """Return the vehicles of each interval, 0 where the cell is wrong."""
        out = []
        for row, value in enumerate(self.values("count")):
            number = _number(value)
            if is_missing(value):
                self.add(row, "count", "the count is missing", "", "0 where nobody came")
            elif number is None:
                self.add(row, "count", "this is no whole number", excerpt(value))
            elif number < 0:
                self.add(row, "count", "this count is negative", str(number), "0 or more")
            elif number > MAX_COUNT:
                self.add(row, "count", "this count is too large", f"{number:,}",
                         f"up to {MAX_COUNT:,} in an interval")
            out.append(number if number is not None and 0 <= number <= MAX_COUNT else 0)
        return out

    def check_intervals(self, instants: list[int], streams: list[int], span: int) -> None:
        """Record intervals of one stream that overlap."""
        latest: dict[int, int] = {}
        for row, (at, stream) in enumerate(zip(instants, streams, strict=True)):
            if at < 0 or stream < 0:
                continue
            before = latest.get(stream)
            if before is not None and instants[before] <= at < instants[before] + span:
                same = at == instants[before]
                self.add(row, "time", "this interval is there twice" if same else
                         "this interval begins before the one before it has ended",
                         str(self.values("time")[row]), "",
                         f"The other is in row {self.number(before)}")
            latest[stream] = row

    def days(self, instants: list[int], span: int) -> tuple[date, date]:
        """Return the first and the last local day that the file covers."""
        good = [at for at in instants if at >= 0]
        if not good:
            return date.min, date.min
        zone = ZoneInfo(self.entry["time_zone"])
        low, high = min(good), max(good) + max(span - 1, 0)
        seen = [(EPOCH + timedelta(seconds=at / SECOND_TICKS)).astimezone(zone).date()
                for at in (low, high)]
        first, last = self.entry.get("from") or seen[0], self.entry.get("to") or seen[1]
        if seen[1] < first or last < seen[0]:
            self.problems.append(Problem(
                str(self.path), "", "no row lies on the days that this file is to cover",
                f"rows from {seen[0]} to {seen[1]}", f"rows from {first} to {last}"))
        return first, last


def _number(value: Any) -> int | None:
    """Return a whole number, None where a cell holds none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _COUNT.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _parts(
    at: NDArray[np.int64], number: NDArray[np.int64], span: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return beginning and end of each vehicle's equal part of its interval [ticks]."""
    start = np.repeat(at, number)
    size = np.repeat(number, number)
    order = np.arange(start.size) - np.repeat(np.cumsum(number) - number, number)
    return start + order * span // size, start + (order + 1) * span // size
