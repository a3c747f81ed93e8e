"""The record beside what a set of free numbers would have had it show.

Each row of the shipped record becomes a number that is read off the days of a history, expected or
simulated. What observers add (backgrounds, shares of what happened, a wave of claims by other
routes) is put on here, so that nothing an observer does can reach the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.data.read import figures
from straits.data.record import RecordRow, people_record
from straits.plan.fitted import INDEX, YEAR_DAYS

__all__ = ["History", "Reading", "Record", "fitted_rows", "predicted", "record_of", "residuals"]

CLAIM_DELAY_D: Final = 20  # from a crossing to the claim, as the plan's own lag has it on average
_WAVE_CENTRE: Final = date(2015, 12, 31)
_WAVE_SD_QUARTERS: Final = 1.1
_QUARTER_DAYS: Final = YEAR_DAYS / 4.0
_PORTS_BREAK: Final = date(2015, 1, 1)
_FLOOR: Final = 1e-6  # nothing predicted still has a logarithm


@dataclass(frozen=True, slots=True)
class History:
    """The days of a history: what the record's rows are read from, float64[day] each.

    Attributes
    ----------
    site, over_a_year : people at the site at the end of the day
    arrivals, counted, unseen, found_after, crossed, deaths, reception, french_claims
        Events of the day. `unseen` are those who crossed undetected, `crossed` everybody who
        reached the UK.
    """

    site: NDArray[np.float64]
    over_a_year: NDArray[np.float64]
    arrivals: NDArray[np.float64]
    counted: NDArray[np.float64]
    unseen: NDArray[np.float64]
    found_after: NDArray[np.float64]
    crossed: NDArray[np.float64]
    deaths: NDArray[np.float64]
    reception: NDArray[np.float64]
    french_claims: NDArray[np.float64]


# What a series adds up.
_COLUMN: Final = {
    "official_count": "site", "ngo_count": "site", "over_a_year": "over_a_year",
    "prevented_attempts": "counted", "uk_claims_eight": "unseen", "port_finds": "unseen",
    "arrests": "unseen", "reception": "reception", "lorry_drops": "crossed",
    "france_claims": "french_claims", "arrivals": "arrivals", "deaths": "deaths",
}  # fmt: skip
_MEANS: Final = ("official_count", "ngo_count", "over_a_year", "arrivals")
_COLUMNS: Final = History.__slots__
# What some series are read from besides.
_FURTHER: Final = {
    "over_a_year": _COLUMNS.index("site"), "port_finds": _COLUMNS.index("found_after"),
    "uk_claims_eight": _COLUMNS.index("found_after"),
}  # fmt: skip
Rows = slice | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where rows are read from a history's sums: what is the same for all histories.

    First all rows, then the people at the site for `over_a_year`, then the finds after the sea for
    `port_finds`, then those for `uk_claims_eight`.

    Attributes
    ----------
    days : int
        That a history must have.
    cuts : int64[cut]
        Days on which some row begins or has ended, ascending, the first and `days` among them.
    before, behind : int64[read]
        In the sums of all columns before each cut, one column after another; a read is their
        difference.
    factor : float64[row]
        On a row's read: of means one over their days, and what stands for a beginning not seen.
    rows : dict of str to slice or int64[n]
        The rows of each series.
    extra : dict of str to slice
        The further reads of a series.
    years : float64[row]
        From the first year's middle to that of the row [365.25 d].
    bell : float64[row]
        Course of the wave of claims by other routes, one at its peak.
    span : float64[row]
        [d]
    broken : bool[row]
        Whether the row begins after the ports had changed their definition.
    """

    days: int
    cuts: NDArray[np.int64]
    before: NDArray[np.int64]
    behind: NDArray[np.int64]
    factor: NDArray[np.float64]
    rows: Mapping[str, Rows]
    extra: Mapping[str, slice]
    years: NDArray[np.float64]
    bell: NDArray[np.float64]
    span: NDArray[np.float64]
    broken: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Record:
    """The rows of the record as arrays.

    Attributes
    ----------
    rows : tuple of RecordRow
    value : float64[row]
    error : float64[row]
        Log standard deviation; 0 for counts of deaths.
    first, last : int64[row]
        Days since the origin, both included.
    fitted : bool[row]
    places : dict of str to int64[n]
        The rows of each series.
    column : int64[row]
        Which of a history's columns the row adds up.
    upper, lower : bool[row]
        Bounds: only more, or only less, than the figure counts.
    origin : date
        Day 0.
    reading : Reading
    """

    rows: tuple[RecordRow, ...]
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    fitted: NDArray[np.bool_]
    places: Mapping[str, NDArray[np.int64]]
    column: NDArray[np.int64]
    upper: NDArray[np.bool_]
    lower: NDArray[np.bool_]
    origin: date
    reading: Reading


