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
from straits.plan.steps import SPACE_UNIT

__all__ = ["refuse_dated_structure", "refuse_small_departures", "sailings_of"]

# What vehicles of one stage read when they enter may change with the date; these may not.
_STAGE: Final = ("at", "sited_in", "direction", "crossings", "order", "exposed", "under", "kind",
                 "buffer", "pool", "balk_at", "extra_servers")
_PART: Final = ("order", "buffer", "pool")
_MOVED: Final = ("sited_in", "station", "order", "buffer", "pool")
_DEPARTURE: Final = ("crossing", "direction", "classes", "cut_off", "foot_passengers",
                     "class_capacity", "marshalling", "berth_turnaround")
_CLASS: Final = ("length", "occupants", "spacing", "load_types")
_INCIDENT: Final = ("stations", "departures", "from", "to")


def sailings_of(
    worlds: list[tuple[date, World]], name: str, zone: str, first: date, days: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return a departure's sailings: instants [ticks since `first`], capacities, chances.

    Timetable, capacity and the chance that it is cancelled are those of the day on which a
    sailing leaves.
    """
    parts: list[tuple[int, Mapping[str, Any]]] = []
    for day, world in worlds:
        spec = world["departures"][name]
        if not parts or any(
                parts[-1][1].get(k) != spec.get(k) for k in ("timetable", "capacity", "cancelled")):
            parts.append(((day - first).days * DAY_TICKS, spec))
    starts = [at for at, _ in parts]
    instants, capacities, chances = [], [], []
    for start, end, (_, spec) in zip(starts, [*starts[1:], days * DAY_TICKS], parts, strict=True):
        at = sailings(spec, first, days, zone)
        at = at[(at >= start) & (at < end)]
        instants.append(at)
        capacities.append(
            np.full(at.size, round(SPACE_UNIT * float(spec["capacity"])), np.int64))
        chances.append(np.full(at.size, float(spec.get("cancelled") or 0.0)))
    return np.concatenate(instants), np.concatenate(capacities), np.concatenate(chances)


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


def refuse_small_departures(worlds: list[tuple[date, World]]) -> None:
    """Refuse departures that a policy leaves too small for one vehicle of a class they take.

    Raises
    ------
    UserError
        Naming every such departure: vehicles of that class would wait for ever. Baselines are
        held to the same when they are read, but a scaled number is known only here.
    """
    problems: dict[str, Problem] = {}
    for day, world in worlds:
        for name, spec in world["departures"].items():
            capacity = float(spec["capacity"])
            kind = max(spec["classes"], key=lambda one: float(spec["space"][one]))
            space = float(spec["space"][kind])
            if round(SPACE_UNIT * capacity) >= max(round(SPACE_UNIT * space), 1):
                continue
            message = ("a departure without capacity carries nothing" if capacity <= 0.0
                       else f"no vehicle of class {kind} fits on this departure")
            problems.setdefault(name, Problem(
                f"{day}", f"departures.{name}.capacity", message, f"{capacity:g}",
                f"{space:g} or more, the space of one {kind}",
                "To stop the service set its 'cancelled' to 1, or write an incident with "
                "'cancelled: 1'"))
    if problems:
        raise UserError(list(problems.values()))


def _fixed(world: World) -> Iterator[tuple[str, Any]]:
    """Yield path and value of everything that holds for the whole run."""
    for name, crossing in world["crossings"].items():
        for key, value in crossing.items():
            yield f"crossings.{name}.{key}", value
    for section, keys in (("stations", _STAGE), ("controls", _STAGE), ("departures", _DEPARTURE)):
        for name, spec in world[section].items():
            yield from _some(f"{section}.{name}", spec, keys)
            for crossing, moved in (spec.get("if_moved") or {}).items():
                yield from _some(f"{section}.{name}.if_moved.{crossing}", moved, _MOVED)
            yield from _fixed_parts(f"{section}.{name}", spec)
    for name, kind in world["vehicle_classes"].items():
        yield from _some(f"vehicle_classes.{name}", kind, _CLASS)
    for name, group in world["demand"]["groups"].items():
        yield from _some(f"demand.groups.{name}", group, ("crossings", "classes", "day_cv"))
    for section in ("roads", "schemes"):
        yield from _all(section, world.get(section) or {})
    for name, incident in (world.get("incidents") or {}).items():
        yield from _some(f"incidents.{name}", incident, _INCIDENT)


def _fixed_parts(path: str, spec: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what is fixed of a search's techniques: their order, and who has the servers."""
    parts = {**(spec.get("techniques") or {}), "secondary": spec.get("secondary") or {}}
    yield f"{path}.techniques", tuple(name for name, part in parts.items() if part)
    for name, part in parts.items():
        here = f"{path}.{name}" if name == "secondary" else f"{path}.techniques.{name}"
        yield from _some(here, part, _PART)
        yield f"{here}.servers", part.get("servers") is None
    for crossing, moved in (spec.get("if_moved") or {}).items():
        for name, part in (moved.get("parts") or {}).items():
            yield f"{path}.if_moved.{crossing}.parts.{name}.buffer", part.get("buffer")


def _some(
    path: str, spec: Mapping[str, Any], keys: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    for key in keys:
        yield f"{path}.{key}", spec.get(key)


def _all(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every leaf under a mapping, a list as one."""
    if not isinstance(value, Mapping):
        yield path, value
        return
    for key, inner in value.items():
        yield from _all(f"{path}.{key}", inner)
