"""What the pages show is true: links lead somewhere, documents check, commands and Python run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from straits.scenario import check_files
from support.command import call

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [ROOT / "README.md", ROOT / "docs" / "start.md", ROOT / "docs" / "design.md"]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
INTO = re.compile(r"into `([\w./-]+)`:\s*$")
# A page shows what people would run; here a day and a row of it say whether it runs.
SHORT = ["--days", "1", "--rows", "1"]


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """Return (language, text, file name that the page gives it) for each block of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        name = INTO.search(text[: match.start()].rstrip("\n"))
        found.append((match[1], match[2], name[1] if name else ""))
    return found


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_a_page_can_be_followed(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Do what the page says, from top to bottom, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for language, text, name in blocks(page):
        if language == "yaml" and name:
            Path(name).write_text(text, encoding="utf-8")
            assert [str(problem) for problem in check_files([name])] == []
        elif language == "python":
            exec(compile(text, f"{page.name}", "exec"), {})
            assert capsys.readouterr().out.strip()
        elif language == "console":
            for line in re.findall(r"^\$ (.*)$", text, re.MULTILINE):
                words = shlex.split(line, comments=True)
                if words[0] != "straits":
                    assert words[0] == "make"
                    continue
                short = SHORT if words[1] in ("compare", "validate") else []
                if words[1:3] == ["validate", "traffic"]:  # which has no window of days
                    short = ["--rows", "1"]
                said = call([*words[1:], *short], capsys, monkeypatch)
                allowed = (0, 1) if words[1] == "validate" else (0,)
                assert said.code in allowed, f"{line}\n{said.err}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http:", "https:")):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), link
        assert not anchor or anchor in anchors(path), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_and_commands_named_on_a_page_exist(page: Path) -> None:
    """A file or command that a page names is there."""
    from straits.cli.app import app

    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:src/straits|tests|docs|benchmarks)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"`((?:engine|plan|results|tables|scenario|base|analysis)/[\w/]+\.py)`",
                           text):
        assert (ROOT / "src" / "straits" / path).exists(), path
    known = {command.name or command.callback.__name__
             for command in app.registered_commands if command.callback}
    for command in re.findall(r"`straits (\w[\w-]*)", text):
        assert command in known, command


def test_the_makefile_has_what_the_readme_names() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert re.search(rf"^{target}:", text, re.MULTILINE), target
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()[1:]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lock)
