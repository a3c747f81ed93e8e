"""Answers about a pair of policies from planted runs: where it turns, what matters, boxes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from straits.analysis.exploring import explore
from straits.analysis.margins import Margin, Threshold
from straits.analysis.mattering import mattering_of, parts_of
from straits.analysis.turning import turning_of
from straits.base.hashing import unit_draws
from straits.report.exploring import explored_json, render_explored
from straits.report.mattering import mattering_json, render_mattering
from straits.report.paired import question_json, render_turning, turning_json
from straits.report.terminal import WIDE, Style
from support.paired import NAMES, column, luck, paired

FUTURES = 200
ELASTICITY, NEED, JOIN, *_, CHOICE = NAMES


def columns(one: object, *names: str) -> list[object]:
    return [one.table.assumptions[name] for name in names]  # type: ignore[attr-defined]


def test_a_number_turns_where_it_was_planted_and_by_a_margin() -> None:
    x = column(ELASTICITY, FUTURES)
    pair = paired(40.0 * (x - 0.6)[:, None] + luck(FUTURES, 2))
    turning = turning_of(pair, columns(pair, ELASTICITY), Margin(0.0))
    (crossing,) = turning.number.crossings
    assert crossing.value == pytest.approx(0.6, abs=0.01)
    assert crossing.low <= crossing.value <= crossing.high
    assert crossing.rising
    assert turning.above_share == pytest.approx(np.mean(x > 0.6), abs=0.02)
    # 10 % of 100 is 10, which is a quarter of the slope further.
    (further,) = turning_of(pair, columns(pair, ELASTICITY), Margin(0.1, True)).number.crossings
    assert further.value == pytest.approx(0.85, abs=0.01)


def test_a_curve_and_a_surface_follow_what_was_planted() -> None:
    x, y, z = (column(name, FUTURES) for name in (ELASTICITY, NEED, JOIN))
    pair = paired((x - 0.3 - 0.4 * y)[:, None])
    curve = turning_of(pair, columns(pair, ELASTICITY, NEED), Margin(0.0)).contour
    assert curve is not None
    assert np.allclose(curve.value, 0.3 + 0.4 * curve.others[0], atol=0.01)
    pair = paired((x - 0.2 - 0.3 * y - 0.3 * z)[:, None])
    turning = turning_of(pair, columns(pair, ELASTICITY, NEED, JOIN), Margin(0.0))
    assert turning.contour is not None
    down, across = np.meshgrid(*turning.contour.others, indexing="ij")
    assert np.allclose(turning.contour.value, 0.2 + 0.3 * down + 0.3 * across, atol=0.02)
    text = render_turning(turning, Style())
    assert "people.need down, people.join across" in text
    assert max(map(len, text.splitlines())) <= WIDE


def test_a_policy_without_effect_turns_nowhere() -> None:
    pair = paired(np.zeros((FUTURES, 2)))
    turning = turning_of(pair, columns(pair, ELASTICITY), Margin(0.0))
    assert turning.number.side == "always zero"
    assert "no difference throughout" in render_turning(turning, Style())
    assert mattering_of(pair).ranked == ()
    assert "the same in every future" in render_explored(
        explore(pair, Threshold("less", Margin(0.0))), Style())


def test_a_text_has_the_number_its_interval_and_the_evidence() -> None:
    pair = paired(40.0 * (column(NEED, FUTURES) - 0.5)[:, None] + luck(FUTURES, 2))
    turning = turning_of(pair, columns(pair, NEED), Margin(0.0))
    text = " ".join(render_turning(turning, Style()).split())
    assert "Turns from no difference at 0.50 (" in text
    assert "more above it on average" in text
    assert "grade C, fitted to the record" in text
    assert "replayed less simulated traffic +0.50" in text
    plain = render_turning(turning, Style(60, unicode=False))
    assert plain.isascii()
    data = json.loads(json.dumps({**question_json(pair), **turning_json(turning)}))
    assert data["crossings"][0]["value"] == turning.number.crossings[0].value
    assert data["runs"]["futures"] == FUTURES


def test_the_ranking_puts_first_what_was_planted_first() -> None:
    x, y = column(ELASTICITY, FUTURES), column(NEED, FUTURES)
    pair = paired((8.0 * x - 4.0 * y)[:, None] + luck(FUTURES, 2))
    found = mattering_of(pair)
    assert [one.column.name for one in found.ranked[:2]] == [ELASTICITY, NEED]
    first, second, *rest = found.ranked
    # Variances 64 : 16 : luck of 1 / 12 / 2.
    assert first.share == pytest.approx(0.8, abs=0.08)
    assert first.low < 0.8 < first.high
    assert first.is_clear
    assert first.change > 0.0 > second.change
    assert not any(one.share > 0.15 for one in rest)
    assert found.luck_share == pytest.approx(0.5 / 12.0 / pair.difference.var(ddof=1), rel=0.3)
    text = render_mattering(found, Style())
    assert text.index(ELASTICITY) < text.index(NEED)
    assert f"● {ELASTICITY}" in text
    assert f"○ {CHOICE}" in text
    assert max(map(len, text.splitlines())) <= WIDE
    assert len(json.loads(json.dumps(mattering_json(found)))["ranked"]) == len(NAMES)


def test_parts_of_policy_future_both_and_luck_add_up_to_what_was_planted() -> None:
    futures, own = 4_000, 3

    def normal(*shape: int, at: int) -> np.ndarray:
        from scipy.special import ndtri

        return np.asarray(ndtri(unit_draws(int(np.prod(shape)), 5, at).reshape(shape)))

    policy = np.array([-2.0, 2.0])[:, None, None]  # variance 4
    future = 3.0 * normal(futures, at=1)[None, :, None]  # 9
    both = 1.5 * normal(futures, at=2)[None, :, None] * np.array([-1.0, 1.0])[:, None, None]  # 2.25
    shared = 2.0 * normal(futures, own, at=3)[None]  # luck of a row, 4
    within = 1.0 * normal(futures, own, at=4)[None] * np.array([-1.0, 1.0])[:, None, None]  # 1
    parts = parts_of(policy + future + both + shared + within)
    assert parts is not None
    found = [parts.policy, parts.future, parts.together, parts.luck]
    assert sum(found) == pytest.approx(1.0)
    assert found == pytest.approx([one / 20.25 for one in (4.0, 9.0, 2.25, 5.0)], abs=0.015)
    assert parts_of(np.zeros((2, 8, 2))) is None
    assert parts_of(normal(2, 8, 1, at=6)) is None


def test_a_planted_box_is_found_and_told_in_words() -> None:
    x, y = column(ELASTICITY, FUTURES), column(NEED, FUTURES)
    inside = (x > 0.5) & (y < 0.6)
    pair = paired(np.where(inside, -5.0, 5.0)[:, None] + luck(FUTURES, 2))
    found = explore(pair, Threshold("less", Margin(0.0)))
    box = found.boxes[0]
    assert {one.column.name for one in box.conditions} == {ELASTICITY, NEED}
    assert box.density > 0.9
    assert box.coverage > 0.8
    limits = {one.column.name: one for one in box.conditions}
    assert limits[ELASTICITY].low == pytest.approx(0.5, abs=0.05)
    assert limits[NEED].high == pytest.approx(0.6, abs=0.05)
    text = render_explored(found, Style())
    assert "If people." in text
    assert "runs go from" in text
    assert max(map(len, text.splitlines())) <= WIDE
    data = json.loads(json.dumps(explored_json(found)))
    assert data["boxes"][0]["conditions"][0]["says"] in text.replace("\n    ", " ")


def test_a_choice_is_told_by_its_cases_and_luck_gives_no_box() -> None:
    pair = paired(np.where(column(CHOICE, FUTURES) == 2.0, 5.0, -5.0)[:, None])
    text = render_explored(explore(pair, Threshold("more", Margin(0.0))), Style())
    assert "If people.access is 2.0" in text
    draws = unit_draws(FUTURES, 991)
    found = explore(paired(np.where(draws > 0.5, 1.0, -1.0)[:, None]),
                    Threshold("more", Margin(0.0)))
    assert found.boxes == ()
    assert "No box stands" in render_explored(found, Style())


def test_too_few_futures_are_refused() -> None:
    pair = paired(luck(30, 2))
    with pytest.raises(ValueError, match="30 futures are too few"):
        mattering_of(pair)
    with pytest.raises(ValueError, match="30 futures are too few"):
        explore(pair, Threshold("more", Margin(0.0)))
