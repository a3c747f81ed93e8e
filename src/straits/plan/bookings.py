"""Booked vehicles arrive for their departure: rates that bunch before sailings.

Vehicles that would come in a bin of five minutes book the departure nearest to that bin plus the
mean time before departure, so bookings follow the profile and the timetable together. Each comes
a random time before its departure. Bookings of a departure are Poisson and their times
independent, so by the displacement theorem [1]_ booked arrivals are Poisson again, with the rate

    sum over departures k of bookings(k) x density(departure(k) - t),

and demand stays what an engine draws: numbers by hour, and instants inside the hour.

References
----------
.. [1] J. F. C. Kingman, "Poisson Processes", Oxford University Press 1993, section 5.5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import HOUR_TICKS
from straits.plan.demand import World, expected_arrivals, origin_site, stream_list
from straits.plan.rosters import sailings

__all__ = ["BINS", "Expected", "expected_demand", "lead_share", "plain_demand"]

BINS: Final = 12  # of an hour
PAD_DAYS: Final = 3  # before and after the plan, so that its first and last days are whole
LONGEST_BINS: Final = 24 * BINS  # earliest arrival before a departure
FARTHEST: Final = 12 * HOUR_TICKS  # whoever finds no departure nearer than this comes unbooked

_BIN_TICKS: Final = HOUR_TICKS // BINS
_DAY_BINS: Final = 24 * BINS

Dated = list[tuple[date, World]]


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected arrivals, and where in their hour they fall.

    Attributes
    ----------
    rates : float64[day, 24, stream]
        Expected arrivals in each UTC hour [vehicles].
    within_of_stream : int64[stream]
        Row of `within_cdf`, -1 where instants are uniform inside the hour.
    within_cdf : float64[profile, day, 24, 12]
        Share of an hour's arrivals before the end of each five minutes [dimensionless].
    """

    rates: NDArray[np.float64]
    within_of_stream: NDArray[np.int64]
    within_cdf: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Profile:
    """Streams that share the shape of their arrivals: group, crossing, direction, departures."""

    group: str
    crossing: str
    direction: str
    departures: tuple[str, ...]


def expected_demand(worlds: Dated, first: date, days: int) -> Expected:
    """Return expected arrivals from `first` on; each stretch of days uses its own world.

    Over a year a stream's arrivals add up to its volume whether it books or not: booking moves
    them by some hours. What is not exact lies at the edges: arrivals for departures at most 24 h
    after the plan's end are in, and a dated change of demand or timetable takes hold at its
    midnight for both, so arrivals within hours of it may be counted for the old and the new
    timetable, or for neither.

    Parameters
    ----------
    worlds : list of (date, world)
        The world from each day on; the first holds from `first`.
    first : date
        Day 0.
    days : int
        How many days.
    """
    parts: Dated = []
    for day, world in worlds:
        if not parts or _differs(parts[-1][1], world):
            parts.append((day, world))
    streams = stream_list(worlds[0][1])
    rates = np.zeros((days, 24, len(streams)))
    within: dict[int, NDArray[np.float64]] = {}
    shared: dict[int, tuple[_Profile, ...]] = {}
    for day, world in parts:
        offset = (day - first).days
        part, profiles, shapes = _one_world(world, first, days)
        rates[offset:] = part[offset:]
        for index in range(len(streams)):
            profile = profiles.get(index)
            if profile is not None and index not in within:
                within[index] = _uniform(days)
            if index in within:
                within[index][offset:] = (
                    _uniform(days)[offset:] if profile is None else shapes[profile][offset:]
                )
                shared[index] = (*shared.get(index, ()), profile or _NOBODY)
    return _packed(rates, within, shared)


_NOBODY: Final = _Profile("", "", "", ())


def plain_demand(days: int, streams: int) -> dict[str, NDArray[Any]]:
    """Return the plan's columns of bookings, observed arrivals and choice when there are none."""
    none, by_stream = np.empty(0, np.int64), np.full(streams, -1, np.int64)
    first, off = np.zeros(streams + 1, np.int64), np.zeros((days, streams))
    return {
        "within_of_stream": by_stream, "within_cdf": np.empty((0, days, 24, BINS)),
        "observed_first": first, "observed_at": none, "observed_width": none,
        "covered_first": first, "covered_from": none, "covered_to": none,
        "choice_set": by_stream, "choice_pool": by_stream, "choice_sensitivity": off,
        "retiming_share": off, "retiming_sensitivity": off,
    }  # fmt: skip


