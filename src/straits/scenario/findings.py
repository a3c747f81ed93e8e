"""What a validator found wrong, before it is known in which file and line.

A validator of ours may find several things at once. It raises them together through
pydantic as one error whose context carries the list; `straits.scenario.validate` unpacks it
and adds the places.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

__all__ = [
    "WRONG_WORDS", "Finding", "excerpt", "listed", "nearest", "raise_findings", "unknown_key",
]

MOST_LISTED: Final = 20

# The glossary's words that people write out of habit, and the house's word for the same thing.
WRONG_WORDS: Final = {
    "agent": "server",
    "agents": "servers",
    "booth": "servers",
    "booths": "servers",
    "desk": "servers",
    "desks": "servers",
    "lane": "servers",
    "lanes": "servers",
    "lines": "servers",
    "officers": "servers",
    "staff": "servers",
    "node": "station",
    "nodes": "stations",
    "checks": "controls",
    "checkpoints": "controls",
    "check": "control",
    "treaty": "instrument",
    "treaties": "instruments",
    "agreements": "instruments",
    "routes": "crossings",
    "ports": "sites",
    "places": "sites",
    "sailings": "departures",
    "ferries": "departures",
    "shuttles": "departures",
    "trucks": "hgv_accompanied",
    "truck": "hgv_accompanied",
    "lorries": "hgv_accompanied",
    "lorry": "hgv_accompanied",
    "hgv": "hgv_accompanied",
    "trailer": "hgv_unaccompanied",
    "trailers": "hgv_unaccompanied",
    "cars": "car",
    "coaches": "coach",
    "vans": "van",
    "bus": "coach",
    "capacity_veh": "buffer",
    "queue_capacity": "buffer",
    "storage": "buffer",
    "service_time": "service",
    "success_rate": "sensitivity",
    "detection_rate": "sensitivity",
    "delay": "wait",
    "migrants": "people",
    "persons": "people",
    "population": "people",
    "claims": "asylum",
    "min": "minimum",
    "reference": "source",
    "ref": "source",
    "sources": "source",
    "assumption": "assumed",
    "bounds": "range",
    "interval": "range",
    "start": "from",
    "end": "to",
    "effective": "in_force",
    "starts": "in_force",
    "name": "title",
    "value": "set",
    "speaker": "who",
    "proposer": "who",
    "horizon": "days",
    "margin": "by",
    "tolerance": "within",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, `path` relative to the value that was being read."""

    message: str
    found: str = ""
    allowed: str = ""
    hint: str = ""
    path: tuple[str | int, ...] = ()


def raise_findings(findings: Sequence[Finding]) -> NoReturn:
    """Raise all `findings` through pydantic as one error."""
    from pydantic_core import PydanticCustomError

    raise PydanticCustomError("straits", "straits", {"findings": tuple(findings)})


def excerpt(value: object, limit: int = 60) -> str:
    """Return a short, one-line picture of a value that was found."""
    if isinstance(value, dict):
        text = "a mapping with " + ", ".join(str(key) for key in list(value)[:4])
        text = text if value else "an empty mapping"
    elif isinstance(value, list | tuple):
        text = f"a list of {len(value)}"
    elif value is None:
        text = "nothing"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = repr(value)
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return the known words nearest to `word`, best first; none if nothing is near."""
    return difflib.get_close_matches(str(word)[:80], list(known), n=count, cutoff=0.6)


def unknown_key(key: str, known: Iterable[str]) -> Finding:
    """Return the finding for a key that does not exist, with the word that was likely meant."""
    names = sorted(known)
    lower = str(key).strip().lower()
    meant = WRONG_WORDS.get(lower)
    by_case = [name for name in names if name == lower.replace("-", "_").replace(" ", "_")]
    close = nearest(lower, names)
    if meant == "servers" and meant not in names and "built" in names:
        meant = "built"
    if meant not in names:
        meant = by_case[0] if by_case else close[0] if close else None
    hint = f"Did you mean '{meant}'?" if meant else "Remove it, or write it as a comment"
    if " " in str(key).strip():
        hint = "Text with a comma in it needs quotes around it"
    shown = ", ".join(names[:24]) + (", ..." if len(names) > 24 else "")
    return Finding("unknown key", repr(str(key)[:60]), shown or "no keys here", hint, (key,))


def listed(names: Iterable[str]) -> str:
    """Return names with commas between, the first twenty and how many more there are."""
    every = list(names)
    more = f" and {len(every) - MOST_LISTED} more" if len(every) > MOST_LISTED else ""
    return ", ".join(every[:MOST_LISTED]) + more
