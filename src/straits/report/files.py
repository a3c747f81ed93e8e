"""The run folder: report, measures, queues, resolved documents, manifest."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from straits.analysis.comparison import Comparison, Effect
from straits.base.errors import Problem, UserError
from straits.results.measures import Measure

__all__ = ["as_json", "write_run"]


def as_json(comparison: Comparison) -> dict[str, object]:
    """Return the comparison as JSON-ready data: per policy and measure, value, low, high, unit."""
    rows = [
        {**_numbers(effect), "definition": comparison.measures[name].definition}
        | _about(comparison.measures[name])
        for (_, name), effect in comparison.effects.items()
    ]
    about = {
        key: getattr(comparison, key)
        for key in ("baseline", "title", "decision_day", "days", "rows", "seed", "timing",
                    "futures", "uncertainty", "model", "version", "study", "table_hash", "interval",
                    "source_of_spread", "headline", "paragraph", "notes")
    }
    return {
        **about,
        "policies": [asdict(policy) for policy in comparison.policies],
        "effects": rows,
        "incidence": [
            {"who": i.who, **_numbers(i.effect), **_about(comparison.measures[i.measure])}
            for i in comparison.incidence
        ],
        "departed": [dict(row) for row in comparison.departed],
    }


def _numbers(effect: Effect) -> dict[str, object]:
    """Return an effect's numbers: the value with its interval, then the paired difference's."""
    return {
        "policy": effect.policy, "measure": effect.measure, "value": effect.value,
        "low": effect.value_low, "high": effect.value_high, "difference": effect.difference,
        "difference_low": effect.low, "difference_high": effect.high,
        "difference_quarter": effect.inner_low, "difference_three_quarters": effect.inner_high,
        "verdict": effect.verdict,
    }


def _about(measure: Measure) -> dict[str, object]:
    """Return what a measure is: label, unit, commitment, direction."""
    return {
        "label": measure.label, "unit": measure.unit, "commitment": measure.commitment,
        "direction": measure.direction,
    }


def _measures(comparison: Comparison, path: Path) -> None:
    """Write measures.parquet: effects, then stations by class, in one long table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[dict[str, object]] = []
    for (policy, name), effect in comparison.effects.items():
        measure = comparison.measures[name]
        rows.append({
            "policy": policy, "measure": name, "place": "", "class": "", "unit": measure.unit,
            "commitment": measure.commitment, "direction": measure.direction,
            **{name: number for name, number in _numbers(effect).items()
               if name not in ("policy", "measure")},
        })
    units = {"min": "min", "h": "h", "veh": "vehicles", "m": "m"}
    for station in comparison.stations:
        for name, value in station.items():
            if isinstance(value, float):
                rows.append({
                    "policy": station["policy"], "measure": name, "place": station["station"],
                    "class": station["class"], "unit": units.get(name.rsplit("_", 1)[-1], "1"),
                    "commitment": 3, "direction": "none", "value": value,
                })
    schema = pa.schema([
        ("policy", pa.string()), ("measure", pa.string()), ("place", pa.string()),
        ("class", pa.string()), ("unit", pa.string()), ("commitment", pa.int8()),
        ("direction", pa.string()), ("value", pa.float64()), ("low", pa.float64()),
        ("high", pa.float64()), ("difference", pa.float64()), ("difference_low", pa.float64()),
        ("difference_high", pa.float64()), ("difference_quarter", pa.float64()),
        ("difference_three_quarters", pa.float64()), ("verdict", pa.string()),
    ])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, compression="zstd")


def _queues(comparison: Comparison, path: Path) -> None:
    """Write queues.parquet: the mean queue by quarter of an hour of the week, UTC."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = []
    for chart in comparison.queues:
        count = len(chart.vehicles)
        parts.append(pa.table({
            "policy": pa.array([chart.policy] * count),
            "station": pa.array([chart.station] * count),
            "weekday": pa.array([k // 96 for k in range(count)], pa.int8()),
            "minute": pa.array([15 * (k % 96) for k in range(count)], pa.int16()),
            "vehicles": pa.array(chart.vehicles, pa.float64()),
            "metres": pa.array(chart.metres, pa.float64()),
        }))
    if parts:
        pq.write_table(pa.concat_tables(parts), path, compression="zstd")


def write_run(
    comparison: Comparison, folder: Path, page: str, resolved: str, manifest: Mapping[str, object]
) -> Path:
    """Write the run folder whole or not at all, and return it.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    except OSError as error:
        raise UserError(Problem(
            "--out", "", "the run folder cannot be written", f"{folder} ({error.strerror})",
            "a folder that exists or can be made", "Choose another with --out",
        )) from error
    try:
        (made / "report.html").write_text(page, encoding="utf-8")
        (made / "resolved.yaml").write_text(resolved, encoding="utf-8")
        (made / "comparison.json").write_text(
            json.dumps(as_json(comparison), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        _measures(comparison, made / "measures.parquet")
        _queues(comparison, made / "queues.parquet")
        (made / "manifest.json").write_text(
            json.dumps(dict(manifest), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.chmod(made, 0o755)
        folder.mkdir(exist_ok=True)
        for file in made.iterdir():
            os.replace(file, folder / file.name)
    except OSError as error:
        raise UserError(Problem(
            "--out", "", "the run folder cannot be written", f"{folder} ({error.strerror})",
            "", "Free some room or choose another folder with --out; finished tasks are kept",
        )) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder
