"""Break-evens as text and as data, and what every answer about a pair begins and ends with."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from straits.analysis.compare import interval_name
from straits.report.terminal import WIDE, Style, plain_text
from straits.report.text import difference, figure, interval, level, long_date, lower_first, signed

if TYPE_CHECKING:
    from straits.analysis.breakeven import BreakEven, Crossing
    from straits.analysis.breakeven_surface import Contour
    from straits.analysis.comparison import Effect
    from straits.analysis.paired import Paired
    from straits.analysis.turning import Turning
    from straits.ensemble.assumptions import AssumptionColumn

__all__ = ["REPLAYED_SAYS", "assumption_json", "beside_json", "beside_text", "columns_of",
           "ended", "evidence", "finite", "mean_rows", "opening", "place", "question_json",
           "render_turning", "spans", "turning_json"]  # fmt: skip

ROWS = 9  # of the table of a mean over one assumption
NONE = {"always above": "none: above throughout", "always below": "none: below throughout",
        "always zero": "none: no difference throughout", "several": "several",
        "crosses": "at the end of the range"}  # fmt: skip
REPLAYED_SAYS = ("People meet recorded traffic: what is uncertain about vehicles takes only the "
                 "values of the recorded rows, and nobody aboard delays a lorry.")  # fmt: skip


def evidence(column: AssumptionColumn) -> str:
    """Return whose evidence an assumption has: "grade C, fitted to the record"."""
    words = [f"grade {column.grade}"] if column.grade else []
    words += ["fitted to the record"] if column.fitted else []
    return ", ".join(words) or "no grade"


def finite(value: float) -> float | None:
    """Return a number for JSON, which has none for infinity."""
    return value if math.isfinite(value) else None


def place(value: float, unit: str = "") -> str:
    """Return a value of an assumption, or which end of the runs it lies beyond."""
    if math.isinf(value):
        return "below the range" if value < 0 else "beyond the range"
    return f"{figure(value)}{'' if unit in ('', '1') else f' {unit}'}"


def _window(paired: Paired) -> tuple[str, str]:
    from straits.ensemble.study import documents_of

    study = paired.table.study
    first: date = documents_of(study).baseline.doc.decision_day
    return str(first), str(first + timedelta(study.days - 1))


def opening(paired: Paired, style: Style) -> list[str]:
    """Return what is compared, by how much it differs, and what it rests on."""
    question, effect, study = paired.question, paired.effect, paired.table.study
    width = min(style.width, WIDE)
    first, last = _window(paired)
    unit = question.measure.unit
    title = f"{question.measure.label} ({unit}): {question.policy} less {question.against}"
    spread = interval_name(study.future_count).replace("row", "future")
    gave = (f"{difference(effect)} ({interval(effect) or 'no spread'}), to {level(effect.value)}; "
            f"{spread}")
    if paired.gap is not None:
        gave += f"; replayed less simulated traffic {signed(paired.gap)}"
    about = (f"{long_date(first)} to {long_date(last)}; {study.future_count:,} futures "
             f"({study.futures}), {study.replications} replication"
             f"{'s' if study.replications > 1 else ''}, seed {study.seed}, traffic "
             f"{paired.table.traffic}, runs {paired.table.key[:12]}")
    beside = "; ".join(beside_text(one) for one in paired.beside)
    return ["", *(style.bold(one) for one in textwrap.wrap(title, width)),
            *(style.dim(one) for one in textwrap.wrap(about, width)),
            *textwrap.wrap(f"difference {gave}", width),
            *textwrap.wrap(f"beside it {beside}", width)]


def beside_text(effect: Effect) -> str:
    """Return a harm and by how much it differs, as it stands beside what is asked."""
    from straits.results.measures import MEASURES

    measure = MEASURES[effect.measure]
    spread = f" ({interval(effect)})" if interval(effect) else ""
    return f"{lower_first(measure.label)} {difference(effect)}{spread} {measure.unit}"


def beside_json(effects: Sequence[Effect]) -> list[dict[str, object]]:
    """Return harm beside an answer as JSON-ready data."""
    return [{"pair": one.policy, "measure": one.measure, "difference": one.difference,
             "low": one.low, "high": one.high} for one in effects]


def ended(lines: list[str], notes: Sequence[str], paired: Paired, style: Style) -> str:
    """Return an answer's lines with what it does not say, in characters that a terminal has."""
    width = min(style.width, WIDE)
    said = [*notes, *([REPLAYED_SAYS] if paired.table.traffic == "replayed" else []),
            "For exploration, not a forecast."]
    lines = [*lines, "", *(style.dim(one) for one in textwrap.wrap(" ".join(said), width))]
    text = "\n".join(lines)
    return text if style.unicode else plain_text(text)


