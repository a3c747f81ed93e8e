"""Claim cards from planted tables: share, break-even, what decides, and what is not said."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from straits.analysis.cards import BESIDE, Card, card_of, needs_vehicles, policies_of
from straits.ensemble.runs import RunTable
from straits.report.claims import card_json, render_cards, said
from straits.report.terminal import Style
from straits.results.measures import PEOPLE_MEASURES
from support.cards import DRAW, ROUTE, draws, of_elasticity, statement, table


def test_share_break_even_and_decider_of_a_planted_statement() -> None:
    bound = statement(DRAW)
    card = card_of(bound, table(bound, inflow=of_elasticity(0.6)))
    holding = int(np.sum(draws(200, 0) >= 0.6))
    assert card.verdict.holding == holding
    assert card.verdict.word == "Depends"
    assert card.verdict.low < holding / 200 < card.verdict.high
    assert card.verdict.near == 0
    assert card.turn is not None
    assert card.turn.result is not None
    (crossing,) = card.turn.result.crossings
    assert crossing.value == pytest.approx(0.6, abs=0.01)
    assert crossing.low <= crossing.value <= crossing.high
    assert crossing.rising
    assert card.deciders[0].column.name == "people.elasticity"
    assert card.deciders[0].share > 0.95
    assert card.deciders[0].is_clear
    assert [effect.measure for effect in card.beside] == list(BESIDE)


def test_luck_near_the_threshold_is_counted() -> None:
    bound = statement(DRAW)
    noise = 4.0 * (draws(400, 9).reshape(200, 2) - 0.5)
    card = card_of(bound, table(bound, inflow=of_elasticity(0.6) + noise))
    assert 0 < card.verdict.near < 200
    one = card_of(bound, table(bound, replications=1, inflow=of_elasticity(0.6)))
    assert one.verdict.near == 0  # one replication tells nothing of luck


def test_a_policy_without_effect_never_holds_and_nothing_decides() -> None:
    bound = statement(DRAW)
    card = card_of(bound, table(bound))
    assert card.verdict.word == "Does not hold"
    assert (card.verdict.percent, card.verdict.holding) == (0, 0)
    assert card.turn is not None
    assert card.turn.says == "none in the range: never holds"
    assert card.deciders == ()
    assert all(effect.verdict == "none" for effect in card.beside)
    assert card.tests[0].value.difference == 0.0


def test_all_tests_must_hold_together() -> None:
    bound = statement("closing-reduces-pressure")
    half = np.where(draws(200, 5) < 0.5, 50.0, 100.0)[:, None]
    both = card_of(bound, table(bound, site_stock=np.full((200, 1), 50.0), prevented_attempts=half))
    assert both.verdict.holding == int(np.sum(draws(200, 5) < 0.5))
    one = card_of(bound, table(bound, site_stock=np.full((200, 1), 50.0)))
    assert one.verdict.word == "Does not hold"
    assert len(one.tests) == 2


def test_a_level_is_compared_with_its_threshold_alone() -> None:
    bound = statement("returns-at-the-promised-pace")
    yearly = 135.0 * 12.0
    high = card_of(bound, table(bound, returned=np.full((200, 1), yearly + 1.0)))
    low = card_of(bound, table(bound, returned=np.full((200, 1), yearly - 1.0)))
    assert (high.verdict.word, low.verdict.word) == ("Holds", "Does not hold")
    assert policies_of(bound) == ("joint-statement", "status-quo")


def test_waits_need_vehicles_and_few_futures_say_so() -> None:
    bound = statement("ending-controls-delays-freight")
    assert needs_vehicles(bound)
    assert not needs_vehicles(statement(DRAW))
    with pytest.raises(ValueError, match="replayed traffic lack lorry_delay_to_uk"):
        card_of(bound, table(bound))
    card = card_of(bound, table(bound, futures=5, replications=1, traffic="simulated",
                                lorry_delay_to_uk=np.full((5, 1), 120.0)))
    assert card.verdict.word == "Holds"
    assert card.turn is not None
    assert card.turn.says == "not told: 5 futures, 8 are needed"
    assert card.deciders == ()
    with pytest.raises(ValueError, match="there are none"):
        card_of(bound)


def test_an_assumption_that_was_not_simulated_has_no_break_even() -> None:
    bound = statement(DRAW)
    found = table(bound, inflow=of_elasticity(0.6))
    without = {name: one for name, one in found.assumptions.items() if name != "people.elasticity"}
    card = card_of(bound, RunTable(found.study, found.values, without, found.key))
    assert card.turn is not None
    assert card.turn.result is None
    assert "replayed" in card.turn.says


@pytest.mark.parametrize(("name", "word", "kind"), [
    ("arrests-up-a-quarter", "Holds", "figures"),
    ("kent-third-of-all-forces", "Holds", "figures"),
    ("kent-third-on-the-rival-list", "Cannot be decided here", "figures"),
    ("drivers-could-be-killed", "Cannot be decided here", "none"),
])  # fmt: skip
def test_statements_without_runs_have_cards(name: str, word: str, kind: str) -> None:
    card = card_of(statement(name))
    assert (card.verdict.word, card.kind) == (word, kind)
    assert card_json(card)["runs"] is None
    assert word in render_cards([card], Style())


def planted() -> Card:
    bound = statement(DRAW)
    found = table(bound, inflow=of_elasticity(0.6))
    gaps = {(policy, name): 2.0 if policy == ROUTE else 0.5
            for policy in policies_of(bound) for name in PEOPLE_MEASURES}
    return card_of(bound, found, gaps)


def test_a_card_as_data_says_what_it_rests_on() -> None:
    data = json.loads(json.dumps(card_json(planted()), allow_nan=False))
    assert data["share"]["futures"] == 200
    assert data["share"]["low"] < data["share"]["holding"] / 200 < data["share"]["high"]
    assert data["break_even"]["assumption"] == "people.elasticity"
    assert data["break_even"]["crossings"][0]["value"] == pytest.approx(0.6, abs=0.01)
    assert {"assumption", "share", "standard_error", "grade"} <= set(data["decides"][0])
    assert data["decides"][0]["grade"] == "D"
    assert data["runs"]["futures"] == 200
    assert (data["runs"]["first_day"], data["runs"]["last_day"]) == ("2016-08-30", "2017-08-29")
    assert data["tests"][0]["replayed_less_simulated"] == 1.5
    assert {one["measure"] for one in data["beside"]} >= {"deaths", "without_shelter"}
    assert any("recorded traffic" in text for text in data["not_said"])


@pytest.mark.parametrize("style", [Style(), Style(60, False), Style(101, True, True)])
def test_a_card_as_text(style: Style) -> None:
    text = render_cards([planted()], style)
    assert "Depends" in text
    assert "break-even" in text
    assert "people.elasticity" in text
    assert "deaths" in text
    plain = text.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert max(map(len, plain.splitlines())) <= style.width
    assert style.unicode or text.isascii()
    assert not math.isnan(planted().verdict.low)


@pytest.mark.parametrize(("name", "words"), [
    (DRAW, ["more by at least 5 %"]),
    ("fences-only-displace", ["the same, within 5 %"]),
    ("fifty-thousand-more-claims", ["more by at least 50,000 claims a year"]),
    ("carriers-would-still-refuse", ["more by at most 5,000 claims a year"]),
    ("closing-reduces-pressure", ["less by more than 5 %", "less by more than 5 %"]),
    ("hotspot-fewer-attempts-and-deaths", ["less", "less"]),
    ("returns-at-the-promised-pace", ["at least 1,620 people a year"]),
    ("uk-checks-more-unseen", ["more by more than 5 %"]),
])  # fmt: skip
def test_what_is_asked_in_words(name: str, words: list[str]) -> None:
    assert [said(test) for test in statement(name).tests] == words
