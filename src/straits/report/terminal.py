"""The scorecard in a terminal: 101 columns, three tones, no meaning carried by colour."""

from __future__ import annotations

import os
import shutil
import textwrap
from dataclasses import dataclass
from typing import TextIO

from straits.analysis.comparison import Comparison, Effect, PolicyInfo
from straits.report.text import MINUS, difference, interval, level, lower_first, short_name, span_of

__all__ = ["WIDE", "Style", "plain_text", "render_terminal"]

WIDE = 101
NAME = 17
CELL = 16
WHISKER = 8
LABEL = 46
# One measure a commitment; the report has them all.
COLUMNS = (
    ("undetected_crossings", "1 SECURITY", "crossings/month"),
    ("site_stock", "2 PRESSURE", "people, last day"),
    ("lorry_delay_to_uk", "3 ECON. LINK", "min, lorry to UK"),
    ("returned", "4 RETURNS", "returned/year"),
    ("without_shelter", "5 HUMANIT.", "k days no roof"),
)
# Units in a narrow column.
BRIEF = (("thousand ", "k "), (" a year", "/year"), (" a month", "/month"), (" a day", "/day"))


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


def plain_text(text: str) -> str:
    """Return text without characters beyond ASCII."""
    for old, new in ((MINUS, "-"), ("£", "GBP "), ("●", "*"), ("○", "o"), ("│", "|"), ("─", "-"),
                     ("┼", "+"), ("…", "."), ("×", "x"), ("–", "-"), ("’", "'"), ("‹", "<"),
                     ("›", ">")):
        text = text.replace(old, new)
    return text.encode("ascii", "replace").decode()


def _whisker(effect: Effect, span: tuple[float, float]) -> str:
    """Draw a paired difference: line from low to high, dot in the middle, zero as a bar.

    What is clear of zero never stands on the bar, however short the line.
    """
    low, high = span
    scale = (WHISKER - 1) / (high - low) if high > low else 0.0
    zero = round(-low * scale)
    zero = min(max(zero, 1 if low < 0.0 else 0), WHISKER - (2 if high > 0.0 else 1))
    least, most = 0, WHISKER - 1
    if effect.verdict == "clear":
        least, most = (zero + 1, most) if effect.difference > 0.0 else (least, zero - 1)

    def place(value: float) -> int:
        return min(max(zero + round(value * scale), least), most)

    cells = [" "] * WHISKER
    if effect.verdict != "none":
        for k in range(place(effect.low), place(effect.high) + 1):
            cells[k] = "─"
        if effect.low < low:
            cells[0] = "‹"
        if effect.high > high:
            cells[-1] = "›"
    cells[zero] = "┼" if cells[zero] == "─" else "│"
    if effect.verdict != "none":
        cells[place(effect.difference)] = "●" if effect.verdict == "clear" else "○"
    return "".join(cells)


def _fit(text: str, room: int) -> str:
    """Return a number in the room it has: thousands by k when they would not fit."""
    return text if len(text) <= room else text.removesuffix(",000") + "k"


def _spans(comparison: Comparison) -> dict[str, tuple[float, float]]:
    """Return for each column the span of all policies' intervals, zero included."""
    out = {}
    for name, _, _ in COLUMNS:
        out[name] = span_of(comparison.effects[(p.policy, name)]
                            for p in comparison.policies[1:])
    return out


def _table(comparison: Comparison, style: Style) -> list[str]:
    """Return the scorecard as lines."""
    first, *others = comparison.policies
    lines = [
        " " * NAME + " ".join(style.bold(f"{title:>{CELL}}") for _, title, _ in COLUMNS),
        " " * NAME + " ".join(style.dim(f"{unit:>{CELL}}") for _, _, unit in COLUMNS),
        style.bold(f"{short_name(first):<{NAME}}") + " ".join(
            f"{level(comparison.effects[(first.policy, name)].value):>{CELL}}"
            for name, _, _ in COLUMNS),
        style.dim("─" * (NAME + len(COLUMNS) * (CELL + 1) - 1)),
    ]
    spans = _spans(comparison)
    for policy in others:
        line = f"{short_name(policy):<{NAME}}"
        for name, _, _ in COLUMNS:
            effect = comparison.effects[(policy.policy, name)]
            room = CELL - WHISKER - 1
            number = f"{_fit(difference(effect), room):>{room}}"
            tone = style.bold(number) if effect.verdict == "clear" else style.dim(number)
            line += f"{_whisker(effect, spans[name])} {tone} "
        lines.append(line.rstrip())
    lines.append(style.dim("─" * (NAME + len(COLUMNS) * (CELL + 1) - 1)))
    return lines


