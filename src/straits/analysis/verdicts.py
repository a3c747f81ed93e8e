"""Verdict words, by the share of plausible futures in which a statement holds.

A future holds if the predicate holds for the *mean* over its replications: a replication is chance,
a future is an assumption, and a statement that chance alone turns is not decided by counting its
replications as futures. How many futures lie so near that chance may have put them on their side is
told beside the word.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from straits.analysis.intervals import LEVEL, normal_quantile, wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UNDECIDED", "WORDS", "Holding", "Relation", "ShareVerdict", "Word", "hold", "hold_by",
           "share_verdict", "whole_percent", "word"]  # fmt: skip

Word = Literal[
    "Holds", "Usually holds", "Depends", "Usually does not hold", "Does not hold",
    "Cannot be decided here",
]  # fmt: skip
Relation = Literal["above", "at least", "below", "at most"]
Predicate = Callable[["NDArray[np.float64]"], "NDArray[np.bool_]"]

UNDECIDED: Final[Word] = "Cannot be decided here"
WORDS: Final[tuple[tuple[int, Word], ...]] = (
    (95, "Holds"), (70, "Usually holds"), (31, "Depends"), (6, "Usually does not hold"),
    (0, "Does not hold"),
)  # fmt: skip
"""Least whole percent of each word."""
# Above this share of undefined futures the others speak for too few.
UNDEFINED_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Holding:
    """In which futures a predicate holds.

    Attributes
    ----------
    holds : bool[future]
        False where it is undefined.
    defined : bool[future]
        Whether the predicate's numbers are known in all replications.
    near : bool[future]
        Whether chance may have decided: the threshold lies within the interval of the mean over
        replications. False where there is one replication or no threshold, which tell nothing.
    """

    holds: NDArray[np.bool_]
    defined: NDArray[np.bool_]
    near: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ShareVerdict:
    """A verdict word and what it rests on.

    Attributes
    ----------
    word : Word
    percent : int | None
        Share of futures that hold, in whole percent, halves up; None if no future is defined.
    low, high : float
        Wilson interval of the share over futures [dimensionless]; NaN without futures. It is the
        error of having drawn so many futures and no more, not the doubt about how likely they are.
    holding, futures, undefined, near : int
        Futures that hold, are defined, are not, and that chance may have decided.
    """

    word: Word
    percent: int | None
    low: float
    high: float
    holding: int
    futures: int
    undefined: int
    near: int


def whole_percent(part: int, whole: int) -> int:
    """Return a share in whole percent, halves up: 189 in 200, 94.5 %, is 95.

    Counted in integers, so that no rounding of 0.945 decides a word.
    """
    return (200 * part + whole) // (2 * whole)


def word(percent: int) -> Word:
    """Return the verdict word of a whole percentage.

    Raises
    ------
    ValueError
        For a number outside 0 to 100.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"{percent} % is no share of futures")
    return next(name for least, name in WORDS if percent >= least)


def hold(
    values: NDArray[np.float64],
    relation: Relation,
    threshold: float = 0.0,
    *,
    level: float = LEVEL,
) -> Holding:
    """Say in which futures a measure, or a paired difference, stands in a relation to a threshold.

    Parameters
    ----------
    values : float64[future, replication]
        NaN where undefined [unit of the measure].
    relation : {"above", "at least", "below", "at most"}
        Of the mean over replications to the threshold.
    threshold : float
        [unit of the measure]
    level : float
        Of the interval that decides which futures are near [dimensionless].

    Raises
    ------
    ValueError
        For another shape, no replication, or an unknown relation.
    """
    relations: dict[str, Predicate] = {
        "above": lambda mean: mean > threshold, "at least": lambda mean: mean >= threshold,
        "below": lambda mean: mean < threshold, "at most": lambda mean: mean <= threshold,
    }  # fmt: skip
    if relation not in relations:
        raise ValueError(f"unknown relation {relation!r}; allowed: {', '.join(relations)}")
    found = hold_by(values, relations[relation])
    replications = values.shape[1]
    if replications < 2:
        return found
    known = np.where(found.defined[:, None], values, 0.0)
    error = known.std(axis=1, ddof=1) / math.sqrt(replications)
    reach = _student(level, replications - 1) * error
    near: NDArray[np.bool_] = np.abs(known.mean(axis=1) - threshold) <= reach
    near &= found.defined & (error > 0.0)
    return Holding(found.holds, found.defined, near)


def hold_by(values: NDArray[np.float64], predicate: Predicate) -> Holding:
    """Say in which futures a predicate over several numbers holds.

    Parameters
    ----------
    values : float64[future, replication] or float64[future, replication, number]
        NaN where undefined.
    predicate : callable
        From means over replications, float64[future] or float64[future, number], to bool[future].

    Raises
    ------
    ValueError
        For another shape, no replication, or a predicate that does not answer for every future.
    """
    if values.ndim not in (2, 3) or not values.shape[1]:
        raise ValueError(f"numbers by future and replication are needed; found {values.shape}")
    defined = np.asarray(np.isfinite(values).all(axis=tuple(range(1, values.ndim))), dtype=bool)
    holds = np.zeros(len(values), bool)
    if defined.any():
        answer = np.asarray(predicate(values[defined].mean(axis=1)))
        if answer.dtype != bool or answer.shape != (int(defined.sum()),):
            raise ValueError(f"a predicate answers yes or no for each of {int(defined.sum())} "
                             f"futures; found {answer.shape} of {answer.dtype}")
        holds[defined] = answer
    return Holding(holds, defined, np.zeros(len(values), bool))


def share_verdict(holding: Holding, *, level: float = LEVEL) -> ShareVerdict:
    """Return the verdict over futures.

    It cannot be decided without futures, or if more than 5 in 100 are undefined; fewer are left out
    and counted.

    Parameters
    ----------
    holding : Holding
    level : float
        What the interval of the share holds [dimensionless].
    """
    futures, holds = int(holding.defined.sum()), int(np.sum(holding.holds & holding.defined))
    undefined, near = int(np.sum(~holding.defined)), int(holding.near.sum())
    if not futures:
        return ShareVerdict(UNDECIDED, None, math.nan, math.nan, 0, 0, undefined, 0)
    percent = whole_percent(holds, futures)
    low, high = wilson(holds / futures, futures, level)
    told = UNDECIDED if undefined > UNDEFINED_SHARE * (futures + undefined) else word(percent)
    return ShareVerdict(told, percent, low, high, holds, futures, undefined, near)


def _student(level: float, degrees: int) -> float:
    """Return how many standard errors an interval of a mean of few numbers reaches."""
    from scipy.special import stdtrit

    normal_quantile(level)  # refuses what is no level
    return float(stdtrit(degrees, 0.5 + level / 2.0))
