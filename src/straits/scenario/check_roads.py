"""Cross checks of roads and holding schemes."""

from __future__ import annotations

from itertools import pairwise, product

from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.roads import RoadDoc, SchemeDoc

__all__ = ["check_roads"]


def check_roads(check: Check) -> None:
    """Record every problem among roads and schemes."""
    taken: dict[tuple[str, str, str], str] = {}
    for name, road in check.doc.roads.items():
        path: Steps = ("roads", name)
        _check_road(check, path, road)
        for crossing, kind in product(road.crossings, road.classes):
            first = taken.setdefault((crossing, road.direction, kind), name)
            if first != name:
                check.add(path, f"{kind} on {crossing} {road.direction} already have a road",
                          repr(first), "one road for each", "Take the class or crossing from one "
                          "of the two")  # fmt: skip
    holders: dict[str, str] = {}
    for name, scheme in check.doc.schemes.items():
        path = ("schemes", name)
        roads = check.refer_all((*path, "roads"), "roads", scheme.roads, "road")
        for place, road_name in enumerate(scheme.roads):
            other = holders.setdefault(road_name, name)
            if road_name in roads and other != name:
                check.add((*path, "roads", place), f"the scheme '{other}' already holds this road",
                          repr(road_name), "one scheme for each road")  # fmt: skip
        _check_scheme(check, path, scheme, roads)


def _check_road(check: Check, path: Steps, road: RoadDoc) -> None:
    known = check.refer((*path, "site"), "sites", road.site, "site")
    check.refer_all((*path, "classes"), "vehicle_classes", list(road.classes), "vehicle class")
    for name in check.refer_all((*path, "crossings"), "crossings", road.crossings, "crossing"):
        crossing = check.doc.crossings.get(name)
        if crossing is None or not known:
            continue
        origin = crossing.fr_site if road.direction == "to_uk" else crossing.uk_site
        if road.site != origin:
            check.add((*path, "site"), f"vehicles of '{name}' {road.direction} do not come here",
                      repr(road.site), origin)  # fmt: skip
    if road.lanes.value != round(road.lanes.value):
        check.add((*path, "lanes"), "a road has a whole number of lanes", f"{road.lanes.value:g}")
    seen: dict[float, str] = {}
    for name, junction in road.junctions.items():
        here: Steps = (*path, "junctions", name, "distance")
        distance = junction.distance.value
        if road.length is not None and distance > road.length.value:
            check.add(here, "this junction lies beyond the end of the road", f"{distance:g} m",
                      f"up to {road.length.value:g} m")  # fmt: skip
        first = seen.setdefault(distance, name)
        if first != name:
            check.add(here, f"'{first}' lies at the same distance", f"{distance:g} m")


def _check_scheme(check: Check, path: Steps, scheme: SchemeDoc, roads: list[str]) -> None:
    found = [check.doc.roads[name] for name in roads if name in check.doc.roads]
    met = {kind for road in found for kind in road.classes}
    for place, kind in enumerate(scheme.classes):
        if found and kind not in met:
            check.add((*path, "classes", place), "this class is on none of the scheme's roads",
                      repr(kind), ", ".join(sorted(met)))  # fmt: skip
    for one, two in pairwise(found):
        if one.lanes.value != two.lanes.value:
            check.add((*path, "roads"), "the roads of a scheme must be equally wide, for one "
                      "length of queue to mean one number of vehicles",
                      f"{one.lanes.value:g} and {two.lanes.value:g} lanes", "",
                      "Make a scheme for each road")  # fmt: skip
            break
    _check_phases(check, path, scheme)
    if scheme.starts_at.value <= 0.0:
        check.add((*path, "starts_at"), "a scheme starts at some length of queue",
                  f"{scheme.starts_at.value:g} m", "more than 0 m")  # fmt: skip
    elif scheme.ends_at.value >= scheme.starts_at.value:
        check.add((*path, "ends_at"), "this scheme would end as soon as it starts",
                  f"{scheme.ends_at.value:g} m, starts at {scheme.starts_at.value:g} m",
                  f"less than {scheme.starts_at.value:g} m")  # fmt: skip
    for place, road in enumerate(found):
        if road.length is not None and scheme.starts_at.value > road.length.value:
            check.add((*path, "starts_at"), f"the road '{roads[place]}' is shorter than that",
                      f"{scheme.starts_at.value:g} m",
                      f"up to {road.length.value:g} m")  # fmt: skip
    if scheme.release_rate.value < 0.01:
        check.add((*path, "release_rate"), "this scheme would never release anybody",
                  f"{scheme.release_rate.value:g} vehicles/h",
                  "0.01 vehicles/h or more")  # fmt: skip
    span = scheme.available
    if span is not None and span.from_ and span.to and span.to < span.from_:
        check.add((*path, "available", "to"), "this scheme is gone before it is there",
                  str(span.to), f"{span.from_} or later")  # fmt: skip


def _check_phases(check: Check, path: Steps, scheme: SchemeDoc) -> None:
    reached = 0.0
    for place, phase in enumerate(scheme.phases):
        here: Steps = (*path, "phases", place, "capacity")
        capacity = phase.capacity.value
        if capacity < 1.0:
            check.add(here, "a phase without capacity holds nobody", f"{capacity:g} vehicles",
                      "1 vehicle or more")  # fmt: skip
        elif capacity <= reached:
            check.add(here, "phases must rise: each counts the ones before it as well",
                      f"{capacity:g} after {reached:g} vehicles",
                      f"more than {reached:g} vehicles")  # fmt: skip
        reached = max(reached, capacity)
