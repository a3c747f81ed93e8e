"""The legend of a plan: stations, streams and prices in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from straits.plan.demand import World, stream_list
from straits.plan.vehicles import SEA, Worlds, in_force, positions
from straits.tables.legend import Legend, StationLegend
from straits.tables.vehicles import VEHICLE_CLASSES, VehiclePlan

__all__ = ["legend_of"]


def legend_of(
    scenario: Worlds, plan: VehiclePlan, first: date, window: tuple[int, int]
) -> Legend:
    """Return the legend of `plan`, whose day 0 is `first`, for a window of its days.

    Prices are those of the window's last day; policies may change them.
    """
    last = first + timedelta(window[1] - 1)
    world = scenario.world_at(last)
    where = {position.station: position for position in positions(world)}
    stations = []
    for name in plan.station_names:
        position = where[name]
        spec = position.spec
        kind = "departure" if position.phase == SEA else str(spec.get("kind") or "check_in")
        stations.append(StationLegend(
            station=name, label=_label(position.stage, name, spec, world, position.site),
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
        instruments={name: in_force(world, name, last) for name in world["instruments"]},
        volumes=tuple(0.5 * float(volumes.get(c, {}).get(k, 0.0)) for c, _, k in streams),
        expected=tuple(float(x) for x in expected),
    )


def _label(
    stage: str, station: str, spec: Mapping[str, Any], world: World, site: str
) -> str:
    """Return the display name; a moved check says where it stands now."""
    name = str(spec.get("name") or stage)
    if stage == station or "by" not in spec:
        return name
    old = str(world["sites"][spec["sited_in"]]["name"])
    return name.replace(old, str(world["sites"][site]["name"])) + ", moved"
