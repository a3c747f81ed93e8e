"""Pieces of HTML and SVG: every text that enters a page passes through `esc`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from straits.report.text import MINUS

__all__ = [
    "Scale", "Table", "esc", "figure_block", "link", "path_of", "px", "section", "show_table",
    "slug", "table", "tick_text", "ticks_of",
]


def esc(text: object) -> str:
    """Return text that is safe between tags and inside quoted attributes."""
    return escape(str(text), quote=True)


def slug(text: str) -> str:
    """Return a text as an id: letters, digits and hyphens."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower()).strip("-")


def px(value: float) -> str:
    """Return a length in a drawing, to a tenth [px]."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def link(url: str, text: str) -> str:
    """Return a link where the address is one of the web, else the text alone."""
    if url.startswith(("https://", "http://")):
        return f'<a href="{esc(url)}" rel="noreferrer">{esc(text)}</a>'
    return esc(text)


@dataclass(frozen=True, slots=True)
class Table:
    """A table for readers: plain texts, escaped when written.

    Attributes
    ----------
    caption : str
        What the table holds; read aloud first.
    head : sequence of str
    rows : sequence of sequences of str
        The first cell names the row.
    words : frozenset of int
        Columns of words, aligned left; the first always is.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: frozenset[int] = frozenset()


def table(content: Table) -> str:
    """Return a table in a box that scrolls by itself when the page is narrow."""
    def kind(k: int) -> str:
        return ' class="w"' if k in content.words else ""

    head = "".join(f'<th scope="col"{kind(k)}>{esc(text)}</th>'
                   for k, text in enumerate(content.head))
    body = "\n".join(
        "<tr>" + f'<th scope="row">{esc(row[0])}</th>'
        + "".join(f"<td{kind(k)}>{esc(text)}</td>" for k, text in enumerate(row[1:], 1)) + "</tr>"
        for row in content.rows
    )
    return (f'<div class="scroll" role="region" tabindex="0" aria-label="{esc(content.caption)}">'
            f'<table class="data"><caption>{esc(content.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")


def show_table(content: Table, summary: str = "Show as table") -> str:
    """Return a table behind a summary, for those who cannot or will not read the drawing."""
    return f"<details><summary>{esc(summary)}</summary>{table(content)}</details>"


def section(name: str, title: str, body: str, lead: str = "") -> str:
    """Return a landmark of the page with its heading and one sentence of what it shows."""
    said = f'<p class="lead">{esc(lead)}</p>' if lead else ""
    return (f'<section id="{name}" aria-labelledby="{name}-h"><h2 id="{name}-h">{esc(title)}</h2>'
            f"{said}{body}</section>")


def figure_block(title: str, said: str, drawing: str, name: str) -> str:
    """Return a drawing under its title and the sentence that says what it shows."""
    return (f'<figure class="chart" id="{name}"><figcaption><b>{esc(title)}</b>'
            f"<span>{esc(said)}</span></figcaption>{drawing}</figure>")


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight scale from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value [px]."""
        width = self.high - self.low
        part = (value - self.low) / width if width > 0 else 0.5
        return self.start + min(max(part, 0.0), 1.0) * (self.end - self.start)


def ticks_of(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round values in [low, high], zero among them when it is inside."""
    width = high - low
    if width <= 0:
        return [low]
    power = 10.0 ** floor(log10(width))
    for step in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0):
        size = step * power
        first, last = ceil(low / size - 1e-9), floor(high / size + 1e-9)
        if last - first + 1 <= most:
            return [k * size for k in range(first, last + 1)]
    return [0.0] if low <= 0 <= high else [low]


def tick_text(value: float) -> str:
    """Return a tick's number, with no digit that says nothing."""
    text = f"{abs(value):,.10g}"
    return MINUS + text if value < 0 else text


def path_of(points: Sequence[tuple[float, float]], close: bool = False) -> str:
    """Return the path through points, each to a tenth of a pixel."""
    if not points:
        return ""
    texts = [f"{px(x)} {px(y)}" for x, y in points]
    return "M" + "L".join(texts) + ("Z" if close else "")
