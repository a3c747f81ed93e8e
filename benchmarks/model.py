"""Models A and B: one border post, the same numbers for every tool.

28 days, 25,000 vehicles a day by hour and weekday, lorry/car/coach .40/.55/.05; exit check, entry
check, a search for 30 % of lorries, departure; lognormal service by class.

* **A** is feed-forward: exit check with 10 servers (7 at night), entry check with 12 (9 at night),
  search with 8, departure with 20 servers of 36 s each; every queue is as long as it likes.
* **B** blocks after service: no night shifts, 10 servers at the entry check with room for 60
  vehicles before it, departure of 44 s with room for 40. A place of the buffer is taken when a
  vehicle leaves for the station and freed when its service starts; who finds none keeps its server.
  Two servers fewer and a slower departure, so that the buffers do fill at the peak.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

STATIONS = ("exit", "entry", "search", "departure")
MEAN_PER_DAY = 25_000.0
CLASSES = (("lorry", 0.40), ("car", 0.55), ("coach", 0.05))
HOURS = np.array([.55, .45, .40, .45, .60, .85, 1.10, 1.30, 1.40, 1.45, 1.45, 1.40,
                  1.30, 1.25, 1.20, 1.20, 1.20, 1.20, 1.15, 1.05, .95, .85, .75, .65])
WEEK = np.array([.98, .96, .96, .98, 1.12, 1.10, .90])
EXIT = ((20.5, 0.6), (14.4, 0.5), (40.0, 0.8))  # mean [s] and cv by class
ENTRY = ((22.5, 0.7), (18.6, 0.5), (50.0, 0.9))
SEARCH = (120.0, 0.8)
SEARCH_SHARE = 0.30


@dataclass(frozen=True, slots=True)
class Model:
    """What differs between the models: servers by (day, night), buffers, the departure."""

    name: str
    servers: dict[str, tuple[int, int]]
    departure_s: float
    buffers: dict[str, int] = field(default_factory=dict)

    def roster(self, station: str, days: int) -> list[tuple[float, int]]:
        """Return (instant [s], servers): the night shift runs from 22:00 to 06:00."""
        day, night = self.servers[station]
        if day == night:
            return [(0.0, day)]
        out = [(0.0, night)]
        for d in range(days):
            out += [(d * 86_400.0 + 21_600.0, day), (d * 86_400.0 + 79_200.0, night)]
        return out


MODELS = {
    "A": Model("A", {"exit": (10, 7), "entry": (12, 9), "search": (8, 8), "departure": (20, 20)},
               36.0),
    "B": Model("B", {"exit": (10, 10), "entry": (10, 10), "search": (8, 8), "departure": (20, 20)},
               44.0, {"entry": 60, "departure": 40}),
}


def hourly(days: int) -> np.ndarray:
    """Return expected arrivals in each hour, float64[day, 24] [vehicles]."""
    week = WEEK / WEEK.mean()
    hours = HOURS / HOURS.sum()
    return MEAN_PER_DAY * week[np.arange(days) % 7][:, None] * hours[None, :]


def lognormal(mean: float, cv: float) -> tuple[float, float]:
    """Return mu and sigma of a lognormal with this mean and coefficient of variation."""
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def trace(days: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return instants of arrival, rising [s], and classes: what the rivals are given."""
    generator = np.random.default_rng(seed)
    rates = hourly(days).ravel()
    counts = generator.poisson(rates)
    at = np.repeat(np.arange(rates.size) * 3600.0, counts) + generator.random(counts.sum()) * 3600
    at.sort()
    shares = np.cumsum([share for _, share in CLASSES])
    kinds = np.minimum(np.searchsorted(shares, generator.random(at.size)), len(CLASSES) - 1)
    return at, kinds


def peak_mb() -> float:
    """Return the most memory that this process has held [MB]."""
    status = Path("/proc/self/status")
    if status.exists():  # a child's ru_maxrss would begin with its parent's
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def by_station(totals: list[float], visits: list[int]) -> dict[str, float]:
    """Return means by station from totals [s] and numbers of visits."""
    return {name: total / max(count, 1)
            for name, total, count in zip(STATIONS, totals, visits, strict=True)}
