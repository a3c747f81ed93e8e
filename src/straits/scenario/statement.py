"""Statement documents: what somebody claimed, and what would have to be seen for it to hold.

A statement is decided in exactly one way: by the model, as a predicate over a measure and two
policies; by arithmetic on published figures; or not at all, with the reason. Here only its form is
checked. What it names of measures, policies and assumptions is bound in
``straits.analysis.statements``, which sees them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from straits.base.errors import Problem
from straits.scenario.closed import Closed, Day, Ident, Text
from straits.scenario.document import Document, Steps
from straits.scenario.library import DEFAULT_BASELINE
from straits.scenario.validate import validate

__all__ = [
    "ARITHMETIC", "STATUS_QUO", "WAYS", "ChangeOfDoc", "FiguresDoc", "PredicateDoc", "RankDoc",
    "RatioDoc", "Relation", "Statement", "StatementDoc", "read_statement",
]  # fmt: skip

STATUS_QUO: Final = "status-quo"
WAYS: Final = ("test", "figures", "cannot_decide")
ARITHMETIC: Final = ("change", "ratio", "rank")
_NEEDED: Final = ("policy", "measure", "is")
Relation = Literal["more", "less", "at_least", "at_most", "about"]


class SpeakerDoc(Closed):
    """Who said it, by role and never by name."""

    role: Text


class PredicateDoc(Closed):
    """One predicate over a measure; every key is optional here, so that all problems come at once.

    With `all`, several predicates that must hold together, and nothing else.
    """

    policy: Text | None = None
    against: Text | None = None
    measure: Text | None = None
    at: Literal["window"] = "window"
    is_: Relation | None = Field(default=None, alias="is")
    by: Any = None
    within: Any = None
    of: Literal["difference", "level"] = "difference"
    days: int = Field(default=365, ge=1, le=3650)
    all_: list[PredicateDoc] | None = Field(default=None, alias="all")


class ChangeOfDoc(Closed):
    """The relative change from one figure to another."""

    from_: Text = Field(alias="from")
    to: Text


class RatioDoc(Closed):
    """One figure over another of the same unit."""

    of: Text
    over: Text


class RankDoc(Closed):
    """The place of a police force on one published list of arrests."""

    list_: Text = Field(alias="list")
    force: Text


class FiguresDoc(Closed):
    """Arithmetic on published figures, and what is said of its result."""

    change: ChangeOfDoc | None = None
    ratio: RatioDoc | None = None
    rank: RankDoc | None = None
    is_: Relation | None = Field(default=None, alias="is")
    by: Any = None
    within: Any = None


class StatementDoc(Closed):
    """What somebody claimed, and how it is decided."""

    straits: Literal["statement"]
    id: Ident
    title: Text
    who: SpeakerDoc
    date: Day
    source: Text
    says: Text
    test: PredicateDoc | None = None
    figures: FiguresDoc | None = None
    cannot_decide: Text | None = None
    assumptions: list[Text] | None = Field(default=None, min_length=1, max_length=5)
    baseline: Text = DEFAULT_BASELINE
    uncertainty: Text | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that is right in itself.

    Attributes
    ----------
    doc : StatementDoc
    document : Document
    folder : Path or None
        Where relative paths in it start from.
    broken : frozenset of tuple
        Entries that were left out because their form is wrong; empty unless it is being checked.
    """

    doc: StatementDoc
    document: Document
    folder: Path | None = None
    broken: frozenset[Steps] = frozenset()

    @property
    def id(self) -> str:
        """The statement's identifier."""
        return self.doc.id

    @property
    def title(self) -> str:
        """The claim in one sentence."""
        return self.doc.title

    def tests(self) -> tuple[tuple[Steps, PredicateDoc], ...]:
        """Return the predicates that must hold together, each with its place in the document."""
        test = self.doc.test
        if test is None:
            return ()
        if test.all_ is None:
            return ((("test",), test),)
        return tuple((("test", "all", place), one) for place, one in enumerate(test.all_))

    def is_broken(self, path: Steps) -> bool:
        """Return whether something at, in or around this place was left out."""
        size = len(path)
        return any(cut[:size] == path or path[: len(cut)] == cut for cut in self.broken)


def read_statement(
    document: Document, folder: Path | None = None
) -> tuple[Statement | None, list[Problem]]:
    """Return a statement as far as it can be read, and what is wrong with its form."""
    checked = validate(StatementDoc, document)
    if checked.model is None:
        return None, list(checked.problems)
    statement = Statement(checked.model, document, folder, checked.broken)
    return statement, [*checked.problems, *_check_form(statement)]


