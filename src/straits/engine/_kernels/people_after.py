"""Outcomes, services, observers, compiled: steps 5 to 9 of a day; twin people_reference_after.

The arguments are those of ``people``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.demand import poisson_quantile
from straits.engine._kernels.inline import kernel
from straits.engine._kernels.people import bits_of_states, chance, draw, inflow_factor, note
from straits.engine._kernels.people_asylum import claim_or_return, cross_unseen, decide_all
from straits.engine._kernels.people_attempts import open_chances
from straits.engine._kernels.people_waiting import lodge_claims
from straits.tables.people import (
    AIMS,
    BOAT,
    CHILD,
    COLUMNS,
    NOWHERE,
    REFUSED,
    STOCKS,
    TERMINAL,
    TRAIN,
    VULNERABLE,
    Counter,
    Decision,
    Event,
    Memory,
    Observation,
    PersonDays,
    State,
)
from straits.tables.people_parameters import Param

_CHANCE_WINDOW = 90  # days before the decision day over which V0 is the mean
_YEAR = 365
_TRAITS = 256  # values that the byte of traits can have
LEDGER_BROKEN = 1  # status: people do not add up
# States that steps 5 and 6 act on every day, those that they leave alone before the due day, and
# those at the site; a bit each.
_ACTIVE = bits_of_states(
    State.CLAIM_LODGED_CALAIS, State.ABOARD, State.CLAIM_FRANCE, State.RETURN_PENDING_FRANCE,
    State.CLAIM_UK, State.RETURN_PENDING_UK,
)  # fmt: skip
_DATED = bits_of_states(
    State.RECEPTION_CENTRE, State.APPEAL_FRANCE, State.UK_UNSEEN, State.APPEAL_UK
)
_AT_SITE = bits_of_states(State.AT_SITE, State.CLAIM_LODGED_CALAIS)


@kernel
def normal_quantile(u):
    """Return the quantile of the standard normal by Acklam's rational forms, error 1.2e-9."""
    if u < 0.02425 or u > 0.97575:
        v = u if u < 0.5 else 1.0 - u
        q = math.sqrt(-2.0 * math.log(v))
        top = -7.784894002430293e-03 * q - 3.223964580411365e-01
        top = (top * q - 2.400758277161838e00) * q - 2.549732539343734e00
        top = (top * q + 4.374664141464968e00) * q + 2.938163982698783e00
        bottom = 7.784695709041462e-03 * q + 3.224671290700398e-01
        bottom = ((bottom * q + 2.445134137142996e00) * q + 3.754408661907416e00) * q + 1.0
        return top / bottom if u < 0.5 else -top / bottom
    q = u - 0.5
    r = q * q
    top = -3.969683028665376e01 * r + 2.209460984245205e02
    top = (top * r - 2.759285104469687e02) * r + 1.383577518672690e02
    top = (top * r - 3.066479806614716e01) * r + 2.506628277459239e00
    bottom = -5.447609879822406e01 * r + 1.615858368580409e02
    bottom = (bottom * r - 1.556989798598866e02) * r + 6.680131188771972e01
    bottom = (bottom * r - 1.328068155288572e01) * r + 1.0
    return top * q / bottom


@kernel
def outcome_of(
    row, counters, keys, share, targeting, sensitivity, before, vehicles, kinds,
):  # fmt: skip
    """Return what became of someone aboard: 0 found before the sea, 1 after, 2 not, -1 unknown."""
    if counters[Counter.COUPLED] == 0:
        place = row.place
        found = min(1.0, share[place] * targeting[place]) * sensitivity[place]
        if draw(keys, Decision.SEARCH, row.person, row.attempts) >= found:
            return 2
        return 0 if before[place] else 1
    low = 0
    high = vehicles.size
    while low < high:
        middle = (low + high) // 2
        if vehicles[middle] < row.vehicle:
            low = middle + 1
        else:
            high = middle
    if low < vehicles.size and vehicles[low] == row.vehicle:
        return kinds[low]
    return -1


@kernel
def list_busy(rows, day, busy, aboard):
    """List the rows that steps 5 and 6 can touch, and those aboard; return how many of each."""
    count = 0
    riding = 0
    for i in range(rows.size):
        row = rows[i]
        busy[count] = i
        count += ((_ACTIVE >> row.state) | (_DATED >> row.state) & (row.due <= day)) & 1
        if row.state == State.ABOARD:
            aboard[riding] = i
            riding += 1
    return count, riding


