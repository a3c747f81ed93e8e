"""The steps of every route: one visit of one station under one check, as the plan holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import ticks
from straits.base.names import decision_ids
from straits.engine.variates import constant_table, lognormal_table
from straits.plan.demand import World
from straits.plan.positions import AFTER, BEFORE, SEA, Position, back_steps
from straits.plan.searches import (
    RAISES,
    false_alarm,
    loads_of,
    longest_service,
    mean_occupants,
    selected,
    sensitivity,
)

__all__ = ["SPACE_UNIT", "Steps", "step_columns"]

# Capacities are counted in tenths of a metre or of a place, so that they are integers.
SPACE_UNIT: Final = 10
SECOND: Final = 1024.0  # ticks


class Row(NamedTuple):
    """One step; see ``VehiclePlan`` for what its columns mean."""

    station: int
    stage: str  # whose check it is: its draws are addressed by it
    owner: str  # whose selection it is: the techniques of one search share it
    transit: int
    base: float = 0.0
    per_occupant: float = 0.0
    table: int = 0
    share: float = 1.0
    share_aboard: float = 1.0
    sensitivity: float = 0.0
    find: int = 0
    after_sea: int = 0
    space: int = 0
    priority: int = 0
    again: float = 0.0
    back: int = 0
    alarm: int = 0
    false_alarm: float = 0.0
    load: tuple[float, ...] = ()
    patience: float = 0.0
    patience_table: int = 0


@dataclass(slots=True)
class Steps:
    """Steps found so far; equal steps are stored once."""

    stations: Mapping[str, int]
    loads: tuple[str, ...]
    index: dict[Row, int] = field(default_factory=dict)
    tables: dict[float, int] = field(default_factory=lambda: {0.0: 0})

    @classmethod
    def of(cls, world: World, stations: Mapping[str, int]) -> Steps:
        """Return an empty collection for the stations of a world."""
        return cls(stations, loads_of(world))

    def add(self, world: World, route: list[Position], place: int, kind: str) -> int:
        """Return the number of the step that vehicles of a class meet at a place of a route."""
        position = route[place]
        row = self._sea(position, kind) if position.phase == SEA else (
            self._check(world, route, place, kind))
        return self.index.setdefault(row, len(self.index))

    def table(self, cv: float) -> int:
        """Return the number of the quantile table of a coefficient of variation."""
        return self.tables.setdefault(cv, len(self.tables))

    def _sea(self, position: Position, kind: str) -> Row:
        spec = position.spec
        order: list[list[str]] = spec.get("loading_order") or []
        rank = next((k for k, group in enumerate(order) if kind in group), len(order))
        return Row(
            self.stations[position.station], position.stage, position.owner, 1,
            space=round(SPACE_UNIT * spec["space"][kind]), priority=rank,
            load=(1.0,) * len(self.loads),
        )  # fmt: skip

    def _check(self, world: World, route: list[Position], place: int, kind: str) -> Row:
        position = route[place]
        spec, part = position.spec, position.part
        members = part.members if part else (spec,)
        people = mean_occupants(world["vehicle_classes"][kind])
        service = longest_service(members, kind, people)
        share, aboard = selected(spec, part)
        alarm = part.alarm if part else 0
        power, factors, find = 0.0, (1.0,) * len(self.loads), 0
        if spec.get("kind") == "search":
            power, factors = sensitivity(members, self.loads)
            find = ticks(float(spec["find_time"])) if alarm != RAISES else 0
        again = spec.get("again")
        # Who has crossed cannot turn away any more.
        turns = position.phase == BEFORE
        patience = (spec.get("patience") or {}).get(kind) if turns else None
        return Row(
            self.stations[position.station], position.stage, position.owner,
            ticks(float(members[0].get("transit") or 0.0 if part else spec["transit"])),
            SECOND * float(service["fixed"]), SECOND * float(service["per_occupant"]),
            self.table(float(service["cv"])), share, aboard, power, find,
            int(position.phase == AFTER),
            priority=int((spec.get("priority") or {}).get(kind, 0)),
            again=float(again["share"]) if again else 0.0, back=back_steps(route, place),
            alarm=alarm, false_alarm=false_alarm(members) if alarm == RAISES else 0.0,
            load=factors, patience=SECOND * float(patience["mean"]) if patience else 0.0,
            patience_table=self.table(float(patience["cv"])) if patience else 0,
        )  # fmt: skip


def step_columns(steps: Steps) -> dict[str, Any]:
    """Return the step columns of the plan, and its quantile tables."""
    rows = list(steps.index)
    stages = sorted({name for row in rows for name in (row.stage, row.owner)})
    purposes = ("service", "select", "find", "again", "alarm", "patience")
    ids = decision_ids(f"{stage}.{what}" for stage in stages for what in purposes)

    def whole(name: str) -> NDArray[np.int64]:
        return np.array([getattr(row, name) for row in rows], np.int64)

    def real(name: str) -> NDArray[np.float64]:
        return np.array([getattr(row, name) for row in rows], np.float64)

    def decisions(what: str) -> NDArray[np.uint64]:
        return np.array([ids[f"{row.stage}.{what}"] for row in rows], np.uint64)

    return {
        "step_station": whole("station"), "step_decision": decisions("service"),
        "step_base": real("base"), "step_per_occupant": real("per_occupant"),
        "step_table": whole("table"), "step_transit": whole("transit"),
        "step_select_decision": np.array([ids[f"{row.owner}.select"] for row in rows], np.uint64),
        "step_share": real("share"), "step_share_aboard": real("share_aboard"),
        "step_find_decision": decisions("find"), "step_sensitivity": real("sensitivity"),
        "step_find_ticks": whole("find"), "step_after_sea": whole("after_sea"),
        "step_space": whole("space"), "step_priority": whole("priority"),
        "step_again": real("again"), "step_back": whole("back"),
        "step_again_decision": decisions("again"), "step_alarm": whole("alarm"),
        "step_false_alarm": real("false_alarm"), "step_alarm_decision": decisions("alarm"),
        "step_load": np.array([row.load for row in rows], np.float64).reshape(
            len(rows), len(steps.loads)),
        "step_patience": real("patience"), "step_patience_table": whole("patience_table"),
        "step_patience_decision": decisions("patience"),
        "quantiles": np.array([
            lognormal_table(cv) if cv else constant_table() for cv in steps.tables
        ]),
    }  # fmt: skip
