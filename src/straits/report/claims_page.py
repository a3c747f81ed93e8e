"""The page of claim cards: verdict and share first, then what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from straits.report.claims import (
    figures_text,
    gave_text,
    limits,
    rests_text,
    said,
    share_text,
    when_text,
)
from straits.report.markup import esc, slug
from straits.report.paired import evidence
from straits.report.skeleton import Page, whole_page
from straits.report.text import difference, interval, long_date, lower_first, signed
from straits.report.turns import turn_figure
from straits.results.measures import MEASURES

if TYPE_CHECKING:
    from straits.analysis.cards import Card, Decider, TestRead
    from straits.analysis.comparison import Effect

__all__ = ["render_claims_page"]

GRADES = "Grades of evidence: A measured here, B estimated, C borrowed from elsewhere, D assumed."
ACROSS = 50  # squares in a row


def _count(card: Card) -> str:
    """Return the verdict of a card with its share, in a few words."""
    v = card.verdict
    if card.kind == "figures":
        return f"{v.word}, by published figures"
    return v.word if v.percent is None else f"{v.word}, in {v.percent} of 100 futures"


def _bar(card: Card) -> str:
    """Draw the share of futures as a bar; dashed where nothing here decides."""
    percent = card.verdict.percent
    inside = '<rect class="dash" x=".5" y=".5" width="89" height="7"/>'
    if percent is not None:
        inside = (f'<rect class="out" width="90" height="8"/>'
                  f'<rect class="in" width="{0.9 * percent:.1f}" height="8"/>')
    return f'<svg viewBox="0 0 90 8" aria-hidden="true">{inside}</svg>'


def _index(cards: Sequence[Card]) -> str:
    rows = "".join(
        f'<li><a href="#{slug(card.id)}"><span class="t">{esc(card.bound.statement.title)}</span>'
        f'{_bar(card)}<span class="v">{esc(_count(card))}</span></a></li>'
        for card in cards)
    return f'<ul class="index">{rows}</ul>'


def _squares(card: Card) -> str:
    """Draw a hundred squares, as many filled as the share has hundredths."""
    percent = card.verdict.percent
    if percent is None:
        return ""
    rects = "".join(
        f'<rect class="{"on" if k < percent else "off"}" x="{12.8 * (k % ACROSS) + 0.5:.1f}" '
        f'y="{17 * (k // ACROSS) + 0.5:.1f}" width="10.8" height="14"/>' for k in range(100))
    says = f"Holds in {percent} of 100 futures, does not in {100 - percent}"
    return (f'<svg class="sq" viewBox="0 0 640 33" role="img" aria-label="{says}">{rects}</svg>'
            f'<p class="note">Filled: holds in {percent}. Open: does not in {100 - percent}. One '
            "square, one hundredth of the futures that were run.</p>")


def _test(card: Card, read: TestRead) -> str:
    test = read.test
    against = f" against {test.against}" if test.of == "difference" else ""
    gap = "" if read.gap is None else f" Replayed less simulated traffic {signed(read.gap)}."
    return (f'<p class="tested">Tested as <b>{esc(read.measure.label)}, {esc(test.policy)}'
            f"{esc(against)}: {esc(said(test))}</b>; {esc(when_text(card, read))}. It gave "
            f"{esc(gave_text(read))} {esc(read.measure.unit)}.{esc(gap)}</p>")


def _decider(one: Decider) -> str:
    column = one.column
    grade = f'<span class="g">{esc(column.grade)}</span>' if column.grade else ""
    got = 200.0 * min(max(one.share, 0.0), 1.0)
    ends = [200.0 * min(max(one.share + sign * one.error, 0.0), 1.0) for sign in (-1.0, 1.0)]
    luck = "" if one.is_clear else "; luck may explain it"
    # A long origin names every source and argument; the page on sources has them.
    origin = column.origin if len(column.origin) <= 160 else column.origin[:157] + "..."
    says = f"{100.0 * one.share:.0f} % of the variance, ± {100.0 * one.error:.0f}{luck}"
    drawn = (f'<svg class="share" viewBox="0 0 200 12" preserveAspectRatio="none" role="img" '
             f'aria-label="{esc(says)}"><line class="track" x1="0" x2="200" y1="6" y2="6"/>'
             f'<line class="got" x1="0" x2="{got:.1f}" y1="6" y2="6"/>'
             f'<line class="err" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="6" y2="6"/></svg>')
    return (f"<li>{grade}<b>{esc(column.title)}</b>{drawn}{esc(says)}"
            f"<small>{esc(column.name)}; {esc(evidence(column))}. {esc(origin)}</small></li>")


def _matter(card: Card) -> str:
    if card.kind != "model":
        return ""
    rows = "".join(map(_decider, card.deciders))
    body = f'<ul class="matter">{rows}</ul>' if rows else (
        '<p class="note">Not told: fewer than 40 futures, or nothing varies.</p>')
    return f"<h3>Three assumptions that matter</h3>{body}"


def _harm(effect: Effect) -> str:
    """Return a difference with its interval and unit, or that there is none."""
    if effect.verdict == "none":
        return "none"
    ends = f" ({interval(effect)})" if interval(effect) else ""
    return f"{difference(effect)}{ends} {MEASURES[effect.measure].unit}"


def _beside(effects: Sequence[Effect]) -> str:
    """Return harm under the tested policies, a list for each pair of policies."""
    out = []
    for pair in dict.fromkeys(one.policy for one in effects):
        rows = "".join(f"<div><dt>{esc(lower_first(MEASURES[one.measure].label))}</dt>"
                       f"<dd>{esc(_harm(one))}</dd></div>"
                       for one in effects if one.policy == pair)
        out.append(f"<h3>Beside it: {esc(pair)}</h3><dl>{rows}</dl>")
    return "".join(out)


def _not_said(card: Card) -> str:
    said_by = limits(card)
    if card.bound.cannot_decide:
        said_by = [" ".join(card.bound.cannot_decide.split()), *said_by]
    rows = "".join(f"<li>{esc(text)}</li>" for text in said_by)
    return f'<h3>Not said here</h3><ul class="plainlist note">{rows}</ul>' if rows else ""


def _card(card: Card) -> str:
    statement = card.bound.statement
    name = slug(card.id)
    share = share_text(card)
    told = f"<span>{esc(share)}</span>" if share else ""
    verdict = f'<p class="verdict">{esc(card.verdict.word)}{told}</p>'
    turn = f"<h3>Where the verdict turns</h3>{turn_figure(card)}" if card.turn is not None else ""
    figures = "" if card.bound.figures is None else (
        f'<p class="tested">{esc(figures_text(card))}</p>')
    left = verdict + "".join(_test(card, read) for read in card.tests) + figures + \
        _squares(card) + turn
    right = _matter(card) + _beside(card.beside) + _not_said(card)
    by = f"{statement.doc.who.role}, {long_date(str(statement.doc.date))}; {statement.doc.source}"
    return (f'<article class="claim" id="{name}" aria-labelledby="{name}-h"><p class="by">{esc(by)}'
            f'</p><h2 id="{name}-h">{esc(statement.title)}</h2><div class="cols"><div>{left}</div>'
            f"<aside>{right}</aside></div></article>")


def _rests(cards: Sequence[Card]) -> str:
    """Return what the cards' runs were, each table once."""
    lines = dict.fromkeys(rests_text(card) for card in cards if card.runs is not None)
    return "".join(f'<p class="prov">{esc(line)}</p>' for line in lines)


