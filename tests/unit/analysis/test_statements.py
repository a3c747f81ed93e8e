"""Statements: margins in a measure's unit, predicates with a sign, arithmetic on what was published."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from straits.analysis.margins import Margin, Threshold, read_margin, read_share, reader_unit
from straits.analysis.statements import BoundStatement, World, bind_statement, check_statements
from straits.base.errors import UserError
from straits.results.measures import MEASURES
from straits.scenario import load_baseline, load_statement, load_uncertainty, names
from straits.scenario.findings import Finding
from straits.scenario.statement import Relation
from straits.scenario.units import convert
from support.command import call

VALID = Path(__file__).parents[2] / "scenarios" / "valid"


@pytest.fixture(scope="module")
def bound() -> dict[str, BoundStatement]:
    """Return every shipped statement, bound."""
    baseline = load_baseline("calais-2016")
    world = World(baseline, load_uncertainty("calais-2016", baseline))
    return {name: bind_statement(load_statement(name), world) for name in names("statement")}


@pytest.mark.parametrize("name", MEASURES)
def test_the_unit_of_every_measure_can_be_written_in_a_document(name: str) -> None:
    measure = MEASURES[name]
    if measure.unit == "%":
        assert read_margin("5 points", measure.unit) == Margin(5.0)
        assert read_margin("60 %", measure.unit, is_level=True) == Margin(60.0)
        return
    target, factor = reader_unit(measure.unit)
    assert convert(f"1 {target}", target) == 1.0
    shown = measure.unit.partition(",")[0]
    assert read_margin(f"5 {shown}", measure.unit) == Margin(5.0)
    assert read_margin(f"{5 * factor} {target}", measure.unit) == Margin(5.0)
    assert read_margin("5 %", measure.unit) == Margin(0.05, is_share=True)
    assert read_margin(0, measure.unit) == Margin(0.0)
    wrong = read_margin("5 GBP/person", measure.unit)
    assert isinstance(wrong, Finding)
    assert shown in wrong.allowed


@pytest.mark.parametrize(
    ("raw", "unit", "expected"),
    [
        ("135 people a month", "people a year", 1620.0),
        ("50000 people a year", "people a year", 50_000.0),
        ("50000 people per year", "people a month", 50_000 / 12),
        ("2000000 GBP/yr", "£m a year", 2.0),
        ("2 £m a year", "£m a year", 2.0),
        ("7 person-days a day", "thousand person-days a year", 7 * 365.25 / 1000),
        ("90 s", "min, mean", 1.5),
        ("500 people", "people, last day", 500.0),
        ("-3 km", "km", -3.0),
    ],
)
def test_margins_are_read_in_the_measure_s_unit(raw: str, unit: str, expected: float) -> None:
    margin = read_margin(raw, unit)
    assert isinstance(margin, Margin)
    assert not margin.is_share
    assert margin.value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("raw", "unit", "level", "message", "hint"),
    [
        (500, "people", False, "a unit is missing", "Write the unit: '500 people'"),
        ("50,000 people", "people", False, "a number has no comma in it", "Write the number without commas"),
        ("5 people", "people a day", False, "wrong unit", ""),
        ("5 %", "people", True, "a level is compared with a quantity", ""),
        ("5 people", "%", False, "wrong unit", ""),
        ("5 points", "%", True, "wrong unit", ""),
        ("many", "people", False, "this must be a number", ""),
        (True, "people", False, "this must be a number", ""),
        (False, "people", False, "this must be a number", ""),
        ({}, "%", False, "wrong unit", ""),
        ("1e999 people", "people", False, "this number is not finite", ""),
    ],
)
def test_margins_that_do_not_fit_are_told(
    raw: object, unit: str, level: bool, message: str, hint: str
) -> None:
    found = read_margin(raw, unit, level)
    assert isinstance(found, Finding)
    assert (found.message, found.hint) == (message, hint)
    assert found.allowed


@pytest.mark.parametrize(
    ("relation", "by", "value", "slack", "holds"),
    [
        ("more", 5.0, 6.0, 1.0, True), ("more", 5.0, 5.0, 0.0, False),
        ("less", -5.0, -6.0, 1.0, True), ("less", -5.0, -5.0, 0.0, False),
        ("less", -5.0, -4.0, -1.0, False),
        ("at_least", 5.0, 5.0, 0.0, True), ("at_least", 5.0, 4.0, -1.0, False),
        ("at_most", 5.0, 5.0, 0.0, True), ("at_most", 5.0, 7.0, -2.0, False),
        ("about", 0.0, -2.0, 0.0, True), ("about", 0.0, 3.0, -1.0, False),
        ("about", -5.0, -4.0, 1.0, True),
    ],
)  # fmt: skip
def test_slack_is_positive_where_a_relation_holds(
    relation: Relation, by: float, value: float, slack: float, holds: bool
) -> None:
    threshold = Threshold(relation, Margin(by), Margin(2.0) if relation == "about" else None)
    assert threshold.slack(value) == slack
    assert threshold.holds(value) is holds


def test_shares_are_of_the_value_compared_with(bound: dict[str, BoundStatement]) -> None:
    (test,) = bound["claims-in-calais-draw-arrivals"].tests
    assert (test.of, test.against, test.days) == ("difference", "status-quo", 365)
    assert test.slack(105.0, 100.0) == 0.0
    assert test.holds(105.0, 100.0)
    assert not test.holds(104.9, 100.0)
    (fewer,) = bound["uk-centre-fewer-at-calais"].tests
    assert fewer.slack(90.0, 100.0) == pytest.approx(5.0)
    assert not fewer.holds(95.0, 100.0)
    (same,) = bound["fences-only-displace"].tests
    assert same.holds(104.0, 100.0)
    assert same.holds(96.0, 100.0)
    assert not same.holds(94.0, 100.0)


def test_quantities_are_in_the_measure_s_unit(bound: dict[str, BoundStatement]) -> None:
    (fifty,) = bound["fifty-thousand-more-claims"].tests
    assert fifty.holds(60_000.0, 10_000.0)
    assert not fifty.holds(59_999.0, 10_000.0)
    (few,) = bound["carriers-would-still-refuse"].tests
    assert few.holds(9_000.0, 4_000.0)
    assert not few.holds(9_001.0, 4_000.0)
    (pace,) = bound["returns-at-the-promised-pace"].tests
    assert (pace.of, pace.against, pace.against_policies) == ("level", "", ())
    assert pace.slack(1620.0) == pytest.approx(0.0, abs=1e-9)


def test_everything_is_looked_up_and_frozen(bound: dict[str, BoundStatement]) -> None:
    one = bound["controls-keep-claims-lowest"]
    assert [test.against for test in one.tests] == [
        "end-le-touquet", "end-both-treaties", "uk-claims-from-calais", "uk-centre",
    ]
    assert [policy.id for policy in one.tests[0].against_policies] == ["end-le-touquet"]
    assert one.tests[0].measure is MEASURES["uk_asylum_claims"]
    assert one.assumptions[0].name == "people.exit_checks"
    assert all(a.low < a.high for a in one.assumptions)
    with pytest.raises(FrozenInstanceError):
        one.tests = ()  # type: ignore[misc]


def test_arrests_rose_by_24_5_percent(bound: dict[str, BoundStatement]) -> None:
    figures = bound["arrests-up-a-quarter"].figures
    assert figures is not None
    assert figures.values == (pytest.approx(9600 / 7709 - 1),)
    assert f"{figures.values[0]:+.1%}" == "+24.5%"
    assert figures.holds is True
    assert [one.key for one in figures.figures] == ["arrests.uk.2015.rounded", "arrests.uk.2013"]


def test_kent_is_third_on_the_broadcaster_s_list_and_open_on_the_rival_s(
    bound: dict[str, BoundStatement],
) -> None:
    own, rival = (bound[f"kent-third-{end}"].figures for end in ("of-all-forces", "on-the-rival-list"))
    assert own is not None
    assert rival is not None
    assert (own.values, own.holds) == ((3.0,), True)
    assert (rival.values, rival.holds) == ((2.0, 3.0, 4.0), None)
    assert own.force is not None
    assert own.force.arrests == 2092


def test_a_ratio_of_two_figures() -> None:
    figures = bind_statement(load_statement(VALID / "mini-figures.yaml")).figures
    assert figures is not None
    assert figures.values == (6843 / 2092,)
    assert figures.holds is True
    assert read_share("25 %") == Margin(0.25)


def test_what_nothing_decides_says_why(bound: dict[str, BoundStatement]) -> None:
    drivers = bound["drivers-could-be-killed"]
    assert (drivers.tests, drivers.figures, drivers.assumptions) == ((), None, ())
    assert "June 2017" in drivers.cannot_decide


@pytest.mark.parametrize("name", names("statement"))
def test_shipped_statements_are_told_in_full(name: str, bound: dict[str, BoundStatement]) -> None:
    one = bound[name]
    doc = one.statement.doc
    assert one.statement.id == name
    assert len(doc.says.split()) > 15
    assert doc.note or doc.cannot_decide
    ways = [bool(one.tests), one.figures is not None, bool(one.cannot_decide)]
    assert sum(ways) == 1
    assert bool(one.assumptions) is bool(one.tests)
    for test in one.tests:
        assert test.policies
        assert test.days == 365


def test_binding_raises_every_problem_at_its_place() -> None:
    with pytest.raises(UserError) as caught:
        bind_statement(load_statement(VALID.parent / "invalid" / "statement-names.yaml"))
    assert len(caught.value.problems) >= 8
    assert all(".yaml:" in problem.where for problem in caught.value.problems)


def test_what_is_no_statement_is_left_to_others(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [", encoding="utf-8")
    assert check_statements(["status-quo", VALID / "mini-policy.yaml", broken, "nowhere.yaml"]) == []


def test_the_command_checks_statements(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = call(["check", str(VALID / "mini-statement.yaml"), str(VALID / "mini-figures.yaml")],
                capsys, monkeypatch)
    assert (said.code, said.out) == (0, "2 documents checked: no problem.\n")
    wrong = VALID.parent / "invalid" / "statement-margins.yaml"
    said = call(["check", str(wrong)], capsys, monkeypatch)
    assert said.code == 2
    assert f"{wrong}:10:" in said.err
    assert "test.all[0].by" in said.err
    assert "Nothing was run." in said.err
