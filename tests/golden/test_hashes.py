"""Did any number of the model change? Then MODEL must be raised, or old results would pass for new.

The hashes are of integers alone: logs and states in ticks and counts. With STRAITS_UPDATE_GOLDEN=1
the file is written anew; do that after raising MODEL in ``base/version.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np

from straits.base.hashing import content_hash
from straits.base.version import MODEL
from straits.engine.coupling import simulate_vehicles
from straits.engine.population import simulate_people
from straits.plan.people import compile_people
from straits.scenario import build, load_baseline
from straits.tables.people import PERSON, PeopleState
from support.border import KEY, VISIT, Ran, checkpoint, gathered, planned, run

FILE = Path(__file__).parent / "hashes.json"
HISTORY_DAYS = 60
PERSON_COLUMNS = tuple(name for name in PERSON.names or () if PERSON[name].kind in "iu")


def vehicles(ran: Ran) -> str:
    """Return the hash of visits, outcomes, sailings and the state of vehicles."""
    return content_hash([ran.visits[name] for name in VISIT], ran.outcomes, ran.sailings,
                        ran.state.vehicles)


def people(state: PeopleState) -> list[np.ndarray]:
    """Return a people state's integer columns; what is a float follows from the same draws."""
    return [*(np.array(state.people[name]) for name in PERSON_COLUMNS), state.counters, state.lags]


def two_days_of_vehicles() -> str:
    """Vehicles alone, two days from the decision day, documented values."""
    plan = planned()
    span = (plan.warm_up, plan.warm_up + 2)
    return vehicles(gathered(simulate_vehicles(plan.vehicles, KEY, checkpoint(), span)))


def two_days_without_the_treaty() -> str:
    """The same with both states' port controls on their own soil."""
    plan = planned("end-le-touquet")
    span = (plan.warm_up, plan.warm_up + 2)
    return vehicles(gathered(simulate_vehicles(plan.vehicles, KEY, checkpoint(), span)))


def history() -> str:
    """The first days of the history: people alone."""
    baseline = load_baseline("calais-2016")
    first = baseline.doc.history.from_
    plan = compile_people(build(baseline), first, first + timedelta(HISTORY_DAYS - 1),
                          baseline.doc.decision_day)
    days = list(simulate_people(plan, KEY, 0, HISTORY_DAYS - 1))
    logs = [[day.stock, day.events, day.person_days, day.observed] for _, day in days]
    return content_hash(logs, people(days[-1][0]))


def coupled_day() -> str:
    """One day of the whole border, people aboard included."""
    ran = run(planned("close-camp"), 1)
    day = ran.people[0]
    return content_hash(vehicles(ran), ran.state.exposure, day.stock, day.events, day.person_days,
                        day.observed, people(ran.state.people))


CASES: dict[str, Callable[[], str]] = {
    "two days of vehicles": two_days_of_vehicles,
    "two days of vehicles without the treaty": two_days_without_the_treaty,
    f"{HISTORY_DAYS} days of history": history,
    "a coupled day": coupled_day,
}


def test_numbers_change_only_with_the_model_number() -> None:
    found = {"model": MODEL, "hashes": {name: make() for name, make in CASES.items()}}
    if os.environ.get("STRAITS_UPDATE_GOLDEN"):
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    changed = [name for name in CASES if kept["hashes"].get(name) != found["hashes"][name]]
    if changed and kept["model"] == MODEL:
        raise AssertionError(
            f"{', '.join(changed)}: other numbers under the same MODEL = {MODEL}. If that is meant, "
            "raise MODEL in src/straits/base/version.py, tell it in CHANGELOG.md, and run this "
            "test once with STRAITS_UPDATE_GOLDEN=1."
        )
    assert kept["model"] == MODEL, "run this test once with STRAITS_UPDATE_GOLDEN=1"
    assert not changed
    assert kept["hashes"].keys() == CASES.keys()
