"""The vehicle engines against queueing theory: every law with its runs, in one table.

Each law builds a small network whose answer is known in closed form, runs it, and says by how
many standard errors it is off; 4.5 are accepted. The closed forms know nothing of the engines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from straits.analysis import traffic_theory_networks as networks
from straits.analysis import traffic_theory_stations as stations
from straits.analysis.traffic_rows import TrafficRow
from straits.engine.run import Engine

__all__ = ["LAWS", "Law", "theory_rows"]


@dataclass(frozen=True, slots=True)
class Law:
    """A law and the length of the runs that hold the engines against it."""

    name: str
    rows: Callable[[Engine, int], list[TrafficRow]]
    days: int
    quick_days: int  # for tests, and for the plain engine


LAWS: Final = (
    Law("many servers", stations.many_servers, 120, 6),
    Law("one server, constant service", stations.one_server_constant, 240, 10),
    Law("one server", stations.one_server, 240, 10),
    Law("limited room", stations.limited_room, 120, 6),
    Law("patience", stations.patience, 120, 6),
    Law("priorities, many servers", stations.priorities_many_servers, 240, 8),
    Law("priorities, one server", stations.priorities_one_server, 240, 10),
    Law("network with feedback", networks.feedback_network, 120, 6),
    Law("blocking in line", networks.blocking_in_line, 90, 6),
    Law("bulk departures", networks.bulk_departures, 360, 24),
    Law("overload", networks.overload, 40, 6),
    Law("Little's law", networks.littles_law, 30, 6),
)


def theory_rows(engine: Engine = "auto", quick: bool = False) -> list[TrafficRow]:
    """Return every law's rows for one engine.

    Parameters
    ----------
    engine : {"auto", "calendar", "reference"}
    quick : bool
        Short runs: wide intervals, and some seconds in all.
    """
    return [row for law in LAWS for row in law.rows(engine, law.quick_days if quick else law.days)]
