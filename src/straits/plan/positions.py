"""Where the stages of a journey can stand, and which of these places are in use on a day.

The plan holds every position that a dated instrument can give a control: on the shore of
departure while the instrument holds, on the soil of its own state, after the sea, once it ends.
A search with techniques stands at one station for each that works alone or with others, and at one
for the examination that they refer to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from straits.plan.demand import DIRECTIONS, World, origin_site
from straits.plan.searches import Part, parts_of

__all__ = [
    "AFTER", "BEFORE", "SEA", "Position", "Worlds", "back_steps", "by_station", "in_force",
    "journey", "positions", "standing", "visits",
]  # fmt: skip

BEFORE, SEA, AFTER = range(3)


class Worlds(Protocol):
    """What the compiler needs of a scenario."""

    @property
    def folder(self) -> Path:
        """The folder from which names of files of observed arrivals lead."""

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
    stage: str  # the station, control or technique whose check it is: draws are addressed by it
    site: str
    direction: str
    phase: int  # before the sea, the sea itself, after it
    order: int
    crossings: tuple[str, ...]
    spec: Mapping[str, Any]  # the stage's document section
    servers: Mapping[str, Any] | None
    owner: str  # the station, control or departure of the document
    part: Part | None = None  # of a search with techniques
    buffer: float | None = None  # room before it [vehicles, or m]
    pool: str | None = None

    @property
    def sort_key(self) -> tuple[int, int, int, int, str]:
        """Topological order: direction, phase, place in the chain, in the search, name."""
        inner = self.part.place if self.part else 0
        return (DIRECTIONS.index(self.direction), self.phase, self.order, inner, self.station)

    @property
    def moved(self) -> bool:
        """Whether this is where a control stands once its instrument has ended."""
        return self.stage != self.station


def positions(world: World) -> Iterator[Position]:
    """Yield every position that a stage can take, whether in use or not."""
    for name, spec in world["stations"].items():
        yield Position(
            name, name, spec["at"], spec["direction"], _phase(world, spec, spec["at"]),
            spec["order"], tuple(spec["crossings"]), spec, spec["servers"], name,
            buffer=spec.get("buffer"), pool=spec.get("pool"),
        )  # fmt: skip
    for name, spec in world["controls"].items():
        yield from _of_control(world, name, spec)
    for name, spec in world["departures"].items():
        yield Position(
            name, name, origin_site(world, spec["crossing"], spec["direction"]),
            spec["direction"], SEA, 0, (spec["crossing"],), spec, None, name,
            buffer=spec.get("marshalling"),
        )  # fmt: skip


def _of_control(world: World, name: str, spec: Mapping[str, Any]) -> Iterator[Position]:
    """Yield where a control stands, and where it would for each crossing without its instrument."""
    parts: list[Part | None] = [*parts_of(spec)]
    for part in parts or [None]:
        one: Mapping[str, Any] = part.members[0] if part else spec
        stage = f"{name}-{part.name}" if part else name
        yield Position(
            stage, stage, spec["sited_in"], spec["direction"],
            _phase(world, spec, spec["sited_in"]), spec["order"], tuple(spec["crossings"]), spec,
            one["servers"], name, part, one.get("buffer"), one.get("pool"),
        )  # fmt: skip
        for crossing, moved in (spec.get("if_moved") or {}).items():
            there: Mapping[str, Any] = moved
            station = moved.get("station") or f"{name}-{moved['sited_in']}"
            if part:
                there = (moved.get("parts") or {}).get(part.name) or {}
                station = f"{station}-{part.name}"
            yield Position(
                station, stage, moved["sited_in"], spec["direction"], AFTER, moved["order"],
                (crossing,), spec, there.get("servers"), name, part, there.get("buffer"),
                moved.get("pool"),
            )  # fmt: skip


def _phase(world: World, spec: Mapping[str, Any], site: str) -> int:
    side = "uk_site" if spec["direction"] == "to_uk" else "fr_site"
    far = world["crossings"][spec["crossings"][0]][side]
    return AFTER if site == far else BEFORE


def by_station(world: World) -> dict[str, list[Position]]:
    """Return the positions at each physical station; several checks can share one."""
    out: dict[str, list[Position]] = {}
    for position in positions(world):
        out.setdefault(position.station, []).append(position)
    return out


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
        if "by" in spec and spec.get("under") and (
                position.moved == in_force(world, spec["under"], day)):
            continue
        out.append(position)
    return out


def journey(use: Iterable[Position], stream: tuple[str, str, str]) -> list[Position]:
    """Return the positions that vehicles of a stream meet, of those in use, in their order.

    Parameters
    ----------
    use : iterable of Position
        Sorted by their key.
    stream : tuple
        Crossing, direction, class.
    """
    crossing, direction, kind = stream
    return [
        position for position in use
        if position.direction == direction and crossing in position.crossings
        and kind in position.spec["classes"]
    ]  # fmt: skip


def back_steps(route: list[Position], place: int) -> int:
    """Return how many steps of its journey a vehicle goes back from a place in it [steps]."""
    here = route[place]
    again = here.spec.get("again")
    if not again:
        return 0
    for earlier in range(place, -1, -1):
        there = route[earlier]
        if there.owner == again["back_to"] and there.phase == here.phase:
            return place - earlier
    return 0


def visits(route: list[Position]) -> list[float]:
    """Return how often a vehicle meets each place of its journey on average [visits]."""
    out = [1.0] * len(route)
    for place, position in enumerate(route):
        again = position.spec.get("again")
        if again:
            for inside in range(place - back_steps(route, place), place + 1):
                out[inside] /= 1.0 - float(again["share"])
    return out
