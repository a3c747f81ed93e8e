"""The people half's columns: closed lists of words, the plan, the state, the log of a day.

A person is one row. The id packs (generation, cohort, day of arrival, ordinal), so that a
larger inflow only adds people; a person who comes back is a new row, one generation up, and
keeps the address of nobody else. Attempts are events, never people.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.tables.people_events import (
    BOAT,
    COLUMNS,
    DECISIONS,
    NOWHERE,
    TRAIN,
    Decision,
    Event,
)
from straits.tables.people_parameters import Param

__all__ = [
    "AIMS",
    "ARRIVAL_SHIFT",
    "BOAT",
    "CHILD",
    "COHORT_CALAIS",
    "COHORT_OTHER",
    "COHORT_SHIFT",
    "COHORT_START",
    "COLUMNS",
    "DECISIONS",
    "GENERATION_SHIFT",
    "LAGS",
    "NEED",
    "NOWHERE",
    "PERSON",
    "REFUSED",
    "REWORKED",
    "STAYER",
    "STOCKS",
    "TERMINAL",
    "TIES",
    "TRAIN",
    "UK_KEEPS",
    "VULNERABLE",
    "WILL_BE_ARRESTED",
    "WILL_CLAIM",
    "WILL_FADE",
    "Boardings",
    "Counter",
    "Decision",
    "Event",
    "Memory",
    "Observation",
    "PeopleDay",
    "PeoplePlan",
    "PeopleState",
    "PersonDays",
    "State",
    "pack_person_id",
]  # fmt: skip


class State(IntEnum):
    """Where a person stands; those from `PROTECTED_UK` on have left the model."""

    AT_SITE = 0
    AT_OTHER_SITE = 1  # elsewhere on the coast, Grande-Synthe for one
    CLAIM_LODGED_CALAIS = 2  # waits at the site for a UK decision
    ABOARD = 3
    RECEPTION_CENTRE = 4
    CLAIM_FRANCE = 5
    APPEAL_FRANCE = 6
    RETURN_PENDING_FRANCE = 7
    NON_RETURNABLE_FRANCE = 8
    UK_UNSEEN = 9
    CLAIM_UK = 10
    APPEAL_UK = 11
    RETURN_PENDING_UK = 12
    NON_RETURNABLE_UK = 13
    PROTECTED_UK = 14
    PROTECTED_FRANCE = 15
    LEFT_ELSEWHERE = 16
    RETURNED = 17
    DIED = 18


STOCKS: Final = 14  # states of people inside the model
TERMINAL: Final = 14  # the first terminal state


class PersonDays(IntEnum):
    """Sums over the people of a day [person-days]."""

    AT_SITE = 0
    CHILDREN_AT_SITE = 1
    VULNERABLE_AT_SITE = 2
    OVER_A_YEAR = 3
    WITHOUT_SHELTER = 4
    BELOW_TOILET_STANDARD = 5
    BELOW_WATER_STANDARD = 6
    WITHOUT_DECISION = 7  # of people with a claim that waits for its first decision
    TIME_AT_SITE = 8  # sum over the site of days since arrival [days]
    BELOW_AREA_STANDARD = 9


class Observation(IntEnum):
    """What observers would have written down on a day."""

    OFFICIAL_COUNT = 0
    NGO_COUNT = 1
    PREVENTED_ATTEMPTS = 2
    ARRESTS = 3
    PORT_FINDS = 4
    UK_CLAIMS = 5  # with those of others
    UK_DECISIONS = 6
    UK_BACKLOG = 7
    FRANCE_CLAIMS = 8
    FRANCE_DECISIONS = 9
    FRANCE_BACKLOG = 10
    CALAIS_BACKLOG = 11
    PERCEIVED_CHANCE = 12  # of being in the UK within 90 days [parts per million]
    INFLOW_FACTOR = 13  # by which the elasticity moved first arrivals [parts per million]


class Counter(IntEnum):
    """Integers that a state carries from day to day."""

    UK_ISSUED = 0  # next ticket of the queue
    UK_SERVED = 1
    FR_ISSUED = 2
    FR_SERVED = 3
    CALAIS_ISSUED = 4
    CALAIS_SERVED = 5
    CLOSED = 6
    COUPLED = 7
    STOCK = 8  # people inside at the end of the last day
    ENDED = 9  # people who have left the model, since the start
    ARRIVALS = 10  # since the start, those who came back included
    UK_BACKGROUND = 11  # claims of others since the start
    FR_BACKGROUND = 12
    CHANCE_DAYS = 13  # days in the sum behind V0
    UK_REWORKED = 14  # decisions on claims of others sent back, since the start
    FR_REWORKED = 15
    ONE_OUT = 16  # returned from the UK to France in exchange, since the start
    ONE_IN = 17  # places handed out for them, since the start


class Memory(IntEnum):
    """Numbers that a state carries from day to day."""

    SUCCESS_CALAIS = 0  # remembered arrivals in the UK by place
    SUCCESS_COQUELLES = 1
    SUCCESS_DUNKIRK = 2
    TRIED_CALAIS = 3  # remembered attempts by place
    TRIED_COQUELLES = 4
    TRIED_DUNKIRK = 5
    OPEN_CALAIS = 6  # perceived chance of open boarding
    OPEN_COQUELLES = 7
    OPEN_DUNKIRK = 8
    CROSSINGS = 9  # remembered crossings of aiming people
    AIMING = 10  # remembered person-days of aiming people
    ROUTE = 11  # perceived chance by the routes
    CHANCE_SUM = 12
    CHANCE_START = 13  # V0, frozen on the decision day
    SUCCESS_TRAIN = 14  # remembered arrivals by the ways that need no lorry
    SUCCESS_BOAT = 15
    TRIED_TRAIN = 16
    TRIED_BOAT = 17
    DIED_CALAIS = 18  # remembered deaths, by place and then by the ways that need no lorry
    DIED_COQUELLES = 19
    DIED_DUNKIRK = 20
    DIED_TRAIN = 21
    DIED_BOAT = 22


LAGS: Final = 512  # days for which the queues remember how many tickets had been issued
COHORT_START: Final = 0
COHORT_CALAIS: Final = 1
COHORT_OTHER: Final = 2

PERSON: Final = np.dtype(
    [
        ("person", np.int64),
        ("vehicle", np.int64),  # -1 unless aboard
        ("willing", np.float64),  # uniform: below a route's share, the person would join it
        ("arrived", np.int32),  # day
        ("since", np.int32),  # day on which the present state began
        ("due", np.int32),  # day on which the present state ends by itself, -1 if it does not
        ("ticket", np.int32),  # number in an asylum queue, -1 before it is issued
        ("attempts", np.int32),
        ("state", np.uint8),
        ("traits", np.uint8),
        ("place", np.uint8),  # of the last boarding
        # Aboard: the state to which a person found before the sea returns; unseen in the UK:
        # what `due` brings; with a claim in the UK: whether it can only be the UK's, `UK_KEEPS`.
        # One byte for all of them keeps a row at 48 bytes without gaps.
        ("then", np.uint8),
    ]
)

# Bits of `traits`.
NEED: Final = 1
AIMS: Final = 2
TIES: Final = 4
CHILD: Final = 8
VULNERABLE: Final = 16
STAYER: Final = 32
REFUSED: Final = 64  # by the UK route in Calais, or returned in exchange: joins neither again
REWORKED: Final = 128  # the first decision on the claim was sent back: the next one stands

# Values of `then` for a person unseen in the UK.
WILL_BE_ARRESTED: Final = 1
WILL_CLAIM: Final = 2
WILL_FADE: Final = 3
# Value of `then` for a claim in the UK for which no other state is asked: the person came by a
# route, or the UK has taken the claim up already. Above all values for people unseen or aboard.
UK_KEEPS: Final = 4

GENERATION_SHIFT: Final = 56
COHORT_SHIFT: Final = 48
ARRIVAL_SHIFT: Final = 24


def pack_person_id(cohort: int, day: int, ordinal: int, generation: int = 0) -> int:
    """Return the address of a person; days are counted from the plan's origin."""
    return (
        (generation << GENERATION_SHIFT) | (cohort << COHORT_SHIFT) | (day << ARRIVAL_SHIFT)
    ) | ordinal


