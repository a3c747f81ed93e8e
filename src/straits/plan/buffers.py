"""Room, pools and rules of the stations: what holds a queue back, and what serves it faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import ticks
from straits.base.names import decision_ids
from straits.plan.demand import World
from straits.plan.positions import BEFORE, Position
from straits.scenario.servers import Metres
from straits.tables.vehicles import UNLIMITED, VEHICLE_CLASSES

__all__ = ["pool_of", "spacing_dm", "station_columns"]

GAP_M: Final = 3.0  # what a standing vehicle keeps before it, where nothing else is said


def spacing_dm(world: World) -> NDArray[np.int64]:
    """Return the road that a standing vehicle of each class takes, its gap included [dm]."""
    out = np.full(len(VEHICLE_CLASSES), round(10.0 * GAP_M), np.int64)
    for row, name in enumerate(VEHICLE_CLASSES):
        kind = world["vehicle_classes"].get(name)
        if kind:
            own = kind.get("spacing")
            out[row] = round(10.0 * (float(kind["length"]) + GAP_M if own is None else float(own)))
    return out


def pool_of(places: list[Position]) -> str | None:
    """Return the pool of the stages that stand at a station, None for servers of its own."""
    return next((one.pool for one in places if one.pool), None)


def station_columns(
    world: World, names: tuple[str, ...], where: Mapping[str, list[Position]]
) -> dict[str, Any]:
    """Return the station columns of rooms, rules and shared servers.

    Parameters
    ----------
    world : World
        Values of the first day.
    names : tuple of str
        Stations, in the order of the plan.
    where : mapping
        The positions at each station.
    """
    spacing = spacing_dm(world)
    pools = tuple(world.get("pools") or {})
    rooms = [_room(where[name], spacing) for name in names]
    before = [where[name][0] for name in names]
    rules: list[Mapping[str, Any]] = [
        one.spec if one.phase == BEFORE and not one.moved else {} for one in before
    ]
    extra: list[Mapping[str, Any]] = [rule.get("extra_servers") or {} for rule in rules]
    ids = decision_ids(f"{name}.cancel" for name in names)

    def whole(values: list[Any]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    def metres(key: str) -> NDArray[np.int64]:
        return whole([round(10.0 * float(one.get(key) or 0.0)) for one in extra])

    limits = [one.spec.get("class_capacity") or {} for one in before]
    own = [pool_of(where[name]) for name in names]
    return {
        "station_buffer": whole([room for room, _ in rooms]),
        "station_buffer_dm": whole([by_length for _, by_length in rooms]),
        "station_balk": whole([
            round(float(rule["balk_at"])) if rule.get("balk_at") else UNLIMITED for rule in rules
        ]),
        "station_pool": whole([pools.index(pool) if pool else -1 for pool in own]),
        "pool_names": pools,
        "station_extra": whole([round(float(one.get("add") or 0.0)) for one in extra]),
        "station_extra_on_dm": metres("when"),
        "station_extra_off_dm": metres("until"),
        "station_extra_lead": whole([
            ticks(float(one["lead"])) if one.get("lead") else 0 for one in extra
        ]),
        "station_cancel_decision": np.array([ids[f"{name}.cancel"] for name in names], np.uint64),
        "station_class_capacity": whole([
            [max(1, round(float(limit[kind]))) if kind in limit else UNLIMITED
             for kind in VEHICLE_CLASSES] for limit in limits
        ]).reshape(len(names), len(VEHICLE_CLASSES)),
    }  # fmt: skip


def _room(places: list[Position], spacing: NDArray[np.int64]) -> tuple[int, int]:
    """Return the room of a station [vehicles or dm], and 1 if it is in dm.

    A draw of the assumptions may make a room small, but never smaller than one vehicle.
    """
    given = next((one.buffer for one in places if one.buffer is not None), None)
    if given is None:
        return UNLIMITED, 0
    if not isinstance(given, Metres):
        return max(1, round(float(given))), 0
    kinds = {kind for one in places for kind in one.spec["classes"]}
    least = max(int(spacing[VEHICLE_CLASSES.index(kind)]) for kind in kinds)
    return max(least, round(10.0 * float(given))), 1
