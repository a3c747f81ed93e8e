"""The past simulated beside the record, with acceptance bands written beforehand.

The people half runs its history at the documented values (no futures drawn), one seed a row; the
vehicle half runs the status quo over the window. The bands stand in ``data/acceptance.csv`` and
in the constants below: nothing here is tuned to what comes out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from straits.data.read import Acceptance, acceptance, figures
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.ensemble.executors import run_study
from straits.ensemble.store import Store
from straits.ensemble.study import Study, horizon, plan_task
from straits.results.stations import station_rows
from straits.results.summary import departed
from straits.tables.people import Event, Observation
from straits.tables.people import PeopleDay as Day

__all__ = ["Row", "validate_people", "validate_vehicles"]

SERIES = {
    "official_count": Observation.OFFICIAL_COUNT,
    "ngo_count": Observation.NGO_COUNT,
    "prevented_attempts": Observation.PREVENTED_ATTEMPTS,
    "arrests": Observation.ARRESTS,
}
EVENTS = {"deaths": Event.DIED, "reception": Event.TO_RECEPTION}
DEPARTED_BAND = 0.02  # of the year's figure
DEPARTED_SE = 4.5  # in windows shorter than a year, standard errors beside the band
MISSING = 0.1  # share of a count's days that may lie after the history
LARGEST_DAY_CV = 0.1  # of the baseline's demand groups
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
    median lies inside the band. Counts that go on for long after the decision day, up to which
    history is simulated, are left out.
    """
    study = Study(baseline, ("status-quo",), days=1, rows=rows, seed=seed, futures="fixed")
    origin, decision_day, _ = horizon(study)
    planned = plan_task(study, "status-quo", 0)
    last = (decision_day - origin).days - 1
    cases = [case for case in acceptance()
             if (case.end - origin).days - last <= MISSING * ((case.end - case.start).days + 1)]
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
    counted = days[first : last + 1]
    if case.series in EVENTS:
        return float(sum(int(day.events[EVENTS[case.series]].sum()) for day in counted))
    return float(sum(int(day.observed[SERIES[case.series]]) for day in counted))


def validate_vehicles(
    baseline: str, rows: int, seed: int, days: int, on_done: Callable[[int], None]
) -> list[Row]:
    """Return vehicles departed by crossing, direction and class, and waits, of the status quo.

    Departures are the mean over rows, held against the year's figures (half of both
    directions) within 2 %, or in a shorter window against what its days should bring, with
    4.5 standard errors of their luck; the remainder is the figure less the departed: chance, and
    who is still inside.
    """
    study = Study(baseline, ("status-quo",), days=days, rows=rows, seed=seed, futures="fixed")
    legend = plan_task(study, "status-quo", 0).legend
    vehicles = plan_task(study, "status-quo", 0).vehicles
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        done = run_study(study, store, min(os.cpu_count() or 1, rows),
                         lambda result: on_done(result.row))
        summaries = [store.read(result.key)[0] for result in done]
    counts = np.array([departed(summary, vehicles) for summary in summaries])
    inside = np.mean([summary.values["inside"] for summary in summaries], axis=0)
    out = []
    for k, (crossing, direction, kind) in enumerate(legend.streams):
        whole = days in (365, 366)
        figure = legend.volumes[k] if whole else legend.expected[k]
        if figure <= 0.0:
            continue
        value = float(counts[:, k].mean())
        room = DEPARTED_BAND * figure
        if not whole:
            # A part of a year has its season, and the luck of its days and vehicles.
            luck = figure / rows + (LARGEST_DAY_CV * figure) ** 2 / (days * rows)
            room += DEPARTED_SE * luck**0.5
        band = (max(figure - room, 0.0), figure + room)
        out.append(Row(
            f"departed, {crossing} {direction.replace('_', ' ')}, {kind}", figure,
            "half of the year's volume" if whole else "expected in these days", value,
            float(counts[:, k].min()),
            float(counts[:, k].max()), band, band[0] <= value <= band[1],
            f"remainder {figure - value:+,.0f}, of which {inside[k]:,.0f} inside at the end"))
    waits: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for summary in summaries:
        for row in station_rows(summary, legend, days):
            if row["class"] != "all" and row["kind"] != "departure":
                waits.setdefault((str(row["station"]), str(row["class"])), []).append(
                    (float(row["wait_mean_min"]), float(row["wait_p95_min"])))
    for (station, kind), found in waits.items():
        means = [mean for mean, _ in found]
        high = float(np.mean([p95 for _, p95 in found]))
        value = float(np.mean(means))
        out.append(Row(f"mean wait [min], {station}, {kind}", 0.0, "", value, min(means),
                       max(means), (0.0, WAIT_BAND_MIN), value <= WAIT_BAND_MIN,
                       f"95 in 100 wait at most {high:.0f} min"))
    return out
