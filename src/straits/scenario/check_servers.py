"""Cross checks of servers and their rosters."""

from __future__ import annotations

from straits.scenario.checking import Check
from straits.scenario.document import Steps
from straits.scenario.servers import ServersDoc

__all__ = ["check_servers"]


def check_servers(check: Check, path: Steps, servers: ServersDoc) -> None:
    """Record what is wrong with one description of servers."""
    if servers.roster is None:
        for key in ("built", "target_utilisation"):
            if getattr(servers, key) is None:
                check.add(
                    path,
                    f"'{key}' is missing",
                    allowed="built with target_utilisation, or a roster",
                )
        built = servers.built
        if built is not None and servers.minimum.value > built.value:
            check.add(
                (*path, "minimum"),
                "more servers are always open than are built",
                f"{servers.minimum.value:g}",
                f"up to {built.value:g}",
            )
        return
    for key in ("built", "target_utilisation"):
        if getattr(servers, key) is not None:
            check.add(
                (*path, key),
                "servers have a roster or a target, not both",
                key,
                "",
                "Remove one of the two",
            )
    if servers.source is None and servers.assumed is None:
        check.add(
            path,
            "this roster says neither where it comes from nor that it is assumed",
            "",
            "source: KEY, or assumed: REASON with tolerance: '10 %'",
        )
    elif servers.assumed is not None and servers.tolerance is None:
        check.add(
            path,
            "an assumption needs a tolerance",
            "",
            "tolerance: '10 %'",
            "Say how wrong it could be",
        )
    _check_roster(check, path, servers)


def _check_roster(check: Check, path: Steps, servers: ServersDoc) -> None:
    spans = sorted(
        (
            (_minutes(span.from_), _minutes(span.to), place)
            for place, span in enumerate(servers.roster or [])
        ),
    )
    reached = 0
    for start, end, place in spans:
        here = (*path, "roster", place)
        if end <= start:
            check.add(
                here,
                "this span of the roster ends before it begins",
                f"{_clock(start)} to {_clock(end)}",
                "",
                "Cut a span over midnight into two",
            )
            return
        if start > reached:
            check.add(
                here,
                "the roster has a gap",
                f"nothing from {_clock(reached)} to {_clock(start)}",
                "",
                "Add a span, with 'servers: 0' if closed",
            )
        elif start < reached:
            check.add(
                here,
                "spans of the roster overlap",
                f"{_clock(start)} to {_clock(min(reached, end))} twice",
            )
        reached = max(reached, end)
    if reached < 24 * 60:
        last = spans[-1][2]
        check.add(
            (*path, "roster", last),
            "the roster has a gap",
            f"nothing from {_clock(reached)} to 24:00",
            "",
            "Add a span, with 'servers: 0' if closed",
        )


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
