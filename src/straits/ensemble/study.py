"""A study: one baseline, several policies, rows of (future, seed); its tasks and their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS
from straits.base.errors import Problem, UserError
from straits.base.hashing import content_hash
from straits.base.version import MODEL, __version__
from straits.engine.coupling import Border, Day, simulate_border, simulate_vehicles
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.engine.run import Engine
from straits.ensemble.extract import Extract, extract_of
from straits.ensemble.posterior import draws_of, futures_of, read_posterior, shipped_posterior
from straits.ensemble.store import Store
from straits.plan.fitted import SHARED
from straits.plan.legend import legend_of
from straits.plan.people import compile_people
from straits.plan.vehicles import compile_vehicles
from straits.results.summary import Summary, empty_summary, measure_people, measure_vehicles
from straits.scenario import (
    Baseline,
    FutureValue,
    Policy,
    Scenario,
    UncertaintySet,
    build,
    combine,
    load_baseline,
    load_uncertainty,
    names,
    sample_futures,
    sample_sizes,
)
from straits.scenario.library import is_path
from straits.tables.legend import Legend
from straits.tables.people import PeoplePlan, PeopleState
from straits.tables.vehicles import VehiclePlan, VehicleState

__all__ = ["Documents", "Futures", "Planned", "Study", "TaskDone", "border_days", "documents_of",
           "horizon", "keep", "people_at_decision", "people_checkpoint", "people_plan",
           "plan_task", "run_task", "scenario_of", "set_of"]  # fmt: skip

Futures = Literal["posterior", "priors", "fixed"]
Timing = Literal["immediate", "stated"]
_FIT = "pooled"  # of the posterior's fits, the one that takes neither head-count for right


@dataclass(frozen=True, slots=True)
class Study:
    """What a comparison simulates; small enough to send to a worker.

    Attributes
    ----------
    baseline : str
        Name or path.
    policies : tuple of str
        Names, paths, or combinations ``a+b``; the first is the one others are compared with.
    uncertainty : str or None
        Name or path of the uncertainty set; None takes that of the baseline's name.
    rows : int
        Number of (future, seed) pairs, shared by all policies.
    replications : int
        How many rows share each future, one after another, each with luck of its own.
    traffic : {"simulated", "replayed"}
        Replayed: people alone, who meet what vehicles were recorded once (``ensemble.replayed``).
    """

    baseline: str
    policies: tuple[str, ...]
    days: int = 365
    rows: int = 10
    seed: int = 1
    futures: Futures = "priors"
    timing: Timing = "immediate"
    uncertainty: str | None = None
    coupled: bool = True
    replications: int = 1
    traffic: Literal["simulated", "replayed"] = "simulated"
    # What its files held when the study was asked for: an edited file makes another study.
    stamp: str = ""

    def stamped(self) -> Study:
        """Return the study with the stamp of its files as they are now."""
        files = [Path(part) for name in (self.baseline, self.uncertainty or "", *self.policies)
                 for part in name.split("+")]
        held = [(str(file.resolve()), file.read_bytes()) for file in files if file.is_file()]
        return replace(self, stamp=content_hash(held) if held else "")

    @property
    def future_count(self) -> int:
        """How many futures the rows have."""
        return -(-self.rows // self.replications)


@dataclass(frozen=True, slots=True)
class Planned:
    """One task, compiled: the arrays that its key is made of."""

    key: str
    vehicles: VehiclePlan
    people: PeoplePlan
    legend: Legend
    warm_up: int  # days of vehicles before the window
    people_offset: int


@dataclass(frozen=True, slots=True)
class TaskDone:
    """What a worker reports."""

    policy: str
    row: int
    key: str
    reused: bool
    extract: Extract


@dataclass(frozen=True, slots=True)
class Documents:
    """What a study's names mean: documents read, futures and sizes of policies drawn."""

    baseline: Baseline
    futures: tuple[Mapping[str, FutureValue], ...]
    policies: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    uncertainty: UncertaintySet | None = None  # less what a posterior speaks of
    every: UncertaintySet | None = None
    sizes: tuple[Mapping[tuple[str, str], float], ...] = ()


