"""The second half of a day, compiled: outcomes, asylum, returns, services, observers.

The arguments are those of ``people``; the twin is ``people_reference_after``.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from straits.engine._kernels.demand import poisson_quantile
from straits.engine._kernels.people import chance, draw, end, inflow_factor, note, open_chances, quota
from straits.tables.people import (
    AIMS,
    CHILD,
    LAGS,
    NEED,
    NOWHERE,
    REFUSED,
    STOCKS,
    TERMINAL,
    VULNERABLE,
    WILL_BE_ARRESTED,
    WILL_CLAIM,
    WILL_FADE,
    Counter,
    Decision,
    Event,
    Memory,
    Observation,
    PersonDays,
    State,
)
from straits.tables.people_parameters import Param

_SPAN = Param.FR_BACKGROUND - Param.UK_BACKGROUND  # France's block of parameters
_CHANCE_WINDOW = 90  # days before the decision day over which V0 is the mean
_YEAR = 365
LEDGER_BROKEN = 1  # status: people do not add up


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def to_return(row, system, p, book, keys, day):
    """Send a refused person to the return channel: screen first, then documents."""
    shift = system * _SPAN
    uk = system == 0
    age = day - row.arrived
    row.since = day
    row.due = -1
    pending = State.RETURN_PENDING_UK if uk else State.RETURN_PENDING_FRANCE
    stuck = State.NON_RETURNABLE_UK if uk else State.NON_RETURNABLE_FRANCE
    if row.traits & NEED:
        screen = Decision.UK_SCREEN if uk else Decision.FR_SCREEN
        if draw(keys, screen, row.person, age) < p[Param.UK_SCREEN + shift]:
            note(book, row.person, Event.SCREENED, NOWHERE)
            row.state = stuck
            return
    documents = Decision.UK_DOCUMENTS if uk else Decision.FR_DOCUMENTS
    if draw(keys, documents, row.person, age) < p[Param.UK_DOCUMENTS + shift]:
        row.state = pending
    else:
        lost = Event.NOT_RETURNABLE_UK if uk else Event.NOT_RETURNABLE_FRANCE
        note(book, row.person, lost, NOWHERE)
        row.state = stuck


@njit(cache=True, nogil=True)
def claim_or_return(row, share, p, book, keys, day):
    """Let a person found on UK soil claim asylum there, or enter the return channel."""
    u = draw(keys, Decision.FOUND_CLAIM, row.person, row.attempts)
    if u < share:
        row.state = State.CLAIM_UK
        row.since = day
        row.due = -1
        row.ticket = -1
    else:
        to_return(row, np.int64(0), p, book, keys, day)


@njit(cache=True, nogil=True)
def cross_unseen(row, p, keys, day):
    """Let a person be in the UK unseen, and settle what comes next and when."""
    found = p[Param.UK_FOUND_INLAND]
    u = draw(keys, Decision.CROSSED, row.person, row.attempts)
    v = draw(keys, Decision.CROSSED_DELAY, row.person, row.attempts)
    row.state = State.UK_UNSEEN
    row.since = day
    if u < found:
        row.then = WILL_BE_ARRESTED
        row.due = day + 1 + int(3.0 * v)
    elif u < found + (1.0 - found) * p[Param.UK_CLAIM]:
        row.then = WILL_CLAIM
        row.due = day + 1 + int(-p[Param.UK_CLAIM_LAG] * math.log(1.0 - v))
    else:
        row.then = WILL_FADE
        row.due = day + 1 + int(-p[Param.UK_FADE] * math.log(1.0 - v))


@njit(cache=True, nogil=True)
def outcome_of(row, counters, keys, share, targeting, sensitivity, before, vehicles, kinds):
    """Return what became of a person aboard: 0 found before the sea, 1 after, 2 unfound, -1 none yet."""
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


@njit(cache=True, nogil=True)
def land(
    p, rows, counters, memory, book, keys, day, share, targeting,
    sensitivity, before, vehicles, kinds,
):  # fmt: skip
    """Book the day's outcomes to the people aboard; return the finds that UK ports report."""
    ports = 0
    for i in range(rows.size):
        row = rows[i]
        if row.state != State.ABOARD:
            continue
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
        if draw(keys, Decision.PORT_FOUND, row.person, row.attempts) < p[Param.PORTS_SHARE]:
            ports += 1
        cross_unseen(row, p, keys, day)
    return ports


