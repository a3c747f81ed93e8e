"""The release's table of arrests, reproduced from the shipped rows under each rival definition."""

from __future__ import annotations

import pytest

from straits.analysis.arrests import DEFINITIONS, arrest_table, force_arrests, published_totals
from straits.base.errors import UserError
from straits.data import arrests_by_force

ROWS = arrests_by_force()


def test_kent_is_third_on_the_release_s_list_and_from_second_to_fourth_on_the_newspaper_s() -> None:
    kent = force_arrests(ROWS, "Kent")
    assert {name: (row.rank_low, row.rank_high) for name, row in kent.items()} == {
        "release": (3, 3), "later": (3, 3), "newspaper": (2, 4),
    }
    assert kent["release"].stated == 3
    assert kent["newspaper"].stated is None, "first to third outside London, order not stated"
    assert {row.arrests for row in kent.values()} == {2092}


def test_the_release_s_table() -> None:
    table = arrest_table(ROWS, "release")
    assert [(row.force, row.arrests, row.stated) for row in table.forces[:3]] == [
        ("Metropolitan (London)", 6843, 1), ("Thames Valley", 2107, 2), ("Kent", 2092, 3),
    ]
    assert table.total == 27_800
    assert (table.force("South Wales").rank_low, table.force("South Wales").rank_high) == (14, 14)
    assert (table.force("Gwent").rank_low, table.force("Gwent").rank_high) == (15, 38)
    assert (table.force("Dyfed-Powys").rank_low, table.force("Dyfed-Powys").rank_high) == (16, 39)
    # No number was found, so the list's own first three leave them the fourth place at best.
    for name in ("Greater Manchester", "West Midlands"):
        row = table.force(name)
        assert (row.arrests, row.rank_low, row.rank_high) == (None, 4, 39)


@pytest.mark.parametrize("name", ["release", "later"])
def test_the_places_stated_agree_with_the_numbers(name: str) -> None:
    """London's later number has no place of its own; the second's place leaves it the first."""
    table = arrest_table(ROWS, name)
    certain = [row for row in table.forces if row.rank_low == row.rank_high is not None]
    assert [row.rank_low for row in certain] == [1, 2, 3, 14]
    assert table.force("West Midlands").rank_low == 4
    assert [row.arrests for row in certain] == [6843 if name == "release" else 6834, 2107, 2092, 572]


def test_forces_that_did_not_reply_or_in_part() -> None:
    table = arrest_table(ROWS)
    status = {row.force: row.status for row in table.forces}
    assert status["Police Scotland"] == "no reply"
    assert status["North Wales"] == "no full reply"
    assert status["Greater Manchester"] == "no number"
    assert table.unnamed_without_data == 3, "four gave no data, one of them is named"
    for name in ("Police Scotland", "North Wales"):
        assert table.force(name).rank_low is None
        assert table.force(name).arrests is None


def test_what_is_counted_otherwise_stays_out() -> None:
    """Ports, parts of forces, wider offences and other years are no rows of the release."""
    names = {row.force for row in arrest_table(ROWS).forces}
    assert len(names) == 10
    for out in ("Port of Dover Police", "Hampshire", "Northamptonshire", "Bedfordshire",
                "Thames Valley (Oxfordshire only)", "Kent (all immigration offences)"):
        assert out not in names
        assert any(row.force == out for row in ROWS)


@pytest.mark.parametrize(
    ("name", "total", "of_forces"), [("release", 27_800, 11_882), ("later", 27_862, 11_873)]
)
def test_what_the_other_forces_share(name: str, total: int, of_forces: int) -> None:
    table = arrest_table(ROWS, name)
    assert (table.total, table.of_forces, table.rest) == (total, of_forces, total - of_forces)
    assert table.others == 33
    # Ten forces from 572 to 2,092 and 23 up to 572: the published places leave room for the rest.
    assert (table.rest_low, table.rest_high) == (10 * 572, min(10 * 2092 + 23 * 572, total))
    assert table.rest_low <= table.rest <= table.rest_high
    derived = next(row.arrests for row in ROWS if row.force == "ALL OTHER (derived)")
    assert (table.rest == derived) is (name == "later")


def test_totals_by_year_as_published_and_as_sums() -> None:
    totals = {row.period: row for row in published_totals(ROWS)}
    assert totals["2013"].published == (7709,)
    assert totals["2014"].published == (7913,)
    assert totals["2015"].published == (9600, 9621)
    assert totals["Jan-May 2016"].published == (2619,)
    # Only Kent published its years, under a request of its own.
    assert (totals["2013"].parts, totals["2013"].of_parts) == (("Kent",), 530)
    assert totals["2014"].of_parts == 632
    assert totals["2015"].of_parts == 0
    # The later version is the sum of its years; the release is rounded and is not.
    later, release = totals["2013-May 2016"], totals["Jan 2013-Apr 2016"]
    assert later.published == (27_862,)
    assert later.of_parts == 27_862
    assert release.published == (27_800,)
    assert release.of_parts == 27_841


def test_what_contradicts() -> None:
    release, newspaper = (arrest_table(ROWS, name) for name in ("release", "newspaper"))
    orders = [[(one.one, one.other) for one in table.contradictions
               if one.what == "order against numbers"] for table in (release, newspaper)]
    assert orders == [[], [("Kent 2092 ranked before", "Thames Valley 2107")]]
    numbers = {(one.one, one.other) for one in release.contradictions if one.what == "two numbers"}
    assert numbers == {("ALL (39 forces) 2015: 9600", "9621"),
                       ("Port of Dover Police 2014: 563", "388")}
    assert any(one.what == "two versions" and "6843" in one.one for one in release.contradictions)


def test_a_list_or_force_that_does_not_exist_is_named() -> None:
    with pytest.raises(UserError, match=r"no such list of arrests; found 'police'.*release, later"):
        arrest_table(ROWS, "police")
    with pytest.raises(UserError, match=r"no force of this name.*found 'Kentt'.*Kent") as caught:
        force_arrests(ROWS, "Kentt")
    assert "Did you mean 'Kent'?" in str(caught.value)


def test_rows_are_frozen_and_the_order_of_the_file_does_not_matter() -> None:
    table = arrest_table(ROWS)
    assert arrest_table(ROWS[::-1]).forces == table.forces
    with pytest.raises(AttributeError):
        table.total = 1  # type: ignore[misc]
    assert set(DEFINITIONS) == {"release", "later", "newspaper"}
