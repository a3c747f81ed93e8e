"""Boxes in words of their assumptions, as text and as data."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from straits.report.paired import assumption_json, ended, evidence, finite, opening
from straits.report.terminal import WIDE, Style
from straits.report.text import figure

if TYPE_CHECKING:
    from straits.analysis.exploring import Condition, Explored, FoundBox

__all__ = ["condition_text", "explored_json", "render_explored", "threshold_text"]

NOTES = (
    "A box is a rule of thumb with straight sides, found in these futures and tested in halves of "
    "them; density inside is optimistic, the one of other halves is to be expected. Counts are of "
    "futures as the uncertainty set draws them, no probability.",
)


def threshold_text(found: Explored) -> str:
    """Return what is asked of the difference: "less", "more by at least 5 %"."""
    threshold, measure = found.threshold, found.paired.question.measure
    size = abs(threshold.by.value) if threshold.relation == "less" else threshold.by.value
    by = f"{100.0 * size:.3g} %" if threshold.by.is_share else (
        f"{figure(size)} {measure.unit.partition(',')[0]}")
    if size == 0.0:
        return {"more": "more", "less": "less", "at_least": "no less",
                "at_most": "no more"}[threshold.relation]  # fmt: skip
    return {"more": f"more by over {by}", "less": f"less by over {by}",
            "at_least": f"more by at least {by}",
            "at_most": f"more by at most {by}"}[threshold.relation]  # fmt: skip


def condition_text(one: Condition) -> str:
    """Return a condition in words: "people.elasticity above 0.46 (runs go from 0.04 to 0.89)"."""
    column = one.column
    unit = "" if column.unit == "1" else f" {column.unit}"
    if one.cases:
        cases = " or ".join(figure(case) for case in one.cases)
        return f"{column.name} is {cases}{unit}"
    low, high = figure(one.low), figure(one.high)
    if math.isinf(one.low):
        said = f"below {high}"
    elif math.isinf(one.high):
        said = f"above {low}"
    else:
        said = f"between {low} and {high}"
    return (f"{column.name} {said}{unit} (runs go from {figure(column.values.min())} to "
            f"{figure(column.values.max())})")


def _box(box: FoundBox, number: int, style: Style) -> list[str]:
    width = min(style.width, WIDE)
    head = "If" if number == 0 else "Elsewhere, if"
    lines = []
    for k, one in enumerate(box.conditions):
        said = f"{head if k == 0 else 'and'} {condition_text(one)}"
        lines += [style.bold(line) for line in textwrap.wrap(said, width, subsequent_indent="    ")]
        about = (f"{one.column.title}; {evidence(one.column)}; {100.0 * one.kept:.0f} of 100 "
                 f"futures have it; restricted in {100.0 * one.stability:.0f} of 100 half samples")
        lines += [style.dim(line) for line in textwrap.wrap(
            about, width, initial_indent="    ", subsequent_indent="    ")]
    gave = (f"then it holds in {100.0 * box.density:.0f} of 100 futures ({box.held} of "
            f"{box.inside}), {100.0 * box.expected:.0f} to be expected of new ones; they are "
            f"{100.0 * box.coverage:.0f} of 100 in which it holds")
    return [*lines, *textwrap.wrap(gave, width)]


def _none(found: Explored) -> str:
    """Return why there is no box, or no further one."""
    verdict = found.verdict
    if verdict.holding in (0, verdict.futures):
        return "It is the same in every future: no assumption within its range decides it."
    if found.last is None:
        return "" if found.boxes else "Nothing varies that a box could be made of."
    where = "Elsewhere no box stands" if found.boxes else "No box stands"
    return (f"{where}: {100.0 * found.last.found:.0f} of 100 half samples find one (50 are "
            f"needed), and the other half confirms {100.0 * found.last.confirmed:.0f} of 100 of "
            "these (95 are needed). What decides it is no simple limit on a few assumptions, or "
            "there are too few futures.")


def render_explored(found: Explored, style: Style) -> str:
    """Return the boxes as text, each as a rule in words.

    Parameters
    ----------
    found : Explored
    style : Style
    """
    width = min(style.width, WIDE)
    v = found.verdict
    lines = opening(found.paired, style)
    base = (f"{threshold_text(found)[:1].upper()}{threshold_text(found)[1:]}: {v.word.lower()}, in "
            f"{v.percent} of 100 futures, {100.0 * v.low:.0f} to {100.0 * v.high:.0f} "
            f"({v.holding} of {v.futures})")
    lines += ["", *(style.bold(one) for one in textwrap.wrap(base, width))]
    for k, box in enumerate(found.boxes):
        lines += ["", *_box(box, k, style)]
    if _none(found):
        lines += ["", *textwrap.wrap(_none(found), width)]
    return ended(lines, NOTES, found.paired, style)


def explored_json(found: Explored) -> dict[str, object]:
    """Return the boxes as JSON-ready data; a limit that is not there is null."""
    v = found.verdict
    return {
        "asks": threshold_text(found), "verdict": v.word,
        "share": {"percent": v.percent, "low": v.low, "high": v.high, "holding": v.holding,
                  "futures": v.futures},
        "boxes": [
            {"density": box.density, "coverage": box.coverage, "held": box.held,
             "inside": box.inside, "expected_density": box.expected, "found": box.found,
             "confirmed": box.confirmed,
             "conditions": [
                 {**assumption_json(one.column), "low": finite(one.low), "high": finite(one.high),
                  "cases": list(one.cases) or None, "kept": one.kept, "stability": one.stability,
                  "says": condition_text(one)} for one in box.conditions]}
            for box in found.boxes],
        "no_further_box": _none(found) or None,
    }  # fmt: skip
