"""Planted runs of two policies: a difference that is known, over assumptions that are known."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from straits.analysis.paired import Paired, Question
from straits.base.hashing import unit_draws
from straits.ensemble.assumptions import AssumptionColumn
from straits.ensemble.runs import RunTable
from straits.ensemble.study import Study
from straits.results.measures import MEASURES, PEOPLE_MEASURES

POLICY, AGAINST, MEASURE = "uk-claims-from-calais", "status-quo", "inflow"
NAMES = ("people.elasticity", "people.need", "people.join", "search.sensitivity", "people.access")


def assumptions(futures: int) -> dict[str, AssumptionColumn]:
    """Return five assumptions between 0 and 1, the last a choice of three."""
    out = {}
    for k, name in enumerate(NAMES):
        values = unit_draws(futures, 77, k)
        if name == NAMES[-1]:
            values = np.floor(3.0 * values)
        out[name] = AssumptionColumn(name, f"Title of {name}", "1", "BCD"[k % 3], k == 1,
                                     "assumed", values, True)
    return out


def paired(
    difference: NDArray[np.float64], *, level: NDArray[np.float64] | None = None,
    traffic: Literal["replayed", "simulated"] = "replayed",
) -> Paired:
    """Return a pair with a planted difference, float64[future, replication]."""
    futures, replications = difference.shape
    base = np.full(difference.shape, 100.0) if level is None else level
    study = Study("calais-2016", (AGAINST, POLICY), rows=futures * replications, days=30,
                  replications=replications, traffic=traffic)
    still = np.full(difference.shape, 40.0)
    values = {(policy, name): still for policy in (AGAINST, POLICY) for name in PEOPLE_MEASURES}
    values |= {(AGAINST, MEASURE): base, (POLICY, MEASURE): base + difference,
               (POLICY, "deaths"): still + 3.0}
    table = RunTable(study, values, assumptions(futures), "0" * 32)
    question = Question(POLICY, AGAINST, MEASURES[MEASURE], 30, traffic)
    return Paired(question, table, 0.5 if traffic == "replayed" else None)


def column(name: str, futures: int) -> NDArray[np.float64]:
    """Return one assumption's values."""
    return assumptions(futures)[name].values


def luck(futures: int, replications: int, size: float = 1.0) -> NDArray[np.float64]:
    """Return luck of mean zero, float64[future, replication]."""
    draws = unit_draws(futures * replications, 78).reshape(futures, replications)
    return size * (draws - 0.5)
