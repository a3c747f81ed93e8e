"""Imports point down, and the engine knows arrays and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "straits"
FILES = sorted(SOURCE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Return every module that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def test_import_linter_keeps_every_contract() -> None:
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_draw_has_an_address(path: Path) -> None:
    """No sequential generator anywhere in the package; benchmarks and tests may have one."""
    used = {name for name in imports(path) if name.split(".")[0] in ("random", "secrets")}
    used |= {name for name in imports(path) if name.startswith("numpy.random")}
    assert not used
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "random":
            assert not (isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy"))


@pytest.mark.parametrize("floor", ["engine", "tables", "theory", "results"])
def test_nothing_below_the_compiler_knows_a_policy(floor: str) -> None:
    """Policies are data: what they change reaches the engine as numbers of a plan."""
    for path in (SOURCE / floor).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [
                getattr(node, field, None) for field in ("id", "attr", "arg", "name")
            ]
            named = [name for name in names if isinstance(name, str)]
            assert not [name for name in named if "policy" in name.lower().split("_")], path
