"""From names and paths to checked baselines, policies, uncertainty sets and statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from straits.base.errors import Problem, UserError
from straits.scenario.baseline import BaselineDoc
from straits.scenario.binding import bind
from straits.scenario.change import Change
from straits.scenario.check import check_baseline
from straits.scenario.check_policy import check_entries
from straits.scenario.checking import check_sources
from straits.scenario.document import Document, read
from straits.scenario.findings import nearest
from straits.scenario.library import DEFAULT_BASELINE, FOLDERS, find, names, read_extended
from straits.scenario.policy import Policy, PolicyDoc, check_form
from straits.scenario.statement import Statement, read_statement
from straits.scenario.uncertainty import UncertaintyDoc, UncertaintySet, bind_uncertainty
from straits.scenario.validate import validate

__all__ = [
    "Baseline",
    "bind_policies",
    "check_files",
    "combine",
    "load_baseline",
    "load_policy",
    "load_statement",
    "load_uncertainty",
]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The world as documented, checked in itself."""

    doc: BaselineDoc
    document: Document

    @property
    def id(self) -> str:
        """The baseline's identifier."""
        return self.doc.id

    @property
    def title(self) -> str:
        """The baseline's title."""
        return self.doc.title


def load_baseline(name: str | Path) -> Baseline:
    """Return the baseline of a shipped name or a path, with all it extends.

    Raises
    ------
    UserError
        With every problem in it.
    """
    return baseline_of(read_extended(name, "baseline"))


def baseline_of(document: Document) -> Baseline:
    """Return a baseline from a document already read."""
    checked = validate(BaselineDoc, document)
    problems = list(checked.problems)
    if checked.model is not None:
        problems += check_baseline(checked.model, document, checked.broken)
    if problems or checked.model is None:
        raise UserError(in_order(problems))
    return Baseline(checked.model, document)


def load_policy(name: str | Path) -> Policy:
    """Return the policy of a shipped name or a path; it is tied to no baseline yet.

    Raises
    ------
    UserError
        With every problem that can be told without a baseline.
    """
    return policy_of(read(find(name, "policy"), "policy"))


def policy_of(document: Document) -> Policy:
    """Return a policy from a document already read."""
    policy, problems = _read_policy(document)
    if problems or policy is None:
        raise UserError(in_order(problems))
    return policy


def _read_policy(document: Document) -> tuple[Policy | None, list[Problem]]:
    """Return a policy as far as it can be read, and what is wrong with it in itself."""
    checked = validate(PolicyDoc, document)
    problems = list(checked.problems)
    if checked.model is None:
        return None, problems
    policy = Policy(checked.model, document)
    problems += check_form(policy) + check_sources(checked.model, document)
    for key in ("requires", "conflicts"):
        for place, name in enumerate(getattr(policy.doc, key)):
            # A name that is far from every shipped one is a policy of the writer's own.
            close = [] if name in names("policy") else nearest(name, names("policy"))
            if close:
                message = "there is no shipped policy of this name"
                hint = f"Did you mean '{close[0]}'?"
                problems.append(document.problem((key, place), message, repr(name), "", hint))
    return policy, problems


def load_uncertainty(
    name: str | Path, baseline: Baseline | None = None, borrowed: bool = False
) -> UncertaintySet:
    """Return an uncertainty set, bound to `baseline` or to the one that it names.

    A set that is borrowed from another baseline leaves out what does not fit this one.

    Raises
    ------
    UserError
        With every problem in it.
    """
    path = find(name, "uncertainty")
    return uncertainty_of(read(path, "uncertainty"), baseline, path.parent, borrowed)


def uncertainty_of(
    document: Document, baseline: Baseline | None = None, folder: Path | None = None,
    borrowed: bool = False,
) -> UncertaintySet:
    """Return an uncertainty set from a document already read."""
    checked = validate(UncertaintyDoc, document)
    if checked.model is None or checked.problems:
        raise UserError(in_order(checked.problems))
    if baseline is None:
        where = str(document.place(("baseline",)))
        path = find(checked.model.baseline, "baseline", base=folder, where=where, at="baseline")
        baseline = load_baseline(path)
    bound, problems = bind_uncertainty(checked.model, document, baseline.doc)
    if borrowed and problems:
        fit = {one.name for one in bound.uncertain}
        left_out = tuple(one.name for one in checked.model.uncertain if one.name not in fit)
        bound, problems = replace(bound, left_out=left_out), []
    problems += check_sources(checked.model, document)
    if problems:
        raise UserError(in_order(problems))
    return bound


def load_statement(name: str | Path) -> Statement:
    """Return the statement of a shipped name or a path; what it names is not looked up yet.

    Raises
    ------
    UserError
        With every problem of its form.
    """
    path = find(name, "statement")
    return statement_of(read(path, "statement"), path.parent)


def statement_of(document: Document, folder: Path | None = None) -> Statement:
    """Return a statement from a document already read."""
    statement, problems = read_statement(document, folder)
    if problems or statement is None:
        raise UserError(in_order(problems))
    return statement


def combine(text: str) -> tuple[Policy, ...]:
    """Return the policies of a combination such as "uk-centre+close-camp", in that order.

    Raises
    ------
    UserError
        With every problem in any of them, and if they cannot be combined.
    """
    policies: list[Policy] = []
    problems: list[Problem] = []
    parts = [part.strip() for part in text.split("+")]
    if not all(parts):
        hint = "Join names with '+', such as uk-centre+close-camp"
        raise UserError(Problem(text, "", "a name is missing in this combination", hint=hint))
    for part in parts:
        try:
            policies.append(load_policy(part))
        except UserError as error:
            problems += error.problems
    if not problems:
        problems += check_together(policies)
    if problems:
        raise UserError(problems)
    return tuple(policies)


