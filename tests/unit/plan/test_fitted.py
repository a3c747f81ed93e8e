"""Free numbers reach the plan by the document and by the table of parameters alike."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from straits.ensemble.posterior import Posterior, futures_of, read_posterior, write_posterior
from straits.ensemble.study import Study, horizon, plan_task
from straits.plan.fitted import SHARED, frame_of, plan_with, with_numbers
from straits.plan.free import FREE, names, values_of, z_of
from straits.plan.people import compile_people
from straits.scenario import build, load_baseline, load_uncertainty
from straits.tables.people_parameters import Param


def test_by_the_document_and_by_the_table_gives_one_plan() -> None:
    study = Study("calais-2016", ("status-quo",), days=60, rows=1, futures="fixed")
    origin, decision_day, _ = horizon(study)
    plan = plan_task(study, "status-quo", 0).people
    baseline = load_baseline("calais-2016")
    amplitude = baseline.doc.people.attempts.season_amplitude.value
    frame = frame_of(plan, origin, amplitude)
    uncertainty = load_uncertainty("calais-2016", baseline)
    rng = np.random.default_rng(5)
    for _ in range(3):
        values = values_of(0.7 * rng.normal(size=len(FREE)))
        (future,) = futures_of(values[None], baseline)
        last = origin.fromordinal(origin.toordinal() + plan.days - 1)
        world = build(baseline, (), future, uncertainty=uncertainty)
        by_document = compile_people(world, origin, last, decision_day)
        by_table = plan_with(frame, values)
        for param in Param:
            assert np.allclose(by_document.parameters[:, param], by_table.parameters[:, param],
                               rtol=1e-12, atol=1e-15), param.path
        for name in ("share", "targeting", "sensitivity"):
            assert np.allclose(getattr(by_document, name), getattr(by_table, name)), name
        assert by_document.start_stock == by_table.start_stock == round(values[0])
        some = with_numbers(frame, values, plan.parameters[:1000].copy())
        assert np.array_equal(some, by_table.parameters[:1000])


def test_numbers_shared_with_the_uncertainty_set_have_its_priors() -> None:
    uncertainty = load_uncertainty("calais-2016", load_baseline("calais-2016"))
    z = np.linspace(-2.5, 2.5, 11)
    for name in SHARED:
        shares = [NormalDist().cdf(one) for one in z]
        ours = values_of(z[:, None] * np.eye(len(FREE))[names().index(name)])
        assert ours[:, names().index(name)] == pytest.approx(
            [uncertainty[name].quantile(share) for share in shares])


def test_standard_normals_and_numbers_are_inverse() -> None:
    z = np.random.default_rng(1).normal(size=len(FREE))
    values = values_of(z)
    assert z_of(dict(zip(names(), values, strict=True))) == pytest.approx(z, abs=1e-9)
    medians = values_of(np.zeros(len(FREE)))
    for median, free in zip(medians, FREE, strict=True):
        assert free.family == "triangular" or median == pytest.approx(free.median)


def test_a_posterior_is_read_as_it_was_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    values = values_of(np.random.default_rng(2).normal(size=(4, len(FREE))))
    made = Posterior(("pooled", "pooled", "ngo", "official"), values, {"seed": 3})
    write_posterior(tmp_path / "p.parquet", made)
    found = read_posterior(tmp_path / "p.parquet")
    assert found.fit == made.fit
    assert found.about["seed"] == 3
    assert found.values == pytest.approx(values, rel=1e-6)
    assert found.of("pooled").shape == (2, len(FREE))
