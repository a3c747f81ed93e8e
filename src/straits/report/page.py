"""The report: one HTML file that needs no network, no script and no font of its own."""

from __future__ import annotations

import shlex

from straits.analysis.comparison import Comparison, PolicyInfo
from straits.data.read import coastline
from straits.report import charts, queues, scorecard, tables
from straits.report.map import maps
from straits.report.markup import esc, section
from straits.report.skeleton import Page, whole_page
from straits.report.text import long_date, short_name
from straits.results.measures import COMMITMENTS

__all__ = ["command_line", "render_page", "subject_of"]

def subject_of(comparison: Comparison) -> PolicyInfo | None:
    """Return the policy that the plain paragraph speaks of, else the first of the others."""
    others = comparison.policies[1:]
    # In a window shorter than a year the paragraph begins with what its numbers are.
    named = [p for p in others if f"{p.title}. Lorries" in comparison.paragraph]
    if named:
        return max(named, key=lambda p: len(p.title))
    return others[0] if others else None


def command_line(comparison: Comparison) -> str:
    """Return the command that gives the same table again."""
    policies = ",".join(p.policy for p in comparison.policies)
    asked = comparison.uncertainty
    drawn = f" --uncertainty {shlex.quote(asked)}" if asked else ""
    return (f"straits compare {shlex.quote(comparison.baseline)} --days {comparison.days} "
            f"--rows {comparison.rows} --policies {shlex.quote(policies)} "
            f"--seed {comparison.seed} --futures {comparison.futures}{drawn} "
            f"--timing {comparison.timing}")


def _provenance(comparison: Comparison) -> str:
    """Return in one line what the page was drawn from."""
    when = ("in force on the decision day" if comparison.timing == "immediate"
            else "at their stated dates")
    rows = f"{comparison.rows} row{'s' if comparison.rows > 1 else ''}"
    return " · ".join((
        f"Baseline {comparison.baseline}",
        f"{comparison.days} days from {long_date(comparison.decision_day)}",
        f"policies {when}", f"{rows} of {comparison.source_of_spread}", f"seed {comparison.seed}",
        f"model {comparison.model}", f"study {comparison.study}"))


def _arrangements(comparison: Comparison) -> str:
    said = "; ".join(f"{short_name(p, 40)} {'yes' if p.maintains_arrangements else 'no'}"
                     for p in comparison.policies[1:])
    return f'<p class="note">Maintains the existing arrangements: {esc(said)}.</p>' if said else ""


def _limits(comparison: Comparison) -> str:
    """Return what cannot be said, and what the words mean."""
    said = "".join(f"<li>{esc(note)}</li>" for note in comparison.notes)
    words = (
        ("Row", "one future, which is one choice of every uncertain number, with one seed; every "
                "policy meets the same rows, so differences are between like and like"),
        ("Level", f"the median over rows, with the {comparison.interval} under it"),
        ("Difference", "the median of the paired differences from the status quo, row by row"),
        ("Filled, hollow, tick", "the interval is clear of zero; it is not, so less or more cannot "
                                 "be said; the runs are the same, or the difference is below what "
                                 "the measure can show"),
        ("Delay", "waiting for checks, for room ahead, on the road or on a ship that cannot "
                  "unload, and for a departure after one that was full; vehicles still waiting at "
                  "the end count with the time they have waited"),
        ("Person at the site", "a simulated person; no record of a real person is used, and "
                               "attempts are events, never people"),
        ("Commitments", ", ".join(f"{k} {v.lower()}" for k, v in COMMITMENTS.items() if k <= 5)
                        + ": the joint statement of 30 August 2016"),
    )
    listed = "".join(f"<div><dt>{esc(a)}</dt><dd>{esc(b)}.</dd></div>" for a, b in words)
    return f'<ul class="plainlist">{said}</ul><h3>Words</h3><dl>{listed}</dl>'