def _headline(cards: Sequence[Card]) -> str:
    """Return in a sentence how many statements hold, do not, and stay open."""
    holds = sum(card.verdict.word in ("Holds", "Usually holds") for card in cards)
    fails = sum(card.verdict.word in ("Does not hold", "Usually does not hold") for card in cards)
    rest = len(cards) - holds - fails
    if len(cards) == 1:
        return f"{cards[0].verdict.word}: {cards[0].bound.statement.title}"
    parts = [text for count, text in ((holds, f"{holds} mostly hold{'s' * (holds == 1)}"),
                                      (fails, f"{fails} mostly do{'es' * (fails == 1)} not"),
                                      (rest, f"{rest} stay{'s' * (rest == 1)} open")) if count]
    return f"Of {len(cards)} statements, {', '.join(parts)}"


def render_claims_page(cards: Sequence[Card], title: str, command: str, version: str) -> str:
    """Return claim cards as one HTML document.

    Parameters
    ----------
    cards : sequence of Card
    title : str
        Of the baseline.
    command : str
        What gives the same cards again.
    version : str
        Of the program.
    """
    main = (
        f"<h1>{esc(_headline(cards))}</h1>"
        '<p class="plain">A statement is tested as its card says, and no further. The share counts '
        "futures in which it holds: futures as the uncertainty set draws them, so it is no "
        "probability that the statement is right.</p>"
        f'{_rests(cards)}<section id="cards" aria-label="Statements">{_index(cards)}'
        f'{"".join(map(_card, cards))}</section>'
        f'<section id="limits"><h2>Words</h2><p class="note">{GRADES} Verdicts by share of '
        "futures: 95 and over Holds, 70 to 94 Usually holds, 31 to 69 Depends, 6 to 30 Usually "
        "does not hold, 5 and under Does not hold.</p></section>"
        f'<section id="reproduce"><h2>Reproduce this</h2><pre><code>{esc(command)}</code></pre>'
        "</section>")
    links = "".join(f'<li><a href="#{name}">{name.capitalize()}</a></li>'
                    for name in ("cards", "limits", "reproduce"))
    many = f"{len(cards)} statement{'s' if len(cards) > 1 else ''}"
    return whole_page(Page(_headline(cards), version, title, many, links, main))
