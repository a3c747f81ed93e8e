"""The scorecard in a terminal: 101 columns, three tones, no meaning carried by colour."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from straits.analysis.comparison import Comparison, Effect, PolicyInfo
from straits.report.text import MINUS, difference, interval, level
from straits.results.measures import COMMITMENTS

__all__ = ["Style", "render_terminal"]

WIDE = 101
NAME = 17
CELL = 16
WHISKER = 8
# One measure a commitment; the report has them all.
COLUMNS = (
    ("undetected_crossings", "1 SECURITY", "crossings/month"),
    ("site_stock", "2 PRESSURE", "people, last day"),
    ("lorry_delay_to_uk", "3 ECON. LINK", "min, lorry to UK"),
    ("returned", "4 RETURNS", "returned/year"),
    ("without_shelter", "5 HUMANIT.", "k days unhoused"),
)
SHORT = {
    "status-quo": "status quo", "joint-statement": "Joint statement",
    "end-le-touquet": "End Le Touquet", "end-both-treaties": "End both",
    "uk-centre": "UK centre", "uk-claims-from-calais": "Claims in Calais",
    "new-treaty": "New treaty", "close-camp": "Camp closure",
}


@dataclass(frozen=True, slots=True)
class Style:
    """What the terminal can show."""

    width: int = WIDE
    unicode: bool = True
    tones: bool = False

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """Return the style that suits a stream."""
        width = shutil.get_terminal_size((WIDE, 24)).columns if stream.isatty() else WIDE
        name = (getattr(stream, "encoding", "") or "").lower().replace("-", "")
        return cls(width, name.startswith("utf"),
                   stream.isatty() and "NO_COLOR" not in os.environ)

    def bold(self, text: str) -> str:
        """Return text in the strong tone."""
        return f"\x1b[1m{text}\x1b[0m" if self.tones else text

    def dim(self, text: str) -> str:
        """Return text in the quiet tone."""
        return f"\x1b[2m{text}\x1b[0m" if self.tones else text


def _plain(text: str) -> str:
    """Return text without characters beyond ASCII."""
    for old, new in ((MINUS, "-"), ("£", "GBP "), ("●", "*"), ("○", "o"), ("│", "|"), ("─", "-"),
                     ("┼", "+"), ("…", "..."), ("×", "x"), ("–", "-")):
        text = text.replace(old, new)
    return text.encode("ascii", "replace").decode()


def _whisker(effect: Effect, span: tuple[float, float]) -> str:
    """Draw a paired difference: line from low to high, dot in the middle, zero as a bar."""
    low, high = span
    scale = (WHISKER - 1) / (high - low) if high > low else 0.0

    def place(value: float) -> int:
        return min(max(round((value - low) * scale), 0), WHISKER - 1)

    cells = [" "] * WHISKER
    zero = place(0.0)
    if effect.verdict != "none":
        for k in range(place(effect.low), place(effect.high) + 1):
            cells[k] = "─"
    cells[zero] = "┼" if cells[zero] == "─" else "│"
    if effect.verdict != "none":
        cells[place(effect.difference)] = "●" if effect.verdict == "clear" else "○"
    return "".join(cells)


def short_name(policy: PolicyInfo) -> str:
    """Return a name that fits the first column."""
    if policy.policy in SHORT:
        return SHORT[policy.policy]
    name = policy.title if len(policy.title) < NAME else policy.policy.rsplit("/", 1)[-1]
    return name if len(name) < NAME else name[: NAME - 2] + "…"


def _table(comparison: Comparison, style: Style) -> list[str]:
    """Return the scorecard as lines."""
    first, *others = comparison.policies
    lines = [
        " " * NAME + "".join(style.bold(f"{title:>{CELL}}") + " " for _, title, _ in COLUMNS),
        " " * NAME + "".join(style.dim(f"{unit:>{CELL}}") + " " for _, _, unit in COLUMNS),
        style.bold(f"{short_name(first):<{NAME}}") + "".join(
            f"{level(comparison.effects[(first.policy, name)].value):>{CELL}} "
            for name, _, _ in COLUMNS),
        style.dim("─" * (NAME + len(COLUMNS) * (CELL + 1) - 1)),
    ]
    spans = {}
    for name, _, _ in COLUMNS:
        effects = [comparison.effects[(p.policy, name)] for p in others]
        spans[name] = (min([0.0, *(e.low for e in effects)]), max([0.0, *(e.high for e in effects)]))
    for policy in others:
        line = f"{short_name(policy):<{NAME}}"
        for name, _, _ in COLUMNS:
            effect = comparison.effects[(policy.policy, name)]
            number = f"{difference(effect):>{CELL - WHISKER - 1}}"
            tone = style.bold(number) if effect.verdict == "clear" else style.dim(number)
            line += f"{_whisker(effect, spans[name])} {tone} "
        lines.append(line.rstrip())
    lines.append(style.dim("─" * (NAME + len(COLUMNS) * (CELL + 1) - 1)))
    return lines


def _narrow(comparison: Comparison, style: Style) -> list[str]:
    """Return the scorecard one commitment after another, for narrow terminals."""
    first, *others = comparison.policies
    lines = []
    for name, title, unit in COLUMNS:
        effects = [comparison.effects[(p.policy, name)] for p in others]
        span = (min([0.0, *(e.low for e in effects)]), max([0.0, *(e.high for e in effects)]))
        lines += [style.bold(title) + "  " + style.dim(unit),
                  f"{short_name(first):<{NAME}} "
                  f"{level(comparison.effects[(first.policy, name)].value):>{CELL}}"]
        for policy, effect in zip(others, effects, strict=True):
            lines.append(f"{short_name(policy):<{NAME}}{_whisker(effect, span)} "
                         f"{difference(effect):>{CELL - WHISKER}}")
        lines.append("")
    return lines


def _incidence(comparison: Comparison, style: Style, policies: Sequence[PolicyInfo]) -> list[str]:
    """Return who gains and who pays, policy by policy."""
    lines = []
    for policy in policies:
        lines.append("")
        lines.append(style.bold("WHO GAINS, WHO PAYS") + "   " + policy.title)
        said = ""
        for row in comparison.incidence:
            if row.policy != policy.policy:
                continue
            measure = comparison.measures[row.measure]
            who = row.who if row.who != said else ""
            said = row.who
            effect = row.effect
            words = "cannot be said" if effect.verdict == "unclear" else ""
            label = f"{measure.label.lower()}, {measure.unit}"
            label = label if len(label) <= 45 else label[:44] + "…"
            lines.append(f"  {who:<19}{style.dim(f'{label:<46}')}{difference(effect):>8}   "
                         f"{interval(effect):<19}{style.dim(words)}".rstrip())
    return lines


def _arrangements(comparison: Comparison) -> str:
    """Return the yes/no line on the existing arrangements, in full lines."""
    return "   ".join(
        f"{short_name(policy)}: {'yes' if policy.maintains_arrangements else 'no'}"
        for policy in comparison.policies[1:]
    )


def render_terminal(comparison: Comparison, style: Style) -> str:
    """Return the scorecard, the plain paragraph, the incidence table and what cannot be said."""
    width = min(style.width, WIDE)
    lines = ["", style.bold(comparison.title)]
    when = ("policies in force at once" if comparison.timing == "immediate"
            else "policies at their stated dates")
    lines.append(style.dim(f"{comparison.days} d from {comparison.decision_day}, {when}, seed "
                           f"{comparison.seed}"))
    lines.append("")
    lines += _table(comparison, style) if width >= WIDE else _narrow(comparison, style)
    lines += [style.dim(text) for text in (
        f"● interval clear of zero   ○ less or more, cannot be said   │ zero   "
        f"─ {comparison.interval}",
        f"{comparison.source_of_spread} together; the same luck for every policy; not a forecast"
        if comparison.futures != "fixed" else "chance alone; the same luck for every policy",
    )]
    lines.append("")
    lines += textwrap.wrap(comparison.paragraph, width)
    lines += _incidence(comparison, style, comparison.policies[1:])
    lines.append("")
    lines.append(style.bold("MAINTAINS THE EXISTING ARRANGEMENTS"))
    lines += textwrap.wrap(_arrangements(comparison), width, initial_indent="  ",
                           subsequent_indent="  ")
    lines.append("")
    for note in comparison.notes:
        lines += [style.dim(line) for line in textwrap.wrap(note, width)]
    text = "\n".join(lines)
    return text if style.unicode else _plain(text)


def commitment(number: int) -> str:
    """Return the name of a commitment."""
    return COMMITMENTS[number]
