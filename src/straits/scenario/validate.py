"""From a plain mapping to a checked model, with every problem at its line and column."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from straits.base.errors import Problem
from straits.scenario.document import Document, Steps, dotted
from straits.scenario.findings import Finding, excerpt, nearest, unknown_key
from straits.scenario.paths import annotation_at, known_keys

__all__ = ["Checked", "findings_of", "problems_of", "validate"]

M = TypeVar("M", bound=BaseModel)

_KINDS: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping of keys",
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "list_type": "a list, such as [one, two]",
    "float_type": "a number",
}
_LIMITS: Final = {
    "greater_than_equal": ("this number is too small", "ge", "{} or more"),
    "greater_than": ("this number is too small", "gt", "more than {}"),
    "less_than_equal": ("this number is too large", "le", "{} or less"),
    "less_than": ("this number is too large", "lt", "less than {}"),
}


@dataclass(frozen=True, slots=True)
class Checked(Generic[M]):
    """A model as far as it could be read.

    Attributes
    ----------
    model : M or None
        The whole document, or what is left of it without the broken entries; None where
        nothing useful is left.
    problems : list of Problem
        All that is wrong with the form.
    broken : set of tuple
        Paths of the entries that were left out, so that cross checks stay silent on them.
    """

    model: M | None
    problems: list[Problem]
    broken: frozenset[Steps]


def validate(model: type[M], document: Document) -> Checked[M]:
    """Return the document as `model`, and every problem of form in it.

    Entries that are wrong are left out and the rest is read again, so that the cross checks
    of what is right can still run and all problems come at once.
    """
    try:
        return Checked(model.model_validate(document.data), [], frozenset())
    except ValidationError as error:
        problems, cuts = problems_of(error, model, document)
    data: Any = copy.deepcopy(document.data)
    for cut in sorted(cuts, key=len, reverse=True):
        _remove(data, cut)
    try:
        rest = model.model_validate(data)
    except ValidationError:
        return Checked(None, problems, frozenset(cuts))
    return Checked(rest, problems, frozenset(cuts))


def problems_of(
    error: ValidationError, model: type[BaseModel], document: Document
) -> tuple[list[Problem], set[Steps]]:
    """Return the problems behind a pydantic error, and the entries to leave out."""
    problems: dict[Problem, None] = {}
    cuts: set[Steps] = set()
    for item in error.errors(include_url=False):
        steps = tuple(step for step in item["loc"] if step != "[key]")
        cuts.add(_cut(item["type"], steps))
        for finding in _findings(item, steps, model):
            path = (*steps, *finding.path)
            place = document.place(path)
            problem = Problem(
                str(place), dotted(path), finding.message, finding.found, finding.allowed,
                finding.hint,
            )  # fmt: skip
            problems.setdefault(problem)
    ordered = sorted(problems, key=lambda problem: _line(problem.where))
    return ordered, cuts


def findings_of(error: ValidationError, annotation: Any) -> list[Finding]:
    """Return what a pydantic error says, each with its path under the value read."""
    out: list[Finding] = []
    for item in error.errors(include_url=False):
        steps = tuple(step for step in item["loc"] if step != "[key]")
        out += [replace(f, path=(*steps, *f.path)) for f in _findings(item, steps, annotation)]
    return out


def _line(where: str) -> tuple[str, int, int]:
    name, _, rest = where.partition(":")
    parts = [int(part) for part in rest.split(":") if part.isdigit()]
    return name, parts[0] if parts else 0, parts[1] if len(parts) > 1 else 0


def _findings(item: Any, steps: Steps, model: Any) -> list[Finding]:
    """Return what one pydantic error says, in our words."""
    kind, found = item["type"], item.get("input")
    context: dict[str, Any] = item.get("ctx") or {}
    if kind == "straits":
        return list(context["findings"])
    if kind == "missing":
        return [Finding(f"'{steps[-1]}' is missing")]
    if kind == "extra_forbidden":
        known = known_keys(annotation_at(model, steps[:-1]))
        finding = unknown_key(str(steps[-1]), known)
        return [Finding(finding.message, finding.found, finding.allowed, finding.hint)]
    if kind == "literal_error":
        allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        close = nearest(str(found), allowed.split(", "))
        hint = f"Did you mean '{close[0]}'?" if close else ""
        if "[key]" in item["loc"]:
            word = unknown_key(str(steps[-1]), allowed.split(", "))
            return [Finding("unknown key", word.found, allowed, word.hint)]
        return [Finding("this value is not allowed", excerpt(found), allowed, hint)]
    if kind in _KINDS:
        return [Finding(f"this must be {_KINDS[kind]}", excerpt(found))]
    if kind in _LIMITS:
        message, key, words = _LIMITS[kind]
        return [Finding(message, excerpt(found), words.format(context.get(key)))]
    if kind in ("too_short", "too_long"):
        few = kind == "too_short"
        limit = context.get("min_length" if few else "max_length")
        words = f"at least {limit}" if few else f"at most {limit}"
        return [Finding(f"there are too {'few' if few else 'many'} entries here",
                        str(context.get("actual_length", "")), words)]  # fmt: skip
    return [Finding(f"this cannot be used: {item['msg']}", excerpt(found))]


def _cut(kind: str, steps: Steps) -> Steps:
    """Return the entry to leave out so that the rest of a document can be read.

    An unknown key goes alone. A whole list goes with any item of it, because the others'
    numbers would shift. Of the rest, the entry of its section goes.
    """
    if kind == "extra_forbidden":
        return steps
    for depth, step in enumerate(steps):
        if isinstance(step, int):
            return steps[:depth] if depth <= 2 else steps[: min(depth, 2)]
    depth = 3 if steps[:1] == ("demand",) else 2
    return steps[: min(depth, len(steps))]


def _remove(data: Any, steps: Steps) -> None:
    for step in steps[:-1]:
        data = data.get(step) if isinstance(data, dict) else None
        if data is None:
            return
    if isinstance(data, dict) and steps:
        data.pop(steps[-1], None)
