"""Dotted names that people wrote become stable 32-bit decision ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from straits.base.errors import InternalError

__all__ = ["decision_id", "decision_ids"]


def decision_id(name: str) -> int:
    """Return the id of a decision, in [1, 2**32): the same on every machine, for ever.

    The id depends on the name alone, so adding or reordering decisions moves no draw.
    """
    digest = hashlib.blake2s(name.encode("utf-8"), digest_size=4).digest()
    return int.from_bytes(digest, "little") or 1


def decision_ids(names: Iterable[str]) -> dict[str, int]:
    """Return the ids of all `names`; two names that share an id are refused.

    Raises
    ------
    InternalError
        If two different names hash to the same id. Rename one of them.
    """
    ids: dict[str, int] = {}
    seen: dict[int, str] = {}
    for name in names:
        number = decision_id(name)
        if seen.setdefault(number, name) != name:
            raise InternalError(f"decisions {seen[number]!r} and {name!r} share the id {number}")
        ids[name] = number
    return ids