def _differs(one: World, two: World) -> bool:
    if one["demand"] != two["demand"]:
        return True
    return _anyone_books(two) and one["departures"] != two["departures"]


def _anyone_books(world: World) -> bool:
    return any(group.get("booking") for group in world["demand"]["groups"].values())


def _packed(
    rates: NDArray[np.float64],
    within: dict[int, NDArray[np.float64]],
    shared: dict[int, tuple[_Profile, ...]],
) -> Expected:
    """Store each shape once; streams with the same profiles in every world share it."""
    rows: dict[tuple[_Profile, ...], int] = {}
    kept: list[NDArray[np.float64]] = []
    of_stream = np.full(rates.shape[2], -1, np.int64)
    for index, cdf in within.items():
        # Who begins to book in a later world has a shorter tuple: equal ones mean equal shapes.
        key = shared[index]
        if key not in rows:
            rows[key] = len(kept)
            kept.append(cdf)
        of_stream[index] = rows[key]
    shape = (0, rates.shape[0], 24, BINS)
    return Expected(rates, of_stream, np.array(kept) if kept else np.empty(shape))


def _uniform(days: int) -> NDArray[np.float64]:
    return np.broadcast_to(np.arange(1, BINS + 1) / BINS, (days, 24, BINS)).copy()


def _one_world(
    world: World, first: date, days: int
) -> tuple[NDArray[np.float64], dict[int, _Profile], dict[_Profile, NDArray[np.float64]]]:
    """Return rates of one world, the profile of each stream that books, and the shapes."""
    if not _anyone_books(world):
        return expected_arrivals(world, first, days), {}, {}
    wide = expected_arrivals(world, first - timedelta(PAD_DAYS), days + 2 * PAD_DAYS)
    rates = wide[PAD_DAYS : PAD_DAYS + days].copy()
    demand = world["demand"]
    home = {(c, k): name for name, group in demand["groups"].items()
            for c in group["crossings"] for k in group["classes"]}
    profiles: dict[int, _Profile] = {}
    hourly: dict[_Profile, NDArray[np.float64]] = {}
    shapes: dict[_Profile, NDArray[np.float64]] = {}
    for index, (crossing, direction, kind) in enumerate(stream_list(world)):
        name = home.get((crossing, kind), "")
        booking = _booking(world, name, crossing)
        volume = float(demand["volumes"].get(crossing, {}).get(kind, 0.0))
        if booking is None or not volume:
            continue
        carriers = tuple(
            key for key, one in world["departures"].items()
            if (one["crossing"], one["direction"]) == (crossing, direction)
            and kind in one["classes"]
        )
        profile = _Profile(name, crossing, direction, carriers)
        if profile not in shapes:
            sail = _sailings(world, profile, first, days)
            unit = _booked(wide[:, :, index].ravel() / volume, sail, booking)
            hours = unit.reshape(-1, 24, BINS)[PAD_DAYS : PAD_DAYS + days]
            hourly[profile] = hours.sum(axis=2)
            shapes[profile] = _cumulated(hours)
        profiles[index] = profile
        rates[:, :, index] = volume * hourly[profile]
    return rates, profiles, shapes


def _booking(world: World, group: str, crossing: str) -> Mapping[str, Any] | None:
    """Return how vehicles of a group book on a crossing, None where they do not."""
    booking = world["demand"]["groups"].get(group, {}).get("booking")
    if not booking or not float(booking["share"]):
        return None
    kind = booking.get("kind")
    return booking if kind in (None, world["crossings"][crossing]["kind"]) else None