def _reproduce(comparison: Comparison) -> str:
    """Return how to get the same numbers again."""
    # A browser breaks a line after any hyphen, which would part an option's dashes.
    shown = command_line(comparison).replace(" --", " \\\n    --")
    return (
        f"<p>With straits {esc(comparison.version)}, model {comparison.model}:</p>"
        f"<pre><code>{esc(shown)}</code></pre>"
        f"<p>The same numbers come out on any count of processes. The table’s hash is "
        f"<code>{esc(comparison.table_hash)}</code>; the run folder holds the resolved documents "
        f"(<code>resolved.yaml</code>), all measures (<code>measures.parquet</code>) and the "
        f"manifest (<code>manifest.json</code>). A policy or baseline given as a file must be "
        f"named by its path.</p>")


def _sections(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """Return the page's sections: id, title, sentence, body."""
    subject = subject_of(comparison)
    said, drawn = maps(comparison, subject)
    days = comparison.days
    return [
        ("map", "Vehicles waiting on a Friday evening", said, drawn),
        ("scorecard", "The five commitments, and what they cost",
         "Difference from the status quo for every policy, each measure in its own unit.",
         scorecard.scorecard(comparison) + _arrangements(comparison)),
        ("incidence", "Who gains, who pays",
         "Differences from the status quo for each of those concerned.",
         scorecard.incidence(comparison, subject.policy if subject else "")),
        ("people", "People at the site, day by day",
         f"People at the site over {days} days under each policy, over the status quo’s.",
         charts.stock(comparison)),
        ("queues", "Queues over the week",
         "Vehicles waiting by quarter of an hour of the week, UTC: at each site the longest queues "
         "of the status quo and of any policy.",
         queues.queues(comparison)),
        ("waits", "Waits by station and class",
         "Wait in the queue before each check or departure; p90: nine in ten wait less.",
         tables.waits(comparison)),
        ("departed", "Vehicles departed, beside the year’s figures",
         "What left on a departure under the status quo, and what the year’s figures, seasons "
         "and weekdays give for the same days; the remainder is chance and what is still inside.",
         "<details><summary>Vehicles departed by crossing, direction and class</summary>"
         f"{tables.departed(comparison)}</details>"),
        ("measures", "All measures",
         f"Every measure under every policy; ends are the {comparison.interval}.",
         tables.measures(comparison)),
        ("policies", "What each policy assumes",
         "Each policy as its document puts it; roles stand for persons.", tables.cards(comparison)),
        ("assumptions", "Assumptions and sources",
         "Every number has a published source, or says that it is assumed, and why. What a policy "
         "changes stands in its document, and in resolved.yaml beside this page.",
         tables.assumptions(comparison) + tables.sources(comparison)),
        ("limits", "Limits and definitions",
         "For exploration, not a forecast.", _limits(comparison)),
        ("reproduce", "Reproduce this", "", _reproduce(comparison)),
    ]


def render_page(comparison: Comparison) -> str:
    """Return the report as one HTML document.

    Parameters
    ----------
    comparison : Comparison
        What the page is drawn from; nothing is simulated or estimated here.
    """
    parts = _sections(comparison)
    links = "".join(f'<li><a href="#{name}">{name.capitalize()}</a></li>' for name, *_ in parts)
    body = "".join(section(name, title, drawn, said) for name, title, said, drawn in parts)
    count = len(comparison.policies) - 1
    plural = "policy" if count == 1 else "policies"
    licence = str(coastline().get("licence", ""))
    main = f"""<h1>{esc(comparison.headline)}</h1>
<p class="plain" id="plain">{esc(comparison.paragraph)}</p>
<p class="prov">{esc(_provenance(comparison))}</p>
{body}"""
    return whole_page(Page(
        comparison.headline, comparison.version, comparison.title,
        f"{count} {plural} beside the status quo", links, main,
        f"<p>Coastline: {esc(licence)}</p>"))
