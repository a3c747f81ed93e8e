"""From a store of summaries to a comparison: paired differences over shared rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from straits.analysis.comparison import (
    Comparison,
    Effect,
    Incidence,
    PolicyInfo,
    QueueChart,
    StockBand,
    Verdict,
)
from straits.analysis.words import headline, notes, paragraph
from straits.base.hashing import content_hash
from straits.base.version import MODEL, __version__
from straits.ensemble.store import Store
from straits.ensemble.study import Study, TaskDone, plan_task, scenario_of
from straits.results.measures import MEASURES, measure_values, queue_profile, station_rows
from straits.results.summary import Summary
from straits.scenario import combine, load_baseline
from straits.tables.legend import Legend
from straits.tables.people import State

__all__ = ["compare", "effect_of", "interval_name"]

# Below this many rows a percentile says less than the rows themselves.
PERCENTILE_ROWS = 40
# A quantile of a wait is known to half a bin of its histogram; sums and counts are exact.
RESOLUTION = 1e-12

INCIDENCE: tuple[tuple[str, str], ...] = (
    ("UK", "public_cost_uk"),
    ("France", "public_cost_fr"),
    ("Kent", "kent_delay_hours"),
    ("Calais", "without_shelter"),
    ("hauliers", "lorry_delay_to_uk"),
    ("hauliers", "lorry_delay_to_fr"),
    ("travellers", "car_delay_to_uk"),
    ("travellers", "car_delay_to_fr"),
    ("people at the site", "deaths"),
    ("people at the site", "without_decision"),
)


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows of one policy."""

    summaries: tuple[Summary, ...]
    legends: tuple[Legend, ...]
    values: Mapping[str, NDArray[np.float64]]


def interval_name(rows: int) -> str:
    """Return what the intervals of a table of this many rows are."""
    if rows >= PERCENTILE_ROWS:
        return f"90 in 100 of {rows} rows"
    return f"lowest to highest of {rows} rows" if rows > 1 else "one row: no interval"


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    if values.size >= PERCENTILE_ROWS:
        return float(np.quantile(values, 0.05)), float(np.quantile(values, 0.95))
    return float(values.min()), float(values.max())


def effect_of(
    policy: str, measure: str, here: NDArray[np.float64], there: NDArray[np.float64]
) -> Effect:
    """Return one measure's effect from its values by row, under the policy and the status quo."""
    difference = here - there
    scale = np.maximum(np.abs(here), np.abs(there))
    difference = np.where(np.abs(difference) <= RESOLUTION * scale, 0.0, difference)
    low, high = _ends(difference)
    verdict: Verdict = "unclear"
    if not difference.any():
        verdict = "none"
    elif low > 0.0 or high < 0.0:
        verdict = "clear"
    value_low, value_high = _ends(here)
    return Effect(
        policy, measure, float(np.median(here)), value_low, value_high,
        float(np.median(difference)), low, high,
        float(np.quantile(difference, 0.25)), float(np.quantile(difference, 0.75)), verdict,
    )


def _gather(study: Study, store: Store, done: Sequence[TaskDone]) -> dict[str, _Rows]:
    """Read every task's summary, and compute its measures."""
    out: dict[str, _Rows] = {}
    read: dict[str, Summary] = {}
    for policy in study.policies:
        summaries, legends, values = [], [], []
        for result in done:
            if result.policy != policy:
                continue
            if result.key not in read:
                read[result.key] = store.read(result.key)[0]
            planned = plan_task(study, policy, result.row)
            summaries.append(read[result.key])
            legends.append(planned.legend)
            values.append(measure_values(read[result.key], planned.legend, study.days))
        table = {name: np.array([row[name] for row in values]) for name in MEASURES}
        out[policy] = _Rows(tuple(summaries), tuple(legends), table)
    return out


def compare(study: Study, store: Store, done: Sequence[TaskDone]) -> Comparison:
    """Return the comparison of a finished study.

    Parameters
    ----------
    study : Study
        Its first policy is the one that the others are compared with.
    store : Store
    done : sequence of TaskDone
        What ``ensemble.run_study`` returned.
    """
    rows = _gather(study, store, done)
    first = study.policies[0]
    effects = {
        (policy, name): effect_of(policy, name, rows[policy].values[name],
                                  rows[first].values[name])
        for policy in study.policies
        for name in MEASURES
    }
    keys = {(d.policy, d.row): d.key for d in done}
    policies = tuple(_info(study, policy, keys) for policy in study.policies)
    incidence = tuple(
        Incidence(policy, who, name, effects[(policy, name)])
        for policy in study.policies[1:]
        for who, name in INCIDENCE
    )
    baseline = load_baseline(study.baseline)
    base = scenario_of(study, first, 0)
    table = content_hash(MODEL, [(e.policy, e.measure, repr(e)) for e in effects.values()])
    return Comparison(
        baseline=baseline.id,
        title=baseline.title,
        decision_day=str(baseline.doc.decision_day),
        days=study.days,
        rows=study.rows,
        seed=study.seed,
        timing=study.timing,
        futures=study.futures,
        model=MODEL,
        version=__version__,
        study=content_hash(sorted(keys.values()))[:8],
        table_hash=table,
        interval=interval_name(study.rows),
        source_of_spread="chance alone" if study.futures == "fixed" else "assumptions and chance",
        policies=policies,
        measures=MEASURES,
        effects=effects,
        incidence=incidence,
        stations=tuple(row for policy in study.policies for row in _stations(policy, rows, study)),
        queues=tuple(q for policy in study.policies for q in _queues(policy, rows, study)),
        stock=tuple(_stock(policy, rows[policy]) for policy in study.policies),
        waiting_at_sites={p: _friday_evening(rows[p], study) for p in study.policies},
        assumptions=tuple(_row(row) for row in base.assumptions()),
        departed=tuple(_departed(rows[first], study)),
        headline=headline(effects, policies, study.days),
        paragraph=paragraph(effects, policies, study.days),
        notes=notes(policies, study.days, study.rows, study.timing),
    )


