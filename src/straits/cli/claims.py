"""`straits claims`: a card for each statement, from the store where its runs are there."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import InterruptedRunError, Problem, UserError
from straits.cli.compare import Request, checked_study

if TYPE_CHECKING:
    from straits.analysis.claims import Asked, Ran
    from straits.analysis.statements import BoundStatement
    from straits.scenario import Statement

__all__ = ["ClaimsRequest", "run_claims_command"]

_WHAT: Final = {
    "recorded": "traffic recorded", "simulated": "runs with vehicles", "replayed": "runs of people",
}  # fmt: skip
MOST_FUTURES: Final = 100_000
MOST_REPLICATIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What the user asked for; None takes the default, or that of --quick."""

    baseline: str
    claims: tuple[str, ...]
    future_count: int | None
    replications: int | None
    simulated: int | None
    recorded: int | None
    seed: int
    jobs: int | None
    futures: str | None
    uncertainty: str | None
    timing: str
    out: Path | None
    quick: bool
    as_json: bool


def _asked(request: ClaimsRequest) -> Asked:
    """Return what is to be run, or raise with every problem of the options at once."""
    from straits.analysis.claims import Asked

    usual = (40, 1, 3, 1) if request.quick else (200, 2, 10, 2)
    options = (("--future-count", request.future_count, MOST_FUTURES),
               ("--replications", request.replications, MOST_REPLICATIONS),
               ("--simulated", request.simulated, MOST_FUTURES),
               ("--recorded", request.recorded, 100))  # fmt: skip
    problems = [
        Problem(option, "", "out of range", str(value), f"1 to {most:,}")
        for option, value, most in options if value is not None and not 1 <= value <= most
    ]  # fmt: skip
    chosen = [default if value is None else value
              for (_, value, _), default in zip(options, usual, strict=True)]
    if not problems and chosen[3] > chosen[2]:
        problems.append(Problem("--recorded", "", "more rows are to be recorded than simulated",
                                str(chosen[3]), f"1 to {chosen[2]}, as --simulated has it"))
    if request.futures == "fixed":
        problems.append(Problem("--futures", "", "a statement is read over futures", "fixed",
                                "posterior, priors"))
    try:
        study = checked_study(Request(
            baseline=request.baseline, days=1, rows=1, policies="status-quo", seed=request.seed,
            jobs=request.jobs, futures=request.futures, timing=request.timing, out=request.out,
            as_json=request.as_json, uncertainty=request.uncertainty))
    except UserError as error:
        problems += [one for one in error.problems if one.where != "--futures" or not problems]
    if problems:
        raise UserError(problems)
    return Asked(study.stamped(), *chosen)


def _statements(request: ClaimsRequest) -> list[Statement]:
    """Return the statements that are named, or all that ship; every unknown name at once."""
    from straits.scenario import load_statement
    from straits.scenario.library import find, names

    found, problems = [], []
    for name in dict.fromkeys(request.claims or names("statement")):
        try:
            found.append(load_statement(find(name, "statement", where="--claim")))
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(problems)
    return found


@dataclass(slots=True)
class _Progress:
    """One line on standard error for each phase, rewritten on a terminal."""

    jobs: int
    begun: dict[str, tuple[float, int]] = field(default_factory=dict)
    shown: float = -1e9
    live: bool = field(default_factory=lambda: sys.stderr.isatty()
                       and not os.environ.get("NO_COLOR"))  # fmt: skip
    last: str = ""

    def say(self, text: str) -> None:
        """Print a line of news."""
        print(f"\r\033[K{text}" if self.live else text, file=sys.stderr, flush=True)

    def watch(self, phase: str, done: int, total: int, reused: bool) -> None:
        """Show how far a phase is; the time left counts what this call runs."""
        now = time.monotonic()
        if reused or phase not in self.begun:
            # The first result also compiles and reads documents: it is no measure of the rest.
            self.begun[phase] = (now, done)
        if done < total and now - self.shown < (0.1 if self.live else 5.0):
            return
        self.shown = now
        since, before = self.begun[phase]
        left = ""
        if done < total and done > before:
            left = f"   about {_length((now - since) / (done - before) * (total - done))} left"
        self.last = f"{done:,}/{total:,} {_WHAT[phase]}{left}"
        end = "" if self.live and done < total else "\n"
        print(f"\r\033[K{self.last}" if self.live else self.last, file=sys.stderr, end=end,
              flush=True)


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60.0:.0f} min"


def run_claims_command(request: ClaimsRequest) -> None:
    """Run `straits claims`."""
    asked, statements = _asked(request), _statements(request)
    from straits.analysis.claims import bind_all, run_claims
    from straits.ensemble.store import Store

    bound = bind_all(statements, asked.study)
    jobs = request.jobs or os.cpu_count() or 1
    store = Store((request.out or Path("runs")) / "parts")
    progress = _Progress(jobs)
    _announce(progress, bound, asked)
    if any(one.tests for one in bound) and not are_compiled():
        progress.say(COMPILING)
    try:
        ran = run_claims(bound, asked, store, jobs, progress.watch)
    except KeyboardInterrupt as stop:
        raise InterruptedRunError(
            f"\nInterrupted: {progress.last or 'nothing is done'}; what is done is kept in "
            f"{store.folder}. The same command resumes."
        ) from stop
    _finish(request, asked, ran)


def _announce(progress: _Progress, bound: list[BoundStatement], asked: Asked) -> None:
    from straits.analysis.cards import needs_vehicles

    tested = [one for one in bound if one.tests]
    vehicles = sum(map(needs_vehicles, tested))
    parts = [f"{asked.study.baseline}   {len(bound)} statement{'s' if len(bound) > 1 else ''}"]
    if len(tested) > vehicles:
        parts.append(f"{len(tested) - vehicles} by people beside recorded traffic, "
                     f"{asked.futures:,} futures x {asked.replications}")
    if vehicles:
        parts.append(f"{vehicles} with simulated vehicles, {asked.simulated:,} futures")
    progress.say("   ".join(parts))


def _finish(request: ClaimsRequest, asked: Asked, ran: Ran) -> None:
    """Write the cards and the tables of runs, and print the cards."""
    from straits.base.files import write_whole
    from straits.base.version import MODEL, __version__
    from straits.ensemble.runs import write_runs
    from straits.report.claims import card_json, render_cards
    from straits.report.terminal import Style

    baseline = ran.cards[0].bound.baseline.id
    data = {
        "baseline": baseline, "version": __version__, "model": MODEL, "seed": request.seed,
        "futures": asked.study.futures, "cards": [card_json(card) for card in ran.cards],
    }  # fmt: skip
    text = json.dumps(data, indent=1, ensure_ascii=False)
    folder = request.out or Path("runs") / f"claims-{baseline}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "cards.json", lambda part: _write(part, text))
        for table in ran.tables:
            days = table.study.days
            write_runs(table, folder / f"runs-{table.traffic}-{days}d.parquet")
    except OSError as error:
        raise UserError(Problem(
            "--out", "", "the folder cannot be written", f"{folder} ({error.strerror})", "",
            "Free some room or choose another with --out; finished runs are kept")) from error
    if request.as_json:
        print(text)
        return
    print(render_cards(ran.cards, Style.of(sys.stdout)))
    print(f"\ncards  {folder / 'cards.json'}")


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")
