"""Cross checks of the law: whose control, on whose soil, under what, and where else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from straits.scenario.check_reach import stations_of
from straits.scenario.check_servers import check_servers
from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.network import ControlDoc, MovedDoc

__all__ = ["check_control", "check_moved_stations"]

def check_control(check: Check, path: Steps, control: ControlDoc) -> None:
    """Record what is wrong with whose a control is and where it stands."""
    there = "UK" if control.direction == "to_uk" else "FR"
    here = "FR" if there == "UK" else "UK"
    if control.kind in ("entry", "exit"):
        state = there if control.kind == "entry" else here
        if control.by != state:
            check.add(
                (*path, "by"),
                f"an {control.kind} check of traffic {control.direction} is {state}'s",
                control.by,
                state,
            )
    soil = check.state_of(control.sited_in)
    if control.under is None:
        if soil is not None and soil != control.by:
            check.add(
                (*path, "sited_in"),
                "a control on the other state's soil needs an instrument",
                f"{control.by} at {control.sited_in} in {soil}",
                "",
                "Name the treaty in 'under'",
            )
        for name in control.if_moved:
            check.add(
                (*path, "if_moved", name),
                "a control without an instrument never moves",
                "",
                "",
                "Remove 'if_moved', or name the treaty in 'under'",
            )
        return
    if not check.refer((*path, "under"), "instruments", control.under, "instrument"):
        return
    if soil is not None and soil == control.by:
        check.add(
            (*path, "under"),
            "a control on its own state's soil needs no instrument",
            f"{control.by} at {control.sited_in}",
            "",
            "Remove 'under'",
        )
    instrument = check.doc.instruments.get(control.under)
    if instrument is not None:
        _check_moves(check, path, control, instrument.covers)


def _check_moves(check: Check, path: Steps, control: ControlDoc, covers: list[str]) -> None:
    for name in control.crossings:
        if name not in check.ids("crossings"):
            continue
        if name not in covers:
            check.add(
                (*path, "under"),
                f"this instrument does not cover the crossing '{name}'",
                repr(control.under),
                "",
                "Split the control, or widen 'covers'",
            )
        elif name not in control.if_moved:
            check.add(
                path,
                f"'if_moved.{name}' is missing: where does this control stand when "
                f"'{control.under}' is not in force?",
            )
    for name, moved in control.if_moved.items():
        here: Steps = (*path, "if_moved", name)
        if name not in control.crossings:
            check.add(
                here,
                "this crossing is not among the control's crossings",
                repr(name),
                ", ".join(control.crossings),
            )
            continue
        _check_moved(check, here, control, name, moved)


def _check_moved(
    check: Check, path: Steps, control: ControlDoc, crossing_name: str, moved: MovedDoc
) -> None:
    if moved.servers is not None:
        check_servers(check, (*path, "servers"), moved.servers)
    crossing = check.doc.crossings.get(crossing_name)
    if not check.refer((*path, "sited_in"), "sites", moved.sited_in, "site") or crossing is None:
        return
    own = crossing.uk_site if control.by == "UK" else crossing.fr_site
    if moved.sited_in != own:
        check.add(
            (*path, "sited_in"),
            "without its instrument a control stands on its own "
            f"state's end of the crossing '{crossing_name}'",
            repr(moved.sited_in),
            own,
        )


@dataclass(frozen=True, slots=True)
class _There:
    """One station of a moved control."""

    path: Steps
    control: ControlDoc
    moved: MovedDoc
    ending: str

    @property
    def has_servers(self) -> bool:
        """Whether the servers of the station are given here."""
        if not self.ending:
            return self.moved.servers is not None
        return self.ending[1:] in self.moved.parts

    @property
    def key(self) -> Steps:
        """Where its servers stand in the document."""
        inner: Steps = ("parts", self.ending[1:]) if self.ending else ()
        return (*self.path, *inner, "servers")

    @property
    def place(self) -> tuple[str, int, str]:
        """Site, place in the chain, and place inside a search."""
        part = self.control.techniques.get(self.ending[1:])
        inner = f" in the search {part.order}" if part else ""
        return self.moved.sited_in, self.moved.order, inner


def check_moved_stations(check: Check) -> None:
    """Record moved stations whose servers are given never or more than once."""
    shared: dict[str, list[_There]] = defaultdict(list)
    for name, control in check.doc.controls.items():
        for crossing, moved in control.if_moved.items():
            path: Steps = ("controls", name, "if_moved", crossing)
            for ending, _ in stations_of(control):
                shared[f"{moved.station}{ending}"].append(_There(path, control, moved, ending))
    for name, places in shared.items():
        _check_shared(check, name, places)


def _check_shared(check: Check, name: str, places: list[_There]) -> None:
    standing = name in check.ids("stations") or name in check.ids("controls")
    given = [place for place in places if place.has_servers]
    if standing:
        for place in given:
            check.add(
                place.key,
                f"the station '{name}' has servers of its own",
                "",
                "",
                "Remove 'servers' here",
            )
    elif not given and not check.is_broken("controls"):
        inner = f"parts.{places[0].ending[1:]}.servers" if places[0].ending else "servers"
        check.add(
            places[0].path,
            f"the servers of the station '{name}' are given nowhere",
            "",
            "",
            f"Give '{inner}' at one of the controls that move there",
        )
    for place in given[1:]:
        if not standing:
            check.add(
                place.key,
                f"the servers of the station '{name}' are given twice",
                "",
                "",
                "Give them once; controls that share a station share its servers",
            )
    first = places[0]
    for place in places[1:]:
        if place.place != first.place:
            check.add(
                (*place.path, "station"),
                f"the station '{name}' stands at two places",
                "{}, order {}{}".format(*place.place),
                "{}, order {}{}".format(*first.place),
            )
        elif place.control.direction != first.control.direction:
            check.add((*place.path, "station"), f"the station '{name}' serves two directions")
