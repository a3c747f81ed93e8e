"""`straits calibrate --alternatives` as its users meet it, on answers made by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from straits.analysis import fit_alternatives
from straits.analysis.fit import Fit
from straits.analysis.fit_alternatives import ALTERNATIVES, NOT_ASKED, Alternative, Answer
from straits.base.version import MODEL
from support.command import call


def answered(fit: Fit, jobs: int, say: object) -> tuple[Answer, list[Answer]]:
    def of(form: Alternative | None, misfit: float, evidence: float) -> Answer:
        return Answer(form, np.zeros(1), misfit, evidence,
                      {"arrests": misfit - 50.0, "deaths": 2.0, "port_finds": 0.1 * misfit})

    return of(None, 60.0, -80.0), [of(form, 61.0 + k, -80.5 - k)
                                   for k, form in enumerate(ALTERNATIVES)]


def test_the_table_and_its_json_say_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_alternatives, "alternatives", answered)
    said = call(["calibrate", "calais-2016", "--alternatives"], capsys, monkeypatch)
    assert said.code == 0
    lines = {line.split()[0]: line for line in reversed(said.out.splitlines()) if line}
    told = json.loads(
        call(["calibrate", "--alternatives", "--json"], capsys, monkeypatch).out)
    assert [one["name"] for one in told["alternatives"]] == [one.name for one in ALTERNATIVES]
    assert (told["model"], told["misfit"], told["rows"]) == (MODEL, 60.0, 78)
    for one in told["alternatives"]:
        line = lines[one["name"]]
        assert f"{one['misfit']:.1f}" in line
        assert f"{one['log_bayes_factor']:+.1f}" in line
        assert one["words"] in line
        assert "arrests +" in line
        assert "deaths" not in line
        assert one["says"] in said.out
    assert all(question in said.out for question in NOT_ASKED)
