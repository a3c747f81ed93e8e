"""From statements to cards: which runs they need, those runs, and what follows.

Statements share runs: one study of people with many futures for all of them, and one with simulated
vehicles and few futures for those that ask about waits. The rows of the second are also where
traffic is recorded for the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from straits.analysis.cards import Card, card_of, needs_vehicles, policies_of
from straits.analysis.statements import BoundStatement, World, bind_statement
from straits.base.compiled import are_compiled
from straits.base.errors import Problem, UserError
from straits.ensemble.executors import compile_first, run_study, spread
from straits.ensemble.replayed import batches, known_recording, record, run_batch, simulated_study
from straits.ensemble.runs import RunTable, replay_gaps, replayed_table, simulated_table
from straits.ensemble.study import Study, TaskDone, documents_of
from straits.scenario.library import is_path
from straits.scenario.statement import STATUS_QUO

if TYPE_CHECKING:
    from straits.ensemble.store import Store
    from straits.scenario import Statement

__all__ = ["Asked", "Phase", "Ran", "Watch", "bind_all", "replayed_runs",
           "run_claims", "simulated_runs"]  # fmt: skip

Phase = Literal["recorded", "simulated", "replayed"]
Watch = Callable[[Phase, int, int, bool], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """How many runs statements rest on.

    Attributes
    ----------
    study : Study
        Baseline, seed, source of futures and timing; its rows and policies are not read.
    futures, replications : int
        Of replayed runs.
    simulated : int
        Futures of statements that need simulated vehicles.
    recorded : int
        How many of these rows are recorded for each policy, and replayed by turns.
    """

    study: Study
    futures: int = 200
    replications: int = 2
    simulated: int = 10
    recorded: int = 2


@dataclass(frozen=True, slots=True)
class Ran:
    """Cards in the order of their statements, and the tables of runs that they rest on."""

    cards: tuple[Card, ...]
    tables: tuple[RunTable, ...]


def bind_all(statements: Sequence[Statement], study: Study) -> list[BoundStatement]:
    """Return statements bound to the baseline and the uncertainty set of a study.

    Raises
    ------
    UserError
        With what is wrong in any of them.
    """
    documents = documents_of(study)
    if documents.every is None:
        raise UserError(Problem("--futures", "", "a statement is read over futures", "fixed",
                                "posterior, priors"))
    world = World(documents.baseline, documents.every)
    bound, problems = [], []
    for statement in statements:
        try:
            bound.append(_anchored(bind_statement(statement, world)))
        except UserError as error:
            problems += error.problems
    for one in bound:
        if len({test.days for test in one.tests}) > 1:
            problems.append(one.statement.document.problem(
                ("test", "all"), "a card rests on one window, and these tests have several",
                ", ".join(f"{test.days} d" for test in one.tests), "the same days in all tests"))
    if problems:
        raise UserError(problems)
    return bound


def _anchored(bound: BoundStatement) -> BoundStatement:
    """Return a statement whose policies are named so that they are found from any folder."""
    return replace(bound, tests=tuple(
        replace(test, policy=_absolute(bound, test.policy), against=_absolute(bound, test.against))
        for test in bound.tests))


def _absolute(bound: BoundStatement, text: str) -> str:
    folder = bound.statement.folder
    parts = [part.strip() for part in text.split("+")] if text else []
    return "+".join(str(folder / part) if folder is not None and is_path(part) else part
                    for part in parts)


def run_claims(
    bound: Sequence[BoundStatement], asked: Asked, store: Store, jobs: int, watch: Watch
) -> Ran:
    """Run what is missing and return a card for each statement.

    Parameters
    ----------
    bound : sequence of BoundStatement
        From `bind_all`.
    asked : Asked
    store : Store
        What is in it is not run again: a statement with another margin takes seconds.
    jobs : int
        Number of processes; 1 runs in this one.
    watch : callable
        Called with the phase, how many of its tasks are done and how many there are, and whether
        the last one was in the store.
    """
    store.prepare()
    cards: dict[int, Card] = {}
    tables: list[RunTable] = []
    for days in sorted({test.days for one in bound for test in one.tests}):
        mine = {k: one for k, one in enumerate(bound) if one.tests and one.tests[0].days == days}
        with_vehicles = {k: one for k, one in mine.items() if needs_vehicles(one)}
        people = {k: one for k, one in mine.items() if k not in with_vehicles}
        base = replace(asked.study, days=days)
        if people:
            table, gaps = replayed_runs(base, _policies(people.values()), asked, store, jobs, watch)
            tables.append(table)
            cards |= {k: card_of(one, table, gaps, seed=base.seed) for k, one in people.items()}
        if with_vehicles:
            study = replace(base, policies=_policies(with_vehicles.values()),
                            rows=asked.simulated)
            table = simulated_runs(study, store, jobs, watch)
            tables.append(table)
            cards |= {k: card_of(one, table, seed=base.seed) for k, one in with_vehicles.items()}
    for k, one in enumerate(bound):
        if not one.tests:
            cards[k] = card_of(one)
    return Ran(tuple(cards[k] for k in range(len(bound))), tuple(tables))


def _policies(bound: Iterable[BoundStatement]) -> tuple[str, ...]:
    """Return the policies of several statements; the status quo comes first."""
    found = [STATUS_QUO]
    for one in bound:
        found += policies_of(one)
    return tuple(dict.fromkeys(found))


def simulated_runs(study: Study, store: Store, jobs: int, watch: Watch) -> RunTable:
    """Run a study with simulated vehicles and return its table."""
    total, done = len(study.policies) * study.rows, 0

    def count(result: TaskDone) -> None:
        nonlocal done
        done += 1
        watch("simulated", done, total, result.reused)

    return simulated_table(study, run_study(study, store, jobs, count))


def _recorded(
    study: Study, rows: int, store: Store, jobs: int, watch: Watch
) -> dict[str, tuple[str, ...]]:
    """Record what is missing of a simulated study's first rows; return keys by policy."""
    tasks = [(study, policy, row, store) for row in range(min(rows, study.rows))
             for policy in study.policies]
    keys = {task: known_recording(*task) for task in tasks}
    # Only what is missing goes to workers, which would read all documents first.
    lacking = [task for task in tasks if keys[task] is None]
    done = len(tasks) - len(lacking)
    if done:
        watch("recorded", done, len(tasks), True)
    for task, key in zip(lacking, spread(record, lacking, jobs), strict=True):
        done, keys[task] = done + 1, key
        watch("recorded", done, len(tasks), False)
    return {policy: tuple(key for task, key in keys.items() if task[1] == policy and key)
            for policy in study.policies}


def replayed_runs(
    base: Study, policies: tuple[str, ...], asked: Asked, store: Store, jobs: int, watch: Watch
) -> tuple[RunTable, Mapping[tuple[str, str], float]]:
    """Record traffic, run people beside it, and return the table and how far replay is off."""
    study = replace(base, policies=policies, rows=asked.futures * asked.replications,
                    replications=asked.replications, traffic="replayed").stamped()
    recorded = simulated_study(study, asked.simulated)
    if not are_compiled():
        compile_first(recorded, jobs)
    keys = _recorded(recorded, asked.recorded, store, jobs, watch)
    every = batches(study, keys)
    lacking = [one for one in every
               if not all(store.has(one.key(policy)) for policy in policies)]
    total = sum(len(one.rows) for one in every) * len(policies)
    done = total - sum(len(one.rows) for one in lacking) * len(policies)
    if done:
        watch("replayed", done, total, True)
    run = spread(run_batch, [(one, policies, store) for one in lacking], jobs)
    for one, _ in zip(lacking, run, strict=True):
        done += len(one.rows) * len(policies)
        watch("replayed", done, total, False)
    return (replayed_table(study, every, store),
            replay_gaps(keys, study.days, store))

