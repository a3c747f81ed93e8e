"""Statements about published figures: a change, a ratio, a place in a list of arrests.

Pure arithmetic on what ships. A place in a list has bounds, because most forces published no
number; where some places within them agree with the statement and others do not, it stays open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from straits.analysis.arrests import DEFINITIONS, FORCES, ForceArrests, arrest_table
from straits.analysis.margins import Margin, Threshold, read_share
from straits.base.errors import Problem
from straits.data.read import Figure, arrests_by_force, figures
from straits.scenario.document import Steps
from straits.scenario.findings import listed, nearest
from straits.scenario.statement import FiguresDoc, RankDoc, Statement

__all__ = ["BoundFigures", "bind_figures"]


@dataclass(frozen=True, slots=True)
class BoundFigures:
    """Arithmetic on published figures, done.

    Attributes
    ----------
    kind : {"change", "ratio", "rank"}
    values : tuple of float
        What comes out: one number [dimensionless], or every place that the list leaves open.
    threshold : Threshold
        What is said of it.
    figures : tuple of Figure
        What it rests on, first that which is divided; empty for a place in a list.
    force : ForceArrests or None
        The row of the list, for a place in it.
    """

    kind: Literal["change", "ratio", "rank"]
    values: tuple[float, ...]
    threshold: Threshold
    figures: tuple[Figure, ...] = ()
    force: ForceArrests | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the figures are as stated; None where they leave it open."""
        found = {self.threshold.holds(value) for value in self.values}
        return found.pop() if len(found) == 1 else None


def bind_figures(
    statement: Statement, doc: FiguresDoc
) -> tuple[BoundFigures | None, list[Problem]]:
    """Return what the figures say, and everything that is wrong with what is asked of them."""
    problems: list[Problem] = []
    kind: Literal["change", "ratio", "rank"] = "change"
    rests: tuple[Figure, ...] = ()
    force: ForceArrests | None = None
    values: tuple[float, ...] = ()
    if doc.change is not None:
        asked = (("to", doc.change.to), ("from", doc.change.from_))
        rests, quotient = _quotient(statement, "change", asked, problems)
        values = (quotient - 1.0,) if quotient is not None else ()
    elif doc.ratio is not None:
        kind = "ratio"
        asked = (("of", doc.ratio.of), ("over", doc.ratio.over))
        rests, quotient = _quotient(statement, "ratio", asked, problems)
        values = (quotient,) if quotient is not None else ()
    elif doc.rank is not None:
        kind = "rank"
        force = _force(statement, doc.rank, problems)
        if force is not None and force.rank_low is not None and force.rank_high is not None:
            values = tuple(float(one) for one in range(force.rank_low, force.rank_high + 1))
    threshold = _threshold(statement, doc, kind, problems)
    if problems or threshold is None or not values:
        return None, problems
    return BoundFigures(kind, values, threshold, rests, force), []


def _threshold(
    statement: Statement, doc: FiguresDoc, kind: str, problems: list[Problem]
) -> Threshold | None:
    document = statement.document
    margins: dict[str, Margin | None] = {"by": Margin(0.0), "within": None}
    for key, raw in (("by", doc.by), ("within", doc.within)):
        path: Steps = ("figures", key)
        if raw is None:
            continue
        read = read_share(raw)
        if not isinstance(read, Margin):
            problems.append(document.problem(path, read.message, read.found, read.allowed,
                                             read.hint))  # fmt: skip
            continue
        whole = kind == "rank" and key == "by"
        if whole and (read.value != int(read.value) or not 1 <= read.value <= FORCES):
            problems.append(document.problem(path, "this is no place in a list", str(raw),
                                             f"a whole number from 1 to {FORCES}"))  # fmt: skip
            continue
        may_fall = key == "by" and kind == "change" and doc.is_ == "about"
        if read.value < 0 and not may_fall:
            hint = "'less' says that it falls" if key == "by" and kind == "change" else ""
            problems.append(document.problem(path, "this margin has the wrong sign", str(raw),
                                             "0 or more", hint))  # fmt: skip
        margins[key] = read
    by = margins["by"]
    if doc.is_ is None or by is None:
        return None
    if kind == "change" and doc.is_ == "less":
        by = replace(by, value=0.0 - by.value)
    return Threshold(doc.is_, by, margins["within"])


def _quotient(
    statement: Statement, kind: str, asked: Iterable[tuple[str, str]], problems: list[Problem]
) -> tuple[tuple[Figure, ...], float | None]:
    """Return two figures and the first over the second [dimensionless]."""
    document, known = statement.document, figures()
    found: list[Figure] = []
    numbers: list[float] = []
    for role, key in asked:
        path: Steps = ("figures", kind, role)
        figure = known.get(key)
        if figure is None:
            close = nearest(key, known)
            hint = f"Did you mean '{close[0]}'?" if close else (
                "The keys stand in straits/data/figures.csv")  # fmt: skip
            problems.append(document.problem(path, "no shipped figure has this key", repr(key),
                                             "", hint))  # fmt: skip
        elif figure.number is None:
            problems.append(document.problem(path, "this figure is no number",
                                             f"{key}: {figure.value}"))  # fmt: skip
        else:
            found.append(figure)
            numbers.append(figure.number)
    if len(found) < 2:
        return (), None
    if found[0].unit != found[1].unit:
        problems.append(document.problem(
            ("figures", kind), "these figures have different units",
            f"{found[0].unit} and {found[1].unit}"))  # fmt: skip
    elif numbers[1] == 0:
        problems.append(document.problem(
            path, "nothing can be put in proportion to a figure of zero", found[1].key))
    else:
        return tuple(found), numbers[0] / numbers[1]
    return (), None


def _force(
    statement: Statement, doc: RankDoc, problems: list[Problem]
) -> ForceArrests | None:
    """Return the row of a police force on the list that is named."""
    document = statement.document
    if doc.list_ not in DEFINITIONS:
        close = nearest(doc.list_, DEFINITIONS)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        problems.append(document.problem(
            ("figures", "rank", "list"), "there is no such list of arrests", repr(doc.list_),
            ", ".join(DEFINITIONS), hint))  # fmt: skip
    name = doc.list_ if doc.list_ in DEFINITIONS else next(iter(DEFINITIONS))
    rows = {row.force: row for row in arrest_table(arrests_by_force(), name).forces}
    row = rows.get(doc.force)
    if row is None:
        close = nearest(doc.force, rows)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        problems.append(document.problem(
            ("figures", "rank", "force"), "no force of this name stands in the list of arrests",
            repr(doc.force), listed(rows), hint))  # fmt: skip
    elif row.rank_low is None:
        problems.append(document.problem(
            ("figures", "rank", "force"), "this force has no place in the list",
            f"{doc.force}: {row.status}"))  # fmt: skip
    return row
