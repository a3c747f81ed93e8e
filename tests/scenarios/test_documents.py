"""Every document of the corpus: the valid ones pass, the invalid ones say exactly what is wrong.

With STRAITS_UPDATE_MESSAGES=1 the expected messages are written anew; read the difference.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from straits.analysis.statements import check_statements
from straits.base.errors import Problem, UserError
from straits.scenario import check_files, combine, load_baseline, names, resolve
from straits.scenario.load import in_order

HERE = Path(__file__).parent
VALID = sorted((HERE / "valid").glob("*.yaml"))
INVALID = sorted((HERE / "invalid").glob("*.yaml"))
MINI = str(HERE / "valid" / "mini.yaml")
# Where no line exists, because there is no text.
WITHOUT_LINE = {"empty", "comments-only"}


def told(problems: list[Problem]) -> str:
    """Return problems as printed, with the folders left out."""
    text = "\n".join(str(problem) for problem in problems)
    for folder in (HERE / "invalid", HERE / "valid"):
        text = text.replace(f"{folder}/", "")
    # The lists grow with what ships; the messages are about the form.
    for kind in ("baseline", "policy"):
        text = text.replace(", ".join(names(kind)), "NAMES")
    return text + "\n"


@cache
def checked(path: Path) -> list[Problem]:
    return in_order([*check_files([path], baseline=MINI), *check_statements([path])])


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_documents_have_no_problems(path: Path) -> None:
    assert checked(path) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_documents_say_what_is_wrong(path: Path) -> None:
    text = told(checked(path))
    expected = path.with_suffix(".txt")
    if os.environ.get("STRAITS_UPDATE_MESSAGES"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert text.strip()


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_every_problem_names_its_line_and_column(path: Path) -> None:
    for problem in checked(path):
        where = problem.where.rsplit(":", 2)
        if path.stem not in WITHOUT_LINE:
            assert len(where) == 3, problem
            assert int(where[1]) >= 1
            assert int(where[2]) >= 1


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(INVALID) >= 30
    assert {path.stem for path in INVALID} == {p.stem for p in (HERE / "invalid").glob("*.txt")}


def test_all_problems_come_at_once() -> None:
    problems = check_files([HERE / "invalid" / "many-at-once.yaml"])
    paths = {problem.path for problem in problems}
    # Form (an unknown key, a unit, a bound) and what crosses entries (dates, law) together.
    assert {
        "history.from",
        "sites.dover.time_zone",
        "stations.dover-check-in.lanes",
        "stations.dover-check-in.servers.target_utilisation.value",
        "stations.dover-check-in.service.car.fixed.value",
        "controls.uk-entry-calais.by",
        "controls.uk-search-calais.share.asumed",
        "controls.uk-search-calais.share.value",
        "departures.to-fr.direction",
    } <= paths


def test_several_files_are_checked_together() -> None:
    bad = [HERE / "invalid" / f"{name}.yaml" for name in ("syntax", "unknown-kind")]
    files = {problem.where.split(":")[0] for problem in check_files([*bad, *VALID], baseline=MINI)}
    assert files == {str(path) for path in bad}


@pytest.mark.parametrize(
    "make", ["huge", "binary", "folder", "missing", "latin", "nodes", "no-folder"]
)
def test_unreadable_files_are_refused(make: str, tmp_path: Path) -> None:
    path = tmp_path / "document.yaml"
    if make == "huge":
        with path.open("wb") as stream:
            stream.truncate(50_000_000)
    elif make == "binary":
        path.write_bytes(bytes(range(256)) * 16)
    elif make == "folder":
        path.mkdir()
    elif make == "latin":
        path.write_bytes("straits: policy\ntitle: caf\xe9\n".encode("latin-1"))
    elif make == "nodes":
        path.write_text("straits: policy\na: [" + "1," * 60_000 + "1]\n")
    elif make == "no-folder":
        path = tmp_path / "nowhere" / "document.yaml"
    else:
        (tmp_path / "documents.yaml").write_text("straits: policy\n")
    expected = {
        "huge": "too large for a document; found 50.0 MB; allowed: up to 5 MB",
        "binary": "this is a binary file; allowed: text in UTF-8",
        "folder": "this is a folder, not a document. Name a file inside it",
        "missing": f"there is no such file. Did you mean '{tmp_path / 'documents.yaml'}'?",
        "latin": "this is not text in UTF-8; found the byte 0xe9. Save the file as UTF-8",
        "nodes": "this document has more than 50,000 values",
        "no-folder": f"The folder '{path.parent}' does not exist either",
    }[make]
    problems = check_files([path])
    assert len(problems) == 1
    assert expected in str(problems[0])
    assert problems[0].where.startswith(str(path))
    if make == "latin":
        assert problems[0].where == f"{path}:2:11"


def test_an_unknown_name_tells_the_nearest_and_the_list() -> None:
    with pytest.raises(UserError) as caught:
        load_baseline("calais-2061")
    (problem,) = caught.value.problems
    assert "Did you mean 'calais-2016'?" in problem.hint
    assert "calais-2016" in problem.allowed


def test_a_name_as_long_as_no_file_can_be_is_only_unknown() -> None:
    with pytest.raises(UserError, match="there is no baseline of this name"):
        load_baseline("9" * 400)


def test_conflicts_and_missing_names_in_a_combination() -> None:
    valid = HERE / "valid"
    with pytest.raises(UserError) as caught:
        combine(f"{valid / 'mini-policy.yaml'}+{valid / 'mini-nothing.yaml'}")
    assert "cannot be combined" in str(caught.value)
    with pytest.raises(UserError, match="a name is missing"):
        combine("status-quo+")
    with pytest.raises(UserError, match="twice"):
        combine("+".join([str(valid / "mini-policy.yaml")] * 2))
    with pytest.raises(UserError) as caught:
        combine("status-qou+close-kamp")
    assert len(caught.value.problems) == 2


def test_policies_that_require_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    text = (HERE / "valid" / "mini-nothing.yaml").read_text(encoding="utf-8")
    files = []
    for one, two in ("ab", "bc", "ca"):
        files.append(str(tmp_path / f"{one}.yaml"))
        Path(files[-1]).write_text(
            text.replace("id: mini-nothing", f"id: {one}")
            .replace("conflicts: [mini-policy]", f"requires: [{two}]"), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        combine("+".join(files))
    (problem,) = caught.value.problems
    assert problem.where == f"{files[0]}:10:1"
    assert "in a circle; found a -> b -> c -> a. Remove one 'requires'" in str(problem)
    with pytest.raises(UserError, match="'a' requires 'b'"):
        combine(files[0])


@pytest.mark.parametrize("kind", ["baseline", "policy", "uncertainty", "statement"])
def test_what_ships_has_no_problems(kind: str) -> None:
    assert check_files(names(kind)) == []


@pytest.mark.parametrize("name", ["mini", "traffic", "mini-policy"])
def test_resolved_twice_is_resolved_once(name: str) -> None:
    from straits.scenario import build

    path = str(HERE / "valid" / f"{name}.yaml")
    policies = combine(path) if name == "mini-policy" else ()
    baseline = load_baseline(MINI if policies else path)
    once = build(baseline, policies, {}, "stated").resolved_yaml()
    assert resolve(once) == once
