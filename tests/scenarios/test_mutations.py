"""Documents damaged at random either pass or are refused with problems; nothing else happens."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from straits.analysis.statements import World, bind_statement
from straits.base.errors import Problem, UserError
from straits.base.hashing import unit_draw
from straits.plan.explain_network import network_lines
from straits.plan.legend import legend_of
from straits.plan.vehicles import compile_vehicles
from straits.scenario import build, load_baseline, load_uncertainty, sample_futures
from straits.scenario.document import Document, parse
from straits.scenario.library import read_extended
from straits.scenario.load import baseline_of, policy_of, statement_of, uncertainty_of

VALID = Path(__file__).parent / "valid"
MINI = load_baseline(VALID / "mini.yaml")
WORLD = World(MINI, load_uncertainty(VALID / "mini-uncertainty.yaml", MINI))
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 7, 10**30, -(10**400), 1e308, -1e-308, float("nan"), float("inf"),
    "", " ", "x", "40 %", "-3 s", "1e999 s", "75", "1/0", "s", "2016-02-30", "12:00", "../x", "a.b",
    "in_force", "\u200b", "9" * 400, [], {}, [[]], [None], {"value": 1}, {"values": []}, [1, 2, 3],
    {"value": {"value": 1}}, {"": 1}, {"steps": {}}, {"knots": {"2016-01-01": 0}}, date(1, 1, 1),
    date(9999, 12, 31), {"range": [2, 1]}, ["dover"] * 300, "dover-calais", "car", "to_uk",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of everything inside a document."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    out: list[tuple[Any, ...]] = []
    for key, inner in items:
        out.append((*path, key))
        out += places(inner, (*path, key))
    return out


def damaged(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a copy with one to three things deleted, renamed, moved or replaced."""
    out = copy.deepcopy(data)
    for turn in range(1 + int(unit_draw(seed, 0) * 3)):
        draw = [unit_draw(seed, turn, part) for part in range(1, 5)]
        everywhere = places(out)
        path = everywhere[int(draw[0] * len(everywhere))]
        parent = out
        for step in path[:-1]:
            parent = parent[step]
        old = parent[path[-1]]
        kind = int(draw[1] * 6)
        if kind == 0:
            del parent[path[-1]]
        elif kind == 1 and isinstance(parent, dict):
            del parent[path[-1]]
            name = str(path[-1])
            cut = int(draw[2] * len(name))
            parent[name[:cut] + name[cut + 1 :]] = old
        elif kind == 2 and isinstance(old, int | float) and not isinstance(old, bool):
            parent[path[-1]] = old * [-1, 0, 1e3, 1e300, 1e-9][int(draw[2] * 5)]
        elif kind == 3 and isinstance(old, str):
            cut = int(draw[2] * (len(old) + 1))
            parent[path[-1]] = old[:cut] + "-7%\u00e9 {"[int(draw[3] * 6)] + old[cut:]
        elif kind == 4:
            other = everywhere[int(draw[2] * len(everywhere))]
            value: Any = out
            try:
                for step in other:
                    value = value[step]
            except (KeyError, IndexError, TypeError):
                value = None
            parent[path[-1]] = copy.deepcopy(value)
        else:
            parent[path[-1]] = copy.deepcopy(ODD[int(draw[2] * len(ODD))])
    return out


def settle(work: Callable[[], Any]) -> bool:
    """Return whether some work succeeds; a refusal must carry problems that can be printed."""
    try:
        work()
    except UserError as error:
        assert error.problems
        assert all(isinstance(problem, Problem) and str(problem) for problem in error.problems)
        return False
    return True


def run_baseline(document: Document) -> None:
    scenario = build(baseline_of(document))
    world = scenario.world_at(scenario.baseline.doc.decision_day)
    assert world["id"] == scenario.baseline.id
    scenario.assumptions()
    scenario.resolved_yaml()


def run_plan(document: Document) -> None:
    scenario = build(baseline_of(document))
    first = scenario.baseline.doc.decision_day
    plan = compile_vehicles(scenario, first, 2)
    network_lines(scenario, plan, first)
    legend_of(scenario, plan, first, (0, 2))


def run_policy(document: Document) -> None:
    scenario = build(MINI, [policy_of(document)], {}, "stated")
    day = scenario.baseline.doc.decision_day
    for change in scenario.changes:
        scenario.world_at(change.in_force)
    scenario.breaks(day, date(2017, 8, 30))
    scenario.resolved_yaml()


def run_uncertainty(document: Document) -> None:
    uncertain = uncertainty_of(document, MINI)
    for future in sample_futures(uncertain, 3, 1):
        build(MINI, (), future, "immediate", uncertain).world_at(MINI.doc.decision_day)


def run_statement(document: Document) -> None:
    bound = bind_statement(statement_of(document, VALID), WORLD)
    assert {test.holds(1.0, 2.0) for test in bound.tests} <= {True, False}
    assert bound.figures is None or bound.figures.holds in (True, False, None)


RUNS = {
    "mini": run_baseline,
    "traffic": run_plan,
    "mini-policy": run_policy,
    "mini-uncertainty": run_uncertainty,
    "mini-statement": run_statement,
    "mini-figures": run_statement,
}

KINDS = {
    "mini-policy": "policy", "mini-uncertainty": "uncertainty",
    "mini-statement": "statement", "mini-figures": "statement",
}  # fmt: skip


@pytest.mark.parametrize("batch", range(10))
@pytest.mark.parametrize("name", RUNS)
def test_a_damaged_document_passes_or_is_refused(name: str, batch: int) -> None:
    whole = read_extended(VALID / f"{name}.yaml", KINDS.get(name, "baseline"))
    refused = 0
    for seed in range(batch * 12, batch * 12 + 12):
        document = Document(whole.file, damaged(whole.data, seed), whole.places)
        refused += not settle(lambda document=document: RUNS[name](document))
    # Most damage matters; were nothing refused, nothing would be checked.
    assert refused >= 4


@pytest.mark.parametrize("batch", range(6))
def test_damaged_text_is_read_or_refused(batch: int) -> None:
    text = (VALID / "mini-policy.yaml").read_text(encoding="utf-8")
    marks = "{}[]:,'\"#&*!|>%@`-?\t\n\r\x00\u00a0\u2028\ud83d9\\~<= "
    for seed in range(batch * 12, batch * 12 + 12):
        broken = text
        for turn in range(1 + int(unit_draw(seed, 9) * 4)):
            place = int(unit_draw(seed, turn, 1) * len(broken))
            mark = marks[int(unit_draw(seed, turn, 2) * len(marks))]
            size = int(unit_draw(seed, turn, 3) * 3) * 10
            broken = broken[:place] + mark + broken[place + size :]
        settle(lambda broken=broken: run_policy(parse(broken, "broken.yaml", "policy")))
