"""Fitting: what the record is held against, where the mode lies, chains that go on, verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from straits.analysis.calibrate import _corrected, data_hash, fit_of
from straits.analysis.fit import ADAPTED, Chain, Correction, Fit, fitted_part, mode, sample
from straits.analysis.fit_individual import correction_of
from straits.analysis.fit_left_out import HINDCAST, left_out
from straits.analysis.fit_record import History, fitted_rows, predicted, residuals
from straits.analysis.fit_report import (
    Predicted,
    average_relative_difference,
    kept,
    predictions,
)
from straits.analysis.fit_settled import settled, split_r_hat
from straits.plan.fitted import INDEX
from straits.plan.free import FREE, values_of


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fit_of("calais-2016", "pooled")


def flat(days: int, **levels: float) -> History:
    names = History.__slots__
    return History(**{name: np.full(days, levels.get(name, 0.0)) for name in names})


def test_nothing_after_august_2016_is_fitted(fit: Fit) -> None:
    late = [row.last > date(2016, 8, 30) for row in fit.record.rows]
    assert any(late)
    assert not np.any(fit.used & np.array(late))


def test_a_flat_history_shows_what_can_be_worked_out_by_hand(fit: Fit) -> None:
    days = fit.frame.plan.days
    history = flat(days, site=5000.0, counted=100.0, unseen=10.0, crossed=12.0, deaths=0.05,
                   arrivals=40.0, reception=9.0, french_claims=3.0, over_a_year=500.0)
    values = values_of(np.zeros(len(FREE)))
    values[INDEX["eight.wave"]] = 0.0
    shown = predicted(fit.record, history, values, 0.9)
    found: dict[str, float] = {}
    for row, value in zip(fit.record.rows, shown, strict=True):
        found[f"{row.series} {row.first} {row.last}"] = value
    number = {free.name: value for free, value in zip(FREE, values, strict=True)}
    assert found["official_count 2016-08-17 2016-08-17"] == pytest.approx(5000 * 0.85)
    assert found["ngo_count 2016-08-06 2016-08-09"] == pytest.approx(5000 * 0.85 / 0.76)
    assert found["prevented_attempts 2015-07-01 2015-07-31"] == pytest.approx(3100)
    assert found["arrests 2014-01-01 2014-12-31"] == pytest.approx(
        6500 * 365 / 365.25 + 0.2 * 3650)
    assert found["port_finds 2013-01-01 2013-12-31"] == pytest.approx(
        300 * 365 / 365.25 + number["ports.share"] * 3650)
    assert found["arrivals 2016-07-01 2016-07-22"] == pytest.approx(40)
    assert found["over_a_year 2016-07-01 2016-08-30"] == pytest.approx(0.1)
    assert found["lorry_drops 2014-04-01 2014-09-30"] == pytest.approx(0.62 * 12 * 183)
    claims = 0.2 * 0.9 + 0.8 * number["uk_claims"]
    quarter = 92 / (365.25 / 4)
    assert found["uk_claims_eight 2015-07-01 2015-09-30"] == pytest.approx(
        claims * 920 + quarter * 1200)


@pytest.mark.parametrize("hidden", ["", "uk_claims_eight", "over_a_year", "late"])
def test_rows_that_are_not_fitted_cost_no_day_and_change_no_residual(fit: Fit, hidden: str) -> None:
    series = np.array([one.series for one in fit.record.rows])
    late = np.array([one.last > HINDCAST for one in fit.record.rows])
    seen = replace(fit, used=fit.used & ~(late if hidden == "late" else series == hidden))
    rng = np.random.default_rng(4)
    rows = fit.record.value.size
    line = Correction(rng.normal(size=len(FREE)), 0.1 * rng.normal(size=rows),
                      0.05 * rng.normal(size=(rows, len(FREE))), np.zeros(rows))
    for one in (seen, replace(seen, correction=line)):
        part = fitted_part(one)
        assert part.record.reading.days == fit.record.last[one.used].max() + 1
        assert part.record.reading.days < fit.record.reading.days <= fit.frame.plan.days
        work = fit.frame.plan.parameters[: part.record.reading.days].copy()
        for z in 0.7 * rng.normal(size=(3, len(FREE))):
            assert part.misfit(z, work) == pytest.approx(one.misfit(z), rel=1e-9, abs=1e-9)


def test_rows_of_a_series_need_not_follow_each_other(fit: Fit) -> None:
    order = np.random.default_rng(6).permutation(fit.record.value.size)
    mixed = fitted_rows(fit.record, order)
    assert [one.figure for one in mixed.rows] == [fit.record.rows[k].figure for k in order]
    z = np.zeros(len(FREE))
    shown = replace(fit, record=mixed, used=fit.used[order]).predicted(z)
    assert shown == pytest.approx(fit.predicted(z)[order], rel=1e-9)


def test_bounds_count_on_one_side_only(fit: Fit) -> None:
    record = fit.record
    assert record.upper.any()
    assert np.all(residuals(record, record.value * 0.5)[record.upper] == 0.0)
    assert np.all(residuals(record, record.value * 2.0)[record.upper] > 1.0)
    both = ~(record.upper | record.lower)
    assert np.all(residuals(record, record.value)[both] == 0.0)
    assert np.all(residuals(record, record.value * 2.0)[both] > 1.0)


def test_the_mode_fits_better_than_the_medians_and_holds_what_is_fixed() -> None:
    fit = fit_of("calais-2016", "pooled", {"access.fall": 1.0}, ["arrivals"])
    z, spread = mode(fit)
    best = fit.misfit(z)
    start = fit.misfit(np.zeros(len(FREE)))
    assert best @ best + z @ z < 0.1 * (start @ start)
    assert fit.values(z)[INDEX["access.fall"]] == 1.0
    series = [row.series for row in np.array(fit.record.rows, object)[fit.used]]
    assert "arrivals" not in series
    assert np.linalg.eigvalsh(spread)[0] > 0.0
    assert np.all(np.diag(spread) < 1.3)  # data never make a number less certain than its prior


def test_no_number_stays_at_its_prior_where_the_record_teaches_it(fit: Fit) -> None:
    """Two numbers did: their derivative was taken over no distance at all."""
    z, _ = mode(fit)
    residual = fit.misfit(z)
    assert residual @ residual + z @ z < 61.0
    assert np.all(np.abs(z) > 1e-9)


def test_the_mode_is_found_from_where_residuals_have_no_slope(fit: Fit) -> None:
    """A quarter of the residuals is beyond its limit of ten at the start."""
    truth = np.random.default_rng(2).normal(size=len(FREE))
    planted = replace(fit, record=replace(fit.record, error=0.5 * fit.record.error,
                                          value=fit.predicted(truth)))
    assert np.mean(np.abs(planted.misfit(np.zeros(len(FREE)))) == 10.0) > 0.2
    z, _ = mode(planted)
    residual = planted.misfit(z)
    assert residual @ residual + z @ z < truth @ truth


def test_a_held_ratio_holds_in_the_fit_that_trusts_the_associations() -> None:
    fit = fit_of("calais-2016", "ngo", {"counts_ratio": 0.7})
    values = fit.values(np.random.default_rng(3).normal(size=(5, len(FREE))))
    assert np.all(values[:, INDEX["official_count"]] == 0.7)


def test_each_fit_has_its_own_true_count() -> None:
    z = np.random.default_rng(3).normal(size=(5, len(FREE)))
    official, ngo = fit_of("calais-2016", "official"), fit_of("calais-2016", "ngo")
    assert np.all(official.values(z)[:, INDEX["official_count"]] == 1.0)
    found = ngo.values(z)
    assert found[:, INDEX["official_count"]] == pytest.approx(found[:, INDEX["counts_ratio"]])


def test_a_chain_goes_on_where_it_stopped(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("straits.analysis.fit.CHUNK", 10)
    kept_chains: list[Chain] = []
    whole = sample(fit, 20, 7, None, kept_chains.append)
    resumed = sample(fit, 20, 7, kept_chains[0], lambda _: None)
    assert np.array_equal(whole.z, resumed.z)
    assert np.array_equal(whole.log_density, resumed.log_density)
    other = sample(fit, 10, 8, None, lambda _: None)
    assert not np.array_equal(other.z, whole.z[:1])


def test_a_correction_finds_the_line_between_two_forms(fit: Fit) -> None:
    rng = np.random.default_rng(11)
    z = 0.3 * rng.normal(size=(90, len(FREE)))
    expected = np.stack([fit.predicted(one) for one in z])
    bent = INDEX["leaving"]
    shown = expected * np.exp(0.05 + 0.1 * z[:, [bent]]) * np.exp(
        0.002 * rng.normal(size=expected.shape))
    found = correction_of(fit, z, shown)
    plain = fit.record.error > 0.0
    assert found.at(np.zeros(len(FREE)))[plain] == pytest.approx(np.exp(0.05), abs=0.01)
    assert np.all(np.abs(found.slope[plain, bent] - 0.1) < 0.06)
    assert np.all(found.slope[~plain] == 0.0)
    widened = _corrected(fit, found)
    assert data_hash(widened) == data_hash(fit)
    assert np.all(widened.record.error[plain] >= fit.record.error[plain])
    corrected = replace(fit, correction=found)
    assert corrected.predicted(z[0])[plain] == pytest.approx(shown[0][plain], rel=0.03)


def test_a_line_is_not_followed_beyond_a_factor_of_e(fit: Fit) -> None:
    rows = fit.record.value.size
    middle = np.full(len(FREE), 3.0)
    wild = Correction(middle, np.zeros(rows), np.full((rows, len(FREE)), 9.0), np.zeros(rows))
    assert wild.at(middle) == pytest.approx(np.ones(rows))
    assert wild.at(middle + 1.0) == pytest.approx(np.full(rows, np.e))


def test_what_a_line_leaves_is_not_made_small_by_the_runs_it_was_drawn_through(fit: Fit) -> None:
    """Luck of 0.1 comes back as 0.1 from 100 runs under 62 numbers."""
    rng = np.random.default_rng(12)
    z = rng.normal(size=(100, len(FREE)))
    expected = np.stack([fit.predicted(one) for one in z])
    found = correction_of(fit, z, expected * np.exp(0.1 * rng.normal(size=expected.shape)))
    plain = fit.record.error > 0.0
    # 38 degrees of freedom a row, rows independent of each other: 1 % of error in the mean.
    assert np.sqrt((found.error[plain] ** 2).mean()) == pytest.approx(0.1, rel=0.05)


def test_r_hat_tells_chains_that_disagree() -> None:
    rng = np.random.default_rng(2)
    same = [rng.normal(size=(400, 16, 2)) for _ in range(2)]
    assert split_r_hat(same).max() < 1.01
    assert split_r_hat([same[0], same[1] + 1.0]).min() > 1.1
    apart = same[0] + np.where(np.arange(16) < 8, 0.0, 1.0)[None, :, None]
    assert split_r_hat([apart]).min() > 1.05
    assert split_r_hat([same[0] + np.linspace(0.0, 2.0, 400)[:, None, None]]).min() > 1.05


def test_draws_that_remember_the_one_before_count_less() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(2000, 16, 1))
    for k in range(1, len(z)):  # autocorrelation 0.8, so a time of (1 + 0.8) / (1 - 0.8) = 9
        z[k] = 0.8 * z[k - 1] + 0.6 * z[k]
    found = settled([z, z])
    assert found.size[0] == pytest.approx(2 * z.size / 9.0, rel=0.1)
    assert found.enough
    assert not settled([z[:100]]).enough  # 16 walkers, 100 steps: 178 draws


def test_short_walks_do_not_count_for_more_than_they_are() -> None:
    rng = np.random.default_rng(5)
    slow = 1.0 - 2.0 / 25.0  # a time of 24 steps
    z = rng.normal(size=(100, 128, 1))
    for k in range(1, len(z)):
        z[k] = slow * z[k - 1] + (1.0 - slow**2) ** 0.5 * z[k]
    assert settled([z]).size[0] == pytest.approx(z.size / 24.0, rel=0.3)


def test_the_walk_leaves_a_gaussian_as_it_is(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A posterior that is Gaussian comes back: the step's acceptance is the right one."""
    rng = np.random.default_rng(6)
    root = 0.05 * np.tril(rng.normal(size=(len(FREE), len(FREE)))) + 0.2 * np.eye(len(FREE))
    centre = rng.normal(size=len(FREE))
    inverse = np.linalg.inv(root)

    def misfit(self: Fit, z: np.ndarray, out: object = None) -> np.ndarray:
        # The density is exp(-(misfit^2 + z^2) / 2): take the prior's part off again.
        distance = inverse @ (z - centre)
        return np.array([np.sqrt(distance @ distance - z @ z + 1e6)])

    monkeypatch.setattr(Fit, "misfit", misfit)
    off = 0.5 * (root @ root.T)  # what the walk starts from, so that it has to adapt
    start = centre + 0.5 * root @ rng.normal(size=len(FREE))
    monkeypatch.setattr("straits.analysis.fit.mode", lambda _: (start, off))
    chain = sample(fit, 3 * ADAPTED[-1], 4, None, lambda _: None)
    late = chain.z[len(chain.z) // 3 :]
    flat = ((late - centre) @ inverse.T).reshape(-1, len(FREE))
    draws = settled([late]).size.min()
    assert draws > 2000
    errors = 4.5 / np.sqrt(draws)
    assert np.abs(flat.mean(axis=0)).max() < errors
    assert np.abs(flat.std(axis=0) - 1.0).max() < errors


def test_what_is_hidden_from_a_fit_is_predicted_and_nothing_else(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []

    def middle(of: Fit) -> tuple[np.ndarray, np.ndarray]:
        seen.append(of.used)
        return np.zeros(len(FREE)), 0.01 * np.eye(len(FREE))

    monkeypatch.setattr("straits.analysis.fit_left_out.mode", middle)
    monkeypatch.setattr("straits.analysis.fit_left_out.DRAWS", 50)
    found = {one.name: one.rows for one in left_out(fit, 3, 1, lambda _: None)}
    series = np.array([one.series for one in fit.record.rows])
    assert set(found) == set(series[fit.used]) - {"over_a_year"} | {f"after {HINDCAST}"}
    for (name, rows), used in zip(found.items(), seen, strict=True):
        assert all(not one.fitted for one in rows)
        assert all(name in (one.series, f"after {HINDCAST}") for one in rows)
        assert np.any(fit.used & ~used)
        assert not np.any(used & ~fit.used)
    deaths = found["deaths"][0]
    assert deaths.high - deaths.low > deaths.median**0.5, "counts have the luck of counts"


def row(observed: float, median: float, covered: bool, side: str = "both",
        fitted: bool = True) -> Predicted:
    return Predicted("arrests", "k", "2014-01-01", "2014-12-31", side, observed, median, 0.0, 0.0,
                     covered, fitted, "")


def test_the_bands_refuse_what_covers_too_little_and_errors_too_wide_or_narrow() -> None:
    def of(covered: int, misfit: float = 70.0, median: float = 105.0) -> bool:
        return kept([row(100.0, median, k < covered) for k in range(73)], misfit)[0]

    assert of(73)
    assert of(64)
    assert not of(63)
    assert not of(73, 50.0)  # chi-squared with 73 degrees of freedom: 5 % lie below 54
    assert not of(73, 95.0)  # and 5 % above 94
    assert not of(68, median=120.0)
    bounds = [row(100.0, 90.0, k < 8, "upper") for k in range(10)]
    assert not kept([row(100.0, 105.0, k < 68) for k in range(73)] + bounds, 70.0)[0]


def test_differences_are_averaged_over_values_alone() -> None:
    rows = [row(100.0, 90.0, True), row(10.0, 12.0, True), row(10.0, 99.0, True, "upper")]
    assert average_relative_difference(rows) == pytest.approx(12.0 / 110.0)
    other = replace(row(1.0, 2.0, True), series="deaths")
    assert average_relative_difference([*rows, other]) == pytest.approx((12.0 / 110.0 + 1.0) / 2)


def test_intervals_hold_the_error_of_observation(fit: Fit) -> None:
    shown = np.tile(fit.record.value, (400, 1))
    rows = predictions(fit.record, shown, fit.used, 1)
    assert all(row.covered for row in rows)
    for one, written in zip(rows, fit.record.rows, strict=True):
        if written.log_sd:
            width = np.log(one.high / one.low)
            assert width == pytest.approx(2 * 1.645 * written.log_sd, rel=0.25)
