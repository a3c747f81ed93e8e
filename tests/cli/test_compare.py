"""`straits compare`: what it prints and writes, and the same bits however it is run."""

from __future__ import annotations

import json
import signal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from support.command import Said, finish, parts, start, wait_until

SMALL = ["compare", "calais-2016", "--days", "2", "--rows", "3",
         "--policies", "status-quo,end-le-touquet"]  # fmt: skip
TASKS = 6


def compare(folder: Path, *options: str) -> Said:
    return finish(start([*SMALL, *options], folder))


def manifest(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "manifest.json").read_text()))


def bits(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return a run's table hash, and the finished parts byte for byte."""
    return str(manifest(folder)["table_hash"]), {p.name: p.read_bytes() for p in parts(folder)}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One undisturbed run in one process."""
    folder = tmp_path_factory.mktemp("base")
    said = compare(folder, "--jobs", "1", "--out", "run", "--json")
    assert said.code == 0, said.err
    (folder / "said.json").write_text(said.out)
    (folder / "said.err").write_text(said.err)
    return folder


@cache
def table(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "said.json").read_text()))


def test_json_says_value_interval_unit_commitment_and_direction(base: Path) -> None:
    found = table(base)
    effects = found["effects"]
    assert isinstance(effects, list)
    seen = {(row["policy"], row["measure"]) for row in effects}
    assert {policy for policy, _ in seen} == {"status-quo", "end-le-touquet"}
    assert len(seen) == len(effects) > 60
    for row in effects:
        assert row["low"] <= row["value"] <= row["high"]
        assert row["difference_low"] <= row["difference"] <= row["difference_high"]
        assert row["unit"]
        assert row["commitment"] in range(1, 7)
        assert row["direction"] in ("less", "more", "none")
        assert row["verdict"] in ("clear", "unclear", "none")
        if row["policy"] == "status-quo":
            assert row["difference"] == 0.0
    assert {row["commitment"] for row in effects} >= set(range(1, 6))
    assert found["rows"] == 3
    assert found["interval"] == "lowest to highest of 3 rows"
    assert found["source_of_spread"] == "assumptions and chance"


def test_the_paragraph_speaks_of_numbers_in_the_table(base: Path) -> None:
    assert len(str(table(base)["paragraph"]).split()) > 20
    notes = " ".join(map(str, table(base)["notes"]))  # type: ignore[call-overload]
    assert "3 rows are few" in notes
    assert "not a forecast" in notes


def test_progress_goes_to_the_other_stream(base: Path) -> None:
    said = (base / "said.err").read_text()
    assert f"{TASKS}/{TASKS} tasks" in said
    assert "\033" not in said


class _Links(HTMLParser):
    """Collects what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "srcset") or (tag == "link" and name == "href"):
                self.loads.append(str(value))


def test_the_run_folder(base: Path) -> None:
    import pyarrow.parquet as pq

    run = base / "run"
    assert {path.name for path in run.iterdir()} == {
        "report.html", "measures.parquet", "queues.parquet", "comparison.json", "resolved.yaml",
        "manifest.json", "parts",
    }
    links = _Links()
    links.feed((run / "report.html").read_text(encoding="utf-8"))
    assert all(link.startswith("data:") for link in links.loads)
    measures = pq.read_table(run / "measures.parquet").to_pylist()
    effects = {(row["policy"], row["measure"]): row for row in table(base)["effects"]}  # type: ignore[attr-defined]
    shown = [row for row in measures if not row["place"]]
    assert len(shown) == len(effects)
    for row in shown:
        assert row["value"] == effects[(row["policy"], row["measure"])]["value"]
    about = manifest(run)
    assert about["table_hash"] == table(base)["table_hash"]
    assert {row["key"] for row in about["tasks"]} == {p.stem for p in parts(run)}  # type: ignore[attr-defined]
    assert len(parts(run)) == TASKS


def test_the_stored_documents_resolve_to_themselves(base: Path) -> None:
    from straits.scenario import resolve

    for text in (base / "run" / "resolved.yaml").read_text(encoding="utf-8").split("---\n"):
        assert resolve(text) == text.split("\n", 1)[1] if text.startswith("# ") else text


def test_again_is_the_same_and_computes_nothing(base: Path) -> None:
    before = bits(base / "run")
    said = compare(base, "--jobs", "1", "--out", "run")
    assert said.code == 0, said.err
    assert f"{TASKS} resumed or shared" in said.err
    assert bits(base / "run") == before
    assert "report  run/report.html" in said.out.replace("\\", "/")


