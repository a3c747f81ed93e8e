"""The scorecard: policies in the reader's order, a column a measure, dot and whisker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

from straits.analysis.comparison import Comparison, Effect, PolicyInfo
from straits.report.markup import Scale, Table, esc, px, show_table, tick_text, ticks_of
from straits.report.text import (
    difference,
    interval,
    level,
    lower_first,
    short_name,
    span_of,
    spread,
    verdict,
)
from straits.results.measures import COMMITMENTS, Measure

__all__ = ["headline_measures", "incidence", "key", "scorecard"]

CELL = 94
PANEL = 132
EDGE = 5


def headline_measures(comparison: Comparison) -> list[Measure]:
    """Return the scorecard's measures, commitment by commitment."""
    found = [m for m in comparison.measures.values() if m.headline]
    return sorted(found, key=lambda m: m.commitment)


def _domains(
    comparison: Comparison, measures: Sequence[Measure]
) -> Mapping[str, tuple[float, float]]:
    """Return a domain for each measure; columns of one unit and commitment share theirs."""
    out = {}
    for measure in measures:
        alike = [m.name for m in measures
                 if (m.unit, m.commitment) == (measure.unit, measure.commitment)
                 and m.direction == measure.direction and m.commitment in (3, 6)]
        low, high = span_of(comparison.effects[(policy.policy, name)]
                            for name in alike or [measure.name]
                            for policy in comparison.policies[1:])
        out[measure.name] = (low, high) if high > low else (-1.0, 1.0)
    return out


def _whisker(effect: Effect, scale: Scale, height: int = 18) -> str:
    """Draw one paired difference; the numbers beside it say the same."""
    middle = height / 2
    width = scale.end + EDGE
    zero = px(scale(0.0))
    parts = [f'<line class="zero" x1="{zero}" x2="{zero}" y1="0" y2="{height}"/>']
    if effect.verdict == "none":
        parts = [f'<line class="zero faint" x1="{zero}" x2="{zero}" y1="0" y2="{height}"/>',
                 f'<line class="none" x1="{zero}" x2="{zero}" y1="{px(middle - 4)}" '
                 f'y2="{px(middle + 4)}"/>']
    else:
        low, high = px(scale(effect.low)), px(scale(effect.high))
        inner = px(scale(effect.inner_low)), px(scale(effect.inner_high))
        parts += [f'<path class="cut" d="M{px(x)} {px(middle - 3.5)}l{px(d)} 3.5l{px(-d)} 3.5"/>'
                  for x, d, cut in ((scale.start, -4.0, effect.low < scale.low),
                                    (scale.end, 4.0, effect.high > scale.high)) if cut]
        look = "full" if effect.verdict == "clear" else "open"
        parts += [
            f'<line class="thin" x1="{low}" x2="{high}" y1="{px(middle)}" y2="{px(middle)}"/>',
            f'<line class="thick" x1="{inner[0]}" x2="{inner[1]}" y1="{px(middle)}" '
            f'y2="{px(middle)}"/>',
            f'<circle class="{look}" cx="{px(scale(effect.difference))}" cy="{px(middle)}" '
            f'r="{4 if look == "full" else 3.6}"/>',
        ]
    return (f'<svg class="wh" width="{px(width)}" height="{height}" '
            f'viewBox="0 0 {px(width)} {height}" aria-hidden="true">{"".join(parts)}</svg>')


def _axis(scale: Scale) -> str:
    """Draw the ticks of a column: zero and as many round values as have room."""
    width = scale.end + EDGE
    chosen: list[float] = []
    for most in (5, 4, 3, 2):
        chosen = ticks_of(scale.low, scale.high, most)
        spans = [_span(scale, tick, width) for tick in chosen]
        if all(right[0] - left[1] >= 6.0 for left, right in pairwise(spans)):
            break
    else:
        chosen = [0.0]
    if 0.0 not in chosen:
        chosen = [0.0]
    marks = []
    for tick in chosen:
        text = _sign(tick)
        x = sum(_span(scale, tick, width)) / 2
        marks.append(f'<line class="zero faint" x1="{px(scale(tick))}" x2="{px(scale(tick))}" '
                     f'y1="0" y2="3"/><text class="m" x="{px(x)}" y="14">{text}</text>')
    return (f'<svg class="wh" width="{px(width)}" height="17" viewBox="0 0 {px(width)} 17" '
            f'aria-hidden="true">{"".join(marks)}</svg>')


