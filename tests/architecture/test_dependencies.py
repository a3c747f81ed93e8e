"""What is imported is declared, what is declared is imported, and the lock holds all of it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Distributions whose module has another name, or which are used without an import.
MODULES = {"ruamel-yaml": "ruamel", "tzdata": None, "import-linter": "importlinter"}
COMMANDS = {"ruff", "mypy", "pytest", "hatchling", "editables", "import-linter"}
# The last comes with pydantic, which pins it.
OWN = {"straits", "benchmarks", "support", "conftest", "pydantic_core"}


def distribution(requirement: str) -> str:
    """Return the normalised name in a requirement."""
    name = re.split(r"[<>=!~ \[]", requirement, maxsplit=1)[0]
    return re.sub(r"[._-]+", "-", name).lower()


def imported(*folders: str) -> set[str]:
    """Return the third-party modules that the files of some folders import, by first name."""
    found: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    found.add(str(node.module).split(".")[0])
    return {name for name in found if name not in sys.stdlib_module_names} - OWN


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = {distribution(text) for text in PROJECT["dependencies"]}
DEV = {distribution(text) for text in PROJECT["optional-dependencies"]["dev"]}


def modules(names: set[str]) -> set[str]:
    return {str(MODULES.get(name, name)) for name in names if MODULES.get(name, name)}


def test_the_package_declares_what_it_imports() -> None:
    assert imported("src") == modules(NEEDED)


def test_tests_and_benchmarks_declare_what_they_import() -> None:
    used = imported("tests", "benchmarks")
    assert used <= modules(NEEDED | DEV)
    assert modules(DEV - COMMANDS) <= used


def test_the_lock_has_everything_once() -> None:
    lines = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    names = [distribution(line) for line in lines if not line.startswith("#")]
    assert len(names) == len(set(names))
    assert set(names) >= NEEDED | DEV
