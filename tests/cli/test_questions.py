"""`straits break-even`, `sensitivity`, `explore`: one table of runs, and mistakes that are told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from support.command import Said, call, parts
from support.paired import NAMES, column, luck, paired

PAIR = ["--policy", "uk-claims-from-calais", "--measure", "inflow"]
FEW = ["--future-count", "8", "--replications", "2", "--recorded", "1", "--days", "2",
       "--jobs", "1", "--out", "out", "--json"]  # fmt: skip


def said_of(
    capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, folder: Path, *options: str
) -> Said:
    patch.chdir(folder)
    return call(list(options), capsys, patch)


def test_a_break_even_from_runs_and_again_from_the_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["break-even", "calais-2016", *PAIR, "--assumption", "people.elasticity", *FEW]
    said = said_of(capsys, monkeypatch, tmp_path, *asked)
    assert said.code == 0, said.err
    assert "32/32 runs of people" in said.err
    answer = json.loads(said.out)
    assert answer["runs"]["futures"] == 8
    assert answer["assumptions"][0]["assumption"] == "people.elasticity"
    assert json.loads((tmp_path / "out" / "break-even.json").read_text()) == answer
    assert (tmp_path / "out" / "runs.parquet").is_file()
    before = {path.name: path.stat().st_mtime_ns for path in parts(tmp_path / "out")}
    again = said_of(capsys, monkeypatch, tmp_path, *asked, "--by", "5 %")
    assert {path.name: path.stat().st_mtime_ns for path in parts(tmp_path / "out")} == before
    other = json.loads(again.out)
    assert other["runs"]["key"] == answer["runs"]["key"]
    assert other["above_share"] <= answer["above_share"]


def test_ranks_and_boxes_are_told_as_text_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = paired(20.0 * (0.6 - column(NAMES[0], 100))[:, None] + luck(100, 2))
    monkeypatch.setattr("straits.analysis.paired.run_pair", lambda *given: planted)
    ranks = said_of(capsys, monkeypatch, tmp_path, "sensitivity", *PAIR, "--out", "out")
    assert ranks.code == 0, ranks.err
    assert "Policy or assumptions: of what varies" in ranks.out
    assert "beside it deaths +3.0 people a year; injuries" in " ".join(ranks.out.split())
    beside = json.loads((tmp_path / "out" / "sensitivity.json").read_text())["beside"]
    assert {one["measure"]: one["difference"] for one in beside}["deaths"] == 3.0
    assert json.loads((tmp_path / "out" / "sensitivity.json").read_text())["ranked"]
    boxes = said_of(capsys, monkeypatch, tmp_path, "explore", *PAIR, "--is", "less", "--out", "out")
    assert boxes.code == 0, boxes.err
    assert f"If {NAMES[0]} above " in boxes.out
    (box,) = json.loads((tmp_path / "out" / "explore.json").read_text())["boxes"]
    assert box["conditions"][0]["low"] == pytest.approx(0.6, abs=0.05)
    assert np.isfinite(box["density"])


@pytest.mark.parametrize(("options", "wrong"), [
    (["break-even", *PAIR[:2], "--measure", "inflo", "--assumption", "people.elasticity"],
     ["--measure", "Did you mean 'inflow'?"]),
    (["break-even", *PAIR, "--assumption", "people.elasticty"],
     ["--assumption", "Did you mean 'people.elasticity'?"]),
    (["break-even", *PAIR, "--assumption", "people.elasticity,search.time"],
     ["--assumption", "do not move", "--traffic simulated"]),
    (["break-even", *PAIR, "--assumption", "a,b,c,d", "--by", "1 km", "--seed", "-1"],
     ["one to three", "--by", "--seed", "3 problems"]),
    (["sensitivity", *PAIR[:2], "--measure", "lorry_delay_to_uk"],
     ["--measure", "vehicles are replayed", "--traffic simulated"]),
    (["sensitivity", *PAIR, "--future-count", "20"], ["--future-count", "40 or more"]),
    (["explore", *PAIR, "--is", "fewer", "--density", "120 %"], ["--is", "--density", "2 problems"]),
    (["explore", "--policy", "status-quo", "--measure", "inflow"], ["--policy", "with itself"]),
    (["explore", "--policy", "close-cam", "--measure", "inflow"], ["Did you mean 'close-camp'?"]),
])  # fmt: skip
def test_mistakes_are_told_and_nothing_runs(
    options: list[str], wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = said_of(capsys, monkeypatch, tmp_path, *options)
    assert said.code == 2
    assert all(text in said.err for text in wrong), said.err
    assert not list(tmp_path.iterdir())
