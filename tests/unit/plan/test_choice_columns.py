"""Who chooses, as columns of the plan; and what is on is said in words."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from straits.base.errors import UserError
from straits.plan.choice import choice_columns, demand_notes
from straits.plan.demand import stream_list
from straits.scenario import build, load_baseline

FIRST = date(2016, 8, 30)
ALL = ["dover-calais", "dover-dunkirk", "folkestone-coquelles"]


@cache
def plain_world() -> Mapping[str, Any]:
    baseline = load_baseline("calais-2016")
    return build(baseline).world_at(baseline.doc.decision_day)


def world(sensitivity: float = 0.4, **more: Any) -> dict[str, Any]:
    out = dict(plain_world())
    out["demand"] = copy.deepcopy(out["demand"])
    out["demand"]["choice"] = {
        "freight": {"crossings": ALL, "classes": ["hgv_accompanied"],
                    "wait_sensitivity": sensitivity, "retiming": None},
        "cars": {"crossings": ALL[:2], "classes": ["car", "van"], "wait_sensitivity": None,
                 "retiming": {"share": 0.2, "wait_sensitivity": 0.5}},
        **more,
    }  # fmt: skip
    return out


def test_off_by_default() -> None:
    found = choice_columns([(FIRST, plain_world())], FIRST, 3)
    assert np.all(found["choice_set"] == -1)
    assert np.all(found["choice_pool"] == -1)
    for name in ("choice_sensitivity", "retiming_share", "retiming_sensitivity"):
        assert found[name].shape == (3, 36)
        assert not found[name].any()


def test_sets_are_the_crossings_of_a_direction_and_class() -> None:
    found = choice_columns([(FIRST, world())], FIRST, 2)
    streams = stream_list(plain_world())
    sets: dict[int, set[tuple[str, str, str]]] = {}
    for number, stream in zip(found["choice_set"], streams, strict=True):
        sets.setdefault(int(number), set()).add(stream)
    sets.pop(-1)
    for members in sets.values():
        assert len({(direction, kind) for _, direction, kind in members}) == 1
    lorries = {(c, "to_uk", "hgv_accompanied") for c in ALL}
    assert lorries in sets.values()
    assert len(sets) == 6
    pool = {stream: int(n) for n, stream in zip(found["choice_pool"], streams, strict=True)}
    assert pool[("dover-calais", "to_fr", "car")] == pool[("dover-calais", "to_fr", "van")]
    assert pool[("dover-calais", "to_fr", "car")] != pool[("dover-calais", "to_uk", "car")]
    index = streams.index(("dover-calais", "to_uk", "hgv_accompanied"))
    assert found["choice_sensitivity"][:, index].tolist() == [0.4, 0.4]
    index = streams.index(("dover-calais", "to_fr", "car"))
    assert found["retiming_share"][0, index] == 0.2
    assert found["retiming_sensitivity"][0, index] == 0.5
    assert found["choice_sensitivity"][0, index] == 0.0


def test_sensitivity_may_change_on_a_date_and_who_chooses_may_not() -> None:
    later = FIRST + timedelta(1)
    found = choice_columns([(FIRST, world(0.0)), (later, world(0.9))], FIRST, 3)
    index = stream_list(plain_world()).index(("dover-calais", "to_uk", "hgv_accompanied"))
    assert found["choice_sensitivity"][:, index].tolist() == [0.0, 0.9, 0.9]
    with pytest.raises(UserError, match=r"demand\.choice\.freight\.crossings"):
        choice_columns([(FIRST, plain_world()), (later, world())], FIRST, 3)
    with pytest.raises(UserError, match=r"demand\.observed"):
        seen = dict(world())
        seen["demand"] = {**seen["demand"], "observed": [{"file": "a.csv"}]}
        choice_columns([(FIRST, world()), (later, seen)], FIRST, 3)


def test_what_is_on_is_said() -> None:
    assert demand_notes(plain_world()) == ()
    on = world()
    on["demand"]["groups"]["ferry-tourist"]["booking"] = {"share": 0.6, "early": 4500.0}
    on["demand"]["observed"] = [{"file": "gate.csv", "class": "car", "crossing": "dover-calais",
                                 "direction": None}]
    assert demand_notes(on) == (
        "60 % of ferry-tourist book a departure and arrive 75 min before it on average.",
        "Arrivals of car dover-calais are those observed in 'gate.csv' on the days that it covers; "
        "day factors and surges do not act on them.",
        "Vehicles of freight choose among dover-calais, dover-dunkirk, folkestone-coquelles by "
        "yesterday's mean waits: an hour of waiting costs 0.4 of log-odds.",
        "20 % of cars may come at another hour of their day by yesterday's mean waits: an hour of "
        "waiting costs 0.5 of log-odds.",
    )
