"""Bookings, observed arrivals and choice in documents: read, kept, stored and read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from straits.scenario import build, check_files, load_baseline, resolve

MINI = Path(__file__).parents[2] / "scenarios" / "valid" / "mini.yaml"
TEXT = f"""
straits: baseline
id: busy
extends: {MINI}
title: Everything that demand can be told
demand:
  groups:
    tourist:
      booking:
        kind: ferry
        share: {{value: 60 %, range: [40 %, 80 %], assumed: for tests}}
        early: {{value: 75 min, range: [60 min, 90 min], assumed: for tests}}
        spread: {{value: 25 min, range: [15 min, 40 min], assumed: for tests}}
        latest: {{value: 10 min, range: [0 min, 20 min], assumed: for tests}}
  observed:
    - file: gate.csv
      crossing: dover-calais
      columns: {{time: passed, class: kind, direction: way, count: vehicles}}
      words: {{PKW: car, "nach UK": to_uk}}
      interval: 15 min
      time_zone: Europe/Paris
      from: 2016-08-01
      to: 2016-08-31
      assumed: counted at the gate
  choice:
    cars:
      crossings: [dover-calais]
      classes: [car]
      retiming:
        share: {{value: 20 %, range: [0 %, 40 %], assumed: for tests}}
        wait_sensitivity: {{value: 0.4 1/h, range: [0 1/h, 1 1/h], assumed: for tests}}
"""


def test_documents_are_read_stored_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "busy.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert [str(problem) for problem in check_files([path])] == []
    scenario = build(load_baseline(path))
    demand = scenario.world_at(date(2016, 8, 30))["demand"]
    assert demand["groups"]["tourist"]["booking"] == {
        "kind": "ferry", "share": 0.6, "early": 4500.0, "spread": 1500.0, "latest": 600.0}
    assert demand["groups"]["freight"]["booking"] is None
    (observed,) = demand["observed"]
    assert observed["interval"] == 900.0
    assert observed["class"] is None
    assert observed["columns"] == {"time": "passed", "class": "kind", "direction": "way",
                                   "count": "vehicles", "crossing": None, "id": None}
    assert observed["words"] == {"PKW": "car", "nach UK": "to_uk"}
    assert demand["choice"]["cars"]["retiming"] == {"share": 0.2, "wait_sensitivity": 0.4}
    once = scenario.resolved_yaml()
    assert resolve(once) == once
    paths = {row.path for row in scenario.assumptions()}
    assert "demand.groups.tourist.booking.early" in paths
    assert "demand.choice.cars.retiming.share" in paths


def test_a_file_is_named_from_the_document_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "busy.yaml").write_text(TEXT, encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text("straits: baseline\nid: child\nextends: deep/busy.yaml\ntitle: Child\n")
    place = load_baseline(child).document.place(("demand", "observed"))
    assert Path(place.file).parent == tmp_path / "deep"


def test_without_them_a_baseline_says_nothing_of_them() -> None:
    demand = build(load_baseline(MINI)).world_at(date(2016, 8, 30))["demand"]
    assert demand["observed"] == []
    assert demand["choice"] == {}
    assert all(group["booking"] is None for group in demand["groups"].values())
