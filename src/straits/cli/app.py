"""The command `straits`: commands, options, exit codes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from straits.base.errors import InterruptedRunError, Problem, StraitsError, UserError
from straits.base.version import __version__
from straits.cli import questions

__all__ = ["app", "main"]

app = typer.Typer(
    name="straits",
    help="Simulate the Short Straits border: every vehicle, check, departure and waiting person, "
    "and what each policy would do. For exploration and scrutiny, never for operations "
    "against people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DEFAULT_POLICIES = (
    "status-quo,joint-statement,end-le-touquet,end-both-treaties,uk-centre,"
    "uk-claims-from-calais,new-treaty,close-camp"
)


# The commands that ask which assumption decides share most of their options.
app.command()(questions.claims)
app.command("break-even")(questions.break_even)
app.command()(questions.sensitivity)
app.command()(questions.explore)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"straits {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def compare(
    baseline: Annotated[str, typer.Argument(help="Name of a baseline, or a file.")],
    days: Annotated[int | None, typer.Option(help="Days from the decision day [365].")] = None,
    rows: Annotated[int | None, typer.Option(help="Pairs of (future, seed) [10].")] = None,
    policies: Annotated[
        str, typer.Option(help="Names, files, or combinations a+b, separated by commas; all "
                          "are compared with the status quo.")
    ] = DEFAULT_POLICIES,
    seed: Annotated[int, typer.Option(help="Seed of the study.")] = 1,
    jobs: Annotated[int | None, typer.Option(help="Processes [one a core].")] = None,
    futures: Annotated[
        str | None, typer.Option(help="posterior: every row draws its assumptions, those about "
                                 "people from the calibration; priors: none from it; fixed: "
                                 "chance alone [posterior where one ships].")
    ] = None,
    uncertainty: Annotated[
        str | None, typer.Option(help="Name of an uncertainty set, or a file [the baseline's].")
    ] = None,
    timing: Annotated[
        str, typer.Option(help="immediate: in force on the decision day; stated: real dates.")
    ] = "immediate",
    out: Annotated[Path | None, typer.Option(help="Run folder [runs/...].")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="28 days, 3 rows.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """Compare policies with the status quo, row by row under the same luck."""
    from straits.cli.compare import Request, run_compare

    run_compare(Request(
        baseline=baseline, days=days or (28 if quick else 365), rows=rows or (3 if quick else 10),
        policies=policies, seed=seed, jobs=jobs, futures=futures, timing=timing, out=out,
        as_json=as_json, asked_days=days, asked_rows=rows, uncertainty=uncertainty,
    ))


@app.command()
def displacement(
    policy: Annotated[str, typer.Option(help="Name, file, or combination a+b.")],
    baseline: Annotated[str, typer.Argument(help="Name of a baseline, or a file.")] = "calais-2016",
    against: Annotated[str, typer.Option(help="The policy it takes the place of.")] = "status-quo",
    days: Annotated[int | None, typer.Option(help="Days from the decision day [365].")] = None,
    rows: Annotated[int | None, typer.Option(help="Rows: futures and seeds [10].")] = None,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    jobs: Annotated[int | None, typer.Option(help="Processes [one a core].")] = None,
    futures: Annotated[
        str | None, typer.Option(help="posterior, priors or fixed [posterior where one ships].")
    ] = None,
    timing: Annotated[
        str, typer.Option(help="immediate: in force on the decision day; stated: real dates.")
    ] = "immediate",
    as_json: Annotated[bool, typer.Option("--json", help="Print the ledgers as JSON.")] = False,
) -> None:
    """Book every attempt and person under one policy to what they become under another."""
    from straits.cli.compare import Request
    from straits.cli.displacement import run_displacement

    run_displacement(Request(
        baseline=baseline, days=days or 365, rows=rows or 10, policies=f"{against},{policy}",
        seed=seed, jobs=jobs, futures=futures, timing=timing, out=None, as_json=as_json,
        asked_days=days, asked_rows=rows), against, policy)


@app.command()
def run(
    baseline: Annotated[str, typer.Argument(help="Name of a baseline, or a file.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(help="Name, file, or combination a+b; several are combined [status-quo]."),
    ] = None,
    days: Annotated[int, typer.Option(help="Days to measure.")] = 7,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    row: Annotated[int, typer.Option(help="Which luck of the seed's.")] = 0,
    first: Annotated[
        str | None, typer.Option("--from", help="First day to measure [the decision day].")
    ] = None,
    timing: Annotated[str, typer.Option(help="immediate or stated.")] = "immediate",
    log: Annotated[
        Path | None, typer.Option(help="Parquet file for one row a visit, and beside it who stood.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for measures.parquet.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """Run the vehicles once, at documented values: waits by station, visits one by one."""
    from straits.cli.run import RunRequest, run_vehicles

    run_vehicles(RunRequest(
        baseline=baseline, policies=tuple(policy or ()), days=days, seed=seed, row=row,
        first=first, timing=timing, log=log, out=out, as_json=as_json,
    ))


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Documents to check, names or files.")],
) -> None:
    """Check documents and name every problem at once."""
    from straits.analysis.statements import check_statements
    from straits.plan.check import check_plans
    from straits.scenario import check_files
    from straits.scenario.load import in_order

    problems = in_order([*check_files(files), *check_statements(files)]) or check_plans(files)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        count = len(problems)
        typer.echo(f"{count} problem{'s' if count > 1 else ''}. Nothing was run.", err=True)
        raise typer.Exit(2)
    typer.echo(f"{len(files)} document{'s' if len(files) > 1 else ''} checked: no problem.")


@app.command()
def explain(
    baseline: Annotated[str, typer.Argument(help="Name of a baseline, or a file.")],
    policy: Annotated[str, typer.Option(help="Name, file, or combination a+b.")] = "status-quo",
    days: Annotated[int, typer.Option(help="Days from the decision day.")] = 365,
    timing: Annotated[str, typer.Option(help="immediate or stated.")] = "immediate",
) -> None:
    """Print the compiled plan before any run: loads, bottlenecks, every assumption."""
    from straits.cli.explain import run_explain

    run_explain(baseline, policy, days, timing)


@app.command()
def calibrate(
    baseline: Annotated[str, typer.Argument(help="Name of a baseline, or a file.")] = "calais-2016",
    fit: Annotated[
        str, typer.Option(help="official, ngo (which head-count is right), pooled, or all.")
    ] = "all",
    steps: Annotated[int, typer.Option(help="Steps of each chain; a fit has two.")] = 2000,
    runs: Annotated[
        int, typer.Option(help="Individual-based histories for the correction.")
    ] = 1000,
    draws: Annotated[int, typer.Option(help="Draws of the posterior kept for each fit.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed of chains and histories.")] = 1,
    jobs: Annotated[int | None, typer.Option(help="Processes [one a core].")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder that keeps what was done [calibrations/...].")
    ] = None,
    fix: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE: a number that is not free; repeatable.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="A series that is predicted, not fitted; repeatable.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD: what ends later is predicted, not fitted.")
    ] = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="Plant 100 truths in place of the record, and see "
                           "how often a fit finds them.")
    ] = False,
    truths: Annotated[int | None, typer.Option(help="Of --synthetic: how many [100].")] = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Hide each series in turn, and see how well "
                           "the rest predicts it: two minutes.")
    ] = False,
    alternatives: Annotated[
        bool, typer.Option("--alternatives", help="Take forms out of the fit, one at a time, and "
                           "see whether the record can do without: two minutes.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Of --alternatives: print the table as JSON.")
    ] = False,
) -> None:
    """Fit the people half to the record up to August 2016; exit 1 if a chain did not settle."""
    from straits.cli.alternatives import run_alternatives
    from straits.cli.calibrate import Calibration, run_calibrate, run_left_out, run_synthetic

    request = Calibration(
        baseline, fit, steps, runs, draws, seed, jobs, out, tuple(fix or ()), tuple(without or ()),
        until, (100 if truths is None else truths) if synthetic else 0)
    if truths is not None and not synthetic:
        raise typer.BadParameter("--truths is an option of --synthetic")
    if as_json and not alternatives:
        raise typer.BadParameter("--json is an option of --alternatives")
    _one_question({"--leave-one-out": leave_one_out, "--alternatives": alternatives,
                   "--synthetic": synthetic})
    if leave_one_out:
        run_left_out(request)
    elif alternatives:
        run_alternatives(request, as_json)
    elif not (run_synthetic(request) if synthetic else run_calibrate(request)):
        raise typer.Exit(1)


def _one_question(asked: dict[str, bool]) -> None:
    """Refuse two questions in one call."""
    given = [option for option, there in asked.items() if there]
    if len(given) > 1:
        raise typer.BadParameter(f"{' and '.join(given)} are {len(given)} questions")


@app.command()
def validate(
    baseline: Annotated[
        str, typer.Argument(help="Name of a baseline; or traffic: the vehicles beside closed "
                            "forms, other programs and queues of the past; or people: histories "
                            "of the shipped posterior beside the record.")
    ] = "calais-2016",
    rows: Annotated[
        int | None, typer.Option(help="Rows to simulate [10; for traffic 20, for people 100].")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed; the theory has its own.")] = 1,
    days: Annotated[
        int | None, typer.Option(help="Of a baseline: days of vehicles to simulate [365].")
    ] = None,
    part: Annotated[
        str, typer.Option(help="Of traffic: theory, programs or history [all].")
    ] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Of traffic: fewer rows and networks.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Of traffic: print the table as JSON.")
    ] = False,
) -> None:
    """Simulate the past and print it beside the record; exit 1 outside the acceptance bands."""
    from straits.cli.validate import (
        PEOPLE,
        TRAFFIC,
        TrafficRequest,
        refuse_days,
        refuse_traffic_options,
        run_people,
        run_traffic,
        run_validate,
    )

    if baseline in (TRAFFIC, PEOPLE):
        refuse_days(days)
    if baseline == TRAFFIC:
        good = run_traffic(TrafficRequest(20 if rows is None else rows, seed, part, quick, as_json))
    elif baseline == PEOPLE:
        refuse_traffic_options(part, quick, as_json)
        good = run_people(100 if rows is None else rows, seed)
    else:
        refuse_traffic_options(part, quick, as_json)
        good = run_validate(baseline, 10 if rows is None else rows, seed,
                            365 if days is None else days)
    if not good:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line and turn every error into its message and exit code."""
    try:
        # Outside its standalone mode the code of an Exit comes back as the result.
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except SystemExit as stop:
        # The option parser turns a closed pipe into an exit of 1, which is ours for a failed check.
        if isinstance(stop.__context__, BrokenPipeError):
            _leave_quietly()
        raise
    except UserError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        count = len(error.problems)
        typer.echo(f"{count} problem{'s' if count > 1 else ''}. Nothing was run.", err=True)
        sys.exit(error.exit_code)
    except InterruptedRunError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except StraitsError as error:
        typer.echo(f"straits: {error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("Interrupted. What was finished is kept; the same command resumes.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        _leave_quietly()
    except Exception as error:
        code = _usage(error)
        if code is not None:
            sys.exit(code)
        if os.environ.get("STRAITS_DEBUG"):
            raise
        typer.echo(
            f"straits: this is a bug of ours: {type(error).__name__}: {error}\n"
            "    Set STRAITS_DEBUG=1 and run again for the trace; please report it.", err=True)
        sys.exit(70)


def _leave_quietly() -> NoReturn:
    """End well: whoever read our output has stopped, and that is no error of ours."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _usage(error: Exception) -> int | None:
    """Print a mistake on the command line itself, and return its exit code."""
    show = getattr(error, "format_message", None)
    if show is None:
        return None
    said = str(show()).rstrip(".")
    problem = Problem("command line", "", said, hint="Run with --help for the options")
    typer.echo(str(problem), err=True)
    return 2
