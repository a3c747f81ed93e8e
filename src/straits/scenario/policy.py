"""Policy documents: dated patches on a baseline, before any baseline is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from straits.base.errors import Problem
from straits.scenario.closed import Closed, Day, Ident, SourceKeys, Text
from straits.scenario.document import Document, Steps
from straits.scenario.quantity import Quantity, quantity

__all__ = ["DAY_S", "OPERATIONS", "ChangeDoc", "Policy", "PolicyDoc", "check_form"]

DAY_S: Final = 86_400.0
OPERATIONS: Final = ("set", "scale", "add")
_AT_ONCE = Quantity(value=0.0, unit="s", bare=True)
Ramp = Annotated[Quantity, quantity("s", low=0, high=DAY_S * 3660, bare=True)]


class ProposerDoc(Closed):
    """Who proposes it, by role and never by name."""

    role: Text


class ChangeDoc(Closed):
    """One number or entry that a policy moves."""

    path: Text
    set_: Any = Field(default=None, alias="set")
    scale: Any = None
    add: Any = None
    range_: Any = Field(default=None, alias="range")
    tolerance: Any = None
    source: SourceKeys | None = None
    assumed: Text | None = None
    grade: Literal["A", "B", "C", "D"] | None = None
    in_force: Day | None = None
    ramp: Ramp | None = None

    def given(self) -> list[str]:
        """Return which of set, scale and add are written."""
        written = self.model_fields_set
        return [key for key in OPERATIONS if ("set_" if key == "set" else key) in written]

    def operand(self, op: str) -> Any:
        """Return what is written after set, scale or add."""
        return self.set_ if op == "set" else getattr(self, op)

    def origin(self) -> dict[str, Any]:
        """Return range, tolerance and origin as far as they are written beside the change."""
        out = {
            "range": self.range_, "tolerance": self.tolerance,
            "source": None if self.source is None else list(self.source),
            "assumed": self.assumed, "grade": self.grade,
        }  # fmt: skip
        return {key: value for key, value in out.items() if value is not None}


class PolicyDoc(Closed):
    """What somebody proposes, when it would be known and in force, and what it would move."""

    straits: Literal["policy"]
    id: Ident
    title: Text
    proposer: ProposerDoc
    date: Day
    source: Text
    says: Text
    announced: Day
    in_force: Day
    ramp: Ramp = _AT_ONCE
    requires: list[Ident] = Field(default_factory=list)
    conflicts: list[Ident] = Field(default_factory=list)
    maintains_arrangements: bool
    changes: list[ChangeDoc]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that is right in itself; `bind` ties it to a baseline."""

    doc: PolicyDoc
    document: Document

    @property
    def id(self) -> str:
        """The policy's identifier."""
        return self.doc.id

    @property
    def title(self) -> str:
        """The policy's title."""
        return self.doc.title


def check_form(policy: Policy) -> list[Problem]:
    """Return what is wrong with a policy before any baseline is known."""
    doc, document = policy.doc, policy.document
    problems: list[Problem] = []
    if doc.announced > doc.in_force:
        problems.append(
            document.problem(
                ("in_force",),
                "this policy is in force before it is announced",
                str(doc.in_force),
                f"{doc.announced} or later",
            )
        )
    if doc.id in doc.requires or doc.id in doc.conflicts:
        key = "requires" if doc.id in doc.requires else "conflicts"
        problems.append(document.problem((key,), "a policy cannot name itself here", doc.id))
    seen: dict[tuple[str, date], int] = {}
    for place, change in enumerate(doc.changes):
        path: Steps = ("changes", place)
        given = change.given()
        if len(given) != 1:
            problems.append(
                document.problem(
                    path,
                    "a change does exactly one thing",
                    " and ".join(given) or "nothing",
                    "set, scale or add",
                )
            )
        start = change.in_force or doc.in_force
        if start < doc.announced:
            problems.append(
                document.problem(
                    (*path, "in_force"),
                    "this change is in force before the policy is announced",
                    str(start),
                    f"{doc.announced} or later",
                )
            )
        first = seen.setdefault((change.path, start), place)
        if first != place:
            problems.append(
                document.problem(
                    (*path, "path"), "this path is changed twice on the same day", repr(change.path)
                )
            )
    return problems
