"""Searches with techniques: which stand in a row, which work together, and what they find."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.tables.vehicles import VEHICLE_CLASSES

__all__ = [
    "Part", "false_alarm", "load_cdf", "loads_of", "longest_service", "mean_occupants", "mean_time",
    "parts_of", "referred_share", "selected", "sensitivity",
]  # fmt: skip

NO_ALARM, RAISES, FOLLOWS = range(3)
SECONDARY: Final = "secondary"


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a search: a technique, some that work together, or the examination after them.

    Attributes
    ----------
    name : str
        Of the technique that has the servers, or "secondary".
    place : int
        Order inside the search, from one.
    alarm : int
        0, 1 or 2 as ``VehiclePlan.step_alarm`` has it.
    members : tuple of mapping
        The techniques' document sections, that with the servers first.
    """

    name: str
    place: int
    alarm: int
    members: tuple[Mapping[str, Any], ...]


def parts_of(spec: Mapping[str, Any]) -> list[Part]:
    """Return the parts of a search in the order in which vehicles meet them; none for others."""
    techniques: Mapping[str, Mapping[str, Any]] = spec.get("techniques") or {}
    secondary = spec.get(SECONDARY)
    parts = []
    for order in sorted({one["order"] for one in techniques.values()}):
        names = [name for name, one in techniques.items() if one["order"] == order]
        names.sort(key=lambda name: techniques[name]["servers"] is None)
        parts.append(Part(
            names[0], order, RAISES if secondary else NO_ALARM,
            tuple(techniques[name] for name in names),
        ))  # fmt: skip
    if secondary and parts:
        parts.append(Part(SECONDARY, parts[-1].place + 1, FOLLOWS, (secondary,)))
    return parts


def loads_of(world: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the types of load that any class has, one without a name if none has."""
    names: dict[str, None] = {}
    for kind in VEHICLE_CLASSES:
        for name in (world["vehicle_classes"].get(kind) or {}).get("load_types") or {}:
            names[name] = None
    return tuple(names) or ("",)


def load_cdf(world: Mapping[str, Any], loads: Sequence[str]) -> NDArray[np.float64]:
    """Return P(type of load <= k) by class [dimensionless]."""
    cdf = np.ones((len(VEHICLE_CLASSES), len(loads)))
    for row, kind in enumerate(VEHICLE_CLASSES):
        shares = (world["vehicle_classes"].get(kind) or {}).get("load_types")
        if shares:
            weights = np.array([float(shares.get(name, 0.0)) for name in loads])
            cdf[row] = np.cumsum(weights) / weights.sum()
            cdf[row, -1] = 1.0
    return cdf


def sensitivity(
    members: Sequence[Mapping[str, Any]], loads: Sequence[str]
) -> tuple[float, tuple[float, ...]]:
    """Return the chance that a search finds people, and factors on it by type of load.

    Techniques that work together miss people only if each of them does: with sensitivities s,
    the chance is 1 - prod(1 - s). The factors are relative to the type of load that is searched
    best, so that no product exceeds one.
    """
    by_load = []
    for name in loads:
        missed = 1.0
        for one in members:
            given = (one.get("by_load") or {}).get(name)
            missed *= 1.0 - float(one.get("sensitivity") or 0.0 if given is None else given)
        by_load.append(1.0 - missed)
    best = max(by_load)
    return best, tuple(one / best if best > 0.0 else 1.0 for one in by_load)


def false_alarm(members: Sequence[Mapping[str, Any]]) -> float:
    """Return the chance that an empty vehicle raises an alarm with any technique."""
    return 1.0 - math.prod(1.0 - float(one.get("false_alarm") or 0.0) for one in members)


def longest_service(
    members: Sequence[Mapping[str, Any]], kind: str, occupants: float
) -> Mapping[str, Any]:
    """Return the service of the technique that takes longest for a class."""
    every: list[Mapping[str, Any]] = [one["service"][kind] for one in members]
    return max(every, key=lambda service: mean_time(service, occupants))


def mean_time(service: Mapping[str, Any], occupants: float) -> float:
    """Return the mean time of a service [s]."""
    return float(service["fixed"]) + occupants * float(service["per_occupant"])


def mean_occupants(kind: Mapping[str, Any]) -> float:
    """Return the mean number of people in a vehicle of a class [people]."""
    shares = kind["occupants"]
    return sum(int(k) * float(v) for k, v in shares.items()) / sum(map(float, shares.values()))


def selected(spec: Mapping[str, Any], part: Part | None) -> tuple[float, float]:
    """Return the share of vehicles that meet a stage, without and with people aboard.

    Parts of a search have one draw of selection between them, so a technique for half of those
    selected meets the first half of them, and no vehicle that was not selected.
    """
    if spec.get("kind") != "search" or (part and part.alarm == FOLLOWS):
        return 1.0, 1.0
    share = float(spec["share"])
    aboard = min(1.0, share * float(spec.get("targeting") or 1.0))
    own = part.members[0].get("share") if part else None
    inner = 1.0 if own is None else float(own)
    return share * inner, aboard * inner


def referred_share(spec: Mapping[str, Any]) -> float:
    """Return the share of all vehicles that false alarms send to the examination.

    Vehicles with people aboard are too few to plan servers for.
    """
    passed = math.prod(
        1.0 - (1.0 if (own := part.members[0].get("share")) is None else float(own))
        * false_alarm(part.members)
        for part in parts_of(spec) if part.alarm == RAISES
    )
    return float(spec["share"]) * (1.0 - passed)
