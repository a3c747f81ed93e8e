"""Files of observed arrivals: read exactly, or refused with the row and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from conftest import needs
from straits.base.clock import HOUR_TICKS, SECOND_TICKS
from straits.base.errors import Problem, UserError
from straits.engine.arrivals import arrivals, day_factors
from straits.plan.demand import stream_list
from straits.plan.observed import check_observed, observed_columns, observed_files
from straits.plan.observed_table import MAX_PROBLEMS
from straits.scenario import build, load_baseline
from support.demand import demand_plan

FIRST = date(2016, 8, 1)
DAYS = 10
CAR = ("dover-calais", "to_fr", "car")


@cache
def plain_world() -> Mapping[str, Any]:
    baseline = load_baseline("calais-2016")
    return build(baseline).world_at(baseline.doc.decision_day)


def world(*entries: dict[str, Any]) -> dict[str, Any]:
    out = dict(plain_world())
    filled = []
    for entry in entries:
        base: dict[str, Any] = dict.fromkeys(("sheet", "interval", "from", "to", "source"))
        base |= {"crossing": CAR[0], "direction": CAR[1], "class": CAR[2], "words": {},
                 "time_zone": "Europe/London", "assumed": "for tests"}
        base |= entry
        base["columns"] = dict.fromkeys(
            ("count", "crossing", "direction", "class", "id")) | {"time": "time"} | base.get(
            "columns", {})
        filled.append(base)
    out["demand"] = {**out["demand"], "observed": filled}
    return out


def write(folder: Path, text: str, name: str = "gate.csv") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


def columns(folder: Path, *entries: dict[str, Any]) -> dict[str, np.ndarray]:
    return observed_columns(world(*entries), FIRST, DAYS, folder)


def problems(folder: Path, *entries: dict[str, Any]) -> list[Problem]:
    found = check_observed(world(*entries), folder)
    if found:
        with pytest.raises(UserError) as caught:
            columns(folder, *entries)
        assert caught.value.problems == found
    for problem in found:
        assert str(folder) in problem.where
    return found


def told(folder: Path, text: str, **entry: Any) -> list[str]:
    """Return each problem as 'row column message; ...'."""
    name = write(folder, text)
    return [str(p).replace(f"{folder}/", "").replace("\n   ", "") for p in
            problems(folder, {"file": name, **entry})]


def instants(of: Mapping[str, np.ndarray], stream: tuple[str, str, str] = CAR) -> list[datetime]:
    index = stream_list(plain_world()).index(stream)
    rows = of["observed_at"][of["observed_first"][index] : of["observed_first"][index + 1]]
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    return [start + timedelta(seconds=int(at) / SECOND_TICKS) for at in rows]


def spans(of: Mapping[str, np.ndarray], stream: tuple[str, str, str] = CAR) -> list[tuple[int, int]]:
    index = stream_list(plain_world()).index(stream)
    rows = slice(of["covered_first"][index], of["covered_first"][index + 1])
    return [(int(a), int(b)) for a, b in zip(of["covered_from"][rows], of["covered_to"][rows],
                                             strict=True)]


TIMES = "time\n2016-08-02 07:15\n2016-08-02 07:15:30\n2016-08-03T23:59:59.5\n"
UTC_TIMES = [datetime(2016, 8, 2, 6, 15, tzinfo=UTC), datetime(2016, 8, 2, 6, 15, 30, tzinfo=UTC),
             datetime(2016, 8, 3, 22, 59, 59, 500_000, tzinfo=UTC)]


def test_without_files_the_columns_are_empty() -> None:
    found = observed_columns(plain_world(), FIRST, DAYS, Path("nowhere"))
    assert all(not column.any() for column in found.values())
    assert found["observed_first"].size == found["covered_first"].size == 37
    assert found["observed_at"].size == found["covered_from"].size == 0
    assert all(column.dtype == np.int64 for column in found.values())


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        (TIMES, "Europe/London"),
        ("\ufeff" + TIMES.replace("\n", "\r\n") + "\r\n", "Europe/London"),
        ("time\n2016-08-02 06:15Z\n2016-08-02 06:15:30 Z\n2016-08-03 22:59:59.5+00:00\n",
         "Europe/London"),
        ("time\n2016-08-02 07:15+01:00\n2016-08-02 07:15:30+0100\n2016-08-03 23:59:59.5 +01:00\n",
         "Europe/London"),
        ("gate;time\n1;2016-08-02 07:15\n2;2016-08-02 07:15:30\n2;2016-08-03 23:59:59.5\n",
         "Europe/London"),
    ],
)
def test_csv(tmp_path: Path, text: str, zone: str) -> None:
    found = columns(tmp_path, {"file": write(tmp_path, text), "time_zone": zone})
    assert instants(found) == UTC_TIMES
    assert not found["observed_width"].any()
    # Two local days of the file, in summer time.
    assert spans(found) == [(23, 71)]
    assert spans(found, ("dover-calais", "to_uk", "car")) == []


def test_parquet(tmp_path: Path) -> None:
    naive = [time.replace(tzinfo=None) + timedelta(hours=1) for time in UTC_TIMES]
    for name, kind, values in (
        ("naive", pa.timestamp("ns"), naive),
        ("aware", pa.timestamp("ms", "Europe/Paris"), UTC_TIMES),
        ("text", pa.string(), [str(time) for time in naive]),
    ):
        table = pa.table({"time": pa.array(values, kind), "other": pa.array([1, 2, 3])})
        parquet.write_table(table, tmp_path / f"{name}.parquet")
        assert instants(columns(tmp_path, {"file": f"{name}.parquet"})) == UTC_TIMES


def test_a_missing_time_in_the_last_rows_is_told(tmp_path: Path) -> None:
    text = "time,n\n2016-08-02 07:15,1\n,2\n ,3\n"
    missing = [f"gate.csv:{row} time the time is missing" for row in (3, 4)]
    assert [" ".join(line.split()) for line in told(tmp_path, text)] == missing
    # Rows without anything in them are no arrivals at the end, and are in the middle.
    assert [" ".join(line.split()) for line in told(tmp_path, text + ",\n , \n\n\n")] == missing
    assert told(tmp_path, "time,n\n2016-08-02 07:15,1\n,\n , \n\n") == []
    assert told(tmp_path, "time\n2016-08-02 07:15\n\n \n") == []
    assert len(told(tmp_path, "time,n\n,\n2016-08-02 07:15,1\n")) == 1
    (tmp_path / "latin.csv").write_bytes("time,k\n2016-08-02 07:15,a\n,\xe9\n".encode("latin-1"))
    (problem,) = problems(tmp_path, {"file": "latin.csv"})
    assert (problem.where.rpartition(":")[2], problem.message) == ("3", "the time is missing")


def test_a_missing_time_in_the_last_rows_of_parquet_is_told(tmp_path: Path) -> None:
    times = [datetime(2016, 8, 2, 7, 15), datetime(2016, 8, 2, 7, 16), *[None] * 1000]
    parquet.write_table(pa.table({"time": pa.array(times, pa.timestamp("us"))}),
                        tmp_path / "gate.parquet")
    found = problems(tmp_path, {"file": "gate.parquet"})
    assert len(found) == MAX_PROBLEMS + 1
    assert (found[0].where.rpartition(":")[2], found[0].message) == ("3", "the time is missing")


def has_openpyxl() -> bool:
    from importlib.util import find_spec

    return find_spec("openpyxl") is not None


def test_xlsx(tmp_path: Path) -> None:
    needs("openpyxl", has_openpyxl(), "openpyxl")
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    sheet = book.create_sheet("Gate")
    sheet.append(["class", "time"])
    for time in (datetime(2016, 8, 2, 7, 15), "2016-08-02 07:15:30", datetime(2016, 8, 3, 12)):
        sheet.append(["car", time])
    sheet.append([None, None])
    book.save(tmp_path / "gate.xlsx")
    entry = {"file": "gate.xlsx", "sheet": "Gate", "class": None, "columns": {"class": "class"}}
    found = columns(tmp_path, entry)
    assert instants(found) == [*UTC_TIMES[:2], datetime(2016, 8, 3, 11, tzinfo=UTC)]
    sheet.append(["car", None])
    sheet.append([None, None])
    book.save(tmp_path / "late.xlsx")
    late = problems(tmp_path, {**entry, "file": "late.xlsx"})
    assert [(p.where.rpartition(":")[2], p.message) for p in late] == [
        ("5", "the time is missing"), ("6", "the time is missing"), ("5", "the class is missing")]
    (problem,) = problems(tmp_path, {**entry, "sheet": "Gates"})
    assert "no sheet of this name" in str(problem)
    assert "Sheet, Gate" in problem.allowed
    missing = problems(tmp_path, {**entry, "sheet": None})  # the first sheet
    assert {(p.path, p.message) for p in missing} == {
        ("time", "there is no column of this name"), ("class", "there is no column of this name")}
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 no archive")
    (problem,) = problems(tmp_path, {**entry, "file": "bad.xlsx"})
    assert "cannot be read as a workbook" in str(problem)


def test_a_workbook_without_openpyxl_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "gate.xlsx").write_bytes(b"x")
    (problem,) = problems(tmp_path, {"file": "gate.xlsx"})
    assert "package openpyxl, which is not installed" in str(problem)
    assert "pip install openpyxl" in problem.hint


def test_columns_name_streams_in_the_words_of_the_file(tmp_path: Path) -> None:
    text = ("time,kind,way,line\n2016-08-02 07:15,PKW,out,dover-calais\n"
            "2016-08-02 07:16,car,out,DUN\n2016-08-02 07:17,LKW,in,dover-calais\n")
    found = columns(tmp_path, {
        "file": write(tmp_path, text), "crossing": None, "direction": None, "class": None,
        "columns": {"class": "kind", "direction": "way", "crossing": "line"},
        "words": {"PKW": "car", "LKW": "hgv_accompanied", "out": "to_fr", "in": "to_uk",
                  "DUN": "dover-dunkirk"},
    })
    for stream in (CAR, ("dover-dunkirk", "to_fr", "car"),
                   ("dover-calais", "to_uk", "hgv_accompanied")):
        assert len(instants(found, stream)) == 1
        assert spans(found, stream) == [(23, 47)]
    assert np.diff(found["covered_first"]).sum() == 3


def test_counts_become_equal_parts_of_their_interval(tmp_path: Path) -> None:
    text = "time,n\n2016-08-02 07:00,3\n2016-08-02 07:15,0\n2016-08-02 07:30,1.0\n"
    found = columns(tmp_path, {"file": write(tmp_path, text), "columns": {"count": "n"},
                               "interval": 900.0})
    start = 30 * HOUR_TICKS
    part = 300 * SECOND_TICKS
    assert found["observed_at"].tolist() == [
        start, start + part, start + 2 * part, start + 1800 * SECOND_TICKS]
    assert found["observed_width"].tolist() == [part, part, part, 3 * part]
    assert spans(found) == [(23, 47)]


def test_days_are_those_stated_and_the_rest_is_left_out(tmp_path: Path) -> None:
    name = write(tmp_path, "time\n2016-08-01 10:00\n2016-08-03 10:00\n2016-08-05 10:00\n")
    found = columns(tmp_path, {"file": name, "from": date(2016, 8, 2), "to": date(2016, 8, 4)})
    assert instants(found) == [datetime(2016, 8, 3, 9, tzinfo=UTC)]
    assert spans(found) == [(23, 95)]
    two = columns(tmp_path, {"file": name, "from": date(2016, 8, 2), "to": date(2016, 8, 4)},
                  {"file": name, "from": date(2016, 8, 5), "to": date(2016, 8, 6)})
    assert spans(two) == [(23, 95), (95, 143)]
    assert len(instants(two)) == 2


def test_what_lies_outside_the_plan_is_cut(tmp_path: Path) -> None:
    name = write(tmp_path, "time\n2016-07-30 10:00\n2016-08-01 10:00\n2016-08-20 10:00\n")
    found = columns(tmp_path, {"file": name})
    assert instants(found) == [datetime(2016, 8, 1, 9, tzinfo=UTC)]
    assert spans(found) == [(0, 240)]


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata"])
def test_every_row_of_a_covered_day_arrives(tmp_path: Path, zone: str) -> None:
    """Whatever the file's midnight is in UTC, the simulated vehicles are its rows."""
    start = datetime(2016, 8, 2)
    rows = [start + timedelta(minutes=7 * k) for k in range(205)]
    name = write(tmp_path, "time\n" + "\n".join(map(str, rows)) + "\n")
    entry = world({"file": name, "time_zone": zone})
    found = observed_columns(entry, FIRST, 3, tmp_path)
    plan = demand_plan(np.full((3, 24, 36), 2.0), **found)
    out = arrivals(plan, 5, day_factors(plan, 5), 0, 72)
    index = stream_list(plain_world()).index(CAR)
    (low, high), = spans(found)
    mine = out.at[(out.stream == index) & (out.at >= low * HOUR_TICKS)
                  & (out.at < high * HOUR_TICKS)]
    assert mine.tolist() == found["observed_at"].tolist()
    assert mine.size == 205


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    name = write(tmp_path, TIMES)
    assert len(instants(columns(tmp_path, {"file": name}))) == 3
    write(tmp_path, TIMES + "2016-08-03T23:59:59.9\n")
    assert len(instants(columns(tmp_path, {"file": name}))) == 4