def _sailings(world: World, profile: _Profile, first: date, days: int) -> NDArray[np.int64]:
    """Return the departures that a profile can book [ticks since the padded first day]."""
    zone = world["sites"][origin_site(world, profile.crossing, profile.direction)]["time_zone"]
    start, span = first - timedelta(PAD_DAYS), days + 2 * PAD_DAYS
    parts = [sailings(world["departures"][key], start, span, zone) for key in profile.departures]
    return np.unique(np.concatenate([np.empty(0, np.int64), *parts]))


def _booked(
    hourly: NDArray[np.float64], at: NDArray[np.int64], booking: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Return arrivals by bin of five minutes when a share of an hourly profile books.

    Parameters
    ----------
    hourly : float64[hour]
        Arrivals without bookings [any unit].
    at : int64[sailing]
        Departures [ticks since the first hour], in order.
    booking : mapping
        ``share``, ``early``, ``spread``, ``latest``.
    """
    bins = np.repeat(hourly / BINS, BINS)
    if at.size == 0:
        return bins
    wish = (np.arange(bins.size) + 0.5) * _BIN_TICKS + float(booking["early"]) * 1024.0
    after = np.clip(np.searchsorted(at, wish), 1, max(at.size - 1, 1))
    before = after - 1
    after = np.minimum(after, at.size - 1)
    nearest = np.where(wish - at[before] <= at[after] - wish, before, after)
    books = np.abs(at[nearest] - wish) <= FARTHEST
    amount = np.where(books, float(booking["share"]) * bins, 0.0)
    bookings = np.bincount(nearest, weights=amount, minlength=at.size)
    out = bins - amount
    # The bin of a departure and its place in it say which share arrives how many bins earlier.
    bin_of, place = at // _BIN_TICKS, at % _BIN_TICKS
    places, index = np.unique(place, return_inverse=True)
    late = math.ceil(float(booking["latest"]) * 1024.0 / _BIN_TICKS) + 1
    for ahead in range(-late, LONGEST_BINS):
        share = lead_share(ahead, places, booking)[index]
        target = bin_of - ahead
        inside = (target >= 0) & (target < out.size)
        out += np.bincount(target[inside], weights=(bookings * share)[inside], minlength=out.size)
    return np.asarray(out)


def lead_share(
    ahead: int, place: NDArray[np.int64], booking: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Return the share of bookings that arrives in the bin `ahead` bins before the departure's.

    The time before departure plus `latest` is lognormal with mean early + latest and standard
    deviation `spread`; what would come more than 24 h before is left out and the rest scaled.

    Parameters
    ----------
    ahead : int
        Bins of five minutes; negative for arrivals after the departure.
    place : int64[departure]
        How far into its own bin a departure leaves [ticks].
    booking : mapping
        ``early``, ``spread`` and ``latest`` [s].

    Returns
    -------
    float64[departure]
        Shares [dimensionless].
    """
    # An arrival at the end of that bin has the shorter time before departure.
    short = place + (ahead - 1) * _BIN_TICKS
    upper = _lead_cdf(short + _BIN_TICKS, booking)
    last = _lead_cdf(place + (LONGEST_BINS - 1) * _BIN_TICKS, booking)
    return np.asarray((upper - _lead_cdf(short, booking)) / last)


def _lead_cdf(lead: NDArray[np.int64], booking: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return P(time before departure <= lead), lead in ticks."""
    from scipy.special import ndtr

    latest = float(booking["latest"])
    mean = float(booking["early"]) + latest
    sigma = math.sqrt(math.log1p((float(booking["spread"]) / mean) ** 2))
    middle = math.log(mean) - 0.5 * sigma * sigma
    moved = lead / 1024.0 + latest
    positive = np.where(moved > 0.0, moved, 1.0)
    return np.asarray(np.where(moved > 0.0, ndtr((np.log(positive) - middle) / sigma), 0.0))


def _cumulated(hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64[day, 24, 12]: the share of an hour's arrivals before the end of each bin."""
    total = hours.sum(axis=2, keepdims=True)
    cdf = np.cumsum(hours, axis=2) / np.where(total > 0.0, total, 1.0)
    cdf = np.where(total > 0.0, cdf, np.arange(1, BINS + 1) / BINS)
    cdf[:, :, -1] = 1.0
    return np.minimum(cdf, 1.0)
