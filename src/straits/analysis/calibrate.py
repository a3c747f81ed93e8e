"""Calibration: three fits, the individual-based correction between them, the posterior.

Everything that takes time is kept in a folder as it is made, so that the same call goes on where
one was interrupted: the chains of the sampler, and the individual-based runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit import (
    ADAPTED,
    THIN,
    Chain,
    Correction,
    Fit,
    Which,
    least_misfit,
    sample,
)
from straits.analysis.fit_individual import correction_of, simulated, widened
from straits.analysis.fit_record import Record, record_of
from straits.analysis.fit_report import Predicted, predictions
from straits.analysis.fit_settled import Settled, settled
from straits.base.errors import Problem, UserError
from straits.base.files import write_whole
from straits.base.hashing import content_hash, unit_draws
from straits.base.names import decision_id
from straits.base.version import MODEL
from straits.ensemble.executors import spread
from straits.ensemble.posterior import Posterior, draws_of, read_posterior, shipped_posterior
from straits.ensemble.study import Study, horizon, plan_task, scenario_of
from straits.plan.fitted import Frame, frame_of
from straits.plan.free import FREE, names, z_of

__all__ = ["Effort", "Fitted", "calibrate", "data_hash", "fit_of", "posterior_of",
           "posterior_predictive"]  # fmt: skip

HISTORY_DAYS: Final = 124  # from the decision day to the end of 2016: rows that are only predicted
BURN_IN: Final = 0.3  # share of a chain that is left out, and at least its adaptation
CHAINS: Final = 2  # independent ones for each fit
ROUND: Final = 500  # steps between two words on how far the chains are
RECORD_ENDS: Final = date(2016, 8, 30)
_DENSITY: Final = 2000  # draws for what the data taught, however many are kept
_FIRST: Final = "first"
_FIRST_STEPS: Final = 700  # enough to place runs that are spread beyond it anyway


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is computed.

    Attributes
    ----------
    steps : int
        Steps of each chain's walkers; a fit has two chains.
    runs : int
        Individual-based histories for the correction.
    draws : int
        Draws of the posterior that are kept for each fit.
    checks : int
        Individual-based histories at the posterior's own draws, for each fit.
    """

    steps: int = 2000
    runs: int = 1000
    draws: int = 300
    checks: int = 200


@dataclass(frozen=True, slots=True)
class Fitted:
    """One fit, sampled.

    Attributes
    ----------
    fit : Fit
    z : float64[draw, number]
        Draws of the posterior, evenly spaced in the chains.
    settled : Settled
    shown : float64[check, row]
        What the record would show of individual-based histories at some of these draws.
    many : float64[draw, number]
        More draws, for densities.
    """

    fit: Fit
    z: NDArray[np.float64]
    settled: Settled
    shown: NDArray[np.float64]
    many: NDArray[np.float64]


def fit_of(baseline: str, which: Which, fixed: Mapping[str, float] | None = None,
           without: Sequence[str] = (), until: date | None = None) -> Fit:
    """Return a fit that has not been sampled.

    Parameters
    ----------
    baseline : str
        Name or path.
    which : {"official", "ngo", "pooled"}
    fixed : dict, optional
        Values of numbers that are held.
    without : sequence of str
        Series of the record that are predicted and not fitted.
    until : date, optional
        Rows that end later are predicted too: a hindcast.
    """
    frame, record = _history(baseline)
    used = record.fitted & ~np.isin([row.series for row in record.rows], list(without))
    if until is not None:
        used &= np.array([row.last <= until for row in record.rows])
    return Fit(frame, record, which, used, dict(fixed or {}))


def _history(baseline: str) -> tuple[Frame, Record]:
    study = Study(baseline, ("status-quo",), days=HISTORY_DAYS, rows=1, futures="fixed")
    origin, decision_day, _ = horizon(study)
    if decision_day != RECORD_ENDS:
        raise UserError(Problem(baseline, "decision_day", "the record of the people half ends on "
                                "another day, and so must the history that is fitted to it",
                                str(decision_day), str(RECORD_ENDS), "calais-2016 has it"))
    plan = plan_task(study, "status-quo", 0).people
    world = scenario_of(study, None, 0).world_at(decision_day)
    amplitude = float(world["people"]["attempts"]["season_amplitude"])
    return frame_of(plan, origin, amplitude), record_of(origin, plan.days)


