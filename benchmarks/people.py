"""What a year of people costs: ``python -m benchmarks.people``, one JSON line.

The year from the decision day of the library's baseline, vehicles replayed from the document, with
inflows scaled so that about 10,000 people are at the site. Claims of others have no rows: they move
the queues, and the line says how many claims were whose. CPU time on one core, the best of several
years from the same eve.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from straits.base.version import __version__
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.plan.people import compile_people
from straits.scenario import build, load_baseline
from straits.tables.people import (
    Event,
    Observation,
    PeopleDay,
    PeoplePlan,
    PeopleState,
    PersonDays,
)
from straits.tables.people_parameters import Param

INFLOW = 1.1  # times the documented one
BAR_S = 0.15
CLAIMS = [Observation.UK_CLAIMS, Observation.FRANCE_CLAIMS]
OWN_CLAIMS = [Event.CLAIMED_UK, Event.CLAIMED_FRANCE]


def planned(days: int) -> PeoplePlan:
    """Return the baseline's plan from its first day to `days` after the decision day."""
    baseline = load_baseline("calais-2016")
    doc = baseline.doc
    last = doc.decision_day + timedelta(days - 1)
    plan = compile_people(build(baseline), doc.history.from_, last, doc.decision_day)
    parameters = plan.parameters.copy()
    parameters[:, Param.INFLOW] *= INFLOW
    return replace(plan, parameters=parameters)


def simulate(plan: PeoplePlan, key: int, eve: PeopleState) -> Iterator[tuple[int, PeopleDay]]:
    """Yield rows in the table and the log of each day from the decision day on."""
    for state, day in simulate_people(plan, key, plan.decision_day, plan.days - 1, eve):
        yield state.people.size, day


def spent(plan: PeoplePlan, key: int, eve: PeopleState) -> float:
    """Return CPU time of all those days [s]."""
    start = time.process_time()
    for _ in simulate(plan, key, eve):
        pass
    return time.process_time() - start


def main() -> None:
    """Print the cost, what there was to simulate, and the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--repeats", type=int, default=9)
    asked = parser.parse_args()
    if asked.days < 1 or asked.repeats < 1:
        parser.error("at least one day and one repeat")
    plan, key = planned(asked.days), Seed(1, 0).key
    (eve, _), = deque(simulate_people(plan, key, 0, plan.decision_day - 1), maxlen=1)
    tables, days = zip(*simulate(plan, key, eve), strict=True)
    rows = sum(tables)
    cpu_s = min(spent(plan, key, eve) for _ in range(asked.repeats))
    year = 365 / asked.days
    claims = sum(int(day.observed[CLAIMS].sum()) for day in days)
    ours = sum(int(day.events[OWN_CLAIMS].sum()) for day in days)
    site = sum(int(day.person_days[PersonDays.AT_SITE]) for day in days) / asked.days
    print(json.dumps({
        "version": __version__, "days": asked.days, "rows": round(rows / asked.days),
        "on_site": round(site), "claims_a_year": round(claims * year),
        "claims_a_year_of_people_with_rows": round(ours * year), "cpu_s_a_year": cpu_s * year,
        "bar_s": BAR_S, "ns_a_row_day": cpu_s / rows * 1e9,
    }))


if __name__ == "__main__":
    main()
