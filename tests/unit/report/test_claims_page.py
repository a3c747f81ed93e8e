"""The page of claim cards: whole, self-contained, with a table beside every drawing."""

from __future__ import annotations

import re
from functools import cache

import pytest

from straits.analysis.cards import card_of
from straits.report.claims_page import render_claims_page
from support.cards import DRAW, of_elasticity, statement, table
from support.html import Page


@cache
def page() -> str:
    bound = statement(DRAW)
    cards = [card_of(bound, table(bound, inflow=of_elasticity(0.6))),
             card_of(statement("arrests-up-a-quarter")),
             card_of(statement("drivers-could-be-killed"))]
    return render_claims_page(cards, "A <b>title</b>", "straits claims calais-2016", "0.1.0")


def test_the_page_is_whole_and_fetches_nothing() -> None:
    read = Page(page())
    assert not read.all("script")
    assert not read.all("img")
    assert "default-src 'none'" in page()
    assert "A &lt;b&gt;title&lt;/b&gt;" in page()
    ids = [attrs["id"] for _, attrs in read.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    for attrs in read.all("a"):
        href = attrs["href"] or ""
        assert not href.startswith("#") or href[1:] in ids


def test_a_card_says_verdict_share_break_even_and_evidence() -> None:
    text = " ".join(" ".join(Page(page()).text).split())
    assert "Depends" in text
    assert "of 200" in text
    assert "turns at 0.60" in text
    assert "grade D" in text
    assert "Cannot be decided here" in text
    assert "decided by published figures" in text
    assert "Of 3 statements, 1 mostly holds, 2 stay open" in text


def test_every_drawing_has_words_and_the_break_even_a_table() -> None:
    read = Page(page())
    for attrs in read.all("svg"):
        assert attrs.get("aria-label") or attrs.get("aria-hidden")
    assert page().count('class="dot yes"') + page().count('class="dot no"') == 200
    assert page().count('<rect class="on"') + page().count('<rect class="off"') == 100
    assert re.search(r"<caption>By how much the statement holds on average", page())


@pytest.mark.parametrize("word", ["True", "False", "nan", "inf"])
def test_no_number_is_left_raw(word: str) -> None:
    assert word not in re.split(r"[^\w]+", " ".join(Page(page()).text))