def test_afresh_is_the_same(base: Path, tmp_path: Path) -> None:
    assert compare(tmp_path, "--jobs", "1", "--out", "run").code == 0
    assert bits(tmp_path / "run") == bits(base / "run")


def test_two_jobs_are_one_job(base: Path, tmp_path: Path) -> None:
    said = compare(tmp_path, "--jobs", "2", "--out", "run")
    assert said.code == 0, said.err
    assert bits(tmp_path / "run") == bits(base / "run")


def test_another_seed_is_another_run(base: Path, tmp_path: Path) -> None:
    assert compare(tmp_path, "--jobs", "1", "--out", "run", "--seed", "2").code == 0
    one, two = bits(base / "run"), bits(tmp_path / "run")
    assert one[0] != two[0]
    assert not one[1].keys() & two[1].keys()


def descendants(group: int) -> list[int]:
    """Return the processes of a group that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted_and_resumed_is_uninterrupted(base: Path, tmp_path: Path, jobs: str) -> None:
    process = start([*SMALL, "--jobs", jobs, "--out", "run"], tmp_path)
    wait_until(lambda: bool(parts(tmp_path / "run")) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    said = finish(process)
    assert said.code == 130, said.err
    assert "Traceback" not in said.err
    assert "resumes" in said.err
    wait_until(lambda: not descendants(process.pid), 20.0)
    kept = parts(tmp_path / "run")
    assert 0 < len(kept) < TASKS
    assert not (tmp_path / "run" / "manifest.json").exists()
    again = compare(tmp_path, "--jobs", jobs, "--out", "run")
    assert again.code == 0, again.err
    assert bits(tmp_path / "run") == bits(base / "run")


def test_killed_and_resumed_is_unharmed(base: Path, tmp_path: Path) -> None:
    process = start([*SMALL, "--jobs", "2", "--out", "run"], tmp_path)
    wait_until(lambda: bool(parts(tmp_path / "run")) or process.poll() is not None)
    process.kill()
    assert finish(process).code == -signal.SIGKILL
    wait_until(lambda: not descendants(process.pid), 60.0)
    again = compare(tmp_path, "--jobs", "2", "--out", "run")
    assert again.code == 0, again.err
    assert bits(tmp_path / "run") == bits(base / "run")


def test_a_reader_that_stops_reading_is_no_error(base: Path) -> None:
    process = start([*SMALL, "--jobs", "1", "--out", "run"], base)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        err = process.stderr.read()
    process.wait(120)
    assert "Traceback" not in err
    assert (base / "run" / "report.html").is_file()


def test_a_borrowed_uncertainty_set_names_what_does_not_fit(tmp_path: Path) -> None:
    """Dover's booths of July 2016 have rosters: no target utilisation to draw."""
    said = finish(start(["compare", "dover-2016-07", "--days", "1", "--rows", "1", "--jobs", "1",
                         "--policies", "close-camp", "--out", "run"], tmp_path))
    assert said.code == 0, said.err
    assert "do not fit this baseline and are left out" in said.err
    page = (tmp_path / "run" / "comparison.json").read_text()
    assert "do not fit this baseline" in page


def test_an_uncertainty_set_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "straits: uncertainty\nid: mine\nbaseline: dover-2016-07\nuncertain:\n"
        "  - name: search.sensitivity\n"
        "    path: controls.uk-search-calais.sensitivity\n"
        "    distribution: {family: triangular, low: 0.3, mode: 0.6, high: 0.9}\n"
        "    assumed: for this test\n")
    said = finish(start(["compare", "dover-2016-07", "--days", "1", "--rows", "1", "--jobs", "1",
                         "--policies", "close-camp", "--uncertainty", "mine.yaml",
                         "--out", "run"], tmp_path))
    assert said.code == 0, said.err
    assert "left out" not in said.err
    assert "--uncertainty mine.yaml" in (tmp_path / "run" / "report.html").read_text()
    both = finish(start(["compare", "calais-2016", "--uncertainty", "mine.yaml",
                         "--futures", "fixed"], tmp_path))
    assert both.code == 2
    assert "nothing is drawn" in both.err
    missing = finish(start(["compare", "calais-2016", "--uncertainty", "none-such"], tmp_path))
    assert missing.code == 2
    assert "none-such" in missing.err
