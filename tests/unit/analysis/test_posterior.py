"""A posterior as futures: rows take draws, policies share them, and what it speaks of is not drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from straits.analysis.calibrate import data_hash, fit_of
from straits.analysis.fit import FITS
from straits.analysis.fit_settled import LARGEST_R_HAT, LEAST_DRAWS
from straits.base.errors import DataError, UserError
from straits.base.version import MODEL
from straits.cli.compare import Request, _futures
from straits.data.record import SERIES
from straits.ensemble import study as study_module
from straits.ensemble.posterior import (
    Posterior,
    draws_of,
    read_posterior,
    shipped_posterior,
    write_posterior,
)
from straits.ensemble.study import Study, plan_task, scenario_of
from straits.plan.fitted import INDEX
from straits.plan.free import FREE, values_of
from straits.scenario.resolved import resolve
from straits.tables.people_parameters import Param


@pytest.fixture
def posterior(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Posterior:
    """Let a posterior of prior draws ship for calais-2016."""
    values = values_of(0.3 * np.random.default_rng(9).normal(size=(40, len(FREE))))
    file = tmp_path / "calais-2016.parquet"
    write_posterior(file, Posterior(("pooled",) * 30 + ("ngo",) * 10, values, {"seed": 1}))
    monkeypatch.setattr(study_module, "shipped_posterior",
                        lambda name: file if name == "calais-2016" else None)
    caches = (study_module.documents_of, scenario_of, plan_task)
    for cache in caches:
        cache.cache_clear()
    yield read_posterior(file)
    for cache in caches:
        cache.cache_clear()


def test_rows_take_draws_of_it_and_policies_share_them(posterior: Posterior) -> None:
    study = Study("calais-2016", ("status-quo", "close-camp"), days=3, rows=2, futures="posterior")
    drawn = posterior.of("pooled")[draws_of(30, 2, study.seed)]
    leaving = []
    for row in range(2):
        plans = [plan_task(study, policy, row).people for policy in study.policies]
        rates = [plan.parameters[0, Param.LEAVE] * 365.25 / 12 for plan in plans]
        assert rates[0] == rates[1] == pytest.approx(drawn[row, INDEX["leaving"]])
        leaving.append(rates[0])
        future = scenario_of(study, "status-quo", row).future
        assert "people.access" not in future  # a prior that the posterior speaks of is not drawn
        assert "people.elasticity" in future  # one that the record cannot teach is
    assert leaving[0] != leaving[1]


def test_a_calibrated_scenario_is_read_back_as_it_was_written(posterior: Posterior) -> None:
    study = Study("calais-2016", ("status-quo",), days=3, rows=1, futures="posterior")
    text = scenario_of(study, "status-quo", 0).resolved_yaml()
    assert "people.inflow.per_day" in text
    again = resolve(text)
    assert again == text
    assert resolve(again) == again


def test_no_draw_is_taken_twice_before_all_were() -> None:
    chosen = draws_of(50, 120, 3)
    assert sorted(chosen[:50]) == list(range(50))
    assert np.array_equal(chosen[50:100], chosen[:50])
    assert not np.array_equal(draws_of(50, 50, 4), chosen[:50])


def test_it_is_the_default_where_it_ships(posterior: Posterior) -> None:
    def chosen(baseline: str, futures: str | None, uncertainty: str | None = None) -> str:
        return _futures(Request(baseline, 1, 1, "status-quo", 1, 1, futures, "immediate", None,
                                False, uncertainty=uncertainty))

    assert chosen("calais-2016", None) == "posterior"
    assert chosen("calais-2016", "priors") == "priors"
    assert chosen("calais-2016", "fixed") == "fixed"
    assert chosen("calais-2016", None, "./mine.yaml") == "priors"
    assert chosen("dover-2016-07", None) == "priors"
    assert chosen("./mine.yaml", None) == "priors"


def test_without_one_its_futures_are_refused() -> None:
    study = Study("dover-2016-07", ("status-quo",), days=1, rows=1, futures="posterior")
    with pytest.raises(UserError, match="no posterior ships"):
        scenario_of(study, "status-quo", 0)


def test_another_model_or_file_is_refused(tmp_path: Path, posterior: Posterior) -> None:
    old = tmp_path / "old.parquet"
    write_posterior(old, Posterior(posterior.fit, posterior.values, {"model": MODEL - 1}))
    with pytest.raises(DataError, match="make it again"):
        read_posterior(old)
    (tmp_path / "text.parquet").write_text("no posterior")
    with pytest.raises(DataError, match="not a posterior"):
        read_posterior(tmp_path / "text.parquet")


def test_what_ships_is_of_this_model_record_and_priors() -> None:
    """When this fails: `straits calibrate`, and copy its posterior into the library."""
    path = shipped_posterior("calais-2016")
    assert path is not None
    assert path.stat().st_size <= 1_000_000
    found = read_posterior(path)
    assert len(found.fit) <= 1000
    for which in FITS:
        assert len(found.of(which)) >= 200
        assert found.about["data"][which] == data_hash(fit_of("calais-2016", which))
        assert found.about["r_hat"][which] <= LARGEST_R_HAT
        assert found.about["effective_draws"][which] >= LEAST_DRAWS
    assert found.about["fixed"] == {}
    assert found.about["fitted"] == sorted(SERIES)
