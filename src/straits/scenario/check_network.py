"""Cross checks of the network: soil and law, stations in their chain, departures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from zoneinfo import ZoneInfo

from straits.scenario.check_controls import check_control, check_moved_stations
from straits.scenario.check_servers import check_servers
from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.network import ControlDoc, DepartureDoc, StationDoc

__all__ = ["check_network"]


def check_network(check: Check) -> None:
    """Record every problem among sites, crossings, instruments, stations and departures."""
    _check_sites(check)
    for name, instrument in check.doc.instruments.items():
        path: Steps = ("instruments", name)
        check.refer_all((*path, "covers"), "crossings", instrument.covers, "crossing")
        if instrument.ends is not None and instrument.ends <= instrument.in_force:
            check.add(
                (*path, "ends"),
                "this instrument ends before it is in force",
                str(instrument.ends),
                f"a day after {instrument.in_force}",
            )
    for name, station in check.doc.stations.items():
        path = ("stations", name)
        _check_station(check, path, station, station.at, "at")
    for name, control in check.doc.controls.items():
        path = ("controls", name)
        if name in check.doc.stations:
            check.add(path, "a station and a control share this name", repr(name))
        _check_station(check, path, control, control.sited_in, "sited_in")
        check_control(check, path, control)
    check_moved_stations(check)
    _check_chains(check)
    for name, departure in check.doc.departures.items():
        _check_departure(check, ("departures", name), departure)


def _check_sites(check: Check) -> None:
    for name, site in check.doc.sites.items():
        try:
            ZoneInfo(site.time_zone)
        except Exception:
            # zoneinfo raises five unrelated types for a key that is no zone.
            check.add(
                ("sites", name, "time_zone"),
                "there is no such time zone",
                repr(site.time_zone),
                "a name such as Europe/London",
            )
    for name, crossing in check.doc.crossings.items():
        for key, site_name, state in (
            ("uk_site", crossing.uk_site, "UK"),
            ("fr_site", crossing.fr_site, "FR"),
        ):
            path: Steps = ("crossings", name, key)
            if check.refer(path, "sites", site_name, "site"):
                soil = check.state_of(site_name)
                if soil is not None and soil != state:
                    check.add(
                        path,
                        f"this site does not lie on {state} soil",
                        f"{site_name}, which lies in {soil}",
                    )


def _check_station(
    check: Check, path: Steps, station: StationDoc | ControlDoc, site: str, key: str
) -> None:
    known = check.refer((*path, key), "sites", site, "site")
    crossings = check.refer_all((*path, "crossings"), "crossings", station.crossings, "crossing")
    for name in crossings:
        crossing = check.doc.crossings.get(name)
        if known and crossing is not None and site not in (crossing.uk_site, crossing.fr_site):
            check.add(
                (*path, key),
                f"this site is not an end of the crossing '{name}'",
                repr(site),
                f"{crossing.uk_site}, {crossing.fr_site}",
            )
    _check_classes(check, path, station.classes, list(station.service), "service")
    check_servers(check, (*path, "servers"), station.servers)


def _check_classes(
    check: Check,
    path: Steps,
    classes: Sequence[str],
    given: Sequence[str],
    key: str,
) -> None:
    check.refer_all((*path, "classes"), "vehicle_classes", list(classes), "vehicle class")
    for name in classes:
        if name not in given:
            check.add((*path, key), f"'{name}' is missing, which is among the classes")
    for name in given:
        if name not in classes:
            check.add(
                (*path, key, name),
                "this class is not among the classes of this entry",
                repr(name),
                ", ".join(classes),
                "Add it to 'classes', or remove it here",
            )


def _check_chains(check: Check) -> None:
    """Record stations of one chain that claim the same place in it."""
    places: dict[tuple[str, ...], tuple[Steps, str]] = {}

    def claim(path: Steps, who: str, key: tuple[str, ...]) -> None:
        before = places.setdefault(key, (path, who))
        if before[1] != who and (path, before[1]) not in told:
            told.add((path, before[1]))
            crossing, direction, vehicle_class, site, order = key[:5]
            check.add(
                (*path, "order"),
                f"'{before[1]}' has the same place in the chain for "
                f"{vehicle_class} on {crossing} {direction} at {site}",
                order,
                "",
                "Give each its own 'order'",
            )

    told: set[tuple[Steps, str]] = set()
    for name, station in check.doc.stations.items():
        for crossing, kind in product(station.crossings, station.classes):
            key = (crossing, station.direction, kind, station.at, str(station.order))
            claim(("stations", name), name, (*key, "now"))
            claim(("stations", name), name, (*key, "moved"))
    for name, control in check.doc.controls.items():
        for crossing, kind in product(control.crossings, control.classes):
            key = (crossing, control.direction, kind, control.sited_in, str(control.order))
            claim(("controls", name), name, (*key, "now"))
            moved = control.if_moved.get(crossing)
            if moved is not None:
                key = (crossing, control.direction, kind, moved.sited_in, str(moved.order))
                path: Steps = ("controls", name, "if_moved", crossing)
                claim(path, moved.station, (*key, "moved"))


def _check_departure(check: Check, path: Steps, departure: DepartureDoc) -> None:
    check.refer((*path, "crossing"), "crossings", departure.crossing, "crossing")
    _check_classes(check, path, departure.classes, list(departure.space), "space")
    capacity = departure.capacity
    if capacity.value <= 0:
        check.add(
            (*path, "capacity"),
            "a departure without capacity carries nothing",
            f"{capacity.value:g} {capacity.unit}",
        )
    for name, space in departure.space.items():
        if space.unit != capacity.unit:
            check.add(
                (*path, "space", name),
                "space and capacity must be in the same unit",
                space.unit,
                capacity.unit,
            )
        elif space.value > capacity.value:
            check.add(
                (*path, "space", name),
                "this class does not fit on the departure",
                f"{space.value:g} {space.unit}",
                f"up to {capacity.value:g} {capacity.unit}",
            )
    _check_timetable(check, (*path, "timetable"), departure)


def _check_timetable(check: Check, path: Steps, departure: DepartureDoc) -> None:
    table = departure.timetable
    by_hour = [key for key in ("weekday", "weekend", "peak") if getattr(table, key) is not None]
    if table.per_day is not None:
        for key in by_hour:
            check.add(
                (*path, key),
                "a timetable is by day or by hour, not both",
                key,
                "",
                "Remove 'per_day', or this",
            )
        if table.per_day.value <= 0:
            check.add((*path, "per_day"), "nothing ever departs", f"{table.per_day.value:g}")
        return
    for key in ("weekday", "weekend"):
        if getattr(table, key) is None:
            check.add(path, f"'{key}' is missing", allowed="per_day, or weekday with weekend")
    if (table.peak is None) != (not table.peak_days):
        check.add(path, "'peak' and 'peak_days' belong together")
    total = sum(sum(getattr(table, key).values) for key in by_hour)
    if by_hour and total <= 0:
        check.add(path, "nothing ever departs", "0 departures")
    if len(set(table.peak_days)) != len(table.peak_days):
        check.add((*path, "peak_days"), "a peak day is named twice")
