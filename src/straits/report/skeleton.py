"""What every page of ours is: one HTML file without network, script or font of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from straits.report.markup import esc
from straits.report.style import STYLE

__all__ = ["Page", "whole_page"]

# Nothing is fetched and no script runs, whatever a document brought with it.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True)
class Page:
    """A page's parts; `links`, `main` and `foot` are HTML, the others are text.

    Attributes
    ----------
    headline : str
        In the window's title.
    version : str
        Of the program.
    about, aside : str
        In the line at the top.
    links : str
        List items of the navigation.
    main : str
    foot : str
        Below the line that closes every page.
    """

    headline: str
    version: str
    about: str
    aside: str
    links: str
    main: str
    foot: str = ""


def whole_page(page: Page) -> str:
    """Return a page as one HTML document."""
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="generator" content="straits {esc(page.version)}">
<title>{esc(page.headline)} · Straits</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
<div class="page">
<header class="top"><span><b>Straits</b>{esc(page.about)}</span>
<span>{esc(page.aside)}</span></header>
<nav aria-label="Sections"><ul>{page.links}</ul></nav>
<main id="main">
{page.main}
</main>
<footer><p>For exploration and scrutiny, not a forecast. Aggregates only; no record of
a real person.</p>
{page.foot}</footer>
</div>
</body>
</html>
"""
