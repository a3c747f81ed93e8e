"""The past simulated beside the record, with acceptance bands written beforehand.

The people half runs its history at the documented values (no futures drawn), one seed a row; the
vehicle half runs the status quo over the window. The bands stand in ``data/acceptance.csv`` and
in the constants below: nothing here is tuned to what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from straits.data.read import Acceptance, acceptance, figures
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.ensemble.study import Study, horizon, plan_task, simulate
from straits.results.measures import station_rows
from straits.results.summary import departed
from straits.tables.people import Observation
from straits.tables.people import PeopleDay as Day

__all__ = ["Row", "validate_people", "validate_vehicles"]

SERIES = {
    "official_count": Observation.OFFICIAL_COUNT,
    "prevented_attempts": Observation.PREVENTED_ATTEMPTS,
    "arrests": Observation.ARRESTS,
}
DEPARTED_BAND = 0.02  # of the year's figure
# The rest is who was turned of the day's luck: of small streams the year's number is Poisson.
DEPARTED_SE = 4.5
WAIT_BAND_MIN = 15.0  # mean wait at a check over the year, minutes and not hours


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the validation table."""

    case: str
    record: float
    source: str
    simulated: float
    low: float
    high: float
    band: tuple[float, float]
    accepted: bool
    note: str


def validate_people(
    baseline: str, rows: int, seed: int, on_row: Callable[[int], None]
) -> list[Row]:
    """Return the people half's observers beside the published counts.

    `simulated` is the median over rows, low and high the extremes; a row is accepted when the
    median lies inside the band.
    """
    study = Study(baseline, ("status-quo",), days=1, rows=rows, seed=seed, futures="fixed")
    origin, decision_day, _ = horizon(study)
    planned = plan_task(study, "status-quo", 0)
    last = (decision_day - origin).days - 1
    cases = acceptance()
    found = np.zeros((rows, len(cases)))
    for row in range(rows):
        days = [day for _, day in simulate_people(planned.people, Seed(seed, row).key, 0, last)]
        found[row] = [_observed(days, case, origin) for case in cases]
        on_row(row)
    out = []
    known = figures()
    for k, case in enumerate(cases):
        figure = known[case.figure]
        record = float(figure.value)
        middle = float(np.median(found[:, k]))
        band = (record * case.low_factor, record * case.high_factor)
        span = case.start.isoformat() if case.start == case.end else f"{case.start} to {case.end}"
        out.append(Row(f"{case.series.replace('_', ' ')}, {span}", record, case.figure, middle,
                       float(found[:, k].min()), float(found[:, k].max()), band,
                       band[0] <= middle <= band[1], case.note))
    return out


def _observed(days: list[Day], case: Acceptance, origin: date) -> float:
    """Return what an observer would have published: the count of a day, or a sum of days."""
    first, last = (case.start - origin).days, (case.end - origin).days
    return float(sum(int(day.observed[SERIES[case.series]]) for day in days[first : last + 1]))


def validate_vehicles(baseline: str, seed: int, days: int) -> Iterator[Row]:
    """Yield vehicles departed by crossing, direction and class, and waits, of the status quo.

    Departures are held against the year's figures (half of both directions), within 2 % and
    4.5 standard errors of a Poisson number; the remainder is what is still inside or came
    after the last sailing. The window's days are a year when `days` is 365.
    """
    study = Study(baseline, ("status-quo",), days=days, rows=1, seed=seed, futures="fixed")
    planned = plan_task(study, "status-quo", 0)
    summary = simulate(study, "status-quo", 0)
    counts = departed(summary, planned.vehicles)
    inside = summary.values["inside"]
    for k, (crossing, direction, kind) in enumerate(planned.legend.streams):
        figure = planned.legend.volumes[k] * days / 365.0
        if figure <= 0.0:
            continue
        spread = DEPARTED_BAND * figure + DEPARTED_SE * figure**0.5
        value = float(counts[k])
        yield Row(f"departed, {crossing} {direction.replace('_', ' ')}, {kind}", figure,
                  "the baseline's volume, half of it", value, value, value,
                  (figure - spread, figure + spread), abs(value - figure) <= spread,
                  f"remainder {int(inside[k]):,} still inside")
    for row in station_rows(summary, planned.legend, days):
        if row["class"] == "all" or row["kind"] == "departure":
            continue
        mean, high = float(row["wait_mean_min"]), float(row["wait_p95_min"])
        yield Row(f"mean wait [min], {row['station']}, {row['class']}", 0.0,
                  "ordinary waits are minutes", mean, mean, high, (0.0, WAIT_BAND_MIN),
                  mean <= WAIT_BAND_MIN, "high is the 95th percentile")


def rounded(row: Row, digits: int) -> Row:
    """Return a row for display."""
    return replace(row, simulated=round(row.simulated, digits))
