"""What good modules look like, with a short list of exceptions and a reason for each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "straits"
FILES = sorted(SOURCE.rglob("*.py"))

MODULE_LINES = 400
FUNCTION_LINES = 60  # without the docstring
CLASS_LINES = 250
PARAMETERS = 8

KERNEL = "compiled: takes arrays, not objects, and calls cost time"
TWIN = "plain twin of a kernel, with its signature"
COLUMNS = "one call with a line for each column of the plan"
LONG_MODULES = {
    "engine/_kernels/sweep.py": "the parts of one kernel, inlined into each other",
    "engine/_kernels/calendar.py": "the parts of one kernel, inlined into each other",
    "engine/reference.py": "the specification of one calendar, read from top to bottom",
}
LONG_FUNCTIONS = {
    "engine/_kernels/sweep.py": KERNEL,
    "plan/simple.py:network": COLUMNS,
    "plan/vehicles.py:_arrays": COLUMNS,
}
MANY_PARAMETERS = {
    "engine/_kernels/": KERNEL,
    "results/accumulate.py": KERNEL,
    "engine/people_reference_after.py:finish": TWIN,
    "engine/people_reference_choices.py:begin": TWIN,
    "engine/coupling.py:simulate_border": "both halves, their state, and how to run them",
    "engine/run.py:run_slice": "the slice and how to run it; all but four by keyword",
    "plan/simple.py:network": "what couples stations, each by keyword",
    "cli/app.py:calibrate": "one parameter an option",
    "cli/app.py:compare": "one parameter an option",
    "cli/app.py:displacement": "one parameter an option",
    "cli/app.py:run": "one parameter an option",
    "cli/questions.py": "one parameter an option",
}


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function of a module under the name by which it can be excepted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(SOURCE)}:{node.name}", node


def excepted(name: str, exceptions: dict[str, str]) -> bool:
    """Say whether a function, its module or its folder is on the list."""
    return any(
        name == entry or name.startswith((f"{entry}:", entry if entry.endswith("/") else f"{entry}:"))
        for entry in exceptions
    )


def length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Return the lines of a definition without its docstring."""
    lines = (node.end_lineno or 0) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_sizes(path: Path) -> None:
    name = str(path.relative_to(SOURCE))
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES or name in LONG_MODULES, f"{lines} lines"
    for function, node in functions(path):
        arguments = node.args
        count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
        assert length(node) <= FUNCTION_LINES or excepted(function, LONG_FUNCTIONS), function
        assert count <= PARAMETERS or excepted(function, MANY_PARAMETERS), function
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            assert length(node) <= CLASS_LINES, node.name


def test_every_exception_is_still_needed() -> None:
    """An entry whose reason has gone must go, too."""
    used = set()
    for path in FILES:
        if len(path.read_text(encoding="utf-8").splitlines()) > MODULE_LINES:
            used.add(str(path.relative_to(SOURCE)))
    assert set(LONG_MODULES) <= used
    every = {name: node for path in FILES for name, node in functions(path)}
    for exceptions, large in (
        (LONG_FUNCTIONS, lambda node: length(node) > FUNCTION_LINES),
        (MANY_PARAMETERS, lambda node: len(node.args.args) + len(node.args.kwonlyargs) > PARAMETERS),
    ):
        for entry in exceptions:
            here = [node for name, node in every.items() if excepted(name, {entry: ""})]
            assert any(large(node) for node in here), entry