@njit(cache=True, nogil=True)
def move_on(row, p, book, keys, day):
    """Take the step that a person's due day brings: centre, or unseen in the UK."""
    if row.state == State.RECEPTION_CENTRE:
        u = draw(keys, Decision.RECEPTION, row.person, day - row.arrived)
        row.due = -1
        row.since = day
        if u < p[Param.RECEPTION_CLAIM]:
            row.state = State.CLAIM_FRANCE
            row.ticket = -1
        elif u < p[Param.RECEPTION_CLAIM] + p[Param.RECEPTION_BACK]:
            note(book, row.person, Event.BACK_FROM_RECEPTION, NOWHERE)
            row.state = State.AT_SITE
        else:
            note(book, row.person, Event.LEFT_RECEPTION, NOWHERE)
            end(row, State.LEFT_ELSEWHERE, p[Param.LEFT_AGAIN], p, keys, day)
    elif row.state == State.UK_UNSEEN:
        if row.then == WILL_BE_ARRESTED:
            note(book, row.person, Event.ARRESTED, row.place)
            claim_or_return(
                row, p[Param.UK_CLAIM_FOUND], p, book, keys, day
            )
        elif row.then == WILL_CLAIM:
            row.state = State.CLAIM_UK
            row.since = day
            row.due = -1
            row.ticket = -1
        else:
            note(book, row.person, Event.OUT_OF_VIEW, NOWHERE)
            end(row, State.LEFT_ELSEWHERE, 0.0, p, keys, day)


@njit(cache=True, nogil=True)
def lodge_claims(p, rows, counters, lags, observed, book, keys, day):
    """Give tickets to new claims in both states and move the queues on, capacity a day."""
    for system in range(2):
        background = quota(p[Param.UK_BACKGROUND + system * _SPAN], day)
        counters[Counter.UK_ISSUED + 2 * system] += background
        counters[Counter.UK_BACKGROUND + system] += background
        observed[Observation.UK_CLAIMS + 3 * system] = background
    for i in range(rows.size):
        row = rows[i]
        if 0 <= row.due <= day:
            move_on(row, p, book, keys, day)
        if row.ticket >= 0:
            continue
        if row.state == State.CLAIM_UK:
            row.ticket = counters[Counter.UK_ISSUED]
            counters[Counter.UK_ISSUED] += 1
            note(book, row.person, Event.CLAIMED_UK, NOWHERE)
            observed[Observation.UK_CLAIMS] += 1
        elif row.state == State.CLAIM_FRANCE:
            row.ticket = counters[Counter.FR_ISSUED]
            counters[Counter.FR_ISSUED] += 1
            note(book, row.person, Event.CLAIMED_FRANCE, NOWHERE)
            observed[Observation.FRANCE_CLAIMS] += 1
    for system in range(2):
        shift = system * _SPAN
        issued = counters[Counter.UK_ISSUED + 2 * system]
        served = counters[Counter.UK_SERVED + 2 * system]
        lags[system, day % LAGS] = issued
        wait = min(int(p[Param.UK_TIME + shift]), LAGS - 1)
        ripe = lags[system, (day - wait) % LAGS]
        pace = p[Param.UK_STAFF + shift] * p[Param.UK_PACE + shift]
        reached = max(served, min(served + quota(pace, day), ripe))
        counters[Counter.UK_SERVED + 2 * system] = reached
        observed[Observation.UK_DECISIONS + 3 * system] = reached - served
        observed[Observation.UK_BACKLOG + 3 * system] = issued - reached


@njit(cache=True, nogil=True)
def serve_calais(p, rows, counters, day):
    """Move the queue of claims lodged in Calais on: absent people take no one's turn."""
    served = counters[Counter.CALAIS_SERVED]
    issued = counters[Counter.CALAIS_ISSUED]
    if p[Param.LODGE_OPEN] <= 0.0 or issued == served:
        return
    waits = np.zeros(issued - served, np.uint8)
    for i in range(rows.size):
        row = rows[i]
        if row.state == State.CLAIM_LODGED_CALAIS and row.ticket >= served:
            if row.since + p[Param.LODGE_TIME] <= day:
                waits[row.ticket - served] = 1
    left = quota(p[Param.LODGE_CAPACITY], day)
    reached = 0
    for k in range(waits.size):
        if waits[k]:
            if left == 0:
                break
            left -= 1
            reached = k + 1
    counters[Counter.CALAIS_SERVED] = served + reached