def _sign(tick: float) -> str:
    return f"+{tick_text(tick)}" if tick > 0 else tick_text(tick)


def _span(scale: Scale, tick: float, width: float) -> tuple[float, float]:
    """Return where a tick's number begins and ends when it is kept inside the drawing [px]."""
    half = 3.2 * len(_sign(tick))
    x = min(max(scale(tick), half), width - half)
    return x - half, x + half


def _asks(measure: Measure) -> str:
    """Return which way the commitment asks for, as a note; nothing says good."""
    if measure.direction == "none":
        return ""
    if measure.direction == "more":
        return "more ▸"
    if measure.unit.startswith("min"):
        return "◂ shorter"
    return "◂ lower" if measure.unit.startswith("£") else "◂ fewer"


def _asks_svg(measure: Measure, scale: Scale) -> str:
    """Draw the note beside the zero line that it is about."""
    width = scale.end + EDGE
    text = _asks(measure)
    room = 6.0 * len(text)
    zero = scale(0.0)
    if measure.direction == "more":
        x, anchor = min(zero + 4, width - room), "s"
    else:
        x, anchor = max(zero - 4, room), "e"
    return (f'<svg class="wh" width="{px(width)}" height="14" viewBox="0 0 {px(width)} 14">'
            f'<text class="{anchor}" x="{px(x)}" y="11">{esc(text)}</text></svg>')


def _numbers(effect: Effect) -> str:
    """Return the figure and its interval; bold only when the dot is filled."""
    shown = esc(difference(effect))
    strong = f"<b>{shown}</b>" if effect.verdict == "clear" else f"<span>{shown}</span>"
    ends = interval(effect)
    return strong + (f"<small>{esc(ends)}</small>" if ends else "")


def _wide(comparison: Comparison, measures: Sequence[Measure],
          domains: Mapping[str, tuple[float, float]]) -> str:
    """Return the scorecard as one table for wide screens."""
    first, *others = comparison.policies
    scales = {m.name: Scale(*domains[m.name], EDGE, CELL - EDGE) for m in measures}
    groups = "".join(
        f'<th scope="colgroup" colspan="{len(list(group))}"><span>'
        f'{f"{number} " if number <= 5 else ""}{esc(COMMITMENTS[number])}</span></th>'
        for number, group in groupby(measures, key=lambda m: m.commitment)
    )
    names = "".join(
        f'<th scope="col">{esc(m.label)}<small>{esc(m.unit)}</small></th>' for m in measures)
    levels = "".join(
        f"<td><b>{esc(level(comparison.effects[(first.policy, m.name)].value))}</b><small>"
        f"{esc(spread(comparison.effects[(first.policy, m.name)]))}</small></td>"
        for m in measures)
    asks = "".join(f"<td>{_asks_svg(m, scales[m.name])}</td>" for m in measures)
    rows = "".join(
        f'<tr><th scope="row">{esc(short_name(p, 24))}<small>{esc(p.role)}</small></th>'
        + "".join(
            f"<td>{_whisker(comparison.effects[(p.policy, m.name)], scales[m.name])}"
            f"{_numbers(comparison.effects[(p.policy, m.name)])}</td>" for m in measures)
        + "</tr>"
        for p in others
    )
    axes = "".join(f"<td>{_axis(scales[m.name])}</td>" for m in measures)
    return (
        '<table class="score wide"><caption class="away">Difference from the status quo, by '
        "policy and measure</caption>"
        f'<thead><tr class="groups"><td></td>{groups}</tr>'
        f'<tr class="names"><th scope="col">Policy</th>{names}</tr>'
        f'<tr class="levels"><th scope="row">Status quo, level</th>{levels}</tr>'
        f'<tr class="asks" aria-hidden="true"><td></td>{asks}</tr></thead>'
        f'<tbody>{rows}<tr class="axes" aria-hidden="true"><td></td>{axes}</tr></tbody></table>'
    )


