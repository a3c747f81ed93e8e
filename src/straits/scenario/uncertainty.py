"""Uncertainty sets: named distributions over the numbers of a baseline.

One draw of all of them is a future. A quantile function per distribution, so that a future is
a point of the unit cube and designs (Latin hypercube, one at a time) need nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from straits.base.errors import Problem
from straits.base.hashing import unit_draw
from straits.base.names import decision_id
from straits.scenario.baseline import BaselineDoc
from straits.scenario.binding import outside
from straits.scenario.closed import Closed, Ident, SourceKeys, Text
from straits.scenario.distribution import Uncertain, read_distribution, shape_findings
from straits.scenario.document import Document, Steps
from straits.scenario.findings import Finding
from straits.scenario.paths import locate, rule_of
from straits.scenario.quantity import Shares, Sourced
from straits.scenario.rules import QuantityRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from straits.scenario.policy import Policy

__all__ = ["Uncertain", "UncertaintyDoc", "UncertaintySet", "bind_uncertainty", "sample_futures"]


class UncertainDoc(Closed):
    """One number that nobody knows well enough."""

    name: Text
    title: Text | None = None
    path: Text | None = None
    paths: list[Text] | None = Field(default=None, min_length=1)
    op: Literal["set", "scale", "add"] = "set"
    distribution: dict[str, Any]
    range_: list[Any] | None = Field(default=None, alias="range", min_length=2, max_length=2)
    source: SourceKeys | None = None
    assumed: Text | None = None
    grade: Literal["A", "B", "C", "D"] | None = None


class UncertaintyDoc(Closed):
    """The uncertainties of one baseline."""

    straits: Literal["uncertainty"]
    id: Ident
    title: Text | None = None
    baseline: Text
    uncertain: list[UncertainDoc] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class UncertaintySet:
    """The uncertainties of one baseline, bound to it.

    Attributes
    ----------
    left_out : tuple of str
        Names of those that do not fit the baseline, where that was allowed.
    """

    id: str
    baseline: str
    uncertain: tuple[Uncertain, ...]
    doc: UncertaintyDoc
    document: Document
    left_out: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Uncertain:
        """Return the uncertainty of this name."""
        for one in self.uncertain:
            if one.name == name:
                return one
        raise KeyError(name)


def bind_uncertainty(
    doc: UncertaintyDoc, document: Document, baseline: BaselineDoc
) -> tuple[UncertaintySet, list[Problem]]:
    """Return the uncertainties tied to a baseline, and everything that does not fit."""
    bound: list[Uncertain] = []
    problems: list[Problem] = []
    names: dict[str, int] = {}
    taken: dict[str, str] = {}
    for place, item in enumerate(doc.uncertain):
        path: Steps = ("uncertain", place)
        findings: list[Finding] = []
        if names.setdefault(item.name, place) != place:
            findings.append(Finding("this name is given twice", repr(item.name), path=("name",)))
        one = _bind(item, baseline, findings)
        for index, target in enumerate(one.paths if one is not None else ()):
            if taken.setdefault(target, item.name) != item.name and item.op == "set":
                where: Steps = ("path",) if item.path is not None else ("paths", index)
                message = f"'{taken[target]}' moves the same number"
                findings.append(Finding(message, repr(target), path=where))
        problems += [
            document.problem((*path, *f.path), f.message, f.found, f.allowed, f.hint)
            for f in findings
        ]
        if one is not None and not findings:
            bound.append(replace(one, place=str(document.place(path))))
    return UncertaintySet(doc.id, doc.baseline, tuple(bound), doc, document), problems


def _bind(item: UncertainDoc, baseline: BaselineDoc, findings: list[Finding]) -> Uncertain | None:
    if (item.path is None) == (item.paths is None):
        findings.append(Finding("an uncertainty has either 'path' or 'paths'"))
        return None
    if item.source is None and item.assumed is None:
        findings.append(
            Finding(
                "this uncertainty says neither where it comes from nor that it is assumed",
                "",
                "source: KEY, or assumed: REASON",
            )
        )
    targets = [item.path] if item.path is not None else list(item.paths or [])
    rules: list[tuple[Rule, Any, Steps]] = []
    for place, target in enumerate(targets):
        where: Steps = ("path",) if item.path is not None else ("paths", place)
        leaf = locate(baseline, target)
        if isinstance(leaf, Finding):
            findings.append(replace(leaf, path=where))
            continue
        rule = rule_of(leaf.annotation)
        if rule is None or not isinstance(leaf.value, Sourced) or isinstance(leaf.value, Shares):
            findings.append(Finding("this path leads to no number", repr(target), path=where))
        else:
            rules.append((rule, leaf.value, where))
    if len(rules) < len(targets):
        return None
    rule, value, _ = rules[0]
    unit = "1" if item.op == "scale" else value.unit
    for _, other, where in rules[1:]:
        if item.op != "scale" and other.unit != value.unit:
            findings.append(
                Finding("these paths have different units", other.unit, value.unit, path=where)
            )
    return _read(item, targets, unit, rules, findings)


def _read(
    item: UncertainDoc,
    targets: list[str],
    unit: str,
    rules: list[tuple[Rule, Any, Steps]],
    findings: list[Finding],
) -> Uncertain | None:
    """Return the uncertainty with its distribution read in `unit`."""
    first = rules[0][0]
    admits = (first.low, first.high) if item.op == "set" else (None, None)
    if item.op == "scale":
        admits = (0.0, None)
    reader = QuantityRule(unit, *admits)
    before = len(findings)
    family, parameters = read_distribution(item.distribution, reader, findings)
    low, high = -math.inf, math.inf
    if item.range_ is not None:
        low = reader.number(item.range_[0], findings, ("range", 0))
        high = reader.number(item.range_[1], findings, ("range", 1))
    if len(findings) > before or not family:
        return None
    if item.range_ is None:
        natural = {
            "uniform": ("low", "high"), "triangular": ("low", "high"), "choice": ("values",) * 2,
        }.get(family)  # fmt: skip
        if natural is not None:
            low, high = min(parameters[natural[0]]), max(parameters[natural[1]])
        elif family in ("beta", "logitnormal"):
            low, high = 0.0, 1.0
        else:
            findings.append(
                Finding(
                    f"a {family} distribution needs a range to be cut to", "", "range: [LOW, HIGH]"
                )
            )
            return None
    one = Uncertain(
        item.name, tuple(targets), item.op, unit, family, parameters, low, high,
        item.source or (), item.assumed or "", item.grade or "", item.title or "",
    )  # fmt: skip
    findings += shape_findings(one)
    if item.op != "set":
        for rule, value, _ in rules:
            for bound in (low, high):
                findings += outside(rule, value, item.op, bound, ("range",))[:1]
    return one


def sample_futures(
    uncertain: UncertaintySet, count: int, seed: int
) -> tuple[dict[str, float], ...]:
    """Return `count` futures by a Latin hypercube of addressed draws [units of the set].

    Every number has its own strata, shuffled by draws addressed by its name: another
    uncertainty in the set changes no value of this one.

    Parameters
    ----------
    uncertain : UncertaintySet
        What is uncertain.
    count : int
        How many futures.
    seed : int
        Seed of the design.

    References
    ----------
    .. [1] M. D. McKay, R. J. Beckman, W. J. Conover, "A comparison of three methods for
       selecting values of input variables in the analysis of output from a computer code",
       Technometrics 21 (1979). doi:10.2307/1268522
    """
    columns = {
        one.name: [one.quantile(share) for share in _hypercube(f"future.{one.name}", count, seed)]
        for one in uncertain.uncertain
    }
    return tuple({name: column[row] for name, column in columns.items()} for row in range(count))


def sample_sizes(
    policies: Iterable[Policy], count: int, seed: int
) -> tuple[dict[tuple[str, str], float], ...]:
    """Return `count` draws of how large policies turn out, by (policy, path) [shares in (0, 1)].

    A proposal that named no number is as uncertain as the world that it would change. The share
    says where in a change's range it comes out (``scenario.change.sized``).
    """
    names = sorted(
        {(policy.doc.id, change.path) for policy in policies for change in policy.doc.changes}
    )
    columns = {
        name: _hypercube(f"policy.{name[0]}.{name[1]}", count, seed) for name in names
    }
    return tuple({name: column[row] for name, column in columns.items()} for row in range(count))


def _hypercube(name: str, count: int, seed: int) -> list[float]:
    """Return one number's shares by row: a stratum each, shuffled by draws of its own address."""
    address = decision_id(name)
    order = sorted(range(count), key=lambda row: (unit_draw(seed, address, row, 0), row))
    column = [0.0] * count
    for stratum, row in enumerate(order):
        column[row] = (stratum + unit_draw(seed, address, row, 1)) / count
    return column
