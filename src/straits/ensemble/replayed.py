"""People alone, who meet what vehicles were recorded once: for studies with many futures.

A year of vehicles costs fifty times a year of people. So vehicles are simulated for a few rows of
each policy, where lorries stood is written down by day, place and hour, and every future of people
replays one of these recordings. What that leaves out stands in docs/design.md; how far the measures
of people then are from simulated ones is measured on the recorded rows themselves.

Tasks come in batches: a few futures with all their replications. The history of a future is
simulated once for all of its replications and all policies that are missing, and a batch is one
part a policy: small tasks, each a file that is synced, would spend their time on the disk.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from straits.base.hashing import content_hash
from straits.base.version import MODEL, __version__
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.ensemble.store import Store
from straits.ensemble.study import (
    Study,
    documents_of,
    horizon,
    keep,
    people_checkpoint,
    people_plan,
    plan_task,
    simulate,
)
from straits.results.summary import Summary, empty_people, folded, measure_people
from straits.scenario.tree import wordless
from straits.tables.people import PeoplePlan, PeopleState

__all__ = ["BATCH_ROWS", "Batch", "Recording", "batches", "known_recording", "read_batch",
           "read_recording", "record", "run_batch", "simulated_study"]  # fmt: skip

FORMAT: Final = 2
# What an interruption can lose, about a quarter of a minute of work.
BATCH_ROWS: Final = 16


@dataclass(frozen=True, slots=True)
class Recording:
    """Where lorries stood in one simulated run, and what people did beside them.

    Attributes
    ----------
    key : str
    met : int64[day, 3, 24]
        Stationary lorry-time that people met on each day of the window, by place and UTC hour
        [ticks].
    simulated, replayed : Summary
        The people of that run, and of the same row when it replays its own recording, `folded`.
    """

    key: str
    met: NDArray[np.int64]
    simulated: Summary
    replayed: Summary


@dataclass(frozen=True, slots=True)
class Batch:
    """Some futures of a replayed study, and which recordings each policy replays.

    Attributes
    ----------
    study : Study
    first, last : int
        Futures in [first, last).
    recordings : mapping of str to tuple of str
        Keys by policy; future f replays the one at f modulo their number.
    """

    study: Study
    first: int
    last: int
    recordings: Mapping[str, tuple[str, ...]]

    @property
    def rows(self) -> range:
        """The rows of these futures."""
        own = self.study.replications
        return range(self.first * own, min(self.last * own, self.study.rows))

    def key(self, policy: str) -> str:
        """Return the key of one policy's part.

        Compiling every future to know whether it has run would take minutes. So the key is made of
        what the arrays are compiled from: documents without their words, futures, sizes; and of the
        compiled arrays of the first row, by which a compiler that has changed shows.
        """
        return _part_key(self.study, policy, self.first, self.last, self.recordings[policy])


@lru_cache(maxsize=16_384)
def _part_key(
    study: Study, policy: str, first: int, last: int, recordings: tuple[str, ...]
) -> str:
    """Return the key of a batch's part; several steps of a study ask for every one of them."""
    own = {part.doc.id for part in documents_of(study).policies[policy]}
    sizes = [_sizes(study, own, future) for future in range(first, last)]
    rows = Batch(study, first, last, {}).rows
    return content_hash(
        "replayed", FORMAT, MODEL, __version__, _fingerprint(study, policy), study.days,
        study.seed, study.timing, (rows.start, rows.stop, study.replications),
        _future_hashes(study)[first:last], sizes, recordings)


def _sizes(study: Study, own: Collection[str], future: int) -> dict[str, float]:
    """Return how large some policies turn out in a future, by policy and path."""
    drawn = documents_of(study).sizes
    return {f"{name[0]}:{name[1]}": share for name, share in drawn[future].items()
            if name[0] in own} if drawn else {}


@lru_cache(maxsize=2)
def _future_hashes(study: Study) -> tuple[str, ...]:
    """Return a hash of each future's numbers, which all policies share."""
    return tuple(content_hash(_plain(one)) for one in documents_of(study).futures)


