"""Visits of vehicles, one row each, written while a run goes on; and their sums by station.

Two Parquet files side by side: the visits, and who stood on an approach and for how long. Rows go
out slice by slice under a temporary name, and both files get their names together at the end, so
that memory is flat in the horizon and nothing half-written is left. Durations are ticks over 1,024,
which float64 holds exactly: the sums of a file are the sums that the measures rest on, to the bit.

Nothing is written about people aboard or about what a search finds. Nor does a longer service tell
of a find: a run of vehicles alone has nobody aboard (docs/formats/vehicles.md).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS, SECOND_TICKS
from straits.base.errors import Problem, UserError
from straits.base.files import usual_mode
from straits.results.histogram import quantile
from straits.results.summary import Summary
from straits.tables.legend import Legend
from straits.tables.vehicles import NEVER, VehicleLog, stream_of

__all__ = ["VisitWriter", "stood_path", "visit_rows"]

FORMAT = 1
_MICRO = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stood_path(path: Path) -> Path:
    """Return the file beside a log of visits that says who stood on an approach."""
    return path.with_suffix(f".stood{path.suffix}")


@dataclass(slots=True)
class VisitWriter:
    """Writes the visits of a run: a context manager that leaves both files or neither.

    Attributes
    ----------
    path : Path
        Of the visits; `stood_path` gives the other file.
    legend : Legend
    first : date
        Day 0 of the vehicle plan, whose midnight UTC is tick 0.
    start : int
        First instant of the window [ticks], from which seconds are counted.
    about : mapping
        Goes into the metadata of both files as JSON.
    """

    path: Path
    legend: Legend
    first: date
    start: int
    about: Mapping[str, object] = field(default_factory=dict)
    visits: int = 0
    _files: dict[Path, tuple[Path, Any]] = field(default_factory=dict)
    _writers: list[Any] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Open both files under temporary names.

        Raises
        ------
        UserError
            If they cannot be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self.path.is_dir():
            raise _refused(self.path, "there is a folder of this name")
        words, second = pa.dictionary(pa.int16(), pa.string()), pa.float64()
        vehicle = [("vehicle", pa.int64()), ("crossing", words), ("direction", words),
                   ("class", words)]
        instant = pa.timestamp("us", tz="UTC")
        columns = (
            (self.path, [*vehicle, ("station", words), ("site", words), ("arrived", instant),
                         ("arrived_s", second), *((name, second) for name in (
                             "held_s", "waiting_s", "service_s", "blocked_s", "delay_s"))]),
            (stood_path(self.path), [*vehicle, ("road", words), ("since", instant),
                                     ("since_s", second), ("released_s", second),
                                     ("until_s", second)]),
        )
        meta = {"straits": json.dumps({
            "format": FORMAT, "origin": self._midnight(self.start).isoformat(), **self.about})}
        try:
            for path, fields in columns:
                handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
                file = os.fdopen(handle, "wb")
                self._files[path] = (Path(name), file)
                schema = pa.schema(fields).with_metadata(meta)
                self._writers.append(pq.ParquetWriter(file, schema, compression="zstd"))
        except OSError as error:
            self._give_up()
            raise _refused(self.path, error.strerror or str(error)) from error
        except BaseException:
            self._give_up()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Give both files their names, or take them away if anything went wrong."""
        if kind is not None:
            self._give_up()
            return
        try:
            for writer in self._writers:
                writer.close()
            for temporary, file in self._files.values():
                file.flush()
                os.fsync(file.fileno())
                file.close()
                usual_mode(temporary)
            for path, (temporary, _) in self._files.items():
                os.replace(temporary, path)
        except OSError as problem:
            self._give_up()
            raise _refused(self.path, problem.strerror or str(problem)) from problem
        except BaseException:
            self._give_up()
            raise

    def write(self, log: VehicleLog, *, last: bool = False) -> None:
        """Add a slice's visits, and with the last slice those who still stand.

        Raises
        ------
        UserError
            If there is no room.
        """
        import pyarrow as pa

        legend = self.legend
        names = [station.station for station in legend.stations]
        visits = {
            **self._vehicle(log.vehicle),
            "station": _words(log.station, names),
            "site": _words(log.station, [station.site for station in legend.stations]),
            **self._instants("arrived", log.arrived),
            **{f"{name}_s": getattr(log, name) / SECOND_TICKS
               for name in ("held", "waiting", "service", "blocked", "delay")},
        }
        columns = [log.stood_vehicle, log.stood_road, log.stood_since, log.stood_released,
                   log.stood_until]
        if last:
            never = np.full(log.standing_vehicle.size, NEVER)
            more = (log.standing_vehicle, log.standing_road, log.standing_since,
                    np.where(log.standing_released >= log.end, NEVER, log.standing_released), never)
            columns = [np.concatenate(pair) for pair in zip(columns, more, strict=True)]
        vehicle, road, since, released, until = columns
        stood = {
            **self._vehicle(vehicle),
            "road": _words(np.where(road < 0, len(legend.roads), road),
                           [one.road for one in legend.roads] + [""]),
            **self._instants("since", since),
            "released_s": self._or_null(released, (released < 0) | (released >= NEVER)),
            "until_s": self._or_null(until, until >= NEVER),
        }
        try:
            for writer, table in zip(self._writers, (visits, stood), strict=True):
                if len(table["vehicle"]):
                    writer.write_table(pa.table(table, schema=writer.schema))
        except OSError as error:
            raise _refused(self.path, error.strerror or str(error)) from error
        self.visits += log.vehicle.size

    def _midnight(self, at: int) -> date:
        return date.fromordinal(self.first.toordinal() + at // DAY_TICKS)

    def _vehicle(self, vehicle: NDArray[np.int64]) -> dict[str, Any]:
        stream = stream_of(vehicle)
        table = [_words(stream, [each[k] for each in self.legend.streams]) for k in range(3)]
        return {"vehicle": vehicle, **dict(zip(("crossing", "direction", "class"), table,
                                               strict=True))}

    def _instants(self, name: str, at: NDArray[np.int64]) -> dict[str, Any]:
        import pyarrow as pa

        zero = datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC) - _EPOCH
        micro = np.round(at * (_MICRO / SECOND_TICKS)).astype(np.int64)
        micro += zero.days * 86_400 * _MICRO
        return {name: pa.array(micro, pa.timestamp("us", tz="UTC")),
                f"{name}_s": (at - self.start) / SECOND_TICKS}

    def _or_null(self, at: NDArray[np.int64], null: NDArray[np.bool_]) -> Any:
        import pyarrow as pa

        return pa.array((np.where(null, self.start, at) - self.start) / SECOND_TICKS, mask=null)

    def _give_up(self) -> None:
        for writer in self._writers:
            with suppress(OSError):
                writer.close()
            writer.is_open = False  # or it would try again when it is forgotten
        for temporary, file in self._files.values():
            with suppress(OSError):  # what could not be written cannot be flushed either
                file.close()
            temporary.unlink(missing_ok=True)
        self._files.clear()
        self._writers.clear()


