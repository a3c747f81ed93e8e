"""The table of arrests of August 2016 as an observation: whose list, which scope, what is missing.

The release of 30 August 2016 ranks police forces by arrests on suspicion of illegal entry; a
newspaper of the next day names another order of the same series, and a later version another total.
Nothing here chooses between them: each is a definition of its own, and what contradicts is listed.
A rank is a pair of bounds, because most of the 39 forces published no number of their own.
Arrests are records and not persons, and say little about arrivals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from straits.base.errors import Problem, UserError
from straits.data.read import Arrests
from straits.scenario.findings import nearest

__all__ = [
    "DEFINITIONS", "ArrestTable", "Contradiction", "Definition", "ForceArrests", "YearArrests",
    "arrest_table", "force_arrests", "published_totals",
]  # fmt: skip

Status = Literal["number", "no number", "no full reply", "no reply"]
ALL: Final = "ALL (39 forces)"
FORCES: Final = 39  # that replied; four more of the 43 and Scotland gave no data
LONDON: Final = "Metropolitan (London)"
_RELEASE_PERIODS: Final = ("Jan 2013-Apr 2016", "2013-2016 part (BBC release)")
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3}
_STATED: Final = re.compile(r"(first|second|third)\b|(\d+)th highest")
_NEWSPAPER: Final = re.compile(r"among the top (\w+) outside London")
_WORDS: Final = {"two": 2, "three": 3, "four": 4}


@dataclass(frozen=True, slots=True)
class Definition:
    """How one published list counts and ranks.

    Attributes
    ----------
    name, says : str
        Name in code, and who says what.
    period : str
        Period of the rows that hold its total and London's number.
    order : {"numbers", "words"}
        Whether forces are ranked by their numbers or by the words of the list.
    """

    name: str
    says: str
    period: str
    order: Literal["numbers", "words"]


DEFINITIONS: Final = {
    one.name: one
    for one in (
        Definition("release", "broadcaster's release of 30 August 2016, to April 2016",
                   "Jan 2013-Apr 2016", "numbers"),
        Definition("later", "the broadcaster's later version, to May 2016",
                   "2013-May 2016", "numbers"),
        Definition("newspaper", "a newspaper of 31 August 2016, order of its first four not stated",
                   "Jan 2013-Apr 2016", "words"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ForceArrests:
    """One police force in a list.

    Attributes
    ----------
    force : str
    arrests : int or None
        Over the list's whole period [arrests]; None where no number was found.
    rank_low, rank_high : int or None
        Bounds of its place among the forces that replied, 1 the most; None without a reply.
    stated : int or None
        The place that the list itself states.
    status : str
        "number", "no number" (it replied), "no full reply" or "no reply".
    """

    force: str
    arrests: int | None
    rank_low: int | None
    rank_high: int | None
    stated: int | None
    status: Status


@dataclass(frozen=True, slots=True)
class YearArrests:
    """One year, or the whole period, as published and as a sum of what was published in parts.

    Attributes
    ----------
    period : str
    published : tuple of int
        Every version of the total [arrests].
    of_parts : int
        Sum of the forces that published a number, or for the whole period of its years [arrests].
    parts : tuple of str
    """

    period: str
    published: tuple[int, ...]
    of_parts: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two published things that cannot both hold on one definition."""

    what: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class ArrestTable:
    """The table of arrests under one definition.

    Attributes
    ----------
    definition : Definition
    forces : tuple of ForceArrests
        In order of rank; those without a reply last.
    total, of_forces, rest : int
        As published; of the forces with a number; what the others share [arrests].
    rest_low, rest_high : int
        What the others can have had, given their ranks [arrests].
    others, unnamed_without_data : int
        Forces that share the rest; forces without data that no source names.
    contradictions : tuple of Contradiction
    """

    definition: Definition
    forces: tuple[ForceArrests, ...]
    total: int
    of_forces: int
    rest: int
    rest_low: int
    rest_high: int
    others: int
    unnamed_without_data: int
    contradictions: tuple[Contradiction, ...]

    def force(self, name: str) -> ForceArrests:
        """Return the row of a force.

        Raises
        ------
        UserError
            If no force of this name stands in the list.
        """
        for row in self.forces:
            if row.force == name:
                return row
        known = [row.force for row in self.forces]
        close = nearest(name, known)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        message = "no force of this name stands in the list of arrests"
        raise UserError(Problem("force", "", message, repr(name), ", ".join(known), hint))


