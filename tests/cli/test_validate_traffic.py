"""`straits validate traffic`: what it prints, and what its exit code says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from straits.analysis import traffic
from straits.analysis.traffic_rows import TrafficRow
from straits.base.errors import UserError
from straits.cli.validate import TrafficRequest, refuse_traffic_options, run_traffic
from support.command import call

ACCEPTED = TrafficRow("predicted", "a-case", "cleared at", "h", 18.0, 17.0, 15.0, 20.0,
                      (15.0, 24.0), "accepted", "20 rows")
FITTED = TrafficRow("fitted", "a-case", "tailback", "mi", 5.0, 9.0, 8.0, 10.0, (4.0, 6.0),
                    "fitted", "20 rows")
OUTSIDE = TrafficRow("predicted", "a-case", "queue", "lorries", None, 12345.0, 1.0, 2e4,
                     (0.0, 10.0), "outside", "20 rows")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: call(list(arguments), capsys, monkeypatch)


def answer(monkeypatch: pytest.MonkeyPatch, rows: list[TrafficRow]) -> list[tuple]:
    """Let the analysis return these rows; return what it is asked."""
    asked: list[tuple] = []

    def traffic_rows(number, quick, parts, *, seed, say):
        asked.append((number, quick, tuple(parts), seed))
        say("history: a-case")
        return rows

    monkeypatch.setattr(traffic, "traffic_rows", traffic_rows)
    return asked


def test_a_table_without_rows_outside(run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, [ACCEPTED, FITTED])
    said = run("validate", "traffic", "--rows", "7", "--seed", "3")
    assert said.code == 0, said.err
    assert asked == [(7, False, ("theory", "programs", "history"), 3)]
    head, first, second, last = said.out.splitlines()
    for word in ("published", "simulated", "interval", "acceptance band", "held against",
                 "verdict"):
        assert word in head
    assert "accepted" in first
    assert "15 to 24" in first
    assert second.count("fitted") == 2
    assert last.startswith("2 rows: 0 outside their band, 1 fitted and no test")
    assert "history: a-case" in said.err


def test_a_predicted_row_outside_its_band_fails(run, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, [ACCEPTED, OUTSIDE, FITTED])
    said = run("validate", "traffic", "--rows", "1")
    assert said.code == 1
    assert "OUTSIDE" in said.out
    assert "12,345" in said.out
    assert "3 rows: 1 outside" in said.out


def test_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer(monkeypatch, [ACCEPTED, OUTSIDE])
    assert not run_traffic(TrafficRequest(as_json=True))
    told = json.loads(capsys.readouterr().out)
    assert told["outside"] == 1
    assert told["rows"][0]["band"] == [15.0, 24.0]
    assert told["rows"][1]["published"] is None


def test_a_row_that_was_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    none = float("nan")
    skipped = TrafficRow("program", "networks", "visits", "", None, none, none, none, None,
                         "skipped", "install it")
    answer(monkeypatch, [skipped])
    assert run_traffic(TrafficRequest())
    out = capsys.readouterr().out
    assert "nan" not in out
    assert "1 skipped" in out
    assert run_traffic(TrafficRequest(as_json=True))
    assert json.loads(capsys.readouterr().out)["rows"][0]["simulated"] is None


def test_parts_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, [ACCEPTED])
    for part in ("theory", "programs", "history"):
        assert run_traffic(TrafficRequest(part=part, quick=True))
    assert [one[2] for one in asked] == [("theory",), ("programs",), ("history",)]
    assert asked[0][:2] == (20, True)


def test_mistakes_are_all_named_at_once() -> None:
    with pytest.raises(UserError) as caught:
        run_traffic(TrafficRequest(rows=0, part="histroy", seed=-1))
    assert {problem.where for problem in caught.value.problems} == {"--rows", "--part", "--seed"}


def test_options_of_traffic_are_refused_elsewhere() -> None:
    refuse_traffic_options("", False, False)
    with pytest.raises(UserError) as caught:
        refuse_traffic_options("history", True, True)
    assert {problem.where for problem in caught.value.problems} == {"--part", "--quick", "--json"}


def test_history_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The real thing, small: one row of each case, nothing about other assumptions."""
    run_traffic(TrafficRequest(rows=1, part="history", quick=True))
    out = capsys.readouterr().out
    for case in ("folkestone-2020-11", "dover-2016-07", "stack-2015", "coquelles-blocking"):
        assert f"\n{case}, " in out
    assert "first blocked after" in out
