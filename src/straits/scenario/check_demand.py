"""Cross checks of bookings, observed arrivals and choice: what one entry cannot know."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from straits.scenario.checking import Check
from straits.scenario.demand import ObservedDoc
from straits.scenario.document import Steps

__all__ = ["check_demand"]

_KEYS = ("crossing", "direction", "class")


def check_demand(check: Check) -> None:
    """Record every problem of bookings, observed arrivals and choice."""
    _check_bookings(check)
    for place, observed in enumerate(check.doc.demand.observed):
        _check_observed(check, ("demand", "observed", place), observed)
    _check_choice(check)


def _check_bookings(check: Check) -> None:
    for name, group in check.doc.demand.groups.items():
        booking = group.booking
        if booking is None:
            continue
        path: Steps = ("demand", "groups", name, "booking")
        known = [check.doc.crossings[c] for c in group.crossings if c in check.doc.crossings]
        kinds = {crossing.kind for crossing in known}
        whole = len(known) == len(group.crossings)
        if booking.kind is not None and whole and booking.kind not in kinds:
            check.add(
                (*path, "kind"),
                "no crossing of this group is of this kind",
                repr(booking.kind),
                ", ".join(sorted(kinds)),
            )
        if booking.early.value + booking.latest.value <= 0.0:
            check.add(
                (*path, "early"),
                "the mean time before the departure and 'latest' cannot both be zero",
                "",
                "",
                "Say how long before its departure a vehicle comes on average",
            )


def _check_observed(check: Check, path: Steps, observed: ObservedDoc) -> None:
    fixed = {"crossing": observed.crossing, "direction": observed.direction,
             "class": observed.class_}  # fmt: skip
    columns = {"crossing": observed.columns.crossing, "direction": observed.columns.direction,
               "class": observed.columns.class_}  # fmt: skip
    for key in _KEYS:
        if (fixed[key] is None) == (columns[key] is None):
            missing = fixed[key] is None
            check.add(
                path if missing else (*path, "columns", key),
                f"the {key} of these arrivals is {'not said' if missing else 'said twice'}",
                "",
                f"either '{key}' for the whole file or 'columns.{key}' for each row",
            )
    if observed.crossing is not None:
        check.refer((*path, "crossing"), "crossings", observed.crossing, "crossing")
    if observed.class_ is not None:
        check.refer((*path, "class"), "vehicle_classes", observed.class_, "vehicle class")
    _check_counts(check, path, observed)
    _check_carried(check, path, observed)
    try:
        ZoneInfo(observed.time_zone)
    except Exception:
        # zoneinfo raises five unrelated types for a key that is no zone.
        check.add(
            (*path, "time_zone"),
            "there is no such time zone",
            repr(observed.time_zone),
            "a name such as Europe/London, or UTC",
        )
    if observed.from_ and observed.to and observed.to < observed.from_:
        check.add(
            (*path, "to"),
            "these days end before they begin",
            str(observed.to),
            f"{observed.from_} or later",
        )
    if observed.source is None and observed.assumed is None:
        check.add(
            path,
            "these arrivals say neither where they come from nor that they are assumed",
            "",
            "source: KEY, or assumed: who counted them, and where",
        )


def _check_counts(check: Check, path: Steps, observed: ObservedDoc) -> None:
    counts = observed.columns.count is not None
    if counts and observed.interval is None:
        check.add(
            path, "'interval' is missing: how long is the time that one count is for?", "",
            "a length of time, such as 15 min",
        )  # fmt: skip
    if not counts and observed.interval is not None:
        check.add(
            (*path, "interval"),
            "an interval is for counts, and no column of counts is named",
            "",
            "",
            "Name it in 'columns.count', or remove the interval",
        )
    if counts and observed.columns.id is not None:
        check.add((*path, "columns", "id"), "a row of counts is no vehicle and has no id")


def _check_carried(check: Check, path: Steps, observed: ObservedDoc) -> None:
    """Record observed traffic of one class that no departure carries."""
    if None in (observed.crossing, observed.direction, observed.class_):
        return
    known = (observed.crossing in check.ids("crossings")
             and observed.class_ in check.ids("vehicle_classes"))  # fmt: skip
    if not known or check.is_broken("departures"):
        return
    if not any(
        (one.crossing, one.direction) == (observed.crossing, observed.direction)
        and observed.class_ in one.classes
        for one in check.doc.departures.values()
    ):
        check.add(
            path,
            f"no departure carries {observed.class_} on {observed.crossing} {observed.direction}",
            "",
            "",
            "Add the class to a departure",
        )


def _check_choice(check: Check) -> None:
    home: dict[tuple[str, str], str] = {}
    for name, choice in check.doc.demand.choice.items():
        path: Steps = ("demand", "choice", name)
        crossings = check.refer_all((*path, "crossings"), "crossings", choice.crossings, "crossing")
        classes = check.refer_all(
            (*path, "classes"), "vehicle_classes", list(choice.classes), "vehicle class"
        )
        for crossing in crossings:
            for kind in classes:
                before = home.setdefault((crossing, kind), name)
                if before != name:
                    check.add(
                        path,
                        f"{kind} on {crossing} chooses in two groups",
                        f"'{before}' and '{name}'",
                        "one",
                    )
        if choice.wait_sensitivity is None and choice.retiming is None:
            check.add(
                path, "this group has nothing to choose", "", "wait_sensitivity, retiming, or both"
            )
        if choice.wait_sensitivity is not None and len(choice.crossings) == 1:
            check.add(
                (*path, "crossings"),
                "there is only one crossing to choose from",
                choice.crossings[0],
                "two or more",
                "For another hour alone, write 'retiming' without 'wait_sensitivity'",
            )
