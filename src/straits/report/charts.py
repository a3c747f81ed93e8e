"""Charts in small multiples: people at the site over days, queues over the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from typing import Final

from straits.analysis.comparison import Comparison, PolicyInfo, QueueChart, StockBand
from straits.report.map import site_name
from straits.report.markup import Scale, Table, esc, figure_block, path_of, px, show_table, ticks_of
from straits.report.text import level, short_name

__all__ = ["queues", "stock"]

WIDTH: Final = 334
HEIGHT: Final = 150
LEFT: Final = 44
RIGHT: Final = 8
TOP: Final = 8
BOTTOM: Final = 22
STATIONS_PER_SITE: Final = 2
LINES: Final = ("one", "two", "three")
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
QUARTERS: Final = 96


def _frame(y: Scale, most: int = 4) -> str:
    """Draw horizontal hairlines with their values; zero is among them."""
    out = []
    for tick in ticks_of(y.low, y.high, most):
        place = px(y(tick))
        look = "base" if tick == 0 else "grid"
        out.append(f'<line class="{look}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place}" '
                   f'y2="{place}"/><text class="e" x="{LEFT - 6}" y="{px(y(tick) + 4)}">'
                   f"{level(tick)}</text>")
    return "".join(out)


def _top(value: float) -> float:
    """Return the upper end of an axis that holds a value with a little air."""
    if value <= 0:
        return 1.0
    ticks = ticks_of(0.0, value, 5)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else value
    return max(ceil(value / step - 1e-9) * step, value)


def _svg(name: str, body: str) -> str:
    return (f'<svg class="plot" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'role="img" aria-label="{esc(name)}">{body}</svg>')


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
    x = Scale(0, max(count - 1, 1), LEFT, WIDTH - RIGHT)
    y = Scale(0.0, top, HEIGHT - BOTTOM, TOP)
    body = [_frame(y), f'<path class="ref-band" d="{_band(other, days, x, y)}"/>']
    same = mine.middle == other.middle
    if not same:
        body.append(f'<path class="band" d="{_band(mine, days, x, y)}"/>')
    body.append(f'<path class="ref" d="{path_of([(x(d), y(other.middle[d])) for d in days])}"/>')
    if not same:
        body.append(
            f'<path class="one" d="{path_of([(x(d), y(mine.middle[d])) for d in days])}"/>')
    ends = sorted({0, count // 2, count - 1})
    for k, day in enumerate(ends):
        text = _day_name(start + timedelta(days=day))
        anchor = "s" if k == 0 else ("e" if k == len(ends) - 1 else "m")
        body.append(f'<text class="{anchor}" x="{px(x(day))}" y="{HEIGHT - 6}">{text}</text>')
    return _svg(f"People at the site by day: {title}", "".join(body))


def _day_name(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


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
    top = _top(max(max(b.high) for b in bands.values()))
    panels = []
    for policy in comparison.policies[1:] or comparison.policies:
        mine = bands[policy.policy]
        said = f"last day {_last(mine)}; status quo {_last(reference)}"
        if mine.middle == reference.middle:
            said = f"as under the status quo: last day {_last(mine)}"
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
    return (f'<div class="multiples">{"".join(panels)}</div><p class="key">'
            f'<span>{_sample("one", "band")} the policy: middle row, {spread}</span>'
            f'<span>{_sample("ref", "ref-band")} status quo, the same</span>'
            f"<span>Every panel has the same scale.</span></p>{show_table(content)}")


def _table_days(count: int) -> list[int]:
    """Return about thirteen days of a window, the first and the last among them."""
    step = max(1, (count - 1) // 12)
    return sorted({*range(0, count, step), count - 1})


def _sample(line: str, band: str = "") -> str:
    under = f'<rect class="{band}" x="2" y="2" width="34" height="10"/>' if band else ""
    return (f'<svg class="wh" width="38" height="14" viewBox="0 0 38 14" aria-hidden="true">{under}'
            f'<path class="{line}" d="M2 7H36"/></svg>')


def _apart(mine: QueueChart | None, other: QueueChart | None) -> float:
    """Return the largest difference of two weeks at one station [vehicles]."""
    a = mine.vehicles if mine else (0.0,) * (7 * QUARTERS)
    b = other.vehicles if other else (0.0,) * (7 * QUARTERS)
    return max(abs(p - q) for p, q in zip(a, b, strict=True))


def _worst(comparison: Comparison) -> Mapping[str, list[str]]:
    """Return the stations that matter: at each site those with the longest queue of all."""
    peaks: dict[str, dict[str, float]] = {}
    for chart in comparison.queues:
        here = peaks.setdefault(chart.site, {})
        here[chart.station] = max(here.get(chart.station, 0.0), max(chart.vehicles))
    return {site: sorted(found, key=lambda s: -found[s])[:STATIONS_PER_SITE]
            for site, found in peaks.items()}


def _queue_panel(charts: Sequence[tuple[str, QueueChart | None]], title: str) -> str:
    """Draw one station's week: the status quo dashed, then up to three policies."""
    top = _top(max([0.1, *(max(c.vehicles) for _, c in charts if c is not None)]))
    x = Scale(0, 7 * QUARTERS, LEFT, WIDTH - RIGHT)
    y = Scale(0.0, top, HEIGHT - BOTTOM, TOP)
    body = [_frame(y)]
    for day in range(7):
        place = px(x(day * QUARTERS))
        body.append(f'<line class="grid" x1="{place}" x2="{place}" y1="{HEIGHT - BOTTOM}" '
                    f'y2="{HEIGHT - BOTTOM + 4}"/>'
                    f'<text class="m" x="{px(x((day + 0.5) * QUARTERS))}" y="{HEIGHT - 6}">'
                    f"{WEEKDAYS[day][:3]}</text>")
    for look, chart in charts:
        week = chart.vehicles if chart else (0.0,) * (7 * QUARTERS)
        points = [(x(q + 0.5), y(v)) for q, v in enumerate(week)]
        body.append(f'<path class="{look}" d="{path_of(points)}"/>')
    return _svg(f"Vehicles waiting by quarter of an hour of the week: {title}", "".join(body))