def _row(row: Any) -> Mapping[str, object]:
    return row if isinstance(row, Mapping) else asdict(row)


def _info(study: Study, name: str, keys: Mapping[tuple[str, int], str]) -> PolicyInfo:
    """Describe one policy, or a combination, in words."""
    parts = combine(name)
    same = name != study.policies[0] and all(
        keys[(name, row)] == keys[(study.policies[0], row)] for row in range(study.rows)
    )
    scenario = scenario_of(study, name, 0)
    dates = sorted({str(change.in_force) for change in scenario.changes}) or ["-"]
    return PolicyInfo(
        policy=name,
        title=" and ".join(part.doc.title for part in parts),
        role="; ".join(dict.fromkeys(part.doc.proposer.role for part in parts)),
        says="\n\n".join(part.doc.says for part in parts),
        source="; ".join(dict.fromkeys(part.doc.source for part in parts)),
        maintains_arrangements=all(part.doc.maintains_arrangements for part in parts),
        no_effect_yet=same and any(part.doc.changes for part in parts),
        shares_runs=same,
        in_force=dates[0],
    )


def _stations(
    policy: str, rows: Mapping[str, _Rows], study: Study
) -> list[Mapping[str, object]]:
    """Return station rows averaged over the rows of the study."""
    found: dict[tuple[object, object], list[Mapping[str, str | float]]] = {}
    for summary, legend in zip(rows[policy].summaries, rows[policy].legends, strict=True):
        for row in station_rows(summary, legend, study.days):
            found.setdefault((row["station"], row["class"]), []).append(row)
    out: list[Mapping[str, object]] = []
    for group in found.values():
        merged: dict[str, object] = {"policy": policy, "rows": len(group)}
        for name, value in group[0].items():
            if isinstance(value, str):
                merged[name] = value
            else:
                merged[name] = float(np.mean([float(row[name]) for row in group]))
        out.append(merged)
    return out


def _queues(policy: str, rows: Mapping[str, _Rows], study: Study) -> list[QueueChart]:
    """Return the week's queue at every station that had one."""
    mine = rows[policy]
    out = []
    for k, station in enumerate(mine.legends[0].stations):
        if station.kind == "departure":
            continue
        profile = np.mean([queue_profile(s, k, study.days) for s in mine.summaries], axis=0)
        if profile.max() >= 0.05:
            out.append(QueueChart(policy, station.station, station.label, station.site,
                                  station.direction, station.kind,
                                  tuple(float(x) for x in profile)))
    return out


def _stock(policy: str, rows: _Rows) -> StockBand:
    """Return people at the site day by day: lowest, middle and highest row."""
    daily = np.array([
        s.values["stock"][:, State.AT_SITE] + s.values["stock"][:, State.CLAIM_LODGED_CALAIS]
        for s in rows.summaries
    ])
    return StockBand(policy, tuple(daily.min(axis=0).astype(float)),
                     tuple(np.median(daily, axis=0)), tuple(daily.max(axis=0).astype(float)))


def _friday_evening(rows: _Rows, study: Study) -> dict[str, float]:
    """Return vehicles waiting for a check at each site, mean of Fridays 17:00 to 19:00 UTC."""
    out: dict[str, float] = {}
    for k, station in enumerate(rows.legends[0].stations):
        if station.kind == "departure":
            continue
        profile = np.mean([queue_profile(s, k, study.days) for s in rows.summaries], axis=0)
        start = 4 * 96 + 17 * 4
        out[station.site] = out.get(station.site, 0.0) + float(profile[start : start + 8].mean())
    return out


def _departed(rows: _Rows, study: Study) -> list[Mapping[str, object]]:
    """Return vehicles departed by crossing, direction and class beside what was expected."""
    legend = rows.legends[0]
    sea = [k for k, s in enumerate(legend.stations) if s.kind == "departure"]
    counts = np.array([s.values["handled"][sea].sum(axis=0) for s in rows.summaries])
    inside = np.array([s.values["inside"] for s in rows.summaries])
    return [
        {
            "crossing": crossing, "direction": direction, "class": kind,
            "departed": float(counts[:, i].mean()),
            "inside_at_end": float(inside[:, i].mean()),
            "expected": float(np.mean([le.expected[i] for le in rows.legends])),
            "year_figure": float(np.mean([le.volumes[i] for le in rows.legends])),
        }
        for i, (crossing, direction, kind) in enumerate(legend.streams)
        if legend.volumes[i] > 0.0
    ]
