"""Claim cards as text and as data. No number is computed here."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from straits.analysis.compare import interval_name
from straits.report.paired import REPLAYED_SAYS, beside_json, beside_text, evidence, finite
from straits.report.terminal import WIDE, Style, plain_text
from straits.report.text import difference, figure, interval, level, long_date, signed

if TYPE_CHECKING:
    from straits.analysis.cards import Card, TestRead
    from straits.analysis.margins import Margin
    from straits.analysis.statements import BoundTest

__all__ = ["card_json", "figures_text", "gave_text", "limits", "render_cards", "rests_text", "said",
           "share_text", "turn_text", "when_text"]  # fmt: skip

LABEL = 13
_RELATIONS = {"more": "more than", "less": "less than", "at_least": "at least",
              "at_most": "at most", "about": "about"}  # fmt: skip
SHARE_SAYS = ("The share counts futures as the uncertainty set draws them; it is no probability "
              "that the statement is right.")  # fmt: skip


def said(test: BoundTest) -> str:
    """Return what a test asks, in words: "at least 5 % more", "at most 135 people a month"."""
    threshold, unit = test.threshold, test.measure.unit.partition(",")[0]

    def amount(margin: Margin) -> str:
        value = abs(margin.value) if threshold.relation == "less" else margin.value
        return f"{100.0 * value:.3g} %" if margin.is_share else f"{figure(value)} {unit}"

    by = amount(threshold.by)
    if threshold.relation == "about":
        within = amount(threshold.within) if threshold.within is not None else "0"
        same = "the same" if threshold.by.value == 0.0 else f"{by} more"
        return f"{same if test.of == 'difference' else by}, within {within}"
    words = _RELATIONS[threshold.relation]
    if test.of == "level":
        return f"{words} {by}"
    if threshold.relation == "less":
        return "less" if threshold.by.value == 0.0 else f"less by more than {by}"
    if threshold.by.value == 0.0:
        return "more" if threshold.relation == "more" else f"{words} no difference"
    return f"more by {words} {by}"


def window(card: Card) -> tuple[str, str]:
    """Return the first and last day that a card's runs cover."""
    day: date = card.bound.baseline.doc.decision_day
    days = card.tests[0].test.days
    return str(day), str(day + timedelta(days - 1))


def when_text(card: Card, read: TestRead) -> str:
    """Return the day or the days that a test is about."""
    first, last = window(card)
    if "last day" in read.measure.unit:
        return f"on {long_date(last)}, the last day"
    return f"{long_date(first)} to {long_date(last)}"


def limits(card: Card) -> list[str]:
    """Return what a card does not say."""
    out = [card.bound.statement.doc.note] if card.bound.statement.doc.note else []
    if card.kind == "model":
        out.append(SHARE_SAYS)
        if card.runs is not None and card.runs.traffic == "replayed":
            out.append(REPLAYED_SAYS)
    return [" ".join(text.split()) for text in out]


def share_text(card: Card) -> str:
    """Return the share of futures with what it rests on."""
    v = card.verdict
    if card.kind == "figures":
        found = card.bound.figures
        is_open = found is None or found.holds is None
        return f"{'left open' if is_open else 'decided'} by published figures"
    if card.kind == "none" or v.percent is None:
        return ""
    near = f", {v.near} so near that chance may have decided" if v.near else ""
    gone = f", {v.undefined} undefined" if v.undefined else ""
    return (f"in {v.percent} of 100 futures, {100.0 * v.low:.0f} to {100.0 * v.high:.0f}   "
            f"({v.holding} of {v.futures}{near}{gone})")


