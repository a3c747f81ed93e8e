"""What a date can change about departures, and what stays for a whole run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS
from straits.base.errors import Problem, UserError
from straits.plan.demand import World
from straits.plan.rosters import sailings

__all__ = ["SPACE_UNIT", "refuse_dated_structure", "sailings_of"]

# Capacities are counted in tenths of a metre or of a place, so that they are integers.
SPACE_UNIT: Final = 10
# What vehicles of one stage read when they enter may change with the date; these may not.
_STAGE: Final = ("at", "sited_in", "direction", "crossings", "order", "exposed", "under", "kind")
_DEPARTURE: Final = ("crossing", "direction", "classes", "cut_off", "foot_passengers")
_CLASS: Final = ("length", "occupants")


def sailings_of(
    worlds: list[tuple[date, World]], name: str, zone: str, first: date, days: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a departure's sailings: instants [ticks since `first`] and capacities.

    Timetable and capacity are those of the day on which a sailing leaves.
    """
    parts: list[tuple[int, Mapping[str, Any]]] = []
    for day, world in worlds:
        spec = world["departures"][name]
        if not parts or any(parts[-1][1][k] != spec[k] for k in ("timetable", "capacity")):
            parts.append(((day - first).days * DAY_TICKS, spec))
    starts = [at for at, _ in parts]
    instants, capacities = [], []
    for start, end, (_, spec) in zip(starts, [*starts[1:], days * DAY_TICKS], parts, strict=True):
        at = sailings(spec, first, days, zone)
        at = at[(at >= start) & (at < end)]
        instants.append(at)
        capacities.append(
            np.full(at.size, round(SPACE_UNIT * float(spec["capacity"])), np.int64))
    return np.concatenate(instants), np.concatenate(capacities)


def refuse_dated_structure(worlds: list[tuple[date, World]]) -> None:
    """Refuse a change on a date of what the plan holds once for the whole run.

    Raises
    ------
    UserError
        Naming every such path: a change that would be ignored in silence is worse than none.
    """
    _, base = worlds[0]
    fixed = dict(_fixed(base))
    problems = {}
    for day, world in worlds[1:]:
        for path, value in _fixed(world):
            if fixed.get(path) != value and path not in problems:
                problems[path] = Problem(
                    f"{day}", path, "this cannot change on a date yet",
                    f"{fixed.get(path)!r} becomes {value!r}", "the same value for the whole run",
                    "Put it into a baseline of your own that extends this one")
    if problems:
        raise UserError(list(problems.values()))


def _fixed(world: World) -> Iterator[tuple[str, Any]]:
    """Yield path and value of everything that holds for the whole run."""
    for name, crossing in world["crossings"].items():
        for key, value in crossing.items():
            yield f"crossings.{name}.{key}", value
    for section, keys in (("stations", _STAGE), ("controls", _STAGE), ("departures", _DEPARTURE)):
        for name, spec in world[section].items():
            for key in keys:
                yield f"{section}.{name}.{key}", spec.get(key)
            for crossing, moved in (spec.get("if_moved") or {}).items():
                for key in ("sited_in", "station", "order"):
                    yield f"{section}.{name}.if_moved.{crossing}.{key}", moved.get(key)
    for name, kind in world["vehicle_classes"].items():
        for key in _CLASS:
            yield f"vehicle_classes.{name}.{key}", kind.get(key)
    for name, group in world["demand"]["groups"].items():
        for key in ("crossings", "classes", "day_cv"):
            yield f"demand.groups.{name}.{key}", group.get(key)
