"""One word for one thing, and no charged word outside a quotation; `docs/glossary.md` has the list."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "straits"
CODE = sorted([*SOURCE.rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
# It knows the words that people may write, to tell them ours.
HINTS = SOURCE / "scenario" / "findings.py"
TEXTS = sorted(
    [
        *(path for path in CODE if path != HINTS),
        *(path for path in SOURCE.rglob("*.yaml")),
        *(path for path in (ROOT / "docs").rglob("*.md") if path.stem not in ("sources", "glossary")),
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
    ]
)
# word -> what we say; as part of an identifier
NOT_IN_NAMES = {
    "booth": "server", "booths": "servers", "desk": "server", "desks": "servers",
    "agent": "server or person", "agents": "servers or people", "illegal": "irregular",
    "illegals": "people", "clandestine": "concealed", "clandestines": "people", "kpi": "measure",
    "metric": "measure", "metrics": "measures", "magnet": "inflow elasticity",
    "deportation": "removal", "customer": "entity", "customers": "entities",
}  # fmt: skip
# A node is a place in a YAML document; in a network it is a station.
NOT_IN_NETWORKS = {"node": "station", "nodes": "stations", "resource": "station"}
NETWORKS = ("engine", "plan", "results", "tables", "theory", "analysis", "ensemble")
# Words with whose use one takes a side, or which mean two things; "illegal entry" is the name of an
# offence. The tables of figures and the page on sources, which name publications by title, are free.
NOT_IN_TEXT = re.compile(
    r"\b(illegals|illegal(?! entry)|clandestines?|jungle|magnets?|bogus|swarms?|invasion|deport\w*"
    r"|success rates?|KPIs?|metrics?|agents?|economic migrants?)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"|`[^`\n]*`")


def names(path: Path) -> set[str]:
    """Return every identifier of a module."""
    text = path.read_text(encoding="utf-8")
    return {
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.NAME
    }


def parts(name: str) -> list[str]:
    """Return the words of an identifier."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_names_in_code(path: Path) -> None:
    wrong = dict(NOT_IN_NAMES)
    if path.is_relative_to(SOURCE) and path.relative_to(SOURCE).parts[0] in NETWORKS:
        wrong |= NOT_IN_NETWORKS
    found = {name: wrong[word] for name in names(path) for word in parts(name) if word in wrong}
    assert not found


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_charged_words_stand_in_quotations_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = QUOTED.sub("", text)
    elif path.parent.name == "statements":  # what somebody said, in the quotation marks of print
        text = re.sub(r"“[^”]*”", "", text)
    assert not NOT_IN_TEXT.findall(text)


def test_keys_of_documents_and_names_of_measures() -> None:
    from straits.results.measures import MEASURES
    from straits.tables.people_parameters import Param

    keys = [measure.name for measure in MEASURES.values()] + [param.path for param in Param]
    for key in keys:
        assert not set(re.split(r"[._-]", key)) & set(NOT_IN_NAMES), key
    for measure in MEASURES.values():
        text = f"{measure.label} {measure.definition}"
        assert not NOT_IN_TEXT.search(text), text
        # Attempts are events: no measure may count them as people.
        if "attempt" in measure.name:
            assert "attempts" in measure.unit
