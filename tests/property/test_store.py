"""A part is whole or it is not there; its name says what it was computed from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from straits.analysis.compare import compare
from straits.base.errors import DataError, UserError
from straits.ensemble import study as studies
from straits.ensemble.executors import run_study
from straits.ensemble.store import Store
from straits.ensemble.study import Study, plan_task
from straits.results.summary import Summary
from straits.scenario.tree import dump, node, tree
from support.border import study, write_policy

LIBRARY = Path(studies.__file__).parents[1] / "library"


@cache
def summary() -> Summary:
    return studies.simulate(study(days=2), "status-quo", 0)


def same(one: Summary, other: Summary) -> bool:
    return one.closing_at == other.closing_at and all(
        np.array_equal(array, other.values[name]) for name, array in one.values.items()
    )


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert not store.has("one")
    store.write("one", summary(), {"row": 3})
    assert store.has("one")
    back, about = store.read("one")
    assert same(back, summary())
    assert about["row"] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["one.parquet"]


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Store(tmp_path_factory.mktemp("store"))
    store.write("part", summary(), {})
    return store.path("part")


@pytest.mark.parametrize("keep", [0, 1, 7, 100, 0.5, 0.99, -1])
def test_a_cut_part_is_refused(part: Path, tmp_path: Path, keep: float) -> None:
    data = part.read_bytes()
    end = int(keep * len(data)) if isinstance(keep, float) else keep
    (tmp_path / "part.parquet").write_bytes(data[:end])
    with pytest.raises(DataError, match="missing or damaged"):
        Store(tmp_path).read("part")


def test_a_table_of_somebody_else_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"accumulator": [0], "index": [0], "value": [1]}),
                   tmp_path / "part.parquet")
    with pytest.raises(DataError):
        Store(tmp_path).read("part")


@pytest.mark.parametrize("other", [b"", b"PAR1" * 4, b"not a part", b"\0" * 5000])
def test_something_else_is_refused(tmp_path: Path, other: bytes) -> None:
    (tmp_path / "part.parquet").write_bytes(other)
    with pytest.raises(DataError):
        Store(tmp_path).read("part")


def test_a_missing_part_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        Store(tmp_path).read("nothing")
    (tmp_path / "folder.parquet").mkdir()
    assert not Store(tmp_path).has("folder")
    with pytest.raises(DataError):
        Store(tmp_path).read("folder")


@given(st.floats(0.0, 1.0, exclude_max=True), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_is_refused_or_harmless(part: Path, place: float, change: int) -> None:
    """Never other numbers, and never another error."""
    data = bytearray(part.read_bytes())
    data[int(place * len(data))] ^= change
    folder = part.parent / "changed"
    folder.mkdir(exist_ok=True)
    (folder / "part.parquet").write_bytes(data)
    try:
        back, _ = Store(folder).read("part")
    except DataError:
        return
    assert same(back, summary())


@pytest.mark.parametrize("make", ["file", "inside a file"])
def test_a_folder_that_cannot_be_is_refused(tmp_path: Path, make: str) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / ("deeper" if make == "inside a file" else "")
    with pytest.raises(UserError, match="cannot be written to"):
        Store(folder).prepare()


def test_the_key_is_made_of_numbers_not_of_words(tmp_path: Path) -> None:
    """Another title, other comments, another file: the same task."""
    text = (LIBRARY / "baselines" / "calais-2016.yaml").read_text(encoding="utf-8")
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    other = tmp_path / "other.yaml"
    other.write_text("# another hand\n" + text.replace(title, "title: Told otherwise"),
                     encoding="utf-8")
    one = plan_task(study(), "status-quo", 0).key
    same_numbers = Study(str(other), ("status-quo",), days=3, rows=1, futures="fixed")
    assert plan_task(same_numbers, "status-quo", 0).key == one


def test_the_key_hangs_on_seed_row_window_coupling_and_numbers(tmp_path: Path) -> None:
    path = write_policy(tmp_path, "slower", "path: controls.uk-entry-calais-freight.service."
                        "hgv_accompanied.fixed, add: 1 s")  # fmt: skip
    keys = [
        plan_task(study(), "status-quo", 0).key,
        plan_task(study(rows=2), "status-quo", 1).key,
        plan_task(study(seed=2), "status-quo", 0).key,
        plan_task(study(days=4), "status-quo", 0).key,
        plan_task(study(coupled=False), "status-quo", 0).key,
        plan_task(study(path), path, 0).key,
    ]
    assert len(set(keys)) == len(keys)
    assert plan_task(study(rows=2), "status-quo", 0).key == keys[0]


def test_a_policy_without_effect_shares_every_run(tmp_path: Path) -> None:
    """No new task, and differences that are exactly zero."""
    path = write_policy(
        tmp_path, "nothing", "path: people.access.level, scale: 1",
        "path: controls.uk-entry-calais-freight.servers.built, add: 0", title="Moves nothing",
    )  # fmt: skip
    plan = study(path, days=2, rows=2, futures="priors")
    store = Store(tmp_path / "parts")
    done = run_study(plan, store, 1, lambda _: None)
    assert [result.reused for result in done] == [False, True, False, True]
    assert len(list(store.folder.iterdir())) == 2
    table = compare(plan, done)
    for name in table.measures:
        effect = table.effects[(path, name)]
        assert (effect.difference, effect.low, effect.high) == (0.0, 0.0, 0.0)
        assert effect.verdict == "none"
    assert [info.shares_runs for info in table.policies] == [False, True]


def test_a_second_run_computes_nothing_and_says_the_same(tmp_path: Path) -> None:
    plan = study("end-le-touquet", days=2, rows=2)
    store = Store(tmp_path)
    first = run_study(plan, store, 1, lambda _: None)
    again = run_study(plan, store, 1, lambda _: None)
    assert all(result.reused for result in again)
    tables = [compare(plan, done).table_hash for done in (first, again)]
    assert tables[0] == tables[1]


def test_documents_are_never_changed() -> None:
    plan = study("new-treaty", days=2, futures="priors")
    documents = studies.documents_of(plan)
    parts = [documents.baseline, *documents.policies["new-treaty"]]
    before = [dump(node(tree(part.doc))) for part in parts]
    scenario = studies.scenario_of(plan, "new-treaty", 0)
    resolved = scenario.resolved_yaml()
    studies.simulate(plan, "new-treaty", 0)
    assert [dump(node(tree(part.doc))) for part in parts] == before
    assert scenario.resolved_yaml() == resolved
