"""Words that every floor uses: clock, names, hashes, errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from straits.base import names
from straits.base.clock import DAY_TICKS, MAX_DAYS, WORD_SHIFT, day_of, local_hour, ticks
from straits.base.errors import (
    DataError,
    InternalError,
    InterruptedRunError,
    NumericalError,
    Problem,
    StraitsError,
    UserError,
)
from straits.base.hashing import content_hash, unit_draw, unit_draws


def test_a_length_of_time_is_at_least_a_tick() -> None:
    assert ticks(0.0) == 1
    assert ticks(1.0) == 1024
    assert ticks(900.0) * 96 == DAY_TICKS


def test_the_clock_holds_eight_years() -> None:
    assert MAX_DAYS > 7 * 366
    assert (MAX_DAYS * DAY_TICKS) << WORD_SHIFT < 1 << 63


def test_local_hours_at_the_change_of_clocks() -> None:
    """The hour that spring skips is skipped; the one that autumn has twice comes twice."""
    zone = "Europe/London"
    spring = [local_hour(date(2017, 3, 26), h, zone) for h in range(24)]
    assert [hour for _, hour in spring][:3] == [0, 2, 3]
    assert spring[23] == (date(2017, 3, 27), 0)
    autumn = [local_hour(date(2016, 10, 30), h, zone)[1] for h in range(24)]
    assert autumn[:3] == [1, 1, 2]
    assert local_hour(date(2016, 8, 30), 22, "Europe/Paris") == (date(2016, 8, 31), 0)
    assert day_of(date(2016, 8, 27), date(2016, 8, 30)) == 3


def test_decision_ids_hang_on_the_name_alone() -> None:
    assert names.decision_id("people.inflow") == names.decision_id("people.inflow")
    assert names.decision_id("people.inflow") == 707_761_089
    ids = names.decision_ids(f"control-{k}.service" for k in range(500))
    assert len(set(ids.values())) == 500
    assert all(0 < number < 1 << 32 for number in ids.values())


def test_two_names_with_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "decision_id", len)
    with pytest.raises(InternalError, match="'abc' and 'xyz' share the id 3"):
        names.decision_ids(["abc", "xyz"])
    assert names.decision_ids(["abc", "abc"]) == {"abc": 3}


@dataclass(frozen=True)
class _Pair:
    one: int
    two: object


def test_a_hash_sees_every_part_and_no_order_of_keys() -> None:
    base = content_hash(_Pair(1, np.arange(3)), {"a": 1, "b": 2})
    assert base == content_hash(_Pair(1, np.arange(3)), {"b": 2, "a": 1})
    others = [
        content_hash(_Pair(2, np.arange(3)), {"a": 1, "b": 2}),
        content_hash(_Pair(1, np.arange(4)), {"a": 1, "b": 2}),
        content_hash(_Pair(1, np.arange(3, dtype=np.int32)), {"a": 1, "b": 2}),
        content_hash(_Pair(1, np.arange(3)), {"a": 1, "c": 2}),
        content_hash(_Pair(1, (0, 1, 2)), {"a": 1, "b": 2}),
        content_hash(np.arange(6).reshape(2, 3)), content_hash(np.arange(6).reshape(3, 2)),
        content_hash("ab", "c"), content_hash("a", "bc"), content_hash(1), content_hash("1"),
    ]  # fmt: skip
    assert len({base, *others}) == len(others) + 1
    turned = np.asfortranarray(np.arange(6).reshape(2, 3))
    assert content_hash(turned) == content_hash(np.arange(6).reshape(2, 3))


@given(st.lists(st.integers(-(2**63), 2**64 - 1), min_size=1, max_size=4))
def test_a_draw_of_a_design_is_inside_and_the_same(address: list[int]) -> None:
    assert 0.0 < unit_draw(*address) < 1.0
    assert unit_draw(*address) == unit_draw(*address)


def test_many_unit_draws_are_single_ones_bit_for_bit() -> None:
    for address in ((), (0,), (7, 2**64 - 1), (2**32 - 1, -3, 2**70)):
        assert unit_draws(50, *address).tolist() == [unit_draw(*address, k) for k in range(50)]


def test_draws_of_a_design_are_uniform() -> None:
    draws = np.array([unit_draw(7, k) for k in range(20_000)])
    assert abs(draws.mean() - 0.5) < 4.5 / np.sqrt(12 * draws.size)
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 4.5 / np.sqrt(draws.size)


def test_problems_say_where_what_found_allowed_and_what_to_do() -> None:
    one = Problem("a.yaml:3:5", "people.x", "too large", "7", "0 to 1", "Write 0.7")
    assert str(one) == (
        "a.yaml:3:5  people.x\n    too large; found 7; allowed: 0 to 1. Write 0.7"
    )
    assert str(Problem("--days", "", "out of range")) == "--days\n    out of range"
    error = UserError([one, Problem("--days", "", "out of range")])
    assert len(error.problems) == 2
    assert str(error).count("\n    ") == 2
    assert UserError(one).problems == [one]


def test_every_error_has_its_exit_code() -> None:
    codes = {
        UserError: 2, DataError: 3, NumericalError: 4, InternalError: 70,
        InterruptedRunError: 130,
    }  # fmt: skip
    for kind, code in codes.items():
        assert issubclass(kind, StraitsError)
        assert issubclass(kind, Exception)
        assert kind.exit_code == code
