"""YAML to plain mappings, with the line and column of everything in them.

Only the events of the parser are used and scalars are read by rules of our own, so a
document can construct nothing but text, numbers, dates, lists and mappings; anchors and
aliases are refused, so it cannot grow; depth and size are bounded before they cost anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from straits.base.errors import Problem, UserError
from straits.scenario.findings import excerpt, nearest

__all__ = ["KINDS", "Document", "Place", "parse", "read"]

Steps = tuple[str | int, ...]

KINDS: Final = ("baseline", "policy", "uncertainty", "statement", "scenario")
MAX_BYTES: Final = 5_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 50_000

_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS: Final = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; line and column count from one."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as written: plain values, and the place of each."""

    file: str
    data: dict[str, Any]
    places: dict[Steps, Place]

    def place(self, path: Steps) -> Place:
        """Return where `path` stands, or the nearest thing around it that exists."""
        for end in range(len(path), -1, -1):
            found = self.places.get(path[:end])
            if found is not None:
                return found
        return Place(self.file)

    def problem(
        self, path: Steps, message: str, found: str = "", allowed: str = "", hint: str = ""
    ) -> Problem:
        """Return a problem at `path` of this document."""
        return Problem(str(self.place(path)), dotted(path), message, found, allowed, hint)

    @property
    def kind(self) -> str:
        """The kind of document that it says it is."""
        return str(self.data.get("straits", ""))


def dotted(path: Steps) -> str:
    """Return a path as people write it: ``demand.surges[2].factor``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else str(step)
    return text


def read(path: str | Path, kind: str | None = None) -> Document:
    """Return the document at `path`, which must be of `kind` if one is given.

    Raises
    ------
    UserError
        With every problem that can be told before the meaning of the keys is known.
    """
    return parse(_text(Path(path)), _label(Path(path)), kind)


def _label(path: Path) -> str:
    """Return how problems and lists of assumptions name a file.

    Shipped documents are named from the package on, because where it is installed says
    nothing and would differ in every stored report.
    """
    folder = Path(__file__).parents[1]
    inside = path.is_relative_to(folder / "library")
    return f"straits/{path.relative_to(folder).as_posix()}" if inside else str(path)


def _text(path: Path) -> str:
    name = str(path)
    try:
        if not path.exists():
            around = path.parent
            if around.is_dir():
                close = nearest(path.name, (p.name for p in around.iterdir()))
                hint = f"Did you mean '{around / close[0]}'?" if close else ""
            else:
                hint = f"The folder '{around}' does not exist either"
            raise UserError(Problem(name, "", "there is no such file", hint=hint))
        if path.is_dir():
            hint = "Name a file inside it"
            raise UserError(Problem(name, "", "this is a folder, not a document", hint=hint))
        if not path.is_file():
            raise UserError(Problem(name, "", "this is not an ordinary file"))
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UserError(
                Problem(
                    name,
                    "",
                    "this file is too large for a document",
                    f"{size / 1e6:.1f} MB",
                    f"up to {MAX_BYTES / 1e6:.0f} MB",
                )
            )
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path cannot be used"
        raise UserError(Problem(name, "", "this file cannot be read", str(reason))) from None
    if b"\0" in raw:
        raise UserError(Problem(name, "", "this is a binary file", allowed="text in UTF-8"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        found = f"the byte 0x{raw[error.start]:02x}"
        raise UserError(
            Problem(
                f"{name}:{line}:{column}",
                "",
                "this is not text in UTF-8",
                found,
                hint="Save the file as UTF-8",
            )
        ) from None


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still being filled."""

    path: Steps
    items: dict[str, Any] | list[Any]
    key: str | None = None
    first: dict[str, Place] = field(default_factory=dict)


