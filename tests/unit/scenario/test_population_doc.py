"""The people sections admit exactly the keys that the engine reads."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from straits.scenario import build, load_baseline
from straits.scenario.population import EXTRA, AsylumDoc, ObserversDoc, PeopleDoc
from straits.tables.people_parameters import Param


def _paths(model: Any, prefix: str) -> set[str]:
    found = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        path = f"{prefix}.{name}"
        found |= _paths(inner, path) if hasattr(inner, "model_fields") else {path}
    return found


def test_keys_are_the_parameters() -> None:
    found = _paths(PeopleDoc, "people") | _paths(AsylumDoc, "asylum")
    found |= _paths(ObserversDoc, "observers")
    assert found == {param.path for param in Param} | set(EXTRA)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="Extra inputs"):
        ObserversDoc.model_validate({"satellites": {}})


def test_every_number_of_the_baseline_has_source_or_range() -> None:
    scenario = build(load_baseline("calais-2016"), (), {}, "immediate")
    rows = [row for row in scenario.assumptions()
            if row.path.split(".")[0] in ("people", "asylum", "observers")]  # fmt: skip
    assert len(rows) >= len(Param)
    assert all(row.source or row.assumed for row in rows)