@njit(cache=True, nogil=True)
def decide_calais(row, p, counters, book, keys, day):
    """Decide a claim lodged in Calais whose turn has come, or void it when the route is shut."""
    if p[Param.LODGE_OPEN] <= 0.0:
        note(book, row.person, Event.WITHDREW_CALAIS, NOWHERE)
        row.state = State.AT_SITE
        row.since = day
        row.ticket = -1
        return
    if row.ticket >= counters[Counter.CALAIS_SERVED]:
        return
    need = row.traits & NEED
    grant = p[Param.LODGE_GRANT_NEED] if need else p[Param.LODGE_GRANT_NOT]
    age = day - row.arrived
    row.ticket = -1
    if draw(keys, Decision.LODGED, row.person, age) < grant:
        note(book, row.person, Event.GRANTED_CALAIS, NOWHERE)
        end(row, State.PROTECTED_UK, 0.0, p, keys, day)
        return
    note(book, row.person, Event.REFUSED_CALAIS, NOWHERE)
    u = draw(keys, Decision.LODGED_NEXT, row.person, age)
    row.traits |= REFUSED
    if u < p[Param.LODGE_RETURN]:
        to_return(row, np.int64(1), p, book, keys, day)
    elif u < p[Param.LODGE_RETURN] + p[Param.LODGE_STAY]:
        row.state = State.AT_SITE
        row.since = day
    else:
        note(book, row.person, Event.LEFT, NOWHERE)
        end(row, State.LEFT_ELSEWHERE, p[Param.LEFT_AGAIN], p, keys, day)


@njit(cache=True, nogil=True)
def decide(row, system, p, book, keys, day):
    """Decide a claim for protection at first instance."""
    shift = system * _SPAN
    uk = system == 0
    age = day - row.arrived
    need = row.traits & NEED
    grant = p[Param.UK_GRANT_NEED + shift] if need else p[Param.UK_GRANT_NOT + shift]
    row.ticket = -1
    row.since = day
    if draw(keys, Decision.UK_GRANT if uk else Decision.FR_GRANT, row.person, age) < grant:
        granted = Event.GRANTED_UK if uk else Event.GRANTED_FRANCE
        note(book, row.person, granted, NOWHERE)
        state = State.PROTECTED_UK if uk else State.PROTECTED_FRANCE
        end(row, state, 0.0, p, keys, day)
        return
    refused = Event.REFUSED_UK if uk else Event.REFUSED_FRANCE
    note(book, row.person, refused, NOWHERE)
    u = draw(keys, Decision.UK_APPEAL if uk else Decision.FR_APPEAL, row.person, age)
    if u < p[Param.UK_APPEAL + shift]:
        appealed = Event.APPEALED_UK if uk else Event.APPEALED_FRANCE
        note(book, row.person, appealed, NOWHERE)
        row.state = State.APPEAL_UK if uk else State.APPEAL_FRANCE
        row.due = day + int(p[Param.UK_APPEAL_TIME + shift])
    else:
        to_return(row, system, p, book, keys, day)


@njit(cache=True, nogil=True)
def decide_appeal(row, system, p, book, keys, day):
    """Decide an appeal: protection, or the return channel."""
    shift = system * _SPAN
    uk = system == 0
    need = row.traits & NEED
    allowed = p[Param.UK_ALLOWED_NEED + shift] if need else p[Param.UK_ALLOWED_NOT + shift]
    u = draw(
        keys, Decision.UK_ALLOWED if uk else Decision.FR_ALLOWED, row.person,
        day - row.arrived,
    )  # fmt: skip
    if u < allowed:
        event = Event.ALLOWED_UK if uk else Event.ALLOWED_FRANCE
        note(book, row.person, event, NOWHERE)
        state = State.PROTECTED_UK if uk else State.PROTECTED_FRANCE
        end(row, state, 0.0, p, keys, day)
    else:
        to_return(row, system, p, book, keys, day)


