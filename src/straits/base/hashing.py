"""Hashes of content: arrays, tables, text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["content_hash", "unit_draw", "unit_draws"]

_MASK = (1 << 64) - 1
# Most of what is hashed; asking for these first makes hashing documents three times as fast.
_PLAIN = frozenset({str, float, int, bool, type(None)})


def content_hash(*parts: object) -> str:
    """Return a hash of arrays, numbers, text and dataclasses of them [32 hexadecimal digits]."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: hashlib.blake2b, part: object) -> None:
    if type(part) in _PLAIN:
        digest.update(f"{type(part).__name__}:{part!r};".encode())
    elif isinstance(part, np.ndarray):
        digest.update(f"a{part.dtype.str}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    elif is_dataclass(part) and not isinstance(part, type):
        digest.update(f"d{type(part).__name__}".encode())
        for field in fields(part):
            digest.update(field.name.encode())
            _feed(digest, getattr(part, field.name))
    elif isinstance(part, Mapping):
        for key in sorted(part):
            _feed(digest, key)
            _feed(digest, part[key])
    elif isinstance(part, Iterable) and not isinstance(part, str | bytes):
        digest.update(b"[")
        for item in part:
            _feed(digest, item)
        digest.update(b"]")
    else:
        digest.update(f"{type(part).__name__}:{part!r};".encode())


def unit_draw(*address: int) -> float:
    """Return one U(0, 1) number for an address of integers [dimensionless].

    For plans of experiments (which future belongs to which row), where a handful of numbers
    is drawn; the model itself draws with ``straits.engine.rng``. The mixing step is
    SplitMix64 [1]_.

    References
    ----------
    .. [1] G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number
       generators", OOPSLA 2014. doi:10.1145/2660193.2660195
    """
    state = 0x9E3779B97F4A7C15
    for word in address:
        state = (state + (word & _MASK) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return ((state >> 12) + 0.5) * 2.0**-52


def unit_draws(count: int, *address: int) -> NDArray[np.float64]:
    """Return what `unit_draw` gives for (*address, 0) to (*address, count - 1), bit for bit.

    For resamples, where an analysis draws some hundreds of thousands.
    """
    words = [np.full(count, word & _MASK, np.uint64) for word in address]
    state = np.full(count, 0x9E3779B97F4A7C15, np.uint64)
    for word in [*words, np.arange(count, dtype=np.uint64)]:
        state = state + word + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    numbers: NDArray[np.float64] = ((state >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return numbers
