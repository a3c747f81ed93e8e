"""Fitting the free numbers to the record: mode, sampling, diagnostics.

The expected-value form of the people half stands in for the individual-based model, corrected by
what separates the two (`Correction`). Errors are Gaussian in logarithms, priors are standard
normals, so the mode is a least-squares problem; the sampler starts around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit_record import History, Record, predicted, residuals
from straits.base.hashing import unit_draw
from straits.base.names import decision_id
from straits.engine.expected import Expected, expect_people
from straits.plan.fitted import INDEX, Frame, with_numbers
from straits.plan.free import FREE, values_of
from straits.tables.people_parameters import Param

__all__ = ["FITS", "Chain", "Correction", "Fit", "Which", "claims_if_found", "expected_history",
           "mode", "sample", "split_r_hat"]  # fmt: skip

Which = Literal["official", "ngo", "pooled"]
FITS: Final[Mapping[Which, str]] = {
    "official": "if the official count is right",
    "ngo": "if the associations' count is right",
    "pooled": "if neither is",
}
WALKERS: Final = 2 * len(FREE) + 2  # the sampler's least is twice the numbers
THIN: Final = 10
_YEAR: Final = 365
CHUNK: Final = 100  # steps between two looks at the clock


@dataclass(frozen=True, slots=True)
class Correction:
    """What the individual-based model's record shows beyond the expected-value form's.

    ``log individual - log expected = constant + slope . z`` by row of the record.

    Attributes
    ----------
    constant : float64[row]
    slope : float64[row, number]
    error : float64[row]
        Log standard deviation of what the line leaves, one history's luck included.
    """

    constant: NDArray[np.float64]
    slope: NDArray[np.float64]
    error: NDArray[np.float64]

    def at(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the factor on each row's expected value."""
        return np.asarray(np.exp(self.constant + np.clip(self.slope @ z, -1.0, 1.0)))


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit: a plan, a record, which head-count is true, what is held fixed.

    Attributes
    ----------
    frame, record : Frame, Record
    which : {"official", "ngo", "pooled"}
    fixed : dict
        Values of numbers that are not free in this fit.
    used : bool[row]
        Rows of the record that are fitted.
    """

    frame: Frame
    record: Record
    which: Which
    used: NDArray[np.bool_]
    fixed: Mapping[str, float] = field(default_factory=dict)
    correction: Correction | None = None

    def values(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the numbers of this fit for standard normals z."""
        values = values_of(z)
        for name, value in self.fixed.items():
            values[..., INDEX[name]] = value
        if self.which == "official":
            values[..., INDEX["official_count"]] = 1.0
        elif self.which == "ngo":
            values[..., INDEX["official_count"]] = values[..., INDEX["counts_ratio"]]
        return values

    def predicted(
        self, z: NDArray[np.float64], out: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the record that is expected for standard normals z, float64[row]."""
        values = self.values(z)
        p = with_numbers(self.frame, values, out)
        history = expected_history(self.frame, p, float(values[INDEX["stock_at_start"]]))
        prediction = predicted(self.record, history, values, claims_if_found(self.frame))
        if self.correction is not None:
            prediction = prediction * self.correction.at(z)
        return prediction

    def misfit(
        self, z: NDArray[np.float64], out: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the residuals of the fitted rows in units of their errors, at most 10 each."""
        found = residuals(self.record, self.predicted(z, out))[self.used]
        return np.clip(found, -10.0, 10.0)


def claims_if_found(frame: Frame) -> float:
    """Return the share of people found on UK soil who claim asylum."""
    return float(frame.plan.parameters[0, Param.UK_CLAIM_FOUND])


def expected_history(frame: Frame, p: NDArray[np.float64], stock: float) -> History:
    """Return the expected days of the parameters `p` with `stock` people at the start."""
    days = expect_people(frame.plan, p, start_stock=stock)
    # Mostly stayers are there for over a year, and mostly those of a year ago still are; what
    # this leaves out is in the correction.
    stayers = days[:, Expected.STAYERS_AT_SITE]
    over_a_year = np.concatenate([np.zeros(_YEAR), stayers[:-_YEAR]])
    return History(
        site=days[:, Expected.AT_SITE],
        over_a_year=over_a_year,
        arrivals=days[:, Expected.ARRIVALS],
        counted=days[:, Expected.COUNTED],
        unseen=days[:, Expected.CROSSED_UNSEEN],
        found_after=days[:, Expected.FOUND_AFTER_SEA],
        crossed=days[:, Expected.CROSSED],
        deaths=days[:, Expected.DEATHS],
        reception=days[:, Expected.TO_RECEPTION],
        french_claims=days[:, Expected.CLAIMED_FRANCE],
    )


def mode(fit: Fit, start: NDArray[np.float64] | None = None) -> tuple[NDArray[np.float64], Any]:
    """Return the most probable z, and the covariance of a Gaussian that touches it there.

    Returns
    -------
    (float64[number], float64[number, number])
    """
    from scipy.optimize import least_squares

    work = fit.frame.plan.parameters.copy()

    def both(z: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([fit.misfit(z, work), z])

    at = np.zeros(len(FREE)) if start is None else start
    found = least_squares(both, at, method="trf", x_scale=1.0, max_nfev=60, diff_step=1e-4)
    return found.x, np.linalg.inv(found.jac.T @ found.jac)


@dataclass(frozen=True, slots=True)
class Chain:
    """What a sampler has drawn so far.

    Attributes
    ----------
    z : float64[step, walker, number]
        Every tenth step.
    log_density : float64[step, walker]
    last : float64[walker, number]
        Where it goes on.
    luck : tuple
        State of the sampler's own generator.
    steps : int
        Steps made.
    """

    z: NDArray[np.float64]
    log_density: NDArray[np.float64]
    last: NDArray[np.float64]
    luck: Any
    steps: int


def sample(
    fit: Fit, steps: int, seed: int, chain: Chain | None, say: Callable[[Chain], None]
) -> Chain:
    """Sample a fit for `steps` steps, going on from a chain where there is one.

    Parameters
    ----------
    fit : Fit
    steps : int
        In all, those of `chain` included.
    seed : int
    chain : Chain or None
    say : callable
        Called with the chain every hundred steps; it may store it.
    """
    import emcee

    work = fit.frame.plan.parameters.copy()

    def log_density(z: NDArray[np.float64]) -> float:
        if np.abs(z).max() > 8.0:
            return -np.inf
        found = fit.misfit(z, work)
        return float(-0.5 * (found @ found + z @ z))

    centre, spread = mode(fit)
    if chain is None:
        last = centre + normals("calibrate.walker", WALKERS, seed) @ np.linalg.cholesky(spread).T
        chain = Chain(np.empty((0, WALKERS, len(FREE))), np.empty((0, WALKERS)), last,
                      _luck(seed), 0)
    moves = [
        (emcee.moves.GaussianMove(spread * 2.38**2 / len(FREE)), 0.5),
        (emcee.moves.DEMove(), 0.4),
        (emcee.moves.DEMove(gamma0=1.0), 0.1),
    ]
    sampler = emcee.EnsembleSampler(WALKERS, len(FREE), log_density, moves=moves)
    while chain.steps < steps:
        sampler.reset()
        state = emcee.State(chain.last, random_state=chain.luck)
        state = sampler.run_mcmc(state, CHUNK, thin_by=1, skip_initial_state_check=True)
        chain = Chain(
            np.concatenate([chain.z, sampler.get_chain()[THIN - 1 :: THIN]]),
            np.concatenate([chain.log_density, sampler.get_log_prob()[THIN - 1 :: THIN]]),
            state.coords, state.random_state, chain.steps + CHUNK)
        say(chain)
    return chain


def normals(
    purpose: str, count: int, seed: int, width: int = len(FREE)
) -> NDArray[np.float64]:
    """Return addressed standard normals, float64[count, width]."""
    from scipy.special import ndtri

    name = decision_id(purpose)
    u = [unit_draw(name, seed, k) for k in range(count * width)]
    return np.asarray(ndtri(np.array(u)).reshape(count, width))


def _luck(seed: int) -> Any:
    """Return a state of the sampler's generator, a Mersenne twister, made of addressed draws."""
    name = decision_id("calibrate.chain")
    keys = np.array([int(unit_draw(name, seed, k) * 2.0**32) for k in range(624)], np.uint32)
    return "MT19937", keys, 624, 0, 0.0


def split_r_hat(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return R-hat of each number: walkers in eight groups, each cut in two halves.

    Parameters
    ----------
    z : float64[step, walker, number]
        Without the steps of the beginning.
    """
    steps = z.shape[0] // 2 * 2
    groups = np.array_split(np.arange(z.shape[1]), 8)
    parts = [half[:, group].reshape(-1, z.shape[2])
             for group in groups for half in (z[: steps // 2], z[steps // 2 : steps])]
    size = min(len(part) for part in parts)
    means = np.stack([part[:size].mean(axis=0) for part in parts])
    within = np.stack([part[:size].var(axis=0, ddof=1) for part in parts]).mean(axis=0)
    # Draws of one walker are not independent: what counts is the walkers times the effective steps,
    # and `between` measures exactly that.
    between = means.var(axis=0, ddof=1)
    return np.asarray(np.sqrt(1.0 + between / within))
