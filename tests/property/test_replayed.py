"""Replayed studies: the same people, their shared histories, and nothing simulated twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.ensemble import replayed
from straits.ensemble.replayed import (
    batches,
    known_recording,
    read_batch,
    read_recording,
    record,
    run_batch,
)
from straits.ensemble.runs import replay_gaps, replayed_table, write_runs
from straits.ensemble.store import Store
from straits.ensemble.study import Study, people_plan
from straits.plan.people import is_about_people
from straits.results.measures import PEOPLE_MEASURES, measure_values
from straits.results.summary import empty_people, folded, measure_people
from straits.tables.legend import NO_STATIONS
from support.border import write_policy

DAYS = 3
POLICIES = ("status-quo", "uk-claims-from-calais")


def study(*policies: str, rows: int = 4, replications: int = 2, **options: object) -> Study:
    return Study("calais-2016", policies or POLICIES, days=DAYS, rows=rows,
                 replications=replications, traffic="replayed", **options)  # type: ignore[arg-type]


def recorded(asked: Study, store: Store) -> dict[str, tuple[str, ...]]:
    simulated = replayed.simulated_study(asked, 3)
    return {policy: (record((simulated, policy, 0, store)),) for policy in asked.policies}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def test_a_row_is_the_people_of_its_plan_beside_the_recorded_lorries(store: Store) -> None:
    asked = study()
    found = recorded(asked, store)
    (batch,) = batches(asked, found)
    assert run_batch((batch, asked.policies, store)) == 8
    for policy in asked.policies:
        met = read_recording(store, found[policy][0]).met
        for row, read in enumerate(read_batch(batch, policy, store)):
            eve = people_plan(asked, policy, row).decision_day
            last, state = eve + DAYS - 1, None
            key = Seed(asked.seed, row).key
            # The history has the luck of the future's first replication.
            shared = row - row % asked.replications
            history, plan = people_plan(asked, None, shared), people_plan(asked, policy, row)
            for after, _ in simulate_people(history, Seed(asked.seed, shared).key, 0, eve - 1):
                state = after
            whole = empty_people(DAYS)
            for _, day in simulate_people(plan, key, eve, last, state, exposure=met):
                measure_people(day, day.day - eve, whole)
            expected = measure_values(whole, NO_STATIONS, DAYS, PEOPLE_MEASURES)
            assert measure_values(read, NO_STATIONS, DAYS, PEOPLE_MEASURES) == expected
            again = measure_values(folded(whole), NO_STATIONS, DAYS, PEOPLE_MEASURES)
            assert again == expected


def test_replications_share_a_future_and_not_their_luck(store: Store) -> None:
    asked = study()
    (batch,) = batches(asked, recorded(asked, store))
    run_batch((batch, asked.policies, store))
    assert np.array_equal(people_plan(asked, "status-quo", 0).parameters,
                          people_plan(asked, "status-quo", 1).parameters)
    table = replayed_table(asked, [batch], store)
    stock = table.of("status-quo", "site_stock")
    assert stock.shape == (2, 2)
    assert stock[0, 0] != stock[0, 1]
    assert all(one.values.shape == (2,) for one in table.assumptions.values())
    assert "people.elasticity" in table.assumptions
    assert "search.time" not in table.assumptions  # vehicles alone depend on it


def test_replications_of_a_future_share_one_history_and_other_futures_have_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, begun = study("status-quo", rows=6, replications=3), []
    history = replayed._history
    monkeypatch.setattr(replayed, "_history",
                        lambda *given: begun.append(given[2]) or history(*given))
    own = Store(tmp_path)
    own.prepare()
    (batch,) = batches(asked, recorded(asked, own))
    run_batch((batch, asked.policies, own))
    assert begun == [0, 3]
    stock = replayed_table(asked, [batch], own).of("status-quo", "inflow")
    assert all(len(set(luck)) == 3 for luck in stock.tolist())


def test_a_recording_is_known_without_compiling_its_row(store: Store, tmp_path: Path) -> None:
    asked = replayed.simulated_study(study(), 3)
    key = record((asked, "status-quo", 0, store))
    assert known_recording(asked, "status-quo", 0, store) == key
    assert known_recording(asked, "status-quo", 1, store) is None
    assert known_recording(replace(asked, seed=2), "status-quo", 0, store) is None
    store.path(key).rename(tmp_path / "away")
    assert known_recording(asked, "status-quo", 0, store) is None
    (tmp_path / "away").rename(store.path(key))


def test_nothing_runs_twice_and_bits_do_not_depend_on_interruption(
    store: Store, tmp_path: Path
) -> None:
    asked = study()
    found = recorded(asked, store)
    (batch,) = batches(asked, found)
    run_batch((batch, asked.policies, store))
    assert run_batch((batch, asked.policies, store)) == 0
    # A statement with one policy more shares what is there.
    more = study(*POLICIES, "close-camp")
    (wider,) = batches(more, {**found, **recorded(more, store)})
    assert run_batch((wider, more.policies, store)) == 4
    other = Store(tmp_path)
    (fresh,) = batches(asked, recorded(asked, other))
    run_batch((fresh, (asked.policies[1],), other))  # interrupted after one policy
    run_batch((fresh, asked.policies, other))
    for policy in asked.policies:
        assert batch.key(policy) == fresh.key(policy)
        assert store.path(batch.key(policy)).read_bytes() == other.path(
            fresh.key(policy)).read_bytes()


def test_a_policy_without_effect_differs_by_nothing(store: Store, tmp_path: Path) -> None:
    idle = write_policy(tmp_path, "idle", "path: people.returns.re_arrival, scale: 1")
    asked = study("status-quo", idle)
    (batch,) = batches(asked, recorded(asked, store))
    run_batch((batch, asked.policies, store))
    table = replayed_table(asked, [batch], store)
    for name in PEOPLE_MEASURES:
        assert not np.any(table.of(idle, name) - table.of("status-quo", name))


def test_a_title_changes_no_key_and_a_number_does(store: Store, tmp_path: Path) -> None:
    change = "path: people.returns.re_arrival, scale: 0.5"
    keys = []
    for folder, title, text in (("a", "A test", change), ("b", "Another title", change),
                                ("c", "A test", change.replace("0.5", "0.6"))):
        (tmp_path / folder).mkdir()
        path = write_policy(tmp_path / folder, "same", text, title=title)
        asked = study("status-quo", path)
        keys.append(batches(asked, dict.fromkeys(asked.policies, ("recording",)))[0].key(path))
    assert keys[0] == keys[1] != keys[2]
    asked = study()
    one = batches(asked, dict.fromkeys(POLICIES, ("one",)))[0]
    assert one.key("status-quo") != replace(
        one, recordings=dict.fromkeys(POLICIES, ("two",))).key("status-quo")
    other = batches(study(seed=2), dict.fromkeys(POLICIES, ("one",)))[0]
    assert one.key("status-quo") != other.key("status-quo")


def test_the_gap_to_simulated_traffic_is_measured(store: Store) -> None:
    asked = study()
    found = recorded(asked, store)
    gaps = replay_gaps(found, DAYS, store)
    assert set(gaps) == {(policy, name) for policy in POLICIES for name in PEOPLE_MEASURES}
    recording = read_recording(store, found["status-quo"][0])
    stock = [one.values["stock"][1, 0] for one in (recording.replayed, recording.simulated)]
    assert abs(stock[0] - stock[1]) < 0.05 * stock[1]
    assert recording.met.shape == (DAYS, 3, 24)
    assert recording.met.min() >= 0 < recording.met.sum()


def test_the_table_is_written_one_row_a_run(store: Store, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    asked = study()
    (batch,) = batches(asked, recorded(asked, store))
    run_batch((batch, asked.policies, store))
    table = replayed_table(asked, [batch], store)
    write_runs(table, tmp_path / "runs.parquet")
    read = pq.read_table(tmp_path / "runs.parquet")
    assert read.num_rows == 8
    assert read["policy"].to_pylist() == [POLICIES[0]] * 4 + [POLICIES[1]] * 4
    assert read["future"].to_pylist() == [0, 0, 1, 1] * 2
    assert read["site_stock"].to_pylist()[4:] == list(table.of(POLICIES[1], "site_stock").ravel())
    assert "assumption:people.elasticity" in read.column_names
    assert "lorry_delay_to_uk" not in read.column_names


@pytest.mark.parametrize("name", ["people.elasticity", "search.sensitivity", "people.official_count",
                                  "search.time", "moved.dover.bays", "cost.delay.lorry"])
def test_what_is_about_people_moves_their_plan(name: str) -> None:
    """An assumption counts as one about people exactly if their compiled plan depends on it."""
    from straits.base.hashing import content_hash
    from straits.ensemble.study import documents_of
    from straits.plan.people import compile_people
    from straits.scenario import build

    documents = documents_of(study())
    assert documents.every is not None
    one = documents.every[name]
    day = documents.baseline.doc.decision_day
    hashes = {
        content_hash(compile_people(
            build(documents.baseline, (), {name: value}, "immediate",
                  uncertainty=documents.every), day, day, day))
        for value in (one.low, one.high)
    }
    assert (len(hashes) == 2) == any(map(is_about_people, one.paths))
