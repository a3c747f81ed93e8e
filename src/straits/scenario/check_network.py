"""Cross checks of the network: soil and law, stations in their chain, and all that uses them."""

from __future__ import annotations

from itertools import product
from zoneinfo import ZoneInfo

from straits.scenario.check_controls import check_control, check_moved_stations
from straits.scenario.check_departures import check_departure
from straits.scenario.check_incidents import check_incidents
from straits.scenario.check_reach import check_reach
from straits.scenario.check_roads import check_roads
from straits.scenario.check_searches import check_search
from straits.scenario.check_stations import check_loops, check_pools, check_station
from straits.scenario.checking import Check
from straits.scenario.document import Steps

__all__ = ["check_network"]


def check_network(check: Check) -> None:
    """Record every problem among sites, crossings, instruments, stations, departures, roads."""
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
        check_station(check, path, station, station.at, "at")
    for name, control in check.doc.controls.items():
        path = ("controls", name)
        if name in check.doc.stations:
            check.add(path, "a station and a control share this name", repr(name))
        check_station(check, path, control, control.sited_in, "sited_in")
        check_control(check, path, control)
        check_search(check, path, control)
    check_moved_stations(check)
    _check_chains(check)
    for name, departure in check.doc.departures.items():
        check_departure(check, ("departures", name), departure)
    check_pools(check)
    check_loops(check)
    check_reach(check)
    check_roads(check)
    check_incidents(check)


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
