"""The shipped figures are complete, unique and keep their contradictions."""

from __future__ import annotations

import csv
from collections import Counter
from importlib.resources import files

import pytest

from straits.data import GRADES, arrests_by_force, coastline, figures


def _keys_as_written() -> list[str]:
    with files("straits.data").joinpath("figures.csv").open(encoding="utf-8", newline="") as table:
        return [row["key"] for row in csv.DictReader(table)]


def test_every_figure_says_what_it_is_and_who_published_it() -> None:
    for figure in figures().values():
        for field in ("value", "unit", "period", "place", "definition", "source_title"):
            assert getattr(figure, field).strip(), (figure.key, field)
        assert figure.grade in GRADES, figure.key
        assert figure.source_url == "" or figure.source_url.startswith("http"), figure.key


def test_keys_are_unique() -> None:
    repeated = [key for key, count in Counter(_keys_as_written()).items() if count > 1]
    assert repeated == []
    assert len(figures()) == len(_keys_as_written())


def test_recalled_figures_are_never_graded_as_published() -> None:
    for figure in figures().values():
        if figure.source_title.startswith("no page found"):
            assert figure.grade == "C", figure.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("arrests.uk.2015", "arrests.uk.2015.rounded"),
        ("attempts.juxtaposed.2013", "attempts.juxtaposed.2013.bf"),
        ("attempts.juxtaposed.2010", "attempts.juxtaposed.2010.alt"),
        ("dunkirk.passengers.2015.dfds", "dunkirk.passengers.2015.jmm"),
        ("calais.pop.official.2016-08-17", "calais.pop.ngo.2016-08-06to09"),
        ("calais.pop.official.2016-10-11.visual", "calais.pop.official.2016-10-11.declared"),
    ],
)
def test_contradicting_figures_are_both_shipped(one: str, other: str) -> None:
    assert figures()[one].number != figures()[other].number


def test_dover_freight_is_the_sum_of_its_two_routes() -> None:
    dover, calais = figures()["dover.freight.2016"], figures()["calais.freight.2016"]
    assert dover.number is not None
    assert calais.number is not None
    # The remainder is Dunkirk; no published figure of 2016 gives it directly.
    assert dover.number - calais.number == 682_000


def test_numbers_are_read_and_words_are_not() -> None:
    assert figures()["arrests.uk.2013"].number == 7709
    assert figures()["check.lorry.prebrexit_paf"].number is None


def test_arrests_keep_rival_versions_and_unknowns() -> None:
    rows = arrests_by_force()
    london = {row.arrests for row in rows if row.force.startswith("Metropolitan")}
    assert london == {6843, 6834}
    assert any(row.arrests is None for row in rows)
    assert all(row.source_title for row in rows)


def test_the_coast_holds_both_shores_and_its_licence() -> None:
    names = {feature["properties"]["name"] for feature in coastline()["features"]}
    assert {"United Kingdom", "France"} <= names
    licence = files("straits.data").joinpath("COASTLINE-LICENCE.txt").read_text(encoding="utf-8")
    assert "LGPL" in licence
