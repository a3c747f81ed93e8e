"""`straits run`: the vehicles of one baseline, policy and row, by station or one by one."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import InterruptedRunError, Problem, UserError
from straits.base.files import usual_mode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from straits.results.summary import Summary
    from straits.tables.legend import Legend
    from straits.tables.vehicles import VehiclePlan

    Row: TypeAlias = dict[str, str | float | int | None]

__all__ = ["RunRequest", "run_vehicles"]

MAX_DAYS = 3650
MEASURES = "measures.parquet"
CAUSES_FILE = "causes.parquet"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user asked for."""

    baseline: str
    policies: tuple[str, ...] = ()
    days: int = 7
    seed: int = 1
    row: int = 0
    first: str | None = None  # the window's first day; otherwise the decision day
    timing: str = "immediate"
    log: Path | None = None
    out: Path | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """The request, compiled."""

    plan: VehiclePlan
    legend: Legend
    key: int
    day_0: date  # of the plan
    warm_up: int
    days: int
    about: dict[str, object]


def _checked(request: RunRequest) -> date | None:
    """Return the first day asked for, or raise with every problem of the options at once."""
    problems = []
    for option, value, low, high in (("--days", request.days, 1, MAX_DAYS),
                                     ("--seed", request.seed, 0, 2**32 - 1),
                                     ("--row", request.row, 0, 2**32 - 1)):
        if not low <= value <= high:
            problems.append(Problem(option, "", "out of range", str(value), f"{low:,} to {high:,}"))
    if request.timing not in ("immediate", "stated"):
        problems.append(Problem("--timing", "", "not known", request.timing,
                                "immediate or stated"))
    first = None
    if request.first is not None:
        try:
            first = date.fromisoformat(request.first)
        except ValueError:
            problems.append(Problem("--from", "", "not a date", repr(request.first),
                                    "a day such as 2016-08-30"))
    if request.log is not None and request.log.suffix != ".parquet":
        problems.append(Problem("--log", "", "the log is a Parquet file", str(request.log),
                                "a name such as vehicles.parquet"))
    if not all(part.strip() for part in request.policies):
        problems.append(Problem("--policy", "", "a name is missing", "''",
                                "a name, a file, or names joined by '+'"))
    if problems:
        raise UserError(problems)
    return first


def _compiled(request: RunRequest, first: date | None) -> _Case:
    """Read the documents and compile the vehicles' plan; the people's is left out."""
    from straits.base.hashing import content_hash
    from straits.base.version import MODEL, __version__
    from straits.engine.rng import Seed
    from straits.ensemble.study import Study, horizon, scenario_of
    from straits.plan.legend import legend_of
    from straits.plan.vehicles import compile_vehicles

    policy = "+".join(request.policies) or "status-quo"
    study = Study(request.baseline, (policy,), days=request.days, rows=1, seed=request.seed,
                  futures="fixed", timing="stated" if request.timing == "stated" else "immediate"
                  ).stamped()
    scenario = scenario_of(study, policy, 0)
    origin, decision_day, warm_up = horizon(study)
    begin = first or decision_day
    earliest, latest = origin + timedelta(warm_up), decision_day + timedelta(MAX_DAYS)
    if not earliest <= begin <= latest:
        raise UserError(Problem("--from", "", "outside of what the baseline covers", str(begin),
                                f"{earliest} to {latest}"))
    day_0 = begin - timedelta(warm_up)
    plan = compile_vehicles(scenario, day_0, warm_up + request.days)
    legend = legend_of(scenario, plan, day_0, (warm_up, warm_up + request.days))
    about: dict[str, object] = {
        "baseline": scenario.baseline.id, "policy": policy, "timing": request.timing,
        "from": begin.isoformat(), "days": request.days, "seed": request.seed, "row": request.row,
        "people": False, "plan": content_hash(MODEL, plan), "model": MODEL, "version": __version__,
    }
    return _Case(plan, legend, Seed(request.seed, request.row).key, day_0, warm_up, request.days,
                 about)


