"""How many runs are asked for, and how far they are: what questions about assumptions share."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from straits.base.errors import InterruptedRunError, Problem, UserError
from straits.cli.compare import Request, checked_study

if TYPE_CHECKING:
    from straits.analysis.claims import Asked
    from straits.ensemble.runs import RunTable
    from straits.ensemble.store import Store

__all__ = ["QUICK", "USUAL", "Progress", "RunOptions", "asked_of", "interrupted", "keep",
           "store_of"]  # fmt: skip

_WHAT: Final = {
    "recorded": "traffic recorded", "simulated": "runs with vehicles", "replayed": "runs of people",
}  # fmt: skip
MOST_FUTURES: Final = 100_000
MOST_REPLICATIONS: Final = 1_000
# Futures, replications, simulated and recorded rows; what asks for the same finds them done.
USUAL: Final = (200, 2, 10, 2)
QUICK: Final = (40, 1, 3, 1)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for; None takes the default, or that of --quick."""

    baseline: str
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

    @property
    def processes(self) -> int:
        """How many processes run."""
        return self.jobs or os.cpu_count() or 1


def asked_of(request: RunOptions, usual: tuple[int, int, int, int]) -> Asked:
    """Return what is to be run, or raise with every problem of the options at once.

    Parameters
    ----------
    request : RunOptions
    usual : (int, int, int, int)
        Futures, replications, simulated and recorded rows where the user says nothing.

    Raises
    ------
    UserError
    """
    from straits.analysis.claims import Asked

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


@dataclass(slots=True)
class Progress:
    """One line on standard error for each phase, rewritten on a terminal."""

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


def store_of(options: RunOptions) -> Store:
    """Return the store that the runs go to; commands share it, so that no run is done twice."""
    from straits.ensemble.store import Store

    return Store((options.out or Path("runs")) / "parts")


def keep(folder: Path, texts: Mapping[str, str], tables: Mapping[str, RunTable]) -> None:
    """Write what came out into a folder, each file whole or not at all.

    Parameters
    ----------
    folder : Path
    texts : mapping of str to str
        By file name.
    tables : mapping of str to RunTable
        Runs by file name.

    Raises
    ------
    UserError
        If there is no room.
    """
    from straits.base.files import write_whole
    from straits.ensemble.runs import write_runs

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_whole(folder / name, partial(_write, text=text))
        for name, table in tables.items():
            write_runs(table, folder / name)
    except OSError as error:
        raise UserError(Problem(
            "--out", "", "the folder cannot be written", f"{folder} ({error.strerror})", "",
            "Free some room or choose another with --out; finished runs are kept")) from error


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")


def interrupted(progress: Progress, store: Store) -> InterruptedRunError:
    """Return what an interrupted command says."""
    return InterruptedRunError(
        f"\nInterrupted: {progress.last or 'nothing is done'}; what is done is kept in "
        f"{store.folder}. The same command resumes.")
