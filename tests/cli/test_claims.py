"""`straits claims`: cards from runs and from figures, from the store again, and its mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command import Said, call, parts

STATEMENT = """straits: statement
id: fewer-try
title: Fewer would try
who: {role: A test}
date: 2016-08-30
source: Written for a test
says: Fewer would try.
test: {policy: uk-claims-from-calais, measure: prevented_attempts, is: less, by: %s, days: 2}
assumptions: [people.in_queue, people.join]
"""
FEW = ["--future-count", "8", "--replications", "1", "--simulated", "2", "--recorded", "1",
       "--jobs", "1", "--out", "out", "--json"]  # fmt: skip


def claims(
    capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, folder: Path, *options: str
) -> Said:
    patch.chdir(folder)
    return call(["claims", *options], capsys, patch)


def test_a_card_and_the_same_runs_for_another_margin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.yaml").write_text(STATEMENT % "1 %", encoding="utf-8")
    (tmp_path / "two.yaml").write_text((STATEMENT % "90 %").replace("fewer-try", "far-fewer"),
                                       encoding="utf-8")
    said = claims(capsys, monkeypatch, tmp_path, "--claim", "one.yaml", *FEW)
    assert said.code == 0, said.err
    assert "2/2 traffic recorded" in said.err
    assert "16/16 runs of people" in said.err
    (card,) = json.loads(said.out)["cards"]
    assert card["runs"]["futures"] == card["share"]["futures"] == 8
    assert card["runs"]["traffic"] == "replayed"
    assert card["tests"][0]["replayed_less_simulated"] is not None
    assert json.loads((tmp_path / "out" / "cards.json").read_text())["cards"] == [card]
    assert (tmp_path / "out" / "runs-replayed-2d.parquet").is_file()
    before = {path.name: path.stat().st_mtime_ns for path in parts(tmp_path / "out")}
    again = claims(capsys, monkeypatch, tmp_path, "--claim", "two.yaml", *FEW)
    assert {path.name: path.stat().st_mtime_ns for path in parts(tmp_path / "out")} == before
    (other,) = json.loads(again.out)["cards"]
    assert other["runs"]["key"] == card["runs"]["key"]
    assert other["share"]["percent"] <= card["share"]["percent"]


def test_figures_and_what_cannot_be_decided_take_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = claims(capsys, monkeypatch, tmp_path, "--claim", "arrests-up-a-quarter",
                  "--claim", "drivers-could-be-killed", "--out", "out")  # fmt: skip
    assert said.code == 0, said.err
    assert "decided by published figures" in said.out
    assert "Cannot be decided here" in said.out
    assert not parts(tmp_path / "out")


@pytest.mark.parametrize(("options", "wrong"), [
    (["--claim", "fence-only-displace"], ["--claim", "Did you mean 'fences-only-displace'?"]),
    (["--claim", "gone.yaml", "--claim", "x"], ["gone.yaml", "no such file", "2 problems"]),
    (["--replications", "0", "--seed", "-1"], ["--replications", "--seed", "2 problems"]),
    (["--recorded", "9", "--simulated", "3"], ["--recorded", "1 to 3"]),
    (["--futures", "fixed"], ["--futures", "posterior, priors"]),
])  # fmt: skip
def test_mistakes_are_told_and_nothing_runs(
    options: list[str], wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = claims(capsys, monkeypatch, tmp_path, *options)
    assert said.code == 2
    assert all(text in said.err for text in wrong), said.err
    assert not list(tmp_path.iterdir())
