"""A table of runs: what every policy gave in every future, and what the futures assume.

Everything that asks which assumption decides reads this table and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from straits.base.files import write_whole
from straits.base.hashing import content_hash
from straits.ensemble.assumptions import AssumptionColumn, moved_columns
from straits.ensemble.replayed import Batch, Recording, read_batch, read_recording
from straits.ensemble.store import Store
from straits.ensemble.study import Study, TaskDone
from straits.results.measures import MEASURES, PEOPLE_MEASURES, measure_values
from straits.results.summary import Summary
from straits.tables.legend import NO_STATIONS

__all__ = ["RunTable", "replay_gaps", "replayed_table", "simulated_table", "write_runs"]


@dataclass(frozen=True, slots=True)
class RunTable:
    """The runs of a study.

    Attributes
    ----------
    study : Study
    values : mapping of (policy, measure) to float64[future, replication]
        [the measure's unit]
    assumptions : mapping of str to AssumptionColumn
        By name; only those that vary, and with replayed traffic only those about people.
    key : str
        Hash of all parts that it was read from.
    """

    study: Study
    values: Mapping[tuple[str, str], NDArray[np.float64]]
    assumptions: Mapping[str, AssumptionColumn]
    key: str

    @property
    def traffic(self) -> Literal["simulated", "replayed"]:
        """Whether vehicles were simulated or replayed."""
        return self.study.traffic

    def of(self, policy: str, measure: str) -> NDArray[np.float64]:
        """Return one measure under one policy, float64[future, replication]."""
        return self.values[(policy, measure)]


def _shaped(study: Study, rows: Sequence[Mapping[str, float]]) -> dict[str, NDArray[np.float64]]:
    """Return the measures of a policy's rows by future and replication."""
    shape = (study.future_count, study.replications)
    return {name: np.array([row[name] for row in rows]).reshape(shape) for name in rows[0]}


def replayed_table(study: Study, done: Sequence[Batch], store: Store) -> RunTable:
    """Return the table of a replayed study from its finished batches.

    Parameters
    ----------
    study : Study
        Its rows are a whole number of futures.
    done : sequence of Batch
        All of them, in order.
    store : Store
    """
    values: dict[tuple[str, str], NDArray[np.float64]] = {}
    for policy in study.policies:
        rows = [_people(summary, study.days) for batch in done
                for summary in read_batch(batch, policy, store)]
        values |= {(policy, name): array for name, array in _shaped(study, rows).items()}
    keys = [batch.key(policy) for policy in study.policies for batch in done]
    return RunTable(study, values, moved_columns(study), content_hash(keys))


def _people(summary: Summary, days: int) -> dict[str, float]:
    return measure_values(summary, NO_STATIONS, days, PEOPLE_MEASURES)


def simulated_table(study: Study, done: Sequence[TaskDone]) -> RunTable:
    """Return the table of a study whose vehicles were simulated."""
    values: dict[tuple[str, str], NDArray[np.float64]] = {}
    for policy in study.policies:
        rows = [one.extract.values for one in done if one.policy == policy]
        values |= {(policy, name): array for name, array in _shaped(study, rows).items()}
    keys = [one.key for one in done]
    return RunTable(study, values, moved_columns(study), content_hash(keys))


def replay_gaps(
    recordings: Mapping[str, Sequence[str]], days: int, store: Store
) -> dict[tuple[str, str], float]:
    """Return how far replayed measures are from simulated ones, on the rows that were recorded.

    Returns
    -------
    dict of (policy, measure) to float
        Replayed less simulated, mean over recorded rows [the measure's unit].
    """
    gaps: dict[tuple[str, str], float] = {}
    for policy, keys in recordings.items():
        read: list[Recording] = [read_recording(store, key) for key in keys]
        pairs = [(_people(one.replayed, days), _people(one.simulated, days)) for one in read]
        for name in PEOPLE_MEASURES:
            gaps[(policy, name)] = float(np.mean([a[name] - b[name] for a, b in pairs]))
    return gaps


def write_runs(table: RunTable, path: Path) -> None:
    """Write one row a run: policy, future, replication, measures, assumptions."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    study = table.study
    futures, own = study.future_count, study.replications
    count = len(study.policies)
    columns: dict[str, object] = {
        "policy": pa.array(np.repeat(np.array(study.policies), futures * own)),
        "future": np.tile(np.repeat(np.arange(futures), own), count),
        "replication": np.tile(np.arange(own), count * futures),
    }
    for name in MEASURES:
        if (study.policies[0], name) in table.values:
            columns[name] = np.concatenate(
                [table.of(policy, name).ravel() for policy in study.policies])
    for name, one in table.assumptions.items():
        columns[f"assumption:{name}"] = np.tile(np.repeat(one.values, own), count)
    written = pa.table(columns)
    write_whole(path, lambda part: pq.write_table(written, part, compression="zstd"))