def _rows(card: Card) -> Iterator[tuple[str, str]]:
    """Yield a card's lines: label and text."""
    for read in card.tests:
        test = read.test
        against = f" against {test.against}" if test.of == "difference" else ""
        yield "tested", (f"{read.measure.label} ({read.measure.unit}), {test.policy}{against}: "
                         f"{said(test)}; {when_text(card, read)}")
        gap = "" if read.gap is None else f"; replayed less simulated traffic {signed(read.gap)}"
        yield "gave", f"{gave_text(read)}{gap}; {_spread(card)}"
    if card.turn is not None:
        turn, one = card.turn, card.turn.assumption
        span = "" if math.isnan(turn.low) else f"; runs from {figure(turn.low)} to " \
            f"{figure(turn.high)}"
        yield "break-even", f"{one.title or one.name} ({one.name}): {turn_text(card)}{span}"
    for k, decider in enumerate(card.deciders):
        luck = "" if decider.is_clear else ", luck may explain it"
        yield "decides" if k == 0 else "", (
            f"{decider.column.name}: {100.0 * decider.share:.0f} % of the variance, "
            f"± {100.0 * decider.error:.0f}{luck}; {evidence(decider.column)}")
    if card.kind == "model" and not card.deciders:
        yield "decides", "not told: fewer than 40 futures, or nothing varies"
    said_policy = ""
    for effect in card.beside:
        head = f"{effect.policy}: " if effect.policy != said_policy else ""
        yield "beside" if not said_policy else "", head + beside_text(effect)
        said_policy = effect.policy
    if card.bound.figures is not None:
        yield "figures", figures_text(card)
    if card.bound.cannot_decide:
        yield "why", " ".join(card.bound.cannot_decide.split())
    if card.runs is not None:
        yield "rests on", rests_text(card)
    for k, text in enumerate(limits(card)):
        yield "not said" if k == 0 else "", text


def turn_text(card: Card) -> str:
    """Return the break-even with its interval."""
    assert card.turn is not None
    result = card.turn.result
    if result is None or not result.crossings:
        return card.turn.says
    parts = []
    for one in result.crossings:
        low = "below the range" if math.isinf(one.low) else figure(one.low)
        high = "beyond the range" if math.isinf(one.high) else figure(one.high)
        side = "above" if one.rising else "below"
        parts.append(f"{figure(one.value)} ({low} to {high}), holds {side} it on average")
    return " and ".join(parts)


def _spread(card: Card) -> str:
    """Return what the intervals of effects are, over means of futures."""
    assert card.runs is not None
    return interval_name(card.runs.study.future_count).replace("row", "future")


def gave_text(read: TestRead) -> str:
    """Return what the runs gave for a test: the difference and its level, or the level."""
    effect = read.value
    text = f"{level(effect.value)} ({level(effect.value_low)} to {level(effect.value_high)})"
    if read.test.of == "difference":
        text = f"{difference(effect)} ({interval(effect) or 'no spread'}), to {level(effect.value)}"
    return text


def figures_text(card: Card) -> str:
    """Return what published figures give, and which ones."""
    found = card.bound.figures
    assert found is not None
    if found.kind == "rank":
        places = " or ".join(f"{value:.0f}" for value in found.values)
        return f"place {places} in the list"
    value = found.values[0]
    rests = ", ".join(f"{one.key} = {one.value}" for one in found.figures)
    shown = f"{100.0 * value:+.1f} %" if found.kind == "change" else figure(value)
    return f"{shown}, from {rests}"


def rests_text(card: Card) -> str:
    """Return which runs a card rests on."""
    table = card.runs
    assert table is not None
    study = table.study
    count = study.future_count * study.replications
    return (f"{count:,} runs of each policy: {study.future_count:,} futures ({study.futures}), "
            f"{study.replications} replication{'s' if study.replications > 1 else ''}, "
            f"{study.days} d, seed {study.seed}, traffic {table.traffic}, runs {table.key[:12]}")