@lru_cache(maxsize=2)
def documents_of(study: Study) -> Documents:
    """Read a study's documents once a process; they are frozen."""
    count = study.future_count
    baseline = _baseline(study.baseline, study.stamp)
    policies = {name: combine(name) for name in study.policies}
    if study.futures == "fixed":
        return Documents(baseline, tuple({} for _ in range(count)), policies)
    every = uncertainty = _set(study.baseline, study.uncertainty, study.stamp)
    futures: Sequence[Mapping[str, FutureValue]] = sample_futures(
        uncertainty, count, study.seed)
    if study.futures == "posterior":
        uncertainty, futures = _calibrated(baseline, uncertainty, futures, study)
    parts = {part.doc.id: part for parts in policies.values() for part in parts}
    sizes = sample_sizes(parts.values(), count, study.seed)
    return Documents(baseline, tuple(futures), policies, uncertainty, every, sizes)


@lru_cache(maxsize=2)
def _baseline(name: str, stamp: str) -> Baseline:
    """Read a baseline once for all studies on it; an edited file has another stamp."""
    return load_baseline(name)


@lru_cache(maxsize=2)
def _set(baseline: str, name: str | None, stamp: str) -> UncertaintySet:
    """Read an uncertainty set once for all studies on it."""
    world = _baseline(baseline, stamp)
    chosen = name or set_of(world)
    return load_uncertainty(chosen, world, borrowed=name is None and chosen != world.id)


def _calibrated(
    baseline: Baseline, uncertainty: UncertaintySet, futures: Sequence[Mapping[str, FutureValue]],
    study: Study,
) -> tuple[UncertaintySet, list[Mapping[str, FutureValue]]]:
    """Return futures in which a draw of the posterior replaces the priors of what it speaks of.

    The set that comes with them moves what the posterior does not.
    """
    path = posterior_path(study.baseline)
    if path is None:
        raise UserError(Problem("--futures", "", "no posterior ships for this baseline",
                                repr(baseline.id), "priors, fixed"))
    missing = sorted(set(SHARED) - {one.name for one in uncertainty.uncertain})
    if missing:
        raise UserError(Problem("--futures", "", "the posterior also draws numbers by the names of "
                                "an uncertainty set, and this one lacks some",
                                f"{uncertainty.id}: {', '.join(missing)}",
                                "a set that has them, or --futures priors"))
    values = read_posterior(path).of(_FIT)
    chosen = draws_of(len(values), study.future_count, study.seed)
    found = futures_of(values[chosen], baseline)
    taken = set(found[0])
    kept = []
    for one in uncertainty.uncertain:
        rest = tuple(path for path in one.paths if path not in taken)
        if rest:
            kept.append(replace(one, paths=rest))
    names = {one.name for one in kept}
    return replace(uncertainty, uncertain=tuple(kept)), [
        {**{name: value for name, value in future.items() if name in names}, **numbers}
        for future, numbers in zip(futures, found, strict=True)]


def posterior_path(baseline: str) -> Path | None:
    """Return the posterior that is the default source of futures for a baseline, if any."""
    return None if is_path(baseline) else shipped_posterior(baseline)


def set_of(baseline: Baseline) -> str:
    """Return the uncertainty set of a baseline: its own, else the one that is shipped.

    A baseline of one's own mostly extends a shipped one; what it lacks is then left out.
    """
    known = names("uncertainty")
    return known[0] if baseline.id not in known and len(known) == 1 else baseline.id


def left_out(study: Study) -> tuple[str, tuple[str, ...], int]:
    """Return the study's uncertainty set, what of it does not fit the baseline, and its size."""
    found = documents_of(study).uncertainty
    if found is None:
        return "", (), 0
    return found.id, found.left_out, len(found.doc.uncertain)


@lru_cache(maxsize=16)
def scenario_of(study: Study, policy: str | None, row: int) -> Scenario:
    """Return the scenario of one policy in one row; None is the baseline without policies."""
    documents = documents_of(study)
    chosen = documents.policies[policy] if policy is not None else ()
    future = row // study.replications
    return build(documents.baseline, chosen, documents.futures[future], study.timing,
                 uncertainty=documents.uncertainty,
                 sizes=documents.sizes[future] if documents.sizes else None)


def horizon(study: Study) -> tuple[date, date, int]:
    """Return the people's first day, the decision day, and the vehicles' warm-up [d]."""
    world = scenario_of(study, None, 0).world_at(documents_of(study).baseline.doc.decision_day)
    warm_up = max(1, round(float(world["history"]["vehicle_warm_up"]) / 86_400.0))
    return world["history"]["from"], world["decision_day"], warm_up


