"""Which assumptions matter, as text and as data."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from straits.report.paired import (
    assumption_json,
    columns_of,
    ended,
    evidence,
    finite,
    opening,
)
from straits.report.terminal import WIDE, Style
from straits.report.text import signed

if TYPE_CHECKING:
    from straits.analysis.mattering import Mattering, Ranked

__all__ = ["mattering_json", "render_mattering"]

SHOWN = 12  # of the ranking; JSON has all
NAME = 36
NOTES = (
    "A share is what knowing this assumption alone would take away of the variance of the "
    "difference over futures; shares may add up to more than 1 where assumptions depend on each "
    "other, and to less where they act together. ○ luck may explain it. Up: the difference in the "
    "upper third of the assumption less that in the lower.",
)


def _percent(share: float) -> str:
    return f"{100.0 * max(share, 0.0):.0f} %"


def _row(one: Ranked) -> list[str]:
    name = one.column.name if len(one.column.name) <= NAME else one.column.name[: NAME - 1] + "…"
    brief = evidence(one.column).replace("fitted to the record", "fitted")
    return [f"{'●' if one.is_clear else '○'} {name}", brief,
            _percent(one.share), f"{_percent(one.low)} to {_percent(one.high)}",
            signed(one.change), _percent(one.level_share)]


def _parts(found: Mattering) -> str:
    """Return in a sentence whether it is the policy or the assumptions."""
    if found.parts is None:
        return ("Policy or assumptions: not told, which takes two replications or more and a "
                "measure that varies.")
    p = found.parts
    return (f"Policy or assumptions: of what varies over all runs of both policies, "
            f"{_percent(p.policy)} is the policy, {_percent(p.future)} is assumptions that act "
            f"alike under both, {_percent(p.together)} is that the policy does more under some "
            f"assumptions than under others, {_percent(p.luck)} is luck.")


def render_mattering(found: Mattering, style: Style) -> str:
    """Return the ranking as text.

    Parameters
    ----------
    found : Mattering
    style : Style
    """
    width = min(style.width, WIDE)
    lines = [*opening(found.paired, style), ""]
    if found.ranked:
        lines.append(style.bold("What decides the difference"))
        rows = [["  assumption", "evidence", "share", "90 in 100", "up", "of level"]]
        lines += columns_of([*rows, *(_row(one) for one in found.ranked[:SHOWN])], style, 2)
        rest = len(found.ranked) - SHOWN
        if rest > 0:
            lines.append(style.dim(f"and {rest} that explain less (--json has them)"))
    else:
        lines.append(style.bold("Nothing decides it: the difference is the same in all futures"))
    lines += ["", *textwrap.wrap(_parts(found), width)]
    if not math.isnan(found.luck_share):
        lines += textwrap.wrap(f"Luck is {_percent(found.luck_share)} of the variance that the "
                               "ranking shares out; more replications make it less.", width)
    return ended(lines, NOTES, found.paired, style)


def mattering_json(found: Mattering) -> dict[str, object]:
    """Return the whole ranking as JSON-ready data."""
    parts = found.parts
    return {
        "luck_share": finite(found.luck_share),
        "ranked": [
            {**assumption_json(one.column), "share": one.share, "low": one.low, "high": one.high,
             "clear": one.is_clear, "level_share": finite(one.level_share), "change": one.change}
            for one in found.ranked
        ],
        "policy_or_assumptions": None if parts is None else {
            "policy": parts.policy, "assumptions": parts.future, "together": parts.together,
            "luck": parts.luck},
    }  # fmt: skip