def arrest_table(
    rows: Sequence[Arrests], definition: str = "release", without_data: int = 4
) -> ArrestTable:
    """Return the table of arrests as one list counts and ranks.

    Parameters
    ----------
    rows : sequence of Arrests
        As ``straits.data.arrests_by_force`` returns them.
    definition : str
        A name in `DEFINITIONS`.
    without_data : int
        Forces that the release says gave no data [forces].

    Raises
    ------
    UserError
        If there is no such definition.
    """
    if definition not in DEFINITIONS:
        known = ", ".join(DEFINITIONS)
        raise UserError(Problem("definition", "", "there is no such list of arrests",
                                repr(definition), known))  # fmt: skip
    chosen = DEFINITIONS[definition]
    listed = _listed(rows, chosen)
    forces = _ranked(listed, chosen, rows)
    total = next(row.arrests for row in rows
                 if row.force == ALL and row.period == chosen.period)  # fmt: skip
    counted = [row for row in forces if row.arrests is not None]
    of_forces = sum(row.arrests or 0 for row in counted)
    others = FORCES - len(counted)
    low, high = _rest_bounds(counted)
    high = min(high, total or 0)
    named = sum(row.status == "no reply" for row in forces)
    return ArrestTable(
        chosen, forces, total or 0, of_forces, (total or 0) - of_forces, low, high, others,
        without_data - named, _contradictions(forces, rows),
    )  # fmt: skip


def force_arrests(rows: Sequence[Arrests], name: str) -> dict[str, ForceArrests]:
    """Return one force under every definition."""
    return {key: arrest_table(rows, key).force(name) for key in DEFINITIONS}


def published_totals(rows: Sequence[Arrests]) -> tuple[YearArrests, ...]:
    """Return the totals by year, and over the whole period, as published and as sums of parts.

    The part of 2016 ends in April or in May, as the source has it. Forces with a number for a
    calendar year are few, so the sum over forces is a small part of the year's total.
    """
    out = []
    periods = [row.period for row in rows if row.force == ALL]
    years = [period for period in dict.fromkeys(periods) if not _whole(period)]
    for period in years:
        forces = {
            row.force: row.arrests
            for row in rows
            if row.period == period and _is_police_force(row.force) and row.arrests
        }
        total = sum(forces.values())
        out.append(YearArrests(period, _versions(rows, period), total, tuple(forces)))
    for period in dict.fromkeys(filter(_whole, periods)):
        later = period == DEFINITIONS["later"].period
        # The release has the year 2015 rounded; its later version has it to one.
        parts = [_versions(rows, year)[-1 if later else 0] for year in years]
        out.append(YearArrests(period, _versions(rows, period), sum(parts), tuple(years)))
    return tuple(out)


def _whole(period: str) -> bool:
    """Say whether a period of the totals is the whole one."""
    return "2013" in period and "2016" in period


def _versions(rows: Iterable[Arrests], period: str, force: str = ALL) -> tuple[int, ...]:
    """Return every number published for a force and period [arrests]."""
    return tuple(
        row.arrests
        for row in rows
        if row.force == force and row.period == period and row.arrests is not None
    )


def _is_police_force(name: str) -> bool:
    """Say whether a row is a whole territorial force on the common definition."""
    whole = not name.startswith(("ALL", "WALES", "28 forces", "Port of Dover"))
    return whole and not name.endswith((" only)", " offences)"))


def _listed(rows: Iterable[Arrests], chosen: Definition) -> list[Arrests]:
    """Return the rows of the series that was asked of all forces, London's by the version."""
    out: dict[str, Arrests] = {}
    for row in rows:
        if not _is_police_force(row.force):
            continue
        if row.force == LONDON:
            if row.period == chosen.period:
                out[row.force] = row
        elif row.period in _RELEASE_PERIODS:
            before = out.get(row.force)
            if before is None or before.arrests is None:
                out[row.force] = row
    return list(out.values())


def _stated(row: Arrests) -> int | None:
    """Return the place among all forces that a row's note states."""
    found = _STATED.match(row.note)
    if found is None:
        return None
    return _ORDINALS[found[1]] if found[1] else int(found[2])


