"""Scenarios: what the world is on a day, and when it changes."""

from __future__ import annotations

import copy
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from straits.base.errors import UserError
from straits.scenario import build, combine, load_baseline, load_policy, load_uncertainty
from straits.scenario.document import parse
from straits.scenario.load import policy_of

VALID = Path(__file__).parents[2] / "scenarios" / "valid"
MINI = load_baseline(VALID / "mini.yaml")
POLICY = load_policy(VALID / "mini-policy.yaml")
DECISION = date(2016, 8, 30)
SHARE = "controls.uk-search-calais.share"
BOOTHS = "controls.uk-entry-calais.servers.built"


def policy(name: str, change: str, head: str = "") -> object:
    text = (
        f"straits: policy\nid: {name}\ntitle: t\nproposer: {{role: r}}\ndate: 2016-08-30\n"
        "source: s\nsays: s\nannounced: 2016-08-30\nin_force: 2016-09-09\n"
        f"maintains_arrangements: true\n{head}changes:\n  - {{{change}, assumed: for tests}}\n"
    )
    return policy_of(parse(text, f"{name}.yaml"))


def test_plain_values_in_declared_units() -> None:
    world = build(MINI).world_at(DECISION)
    assert world["crossings"]["dover-calais"]["crossing_time"] == 5400.0
    assert world["vehicle_classes"]["car"]["occupants"] == {"1": 0.5, "2": 0.5}
    assert world["demand"]["groups"]["tourist"]["weekday"] == (
        0.95,
        0.8,
        0.8,
        0.95,
        1.25,
        1.2,
        1.05,
    )
    assert world["instruments"]["le-touquet"]["in_force"] == date(2004, 2, 1)
    assert world["instruments"]["le-touquet"]["ends"] is None
    assert world["history"] == {"from": date(2016, 8, 1), "vehicle_warm_up": 86_400.0}
    # Defaults are filled.
    car = world["stations"]["calais-check-in"]["service"]["car"]
    assert car == {"fixed": 20.0, "per_occupant": 0.0, "cv": 0.5}
    assert world["demand"]["surges"][0]["from"] == date(2016, 7, 22)
    assert world["demand"]["tilts"][0]["to_fr"] == 1.2


def test_the_mini_policy_day_by_day() -> None:
    scenario = build(MINI, [POLICY], {}, "stated")

    def at(path: str, *when: int) -> object:
        return scenario.value_at(path, date(2016, *when))

    assert at(BOOTHS, 9, 8) == 10.0
    assert [at(BOOTHS, 9, day) for day in (9, 13, 18, 19)] == pytest.approx(
        [10.4, 12.0, 14.0, 14.0]
    )
    assert at(SHARE, 12, 1) == pytest.approx(0.6)
    assert [at("controls.uk-search-calais.find_time", 9, day) for day in (19, 20)] == [
        1200.0,
        1500.0,
    ]
    assert at("demand.groups.tourist.month", 12, 1)[0] == pytest.approx(0.66)
    assert [at("instruments.le-touquet.ends", 9, day) for day in (8, 9)] == [None, date(2016, 9, 9)]
    # What is no number changes at once; so does a number where none was.
    assert [at("stations.calais-check-in.exposed", 9, day) for day in (8, 9)] == [True, False]
    assert at("stations.calais-check-in.servers", 9, 9)["roster"][0]["servers"] == 9
    assert [at("stations.dover-check-in.buffer", 9, day) for day in (8, 9)] == [None, 120.0]


def test_immediate_means_the_decision_day_with_ramps_kept() -> None:
    scenario = build(MINI, [POLICY], {}, "immediate")
    assert {change.in_force for change in scenario.changes} == {DECISION}
    assert {change.announced for change in scenario.changes} == {DECISION}
    assert scenario.value_at(BOOTHS, DECISION - timedelta(days=1)) == 10.0
    assert scenario.value_at(BOOTHS, DECISION) == pytest.approx(10.4)
    assert scenario.value_at("instruments.le-touquet.ends", DECISION) == DECISION


def test_breaks_are_exactly_the_days_of_change() -> None:
    scenario = build(MINI, [POLICY], {}, "stated")
    first, last = date(2016, 8, 1), date(2016, 12, 1)
    days = [first + timedelta(days=shift) for shift in range(1, (last - first).days + 1)]
    expected = [
        day for day in days if scenario.world_at(day) != scenario.world_at(day - timedelta(days=1))
    ]
    assert scenario.breaks(first, last) == expected
    assert scenario.breaks(first, last, ["instruments"]) == [date(2016, 9, 9)]
    assert scenario.breaks(first, last, ["costs"]) == []


def test_no_change_no_break() -> None:
    nothing = load_policy(VALID / "mini-nothing.yaml")
    scenario = build(MINI, [nothing], {}, "stated")
    assert scenario.breaks(date(2016, 1, 1), date(2017, 12, 1)) == []
    assert scenario.world_at(date(2017, 1, 1)) == build(MINI).world_at(date(2017, 1, 1))


def test_days_do_not_disturb_each_other_and_inputs_are_not_mutated() -> None:
    before = copy.deepcopy(MINI.doc)
    scenario = build(MINI, [POLICY], {SHARE: 0.3}, "stated")
    days = [date(2016, 9, 8), date(2016, 9, 12), date(2016, 12, 1)]
    worlds = [copy.deepcopy(scenario.world_at(day)) for day in days]
    for day, world in zip(reversed(days), reversed(worlds), strict=True):
        assert scenario.world_at(day) == world
    assert scenario.world_at(days[0])["sites"] is scenario.world_at(days[1])["sites"]
    assert MINI.doc == before


