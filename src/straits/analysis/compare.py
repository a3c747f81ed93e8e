"""From a store of summaries to a comparison: paired differences over shared rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
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
from straits.ensemble.extract import Extract
from straits.ensemble.study import Study, TaskDone, left_out, scenario_of
from straits.plan.choice import demand_notes
from straits.results.measures import MEASURES
from straits.scenario import combine, load_baseline
from straits.tables.legend import Legend

__all__ = ["compare", "effect_of", "interval_name"]

# Below this many rows a percentile says less than the rows themselves.
PERCENTILE_ROWS = 40
# A quantile of a wait is known to half a bin of its histogram; sums and counts are exact.
RESOLUTION = 1e-12
# Stations whose busiest quarter of the week stays below this are not drawn [vehicles].
LEAST_QUEUE = 0.05

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

    extracts: tuple[Extract, ...]
    values: Mapping[str, NDArray[np.float64]]

    @property
    def legend(self) -> Legend:
        """The stations and streams; every row has the same."""
        return self.extracts[0].legend


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
    elif difference.size > 1 and (low > 0.0 or high < 0.0):
        # One row has a difference, but no interval that could be clear of zero.
        verdict = "clear"
    value_low, value_high = _ends(here)
    return Effect(
        policy, measure, float(np.median(here)), value_low, value_high,
        float(np.median(difference)), low, high,
        float(np.quantile(difference, 0.25)), float(np.quantile(difference, 0.75)), verdict,
    )


def _gather(study: Study, done: Sequence[TaskDone]) -> dict[str, _Rows]:
    """Put every policy's rows side by side."""
    out: dict[str, _Rows] = {}
    for policy in study.policies:
        extracts = tuple(result.extract for result in done if result.policy == policy)
        table = {name: np.array([one.values[name] for one in extracts]) for name in MEASURES}
        out[policy] = _Rows(extracts, table)
    return out


def compare(study: Study, done: Sequence[TaskDone]) -> Comparison:
    """Return the comparison of a finished study.

    Parameters
    ----------
    study : Study
        Its first policy is the one that the others are compared with.
    done : sequence of TaskDone
        What ``ensemble.run_study`` returned.
    """
    study = study.stamped()
    rows = _gather(study, done)
    first = study.policies[0]
    effects = {
        (policy, name): effect_of(policy, name, rows[policy].values[name],
                                  rows[first].values[name])
        for policy in study.policies
        for name in MEASURES
    }
    keys = {(d.policy, d.row): d.key for d in done}
    policies = _told_apart(
        tuple(_info(study, policy, keys, effects) for policy in study.policies))
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
        uncertainty=study.uncertainty or "",
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
        stations=tuple(row for policy in study.policies for row in _stations(policy, rows)),
        queues=tuple(q for policy in study.policies for q in _queues(policy, rows)),
        stock=tuple(_stock(policy, rows[policy]) for policy in study.policies),
        waiting_at_sites={p: _friday_evening(rows[p]) for p in study.policies},
        assumptions=tuple(_row(row) for row in base.assumptions()),
        departed=tuple(_departed(rows[first])),
        headline=headline(effects, policies, study.days),
        paragraph=paragraph(effects, policies, study.days),
        notes=notes(policies, study.days, study.rows, study.timing,
                    (*demand_notes(base.world_at(base.baseline.doc.decision_day)),
                     *_left_out(study), _people_from(study))),
    )


def _left_out(study: Study) -> tuple[str, ...]:
    """Say which ranges do not fit a baseline whose uncertainties are those of another one."""
    name, missing, size = left_out(study)
    if not missing:
        return ()
    return (f"The ranges are those of {name}; {len(missing)} of its {size} do not fit this "
            f"baseline and are left out: {', '.join(missing)}.",)


def _people_from(study: Study) -> str:
    """Say where the numbers about people come from."""
    if study.futures == "posterior":
        return ("What is uncertain about people is drawn from the calibration to the record up to "
                "August 2016, neither head-count taken for right: straits validate people.")
    return ("The people half is set from published counts, and its futures know nothing of the "
            "record: see the validation table.")


