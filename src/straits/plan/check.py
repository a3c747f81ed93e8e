"""What only shows when sound documents are compiled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from straits.base.errors import Problem, UserError
from straits.plan.observed import check_observed
from straits.plan.vehicles import compile_vehicles
from straits.scenario import Scenario, build, combine, load_baseline
from straits.scenario.library import DEFAULT_BASELINE

__all__ = ["check_plans"]

DAYS = 3  # around the decision day, on which every policy comes into force


def check_plans(names: Iterable[str]) -> list[Problem]:
    """Return what is wrong in the plans of documents that are sound by themselves.

    Parameters
    ----------
    names : iterable of str
        Files or shipped names. Policies are put on the last baseline among them, else on the
        shipped default; uncertainty sets and statements have no plan.
    """
    baselines, policies = [], []
    for name in names:
        try:
            baselines.append(load_baseline(name))
        except UserError:
            try:
                policies.append(combine(name))
            except UserError:
                continue  # an uncertainty set or a statement
    problems: list[Problem] = []
    for baseline in baselines:
        problems += _problems(build(baseline))
    if policies:
        world = baselines[-1] if baselines else load_baseline(DEFAULT_BASELINE)
        for chosen in policies:
            try:
                problems += _problems(build(world, chosen))
            except UserError as error:
                problems += error.problems
    return list(dict.fromkeys(problems))


def _problems(scenario: Scenario) -> list[Problem]:
    """Return what is wrong in a scenario's observed arrivals, else in its vehicles' plan."""
    day = scenario.baseline.doc.decision_day
    found = list(check_observed(scenario.world_at(day), scenario.folder))
    if found:
        return found
    try:
        compile_vehicles(scenario, day - timedelta(1), DAYS)
    except UserError as error:
        return list(error.problems)
    return []
