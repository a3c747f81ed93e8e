"""Options of the commands that ask which assumption decides: cards, break-even, ranks, boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["break_even", "claims", "explore", "sensitivity"]

Baseline = Annotated[str, typer.Argument(help="Name of a baseline, or a file.")]
FutureCount = Annotated[
    int | None, typer.Option(help="Futures [200 beside recorded traffic, 40 with vehicles].")
]
Replications = Annotated[
    int | None, typer.Option(help="Runs of each of them, with luck of their own [2; with "
                             "vehicles 1].")
]
Simulated = Annotated[
    int | None, typer.Option(help="Futures of statements that need simulated vehicles [10].")
]
Recorded = Annotated[
    int | None, typer.Option(help="Rows whose traffic is recorded for each policy [2].")
]
Seed = Annotated[int, typer.Option(help="Seed of futures and luck.")]
Jobs = Annotated[int | None, typer.Option(help="Processes [one a core].")]
Futures = Annotated[
    str | None, typer.Option(help="posterior or priors [posterior where one ships].")
]
UncertaintySet = Annotated[
    str | None, typer.Option(help="Name of an uncertainty set, or a file [the baseline's].")
]
Timing = Annotated[
    str, typer.Option(help="immediate: in force on the decision day; stated: real dates.")
]
Out = Annotated[Path | None, typer.Option(help="Folder for what comes out [runs/...].")]
Quick = Annotated[
    bool, typer.Option("--quick", help="40 futures, one run each; 3 with vehicles.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print what comes out as JSON.")]
Policy = Annotated[str, typer.Option(help="Name, file, or combination a+b.")]
MeasureName = Annotated[
    str, typer.Option(help="What is compared, such as undetected_crossings.")
]
Against = Annotated[str, typer.Option(help="The policy it is compared with.")]
Days = Annotated[int, typer.Option(help="Days from the decision day.")]
Traffic = Annotated[
    str, typer.Option(help="replayed: people beside recorded traffic; simulated: vehicles too, "
                      "at some fifty times the cost.")
]
By = Annotated[str, typer.Option(help="At what difference it turns: '5 %', '100 people a month'.")]


def claims(
    baseline: Baseline = "calais-2016",
    claim: Annotated[
        list[str] | None, typer.Option(help="Name of a statement, or a file; repeatable [all].")
    ] = None,
    future_count: FutureCount = None,
    replications: Replications = None,
    simulated: Simulated = None,
    recorded: Recorded = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    futures: Futures = None,
    uncertainty: UncertaintySet = None,
    timing: Timing = "immediate",
    out: Out = None,
    quick: Quick = False,
    as_json: AsJson = False,
) -> None:
    """Say in what part of the plausible world each statement holds, and what decides it."""
    from straits.cli.asked import RunOptions
    from straits.cli.claims import ClaimsRequest, run_claims_command

    run_claims_command(ClaimsRequest(tuple(claim or ()), RunOptions(
        baseline, future_count, replications, simulated, recorded, seed, jobs, futures,
        uncertainty, timing, out, quick, as_json)))


def break_even(
    policy: Policy,
    measure: MeasureName,
    assumption: Annotated[
        str, typer.Option(help="A: a number; A,B: A as a curve over B; A,B,C: as a surface.")
    ],
    baseline: Baseline = "calais-2016",
    against: Against = "status-quo",
    by: By = "0",
    days: Days = 365,
    traffic: Traffic = "replayed",
    future_count: FutureCount = None,
    replications: Replications = None,
    recorded: Recorded = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    futures: Futures = None,
    uncertainty: UncertaintySet = None,
    timing: Timing = "immediate",
    out: Out = None,
    quick: Quick = False,
    as_json: AsJson = False,
) -> None:
    """Find the value of an assumption at which a policy turns from more to less."""
    from straits.cli.asked import RunOptions
    from straits.cli.paired import PairRequest, run_break_even

    options = RunOptions(baseline, future_count, replications, None, recorded, seed, jobs, futures,
                         uncertainty, timing, out, quick, as_json)
    run_break_even(PairRequest(policy, against, measure, days, traffic, options), assumption, by)


def sensitivity(
    policy: Policy,
    measure: MeasureName,
    baseline: Baseline = "calais-2016",
    against: Against = "status-quo",
    days: Days = 365,
    traffic: Traffic = "replayed",
    future_count: FutureCount = None,
    replications: Replications = None,
    recorded: Recorded = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    futures: Futures = None,
    uncertainty: UncertaintySet = None,
    timing: Timing = "immediate",
    out: Out = None,
    quick: Quick = False,
    as_json: AsJson = False,
) -> None:
    """Rank assumptions by how much of the difference between two policies they decide."""
    from straits.cli.asked import RunOptions
    from straits.cli.paired import PairRequest, run_sensitivity

    options = RunOptions(baseline, future_count, replications, None, recorded, seed, jobs, futures,
                         uncertainty, timing, out, quick, as_json)
    run_sensitivity(PairRequest(policy, against, measure, days, traffic, options))


def explore(
    policy: Policy,
    measure: MeasureName,
    baseline: Baseline = "calais-2016",
    against: Against = "status-quo",
    relation: Annotated[
        str | None, typer.Option("--is", help="more, less, at_least or at_most [what the measure's "
                                 "commitment asks for].")
    ] = None,
    by: By = "0",
    density: Annotated[
        str | None, typer.Option(help="Least share of futures in a box that hold, such as 80 % "
                                 "[what gains most].")
    ] = None,
    days: Days = 365,
    traffic: Traffic = "replayed",
    future_count: FutureCount = None,
    replications: Replications = None,
    recorded: Recorded = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    futures: Futures = None,
    uncertainty: UncertaintySet = None,
    timing: Timing = "immediate",
    out: Out = None,
    quick: Quick = False,
    as_json: AsJson = False,
) -> None:
    """Find limits on a few assumptions within which a policy mostly does what is asked."""
    from straits.cli.asked import RunOptions
    from straits.cli.paired import PairRequest, run_explore

    options = RunOptions(baseline, future_count, replications, None, recorded, seed, jobs, futures,
                         uncertainty, timing, out, quick, as_json)
    run_explore(PairRequest(policy, against, measure, days, traffic, options), relation, by,
                density)
