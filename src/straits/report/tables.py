"""The report's tables: waits, departures, all measures, policies, assumptions, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from straits.analysis.comparison import Comparison, PolicyInfo
from straits.data.read import GRADES, Figure, figures
from straits.report.map import crossing_name, site_name
from straits.report.markup import Table, esc, link, slug, table
from straits.report.text import (
    MINUS,
    difference,
    interval,
    level,
    long_date,
    short_name,
    spread,
    station_name,
    verdict,
)
from straits.results.measures import COMMITMENTS

__all__ = ["assumptions", "cards", "departed", "measures", "sources", "waits"]

WAIT_HEAD = ("Station", "Class", "Visits", "Mean wait, min", "p50", "p90", "p95", "Max",
             "Still waiting", "Utilisation", "Mean queue, vehicles", "Mean queue, m",
             "Longest queue, vehicles")
CLASSES = {"hgv_accompanied": "lorries", "hgv_unaccompanied": "trailers", "car": "cars",
           "van": "vans", "coach": "coaches", "motorcycle": "motorcycles", "all": "all"}
# Unit, its seconds, and from how many seconds on it reads better.
LONG = (("d", 86_400.0, 172_800.0), ("h", 3_600.0, 10_800.0), ("min", 60.0, 120.0))
DIRECTIONS = {"to_uk": "to the UK", "to_fr": "to France"}


def _wait_row(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return one row of the table of waits; a station's own figures stand in its row "all"."""
    def cell(key: str, percent: bool = False) -> str:
        if key not in row:
            return ""
        value = float(row[key])
        return f"{100 * value:.0f} %" if percent else level(value)

    return (name, CLASSES.get(str(row["class"]), str(row["class"])), cell("visits"),
            *(cell(f"wait_{k}_min") for k in ("mean", "p50", "p90", "p95", "max")),
            cell("still_waiting"), cell("utilisation", percent=True), cell("queue_mean_veh"),
            cell("queue_mean_m"), cell("queue_longest_veh"))


def _names(comparison: Comparison) -> Mapping[str, str]:
    """Return names of stations; the charts have words where the rows have ids."""
    out = {q.station: station_name(q.label) for q in comparison.queues}
    for row in comparison.stations:
        station = str(row["station"])
        if station not in out:
            kind = "departures" if row["kind"] == "departure" else str(row["kind"])
            place = f"{site_name(str(row['site']))}, {DIRECTIONS[str(row['direction'])]}"
            out[station] = (f"{station.replace('-', ' ')} ({place})" if kind == "departures"
                            else f"{station.replace('-', ' ')}, {kind.replace('_', ' ')}")
    return out


def _rows_of(comparison: Comparison, policy: str, names: Mapping[str, str]
             ) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(str(r["station"]), str(r["class"])): _wait_row(r, names[str(r["station"])])
            for r in comparison.stations if r["policy"] == policy}


def waits(comparison: Comparison) -> str:
    """Return waits by station and class; of a policy, what differs from the status quo."""
    names = _names(comparison)
    first, *others = comparison.policies
    reference = _rows_of(comparison, first.policy, names)
    parts = [_wait_table(first.title, list(reference.values()), "")]
    for policy in others:
        mine = _rows_of(comparison, policy.policy, names)
        changed = [row for key, row in mine.items() if reference.get(key) != row]
        if not changed:
            parts.append(f"<p>{esc(policy.title)}: every figure as under the status quo.</p>")
            continue
        parts.append(_wait_table(policy.title, changed,
                                 "; what is not listed is as under the status quo"))
    return "".join(parts)


def _wait_table(title: str, rows: Sequence[Sequence[str]], note: str) -> str:
    content = Table(f"{title}: waits at each station by class, middle over rows{note}", WAIT_HEAD,
                    rows, frozenset({1}))
    return (f"<details><summary>Waits by station and class: {esc(title)}</summary>"
            f"{table(content)}</details>")


