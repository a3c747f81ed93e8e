"""What free numbers do: as numbers of the document, and as parameters of the people plan.

`document_numbers` is the one place where a free number meets a number of the baseline. A
comparison's futures put them into the document; a fit, which needs hundreds of thousands of them,
writes them into the plan's table by `with_numbers`, and a test holds the two to each other. What
a search does moves bays as well, so there the uncertainty set says what a number acts on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.plan.free import KNOTS, names
from straits.tables.people import PeoplePlan
from straits.tables.people_parameters import MONTH_DAYS, Param

__all__ = ["INDEX", "SHARED", "YEAR_DAYS", "Frame", "document_numbers", "frame_of", "plan_with",
           "searched", "with_numbers"]  # fmt: skip

YEAR_DAYS: Final = 365.25
INDEX: Final[Mapping[str, int]] = {name: k for k, name in enumerate(names())}

# Numbers of an uncertainty set that a fit frees too, by the name that both give them.
SHARED: Final = ("search.share", "search.targeting", "search.sensitivity")
_SEARCH: Final = [INDEX[name] for name in SHARED]

Steps = tuple[tuple[date, float], ...]
Number = float | Steps

_START: Final = date(2013, 1, 1)
_CLAIMS_AFTER_CENTRES: Final = 0.2  # of the hazard of 2015, once centres had opened
_CLEARED: Final = (date(2016, 3, 1), date(2016, 3, 21))
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
    """

    plan: PeoplePlan
    origin: date
    wave: NDArray[np.float64]
    episode: Steps


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
    return Frame(plan, origin, np.log(plan.parameters[:, Param.SEASON]) / amplitude, episode)


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

    def value(name: str) -> float:
        return float(values[INDEX[name]])

    def series(*steps: tuple[int, int, int, float]) -> Steps:
        return tuple((date(year, month, day), number) for year, month, day, number in steps)

    out: dict[Param, Number] = {param: value(name) * factor for param, name, factor in _PLAIN}
    course = np.exp(_WEIGHTS @ np.log(values[_KNOT])).tolist()
    while len(course) < len(MONTHS):
        course.append(course[len(course) - _CARRIED_MONTHS])
    out[Param.INFLOW] = tuple(zip(MONTHS, course, strict=True))
    out[Param.NGO] = value("official_count") / value("counts_ratio")
    out[Param.SEASON] = value("season")
    out[Param.EPISODE] = tuple((when, 1.0 + (value("episode") - 1.0) * shape)
                               for when, shape in episode)
    out[Param.RATE] = series(
        (2013, 1, 1, value("attempts.2013")), (2014, 6, 1, value("attempts.2014-06")),
        (2015, 1, 15, value("attempts.2015-01")), (2015, 11, 1, value("attempts.2015-11")))
    third = value("access.2015-11")
    out[Param.ACCESS] = series(
        (2013, 1, 1, value("access.2013")), (2015, 5, 15, value("access.2015-05")),
        (2015, 11, 1, third), (2016, 5, 15, min(1.0, third * value("access.fall"))))
    later = value("french_claims.2015")
    out[Param.CLAIM_FRANCE] = series(
        (2013, 1, 1, value("french_claims.2013")), (2015, 1, 1, later),
        (2015, 10, 27, later * _CLAIMS_AFTER_CENTRES))
    out[Param.RECEPTION_CAPACITY] = series(
        (2013, 1, 1, 0.0), (2015, 10, 27, value("reception.2015-10")),
        (2016, 1, 1, value("reception.2016-01")), (2016, 5, 16, value("reception.2016-05")))
    days = (_CLEARED[1] - _CLEARED[0]).days
    hazard = -float(np.log1p(-value("cleared.2016-03"))) / days * MONTH_DAYS
    out[Param.LEAVE_EVENT] = ((_START, 0.0), (_CLEARED[0], hazard), (_CLEARED[1], 0.0))
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
        A copy of the plan's parameters to write into; a new one when absent.
    """
    p = frame.plan.parameters.copy() if out is None else out
    for param, number in document_numbers(values, frame.episode).items():
        unit = 1.0 / MONTH_DAYS if param.unit == "1/month" else 1.0
        if param == Param.SEASON:
            assert isinstance(number, float)
            p[:, param] = np.exp(number * frame.wave)
        elif isinstance(number, float):
            p[:, param] = number * unit
        else:
            starts, steps = zip(*number, strict=True)
            first, lengths = _lengths(frame.origin, frame.plan.days, starts)
            p[first:, param] = np.repeat(np.array(steps) * unit, lengths)
    return p


@lru_cache(maxsize=64)
def _lengths(
    origin: date, days: int, starts: tuple[date, ...]
) -> tuple[int, NDArray[np.int64]]:
    """Return the first day of a series within a plan, and how many days each step lasts."""
    inside = [min(max((start - origin).days, 0), days) for start in starts]
    return inside[0], np.diff([*inside, days])


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
