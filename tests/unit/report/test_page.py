"""The report page: whole, self-contained, complete, and deaf to what documents bring."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import pytest

from straits.data.read import figures
from straits.report.map import where_checks_stand
from straits.report.page import command_line, render_page, subject_of
from straits.report.scorecard import headline_measures
from straits.report.text import difference, short_name
from support.comparison import HOSTILE, comparison, policy_info
from support.html import Page


@pytest.fixture(scope="module")
def html() -> str:
    return render_page(comparison())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_page_is_one_well_formed_document(html: str, page: Page) -> None:
    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    assert len(html.encode()) < 1_500_000
    for name in ("html", "head", "body", "main", "h1", "title", "footer", "nav"):
        assert len(page.all(name)) == 1, name


def test_page_needs_no_network_and_no_script(html: str, page: Page) -> None:
    assert "@import" not in html and "url(" not in html
    assert page.all("script") == [] and page.all("iframe") == []
    for tag, attrs in page.tags:
        assert "src" not in attrs, tag
        assert not [name for name in attrs if name.startswith("on")], tag
        if tag == "link":
            assert attrs["href"] == "data:,"
        elif tag == "use":
            assert str(attrs["href"]).startswith("#")
        elif "href" in attrs:
            address = str(attrs["href"])
            sources = {figure.source_url for figure in figures().values()}
            assert tag == "a" and (address.startswith("#") or address in sources)


def test_ids_are_unique_and_every_inner_link_has_its_end(page: Page) -> None:
    ids = [str(attrs["id"]) for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for attrs in page.all("a"):
        address = str(attrs["href"])
        assert not address.startswith("#") or address[1:] in ids, address


def test_sections_are_landmarks_with_headings(page: Page) -> None:
    sections = page.all("section")
    assert [s["id"] for s in sections] == [
        "map", "scorecard", "incidence", "people", "queues", "waits", "departed", "measures",
        "policies", "assumptions", "limits", "reproduce"]
    heads = [attrs["id"] for attrs in page.all("h2")]
    assert [s["aria-labelledby"] for s in sections] == heads


def test_every_drawing_has_words_or_is_beside_them(page: Page) -> None:
    for attrs in page.all("svg"):
        assert attrs.get("aria-hidden") == "true" or attrs.get("aria-label") or "wh" in str(
            attrs.get("class"))
    for attrs in page.all("table"):
        assert attrs
    assert len(page.all("caption")) == len(page.all("table"))


def test_every_policy_and_measure_is_said(html: str, page: Page) -> None:
    found = comparison()
    text = " ".join(page.text)
    for policy in found.policies:
        assert escape(policy.title) in html
        assert short_name(policy, 24) in text
        assert f'id="policy-{policy.policy}"' in html
    for measure in found.measures.values():
        assert measure.label in text and measure.definition in text
    for measure in headline_measures(found):
        for policy in found.policies[1:]:
            assert difference(found.effects[(policy.policy, measure.name)]) in text
    assert found.paragraph in text and found.headline in text
    for note in found.notes:
        assert note in text
    assert "GSHHG" in text


def test_scorecard_says_every_verdict_in_words(page: Page) -> None:
    text = " ".join(page.text)
    for words in ("clear of zero", "less or more, cannot be said", "no effect"):
        assert words in text


def test_policies_keep_the_readers_order(page: Page) -> None:
    text = "\n".join(page.text)
    body = text[text.index("Status quo, level"):]
    places = [body.index(f"\n{short_name(p, 24)}\n") for p in comparison().policies[1:]]
    assert places == sorted(places)


def test_what_documents_bring_is_escaped() -> None:
    base = comparison()
    bad = policy_info(HOSTILE, HOSTILE, role=HOSTILE, says=HOSTILE, source=HOSTILE)
    effects = dict(base.effects)
    for (policy, name), found in base.effects.items():
        if policy == "close-camp":
            effects[(HOSTILE, name)] = replace(found, policy=HOSTILE)
    policies = (*base.policies[:-1], bad)

    def renamed(row: object) -> object:
        return replace(row, policy=HOSTILE) if row.policy == "close-camp" else row  # type: ignore[attr-defined,type-var]

    page = render_page(replace(
        base, title=HOSTILE, headline=HOSTILE, paragraph=HOSTILE, notes=(HOSTILE,),
        baseline=HOSTILE, policies=policies, effects=effects,
        incidence=tuple(map(renamed, base.incidence)), stock=tuple(map(renamed, base.stock)),
        queues=tuple(replace(q, label=HOSTILE, station=HOSTILE) for q in base.queues),
        waiting_at_sites={**base.waiting_at_sites, HOSTILE: {"calais": 1.0, HOSTILE: 2.0}},
        assumptions=tuple({**row, "path": HOSTILE, "assumed": HOSTILE, "source": (HOSTILE,)}
                          for row in base.assumptions),
        departed=({**base.departed[0], "crossing": HOSTILE, "class": HOSTILE},),
    ))
    assert "<script" not in page and "alert(" in page
    Page(page)


def test_sources_that_are_no_web_address_are_no_links() -> None:
    from straits.report.markup import link

    assert link("javascript:alert(1)", "a<b") == "a&lt;b"
    assert link("https://a.org/?a=1&b=2", "x") == (
        '<a href="https://a.org/?a=1&amp;b=2" rel="noreferrer">x</a>')


def test_subject_is_the_policy_of_the_paragraph() -> None:
    found = comparison()
    subject = subject_of(found)
    assert subject is not None and subject.policy == "end-le-touquet"
    short = subject_of(replace(found, paragraph=f"The pace of 28 days. {found.paragraph}"))
    assert short == subject
    other = subject_of(replace(found, paragraph="Within 28 days no policy differs."))
    assert other is not None and other.policy == "joint-statement"
    assert subject_of(replace(found, policies=found.policies[:1])) is None


def test_where_checks_stand_follows_the_stations() -> None:
    found = comparison()
    assert where_checks_stand(found, "status-quo") == (
        "UK entry check before the sea at Calais; French entry check before the sea at Dover.")
    assert where_checks_stand(found, "end-le-touquet") == (
        "UK entry check after the sea at Dover; French entry check after the sea at Calais.")


def test_command_reproduces_the_request() -> None:
    assert command_line(comparison(days=28)) == (
        "straits compare calais-2016 --days 28 --rows 3 --policies status-quo,joint-statement,"
        "end-le-touquet,end-both-treaties,uk-centre,uk-claims-from-calais,new-treaty,close-camp "
        "--seed 1 --futures priors --timing immediate")
    own = command_line(replace(comparison(), uncertainty="my set.yaml"))
    assert " --futures priors --uncertainty 'my set.yaml' --timing immediate" in own


@pytest.mark.parametrize("days", [1, 2, 28])
def test_short_windows_are_drawn(days: int) -> None:
    Page(render_page(comparison(days=days)))


def test_the_status_quo_alone_is_drawn() -> None:
    found = comparison()
    first = found.policies[0].policy
    page = render_page(replace(
        found, policies=found.policies[:1], incidence=(), rows=1,
        effects={k: v for k, v in found.effects.items() if k[0] == first},
        stations=tuple(r for r in found.stations if r["policy"] == first),
        queues=(), stock=found.stock[:1], departed=(), assumptions=(), notes=()))
    Page(page)
    assert "No policy beside the status quo was simulated." in page


def test_means_that_a_few_rows_carry_are_named() -> None:
    found = comparison()
    key = ("end-le-touquet", "lorry_delay_to_uk")
    tame = {k: replace(e, value_high=2 * e.value) for k, e in found.effects.items()}
    wild = {**tame, key: replace(tame[key], value=5.0, value_high=3_400.0)}
    words = "a queue grows without clearing under End Le Touquet:"
    assert words not in render_page(replace(found, effects=tame))
    assert render_page(replace(found, effects=wild)).count(words) == 2


def test_numbers_are_written_with_the_true_minus(page: Page) -> None:
    text = " ".join(page.text)
    assert "−" in text
    assert not re.search(r"(?<![\w-])-\d", text.replace(comparison().decision_day, ""))


def test_same_comparison_same_page(html: str) -> None:
    assert render_page(comparison()) == html
