"""What a plan holds beside stations and loads: rooms, pools, roads, holding schemes, incidents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from straits.base.clock import HOUR_TICKS, SECOND_TICKS
from straits.plan.buffers import spacing_dm
from straits.plan.demand import World
from straits.plan.legend import label_of
from straits.plan.positions import Worlds, by_station, standing
from straits.tables.vehicles import UNLIMITED, VEHICLE_CLASSES, VehiclePlan

__all__ = ["network_lines"]


def network_lines(scenario: Worlds, plan: VehiclePlan, day: date) -> list[str]:
    """Return, a line each, what limits and links the stations of a plan on a day.

    Sections that a baseline does not use are left out. Lengths of road are rounded.
    """
    world = scenario.world_at(day)
    out: list[str] = []
    for title, lines in (
        ("Room: who finds none stays where it is, and blocks", _rooms(plan, world, day)),
        ("Pools of servers that stations share", _pools(plan, world, day)),
        ("Berths: ships that must be unloaded before a sailing leaves", _berths(plan, world)),
        ("Roads: where vehicles stand when their first station is full", _roads(world)),
        ("Holding schemes", _schemes(world)),
        ("Incidents", _incidents(world)),
    ):
        found = list(lines)
        if found:
            out += ["", title, *(f"  {line}" for line in found)]
    return out


def _labels(world: World, day: date) -> dict[str, str]:
    """Return the display name of every station in use."""
    stages: dict[str, set[str]] = {}
    for place in standing(world, day):
        stages.setdefault(place.station, set()).add(place.stage)
    return {place.station: label_of(place, world, shared=len(stages[place.station]) > 1)
            for place in standing(world, day)}  # fmt: skip


def _rooms(plan: VehiclePlan, world: World, day: date) -> Iterator[str]:
    labels = _labels(world, day)
    for number, name in enumerate(plan.station_names):
        room = int(plan.station_buffer[number])
        if name not in labels:
            continue
        notes = []
        if room != UNLIMITED:
            notes.append(f"{room / 10:,.0f} m" if plan.station_buffer_dm[number]
                         else f"{room:,} vehicles")
            notes += _driving_up(plan, number, room)
        if plan.station_balk[number] != UNLIMITED:
            notes.append(f"others turn away at {plan.station_balk[number]:,} waiting")
        if plan.station_extra[number]:
            notes.append(
                f"{plan.station_extra[number]} more servers from a queue of "
                f"{plan.station_extra_on_dm[number] / 10:,.0f} m down to "
                f"{plan.station_extra_off_dm[number] / 10:,.0f} m, "
                f"{plan.station_extra_lead[number] / (60 * SECOND_TICKS):.0f} min after the call")
        if notes:
            yield f"{labels[name]}: {'; '.join(notes)}"


def _driving_up(plan: VehiclePlan, number: int, room: int) -> Iterator[str]:
    """Say how many vehicles an hour can come through a buffer: those on their way take room."""
    to_it = plan.step_transit[plan.step_station == number]
    spacing = int(plan.class_spacing_dm.min()) if plan.station_buffer_dm[number] else 1
    if not to_it.size or not to_it.max() or plan.station_kind[number]:
        return
    an_hour = room / spacing * HOUR_TICKS / int(to_it.max())
    servers = plan.roster_servers[plan.roster_first[number] : plan.roster_first[number + 1]]
    shortest = plan.step_base[plan.step_station == number].min()
    if an_hour < servers.max(initial=0) * HOUR_TICKS / max(float(shortest), 1.0):
        yield (f"those driving up take room as well: {an_hour:,.0f} an hour at most, fewer than "
               "its servers can take")


def _pools(plan: VehiclePlan, world: World, day: date) -> Iterator[str]:
    labels = _labels(world, day)
    for number, (name, pool) in enumerate(_section(world, "pools")):
        low, high = plan.pool_first[number], plan.pool_first[number + 1]
        servers = plan.pool_servers[low:high]
        members = [labels[station] for station, own in
                   zip(plan.station_names, plan.station_pool, strict=True)
                   if own == number and station in labels]  # fmt: skip
        span = f"{servers.min()} to {servers.max()}" if servers.size else "no"
        yield f"{pool['name'] or name}: {span} on duty for {', '.join(members) or 'nobody'}"


def _berths(plan: VehiclePlan, world: World) -> Iterator[str]:
    where = by_station(world)
    for number, name in enumerate(plan.station_names):
        low, high = plan.sailing_first[number], plan.sailing_first[number + 1]
        turnaround = where[name][-1].spec.get("berth_turnaround")
        if turnaround is None or high == low:
            continue
        inside = (plan.sailing_link >= low) & (plan.sailing_link < high)
        yield (f"{name}: {inside.sum():,} of {high - low:,} sailings follow a ship that came in at "
               f"least {float(turnaround) / 60:.0f} min before")


def _roads(world: World) -> Iterator[str]:
    spacing = spacing_dm(world)
    for _, road in _section(world, "roads"):
        lanes = round(float(road["lanes"]))
        junctions = sorted(
            (float(j["distance"]), str(j["name"]))
             for j in (road.get("junctions") or {}).values())
        signs = ", ".join(f"{name} {distance / 1000:.1f} km" for distance, name in junctions)
        kinds = ", ".join(
            f"{10_000 * lanes / spacing[VEHICLE_CLASSES.index(kind)]:,.0f} {kind}"
            for kind in road["classes"])
        length = f", {float(road['length']) / 1000:.1f} km" if road.get("length") else ""
        yield (f"{road['name']}, {lanes} lane{'s' if lanes > 1 else ''}{length}; a km holds {kinds}"
               f"{'; ' + signs if signs else ''}")


def _schemes(world: World) -> Iterator[str]:
    for _, one in _section(world, "schemes"):
        phases = ", ".join(f"{p['name']} {float(p['capacity']):,.0f}" for p in one["phases"])
        span = one.get("available") or {}
        when = "".join(f", {word} {span[word]}" for word in ("from", "to") if span.get(word))
        yield (f"{one['name']}{when}: holds {', '.join(one['classes'])} from a queue of "
               f"{float(one['starts_at']) / 1000:.1f} km; up to {phases} vehicles; releases "
               f"{float(one['release_rate']):,.0f} an hour below "
               f"{float(one['release_below']) / 1000:.1f} km")


def _incidents(world: World) -> Iterator[str]:
    for _, hit in _section(world, "incidents"):
        effects = []
        if hit.get("servers") is not None:
            effects.append(f"{float(hit['servers']):.0f} servers on duty")
        if hit.get("capacity") is not None:
            effects.append(f"{100 * float(hit['capacity']):.0f} % of capacity")
        if hit.get("cancelled") is not None:
            effects.append(f"{100 * float(hit['cancelled']):.0f} % cancelled")
        places = ", ".join([*hit["stations"], *hit["departures"]])
        yield f"{hit['title']}, {hit['from']} to {hit['to']}: {', '.join(effects)} at {places}"


def _section(world: World, key: str) -> list[tuple[str, Mapping[str, Any]]]:
    return list((world.get(key) or {}).items())