def data_hash(fit: Fit) -> str:
    """Return the hash of what a fit rests on: the plan, the record, the priors, the model.

    Numbers are hashed as single floats: the last bits of an exponential differ between machines.
    """
    plan, record = fit.frame.plan, fit.record
    single = [np.asarray(column, np.float32) for column in (
        plan.parameters, plan.share, plan.targeting, plan.sensitivity)]
    exact = (plan.days, plan.uk_entry_juxtaposed, plan.search_before_sea, plan.exposure,
             plan.decisions, plan.decision_day, plan.start_stock, plan.start_backlog)
    # The published errors: a correction widens those that the fit uses, and is no datum.
    errors = [row.log_sd for row in record.rows]
    said = [(row.series, row.statistic, row.side) for row in record.rows]
    priors = [(free.name, free.family, free.median, free.spread, free.low) for free in FREE]
    return content_hash(MODEL, single, exact, said, record.value, errors, record.first,
                        record.last, fit.used, priors, fit.which, dict(fit.fixed))


def calibrate(
    fits: Sequence[Fit], effort: Effort, seed: int, jobs: int, folder: Path,
    say: Callable[[str], None],
) -> list[Fitted]:
    """Sample the fits, corrected by individual-based runs, and check them.

    Parameters
    ----------
    fits : sequence of Fit
        Without corrections; the first one's posterior places the runs.
    effort : Effort
    seed : int
    jobs : int
        Number of processes.
    folder : Path
        Where chains and runs are kept.
    say : callable
        Told what has been reached.

    Returns
    -------
    list of Fitted
        In the order of `fits`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(Problem("--out", "", "cannot be written", str(folder),
                                "a folder of yours", str(error.strerror))) from error
    first = fits[0]
    say("sampling the expected-value form, to place the individual-based runs")
    placed = Sampling(first, _FIRST_STEPS, seed, folder, _FIRST)
    (chains,) = _sample_all([placed], jobs, say)
    z = widened(_kept(chains), effort.runs, lambda count: _uniforms("calibrate.wave", count, seed))
    shown = _runs(first, z, seed, jobs, folder / f"runs-{data_hash(first)}.npz", say)
    correction = correction_of(first, z, shown)
    corrected = [_corrected(fit, correction) for fit in fits]
    sampled = _sample_all([Sampling(fit, effort.steps, seed, folder, fit.which)
                           for fit in corrected], jobs, say)
    out = []
    for fit, chains in zip(corrected, sampled, strict=True):
        kept = _kept(chains)
        pick, many = (np.linspace(0, len(kept) - 1, count).astype(np.int64)
                      for count in (effort.draws, _DENSITY))
        # Checks run through all chains, whatever their number.
        checks = kept[pick][np.linspace(0, effort.draws - 1, effort.checks).astype(np.int64)]
        name = f"checks-{fit.which}-{data_hash(fit)}.npz"
        out.append(Fitted(fit, kept[pick], settled([_late(chain.z) for chain in chains]),
                          _runs(fit, checks, seed + 1, jobs, folder / name, say), kept[many]))
    return out


def _corrected(fit: Fit, correction: Correction) -> Fit:
    """Return a fit with the correction, whose rest, luck above all, adds to the record's errors."""
    error = fit.record.error
    wider = np.where(error > 0.0, np.hypot(error, correction.error), 0.0)
    return replace(fit, correction=correction, record=replace(fit.record, error=wider))


