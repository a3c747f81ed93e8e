"""What free numbers do: as numbers of the document, and as parameters of the people plan.

`document_numbers` is the one place where a free number meets a number of the baseline. A
comparison's futures put them into the document; a fit, which needs hundreds of thousands of them,
writes them into the plan's table by `with_numbers`, and a test holds the two to each other. What
a search does moves bays as well, so there the uncertainty set says what a number acts on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import InternalError
from straits.plan.free import KNOTS, names, values_of
from straits.tables.people import PeoplePlan
from straits.tables.people_parameters import MONTH_DAYS, Param

__all__ = ["CLEARED", "INDEX", "SHARED", "YEAR_DAYS", "Frame", "Places", "document_numbers",
           "frame_of", "plan_with", "searched", "with_numbers"]  # fmt: skip

YEAR_DAYS: Final = 365.25
INDEX: Final[Mapping[str, int]] = {name: k for k, name in enumerate(names())}

# Numbers of an uncertainty set that a fit frees too, by the name that both give them.
SHARED: Final = ("search.share", "search.targeting", "search.sensitivity")
_SEARCH: Final = [INDEX[name] for name in SHARED]

Steps = tuple[tuple[date, float], ...]
Number = float | Steps

_START: Final = date(2013, 1, 1)
_CLAIMS_AFTER_CENTRES: Final = 0.2  # of the hazard of 2015, once centres had opened
CLEARED: Final = (date(2016, 3, 1), date(2016, 3, 21))  # the south of the site; the day after
_CARRIED_MONTHS: Final = 12  # after the last knot: those before it, again and again
_LAST_MONTH: Final = (2018, 12)

_PLAIN: Final = (
    (Param.LEAVE, "leaving", 1.0),
    (Param.AIMS, "intends_uk", 1.0),
    (Param.STAYER, "stayers", 1.0),
    (Param.INFLOW_OTHER, "other_sites", 1.0),
    (Param.MATCHING, "lorry_room", 1.0),
    (Param.PREFERENCE, "prefers_france", 1.0),
    (Param.DEATH, "deaths", 1.0),
    (Param.OFFICIAL, "official_count", 1.0),
    (Param.UK_CLAIM, "uk_claims", 1.0),
    (Param.UK_FOUND_INLAND, "arrests.share", 1.0),
    (Param.ARRESTS, "arrests.background", 1.0 / YEAR_DAYS),
    (Param.PORTS, "ports.background", 1.0 / YEAR_DAYS),
    (Param.PORTS_SHARE, "ports.share", 1.0),
)


def _months() -> tuple[date, ...]:
    return tuple(date(2013 + k // 12, k % 12 + 1, 1)
                 for k in range((_LAST_MONTH[0] - 2013) * 12 + _LAST_MONTH[1]))


MONTHS: Final = _months()
_FITTED_MONTHS: Final = sum(month < KNOTS[-1] for month in MONTHS)
_KNOT: Final = slice(INDEX["inflow.2013-01"], INDEX["inflow.2013-01"] + len(KNOTS))
# The middle of each month between the knots, in logarithms.
_WEIGHTS: Final = np.stack([
    np.interp([month.toordinal() + 15.0 for month in MONTHS[:_FITTED_MONTHS]],
              [knot.toordinal() for knot in KNOTS], unit)
    for unit in np.eye(len(KNOTS))], axis=1)  # fmt: skip
# Which fitted month each month repeats: itself, later the same month of the last fitted year.
_REPEATED: Final = np.array([
    k if k < _FITTED_MONTHS
    else _FITTED_MONTHS - _CARRIED_MONTHS + (k - _FITTED_MONTHS) % _CARRIED_MONTHS
    for k in range(len(MONTHS))])  # fmt: skip

# From which dates the values of a series hold; those of the episode are the baseline's.
_DATES: Final[Mapping[Param, tuple[date, ...]]] = {
    Param.INFLOW: MONTHS,
    Param.RATE: (_START, date(2014, 6, 1), date(2015, 1, 15), date(2015, 11, 1)),
    Param.ACCESS: (_START, date(2015, 5, 15), date(2015, 11, 1), date(2016, 5, 15)),
    Param.CLAIM_FRANCE: (_START, date(2015, 1, 1), date(2015, 10, 27)),
    Param.RECEPTION_CAPACITY: (_START, date(2015, 10, 27), date(2016, 1, 1), date(2016, 5, 16)),
    Param.LEAVE_EVENT: (_START, *CLEARED),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where numbers stand in a plan's parameters: what is the same for all sets of numbers.

    Attributes
    ----------
    columns : int64[column]
        Parameters that free numbers move, but for the season's, which is another every day.
    source : int64[segment, column]
        Which of the numbers is in force, all steps of all series counted one after another.
    segment : int64[day]
        Days on which none of them changes are one segment.
    unit : float64[number]
        Factor from the document's unit to the plan's.
    """

    columns: NDArray[np.int64]
    source: NDArray[np.int64]
    segment: NDArray[np.int64]
    unit: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A people plan with what is needed to put free numbers into it.

    Attributes
    ----------
    plan : PeoplePlan
    origin : date
        Day 0 of the plan.
    wave : float64[day]
        Season of amplitude one, in logarithms.
    episode : tuple of (date, float)
        Shape of the summer of 2015 in the baseline, one at its peak.
    places : Places
    """

    plan: PeoplePlan
    origin: date
    wave: NDArray[np.float64]
    episode: Steps
    places: Places


def frame_of(plan: PeoplePlan, origin: date, amplitude: float) -> Frame:
    """Return the frame of a plan whose season was made with this amplitude.

    Parameters
    ----------
    plan : PeoplePlan
    origin : date
        Day 0 of the plan.
    amplitude : float
        ``people.attempts.season_amplitude`` of the baseline, not zero.
    """
    factor = plan.parameters[:, Param.EPISODE]
    starts = [0, *(np.flatnonzero(np.diff(factor)) + 1)]
    shape = (factor - 1.0) / (factor.max() - 1.0)
    episode = tuple((date.fromordinal(origin.toordinal() + int(day)), float(shape[day]))
                    for day in starts)
    return Frame(plan, origin, np.log(plan.parameters[:, Param.SEASON]) / amplitude, episode,
                 _places(origin, plan.days, episode))


def _places(origin: date, days: int, episode: Steps) -> Places:
    """Return where the numbers of `_numbers` stand in the parameters of a plan."""
    columns, source = [], []
    unit: list[float] = []
    for param, number in _numbers(values_of(np.zeros(len(INDEX))), episode).items():
        step = np.zeros(days, np.int64)
        count = 1
        if isinstance(number, tuple):
            starts = [(start - origin).days for start in _dates(param, episode)]
            if starts[0] > 0:
                raise InternalError(f"{param.path} begins {starts[0]} days after the plan")
            step = np.searchsorted(starts, np.arange(days), side="right") - 1
            count = len(number)
        if param != Param.SEASON:
            columns.append(int(param))
            source.append(len(unit) + step)
        unit += count * [1.0 / MONTH_DAYS if param.unit == "1/month" else 1.0]
    by_day = np.stack(source, axis=1)
    changes = np.any(by_day[1:] != by_day[:-1], axis=1)
    segment = np.concatenate([[0], np.cumsum(changes)])
    return Places(np.array(columns), by_day[np.flatnonzero(np.r_[True, changes])], segment,
                  np.array(unit))


def _dates(param: Param, episode: Steps) -> tuple[date, ...]:
    """Return from which dates the values of a series hold."""
    return tuple(when for when, _ in episode) if param == Param.EPISODE else _DATES[param]


def document_numbers(values: NDArray[np.float64], episode: Steps) -> dict[Param, Number]:
    """Return the numbers of the baseline that free numbers replace, in the document's units.

    Parameters
    ----------
    values : float64[number]
        In the order and units of `FREE`.
    episode : tuple of (date, float)
        Shape of the summer of 2015; see `Frame`.

    Returns
    -------
    dict of Param to float or tuple of (date, float)
        A tuple holds the values of a series from each date on.
    """
    return {
        param: tuple(zip(_dates(param, episode), number, strict=True))
        if isinstance(number, tuple) else number
        for param, number in _numbers(values, episode).items()
    }  # fmt: skip


def _numbers(
    values: NDArray[np.float64], episode: Steps
) -> dict[Param, float | tuple[float, ...]]:
    """Return the numbers of `document_numbers`, of series the values without their dates."""
    plain = values.tolist()

    def value(name: str) -> float:
        return float(plain[INDEX[name]])

    out: dict[Param, float | tuple[float, ...]] = {
        param: value(name) * factor for param, name, factor in _PLAIN}
    course = np.exp(_WEIGHTS @ np.log(values[_KNOT]))
    out[Param.INFLOW] = tuple(course[_REPEATED].tolist())
    out[Param.NGO] = value("official_count") / value("counts_ratio")
    out[Param.SEASON] = value("season")
    peak = value("episode")
    out[Param.EPISODE] = tuple(1.0 + (peak - 1.0) * shape for _, shape in episode)
    out[Param.RATE] = (value("attempts.2013"), value("attempts.2014-06"),
                       value("attempts.2015-01"), value("attempts.2015-11"))
    third = value("access.2015-11")
    out[Param.ACCESS] = (value("access.2013"), value("access.2015-05"), third,
                         min(1.0, third * value("access.fall")))
    later = value("french_claims.2015")
    out[Param.CLAIM_FRANCE] = (value("french_claims.2013"), later, later * _CLAIMS_AFTER_CENTRES)
    out[Param.RECEPTION_CAPACITY] = (0.0, value("reception.2015-10"), value("reception.2016-01"),
                                     value("reception.2016-05"))
    days = (CLEARED[1] - CLEARED[0]).days
    hazard = -math.log1p(-value("cleared.2016-03")) / days * MONTH_DAYS
    out[Param.LEAVE_EVENT] = (0.0, hazard, 0.0)
    return out


def with_numbers(
    frame: Frame, values: NDArray[np.float64], out: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the plan's parameters with the free numbers in their places.

    Parameters
    ----------
    frame : Frame
    values : float64[number]
        In the order and units of `FREE`.
    out : float64[day, Param], optional
        A copy of the plan's parameters, or of its first days, to write into; a new one of all
        days when absent.
    """
    p = frame.plan.parameters.copy() if out is None else out
    places, numbers = frame.places, _numbers(values, frame.episode)
    flat: list[float] = []
    for number in numbers.values():
        if isinstance(number, tuple):
            flat += number
        else:
            flat.append(number)
    every = np.array(flat) * places.unit
    days = len(p)
    p[:, places.columns] = every[places.source].take(places.segment[:days], axis=0)
    p[:, Param.SEASON] = np.exp(numbers[Param.SEASON] * frame.wave[:days])
    return p


def searched(plan: PeoplePlan, values: NDArray[np.float64]) -> PeoplePlan:
    """Return the plan with the free numbers about searches, wherever there is a search."""
    there = plan.sensitivity > 0.0
    factor, targeting, sensitivity = values[_SEARCH]
    return replace(plan, share=np.minimum(plan.share * factor, 1.0),
                   targeting=np.where(there, targeting, plan.targeting),
                   sensitivity=np.where(there, sensitivity, plan.sensitivity))


def plan_with(frame: Frame, values: NDArray[np.float64]) -> PeoplePlan:
    """Return the people plan with the free numbers in their places."""
    return replace(searched(frame.plan, values), parameters=with_numbers(frame, values),
                   start_stock=round(float(values[INDEX["stock_at_start"]])))
