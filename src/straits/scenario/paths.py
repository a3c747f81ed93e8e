"""Dotted paths through a document: what stands there, and what is admitted there."""

from __future__ import annotations

import re
import types
import typing
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel

from straits.scenario.document import Steps, dotted
from straits.scenario.findings import WRONG_WORDS, Finding, excerpt, nearest
from straits.scenario.rules import Rule

__all__ = ["Leaf", "annotation_at", "known_keys", "locate", "rule_of", "split"]

_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a path of a validated document leads to."""

    steps: Steps
    value: Any
    annotation: Any


def split(path: str) -> Steps:
    """Return the steps of a dotted path: ``demand.surges[2].factor``."""
    steps: list[str | int] = []
    for name, index in _STEP.findall(path):
        steps.append(int(index) if index else name)
    return tuple(steps)


@lru_cache(maxsize=256)
def _fields(model: type[BaseModel]) -> dict[str, tuple[str, Any]]:
    """Return attribute and annotation of each key of a model, markers included."""
    out: dict[str, tuple[str, Any]] = {}
    for name, field in model.model_fields.items():
        annotation: Any = field.annotation
        for marker in field.metadata:
            if isinstance(marker, Rule):
                annotation = Annotated[annotation, marker]
        out[field.alias or name] = (name, annotation)
    return out


def _bare(annotation: Any) -> Any:
    """Return an annotation without ``None`` and without markers."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (typing.Union, types.UnionType):
            kept = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
            if len(kept) != 1:
                return annotation
            annotation = kept[0]
        else:
            return annotation


def rule_of(annotation: Any) -> Rule | None:
    """Return the rule by which a number with this annotation is read, if it is a number."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        inner, *markers = typing.get_args(annotation)
        return next((m for m in markers if isinstance(m, Rule)), None) or rule_of(inner)
    if origin in (typing.Union, types.UnionType):
        rules = (rule_of(arg) for arg in typing.get_args(annotation))
        return next((rule for rule in rules if rule is not None), None)
    return None


def _child(annotation: Any, step: str | int) -> Any:
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        found = _fields(bare).get(str(step))
        return None if found is None else found[1]
    origin, args = typing.get_origin(bare), typing.get_args(bare)
    if origin is dict:
        return args[1]
    if origin is list:
        return args[0]
    return None


def annotation_at(model: Any, steps: Steps) -> Any:
    """Return the annotation at a path of a model, None where the path leaves the model."""
    annotation: Any = model
    for step in steps:
        annotation = _child(annotation, step)
        if annotation is None:
            return None
    return annotation


def known_keys(annotation: Any) -> list[str]:
    """Return the keys that a mapping with this annotation may have; none if any may."""
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return list(_fields(bare))
    if typing.get_origin(bare) is dict:
        key = _bare(typing.get_args(bare)[0])
        if typing.get_origin(key) is Literal:
            return [str(value) for value in typing.get_args(key)]
    return []


def _inside(value: Any, annotation: Any, step: str | int) -> tuple[bool, Any]:
    """Return whether `step` exists in a validated value, and what is there."""
    if isinstance(value, BaseModel):
        found = _fields(type(value)).get(str(step))
        return (False, None) if found is None else (True, getattr(value, found[0]))
    if isinstance(value, dict):
        return (step in value, value.get(step))
    if isinstance(value, list) and isinstance(step, int):
        return (True, value[step]) if step < len(value) else (False, None)
    return False, None


def keys_of(value: Any) -> list[str]:
    """Return the steps that lead on from a validated value."""
    if isinstance(value, BaseModel):
        return list(_fields(type(value)))
    if isinstance(value, dict):
        return [str(key) for key in value]
    return []


def locate(document: BaseModel, path: str) -> Leaf | Finding:
    """Return what a dotted path leads to, or the finding that it leads nowhere."""
    steps = split(path)
    if not steps or dotted(steps) != path:
        allowed = "names joined by dots, such as stations.dover-check-in.servers.built"
        return Finding("this is no path", excerpt(path), allowed)
    value: Any = document
    annotation: Any = type(document)
    for place, step in enumerate(steps):
        exists, inner = _inside(value, annotation, step)
        if not exists:
            return _lost(steps, place, value)
        annotation = _child(annotation, step)
        value = inner
    return Leaf(steps, value, annotation)


def _lost(steps: Steps, place: int, value: Any) -> Finding:
    """Return the finding for a path whose step at `place` does not exist."""
    keys = keys_of(value)
    before = dotted(steps[:place])
    hint = ""
    word = WRONG_WORDS.get(str(steps[place]).lower(), "")
    close = [word] if word in keys else nearest(str(steps[place]), keys)
    if close:
        meant = dotted((*steps[:place], close[0], *steps[place + 1 :]))
        hint = f"Did you mean '{meant}'?"
    elif keys:
        shown = ", ".join(keys[:12]) + (", ..." if len(keys) > 12 else "")
        hint = f"Under {f'{before!r}' if before else 'the baseline'} there are: {shown}"
    elif before:
        hint = f"The path ends at '{before}'"
    where = f"nothing named '{steps[place]}'"
    return Finding(
        f"this path leads nowhere: {where} in the baseline", repr(dotted(steps)), "", hint
    )
