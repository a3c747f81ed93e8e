"""`straits break-even`, `sensitivity` and `explore`: one question, its runs, and what follows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import Problem, UserError
from straits.cli.asked import (
    QUICK,
    USUAL,
    Progress,
    RunOptions,
    asked_of,
    interrupted,
    keep,
    store_of,
)
from straits.cli.compare import MAX_DAYS, look_up

if TYPE_CHECKING:
    from straits.analysis.claims import Asked
    from straits.analysis.margins import Margin
    from straits.analysis.paired import Paired, Question
    from straits.report.terminal import Style
    from straits.results.measures import Measure

__all__ = ["PairRequest", "run_break_even", "run_explore", "run_sensitivity"]

# With simulated vehicles: as many futures as the least demanding answer needs.
SIMULATED: Final = (40, 1, 10, 1)
RELATIONS: Final[tuple[Literal["more", "less", "at_least", "at_most"], ...]] = (
    "more", "less", "at_least", "at_most")


@dataclass(frozen=True, slots=True)
class PairRequest:
    """Two policies and a measure, as they were typed, and their runs."""

    policy: str
    against: str
    measure: str
    days: int
    traffic: str
    options: RunOptions


@dataclass(slots=True)
class _Checked:
    """A question that can be run, and what it rests on."""

    question: Question
    asked: Asked


def _checked(request: PairRequest, least: int, problems: list[Problem]) -> _Checked:
    """Return the question, or raise with every problem of the options at once.

    `problems` are those that the command has found in options of its own; `least` is how many
    futures its answer needs.
    """
    from straits.analysis.paired import Question, study_of

    known = {"replayed", "simulated"}
    traffic: Literal["replayed", "simulated"] = (
        "simulated" if request.traffic == "simulated" else "replayed")
    if request.traffic not in known:
        problems.append(Problem("--traffic", "", "not known", request.traffic,
                                "replayed or simulated"))
    if not 1 <= request.days <= MAX_DAYS:
        problems.append(Problem("--days", "", "out of range", str(request.days),
                                f"1 to {MAX_DAYS:,}"))
    measure = _measure(request.measure, traffic, problems)
    asked, usual = None, QUICK if request.options.quick else USUAL
    if traffic == "simulated":
        usual = SIMULATED
    try:
        asked = asked_of(request.options, usual)
    except UserError as error:
        problems += error.problems
    if asked is not None and asked.futures < least:
        problems.append(Problem("--future-count", "", "too few futures for an answer",
                                str(asked.futures), f"{least} or more"))
    if request.policy == request.against:
        problems.append(Problem("--policy", "", "a policy is compared with itself",
                                request.policy, "another than --against has"))
    if problems or asked is None or measure is None:
        raise UserError(problems)
    question = Question(request.policy, request.against, measure, request.days, traffic)
    look_up(study_of(question, asked))
    return _Checked(question, asked)


def _measure(name: str, traffic: str, problems: list[Problem]) -> Measure | None:
    from straits.results.measures import MEASURES, PEOPLE_MEASURES
    from straits.scenario.findings import listed, nearest

    people = sorted(PEOPLE_MEASURES)
    if name not in MEASURES:
        close = nearest(name, MEASURES)
        problems.append(Problem("--measure", "", "there is no measure of this name", repr(name),
                                listed(people if traffic == "replayed" else MEASURES),
                                f"Did you mean '{close[0]}'?" if close else ""))
        return None
    if traffic == "replayed" and name not in PEOPLE_MEASURES:
        problems.append(Problem("--measure", "", "vehicles are replayed in these runs, so that "
                                "they cannot answer for this measure", name, listed(people),
                                "--traffic simulated runs the vehicles too, of fewer futures"))
    return MEASURES[name]


def _margin(text: str, measure: str, problems: list[Problem]) -> Margin:
    """Return the margin of --by; where it cannot be read, none, and what is wrong is recorded."""
    from straits.analysis.margins import Margin, read_margin
    from straits.results.measures import MEASURES

    if measure not in MEASURES:
        return Margin(0.0)
    read = read_margin(text, MEASURES[measure].unit)
    if isinstance(read, Margin):
        return read
    problems.append(Problem("--by", "", read.message, read.found, read.allowed, read.hint))
    return Margin(0.0)


def _run(checked: _Checked, options: RunOptions) -> Paired:
    """Run what is missing, with progress on standard error."""
    from straits.analysis.paired import run_pair

    question, asked = checked.question, checked.asked
    store, progress = store_of(options), Progress()
    progress.say(f"{asked.study.baseline}   {question.policy} against {question.against}   "
                 f"{asked.futures:,} futures x {asked.replications}, traffic {question.traffic}")
    if not are_compiled():
        progress.say(COMPILING)
    try:
        return run_pair(question, asked, store, options.processes, progress.watch)
    except KeyboardInterrupt as stop:
        raise interrupted(progress, store) from stop


def _finish(
    name: str, paired: Paired, options: RunOptions,
    said: tuple[Callable[[Style], str], Mapping[str, object]],
) -> None:
    """Write the answer and the table of runs, and print it as text or as JSON."""
    from straits.base.version import MODEL, __version__
    from straits.report.paired import question_json
    from straits.report.terminal import Style

    render, answer = said
    text = json.dumps({"version": __version__, "model": MODEL, **question_json(paired), **answer},
                      indent=1, ensure_ascii=False)
    folder = options.out or Path("runs") / f"{name}-{paired.table.key[:12]}"
    keep(folder, {f"{name}.json": text}, {"runs.parquet": paired.table})
    if options.as_json:
        print(text)
        return
    print(render(Style.of(sys.stdout)))
    print(f"\nanswer  {folder / f'{name}.json'}")


def run_break_even(request: PairRequest, assumption: str, by: str) -> None:
    """Run `straits break-even`."""
    from straits.analysis.paired import named_columns
    from straits.analysis.turning import LEAST_FUTURES, MOST_ASSUMPTIONS, turning_of
    from straits.report.paired import render_turning, turning_json

    problems: list[Problem] = []
    names = [name.strip() for name in assumption.split(",") if name.strip()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        problems.append(Problem("--assumption", "", "named twice", ", ".join(twice)))
    if not 1 <= len(names) <= MOST_ASSUMPTIONS:
        problems.append(Problem("--assumption", "", "a break-even is solved over one to three",
                                f"{len(names)} names", "A, or A,B, or A,B,C"))
    margin = _margin(by, request.measure, problems)
    least = LEAST_FUTURES[min(max(len(names), 1), MOST_ASSUMPTIONS) - 1]
    checked = _checked(request, least, problems)
    named_columns(names, checked.question, checked.asked)
    paired = _run(checked, request.options)
    columns = [paired.table.assumptions[name] for name in names]
    turning = turning_of(paired, columns, margin, seed=request.options.seed)
    _finish("break-even", paired, request.options,
            (lambda style: render_turning(turning, style), turning_json(turning)))


def run_sensitivity(request: PairRequest) -> None:
    """Run `straits sensitivity`."""
    from straits.analysis.mattering import LEAST_RUNS, mattering_of
    from straits.report.mattering import mattering_json, render_mattering

    checked = _checked(request, LEAST_RUNS, [])
    paired = _run(checked, request.options)
    found = mattering_of(paired, seed=request.options.seed)
    _finish("sensitivity", paired, request.options,
            (lambda style: render_mattering(found, style), mattering_json(found)))


def run_explore(request: PairRequest, relation: str | None, by: str, density: str | None) -> None:
    """Run `straits explore`."""
    from straits.analysis.exploring import LEAST_RUNS, explore
    from straits.analysis.margins import Threshold
    from straits.report.exploring import explored_json, render_explored
    from straits.results.measures import MEASURES

    problems: list[Problem] = []
    asked = MEASURES[request.measure].direction if request.measure in MEASURES else "more"
    chosen = relation or (asked if asked in RELATIONS else "more")
    if chosen not in RELATIONS:
        problems.append(Problem("--is", "", "not known", chosen, ", ".join(RELATIONS)))
    margin = _margin(by, request.measure, problems)
    if margin.value < 0.0 and chosen == "less":
        problems.append(Problem("--by", "", "this margin has the wrong sign", by, "0 or more",
                                "'less' says that it falls"))
    share = _share(density, problems)
    checked = _checked(request, LEAST_RUNS, problems)
    if chosen == "less":
        margin = replace(margin, value=0.0 - margin.value)
    paired = _run(checked, request.options)
    asked_for = next(one for one in RELATIONS if one == chosen)
    found = explore(paired, Threshold(asked_for, margin), density=share,
                    seed=request.options.seed)
    _finish("explore", paired, request.options,
            (lambda style: render_explored(found, style), explored_json(found)))


def _share(text: str | None, problems: list[Problem]) -> float | None:
    """Return a density as a share, from "80 %" or 0.8."""
    if text is None:
        return None
    from straits.analysis.margins import Margin, read_share

    read = read_share(text)
    if isinstance(read, Margin) and 0.0 < read.value <= 1.0:
        return read.value
    problems.append(Problem("--density", "", "a density is a share", text, "above 0 % to 100 %"))
    return None
