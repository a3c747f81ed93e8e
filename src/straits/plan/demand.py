"""Expected arrivals by day, UTC hour and stream, from volumes and profiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import local_hour
from straits.tables.vehicles import VEHICLE_CLASSES

__all__ = ["DIRECTIONS", "expected_arrivals", "stream_list"]

DIRECTIONS = ("to_uk", "to_fr")
World = Mapping[str, Any]


def stream_list(world: World) -> list[tuple[str, str, str]]:
    """Return every (crossing, direction, class), in the order that numbers the streams.

    The numbers are part of every vehicle's address, so they depend on the list of crossings
    alone and never on volumes, profiles or policies.
    """
    return [
        (crossing, direction, kind)
        for crossing in world["crossings"]
        for direction in DIRECTIONS
        for kind in VEHICLE_CLASSES
    ]


def origin_site(world: World, crossing: str, direction: str) -> str:
    """Return the site at which vehicles of this direction arrive."""
    side = "fr_site" if direction == "to_uk" else "uk_site"
    return str(world["crossings"][crossing][side])


def expected_arrivals(world: World, first: date, days: int) -> NDArray[np.float64]:
    """Return expected arrivals, float64[day, 24, stream] [vehicles], from `first` on.

    Each direction of a crossing and class carries half of the reference year's volume in
    every calendar year (growth is not modelled). Weekday factors are renormalised inside
    each month, so that month totals stay; hours are local to the site of arrival.
    """
    streams = stream_list(world)
    rates = np.zeros((days, 24, len(streams)))
    demand = world["demand"]
    group_of = {
        (crossing, kind): name
        for name, group in demand["groups"].items()
        for crossing in group["crossings"]
        for kind in group["classes"]
    }
    daily: dict[tuple[str, str], NDArray[np.float64]] = {}
    for index, (crossing, direction, kind) in enumerate(streams):
        volume = demand["volumes"].get(crossing, {}).get(kind, 0.0)
        if not volume:
            continue
        name = group_of[(crossing, kind)]
        if (name, direction) not in daily:
            daily[(name, direction)] = _daily_shares(demand, name, direction, first, days)
        shares = daily[(name, direction)]
        hours = np.asarray(demand["groups"][name][f"hour_{direction}"], np.float64)
        hours = hours / hours.sum()
        zone = world["sites"][origin_site(world, crossing, direction)]["time_zone"]
        local_day, clock = _clock(first, days, zone)
        share = shares[local_day]
        rates[:, :, index] = (0.5 * volume * share * hours[clock]).reshape(days, 24)
    return rates


@lru_cache(maxsize=16)
def _clock(
    first: date, days: int, zone: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the local day (days since the day before `first`) and hour of every UTC hour."""
    pairs = [
        local_hour(first + timedelta(day), hour, zone) for day in range(days) for hour in range(24)
    ]
    eve = first.toordinal() - 1
    return (np.array([day.toordinal() - eve for day, _ in pairs]),
            np.array([hour for _, hour in pairs]))


def _daily_shares(
    demand: Mapping[str, Any], name: str, direction: str, first: date, days: int
) -> NDArray[np.float64]:
    """Return each day's share of its calendar year, from the day before `first` on."""
    group = demand["groups"][name]
    parts = []
    eve = first - timedelta(1)
    last = first + timedelta(days + 1)
    for year in range(eve.year, last.year + 1):
        calendar = [date(year, 1, 1) + timedelta(k) for k in range(366)]
        calendar = [day for day in calendar if day.year == year]
        months = np.array([day.month for day in calendar])
        weight = _weekdays(demand, group, calendar)
        for month in range(1, 13):
            weight[months == month] /= weight[months == month].mean()
        weight *= np.asarray(group["month"], np.float64)[months - 1]
        weight *= _tilts(demand, name, direction, calendar)
        parts.append(weight / weight.sum())
    skip = (eve - date(eve.year, 1, 1)).days
    return np.concatenate(parts)[skip:]


def _weekdays(
    demand: Mapping[str, Any], group: Mapping[str, Any], calendar: list[date]
) -> NDArray[np.float64]:
    """Return weekday factors, those of the school holidays where the group has them."""
    ordinary = np.asarray(group["weekday"], np.float64)
    weekday = np.array([day.weekday() for day in calendar])
    factors = ordinary[weekday]
    if group.get("weekday_holidays"):
        special = np.asarray(group["weekday_holidays"], np.float64)[weekday]
        spans = demand.get("holidays") or ()
        free = np.array([
            any(span["from"] <= f"{day:%m-%d}" <= span["to"] for span in spans)
            for day in calendar
        ])
        factors = np.where(free, special, factors)
    return np.asarray(factors)


def _tilts(
    demand: Mapping[str, Any], name: str, direction: str, calendar: list[date]
) -> NDArray[np.float64]:
    """Return the factors of dated tilts between directions and of dated surges."""
    out = np.ones(len(calendar))
    text = np.array([f"{day:%m-%d}" for day in calendar])
    for tilt in demand.get("tilts") or ():
        if name in tilt["groups"]:
            inside = (text >= tilt["from"]) & (text <= tilt["to"])
            out[inside] *= tilt[direction]
    for surge in demand.get("surges") or ():
        if name in surge["groups"] and surge["direction"] == direction:
            inside = np.array([surge["from"] <= day <= surge["to"] for day in calendar])
            out[inside] *= surge["factor"]
    return out
