"""The people half of a day: from a frozen state to a frozen state, whichever engine runs it.

``begin_day`` runs steps 1 to 3 (policy changes, arrivals, choices and boardings), ``finish_day``
steps 5 to 9 (outcomes, asylum and returns, services, observers, the day's log). Between the two
the vehicles of the day run, and ``assign_vehicles`` says who is in which lorry. Without vehicles
``simulate_people`` runs a stretch of days by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import InternalError, NumericalError
from straits.tables.people import (
    COLUMNS,
    LAGS,
    PERSON,
    STOCKS,
    Boardings,
    Counter,
    Event,
    Memory,
    Observation,
    PeopleDay,
    PeoplePlan,
    PeopleState,
    PersonDays,
    State,
)

__all__ = ["assign_vehicles", "begin_day", "finish_day", "initial_people", "simulate_people"]

Engine = Literal["compiled", "reference"]
NO_VEHICLES = np.empty(0, np.int64)
# A day copies its people; this many take a gigabyte, and fit into the ordinals of their numbers.
MOST_PEOPLE: Final = 4_000_000
_TRACE_ROWS = 12  # more than the events that one person can have in one day


def initial_people(plan: PeoplePlan, key0: int, engine: Engine = "compiled") -> PeopleState:
    """Return the state on the eve of day 0: the people already at the site, both backlogs.

    Parameters
    ----------
    plan : PeoplePlan
        What is simulated.
    key0 : int
        ``Seed.key`` of the row.
    engine : {"compiled", "reference"}
        Which of the two engines draws their traits; they give the same rows.

    Raises
    ------
    NumericalError
        If there are more people than a run can hold.
    """
    _check_size(plan.start_stock, 0)
    counters = np.zeros(len(Counter), np.int64)
    lags = np.zeros((3, LAGS), np.int64)
    for system in range(2):
        counters[Counter.UK_ISSUED + 2 * system] = plan.start_backlog[system]
        lags[system, :] = plan.start_backlog[system]
    counters[Counter.STOCK] = plan.start_stock
    memory = np.zeros(len(Memory))
    people = np.zeros(plan.start_stock, PERSON)
    p = np.ascontiguousarray(plan.parameters[0])
    opening = np.empty(3)
    if engine == "reference":
        from straits.engine import people_reference, people_reference_attempts

        people_reference.start(p, people, _book(0), _keys(plan, key0))
        people_reference_attempts.open_chances(p, plan.uk_entry_juxtaposed[0], opening)
    else:
        from straits.engine._kernels import people as kernel
        from straits.engine._kernels import people_attempts

        kernel.start(p, people, _book(0), _keys(plan, key0))
        people_attempts.open_chances(p, plan.uk_entry_juxtaposed[0], opening)
    memory[Memory.OPEN_CALAIS : Memory.OPEN_CALAIS + 3] = opening
    today = np.zeros((len(Event), COLUMNS), np.int64)
    return PeopleState(people, counters, memory, lags, today, np.empty((0, 3), np.int64))


def begin_day(
    plan: PeoplePlan,
    state: PeopleState,
    day: int,
    exposure: NDArray[np.int64] | None,
    key0: int,
    coupled: bool,
    *,
    engine: Engine = "compiled",
    trace: bool = False,
) -> tuple[PeopleState, Boardings]:
    """Run steps 1 to 3 of a day: policy changes, arrivals, choices and boardings.

    Parameters
    ----------
    plan, state, day
        What is simulated, the people at the end of the day before, days since the origin.
    exposure : int64[3, 24] or None
        Stationary lorry-time of the day before, by place and UTC hour [ticks]; None takes the
        document's.
    key0 : int
        ``Seed.key`` of the row.
    coupled : bool
        Whether vehicles are simulated: then people aboard wait for `finish_day`'s outcomes;
        without, they meet a search of the expected kind on the same day.
    engine : {"compiled", "reference"}
        Both give the same state, bit for bit.
    trace : bool
        Whether event rows are kept.

    Raises
    ------
    NumericalError
        If there are more people than a run can hold.
    """
    p = np.ascontiguousarray(plan.parameters[day])
    counters, memory = state.counters.copy(), state.memory.copy()
    counters[Counter.COUPLED] = int(coupled)
    standing = plan.exposure if exposure is None else exposure
    counts = np.zeros(2, np.int64)
    keys = _keys(plan, key0)
    juxtaposed = plan.uk_entry_juxtaposed[day]
    if engine == "reference":
        from straits.engine.people_reference import arrivals
        from straits.engine.people_reference_choices import begin
    else:
        from straits.engine._kernels.people import arrivals
        from straits.engine._kernels.people_choices import begin
    arrivals(p, memory, keys, day, plan.decision_day, counts)
    known = state.people.size
    size = known + int(counts[0] + counts[1])
    _check_size(size, day)
    rows = np.empty(size, PERSON)
    _copy(state.people, rows)
    book = _book(rows.size if trace else 0)
    board = np.empty((3, rows.size), np.int64)
    boarded = begin(
        p, rows, known, counts, counters, memory, book, keys, day, standing, juxtaposed,
        board[0], board[1], board[2],
    )  # fmt: skip
    begun = PeopleState(rows, counters, memory, state.lags, *_read(book))
    return begun, Boardings(*(column[:boarded].copy() for column in board))


def assign_vehicles(
    state: PeopleState, boardings: Boardings, vehicles: NDArray[np.int64]
) -> PeopleState:
    """Return the state with the lorry of each boarding written down.

    A boarding with vehicle -1 met no lorry: the person is back where they came from.
    """
    people, today = np.empty(state.people.size, PERSON), state.today.copy()
    _copy(state.people, people)
    people["vehicle"][boardings.row] = vehicles
    lost = boardings.row[vehicles < 0]
    people["state"][lost] = people["then"][lost]
    np.add.at(today[Event.NO_VEHICLE], boardings.place[vehicles < 0], 1)
    trace = state.trace
    if trace.size and lost.size:
        rows = np.stack(
            [
                people["person"][lost],
                np.full(lost.size, Event.NO_VEHICLE, np.int64),
                boardings.place[vehicles < 0],
            ],
            axis=1,
        )
        trace = np.concatenate([trace, rows])
    return replace(state, people=people, today=today, trace=trace)


def finish_day(
    plan: PeoplePlan,
    state: PeopleState,
    day: int,
    outcomes: tuple[NDArray[np.int64], NDArray[np.int64]] | None,
    key0: int,
    *,
    engine: Engine = "compiled",
    trace: bool = False,
) -> tuple[PeopleState, PeopleDay]:
    """Run steps 5 to 9 of a day: outcomes, asylum and returns, services, observers, the log.

    Parameters
    ----------
    plan, state, day, key0, engine, trace
        As for `begin_day`, whose state this takes over: its arrays are used up here, so that a
        day costs one copy of the people and not three.
    outcomes : (int64[n], int64[n]) or None
        Vehicle ids and kinds (0 found before the sea, 1 found after it, 2 drove off unfound) of
        the lorries with people aboard that were settled today.

    Raises
    ------
    InternalError
        If arrivals do not equal the change in stock plus those who left.
    """
    vehicles, kinds = (NO_VEHICLES, NO_VEHICLES) if outcomes is None else outcomes
    order = np.argsort(vehicles, kind="stable")
    rows, counters, memory = state.people, state.counters, state.memory
    lags = state.lags.copy()
    before = int(counters[Counter.STOCK])
    stock = np.zeros(len(State), np.int64)
    person_days = np.zeros(len(PersonDays), np.int64)
    observed = np.zeros(len(Observation), np.int64)
    book = _book(rows.size if trace else 0)
    book[: len(Event)] = state.today
    if engine == "reference":
        from straits.engine.people_reference_after import finish
    else:
        from straits.engine._kernels.people_after import finish
    kept, status = finish(
        np.ascontiguousarray(plan.parameters[day]), rows, counters, memory, lags, book,
        _keys(plan, key0), day, plan.decision_day, plan.share[day], plan.targeting[day],
        plan.sensitivity[day], plan.search_before_sea[day], plan.uk_entry_juxtaposed[day],
        vehicles[order], kinds[order], stock, person_days, observed,
    )  # fmt: skip
    today, after = _read(book)
    _check(status, day, before, stock, today)
    events = np.concatenate([state.trace, after])
    log = PeopleDay(
        day=day, stock=stock, events=today, person_days=person_days, observed=observed,
        arrivals=int(today[Event.ARRIVED].sum() + today[Event.ARRIVED_AGAIN].sum()), trace=events,
    )  # fmt: skip
    none = np.empty((0, 3), np.int64)
    return PeopleState(rows[:kept], counters, memory, lags, today, none), log


def _copy(source: NDArray[np.void], target: NDArray[np.void]) -> None:
    """Copy people into the head of `target` as plain words: by fields takes ten times as long."""
    words = source.view(np.int64)
    target.view(np.int64)[: words.size] = words


def _check_size(people: int, day: int) -> None:
    """Refuse more people than the memory of a run is meant for."""
    if people > MOST_PEOPLE:
        raise NumericalError(
            f"{people:,} people on day {day}; a run holds at most {MOST_PEOPLE:,}. "
            "Lower people.inflow.per_day or people.start.stock"
        )


def _keys(plan: PeoplePlan, key0: int) -> NDArray[np.uint64]:
    """Return the decision ids with the row's key behind them."""
    keys = np.empty(plan.decisions.size + 1, np.uint64)
    keys[:-1] = plan.decisions
    keys[-1] = key0
    return keys


