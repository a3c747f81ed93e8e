"""Numbers in words and figures, the same in terminal and page."""

from __future__ import annotations

from straits.analysis.comparison import Effect

__all__ = ["difference", "figure", "interval", "level"]

MINUS = "\u2212"


def figure(value: float) -> str:
    """Return a number with a sensible number of digits: 1,234 12.3 0.45."""
    size = abs(value)
    if size >= 100 or value == 0:
        text = f"{size:,.0f}"
    elif size >= 10:
        text = f"{size:.0f}"
    elif size >= 1:
        text = f"{size:.1f}"
    else:
        text = f"{size:.2f}"
    negative = value < 0 and text.strip("0.,") != ""
    return (MINUS if negative else "") + text


def level(value: float) -> str:
    """Return a level rounded for reading: large numbers to three digits."""
    size = abs(value)
    if size >= 1000:
        return figure(round(value, 2 - len(str(int(size))) + 1))
    return figure(value)


def difference(effect: Effect) -> str:
    """Return the middle difference with its sign, or "none"."""
    if effect.verdict == "none":
        return "none"
    text = level(effect.difference)
    return text if text.startswith(MINUS) or text.strip("0.") == "" else f"+{text}"


def interval(effect: Effect) -> str:
    """Return "low to high" with signs; empty when there is no effect."""
    if effect.verdict == "none":
        return ""
    ends = []
    for value in (effect.low, effect.high):
        text = level(value)
        plain = text.startswith(MINUS) or text.strip("0.,") == ""
        ends.append(text if plain else f"+{text}")
    return f"{ends[0]} to {ends[1]}"
