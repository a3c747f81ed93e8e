"""The public names are one short list; a change of it shows in a file.

With STRAITS_UPDATE_API=1 the file is written anew; read the difference.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import straits
import straits.scenario

SNAPSHOT = Path(__file__).parent / "api.txt"


def lines(module: object, prefix: str) -> Iterator[str]:
    """Yield the public names of a module with their signatures."""
    for name in sorted(module.__all__):  # type: ignore[attr-defined]
        item = getattr(module, name)
        if inspect.isclass(item):
            public = sorted(key for key in vars(item) if not key.startswith("_"))
            yield f"{prefix}.{name}: {', '.join(public)}"
        elif callable(item):
            names = ", ".join(
                ("*" if p.kind is p.KEYWORD_ONLY else "") + p.name + ("=" if p.default is not p.empty else "")
                for p in inspect.signature(item).parameters.values()
            )
            yield f"{prefix}.{name}({names})"
        else:
            yield f"{prefix}.{name}"


def test_public_names_are_those_of_the_snapshot() -> None:
    text = "\n".join([*lines(straits, "straits"), *lines(straits.scenario, "straits.scenario")])
    if os.environ.get("STRAITS_UPDATE_API"):
        SNAPSHOT.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == SNAPSHOT.read_text(encoding="utf-8")


def test_every_public_name_says_what_it_is() -> None:
    for name in straits.__all__:
        item = getattr(straits, name)
        assert name == "__version__" or inspect.getdoc(item), name
