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
    arrivals, counted, unseen, crossed, deaths, reception, french_claims : events of the day
        `unseen` are those who crossed undetected, `crossed` everybody who reached the UK.
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
        np.array([row.side == "upper" for row in rows]),
        np.array([row.side == "lower" for row in rows]), origin)


# Which events a series counts; stocks are read at the end of their days instead.
_COUNTED: Final = {
    "prevented_attempts": "counted", "uk_claims_eight": "unseen", "port_finds": "unseen",
    "arrests": "unseen", "reception": "reception", "lorry_drops": "crossed",
    "france_claims": "french_claims", "arrivals": "arrivals", "deaths": "deaths",
}  # fmt: skip
_STOCKS: Final = ("official_count", "ngo_count", "over_a_year")


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
    out = np.empty(record.value.size)
    span = record.last - record.first + 1

    def value(name: str) -> float:
        return float(values[INDEX[name]])

    for series, where in record.places.items():
        first, last = record.first[where], record.last[where]
        if series in _STOCKS:
            site = _mean(history.site, first, last)
            if series == "official_count":
                out[where] = value("official_count") * site
            elif series == "ngo_count":
                out[where] = value("official_count") / value("counts_ratio") * site
            else:
                out[where] = _mean(history.over_a_year, first, last) / np.maximum(site, 1.0)
            continue
        lag = CLAIM_DELAY_D if series == "uk_claims_eight" else 0
        events = _sum(getattr(history, _COUNTED[series]), first - lag, last - lag)
        if series == "arrivals":
            events = events / span[where]
        elif series == "lorry_drops":
            events = value("lorry_drops") * events
        elif series == "arrests":
            years = span[where] / YEAR_DAYS
            events = value("arrests.background") * years + value("arrests.share") * events
        elif series == "port_finds":
            broken = first >= (_PORTS_BREAK - record.origin).days
            events = value("ports.background") * span[where] / YEAR_DAYS + (
                value("ports.share") * events + _sum(history.found_after, first, last))
            events = events * np.where(broken, value("ports.break"), 1.0)
        elif series == "uk_claims_eight":
            found = value("arrests.share")
            claims = found * claims_if_found + (1.0 - found) * value("uk_claims")
            events = claims * events + claims_if_found * _sum(history.found_after, first, last)
            events = events + _others(record, first, last, value)
        out[where] = events
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


def _sum(column: NDArray[np.float64], first: NDArray[np.int64],
         last: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sums of a column over [first, last], days before the first one left out."""
    total = np.concatenate([[0.0], np.cumsum(column)])
    return np.asarray(total[np.maximum(last + 1, 0)] - total[np.maximum(first, 0)])


def _mean(column: NDArray[np.float64], first: NDArray[np.int64],
          last: NDArray[np.int64]) -> NDArray[np.float64]:
    return _sum(column, first, last) / (last - first + 1)


def residuals(record: Record, prediction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return predicted against observed in units of the error; 0 where a bound is kept.

    Counts of deaths are compared as square roots, whose error is one half whatever the count.
    """
    out = np.log(np.maximum(prediction, _FLOOR) / record.value)
    counts = record.error == 0.0
    out[~counts] /= record.error[~counts]
    roots = np.sqrt(prediction[counts] + 0.375) - np.sqrt(record.value[counts] + 0.375)
    out[counts] = 2.0 * roots
    out[record.upper] = np.maximum(out[record.upper], 0.0)
    out[record.lower] = np.minimum(out[record.lower], 0.0)
    return np.asarray(out)
