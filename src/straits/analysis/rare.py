"""Chances so small that plain simulation would hardly meet the event, and their differences.

Two estimators of P(nobody aboard is found), both unbiased, both with addressed draws, so that
two regimes share their luck vehicle by vehicle. *Conditioning* draws the load of a vehicle, or
its load and its selection, and integrates out what comes after. *Splitting* takes a population
of vehicles through the stages of any process, multiplies the shares that get on, and replaces
those that do not by copies of those that do; it needs no closed form of anything but one stage.
What one vehicle of plain simulation costs is the unit of work.

The module works on regimes that the caller makes up. It reads no site, and it must not be used
to report chances by hour, lane, technique or nationality of a real one.

References
----------
.. [1] S. Asmussen, P. W. Glynn, "Stochastic Simulation", 2007, V.4 (conditional Monte Carlo)
   and VI.9 (splitting).
.. [2] P. Del Moral, "Feynman-Kac Formulae", 2004, section 7.4: the product is unbiased.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np

from straits.base.names import decision_id
from straits.theory.detection import Regime, Technique, unseen_by_load

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Estimate",
    "Regime",
    "Stage",
    "Technique",
    "difference_by_conditioning",
    "difference_by_splitting",
    "split",
    "split_difference",
    "uniforms",
    "unseen_by_conditioning",
    "unseen_by_splitting",
    "unseen_given",
]

Given = Literal["load", "load and selection"]
Draw = Callable[[str], "NDArray[np.float64]"]

_LOAD: Final = "analysis.rare.load"
_SELECTION: Final = "analysis.rare.selection"
_OUTCOME: Final = "analysis.rare.outcome"
_COPIES: Final = "analysis.rare.copies"

_PARITY: Final = 0x1BD11BDAA9FC1A22
_ROTATIONS: Final = ((16, 42, 12, 31), (16, 32, 24, 21))
_MASK: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability or a difference of two, and what it cost."""

    value: float
    standard_error: float
    work: int  # vehicles, each with its twin for a difference; one stage of splitting is one

    @property
    def brute_force_work(self) -> float:
        """Vehicles that plain simulation needs for this standard error: v (1 - v) / se^2.

        For a difference d these are pairs of vehicles, and the fewest of any pairing: two
        indicators differ by -1, 0 or 1, so the variance is at least |d| - d^2, however the
        luck is shared.
        """
        size = abs(self.value)
        spread = size * (1.0 - size)
        return spread / self.standard_error**2 if self.standard_error > 0.0 else math.inf

    @property
    def gain(self) -> float:
        """How many times less work than plain simulation [dimensionless]."""
        return self.brute_force_work / self.work