def test_rates_and_files_are_told(tmp_path: Path) -> None:
    assert observed_files(world({"file": "a.csv"}), tmp_path) == [tmp_path / "a.csv"]


def test_times_that_are_wrong(tmp_path: Path) -> None:
    text = ("time\n2016-08-02 07:15\n\"\"\n02/08/2016 07:15\n2016-13-02 07:15\n2016-08-02\n"
            "1016-08-02 07:15\n2016-08-02 07:14\n")
    allowed = "allowed: such as 2016-08-01 07:15:30, with or without an offset such as +01:00"
    assert told(tmp_path, text) == [
        "gate.csv:3  time the time is missing",
        f"gate.csv:4  time this is no date and time; found '02/08/2016 07:15'; {allowed}",
        f"gate.csv:5  time this is no date and time; found '2016-13-02 07:15'; {allowed}",
        f"gate.csv:6  time this is no date and time; found '2016-08-02'; {allowed}",
        "gate.csv:7  time this year cannot be meant; found 1016; allowed: 1980 to 2100",
        "gate.csv:8  time this row is earlier than one before it; found 2016-08-02 07:14; "
        "allowed: 2016-08-02 07:15 or later, as in row 2. Sort the rows by time",
    ]


def test_offsets_that_are_mixed(tmp_path: Path) -> None:
    (mixed,) = told(tmp_path, "time\n2016-08-02 07:15\n2016-08-02 07:16+01:00\n2016-08-02 07:17\n")
    assert mixed.startswith("gate.csv:3  time times with and without an offset are mixed")
    (other,) = told(tmp_path, "time\n2016-08-02 07:15+01:00\n2016-08-02 08:16+02:00\n")
    assert other == ("gate.csv:3  time this offset is neither that of every row nor the zone's; "
                     "found +0200; allowed: +0100 in Europe/London")
    across = "time\n2016-10-30 01:30+01:00\n2016-10-30 01:30+00:00\n"
    assert told(tmp_path, across) == []


