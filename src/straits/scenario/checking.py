"""What the cross checks share: the document under check, its identifiers, its problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from straits.base.errors import Problem
from straits.scenario.baseline import BaselineDoc
from straits.scenario.document import Document, Steps, dotted
from straits.scenario.findings import Finding, listed, nearest
from straits.scenario.quantity import Sourced

__all__ = ["Check", "sources_of"]


@dataclass(slots=True)
class Check:
    """A baseline under cross check.

    Entries that were left out because their form is wrong are in `broken`; whatever depends
    on them is not judged.
    """

    doc: BaselineDoc
    document: Document
    broken: frozenset[Steps] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, path: Steps, message: str, found: str = "", allowed: str = "", hint: str = ""
    ) -> None:
        """Record a problem at `path`."""
        self.problems.append(self.document.problem(path, message, found, allowed, hint))

    def add_finding(self, path: Steps, finding: Finding) -> None:
        """Record a finding under `path`."""
        steps = (*path, *finding.path)
        self.add(steps, finding.message, finding.found, finding.allowed, finding.hint)

    def ids(self, section: str) -> list[str]:
        """Return the identifiers written in a section, those of broken entries included."""
        entries = self.document.data.get(section)
        return [str(key) for key in entries] if isinstance(entries, dict) else []

    def is_broken(self, *prefix: str) -> bool:
        """Return whether something at, in or around this place was left out."""
        size = len(prefix)
        return any(cut[:size] == prefix or prefix[: len(cut)] == cut for cut in self.broken)

    def refer(self, path: Steps, section: str, name: str, word: str) -> bool:
        """Return whether `name` is in a section; record the problem if it is not."""
        known = self.ids(section)
        if name in known:
            return True
        close = nearest(name, known)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        self.add(path, f"there is no {word} of this name", repr(name), listed(known), hint)
        return False

    def refer_all(self, path: Steps, section: str, names: list[str], word: str) -> list[str]:
        """Return the names that exist, and record a problem for each that does not or repeats."""
        good: list[str] = []
        for place, name in enumerate(names):
            if name in good:
                self.add((*path, place), f"this {word} is named twice", repr(name))
            elif self.refer((*path, place), section, name, word):
                good.append(name)
        return good

    def state_of(self, site: str) -> str | None:
        """Return the state on whose soil a site lies, None where that cannot be told."""
        found = self.doc.sites.get(site)
        return None if found is None else found.state


def sources_of(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, str]]:
    """Yield every source key under a validated value, with the path of its number."""
    if isinstance(value, Sourced):
        for key in value.source:
            yield (*path, "source"), key
    elif isinstance(value, BaseModel):
        for name, one in type(value).model_fields.items():
            inner = getattr(value, name)
            step = one.alias or name
            if step == "source" and isinstance(inner, tuple):
                for key in inner:
                    yield (*path, "source"), key
            else:
                yield from sources_of(inner, (*path, step))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from sources_of(inner, (*path, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from sources_of(inner, (*path, place))


def check_sources(value: Any, document: Document) -> list[Problem]:
    """Return a problem for every source key that names no shipped figure."""
    from straits.data.read import figures

    known = figures()
    problems = []
    for path, key in sources_of(value):
        if key not in known:
            close = nearest(key, known)
            file = "The keys stand in straits/data/figures.csv"
            hint = f"Did you mean '{close[0]}'?" if close else file
            where = str(document.place(path))
            message = "no shipped figure has this key"
            problems.append(Problem(where, dotted(path), message, repr(key), "", hint))
    return problems
