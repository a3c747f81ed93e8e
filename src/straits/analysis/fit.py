"""Fitting the free numbers to the record: mode, sampling, diagnostics.

The expected-value form of the people half stands in for the individual-based model, corrected by
what separates the two (`Correction`). Errors are Gaussian in logarithms, priors are standard
normals, so the mode is a least-squares problem; the sampler starts around it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit_record import History, Record, fitted_rows, predicted, residuals
from straits.base.hashing import unit_draws
from straits.base.names import decision_id
from straits.engine.expected import Expected, expect_people
from straits.plan.fitted import INDEX, Frame, searched, with_numbers
from straits.plan.free import FREE, values_of
from straits.tables.people import PeoplePlan
from straits.tables.people_parameters import Param

__all__ = ["FITS", "Chain", "Correction", "Fit", "Step", "Which", "claims_if_found",
           "crank_nicolson", "density_of", "expected_history", "fitted_part", "least_misfit",
           "luck_of", "mode", "normals", "sample"]  # fmt: skip

Which = Literal["official", "ngo", "pooled"]
# From walkers and standard normals to where they might go, and the logarithm of what each proposal
# weighs for how likely the step back would be.
Step = Callable[[NDArray[np.float64], NDArray[np.float64]],
                tuple[NDArray[np.float64], NDArray[np.float64]]]
FITS: Final[Mapping[Which, str]] = {
    "official": "if the official count is right",
    "ngo": "if the associations' count is right",
    "pooled": "if neither is",
}
WALKERS: Final = 2 * len(FREE) + 4  # the sampler's least is twice the numbers
THIN: Final = 10
_YEAR: Final = 365
CHUNK: Final = 100  # steps between two looks at the clock
# Steps at which the walk takes its Gaussian from what it has seen so far; none later, so that what
# comes after is a chain with fixed moves.
ADAPTED: Final = (200, 500, 1000)
_SEEN: Final = 1 / 3  # of the steps so far, the share that is left out of it
# How far a step goes: of 0.1 to 1, those in the middle travel furthest in a step on this posterior.
STRIDES: Final = ((0.25, 0.3), (0.45, 0.5))  # stride, share of the steps


@dataclass(frozen=True, slots=True)
class Correction:
    """What the individual-based model's record shows beyond the expected-value form's.

    ``log individual - log expected = level + slope . (z - middle)`` by row of the record.

    Attributes
    ----------
    middle : float64[number]
        Where the runs lie that the line was drawn through.
    level : float64[row]
    slope : float64[row, number]
    error : float64[row]
        Log standard deviation of what the line leaves, one history's luck included.
    """

    middle: NDArray[np.float64]
    level: NDArray[np.float64]
    slope: NDArray[np.float64]
    error: NDArray[np.float64]

    def at(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the factor on each row's expected value; far from the runs it stays."""
        line = self.slope @ (z - self.middle)
        return np.asarray(np.exp(self.level + np.clip(line, -1.0, 1.0)))


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
    alike : bool
        Whether all people at the site leave alike, instead of stayers later than others. It says
        how to read off who has been there for over a year; the share of stayers is held besides.
    """

    frame: Frame
    record: Record
    which: Which
    used: NDArray[np.bool_]
    fixed: Mapping[str, float] = field(default_factory=dict)
    correction: Correction | None = None
    alike: bool = False

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
        """Return the record that is expected for standard normals z, float64[row].

        `out` is a copy of the parameters of as many days as the record's rows take, or more.
        """
        values = self.values(z)
        p = with_numbers(self.frame, values, out)
        plan = searched(self.frame.plan, values)
        history = expected_history(plan, p, float(values[INDEX["stock_at_start"]]),
                                   self.record.reading.days, self.alike)
        prediction = predicted(self.record, history, values, claims_if_found(self.frame))
        if self.correction is not None:
            prediction = prediction * self.correction.at(z)
        return prediction

    def misfit(
        self, z: NDArray[np.float64], out: NDArray[np.float64] | None = None, most: float = 10.0
    ) -> NDArray[np.float64]:
        """Return the residuals of the fitted rows in units of their errors, at most 10 each."""
        found = residuals(self.record, self.predicted(z, out))[self.used]
        return np.clip(found, -most, most)


def fitted_part(fit: Fit) -> Fit:
    """Return a fit of the same rows whose record has no others: its histories end with them.

    That is what is sampled: no day is computed that no fitted row is read from.
    """
    correction, used = fit.correction, fit.used
    if correction is not None:
        correction = Correction(correction.middle, correction.level[used], correction.slope[used],
                                correction.error[used])
    record = fitted_rows(fit.record, used)
    return replace(fit, record=record, correction=correction, used=np.ones(len(record.rows), bool))


def _work(fit: Fit) -> NDArray[np.float64]:
    """Return a matrix for one evaluation after another to write its parameters into."""
    return fit.frame.plan.parameters[: fit.record.reading.days].copy()


def claims_if_found(frame: Frame) -> float:
    """Return the share of people found on UK soil who claim asylum."""
    return float(frame.plan.parameters[0, Param.UK_CLAIM_FOUND])


def expected_history(
    plan: PeoplePlan, p: NDArray[np.float64], stock: float, count: int, alike: bool = False
) -> History:
    """Return the first `count` expected days of the parameters `p`, `stock` people at the start.

    With `alike` those of a year ago have left as fast as everybody, else only stayers are left.
    """
    days = expect_people(plan, p, count, start_stock=stock)
    site = days[:, Expected.AT_SITE]
    # Mostly stayers are there for over a year, and mostly those of a year ago still are; what
    # this leaves out is in the correction.
    then = site * _left_of(days, stock) if alike else days[:, Expected.STAYERS_AT_SITE]
    over_a_year = np.concatenate([np.zeros(_YEAR), then])[:count]
    return History(
        site=site,
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


def _left_of(days: NDArray[np.float64], stock: float) -> NDArray[np.float64]:
    """Return the share of each day's people who are at the site a year later, if all are alike."""
    site = days[:, Expected.AT_SITE]
    came = days[:, Expected.ARRIVALS] + days[:, Expected.ARRIVED_AGAIN]
    before = np.concatenate([[stock], site[:-1]]) + came
    lasted = np.cumsum(np.log(np.maximum(site, 1e-9) / np.maximum(before, 1e-9)))
    share = np.zeros(len(site))
    share[:-_YEAR] = np.exp(np.minimum(lasted[_YEAR:] - lasted[:-_YEAR], 0.0))
    return share


