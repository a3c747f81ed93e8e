"""The commands beside `compare`: they run, and say what they are for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from straits.scenario import names
from support.command import call

LIBRARY = Path(__file__).parents[2] / "src" / "straits" / "library"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: call(list(arguments), capsys, monkeypatch)


@pytest.mark.parametrize("policy", ["status-quo", "end-le-touquet", "new-treaty+close-camp"])
def test_explain(run, tmp_path: Path, policy: str) -> None:
    said = run("explain", "calais-2016", "--policy", policy, "--days", "14")
    assert said.code == 0, said.err
    assert said.err == ""
    for crossing in ("dover-calais", "dover-dunkirk", "folkestone-coquelles"):
        for direction in ("to uk", "to fr"):
            assert f"\n{crossing}, {direction}" in said.out
    assert said.out.count("first bottleneck:") == 6
    assert "nothing is run" in said.out
    rows = said.out.split("Every number it rests on")[1].splitlines()[1:]
    assert len(rows) > 400
    assert all("assumed: " in row or "." in row.split("  ")[-1] for row in rows if row.strip())
    assert list(tmp_path.iterdir()) == []
    moved = "UK entry check at Dover" in said.out
    assert moved == (policy == "end-le-touquet")


def test_explain_names_what_a_policy_changes(run) -> None:
    said = run("explain", "calais-2016", "--policy", "end-le-touquet", "--days", "7")
    assert "end-le-touquet: instruments.le-touquet.ends, set from 2016-08-30" in said.out
    stated = run("explain", "calais-2016", "--policy", "end-le-touquet", "--days", "7",
                 "--timing", "stated")
    assert "set from 2019-05-15" in stated.out


def test_check_what_ships(run) -> None:
    files = [str(path) for path in sorted(LIBRARY.glob("*/*.yaml"))]
    said = run("check", *files)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{len(files)} documents checked: no problem.\n"
    assert run("check", "close-camp").out == "1 document checked: no problem.\n"


def test_check_names_what_only_a_plan_shows(run, tmp_path: Path) -> None:
    """A policy that is sound by itself moves what holds for a whole run."""
    (tmp_path / "room.yaml").write_text(
        "straits: policy\nid: room\ntitle: More room\nproposer: {role: Port operator}\n"
        "date: 2016-08-30\nsource: Written for this test\nsays: More room before the booths.\n"
        "announced: 2016-08-30\nin_force: 2016-10-01\nmaintains_arrangements: true\nchanges:\n"
        "  - {path: controls.fr-entry-dover-tourist.buffer, add: 2, range: [1, 3], assumed: x}\n")
    said = run("check", "room.yaml")
    assert said.code == 2
    assert "controls.fr-entry-dover-tourist.buffer" in said.err
    assert "cannot change on a date" in said.err


def test_validate_prints_the_record_beside_the_past(run) -> None:
    said = run("validate", "--rows", "1", "--days", "3")
    assert said.code in (0, 1), said.err
    lines = said.out.splitlines()
    assert "acceptance band" in lines[0]
    assert sum("departed, " in line for line in lines) > 20
    for case in ("official count, 2016-08-17", "prevented attempts", "arrests"):
        assert any(case in line for line in lines), case
    assert ("OUTSIDE" in said.out) == (said.code == 1)


def test_version_and_help(run) -> None:
    from straits import __version__

    assert run("--version").out.strip() == f"straits {__version__}"
    said = run("--help")
    for command in ("compare", "check", "explain", "validate"):
        assert command in said.out
        assert run(command, "--help").code == 0


def test_the_default_policies_are_those_of_2016_that_ship() -> None:
    from straits.cli.app import DEFAULT_POLICIES

    of_2016 = [name for name in names("policy") if name != "one-in-one-out"]
    assert sorted(DEFAULT_POLICIES.split(",")) == sorted(of_2016)
    assert DEFAULT_POLICIES.startswith("status-quo,")


def test_displacement_prints_balanced_books(run) -> None:
    said = run("displacement", "--policy", "close-camp", "--days", "2", "--rows", "2", "--jobs", "1",
               "--futures", "fixed", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["against"], found["policy"], len(found["rows"])) == ("status-quo", "close-camp", 2)
    for row in found["rows"]:
        people = np.array(row["people"])
        left = found["fates"].index("left_elsewhere")
        coast = found["fates"].index("on_the_coast")
        assert people[coast, left] > 100  # the closure
        there = np.array(row["people_by_attempts"]).sum(axis=1)
        assert there[0] > 5000
        assert found["attempts_from"][0] == 0
    told = run("displacement", "--policy", "close-camp", "--days", "2", "--rows", "1",
               "--futures", "fixed")
    assert "the ledgers balance in the 1 row." in told.out
    wrong = run("displacement", "--policy", "nothing-known", "--days", "0")
    assert wrong.code == 2
    assert "--days" in wrong.err
