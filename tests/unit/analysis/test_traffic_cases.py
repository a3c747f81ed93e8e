"""Queues of the past: the bands are sound, the measures are what they say, fitting is no test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from straits.analysis.traffic import Band, _row, acceptance_traffic, history_rows
from straits.analysis.traffic_cases import (
    AS_WRITTEN,
    CASES,
    STAGES,
    Case,
    Variation,
    prepare,
    simulate,
)
from straits.analysis.traffic_rows import verdict
from straits.base.clock import HOUR_TICKS
from straits.data import figures
from straits.engine.arrivals import arrivals
from straits.engine.rng import Seed
from straits.engine.run import Engine, run_slice
from straits.plan.simple import Road, Scheme, Service, Station, Visit, network
from straits.results.tailback import (
    cleared_at,
    first_reached,
    held_vehicles,
    peak_tailback,
    standing,
    tailback_m,
)
from straits.scenario import load_baseline, names
from straits.tables.vehicles import VehicleLog, VehiclePlan, VehicleState

BY_NAME = {case.baseline: case for case in CASES}


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, float]]:
    """One row of each case."""
    return {case.baseline: simulate(case, prepare(case), Seed(1)) for case in CASES}


@pytest.mark.parametrize("band", acceptance_traffic(), ids=lambda one: f"{one.case}-{one.measure}")
def test_a_band_has_a_figure_and_a_reason(
    band: Band, measured: dict[str, dict[str, float]]
) -> None:
    assert band.measure in measured[band.case]
    assert band.low < band.high
    assert len(band.reason.split()) > 5
    published = figures()[band.figure].number
    if published is not None:
        assert band.low <= published <= band.high


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.baseline)
def test_a_case_is_a_baseline_that_says_what_was_fitted(case: Case) -> None:
    assert case.baseline in names("baseline")
    baseline = load_baseline(case.baseline)
    assert baseline.doc.incidents
    assert baseline.doc.extends is None  # what it is laid over has been read
    kinds = {band.kind for band in acceptance_traffic() if band.case == case.baseline}
    assert "predicted" in kinds
    own = [
        value.assumed
        for control in baseline.doc.controls.values()
        for service in control.service.values()
        for value in (service.fixed,)
    ]
    own += [one.capacity.assumed for one in baseline.doc.incidents.values() if one.capacity]
    assert ("fitted" in kinds) == any("fitted" in text for text in own)


def test_a_fitted_value_is_no_test() -> None:
    assert verdict("fitted", 5.0, (4.0, 6.0)) == "fitted"
    assert verdict("fitted", 9.0, (4.0, 6.0)) == "fitted"
    band = Band("case", "tailback", "mi", "paf_trial.2020.queue_miles", 4.0, 6.0, "predicted", "")
    inside = _row(band, [{"tailback": 4.0}, {"tailback": 6.5}], [])
    assert (inside.verdict, inside.simulated, inside.low, inside.high) == ("accepted", 5.25, 4.0, 6.5)
    assert inside.published == 5.0
    assert _row(band, [{"tailback": 6.5}], []).verdict == "outside"
    assert _row(replace(band, kind="fitted"), [{"tailback": 5.0}], []).verdict == "fitted"


def test_a_change_is_told_under_the_same_luck() -> None:
    band = Band("case", "tailback", "mi", "paf_trial.2020.queue_miles", 4.0, 6.0, "predicted", "")
    base = [{"tailback": 4.0}, {"tailback": 6.0}, {"tailback": 50.0}]
    row = _row(band, base, [(Variation("more"), [{"tailback": 5.0}, {"tailback": 8.0}])])
    assert "moved by more +1.5" in row.note


def test_each_row_says_which_interval_it_has() -> None:
    """Lowest and highest of the rows; Wilson's for a share, also where all rows agree."""
    tailback = next(band for band in acceptance_traffic() if band.measure == "tailback")
    row = _row(tailback, [{"tailback": 4.0}, {"tailback": 6.5}], [])
    assert (row.low, row.high, row.note) == (4.0, 6.5, "2 rows, lowest to highest")
    share = next(band for band in acceptance_traffic() if band.unit == "share")
    times = dict.fromkeys(STAGES, 10.0)
    row = _row(share, [{share.measure: 1.0, **times}] * 20, [])
    assert row.low == pytest.approx(20.0 / (20.0 + 1.959964**2))
    assert row.high == 1.0
    assert row.note.startswith("20 rows, Wilson 95 %; first blocked after")


def test_history_of_one_row(measured: dict[str, dict[str, float]]) -> None:
    said: list[str] = []
    rows = history_rows(1, 1, sensitivity=False, say=said.append)
    assert len(rows) == len(acceptance_traffic())
    for row, band in zip(rows, acceptance_traffic(), strict=True):
        assert row.simulated == measured[band.case][band.measure]
        assert (row.verdict == "fitted") == (band.kind == "fitted")
    assert len(said) == len(CASES)


def test_the_order_at_coquelles_is_read_off_the_log(measured: dict[str, dict[str, float]]) -> None:
    found = measured["coquelles-blocking"]
    times = [found[stage] for stage in STAGES]
    assert times == sorted(times)
    assert found["order"] == 1.0
    # Rooms of 60, 40, 150 and 100 cars take 130 surplus cars an hour: about two and a half hours.
    assert 90.0 < found["a16"] < 210.0


