"""Queues over the week at the stations that matter, the status quo against the policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from straits.analysis.comparison import Comparison, PolicyInfo
from straits.report.charts import Box, frame, line_sample, plot, top_of
from straits.report.map import carried, site_name
from straits.report.markup import Table, esc, figure_block, px, show_table, slug
from straits.report.text import level, short_name, station_name

__all__ = ["queues"]

# A quarter of an hour is 0.7 px wide, so that a line is drawn by short steps.
STEP: Final = 0.7
QUARTERS: Final = 96
WEEK: Final = Box(44 + 7 * QUARTERS * STEP + 4, 156, right=4)
NOTHING: Final = (0.0,) * (7 * QUARTERS)
PER_SITE: Final = 2
LOOKS: Final = ("one", "two", "three")
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Weeks nearer than this share of the longest queue, or this many vehicles, are drawn as one.
NEAR: Final = 0.05
FEW: Final = 1.0


def _apart(mine: Sequence[float], other: Sequence[float]) -> float:
    """Return the largest difference of two weeks [vehicles]."""
    return max(abs(p - q) for p, q in zip(mine, other, strict=True))


def _worst(comparison: Comparison) -> Mapping[str, list[str]]:
    """Return at each site the longest queues of the status quo, then those of any policy."""
    first = comparison.policies[0].policy
    then: dict[str, dict[str, float]] = {}
    ever: dict[str, dict[str, float]] = {}
    for chart in comparison.queues:
        peak = max(chart.vehicles)
        here = ever.setdefault(chart.site, {})
        here[chart.station] = max(here.get(chart.station, 0.0), peak)
        if chart.policy == first:
            then.setdefault(chart.site, {})[chart.station] = peak

    def longest(peaks: Mapping[str, float]) -> list[str]:
        return sorted(peaks, key=lambda s: (-peaks[s], s))[:PER_SITE]

    return {site: list(dict.fromkeys([*longest(then.get(site, {})), *longest(found)]))
            for site, found in ever.items()}


def _line(week: Sequence[float], top: float) -> str:
    """Return a week as a path of relative steps: absolute places would double the page."""
    y = WEEK.upwards(top)
    places = [round(y(v) * 10) for v in week]
    across = _brief(STEP)
    steps = [f"{across} {_brief((b - a) / 10)}" for a, b in pairwise(places)]
    start = f"M{px(WEEK.left + STEP / 2)} {px(places[0] / 10)}l"
    return start + " ".join(steps).replace(" -", "-")


def _brief(step: float) -> str:
    """Return a step without the zero before its point [px]."""
    text = px(step)
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _drawing(lines: Sequence[tuple[str, Sequence[float]]], name: str) -> str:
    """Draw one station's week."""
    top = top_of(max(0.1, *(max(week) for _, week in lines)))
    x, y = WEEK.across(0, 7), WEEK.upwards(top)
    foot = WEEK.height - WEEK.bottom
    body = [frame(WEEK, y)]
    for day in range(7):
        body.append(f'<line class="grid" x1="{px(x(day))}" x2="{px(x(day))}" y1="{px(foot)}" '
                    f'y2="{px(foot + 5)}"/><text class="m" x="{px(x(day + 0.5))}" '
                    f'y="{px(WEEK.height - 5)}">{WEEKDAYS[day][:3]}</text>')
    body += [f'<path class="{look}" d="{_line(week, top)}"/>' for look, week in lines]
    return plot(WEEK, f"Vehicles waiting by quarter of an hour of the week: {name}", "".join(body),
                "week")


def _peak(week: Sequence[float]) -> str:
    """Return a week's longest queue and when it stands, in words."""
    value = max(week)
    if value < 0.05:
        return "nobody waits"
    at = list(week).index(value)
    return (f"at most {level(value)}, {WEEKDAYS[at // QUARTERS]} "
            f"{at % QUARTERS // 4:02d}:{at % 4 * 15:02d}")


def _alike(weeks: Sequence[tuple[PolicyInfo, Sequence[float]]], limit: float
           ) -> list[tuple[list[PolicyInfo], Sequence[float]]]:
    """Return policies whose weeks are nearly one, each group with the week of its first."""
    out: list[tuple[list[PolicyInfo], Sequence[float]]] = []
    for policy, week in weeks:
        for group, drawn in out:
            if _apart(week, drawn) <= limit:
                group.append(policy)
                break
        else:
            out.append(([policy], week))
    return out


def _station(comparison: Comparison, station: str) -> tuple[str, list[Sequence[str]]]:
    """Return one station's drawing and its rows of the table."""
    found = {c.policy: c for c in comparison.queues if c.station == station}
    label = next(iter(found.values())).label
    name = station_name(label)
    first, *others = comparison.policies

    def week(policy: PolicyInfo) -> Sequence[float]:
        chart = found.get(policy.policy)
        return chart.vehicles if chart else NOTHING

    limit = max(FEW, NEAR * max(max(c.vehicles) for c in found.values()))
    changed = [(p, week(p)) for p in others if _apart(week(p), week(first)) > limit]
    groups = _alike(changed, limit)
    groups.sort(key=lambda g: -_apart(g[1], week(first)))
    shown, hidden = groups[: len(LOOKS)], groups[len(LOOKS):]
    absent = label != name and first.policy not in found
    then = "no such check here" if absent else _peak(week(first))
    said = [f"Status quo: {then}."]
    if shown:
        said.append(f"{_named(shown[0][0])}: {_peak(shown[0][1])}.")
    drawn = [("ref", week(first)), *((look, g[1]) for look, g in zip(LOOKS, shown, strict=False))]
    items = [_key("ref", short_name(first, 24))]
    items += [_key(look, _named(g[0])) for look, g in zip(LOOKS, shown, strict=False)]
    if hidden:
        items.append(f"<span>{len(hidden)} more in the table</span>")
    rows: list[Sequence[str]] = [
        (name, short_name(p, 24), "no such check here" if p is first and absent
         else _peak(week(p))) for p in (first, *(p for p, _ in changed))]
    drawing = _drawing(drawn, name) + f'<p class="key">{"".join(items)}</p>'
    return figure_block(name, " ".join(said), drawing, f"queue-{slug(station)}"), rows


def _named(policies: Sequence[PolicyInfo]) -> str:
    return ", ".join(short_name(p, 24) for p in policies)


def _key(look: str, text: str) -> str:
    return f"<span>{line_sample(look)} {esc(text)}</span>"


def queues(comparison: Comparison) -> str:
    """Return the week's queues at the stations that matter, site by site."""
    panels: list[str] = []
    rows: list[Sequence[str]] = []
    for site, stations in _worst(comparison).items():
        drawn = [_station(comparison, station) for station in stations]
        panels.append(f"<h3>{esc(site_name(site))}</h3>"
                      f'<div class="multiples pair">{"".join(d for d, _ in drawn)}</div>')
        rows += [row for _, more in drawn for row in more]
    if not panels:
        return "<p>No station had a queue worth drawing.</p>"
    content = Table("The longest queue of the mean week, by station and policy",
                    ("Station", "Policy", "Longest queue, vehicles, UTC"), rows,
                    frozenset({1, 2}))
    note = ('<p class="note">Vehicles, mean week, middle row; each drawing has its own scale. '
            "Policies whose weeks differ by less than a vehicle, or a twentieth of the longest "
            "queue, share a line; those as near to the status quo are not drawn.</p>")
    return "".join(panels) + note + carried(comparison) + show_table(content)