class _Progress:
    """How many days are done, on standard error; nothing about a run of a moment."""

    def __init__(self, days: int) -> None:
        self.days, self.begun = days, time.monotonic()
        self.live = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        self.shown = self.begun

    def day(self, done: int) -> None:
        """Say how far the run is, now and then."""
        now = time.monotonic()
        if done >= self.days or now - self.shown < (0.5 if self.live else 5.0):
            return
        self.shown = now
        left = (now - self.begun) / done * (self.days - done)
        text = f"{done:,}/{self.days:,} d   about {left:.0f} s left"
        print(f"\r\033[K{text}" if self.live else text, file=sys.stderr,
              end="" if self.live else "\n", flush=True)

    def close(self) -> None:
        """Take the line away."""
        if self.live:
            print("\r\033[K", file=sys.stderr, end="", flush=True)


def _simulated(case: _Case, writer: Any) -> tuple[Summary, Any, int]:
    """Simulate warm-up and window; return the summary, who waits at the end, how many began it."""
    from straits.base.clock import DAY_TICKS
    from straits.engine.coupling import Border, simulate_vehicles
    from straits.results.summary import empty_summary, lorries_inside, measure_vehicles
    from straits.tables.vehicles import VehicleState

    plan, last = case.plan, case.warm_up + case.days
    window = (case.warm_up * DAY_TICKS, last * DAY_TICKS)
    summary = empty_summary(plan, case.days)
    if not are_compiled():
        print(COMPILING, file=sys.stderr, flush=True)
    progress = _Progress(last)
    waiting, before = None, 0
    for day in simulate_vehicles(plan, case.key, Border(VehicleState.empty(), None), (0, last)):
        progress.day(day.number + 1)
        if day.number < case.warm_up:
            before = int(day.logs[-1].inside.sum())
            continue
        for log in day.logs:
            summary = measure_vehicles(log, plan, window, case.legend.weekday, summary)
            if writer is not None:
                writer.write(log, last=log.end == window[1])
            if log.end == window[1]:
                waiting = lorries_inside(log, plan)
    progress.close()
    return summary, waiting, before


def run_vehicles(request: RunRequest) -> None:
    """Run `straits run`."""
    from straits.base.clock import DAY_TICKS

    first = _checked(request)
    case = _compiled(request, first)
    from straits.results.visits import VisitWriter, stood_path, visit_rows

    if request.out is not None:
        _prepare(request.out)
    opened = nullcontext() if request.log is None else VisitWriter(
        request.log, case.legend, case.day_0, case.warm_up * DAY_TICKS, case.about)
    try:
        with opened as writer:
            summary, waiting, before = _simulated(case, writer)
            rows = [_measured(row) for row in visit_rows(summary, case.legend, waiting)]
            if request.out is not None:
                _write(rows, MEASURES, request.out, case.about)
                _write(_causes(case, summary), CAUSES_FILE, request.out, case.about)
    except KeyboardInterrupt as stop:
        raise InterruptedRunError("\nInterrupted: no file was written.") from stop
    files = [] if request.log is None else [request.log, stood_path(request.log)]
    files += [] if request.out is None else [request.out / MEASURES, request.out / CAUSES_FILE]
    v = summary.values
    totals = {"inside_at_start": before,
              **{name: int(v[name].sum()) for name in ("entered", "exited", "inside")}}
    if request.as_json:
        print(json.dumps({**case.about, **totals, "files": [str(file) for file in files],
                          "stations": rows}, indent=1, ensure_ascii=False))
        return
    _show(case, rows, totals)
    _show_losses(case, summary)
    for file in files:
        print(f"written  {file}")