@dataclass(slots=True)
class _Builder:
    """Turns parser events into plain values."""

    file: str
    places: dict[Steps, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    root: Any = None
    documents: int = 0
    nodes: int = 0

    def refuse(self, place: Place, message: str, found: str = "", hint: str = "") -> None:
        # A document built on aliases has thousands of them; three show what is meant.
        if sum(problem.message == message for problem in self.problems) >= 3:
            return
        path = dotted(self.stack[-1].path) if self.stack else ""
        self.problems.append(Problem(str(place), path, message, found, "", hint))

    def take(self, event: Any) -> None:
        """Use one event of the parser."""
        name = type(event).__name__
        mark = event.start_mark
        place = Place(self.file, mark.line + 1, mark.column + 1)
        if name == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.refuse(
                    place,
                    "a second document begins here",
                    hint="Put each document into a file of its own",
                )
                raise UserError(self.problems)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.stack.pop()
        elif name == "AliasEvent":
            self.refuse(
                place,
                "aliases are not allowed",
                f"'*{str(event.anchor)[:40]}'",
                "Write the value out, or use 'extends'",
            )
            self.add(None, place)
        elif name in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent"):
            self.node(name, event, place)

    def node(self, name: str, event: Any, place: Place) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(self.stack) > MAX_DEPTH:
            what = "values" if self.nodes > MAX_NODES else "levels of nesting"
            limit = MAX_NODES if self.nodes > MAX_NODES else MAX_DEPTH
            self.refuse(place, f"this document has more than {limit:,} {what}")
            raise UserError(self.problems)
        if event.anchor is not None:
            self.refuse(
                place,
                "anchors are not allowed",
                f"'&{str(event.anchor)[:40]}'",
                "Write the value out, or use 'extends'",
            )
        tag = None if event.ctag is None else str(event.ctag)
        if tag and tag != "!":
            self.refuse(place, "tags are not allowed", repr(tag[:40]), "Remove the tag")
        if name == "ScalarEvent":
            text = str(event.value)
            if self.expects_key():
                self.key(text, place)
            else:
                self.add(_scalar(text) if event.style is None else text, place)
            return
        items: dict[str, Any] | list[Any] = {} if name == "MappingStartEvent" else []
        if self.expects_key():
            self.refuse(place, "a key must be plain text", hint="Put quotes around the key")
            self.key(f"(line {place.line}, column {place.column})", place)
            self.stack.append(_Frame((*self.stack[-1].path, "?"), items))
            self.stack[-2].key = None
            self.stack[-2].first["?"] = place
            return
        self.stack.append(_Frame(self.add(items, place), items))

    def expects_key(self) -> bool:
        return (
            bool(self.stack)
            and isinstance(self.stack[-1].items, dict)
            and (self.stack[-1].key is None)
        )

    def key(self, text: str, place: Place) -> None:
        frame = self.stack[-1]
        before = frame.first.get(text)
        if before is not None:
            self.refuse(
                place,
                f"the key '{text[:60]}' is given twice",
                f"first at line {before.line}, again at line {place.line}",
                "Keep one of the two",
            )
        frame.first.setdefault(text, place)
        frame.key = text

    def add(self, value: Any, place: Place) -> Steps:
        """Put a value where it belongs and return its path."""
        if not self.stack:
            self.root = value
            self.places[()] = Place(self.file, place.line, place.column)
            return ()
        frame = self.stack[-1]
        if isinstance(frame.items, list):
            path: Steps = (*frame.path, len(frame.items))
            frame.items.append(value)
            self.places[path] = place
            return path
        key = frame.key if frame.key is not None else "?"
        path = (*frame.path, key)
        frame.items[key] = value
        self.places[path] = frame.first.get(key, place)
        frame.key = None
        return path


def _scalar(text: str) -> Any:
    """Return what a scalar without quotes means: text, number, day, truth value or nothing."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def parse(text: str, file: str, kind: str | None = None) -> Document:
    """Return the document in `text`; `file` is the name that problems give.

    Raises
    ------
    UserError
        If the text is no YAML, breaks a rule of form, or is of another kind.
    """
    builder = _Builder(file)
    try:
        _feed(text, builder)
    except RecursionError:
        problem = Problem(file, "", f"this document has more than {MAX_DEPTH} levels of nesting")
        raise UserError(problem) from None
    if builder.problems:
        raise UserError(builder.problems)
    if builder.root is None:
        hint = f"A document begins with 'straits: {kind or 'baseline'}'"
        raise UserError(Problem(file, "", "this document is empty", hint=hint))
    where = str(builder.places[()])
    if not isinstance(builder.root, dict):
        found = excerpt(builder.root)
        hint = f"A document begins with 'straits: {kind or 'baseline'}'"
        raise UserError(Problem(where, "", "a document is a mapping of keys", found, "", hint))
    document = Document(file, builder.root, builder.places)
    _check_kind(document, kind)
    return document


def _feed(text: str, builder: _Builder) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        for event in YAML(typ="safe").parse(text):
            builder.take(event)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        lines = text.split("\n")
        line, column = (mark.line, mark.column) if mark is not None else _odd_character(lines)
        line = min(line, len(lines) - 1)
        shown = lines[line].rstrip("\r")
        hint = "Look at indentation, colons, quotes and brackets here and in the line above"
        if "\t" in shown:
            hint = "Tabs are not allowed: indent with spaces"
        elif shown.count(": ") > 1:
            hint = "Text that contains a colon and a space needs quotes around it"
        found = excerpt(shown) if shown.strip() else ""
        where = f"{builder.file}:{line + 1}:{column + 1}"
        builder.problems.append(Problem(where, "", "this is not valid YAML", found, "", hint))


def _odd_character(lines: list[str]) -> tuple[int, int]:
    """Return line and column of the first character that YAML does not admit."""
    for number, line in enumerate(lines):
        for column, character in enumerate(line):
            if ord(character) < 32 and character not in "\t\r":
                return number, column
    return 0, 0


def _check_kind(document: Document, kind: str | None) -> None:
    found = document.data.get("straits")
    if "straits" not in document.data:
        allowed = f"straits: {kind}" if kind else " or ".join(f"straits: {k}" for k in KINDS)
        problem = document.problem(
            (),
            "the key 'straits' is missing, which says what kind of document this is",
            "",
            allowed,
        )
        raise UserError(problem)
    path: Steps = ("straits",)
    if found not in KINDS:
        close = nearest(str(found), KINDS)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        raise UserError(
            document.problem(
                path, "unknown kind of document", excerpt(found), ", ".join(KINDS), hint
            )
        )
    if kind is not None and found != kind:
        raise UserError(
            document.problem(
                path,
                f"this is not a {kind}",
                f"straits: {found}",
                f"straits: {kind}",
                f"Use it where a {found} is asked for",
            )
        )