def test_without_a_slow_check_nothing_is_blocked_at_coquelles() -> None:
    case = BY_NAME["coquelles-blocking"]
    prepared = prepare(case)
    plan = prepared.plan
    uk = plan.station_names.index("uk-entry-coquelles-tourist")
    servers = plan.roster_servers.copy()
    servers[plan.roster_first[uk] : plan.roster_first[uk + 1]] = 9
    quick = replace(prepared, plan=replace(plan, roster_servers=servers))
    found = simulate(case, quick, Seed(1))
    assert found["order"] == 0.0
    assert np.isnan(found["a16"])


def test_variations_change_what_they_say() -> None:
    case = BY_NAME["dover-2016-07"]
    base = prepare(case).plan
    more = prepare(case, Variation(flow=1.1)).plan
    assert more.rates.sum() == pytest.approx(1.1 * base.rates.sum())
    flat = prepare(case, Variation(flat=True)).plan
    assert flat.rates.sum() == pytest.approx(base.rates.sum(), rel=0.02)
    assert np.allclose(flat.rates[1, 2:20], flat.rates[1, 2:3])
    apart = prepare(case, Variation(apart=True)).plan
    away = {name for k, name in enumerate(base.stream_names)
            if apart.road_of_stream[k] != base.road_of_stream[k]}
    assert away
    assert all("hgv" in name for name in away)
    assert Variation() == AS_WRITTEN


# ---- tailbacks


ENTRY_S = 8 * 3600.0


@pytest.fixture(scope="module")
def held_up() -> tuple[VehiclePlan, list[VehicleLog]]:
    """A station that closes for two hours; a road with a scheme behind it."""
    rates = np.zeros((1, 24, 2))
    rates[0, 6:16] = 60.0
    roster = [(0.0, 3), (ENTRY_S, 0), (ENTRY_S + 7200.0, 3)]
    plan = network(
        [Station("check", roster=roster, buffer=5)],
        [[Visit(0, Service(60.0, 0.5))], [Visit(0, Service(60.0, 0.5))]], rates,
        roads=[Road("a20", [0, 1], lanes=2, scheme="stack")],
        schemes=[Scheme("stack", [60], on_m=300.0, release_m=100.0, gap_s=30.0)])
    return plan, run(plan, 24)


def run(plan: VehiclePlan, slices: int, engine: Engine = "reference") -> list[VehicleLog]:
    key, factors = Seed(3).key, np.ones((1, 1))
    new = arrivals(plan, key, factors, 0, 24)
    state, logs = VehicleState.empty(plan), []
    length = 24 * HOUR_TICKS // slices
    for start in range(0, 24 * HOUR_TICKS, length):
        log, state = run_slice(plan, key, state, new.between(start, start + length), start=start,
                               end=start + length, engine=engine)
        logs.append(log)
    return logs


def test_a_tailback_counts_who_stands(held_up: tuple[VehiclePlan, list[VehicleLog]]) -> None:
    plan, logs = held_up
    there = standing(logs, [0])
    instants = np.arange(0, 24 * HOUR_TICKS, HOUR_TICKS // 12)
    expected = [
        7.5 / 2 * sum(
            max(since, released) <= at < until
            for since, released, until in zip(there.since, there.released, there.until, strict=True)
        )
        for at in instants
    ]
    assert np.array_equal(tailback_m(logs, plan, 0, instants), expected)
    held = [int(((there.since <= at) & (at < there.until)).sum()) for at in instants]
    assert held_vehicles(there, instants).tolist() == held
    assert there.was_held.any()
    longest, at = peak_tailback(logs, plan, 0)
    assert longest >= max(expected)
    assert tailback_m(logs, plan, 0, np.array([at])) == longest
    first = first_reached(logs, plan, 0, longest)
    assert first == at
    assert first_reached(logs, plan, 0, longest + 1.0) is None
    clear = cleared_at(logs, plan, 0, 100.0)
    assert clear is not None
    assert clear > at
    after = np.arange(clear, 24 * HOUR_TICKS, HOUR_TICKS // 60)
    assert (tailback_m(logs, plan, 0, after) < 100.0).all()
    assert tailback_m(logs, plan, 0, np.array([clear - 1])) >= 100.0


def test_slices_and_a_log_that_ends_in_a_queue(
    held_up: tuple[VehiclePlan, list[VehicleLog]]
) -> None:
    plan, logs = held_up
    instants = np.arange(0, 9 * HOUR_TICKS, HOUR_TICKS // 12)
    whole = tailback_m(logs, plan, 0, instants)
    assert np.array_equal(tailback_m(run(plan, 1), plan, 0, instants), whole)
    # Cut at 09:00, when many stand there and some are held.
    assert np.array_equal(tailback_m(logs[:9], plan, 0, instants), whole)
    assert cleared_at(logs[:9], plan, 0, 10.0) is None
    assert cleared_at(logs[:6], plan, 0, 10.0) == 0
    assert peak_tailback([], plan, 0) == (0.0, 0)