class Stage(Protocol):
    """One step of a process that ends in a rare event."""

    def advance(
        self, state: NDArray[np.float64], draw: Draw
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the state afterwards of those that get on, and their chance to [dimensionless].

        Parameters
        ----------
        state : array[vehicle, column]
            As the stage before left it; without columns for the first.
        draw : callable
            From a dotted name to one U(0, 1) number a vehicle: the same whenever this stage
            asks for that name, others at other stages.
        """
        ...


def uniforms(
    key: int, decision: int, entities: NDArray[np.integer], ordinal: int = 0
) -> NDArray[np.float64]:
    """Return what ``straits.engine.rng.uniform`` does for many entities, bit for bit.

    References
    ----------
    .. [1] J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", Proc. SC '11.
    """
    words = (key, decision, _PARITY ^ key ^ decision)
    x0 = entities.astype(np.uint64) + np.uint64(key)
    x1 = np.full_like(x0, (ordinal + decision) & _MASK)
    for block in range(5):
        for distance in _ROTATIONS[block % 2]:
            x0 = x0 + x1
            x1 = ((x1 << np.uint64(distance)) | (x1 >> np.uint64(64 - distance))) ^ x0
        x0 = x0 + np.uint64(words[(block + 1) % 3])
        x1 = x1 + np.uint64((words[(block + 2) % 3] + block + 1) & _MASK)
    numbers: NDArray[np.float64] = ((x0 >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return numbers


def unseen_given(
    regime: Regime, loads: NDArray[np.intp], selected: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Return P(nobody aboard is found) of each vehicle, given what is known of it.

    Parameters
    ----------
    regime : Regime
        Techniques and examination.
    loads : array[vehicle]
        Types of load.
    selected : array[vehicle, technique], optional
        Which techniques a vehicle meets; without it, selections are integrated out, too.
    """
    if selected is None:
        return np.asarray(unseen_by_load(regime))[loads]
    quiet = np.ones(loads.shape)
    for place, one in enumerate(regime.techniques):
        alarms = one.referral * np.asarray(one.sensitivity)[loads]
        quiet *= np.where(selected[:, place], 1.0 - alarms, 1.0)
    return 1.0 - np.asarray(regime.secondary)[loads] * (1.0 - quiet)


def unseen_by_conditioning(
    regime: Regime, *, key: int, vehicles: int, given: Given = "load"
) -> Estimate:
    """Estimate P(nobody aboard is found) from drawn vehicles, the rest integrated out.

    Parameters
    ----------
    regime : Regime
        Techniques and examination.
    key : int
        ``Seed.key`` of the row.
    vehicles : int
        How many are drawn, at least 2.
    given : {"load", "load and selection"}
        What is drawn. Selections that are drawn cost precision where most of the unseen are
        vehicles that were not selected.
    """
    return _mean(_conditional(regime, key, vehicles, given), vehicles)


def difference_by_conditioning(
    regime: Regime, other: Regime, *, key: int, vehicles: int, given: Given = "load"
) -> Estimate:
    """Estimate P(unseen) under `regime` less P(unseen) under `other`, on the same vehicles."""
    here = _conditional(regime, key, vehicles, given)
    return _mean(here - _conditional(other, key, vehicles, given), vehicles)


def unseen_by_splitting(
    regime: Regime, *, key: int, particles: int, repeats: int = 32
) -> Estimate:
    """Estimate P(nobody aboard is found) with one stage of splitting a technique.

    Parameters
    ----------
    regime : Regime
        Techniques and examination.
    key : int
        ``Seed.key`` of the row.
    particles : int
        Vehicles in each population.
    repeats : int
        Independent populations, at least 2; the standard error is that of their mean.
    """
    return split(_stages(regime, regime), key=key, particles=particles, repeats=repeats)


def difference_by_splitting(
    regime: Regime, other: Regime, *, key: int, particles: int, repeats: int = 32
) -> Estimate:
    """Estimate P(unseen) under `regime` less P(unseen) under `other`, in the same populations."""
    return split_difference(
        _stages(regime, other), _stages(other, regime), key=key, particles=particles,
        repeats=repeats,
    )  # fmt: skip


def split(stages: Sequence[Stage], *, key: int, particles: int, repeats: int = 32) -> Estimate:
    """Estimate the chance of getting through all stages, by fixed-level splitting.

    Where a stage's chances are all 0 or 1, the work is at best about 1.5 (log p)^2 where plain
    simulation needs 1 / p, so that p = 1e-4 gains 70 at most and p = 1e-3 gains 14. Stages
    that give their chance in closed form gain more.
    """
    products = _populations([stages], key, particles, repeats)[0]
    return _mean(products, repeats * particles * len(stages))


def split_difference(
    stages: Sequence[Stage],
    others: Sequence[Stage],
    *,
    key: int,
    particles: int,
    repeats: int = 32,
) -> Estimate:
    """Estimate the chance of getting through `stages` less that of getting through `others`.

    One population has the luck of both processes, vehicle by vehicle, and is guided by the mean
    of their chances so far; what sets them apart is carried as a weight. Both have as many
    stages.
    """
    here, there = _populations([stages, others], key, particles, repeats)
    return _mean(here - there, repeats * particles * len(stages))


@dataclass(frozen=True, slots=True)
class _Search:
    """One technique of a regime as a stage; without a technique all get on.

    Columns: type of load, and whether the vehicle is past being found: examined in vain, or let
    by under a common selection, whose techniques come in the order of their shares, so that
    who is not met by one is met by none after it. Selection, alarm and examination are
    integrated out; what is drawn is by which way a vehicle got on. An alarm is examined at
    once: given the load, the examination does not depend on how many alarms led to it.
    """

    regime: Regime
    technique: Technique | None
    share: float = 1.0  # met, of those that may still be met

    def advance(
        self, state: NDArray[np.float64], draw: Draw
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return loads and who is past being found, and the chance to get by unseen."""
        regime, one = self.regime, self.technique
        if not state.shape[1]:
            loads = _loads(regime, draw(_LOAD))
            state = np.column_stack([loads, np.zeros(loads.size)])
        if one is None:
            return state, np.ones(state.shape[0])
        load, past = state[:, 0].astype(np.intp), state[:, 1]
        found = np.asarray(regime.secondary)[load]
        alarm = self.share * one.referral * np.asarray(one.sensitivity)[load] * (1.0 - past)
        chance = 1.0 - alarm * found
        free = alarm * (1.0 - found) + (1.0 - self.share) * regime.common_selection
        now_past = draw(_OUTCOME) * chance < free
        return np.column_stack([load, np.maximum(past, now_past)]), chance


def _stages(regime: Regime, other: Regime) -> list[_Search]:
    """Return a stage for each technique that either has; their order changes no chance."""
    own = {one.name: one for one in regime.techniques}
    names = sorted({*own, *(one.name for one in other.techniques)})
    if not regime.common_selection:
        alone = (own.get(name) for name in names)
        return [_Search(regime, one, one.share if one else 1.0) for one in alone]
    ranked = sorted(own.values(), key=lambda one: -one.share)
    before = [1.0, *(one.share for one in ranked)]
    stages = [
        _Search(regime, one, one.share / upper if upper > 0.0 else 0.0)
        for one, upper in zip(ranked, before, strict=False)
    ]
    return stages + [_Search(regime, None)] * (len(names) - len(ranked))


def _populations(
    processes: Sequence[Sequence[Stage]], key: int, particles: int, repeats: int
) -> NDArray[np.float64]:
    """Return the estimate of each process in each population: array[process, repeat]."""
    size = repeats * particles
    states = [np.zeros((size, 0)) for _ in processes]
    apart = np.ones((len(processes), repeats, particles))  # own chance over the guide's
    product = np.ones(repeats)
    for level in range(len(processes[0])):

        def draw(name: str, level: int = level) -> NDArray[np.float64]:
            return uniforms(key, decision_id(name), np.arange(size), level)

        for place, stages in enumerate(processes):
            states[place], chances = stages[level].advance(states[place], draw)
            apart[place] *= chances.reshape(repeats, particles)
        guide = apart.mean(axis=0)
        mean = guide.mean(axis=1)
        product *= mean
        apart = np.divide(apart, guide, out=np.zeros_like(apart), where=guide > 0.0)
        if level + 1 == len(processes[0]):
            break
        start = uniforms(key, decision_id(_COPIES), np.arange(repeats), level)
        kept = _copies(guide, start)
        states = [state[kept.ravel()] for state in states]
        apart = apart[:, kept // particles, kept % particles]
        if not mean.any():
            break
    # at the last level nobody was copied: its chances still weigh the members
    weights = np.divide(guide, mean[:, None], out=np.zeros_like(guide), where=mean[:, None] > 0.0)
    estimates: NDArray[np.float64] = product * (apart * weights).mean(axis=2)
    return estimates


def _copies(chances: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return who is copied to each place, by systematic resampling within each population.

    References
    ----------
    .. [1] J. Carpenter, P. Clifford, P. Fearnhead, "Improved particle filter for nonlinear
       problems", IEE Proc. Radar Sonar Navig. 146 (1999): as many copies as expected, or one
       more or less.
    """
    repeats, particles = chances.shape
    kept = np.empty((repeats, particles), np.intp)
    places = np.arange(particles)
    for row in range(repeats):
        total = np.cumsum(chances[row])
        if total[-1] <= 0.0:
            kept[row] = places
        else:
            points = (places + start[row]) * (total[-1] / particles)
            kept[row] = np.minimum(np.searchsorted(total, points, side="right"), particles - 1)
        kept[row] += row * particles
    return kept


def _conditional(regime: Regime, key: int, vehicles: int, given: Given) -> NDArray[np.float64]:
    """Return P(nobody aboard is found) of each drawn vehicle."""
    entities = np.arange(vehicles)
    loads = _loads(regime, uniforms(key, decision_id(_LOAD), entities))
    if given == "load":
        return unseen_given(regime, loads)
    selected = np.empty((vehicles, len(regime.techniques)), bool)
    for place, one in enumerate(regime.techniques):
        name = _SELECTION if regime.common_selection else f"{_SELECTION}.{one.name}"
        selected[:, place] = uniforms(key, decision_id(name), entities) < one.share
    return unseen_given(regime, loads, selected)


def _loads(regime: Regime, draws: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return types of load from uniform numbers, by inversion."""
    edges = np.cumsum(regime.load_shares)[:-1]
    return np.searchsorted(edges, draws, side="right")


def _mean(values: NDArray[np.float64], work: int) -> Estimate:
    """Return the mean of independent values and its standard error."""
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return Estimate(float(values.mean()), error, work)
