"""Visit by visit equal to SimPy and Ciw, on networks that Hypothesis draws."""

import dataclasses
import importlib.util

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conftest import needs
from straits.analysis import differential, differential_programs
from straits.analysis.differential import against_ciw, against_simpy, program_rows
from straits.analysis.differential_programs import Call, Line, Trip, ciw_times, simpy_times
from straits.engine.rng import Seed
from straits.plan.simple import Service, Station, Visit, network

ENGINES = ("auto", "calendar", "reference")
FEW = settings(max_examples=20, deadline=None, derandomize=True,
               suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def simpy_there():
    needs("SimPy", importlib.util.find_spec("simpy") is not None, "simpy")


@pytest.fixture(scope="module")
def ciw_there():
    needs("Ciw", importlib.util.find_spec("ciw") is not None, "ciw")


@st.composite
def plans(draw):
    """A network with rosters, buffers, priorities, steps passed by and roads before full stations."""
    count = draw(st.integers(1, 4))
    odd = (11.7 * k for k in range(1, 300))  # no two rosters change at once, no two ways are as long
    stations = []
    for k in range(count):
        roster = [(0.0, draw(st.integers(1, 3)))]
        for hour in sorted(draw(st.sets(st.integers(1, 15), max_size=3))):
            last = roster[-1][1]
            roster.append((3600.0 * hour + next(odd), draw(st.integers(0, last + 1))))
        for hour in (16, 17, 18):
            roster.append((3600.0 * hour + next(odd), roster[-1][1] + 1))
        stations.append(Station(f"s{k}", roster, buffer=draw(st.none() | st.integers(1, 5))))
    routes = []
    for _ in range(draw(st.integers(1, 3))):
        places = sorted(draw(st.sets(st.integers(0, count - 1), min_size=1)))
        routes.append([
            Visit(k, Service(draw(st.sampled_from((60.0, 240.0, 500.0))),
                             draw(st.sampled_from((0.5, 1.0)))),
                  next(odd), priority=draw(st.integers(0, 2)),
                  share=draw(st.sampled_from((1.0, 1.0, 0.5)))) for k in places])
    rates = np.zeros((1, 24, len(routes)))
    rates[0, :12] = draw(st.sampled_from((3.0, 8.0, 15.0)))
    return network(stations, routes, rates)


@st.composite
def trips(draw):
    """Stations in a chain and vehicles through them, all times in cells."""
    count = draw(st.integers(1, 3))
    lines = [Line(((0, draw(st.integers(1, 3))),),
                  draw(st.none() | st.integers(1, 3)) if k else None) for k in range(count)]
    number = draw(st.integers(8, 60))
    at = draw(st.lists(st.integers(1, 2_000_000), min_size=number, max_size=number, unique=True))
    made = []
    for k, entry in enumerate(at):
        places = [0, *(s for s in range(1, count) if draw(st.booleans()))]
        rank = draw(st.integers(0, 2))
        calls = tuple(Call(s, 0, draw(st.integers(1_000, 400_000)), rank) for s in places)
        made.append(Trip(k, entry, calls))
    return lines, made


@pytest.mark.parametrize("engine", ENGINES)
@FEW
@given(plan=plans(), row=st.integers(0, 99))
def test_simpy_makes_every_visit_as_we_do(simpy_there, engine, plan, row):
    one = against_simpy(plan, Seed(31, row).key, engine)
    assume(not one.tied)
    assert one.mismatches == 0


@pytest.mark.parametrize("engine", ENGINES)
@FEW
@given(case=trips())
def test_ciw_makes_every_visit_as_we_do(ciw_there, engine, case):
    one = against_ciw(*case, engine)
    assume(not one.tied)
    assert one.mismatches == 0
    assert one.visits == sum(len(trip.calls) for trip in case[1])


def test_the_networks_are_worth_comparing(simpy_there, ciw_there):
    """Guard against an empty comparison: vehicles wait, block and are held; few are set aside."""
    rows = program_rows(4, 3)
    assert [row.verdict for row in rows] == ["accepted", "accepted"]
    for row in rows:
        assert row.note.startswith("4 networks")
    waited = blocked = held = 0
    for number in range(6):
        plan, key = differential._random_plan(differential._Dice(3, number)), Seed(3, number).key
        new = differential.arrivals(plan, key, differential.day_factors(plan, key), 0, 24)
        log, _ = differential.run_slice(
            plan, key, differential.VehicleState.empty(plan), new, start=0,
            end=differential.DAYS * differential.DAY_TICKS)
        waited, blocked, held = (total + int(np.count_nonzero(column)) for total, column in (
            (waited, log.waiting), (blocked, log.blocked), (held, log.held)))
    assert min(waited, blocked, held) > 50


@pytest.mark.parametrize("name", ["simpy_times", "ciw_times"])
def test_one_tick_more_is_found(simpy_there, ciw_there, monkeypatch, name):
    """The comparison can fail: one service of one unit more is a difference."""
    true_times = getattr(differential_programs, name)

    def longer(lines, ordered, *end):
        first, *calls = ordered[5].calls
        changed = dataclasses.replace(
            ordered[5], calls=(dataclasses.replace(first, service=first.service + 1), *calls))
        return true_times(lines, [*ordered[:5], changed, *ordered[6:]], *end)

    monkeypatch.setattr(differential, name, longer)
    rows = dict(zip(("simpy_times", "ciw_times"), program_rows(1, 3), strict=True))
    assert rows[name].verdict == "outside"
    assert "first difference in network" in rows[name].note


def test_blocking_by_hand_in_both(simpy_there, ciw_there):
    """Two vehicles through one server each, no more than one place between.

    The third finds the place taken when its first service is over, and waits at the server.
    """
    lines = [Line(((0, 1),)), Line(((0, 1),), 1)]
    moves = [Trip(k, 10 * (k + 1), (Call(0, 0, 5), Call(1, 0, 100))) for k in range(3)]
    expected = {(0, 0): (10, 10, 15, 15), (0, 1): (15, 15, 115, 115),
                (1, 0): (20, 20, 25, 25), (1, 1): (25, 115, 215, 215),
                (2, 0): (30, 30, 35, 115), (2, 1): (115, 215, 315, 315)}
    assert simpy_times(lines, moves) == expected
    assert ciw_times(lines, moves, 1000) == expected
    assert against_ciw(lines, [dataclasses.replace(
        trip, calls=tuple(dataclasses.replace(call, service=call.service + trip.vehicle)
                          for call in trip.calls)) for trip in moves]).mismatches == 0


def test_a_server_that_closes_finishes_its_vehicle_first(simpy_there):
    lines = [Line(((0, 2), (50, 1), (300, 2)))]
    moves = [Trip(k, k + 1, (Call(0, 0, 100),)) for k in range(4)]
    assert simpy_times(lines, moves) == {
        (0, 0): (1, 1, 101, 101), (1, 0): (2, 2, 102, 102),
        (2, 0): (3, 102, 202, 202), (3, 0): (4, 202, 302, 302)}


def test_a_program_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    rows = program_rows(1)
    assert [row.verdict for row in rows] == ["skipped", "skipped"]
    assert [row.note for row in rows] == ["install the package simpy", "install the package ciw"]
