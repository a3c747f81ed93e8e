"""People at the site day by day, a panel a policy; the pieces that charts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Final

from straits.analysis.comparison import Comparison, StockBand
from straits.report.markup import (
    Scale,
    Table,
    esc,
    figure_block,
    path_of,
    px,
    show_table,
    tick_text,
    ticks_of,
)
from straits.report.text import level, short_name

__all__ = ["Box", "frame", "line_sample", "plot", "stock", "top_of"]


@dataclass(frozen=True, slots=True)
class Box:
    """The size of a drawing and of its margins [px]."""

    width: float
    height: float
    left: float = 44
    right: float = 8
    top: float = 8
    bottom: float = 22

    def across(self, low: float, high: float) -> Scale:
        """Return the horizontal scale."""
        return Scale(low, high, self.left, self.width - self.right)

    def upwards(self, top: float) -> Scale:
        """Return the vertical scale from zero."""
        return Scale(0.0, top, self.height - self.bottom, self.top)


STOCK: Final = Box(248, 142)


def frame(box: Box, y: Scale, most: int = 5) -> str:
    """Draw horizontal hairlines with their values; zero is among them."""
    out = []
    for tick in ticks_of(y.low, y.high, most):
        place = px(y(tick))
        look = "base" if tick == 0 else "grid"
        out.append(f'<line class="{look}" x1="{px(box.left)}" x2="{px(box.width - box.right)}" '
                   f'y1="{place}" y2="{place}"/><text class="e" x="{px(box.left - 6)}" '
                   f'y="{px(y(tick) + 4)}">{tick_text(tick)}</text>')
    return "".join(out)


def top_of(value: float) -> float:
    """Return the upper end of an axis that holds a value with a little air."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    step = next(s * power for s in (0.2, 0.5, 1.0, 2.0, 5.0) if value <= 4 * s * power + 1e-9)
    return ceil(value / step - 1e-9) * step


def plot(box: Box, name: str, body: str, look: str) -> str:
    """Return a drawing with the words that stand for it."""
    size = f"{px(box.width)} {px(box.height)}"
    return (f'<svg class="plot {look}" viewBox="0 0 {size}" role="img" aria-label="{esc(name)}">'
            f"{body}</svg>")


def _thinned(count: int) -> list[int]:
    """Return the days to draw: every one of a short run, some hundred of a long one."""
    step = max(1, ceil(count / 160))
    days = list(range(0, count, step))
    return days if not days or days[-1] == count - 1 else [*days, count - 1]


def _band(band: StockBand, days: Sequence[int], x: Scale, y: Scale) -> str:
    upper = [(x(d), y(band.high[d])) for d in days]
    lower = [(x(d), y(band.low[d])) for d in reversed(days)]
    return path_of(upper + lower, close=True)


def _stock_panel(mine: StockBand, other: StockBand, start: date, top: float, title: str) -> str:
    """Draw one policy's band and middle over the status quo's."""
    count = len(mine.middle)
    days = _thinned(count)
    x = STOCK.across(0, max(count - 1, 1))
    y = STOCK.upwards(top)
    body = [frame(STOCK, y), f'<path class="ref-band" d="{_band(other, days, x, y)}"/>']
    same = mine.middle == other.middle
    if not same:
        body.append(f'<path class="band" d="{_band(mine, days, x, y)}"/>')
    body.append(f'<path class="ref" d="{path_of([(x(d), y(other.middle[d])) for d in days])}"/>')
    if not same:
        body.append(
            f'<path class="one" d="{path_of([(x(d), y(mine.middle[d])) for d in days])}"/>')
    ends = sorted({0, count // 2, count - 1})
    for k, day in enumerate(ends):
        text = _day_name(start + timedelta(days=day), year=k != 1)
        anchor = "s" if k == 0 else ("e" if k == len(ends) - 1 else "m")
        body.append(f'<text class="{anchor}" x="{px(x(day))}" y="{px(STOCK.height - 6)}">'
                    f"{text}</text>")
    return plot(STOCK, f"People at the site by day: {title}", "".join(body), "days")


def _day_name(day: date, year: bool = True) -> str:
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def _last(band: StockBand) -> str:
    return f"{level(band.middle[-1])} ({level(band.low[-1])} to {level(band.high[-1])})"


def stock(comparison: Comparison) -> str:
    """Return a panel a policy: people at the site day by day, beside the status quo."""
    bands = {b.policy: b for b in comparison.stock}
    first = comparison.policies[0]
    reference = bands[first.policy]
    if not reference.middle:
        return "<p>The window has no day.</p>"
    start = date.fromisoformat(comparison.decision_day)
    top = top_of(max(max(b.high) for b in bands.values()))
    panels: list[str] = []
    for policy in comparison.policies[1:] or comparison.policies:
        mine = bands[policy.policy]
        said = f"last day {_last(mine)}"
        if mine.middle == reference.middle:
            said = f"as under the status quo, {_last(mine)}"
        panels.append(figure_block(
            short_name(policy, 40), said,
            _stock_panel(mine, reference, start, top, policy.title), f"stock-{len(panels)}"))
    days = _table_days(len(reference.middle))
    content = Table(
        "People at the site, middle (lowest to highest row)",
        ("Day", *(short_name(p, 24) for p in comparison.policies)),
        [(_day_name(start + timedelta(days=d)),
          *(f"{level(b.middle[d])} ({level(b.low[d])} to {level(b.high[d])})"
            for p in comparison.policies for b in [bands[p.policy]])) for d in days])
    spread = ("lowest to highest row" if comparison.rows > 1 else "one row, so no band")
    return (f'<div class="multiples four">{"".join(panels)}</div><p class="key">'
            f'<span>{line_sample("one", "band")} the policy: middle row, {spread}</span>'
            f'<span>{line_sample("ref", "ref-band")} status quo, the same; last day '
            f"{_last(reference)}</span>"
            f"<span>Every panel has the same scale.</span></p>{show_table(content)}")


def _table_days(count: int) -> list[int]:
    """Return about thirteen days of a window, the first and the last among them."""
    step = max(1, (count - 1) // 12)
    return sorted({*range(0, count, step), count - 1})


def line_sample(line: str, band: str = "") -> str:
    """Return a line of a key, on its band."""
    under = f'<rect class="{band}" x="2" y="2" width="34" height="10"/>' if band else ""
    return (f'<svg class="wh" width="38" height="14" viewBox="0 0 38 14" aria-hidden="true">{under}'
            f'<path class="{line}" d="M2 7H36"/></svg>')
