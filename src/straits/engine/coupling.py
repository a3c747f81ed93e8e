"""The one place where vehicles and people meet: one day after another, on one clock.

Two tables cross between the halves and nothing else: `exposure` (where lorries stood yesterday)
to people, and `aboard` (who got into which lorry) to vehicles; what became of the lorries comes
back as outcomes. With the coupling off each half gives exactly its stand-alone result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.base.errors import InternalError, NumericalError
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.choice import choose, has_choice, mean_waits
from straits.engine.population import assign_vehicles, begin_day, finish_day
from straits.engine.run import Engine, Scratch, run_pieces, run_slice, stood
from straits.tables.people import Boardings, PeopleDay, PeoplePlan, PeopleState, State
from straits.tables.vehicles import (
    PLACES,
    Arrivals,
    VehicleLog,
    VehiclePlan,
    VehicleState,
)

__all__ = ["Border", "Day", "simulate_border", "simulate_vehicles"]


@dataclass(frozen=True, slots=True)
class Border:
    """The state of the whole border between two days: the checkpoint."""

    vehicles: VehicleState
    people: PeopleState | None
    exposure: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((len(PLACES), 24), np.int64)
    )
    # Yesterday's delays [ticks] and visits by station and UTC hour, int64[2, station, 24]: kept
    # where vehicles answer to waits.
    waits: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, 0, 24), np.int64))


@dataclass(frozen=True, slots=True)
class Day:
    """What one day left behind: the slices' logs, the people's log, the state at midnight.

    The columns of visits lie in memory that the next day uses again: measure them first.
    """

    number: int  # days since the vehicle plan's day 0
    logs: tuple[VehicleLog, ...]
    people: PeopleDay | None
    state: Border


def simulate_border(  # noqa: PLR0913 - both halves, their state, and how to run them
    vehicles: VehiclePlan,
    people: PeoplePlan,
    key: int,
    state: Border,
    days: tuple[int, int],
    *,
    people_offset: int,
    coupled: bool = True,
    slice_h: int = 24,
    engine: Engine = "auto",
    factors: NDArray[np.float64] | None = None,
    trace: bool = False,
) -> Iterator[Day]:
    """Yield the days in [days[0], days[1]) of the whole border.

    Parameters
    ----------
    vehicles, people : VehiclePlan, PeoplePlan
    key : int
        ``Seed.key`` of the row.
    state : Border
        At midnight before the first day.
    days : (int, int)
        In days since the vehicle plan's day 0.
    people_offset : int
        What to add to such a day to get days since the people plan's origin.
    coupled : bool
        Off: exposure from the document, nobody aboard a simulated lorry.
    slice_h : int
        Length of the slices inside a day [h]; the results do not depend on it.
    engine : {"auto", "calendar", "reference"}
    factors : float64[day, group], optional
        ``engine.run.day_factors`` of this plan and key, when already at hand.
    trace : bool
        Whether the people's log of a day keeps each event with its person.
    """
    if state.people is None:
        raise NumericalError("the people half has no state to start from")
    if factors is None:
        factors = day_factors(vehicles, key)
    how = _How(slice_h, engine, Scratch())
    for number in range(*days):
        new = _day_arrivals(vehicles, key, factors, number, state.waits, slice_h)
        begun, boardings = begin_day(people, state.people, number + people_offset,
                                     state.exposure if coupled else None, key, coupled,
                                     trace=trace)
        aboard = np.zeros(new.vehicle.size, np.int64)
        if coupled:
            lorry, row = _lorries(vehicles, new, boardings, number * DAY_TICKS)
            np.add.at(aboard, row[row >= 0], 1)
            begun = assign_vehicles(begun, boardings, lorry)
        logs, carried, exposure = _vehicle_day(vehicles, key, state.vehicles, new, aboard,
                                               number, how)
        outcomes = (
            np.concatenate([log.outcome_vehicle for log in logs]),
            np.concatenate([log.outcome_kind for log in logs]),
        )
        after, day = finish_day(people, begun, number + people_offset,
                                outcomes if coupled else None, key, trace=trace)
        if coupled and int(carried.aboard.sum()) != int(day.stock[State.ABOARD]):
            raise InternalError(
                f"people aboard do not add up on day {number}: {int(day.stock[State.ABOARD])} "
                f"people, {int(carried.aboard.sum())} in lorries")
        state = Border(carried, after, exposure, _waits(vehicles, logs))
        yield Day(number, logs, day, state)


def simulate_vehicles(
    vehicles: VehiclePlan,
    key: int,
    state: Border,
    days: tuple[int, int],
    *,
    slice_h: int = 24,
    engine: Engine = "auto",
    factors: NDArray[np.float64] | None = None,
) -> Iterator[Day]:
    """Yield the days in [days[0], days[1]) of the vehicle half alone; see `simulate_border`."""
    if factors is None:
        factors = day_factors(vehicles, key)
    how = _How(slice_h, engine, Scratch())
    for number in range(*days):
        new = _day_arrivals(vehicles, key, factors, number, state.waits, slice_h)
        logs, carried, exposure = _vehicle_day(vehicles, key, state.vehicles, new,
                                               np.zeros(new.vehicle.size, np.int64), number,
                                               how)
        state = Border(carried, state.people, exposure, _waits(vehicles, logs))
        yield Day(number, logs, None, state)


def _day_arrivals(
    plan: VehiclePlan, key: int, factors: NDArray[np.float64], number: int,
    waits: NDArray[np.int64], slice_h: int,
) -> Arrivals:
    """Return the vehicles of a day, with the crossing and the hour that they choose.

    Raises
    ------
    NumericalError
        If vehicles may change their hour and slices are shorter than the day in which they do.
    """
    new = arrivals(plan, key, factors, 24 * number, 24 * (number + 1))
    if not has_choice(plan) or not waits.shape[1]:
        return new
    if slice_h < 24 and np.any(plan.retiming_share > 0.0):
        raise NumericalError("vehicles choose their hour in this plan: use slices of a whole day")
    mean = waits[0] / np.maximum(waits[1], 1)
    epoch = int(np.searchsorted(plan.epoch_start, number * DAY_TICKS, side="right")) - 1
    heard = np.zeros((len(plan.stream_names), 24))
    for stream, route in enumerate(plan.route_of[epoch]):
        steps = plan.route_step[plan.route_first[route] : plan.route_first[route + 1]]
        heard[stream] = plan.step_share[steps] @ mean[plan.step_station[steps]]
    return choose(plan, key, new, mean_waits(plan, heard.astype(np.int64), np.ones_like(heard,
                                                                                      np.int64)))


def _waits(plan: VehiclePlan, logs: tuple[VehicleLog, ...]) -> NDArray[np.int64]:
    """Return a day's delays [ticks] and visits by station and UTC hour, where anybody asks."""
    if not has_choice(plan):
        return np.zeros((2, 0, 24), np.int64)
    out = np.zeros((2, len(plan.station_names), 24), np.int64)
    for log in logs:
        hour = (log.arrived // HOUR_TICKS) % 24
        np.add.at(out[0], (log.station, hour), log.delay)
        np.add.at(out[1], (log.station, hour), 1)
    return out


@dataclass(frozen=True, slots=True)
class _How:
    """How a day's vehicles are run; none of it shows in what comes out."""

    slice_h: int
    engine: Engine
    scratch: Scratch


def _vehicle_day(
    plan: VehiclePlan, key: int, state: VehicleState, new: Arrivals, aboard: NDArray[np.int64],
    number: int, how: _How,
) -> tuple[tuple[VehicleLog, ...], VehicleState, NDArray[np.int64]]:
    """Run the vehicles of one day in slices; return logs, state and the day's exposure."""
    exposure = np.zeros((len(PLACES), 24), np.int64)
    logs: list[VehicleLog] = []
    for hour in range(0, 24, how.slice_h):
        start = (24 * number + hour) * HOUR_TICKS
        end = (24 * number + min(hour + how.slice_h, 24)) * HOUR_TICKS
        mask = (new.at >= start) & (new.at < end)
        part, people = new.between(start, end), aboard[mask]
        if how.slice_h >= 24 and how.engine == "auto":
            pieces, state = run_pieces(plan, key, state, part, start=start, end=end,
                                       aboard=people, scratch=how.scratch)
        else:
            log, state = run_slice(plan, key, state, part, start=start, end=end, aboard=people,
                                   engine=how.engine)
            pieces = (log,)
        for log in pieces:
            stood(plan, log, exposure)
        logs += pieces
    return tuple(logs), state, exposure


def _lorries(
    plan: VehiclePlan, new: Arrivals, boardings: Boardings, midnight: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the lorry of each boarding and its row among the day's arrivals; -1 for none.

    It is the last accompanied lorry bound for the UK that joined that approach before the
    instant of boarding; before the day's first one, the first.
    """
    lorry = np.full(boardings.row.size, -1, np.int64)
    row = np.full(boardings.row.size, -1, np.int64)
    place_of = plan.place_of_stream[new.stream]
    for place in range(len(PLACES)):
        here = np.flatnonzero(place_of == place)
        who = np.flatnonzero(boardings.place == place)
        if here.size == 0 or who.size == 0:
            continue
        here = here[np.argsort(new.at[here], kind="stable")]
        index = np.searchsorted(new.at[here], midnight + boardings.instant[who], "right") - 1
        row[who] = here[np.maximum(index, 0)]
        lorry[who] = new.vehicle[row[who]]
    return lorry, row
