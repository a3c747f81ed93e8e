"""Importing does nothing: no heavy library, no output, no state that changes."""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "straits"
FILES = sorted(SOURCE.rglob("*.py"))
HEAVY = ("numpy", "numba", "scipy", "pyarrow", "pydantic", "ruamel", "pint", "typer", "rich")
MUTATORS = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "clear", "remove"}
# Processor time, not the clock: what else runs on the machine must not decide.
IMPORT_S = 0.3
HELP_S = 0.4


def python(code: str) -> tuple[str, float]:
    """Run code in a fresh interpreter; return what it printed and its processor time [s]."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stderr == ""
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, used


def quickest(code: str) -> float:
    """Return the least processor time of five runs [s]."""
    return min(python(code)[1] for _ in range(5))


def test_importing_is_quick_and_does_nothing() -> None:
    code = f"import sys, straits; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(code)[0] == "[]\n"
    assert quickest("import straits") - quickest("pass") < IMPORT_S


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['straits', '--help']\n"
        "from straits.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "allowed = ('typer', 'rich')\n"
        f"print([m for m in {HEAVY} if m in sys.modules and m not in allowed])"
    )
    out = python(code)[0]
    assert "compare" in out
    assert out.endswith("[]\n")
    assert quickest(code) < HELP_S + quickest("pass")


def module_level(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body


def targets(node: ast.stmt) -> list[str]:
    """Return the names that a statement binds."""
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_module_has_state(path: Path) -> None:
    """Lists, sets and dictionaries of a module are constants: named so, and never changed."""
    containers = set()
    for node in module_level(path):
        value = getattr(node, "value", None)
        made = isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp)
        called = isinstance(value, ast.Call) and getattr(value.func, "id", "") in (
            "list", "dict", "set", "defaultdict", "deque", "Counter",
        )
        if made or called:
            for name in targets(node):
                assert name == "__all__" or name.isupper(), name
                containers.add(name)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Global), path
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            assert getattr(node.value, "id", None) not in containers
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = getattr(node.func.value, "id", None)
            assert not (owner in containers and node.func.attr in MUTATORS), owner
