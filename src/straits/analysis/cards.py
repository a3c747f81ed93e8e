"""Claim cards: in what part of the plausible world a statement holds, and what decides it.

Pure functions from a bound statement and a table of runs. Statements about published figures, and
those that nothing here decides, have cards as well.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from straits.analysis import breakeven
from straits.analysis.compare import effect_of
from straits.analysis.comparison import Effect
from straits.analysis.intervals import LEVEL
from straits.analysis.sensitivity_given import LEAST_RUNS, first_order_given
from straits.analysis.statements import BoundStatement, BoundTest
from straits.analysis.verdicts import UNDECIDED, Holding, ShareVerdict, Word, share_verdict
from straits.results.measures import PEOPLE_MEASURES, Measure
from straits.scenario import Uncertain
from straits.scenario.statement import STATUS_QUO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from straits.ensemble.assumptions import AssumptionColumn
    from straits.ensemble.runs import RunTable

__all__ = ["BESIDE", "Card", "Decider", "Kind", "TestRead", "Turn", "card_of", "harm_beside",
           "needs_vehicles", "policies_of"]  # fmt: skip

Kind = Literal["model", "figures", "none"]
# Harm stands beside every measure of control.
BESIDE: Final = ("deaths", "injuries", "without_shelter", "without_decision")
DECIDERS: Final = 3
LEAST_FUTURES: Final = 8  # that a break-even is fitted to


@dataclass(frozen=True, slots=True)
class TestRead:
    """What one test of a statement compares, and what the runs gave.

    Attributes
    ----------
    test : BoundTest
    value : Effect
        The measure under the policy and its difference from the other one, for a level the status
        quo, over means of futures.
    gap : float or None
        Replayed less simulated traffic, of what is compared [the measure's unit]; None where
        vehicles were simulated.
    """

    test: BoundTest
    value: Effect
    gap: float | None

    @property
    def measure(self) -> Measure:
        """What is compared."""
        return self.test.measure


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the sign changes along a statement's first assumption.

    Attributes
    ----------
    assumption : Uncertain
    result : BreakEven or None
        None where too few futures were run, or the assumption cannot act in these runs.
    low, high : float
        Values that the runs have [unit of the assumption].
    why_not : str
        Why there is no result.
    """

    assumption: Uncertain
    result: breakeven.BreakEven | None
    low: float
    high: float
    why_not: str = ""

    @property
    def says(self) -> str:
        """The break-even in a few words."""
        if self.result is None:
            return self.why_not
        if self.result.crossings:
            return self.result.says
        return {"always above": "none in the range: always holds",
                "always below": "none in the range: never holds",
                "always zero": "none: on the threshold over the whole range",
                "crosses": self.result.says}[self.result.side]


@dataclass(frozen=True, slots=True)
class Decider:
    """An assumption, and how much of what is compared it explains.

    Attributes
    ----------
    column : AssumptionColumn
    share, error : float
        First-order share of the variance over futures, and its standard error [dimensionless].
    """

    column: AssumptionColumn
    share: float
    error: float

    @property
    def is_clear(self) -> bool:
        """Whether luck does not explain it."""
        return self.share > 2.0 * self.error


@dataclass(frozen=True, slots=True)
class Card:
    """What can be said of one statement.

    Attributes
    ----------
    bound : BoundStatement
    kind : {"model", "figures", "none"}
        What decides it.
    verdict : ShareVerdict
        Of figures: that of one case, or of none where they leave it open.
    tests : tuple of TestRead
    turn : Turn or None
    deciders : tuple of Decider
        The three that matter most, the first the most; fewer where fewer explain anything.
    beside : tuple of Effect
        Harm under the policies that are tested, against what they are compared with.
    runs : RunTable or None
        What it rests on.
    slack : float64[future] or None
        By how much it holds, mean over replications [the measure's unit; with several tests each
        in its own spread over futures, the least].
    holds : bool[future] or None
    """

    bound: BoundStatement
    kind: Kind
    verdict: ShareVerdict
    tests: tuple[TestRead, ...] = ()
    turn: Turn | None = None
    deciders: tuple[Decider, ...] = ()
    beside: tuple[Effect, ...] = ()
    runs: RunTable | None = None
    slack: NDArray[np.float64] | None = None
    holds: NDArray[np.bool_] | None = None

    @property
    def id(self) -> str:
        """The statement's identifier."""
        return self.bound.statement.id


def needs_vehicles(bound: BoundStatement) -> bool:
    """Say whether replayed traffic cannot answer a statement."""
    return any(test.measure.name not in PEOPLE_MEASURES for test in bound.tests)


def policies_of(bound: BoundStatement) -> tuple[str, ...]:
    """Return the policies that a statement's runs need, those compared with included."""
    named = [name for test in bound.tests for name in (test.policy, test.against or STATUS_QUO)]
    return tuple(dict.fromkeys(named))


def card_of(
    bound: BoundStatement,
    table: RunTable | None = None,
    gaps: Mapping[tuple[str, str], float] | None = None,
    *,
    seed: int = 0,
) -> Card:
    """Return the card of a statement.

    Parameters
    ----------
    bound : BoundStatement
    table : RunTable, optional
        With the policies of `policies_of`; needed where the model decides.
    gaps : mapping of (policy, measure) to float, optional
        ``ensemble.runs.replay_gaps`` where traffic was replayed.
    seed : int
        Luck of resamples.

    Raises
    ------
    ValueError
        If the model decides and there are no runs, or they lack a measure.
    """
    if not bound.tests:
        return _without_runs(bound)
    if table is None:
        raise ValueError(f"'{bound.statement.id}' is decided by runs and there are none")
    missing = sorted({test.measure.name for test in bound.tests
                      if (test.policy, test.measure.name) not in table.values})
    if missing:
        raise ValueError(f"runs with {table.traffic} traffic lack {', '.join(missing)}")
    slack = [_slack(test, table) for test in bound.tests]
    holding = _holding(bound.tests, table, slack)
    # Measures of several tests have several units: each counts in its own spread over futures.
    means = [one.mean(axis=1) for one in slack]
    joint = means[0] if len(means) == 1 else np.min(
        [one / (one.std() if one.std() > 0.0 else 1.0) for one in means], axis=0)
    return Card(
        bound, "model", share_verdict(holding),
        tests=tuple(_read(test, table, gaps) for test in bound.tests),
        turn=_turn(bound, table, joint, seed),
        deciders=_deciders(bound, table, joint, seed),
        beside=harm_beside(
            table, [(test.policy, test.against or STATUS_QUO) for test in bound.tests],
            {test.measure.name for test in bound.tests}),
        runs=table, slack=joint, holds=holding.holds,
    )  # fmt: skip


def _without_runs(bound: BoundStatement) -> Card:
    """Return the card of a statement that figures decide, or nothing."""
    holds = bound.figures.holds if bound.figures is not None else None
    told: Word = UNDECIDED if holds is None else "Holds" if holds else "Does not hold"
    verdict = ShareVerdict(told, None, math.nan, math.nan, 0, 0, 0, 0)
    return Card(bound, "none" if bound.figures is None else "figures", verdict)


def _sides(
    test: BoundTest, table: RunTable
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is compared and what with, float64[future, replication]."""
    value = table.of(test.policy, test.measure.name)
    if test.of == "level":
        return value, np.zeros_like(value)
    return value, table.of(test.against, test.measure.name)


def _slack(test: BoundTest, table: RunTable) -> NDArray[np.float64]:
    """Return by how much a test holds in each run [the measure's unit]."""
    value, against = _sides(test, table)
    pairs = zip(value.ravel(), against.ravel(), strict=True)
    return np.array([test.slack(float(a), float(b)) for a, b in pairs]).reshape(value.shape)


def _holding(
    tests: Sequence[BoundTest], table: RunTable, slack: Sequence[NDArray[np.float64]]
) -> Holding:
    """Say in which futures all tests hold for the means over replications.

    Chance may have decided a future that holds if it may have decided any of its tests, and one
    that does not hold if it may have decided all of those that fail.
    """
    futures = table.study.future_count
    holds, defined = np.ones(futures, bool), np.ones(futures, bool)
    some_near, failing_near = np.zeros(futures, bool), np.ones(futures, bool)
    for test, runs in zip(tests, slack, strict=True):
        value, against = (side.mean(axis=1) for side in _sides(test, table))
        passed = np.array([test.holds(float(a), float(b))
                           for a, b in zip(value, against, strict=True)])
        near = _near(runs)
        defined &= np.isfinite(value) & np.isfinite(against)
        holds &= passed
        some_near |= near
        failing_near &= passed | near
    holds &= defined
    return Holding(holds, defined, defined & np.where(holds, some_near, failing_near))


def _near(slack: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say in which futures the threshold lies inside the interval of the mean slack."""
    from scipy.special import stdtrit

    count = slack.shape[1]
    if count < 2:
        return np.zeros(len(slack), bool)
    error = slack.std(axis=1, ddof=1) / math.sqrt(count)
    reach = float(stdtrit(count - 1, 0.5 + LEVEL / 2.0)) * error
    return np.asarray((np.abs(slack.mean(axis=1)) <= reach) & (error > 0.0), bool)


def _read(
    test: BoundTest, table: RunTable, gaps: Mapping[tuple[str, str], float] | None
) -> TestRead:
    name, against = test.measure.name, test.against or STATUS_QUO
    here = table.of(test.policy, name).mean(axis=1)
    there = table.of(against, name).mean(axis=1)
    gap = None
    if gaps is not None and table.traffic == "replayed":
        gap = gaps[(test.policy, name)]
        gap -= gaps[(against, name)] if test.of == "difference" else 0.0
    return TestRead(test, effect_of(test.policy, name, here, there), gap)


def _turn(bound: BoundStatement, table: RunTable, slack: NDArray[np.float64], seed: int) -> Turn:
    """Return the break-even over the statement's first assumption."""
    first = bound.assumptions[0]
    column = table.assumptions.get(first.name)
    if column is None:
        why = ("this assumption is about vehicles, which were replayed"
               if table.traffic == "replayed" else "this assumption does not vary in these runs")
        return Turn(first, None, math.nan, math.nan, why)
    low, high = float(column.values.min()), float(column.values.max())
    if len(slack) < LEAST_FUTURES:
        return Turn(first, None, low, high, f"not told: {len(slack)} futures, {LEAST_FUTURES} "
                                            "are needed")  # fmt: skip
    return Turn(first, breakeven.from_runs(column.values, slack, seed=seed), low, high)


def _deciders(
    bound: BoundStatement, table: RunTable, slack: NDArray[np.float64], seed: int
) -> tuple[Decider, ...]:
    """Return the assumptions that explain most of the variance of what is compared."""
    own = {part.doc.id for test in bound.tests
           for part in (*test.policies, *test.against_policies)}
    columns = [one for name, one in table.assumptions.items()
               if ":" not in name or name.split(":", 1)[0] in own]
    if len(slack) < LEAST_RUNS or not columns or not np.ptp(slack) > 0.0:
        return ()
    given = first_order_given(np.stack([one.values for one in columns], axis=1), slack[:, None],
                              seed=seed)
    found = [Decider(one, float(share), float(error)) for one, share, error in zip(
        columns, given.first[:, 0], given.standard_error[:, 0], strict=True)]
    found = [one for one in found if one.share > 0.0]
    return tuple(sorted(found, key=lambda one: -one.share)[:DECIDERS])


def harm_beside(
    table: RunTable, pairs: Sequence[tuple[str, str]], told: Collection[str]
) -> tuple[Effect, ...]:
    """Return harm under policies, less that under those they are compared with.

    Parameters
    ----------
    table : RunTable
    pairs : sequence of (str, str)
        A policy and what it is compared with.
    told : collection of str
        Measures that are told already.
    """
    out = []
    for policy, against in dict.fromkeys(pairs):
        for name in BESIDE:
            if name not in told:
                out.append(effect_of(f"{policy} less {against}", name,
                                     table.of(policy, name).mean(axis=1),
                                     table.of(against, name).mean(axis=1)))
    return tuple(out)