def _book(people: int) -> NDArray[np.int64]:
    """Return an empty book of events, with room for the trace of this many people."""
    return np.zeros((len(Event) + 1 + _TRACE_ROWS * people, COLUMNS), np.int64)


def _read(book: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the events by place and the trace rows of a book."""
    head = len(Event)
    written = head + 1 + int(book[head, 0])
    return book[:head].copy(), book[head + 1 : written, :3].copy()


def _check(
    status: int, day: int, before: int, stock: NDArray[np.int64], today: NDArray[np.int64]
) -> None:
    """Turn a status of the kernel into its exception."""
    if status == 0:
        return
    after, ended = int(stock[:STOCKS].sum()), int(stock[STOCKS:].sum())
    raise InternalError(
        f"people do not add up on day {day}: {before} inside the day before, now {after}, "
        f"{ended} left; events {today.sum(axis=1).tolist()}"
    )


def simulate_people(
    plan: PeoplePlan,
    key0: int,
    first_day: int,
    last_day: int,
    state: PeopleState | None = None,
    *,
    exposure: NDArray[np.int64] | None = None,
    engine: Engine = "compiled",
    trace: bool = False,
) -> Iterator[tuple[PeopleState, PeopleDay]]:
    """Yield the state and log of each day in [first_day, last_day], vehicles not simulated.

    Without a `state`, the plan's initial one is taken; `first_day` must then be 0.

    Parameters
    ----------
    exposure : int64[day, 3, 24], optional
        What people meet on each of these days, as `begin_day` takes it [ticks]: recorded from
        vehicles that were simulated once. Without it the document's.
    """
    if state is None:
        if first_day != 0:
            raise InternalError(f"no state to start day {first_day} from")
        state = initial_people(plan, key0, engine)
    for day in range(first_day, last_day + 1):
        standing = None if exposure is None else exposure[day - first_day]
        begun, _ = begin_day(
            plan, state, day, standing, key0, coupled=False, engine=engine, trace=trace
        )
        state, log = finish_day(plan, begun, day, None, key0, engine=engine, trace=trace)
        yield state, log
