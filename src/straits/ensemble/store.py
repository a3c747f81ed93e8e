"""The store of finished tasks: one file a task, named by what it was computed from.

A file is written under a temporary name, synced and renamed: a part that exists is done.
Interrupt anywhere and call again: nothing is lost, nothing is done twice.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import DataError, Problem, UserError
from straits.base.files import usual_mode
from straits.base.hashing import content_hash
from straits.results.summary import Summary

__all__ = ["Store"]

FORMAT = 1
COLUMNS = ("accumulator", "index", "value")


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of parts ``<key>.parquet``."""

    folder: Path

    def path(self, key: str) -> Path:
        """Return the file of a task."""
        return self.folder / f"{key}.parquet"

    def has(self, key: str) -> bool:
        """Say whether a task is done."""
        return self.path(key).is_file()

    def prepare(self) -> None:
        """Make the folder and see that it can be written to.

        Raises
        ------
        UserError
            If it cannot.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".try-"):
                pass
        except OSError as error:
            raise UserError(Problem(
                "--out", "", "the folder cannot be written to", f"{self.folder} ({error.strerror})",
                "a folder that exists or can be made, with room", "Choose another with --out",
            )) from error

    def write(self, key: str, summary: Summary, about: Mapping[str, object]) -> None:
        """Write one task's summary; `about` goes into the file's metadata as JSON."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        names, indices, numbers = [], [], []
        shapes: dict[str, list[int]] = {}
        for name, array in summary.values.items():
            flat = array.ravel()
            index = np.flatnonzero(flat)
            names.append(np.full(index.size, len(shapes), np.int16))
            indices.append(index.astype(np.int64))
            numbers.append(flat[index])
            shapes[name] = list(array.shape)
        columns = [np.concatenate(part) for part in (names, indices, numbers)]
        meta = {
            "format": FORMAT, "shapes": shapes, "closing_at": summary.closing_at,
            "hash": content_hash(columns, shapes, summary.closing_at), **about,
        }
        table = pa.table(dict(zip(COLUMNS, columns, strict=True)))
        table = table.replace_schema_metadata({"straits": json.dumps(meta)})
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=f".{key}-")
        try:
            with os.fdopen(handle, "wb") as file:
                pq.write_table(table, file, compression="zstd", write_page_checksum=True)
                file.flush()
                os.fsync(file.fileno())
            usual_mode(Path(temporary))
            os.replace(temporary, self.path(key))
        except OSError as error:
            Path(temporary).unlink(missing_ok=True)
            raise UserError(Problem(
                "--out", "", "a result could not be written", f"{self.folder} ({error.strerror})",
                "", "Free some room or choose another folder; what is finished is kept",
            )) from error
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def read(self, key: str) -> tuple[Summary, dict[str, object]]:
        """Return a task's summary and what was written about it.

        Raises
        ------
        DataError
            If the file is missing or damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path(key)
        try:
            # Not read_table, which looks for a data set first: studies have hundreds of parts.
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                table = file.read(use_threads=False)
            meta = json.loads((table.schema.metadata or {})[b"straits"])
            columns = [table[name].to_numpy() for name in COLUMNS]
            number, index, value = columns
            if meta["hash"] != content_hash(columns, meta["shapes"], meta["closing_at"]):
                raise ValueError("its numbers are not those that were written")
            values: dict[str, NDArray[np.int64]] = {}
            edges = np.searchsorted(number, np.arange(len(meta["shapes"]) + 1))
            for k, (name, shape) in enumerate(meta["shapes"].items()):
                flat = np.zeros(int(np.prod(shape)), np.int64)
                part = slice(int(edges[k]), int(edges[k + 1]))
                flat[index[part]] = value[part]
                values[name] = flat.reshape(shape)
        except (OSError, KeyError, IndexError, TypeError, ValueError, pa.ArrowException) as error:
            raise DataError(
                f"{path}: the part is missing or damaged ({error}); delete it and run again"
            ) from error
        return Summary(values, int(meta["closing_at"])), meta
