"""Posteriors: what a calibration found, as futures of a comparison.

A posterior is a table of draws, a column for each free number, with the model and the data that it
was made of. One ships for calais-2016 (docs/methods/calibration.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from straits.base.errors import DataError
from straits.base.files import write_whole
from straits.base.hashing import unit_draw
from straits.base.names import decision_id
from straits.base.version import MODEL
from straits.plan.fitted import INDEX, SHARED, document_numbers
from straits.plan.free import names
from straits.scenario import Baseline, FutureValue
from straits.scenario.quantity import SeriesValue

__all__ = ["Posterior", "draws_of", "futures_of", "read_posterior", "shipped_posterior",
           "write_posterior"]  # fmt: skip

_STOCK: Final = "people.start.stock"
_META: Final = b"straits"


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws of the free numbers.

    Attributes
    ----------
    fit : tuple of str
        Which fit each draw belongs to: "official", "ngo" or "pooled".
    values : float64[draw, number]
        In the order and units of ``plan.free.FREE``.
    about : dict
        Model, hash of the data, seed, effort, diagnostics.
    """

    fit: tuple[str, ...]
    values: NDArray[np.float64]
    about: dict[str, Any]

    def of(self, fit: str) -> NDArray[np.float64]:
        """Return the draws of one fit, float64[draw, number]."""
        return self.values[[name == fit for name in self.fit]]


def shipped_posterior(baseline: str) -> Path | None:
    """Return the posterior that ships for a baseline of this name, if there is one."""
    path = Path(str(files("straits"))) / "library" / "posteriors" / f"{baseline}.parquet"
    return path if path.is_file() else None


def write_posterior(path: Path, posterior: Posterior) -> None:
    """Write a posterior as Parquet: the fit, and a column of single floats for each number."""
    columns: dict[str, Any] = {"fit": pa.array(posterior.fit).dictionary_encode()}
    for k, name in enumerate(names()):
        columns[name] = pa.array(posterior.values[:, k].astype(np.float32))
    about = json.dumps({"model": MODEL, **posterior.about}, sort_keys=True)
    table = pa.table(columns).replace_schema_metadata({_META: about.encode()})
    write_whole(path, lambda part: pq.write_table(table, part, compression="zstd"))


def read_posterior(path: Path) -> Posterior:
    """Read a posterior.

    Raises
    ------
    DataError
        If it is not one, or was made by another model or for other numbers.
    """
    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {})[_META])
    except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
        raise DataError(f"{path}  is not a posterior written by `straits calibrate`") from error
    missing = sorted({"fit", *names()} - set(table.column_names))
    if missing or about.get("model") != MODEL:
        what = f"lacks {', '.join(missing[:5])}" if missing else (
            f"was made by model {about.get('model')}, this is model {MODEL}")
        raise DataError(f"{path}  {what}: make it again with `straits calibrate`, or draw from the "
                        "uncertainty set alone with --futures priors")
    values = np.stack([table.column(name).to_numpy().astype(float) for name in names()], axis=1)
    return Posterior(tuple(table.column("fit").to_pylist()), values, about)


def draws_of(draws: int, rows: int, seed: int) -> NDArray[np.int64]:
    """Return which draw each row takes: none twice before all are used, shuffled by the seed."""
    name = decision_id("future.posterior")
    order = np.argsort([unit_draw(name, seed, k) for k in range(draws)])
    return np.asarray(order[np.arange(rows) % draws], np.int64)


def futures_of(
    values: NDArray[np.float64], baseline: Baseline
) -> tuple[dict[str, FutureValue], ...]:
    """Return draws as numbers of the document, by path or by name of its uncertainty set.

    Parameters
    ----------
    values : float64[draw, number]
    baseline : Baseline
    """
    people: Any = baseline.doc.people
    if people is None:
        raise DataError(f"{baseline.id}  has no people: a posterior has nothing to act on")
    series = people.attempts.episode
    assert isinstance(series, SeriesValue)
    peak = max(series.values)
    shape = tuple((date.fromordinal(day), (value - 1.0) / (peak - 1.0))
                  for day, value in zip(series.dates, series.values, strict=True))
    out = []
    for draw in values:
        future: dict[str, FutureValue] = {
            _STOCK: float(round(draw[INDEX["stock_at_start"]]))}
        for param, number in document_numbers(draw, shape).items():
            future[param.path] = number if isinstance(number, float) else dict(number)
        future |= {name: float(draw[INDEX[name]]) for name in SHARED}
        out.append(future)
    return tuple(out)
