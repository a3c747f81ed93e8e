"""Building blocks of the document models: closed classes, days, hours, identifiers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from straits.scenario.findings import Finding, excerpt, raise_findings
from straits.scenario.rules import read_date

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

__all__ = [
    "Closed",
    "Day",
    "Direction",
    "HourMinute",
    "Ident",
    "MonthDay",
    "SourceKeys",
    "State",
    "Text",
    "VehicleClass",
    "spread_origin",
]

State = Literal["UK", "FR"]
Direction = Literal["to_uk", "to_fr"]
VehicleClass = Literal["hgv_accompanied", "hgv_unaccompanied", "van", "car", "coach", "motorcycle"]

_IDENT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MONTH_DAY: Final = re.compile(r"\d\d-\d\d")
_HOUR: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_ORIGIN: Final = ("range", "tolerance", "source", "assumed", "grade")


class Closed(BaseModel):
    """A mapping whose keys are all known; nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Pydantic's view of a reading function that raises findings."""

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)


_LONGEST_TEXT = 4000


def _day(raw: object) -> date:
    day = read_date(raw)
    if day is None:
        raise_findings([Finding("this is no date", excerpt(raw), "YYYY-MM-DD")])
    return day


def _month_day(raw: object) -> str:
    if not isinstance(raw, str) or not _MONTH_DAY.fullmatch(raw) or not read_date(f"2000-{raw}"):
        allowed = "MM-DD, such as '07-20'"
        raise_findings([Finding("this is no day of the year", excerpt(raw), allowed)])
    return raw


def _hour(raw: object) -> str:
    if not isinstance(raw, str) or not _HOUR.fullmatch(raw):
        allowed = "'00:00' to '24:00'"
        raise_findings([Finding("this is no time of day", excerpt(raw), allowed)])
    return raw


def _ident(raw: object) -> str:
    if not isinstance(raw, str) or not _IDENT.fullmatch(raw):
        allowed = "small letters, digits, '-' and '_', beginning with a letter or digit"
        raise_findings([Finding("this is no identifier", excerpt(raw), allowed)])
    return raw


def _text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        allowed = "words, in quotes if in doubt"
        raise_findings([Finding("this must be text", excerpt(raw), allowed)])
    odd = sorted({f"U+{ord(c):04X}" for c in raw if _is_unseen(c)})
    if odd:
        # An escape would command the reader's terminal, a direction mark would turn words around.
        allowed = "printed characters, spaces and line ends"
        raise_findings([Finding("unseen control characters in this text", ", ".join(odd), allowed)])
    if len(raw) > _LONGEST_TEXT:
        found, allowed = f"{len(raw):,} characters", f"at most {_LONGEST_TEXT:,}"
        raise_findings([Finding("this text is too long", found, allowed)])
    return raw


def _is_unseen(character: str) -> bool:
    """Say whether a character is a control or a mark of direction, line ends and tabs apart."""
    return unicodedata.category(character) in ("Cc", "Cf") and character not in "\n\t\r"


def _sources(raw: object) -> tuple[str, ...]:
    keys = [raw] if isinstance(raw, str) else raw
    if (
        not isinstance(keys, list | tuple)
        or not keys
        or not all(isinstance(key, str) and key for key in keys)
    ):
        allowed = "a key, or a list of keys"
        raise_findings([Finding("this must name shipped figures", excerpt(raw), allowed)])
    return tuple(keys)


Day = Annotated[date, _Reader(_day)]
MonthDay = Annotated[str, _Reader(_month_day)]
HourMinute = Annotated[str, _Reader(_hour)]
Ident = Annotated[str, _Reader(_ident)]
Text = Annotated[str, _Reader(_text)]
SourceKeys = Annotated[tuple[str, ...], _Reader(_sources)]


def spread_origin(raw: Any, names: tuple[str, ...]) -> Any:
    """Return an item with its one source or assumption given to each of its numbers.

    A person writes ``{to_fr: 1.2, to_uk: 0.8, tolerance: 10 %, assumed: ...}``; what is
    checked and stored is one complete number for each name.
    """
    if not isinstance(raw, dict) or not any(key in raw for key in _ORIGIN):
        return raw
    origin = {key: raw[key] for key in _ORIGIN if key in raw}
    item = {key: value for key, value in raw.items() if key not in _ORIGIN}
    for name in names:
        if name in item and not isinstance(item[name], dict):
            item[name] = {"value": item[name], **origin}
    return item