def mode(fit: Fit, start: NDArray[np.float64] | None = None) -> tuple[NDArray[np.float64], Any]:
    """Return the most probable z, and the covariance of a Gaussian that touches it there.

    Residuals count in full at first: those beyond their limit have no slope to follow. Derivatives
    take absolute steps: one relative to a number that has come next to zero changes nothing, and
    the number would stay there.

    Returns
    -------
    (float64[number], float64[number, number])
    """
    from scipy.optimize import least_squares

    fit = fitted_part(fit)
    work = _work(fit)

    def both(z: NDArray[np.float64], *most: float) -> NDArray[np.float64]:
        return np.concatenate([fit.misfit(z, work, *most), z])

    at = np.zeros(len(FREE)) if start is None else start
    first = least_squares(both, at, method="trf", x_scale=1.0, max_nfev=60, args=(np.inf,))
    found = least_squares(both, first.x, method="trf", x_scale=1.0, max_nfev=60)
    return found.x, np.linalg.inv(found.jac.T @ found.jac)


def least_misfit(fit: Fit) -> float:
    """Return the sum of squared residuals, of rows and of priors, at the mode [squared errors]."""
    z, _ = mode(fit)
    residual = fit.misfit(z)
    return float(residual @ residual + z @ z)


def density_of(fit: Fit) -> Callable[[NDArray[np.float64]], float]:
    """Return the logarithm of the posterior's density but for a constant, a function of z."""
    fit = fitted_part(fit)
    work = _work(fit)

    def log_density(z: NDArray[np.float64]) -> float:
        if np.abs(z).max() > 8.0:
            return -np.inf
        found = fit.misfit(z, work)
        return float(-0.5 * (found @ found + z @ z))

    return log_density


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

    log_density = density_of(fit)
    first = mode(fit) if chain is None or chain.steps < ADAPTED[0] else None
    if chain is None:
        assert first is not None
        away = normals("calibrate.walker", WALKERS, seed) @ np.linalg.cholesky(first[1]).T
        chain = Chain(np.empty((0, WALKERS, len(FREE))), np.empty((0, WALKERS)),
                      first[0] + away, luck_of(seed), 0)
    while chain.steps < steps:
        centre, spread = first if chain.steps < ADAPTED[0] and first is not None else _seen(chain)
        sampler = emcee.EnsembleSampler(
            WALKERS, len(FREE), log_density,
            moves=[*((emcee.moves.MHMove(_with_luck(crank_nicolson(centre, spread, stride))), share)
                     for stride, share in STRIDES),
                   (emcee.moves.DEMove(), 0.15), (emcee.moves.DEMove(gamma0=1.0), 0.05)])
        state = emcee.State(chain.last, random_state=chain.luck)
        state = sampler.run_mcmc(state, CHUNK, thin_by=1, skip_initial_state_check=True)
        chain = Chain(
            np.concatenate([chain.z, sampler.get_chain()[THIN - 1 :: THIN]]),
            np.concatenate([chain.log_density, sampler.get_log_prob()[THIN - 1 :: THIN]]),
            state.coords, state.random_state, chain.steps + CHUNK)
        say(chain)
    return chain


