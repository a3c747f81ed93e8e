"""Cross checks of the people half: shares of one whole, routes that nobody can take, dates.

A policy moves numbers one by one, so what holds between them is checked again with its changes in
force; the engine itself cuts a sum of shares at one and says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from straits.base.errors import Problem
from straits.scenario.change import Change, moved
from straits.scenario.checking import Check
from straits.scenario.document import Steps, dotted
from straits.scenario.quantity import Quantity, SeriesValue
from straits.scenario.tree import leaves, plain, tree

__all__ = ["check_people", "check_people_changes"]

_SECTIONS: Final = ("people", "asylum", "observers")
_SLACK: Final = 1e-9
# Shares of the same people, drawn at once: what is left of them leaves or goes elsewhere.
_WHOLES: Final[tuple[tuple[Steps, tuple[str, ...], str], ...]] = (
    (("people", "site"), ("closed_to_centres", "closed_stay", "closed_to_other_sites"),
     "people at the site on the day of its closure"),
    (("people", "reception"), ("claims_france", "back"), "people whose stay in a centre ends"),
    (("people", "routes", "uk_claims_from_calais"), ("refused_returned", "refused_stay"),
     "people whose claim is refused"),
)  # fmt: skip
# Without any of these nobody can take the route.
_ROUTES: Final[tuple[tuple[str, tuple[Steps, ...]], ...]] = tuple(
    (name, (*(("people", "routes", name, key) for key in keys), ("people", "traits", "intends_uk")))
    for name, keys in (
        ("uk_claims_from_calais", ("capacity", "join_share", "joining_rate")),
        ("uk_centre", ("capacity", "join_share", "joining_rate")),
        ("one_in_one_out", ("capacity", "window", "join_share", "joining_rate")),
    )
)
# Places that are offered, and without any of which nobody can ask for one.
_OFFERS: Final[tuple[tuple[Steps, tuple[Steps, ...]], ...]] = tuple(
    (("people", "routes", name, "capacity"),
     (("people", "routes", name, "rate"), *(("people", "traits", trait) for trait in traits)))
    for name, traits in (
        ("family", ("unaccompanied_child", "uk_ties")), ("family_reunion", ("uk_ties",)),
        ("children", ("unaccompanied_child",)),
    )
)  # fmt: skip
_CLOSED: Final[Steps] = ("people", "site", "closed")


@dataclass(frozen=True, slots=True)
class _Wrong:
    """One thing that does not hold: where, which numbers it hangs on, and how to say it."""

    at: Steps
    on: tuple[Steps, ...]
    message: str
    found: str
    allowed: str
    hint: str


def check_people(check: Check) -> None:
    """Record what does not hold together in the people sections of a baseline."""
    sections = {name: getattr(check.doc, name) for name in _SECTIONS}
    if sections["people"] is not None and not check.is_broken("people"):
        people = tree(sections["people"])
        start = check.doc.history.from_.toordinal()
        for wrong in _wrongs(lambda steps: float(plain(_at(people, steps[1:]), start))):
            check.add(wrong.at, wrong.message, wrong.found, wrong.allowed, wrong.hint)
    for name, section in sections.items():
        if section is not None and not check.is_broken(name):
            for steps, leaf in leaves(tree(section), (name,)):
                if isinstance(leaf, SeriesValue):
                    _check_dates(check, steps, leaf)


def check_people_changes(doc: Any, changes: Sequence[Change]) -> list[Problem]:
    """Return what would not hold together in the people half once these changes are in force."""
    ours = [change for change in changes if change.steps[0] == "people"]
    if doc.people is None or not ours:
        return []
    people = tree(doc.people)
    # What holds once all is in force may not hold while one change waits for another.
    days = sorted({change.in_force.toordinal() + ramp
                   for change in ours for ramp in (0, change.ramp_days)})

    def value_on(day: int) -> Callable[[Steps], float]:
        def value(steps: Steps) -> float:
            number = plain(_at(people, steps[1:]), day)
            for change in ours:
                if change.steps == steps:
                    number = moved(number, change, day)
            return float(number)

        return value

    problems = [_between(change) for change in ours if change.steps == _CLOSED
                and isinstance(change.leaf, Quantity) and len(set(change.leaf.range or (1,))) > 1]
    told: set[Steps] = set()
    found = [(day, wrong) for day in days for wrong in _wrongs(value_on(day))]
    for day, wrong in found:
        blamed = [change for change in ours
                  if change.steps in wrong.on and change.in_force.toordinal() <= day]
        if blamed and wrong.at not in told:
            told.add(wrong.at)
            message = f"with this change, {dotted(wrong.at)}: {wrong.message}"
            problems.append(Problem(blamed[-1].place, blamed[-1].path, message, wrong.found,
                                    wrong.allowed, wrong.hint))  # fmt: skip
    return problems


def _between(change: Change) -> Problem:
    low, high = change.leaf.range
    return Problem(change.place, change.path, "a site is closed or it is not: no draw lies between",
                   f"a range of {low:g} to {high:g}", "a range of one number",
                   "Write range: [1, 1]")  # fmt: skip


def _wrongs(value: Callable[[Steps], float]) -> list[_Wrong]:
    """Return what does not hold between the numbers of one day."""
    out = []
    for where, keys, who in _WHOLES:
        paths = tuple((*where, key) for key in keys)
        total = sum(value(path) for path in paths)
        if total > 1.0 + _SLACK:
            terms = " + ".join(f"{value(path):g}" for path in paths)
            out.append(_Wrong(
                (*where, keys[0]), paths, f"{_and(keys)} are shares of the same {who}",
                f"{terms} = {total:g}", "1 at most together", "Lower one of them",
            ))  # fmt: skip
    for name, needs in _ROUTES:
        here: Steps = ("people", "routes", name, "open")
        missing = [path for path in needs if value(path) <= 0.0]
        if value(here) > 0.0 and missing:
            out.append(_Wrong(
                here, (here, *needs), "this route is open and nobody can take it",
                ", ".join(f"{dotted(path)} is 0" for path in missing), "above 0, all of them",
                f"Raise it, or shut the route with {dotted(here)}: 0",
            ))  # fmt: skip
    for here, needs in _OFFERS:
        missing = [path for path in needs if value(path) <= 0.0]
        if value(here) > 0.0 and missing:
            out.append(_Wrong(
                here, (here, *needs), "places are offered and nobody can take them",
                ", ".join(f"{dotted(path)} is 0" for path in missing), "above 0, all of them",
                f"Raise it, or offer none with {dotted(here)}: 0",
            ))  # fmt: skip
    if value(_CLOSED) not in (0.0, 1.0):
        out.append(_Wrong(
            _CLOSED, (_CLOSED,), "a site is closed or it is not", f"{value(_CLOSED):g}", "0 or 1",
            "Set 1, with ramp: 0 d",
        ))  # fmt: skip
    return out


def _check_dates(check: Check, steps: Steps, series: SeriesValue) -> None:
    """Record numbers that no day of the history can meet.

    A child that lets the history begin later keeps its parent's numbers as they are.
    """
    start = check.doc.history.from_
    written = check.document.place(steps).file
    if written not in (check.document.place(("history", "from")).file, check.document.file):
        return
    for day, following in pairwise(series.dates):
        if following <= start.toordinal():
            when = str(date.fromordinal(day))
            check.add(
                (*steps, series.kind, when),
                "this number is of a time before the history begins and is never used",
                when, f"one number at most before {start}",
                "Remove it, or let 'history.from' be earlier",
            )  # fmt: skip


def _at(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
