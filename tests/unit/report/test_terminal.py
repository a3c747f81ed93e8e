"""The terminal's scorecard: widths, tones, signs, and what plain terminals get."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from straits.report.terminal import WIDE, Style, _whisker, render_terminal
from straits.report.text import short_name
from support.comparison import comparison

TONE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [60, 80, 100, 101, 200])
@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("tones", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, unicode: bool, tones: bool) -> None:
    text = render_terminal(comparison(), Style(width, unicode, tones))
    for line in text.splitlines():
        assert len(TONE.sub("", line)) <= min(width, WIDE), line


def test_plain_terminals_get_ascii_alone() -> None:
    text = render_terminal(comparison(), Style(unicode=False))
    assert text.isascii()
    assert "?" not in text
    assert "* interval clear of zero   o less or more, cannot be said   | zero" in text


def test_tones_are_three_and_carry_no_words() -> None:
    toned = render_terminal(comparison(), Style(tones=True))
    assert set(TONE.findall(toned)) == {"\x1b[0m", "\x1b[1m", "\x1b[2m"}
    assert TONE.sub("", toned) == render_terminal(comparison(), Style(tones=False))


@pytest.mark.parametrize("width", [60, 101])
def test_every_policy_and_commitment_is_there(width: int) -> None:
    text = render_terminal(comparison(), Style(width))
    for policy in comparison().policies:
        assert short_name(policy) in text
    for title in ("1 SECURITY", "2 PRESSURE", "3 ECON. LINK", "4 RETURNS", "5 HUMANIT."):
        assert title in text
    assert text.count("WHO GAINS, WHO PAYS") == len(comparison().policies) - 1
    assert "MAINTAINS THE EXISTING ARRANGEMENTS" in text


def test_names_keep_their_capitals() -> None:
    text = render_terminal(comparison(), Style())
    for words in ("UK public cost, £m/year", "French public cost", "delay at checks in Kent",
                  "lorry delay, to France"):
        assert words in text


def test_chance_alone_is_said() -> None:
    fixed = replace(comparison(), futures="fixed", source_of_spread="chance alone")
    text = render_terminal(fixed, Style())
    assert "chance alone; the same luck for every policy; not a forecast" in text


def test_whisker_is_on_the_side_that_the_number_says() -> None:
    for effect in comparison().effects.values():
        for span in ((effect.low, effect.high), (-3e6, 3e6), (min(effect.low, 0.0), 3e6)):
            span = (min(0.0, *span), max(0.0, *span))
            drawn = _whisker(effect, span)
            assert len(drawn) == 8
            if effect.verdict == "clear":
                zero = re.search("[│┼]", drawn)
                assert zero is not None
                dot = drawn.index("●")
                assert (dot > zero.start()) == (effect.difference > 0.0)
            elif effect.verdict == "unclear":
                assert "○" in drawn and "●" not in drawn
            else:
                assert drawn.strip() == "│"


def test_style_follows_the_stream() -> None:
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    style = Style.of(plain)
    assert style == Style(WIDE, unicode=False, tones=False)
    assert Style.of(io.TextIOWrapper(io.BytesIO(), encoding="UTF-8")).unicode
