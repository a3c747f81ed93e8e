"""Model A: a feed-forward border post, the same for every tool.

28 days, 25,000 vehicles a day by hour and weekday, lorry/car/coach .40/.55/.05; exit check with 10
servers (7 at night), entry check with 12 (9 at night), 30 % of lorries to a search with 8,
departure with 20 servers of 36 s each; lognormal service by class. No blocking.
"""

from __future__ import annotations

import math

import numpy as np

MEAN_PER_DAY = 25_000.0
CLASSES = (("lorry", 0.40), ("car", 0.55), ("coach", 0.05))
HOURS = np.array([.55, .45, .40, .45, .60, .85, 1.10, 1.30, 1.40, 1.45, 1.45, 1.40,
                  1.30, 1.25, 1.20, 1.20, 1.20, 1.20, 1.15, 1.05, .95, .85, .75, .65])
WEEK = np.array([.98, .96, .96, .98, 1.12, 1.10, .90])
EXIT = ((20.5, 0.6), (14.4, 0.5), (40.0, 0.8))  # mean [s] and cv by class
ENTRY = ((22.5, 0.7), (18.6, 0.5), (50.0, 0.9))
SEARCH = (120.0, 0.8)
SEARCH_SHARE = 0.30
DEPARTURE_S = 36.0
SERVERS = {"exit": (10, 7), "entry": (12, 9), "search": (8, 8), "departure": (20, 20)}


def hourly(days: int) -> np.ndarray:
    """Return expected arrivals in each hour, float64[day, 24] [vehicles]."""
    week = WEEK / WEEK.mean()
    hours = HOURS / HOURS.sum()
    return MEAN_PER_DAY * week[np.arange(days) % 7][:, None] * hours[None, :]


def roster(station: str, days: int) -> list[tuple[float, int]]:
    """Return (instant [s], servers): the night shift runs from 22:00 to 06:00."""
    day, night = SERVERS[station]
    if day == night:
        return [(0.0, day)]
    out = [(0.0, night)]
    for d in range(days):
        out += [(d * 86_400.0 + 21_600.0, day), (d * 86_400.0 + 79_200.0, night)]
    return out


def lognormal(mean: float, cv: float) -> tuple[float, float]:
    """Return mu and sigma of a lognormal with this mean and coefficient of variation."""
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)
