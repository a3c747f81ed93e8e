"""Cross checks of departures: what fits on them, in which order, when they leave, their berths."""

from __future__ import annotations

from straits.scenario.check_stations import check_buffer, check_classes
from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.network import DepartureDoc

__all__ = ["check_departure"]

RANKS = 4  # of priority that a queue can have


def check_departure(check: Check, path: Steps, departure: DepartureDoc) -> None:
    """Record what is wrong with one departure."""
    check.refer((*path, "crossing"), "crossings", departure.crossing, "crossing")
    check_classes(check, path, departure.classes, list(departure.space), "space")
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
    _check_loading(check, path, departure)
    check_buffer(check, (*path, "marshalling"), departure.marshalling, departure.classes)
    if departure.berth_turnaround is not None and not check.is_broken("departures"):
        _check_berth(check, path, departure)
    _check_timetable(check, (*path, "timetable"), departure)


def _check_loading(check: Check, path: Steps, departure: DepartureDoc) -> None:
    for name, limit in departure.class_capacity.items():
        here: Steps = (*path, "class_capacity", name)
        if name not in departure.classes:
            check.add(here, "this class is not among the classes of this entry", repr(name),
                      ", ".join(departure.classes))  # fmt: skip
        elif limit.value < 1.0:
            check.add(here, "this departure would never take a vehicle of this class",
                      f"{limit.value:g} vehicles", "1 vehicle or more",
                      "Remove the class from 'classes'")  # fmt: skip
    named: list[str] = []
    for rank, group in enumerate(departure.loading_order):
        for place, name in enumerate(group):
            here = (*path, "loading_order", rank, place)
            if name in named:
                check.add(here, "this class is loaded twice", repr(name))
            elif name not in departure.classes:
                check.add(here, "this class is not among the classes of this entry", repr(name),
                          ", ".join(departure.classes))  # fmt: skip
            named.append(name)
    rest = [name for name in departure.classes if name not in named]
    if len(departure.loading_order) == RANKS and rest:
        check.add((*path, "loading_order"), f"a queue has at most {RANKS} ranks, and classes that "
                  "are not named load last", ", ".join(rest), f"{RANKS - 1} groups before them",
                  "Join two groups")  # fmt: skip


def _check_berth(check: Check, path: Steps, departure: DepartureDoc) -> None:
    opposite = "to_fr" if departure.direction == "to_uk" else "to_uk"
    pairs = [
        one for one in check.doc.departures.values()
        if one.crossing == departure.crossing and one.direction == opposite
        and set(one.classes) & set(departure.classes)
    ]  # fmt: skip
    others = [
        name for name, one in check.doc.departures.items()
        if one is not departure and one.berth_turnaround is not None
        and one.crossing == departure.crossing and one.direction == departure.direction
        and any(set(one.classes) & set(pair.classes) for pair in pairs)
    ]  # fmt: skip
    if others and pairs:
        check.add((*path, "berth_turnaround"), f"'{others[0]}' leaves with the same ships", "", "",
                  "Give it to one of the two, or no class of one to the ships of the other",
                  )  # fmt: skip
    if not pairs:
        check.add((*path, "berth_turnaround"), "no departure of the other direction comes here",
                  f"{departure.crossing} {opposite}", "",
                  "Remove it, or add the ships that come")  # fmt: skip


def _check_timetable(check: Check, path: Steps, departure: DepartureDoc) -> None:
    table = departure.timetable
    by_hour = [key for key in ("weekday", "weekend", "peak") if getattr(table, key) is not None]
    if table.times is not None:
        _check_times(check, path, departure)
        return
    if table.times_weekend is not None:
        check.add((*path, "times_weekend"), "'times' is missing, for the other days")
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
            check.add(path, f"'{key}' is missing", allowed="per_day, or weekday with weekend, "
                      "or times")  # fmt: skip
    if (table.peak is None) != (not table.peak_days):
        check.add(path, "'peak' and 'peak_days' belong together")
    total = sum(sum(getattr(table, key).values) for key in by_hour)
    if by_hour and total <= 0:
        check.add(path, "nothing ever departs", "0 departures")
    if len(set(table.peak_days)) != len(table.peak_days):
        check.add((*path, "peak_days"), "a peak day is named twice")


def _check_times(check: Check, path: Steps, departure: DepartureDoc) -> None:
    """Record listed departures that are out of order, or stand beside another form."""
    table = departure.timetable
    for key in ("per_day", "weekday", "weekend", "peak"):
        if getattr(table, key) is not None:
            check.add((*path, key), "a timetable is a list of times or numbers, not both", key, "",
                      "Remove 'times', or this")  # fmt: skip
    if table.source is None and table.assumed is None:
        check.add((*path, "times"),
                  "these times say neither where they come from nor that they are assumed", "",
                  "source: KEY, or assumed: REASON with tolerance: '10 %'")  # fmt: skip
    elif table.assumed is not None and table.tolerance is None:
        check.add(path, "an assumption needs a tolerance", "", "tolerance: '10 %'",
                  "Say how wrong it could be")  # fmt: skip
    for key in ("times", "times_weekend"):
        times: list[str] = getattr(table, key) or []
        for place, time in enumerate(times):
            here: Steps = (*path, key, place)
            if time == "24:00":
                check.add(here, "a day ends before this time", time, "'00:00' to '23:59'",
                          "Write '00:00', first in the list")  # fmt: skip
            elif place and time == times[place - 1]:
                check.add(here, "this departure is listed twice", time)
            elif place and time < times[place - 1]:
                check.add(here, "these departures are out of order",
                          f"{time} after {times[place - 1]}", "times that rise")  # fmt: skip
