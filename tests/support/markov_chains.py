"""A second way to stationary laws: write out a chain's moves and solve for the balance."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

Moves = Callable[[tuple[int, ...]], Iterable[tuple[tuple[int, ...], float]]]


def stationary(start: tuple[int, ...], moves: Moves) -> dict[tuple[int, ...], float]:
    """Return the law of all states that can be reached; `moves` must cut off what has no end."""
    place, waiting = {start: 0}, [start]
    rows, columns, rates = [], [], []
    while waiting:
        state = waiting.pop()
        for after, rate in moves(state):
            if rate <= 0.0:
                continue
            if after not in place:
                place[after] = len(place)
                waiting.append(after)
            rows += [place[after], place[state]]
            columns += [place[state], place[state]]
            rates += [rate, -rate]
    size = len(place)
    balance = sparse.lil_matrix(sparse.coo_matrix((rates, (rows, columns)), shape=(size, size)))
    balance[0] = np.ones(size)
    right = np.zeros(size)
    right[0] = 1.0
    law = spsolve(balance.tocsc(), right)
    return dict(zip(place, law.tolist(), strict=True))


def mean(law: dict[tuple[int, ...], float], value: Callable[..., float]) -> float:
    """Return the mean of a function of the state."""
    return sum(chance * value(*state) for state, chance in law.items())