def render_cards(cards: Sequence[Card], style: Style) -> str:
    """Return cards as text, a paragraph each."""
    width = min(style.width, WIDE)
    lines: list[str] = []
    for card in cards:
        statement = card.bound.statement
        lines += ["", *(style.bold(one) for one in textwrap.wrap(statement.title, width))]
        about = f"{statement.id}   {statement.doc.who.role}, {long_date(str(statement.doc.date))}"
        lines += [style.dim(one) for one in textwrap.wrap(about, width)]
        lines += [f"  {style.bold(card.verdict.word)}"]
        lines += [f"  {one}" for one in textwrap.wrap(share_text(card), width - 2)]
        for label, text in _rows(card):
            wrapped = textwrap.wrap(text, max(20, width - LABEL - 2)) or [""]
            lines += [f"  {style.dim(f'{label:<{LABEL}}')}{wrapped[0]}"]
            lines += [" " * (LABEL + 2) + one for one in wrapped[1:]]
    end = "For exploration, not a forecast. A statement is tested as its card says, and no further."
    lines += ["", *(style.dim(one) for one in textwrap.wrap(end, width))]
    text = "\n".join(lines)
    return text if style.unicode else plain_text(text)


def card_json(card: Card) -> dict[str, object]:
    """Return a card as JSON-ready data; what is not known is null."""
    v, statement = card.verdict, card.bound.statement
    share = None if v.percent is None else {
        "percent": v.percent, "low": v.low, "high": v.high, "holding": v.holding,
        "futures": v.futures, "undefined": v.undefined, "near": v.near,
    }  # fmt: skip
    return {
        "id": statement.id, "title": statement.title, "who": statement.doc.who.role,
        "date": str(statement.doc.date), "decided_by": card.kind, "verdict": v.word, "share": share,
        "tests": [_test_json(card, read) for read in card.tests],
        "break_even": _turn_json(card),
        "decides": [
            {"assumption": one.column.name, "title": one.column.title, "share": one.share,
             "standard_error": one.error, "clear": one.is_clear,
             "grade": one.column.grade or None, "fitted": one.column.fitted,
             "origin": one.column.origin}
            for one in card.deciders
        ],
        "beside": beside_json(card.beside),
        "figures": figures_text(card) if card.bound.figures is not None else None,
        "cannot_decide": card.bound.cannot_decide or None,
        "runs": _runs_json(card),
        "not_said": limits(card),
    }  # fmt: skip


def _test_json(card: Card, read: TestRead) -> dict[str, object]:
    test, effect = read.test, read.value
    return {
        "policy": test.policy, "against": test.against or None, "of": test.of,
        "measure": read.measure.name, "label": read.measure.label, "unit": read.measure.unit,
        "definition": read.measure.definition, "asks": said(test), "when": when_text(card, read),
        "value": effect.value, "value_low": effect.value_low, "value_high": effect.value_high,
        "difference": effect.difference, "difference_low": effect.low,
        "difference_high": effect.high, "replayed_less_simulated": read.gap,
    }  # fmt: skip


def _turn_json(card: Card) -> dict[str, object] | None:
    if card.turn is None:
        return None
    turn, result = card.turn, card.turn.result
    found = [] if result is None else [
        {"value": one.value, "low": finite(one.low), "high": finite(one.high),
         "holds": "above" if one.rising else "below"} for one in result.crossings]
    return {
        "assumption": turn.assumption.name, "unit": turn.assumption.unit,
        "range": [finite(turn.low), finite(turn.high)], "crossings": found, "says": turn.says,
        "agreement": None if result is None else result.agreement,
    }  # fmt: skip


def _runs_json(card: Card) -> dict[str, object] | None:
    if card.runs is None:
        return None
    study = card.runs.study
    first, last = window(card)
    return {
        "key": card.runs.key, "traffic": card.runs.traffic, "futures": study.future_count,
        "replications": study.replications, "source_of_futures": study.futures,
        "days": study.days, "first_day": first, "last_day": last, "seed": study.seed,
        "timing": study.timing, "says": rests_text(card),
    }  # fmt: skip
