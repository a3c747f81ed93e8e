"""A user's mistake: exit 2; where, what, what is allowed and what to do; nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.command import Said, call

POLICY = """straits: policy
id: mine
title: Mine
proposer: {role: a test}
date: 2016-08-30
source: written for a test
says: Written for a test; nobody proposed it.
announced: 2016-08-30
in_force: 2016-09-30
maintains_arrangements: true
changes:
  - {path: controls.uk-search-calais.share, add: 0.05, range: [0, 0.1], assumed: a test}
"""
SHARE = "{path: controls.uk-search-calais.share, add: 0.05, range: [0, 0.1], assumed: a test}"


def change(text: str) -> str:
    return POLICY.replace(SHARE, f"{{{text}, range: [0, 1], assumed: a test}}")


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

# name: document, and what the message must hold
DOCUMENTS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "unknown key": (POLICY.replace("in_force:", "in_farce:"),
                    ("mine.yaml:9:1", "unknown key", "in_farce", "Did you mean 'in_force'?")),
    "wrong word": (POLICY.replace("share, add", "booths, add"),
                   ("mine.yaml:12:", "booths", "servers")),
    "wrong unit": (change("path: people.reception.capacity, add: 5 kg"),
                   ("mine.yaml:12:", "kg", "people/d")),
    "missing unit": (change("path: people.reception.capacity, add: 5"),
                     ("mine.yaml:12:", "a unit is missing")),
    "negative rate": (change("path: people.reception.capacity, set: -5 people/d"),
                      ("mine.yaml:12:", "-5", "allowed: ")),
    "probability above one": (change("path: controls.uk-search-calais.share, set: 60"),
                              ("mine.yaml:12:", "60", "allowed: ")),
    "dates out of order": (POLICY.replace("announced: 2016-08-30", "announced: 2017-08-30"),
                           ("mine.yaml:", "announced", "2017-08-30")),
    "a date that is none": (POLICY.replace("2016-09-30", "2016-09-31"),
                            ("mine.yaml:9:", "2016-09-31")),
    "unknown site": (change("path: controls.uk-search-ramsgate.share, add: 0.1"),
                     ("mine.yaml:12:", "uk-search-ramsgate", "uk-search-calais")),
    "unknown path": (change("path: people.reception.capasity, scale: 2"),
                     ("mine.yaml:12:", "capasity", "capacity")),
    "duplicate keys": (POLICY + "title: Twice\n", ("mine.yaml:13:1", "title", "twice")),
    "empty": ("", ("mine.yaml", "empty")),
    "comments only": ("# nothing\n", ("mine.yaml",)),
    "not a mapping": ("- one\n- two\n", ("mine.yaml:1:1",)),
    "not yaml": ("a: [1, 2\nb: }\n", ("mine.yaml:",)),
    "binary": (bytes(range(256)) * 40, ("mine.yaml", "binary file", "allowed: text in UTF-8")),
    "bomb": (BOMB, ("mine.yaml:",)),
    "deep": ("[" * 5000, ("mine.yaml:",)),
    "another kind": ("straits: future\nid: mine\n", ("mine.yaml:", "future", "policy")),
    "not said why": (POLICY.replace(", assumed: a test", ""), ("mine.yaml:12:", "source", "assumed")),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


Run = Callable[..., Said]


@pytest.fixture
def run(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    return lambda *arguments: call(list(arguments), capsys, monkeypatch)


def assert_refused(said: Said, *expected: str) -> None:
    """Check that a message refuses, and says enough."""
    assert said.code == 2, said.err
    assert "Traceback" not in said.err
    assert "bug of ours" not in said.err
    assert said.out == ""
    for text in expected:
        assert text in said.err, said.err


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("command", ["compare", "check"])
def test_a_wrong_document(folder: Path, run: Run, name: str, command: str) -> None:
    text, expected = DOCUMENTS[name]
    path = folder / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if command == "check":
        said = run("check", str(path))
    else:
        said = run("compare", "calais-2016", "--quick", "--policies", f"status-quo,{path}")
    assert_refused(said, *expected)
    assert "Nothing was run." in said.err
    assert contents(folder) == ["mine.yaml"]


def test_a_huge_document(folder: Path, run: Run) -> None:
    with (folder / "mine.yaml").open("wb") as stream:
        stream.truncate(50_000_000)
    assert_refused(run("check", "./mine.yaml"), "too large", "50.0 MB", "5 MB")
    said = run("compare", "./mine.yaml", "--quick")
    assert_refused(said, "too large")
    assert contents(folder) == ["mine.yaml"]


def test_every_problem_of_several_documents_at_once(folder: Path, run: Run) -> None:
    for name in ("one", "two"):
        text = POLICY.replace("id: mine", f"id: {name}").replace("proposer", "propozer")
        (folder / f"{name}.yaml").write_text(text)
    said = run("check", "./one.yaml", "./two.yaml")
    assert_refused(said, "one.yaml:4:1", "two.yaml:4:1", "problems. Nothing was run.")
    said = run("compare", "calais-2016", "--policies", "./one.yaml,./two.yaml,uk-center")
    assert_refused(said, "one.yaml:4:1", "two.yaml:4:1", "uk-center")


def test_a_circle_of_baselines(folder: Path, run: Run) -> None:
    for one, other in (("one", "two"), ("two", "one")):
        (folder / f"{one}.yaml").write_text(
            f"straits: baseline\nid: {one}\ntitle: {one}\nextends: ./{other}.yaml\n"
        )
    assert_refused(run("compare", "./one.yaml", "--quick"), "one.yaml", "two.yaml", "extends")
    assert contents(folder) == ["one.yaml", "two.yaml"]


def test_two_policies_of_one_name(folder: Path, run: Run) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(POLICY)
    said = run("compare", "calais-2016", "--quick", "--policies", "./one.yaml+./two.yaml")
    assert_refused(said, "mine")


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ("status-quo,end-le-touquet+new-treaty", ("cannot be combined", "end-le-touquet",
                                                  "new-treaty")),
        ("status-quo,end-le-tuquet", ("end-le-tuquet", "Did you mean 'end-le-touquet'?")),
        ("status-quo,uk-centre+", ("a name is missing",)),
        ("uk-centre,uk-centre", ("--policies", "named twice", "uk-centre")),
        ("status-quo,uk-centre+uk-centre", ("twice",)),
        (",", ("--policies", "no policy named")),
        ("status-quo,./nowhere/mine.yaml", ("nowhere", "does not exist")),
        ("status-quo,./nothing.yaml", ("nothing.yaml", "there is no such file")),
        ("status-quo,./", ("folder",)),
    ],
)  # fmt: skip
def test_wrong_policies(folder: Path, run: Run, policies: str, expected: tuple[str, ...]) -> None:
    assert_refused(run("compare", "calais-2016", "--quick", "--policies", policies), *expected)
    assert contents(folder) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["compare", "calais-2061"], ("calais-2061", "Did you mean 'calais-2016'?")),
        (["compare", "nowhere/world.yaml"], ("nowhere", "does not exist")),
        (["compare"], ("baseline", "--help")),
        (["compare", "calais-2016", "--days", "0"], ("--days", "0", "1 to 3,650")),
        (["compare", "calais-2016", "--days", "9999"], ("--days", "9999", "1 to 3,650")),
        (["compare", "calais-2016", "--days", "many"], ("--days", "integer")),
        (["compare", "calais-2016", "--rows", "0"], ("--rows", "0", "1 to 100,000")),
        (["compare", "calais-2016", "--rows", "-3"], ("--rows", "-3")),
        (["compare", "calais-2016", "--seed", "-1"], ("--seed", "-1", "0 to 4,294,967,295")),
        (["compare", "calais-2016", "--seed", str(2**32)], ("--seed", str(2**32))),
        (["compare", "calais-2016", "--jobs", "0"], ("--jobs", "0")),
        (["compare", "calais-2016", "--futures", "maybe"], ("--futures", "maybe",
                                                            "priors or fixed")),
        (["compare", "calais-2016", "--timing", "never"], ("--timing", "never",
                                                           "immediate or stated")),
        (["compare", "calais-2016", "--days", "0", "--rows", "0", "--timing", "never"],
         ("--days", "--rows", "--timing", "3 problems")),
        (["compare", "calais-2016", "--fast"], ("--fast",)),
        (["compere", "calais-2016"], ("compere",)),
        (["explain", "calais-2016", "--days", "0"], ("--days", "1 to 3,650")),
        (["explain", "calais-2016", "--timing", "never"], ("--timing", "never")),
        (["explain", "calais-2016", "--policy", "no-such"], ("no-such",)),
        (["explain", "no-such"], ("no-such", "calais-2016")),
        (["validate", "no-such"], ("no-such",)),
        (["validate", "people", "--days", "30"], ("--days", "BASELINE")),
        (["calibrate", "--leave-one-out", "--synthetic"], ("2 questions",)),
        (["calibrate", "--alternatives", "--synthetic"], ("2 questions",)),
        (["calibrate", "--leave-one-out", "--alternatives", "--synthetic"], ("3 questions",)),
        (["calibrate", "--json"], ("--json", "--alternatives")),
        (["calibrate", "--alternatives", "--seed", "2"], ("--seed", "nothing is drawn")),
        (["calibrate", "--alternatives", "--jobs", "0"], ("--jobs", "1 to")),
        (["calibrate", "--alternatives", "--fix", "episode=1", "--fit", "ngo"],
         ("--fix", "--fit", "no meaning", "2 problems")),
        (["calibrate", "--truths", "20"], ("--truths", "--synthetic")),
        (["calibrate", "--synthetic", "--truths", "3"], ("--truths", "10 to 10,000")),
        (["displacement", "--policy", "close-camp,uk-centre"], ("--policy", "joined by '+'")),
        (["calibrate", "--leave-one-out", "--until", "2016-06-05"], ("--until", "no meaning")),
        (["calibrate", "--until", "2016-W23"], ("--until", "YYYY-MM-DD")),
        (["validate", "--rows", "0", "--days", "0"], ("--rows", "--days", "2 problems")),
        (["check"], ("files", "--help")),
        (["check", "no-such.yaml"], ("no-such.yaml", "there is no such file")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_wrong_arguments(
    folder: Path, run: Run, arguments: list[str], expected: tuple[str, ...]
) -> None:
    said = run(*arguments)
    assert_refused(said)
    for text in expected:
        assert text.lower() in said.err.lower(), said.err
    assert contents(folder) == []


@pytest.mark.parametrize("out", ["file", "file/deeper", "/dev/null/deeper", "/proc/straits"])
def test_a_folder_that_cannot_be_written(folder: Path, run: Run, out: str) -> None:
    (folder / "file").write_text("in the way")
    said = run("compare", "calais-2016", "--days", "1", "--rows", "1", "--policies", "status-quo",
               "--out", out)
    assert_refused(said, "--out", "cannot be written to")
    assert contents(folder) == ["file"]
    assert (folder / "file").read_text() == "in the way"


def test_a_bad_document_stops_before_the_folder_is_made(folder: Path, run: Run) -> None:
    said = run("compare", "calais-2016", "--policies", "no-such", "--out", "new")
    assert_refused(said, "no-such")
    assert contents(folder) == []
