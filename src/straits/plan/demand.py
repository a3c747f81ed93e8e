"""Expected arrivals by day, UTC hour and stream, from volumes and profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
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
    daily: dict[tuple[str, str], dict[date, float]] = {}
    clocks: dict[str, list[tuple[date, int]]] = {}
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
        if zone not in clocks:
            clocks[zone] = [
                local_hour(first + timedelta(day), hour, zone)
                for day in range(days)
                for hour in range(24)
            ]
        share = np.array([shares[local_day] for local_day, _ in clocks[zone]])
        clock = np.array([hour for _, hour in clocks[zone]])
        rates[:, :, index] = (0.5 * volume * share * hours[clock]).reshape(days, 24)
    return rates


def _daily_shares(
    demand: Mapping[str, Any], name: str, direction: str, first: date, days: int
) -> dict[date, float]:
    """Return each day's share of its calendar year, for one group and direction."""
    group = demand["groups"][name]
    shares: dict[date, float] = {}
    last = first + timedelta(days + 1)
    for year in range((first - timedelta(1)).year, last.year + 1):
        calendar = [date(year, 1, 1) + timedelta(k) for k in range(366)]
        calendar = [day for day in calendar if day.year == year]
        weight = np.array([_weekday(demand, group, day) for day in calendar])
        months = np.array([day.month for day in calendar])
        for month in range(1, 13):
            weight[months == month] /= weight[months == month].mean()
        weight *= np.asarray(group["month"], np.float64)[months - 1]
        weight *= [_tilt(demand, name, direction, day) for day in calendar]
        weight /= weight.sum()
        shares.update(zip(calendar, weight.tolist(), strict=True))
    return shares


def _weekday(demand: Mapping[str, Any], group: Mapping[str, Any], day: date) -> float:
    """Return the weekday factor, that of the school holidays where the group has one."""
    factors: Sequence[float] = group["weekday"]
    if group.get("weekday_holidays") and any(
        _within(day, span["from"], span["to"]) for span in demand.get("holidays") or ()
    ):
        factors = group["weekday_holidays"]
    return float(factors[day.weekday()])


def _within(day: date, start: str, end: str) -> bool:
    """Say whether a date lies in a span of the year written as MM-DD, ends included."""
    return start <= f"{day:%m-%d}" <= end


def _tilt(demand: Mapping[str, Any], name: str, direction: str, day: date) -> float:
    """Return the factor of dated tilts between directions and of dated surges."""
    factor = 1.0
    for tilt in demand.get("tilts") or ():
        if name in tilt["groups"] and _within(day, tilt["from"], tilt["to"]):
            factor *= tilt[direction]
    for surge in demand.get("surges") or ():
        inside = surge["from"] <= day <= surge["to"]
        if name in surge["groups"] and surge["direction"] == direction and inside:
            factor *= surge["factor"]
    return factor