def _outside_london(rows: Iterable[Arrests]) -> dict[str, int]:
    """Return the forces that the newspaper ranks first outside London, and how many they are."""
    found = ((row.force, _NEWSPAPER.search(row.note)) for row in rows)
    return {force: _WORDS[match[1]] for force, match in found if match}


def _status(row: Arrests) -> Status:
    if row.arrests is not None:
        return "number"
    if "full response" in row.note:
        return "no full reply"
    return "no reply" if "no data" in row.note else "no number"


def _ranked(
    listed: Sequence[Arrests], chosen: Definition, rows: Sequence[Arrests]
) -> tuple[ForceArrests, ...]:
    """Return the forces of a list with the bounds of their places."""
    first = _outside_london(rows) if chosen.order == "words" else {}
    out = []
    for row in listed:
        status = _status(row)
        low: int | None = None
        high: int | None = None
        stated = _stated(row) if not first or row.force == LONDON else None
        if status in ("no reply", "no full reply"):
            pass
        elif stated is not None:
            low = high = stated
        elif row.force in first:
            low, high = 2, 1 + first[row.force]
        elif first:
            low, high = 2 + max(first.values()), FORCES
        else:
            low, high = _bounds(row, listed)
        out.append(ForceArrests(row.force, row.arrests, low, high, stated, status))
    return tuple(sorted(out, key=lambda r: (r.rank_low or 99, -(r.arrests or 0), r.force)))


def _bounds(row: Arrests, listed: Sequence[Arrests]) -> tuple[int, int]:
    """Return bounds of a place from the numbers and the places stated for others."""
    place = _stated(row) or 0
    if place:
        return place, place
    numbers = [(other.arrests, _stated(other)) for other in listed if other.arrests is not None]
    places = sorted(numbers, key=lambda pair: -pair[0])
    if row.arrests is None:
        # The first places are named, so a force without a number comes after them.
        bounds = [_bounds(other, listed) for other in listed if other.arrests is not None]
        taken = {low for low, high in bounds if low == high}
        return next(place for place in range(1, FORCES + 1) if place not in taken), FORCES
    for number, stated in places:
        if number > row.arrests:
            place = stated or place + 1
    below = [(number, stated) for number, stated in places if number < row.arrests]
    high = min([FORCES - len(below), *(stated - 1 for _, stated in below if stated)])
    return place + 1, high


def _rest_bounds(known: Sequence[ForceArrests]) -> tuple[int, int]:
    """Return what the forces without a number can have had, given the places that are stated."""
    ranked = sorted((row.stated, row.arrests) for row in known
                    if row.stated is not None and row.arrests is not None)  # fmt: skip
    numbers = len(known)
    low = high = counted = 0
    for (place, above), (following, below) in pairwise(ranked):
        gap = following - place - 1
        counted += gap
        low, high = low + gap * below, high + gap * above
    last = ranked[-1][1] if ranked else 0
    high += max(0, FORCES - numbers - counted) * last
    return low, high


def _contradictions(
    forces: Sequence[ForceArrests], rows: Sequence[Arrests]
) -> tuple[Contradiction, ...]:
    """Return what cannot hold together: an order against numbers, two numbers for one thing."""
    found = []
    for one in forces:
        for other in forces:
            if None in (one.arrests, other.arrests, one.rank_high, other.rank_low):
                continue
            ahead = (one.rank_high or 0) < (other.rank_low or 0)
            if ahead and (one.arrests or 0) < (other.arrests or 0):
                found.append(Contradiction(
                    "order against numbers", f"{one.force} {one.arrests} ranked before",
                    f"{other.force} {other.arrests}",
                ))  # fmt: skip
    keys = dict.fromkeys((row.force, row.period) for row in rows)
    for force, period in keys:
        versions = _versions(rows, period, force)
        if len(set(versions)) > 1:
            found.append(Contradiction("two numbers", f"{force} {period}: {versions[0]}",
                                       str(versions[-1])))  # fmt: skip
    london = sorted(row.arrests or 0 for row in rows if row.force == LONDON)
    if len(set(london)) > 1:
        found.append(Contradiction("two versions", f"{LONDON}: {london[-1]}", str(london[0])))
    return tuple(found)
