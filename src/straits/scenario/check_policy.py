"""Cross checks of a policy: the world that it makes must hold together as the baseline does."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from straits.base.errors import Problem
from straits.scenario.baseline import BaselineDoc
from straits.scenario.change import Change
from straits.scenario.check import check_baseline
from straits.scenario.check_people import check_people_changes
from straits.scenario.document import Document, Steps, dotted
from straits.scenario.paths import annotation_at, rule_of
from straits.scenario.quantity import Sourced
from straits.scenario.tree import node, tree
from straits.scenario.validate import findings_of

__all__ = ["check_entries", "put"]


def check_entries(baseline: BaselineDoc, changes: list[Change]) -> list[Problem]:
    """Return what would not hold together once the changes are in force.

    Numbers were checked against their bounds, and those of people are checked against each other;
    entries (rosters, timetables, dates of law) are put into the baseline, and the whole is checked
    as a document is.
    """
    entries = [
        change
        for change in changes
        if rule_of(annotation_at(type(baseline), change.steps)) is None
        or not isinstance(change.leaf, Sourced)
    ]
    problems = check_people_changes(baseline, changes)
    for change in entries:
        data = node(tree(baseline))
        put(data, change.steps, node(change.leaf))
        document = Document("", data, {})
        try:
            patched = BaselineDoc.model_validate(data)
        except ValidationError as error:
            for one in findings_of(error, BaselineDoc):
                message = f"with this change, {dotted(one.path)}: {one.message}"
                problems.append(
                    Problem(change.place, change.path, message, one.found, one.allowed, one.hint)
                )
            continue
        before = {(p.path, p.message) for p in check_baseline(baseline, document)}
        for problem in check_baseline(patched, document):
            if (problem.path, problem.message) not in before:
                message = f"with this change, {problem.path}: {problem.message}"
                problems.append(
                    Problem(change.place, change.path, message, problem.found, problem.allowed,
                            problem.hint)
                )  # fmt: skip
    return problems


def put(data: Any, steps: Steps, value: Any) -> None:
    """Put a value into nested mappings and lists."""
    for step in steps[:-1]:
        if isinstance(data, dict) and step not in data:
            data[step] = {}
        data = data[step]
    data[steps[-1]] = value