def batches(study: Study, recordings: Mapping[str, tuple[str, ...]]) -> tuple[Batch, ...]:
    """Return a replayed study in batches of about `BATCH_ROWS` rows."""
    size = max(1, BATCH_ROWS // study.replications)
    count = study.future_count
    return tuple(Batch(study, first, min(first + size, count), recordings)
                 for first in range(0, count, size))


def _plain(future: Mapping[str, Any]) -> dict[str, Any]:
    """Return a future without dates as keys, which hashes do not know."""
    return {name: [(str(day), number) for day, number in value.items()]
            if isinstance(value, Mapping) else value for name, value in future.items()}


@lru_cache(maxsize=32)
def _fingerprint(study: Study, policy: str) -> str:
    """Return a hash of what one policy's plans are compiled from, futures apart."""
    documents = documents_of(study)
    uncertain = documents.uncertainty.uncertain if documents.uncertainty is not None else ()
    return content_hash(
        wordless(documents.baseline.doc),
        [wordless(part.doc) for part in documents.policies[policy]],
        [(one.name, one.paths, one.op, one.unit) for one in uncertain],
        people_plan(study, policy, 0),
    )  # fmt: skip


def known_recording(study: Study, policy: str, row: int, store: Store) -> str | None:
    """Return the key of the recording of one row of one policy, or None if there is none yet.

    A recording is named by all arrays of its task, so that a policy without effect has that of the
    status quo. Compiling a year of vehicles for every recorded row would take longer than all else
    that a question from the store needs, so a part of two numbers leads from what the arrays are
    compiled from, and one row's arrays, to that name.

    Parameters
    ----------
    study : Study
        A simulated one.
    policy : str
    row : int
    store : Store
    """
    pointer = _pointer_key(study, policy, row)
    if not store.has(pointer):
        return None
    key = store.read(pointer)[0].values["key"].tobytes().hex()
    return key if store.has(key) else None


def _pointer_key(study: Study, policy: str, row: int) -> str:
    documents, future = documents_of(study), row // study.replications
    own = {part.doc.id for part in documents.policies[policy]}
    return content_hash(
        "pointer", FORMAT, plan_task(study, policy, 0).key, _fingerprint(study, policy),
        study.days, study.seed, study.timing, study.coupled, row,
        _plain(documents.futures[future]), _sizes(study, own, future))


def record(task: tuple[Study, str, int, Store]) -> str:
    """Simulate one row of one policy with vehicles, unless it is recorded; return its key.

    The simulated task itself is kept as any other, for statements that only it can answer.

    Parameters
    ----------
    task : (Study, str, int, Store)
        A simulated study, policy, row and where parts are kept.
    """
    study, policy, row, store = task
    planned = plan_task(study, policy, row)
    key = content_hash("recording", FORMAT, planned.key)
    if not store.has(key):
        met = np.empty((study.days, 3, 24), np.int64)
        summary = simulate(study, policy, row, met)
        keep(study, row, planned.key, summary, store)
        eve = planned.people_offset + planned.warm_up - 1
        replayed = _window(planned.people, Seed(study.seed, row).key,
                           people_checkpoint(study, row), eve + 1, met)
        values = {"met": met}
        for name, part in (("simulated", folded(summary)), ("replayed", replayed)):
            values |= {f"{name}.{column}": array for column, array in part.values.items()}
        keep(study, row, key, Summary(values), store)
    named = np.frombuffer(bytes.fromhex(key), np.int64).copy()
    keep(study, row, _pointer_key(study, policy, row), Summary({"key": named}), store)
    return key


@lru_cache(maxsize=64)
def read_recording(store: Store, key: str) -> Recording:
    """Return a recording from the store."""
    values = store.read(key)[0].values
    parts = {which: Summary({name: values[f"{which}.{name}"] for name in empty_people(1).values})
             for which in ("simulated", "replayed")}
    return Recording(key, values["met"], parts["simulated"], parts["replayed"])


def _window(
    plan: PeoplePlan, key0: int, start: PeopleState, first: int, met: NDArray[np.int64]
) -> Summary:
    """Run people alone over a window beside recorded lorries; return the folded summary."""
    out = empty_people(2)
    last = first + len(met) - 1
    for _, day in simulate_people(plan, key0, first, last, start, exposure=met):
        measure_people(day, int(day.day == last), out)
    return out


def _history(study: Study, plan: PeoplePlan, row: int) -> PeopleState:
    """Run people alone up to the decision day, beside the document's lorries."""
    key0 = Seed(study.seed, row).key
    state = None
    for after, _ in simulate_people(plan, key0, 0, _eve(study)):
        state = after
    assert state is not None
    return state


def _eve(study: Study) -> int:
    """Return the day before the decision day [days since the people's first]."""
    origin, decision_day, _ = horizon(study)
    return (decision_day - origin).days - 1


def run_batch(task: tuple[Batch, tuple[str, ...], Store]) -> int:
    """Run what is missing of a batch for some policies; return how many runs were new.

    A policy whose compiled plan and recording are another one's has its runs, too: a policy
    without effect has differences of exactly zero and costs nothing.

    Parameters
    ----------
    task : (Batch, tuple of str, Store)
        The batch, policies in order, and where parts are kept.
    """
    batch, policies, store = task
    study = batch.study
    keys = {policy: batch.key(policy) for policy in policies}
    missing = [policy for policy in policies if not store.has(keys[policy])]
    found: dict[str, list[Summary]] = {policy: [] for policy in missing}
    for future in range(batch.first, batch.last if missing else batch.first):
        rows = [row for row in batch.rows if row // study.replications == future]
        plans = {policy: people_plan(study, policy, rows[0]) for policy in missing}
        names = {policy: (content_hash(plan), _recorded(batch, policy, future))
                 for policy, plan in plans.items()}
        # Luck before the decision day is one for all replications of a future (docs/design.md).
        start = _history(study, people_plan(study, None, rows[0]), rows[0])
        for row in rows:
            ran: dict[tuple[str, str], Summary] = {}
            for policy in missing:
                name = names[policy]
                if name not in ran:
                    met = read_recording(store, name[1]).met
                    ran[name] = _window(plans[policy], Seed(study.seed, row).key, start,
                                        _eve(study) + 1, met)
                found[policy].append(ran[name])
    for policy, summaries in found.items():
        together = {name: np.stack([one.values[name] for one in summaries])
                    for name in empty_people(1).values}
        keep(study, batch.rows.start, keys[policy], Summary(together), store)
    return len(missing) * len(batch.rows)


def _recorded(batch: Batch, policy: str, future: int) -> str:
    """Return the key of the recording that a future replays."""
    keys = batch.recordings[policy]
    return keys[future % len(keys)]


def read_batch(batch: Batch, policy: str, store: Store) -> Sequence[Summary]:
    """Return the folded summaries of a finished batch, one a row."""
    values = store.read(batch.key(policy))[0].values
    return [Summary({name: array[k] for name, array in values.items()})
            for k in range(len(batch.rows))]


def simulated_study(study: Study, rows: int) -> Study:
    """Return the study of which some rows are recorded: the same documents, fewer futures."""
    return replace(study, rows=rows, replications=1, traffic="simulated")

