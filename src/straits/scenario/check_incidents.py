"""Cross checks of incidents: what they hit, when, and by which clock."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from straits.scenario.check_reach import places_of
from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.findings import listed, nearest
from straits.scenario.incidents import EFFECTS, IncidentDoc, instants_of

__all__ = ["check_incidents"]


def check_incidents(check: Check) -> None:
    """Record every problem of incidents, those between two of them included."""
    sites = {place.name: place.site for place in places_of(check)}
    hits: dict[tuple[str, str], list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for name, incident in check.doc.incidents.items():
        path: Steps = ("incidents", name)
        _check_effect(check, path, incident)
        zones = _zones(check, path, incident, sites)
        span = _span(check, path, incident, zones)
        if span is None:
            continue
        for target in {*incident.stations, *incident.departures}:
            for effect in EFFECTS:
                if getattr(incident, effect) is None:
                    continue
                key = (target, "capacity" if effect == "servers" else effect)
                for start, end, other in hits[key]:
                    if other != name and span[0] < end and start < span[1]:
                        check.add(path, f"'{other}' hits '{target}' at the same time", "", "",
                                  "Cut one of the two where they overlap")  # fmt: skip
                hits[key].append((*span, name))


def _check_effect(check: Check, path: Steps, incident: IncidentDoc) -> None:
    if not incident.stations and not incident.departures:
        check.add(path, "this incident hits nothing", "", "stations: [...], or departures: [...]")
    given = [key for key in EFFECTS if getattr(incident, key) is not None]
    if not given or ("servers" in given and "capacity" in given):
        check.add(path, "an incident says what is left or what is lost",
                  " and ".join(given) or "nothing",
                  "servers or capacity for stations, capacity or cancelled for departures",
                  )  # fmt: skip
    if "servers" in given and incident.departures:
        check.add((*path, "servers"), "departures have no servers", "", "capacity, or cancelled")
    if "cancelled" in given and incident.stations:
        check.add((*path, "cancelled"), "stations are not cancelled", "", "servers, or capacity")
    servers = incident.servers
    if servers is not None and servers.value != round(servers.value):
        check.add((*path, "servers"), "there is a whole number of servers", f"{servers.value:g}")


def _zones(
    check: Check, path: Steps, incident: IncidentDoc, sites: dict[str, str]
) -> list[str]:
    """Return the time zones of all that an incident hits."""
    zones: list[str] = []
    whole = not (check.is_broken("stations") or check.is_broken("controls"))
    for place, name in enumerate(incident.stations):
        if name in sites and sites[name] in check.doc.sites:
            zones.append(check.doc.sites[sites[name]].time_zone)
        elif name not in sites and whole:
            close = nearest(name, sites)
            hint = f"Did you mean '{close[0]}'?" if close else ""
            check.add((*path, "stations", place), "there is no station of this name", repr(name),
                      listed(sites), hint)  # fmt: skip
    for name in check.refer_all(
        (*path, "departures"), "departures", incident.departures, "departure"
    ):
        departure = check.doc.departures.get(name)
        crossing = None if departure is None else check.doc.crossings.get(departure.crossing)
        if departure is not None and crossing is not None:
            site = crossing.fr_site if departure.direction == "to_uk" else crossing.uk_site
            if site in check.doc.sites:
                zones.append(check.doc.sites[site].time_zone)
    return zones


def _span(
    check: Check, path: Steps, incident: IncidentDoc, zones: list[str]
) -> tuple[datetime, datetime] | None:
    """Return the instants between which an incident lasts, None where they cannot be told."""
    if not zones:
        return None
    zone = zones[0]
    if any(other != zone for other in zones):
        check.add(path, "this incident hits places with different clocks",
                  ", ".join(dict.fromkeys(zones)), "one time zone",
                  "Write an incident for each")  # fmt: skip
        return None
    ends: list[datetime] = []
    try:
        ZoneInfo(zone)
    except Exception:
        # The site says what is wrong with its zone.
        return None
    for key, text in (("from", incident.from_), ("to", incident.to)):
        found = instants_of(text, zone)
        if len(found) != 1:
            comes = "comes twice" if found else "never comes"
            check.add((*path, key), f"this time {comes} by the clock of {zone}", text, "",
                      "Take a time before or after the change of the clock")  # fmt: skip
            continue
        if int(text[-2:]) % 15:
            check.add((*path, key), "incidents begin and end on a quarter of an hour", text)
        ends += found
    if len(ends) < 2:
        return None
    if ends[1] <= ends[0]:
        check.add((*path, "to"), "this incident ends before it begins", incident.to,
                  f"after {incident.from_}")  # fmt: skip
        return None
    return ends[0], ends[1]
