"""Cross checks of reach: which stations exist as places, and whether anybody comes there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.network import ControlDoc, StationDoc

__all__ = ["Place", "check_reach", "places_of", "stations_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """One physical station, and where the document tells of it."""

    name: str
    site: str
    path: Steps
    crossings: tuple[str, ...]


def places_of(check: Check) -> Iterator[Place]:
    """Yield every physical station: those of stations, controls, techniques and moved controls."""
    for name, station in check.doc.stations.items():
        yield Place(name, station.at, ("stations", name), tuple(station.crossings))
    for name, control in check.doc.controls.items():
        path: Steps = ("controls", name)
        for part, inner in stations_of(control):
            yield Place(f"{name}{part}", control.sited_in, (*path, *inner),
                        tuple(control.crossings))  # fmt: skip
        for crossing, moved in control.if_moved.items():
            here: Steps = (*path, "if_moved", crossing)
            for part, _ in stations_of(control):
                yield Place(f"{moved.station}{part}", moved.sited_in, here, (crossing,))


def stations_of(control: ControlDoc) -> Iterator[tuple[str, Steps]]:
    """Yield how the name of each station that a control takes ends, and what the path adds.

    A control is one station; a search with techniques has one for each that works alone or with
    others, and one for the examination after an alarm.
    """
    if control.kind != "search" or not control.techniques:
        yield "", ()
        return
    seen: set[int] = set()
    for name in control.techniques:
        order = control.techniques[name].order
        group = [n for n, one in control.techniques.items() if one.order == order]
        if order not in seen:
            first = next((n for n in group if control.techniques[n].servers is not None), group[0])
            yield f"-{first}", ("techniques", first)
        seen.add(order)
    if control.secondary is not None:
        yield "-secondary", ("secondary",)


def check_reach(check: Check) -> None:
    """Record stations at which no vehicle can ever arrive, and stations of one name."""
    own: dict[str, Place] = {}
    for place in places_of(check):
        before = own.setdefault(place.name, place)
        parts = len(place.path) > 2 or len(before.path) > 2
        moved = "if_moved" in place.path or "if_moved" in before.path
        if before is not place and parts and not moved:
            check.add(place.path, "two stations share this name", repr(place.name), "",
                      "Name the technique, or the other station, otherwise")  # fmt: skip
    if any(check.is_broken(key) for key in ("departures", "vehicle_classes", "crossings")):
        return
    if any(one.crossing not in check.doc.crossings for one in check.doc.departures.values()):
        return
    carried = {
        (one.crossing, one.direction, kind)
        for one in check.doc.departures.values()
        for kind in one.classes
    }
    every: list[tuple[Steps, StationDoc | ControlDoc]] = [
        *((("stations", name), one) for name, one in check.doc.stations.items()),
        *((("controls", name), one) for name, one in check.doc.controls.items()),
    ]
    for path, station in every:
        wanted = [(c, station.direction, k) for c in station.crossings for k in station.classes]
        known = [c for c in station.crossings if c in check.doc.crossings]
        if known and not any(one in carried for one in wanted):
            check.add(
                path,
                "no vehicle can reach this station: no departure takes its classes there",
                f"{', '.join(station.classes)} on {', '.join(known)} {station.direction}",
                "",
                "Add the classes to a departure, or remove the station",
            )
