"""Where a verdict turns: futures over the first assumption, their mean, and the break-even."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from straits.report.charts import Box, plot
from straits.report.claims import turn_text
from straits.report.markup import (
    Scale,
    Table,
    esc,
    figure_block,
    path_of,
    px,
    show_table,
    slug,
    tick_text,
    ticks_of,
)
from straits.report.paired import mean_rows
from straits.report.text import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from straits.analysis.breakeven import BreakEven
    from straits.analysis.cards import Card

__all__ = ["turn_figure"]

BOX: Final = Box(640, 320, left=56, right=10, top=22, bottom=44)
# A few futures far away would press all others onto the line; they are drawn at the edge.
INNER: Final = (0.02, 0.98)
# Futures lie evenly, so that the first ones show what all would.
MOST_DOTS: Final = 300


def _scales(x: NDArray[np.float64], slack: NDArray[np.float64], result: BreakEven) -> tuple[
        Scale, Scale]:
    """Return the scales of a drawing; zero is on it."""
    low, high = np.quantile(slack, INNER)
    low = min(float(low), float(result.mean_low.min()), 0.0)
    high = max(float(high), float(result.mean_high.max()), 0.0)
    air = 0.06 * (high - low or 1.0)
    across = Scale(float(x.min()), float(x.max()), BOX.left, BOX.width - BOX.right)
    return across, Scale(low - air, high + air, BOX.height - BOX.bottom, BOX.top)


def _axes(across: Scale, up: Scale, unit: str) -> str:
    out = []
    for tick in ticks_of(up.low, up.high, 5):
        y = px(up(tick))
        look = "base" if abs(tick) < 1e-12 else "grid"
        out.append(f'<line class="{look}" x1="{px(BOX.left)}" x2="{px(BOX.width - BOX.right)}" '
                   f'y1="{y}" y2="{y}"/><text class="e" x="{px(BOX.left - 6)}" '
                   f'y="{px(up(tick) + 4)}">{tick_text(tick)}</text>')
    foot = BOX.height - BOX.bottom
    for tick in ticks_of(across.low, across.high, 6):
        x = px(across(tick))
        out.append(f'<line class="base" x1="{x}" x2="{x}" y1="{px(foot)}" y2="{px(foot + 4)}"/>'
                   f'<text class="m" x="{x}" y="{px(foot + 17)}">{tick_text(tick)}</text>')
    out.append(f'<text class="e" x="{px(BOX.width - BOX.right)}" y="{px(BOX.height - 6)}">'
               f"{esc(unit)} ▸</text>")
    return "".join(out)


def _mean(result: BreakEven, across: Scale, up: Scale) -> str:
    """Draw the fitted mean with its band."""
    steps = range(0, len(result.grid), 4)
    upper = [(across(result.grid[k]), up(result.mean_high[k])) for k in steps]
    lower = [(across(result.grid[k]), up(result.mean_low[k])) for k in reversed(steps)]
    line = [(across(result.grid[k]), up(result.mean[k])) for k in steps]
    return (f'<path class="band" d="{path_of(upper + lower, close=True)}"/>'
            f'<path class="one" d="{path_of(line)}"/>')


def _turns(result: BreakEven, across: Scale, up: Scale) -> str:
    """Draw each break-even as a tick on the zero line with its value."""
    out = []
    for one in result.crossings:
        x, y = across(one.value), up(0.0)
        anchor = "e" if x > BOX.width - 90 else "s"
        at = x - 5 if anchor == "e" else x + 5
        out.append(f'<line class="turn" x1="{px(x)}" x2="{px(x)}" y1="{px(y - 9)}" '
                   f'y2="{px(y + 9)}"/><text class="at {anchor}" x="{px(at)}" y="{px(y - 12)}">'
                   f"turns at {esc(figure(one.value))}</text>")
    return "".join(out)


def _table(result: BreakEven, name: str) -> Table:
    return Table(f"By how much the statement holds on average, over {name}",
                 (name, "Mean", "Low", "High", "Above zero in"), mean_rows(result))


def turn_figure(card: Card) -> str:
    """Return where a card's verdict turns, as a drawing with its sentence and its table.

    Parameters
    ----------
    card : Card
        With a turn; without a result the reason stands alone.
    """
    turn = card.turn
    assert turn is not None
    one, result = turn.assumption, turn.result
    title = one.title or one.name
    sentence = f"{title} ({one.name}): {turn_text(card)}"
    if result is None or card.runs is None or card.slack is None or card.holds is None:
        return f'<p class="tested">{esc(sentence)}</p>'
    x = card.runs.assumptions[one.name].values
    across, up = _scales(x, card.slack, result)
    unit = f"{one.name}{'' if one.unit == '1' else f', {one.unit}'}"
    dots = "".join(
        f'<circle class="dot {"yes" if held else "no"}" r="3" cx="{px(across(float(at)))}" '
        f'cy="{px(up(float(value)))}"/>'
        for at, value, held in zip(
            *(one[:MOST_DOTS] for one in (x, card.slack, card.holds)), strict=True))
    sides = (f'<text class="side s" x="{px(BOX.left + 6)}" y="{px(BOX.top - 7)}">holds</text>'
             f'<text class="side s" x="{px(BOX.left + 6)}" '
             f'y="{px(BOX.height - BOX.bottom - 7)}">does not hold</text>')
    body = _axes(across, up, unit) + _mean(result, across, up) + dots + _turns(
        result, across, up) + sides
    shown = card.slack[:MOST_DOTS]
    beyond = int(np.sum((shown < up.low) | (shown > up.high)))
    which = "by future" if len(shown) == len(card.slack) else f"the first {MOST_DOTS} futures"
    edge = f" {beyond} lie beyond the edge and are drawn on it." if beyond else ""
    measure = card.tests[0].measure.unit if len(card.tests) == 1 else "spreads over futures"
    say = (f"By how much it holds ({measure}), {which}; line: mean, pale: 90 in 100 "
           f"resamples.{edge}")
    name = f"turns-{slug(card.id)}"
    drawn = plot(BOX, f"{sentence}. {say}", body, "turns")
    return (f'<p class="tested"><b>{esc(sentence)}</b></p>{figure_block("", say, drawn, name)}'
            f"{show_table(_table(result, one.name))}")