def departed(comparison: Comparison) -> str:
    """Return vehicles departed beside what the year's figures give, with the remainder."""
    rows = []
    for row in comparison.departed:
        done, inside, expected = (float(str(row[k]))
                                  for k in ("departed", "inside_at_end", "expected"))
        rest = done - expected
        share = 100.0 * rest / expected if expected else 0.0
        sign = MINUS if share < -0.05 else ("+" if share > 0.05 else "")
        rows.append((
            crossing_name(str(row["crossing"])),
            DIRECTIONS.get(str(row["direction"]), str(row["direction"])),
            CLASSES.get(str(row["class"]), str(row["class"])), f"{done:,.0f}", f"{expected:,.0f}",
            f"{sign}{abs(share):.1f} %", f"{inside:,.0f}",
            f"{float(str(row['year_figure'])):,.0f}"))
    return table(Table(
        "Vehicles departed under the status quo beside what the year's figures give",
        ("Crossing", "Direction", "Class", "Departed", "Expected in the window", "Remainder",
         "Still inside at the end", "Year's figure, one direction"),
        rows, frozenset({1, 2})))


def measures(comparison: Comparison) -> str:
    """Return every measure under every policy, commitment by commitment."""
    ordered = sorted(comparison.measures.values(), key=lambda m: m.commitment)
    parts = []
    for number, group in groupby(ordered, key=lambda m: m.commitment):
        title = COMMITMENTS[number]
        rows = []
        for measure in group:
            asks = ("No direction is asked for." if measure.direction == "none"
                    else f"The commitment asks for {measure.direction}.")
            rows.append(f'<tbody><tr class="sub"><th colspan="6" scope="rowgroup">'
                        f"{esc(measure.label)}, {esc(measure.unit)}<small>"
                        f"{esc(measure.definition)}. {asks}</small></th></tr>")
            for policy in comparison.policies:
                effect = comparison.effects[(policy.policy, measure.name)]
                reference = policy is comparison.policies[0]
                cells = (["", "", ""] if reference
                         else [difference(effect), interval(effect), verdict(effect)])
                rows.append(
                    f'<tr><th scope="row">{esc(short_name(policy, 24))}</th>'
                    f"<td>{esc(level(effect.value))}</td><td>{esc(spread(effect))}</td>"
                    f"<td>{esc(cells[0])}</td><td>{esc(cells[1])}</td>"
                    f'<td class="w">{esc(cells[2])}</td></tr>')
            rows.append("</tbody>")
        caption = f"{title}: every measure under every policy"
        parts.append(
            f"<details><summary>{esc(f'{number} ' if number <= 5 else '')}{esc(title)}</summary>"
            f'<div class="scroll" role="region" tabindex="0" aria-label="{esc(caption)}">'
            f'<table class="data"><caption>{esc(caption)}; ends are the '
            f"{esc(comparison.interval)}</caption><thead><tr>"
            + "".join(f'<th scope="col"{k}>{t}</th>' for t, k in (
                ("Policy", ""), ("Value", ""), ("Low to high", ""), ("Difference", ""),
                ("Low to high", ""), ("What can be said", ' class="w"')))
            + f"</tr></thead>{''.join(rows)}</table></div></details>")
    return "".join(parts)


def _card(comparison: Comparison, policy: PolicyInfo, first: bool) -> str:
    """Return one policy in words."""
    if first:
        state = "The others are compared with it."
    elif policy.no_effect_yet:
        state = f"It cannot have an effect within {comparison.days} days."
    elif policy.shares_runs:
        state = "It changes nothing here: the same runs as the status quo."
    else:
        state = f"{long_date(policy.in_force)}, as simulated."
    says = "".join(f"<p>{esc(part)}</p>" for part in policy.says.split("\n\n"))
    keeps = "yes" if policy.maintains_arrangements else "no"
    rows = (("Proposed by", policy.role), ("In force", state),
            ("Maintains the existing arrangements", keeps), ("Source", policy.source))
    listed = "".join(f"<div><dt>{esc(a)}</dt><dd>{esc(b)}</dd></div>" for a, b in rows)
    return (f'<article class="card" id="policy-{slug(policy.policy)}">'
            f"<h3>{esc(policy.title)}</h3>{says}<dl>{listed}</dl></article>")


def cards(comparison: Comparison) -> str:
    """Return each policy's card, in the reader's order."""
    return '<div class="cards">' + "".join(
        _card(comparison, p, k == 0) for k, p in enumerate(comparison.policies)) + "</div>"