def _check_form(statement: Statement) -> list[Problem]:
    """Return what is wrong with a statement before anything that it names is looked up."""
    doc, document = statement.doc, statement.document
    given = [way for way in WAYS if _has(document.data, way)]
    problems: list[Problem] = []
    if len(given) != 1:
        place: Steps = (given[1],) if given else ()
        problems.append(document.problem(
            place, "a statement is decided in exactly one way", " and ".join(given) or "none",
            ", ".join(WAYS)))  # fmt: skip
    if "test" in given:
        problems += _check_tests(statement)
        if not _has(document.data, "assumptions"):
            problems.append(document.problem(
                (), "'assumptions' is missing", "",
                "one to five names of the uncertainty set, the most contested first"))  # fmt: skip
    elif given and _has(document.data, "assumptions"):
        problems.append(document.problem(
            ("assumptions",), "only what the model decides rests on assumptions", given[0], "",
            "Remove them"))  # fmt: skip
    if doc.figures is not None:
        problems += _check_figures(document, doc.figures)
    seen: set[str] = set()
    for index, name in enumerate(doc.assumptions or ()):
        if name in seen:
            problems.append(document.problem(
                ("assumptions", index), "this assumption is named twice", repr(name)))  # fmt: skip
        seen.add(name)
    return problems


def _check_tests(statement: Statement) -> list[Problem]:
    document, test = statement.document, statement.doc.test
    if test is None:  # it is no mapping, and that was told
        return []
    raw = _at(document.data, ("test",))
    problems: list[Problem] = []
    if _has(raw, "all"):
        others = [key for key in _keys(PredicateDoc) if key != "all" and key in raw]
        if others:
            problems.append(document.problem(
                ("test", "all"), "'all' stands alone", ", ".join(["all", *others]), "",
                "Put every test into the list"))  # fmt: skip
        if test.all_ is None:
            return problems
        if len(test.all_) < 2:
            problems.append(document.problem(
                ("test", "all"), "'all' joins several tests", str(len(test.all_)), "two or more",
                "Write a single one under 'test' itself"))  # fmt: skip
    for path, one in statement.tests():
        problems += _check_test(statement, path, one)
    return problems


def _check_test(statement: Statement, path: Steps, test: PredicateDoc) -> list[Problem]:
    document, raw = statement.document, _at(statement.document.data, path)
    if _has(raw, "all"):
        return [document.problem((*path, "all"), "a test in 'all' is a single one")]
    problems = [document.problem(path, f"'{key}' is missing")
                for key in _NEEDED if not _has(raw, key)]  # fmt: skip
    problems += _check_relation(document, path, test)
    if test.of == "level":
        if _has(raw, "against"):
            problems.append(document.problem(
                (*path, "against"), "a level is not compared with another policy",
                repr(test.against), "", "Remove it, or write 'of: difference'"))  # fmt: skip
        if not _has(raw, "by"):
            problems.append(document.problem(path, "'by' is missing, which says what level"))
    elif test.policy is not None and test.policy == (test.against or STATUS_QUO):
        problems.append(document.problem(
            (*path, "policy"), "a policy is compared with itself", repr(test.policy), "",
            "Name another one under 'against', or write 'of: level'"))  # fmt: skip
    return problems


def _check_figures(document: Document, figures: FiguresDoc) -> list[Problem]:
    raw = _at(document.data, ("figures",))
    given = [key for key in ARITHMETIC if _has(raw, key)]
    problems: list[Problem] = []
    if len(given) != 1:
        problems.append(document.problem(
            ("figures",), "figures are put together in exactly one way",
            " and ".join(given) or "none", ", ".join(ARITHMETIC)))  # fmt: skip
    if not _has(raw, "is"):
        problems.append(document.problem(("figures",), "'is' is missing"))
    if not _has(raw, "by") and given != ["change"]:
        problems.append(document.problem(("figures",), "'by' is missing, which says how much"))
    return problems + _check_relation(document, ("figures",), figures)


def _check_relation(
    document: Document, path: Steps, one: PredicateDoc | FiguresDoc
) -> list[Problem]:
    """Return what is wrong between the relation and its tolerance."""
    given = _has(_at(document.data, path), "within")
    if one.is_ == "about" and not given:
        return [document.problem(path, "'about' needs 'within', which says how near", "",
                                 "within: a margin; 0 is exactly")]  # fmt: skip
    if one.is_ not in (None, "about") and given:
        return [document.problem((*path, "within"), "only 'about' has a tolerance",
                                 f"is: {one.is_}", "is: about")]  # fmt: skip
    return []


def _has(raw: Mapping[str, Any], key: str) -> bool:
    """Say whether a key is written and not empty."""
    return raw.get(key) is not None


def _at(data: Mapping[str, Any], path: Steps) -> Mapping[str, Any]:
    """Return the mapping at a path of a document that is known to be there."""
    found: Any = data
    for step in path:
        found = found[step]
    mapping: Mapping[str, Any] = found
    return mapping


def _keys(model: type[Closed]) -> list[str]:
    """Return the keys of a model as documents write them."""
    return [field.alias or name for name, field in model.model_fields.items()]