def test_times_at_the_change_of_the_clock(tmp_path: Path) -> None:
    (skipped,) = told(tmp_path, "time\n2016-03-27 00:59\n2016-03-27 01:30\n2016-03-27 02:00\n")
    assert skipped == ("gate.csv:3  time this time does not exist: the clock skips it; found "
                       "2016-03-27 01:30:00 in Europe/London. Write the offset behind every time")
    (twice,) = told(tmp_path, "time\n2016-10-30 00:59\n2016-10-30 01:30\n2016-10-30 02:00\n")
    assert twice.startswith("gate.csv:3  time this time comes twice: the clock is put back")
    assert told(tmp_path, "time\n2016-10-30 01:30+01:00\n2016-10-30 01:10Z\n",
                time_zone="Europe/London") == []


def test_rows_that_repeat(tmp_path: Path) -> None:
    text = ("time,record\n2016-08-02 07:15,a\n2016-08-02 07:15,b\n2016-08-02 07:15,a\n"
            "2016-08-02 07:16,b\n2016-08-02 07:17,\n")
    assert told(tmp_path, text, columns={"id": "record"}) == [
        "gate.csv:4  record this row is there twice; found 'a'; allowed: one row a vehicle. "
        "First in row 2",
        "gate.csv:5  record this id is there twice; found 'b'; allowed: one row a vehicle. "
        "First in row 3",
        "gate.csv:6  record the id is missing",
    ]
    # Without ids, times to the minute may well be the same.
    assert told(tmp_path, text) == []


