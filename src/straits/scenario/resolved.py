"""The resolved form: every default filled, declared units, sources, in one document.

It is stored with results, and reading it gives the same scenario back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from straits.base.errors import UserError
from straits.scenario.change import Change
from straits.scenario.closed import Closed
from straits.scenario.document import Document, parse, read
from straits.scenario.load import Baseline, baseline_of, policy_of, uncertainty_of
from straits.scenario.policy import Policy
from straits.scenario.quantity import Sourced
from straits.scenario.tree import dump, node, tree
from straits.scenario.uncertainty import UncertaintySet
from straits.scenario.validate import validate
from straits.scenario.world import Scenario, build

__all__ = ["load_resolved", "resolve", "scenario_of", "scenario_text"]


_Date = Annotated[date, Field(strict=False)]  # keys of a mapping are read as text
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class ScenarioDoc(Closed):
    """A scenario as stored: its parts as documents of their own."""

    straits: Literal["scenario"]
    timing: Literal["immediate", "stated"]
    baseline: dict[str, Any]
    uncertainty: dict[str, Any] | None = None
    policies: list[dict[str, Any]] = Field(default_factory=list)
    # A number, or the steps of a series by date.
    future: dict[str, _Finite | Annotated[dict[_Date, _Finite], Field(min_length=1)]] = Field(
        default_factory=dict)


def resolve(text: str, name: str = "text") -> str:
    """Return the resolved form of a baseline or a stored scenario given as text.

    ``resolve(resolve(text)) == resolve(text)``.

    Raises
    ------
    UserError
        With every problem in it.
    """
    document = parse(text, name)
    if document.kind == "scenario":
        return scenario_text(scenario_of(document))
    return dump(_baseline_node(baseline_of(document)))


def _baseline_node(baseline: Baseline) -> dict[str, Any]:
    data: dict[str, Any] = node(tree(baseline.doc))
    data.pop("extends", None)
    return data


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as one document."""
    data: dict[str, Any] = {
        "straits": "scenario",
        "timing": scenario.timing,
        "future": {name: dict(value) if isinstance(value, Mapping) else value
                   for name, value in scenario.future.items()},
        "policies": [_policy_node(policy, scenario.changes) for policy in scenario.policies],
    }
    if scenario.uncertainty is not None:
        data["uncertainty"] = _uncertainty_node(scenario.uncertainty)
    data["baseline"] = _baseline_node(scenario.baseline)
    return dump(data)


def _policy_node(policy: Policy, changes: tuple[Change, ...]) -> dict[str, Any]:
    """Return a policy with its stated dates and its numbers in the units of the baseline."""
    data: dict[str, Any] = node(tree(policy.doc))
    bound = [change for change in changes if change.policy == policy.id]
    items: list[dict[str, Any]] = []
    for item, change in zip(policy.doc.changes, bound, strict=True):
        out: dict[str, Any] = {"path": item.path}
        if isinstance(change.leaf, Sourced):
            out[change.op] = node(change.leaf)
        elif item.set_ == "in_force":
            out["set"] = "in_force"
        else:
            out["set"] = node(change.leaf)
        if not isinstance(change.leaf, Sourced):
            out |= {
                key: value for key, value in item.origin().items() if key in ("source", "assumed")
            }
        if item.in_force is not None:
            out["in_force"] = item.in_force
        if item.ramp is not None:
            out["ramp"] = item.ramp.node()
        items.append(out)
    data["changes"] = items
    return data


def _uncertainty_node(uncertain: UncertaintySet) -> dict[str, Any]:
    doc = uncertain.doc
    data: dict[str, Any] = {"straits": "uncertainty", "id": doc.id}
    if doc.title is not None:
        data["title"] = doc.title
    data["baseline"] = uncertain.baseline
    data["uncertain"] = [_uncertain_node(one) for one in uncertain.uncertain]
    return data


def _uncertain_node(one: Any) -> dict[str, Any]:
    from straits.scenario.distribution import FAMILIES
    from straits.scenario.units import written

    with_unit, _ = FAMILIES[one.family]
    shape: dict[str, Any] = {"family": one.family}
    for key, values in one.parameters.items():
        unit = one.unit if key in with_unit else "1"
        numbers = [written(value, unit) for value in values]
        shape[key] = numbers if key in ("values", "weights") else numbers[0]
    out: dict[str, Any] = {"name": one.name}
    if one.title:
        out["title"] = one.title
    out |= {"paths": list(one.paths), "op": one.op, "distribution": shape}
    out["range"] = [written(one.low, one.unit), written(one.high, one.unit)]
    if one.source:
        out["source"] = list(one.source)
    if one.assumed:
        out["assumed"] = one.assumed
    if one.grade:
        out["grade"] = one.grade
    return out


def load_resolved(path: str | Path) -> Scenario:
    """Return the scenario stored at `path`, as `Scenario.resolved_yaml` wrote it."""
    return scenario_of(read(path, "scenario"))


def scenario_of(document: Document) -> Scenario:
    """Return the scenario of a stored document already read."""
    checked = validate(ScenarioDoc, document)
    if checked.model is None or checked.problems:
        raise UserError(checked.problems)
    doc = checked.model
    baseline = baseline_of(_part(document, "baseline"))
    policies = tuple(
        policy_of(_part(document, "policies", place)) for place in range(len(doc.policies))
    )
    uncertain = None
    if doc.uncertainty is not None:
        uncertain = uncertainty_of(_part(document, "uncertainty"), baseline)
    return build(baseline, policies, doc.future, doc.timing, uncertain)


def _part(document: Document, *steps: str | int) -> Document:
    """Return a part of a document as a document; its places stay those of the file."""
    data: Any = document.data
    for step in steps:
        data = data[step]
    size = len(steps)
    places = {path[size:]: place for path, place in document.places.items() if path[:size] == steps}
    return replace(document, data=data, places=places)