def record_of(origin: date, days: int) -> Record:
    """Return the rows of the record that lie in the first `days` days from the origin."""
    rows = tuple(row for row in people_record()
                 if row.first >= origin and (row.last - origin).days < days)
    known = figures()
    value = np.array([float(known[row.figure].value) for row in rows])
    return _record(rows, value, np.array([row.log_sd for row in rows]), origin)


def fitted_rows(record: Record, used: NDArray[np.bool_] | NDArray[np.int64]) -> Record:
    """Return the record of some rows alone, which takes no longer a history than they do.

    Parameters
    ----------
    record : Record
    used : bool[row] or int64[n]
        Which rows, or their places in the order wanted.
    """
    rows = tuple(record.rows[k] for k in np.arange(len(record.rows))[used])
    return _record(rows, record.value[used], record.error[used], record.origin)


def _record(rows: tuple[RecordRow, ...], value: NDArray[np.float64],
            error: NDArray[np.float64], origin: date) -> Record:
    places: dict[str, list[int]] = {}
    for k, row in enumerate(rows):
        places.setdefault(row.series, []).append(k)
    where = {name: np.array(found) for name, found in places.items()}
    first = np.array([(row.first - origin).days for row in rows], np.int64)
    last = np.array([(row.last - origin).days for row in rows], np.int64)
    column = np.array([_COLUMNS.index(_COLUMN[row.series]) for row in rows], np.int64)
    return Record(
        rows, value, error, first, last, np.array([row.fitted for row in rows], bool), where,
        column, np.array([row.side == "upper" for row in rows], bool),
        np.array([row.side == "lower" for row in rows], bool), origin,
        _reading(where, column, first, last, origin))


def _reading(places: Mapping[str, NDArray[np.int64]], column: NDArray[np.int64],
             first: NDArray[np.int64], last: NDArray[np.int64], origin: date) -> Reading:
    """Return where rows are read; days before the first one count for nothing."""
    span = last - first + 1
    factor = np.ones(len(span))
    since, until = first.copy(), last.copy()
    reads = []
    extra: dict[str, slice] = {}
    count = len(span)
    for series, where in places.items():
        if series in _MEANS:
            factor[where] = 1.0 / span[where]
        if series == "uk_claims_eight":
            since[where] -= CLAIM_DELAY_D
            until[where] -= CLAIM_DELAY_D
            # A quarter that begins with the history: its first days' claims are those of the rest.
            factor[where] = (span / (last + 1 - np.maximum(first, CLAIM_DELAY_D)))[where]
        if series in _FURTHER:
            reads.append((np.full(len(where), _FURTHER[series]), first[where], last[where]))
            extra[series] = slice(count, count + len(where))
            count += len(where)
    reads.insert(0, (column, since, until))
    every, begin, end = (np.concatenate(part) for part in zip(*reads, strict=True))
    begin, end = np.maximum(begin, 0), np.maximum(end + 1, 0)
    cuts = np.unique(np.concatenate([[0], begin, end]))
    middle = (first + last) / 2.0
    bell = (middle - (_WAVE_CENTRE - origin).days) / (_WAVE_SD_QUARTERS * _QUARTER_DAYS)
    return Reading(
        int(cuts[-1]), cuts, every * len(cuts) + np.searchsorted(cuts, begin),
        every * len(cuts) + np.searchsorted(cuts, end), factor,
        {name: _rows(where) for name, where in places.items()}, extra,
        (middle - YEAR_DAYS / 2.0) / YEAR_DAYS, np.exp(-0.5 * bell * bell), span.astype(float),
        first >= (_PORTS_BREAK - origin).days)