def _narrow(comparison: Comparison, style: Style) -> list[str]:
    """Return the scorecard one commitment after another, for narrow terminals."""
    first, *others = comparison.policies
    lines = []
    spans = _spans(comparison)
    for name, title, unit in COLUMNS:
        lines += [style.bold(title) + "  " + style.dim(unit),
                  f"{short_name(first):<{NAME}}"
                  f"{level(comparison.effects[(first.policy, name)].value):>{CELL}}"]
        for policy in others:
            effect = comparison.effects[(policy.policy, name)]
            lines.append(f"{short_name(policy):<{NAME}}{_whisker(effect, spans[name])}"
                         f"{difference(effect):>{CELL - WHISKER}}")
        lines.append("")
    return lines


def _brief(unit: str) -> str:
    for long, short in BRIEF:
        unit = unit.replace(long, short)
    return unit


def _incidence(comparison: Comparison, style: Style, policy: PolicyInfo, width: int) -> list[str]:
    """Return who gains and who pays under one policy."""
    lines = ["", style.bold("WHO GAINS, WHO PAYS")]
    lines += textwrap.wrap(policy.title, width)
    if width >= WIDE:
        lines = ["", style.bold("WHO GAINS, WHO PAYS") + "   " + policy.title]
    said = ""
    for row in comparison.incidence:
        if row.policy != policy.policy:
            continue
        measure = comparison.measures[row.measure]
        who = row.who if row.who != said else ""
        said = row.who
        label = f"{lower_first(measure.label)}, {_brief(measure.unit)}"
        # Plain forms may be longer, so they come before the columns are cut.
        label = _clipped(label if style.unicode else plain_text(label),
                         LABEL if width >= WIDE else width - 2)
        mark = {"clear": "●", "unclear": "○", "none": " "}[row.effect.verdict]
        numbers = f"{mark} {_fit(difference(row.effect), 9):>9}  {interval(row.effect)}"
        if width >= WIDE:
            lines.append(f"  {who:<19}{style.dim(f'{label:<{LABEL}}')} {numbers}".rstrip())
        else:
            lines += [who] if who else []
            lines += ["  " + style.dim(label), f"    {numbers}".rstrip()]
    return lines


def _clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _arrangements(comparison: Comparison, width: int) -> list[str]:
    """Return the yes/no of every policy, in lines that no policy is broken over."""
    lines: list[str] = []
    for policy in comparison.policies[1:]:
        said = f"{short_name(policy)}: {'yes' if policy.maintains_arrangements else 'no'}"
        if lines and len(lines[-1]) + 3 + len(said) <= width:
            lines[-1] += "   " + said
        else:
            lines.append("  " + said)
    return lines


def _legend(comparison: Comparison) -> list[str]:
    """Return what the signs and the intervals are."""
    luck = "the same luck for every policy; not a forecast"
    spans = _spans(comparison)
    cut = any(e.low < spans[e.measure][0] or e.high > spans[e.measure][1]
              for e in comparison.effects.values() if e.measure in spans and e.verdict != "none")
    luck += "   ‹ › goes on" if cut else ""
    together = "" if comparison.futures == "fixed" else " together"
    return [
        f"● interval clear of zero   ○ less or more, cannot be said   │ zero   "
        f"─ {comparison.interval}",
        f"{comparison.source_of_spread}{together}; {luck}",
    ]


def render_terminal(comparison: Comparison, style: Style) -> str:
    """Return the scorecard, the plain paragraph, the incidence table and what cannot be said."""
    width = min(style.width, WIDE)
    lines = ["", *(style.bold(line) for line in textwrap.wrap(comparison.title, width))]
    when = ("policies in force at once" if comparison.timing == "immediate"
            else "policies at their stated dates")
    about = (f"{comparison.days} d from {comparison.decision_day}, {when}, "
             f"{comparison.rows} row{'s' if comparison.rows > 1 else ''}, seed {comparison.seed}")
    lines += [style.dim(line) for line in textwrap.wrap(about, width)]
    lines.append("")
    lines += _table(comparison, style) if width >= WIDE else _narrow(comparison, style)
    for said in _legend(comparison):
        lines += [style.dim(line) for line in textwrap.wrap(said, width, drop_whitespace=False)]
    lines.append("")
    lines += textwrap.wrap(comparison.paragraph, width)
    for policy in comparison.policies[1:]:
        lines += _incidence(comparison, style, policy, width)
    if len(comparison.policies) > 1:
        lines += ["", style.bold("MAINTAINS THE EXISTING ARRANGEMENTS")]
        lines += _arrangements(comparison, width)
    lines.append("")
    for note in comparison.notes:
        lines += [style.dim(line) for line in textwrap.wrap(note, width)]
    text = "\n".join(lines)
    return text if style.unicode else plain_text(text)