@lru_cache(maxsize=4)
def plan_task(study: Study, policy: str | None, row: int) -> Planned:
    """Compile one task and give it its key.

    The key is made of the plans' arrays, the seed, the window and the model number, never of
    titles or comments: a policy without effect has the status quo's key.
    """
    origin, decision_day, warm_up = horizon(study)
    scenario = scenario_of(study, policy, row)
    first = decision_day - timedelta(warm_up)
    days = warm_up + study.days
    vehicles = compile_vehicles(scenario, first, days)
    people = people_plan(study, policy, row)
    legend = legend_of(scenario, vehicles, first, (warm_up, days))
    seed = Seed(study.seed, row)
    key = content_hash(MODEL, vehicles, people, seed.key, study.days, warm_up, study.coupled)
    return Planned(key, vehicles, people, legend, warm_up, (first - origin).days)


def people_plan(study: Study, policy: str | None, row: int) -> PeoplePlan:
    """Compile the people half of one task, from the history's first day to the horizon."""
    origin, decision_day, _ = horizon(study)
    return compile_people(scenario_of(study, policy, row), origin,
                          decision_day + timedelta(study.days - 1), decision_day)


@lru_cache(maxsize=2)
def _checkpoint(study: Study, row: int) -> Border:
    """Simulate everything up to the decision day, once a row; all policies start from it."""
    planned = plan_task(study, None, row)
    key = Seed(study.seed, row).key
    eve = planned.people_offset + planned.warm_up - 1
    people = None
    for after, _ in simulate_people(planned.people, key, 0, eve):
        people = after
    state = Border(VehicleState.empty(), people)
    for day in simulate_vehicles(planned.vehicles, key, state, (0, planned.warm_up)):
        state = day.state
    return state


def simulate(
    study: Study, policy: str, row: int, met: NDArray[np.int64] | None = None
) -> Summary:
    """Simulate one task from the checkpoint of its row and return its summary.

    Into `met`, int64[day, 3, 24], go the lorries that people met on each day, those of the day
    before [ticks].
    """
    planned = plan_task(study, policy, row)
    first, last = planned.warm_up, planned.warm_up + study.days
    window = (first * DAY_TICKS, last * DAY_TICKS)
    summary = empty_summary(planned.vehicles, study.days)
    yesterday = _checkpoint(study, row).exposure
    for day in border_days(study, policy, row):
        if met is not None:
            met[day.number - first] = yesterday
        yesterday = day.state.exposure
        for log in day.logs:
            summary = measure_vehicles(log, planned.vehicles, window, planned.legend.weekday,
                                       summary)
        if day.people is not None:
            measure_people(day.people, day.number - first, summary)
    return summary


def border_days(study: Study, policy: str, row: int, *, trace: bool = False) -> Iterator[Day]:
    """Yield the days of one task from the checkpoint of its row on; see `simulate_border`."""
    planned = plan_task(study, policy, row)
    days = (planned.warm_up, planned.warm_up + study.days)
    yield from simulate_border(planned.vehicles, planned.people, Seed(study.seed, row).key,
                               _checkpoint(study, row), days, coupled=study.coupled, trace=trace,
                               people_offset=planned.people_offset)


def people_at_decision(study: Study, row: int) -> NDArray[np.void]:
    """Return the people inside on the eve of the decision day, PERSON[row]."""
    return people_checkpoint(study, row).people


def people_checkpoint(study: Study, row: int) -> PeopleState:
    """Return the people half on the eve of the decision day."""
    people = _checkpoint(study, row).people
    assert people is not None
    return people


def simulate_traffic(study: Study, policy: str, row: int, engine: Engine) -> VehicleState:
    """Simulate the vehicles alone, warm-up left out, and return who is inside at the end."""
    planned = plan_task(study, policy, row)
    state = Border(VehicleState.empty(), None)
    for day in simulate_vehicles(planned.vehicles, Seed(study.seed, row).key, state,
                                 (0, study.days), engine=engine):
        state = day.state
    return state.vehicles


def run_task(study: Study, policy: str, row: int, store: Store) -> TaskDone:
    """Run one task, unless its part exists, and return what a comparison keeps of it."""
    planned = plan_task(study, policy, row)
    reused = store.has(planned.key)
    if reused:
        summary, _ = store.read(planned.key)
    else:
        summary = simulate(study, policy, row)
        keep(study, row, planned.key, summary, store)
    return TaskDone(policy, row, planned.key, reused,
                    extract_of(summary, planned.legend, study.days))


def keep(study: Study, row: int, key: str, summary: Summary, store: Store) -> None:
    """Write a finished task, with what it was computed from."""
    store.write(key, summary, {
        "key": key, "model": MODEL, "version": __version__, "seed": study.seed, "row": row,
        "days": study.days,
    })  # fmt: skip
