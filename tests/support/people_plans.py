"""Small people plans made from the library's baseline by changing its numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np

from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.plan.people import compile_people
from straits.scenario import build, load_baseline
from straits.tables.people import PeopleDay, PeoplePlan, PeopleState
from straits.tables.people_parameters import Param

ORIGIN = date(2016, 6, 1)
KEY = Seed(7, 3).key
# Claims wait until they are decided, once, by the state where they were made.
KEPT = dict.fromkeys(
    ["UK_WITHDRAWAL", "UK_ABSCONDING", "UK_REWORK", "UK_FRESH", "FR_WITHDRAWAL", "FR_ABSCONDING",
     "FR_REWORK", "FR_FRESH", "UK_DUBLIN_SHARE"], 0.0,
)  # fmt: skip


@cache
def _base() -> PeoplePlan:
    scenario = build(load_baseline("calais-2016"), (), {}, "immediate")
    return compile_people(scenario, ORIGIN, ORIGIN + timedelta(399), ORIGIN + timedelta(90))


def plan(
    days: int = 200, stock: int = 300, inflow: float = 6.0, decision_day: int = 90, **values: float
) -> PeoplePlan:
    """Return a plan of few people; `values` are parameters by the name of `Param`."""
    base = _base()
    parameters = base.parameters[:days].copy()
    small = {
        "INFLOW": inflow, "UK_BACKGROUND": 3.0, "FR_BACKGROUND": 3.0, "UK_STAFF": 16.0,
        "FR_STAFF": 14.0, "FR_TIME": 10.0, "UK_APPEAL_TIME": 20.0, "FR_APPEAL_TIME": 20.0,
        "REMOVAL_CAPACITY": 0.7, "RECEPTION_CAPACITY": 1.3, "FAMILY_CAPACITY": 0.5,
    }  # fmt: skip
    for name, value in {**small, **values}.items():
        parameters[:, Param[name]] = value
    cut = {
        name: getattr(base, name)[:days]
        for name in ("share", "targeting", "sensitivity", "uk_entry_juxtaposed",
                     "search_before_sea")
    }  # fmt: skip
    return replace(
        base, days=days, parameters=parameters, start_stock=stock, decision_day=decision_day,
        start_backlog=np.array([40, 40]), **cut,
    )  # fmt: skip


def changed(source: PeoplePlan, first_day: int, **values: float) -> PeoplePlan:
    """Return the plan with parameters that change on a day."""
    parameters = source.parameters.copy()
    for name, value in values.items():
        parameters[first_day:, Param[name]] = value
    return replace(source, parameters=parameters)


def without_treaty(source: PeoplePlan, first_day: int) -> PeoplePlan:
    """Return the plan with the controls of both ports on UK soil from a day on."""
    entry, search = source.uk_entry_juxtaposed.copy(), source.search_before_sea.copy()
    entry[first_day:, [0, 2]] = 0
    search[first_day:, [0, 2]] = 0
    return replace(source, uk_entry_juxtaposed=entry, search_before_sea=search)


def run(source: PeoplePlan, key: int = KEY) -> tuple[PeopleState, list[PeopleDay]]:
    """Run a plan without vehicles to its end; return the last state and all logs."""
    steps = list(simulate_people(source, key, 0, source.days - 1))
    return steps[-1][0], [log for _, log in steps]


def events(logs: list[PeopleDay]) -> np.ndarray:
    """Return the sum of events over days and places."""
    return np.sum([log.events for log in logs], axis=(0, 2))