@njit(cache=True, nogil=True)
def send_back(row, system, p, left, book, keys, day):
    """Return a person, while capacity lasts, or give the return up after its limit."""
    shift = system * _SPAN
    uk = system == 0
    if left[system] > 0:
        left[system] -= 1
        if row.traits & NEED:
            note(book, row.person, Event.WRONGLY_RETURNED, NOWHERE)
        event = Event.RETURNED_UK if uk else Event.RETURNED_FRANCE
        note(book, row.person, event, NOWHERE)
        end(row, State.RETURNED, p[Param.RETURN_AGAIN], p, keys, day)
    elif day - row.since > p[Param.UK_RETURN_LIMIT + shift]:
        event = Event.NOT_RETURNABLE_UK if uk else Event.NOT_RETURNABLE_FRANCE
        note(book, row.person, event, NOWHERE)
        row.state = State.NON_RETURNABLE_UK if uk else State.NON_RETURNABLE_FRANCE
        row.since = day


@njit(cache=True, nogil=True)
def decide_all(p, rows, counters, book, keys, day):
    """Decide claims and appeals, and carry out returns, in order of first arrival."""
    serve_calais(p, rows, counters, day)
    left = np.empty(2, np.int64)
    left[0] = quota(p[Param.UK_RETURNS], day)
    left[1] = quota(p[Param.FR_RETURNS], day)
    for i in range(rows.size):
        row = rows[i]
        state = row.state
        if State.CLAIM_FRANCE <= state <= State.RETURN_PENDING_FRANCE:
            system, stage = 1, state - State.CLAIM_FRANCE
        elif State.CLAIM_UK <= state <= State.RETURN_PENDING_UK:
            system, stage = 0, state - State.CLAIM_UK
        else:
            if state == State.CLAIM_LODGED_CALAIS:
                decide_calais(row, p, counters, book, keys, day)
            continue
        if stage == 0:
            if row.ticket < counters[Counter.UK_SERVED + 2 * system]:
                decide(row, system, p, book, keys, day)
        elif stage == 1:
            if row.due <= day:
                decide_appeal(row, system, p, book, keys, day)
        elif row.since < day:
            send_back(row, system, p, left, book, keys, day)


@njit(cache=True, nogil=True)
def settle(p, rows, day, stock, person_days, aiming):
    """Count everyone, drop those who have left for good, and return how many rows remain."""
    kept = 0
    for i in range(rows.size):
        row = rows[i]
        state = row.state
        if state >= TERMINAL:
            if row.since == day:
                stock[state] += 1
            if row.due < 0:
                continue
        else:
            stock[state] += 1
            if state <= State.CLAIM_LODGED_CALAIS and row.traits & AIMS:
                aiming[0] += 1
                if state != State.CLAIM_LODGED_CALAIS and not row.traits & REFUSED:
                    aiming[1] += row.willing < p[Param.LODGE_JOIN]
                if state != State.CLAIM_LODGED_CALAIS:
                    aiming[2] += row.willing < p[Param.CENTRE_JOIN]
            if state == State.AT_SITE or state == State.CLAIM_LODGED_CALAIS:
                age = day - row.arrived
                person_days[PersonDays.AT_SITE] += 1
                person_days[PersonDays.TIME_AT_SITE] += age
                person_days[PersonDays.CHILDREN_AT_SITE] += (row.traits & CHILD) != 0
                person_days[PersonDays.VULNERABLE_AT_SITE] += (row.traits & VULNERABLE) != 0
                person_days[PersonDays.OVER_A_YEAR] += age > _YEAR
        if kept != i:
            rows[kept] = rows[i]
        kept += 1
    waiting = stock[State.CLAIM_UK] + stock[State.CLAIM_FRANCE] + stock[State.CLAIM_LODGED_CALAIS]
    person_days[PersonDays.WITHOUT_DECISION] = waiting
    site = person_days[PersonDays.AT_SITE]
    roofs = int(p[Param.SHELTER])
    toilets = int(p[Param.TOILETS] * p[Param.TOILET_STANDARD])
    water = int(p[Param.WATER] / p[Param.WATER_STANDARD])
    person_days[PersonDays.WITHOUT_SHELTER] = max(0, site - roofs)
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
        tried = book[Event.TURNED_BACK, place] + book[Event.BOARDED, place]
        memory[Memory.SUCCESS_CALAIS + place] *= keep
        memory[Memory.TRIED_CALAIS + place] = keep * (memory[Memory.TRIED_CALAIS + place] + tried)
        old = memory[Memory.OPEN_CALAIS + place]
        memory[Memory.OPEN_CALAIS + place] = old + (1.0 - keep) * (opening[place] - old)
        reached += book[Event.CROSSED_UNSEEN, place] + book[Event.FOUND_AFTER_SEA, place]
        reached += book[Event.OPEN_BOARDED, place]
    keep = 2.0 ** (-1.0 / p[Param.INFLOW_MEMORY])
    memory[Memory.CROSSINGS] = keep * (memory[Memory.CROSSINGS] + reached)
    memory[Memory.AIMING] = keep * (memory[Memory.AIMING] + aiming[0])
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
    route = 1.0 - (1.0 - lodge) * (1.0 - centre)
    memory[Memory.ROUTE] += (1.0 - keep) * (route - memory[Memory.ROUTE])
    if decision_day - _CHANCE_WINDOW <= day < decision_day:
        memory[Memory.CHANCE_SUM] += chance(memory)
        counters[Counter.CHANCE_DAYS] += 1
        if day == decision_day - 1:
            memory[Memory.CHANCE_START] = (
                memory[Memory.CHANCE_SUM] / counters[Counter.CHANCE_DAYS]
            )


