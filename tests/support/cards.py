"""Statements and planted tables of runs, from which cards are made."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from straits.analysis.cards import policies_of
from straits.analysis.statements import BoundStatement, World, bind_statement
from straits.base.hashing import unit_draws
from straits.ensemble.assumptions import AssumptionColumn
from straits.ensemble.runs import RunTable
from straits.ensemble.study import Study
from straits.results.measures import MEASURES, PEOPLE_MEASURES
from straits.scenario import load_baseline, load_statement, load_uncertainty

DRAW = "claims-in-calais-draw-arrivals"
ROUTE = "uk-claims-from-calais"


@cache
def world() -> World:
    baseline = load_baseline("calais-2016")
    return World(baseline, load_uncertainty("calais-2016", baseline))


@cache
def statement(name: str) -> BoundStatement:
    return bind_statement(load_statement(name), world())


def draws(size: int, name: int) -> NDArray[np.float64]:
    return unit_draws(size, name)


def table(
    bound: BoundStatement, futures: int = 200, replications: int = 2, traffic: str = "replayed",
    **planted: NDArray[np.float64],
) -> RunTable:
    """Return a table in which all is constant but what is planted, by measure under the policy."""
    shape = (futures, replications)
    policies = policies_of(bound)
    names = PEOPLE_MEASURES if traffic == "replayed" else MEASURES
    values = {(policy, name): np.full(shape, 100.0) for policy in policies for name in names}
    for name, value in planted.items():
        values[(bound.tests[0].policy, name)] = np.broadcast_to(value, shape)
    columns = {
        name: AssumptionColumn(name, name, "1", "D", False, "assumed", draws(futures, k), True)
        for k, name in enumerate((*(one.name for one in bound.assumptions), "people.need"))
    }  # fmt: skip
    study = Study("calais-2016", policies, rows=futures * replications,
                  replications=replications, traffic=traffic)  # type: ignore[arg-type]
    return RunTable(study, values, columns, "0" * 32)


def of_elasticity(threshold: float, futures: int = 200) -> NDArray[np.float64]:
    """Return first arrivals that rise by 5 % where the elasticity is `threshold`."""
    elasticity = draws(futures, 0)
    return (105.0 + 40.0 * (elasticity - threshold))[:, None]