@dataclass(frozen=True, slots=True)
class PeoplePlan:
    """Everything the engines need to know about people: arrays only.

    Attributes
    ----------
    parameters : float64[day, Param]
        Values in force [unit of `Param`; rates a month are held a day].
    share, targeting, sensitivity : float64[day, 3]
        Search by place: share of lorries selected, ratio of that share when people are aboard,
        chance of finding them.
    uk_entry_juxtaposed, search_before_sea : int8[day, 3]
        Whether the UK's entry control, and the search, stand before departure.
    exposure : int64[3, 24]
        Stationary lorry-time by place and UTC hour when no vehicles are simulated [ticks a day].
    decisions : uint64[Decision]
        Ids of the purposes of draws.
    decision_day : int
        Day from which the elasticity acts; V0 is the mean of the 90 days before it.
    start_stock : int
        People at the site on day 0.
    start_backlog : int64[2]
        Claims waiting on day 0 in the UK and in France.
    """

    days: int
    parameters: NDArray[np.float64]
    share: NDArray[np.float64]
    targeting: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    uk_entry_juxtaposed: NDArray[np.int8]
    search_before_sea: NDArray[np.int8]
    exposure: NDArray[np.int64]
    decisions: NDArray[np.uint64]
    decision_day: int
    start_stock: int
    start_backlog: NDArray[np.int64]

    def value(self, day: int, param: Param) -> float:
        """Return one parameter on one day [its unit; rates a month are held a day]."""
        return float(self.parameters[day, param])


@dataclass(frozen=True, slots=True)
class PeopleState:
    """The people inside at the end of a day, or in the middle of one: the checkpoint.

    Attributes
    ----------
    people : PERSON[row]
        In order of first arrival; also those who have left and will come back.
    counters : int64[Counter]
    memory : float64[Memory]
    lags : int64[3, LAGS]
        Tickets issued by the end of day d at column d % LAGS: UK, France, UK claims in Calais.
    today : int64[Event, COLUMNS]
        Events since the day began, by place.
    trace : int64[row, 3]
        Person, event, place of each event of the day; empty unless asked for.
    """

    people: NDArray[np.void]
    counters: NDArray[np.int64]
    memory: NDArray[np.float64]
    lags: NDArray[np.int64]
    today: NDArray[np.int64]
    trace: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Boardings:
    """People who got into a lorry today: row in the state, place, instant of the day [ticks]."""

    row: NDArray[np.int64]
    place: NDArray[np.int64]
    instant: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PeopleDay:
    """What happened to people on one day: integers only.

    Attributes
    ----------
    stock : int64[19]
        People inside at the end of the day by `State`, and those who left during it.
    events : int64[Event, COLUMNS]
        Events by place; the last column is for those without one.
    person_days : int64[PersonDays]
    observed : int64[Observation]
    arrivals : int
        People who arrived, those who came back included.
    trace : int64[row, 3]
        Person, event, place; empty unless asked for.
    """

    day: int
    stock: NDArray[np.int64]
    events: NDArray[np.int64]
    person_days: NDArray[np.int64]
    observed: NDArray[np.int64]
    arrivals: int
    trace: NDArray[np.int64]
