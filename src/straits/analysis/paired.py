"""Two policies beside each other in many futures: what break-evens, sensitivities and boxes ask.

A question is a measure under one policy less the same measure under another, in the same future and
the same luck. All that is asked about assumptions is read off one table of runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from straits.analysis.cards import harm_beside
from straits.analysis.claims import Asked, Watch, replayed_runs, simulated_runs
from straits.analysis.compare import effect_of
from straits.analysis.comparison import Effect
from straits.analysis.margins import Threshold
from straits.base.errors import Problem, UserError
from straits.ensemble.assumptions import AssumptionColumn, moved_columns
from straits.ensemble.study import Study, documents_of
from straits.results.measures import Measure
from straits.scenario.findings import listed, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from straits.ensemble.runs import RunTable
    from straits.ensemble.store import Store

__all__ = ["Paired", "Question", "named_columns", "run_pair", "study_of"]

# Fewer different values than this are a choice between cases, and have no value in between.
LEAST_VALUES = 8


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: by how much one policy changes a measure, against another.

    Attributes
    ----------
    policy, against : str
        Names, paths, or combinations ``a+b``.
    measure : Measure
    days : int
        Window from the decision day on [d].
    traffic : {"replayed", "simulated"}
        Replayed traffic answers for people alone.
    """

    policy: str
    against: str
    measure: Measure
    days: int
    traffic: Literal["replayed", "simulated"]


@dataclass(frozen=True, slots=True)
class Paired:
    """A question with the runs that answer it.

    Attributes
    ----------
    question : Question
    table : RunTable
        Of both policies.
    gap : float or None
        Replayed less simulated traffic, of the difference, over the recorded rows [the measure's
        unit]; None where vehicles were simulated.
    """

    question: Question
    table: RunTable
    gap: float | None

    @property
    def under(self) -> NDArray[np.float64]:
        """The measure under the policy, float64[future, replication] [its unit]."""
        return self.table.of(self.question.policy, self.question.measure.name)

    @property
    def against(self) -> NDArray[np.float64]:
        """The measure under the other policy, float64[future, replication] [its unit]."""
        return self.table.of(self.question.against, self.question.measure.name)

    @property
    def difference(self) -> NDArray[np.float64]:
        """Mean over replications of the paired difference, float64[future] [its unit]."""
        mean: NDArray[np.float64] = (self.under - self.against).mean(axis=1)
        return mean

    @property
    def effect(self) -> Effect:
        """The difference over futures, with its interval."""
        return effect_of(self.question.policy, self.question.measure.name,
                         self.under.mean(axis=1), self.against.mean(axis=1))

    @property
    def beside(self) -> tuple[Effect, ...]:
        """Harm under the policy less that under the other one: it stands beside every answer."""
        question = self.question
        return harm_beside(self.table, [(question.policy, question.against)],
                           {question.measure.name})

    def slack(self, threshold: Threshold) -> NDArray[np.float64]:
        """Return by how much the difference keeps a threshold: float64[future] [its unit]."""
        pairs = zip(self.difference.tolist(), self.against.mean(axis=1).tolist(), strict=True)
        return np.array([threshold.slack(value, base) for value, base in pairs])


def study_of(question: Question, asked: Asked) -> Study:
    """Return the study that answers a question."""
    return replace(
        asked.study, policies=tuple(dict.fromkeys((question.against, question.policy))),
        days=question.days, rows=asked.futures * asked.replications,
        replications=asked.replications, traffic=question.traffic).stamped()


def named_columns(
    names: Sequence[str], question: Question, asked: Asked, *, where: str = "--assumption"
) -> tuple[AssumptionColumn, ...]:
    """Return the assumptions of these names, as the runs of a question will have them.

    Nothing is run for this.

    Parameters
    ----------
    names : sequence of str
        The first is the axis of a break-even, so it takes every value of its range.
    question : Question
    asked : Asked
    where : str
        What messages call the place of the names.

    Raises
    ------
    UserError
        For a name that nothing has, an assumption that these runs do not move, and one that only
        chooses between cases.
    """
    study = study_of(question, asked)
    moved = moved_columns(study)
    every = documents_of(study).every
    known = {one.name for one in every.uncertain} if every is not None else set()
    problems = []
    for place, name in enumerate(names):
        if name not in moved and name not in known:
            close = nearest(name, sorted({*moved, *known}))
            problems.append(Problem(where, "", "no assumption has this name", repr(name),
                                    listed(sorted(moved)),
                                    f"Did you mean '{close[0]}'?" if close else ""))
        elif name not in moved:
            replayed = question.traffic == "replayed"
            problems.append(Problem(
                where, "", "these runs do not move this assumption",
                f"{name}, which is about vehicles, and these are replayed" if replayed else name,
                listed(sorted(moved)), "--traffic simulated moves it" if replayed else ""))
        elif not place and np.unique(moved[name].values).size < min(LEAST_VALUES, asked.futures):
            problems.append(Problem(where, "", "the first assumption is the axis of the break-even",
                                    f"{name}: a choice of values",
                                    "one that takes every value of its range"))
    if problems:
        raise UserError(problems)
    return tuple(moved[name] for name in names)


def run_pair(question: Question, asked: Asked, store: Store, jobs: int, watch: Watch) -> Paired:
    """Run what is missing and return the runs that answer a question.

    Parameters
    ----------
    question : Question
    asked : Asked
        With simulated traffic, `futures` and `replications` count runs with vehicles.
    store : Store
        Shared with statements: what is in it is not run again.
    jobs : int
        Number of processes; 1 runs in this one.
    watch : callable
        As in ``analysis.claims.run_claims``.

    Raises
    ------
    UserError
        If the measure is undefined in some run.
    """
    store.prepare()
    study, name = study_of(question, asked), question.measure.name
    gap = None
    if question.traffic == "replayed":
        table, gaps = replayed_runs(study, study.policies, asked, store, jobs, watch)
        gap = gaps[(question.policy, name)] - gaps[(question.against, name)]
    else:
        table = simulated_runs(study, store, jobs, watch)
    paired = Paired(question, table, gap)
    undefined = int(np.sum(~np.isfinite(paired.difference)))
    if undefined:
        raise UserError(Problem("--measure", "", "this measure is undefined in some futures",
                                f"{name}: {undefined} of {len(paired.difference)}",
                                "one that every run defines"))
    return paired
