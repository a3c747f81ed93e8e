"""Berths: which sailing waits until which ship that comes in has been unloaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import ticks
from straits.plan.demand import World
from straits.plan.positions import AFTER, SEA, Position
from straits.tables.vehicles import UNLIMITED

__all__ = ["ashore", "careful", "paired", "sailing_links"]


def sailing_links(
    world: World,
    where: Mapping[str, Position],
    names: tuple[str, ...],
    sailings: list[NDArray[np.int64]],
    first: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return for each sailing the one that needs its berth, -1 for none.

    Parameters
    ----------
    world : World
        Values of the first day.
    where : mapping
        A position at each station.
    names : tuple of str
        Stations, in the order of the plan.
    sailings : list of int64 arrays
        Instants of each station's sailings [ticks].
    first : int64[station + 1]
        Where each station's sailings begin.
    """
    link = np.full(int(first[-1]), -1, np.int64)
    for number, name in enumerate(names):
        turnaround = where[name].spec.get("berth_turnaround")
        if where[name].phase != SEA or turnaround is None:
            continue
        comes = [k for k, other in enumerate(names) if _pair(where[other], where[name])]
        if not comes:
            continue
        arrives = np.concatenate([
            sailings[k] + ticks(float(world["crossings"][where[names[k]].crossings[0]][
                "crossing_time"])) for k in comes
        ])  # fmt: skip
        index = np.concatenate([np.arange(first[k], first[k + 1]) for k in comes])
        order = np.argsort(arrives, kind="stable")
        ready = arrives[order] + round(float(turnaround) * 1024.0)
        found = paired(ready, sailings[number])
        link[index[order]] = np.where(found >= 0, found + first[number], -1)
    return link


def paired(ready: NDArray[np.int64], departs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each ship the first departure not before it is ready that no other has, or -1.

    Both are instants [ticks] in rising order; ships choose in the order in which they are ready.
    """
    count = np.arange(ready.size)
    earliest = np.searchsorted(departs, ready)
    chosen = np.maximum.accumulate(earliest - count) + count if ready.size else earliest
    return np.where(chosen < departs.size, chosen, -1)


def _pair(comes: Position, goes: Position) -> bool:
    """Say whether the ships of one departure leave again as another."""
    one: Mapping[str, Any] = comes.spec
    two: Mapping[str, Any] = goes.spec
    return bool(
        comes.phase == SEA and comes.crossings == goes.crossings
        and comes.direction != goes.direction and set(one["classes"]) & set(two["classes"])
    )  # fmt: skip


def careful(
    kind: NDArray[np.int64], ashore: Iterable[tuple[int, int]], buffer: NDArray[np.int64],
    sailing_first: NDArray[np.int64], link: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Say which departures' ships may have to wait ashore or keep a berth, bool[station].

    Parameters
    ----------
    kind, buffer : int64[station]
    ashore : pairs of int
        Departures, and stations to which their vehicles may come from the ship.
    sailing_first, link : arrays
        Of the plan's sailings.
    """
    out = np.zeros(kind.size, np.bool_)
    for departure, station in ashore:
        out[departure] |= buffer[station] != UNLIMITED
    owner = np.repeat(np.arange(kind.size), np.diff(sailing_first))
    out[owner[link >= 0]] = True
    return out


def ashore(names: tuple[str, ...], places: Mapping[str, list[Position]]) -> list[tuple[int, int]]:
    """Return departures with the stations that can stand behind them under any law."""
    every = [(k, place) for k, name in enumerate(names) for place in places[name]]
    return [
        (departure, station)
        for departure, sea in every if sea.phase == SEA
        for station, place in every
        if place.phase == AFTER and place.direction == sea.direction
        and set(sea.crossings) & set(place.crossings)
    ]