def check_together(policies: Sequence[Policy]) -> list[Problem]:
    """Return why these policies cannot be combined."""
    problems: list[Problem] = []
    ids = [policy.id for policy in policies]
    for place, policy in enumerate(policies):
        document = policy.document
        if policy.id in ids[:place]:
            message = "this policy is in the combination twice"
            problems.append(document.problem(("id",), message, repr(policy.id)))
        for index, name in enumerate(policy.doc.conflicts):
            if name in ids:
                problems.append(
                    document.problem(
                        ("conflicts", index),
                        f"'{policy.id}' and '{name}' cannot be combined",
                        "+".join(ids),
                    )
                )
        for index, name in enumerate(policy.doc.requires):
            if name not in ids:
                problems.append(
                    document.problem(
                        ("requires", index),
                        f"'{policy.id}' requires '{name}'",
                        "+".join(ids),
                        "",
                        f"Write {name}+{policy.id}",
                    )
                )
    return problems + _circles(policies)


def _circles(policies: Sequence[Policy]) -> list[Problem]:
    """Return a problem for every circle in which policies require each other, named once."""
    needs = {policy.id: [name for name in policy.doc.requires if name != policy.id]
             for policy in policies}  # fmt: skip
    problems: list[Problem] = []
    told: set[str] = set()
    for policy in policies:
        ways = [[policy.id]]
        seen: set[str] = set()
        while ways and policy.id not in told:
            way = ways.pop()
            for name in needs.get(way[-1], ()):
                if name == policy.id:
                    told.update(way)
                    message = "these policies require each other in a circle"
                    problems.append(policy.document.problem(
                        ("requires",), message, " -> ".join([*way, name]), "",
                        "Remove one 'requires'"))  # fmt: skip
                    break
                if name not in seen:
                    seen.add(name)
                    ways.append([*way, name])
    return problems


def bind_policies(
    baseline: Baseline, policies: Sequence[Policy], timing: str
) -> tuple[list[Change], list[Problem]]:
    """Return the changes of all policies, and everything that does not fit the baseline."""
    changes: list[Change] = []
    problems = check_together(policies)
    for policy in policies:
        bound, wrong = bind(policy, baseline.doc, timing)
        problems += wrong or check_entries(baseline.doc, bound)
        changes += bound
    for place, change in enumerate(changes):
        for other in changes[:place]:
            if other.policy != change.policy and _collide(other, change):
                message = f"'{other.policy}' changes the same thing"
                hint = "Combine policies that move different things, or write one that does both"
                problems.append(Problem(change.place, change.path, message, other.path, "", hint))
    return changes, problems


def _collide(one: Change, two: Change) -> bool:
    size = min(len(one.steps), len(two.steps))
    if one.steps[:size] != two.steps[:size]:
        return False
    return not (one.steps == two.steps and one.op == two.op and one.op in ("scale", "add"))


def check_files(paths: Iterable[str | Path], baseline: str | None = None) -> list[Problem]:
    """Return every problem in these documents; policies are tied to a baseline as well.

    Of statements only the form is checked; `straits.analysis.statements` looks up what they name.

    Parameters
    ----------
    paths : iterable of str or Path
        Files, or shipped names of baselines, policies, uncertainty sets and statements.
    baseline : str, optional
        What policies are checked against: by default a baseline among `paths`, else the
        shipped default.
    """
    problems: list[Problem] = []
    policies: list[Policy] = []
    world: Baseline | None = None
    for name in paths:
        try:
            path = find_any(name)
            document = read(path)
            if document.kind == "baseline":
                world = load_baseline(path)
            elif document.kind == "policy":
                policy, wrong = _read_policy(document)
                problems += wrong
                policies += [] if policy is None else [policy]
            elif document.kind == "uncertainty":
                uncertainty_of(document, None, path.parent)
            elif document.kind == "statement":
                problems += read_statement(document, path.parent)[1]
            else:
                from straits.scenario.resolved import scenario_of

                scenario_of(document)
        except UserError as error:
            problems += error.problems
    if policies:
        problems += _check_against(policies, world, baseline)
    return in_order(problems)


def _check_against(
    policies: list[Policy], world: Baseline | None, name: str | None
) -> list[Problem]:
    try:
        if name is not None or world is None:
            world = load_baseline(name or DEFAULT_BASELINE)
    except UserError as error:
        return list(error.problems)
    problems: list[Problem] = []
    for policy in policies:
        bound, wrong = bind(policy, world.doc, "stated")
        problems += wrong or check_entries(world.doc, bound)
    return problems


def find_any(name: str | Path) -> Path:
    """Return the file that a shipped name of any kind, or a path, means."""
    if isinstance(name, str):
        for kind in FOLDERS:
            if name in names(kind):
                return find(name, kind)
    return Path(name)


def in_order(problems: list[Problem]) -> list[Problem]:
    """Return problems in the order of their lines, file by file."""

    def key(problem: Problem) -> tuple[str, int, int]:
        parts = problem.where.rsplit(":", 2)
        if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
            return parts[0], int(parts[1]), int(parts[2])
        return problem.where, 0, 0

    return sorted(dict.fromkeys(problems), key=key)
