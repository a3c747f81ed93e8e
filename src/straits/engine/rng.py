"""Counter-based random streams: a draw has an address, not a turn.

A draw is a pure function of the study's seed, the row, the decision being taken, the entity
that takes it and the draw's ordinal. Adding a booth, a vehicle or a policy shifts nobody
else's numbers, so policies run under one `Seed` share their luck vehicle by vehicle and
person by person. The bijection is Threefry2x64-20 [1]_; compiled kernels repeat it bit for
bit and ``tests/parity/test_rng.py`` holds the two together.

References
----------
.. [1] J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers:
   as easy as 1, 2, 3", Proc. SC '11. doi:10.1145/2063384.2063405
"""

from __future__ import annotations

from dataclasses import dataclass

from straits.base.errors import Problem, UserError

__all__ = ["Seed", "threefry", "uniform"]

_MASK = (1 << 64) - 1
_PARITY = 0x1BD11BDAA9FC1A22
_ROTATIONS = ((16, 42, 12, 31), (16, 32, 24, 21))


@dataclass(frozen=True, slots=True)
class Seed:
    """Key of one row; access is random, so row 900 costs what row 0 does."""

    root: int  # the study's seed, shared by all policies that will be compared
    row: int = 0

    def __post_init__(self) -> None:
        for name, value in (("seed", self.root), ("row", self.row)):
            if not 0 <= value < 2**32:
                raise UserError(
                    Problem("--seed", name, "out of range", str(value), "0 to 4,294,967,295")
                )

    @property
    def key(self) -> int:
        """The first key word of every draw [unsigned 64-bit integer]."""
        return (self.root << 32) | self.row


def threefry(key: tuple[int, int], counter: tuple[int, int]) -> tuple[int, int]:
    """Return Threefry2x64-20 of a key and a counter [two unsigned 64-bit integers]."""
    keys = (key[0], key[1], _PARITY ^ key[0] ^ key[1])
    x0, x1 = (counter[0] + key[0]) & _MASK, (counter[1] + key[1]) & _MASK
    for block in range(5):
        for distance in _ROTATIONS[block % 2]:
            x0 = (x0 + x1) & _MASK
            x1 = (((x1 << distance) | (x1 >> (64 - distance))) & _MASK) ^ x0
        x0 = (x0 + keys[(block + 1) % 3]) & _MASK
        x1 = (x1 + keys[(block + 2) % 3] + block + 1) & _MASK
    return x0, x1


def uniform(key: int, decision: int, entity: int, ordinal: int = 0) -> float:
    """Return one U(0, 1) number, strictly inside (0, 1) [dimensionless].

    Parameters
    ----------
    key : int
        ``Seed.key`` of the row.
    decision : int
        ``straits.base.names.decision_id`` of the dotted name of the purpose.
    entity : int
        Vehicle or person id.
    ordinal : int
        Which draw of this entity for this decision; 0 for the first.
    """
    word, _ = threefry((key, decision), (entity & _MASK, ordinal & _MASK))
    # 52 bits, not 53: with 53 the half step would round the top value up to 1.0.
    return ((word >> 12) + 0.5) * 2.0**-52
