"""The legend of a plan: stations, streams and prices in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from straits.plan.demand import World, stream_list
from straits.plan.positions import SEA, Position, Worlds, in_force, positions
from straits.tables.legend import (
    JunctionLegend,
    Legend,
    PhaseLegend,
    RoadLegend,
    SchemeLegend,
    StationLegend,
)
from straits.tables.vehicles import VEHICLE_CLASSES, VehiclePlan

__all__ = ["label_of", "legend_of"]


def legend_of(
    scenario: Worlds, plan: VehiclePlan, first: date, window: tuple[int, int]
) -> Legend:
    """Return the legend of `plan`, whose day 0 is `first`, for a window of its days.

    Prices are those of the window's last day; policies may change them.
    """
    last = first + timedelta(window[1] - 1)
    world = scenario.world_at(last)
    where = {position.station: position for position in positions(world)}
    stages: dict[str, set[str]] = {}
    for position in positions(world):
        stages.setdefault(position.station, set()).add(position.stage)
    stations = []
    for name in plan.station_names:
        position = where[name]
        spec = position.spec
        kind = "departure" if position.phase == SEA else str(spec.get("kind") or "check_in")
        stations.append(StationLegend(
            station=name, label=label_of(position, world, shared=len(stages[name]) > 1),
            site=position.site, direction=position.direction, phase=position.phase, kind=kind,
            by=str(spec.get("by") or ""),
        ))
    classes = world["vehicle_classes"]
    public = world["costs"]["public"]
    volumes = world["demand"]["volumes"]
    streams = tuple(stream_list(world))
    expected = plan.rates[window[0] : window[1]].sum(axis=(0, 1))
    return Legend(
        stations=tuple(stations),
        streams=streams,
        classes=VEHICLE_CLASSES,
        lengths_m=tuple(float(classes[c]["length"]) if c in classes else 0.0
                        for c in VEHICLE_CLASSES),
        delay_cost={c: float(classes[c]["delay_cost"]) for c in VEHICLE_CLASSES if c in classes},
        prices={name: float(item["cost"]) for name, item in public.items()},
        payers={name: str(item["payer"]) for name, item in public.items()},
        weekday=first.weekday(),
        window_weekday=(first + timedelta(window[0])).weekday(),
        instruments={name: in_force(world, name, last) for name in world["instruments"]},
        volumes=tuple(0.5 * float(volumes.get(c, {}).get(k, 0.0)) for c, _, k in streams),
        expected=tuple(float(x) for x in expected),
        spacings_m=tuple(0.1 * float(x) for x in plan.class_spacing_dm),
        pools=tuple((name, str(pool["name"])) for name, pool in _section(world, "pools")),
        roads=tuple(_road(name, road) for name, road in _section(world, "roads")),
        schemes=tuple(_scheme(name, one) for name, one in _section(world, "schemes")),
    )


def _section(world: World, key: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return dict(world.get(key) or {}).items()


def _road(name: str, road: Mapping[str, Any]) -> RoadLegend:
    junctions = [
        JunctionLegend(str(one["name"]), round(10.0 * float(one["distance"])))
        for one in (road.get("junctions") or {}).values()
    ]
    return RoadLegend(
        name, str(road["name"]), str(road["site"]), str(road["direction"]),
        round(float(road["lanes"])), round(10.0 * float(road.get("length") or 0.0)),
        tuple(sorted(junctions, key=lambda one: one.distance_dm)),
    )  # fmt: skip


def _scheme(name: str, scheme: Mapping[str, Any]) -> SchemeLegend:
    return SchemeLegend(
        name, str(scheme["name"]), tuple(scheme["roads"]),
        tuple(PhaseLegend(str(one["name"]), round(float(one["capacity"])))
              for one in scheme["phases"]),
    )  # fmt: skip


def label_of(position: Position, world: World, *, shared: bool = False) -> str:
    """Return the display name of a position; a moved check says where it stood before.

    A station where the moved checks of several crossings stand together (`shared`) says only
    that it moved.
    """
    spec = position.spec
    name = str(spec.get("name") or position.stage)
    if position.part:
        inner = " and ".join(str(one["name"]) for one in position.part.members)
        name = f"{name}: {inner}"
    if not position.moved or "by" not in spec:
        return name
    old = str(world["sites"][spec["sited_in"]]["name"])
    new = str(world["sites"][position.site]["name"])
    return name.replace(old, new) + (", moved" if shared else f", moved from {old}")