def _words(index: NDArray[np.int64], names: Sequence[str]) -> Any:
    """Return a column of words: each index stands for a name, and names may be equal."""
    import pyarrow as pa

    known = list(dict.fromkeys(names))
    place = np.array([known.index(name) for name in names], np.int16)
    return pa.DictionaryArray.from_arrays(place[index], pa.array(known, pa.string()))


def _refused(path: Path, why: str) -> UserError:
    return UserError(Problem(
        "--log", "", "the file cannot be written", f"{path} ({why})",
        "a file in a folder that exists, with room", "Choose another with --log"))


def visit_rows(
    summary: Summary, legend: Legend, waiting: NDArray[np.int64]
) -> list[dict[str, str | float | int]]:
    """Return one row a station and class with visits or vehicles that wait, sums in seconds.

    Parameters
    ----------
    summary : Summary
    legend : Legend
    waiting : int64[station, class]
        Who waits at the end; see ``summary.lorries_inside``.
    """
    v = summary.values
    none = np.zeros_like(v["visits"])
    rows: list[dict[str, str | float | int]] = []
    classes = len(legend.classes)
    for k, station in enumerate(legend.stations):
        for c, kind in enumerate(legend.classes):
            pair = k * classes + c
            visits = int(v["visits"][pair])
            if not visits and not waiting[k, c]:
                continue
            row: dict[str, str | float | int] = {
                "station": station.station, "site": station.site, "direction": station.direction,
                "kind": station.kind, "class": kind, "visits": visits}
            for name, column in (("waiting", "waits"), ("delay", "delays"),
                                 ("blocked", "blocked"), ("held", "held")):
                row[f"{name}_s"] = int(v.get(column, none)[pair]) / SECOND_TICKS
            row["wait_mean_s"] = float(row["waiting_s"]) / max(visits, 1)
            longest = int(v["longest_wait"][pair])
            for q in (50, 90, 95):
                # A quantile lies somewhere in its bin, the longest wait is known exactly.
                found = min(quantile(v["histogram"][pair], q / 100.0), longest)
                row[f"wait_p{q}_s"] = found / SECOND_TICKS
            row["wait_max_s"] = longest / SECOND_TICKS
            row["still_waiting"] = int(waiting[k, c])
            rows.append(row)
    return rows