def test_names_that_are_unknown(tmp_path: Path) -> None:
    text = ("time,what,line\n2016-08-02 07:15,cars,dover-calais\n2016-08-02 07:16,zug,\n"
            "2016-08-02 07:17,hgv_unaccompanied,folkestone-coquelles\n")
    lines = told(tmp_path, text, crossing=None, **{"class": None},
                 columns={"class": "what", "crossing": "line"})
    assert lines[0].startswith("gate.csv:2  what there is no class of this name; found 'cars'; "
                               "allowed: car, coach, hgv_accompanied")
    assert lines[0].endswith("Did you mean 'car'?")
    assert lines[1] == "gate.csv:3  line the crossing is missing"
    assert "found 'zug'" in lines[2]
    assert lines[2].endswith("Say in 'words' what the file's words mean")
    assert lines[3] == ("gate.csv:4  what no departure carries hgv_unaccompanied on "
                        "folkestone-coquelles to_fr")
    assert len(lines) == 4


def test_counts_that_are_wrong(tmp_path: Path) -> None:
    text = ("time,n\n2016-08-02 07:00,3\n2016-08-02 07:15,-1\n2016-08-02 07:30,two\n"
            "2016-08-02 07:45,1.5\n2016-08-02 08:00,\n2016-08-02 08:15,1000000\n"
            "2016-08-02 08:20,1\n2016-08-02 08:20,1\n")
    assert told(tmp_path, text, columns={"count": "n"}, interval=900.0) == [
        "gate.csv:3  n this count is negative; found -1; allowed: 0 or more",
        "gate.csv:4  n this is no whole number; found 'two'",
        "gate.csv:5  n this is no whole number; found '1.5'",
        "gate.csv:6  n the count is missing; allowed: 0 where nobody came",
        "gate.csv:7  n this count is too large; found 1,000,000; allowed: up to 100,000 in an "
        "interval",
        "gate.csv:8  time this interval begins before the one before it has ended; found "
        "2016-08-02 08:20. The other is in row 7",
        "gate.csv:9  time this interval is there twice; found 2016-08-02 08:20. The other is in "
        "row 8",
    ]