@kernel
def land(
    p, rows, aboard, counters, memory, book, keys, day, share, targeting,
    sensitivity, before, vehicles, kinds,
):  # fmt: skip
    """Book the day's outcomes to the people aboard; return the finds that UK ports report."""
    ports = 0
    for i in aboard:
        row = rows[i]
        kind = outcome_of(
            row, counters, keys, share, targeting, sensitivity, before, vehicles, kinds
        )
        if kind < 0:
            continue
        place = row.place
        row.vehicle = -1
        if kind == 0:
            note(book, row.person, Event.FOUND_BEFORE_SEA, place)
            row.state = row.then
            continue
        if kind == 3:  # the lorry turned away before it had crossed
            note(book, row.person, Event.NO_VEHICLE, place)
            row.state = row.then
            continue
        memory[Memory.SUCCESS_CALAIS + place] += 1.0
        if row.then == State.CLAIM_LODGED_CALAIS:
            note(book, row.person, Event.WITHDREW_CALAIS, NOWHERE)
        if kind == 1:
            note(book, row.person, Event.FOUND_AFTER_SEA, place)
            ports += 1
            claim_or_return(
                row, p[Param.UK_CLAIM_FOUND], p, book, keys, day
            )
            continue
        note(book, row.person, Event.CROSSED_UNSEEN, place)
        ports += draw(keys, Decision.PORT_FOUND, row.person, row.attempts) < p[Param.PORTS_SHARE]
        cross_unseen(row, p, keys, day)
    return ports


@kernel
def tally_people(rows, day, tally, stock, person_days, gone):
    """Count everyone by state and traits, and list who has left for good; return how many.

    What is summed over the site is masked: a branch on states, which are mixed in the table, is
    guessed wrong as often as not.
    """
    days = 0
    over_a_year = 0
    count = 0
    for i in range(rows.size):
        row = rows[i]
        state = row.state
        if state >= TERMINAL:
            if row.since == day:
                stock[state] += 1
            if row.due < 0:
                gone[count] = i
                count += 1
        tally[state * _TRAITS + row.traits] += 1
        age = day - row.arrived
        at_site = (_AT_SITE >> state) & 1
        days += at_site * age
        over_a_year += at_site & (age > _YEAR)
    person_days[PersonDays.TIME_AT_SITE] = days
    person_days[PersonDays.OVER_A_YEAR] = over_a_year
    return count


@kernel
def drop(rows, gone):
    """Close the gaps of those who have left for good; return how many rows remain."""
    first = 0
    for k in range(gone.size + 1):
        last = gone[k] if k < gone.size else rows.size
        if k > 0:
            for i in range(first, last):
                rows[i - k] = rows[i]
        first = last + 1
    return rows.size - gone.size


@kernel
def count_willing(p, rows, aiming):
    """Count those aiming for the UK from the coast who would take each of the routes."""
    for i in range(rows.size):
        row = rows[i]
        if row.state <= State.AT_OTHER_SITE and row.traits & AIMS:
            aiming[2] += row.willing < p[Param.CENTRE_JOIN]
            if not row.traits & REFUSED:
                aiming[1] += row.willing < p[Param.LODGE_JOIN]
                if row.state == State.AT_SITE and not row.traits & CHILD:
                    aiming[4] += row.willing < p[Param.ONE_JOIN]


@njit(cache=True, nogil=True)
def settle(p, rows, day, stock, person_days, aiming, gone):
    """Count everyone, drop those who have left for good, and return how many rows remain."""
    tally = np.zeros(stock.size * _TRAITS, np.int32)
    gone = gone[: tally_people(rows, day, tally, stock, person_days, gone)]
    for traits in range(_TRAITS):
        site = tally[State.AT_SITE * _TRAITS + traits]
        lodged = tally[State.CLAIM_LODGED_CALAIS * _TRAITS + traits]
        if traits & AIMS:
            aiming[0] += site + tally[State.AT_OTHER_SITE * _TRAITS + traits]
            aiming[3] += lodged
        here = site + lodged
        person_days[PersonDays.AT_SITE] += here
        person_days[PersonDays.CHILDREN_AT_SITE] += here * ((traits & CHILD) != 0)
        person_days[PersonDays.VULNERABLE_AT_SITE] += here * ((traits & VULNERABLE) != 0)
        for state in range(STOCKS):
            stock[state] += tally[state * _TRAITS + traits]
    if p[Param.LODGE_OPEN] > 0.0 or p[Param.CENTRE_OPEN] > 0.0 or p[Param.ONE_OPEN] > 0.0:
        count_willing(p, rows, aiming)
    kept = drop(rows, gone)
    waiting = stock[State.CLAIM_UK] + stock[State.CLAIM_FRANCE] + stock[State.CLAIM_LODGED_CALAIS]
    person_days[PersonDays.WITHOUT_DECISION] = waiting
    site = person_days[PersonDays.AT_SITE]
    roofs = int(p[Param.SHELTER])
    floor = int(p[Param.SHELTER] * min(1.0, p[Param.AREA] / p[Param.AREA_STANDARD]))
    toilets = int(p[Param.TOILETS] * p[Param.TOILET_STANDARD])
    water = int(p[Param.WATER] / p[Param.WATER_STANDARD])
    person_days[PersonDays.WITHOUT_SHELTER] = max(0, site - roofs)
    person_days[PersonDays.BELOW_AREA_STANDARD] = max(0, site - floor)
    person_days[PersonDays.BELOW_TOILET_STANDARD] = max(0, site - toilets)
    person_days[PersonDays.BELOW_WATER_STANDARD] = max(0, site - water)
    return kept


