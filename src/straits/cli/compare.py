"""`straits compare`: check the request, run the study, show and write what came out."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import InterruptedRunError, Problem, UserError
from straits.ensemble.study import Futures, Study, TaskDone

__all__ = ["Request", "checked_study", "loaded_study", "look_up", "run_compare"]

MAX_DAYS = 3650
MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for."""

    baseline: str
    days: int
    rows: int
    policies: str
    seed: int
    jobs: int | None
    futures: str | None
    timing: str
    out: Path | None
    as_json: bool
    asked_days: int | None = None
    asked_rows: int | None = None
    uncertainty: str | None = None


def checked_study(request: Request) -> Study:
    """Return the study, or raise with every problem of the options at once."""
    problems = []

    def bounds(option: str, value: int | None, low: int, high: int) -> None:
        if value is not None and not low <= value <= high:
            problems.append(Problem(option, "", "out of range", str(value), f"{low:,} to {high:,}"))

    bounds("--days", request.asked_days, 1, MAX_DAYS)
    bounds("--rows", request.asked_rows, 1, MAX_ROWS)
    bounds("--seed", request.seed, 0, 2**32 - 1)
    bounds("--jobs", request.jobs, 1, 4 * (os.cpu_count() or 1))
    for option, value, allowed in (
        ("--futures", request.futures or "priors", ("posterior", "priors", "fixed")),
        ("--timing", request.timing, ("immediate", "stated")),
    ):
        if value not in allowed:
            problems.append(Problem(option, "", "not known", value, " or ".join(allowed)))
    if request.uncertainty is not None and request.futures == "fixed":
        problems.append(Problem("--uncertainty", "", "nothing is drawn with --futures fixed",
                                request.uncertainty, "one of the two", "Leave one out"))
    names = tuple(name.strip() for name in request.policies.split(",") if name.strip())
    if not names:
        problems.append(Problem("--policies", "", "no policy named", repr(request.policies),
                                "names or files, separated by commas"))
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        problems.append(Problem("--policies", "", "named twice", ", ".join(twice)))
    if problems:
        raise UserError(problems)
    return Study(
        baseline=request.baseline, policies=names, days=request.days, rows=request.rows,
        seed=request.seed, futures=_futures(request),
        timing="stated" if request.timing == "stated" else "immediate",
        uncertainty=request.uncertainty,
    )


def _futures(request: Request) -> Futures:
    """Return where futures come from: the posterior where one ships, unless something is asked."""
    from straits.ensemble.study import posterior_path

    if request.futures == "fixed":
        return "fixed"
    if request.futures == "priors":
        return "priors"
    if request.futures == "posterior":
        return "posterior"
    own = request.uncertainty is not None  # a set of one's own is not drawn over
    ships = posterior_path(request.baseline) is not None
    return "posterior" if ships and not own else "priors"


def loaded_study(study: Study) -> Study:
    """Read every document before anything runs; the status quo always comes first."""
    if study.policies[0] != "status-quo" and "status-quo" not in study.policies:
        study = replace(study, policies=("status-quo", *study.policies))
    elif study.policies[0] != "status-quo":
        rest = tuple(name for name in study.policies if name != "status-quo")
        study = replace(study, policies=("status-quo", *rest))
    look_up(study)
    return study


def look_up(study: Study) -> None:
    """Read a study's documents and tie them to each other.

    Raises
    ------
    UserError
        With every problem of the policies, or of what they change, at once.
    """
    from straits.ensemble.study import scenario_of
    from straits.scenario import combine, load_baseline

    problems: list[Problem] = []
    load_baseline(study.baseline)
    for read in (combine, lambda name: scenario_of(study, name, 0)):
        for name in study.policies:
            try:
                read(name)
            except UserError as error:
                problems += error.problems
        if problems:
            raise UserError(list(dict.fromkeys(problems)))


