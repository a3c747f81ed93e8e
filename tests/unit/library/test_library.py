"""The shipped documents: they check out, add up, and use nothing they cannot have known."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from straits.analysis.statements import check_statements
from straits.data import figures
from straits.scenario import (
    Baseline,
    Scenario,
    build,
    check_files,
    combine,
    load_baseline,
    load_uncertainty,
    names,
    sample_futures,
)

LIBRARY = Path(__file__).parents[3] / "src" / "straits" / "library"
TRUCKS = ("hgv_accompanied", "hgv_unaccompanied")
# Published after the decision day about 2016 as a whole, or about checks and shuttles as they
# were in 2016; none of it is fitted to. The baseline says so at its head.
LATER = {
    "calais.freight.2016", "dover.freight.2016", "dover.cars.2016_17",
    "eurotunnel.passenger_vehicles.2016", "eurotunnel.trucks.2016", "shuttle.truck.capacity",
    "check.car.prebrexit_dover", "check.lorry.prebrexit_paf", "check.person.paf_eu",
    "search.contract_2016.officers", "search.contract_2016.value",
}  # fmt: skip


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return load_baseline("calais-2016")


@pytest.fixture(scope="module")
def world(baseline: Baseline) -> dict:
    scenario: Scenario = build(baseline)
    return scenario.world_at(baseline.doc.decision_day)


def test_every_shipped_document_checks_out() -> None:
    files = sorted(LIBRARY.glob("*/*.yaml"))
    assert [str(problem) for problem in [*check_files(files), *check_statements(files)]] == []


def test_no_two_documents_share_a_name() -> None:
    every = [path.stem for path in LIBRARY.glob("statements/*.yaml")]
    every += [path.stem for folder in ("baselines", "policies") for path in (LIBRARY / folder).glob("*.yaml")]
    assert len(set(every)) == len(every)


def test_volumes_add_up_to_what_was_published(world: dict) -> None:
    volumes = world["demand"]["volumes"]

    def total(crossing: str, *classes: str) -> float:
        return sum(volumes[crossing].get(kind, 0.0) for kind in classes)

    def published(key: str) -> float | None:
        return figures()[key].number

    assert total("dover-calais", *TRUCKS) == published("calais.freight.2016")
    both = total("dover-calais", *TRUCKS) + total("dover-dunkirk", *TRUCKS)
    assert both == published("dover.freight.2016")
    tunnel = "folkestone-coquelles"
    assert total(tunnel, *TRUCKS) == published("eurotunnel.trucks.2016")
    cars = ("car", "van", "motorcycle")
    passenger = total(tunnel, *cars, "coach")
    assert passenger == published("eurotunnel.passenger_vehicles.2016")
    ferries = total("dover-calais", *cars) + total("dover-dunkirk", *cars)
    assert ferries == published("dover.cars.2016_17")


def test_traffic_half_rests_on_nothing_from_after_the_decision_day(baseline: Baseline) -> None:
    knowledge = baseline.doc.knowledge_until.isoformat()
    late = {
        key
        for row in build(baseline).assumptions()
        if not row.path.startswith(("people", "asylum", "observers"))
        for key in row.source
        if figures()[key].date > knowledge
    }
    assert late <= LATER


@pytest.mark.parametrize("name", names("policy"))
def test_policies_say_what_they_assume(name: str) -> None:
    (policy,) = combine(name)
    doc = policy.doc
    assert policy.id == name
    assert len(doc.says.split()) > 30
    assert not re.search(r"\b(illegals?|clandestine|magnet|jungle)\b", doc.says.lower())
    if name != "status-quo":
        assert doc.changes


def test_conflicts_are_mutual() -> None:
    policies = {name: combine(name)[0].doc for name in names("policy")}
    for name, doc in policies.items():
        for other in doc.conflicts:
            assert name in policies[other].conflicts, (name, other)


def test_every_combination_of_two_is_possible_or_said_not_to_be(baseline: Baseline) -> None:
    policies = {name: combine(name)[0].doc for name in names("policy")}
    for one, two in combinations(policies, 2):
        if two not in policies[one].conflicts:
            build(baseline, combine(f"{one}+{two}"))


def test_ending_le_touquet_ends_it_and_leaves_the_tunnel(baseline: Baseline) -> None:
    day = baseline.doc.decision_day
    after = build(baseline, combine("end-le-touquet")).world_at(day)["instruments"]
    assert after["le-touquet"]["ends"] == day
    assert after["sangatte"]["ends"] is None
    both = build(baseline, combine("end-both-treaties")).world_at(day)["instruments"]
    assert both["sangatte"]["ends"] == day


def test_policies_hold_together_in_the_corners_of_the_uncertainties(baseline: Baseline) -> None:
    unknown = load_uncertainty("calais-2016", baseline)
    for future in sample_futures(unknown, 5, 20160830):
        for name in names("policy"):
            later = build(baseline, combine(name), future, "immediate", unknown)
            assert later.world_at(baseline.doc.decision_day.replace(year=2017))