def _seen(chain: Chain) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and covariance of what a chain had seen when it last adapted."""
    until = max(step for step in ADAPTED if step <= chain.steps)
    seen = chain.z[int(until * _SEEN) // THIN : until // THIN].reshape(-1, len(FREE))
    return seen.mean(axis=0), np.cov(seen.T)


def crank_nicolson(
    centre: NDArray[np.float64], spread: NDArray[np.float64], stride: float
) -> Step:
    """Return a step that would leave a Gaussian as it is: a preconditioned Crank-Nicolson step [1].

    The nearer the posterior is to that Gaussian, the longer the steps that are accepted, however
    many numbers there are; a random walk's shrink with their number.

    References
    ----------
    .. [1] S. L. Cotter, G. O. Roberts, A. M. Stuart, D. White, "MCMC methods for functions:
       modifying old algorithms to make them faster", Statistical Science 28 (2013).
       doi:10.1214/13-STS421
    """
    root = np.linalg.cholesky(spread)
    inverse = np.linalg.inv(root)
    stay = math.sqrt(1.0 - stride * stride)

    def distance(z: NDArray[np.float64]) -> NDArray[np.float64]:
        standard = (z - centre) @ inverse.T
        return np.asarray((standard * standard).sum(axis=1))

    def propose(
        z: NDArray[np.float64], normal: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        new = centre + stay * (z - centre) + stride * (normal @ root.T)
        return new, 0.5 * (distance(new) - distance(z))

    return propose


def _with_luck(step: Step) -> Callable[[NDArray[np.float64], Any], Any]:
    """Return a step that takes its normals from the sampler's own generator."""
    return lambda z, luck: step(z, luck.standard_normal(z.shape))


def normals(
    purpose: str, count: int, seed: int, width: int = len(FREE)
) -> NDArray[np.float64]:
    """Return addressed standard normals, float64[count, width]."""
    from scipy.special import ndtri

    u = unit_draws(count * width, decision_id(purpose), seed)
    return np.asarray(ndtri(u).reshape(count, width))


def luck_of(seed: int) -> Any:
    """Return a state of the sampler's generator, a Mersenne twister, made of addressed draws."""
    draws = unit_draws(624, decision_id("calibrate.chain"), seed)
    keys = (draws * 2.0**32).astype(np.uint32)
    return "MT19937", keys, 624, 0, 0.0
