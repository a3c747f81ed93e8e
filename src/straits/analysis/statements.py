"""Statements bound to what they name: policies, measures, assumptions, published figures.

`bind_statement` looks up everything, so that whoever simulates a statement meets no text any more.
Statements about published figures are decided here: their arithmetic needs no simulation.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from straits.analysis.margins import Margin, Threshold, read_margin
from straits.analysis.statement_figures import BoundFigures, bind_figures
from straits.base.errors import Problem, UserError
from straits.ensemble.study import set_of
from straits.results.measures import MEASURES, Measure
from straits.scenario import (
    Baseline,
    Policy,
    Statement,
    Uncertain,
    UncertaintySet,
    load_baseline,
    load_policy,
    load_uncertainty,
)
from straits.scenario.document import Steps, dotted, read
from straits.scenario.findings import listed, nearest
from straits.scenario.library import find, is_path
from straits.scenario.load import bind_policies, check_together, find_any, in_order
from straits.scenario.statement import STATUS_QUO, PredicateDoc, read_statement

__all__ = ["BoundStatement", "BoundTest", "World", "bind_statement", "check_statements"]


@dataclass(frozen=True, slots=True)
class World:
    """What a statement is about: a baseline, and what is uncertain in it."""

    baseline: Baseline
    uncertain: UncertaintySet


@dataclass(frozen=True, slots=True)
class BoundTest:
    """One predicate with everything in it looked up.

    Attributes
    ----------
    policy, against : str
        Combinations as written; `against` is empty where the level itself is compared.
    policies, against_policies : tuple of Policy
    measure : Measure
    of : {"difference", "level"}
        Whether the value under `policy` less that under `against` is compared, or the value itself.
    threshold : Threshold
        In the measure's unit, or as shares of the value under `against`.
    days : int
        Window from the decision day on [d].
    """

    policy: str
    policies: tuple[Policy, ...]
    against: str
    against_policies: tuple[Policy, ...]
    measure: Measure
    of: Literal["difference", "level"]
    threshold: Threshold
    days: int

    def slack(self, value: float, against: float = 0.0) -> float:
        """Return by how much the predicate holds [the measure's unit]; zero is the break-even.

        Parameters
        ----------
        value, against : float
            The measure under `policy` and under `against`, in the same row [the measure's unit].
        """
        if self.of == "level":
            return self.threshold.slack(value)
        return self.threshold.slack(value - against, against)

    def holds(self, value: float, against: float = 0.0) -> bool:
        """Say whether the predicate holds in one row; arguments as in `slack`."""
        if self.of == "level":
            return self.threshold.holds(value)
        return self.threshold.holds(value - against, against)


@dataclass(frozen=True, slots=True)
class BoundStatement:
    """A statement with everything that it names looked up.

    Attributes
    ----------
    statement : Statement
    baseline : Baseline
    uncertain : UncertaintySet
    tests : tuple of BoundTest
        What must hold together; empty where the model does not decide.
    figures : BoundFigures or None
        Arithmetic that decides.
    cannot_decide : str
        Why nothing here decides; empty where something does.
    assumptions : tuple of Uncertain
        What supporters and opponents disagree on; the first is the axis of the break-even.
    """

    statement: Statement
    baseline: Baseline
    uncertain: UncertaintySet
    tests: tuple[BoundTest, ...]
    figures: BoundFigures | None
    cannot_decide: str
    assumptions: tuple[Uncertain, ...]


@dataclass(slots=True)
class _Binder:
    """A statement while it is bound, with everything found to be wrong."""

    statement: Statement
    world: World | None = None
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, path: Steps, message: str, found: str = "", allowed: str = "", hint: str = ""
    ) -> None:
        self.problems.append(self.statement.document.problem(path, message, found, allowed, hint))

    def unknown(self, path: Steps, message: str, name: str, known: Sequence[str]) -> None:
        """Record that nothing has this name, with the nearest that there is."""
        close = nearest(name, known)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        self.add(path, message, repr(name), listed(known), hint)

    def margin(self, path: Steps, raw: object, unit: str, *, is_level: bool) -> Margin:
        """Return a margin; where it cannot be read, none, and what is wrong is recorded."""
        read = read_margin(raw, unit, is_level)
        if isinstance(read, Margin):
            return read
        self.add(path, read.message, read.found, read.allowed, read.hint)
        return Margin(0.0)


def bind_statement(statement: Statement, world: World | None = None) -> BoundStatement:
    """Return a statement with everything that it names looked up.

    Parameters
    ----------
    statement : Statement
    world : World, optional
        Baseline and uncertainty set, where they are already loaded; by default those it names.

    Raises
    ------
    UserError
        With every problem in it.
    """
    bound, problems = _bind(statement, world)
    if problems or bound is None:
        raise UserError(in_order(problems))
    return bound


def check_statements(names: Iterable[str | Path]) -> list[Problem]:
    """Return what is wrong with what the statements among these documents name.

    Their form is checked with that of all documents, by ``straits.scenario.check_files``.

    Parameters
    ----------
    names : iterable of str or Path
        Files or shipped names; what is no statement is left to others.
    """
    problems: list[Problem] = []
    worlds: dict[tuple[str, str | None, Path | None], World] = {}
    for name in names:
        try:
            path = find_any(name)
            document = read(path)
        except UserError:
            continue
        if document.kind != "statement":
            continue
        statement, _ = read_statement(document, path.parent)
        if statement is None:
            continue
        doc = statement.doc
        relative = [one for one in (doc.baseline, doc.uncertainty or "") if is_path(one)]
        key = (doc.baseline, doc.uncertainty, path.parent if relative else None)
        bound, found = _bind(statement, worlds.get(key))
        problems += found
        if bound is not None:
            worlds[key] = World(bound.baseline, bound.uncertain)
    return in_order(problems)


def _bind(
    statement: Statement, world: World | None
) -> tuple[BoundStatement | None, list[Problem]]:
    """Return a statement bound as far as it can be, and everything that is wrong."""
    binder = _Binder(statement, world)
    doc = statement.doc
    if binder.world is None:
        try:
            binder.world = _world(statement)
        except UserError as error:
            binder.problems += error.problems
    tests = [_bind_test(binder, path, test) for path, test in statement.tests()]
    assumptions = _bind_assumptions(binder)
    figures = None
    if doc.figures is not None:
        figures, wrong = bind_figures(statement, doc.figures)
        binder.problems += wrong
    found = binder.world
    if found is None:
        return None, binder.problems
    begins = found.baseline.doc.history.from_
    if doc.date < begins:
        binder.add(("date",), "this was said before the time that the baseline covers",
                   str(doc.date), f"{begins} or later")  # fmt: skip
    bound = BoundStatement(
        statement, found.baseline, found.uncertain, tuple(one for one in tests if one is not None),
        figures, doc.cannot_decide or "", assumptions,
    )  # fmt: skip
    return bound, list(dict.fromkeys(binder.problems))


def _world(statement: Statement) -> World:
    """Return the baseline and the uncertainty set that a statement names."""
    doc, document = statement.doc, statement.document
    where = str(document.place(("baseline",)))
    path = find(doc.baseline, "baseline", base=statement.folder, where=where, at="baseline")
    _refuse_missing(statement, ("baseline",), doc.baseline, path)
    baseline = load_baseline(path)
    if doc.uncertainty is None:
        name = set_of(baseline)
        return World(baseline, load_uncertainty(name, baseline, borrowed=name != baseline.id))
    where = str(document.place(("uncertainty",)))
    path = find(doc.uncertainty, "uncertainty", base=statement.folder, where=where,
                at="uncertainty")  # fmt: skip
    _refuse_missing(statement, ("uncertainty",), doc.uncertainty, path)
    return World(baseline, load_uncertainty(path, baseline))


def _refuse_missing(statement: Statement, path: Steps, name: str, file: Path) -> None:
    """Raise at the place of a name if it means a file that is not there."""
    if is_path(name) and not os.path.exists(file):  # Path.exists raises where a name is too long
        raise UserError(statement.document.problem(path, "there is no such file", repr(name)))


def _bind_test(binder: _Binder, path: Steps, test: PredicateDoc) -> BoundTest | None:
    """Return one predicate with its names looked up; None where it cannot be used."""
    before = len(binder.problems)
    is_level = test.of == "level"
    policies = _policies(binder, (*path, "policy"), test.policy)
    other = "" if is_level else test.against or STATUS_QUO
    against = _policies(binder, (*path, "against"), other)
    measure = None
    if test.measure is not None:
        measure = MEASURES.get(test.measure)
        if measure is None:
            binder.unknown((*path, "measure"), "there is no measure of this name", test.measure,
                           list(MEASURES))  # fmt: skip
    if measure is None or binder.statement.is_broken((*path, "of")):
        return None
    by = within = Margin(0.0)
    if test.by is not None:
        by = binder.margin((*path, "by"), test.by, measure.unit, is_level=is_level)
    if test.within is not None:
        within = binder.margin((*path, "within"), test.within, measure.unit, is_level=is_level)
    # Only "about" has no direction of its own.
    has_sign = test.is_ in (None, "about") and not is_level
    if by.value < 0 and not has_sign:
        hint = "" if is_level else "'less' says that it falls"
        binder.add((*path, "by"), "this margin has the wrong sign", str(test.by), "0 or more", hint)
    if within.value < 0:
        binder.add((*path, "within"), "this margin has the wrong sign", str(test.within),
                   "0 or more")  # fmt: skip
    if len(binder.problems) > before or policies is None or against is None:
        return None
    if test.policy is None or test.is_ is None:
        return None
    if test.is_ == "less" and not is_level:
        by = replace(by, value=0.0 - by.value)
    return BoundTest(test.policy, policies, other, against, measure, test.of,
                     Threshold(test.is_, by, None if test.within is None else within),
                     test.days)  # fmt: skip


def _policies(binder: _Binder, path: Steps, text: str | None) -> tuple[Policy, ...] | None:
    """Return the policies of a combination; None where something is wrong with it.

    What is wrong with their number or names stands at its place in the statement, what is wrong
    inside a policy at its place in that policy.
    """
    statement, document = binder.statement, binder.statement.document
    before = len(binder.problems)
    policies: list[Policy] = []
    parts = [part.strip() for part in (text or "").split("+")] if text else []
    if not all(parts):
        hint = "Join names with '+', such as uk-centre+close-camp"
        binder.add(path, "a name is missing in this combination", repr(text), "", hint)
    for part in filter(None, parts):
        try:
            file = find(part, "policy", base=statement.folder, where=str(document.place(path)),
                        at=dotted(path))  # fmt: skip
            _refuse_missing(statement, path, part, file)
            policies.append(load_policy(file))
        except UserError as error:
            binder.problems += error.problems
    if len(binder.problems) > before:
        return None
    for problem in check_together(policies):
        binder.add(path, problem.message, problem.found, problem.allowed, problem.hint)
    if len(binder.problems) == before and binder.world is not None:
        binder.problems += bind_policies(binder.world.baseline, policies, "immediate")[1]
    return tuple(policies) if len(binder.problems) == before else None


def _bind_assumptions(binder: _Binder) -> tuple[Uncertain, ...]:
    """Return the assumptions that a statement names, as far as they have a range."""
    if binder.world is None:
        return ()
    known = {one.name: one for one in binder.world.uncertain.uncertain}
    found: list[Uncertain] = []
    for place, name in enumerate(binder.statement.doc.assumptions or ()):
        path: Steps = ("assumptions", place)
        one = known.get(name)
        if one is None:
            binder.unknown(path, f"no assumption of '{binder.world.uncertain.id}' has this name",
                           name, list(known))  # fmt: skip
        elif not one.low < one.high:
            binder.add(path, "this assumption has no range", f"{name}: {one.low:g} alone",
                       "one whose LOW is below its HIGH")  # fmt: skip
        elif place == 0 and one.family == "choice":
            binder.add(path, "the first assumption is the axis of the break-even",
                       f"{name}: a choice of values", "one that takes every value of its range",
                       "Name another one first")  # fmt: skip
        else:
            found.append(one)
    return tuple(found)
