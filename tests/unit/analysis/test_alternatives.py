"""Alternatives to the fit: what planted records say of them, and what each changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from straits.analysis.calibrate import fit_of
from straits.analysis.fit import Fit
from straits.analysis.fit_alternatives import (
    ALTERNATIVES,
    Alternative,
    Answer,
    alternatives,
    weight_words,
)
from straits.data.record import SERIES
from straits.plan.fitted import CLEARED, INDEX
from straits.plan.free import FREE, names, z_of
from straits.tables.people_parameters import Param

BY_NAME = {one.name: one for one in ALTERNATIVES}


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fit_of("calais-2016", "pooled")


def asked(fit: Fit, name: str, **truth: float) -> tuple[Answer, Answer]:
    """Return the full form and one alternative, fitted to what a truth shows without errors.

    Bounds are left out: a truth that stands right on each of them has no slope there.
    """
    record = replace(fit.record, value=fit.predicted(z_of(truth)))
    planted = replace(fit, record=record, used=fit.used & ~(record.upper | record.lower))
    full, (one,) = alternatives(planted, 1, lambda _: None, [BY_NAME[name]])
    return full, one


def test_a_summer_that_was_planted_is_missed_where_it_is_left_out(fit: Fit) -> None:
    full, without = asked(fit, "no-tunnel-summer", episode=6.0)
    at = z_of({"episode": 6.0})
    assert full.misfit <= at @ at + 1e-3, "the full form holds the truth"
    assert without.misfit - full.misfit > 10.0
    assert weight_words(without.log_evidence - full.log_evidence) == "very strong against it"
    assert "prevented_attempts" in [name for name, _ in without.worse_than(full)[:3]]
    assert without.log_evidence < full.log_evidence - 3.0


def test_a_summer_that_was_not_there_speaks_for_leaving_it_out(fit: Fit) -> None:
    full, without = asked(fit, "no-tunnel-summer", episode=1.0)
    assert without.log_evidence > full.log_evidence
    assert without.misfit < full.misfit + 1.0


def test_evidence_and_misfit_are_those_of_a_gaussian_where_the_form_is_linear(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probability of a record under a linear form is known: a Gaussian of wider errors."""
    slope = 0.4 * np.random.default_rng(5).normal(size=(fit.used.size, len(FREE)))

    def shown(self: Fit, z: np.ndarray, out: object = None) -> np.ndarray:
        seen = slope if len(self.record.rows) == fit.used.size else slope[fit.used]
        free = np.array([name not in self.fixed for name in names()])
        return np.asarray(100.0 * np.exp(np.where(self.record.error > 0.0, self.record.error, 1.0)
                                         * (seen @ (free * z))))

    monkeypatch.setattr(Fit, "predicted", shown)
    record = fit.record
    two_sided = fit.used & ~(record.upper | record.lower) & (record.error > 0.0)
    slope[~two_sided] = 0.0
    value = 100.0 * np.exp(record.error * np.random.default_rng(6).normal(size=record.error.size))
    value[~two_sided] = 100.0
    linear = replace(fit, record=replace(record, value=value))
    held = Alternative("two held", "", {"leaving": 1.0, "stayers": 0.1})
    full, (one,) = alternatives(linear, 1, lambda _: None, [held])
    r = (np.log(value / 100.0) / np.where(record.error > 0.0, record.error, 1.0))[two_sided]
    for found, without in ((full, ()), (one, ("leaving", "stayers"))):
        part = np.delete(slope[two_sided], [INDEX[name] for name in without], axis=1)
        wide = np.eye(len(r)) + part @ part.T
        assert found.misfit == pytest.approx(r @ np.linalg.solve(wide, r), rel=1e-5)
        assert found.log_evidence == pytest.approx(
            -0.5 * r @ np.linalg.solve(wide, r) - 0.5 * np.linalg.slogdet(wide)[1], abs=1e-3)


def test_every_alternative_changes_what_it_says_and_nothing_else(fit: Fit) -> None:
    z = 0.3 * np.random.default_rng(1).normal(size=len(FREE))
    before = fit.frame.plan.parameters.copy()
    for form in ALTERNATIVES:
        other = form.of(fit)
        values = other.values(z)
        for name, value in form.held.items():
            assert values[INDEX[name]] == value
        moved = {names()[k] for k in np.flatnonzero(values != fit.values(z))}
        assert moved <= {*form.held, "official_count"}
        assert np.all(np.isfinite(other.predicted(z)))
        assert not np.array_equal(other.predicted(z), fit.predicted(z))
        assert form.count == len(moved)
    assert np.array_equal(fit.frame.plan.parameters, before)
    back = BY_NAME["clearance-undone"].of(fit).frame.plan.parameters
    since, until = ((day - fit.frame.origin).days for day in CLEARED)
    assert np.all(back[since:until, Param.LEFT_AGAIN] == 1.0)
    assert np.count_nonzero(back != before) == until - since


def test_without_stayers_hardly_anybody_is_there_for_a_year(fit: Fit) -> None:
    place = [row.series for row in fit.record.rows].index("over_a_year")
    z = np.zeros(len(FREE))
    alike = BY_NAME["exits-alike"].of(fit).predicted(z)[place]
    assert 0.0 < alike < 0.5 * fit.predicted(z)[place]


def test_the_full_form_is_sought_again_where_an_alternative_fits_better(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[int] = []

    def poor(of: Fit, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        starts.append(int(of.fixed == {}))
        worse = 2.0 if of.fixed == {} and len(starts) == 1 else 0.0
        return np.full(len(FREE), worse), np.eye(len(FREE))

    monkeypatch.setattr("straits.analysis.fit_alternatives.mode", poor)
    full, (one,) = alternatives(fit, 1, lambda _: None, [BY_NAME["no-fall"]])
    assert starts == [1, 0, 0, 1, 1]
    assert full.misfit <= one.misfit + 1e-9
    assert set(full.series) <= set(SERIES)


def test_words_follow_the_weight() -> None:
    assert [weight_words(one) for one in (0.5, -2.0, 4.0, -9.0)] == [
        "hardly a word", "positive against it", "strong for it", "very strong against it"]
