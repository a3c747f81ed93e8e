"""How the changes of a policy tie to a baseline: paths, units, bounds, dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from straits.base.errors import Problem
from straits.scenario.baseline import BaselineDoc
from straits.scenario.change import Change
from straits.scenario.document import Steps
from straits.scenario.findings import Finding
from straits.scenario.lists import NumbersRule, SeriesRule, SharesRule
from straits.scenario.paths import Leaf, locate, rule_of
from straits.scenario.policy import DAY_S, ChangeDoc, Policy
from straits.scenario.quantity import Quantity, SeriesValue, Sourced
from straits.scenario.rules import MoneyRule, QuantityRule, Rule
from straits.scenario.tree import plain, tree
from straits.scenario.validate import findings_of

__all__ = ["bind", "outside"]

IN_FORCE: Final = "in_force"
# A policy patches the world; what says which world and which comparison it is, it may not touch.
FIXED: Final = frozenset(
    {"straits", "id", "title", "extends", "knowledge_until", "decision_day", "reference_year",
     "history", "sites"}
)  # fmt: skip
_DATED: Final = frozenset({"steps", "knots"})
# What the history begins with or a run holds once: a change on a date would do nothing.
HELD: Final = (
    ("people", "start"), ("people", "exposure"), ("people", "attempts", "season_peak"),
    ("asylum", "uk", "backlog_at_start"), ("asylum", "france", "backlog_at_start"),
)  # fmt: skip


def bind(policy: Policy, baseline: BaselineDoc, timing: str) -> tuple[list[Change], list[Problem]]:
    """Return the changes of a policy tied to a baseline, and everything that does not fit.

    Parameters
    ----------
    policy : Policy
        A policy that is right in itself.
    baseline : BaselineDoc
        The world that it patches.
    timing : str
        "stated" keeps the policy's dates; "immediate" puts all of it in force, and announces
        it, on the decision day, ramps kept.
    """
    changes: list[Change] = []
    problems: list[Problem] = []
    doc = policy.doc
    for place, change in enumerate(doc.changes):
        path: Steps = ("changes", place)
        start = change.in_force or doc.in_force
        announced = doc.announced
        if timing == "immediate":
            start = announced = baseline.decision_day
        elif start < baseline.decision_day:
            key: Steps = (*path, "in_force") if change.in_force else ("in_force",)
            problem = policy.document.problem(
                key, "a policy cannot be in force before the baseline's decision day",
                str(start), f"{baseline.decision_day} or later",
            )  # fmt: skip
            if problem not in problems:
                problems.append(problem)
        if len(change.given()) != 1:
            continue
        findings: list[Finding] = []
        bound = _bind_one(change, baseline, start, findings)
        if bound is not None and not findings:
            leaf, op, value = bound
            rule = rule_of(leaf.annotation)
            ramp = change.ramp if change.ramp is not None else doc.ramp
            changes.append(
                Change(
                    policy=doc.id,
                    path=change.path,
                    op=op,
                    value=plain(tree(value), start.toordinal()),
                    announced=announced,
                    in_force=start,
                    ramp_days=max(1, round(ramp.value / DAY_S)),
                    leaf=tree(value),
                    steps=leaf.steps,
                    low=rule.low if rule else None,
                    high=rule.high if rule else None,
                    place=str(policy.document.place(path)),
                )
            )
        problems += [
            policy.document.problem((*path, *f.path), f.message, f.found, f.allowed, f.hint)
            for f in findings
        ]
    return changes, problems


def _bind_one(
    change: ChangeDoc, baseline: BaselineDoc, start: date, findings: list[Finding]
) -> tuple[Leaf, str, Any] | None:
    """Return what a change moves, how, and by which value."""
    op = change.given()[0]
    leaf = locate(baseline, change.path)
    if isinstance(leaf, Finding):
        findings.append(replace(leaf, path=("path",)))
        return None
    held = any(tuple(leaf.steps[: len(path)]) == path for path in HELD)
    if leaf.steps[0] in FIXED or held:
        allowed = "what stands or happens in the world"
        if held:
            allowed += " from the decision day on; a baseline of your own may change this"
        message = "a policy cannot change this"
        findings.append(Finding(message, repr(change.path), allowed, path=("path",)))
        return None
    return leaf, op, _read(change, op, leaf, start, findings)


def _read(change: ChangeDoc, op: str, leaf: Leaf, start: date, findings: list[Finding]) -> Any:
    """Return the value of a change in the unit of its path."""
    raw = change.operand(op)
    rule = rule_of(leaf.annotation)
    if rule is None:
        return _read_entry(change, op, raw, leaf, start, findings)
    origin = change.origin()
    if isinstance(rule, MoneyRule | QuantityRule) and isinstance(leaf.value, Quantity):
        bare = rule.bare if isinstance(rule, QuantityRule) else False
        rule = QuantityRule(leaf.value.unit, rule.low, rule.high, bare)
    if op == "set":
        if isinstance(rule, SeriesRule) and not (isinstance(raw, dict) and raw.keys() & _DATED):
            # One number for all days from then on: it has a range, which numbers by date have not.
            rule = QuantityRule(rule.unit, rule.low, rule.high)
        return _read_number(rule, raw, origin, op, findings)
    if isinstance(rule, SharesRule) or not isinstance(leaf.value, Sourced):
        whole = isinstance(rule, SharesRule)
        message = "shares can only be set" if whole else "there is no number here to move"
        findings.append(Finding(message, op, "set", path=(op,)))
        return None
    unit, low = ("1", 0.0) if op == "scale" else (rule.unit, None)
    step_rule = QuantityRule(unit, low, None)
    step = _read_number(step_rule, raw, origin, op, findings)
    if isinstance(step, Quantity) and not findings:
        first = start.toordinal()
        findings += outside(rule, leaf.value, op, step.value, (op,), first)
        if op == "add" and step.range is not None and not findings:
            for place, end in enumerate(step.range):
                findings += outside(rule, leaf.value, op, end, ("range", place), first)
    return step


def _read_number(
    rule: Rule, raw: Any, origin: dict[str, Any], op: str, findings: list[Finding]
) -> Any:
    """Return a number or list, written as a node or with its origin beside it."""
    if isinstance(raw, dict) and not isinstance(rule, SharesRule):
        node: Any = {**origin, **raw}
    elif isinstance(rule, SharesRule):
        node = {**origin, **(raw if isinstance(raw, dict) and "values" in raw else {"values": raw})}
    elif isinstance(rule, NumbersRule):
        node = {**origin, "values": raw}
    elif origin or not (isinstance(rule, QuantityRule) and rule.bare):
        node = {**origin, "value": raw}
    else:
        node = raw
    inner: list[Finding] = []
    value = rule.read(node, inner)
    for finding in inner:
        head = finding.path[:1]
        beside = bool(head) and head[0] in origin
        tail = finding.path[1:] if head and head[0] in ("value", "values") else finding.path
        findings.append(replace(finding, path=finding.path if beside else (op, *tail)))
    return value


def outside(
    rule: Rule, base: Any, op: str, step: float, path: Steps, first: int = 0
) -> list[Finding]:
    """Return a finding if a step would take a value out of the bounds of its field.

    Of numbers by date those that hold from the day `first` on [proleptic ordinal].
    """
    values = (base.value,) if isinstance(base, Quantity) else base.values
    if isinstance(base, SeriesValue):
        later = zip(base.dates, base.values, strict=True)
        values = (base.at(first), *(value for day, value in later if day > first))
    for value in values:
        moved = value * step if op == "scale" else value + step
        slack = 1e-9 * max(1.0, abs(moved))
        too_low = rule.low is not None and moved < rule.low - slack
        too_high = rule.high is not None and moved > rule.high + slack
        if too_low or too_high:
            return [Finding("this would take the value out of its bounds",
                            f"{value:g} becomes {moved:g}", rule.bounds(), "", path)]  # fmt: skip
    return []


def _read_entry(
    change: ChangeDoc, op: str, raw: Any, leaf: Leaf, start: date, findings: list[Finding]
) -> Any:
    """Return an entry that is no number: a day, a truth value, a roster, a mapping."""
    if op != "set":
        findings.append(Finding("only numbers can be scaled or added to", op, "set", path=(op,)))
        return None
    if leaf.steps[0] == "instruments" and leaf.steps[-1] == "ends" and raw == IN_FORCE:
        return start
    bare = leaf.annotation
    try:
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            value: Any = bare.model_validate(raw)
        else:
            adapter: TypeAdapter[Any] = TypeAdapter(bare, config=ConfigDict(strict=True))
            value = adapter.validate_python(raw)
    except ValidationError as error:
        findings += [replace(f, path=(op, *f.path)) for f in findings_of(error, bare)]
        return None
    for key in ("range", "tolerance"):
        if key in change.origin():
            findings.append(Finding("only a number has this", key, path=(key,)))
    return value
