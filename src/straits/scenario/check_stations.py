"""Cross checks of stations: whom they serve, the room before them, who is shared, who goes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from straits.scenario.check_servers import check_servers
from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.findings import listed
from straits.scenario.network import ControlDoc, StationDoc
from straits.scenario.quantity import Quantity

__all__ = [
    "check_buffer", "check_classes", "check_loops", "check_pools", "check_station", "is_ashore",
]  # fmt: skip

GAP_M = 3.0  # what a standing vehicle keeps before it, where a class has no spacing of its own


def check_station(
    check: Check, path: Steps, station: StationDoc | ControlDoc, site: str, key: str
) -> None:
    """Record what is wrong with where a station stands, whom it serves, and how."""
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
    in_parts = _is_in_parts(station)
    given = () if in_parts else tuple(station.service)
    check_classes(check, path, station.classes, station.classes if in_parts else given, "service")
    if station.servers is not None:
        check_servers(check, (*path, "servers"), station.servers)
    elif not in_parts:
        check.add(path, "'servers' is missing")
    check_buffer(check, (*path, "buffer"), station.buffer, station.classes)
    if station.priority:
        check_classes(check, path, station.classes, tuple(station.priority), "priority")
    for name in station.patience:
        _check_named(check, (*path, "patience", name), name, station.classes)
    _check_queue(check, path, station, is_ashore(check, station, site))


def _is_in_parts(station: StationDoc | ControlDoc) -> bool:
    """Return whether a stage is a search with techniques, each at a station of its own."""
    return (
        isinstance(station, ControlDoc) and station.kind == "search" and bool(station.techniques)
    )


def is_ashore(check: Check, station: StationDoc | ControlDoc, site: str) -> bool:
    """Return whether a station stands where its vehicles arrive, after the crossing."""
    far = "uk_site" if station.direction == "to_uk" else "fr_site"
    crossing = check.doc.crossings.get(station.crossings[0])
    return crossing is not None and getattr(crossing, far) == site


def check_classes(
    check: Check,
    path: Steps,
    classes: Sequence[str],
    given: Sequence[str],
    key: str,
) -> None:
    """Record classes that do not exist, and entries by class that do not match them."""
    check.refer_all((*path, "classes"), "vehicle_classes", list(classes), "vehicle class")
    for name in classes:
        if name not in given:
            check.add((*path, key), f"'{name}' is missing, which is among the classes")
    for name in given:
        _check_named(check, (*path, key, name), name, classes)


def _check_named(check: Check, path: Steps, name: str, classes: Sequence[str]) -> None:
    if name not in classes:
        check.add(
            path,
            "this class is not among the classes of this entry",
            repr(name),
            ", ".join(classes),
            "Add it to 'classes', or remove it here",
        )


def check_buffer(
    check: Check, path: Steps, room: Quantity | None, classes: Sequence[str]
) -> None:
    """Record a buffer into which a vehicle of some class can never go."""
    if room is None:
        return
    hint = "Remove it where room is no limit"
    if room.unit != "m":
        if room.value < 1.0:
            found = f"{room.value:g} vehicles"
            check.add(path, "no vehicle fits into this buffer", found, "1 vehicle or more", hint)
        return
    for name in classes:
        kind = check.doc.vehicle_classes.get(name)  # type: ignore[call-overload]
        if kind is None:
            continue
        needs = kind.spacing.value if kind.spacing else kind.length.value + GAP_M
        if room.value < needs:
            message = f"no {name} fits into this buffer"
            check.add(path, message, f"{room.value:g} m", f"{needs:g} m or more", hint)


def _check_queue(
    check: Check, path: Steps, station: StationDoc | ControlDoc, ashore: bool
) -> None:
    """Record rules of a queue that contradict themselves or cannot act where it stands."""
    extra = station.extra_servers
    if extra is not None and extra.until.value >= extra.when.value:
        check.add(
            (*path, "extra_servers", "until"),
            "extra servers would close before they are called",
            f"until {extra.until.value:g} m, when {extra.when.value:g} m",
            f"less than {extra.when.value:g} m",
        )
    if ashore:
        for key in ("balk_at", "patience"):
            if getattr(station, key):
                check.add(
                    (*path, key),
                    "vehicles that have crossed cannot turn away",
                    "",
                    "a station before the crossing",
                )


def check_pools(check: Check) -> None:
    """Record pools that nobody shares, that do not exist, or that lie at two sites."""
    sites: dict[str, tuple[str, Steps]] = {}
    for path, name, site in _members(check):
        if not check.refer(path, "pools", name, "pool"):
            continue
        first = sites.setdefault(name, (site, path))
        if first[0] != site:
            check.add(path, f"the pool '{name}' has stations at two sites", site, first[0],
                      "People cannot work at two sites at once: make two pools")  # fmt: skip
    whole = not (check.is_broken("stations") or check.is_broken("controls"))
    for name, pool in check.doc.pools.items():
        check_servers(check, ("pools", name, "servers"), pool.servers)
        if name not in sites and whole:
            check.add(("pools", name), "no station has this pool", "", "",
                      f"Write 'pool: {name}' at the stations that share it")  # fmt: skip


def _members(check: Check) -> Iterator[tuple[Steps, str, str]]:
    """Yield where a pool is named, its name, and the site of the station that names it."""
    for name, station in check.doc.stations.items():
        if station.pool is not None:
            yield ("stations", name, "pool"), station.pool, station.at
    for name, control in check.doc.controls.items():
        path: Steps = ("controls", name)
        if control.pool is not None:
            yield (*path, "pool"), control.pool, control.sited_in
        for part, technique in control.techniques.items():
            if technique.pool is not None:
                yield (*path, "techniques", part, "pool"), technique.pool, control.sited_in
        if control.secondary is not None and control.secondary.pool is not None:
            yield (*path, "secondary", "pool"), control.secondary.pool, control.sited_in
        for crossing, moved in control.if_moved.items():
            if moved.pool is not None:
                yield (*path, "if_moved", crossing, "pool"), moved.pool, moved.sited_in


def check_loops(check: Check) -> None:
    """Record vehicles that are sent back to a stage that does not lie behind them."""
    every: dict[str, StationDoc | ControlDoc] = {**check.doc.stations, **check.doc.controls}
    sections = chain(
        (("stations", name, one.again) for name, one in check.doc.stations.items()),
        (("controls", name, one.again) for name, one in check.doc.controls.items()),
    )
    known = [*check.ids("stations"), *check.ids("controls")]
    for section, name, again in sections:
        if again is None:
            continue
        path: Steps = (section, name, "again", "back_to")
        here, there = every[name], every.get(again.back_to)
        if _is_in_parts(here):
            check.add(path[:3], "a search in parts sends nobody back", "", "",
                      "Give it to a stage of its own")  # fmt: skip
        elif again.back_to not in known:
            check.add(path, "there is no station or control of this name", repr(again.back_to),
                      listed(known))  # fmt: skip
        elif there is not None and there is not here:
            _check_loop(check, path, here, there)


def _check_loop(
    check: Check, path: Steps, here: StationDoc | ControlDoc, there: StationDoc | ControlDoc
) -> None:
    if _is_in_parts(there):
        check.add(path, "vehicles cannot be sent back to a search in parts", "",
                  "one of its neighbours, or the same stage")  # fmt: skip
        return
    classes = [kind for kind in here.classes if kind not in there.classes]
    crossings = [name for name in here.crossings if name not in there.crossings]
    if here.direction != there.direction or classes or crossings:
        missing = ", ".join([*classes, *crossings]) or there.direction
        check.add(path, "vehicles are sent back to a stage that they did not meet", missing,
                  "a stage of the same direction, with all its classes and crossings")  # fmt: skip
        return
    whens = ("", "once an instrument has ended, ")
    for when, one, two in zip(whens, _places(here), _places(there), strict=True):
        if one[0] != two[0]:
            check.add(path, f"{when}this loop would lead over the sea",
                      f"from {one[0]} to {two[0]}", "a stage on the same shore")  # fmt: skip
        elif one[1] <= two[1]:
            check.add(path, f"{when}this loop goes forward",
                      f"order {two[1]} from order {one[1]}",
                      f"an order below {one[1]}")  # fmt: skip


def _places(station: StationDoc | ControlDoc) -> list[tuple[str, int]]:
    """Return site and order of a stage as it stands now, and once it has moved."""
    if isinstance(station, StationDoc):
        return [(station.at, station.order)] * 2
    now = (station.sited_in, station.order)
    moved = next(iter(station.if_moved.values()), None)
    later = now if moved is None else (moved.sited_in, moved.order)
    return [now, later]