def _number(value: object) -> str:
    """Return a value of a document with all the digits that matter."""
    if isinstance(value, (tuple, list)):
        return ", ".join(_number(v) for v in value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
        return text.replace("-", MINUS) if value < 0 else text
    return "" if value is None else str(value)


def _unit(row: Mapping[str, object]) -> tuple[str, float]:
    """Return a row's unit for reading, and what to divide by: long times are not in seconds."""
    unit = "" if row["unit"] in ("1", "", None) else str(row["unit"])
    value = row["value"]
    if unit == "s" and isinstance(value, float):
        for name, seconds, least in LONG:
            if abs(value) >= least:
                return name, seconds
    return unit, 1.0


def _keys(row: Mapping[str, object]) -> tuple[str, ...]:
    found = row.get("source") or ()
    return (found,) if isinstance(found, str) else tuple(str(k) for k in found)  # type: ignore[attr-defined]


def _range(row: Mapping[str, object], divisor: float) -> str:
    if row.get("low") is not None:
        low, high = (float(str(row[end])) / divisor for end in ("low", "high"))
        return f"{_number(low)} to {_number(high)}"
    tolerance = row.get("tolerance")
    return f"± {100 * float(str(tolerance)):.3g} %" if tolerance is not None else ""


def assumptions(comparison: Comparison) -> str:
    """Return every number the run rests on: path, value, range, source or the reason assumed."""
    known = figures()
    rows = []
    for row in comparison.assumptions:
        unit, divisor = _unit(row)
        value = row["value"]
        shown = _number(value / divisor if isinstance(value, float) else value)
        keys = " ".join(
            f'<a href="#s-{slug(k)}" title="{esc(known[k].source_title)}">{esc(k)}</a>'
            if k in known else esc(k) for k in _keys(row))
        why = f"assumed: {esc(row['assumed'])}" if row["assumed"] else ""
        rows.append(f"<tr><th>{esc(row['path'])}<td>{esc(shown)} {esc(unit)}"
                    f"<td>{esc(_range(row, divisor))}<td>{keys}{'; ' if keys and why else ''}{why}")
    caption = f"All {len(rows)} numbers of the status quo, with source or reason"
    return (f"<details><summary>All {len(rows)} numbers of the status quo: path, value, range, "
            f'source</summary><div class="scroll" role="region" tabindex="0" '
            f'aria-label="{esc(caption)}"><table class="data words"><caption>{esc(caption)}'
            f'</caption><colgroup><col class="c30"><col class="c20"><col class="c14"><col>'
            f'</colgroup><thead><tr><th scope="col">Path<th scope="col">Value<th scope="col">Range'
            f'<th scope="col">Source, or why assumed</tr></thead><tbody>{"".join(rows)}</tbody>'
            f"</table></div></details>")


def _source(figure: Figure) -> str:
    value = f"{figure.value} {figure.unit}".strip()
    where = ", ".join(x for x in (figure.place, figure.period) if x)
    return (f'<tr id="s-{slug(figure.key)}"><th>{esc(figure.key)}<td>{esc(value)}'
            f"{f'<br>{esc(where)}' if where else ''}<td>{esc(figure.definition)}"
            f"<td>{link(figure.source_url, figure.source_title)}"
            f"{f', {esc(figure.date)}' if figure.date else ''}<td>{esc(figure.grade)}")


def sources(comparison: Comparison) -> str:
    """Return the figures that the assumptions cite, with who published them."""
    known = figures()
    cited = dict.fromkeys(k for row in comparison.assumptions for k in _keys(row) if k in known)
    rows = "".join(_source(known[k]) for k in sorted(cited))
    grades = " ".join(f"{k}: {v}." for k, v in GRADES.items())
    return (f"<details><summary>The {len(cited)} published figures behind them, with their sources"
            f'</summary><p class="note">{esc(grades)}</p><div class="scroll" role="region" '
            f'tabindex="0" aria-label="Published figures"><table class="data words">'
            f'<caption>Published figures</caption><colgroup><col class="c20"><col class="c20">'
            f'<col class="c30"><col><col class="c6"></colgroup><thead><tr>'
            + "".join(f'<th scope="col">{t}'
                      for t in ("Key", "Figure", "What was counted", "Source", "Grade"))
            + f"</tr></thead><tbody>{rows}</tbody></table></div></details>")
