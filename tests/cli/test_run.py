"""`straits run`: what it prints is what it writes, and nothing half-written is left."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from straits.results import summary as summary_module
from straits.results import visits as visits_module
from straits.results.summary import Summary
from straits.tables.vehicles import GaveUp
from support.command import Said, call

Run = Callable[..., Said]
VISIT = ["vehicle", "crossing", "direction", "class", "station", "site", "arrived", "arrived_s",
         "held_s", "waiting_s", "service_s", "blocked_s", "delay_s"]  # fmt: skip
STOOD = ["vehicle", "crossing", "direction", "class", "road", "since", "since_s", "released_s",
         "until_s"]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: call(["run", *arguments], capsys, monkeypatch)


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def sums(table: pa.Table) -> dict[tuple[str, str], dict[str, float]]:
    """Return visits, sums and the longest wait of a log by (station, class)."""
    frame = {name: table[name].to_numpy() for name in VISIT if name.endswith("_s")}
    names = zip(table["station"].to_pylist(), table["class"].to_pylist(), strict=True)
    groups: dict[tuple[str, str], list[int]] = {}
    for i, pair in enumerate(names):
        groups.setdefault(pair, []).append(i)
    return {
        pair: {
            "visits": len(rows),
            **{name: float(frame[name][rows].sum())
               for name in ("waiting_s", "delay_s", "blocked_s", "held_s")},
            "wait_max_s": float(frame["waiting_s"][rows].max()),
        }
        for pair, rows in groups.items()
    }  # fmt: skip


@pytest.mark.parametrize("baseline", ["calais-2016", "dover-2016-07"])
def test_the_log_adds_up_to_the_measures(run: Run, tmp_path: Path, baseline: str) -> None:
    """Visits, waits and delays by station and class, to the bit."""
    said = run(baseline, "--days", "2", "--log", "vehicles.parquet", "--out", "run", "--json")
    assert said.code == 0, said.err
    assert contents(tmp_path) == ["run", "run/causes.parquet", "run/measures.parquet",
                                  "vehicles.parquet", "vehicles.stood.parquet"]
    log = pq.read_table("vehicles.parquet")
    assert log.column_names == VISIT
    found = sums(log)
    shown = json.loads(said.out)
    assert pq.read_table("run/measures.parquet").to_pylist() == shown["stations"]
    measured = {(row["station"], row["class"]): row for row in shown["stations"] if row["visits"]}
    assert found.keys() == measured.keys()
    for pair, row in measured.items():
        assert {name: row[name] for name in found[pair]} == found[pair], pair
        assert row["wait_mean_s"] == found[pair]["waiting_s"] / found[pair]["visits"]
    assert sum(row["visits"] for row in shown["stations"]) == log.num_rows > 10_000
    causes = pq.read_table("run/causes.parquet").to_pylist()
    assert {row["hour_of_week"] // 24 for row in causes} <= {1, 2, 4, 5}  # from a Tuesday, a Friday
    assert min(row["delay_s"] for row in causes) > 0.0
    # Apart from who is under way: the rest of their delay belongs to the days around.
    total, logged = (sum(row["delay_s"] for row in rows) for rows in (causes, shown["stations"]))
    assert total > 0.5 * logged


def test_the_columns_are_what_the_page_says(run: Run) -> None:
    assert run("dover-2016-07", "--days", "1", "--log", "vehicles.parquet").code == 0
    log, stood = pq.read_table("vehicles.parquet"), pq.read_table("vehicles.stood.parquet")
    assert (log.column_names, stood.column_names) == (VISIT, STOOD)
    about = json.loads(log.schema.metadata[b"straits"])
    origin = np.datetime64(about["origin"], "us")
    for table, name in ((log, "arrived"), (stood, "since")):
        exact = origin + np.round(table[f"{name}_s"].to_numpy() * 1e6).astype("timedelta64[us]")
        assert (table[name].cast(pa.timestamp("us")).to_numpy() == exact).all()
    for name in VISIT[8:]:
        assert log[name].to_numpy().min() >= 0.0
    leaves = sum(log[name].to_numpy() for name in (
        "arrived_s", "held_s", "waiting_s", "service_s", "blocked_s"))
    assert leaves.min() >= 0.0
    assert leaves.max() < 86_400.0
    assert (about["baseline"], about["people"], about["days"]) == ("dover-2016-07", False, 1)
    assert not {"occupants", "aboard", "found"} & set(log.column_names)


def test_who_stood(run: Run) -> None:
    """Every stay that ended has an end after its beginning; some last to the end."""
    assert run("stack-2015", "--days", "1", "--log", "vehicles.parquet").code == 0
    stood = pq.read_table("vehicles.stood.parquet").to_pylist()
    assert stood
    for row in stood:
        times = [row[name] for name in ("since_s", "released_s", "until_s") if row[name] is not None]
        assert times == sorted(times)
        assert row["until_s"] is None or 0.0 <= row["until_s"] <= 86_400.0


def test_days_follow_each_other(run: Run) -> None:
    """A later first day is another window of the same days and vehicles."""
    assert run("calais-2016", "--days", "2", "--log", "two.parquet").code == 0
    assert run("calais-2016", "--days", "1", "--from", "2016-08-31", "--log", "one.parquet").code == 0
    two, one = (pq.read_table(f"{name}.parquet") for name in ("two", "one"))
    assert two.schema.equals(one.schema)
    assert 0 < one.num_rows < two.num_rows


def test_a_policy_and_the_table(run: Run, tmp_path: Path) -> None:
    said = run("calais-2016", "--policy", "end-le-touquet", "--policy", "close-camp", "--days", "1")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("calais-2016   end-le-touquet+close-camp   1 d from 2016-08-30")
    assert "UK entry check at Dover" in said.out
    assert contents(tmp_path) == []


def test_what_follows_the_table(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vehicles balance; tailbacks, delay by cause and who turned away are there if any are."""
    plain = run("dover-2016-07", "--days", "1")
    assert plain.code == 0, plain.err
    counts = [int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", plain.out.splitlines()[1])]
    start, entered, left, end = counts
    assert start + entered == left + end
    assert min(counts) > 0
    after = plain.out.split("longest tailback, mean of a quarter of an hour [km]\n")[1]
    assert re.match(r"  A20 and M20 to the port of Dover +\d+\.\d\n\ndelay by cause", after)
    assert re.search(r"\n  held +[\d,]+\.\d\n", after)
    assert "turned away" not in after
    real = summary_module.empty_summary

    def with_some(*arguments: Any) -> Summary:
        summary = real(*arguments)
        summary.values["gave_up"][0, [GaveUp.BALKED, GaveUp.TURNED_BACK]] = 1234, 5
        return summary

    monkeypatch.setattr(summary_module, "empty_summary", with_some)
    said = run("dover-2016-07", "--days", "1")
    away = said.out.split("vehicles that turned away\n")[1]
    assert [line.split() for line in away.splitlines()] == [
        ["balked", "1,234"], ["turned", "back", "5"]]  # fmt: skip


def test_no_visits_have_no_mean_wait(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash in the table, null in the files."""
    real = visits_module.visit_rows

    def one_unserved(*arguments: Any) -> list[dict[str, Any]]:
        return [{**real(*arguments)[0], "visits": 0, "still_waiting": 7}]

    monkeypatch.setattr(visits_module, "visit_rows", one_unserved)
    said = run("folkestone-2020-11", "--days", "1", "--out", "run")
    assert said.code == 0, said.err
    row = next(line for line in said.out.splitlines() if line.startswith("  hgv_accompanied"))
    assert row.split() == ["hgv_accompanied", "0", *"–––––", "0.0", "0.0", "7"]
    table = pq.read_table("run/measures.parquet")
    for name in table.column_names:
        if name.startswith("wait_"):
            assert table.schema.field(name).type == pa.float64()
            assert table[name].to_pylist() == [None]
    assert json.loads(table.schema.metadata[b"straits"])["baseline"] == "folkestone-2020-11"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["calais-2061"], ("calais-2061", "Did you mean 'calais-2016'?")),
        (["calais-2016", "--policy", "no-such"], ("no-such",)),
        (["calais-2016", "--policy", "uk-centre", "--policy", "uk-centre"], ("twice",)),
        (["calais-2016", "--days", "0", "--seed", "-1", "--row", "-1", "--timing", "never"],
         ("--days", "1 to 3,650", "--seed", "--row", "--timing", "4 problems")),
        (["calais-2016", "--from", "yesterday"], ("--from", "not a date", "2016-08-30")),
        (["calais-2016", "--from", "1066-10-14"], ("--from", "1066-10-14", "allowed: ")),
        (["calais-2016", "--log", "here.csv"], ("--log", "Parquet")),
        (["calais-2016", "--policy", ""], ("--policy", "a name is missing")),
        (["calais-2016", "--log", "folder.parquet"], ("--log", "folder of this name")),
        (["calais-2016", "--log", "nowhere/v.parquet"], ("--log", "cannot be written")),
        (["calais-2016", "--log", "file/v.parquet"], ("--log", "cannot be written")),
        (["calais-2016", "--log", "/proc/v.parquet"], ("--log", "cannot be written")),
        (["calais-2016", "--out", "file"], ("--out", "cannot be written to")),
        ([], ("baseline", "--help")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_wrong_arguments(
    run: Run, tmp_path: Path, arguments: list[str], expected: tuple[str, ...]
) -> None:
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "file").write_text("in the way")
    said = run(*arguments)
    assert said.code == 2, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    for text in expected:
        assert text.lower() in said.err.lower(), said.err
    assert contents(tmp_path) == ["file", "folder.parquet"]


class Full:
    """A file on a disk that fills up after some bytes."""

    def __init__(self, file: object, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(28, os.strerror(28))
        return self.file.write(data)  # type: ignore[attr-defined,no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


@pytest.mark.parametrize("room", [0, 200_000])
def test_a_full_disk_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    (tmp_path / "vehicles.parquet").write_text("from before")
    real = os.fdopen
    monkeypatch.setattr(visits_module.os, "fdopen", lambda *a: Full(real(*a), room))
    said = run("calais-2016", "--days", "2", "--log", "vehicles.parquet")
    assert said.code == 2, said.err
    assert "--log" in said.err
    assert "No space left" in said.err
    assert contents(tmp_path) == ["vehicles.parquet"]
    assert (tmp_path / "vehicles.parquet").read_text() == "from before"


def test_an_interruption_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(visits_module.VisitWriter, "write", stop)
    said = run("calais-2016", "--days", "1", "--log", "vehicles.parquet", "--out", "run")
    assert said.code == 130
    assert "no file was written" in said.err
    assert contents(tmp_path) == ["run"]