def _rows(where: NDArray[np.int64]) -> Rows:
    """Return places as a slice where they follow each other."""
    first, last = int(where[0]), int(where[-1])
    return slice(first, last + 1) if last - first + 1 == len(where) else where


def predicted(
    record: Record, history: History, values: NDArray[np.float64], claims_if_found: float
) -> NDArray[np.float64]:
    """Return what the record would have shown without an observer's error, row by row.

    Parameters
    ----------
    record : Record
    history : History
    values : float64[number]
        In the order and units of `FREE`.
    claims_if_found : float
        Share of people found on UK soil who claim asylum.

    Returns
    -------
    float64[row]
        In the units of the record.
    """
    reading = record.reading
    total = _totals(history, reading.cuts)
    read = total.take(reading.behind) - total.take(reading.before)
    out = read[: len(record.rows)] * reading.factor

    def value(name: str) -> float:
        return float(values[INDEX[name]])

    for series, rows in reading.rows.items():
        if series == "official_count":
            out[rows] *= value("official_count")
        elif series == "ngo_count":
            out[rows] *= value("official_count") / value("counts_ratio")
        elif series == "over_a_year":
            out[rows] /= np.maximum(read[reading.extra[series]] / reading.span[rows], 1.0)
        elif series == "lorry_drops":
            out[rows] *= value("lorry_drops")
        elif series == "arrests":
            out[rows] *= value("arrests.share")
            out[rows] += value("arrests.background") / YEAR_DAYS * reading.span[rows]
        elif series == "port_finds":
            events = value("ports.background") / YEAR_DAYS * reading.span[rows]
            events += value("ports.share") * out[rows] + read[reading.extra[series]]
            out[rows] = np.where(reading.broken[rows], value("ports.break") * events, events)
        elif series == "uk_claims_eight":
            found = value("arrests.share")
            out[rows] *= found * claims_if_found + (1.0 - found) * value("uk_claims")
            out[rows] += claims_if_found * read[reading.extra[series]]
            others = value("eight.base") * np.exp(value("eight.trend") * reading.years[rows])
            others += value("eight.wave") * reading.bell[rows]
            out[rows] += others * (reading.span[rows] / _QUARTER_DAYS)
    return out


def _totals(history: History, cuts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sums of each column before each cut, float64[column, cut]."""
    days = np.stack([getattr(history, name)[: cuts[-1]] for name in _COLUMNS])
    out = np.zeros((len(_COLUMNS), len(cuts)))
    np.cumsum(np.add.reduceat(days, cuts[:-1], axis=1), axis=1, out=out[:, 1:])
    return out


def residuals(record: Record, prediction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return predicted against observed in units of the error; 0 where a bound is kept.

    Counts of deaths are compared as square roots, whose error is one half whatever the count.
    """
    out = np.log(np.maximum(prediction, _FLOOR) / np.maximum(record.value, _FLOOR))
    counts = record.error == 0.0
    out /= np.where(counts, 1.0, record.error)
    roots = np.sqrt(prediction[counts] + 0.375) - np.sqrt(record.value[counts] + 0.375)
    out[counts] = 2.0 * roots
    np.maximum(out, 0.0, out=out, where=record.upper)
    np.minimum(out, 0.0, out=out, where=record.lower)
    return np.asarray(out)
