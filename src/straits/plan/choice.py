"""Who chooses among crossings and hours, as columns of the plan; and demand's notes in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import Problem, UserError
from straits.plan.demand import World, stream_list

__all__ = ["choice_columns", "demand_notes"]

Dated = list[tuple[date, World]]


def choice_columns(worlds: Dated, first: date, days: int) -> dict[str, NDArray[Any]]:
    """Return the plan's columns of choice.

    Parameters
    ----------
    worlds : list of (date, world)
        The world from each day on; the first holds from `first`.
    first : date
        Day 0.
    days : int
        How many days.

    Returns
    -------
    dict
        ``choice_set``, ``choice_pool`` (int64[stream]), ``choice_sensitivity``,
        ``retiming_share``, ``retiming_sensitivity`` (float64[day, stream]).

    Raises
    ------
    UserError
        If a date changes who chooses, or among what; how sensitive they are may change.
    """
    base = worlds[0][1]
    _refuse_changes(worlds)
    streams = stream_list(base)
    sets, pools = np.full(len(streams), -1, np.int64), np.full(len(streams), -1, np.int64)
    numbers: dict[tuple[str, ...], int] = {}
    pool_numbers: dict[tuple[str, ...], int] = {}
    group_of: list[str | None] = [None] * len(streams)
    for index, (crossing, direction, kind) in enumerate(streams):
        for name, group in (base["demand"].get("choice") or {}).items():
            if crossing in group["crossings"] and kind in group["classes"]:
                group_of[index] = name
                pool = (name, crossing, direction)
                pools[index] = pool_numbers.setdefault(pool, len(pool_numbers))
                if len(group["crossings"]) > 1:
                    sets[index] = numbers.setdefault((name, direction, kind), len(numbers))
    by_day = {name: np.zeros((days, len(streams)))
              for name in ("choice_sensitivity", "retiming_share", "retiming_sensitivity")}
    for day, world in worlds:
        offset = (day - first).days
        for index, name in enumerate(group_of):
            if name is None:
                continue
            group = world["demand"]["choice"][name]
            retiming = group.get("retiming") or {}
            for column, value in (
                ("choice_sensitivity", group.get("wait_sensitivity")),
                ("retiming_share", retiming.get("share")),
                ("retiming_sensitivity", retiming.get("wait_sensitivity")),
            ):
                by_day[column][offset:, index] = float(value or 0.0)
    by_day["choice_sensitivity"][:, sets < 0] = 0.0
    return {"choice_set": sets, "choice_pool": pools, **by_day}


def _refuse_changes(worlds: Dated) -> None:
    """Refuse a date that changes what a plan holds once for the whole run."""
    base = dict(_fixed(worlds[0][1]))
    problems = []
    for day, world in worlds[1:]:
        now = dict(_fixed(world))
        for path in sorted({*base, *now}):
            if base.get(path) != now.get(path):
                problems.append(Problem(
                    f"{day}", path, "this cannot change on a date",
                    f"{base.get(path)!r} becomes {now.get(path)!r}",
                    "the same value for the whole run",
                    "Put it into a baseline of your own that extends this one"))
    if problems:
        raise UserError(problems)


def _fixed(world: World) -> Iterator[tuple[str, Any]]:
    for name, group in (world["demand"].get("choice") or {}).items():
        for key in ("crossings", "classes"):
            yield f"demand.choice.{name}.{key}", list(group[key])
    yield "demand.observed", list(world["demand"].get("observed") or ())


def demand_notes(world: World) -> tuple[str, ...]:
    """Return a sentence for everything about demand that is on and not on by default.

    Wherever results of such a world are shown, these belong beside them.
    """
    demand = world["demand"]
    notes = []
    for name, group in demand["groups"].items():
        booking = group.get("booking")
        if booking and float(booking["share"]):
            notes.append(
                f"{_percent(booking['share'])} of {name} book a departure and arrive "
                f"{float(booking['early']) / 60:.0f} min before it on average.")
    for observed in demand.get("observed") or ():
        what = " ".join(str(observed[key]) for key in ("class", "crossing", "direction")
                        if observed.get(key))
        notes.append(f"Arrivals {f'of {what} ' if what else ''}are those observed in "
                     f"'{observed['file']}' on the days that it covers; day factors and surges do "
                     "not act on them.")
    for name, group in (demand.get("choice") or {}).items():
        where = ", ".join(group["crossings"])
        if group.get("wait_sensitivity"):
            notes.append(
                f"Vehicles of {name} choose among {where} by yesterday's mean waits: an hour of "
                f"waiting costs {float(group['wait_sensitivity']):g} of log-odds.")
        retiming = group.get("retiming") or {}
        if retiming.get("share") and retiming.get("wait_sensitivity"):
            notes.append(
                f"{_percent(retiming['share'])} of {name} may come at another hour of their day "
                "by yesterday's mean waits: an hour of waiting costs "
                f"{float(retiming['wait_sensitivity']):g} of log-odds.")
    return tuple(notes)


def _percent(share: Any) -> str:
    return f"{100 * float(share):g} %"