def _panels(comparison: Comparison, measures: Sequence[Measure],
            domains: Mapping[str, tuple[float, float]]) -> str:
    """Return one panel a measure, for narrow screens and paper."""
    first, *others = comparison.policies
    out = []
    said = 0
    for m in measures:
        scale = Scale(*domains[m.name], EDGE, PANEL - EDGE)
        at = comparison.effects[(first.policy, m.name)]
        head = ""
        if m.commitment != said:
            number = f"{m.commitment} " if m.commitment <= 5 else ""
            head = f"<h3>{number}{esc(COMMITMENTS[m.commitment])}</h3>"
        said = m.commitment
        rows = "".join(
            f'<tr><th scope="row">{esc(short_name(p, 18))}</th>'
            f"<td>{_whisker(comparison.effects[(p.policy, m.name)], scale)}</td>"
            f"<td>{_numbers(comparison.effects[(p.policy, m.name)])}</td></tr>" for p in others)
        out.append(
            f'<div class="panel{"" if head else " more"}">{head}<p class="pm">'
            f"<span>{esc(m.label)} <i>{esc(m.unit)}</i></span>"
            f"<span>status quo <b>{esc(level(at.value))}</b>"
            f"<small>{esc(spread(at))}</small></span></p>"
            f'<table class="score"><caption class="away">{esc(m.label)}, {esc(m.unit)}: difference '
            f'from the status quo</caption><colgroup><col><col class="c-wh"><col class="c-num">'
            f'</colgroup><tbody><tr class="asks" aria-hidden="true"><td></td>'
            f"<td>{_asks_svg(m, scale)}</td><td></td></tr>{rows}"
            f'<tr class="axes" aria-hidden="true"><td></td><td>{_axis(scale)}</td><td></td></tr>'
            f"</tbody></table></div>")
    return f'<div class="panels narrow">{"".join(out)}</div>'


def key(comparison: Comparison, cut: bool) -> str:
    """Return the key of dots and whiskers, with what the interval is."""
    def sample(shape: str, width: int) -> str:
        return (f'<svg class="wh" width="{width}" height="14" viewBox="0 0 {width} 14" '
                f'aria-hidden="true">{shape}</svg>')

    line = '<line class="thin" x1="2" x2="44" y1="7" y2="7"/>'
    thick = '<line class="thick" x1="12" x2="34" y1="7" y2="7"/>'
    parts = [
        (line + thick + '<circle class="full" cx="23" cy="7" r="4"/>', 46,
         f"middle; thick, half of rows; thin, {comparison.interval}; filled: clear of zero"),
        ('<circle class="open" cx="6" cy="7" r="3.6"/>', 12,
         "hollow: less or more, cannot be said"),
        ('<line class="none" x1="4" x2="4" y1="3" y2="11"/>', 8, "no effect: the same runs"),
    ]
    if cut:
        parts.append(('<line class="thin" x1="2" x2="18" y1="7" y2="7"/>'
                      '<path class="cut" d="M18 3.5l4 3.5l-4 3.5"/>', 24,
                      "goes on; its end is in figures"))
    items = "".join(f"<span>{sample(shape, width)} {esc(text)}</span>"
                    for shape, width, text in parts)
    return (f'<p class="key">{items}<span>{comparison.rows} rows: '
            f"{esc(comparison.source_of_spread)}; the same luck for every policy</span></p>")


