"""Roads and holding schemes: where vehicles stand before their first station."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import SECOND_TICKS, ticks
from straits.base.names import decision_ids
from straits.plan.buffers import spacing_dm
from straits.plan.demand import World, stream_list
from straits.tables.vehicles import NEVER, VEHICLE_CLASSES

__all__ = ["road_columns"]


def road_columns(world: World, first: date) -> dict[str, Any]:
    """Return the columns of roads and schemes; lengths of queue count all lanes of a road [dm]."""
    roads: Mapping[str, Mapping[str, Any]] = world.get("roads") or {}
    schemes: Mapping[str, Mapping[str, Any]] = world.get("schemes") or {}
    number = {name: k for k, name in enumerate(roads)}
    road_of = {
        (crossing, road["direction"], kind): number[name]
        for name, road in roads.items()
        for crossing in road["crossings"]
        for kind in road["classes"]
    }
    holder = {road: k for k, one in enumerate(schemes.values()) for road in one["roads"]}
    lanes = {name: round(float(road["lanes"])) for name, road in roads.items()}
    ids = decision_ids(f"{name}.{what}" for name in schemes for what in ("comply", "ready"))
    phases = [[round(float(p["capacity"])) for p in one["phases"]] for one in schemes.values()]
    spans = [_span(one, world, first) for one in schemes.values()]

    def whole(values: list[int]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    def length(key: str) -> NDArray[np.int64]:
        return whole([round(10.0 * float(one[key])) * lanes[one["roads"][0]]
                      for one in schemes.values()])  # fmt: skip

    def decisions(what: str) -> NDArray[np.uint64]:
        return np.array([ids[f"{name}.{what}"] for name in schemes], np.uint64)

    return {
        "class_spacing_dm": spacing_dm(world),
        "road_names": tuple(roads),
        "road_of_stream": whole([road_of.get(stream, -1) for stream in stream_list(world)]),
        "road_lanes": whole(list(lanes.values())),
        "road_scheme": whole([holder.get(name, -1) for name in roads]),
        "scheme_names": tuple(schemes),
        "scheme_phase_first": np.concatenate(
            [[0], np.cumsum([len(one) for one in phases])]).astype(np.int64),
        "scheme_phase_veh": whole([capacity for one in phases for capacity in one]),
        "scheme_on_dm": length("starts_at"),
        "scheme_off_dm": length("ends_at"),
        "scheme_release_dm": length("release_below"),
        "scheme_gap": whole([ticks(3600.0 / float(one["release_rate"]))
                             for one in schemes.values()]),
        "scheme_class": whole([
            int(kind in one["classes"]) for one in schemes.values() for kind in VEHICLE_CLASSES
        ]).reshape(len(schemes), len(VEHICLE_CLASSES)),
        "scheme_compliance": np.array([_or_one(one["compliance"]) for one in schemes.values()]),
        "scheme_unready": np.array([float(one["unready"]) for one in schemes.values()]),
        "scheme_from": whole([low for low, _ in spans]),
        "scheme_to": whole([high for _, high in spans]),
        "scheme_comply_decision": decisions("comply"),
        "scheme_ready_decision": decisions("ready"),
    }  # fmt: skip


def _or_one(share: float | None) -> float:
    return 1.0 if share is None else float(share)


def _span(scheme: Mapping[str, Any], world: World, first: date) -> tuple[int, int]:
    """Return the first instant at which a scheme can be used, and the end of that [ticks]."""
    site = world["roads"][scheme["roads"][0]]["site"]
    zone = ZoneInfo(world["sites"][site]["time_zone"])
    origin = datetime(first.year, first.month, first.day, tzinfo=UTC)

    def midnight(day: date) -> int:
        local = datetime(day.year, day.month, day.day, tzinfo=zone)
        return round((local.astimezone(UTC) - origin).total_seconds()) * SECOND_TICKS

    given = scheme.get("available") or {}
    low, high = given.get("from"), given.get("to")
    return (midnight(low) if low else -NEVER,
            midnight(high + timedelta(1)) if high else NEVER)
