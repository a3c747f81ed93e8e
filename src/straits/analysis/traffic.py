"""The vehicle half beside closed forms, other programs and queues of the past.

What history says stands in ``data/acceptance_traffic.csv`` with the band in which the simulated
value must lie, the reason for the band, and whether the value was fitted. Bands are written
before a run and nothing moves them; a fitted value is shown and is no test.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Final, Literal

from straits.analysis.intervals import wilson
from straits.analysis.traffic_cases import (
    AS_WRITTEN,
    CASES,
    STAGES,
    Case,
    Variation,
    prepare,
    simulate,
)
from straits.analysis.traffic_rows import TrafficRow, verdict
from straits.data.read import figures
from straits.engine.rng import Seed

__all__ = ["PARTS", "Band", "Part", "acceptance_traffic", "history_rows", "traffic_rows"]

Part = Literal["theory", "programs", "history"]
PARTS: Final[tuple[Part, ...]] = ("theory", "programs", "history")
QUICK_ROWS: Final = 5
QUICK_NETWORKS: Final = 8
NETWORKS: Final = 40
PAIRED_ROWS: Final = 5  # for what other assumptions would move; differences are under equal luck

Measured = list[dict[str, float]]  # one mapping a row


@dataclass(frozen=True, slots=True)
class Band:
    """What is published of one measure of a case, and what is accepted of the simulation."""

    case: str
    measure: str
    unit: str
    figure: str  # key of the published figure
    low: float
    high: float
    kind: Literal["fitted", "predicted"]
    reason: str


@cache
def acceptance_traffic() -> tuple[Band, ...]:
    """Return the acceptance bands of the cases, in the order of the table."""
    text = files("straits.data").joinpath("acceptance_traffic.csv").read_text(encoding="utf-8")
    return tuple(
        Band(row["case"], row["measure"], row["unit"], row["figure"], float(row["low"]),
             float(row["high"]), "fitted" if row["kind"] == "fitted" else "predicted",
             row["reason"])
        for row in csv.DictReader(StringIO(text))
    )  # fmt: skip


def traffic_rows(
    rows: int,
    quick: bool,
    parts: Sequence[Part],
    *,
    seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> list[TrafficRow]:
    """Return every quantity of the vehicle half beside what it should be.

    Parameters
    ----------
    rows : int
        Rows of each case of the past.
    quick : bool
        Fewer rows, batches and networks, and nothing about other assumptions.
    parts : sequence of str
        Which of theory, programs and history.
    seed : int
        Of the cases and of the random networks.
    say : callable
        Told what is done next.
    """
    out: list[TrafficRow] = []
    if "theory" in parts:
        from straits.analysis.traffic_theory import theory_rows

        say("theory: stations and networks with a closed form")
        out += theory_rows(quick=quick)
    if "programs" in parts:
        from straits.analysis.differential import program_rows

        networks = QUICK_NETWORKS if quick else NETWORKS
        say(f"programs: {networks} random networks in SimPy and Ciw")
        out += program_rows(networks=networks, seed=seed)
    if "history" in parts:
        out += history_rows(min(rows, QUICK_ROWS) if quick else rows, seed, not quick, say)
    return out


def history_rows(
    rows: int, seed: int, sensitivity: bool, say: Callable[[str], None] = lambda _: None
) -> list[TrafficRow]:
    """Return the measures of every case beside what was published.

    Parameters
    ----------
    rows : int
    seed : int
    sensitivity : bool
        Whether to try other assumptions as well, on fewer rows under the same luck.
    say : callable
        Told what is done next.
    """
    out: list[TrafficRow] = []
    for case in CASES:
        say(f"history: {case.baseline}, {rows} rows")
        measured = _measured(case, AS_WRITTEN, rows, seed)
        moved: list[tuple[Variation, Measured]] = []
        for variation in case.variations if sensitivity else ():
            say(f"history: {case.baseline}, {variation.words}")
            moved.append((variation, _measured(case, variation, min(rows, PAIRED_ROWS), seed)))
        out += [
            _row(band, measured, moved) for band in acceptance_traffic()
            if band.case == case.baseline
        ]  # fmt: skip
    return out


def _measured(case: Case, variation: Variation, rows: int, seed: int) -> Measured:
    prepared = prepare(case, variation)
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, rows)) as pool:
        return list(pool.map(lambda row: simulate(case, prepared, Seed(seed, row)), range(rows)))


def _row(
    band: Band, measured: Measured, moved: Sequence[tuple[Variation, Measured]]
) -> TrafficRow:
    values = [one[band.measure] for one in measured]
    mean = math.fsum(values) / len(values)
    low, high = min(values), max(values)
    notes = [f"{len(values)} rows, lowest to highest"]
    if band.unit == "share":
        # Rows are 0 or 1 here: their lowest and highest say nothing of the share.
        low, high = wilson(mean, len(values), 0.95)
        notes = [f"{len(values)} rows, Wilson 95 %", _stage_times(measured)]
    changes = [
        f"{variation.words} {_change(other, measured, band.measure):+.2g}"
        for variation, other in moved
    ]
    if changes:
        notes.append("moved by " + ", ".join(changes))
    limits = (band.low, band.high)
    return TrafficRow(
        band.kind, band.case, band.measure.replace("_", " "), band.unit,
        figures()[band.figure].number, mean, low, high, limits,
        verdict(band.kind, mean, limits), "; ".join(notes),
    )  # fmt: skip


def _mean(measured: Measured, measure: str) -> float:
    return math.fsum(one[measure] for one in measured) / len(measured)


def _change(other: Measured, measured: Measured, measure: str) -> float:
    """Return how far a variation moves a measure, over the rows that both have."""
    return _mean(other, measure) - _mean(measured[: len(other)], measure)


def _stage_times(measured: Measured) -> str:
    """Return when the stages were first blocked, over the rows that reached all of them."""
    reached = [one for one in measured if not math.isnan(one[STAGES[-1]])]
    if not reached:
        return f"no row reached {STAGES[-1]}"
    times = ", ".join(
        f"{name.replace('_', ' ')} {_mean(reached, name):.0f}" for name in STAGES)
    return f"first blocked after [min]: {times}"