@njit(cache=True, nogil=True)
def observe(p, counters, memory, book, observed, person_days, ports, keys, day, decision_day):
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
    for place in range(4):
        prevented += book[Event.COUNTED, place] + book[Event.FOUND_BEFORE_SEA, place]
        arrested += book[Event.ARRESTED, place]
    observed[Observation.PREVENTED_ATTEMPTS] = prevented
    u = draw(keys, Decision.ARRESTS, day, 0)
    observed[Observation.ARRESTS] = arrested + poisson_quantile(u, p[Param.ARRESTS])
    u = draw(keys, Decision.PORTS, day, 0)
    observed[Observation.PORT_FINDS] = ports + poisson_quantile(u, p[Param.PORTS])
    observed[Observation.CALAIS_BACKLOG] = (
        counters[Counter.CALAIS_ISSUED] - counters[Counter.CALAIS_SERVED]
    )
    observed[Observation.PERCEIVED_CHANCE] = int(chance(memory) * 1e6 + 0.5)
    factor = inflow_factor(p, memory, day, decision_day)
    observed[Observation.INFLOW_FACTOR] = int(factor * 1e6 + 0.5)


def finish(
    p, rows, counters, memory, lags, book, keys, day, decision_day,
    share, targeting, sensitivity, before, juxtaposed, vehicles, kinds, stock, person_days, observed,
):  # fmt: skip
    """Run steps 5 to 9 of a day; return how many rows remain and a status, 0 when all is well."""
    ports = land(
        p, rows, counters, memory, book, keys, day, share, targeting,
        sensitivity, before, vehicles, kinds,
    )  # fmt: skip
    lodge_claims(p, rows, counters, lags, observed, book, keys, day)
    decide_all(p, rows, counters, book, keys, day)
    aiming = np.zeros(3, np.int64)
    kept = settle(p, rows, day, stock, person_days, aiming)
    learn(p, counters, memory, book, juxtaposed, day, decision_day, aiming)
    observe(
        p, counters, memory, book, observed, person_days, ports, keys, day, decision_day
    )
    inside = 0
    ended = 0
    for state in range(stock.size):
        if state < STOCKS:
            inside += stock[state]
        else:
            ended += stock[state]
    arrived = 0
    for place in range(4):
        arrived += book[Event.ARRIVED, place] + book[Event.ARRIVED_AGAIN, place]
    status = 0
    if counters[Counter.STOCK] + arrived != inside + ended:
        status = LEDGER_BROKEN
    counters[Counter.STOCK] = inside
    counters[Counter.ENDED] += ended
    counters[Counter.ARRIVALS] += arrived
    return kept, status
