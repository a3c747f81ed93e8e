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

    Lines of a CSV or a sheet without anything in them are common at the end, mean nothing there,
    and are left out; a row that lacks only the wanted columns stays.
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
    if not next(iter(table.columns.values())):
        raise UserError(Problem(name, "", "this file has no rows", hint="A file of arrivals has "
                                "one row a vehicle or interval, below a line of headings"))
    return table


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
        # A name may hold anything that a file can.
        allowed = ", ".join(excerpt(name) if not name.isprintable() else name
                            for name in names[:20])
        problems.append(Problem(f"{path}:1", key, what, "", allowed, hint))
    if problems:
        raise UserError(problems)


def _csv(path: Path, wanted: list[str]) -> Table:
    import pyarrow as pa
    from pyarrow import csv

    head = _head(path)
    # Where a comma is the decimal mark, lists are separated by semicolons.
    delimiter = max(",;\t", key=lambda mark: sum(key in _cells(head, mark) for key in wanted))
    names = _cells(head, delimiter)
    if "\ufffd" in head and not all(key in names for key in wanted):
        raise _not_text(path)
    _check_columns(path, wanted, names)
    ragged: list[Problem] = []

    def refuse(row: Any) -> str:
        if len(ragged) < MAX_PROBLEMS:
            ragged.append(Problem(
                f"{path}:{row.number}", "", "this row has another number of columns",
                str(row.actual_columns), str(row.expected_columns),
                "Text with a comma in it needs quotes around it"))
        return "skip"

    parsing = csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False,
                               newlines_in_values=True, invalid_row_handler=refuse)
    try:
        # One thread, so that rows that are refused know their number.
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False),
            parse_options=parsing,
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
    columns = {key: table.column(key).to_pylist() for key in wanted}
    size = table.num_rows
    if size and all(is_missing(values[-1]) for values in columns.values()):
        size = _filled(path, parsing, len(names))
    return Table({key: values[:size] for key, values in columns.items()}, 2)


def _head(path: Path) -> str:
    """Return the line of headings; what is not UTF-8 in it is replaced.

    Raises
    ------
    UserError
        If the file is plainly no text: UTF-16, or another kind of file under this name.
    """
    data = path.read_bytes()
    line, _, _ = data[:1_000_000].partition(b"\n")
    head = line.decode("utf-8-sig", "replace").rstrip("\r")
    if b"\0" in data or any(ord(mark) < 32 and mark not in "\t\r" for mark in head):
        raise _not_text(path)
    return head


def _not_text(path: Path) -> UserError:
    return UserError(Problem(str(path), "", "this is no UTF-8 text", "", "a CSV in UTF-8",
                             "Save it as CSV UTF-8, or give XLSX or Parquet"))


def _filled(path: Path, parsing: Any, width: int) -> int:
    """Return the number of rows up to the last with something in any column of the file."""
    import pyarrow as pa
    from pyarrow import csv

    names = [f"{place}" for place in range(width)]
    # As bytes, because columns that are not wanted need not be UTF-8.
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=False, skip_rows=1, column_names=names),
        parse_options=parsing,
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.binary())))
    size: int = table.num_rows
    while size and not any(column[size - 1].as_py().strip() for column in table.columns):
        size -= 1
    return size


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
    size = 0
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            _check_rows(path, number)
        for key, at in place.items():
            columns[key].append(row[at] if at < len(row) else None)
        if not all(is_missing(cell) for cell in row):
            size = number
    return Table({key: values[:size] for key, values in columns.items()}, 2)
