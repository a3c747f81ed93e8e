"""The values that every assumption has in the futures of a study, by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.ensemble.study import Study, documents_of
from straits.plan.fitted import SHARED
from straits.plan.people import is_about_people
from straits.scenario import Baseline, FutureValue, Uncertain
from straits.scenario.paths import locate
from straits.scenario.quantity import Quantity, SeriesValue

__all__ = ["AssumptionColumn", "assumption_columns", "moved_columns"]


@dataclass(frozen=True, slots=True)
class AssumptionColumn:
    """One assumption over the futures of a study.

    Attributes
    ----------
    name : str
        Of the uncertainty set; of a number that only a calibration speaks of, its path; of how
        large a policy turns out, the policy and the path that it changes.
    title, unit : str
        A series is its value on the decision day; of a policy's size, the place in its range
        [share of draws that are smaller].
    grade : str
        A to D as in the set; empty where none is given.
    fitted : bool
        Whether the values come from a calibration to the record.
    origin : str
        Keys of figures, and why it is assumed.
    values : float64[future]
        [unit]
    about_people : bool
        Whether people without simulated vehicles depend on it.
    """

    name: str
    title: str
    unit: str
    grade: str
    fitted: bool
    origin: str
    values: NDArray[np.float64]
    about_people: bool


def assumption_columns(study: Study) -> dict[str, AssumptionColumn]:
    """Return every number that varies between the futures of a study, by name.

    With futures from a posterior, an assumption of the set whose number was fitted has the value
    that the fit gives it, so that a statement's assumption keeps its name.
    """
    documents = documents_of(study)
    if documents.every is None:
        return {}
    baseline, futures, every = documents.baseline, documents.futures, documents.every.uncertain
    out: dict[str, AssumptionColumn] = {}
    spoken: set[str] = set()
    for one in every:
        origin = "; ".join([*one.source, *([one.assumed] if one.assumed else [])])
        values = [_value(one, future, baseline) for future in futures]
        fitted = study.futures == "posterior" and (
            one.name in SHARED or one.name not in futures[0])
        spoken |= {path for path in one.paths if path in futures[0]}
        out[one.name] = AssumptionColumn(
            one.name, one.title or one.name, one.unit, one.grade, fitted, origin,
            np.array(values), any(map(is_about_people, one.paths)))
    for path in futures[0]:
        if path not in out and path not in spoken:
            values = [_on(future[path], baseline.doc.decision_day) for future in futures]
            out[path] = AssumptionColumn(path, path, _unit(baseline, path), "", True,
                                         "calibration to the record", np.array(values),
                                         is_about_people(path))
    return {name: column for name, column in {**out, **_sizes(study)}.items()
            if np.isfinite(column.values).all() and np.ptp(column.values) > 0.0}


def moved_columns(study: Study) -> dict[str, AssumptionColumn]:
    """Return what the runs of a study move: with replayed traffic only numbers about people."""
    replayed = study.traffic == "replayed"
    return {name: column for name, column in assumption_columns(study).items()
            if column.about_people or not replayed}


def _sizes(study: Study) -> dict[str, AssumptionColumn]:
    """Return how large policies turn out: of each change with a range, the place within it."""
    documents, out = documents_of(study), {}
    every = {one.doc.id: one for parts in documents.policies.values() for one in parts}
    for part in every.values():
        for change in part.doc.changes:
            key = (part.doc.id, change.path)
            if change.range_ is None or not documents.sizes:
                continue
            name = f"{part.doc.id}:{change.path}"
            out[name] = AssumptionColumn(
                name, f"size of {part.doc.id}: {change.path}", "1", "", False,
                "range that the policy's document gives",
                np.array([sizes[key] for sizes in documents.sizes]), is_about_people(change.path))
    return out


def _value(one: Uncertain, future: Mapping[str, FutureValue], baseline: Baseline) -> float:
    """Return the value of an assumption of the set in a future [its unit]."""
    if one.name in future:
        return _on(future[one.name], baseline.doc.decision_day)
    found = [path for path in one.paths if path in future]
    if not found:
        return math.nan
    value = _on(future[found[0]], baseline.doc.decision_day)
    if one.op == "set":
        return value
    leaf: Any = locate(baseline.doc, found[0])
    documented = leaf.value.at(baseline.doc.decision_day.toordinal()) if isinstance(
        leaf.value, SeriesValue) else leaf.value.value
    if one.op == "add":
        return value - float(documented)
    return value / float(documented) if documented else math.nan


def _on(value: FutureValue, day: date) -> float:
    """Return a number of a future; of a series, that in force on a day."""
    if isinstance(value, Mapping):
        return float(value[max((at for at in value if at <= day), default=min(value))])
    return float(value)


def _unit(baseline: Baseline, path: str) -> str:
    leaf: Any = locate(baseline.doc, path)
    return str(leaf.value.unit) if isinstance(leaf.value, Quantity | SeriesValue) else "1"