def test_problems_are_capped(tmp_path: Path) -> None:
    lines = told(tmp_path, "time\n" + "soon\n" * 5000)
    assert len(lines) == MAX_PROBLEMS + 1
    assert lines[-1] == f"gate.csv and {5000 - MAX_PROBLEMS:,} more problems"


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, "time\nsoon\n", "one.csv")
    write(tmp_path, "time\nlate\n", "two.csv")
    found = problems(tmp_path, {"file": "one.csv"}, {"file": "two.csv"}, {"file": "three.csv"})
    assert [Path(p.where.split(":")[0]).name for p in found] == ["one.csv", "two.csv", "three.csv"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("gate.csv", "", "this file is empty"),
        ("gate.csv", "time\n", "this file has no rows"),
        ("gate.csv", "time\n\n\n", "this file has no rows"),
        ("gate.csv", "when\n2016-08-02 07:15\n", "there is no column of this name; allowed: when"),
        ("gate.csv", "times\n2016-08-02 07:15\n", "Did you mean 'times'?"),
        ("gate.csv", "time,time\n2016-08-02 07:15,1\n", "there are two columns of this name"),
        ("gate.csv", "time,a\n2016-08-02 07:15,1\n2016-08-02 07:15,1,2\n",
         "gate.csv:3\n    this row has another number of columns; found 3; allowed: 2"),
        ("gate.csv", "time,a\n2016-08-02 07:15,1\n\n2016-08-02 07:15,2\n", "gate.csv:3"),
        ("gate.txt", "time\n", "this is no file of arrivals; found '.txt'; allowed: .csv, .xlsx"),
        ("gate.parquet", "time\n", "this cannot be read as Parquet"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, text: str, expected: str) -> None:
    write(tmp_path, text, name)
    (problem,) = problems(tmp_path, {"file": name})
    assert expected in str(problem).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    "data",
    [TIMES.encode("utf-16"), TIMES.encode("utf-16-le"), bytes(range(256)), b"\x1b[31mtime\nx\n",
     TIMES.encode() + b"\0", "z\xe9ro\n2016-08-02 07:15\n".encode("latin-1")],
    ids=["utf-16", "utf-16 without mark", "bytes", "control", "zero", "latin-1"],
)
def test_a_csv_that_is_no_text(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "gate.csv").write_bytes(data)
    (problem,) = problems(tmp_path, {"file": "gate.csv"})
    assert problem.where == str(tmp_path / "gate.csv")
    assert (problem.message, problem.allowed) == ("this is no UTF-8 text", "a CSV in UTF-8")
    assert "CSV UTF-8" in problem.hint