def test_a_future_acts_on_all_dates_and_before_policies() -> None:
    scenario = build(MINI, [POLICY], {SHARE: 0.3}, "stated")
    assert scenario.value_at(SHARE, date(2016, 8, 2)) == 0.3
    assert scenario.value_at(SHARE, date(2016, 12, 1)) == pytest.approx(0.45)


def test_a_future_by_names_of_its_set() -> None:
    uncertain = load_uncertainty(VALID / "mini-uncertainty.yaml", MINI)
    scenario = build(
        MINI, (), {"service": 1.5, "find time": -300.0, "sensitivity": 0.5}, "stated", uncertain
    )
    world = scenario.world_at(DECISION)
    assert world["controls"]["uk-entry-calais"]["service"]["car"]["fixed"] == 52.5
    assert world["controls"]["fr-entry-dover"]["service"]["car"]["fixed"] == 37.5
    assert world["controls"]["uk-search-calais"]["find_time"] == 900.0
    assert world["controls"]["uk-search-calais"]["sensitivity"] == 0.5
    with pytest.raises(UserError, match="nothing uncertain has this name"):
        build(MINI, (), {"servcie": 1.5}, "stated", uncertain)


def test_numbers_stay_at_the_bounds_of_their_field() -> None:
    more = policy("more", f"path: {SHARE}, scale: 2, range: [1, 2]")
    scenario = build(MINI, [more], {SHARE: 0.7}, "stated")
    assert scenario.value_at(SHARE, date(2016, 12, 1)) == 1.0


def test_two_policies_may_scale_and_not_set_the_same_number() -> None:
    one = policy("one", f"path: {SHARE}, scale: 1.2, range: [1, 2]")
    two = policy("two", f"path: {SHARE}, scale: 1.5, range: [1, 2]")
    assert build(MINI, [one, two]).value_at(SHARE, DECISION) == pytest.approx(0.72)
    three = policy("three", f"path: {SHARE}, set: 0.5, range: [0.4, 0.6]")
    with pytest.raises(UserError, match="'one' changes the same thing"):
        build(MINI, [one, three])
    whole = policy(
        "whole",
        "path: controls.uk-entry-calais.servers, set: {built: {value: 9, source: legal.letouquet}, target_utilisation: {value: 0.9, source: legal.letouquet}}",
    )
    part = policy("part", f"path: {BOOTHS}, set: 9, range: [8, 10]")
    with pytest.raises(UserError, match="'whole' changes the same thing"):
        build(MINI, [whole, part])


def test_requires_and_conflicts() -> None:
    needs = policy("needs", f"path: {SHARE}, scale: 1.2, range: [1, 2]", "requires: [other]\n")
    other = policy("other", f"path: {BOOTHS}, set: 9, range: [8, 10]")
    with pytest.raises(UserError, match="'needs' requires 'other'"):
        build(MINI, [needs])
    assert len(build(MINI, [other, needs]).changes) == 2


def test_unknown_timing() -> None:
    with pytest.raises(UserError, match="unknown timing"):
        build(MINI, (), {}, "later")


def test_assumptions_say_where_each_number_is_written() -> None:
    rows = {row.path: row for row in build(MINI, [POLICY], {}, "stated").assumptions()}
    row = rows["controls.uk-search-calais.find_time"]
    assert (row.value, row.unit, row.low, row.high) == (1200.0, "s", 600.0, 2700.0)
    assert row.assumed == "for tests"
    text = (VALID / "mini.yaml").read_text().splitlines()
    line = int(row.where.split(":")[-2])
    assert "find_time" in text[line - 1]
    assert rows[f"mini-policy: {BOOTHS} set"].value == 14.0
    assert rows["vehicle_classes.car.occupants"].tolerance == 0.2
    # A number that only says there is none of something claims nothing.
    assert "demand.groups.freight.day_cv" not in rows


def test_a_stored_scenario_is_the_same_scenario(tmp_path: Path) -> None:
    from straits.scenario import load_resolved

    uncertain = load_uncertainty(VALID / "mini-uncertainty.yaml", MINI)
    scenario = build(MINI, [POLICY], {"service": 1.5, "search share": 0.31}, "stated", uncertain)
    path = tmp_path / "resolved.yaml"
    path.write_text(scenario.resolved_yaml(), encoding="utf-8")
    again = load_resolved(path)
    assert again.resolved_yaml() == scenario.resolved_yaml()
    for day in (date(2016, 8, 2), date(2016, 9, 12), date(2017, 9, 12)):
        assert again.world_at(day) == scenario.world_at(day)


def test_extends_merges_mappings_and_replaces_numbers_whole() -> None:
    child = load_baseline(VALID / "mini-child.yaml")
    assert child.doc.demand.surges == []
    built = child.doc.controls["fr-entry-dover"].servers.built
    assert built is not None
    assert (built.value, built.range) == (6.0, (5.0, 7.0))
    assert child.doc.controls["fr-entry-dover"].servers.lead.value == 900.0
    # A problem is told where it is written, in the parent or in the child.
    place = child.document.place(("controls", "fr-entry-dover", "servers", "built"))
    assert place.file.endswith("mini-child.yaml")
    assert child.document.place(("sites",)).file.endswith("mini.yaml")


def test_a_world_costs_less_than_five_milliseconds() -> None:
    scenario = build(load_baseline("calais-2016"), combine("joint-statement"), {}, "immediate")
    times = []
    for shift in range(20):
        start = time.perf_counter()
        scenario.world_at(DECISION + timedelta(days=shift))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005
