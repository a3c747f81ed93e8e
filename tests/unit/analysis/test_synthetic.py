"""Planted truths: the verdict on ranks made by hand, and on a linear model whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from straits.analysis.calibrate import fit_of
from straits.analysis.fit import STRIDES, Fit, crank_nicolson, fitted_part
from straits.analysis.fit_ranks import Recovery, verdict
from straits.analysis.fit_settled import autocorrelation_time
from straits.analysis.fit_synthetic import recovery, walk
from straits.plan.free import FREE, names

TRUTHS, NUMBERS, ROWS = 100, 62, 66
SAID = tuple(f"number {k}" for k in range(NUMBERS))


def uniform(seed: int) -> np.ndarray:
    """Return ranks among 19 independent draws, which is what a right sampler gives."""
    return (np.random.default_rng(seed).integers(0, 20, size=(TRUTHS, NUMBERS)) + 0.5) / 20


def found(rank: np.ndarray, misfit: np.ndarray | None = None) -> Recovery:
    if misfit is None:
        misfit = np.random.default_rng(9).chisquare(ROWS, TRUTHS)
    return Recovery(rank, misfit, ROWS, np.full_like(rank, 0.5))


def refused(one: Recovery) -> set[str]:
    """Return which lines refuse, by the first words of their titles."""
    good, lines = verdict(one, SAID[: one.rank.shape[1]])
    bad = {" ".join(line.split()[:2]) for line in lines if "OUTSIDE" in line}
    assert good == (not bad)
    return bad


def test_what_is_right_is_hardly_ever_refused() -> None:
    rng = np.random.default_rng(1)
    good = [verdict(found(uniform(seed), rng.chisquare(ROWS, TRUTHS)), SAID)[0]
            for seed in range(15)]
    assert sum(good) >= 14


def test_numbers_that_move_together_within_a_truth_are_not_refused_for_it() -> None:
    one = np.repeat(uniform(3)[:, :1], NUMBERS, axis=1)
    assert not refused(found(one))


WRONG: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "biased": ("mean rank", lambda rank: np.maximum(rank - 0.15, 0.025)),
    "too narrow": ("of 100", lambda rank: np.clip(0.5 + 1.5 * (rank - 0.5), 0.0, 1.0)),
    "too wide": ("of 100", lambda rank: 0.5 + 0.6 * (rank - 0.5)),
}


@pytest.mark.parametrize("how", WRONG)
def test_one_wrong_number_is_refused_though_the_pool_hides_it(how: str) -> None:
    title, wrong = WRONG[how]
    rank = uniform(4)
    rank[:, 17] = wrong(rank[:, 17])
    bad = refused(found(rank))
    assert title in bad
    assert bad <= {"mean rank", "of 100"}
    assert "number 17" in "".join(verdict(found(rank), SAID)[1])


def test_a_little_wrong_everywhere_is_refused() -> None:
    rank = uniform(5)
    assert "inside 90" in refused(found(np.clip(0.5 + 1.1 * (rank - 0.5), 0.0, 1.0)))
    assert "inside 90" in refused(found(0.5 + 0.9 * (rank - 0.5)))
    assert "ranks 0.0" in refused(found(rank**1.3))


def test_a_misfit_that_is_not_chi_squared_is_refused() -> None:
    misfit = np.random.default_rng(6).chisquare(ROWS, TRUTHS)
    assert not refused(found(uniform(6), misfit))
    for factor in (0.9, 1.1):
        bad = refused(found(uniform(6), factor * misfit))
        assert [title.split()[0] for title in bad] == ["mean"]
    apart = ROWS + 1.5 * (misfit - misfit.mean())
    assert refused(found(uniform(6), apart)) == {"inside its"}


@pytest.fixture
def linear(monkeypatch: pytest.MonkeyPatch) -> Fit:
    """Return a fit whose logarithms are linear: its posterior is Gaussian, its misfit chi-squared."""
    fit = fit_of("calais-2016", "pooled")
    record = fit.record
    kept = fit.used & (record.error > 0.0) & ~(record.upper | record.lower)
    fit = fitted_part(replace(fit, used=kept))
    slope = 0.5 * np.random.default_rng(7).normal(size=(kept.size, len(FREE)))[kept]

    def shown(self: Fit, z: np.ndarray, out: object = None) -> np.ndarray:
        return np.asarray(100.0 * np.exp(fit.record.error * (slope @ z)))

    monkeypatch.setattr(Fit, "predicted", shown)
    monkeypatch.setattr("straits.analysis.fit_synthetic.STEPS", 800)
    return fit


def test_a_linear_model_is_recovered(linear: Fit) -> None:
    told: list[int] = []
    right = recovery(linear, 8, 2, 1, told.append)
    assert told == list(range(1, 9))
    good, lines = verdict(right, names())
    assert good, "\n".join(lines)
    assert np.median(right.memory) < 0.8  # draws are further apart than the walk remembers


@pytest.mark.parametrize("factor", [0.4, 2.0])
def test_records_whose_errors_are_not_those_assumed_are_refused(
    linear: Fit, monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    from straits.analysis import fit_synthetic

    observed = fit_synthetic._observed
    monkeypatch.setattr(fit_synthetic, "_observed", lambda shown, error, seed, number: observed(
        shown, factor * error, seed, number))
    good, lines = verdict(recovery(linear, 12, 2, 1, lambda _: None), names())
    assert not good
    assert "OUTSIDE" in lines[1]  # the share inside 90 % intervals
    assert "OUTSIDE" in "".join(line for line in lines if line.startswith("  mean  "))


def test_a_walk_leaves_its_start_and_finds_what_is_no_gaussian() -> None:
    """Of exp(-z^2 / 2 - z^4 / 10) by steps that would leave a wider Gaussian as it is."""
    steps = [crank_nicolson(np.full(2, 0.3), 1.3 * np.eye(2), stride) for stride, _ in STRIDES]
    found = walk(lambda z: -0.5 * float(z @ z) - 0.1 * float((z**4).sum()), np.full(2, 4.0),
                 steps, 20_000, 3)[100:]
    grid = np.linspace(-6.0, 6.0, 2001)
    weight = np.exp(-0.5 * grid**2 - 0.1 * grid**4)
    spread = np.sqrt((weight * grid**2).sum() / weight.sum())
    draws = len(found) / autocorrelation_time(found[:, None]).max()
    assert draws > 1000
    assert np.abs(found.mean(axis=0)).max() < 4.5 * spread / np.sqrt(draws)
    assert np.abs(found.std(axis=0) / spread - 1.0).max() < 4.5 / np.sqrt(2.0 * draws)
    again = walk(lambda z: -0.5 * float(z @ z), np.zeros(2), steps, 5, 3)
    assert np.array_equal(again, walk(lambda z: -0.5 * float(z @ z), np.zeros(2), steps, 5, 3))
    assert not np.array_equal(again, walk(lambda z: -0.5 * float(z @ z), np.zeros(2), steps, 5, 4))