def test_names_of_columns_are_told_without_control_characters(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"t\x1b[31m\x00": [1]}), tmp_path / "gate.parquet")
    (problem,) = problems(tmp_path, {"file": "gate.parquet"})
    assert "there is no column of this name" in problem.message
    assert problem.allowed.isprintable()


def test_files_that_are_not_there_or_too_large(tmp_path: Path) -> None:
    write(tmp_path, TIMES, "gates.csv")
    (problem,) = problems(tmp_path, {"file": "gate.csv"})
    assert "there is no such file" in problem.message
    assert problem.hint == f"Did you mean '{tmp_path / 'gates.csv'}'?"
    (tmp_path / "folder.csv").mkdir()
    (problem,) = problems(tmp_path, {"file": "folder.csv"})
    assert "this is a folder" in problem.message
    with (tmp_path / "huge.csv").open("wb") as stream:
        stream.truncate(60_000_000)
    (problem,) = problems(tmp_path, {"file": "huge.csv"})
    assert "too large; found 60.0 MB; allowed: up to 50 MB" in str(problem)
    (tmp_path / "latin.csv").write_bytes("time,caf\xe9\n2016-08-02 07:15,\xe9\n".encode("latin-1"))
    found = columns(tmp_path, {"file": "latin.csv"})  # a column that is not asked for
    assert len(instants(found)) == 1
    (tmp_path / "latin.csv").write_bytes("time,k\n2016-08-02 07:15,\xe9\n".encode("latin-1"))
    (problem,) = problems(tmp_path, {"file": "latin.csv", "class": None,
                                     "columns": {"class": "k"}})
    assert "cannot be read as CSV in UTF-8" in problem.message


def test_days_that_do_not_fit(tmp_path: Path) -> None:
    name = write(tmp_path, TIMES)
    (problem,) = problems(tmp_path, {"file": name, "from": date(2016, 9, 1)})
    assert "no row lies on the days that this file is to cover" in problem.message
    assert problem.found == "rows from 2016-08-02 to 2016-08-03"
    with pytest.raises(UserError, match="these days are covered twice"):
        columns(tmp_path, {"file": name}, {"file": name})
    (problem,) = problems(tmp_path, {"file": name, "sheet": "Gate"})
    assert "only a workbook has sheets" in problem.message
