"""Numbers in words and figures, the same in terminal and page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from straits.analysis.comparison import Effect, PolicyInfo

__all__ = [
    "MINUS", "difference", "figure", "interval", "level", "long_date", "lower_first", "short_name",
    "signed", "span_of", "spread", "station_name", "verdict",
]

MINUS = "\u2212"
# How far an axis goes, in largest middles.
FAR = 4.0
SHORT = {
    "status-quo": "Status quo", "joint-statement": "Joint statement",
    "end-le-touquet": "End Le Touquet", "end-both-treaties": "End both",
    "uk-centre": "UK centre", "uk-claims-from-calais": "Claims in Calais",
    "new-treaty": "New treaty", "close-camp": "Camp closure",
    "one-in-one-out": "One in, one out",
}
NAMES = ("French", "France", "Kent", "Calais", "Dover", "Folkestone", "Coquelles", "Dunkirk")
VERDICTS = {"clear": "clear of zero", "unclear": "less or more, cannot be said",
            "none": "no effect"}


def figure(value: float) -> str:
    """Return a number with a sensible number of digits: 1,234 12 1.2 0.45 0.03."""
    size = abs(value)
    if size >= 100 or value == 0:
        text = f"{size:,.0f}"
    elif size >= 10:
        text = f"{size:.0f}"
    elif size >= 1:
        text = f"{size:.1f}"
    elif size >= 0.1:
        text = f"{size:.2f}"
    else:
        # One digit, so that what is clear of zero does not read as zero.
        text = f"{size:.1g}" if size >= 1e-3 else "0.00"
    negative = value < 0 and text.strip("0.,") != ""
    return (MINUS if negative else "") + text


def level(value: float) -> str:
    """Return a level rounded for reading: large numbers to three digits."""
    size = abs(value)
    if size >= 1000:
        return figure(round(value, 2 - len(str(int(size))) + 1))
    return figure(value)


def signed(value: float) -> str:
    """Return a level with its sign; a value that rounds to zero has none."""
    text = level(value)
    return text if text.startswith(MINUS) or text.strip("0.,") == "" else f"+{text}"


def difference(effect: Effect) -> str:
    """Return the middle difference with its sign, or "none"."""
    return "none" if effect.verdict == "none" else signed(effect.difference)


def interval(effect: Effect) -> str:
    """Return "low to high" with signs; empty when there is no effect, or one row only."""
    if effect.verdict == "none" or effect.low == effect.high:
        return ""
    return f"{signed(effect.low)} to {signed(effect.high)}"


def spread(effect: Effect) -> str:
    """Return the ends of the measure itself, without signs."""
    return f"{level(effect.value_low)} to {level(effect.value_high)}"


def verdict(effect: Effect) -> str:
    """Return in words what the interval says."""
    return VERDICTS[effect.verdict]


def lower_first(label: str) -> str:
    """Return a label for the middle of a line: names and abbreviations keep their capitals."""
    first = label.split(" ", 1)[0].rstrip(",")
    if first in NAMES or (len(first) > 1 and first.isupper()):
        return label
    return label[:1].lower() + label[1:]


def span_of(effects: Iterable[Effect]) -> tuple[float, float]:
    """Return the span of an axis for these differences: their intervals, and zero.

    An end far beyond every middle, which one row in which a queue never clears can make, would
    press all others onto the zero line; such a line is cut, and marked where it is drawn.
    """
    shown = [e for e in effects if e.verdict != "none"]
    if not shown:
        return 0.0, 0.0
    reach = FAR * max(abs(e.difference) for e in shown)
    low, high = min(0.0, *(e.low for e in shown)), max(0.0, *(e.high for e in shown))
    return (max(low, -reach), min(high, reach)) if reach > 0.0 else (low, high)


def long_date(text: str) -> str:
    """Return a date as it is spoken: 30 August 2016; what is no date comes back as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}"


def station_name(label: str) -> str:
    """Return a station's name without the shore it came from; its site says where it is."""
    return label.split(", moved from", 1)[0]


def short_name(policy: PolicyInfo, limit: int = 17) -> str:
    """Return a name of fewer than `limit` characters."""
    if policy.policy in SHORT:
        return SHORT[policy.policy]
    name = policy.title
    if len(name) >= limit:
        # A file goes by its name, without folder and ending.
        name = "+".join(part.rsplit("/", 1)[-1].removesuffix(".yaml")
                        for part in policy.policy.split("+"))
    return name if len(name) < limit else name[: limit - 2] + "…"