def columns_of(rows: Sequence[Sequence[str]], style: Style, words: int = 1) -> list[str]:
    """Return rows as columns, the first `words` to the left and the rest to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{w}}" if k < words else f"{cell:>{w}}"
                       for k, (cell, w) in enumerate(zip(row, widths, strict=True))).rstrip()
             for row in rows]
    return [style.dim(lines[0]), *lines[1:]]


def question_json(paired: Paired) -> dict[str, object]:
    """Return what was asked, the difference and the runs, as JSON-ready data."""
    question, effect, study = paired.question, paired.effect, paired.table.study
    first, last = _window(paired)
    return {
        "baseline": study.baseline, "policy": question.policy, "against": question.against,
        "measure": question.measure.name, "label": question.measure.label,
        "unit": question.measure.unit, "definition": question.measure.definition,
        "first_day": first, "last_day": last, "value": effect.value,
        "difference": effect.difference, "difference_low": effect.low,
        "difference_high": effect.high, "replayed_less_simulated": paired.gap,
        "beside": beside_json(paired.beside),
        "runs": {"key": paired.table.key, "traffic": paired.table.traffic,
                 "futures": study.future_count, "replications": study.replications,
                 "source_of_futures": study.futures, "days": study.days, "seed": study.seed,
                 "timing": study.timing},
    }  # fmt: skip


def assumption_json(column: AssumptionColumn) -> dict[str, object]:
    """Return an assumption as JSON-ready data: range of the runs, evidence, origin."""
    return {"assumption": column.name, "title": column.title, "unit": column.unit,
            "range": [float(column.values.min()), float(column.values.max())],
            "grade": column.grade or None, "fitted": column.fitted, "origin": column.origin}


def _turn(turning: Turning) -> str:
    """Return by what the difference turns: "0", "5 % more", "100 people a month"."""
    by, measure = turning.by, turning.paired.question.measure
    if by.value == 0.0:
        return "no difference"
    amount = f"{100.0 * by.value:.3g} %" if by.is_share else (
        f"{figure(by.value)} {measure.unit.partition(',')[0]}")
    return f"a difference of {amount}"


def _crossings(found: Sequence[Crossing], unit: str) -> str:
    return " and ".join(
        f"{place(one.value, unit)} ({place(one.low, unit)} to {place(one.high, unit)}), more "
        f"{'above' if one.rising else 'below'} it on average" for one in found)


def _number(turning: Turning) -> str:
    result, column = turning.number, turning.columns[0]
    if result.crossings:
        return (f"{_crossings(result.crossings, column.unit)}; as many turns in "
                f"{100.0 * result.agreement:.0f} of 100 resamples")
    return NONE[result.side]


def mean_rows(result: BreakEven) -> list[list[str]]:
    """Return the mean over one assumption, its ends and where it lies above zero, as cells."""
    steps = [round(k * (len(result.grid) - 1) / (ROWS - 1)) for k in range(ROWS)]
    return [[figure(result.grid[k]), signed(result.mean[k]), signed(result.mean_low[k]),
             signed(result.mean_high[k]), f"{100.0 * result.positive_share[k]:.0f} %"]
            for k in steps]


def spans(contour: Contour, at: tuple[int, ...]) -> str:
    """Return the break-even at one point of the others: a value, or why there is none."""
    said = str(contour.place[at])
    if said != "one" or math.isnan(contour.value[at]):
        return NONE.get(said, NONE["crosses"])
    mark = "" if contour.supported[at] else " *"
    return f"{figure(contour.value[at])}{mark}"


def _curve_rows(turning: Turning, contour: Contour) -> list[list[str]]:
    """Return a curve as a table: the other assumption, the break-even and its interval."""
    rows = [[turning.columns[1].name, "break-even", "low", "high", "more"]]
    for k, value in enumerate(contour.others[0]):
        one = str(contour.place[k]) == "one" and not math.isnan(contour.value[k])
        ends = [place(contour.low[k]), place(contour.high[k]),
                "above" if contour.rising[k] else "below"] if one else ["", "", ""]
        rows.append([figure(float(value)), spans(contour, (k,)), *ends])
    return rows


def _surface_rows(turning: Turning, contour: Contour) -> list[list[str]]:
    """Return a surface as a table: the second assumption down, the third across."""
    down, across = contour.others
    brief = {"always above": "above", "always below": "below", "always zero": "zero",
             "several": "several"}  # fmt: skip
    rows = [[f"{turning.columns[1].name} down, {turning.columns[2].name} across",
             *(figure(float(one)) for one in across)]]
    for i, value in enumerate(down):
        cells = []
        for j in range(len(across)):
            said = str(contour.place[i, j])
            cells.append(brief.get(said) or (spans(contour, (i, j)) if said == "one" and
                                             not math.isnan(contour.value[i, j]) else "end"))
        rows.append([figure(float(value)), *cells])
    return rows


def render_turning(turning: Turning, style: Style) -> str:
    """Return a break-even as text: the number, and the mean, the curve or the surface as a table.

    Parameters
    ----------
    turning : Turning
    style : Style
    """
    width = min(style.width, WIDE)
    lines = opening(turning.paired, style)
    for k, one in enumerate(turning.columns):
        unit = "" if one.unit == "1" else f" {one.unit}"
        text = (f"{'break-even of' if not k else 'over'} {one.name}: {one.title}; runs from "
                f"{figure(one.values.min())} to {figure(one.values.max())}{unit}; {evidence(one)}")
        lines += textwrap.wrap(text, width, subsequent_indent="  ")
    lines += ["", *(style.bold(one) for one in textwrap.wrap(
        f"Turns from {_turn(turning)} at {_number(turning)}" if turning.number.crossings else
        f"Turns from {_turn(turning)}: {_number(turning)}", width))]
    lines += textwrap.wrap(f"The difference lies above in {100.0 * turning.above_share:.0f} of "
                           f"100 futures.", width)
    lines.append("")
    notes = ["Ends hold 90 in 100 resamples of futures; all other assumptions vary along."]
    contour = turning.contour
    if contour is None:
        head = [turning.columns[0].name, "mean difference", "low", "high", "above in"]
        lines += columns_of([head, *mean_rows(turning.number)], style, 0)
    elif len(contour.others) == 1:
        lines += columns_of(_curve_rows(turning, contour), style, 0)
    else:
        lines += columns_of(_surface_rows(turning, contour), style)
    if contour is not None and not contour.supported.all():
        notes.append("* few runs near: the mean is carried on from afar.")
    return ended(lines, notes, turning.paired, style)


def turning_json(turning: Turning) -> dict[str, object]:
    """Return a break-even as JSON-ready data; an end outside the runs is null."""
    result, contour = turning.number, turning.contour
    return {
        "turns_at": {"value": turning.by.value, "is_share": turning.by.is_share},
        "assumptions": [assumption_json(one) for one in turning.columns],
        "above_share": turning.above_share, "side": result.side, "says": result.says,
        "crossings": [{"value": one.value, "low": finite(one.low), "high": finite(one.high),
                       "more": "above" if one.rising else "below"} for one in result.crossings],
        "agreement": result.agreement, "level": result.level,
        "mean": {"assumption": result.grid.tolist(), "mean": result.mean.tolist(),
                 "low": result.mean_low.tolist(), "high": result.mean_high.tolist(),
                 "positive_share": result.positive_share.tolist()},
        "contour": _contour_json(contour),
    }  # fmt: skip


def _contour_json(contour: Contour | None) -> dict[str, object] | None:
    if contour is None:
        return None
    ends = {name: [finite(float(one)) for one in array.ravel()]
            for name, array in (("value", contour.value), ("low", contour.low),
                                ("high", contour.high))}  # fmt: skip
    return {"others": [one.tolist() for one in contour.others], "shape": list(contour.value.shape),
            **ends, "place": contour.place.ravel().tolist(),
            "supported": contour.supported.ravel().tolist()}