def scorecard(comparison: Comparison) -> str:
    """Return the scorecard, its key and its table in words."""
    measures = headline_measures(comparison)
    domains = _domains(comparison, measures)
    rows = []
    cut = any(e.low < domains[m.name][0] or e.high > domains[m.name][1] for m in measures
              for p in comparison.policies[1:] for e in [comparison.effects[(p.policy, m.name)]])
    for m in measures:
        for policy in comparison.policies[1:]:
            effect = comparison.effects[(policy.policy, m.name)]
            rows.append((f"{m.label}, {m.unit}", short_name(policy, 24), level(effect.value),
                         difference(effect), interval(effect) or "none", verdict(effect)))
    words = Table("Scorecard in words: every policy against the status quo",
                  ("Measure", "Policy", "Level", "Difference", "Interval", "What can be said"),
                  rows, frozenset({1, 5}))
    return (_wide(comparison, measures, domains) + _panels(comparison, measures, domains)
            + key(comparison, cut) + show_table(words))


def _columns(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the incidence table's columns: who, measure, in the comparison's order."""
    return list(dict.fromkeys((row.who, row.measure) for row in comparison.incidence))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _arrow(effect: Effect) -> str:
    if effect.verdict != "clear":
        return ""
    return ('<i aria-label="more">▲</i> ' if effect.difference > 0
            else '<i aria-label="less">▼</i> ')


def _by_policy(comparison: Comparison, policy: PolicyInfo, opened: bool) -> str:
    """Return one policy's incidence for a narrow screen."""
    rows = []
    said = ""
    for row in comparison.incidence:
        if row.policy != policy.policy:
            continue
        measure = comparison.measures[row.measure]
        who = f"<b>{esc(_capital(row.who))}</b>" if row.who != said else ""
        said = row.who
        rows.append(f'<tr><th scope="row">{who}<small>{esc(lower_first(measure.label))}, '
                    f"{esc(measure.unit)}</small></th>"
                    f"<td>{_arrow(row.effect)}{_numbers(row.effect)}</td></tr>")
    return (f'<details{" open" if opened else ""}><summary>{esc(policy.title)}</summary>'
            f'<table class="who"><caption class="away">Who gains, who pays: {esc(policy.title)}'
            f'</caption><tbody>{"".join(rows)}</tbody></table></details>')


def incidence(comparison: Comparison, subject: str) -> str:
    """Return who gains and who pays: a table on wide screens, a list a policy on narrow ones."""
    columns = _columns(comparison)
    if not columns:
        return "<p>No policy beside the status quo was simulated.</p>"
    found = {(r.policy, r.who, r.measure): r.effect for r in comparison.incidence}
    groups = "".join(
        f'<th scope="colgroup" colspan="{len(list(group))}"><span>'
        f"{esc(_capital(who))}</span></th>"
        for who, group in groupby(columns, key=lambda c: c[0]))
    names = "".join(
        f'<th scope="col">{esc(lower_first(comparison.measures[m].label))}'
        f"<small>{esc(comparison.measures[m].unit)}</small></th>" for _, m in columns)
    rows = "".join(
        f'<tr><th scope="row">{esc(short_name(p, 24))}</th>'
        + "".join(
            f"<td>{_arrow(found[(p.policy, *c)])}{_numbers(found[(p.policy, *c)])}</td>"
            for c in columns) + "</tr>"
        for p in comparison.policies[1:])
    wide = (f'<table class="score who wide"><caption class="away">Who gains, who pays: difference '
            f'from the status quo</caption><thead><tr class="groups"><td></td>{groups}</tr>'
            f'<tr class="names"><th scope="col">Policy</th>{names}</tr></thead>'
            f"<tbody>{rows}</tbody></table>")
    narrow = "".join(_by_policy(comparison, p, p.policy == subject)
                     for p in comparison.policies[1:])
    return (f'{wide}<div class="narrow payers">{narrow}</div>'
            f'<p class="key"><span>▲ more</span><span>▼ less</span>'
            f"<span>Light type: the interval reaches zero. Below each: "
            f"{esc(comparison.interval)}. No sum and no ranking is made across columns.</span></p>")