def _late(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a chain's steps without those of the beginning."""
    steps = len(z)
    return z[max(int(steps * BURN_IN), min(ADAPTED[-1] // THIN, steps // 2)) :]


def _kept(chains: Sequence[Chain]) -> NDArray[np.float64]:
    """Return the draws of chains without their beginnings, float64[draw, number]."""
    return np.concatenate([_late(chain.z).reshape(-1, chain.z.shape[2]) for chain in chains])


def _uniforms(purpose: str, count: int, seed: int) -> NDArray[np.float64]:
    return unit_draws(count, decision_id(purpose), seed)


@dataclass(frozen=True, slots=True)
class Sampling:
    """A fit to be sampled, and where its chains are kept."""

    fit: Fit
    steps: int
    seed: int
    folder: Path
    name: str

    def file(self, number: int) -> Path:
        """Return the file of one of its chains."""
        mark = content_hash(data_hash(self.fit), self.seed, number, self.fit.correction)
        return self.folder / f"chain-{self.name}-{number}-{mark}.npz"


def _sample_all(
    wanted: Sequence[Sampling], jobs: int, say: Callable[[str], None]
) -> list[list[Chain]]:
    """Sample fits, every chain a task of its own, going on from what their folder holds."""
    most = max(one.steps for one in wanted)
    for until in [*range(ROUND, most, ROUND), most]:
        tasks = [(one, number, min(until, one.steps))
                 for one in wanted for number in range(CHAINS)]
        for _ in spread(_sampled, tasks, jobs):
            pass
        names = ", ".join(one.name for one in wanted)
        say(f"{until:,} of {most:,} steps, {len(tasks)} chains ({names})")
    return [[_cut(_chain_of(one, number), one.steps) for number in range(CHAINS)]
            for one in wanted]


def _chain_of(one: Sampling, number: int) -> Chain:
    chain = _read_chain(one.file(number))
    assert chain is not None
    return chain


def _sampled(task: tuple[Sampling, int, int]) -> None:
    """Sample one chain up to a step, going on from what its folder holds."""
    one, number, until = task
    file = one.file(number)
    sample(one.fit, until, one.seed + 1_000_003 * number, _read_chain(file),
           lambda chain: write_whole(file, partial(_write_chain, chain=chain)))


def _cut(chain: Chain, steps: int) -> Chain:
    """Return a chain as it was after so many steps, whatever the folder held."""
    kept = steps // THIN
    return replace(chain, z=chain.z[:kept], log_density=chain.log_density[:kept])


def _write_chain(target: Path, chain: Chain) -> None:
    _, keys, place, has_gauss, gauss = chain.luck
    np.savez(target, z=chain.z, log_density=chain.log_density, last=chain.last, keys=keys,
             numbers=np.array([chain.steps, place, has_gauss]), gauss=np.array(gauss))


def _read_chain(file: Path) -> Chain | None:
    if not file.is_file():
        return None
    with np.load(file) as held:
        steps, place, has_gauss = (int(number) for number in held["numbers"])
        luck = ("MT19937", held["keys"], place, has_gauss, float(held["gauss"]))
        return Chain(held["z"], held["log_density"], held["last"], luck, steps)


def _runs(
    fit: Fit, z: NDArray[np.float64], seed: int, jobs: int, file: Path, say: Callable[[str], None]
) -> NDArray[np.float64]:
    """Return what individual-based histories at `z` show, those kept in a file read from it."""
    done: dict[int, NDArray[np.float64]] = {}
    if file.is_file():
        with np.load(file) as held:
            if np.array_equal(held["z"][: len(z)], z[: len(held["z"])]):
                done = dict(enumerate(held["shown"][: len(z)]))
    tasks = [(fit, z[k], seed, k) for k in range(len(done), len(z))]
    for count, shown in enumerate(spread(_run, tasks, jobs), start=len(done)):
        done[count] = shown
        if (count + 1) % 50 == 0 or count + 1 == len(z):
            _store_runs(file, z[: count + 1], np.stack([done[k] for k in range(count + 1)]))
            say(f"{count + 1} of {len(z)} individual-based histories")
    return np.stack([done[k] for k in range(len(z))])


def _store_runs(file: Path, z: NDArray[np.float64], shown: NDArray[np.float64]) -> None:
    write_whole(file, lambda part: np.savez(part, z=z, shown=shown))


def _run(task: tuple[Fit, NDArray[np.float64], int, int]) -> NDArray[np.float64]:
    return simulated(*task)


def posterior_predictive(
    baseline: str, rows: int, seed: int, jobs: int, say: Callable[[int], None]
) -> tuple[list[Predicted], float]:
    """Return the record beside histories of the shipped posterior, and the misfit at the mode.

    Parameters
    ----------
    baseline : str
        Name of a baseline that a posterior ships for.
    rows : int
        Histories, one a draw.
    seed : int
        Of the histories and of the errors of observation.
    jobs : int
    say : callable
        Told how many histories are done.

    Raises
    ------
    UserError
        If no posterior ships for the baseline.
    """
    path = shipped_posterior(baseline)
    if path is None:
        raise UserError(Problem(baseline, "", "no posterior ships for this baseline", "", "",
                                "`straits calibrate` prints this table for a fit of your own"))
    values = read_posterior(path).of("pooled")
    fit = fit_of(baseline, "pooled")
    chosen = values[draws_of(len(values), rows, seed)]
    z = np.stack([z_of(dict(zip(names(), draw, strict=True))) for draw in chosen])
    shown = []
    for done in spread(_run, [(fit, one, seed, row) for row, one in enumerate(z)], jobs):
        shown.append(done)
        say(len(shown))
    return predictions(fit.record, np.stack(shown), fit.used, seed), least_misfit(fit)


def posterior_of(found: Sequence[Fitted], effort: Effort, seed: int) -> Posterior:
    """Return the draws of sampled fits as one table, with what they were made of."""
    about = {
        "data": {one.fit.which: data_hash(one.fit) for one in found},
        "seed": seed, "steps": effort.steps, "runs": effort.runs,
        "r_hat": {one.fit.which: round(float(one.settled.r_hat.max()), 4) for one in found},
        "effective_draws": {one.fit.which: round(float(one.settled.size.min())) for one in found},
        "fixed": dict(found[0].fit.fixed),
        "fitted": sorted({row.series for row, used in zip(
            found[0].fit.record.rows, found[0].fit.used, strict=True) if used}),
    }  # fmt: skip
    fit = tuple(one.fit.which for one in found for _ in one.z)
    return Posterior(fit, np.concatenate([one.fit.values(one.z) for one in found]), about)