def _peak(chart: QueueChart | None) -> str:
    """Return a week's longest queue and when it stands, in words."""
    if chart is None or max(chart.vehicles) < 0.05:
        return "nobody waits"
    value = max(chart.vehicles)
    at = chart.vehicles.index(value)
    return (f"{level(value)} on {WEEKDAYS[at // QUARTERS]} at "
            f"{at % QUARTERS // 4:02d}:{at % 4 * 15:02d}")


def _station_name(label: str) -> str:
    """Return a station's name without the shore it came from; its site says where it is."""
    return label.split(", moved from", 1)[0]


def _station(comparison: Comparison, station: str) -> tuple[str, list[Sequence[str]]]:
    """Return one station's drawing and the rows of the table that belong to it."""
    found = {c.policy: c for c in comparison.queues if c.station == station}
    any_chart = next(iter(found.values()))
    first, *others = comparison.policies
    reference = found.get(first.policy)
    moved = [(p, _apart(found.get(p.policy), reference)) for p in others]
    limit = max(0.5, 0.05 * max(max(c.vehicles) for c in found.values()))
    changed = [p for p, gap in sorted(moved, key=lambda item: -item[1]) if gap > limit]
    drawn = sorted(changed[: len(LINES)], key=others.index)
    lines: list[tuple[str, QueueChart | None]] = [("ref", reference)]
    lines += [(look, found.get(p.policy)) for look, p in zip(LINES, drawn, strict=False)]
    name = _station_name(any_chart.label)
    moved_here = any_chart.label != name
    said = f"Status quo: {'no such check here' if moved_here and reference is None else _peak(reference)}."
    if not changed:
        said += " No policy changes it by more than a twentieth."
    items = [_key_item("ref", first)] + [
        _key_item(look, p) for look, p in zip(LINES, drawn, strict=False)]
    left_out = len(changed) - len(drawn)
    if left_out > 0:
        items.append(f"<span>{left_out} more in the table</span>")
    rows = [(name, short_name(p, 24), _peak(found.get(p.policy)))
            for p in (first, *changed)]
    drawing = _queue_panel(lines, name) + f'<p class="key">{"".join(items)}</p>'
    return figure_block(name, said, drawing, f"queue-{station}"), rows


def _key_item(look: str, policy: PolicyInfo) -> str:
    return f"<span>{_sample(look)} {esc(short_name(policy, 24))}</span>"


def queues(comparison: Comparison) -> str:
    """Return the week's queues at the stations that matter, two at most for each site."""
    panels, rows = [], []
    for site, stations in _worst(comparison).items():
        drawn = [_station(comparison, station) for station in stations]
        panels.append(f"<h3>{esc(site_name(site))}</h3>"
                      f'<div class="multiples">{"".join(d for d, _ in drawn)}</div>')
        rows += [row for _, more in drawn for row in more]
    if not panels:
        return "<p>No station had a queue worth drawing.</p>"
    content = Table("The longest queue of the mean week, by station and policy",
                    ("Station", "Policy", "Longest queue, vehicles, UTC"), rows,
                    frozenset({1, 2}))
    return "".join(panels) + show_table(content)