def _prepare(folder: Path) -> None:
    """See that a folder can be written to; make it if there is none.

    Raises
    ------
    UserError
        If it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".try-"):
            pass
    except OSError as error:
        raise UserError(Problem(
            "--out", "", "the folder cannot be written to", f"{folder} ({error.strerror})",
            "a folder that exists or can be made, with room", "Choose another with --out",
        )) from error


def _measured(row: Mapping[str, str | float | int]) -> Row:
    """Return a row without waits where no visit ended: a mean of nothing is not 0."""
    return {name: None if name.startswith("wait_") and not row["visits"] else value
            for name, value in row.items()}


def _causes(case: _Case, summary: Summary) -> list[Row]:
    """Return delay by station, hour of the week and cause, where there was any."""
    from straits.base.clock import SECOND_TICKS
    from straits.results.causes import CAUSES, delay_by_cause

    table = delay_by_cause(summary.values, case.plan.station_kind)
    return [
        {"station": case.legend.stations[s].station, "hour_of_week": int(hour),
         "cause": CAUSES[cause], "delay_s": int(table[cause, s, hour]) / SECOND_TICKS}
        for s, hour, cause in zip(*table.transpose(1, 2, 0).nonzero(), strict=True)
    ]


def _write(rows: list[Row], file_name: str, folder: Path, about: dict[str, object]) -> None:
    """Write the rows as Parquet, under a temporary name first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Given, not inferred: a column of nulls alone is of seconds like any other.
    whole = ("visits", "still_waiting", "hour_of_week")
    types = {name: pa.float64() if name.endswith("_s") else
             pa.int64() if name in whole else pa.string() for row in rows[:1] for name in row}
    table = pa.Table.from_pylist(rows, schema=pa.schema(types.items())).replace_schema_metadata(
        {"straits": json.dumps(about)})
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{file_name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            pq.write_table(table, file, compression="zstd")
        usual_mode(Path(name))
        os.replace(name, folder / file_name)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise UserError(Problem(
            "--out", "", f"{file_name} could not be written", f"{folder} ({error.strerror})", "",
            "Free some room or choose another folder")) from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _show(case: _Case, rows: list[Row], totals: dict[str, int]) -> None:
    """Print the table, one block a station, times in minutes."""
    about = case.about
    print(f"{about['baseline']}   {about['policy']}   {case.days} d from {about['from']}   "
          f"seed {about['seed']}, row {about['row']}   vehicles only, documented values")
    print(f"{totals['inside_at_start']:,} vehicles inside at the start, {totals['entered']:,} "
          f"entered, {totals['exited']:,} left, {totals['inside']:,} inside at the end")
    labels = {station.station: station.label for station in case.legend.stations}
    print(f"\n{'':<20}{'visits':>10}{'mean':>8}{'p50':>8}{'p90':>8}{'p95':>8}{'max':>8}"
          f"{'blocked':>11}{'held':>11}{'still':>9}")
    print(f"{'':<20}{'':>10}{'wait [min]':>8}{'':>30}{'[vehicle-hours]':>22}{'waiting':>9}")
    station = None
    for row in rows:
        if row["station"] != station:
            station = row["station"]
            print(f"{labels[str(station)]}, {str(row['direction']).replace('_', ' ')}")
        waits = "".join(_minutes(row[f"wait_{name}_s"])
                        for name in ("mean", "p50", "p90", "p95", "max"))
        lost = "".join(f"{float(row[f'{name}_s'] or 0.0) / 3600.0:11,.1f}"
                       for name in ("blocked", "held"))
        print(f"  {row['class']:<18}{row['visits']:>10,}{waits}{lost}{row['still_waiting']:>9,}")


def _minutes(seconds: str | float | int | None) -> str:
    return f"{'–':>8}" if seconds is None else f"{float(seconds) / 60.0:8.1f}"


def _show_losses(case: _Case, summary: Summary) -> None:
    """Print tailbacks, the window's delay by cause and who turned away, where there are any."""
    from straits.base.clock import HOUR_TICKS
    from straits.results.causes import CAUSES, delay_by_cause
    from straits.results.measures import tailbacks_km
    from straits.tables.vehicles import GaveUp

    hours = delay_by_cause(summary.values, case.plan.station_kind).sum(axis=(1, 2)) / HOUR_TICKS
    away = summary.values["gave_up"].sum(axis=0)
    blocks = (
        ("longest tailback, mean of a quarter of an hour [km]",
         [(road.label, km) for road, km in zip(case.legend.roads,
                                               tailbacks_km(summary, case.legend), strict=True)],
         ",.1f"),
        ("delay by cause [vehicle-hours]", list(zip(CAUSES, hours, strict=True)), ",.1f"),
        ("vehicles that turned away",
         [(kind.name.lower().replace("_", " "), int(away[kind])) for kind in GaveUp], ",d"),
    )
    for title, lines, form in blocks:
        found = [(name, value) for name, value in lines if value > 0]
        if found:
            print(f"\n{title}")
        for name, value in found:
            print(f"  {name:<48}{value:>12{form}}")
