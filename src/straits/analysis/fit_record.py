"""The record beside what a set of free numbers would have had it show.

Each row of the shipped record becomes a number that is read off the days of a history, expected or
simulated. What observers add (backgrounds, shares of what happened, a wave of claims by other
routes) is put on here, so that nothing an observer does can reach the world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.data.read import figures
from straits.data.record import RecordRow, people_record
from straits.plan.fitted import INDEX, YEAR_DAYS

__all__ = ["History", "Record", "predicted", "record_of", "residuals"]

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


def record_of(origin: date, days: int) -> Record:
    """Return the rows of the record that lie in the first `days` days from the origin."""
    rows = tuple(row for row in people_record()
                 if row.first >= origin and (row.last - origin).days < days)
    known = figures()
    value = np.array([float(known[row.figure].value) for row in rows])
    error = np.array([row.log_sd for row in rows])
    places: dict[str, list[int]] = {}
    for k, row in enumerate(rows):
        places.setdefault(row.series, []).append(k)
    return Record(
        rows, value, error,
        np.array([(row.first - origin).days for row in rows]),
        np.array([(row.last - origin).days for row in rows]),
        np.array([row.fitted for row in rows]),
        {name: np.array(found) for name, found in places.items()},
        np.array([_COLUMNS.index(_COLUMN[row.series]) for row in rows]),
        np.array([row.side == "upper" for row in rows]),
        np.array([row.side == "lower" for row in rows]), origin)


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
    total = _totals(history)
    out = _between(total, record.column, record.first, record.last)

    def value(name: str) -> float:
        return float(values[INDEX[name]])

    def found_after(where: NDArray[np.int64]) -> NDArray[np.float64]:
        return _between(total, _FOUND_AFTER, record.first[where], record.last[where])

    for series, where in record.places.items():
        first, last = record.first[where], record.last[where]
        span = last - first + 1
        if series in _MEANS:
            out[where] /= span
        if series == "official_count":
            out[where] *= value("official_count")
        elif series == "ngo_count":
            out[where] *= value("official_count") / value("counts_ratio")
        elif series == "over_a_year":
            out[where] /= np.maximum(_between(total, _SITE, first, last) / span, 1.0)
        elif series == "lorry_drops":
            out[where] *= value("lorry_drops")
        elif series == "arrests":
            out[where] *= value("arrests.share")
            out[where] += value("arrests.background") * span / YEAR_DAYS
        elif series == "port_finds":
            broken = first >= (_PORTS_BREAK - record.origin).days
            events = value("ports.background") * span / YEAR_DAYS + (
                value("ports.share") * out[where] + found_after(where))
            out[where] = events * np.where(broken, value("ports.break"), 1.0)
        elif series == "uk_claims_eight":
            found = value("arrests.share")
            claims = found * claims_if_found + (1.0 - found) * value("uk_claims")
            crossed = _between(total, _UNSEEN, first - CLAIM_DELAY_D, last - CLAIM_DELAY_D)
            # A quarter that begins with the history: its first days' claims are those of the rest.
            crossed *= span / (last + 1 - np.maximum(first, CLAIM_DELAY_D))
            out[where] = claims * crossed + claims_if_found * found_after(where)
            out[where] += _others(record, first, last, value)
    return out


def _others(record: Record, first: NDArray[np.int64], last: NDArray[np.int64],
            value: Callable[[str], float]) -> NDArray[np.float64]:
    """Return the claims of the eight nationalities that came by other routes."""
    middle = (first + last) / 2.0
    years = (middle - YEAR_DAYS / 2.0) / YEAR_DAYS
    quarters = (last - first + 1) / _QUARTER_DAYS
    bell = (middle - (_WAVE_CENTRE - record.origin).days) / (_WAVE_SD_QUARTERS * _QUARTER_DAYS)
    base = value("eight.base") * np.exp(value("eight.trend") * years)
    return np.asarray(quarters * (base + value("eight.wave") * np.exp(-0.5 * bell * bell)))


_SITE: Final = _COLUMNS.index("site")
_UNSEEN: Final = _COLUMNS.index("unseen")
_FOUND_AFTER: Final = _COLUMNS.index("found_after")


def _totals(history: History) -> NDArray[np.float64]:
    """Return the sums of each column before each day, float64[column, day + 1]."""
    out = np.zeros((len(_COLUMNS), history.site.size + 1))
    for k, name in enumerate(_COLUMNS):
        out[k, 1:] = getattr(history, name)
    return np.cumsum(out, axis=1, out=out)


def _between(total: NDArray[np.float64], column: NDArray[np.int64] | int,
             first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sums of columns over [first, last], days before the first one left out."""
    return np.asarray(total[column, np.maximum(last + 1, 0)] - total[column, np.maximum(first, 0)])


def residuals(record: Record, prediction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return predicted against observed in units of the error; 0 where a bound is kept.

    Counts of deaths are compared as square roots, whose error is one half whatever the count.
    """
    out = np.log(np.maximum(prediction, _FLOOR) / np.maximum(record.value, _FLOOR))
    counts = record.error == 0.0
    out[~counts] /= record.error[~counts]
    roots = np.sqrt(prediction[counts] + 0.375) - np.sqrt(record.value[counts] + 0.375)
    out[counts] = 2.0 * roots
    out[record.upper] = np.maximum(out[record.upper], 0.0)
    out[record.lower] = np.minimum(out[record.lower], 0.0)
    return np.asarray(out)
