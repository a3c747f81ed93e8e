"""What the pages on formats show is true: documents check, Python runs, keys are all told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from straits.analysis.statements import check_statements
from straits.results.measures import MEASURES
from straits.scenario import check_files, load_policy, load_statement, names
from straits.scenario.baseline import BaselineDoc
from straits.scenario.distribution import FAMILIES
from straits.scenario.network import ControlDoc, DepartureDoc, StationDoc
from straits.scenario.policy import ChangeDoc, PolicyDoc
from straits.scenario.statement import (
    ChangeOfDoc,
    FiguresDoc,
    PredicateDoc,
    RankDoc,
    RatioDoc,
    StatementDoc,
)

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [*sorted((DOCS / "formats").glob("*.md")), DOCS / "sources.md"]


def _blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{page.stem}-{place}", block)
        for page in PAGES
        for place, block in enumerate(
            re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        )
    ]


@pytest.mark.parametrize(("name", "block"), _blocks("yaml"), ids=lambda value: str(value)[:24])
def test_documents_on_the_pages_check_out(name: str, block: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_text(block, encoding="utf-8")
    problems = [*check_files([file]), *check_statements([file])]
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize(("name", "block"), _blocks("python"), ids=lambda value: str(value)[:24])
def test_python_on_the_pages_runs(
    name: str, block: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(block, name, "exec"), {})
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("page", "models"),
    [
        ("policy", (PolicyDoc, ChangeDoc)),
        ("baseline", (BaselineDoc, StationDoc, ControlDoc, DepartureDoc)),
        ("statement", (StatementDoc, PredicateDoc, FiguresDoc, ChangeOfDoc, RatioDoc, RankDoc)),
    ],
)
def test_pages_tell_every_key(page: str, models: tuple[type, ...]) -> None:
    text = (DOCS / "formats" / f"{page}.md").read_text(encoding="utf-8")
    for model in models:
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            key = field.alias or name
            assert re.search(rf"`{re.escape(key)}\b", text) or f", `{key}" in text, (model, key)


def test_pages_tell_every_family_and_policy() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for family in FAMILIES:
        assert f"`{family}`" in text
    for policy in names("policy"):
        assert f"`{policy}`" in text, load_policy(policy).title


def test_the_page_on_statements_tells_every_measure_and_statement() -> None:
    text = (DOCS / "formats" / "statement.md").read_text(encoding="utf-8")
    for measure in MEASURES.values():
        assert f"| `{measure.name}` | {measure.unit} |" in text, measure.name
    for statement in names("statement"):
        assert f"| `{statement}` | {load_statement(statement).title} |" in text, statement
