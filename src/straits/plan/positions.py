"""Where the stages of a journey can stand, and which of these places are in use on a day.

The plan holds every position that a dated instrument can give a control: on the shore of
departure while the instrument holds, on the soil of its own state, after the sea, once it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from straits.plan.demand import DIRECTIONS, World, origin_site

__all__ = [
    "AFTER", "BEFORE", "SEA", "Position", "Worlds", "in_force", "positions", "standing",
]

BEFORE, SEA, AFTER = range(3)


class Worlds(Protocol):
    """What the compiler needs of a scenario."""

    def world_at(self, day: date) -> World:
        """Return the resolved values of one day."""

    def breaks(
        self, first: date, last: date, sections: Iterable[str] | None = None
    ) -> list[date]:
        """Return the days on which these sections of them change."""


@dataclass(frozen=True, slots=True)
class Position:
    """One place where a stage of the journey can stand."""

    station: str  # physical station
    stage: str  # the station or control whose check it is: draws are addressed by it
    site: str
    direction: str
    phase: int  # before the sea, the sea itself, after it
    order: int
    crossings: tuple[str, ...]
    spec: Mapping[str, Any]  # the stage's document section
    servers: Mapping[str, Any] | None

    @property
    def sort_key(self) -> tuple[int, int, int, str]:
        """Topological order: direction, phase, place in the chain, name."""
        return (DIRECTIONS.index(self.direction), self.phase, self.order, self.station)


def positions(world: World) -> Iterator[Position]:
    """Yield every position that a stage can take, whether in use or not."""
    for name, spec in world["stations"].items():
        far = _other_side(world, spec["crossings"][0], spec["direction"])
        phase = AFTER if spec["at"] == far else BEFORE
        yield Position(name, name, spec["at"], spec["direction"], phase, spec["order"],
                       tuple(spec["crossings"]), spec, spec["servers"])
    for name, spec in world["controls"].items():
        far = _other_side(world, spec["crossings"][0], spec["direction"])
        phase = AFTER if spec["sited_in"] == far else BEFORE
        yield Position(name, name, spec["sited_in"], spec["direction"], phase, spec["order"],
                       tuple(spec["crossings"]), spec, spec["servers"])
        for crossing, moved in (spec.get("if_moved") or {}).items():
            yield Position(moved.get("station") or f"{name}-{moved['sited_in']}", name,
                           moved["sited_in"], spec["direction"], AFTER, moved["order"],
                           (crossing,), spec, moved.get("servers"))
    for name, spec in world["departures"].items():
        yield Position(name, name, origin_site(world, spec["crossing"], spec["direction"]),
                       spec["direction"], SEA, 0, (spec["crossing"],), spec, None)


def _other_side(world: World, crossing: str, direction: str) -> str:
    side = "uk_site" if direction == "to_uk" else "fr_site"
    return str(world["crossings"][crossing][side])


def in_force(world: World, instrument: str | None, day: date) -> bool:
    """Say whether an instrument holds on a day; a control without one always stands."""
    if instrument is None:
        return True
    treaty = world["instruments"][instrument]
    return bool(treaty["in_force"] <= day and (treaty["ends"] is None or day < treaty["ends"]))


def standing(world: World, day: date) -> list[Position]:
    """Return the positions that are in use on a day: moved ones where the instrument has ended."""
    out = []
    for position in positions(world):
        spec = position.spec
        if "by" in spec and spec.get("under"):
            moved = position.stage != position.station
            if moved == in_force(world, spec["under"], day):
                continue
        out.append(position)
    return out
