"""Cross checks of searches: as one number, or as techniques with an examination behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from straits.scenario.check_servers import check_servers
from straits.scenario.check_stations import check_buffer, check_classes
from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.network import ControlDoc, MovedDoc
from straits.scenario.searches import SecondaryDoc, TechniqueDoc

__all__ = ["check_search"]

SECONDARY: Final = "secondary"
_AGGREGATE: Final = ("share", "targeting", "find_time")
# What one of the techniques that work together has for all of them.
_COMMON: Final = ("servers", "share", "buffer", "pool")


def check_search(check: Check, path: Steps, control: ControlDoc) -> None:
    """Record what is wrong with how a control searches; others must have no such keys."""
    for key in (*_AGGREGATE, "sensitivity", "by_load", "techniques", SECONDARY):
        if control.kind != "search" and getattr(control, key) not in (None, {}):
            check.add((*path, key), "only a search has this", f"kind: {control.kind}")
    if control.kind != "search":
        return
    for key in _AGGREGATE:
        if getattr(control, key) is None:
            check.add(path, f"'{key}' is missing, which a search needs")
    if not control.techniques:
        _check_power(check, path, control, control.classes)
        if control.secondary is not None:
            check.add((*path, SECONDARY), "nothing refers vehicles to this examination", "", "",
                      "Add 'techniques', which raise the alarms")  # fmt: skip
        for name, moved in control.if_moved.items():
            for part in moved.parts:
                check.add((*path, "if_moved", name, "parts", part),
                          "only a search with techniques has parts")  # fmt: skip
        return
    for key in ("servers", "service", "sensitivity", "by_load", "buffer", "pool", "priority",
                "patience", "balk_at", "extra_servers"):  # fmt: skip
        if getattr(control, key) not in (None, {}):
            check.add((*path, key), "a search with techniques has this at each technique", key, "",
                      "Move it there, or remove it")  # fmt: skip
    if control.transit.value > 0.0:
        check.add((*path, "transit"), "a search with techniques has this at each technique",
                  "transit", "", "Move it there, or remove it")  # fmt: skip
    _check_techniques(check, path, control)
    if control.secondary is not None:
        _check_part(check, (*path, SECONDARY), control, control.secondary)
        if control.secondary.servers is None:
            check.add((*path, SECONDARY), "'servers' is missing")
    for name, moved in control.if_moved.items():
        _check_moved(check, (*path, "if_moved", name), control, moved)


def _check_techniques(check: Check, path: Steps, control: ControlDoc) -> None:
    together: dict[int, list[str]] = defaultdict(list)
    for name, technique in control.techniques.items():
        here: Steps = (*path, "techniques", name)
        together[technique.order].append(name)
        if name == SECONDARY:
            check.add(here, "this name is kept for the examination after an alarm", repr(name))
        _check_part(check, here, control, technique)
        if technique.false_alarm.value > 0.0 and control.secondary is None:
            check.add((*here, "false_alarm"), "there is no examination to which an alarm refers",
                      "", "", f"Add '{SECONDARY}', or remove this")  # fmt: skip
    for order, names in together.items():
        given = [name for name in names if control.techniques[name].servers is not None]
        if not given:
            check.add((*path, "techniques", names[0]), "'servers' is missing",
                      f"techniques of order {order}: {', '.join(names)}",
                      "servers at one of them")  # fmt: skip
        for name in names:
            technique = control.techniques[name]
            if given and name != given[0]:
                for key in _COMMON:
                    if getattr(technique, key) is not None:
                        check.add((*path, "techniques", name, key),
                                  f"'{given[0]}' works at the same time and has this for both",
                                  key, "", "Give it once, or another 'order'")  # fmt: skip


def _check_part(
    check: Check, path: Steps, control: ControlDoc, part: TechniqueDoc | SecondaryDoc
) -> None:
    check_classes(check, path, control.classes, list(part.service), "service")
    if part.servers is not None:
        check_servers(check, (*path, "servers"), part.servers)
    check_buffer(check, (*path, "buffer"), part.buffer, control.classes)
    _check_power(check, path, part, control.classes)


def _check_power(
    check: Check, path: Steps, part: ControlDoc | TechniqueDoc | SecondaryDoc,
    classes: Sequence[str],
) -> None:
    """Record a sensitivity that is given never, twice, or not for every type of load."""
    if part.sensitivity is None and not part.by_load:
        check.add(path, "'sensitivity' is missing, which a search needs", "",
                  "sensitivity, or by_load with one for each type of load")  # fmt: skip
    elif part.sensitivity is not None and part.by_load:
        check.add((*path, "by_load"), "a sensitivity is one number or by load, not both", "", "",
                  "Remove one of the two")  # fmt: skip
    if not part.by_load or check.is_broken("vehicle_classes"):
        return
    types: list[str] = []
    for name in classes:
        kind = check.doc.vehicle_classes.get(name)  # type: ignore[call-overload]
        if kind is None:
            continue
        if kind.load_types is None:
            check.add((*path, "by_load"), f"{name} has no types of load", "", "",
                      f"Give vehicle_classes.{name}.load_types")  # fmt: skip
            continue
        types += [key for key in kind.load_types.keys if key not in types]
    for key in types:
        if key not in part.by_load:
            check.add((*path, "by_load"), f"'{key}' is missing, which is a type of load")
    for key in part.by_load:
        if types and key not in types:
            check.add((*path, "by_load", key), "there is no type of load of this name", repr(key),
                      ", ".join(types))  # fmt: skip


def _check_moved(check: Check, path: Steps, control: ControlDoc, moved: MovedDoc) -> None:
    if moved.servers is not None or moved.buffer is not None:
        key = "servers" if moved.servers is not None else "buffer"
        check.add((*path, key), "a search with techniques has this under 'parts'", key)
    leading = {
        next((n for n in names if control.techniques[n].servers is not None), names[0])
        for names in _orders(control).values()
    }
    wanted = [*sorted(leading), *([SECONDARY] if control.secondary is not None else [])]
    for name, part in moved.parts.items():
        here: Steps = (*path, "parts", name)
        if name not in wanted:
            check.add(here, "no part of this search has servers under this name", repr(name),
                      ", ".join(wanted))  # fmt: skip
        check_servers(check, (*here, "servers"), part.servers)
        check_buffer(check, (*here, "buffer"), part.buffer, control.classes)


def _orders(control: ControlDoc) -> dict[int, list[str]]:
    out: dict[int, list[str]] = defaultdict(list)
    for name, technique in control.techniques.items():
        out[technique.order].append(name)
    return out