class _Progress:
    """Progress on standard error: one line that is rewritten on a terminal, lines elsewhere."""

    def __init__(self, total: int, cores: int) -> None:
        self.total, self.cores = total, cores
        self.done = self.reused = 0
        self.start = time.monotonic()
        self.first_done: float | None = None
        self.last_shown = -1.0
        self.live = sys.stderr.isatty() and not os.environ.get("NO_COLOR")

    def say(self, text: str) -> None:
        """Print a line of news."""
        print(f"\r\033[K{text}" if self.live else text, file=sys.stderr, flush=True)

    def task(self, result: TaskDone) -> None:
        """Count one finished task and show how far the study is."""
        self.done += 1
        self.reused += result.reused
        now = time.monotonic()
        if self.done < self.total and now - self.last_shown < (0.1 if self.live else 5.0):
            return
        self.last_shown = now
        fresh = self.done - self.reused
        left = ""
        if not result.reused and self.first_done is None:
            # The first task also compiles and simulates the history: it is no measure of the rest.
            self.first_done = now
        if self.first_done is not None and fresh > 1 and self.done < self.total:
            seconds = (now - self.first_done) / (fresh - 1) * (self.total - self.done)
            left = f"   about {_length(seconds)} left"
        elif self.done == self.total:
            left = f"   {_length(now - self.start)}"
        text = (f"{self.done:,}/{self.total:,} tasks{left}   {self.cores} "
                f"core{'s' if self.cores > 1 else ''}   {self.reused:,} resumed or shared")
        end = "" if self.live and self.done < self.total else "\n"
        print(f"\r\033[K{text}" if self.live else text, file=sys.stderr, end=end, flush=True)


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


def run_compare(request: Request) -> None:
    """Run `straits compare`."""
    study = loaded_study(checked_study(request))
    jobs = request.jobs or min(os.cpu_count() or 1, study.rows)
    from straits.ensemble.executors import run_study
    from straits.ensemble.store import Store
    from straits.ensemble.study import left_out

    store = Store((request.out / "parts") if request.out else Path("runs") / "parts")
    store.prepare()
    progress = _Progress(len(study.policies) * study.rows, jobs)
    when = "in force at once" if study.timing == "immediate" else "at stated dates"
    others = len(study.policies) - 1
    progress.say(f"{study.baseline}   {others} {'policy' if others == 1 else 'policies'} against "
                 f"the status quo   {study.days} d   {when}")
    name, missing, size = left_out(study)
    if missing:
        progress.say(f"{len(missing)} of the {size} ranges in {name} do not fit this baseline and "
                     f"are left out: {', '.join(missing)}\n(--uncertainty FILE gives your own, "
                     "--futures fixed leaves chance alone)")
    if not are_compiled():
        progress.say(COMPILING)
    try:
        done = run_study(study, store, jobs, progress.task)
    except KeyboardInterrupt as stop:
        raise InterruptedRunError(
            f"\nInterrupted: {progress.done:,} of {progress.total:,} tasks are done and kept in "
            f"{store.folder}. The same command resumes."
        ) from stop
    _finish(request, study, done)


def _finish(request: Request, study: Study, done: list[TaskDone]) -> None:
    """Compare, write the run folder, print the scorecard."""
    import json

    from straits.analysis.compare import compare
    from straits.ensemble.provenance import manifest_of, resolved_of
    from straits.report.files import as_json, write_run
    from straits.report.page import render_page
    from straits.report.terminal import Style, render_terminal

    comparison = compare(study, done)
    folder = request.out or Path("runs") / (
        f"{comparison.baseline}-{study.days}d-{comparison.study}")
    page = render_page(comparison)
    write_run(comparison, folder, page, resolved_of(study), manifest_of(study, comparison, done))
    if request.as_json:
        print(json.dumps(as_json(comparison), indent=1, ensure_ascii=False))
    else:
        print(render_terminal(comparison, Style.of(sys.stdout)))
        print(f"\nreport  {folder / 'report.html'}")
