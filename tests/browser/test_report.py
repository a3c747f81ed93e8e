"""The report in a browser: no sideways scroll, no error, nothing too small to read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from conftest import needs
from straits.report.page import render_page
from support.comparison import comparison

SIZES = ((1440, 900), (1024, 768), (390, 844), (320, 640))
SECTIONS = ("map", "scorecard", "incidence", "people", "queues", "waits", "departed", "measures",
            "policies", "assumptions", "limits", "reproduce")
# Every shown text's size as it reaches the eye: a drawing that is scaled scales its letters.
SMALLEST = """() => {
  const out = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, at = node.parentElement;
    if (!node.textContent.trim() || !at.checkVisibility() || at.closest('.away, .skip')) continue;
    const drawn = at.closest('svg') && at.getScreenCTM ? Math.abs(at.getScreenCTM().a) : 1;
    out.push([parseFloat(getComputedStyle(at).fontSize) * drawn, node.textContent.trim()]);
  }
  return out.sort((a, b) => a[0] - b[0])[0];
}"""
# Boxes of the maps' labels that meet, or that leave the map.
CLASHES = """() => [...document.querySelectorAll('svg.map')].flatMap(map => {
  const frame = map.getBoundingClientRect();
  const boxes = [...map.querySelectorAll('text.lab')].map(t => [t.textContent,
    t.getBoundingClientRect()]);
  const out = boxes.filter(([, b]) => b.left < frame.left || b.right > frame.right
    || b.top < frame.top || b.bottom > frame.bottom).map(([t]) => t + ' leaves the map');
  boxes.forEach(([t, a], i) => boxes.slice(i + 1).forEach(([u, b]) => {
    if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      out.push(t + ' meets ' + u);
  }));
  return out;
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = shutil.which("chromium")
    needs("chromium", program is not None, "chromium (Debian)")
    needs("playwright", find_spec("playwright") is not None, "playwright (PyPI)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_page(comparison()), encoding="utf-8")
    return path.as_uri()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_report_is_readable(browser: Any, address: str, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert asked == [address]
    for opened in (False, True):
        page.evaluate("open => document.querySelectorAll('details').forEach(d => d.open = open)",
                      opened)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        size, text = page.evaluate(SMALLEST)
        assert size >= 10.99, (size, text)
    assert page.evaluate(CLASHES) == []
    for name in SECTIONS:
        assert page.locator(f"section#{name}").is_visible(), name
        assert page.locator(f"section#{name} h2").is_visible(), name
    assert page.locator("table.score.wide").first.is_visible() == (width >= 1100)
    assert page.locator(".panel").first.is_visible() == (width < 1100)
    assert said == []
    page.close()


@pytest.mark.slow
def test_details_open_by_keyboard(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    summary = page.locator("#map summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#map details").evaluate("d => d.open")
    assert summary.evaluate("s => getComputedStyle(s).outlineStyle") == "solid"
    page.close()
