"""Columns of a CSV, XLSX or Parquet file as plain values, with the number of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from straits.base.errors import Problem, UserError
from straits.scenario.findings import excerpt, nearest

__all__ = ["MAX_BYTES", "MAX_ROWS", "Table", "read_table"]

MAX_BYTES: Final = 50_000_000
# A small file can unpack to a very large table.
MAX_ROWS: Final = 3_000_000
MAX_PROBLEMS: Final = 20
KINDS: Final = (".csv", ".xlsx", ".parquet")


@dataclass(frozen=True, slots=True)
class Table:
    """The wanted columns of a file: text, numbers, dates and times as the file has them.

    `first_row` is the number of the first row of values: 2 below a line of headings, else 1.
    """

    columns: dict[str, list[Any]]
    first_row: int


def read_table(path: Path, wanted: list[str], sheet: str | None = None) -> Table:
    """Return the `wanted` columns of a file; nothing else in it is looked at.

    Raises
    ------
    UserError
        If there is no such file, it is too large, of another kind, damaged, without rows, or
        without one of the columns.
    """
    name = str(path)
    _check_file(path)
    kind = path.suffix.lower()
    if sheet is not None and kind != ".xlsx":
        raise UserError(Problem(name, "sheet", "only a workbook has sheets", repr(sheet),
                                "", "Remove 'sheet', or name an XLSX file"))
    if kind == ".csv":
        table = _csv(path, wanted)
    elif kind == ".parquet":
        table = _parquet(path, wanted)
    else:
        table = _xlsx(path, wanted, sheet)
    # Lines without anything in them are common at the end of a file, and mean nothing there.
    size = len(next(iter(table.columns.values())))
    while size and all(is_missing(values[size - 1]) for values in table.columns.values()):
        size -= 1
    if size == 0:
        raise UserError(Problem(name, "", "this file has no rows", hint="A file of arrivals has "
                                "one row a vehicle or interval, below a line of headings"))
    return Table({key: values[:size] for key, values in table.columns.items()}, table.first_row)


def is_missing(value: Any) -> bool:
    """Say whether a cell is empty."""
    return value is None or (isinstance(value, str) and not value.strip())


def _check_file(path: Path) -> None:
    name = str(path)
    try:
        if not path.is_file():
            around = path.parent
            names = [p.name for p in around.iterdir()] if around.is_dir() else []
            close = nearest(path.name, names)
            hint = f"Did you mean '{around / close[0]}'?" if close else (
                "A relative name leads from the folder of the baseline's document")
            what = "this is a folder, not a file" if path.is_dir() else "there is no such file"
            raise UserError(Problem(name, "", what, hint=hint))
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path cannot be used"
        raise UserError(Problem(name, "", "this file cannot be read", str(reason))) from None
    if path.suffix.lower() not in KINDS:
        raise UserError(Problem(name, "", "this is no file of arrivals", repr(path.suffix),
                                ", ".join(KINDS), "Save it as CSV, with commas and UTF-8"))
    if size > MAX_BYTES:
        raise UserError(Problem(name, "", "this file is too large", f"{size / 1e6:.1f} MB",
                                f"up to {MAX_BYTES / 1e6:.0f} MB",
                                "Leave out columns that are not needed, or split it by days"))
    if size == 0:
        raise UserError(Problem(name, "", "this file is empty"))


def _unreadable(path: Path, what: str, error: Exception) -> UserError:
    found = excerpt(str(error).split("\n")[0], 100)
    return UserError(Problem(str(path), "", f"this cannot be read as {what}", found))


def _check_columns(path: Path, wanted: Iterable[str], names: list[str]) -> None:
    """Refuse a file that lacks a column or has it twice."""
    problems = []
    for key in wanted:
        if names.count(key) == 1:
            continue
        close = nearest(key, names)
        twice = key in names
        what = "there are two columns of this name" if twice else "there is no column of this name"
        hint = f"Did you mean '{close[0]}'?" if close and not twice else ""
        problems.append(Problem(f"{path}:1", key, what, "", ", ".join(names[:20]), hint))
    if problems:
        raise UserError(problems)


def _csv(path: Path, wanted: list[str]) -> Table:
    import pyarrow as pa
    from pyarrow import csv

    with path.open("rb") as stream:
        head = stream.readline(1_000_000).decode("utf-8-sig", "replace")
    # Where a comma is the decimal mark, lists are separated by semicolons.
    delimiter = max(",;\t", key=lambda mark: sum(key in _cells(head, mark) for key in wanted))
    _check_columns(path, wanted, _cells(head, delimiter))
    ragged: list[Problem] = []

    def refuse(row: Any) -> str:
        if len(ragged) < MAX_PROBLEMS:
            ragged.append(Problem(
                f"{path}:{row.number}", "", "this row has another number of columns",
                str(row.actual_columns), str(row.expected_columns),
                "Text with a comma in it needs quotes around it"))
        return "skip"

    try:
        # One thread, so that rows that are refused know their number.
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False),
            parse_options=csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False,
                                           newlines_in_values=True, invalid_row_handler=refuse),
            convert_options=csv.ConvertOptions(
                include_columns=wanted, strings_can_be_null=True, null_values=[""],
                column_types=dict.fromkeys(wanted, pa.string())))
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _unreadable(path, "CSV in UTF-8", error) from None
    # An empty line counts as a row of one column; below the last row it means nothing.
    while ragged and ragged[-1].found == "1" and _only_empty_after(path, ragged[-1].where):
        ragged.pop()
    if ragged:
        raise UserError(ragged)
    _check_rows(path, table.num_rows)
    return Table({key: table.column(key).to_pylist() for key in wanted}, 2)


def _cells(line: str, mark: str) -> list[str]:
    import csv

    return next(csv.reader([line.rstrip("\r\n")], delimiter=mark), [])


def _only_empty_after(path: Path, where: str) -> bool:
    """Say whether a file has nothing but empty lines from the row of a problem on."""
    lines = path.read_bytes().splitlines()
    return not any(line.strip() for line in lines[int(where.rpartition(":")[2]) - 1 :])


def _check_rows(path: Path, count: int) -> None:
    if count > MAX_ROWS:
        raise UserError(Problem(str(path), "", "this file has too many rows", f"{count:,}",
                                f"up to {MAX_ROWS:,}", "Split it by days"))


def _parquet(path: Path, wanted: list[str]) -> Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        _check_rows(path, file.metadata.num_rows)
        _check_columns(path, wanted, list(file.schema_arrow.names))
        table = file.read(columns=wanted)
        columns = {}
        for key in wanted:
            column = table.column(key)
            if pa.types.is_timestamp(column.type):
                # Finer than a microsecond is finer than a tick; a zone only says how to show it.
                zone = "UTC" if column.type.tz else None
                column = column.cast(pa.timestamp("us", zone), safe=False)
            columns[key] = column.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(path, "Parquet", error) from None
    return Table(columns, 1)


def _xlsx(path: Path, wanted: list[str], sheet: str | None) -> Table:
    try:
        import openpyxl
    except ImportError:
        raise UserError(Problem(
            str(path), "", "workbooks are read with the package openpyxl, which is not installed",
            hint="Install it with 'pip install openpyxl', or save the sheet as CSV")) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        if sheet is not None and sheet not in book.sheetnames:
            raise UserError(Problem(str(path), "sheet", "there is no sheet of this name",
                                    repr(sheet), ", ".join(book.sheetnames)))
        rows = (book[sheet] if sheet is not None else book.worksheets[0]).iter_rows(
            values_only=True)
        try:
            return _sheet(path, wanted, rows)
        finally:
            book.close()
    except UserError:
        raise
    except Exception as error:
        # A damaged archive fails in one of a dozen unrelated ways.
        raise _unreadable(path, "a workbook", error) from None


def _sheet(path: Path, wanted: list[str], rows: Iterator[tuple[Any, ...]]) -> Table:
    head = ["" if cell is None else str(cell).strip() for cell in next(rows, ())]
    _check_columns(path, wanted, [name for name in head if name])
    place = {key: head.index(key) for key in wanted}
    columns: dict[str, list[Any]] = {key: [] for key in wanted}
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            _check_rows(path, number)
        for key, at in place.items():
            columns[key].append(row[at] if at < len(row) else None)
    return Table(columns, 2)