@njit(cache=True, nogil=True)
def learn(p, counters, memory, book, juxtaposed, day, decision_day, aiming):
    """Let people on site learn from the day: success by place, open boarding, routes, V0."""
    keep = 2.0 ** (-1.0 / p[Param.MEMORY])
    opening = np.empty(3)
    open_chances(p, juxtaposed, opening)
    reached = 0
    for place in range(3):
        # Who sat out the night without a lorry has tried too: parking out of reach is found out.
        tried = book[Event.TURNED_BACK, place] + book[Event.BOARDED, place]
        died = book[Event.DIED, place]
        tried += book[Event.NO_LORRY, place] + died
        memory[Memory.DIED_CALAIS + place] = keep * (memory[Memory.DIED_CALAIS + place] + died)
        memory[Memory.SUCCESS_CALAIS + place] *= keep
        memory[Memory.TRIED_CALAIS + place] = keep * (memory[Memory.TRIED_CALAIS + place] + tried)
        old = memory[Memory.OPEN_CALAIS + place]
        memory[Memory.OPEN_CALAIS + place] = old + (1.0 - keep) * (opening[place] - old)
        reached += book[Event.OPEN_BOARDED, place]
    for k in range(2):
        died = book[Event.DIED, TRAIN + k]
        tried = book[Event.TURNED_BACK, TRAIN + k] + book[Event.BOARDED, TRAIN + k] + died
        memory[Memory.DIED_TRAIN + k] = keep * (memory[Memory.DIED_TRAIN + k] + died)
        memory[Memory.SUCCESS_TRAIN + k] *= keep
        memory[Memory.TRIED_TRAIN + k] = keep * (memory[Memory.TRIED_TRAIN + k] + tried)
    for place in range(NOWHERE):
        reached += book[Event.CROSSED_UNSEEN, place] + book[Event.FOUND_AFTER_SEA, place]
    keep = 2.0 ** (-1.0 / p[Param.INFLOW_MEMORY])
    # Who is returned to France within weeks is not in the UK: the chance is of being there.
    reached -= book[Event.ONE_OUT, NOWHERE]
    memory[Memory.CROSSINGS] = keep * max(0.0, memory[Memory.CROSSINGS] + reached)
    # Who waits for a decision tries less: a queue must not look like a poorer chance of crossing.
    trying = aiming[0] + p[Param.QUEUE_ATTEMPTS] * aiming[3]
    memory[Memory.AIMING] = keep * (memory[Memory.AIMING] + trying)
    lodge = 0.0
    if p[Param.LODGE_OPEN] > 0.0 and p[Param.LODGE_CAPACITY] > 0.0:
        queue = counters[Counter.CALAIS_ISSUED] - counters[Counter.CALAIS_SERVED] + aiming[1]
        wait = p[Param.LODGE_TIME] + queue / p[Param.LODGE_CAPACITY]
        granted = p[Param.NEED] * p[Param.LODGE_GRANT_NEED]
        granted += (1.0 - p[Param.NEED]) * p[Param.LODGE_GRANT_NOT]
        lodge = p[Param.LODGE_JOIN] * granted / (1.0 + math.exp(min(700.0, (wait - 90.0) / 10.0)))
    centre = 0.0
    if p[Param.CENTRE_OPEN] > 0.0:
        rate = p[Param.CENTRE_CAPACITY] / max(1.0, float(aiming[2]))
        centre = p[Param.CENTRE_JOIN] * (1.0 - math.exp(-90.0 * rate))
    exchange = 0.0
    if p[Param.ONE_OPEN] > 0.0:
        # What opens a place is a return: the chance is learnt from returns, and not promised.
        rate = book[Event.ONE_OUT, NOWHERE] / max(1.0, float(aiming[4]))
        exchange = p[Param.ONE_JOIN] * (1.0 - math.exp(-90.0 * rate))
    route = 1.0 - (1.0 - lodge) * (1.0 - centre) * (1.0 - exchange)
    memory[Memory.ROUTE] += (1.0 - keep) * (route - memory[Memory.ROUTE])
    if decision_day - _CHANCE_WINDOW <= day < decision_day:
        memory[Memory.CHANCE_SUM] += chance(memory)
        counters[Counter.CHANCE_DAYS] += 1
        if day == decision_day - 1:
            memory[Memory.CHANCE_START] = (
                memory[Memory.CHANCE_SUM] / counters[Counter.CHANCE_DAYS]
            )


