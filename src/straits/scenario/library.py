"""Names to documents: what ships with the package, files on disk, and `extends`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from straits.base.errors import Problem, UserError
from straits.scenario.document import Document, Place, Steps, read
from straits.scenario.findings import excerpt, nearest

__all__ = ["DEFAULT_BASELINE", "FOLDERS", "find", "is_path", "names", "read_extended"]

DEFAULT_BASELINE: Final = "calais-2016"
FOLDERS: Final = {
    "baseline": "baselines",
    "policy": "policies",
    "uncertainty": "uncertainties",
    "statement": "statements",
}
_WORDS: Final = {"uncertainty": "uncertainty set"}
_MAX_EXTENDS: Final = 10
# A node with one of these is one number: a child replaces it whole, or its range and source
# would be mixed with the parent's value.
_WHOLE: Final = frozenset({"value", "values", "steps", "knots", "roster"})


def _shipped(kind: str) -> Path:
    return Path(str(files("straits"))) / "library" / FOLDERS[kind]


def names(kind: str) -> list[str]:
    """Return the names of the shipped documents of one kind, sorted."""
    folder = _shipped(kind)
    return sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []


def is_path(name: str) -> bool:
    """Return whether a name means a file on disk and not a shipped document."""
    return "/" in name or "\\" in name or name.lower().endswith((".yaml", ".yml"))


def find(
    name: str | Path, kind: str, *, base: Path | None = None, where: str = "", at: str = ""
) -> Path:
    """Return the file that a name or path means.

    Parameters
    ----------
    name : str or Path
        A shipped name, or a path (with a slash, or ending in .yaml).
    kind : str
        baseline, policy, uncertainty or statement.
    base : Path, optional
        Folder that a relative path starts from.
    where, at : str
        Place and dotted path of the name, for the problem if there is no such document.

    Raises
    ------
    UserError
        If the name is not shipped.
    """
    if isinstance(name, Path):
        return name
    if is_path(name):
        return Path(name) if base is None else base / name
    shipped = names(kind)
    if name in shipped:
        return _shipped(kind) / f"{name}.yaml"
    close = nearest(name, shipped, 3)
    hint = f"Did you mean {' or '.join(repr(c) for c in close)}?" if close else ""
    # Not Path.exists, which raises for a name that is too long for a file.
    if not hint and os.path.exists(name):
        hint = f"For a file, write './{name}'"
    word = _WORDS.get(kind, kind)
    problem = Problem(
        where or excerpt(name), at, f"there is no {word} of this name", excerpt(name),
        ", ".join(shipped) or "a path to a file", hint,
    )  # fmt: skip
    raise UserError(problem)


@dataclass(frozen=True, slots=True)
class _Link:
    """One document of a chain of `extends`."""

    path: Path
    title: str


def read_extended(name: str | Path, kind: str) -> Document:
    """Return a document with everything that it extends merged under it.

    Raises
    ------
    UserError
        If a parent is missing, or the documents extend each other in a circle.
    """
    return _read_chain(find(name, kind), str(name), kind, ())


def _read_chain(path: Path, title: str, kind: str, chain: tuple[_Link, ...]) -> Document:
    document = read(path, kind)
    parent = document.data.get("extends")
    if parent is None:
        return document
    where = str(document.place(("extends",)))
    if not isinstance(parent, str) or not parent.strip():
        # The model says what is wrong with it.
        return document
    chain = (*chain, _Link(path.resolve(), title))
    parent_path = find(parent, kind, base=path.parent, where=where, at="extends")
    for start, link in enumerate(chain):
        if link.path == parent_path.resolve():
            circle = " -> ".join([*(one.title for one in chain[start:]), parent])
            problem = Problem(where, "extends", "these documents extend each other in a circle",
                              circle, "", "Remove one 'extends'")  # fmt: skip
            raise UserError(problem)
    if len(chain) > _MAX_EXTENDS:
        problem = Problem(where, "extends", "this chain of documents is too long",
                          f"{len(chain)} documents", f"up to {_MAX_EXTENDS}")  # fmt: skip
        raise UserError(problem)
    if is_path(parent) and not parent_path.exists():
        allowed = ", ".join(["a path from the folder of this document", *names(kind)])
        message = "there is no such file to extend"
        problem = Problem(where, "extends", message, excerpt(parent), allowed)
        raise UserError(problem)
    return merge(_read_chain(parent_path, parent, kind, chain), document)


def merge(parent: Document, child: Document) -> Document:
    """Return `child` laid over `parent`: mappings merge, all else is replaced.

    ``null`` in the child removes the parent's entry.
    """
    gone: set[Steps] = set()
    data = _merge(parent.data, child.data, (), gone)
    data.pop("extends", None)
    places: dict[Steps, Place] = {
        path: place
        for path, place in parent.places.items()
        if not any(path[:end] in gone for end in range(1, len(path) + 1))
    }
    places.update(child.places)
    return Document(child.file, data, places)


def _merge(
    below: dict[str, Any], above: dict[str, Any], path: Steps, gone: set[Steps]
) -> dict[str, Any]:
    out = dict(below)
    for key, value in above.items():
        here: Steps = (*path, key)
        old = out.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and not _is_whole(value, old):
            out[key] = _merge(old, value, here, gone)
            continue
        gone.add(here)
        if value is None and key in below:
            out.pop(key)
        else:
            out[key] = value
    return out


def _is_whole(value: dict[str, Any], old: dict[str, Any]) -> bool:
    return any(key in _WHOLE for key in value) or "roster" in old
