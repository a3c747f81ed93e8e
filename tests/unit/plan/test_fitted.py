"""Free numbers reach the plan by the document and by the table of parameters alike."""

from __future__ import annotations

import numpy as np
import pytest

from straits.ensemble.posterior import Posterior, futures_of, read_posterior, write_posterior
from straits.ensemble.study import Study, horizon, plan_task
from straits.plan.fitted import frame_of, with_numbers
from straits.plan.free import FREE, names, values_of, z_of
from straits.plan.people import compile_people
from straits.scenario import build, load_baseline
from straits.tables.people_parameters import Param


def test_by_the_document_and_by_the_table_gives_one_plan() -> None:
    study = Study("calais-2016", ("status-quo",), days=60, rows=1, futures="fixed")
    origin, decision_day, _ = horizon(study)
    plan = plan_task(study, "status-quo", 0).people
    baseline = load_baseline("calais-2016")
    amplitude = baseline.doc.people.attempts.season_amplitude.value
    frame = frame_of(plan, origin, amplitude)
    rng = np.random.default_rng(5)
    for _ in range(3):
        values = values_of(0.7 * rng.normal(size=len(FREE)))
        (future,) = futures_of(values[None], baseline)
        last = origin.fromordinal(origin.toordinal() + plan.days - 1)
        by_document = compile_people(build(baseline, (), future), origin, last, decision_day)
        by_table = with_numbers(frame, values)
        for param in Param:
            assert np.allclose(by_document.parameters[:, param], by_table[:, param],
                               rtol=1e-12, atol=1e-15), param.path
        assert by_document.start_stock == round(values[0])


def test_standard_normals_and_numbers_are_inverse() -> None:
    z = np.random.default_rng(1).normal(size=len(FREE))
    values = values_of(z)
    assert z_of(dict(zip(names(), values, strict=True))) == pytest.approx(z, abs=1e-9)
    medians = values_of(np.zeros(len(FREE)))
    assert medians == pytest.approx([free.median for free in FREE])


def test_a_posterior_is_read_as_it_was_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    values = values_of(np.random.default_rng(2).normal(size=(4, len(FREE))))
    made = Posterior(("pooled", "pooled", "ngo", "official"), values, {"seed": 3})
    write_posterior(tmp_path / "p.parquet", made)
    found = read_posterior(tmp_path / "p.parquet")
    assert found.fit == made.fit
    assert found.about["seed"] == 3
    assert found.values == pytest.approx(values, rel=1e-6)
    assert found.of("pooled").shape == (2, len(FREE))