@kernel
def observe(
    p, counters, memory, book, observed, person_days, ports, keys, day, decision_day,
):  # fmt: skip
    """Write down what observers would have: counts with noise, arrests, finds, perceived chance."""
    site = person_days[PersonDays.AT_SITE]
    z = normal_quantile(draw(keys, Decision.OFFICIAL, day, 0))
    official = p[Param.OFFICIAL] * site * math.exp(p[Param.OFFICIAL_NOISE] * z)
    z = normal_quantile(draw(keys, Decision.NGO, day, 0))
    ngo = p[Param.NGO] * site * math.exp(p[Param.NGO_NOISE] * z)
    observed[Observation.OFFICIAL_COUNT] = int(official + 0.5)
    observed[Observation.NGO_COUNT] = int(ngo + 0.5)
    prevented = 0
    arrested = 0
    for place in range(COLUMNS):
        prevented += book[Event.COUNTED, place] + book[Event.FOUND_BEFORE_SEA, place]
        arrested += book[Event.ARRESTED, place]
    observed[Observation.PREVENTED_ATTEMPTS] = prevented
    u = draw(keys, Decision.ARRESTS, day, 0)
    observed[Observation.ARRESTS] = arrested + poisson_quantile(u, p[Param.ARRESTS])
    ports += book[Event.FOUND_AFTER_SEA, TRAIN] + book[Event.FOUND_AFTER_SEA, BOAT]
    u = draw(keys, Decision.PORTS, day, 0)
    observed[Observation.PORT_FINDS] = ports + poisson_quantile(u, p[Param.PORTS])
    observed[Observation.CALAIS_BACKLOG] = (
        counters[Counter.CALAIS_ISSUED] - counters[Counter.CALAIS_SERVED]
    )
    observed[Observation.PERCEIVED_CHANCE] = int(chance(memory) * 1e6 + 0.5)
    factor = inflow_factor(p, memory, day, decision_day)
    observed[Observation.INFLOW_FACTOR] = int(factor * 1e6 + 0.5)


@kernel
def balance(counters, book, stock):
    """Write the day into the ledger of people; return a status, 0 when it adds up."""
    inside = 0
    ended = 0
    for state in range(stock.size):
        if state < STOCKS:
            inside += stock[state]
        else:
            ended += stock[state]
    arrived = 0
    for place in range(COLUMNS):
        arrived += book[Event.ARRIVED, place] + book[Event.ARRIVED_AGAIN, place]
    status = 0
    if counters[Counter.STOCK] + arrived != inside + ended:
        status = LEDGER_BROKEN
    counters[Counter.STOCK] = inside
    counters[Counter.ENDED] += ended
    counters[Counter.ARRIVALS] += arrived
    return status


@njit(cache=True, nogil=True)
def finish(
    p, rows, counters, memory, lags, book, keys, day, decision_day,
    share, targeting, sensitivity, before, juxtaposed, vehicles, kinds, stock, person_days,
    observed,
):  # fmt: skip
    """Run steps 5 to 9 of a day; return how many rows remain and a status, 0 when all is well."""
    lists = np.empty((2, rows.size), np.int64)
    count, riding = list_busy(rows, day, lists[0], lists[1])
    busy, aboard = lists[0, :count], lists[1, :riding]
    ports = land(
        p, rows, aboard, counters, memory, book, keys, day, share, targeting,
        sensitivity, before, vehicles, kinds,
    )  # fmt: skip
    lodge_claims(p, rows, busy, counters, lags, observed, book, keys, day)
    decide_all(p, rows, busy, counters, lags, observed, book, keys, day)
    aiming = np.zeros(5, np.int64)
    kept = settle(p, rows, day, stock, person_days, aiming, lists[1])
    learn(p, counters, memory, book, juxtaposed, day, decision_day, aiming)
    observe(
        p, counters, memory, book, observed, person_days, ports, keys, day, decision_day
    )
    return kept, balance(counters, book, stock)
