"""A validated document as nested plain mappings: with its numbers' origins, or values alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pydantic import BaseModel

from straits.scenario.document import Steps
from straits.scenario.quantity import Numbers, Quantity, SeriesValue, Shares, Sourced

__all__ = ["dump", "leaves", "node", "plain", "tree", "wordless"]

# Keys under which a document says in words what it is and where it is from.
_SAID: Final = frozenset({"title", "source", "assumed", "says", "grade", "role"})


def tree(value: Any) -> Any:
    """Return nested mappings and lists whose leaves are the validated values."""
    if isinstance(value, BaseModel):
        return {
            field.alias or name: tree(getattr(value, name))
            for name, field in type(value).model_fields.items()
        }
    if isinstance(value, dict):
        return {str(key): tree(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [tree(inner) for inner in value]
    return value


def plain(value: Any, ordinal: int) -> Any:
    """Return a tree with the numbers alone, as they are on a day [declared units].

    Parameters
    ----------
    value : Any
        A tree, or a part of one.
    ordinal : int
        Proleptic ordinal of the day, which decides the values of series.
    """
    if isinstance(value, dict):
        return {key: plain(inner, ordinal) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner, ordinal) for inner in value]
    if isinstance(value, SeriesValue):
        return value.at(ordinal)
    if isinstance(value, Quantity | Numbers | Shares):
        return value.plain()
    return value


def node(value: Any) -> Any:
    """Return a tree as a resolved document writes it; absent entries are left out."""
    if isinstance(value, dict):
        return {key: node(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [node(inner) for inner in value]
    if isinstance(value, Quantity | Numbers | Shares | SeriesValue):
        return value.node()
    if isinstance(value, tuple):
        return list(value)
    return value


def wordless(document: BaseModel) -> Any:
    """Return a document's data without titles, sources and reasons, on which no number depends."""
    return _without_words(node(tree(document)))


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_words(inner) for key, inner in value.items()
                if key not in _SAID}  # fmt: skip
    if isinstance(value, list):
        return [_without_words(inner) for inner in value]
    return value


def leaves(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Sourced]]:
    """Yield every number of a tree that has an origin, with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    elif isinstance(value, Sourced):
        yield path, value


_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./()' -]*[A-Za-z0-9_.)]|[A-Za-z]")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
_KEY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


def dump(data: dict[str, Any]) -> str:
    """Return a mapping as YAML that this package reads back to the same values.

    A writer of our own keeps the text stable between versions of the YAML library, since the
    text is stored with results.
    """
    lines: list[str] = []
    _lines(data, 0, lines)
    return "\n".join(lines) + "\n"


def _lines(data: dict[str, Any], depth: int, lines: list[str]) -> None:
    pad = "  " * depth
    for key, value in data.items():
        name = key if _KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
        if isinstance(value, dict) and value:
            lines.append(f"{pad}{name}:")
            _lines({str(inner): one for inner, one in value.items()}, depth + 1, lines)
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            lines.append(f"{pad}{name}:")
            for one in value:
                inner_lines: list[str] = []
                _lines(one, 0, inner_lines)
                head, *rest = inner_lines or ["{}"]
                lines.append(f"{pad}  - {head}")
                lines.extend(f"{pad}    {line}" for line in rest)
        else:
            lines.append(f"{pad}{name}: {_scalar(value)}")


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_scalar(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{}"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