def _row(row: Any) -> Mapping[str, object]:
    return row if isinstance(row, Mapping) else asdict(row)


def _told_apart(policies: tuple[PolicyInfo, ...]) -> tuple[PolicyInfo, ...]:
    """Add the file or id to titles that stand twice."""
    titles = [policy.title for policy in policies]
    return tuple(
        replace(policy, title=f"{policy.title} ({policy.policy})")
        if titles.count(policy.title) > 1 else policy
        for policy in policies
    )


def _info(
    study: Study,
    name: str,
    keys: Mapping[tuple[str, int], str],
    effects: Mapping[tuple[str, str], Effect],
) -> PolicyInfo:
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
        no_effect_yet=same
        and any(part.doc.changes for part in parts)
        and all(effects[(name, measure)].verdict == "none" for measure in MEASURES),
        shares_runs=same,
        in_force=dates[0],
    )


def _stations(policy: str, rows: Mapping[str, _Rows]) -> list[Mapping[str, object]]:
    """Return the middle of each number over the rows of the study: one collapse carries no mean."""
    found: dict[tuple[object, object], list[Mapping[str, str | float]]] = {}
    for one in rows[policy].extracts:
        for row in one.stations:
            found.setdefault((row["station"], row["class"]), []).append(row)
    out: list[Mapping[str, object]] = []
    for group in found.values():
        merged: dict[str, object] = {"policy": policy, "rows": len(group)}
        for name, value in group[0].items():
            if isinstance(value, str):
                merged[name] = value
            else:
                merged[name] = float(np.median([float(row[name]) for row in group]))
        out.append(merged)
    return out


def _queues(policy: str, rows: Mapping[str, _Rows]) -> list[QueueChart]:
    """Return the week's queue at every station that had one."""
    mine = rows[policy]
    vehicles = np.median([one.queues for one in mine.extracts], axis=0)
    metres = np.median([one.metres for one in mine.extracts], axis=0)
    return [
        QueueChart(
            policy, station.station, station.label, station.site, station.direction,
            station.kind, tuple(vehicles[k].tolist()), tuple(metres[k].tolist()),
        )
        for k, station in enumerate(mine.legend.stations)
        if station.kind != "departure" and vehicles[k].max() >= LEAST_QUEUE
    ]


def _stock(policy: str, rows: _Rows) -> StockBand:
    """Return people at the site day by day: lowest, middle and highest row."""
    daily = np.array([one.stock for one in rows.extracts])
    return StockBand(policy, tuple(daily.min(axis=0).astype(float)),
                     tuple(np.median(daily, axis=0)), tuple(daily.max(axis=0).astype(float)))


def _friday_evening(rows: _Rows) -> dict[str, float]:
    """Return vehicles waiting for a check at each site, Fridays 17:00 to 19:00 UTC, middle row."""
    out: dict[str, float] = {}
    start = 4 * 96 + 17 * 4
    queues = np.median(
        [one.queues[:, start : start + 8].mean(axis=1) for one in rows.extracts], axis=0)
    for k, station in enumerate(rows.legend.stations):
        if station.kind != "departure":
            out[station.site] = out.get(station.site, 0.0) + float(queues[k])
    return out


def _departed(rows: _Rows) -> list[Mapping[str, object]]:
    """Return vehicles departed by crossing, direction and class beside what was expected."""
    legend = rows.legend
    counts = np.mean([one.departed for one in rows.extracts], axis=0)
    inside = np.mean([one.inside for one in rows.extracts], axis=0)
    return [
        {
            "crossing": crossing, "direction": direction, "class": kind,
            "departed": float(counts[i]), "inside_at_end": float(inside[i]),
            "expected": float(np.mean([one.legend.expected[i] for one in rows.extracts])),
            "year_figure": float(np.mean([one.legend.volumes[i] for one in rows.extracts])),
        }
        for i, (crossing, direction, kind) in enumerate(legend.streams)
        if legend.volumes[i] > 0.0
    ]
