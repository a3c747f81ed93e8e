"""Cross checks of a baseline: what no single entry can know about itself."""

from __future__ import annotations

from straits.base.errors import Problem
from straits.scenario.baseline import BaselineDoc
from straits.scenario.check_demand import check_demand
from straits.scenario.check_network import check_network
from straits.scenario.check_people import check_people
from straits.scenario.checking import Check, check_sources
from straits.scenario.document import Document, Steps
from straits.scenario.quantity import Numbers

__all__ = ["check_baseline"]


def check_baseline(
    doc: BaselineDoc, document: Document, broken: frozenset[Steps] = frozenset()
) -> list[Problem]:
    """Return every problem between the entries of a baseline.

    Parameters
    ----------
    doc : BaselineDoc
        The baseline, without its broken entries.
    document : Document
        The same as written, for places and for the names of broken entries.
    broken : frozenset of tuple
        Paths of the entries that were left out.
    """
    check = Check(doc, document, broken)
    _check_dates(check)
    check_network(check)
    _check_groups(check)
    _check_events(check)
    check_demand(check)
    check_people(check)
    if not check.is_broken("departures") and not check.is_broken("vehicle_classes"):
        _check_routes(check)
    return check.problems + check_sources(doc, document)


def _check_dates(check: Check) -> None:
    doc = check.doc
    if doc.history.from_ >= doc.decision_day:
        check.add(
            ("history", "from"),
            "the history begins on or after the decision day",
            str(doc.history.from_),
            f"a day before {doc.decision_day}",
        )


def _check_groups(check: Check) -> None:
    demand = check.doc.demand
    home: dict[tuple[str, str], str] = {}
    for name, group in demand.groups.items():
        path: Steps = ("demand", "groups", name)
        crossings = check.refer_all((*path, "crossings"), "crossings", group.crossings, "crossing")
        classes = check.refer_all(
            (*path, "classes"), "vehicle_classes", list(group.classes), "vehicle class"
        )
        for crossing in crossings:
            for kind in classes:
                before = home.setdefault((crossing, kind), name)
                if before != name:
                    check.add(
                        path,
                        f"{kind} on {crossing} is in two groups",
                        f"'{before}' and '{name}'",
                        "exactly one",
                    )
        for key in ("month", "weekday", "weekday_holidays", "hour_to_fr", "hour_to_uk"):
            profile: Numbers | None = getattr(group, key)
            if profile is not None and sum(profile.values) <= 0:
                check.add((*path, key), "a profile needs at least one number above zero")
    for crossing, volumes in demand.volumes.items():
        here: Steps = ("demand", "volumes", crossing)
        if not check.refer(here, "crossings", crossing, "crossing"):
            continue
        for kind, volume in volumes.items():
            check.refer((*here, kind), "vehicle_classes", kind, "vehicle class")
            homeless = volume.value > 0 and (crossing, kind) not in home
            if homeless and not check.is_broken("demand", "groups"):
                check.add(
                    (*here, kind),
                    f"{kind} on {crossing} is in no demand group",
                    "",
                    "exactly one",
                    "Add its crossing and class to a group",
                )


def _check_events(check: Check) -> None:
    demand = check.doc.demand
    known = list((check.document.data.get("demand") or {}).get("groups") or {})
    named = {"tilts": [t.groups for t in demand.tilts], "surges": [s.groups for s in demand.surges]}
    for section, lists in named.items():
        for place, groups in enumerate(lists):
            path: Steps = ("demand", section, place)
            for index, name in enumerate(groups):
                if name not in known:
                    check.add(
                        (*path, "groups", index),
                        "there is no demand group of this name",
                        repr(name),
                        ", ".join(known),
                    )
    for place, tilt in enumerate(demand.tilts):
        mean = (tilt.to_fr.value + tilt.to_uk.value) / 2
        if abs(mean - 1) > 1e-6:
            check.add(
                ("demand", "tilts", place),
                "the two factors of a tilt must have the mean "
                "one, or it would change the year's volume",
                f"a mean of {mean:g}",
                "",
                "Use a surge for traffic that is added",
            )
    for place, surge in enumerate(demand.surges):
        if surge.to < surge.from_:
            check.add(
                ("demand", "surges", place, "to"),
                "this surge ends before it begins",
                str(surge.to),
                f"{surge.from_} or later",
            )


def _check_routes(check: Check) -> None:
    """Record traffic that no departure carries."""
    carried = {
        (departure.crossing, departure.direction, kind)
        for departure in check.doc.departures.values()
        for kind in departure.classes
    }
    for crossing, volumes in check.doc.demand.volumes.items():
        if crossing not in check.ids("crossings"):
            continue
        for kind, volume in volumes.items():
            for direction in ("to_fr", "to_uk"):
                if volume.value > 0 and (crossing, direction, kind) not in carried:
                    check.add(
                        ("demand", "volumes", crossing, kind),
                        f"no departure carries {kind} on {crossing} {direction}",
                        "",
                        "",
                        "Add the class to a departure, or set its volume to zero",
                    )
