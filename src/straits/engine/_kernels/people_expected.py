"""The people half's history in expected values, compiled: the same equations, without draws.

One number a group stands for the people whom ``people_choices`` draws for one by one: who aims
for the UK or not, stays or not, needs protection or not, at the site and elsewhere on the coast.
A group's day is that of its average person: of the competing hazards `h`, event k takes the share
h[k] / sum(h) * (1 - exp(-sum(h))). Counts that meet a limit, a day's places or the lorries within
reach, are taken as Poisson, since a mean that meets a limit is not what people meet on average.

It holds for days before the decision day on which the site is open and no route exists that people
ask for: the elasticity, which acts only from then on, the closing and those routes are left out.
Children alone and family ties are a fixed share of every group. People whom either state returns
after an asylum decision do not come back here; in the baseline that is one arrival in 200. Nor do
those who give a claim up in France and go back to the site, and no adult joins family in the UK:
a few people a month and a few a year.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
from numba import njit

from straits.base.clock import HOUR_TICKS
from straits.engine._kernels.inline import inner
from straits.engine._kernels.people_attempts import WAYS as ATTEMPT_WAYS
from straits.engine._kernels.people_attempts import access_now, attempt_rate, open_chances
from straits.engine._kernels.people_expected_attempts import (
    KEPT,
    WAYS,
    Kept,
    Way,
    attempt_ways,
    choose_way,
    power,
    remember,
    struck,
)
from straits.tables.people import Memory
from straits.tables.people_parameters import Param


class Expected(IntEnum):
    """Columns of an expected day: people at its end, or expected events of the day [people]."""

    AT_SITE = 0
    STAYERS_AT_SITE = 1
    AT_OTHER_SITE = 2
    IN_RECEPTION = 3
    ARRIVALS = 4  # first arrivals at the site
    ARRIVED_OTHER = 5  # first arrivals at other sites
    ARRIVED_AGAIN = 6
    TRIED = 7  # attempts, also those that met no lorry, and open ones
    TURNED_BACK = 8
    COUNTED = 9  # turned back and counted, or found before the sea: what the statistics hold
    BOARDED = 10
    FOUND_BEFORE_SEA = 11
    FOUND_AFTER_SEA = 12
    CROSSED_UNSEEN = 13
    OPEN_BOARDED = 14
    CROSSED = 15  # by all routes: unseen, found after the sea, openly
    DEATHS = 16
    TO_RECEPTION = 17
    CLAIMED_FRANCE = 18  # from the site and other sites
    CLAIMED_FROM_RECEPTION = 19  # in France
    REMOVED = 20
    LEFT = 21  # for elsewhere, from the site and other sites
    LEFT_RECEPTION = 22  # for elsewhere
    VOLUNTARY_RETURN = 23
    FAMILY_TRANSFER = 24


GROUPS = 4  # 2 if aiming for the UK, plus 1 if a stayer
_TOO_MANY = 600.0  # askers beyond whom chance hardly moves how many meet a limit
_FAR = 8.0  # standard deviations beyond which a limit does not bind, or always does


class _Rate(IntEnum):
    """What can happen to a person on a day."""

    LEAVE = 0
    VOLUNTARY = 1
    CLAIM = 2
    REMOVAL = 3
    FAMILY = 4
    RECEPTION = 5
    ATTEMPT = 6


RATES = len(_Rate)
MEMORIES = len(Memory)


@inner
def served(asked, capacity):
    """Return how many of Poisson askers get a place, expected [people/d].

    Places come whole: `capacity` lies between two whole numbers, and each holds on its share of
    days. Below one a day, `asked` counts the days without a place, on which nobody asks.
    """
    if asked <= 0.0 or capacity <= 0.0:
        return 0.0
    if capacity < 1.0:
        return capacity * (1.0 - math.exp(-asked / capacity))
    spread = _FAR * (math.sqrt(asked) + 1.0)
    if asked > _TOO_MANY or asked + spread < capacity or capacity + 1.0 < asked - spread:
        return min(asked, capacity)
    # E min(N, c) is the sum of P(N > k) over k < c.
    mass = math.exp(-asked)
    below = mass
    whole = int(capacity)
    places = 1.0 - below
    for k in range(1, whole):
        mass *= asked / k
        below += mass
        places += 1.0 - below
    below += mass * asked / whole
    return places + (capacity - whole) * (1.0 - below)


@inner
def arrive(p, count, people):
    """Add new people to the groups of one place by their shares [people]."""
    for group in range(GROUPS):
        aims = p[Param.AIMS] if group >= 2 else 1.0 - p[Param.AIMS]
        stays = p[Param.STAYER] if group % 2 else 1.0 - p[Param.STAYER]
        share = count * aims * stays
        people[group, 0] += share * (1.0 - p[Param.NEED])
        people[group, 1] += share * p[Param.NEED]


@inner
def total_of(people):
    """Return the sum of one place's groups [people]."""
    total = 0.0
    for group in range(GROUPS):
        total += people[group, 0] + people[group, 1]
    return total


@inner
def rates_of(p, leave, attempt, rates):
    """Fill `rates` with each group's chances of the day, by place [1/d]."""
    # Days without a place put no such choice before anyone.
    removal = p[Param.REMOVAL_RATE] * (1.0 - p[Param.CHILD]) * min(1.0, p[Param.REMOVAL_CAPACITY])
    family = p[Param.FAMILY_RATE] * p[Param.CHILD] * p[Param.TIES]
    family *= min(1.0, p[Param.FAMILY_CAPACITY])
    reception = p[Param.RECEPTION_RATE] * min(1.0, p[Param.RECEPTION_CAPACITY])
    for place in range(2):
        for group in range(GROUPS):
            h = rates[place, group]
            slow = p[Param.LEAVE_STAYER] if group % 2 else 1.0
            prefers = slow if group >= 2 else slow * p[Param.PREFERENCE]
            h[_Rate.LEAVE] = leave * slow
            h[_Rate.VOLUNTARY] = p[Param.VOLUNTARY] * slow
            h[_Rate.CLAIM] = p[Param.CLAIM_FRANCE] * prefers
            h[_Rate.REMOVAL] = 0.0
            h[_Rate.FAMILY] = 0.0
            h[_Rate.RECEPTION] = 0.0
            h[_Rate.ATTEMPT] = attempt * slow if group >= 2 else 0.0
            if place == 0:
                h[_Rate.LEAVE] += p[Param.LEAVE_EVENT] * slow
                h[_Rate.REMOVAL] = removal * slow
                h[_Rate.FAMILY] = family
                h[_Rate.RECEPTION] = reception * prefers
            total = 0.0
            for k in range(RATES):
                total += h[k]
            part = struck(total)
            for k in range(RATES):
                h[k] *= part


@inner
def grant_places(p, people, rates):
    """Cut chances that need a place to what capacity allows; whoever asks is as likely to get one.

    The individual-based model gives places in order of first arrival, so that stayers, who have
    been there for longest, get more of them than here: see the measured shares in the parity test.
    """
    unscreened = 1.0 - p[Param.REMOVAL_SCREEN]
    removal = family = reception = 0.0
    for group in range(GROUPS):
        h = rates[0, group]
        both = people[group, 0] + people[group, 1]
        removal += (people[group, 0] + people[group, 1] * unscreened) * h[_Rate.REMOVAL]
        family += both * h[_Rate.FAMILY]
        reception += both * h[_Rate.RECEPTION]
    removed = served(removal, p[Param.REMOVAL_CAPACITY]) / removal if removal > 0.0 else 0.0
    moved = served(family, p[Param.FAMILY_CAPACITY]) / family if family > 0.0 else 0.0
    housed = served(reception, p[Param.RECEPTION_CAPACITY]) / reception if reception > 0.0 else 0.0
    for group in range(GROUPS):
        rates[0, group, _Rate.REMOVAL] *= removed
        rates[0, group, _Rate.FAMILY] *= moved
        rates[0, group, _Rate.RECEPTION] *= housed


@inner
def book_attempts(p, way, tries, row):
    """Write the day's attempts into its row."""
    row[Expected.TRIED] = tries
    row[Expected.TURNED_BACK] = tries * way[Way.TURNED_BACK]
    row[Expected.BOARDED] = tries * way[Way.BOARDED]
    row[Expected.FOUND_BEFORE_SEA] = tries * way[Way.FOUND_BEFORE]
    row[Expected.FOUND_AFTER_SEA] = tries * way[Way.FOUND_AFTER]
    row[Expected.CROSSED_UNSEEN] = tries * way[Way.UNSEEN]
    row[Expected.OPEN_BOARDED] = tries * way[Way.OPEN]
    row[Expected.DEATHS] = tries * way[Way.DIED]
    counted = p[Param.COUNTED] * (row[Expected.TURNED_BACK] - tries * way[Way.UNCOUNTED])
    row[Expected.COUNTED] = counted + row[Expected.FOUND_BEFORE_SEA]
    row[Expected.CROSSED] = (
        row[Expected.CROSSED_UNSEEN] + row[Expected.FOUND_AFTER_SEA] + row[Expected.OPEN_BOARDED]
    )


@inner
def move(p, people, rates, gone, again, entered, row):
    """Let the day's exits happen; `gone` is the chance that an attempt ends elsewhere."""
    left_again, return_again = p[Param.LEFT_AGAIN], p[Param.RETURN_AGAIN]
    left = returned = claimed = removed = moved = housed = 0.0
    for place in range(2):
        for group in range(GROUPS):
            h = rates[place, group]
            leave, voluntary, removal = h[_Rate.LEAVE], h[_Rate.VOLUNTARY], h[_Rate.REMOVAL]
            house = h[_Rate.RECEPTION]
            others = h[_Rate.CLAIM] + h[_Rate.FAMILY] + h[_Rate.ATTEMPT] * gone
            both = 0.0
            for need in range(2):
                n = people[place, group, need]
                both += n
                back = n * removal
                removed += back
                entered[group, need] += n * house
                again[group, need] += n * leave * left_again
                again[group, need] += (n * voluntary + back) * return_again
                people[place, group, need] -= n * (leave + voluntary + others + house) + back
                removal *= 1.0 - p[Param.REMOVAL_SCREEN]  # the next are those in need
            left += both * leave
            returned += both * voluntary
            claimed += both * h[_Rate.CLAIM]
            moved += both * h[_Rate.FAMILY]
            housed += both * house
    row[Expected.LEFT] = left
    row[Expected.VOLUNTARY_RETURN] = returned
    row[Expected.CLAIMED_FRANCE] = claimed
    row[Expected.REMOVED] = removed
    row[Expected.FAMILY_TRANSFER] = moved
    row[Expected.TO_RECEPTION] = housed


@inner
def leave_reception(p, due, site, again, row):
    """Let those whose stay ends today claim in France, go back to the site, or leave."""
    claim = min(1.0, p[Param.RECEPTION_CLAIM])
    back = min(p[Param.RECEPTION_BACK], 1.0 - claim)
    for group in range(GROUPS):
        for need in range(2):
            n = due[group, need]
            left = n * (1.0 - claim - back)
            row[Expected.CLAIMED_FROM_RECEPTION] += n * claim
            row[Expected.LEFT_RECEPTION] += left
            site[group, need] += n * back
            again[group, need] += left * p[Param.LEFT_AGAIN]


@inner
def come_back(p, again, site, kept):
    """Let people arrive again: their delay is exponential, cut to whole days; return how many."""
    part = 1.0 - power(math.e, -1.0 / p[Param.AGAIN_DELAY], kept[Kept.DELAY])
    total = 0.0
    for group in range(GROUPS):
        for need in range(2):
            n = again[group, need] * part
            again[group, need] -= n
            site[group, need] += n
            total += n
    return total


@inner
def arrivals(p, people, again, kept, row):
    """Let people arrive, for the first time and again."""
    first = p[Param.INFLOW] * p[Param.INFLOW_OUTLOOK]
    row[Expected.ARRIVALS] = first
    row[Expected.ARRIVED_OTHER] = first * p[Param.INFLOW_OTHER]
    row[Expected.ARRIVED_AGAIN] = come_back(p, again, people[0], kept)
    arrive(p, row[Expected.ARRIVALS], people[0])
    arrive(p, row[Expected.ARRIVED_OTHER], people[1])


@inner
def attempts_of(people, rates):
    """Return the attempts of the day."""
    tries = 0.0
    for place in range(2):
        for group in range(2, GROUPS):
            both = people[place, group, 0] + people[place, group, 1]
            tries += both * rates[place, group, _Rate.ATTEMPT]
    return tries


@njit(cache=True, nogil=True)
def run(p, share, targeting, sensitivity, before_sea, juxtaposed, exposure, start_stock, out):
    """Fill `out` with the expected days; return how many could be: the rest is beyond this form.

    Parameters
    ----------
    p : float64[day, Param]
        Parameters in force.
    share, targeting, sensitivity : float64[day, 3]
        Search by place.
    before_sea, juxtaposed : int8[day, 3]
        Whether the search, and the UK's entry control, stand before departure.
    exposure : int64[3, 24]
        Stationary lorry-time by place and hour [ticks].
    start_stock : float
        People at the site on the eve of day 0.
    out : float64[day, Expected]
        The result [people].
    """
    days = out.shape[0]
    people = np.zeros((2, GROUPS, 2))  # by place: the site, other sites; group; need
    again = np.zeros((GROUPS, 2))  # gone, and will come back
    due = np.zeros((days + 1, GROUPS, 2))  # in reception, by the day on which the stay ends
    rates = np.zeros((2, GROUPS, RATES))
    memory = np.zeros(MEMORIES)
    opening, access, hours = np.zeros(3), np.zeros(5), np.zeros(3)
    kept = np.full((KEPT, 3), np.nan)
    shares, learnt, way = np.zeros(ATTEMPT_WAYS), np.zeros((3, 5)), np.zeros(WAYS)
    for place in range(3):
        hours[place] = exposure[place].sum() / HOUR_TICKS
    arrive(p[0], start_stock, people[0])
    open_chances(p[0], juxtaposed[0], opening)
    memory[Memory.OPEN_CALAIS : Memory.OPEN_CALAIS + 3] = opening
    reception = 0.0
    for day in range(days):
        now, row = p[day], out[day]
        routes = max(now[Param.LODGE_OPEN], now[Param.CENTRE_OPEN], now[Param.ONE_OPEN])
        if now[Param.CLOSED] >= 0.5 or routes > 0.0 or now[Param.CHILDREN_CAPACITY] > 0.0:
            return day
        row[:] = 0.0
        arrivals(now, people, again, kept, row)
        open_chances(now, juxtaposed[day], opening)
        access_now(now, juxtaposed[day], access)
        choose_way(now, memory, access, kept, shares)
        leave = now[Param.LEAVE]
        if now[Param.LEAVE_CROWDING] > 0.0:
            crowd = total_of(people[0]) / now[Param.LEAVE_REFERENCE]
            leave *= crowd ** now[Param.LEAVE_CROWDING]
        anyone = shares[ATTEMPT_WAYS - 1] > 0.0
        rates_of(now, leave, attempt_rate(now, memory) if anyone else 0.0, rates)
        grant_places(now, people[0], rates)
        tries = attempts_of(people, rates)
        attempt_ways(
            now, share[day], targeting[day], sensitivity[day], before_sea[day], access, opening,
            shares, hours, tries, kept, way, learnt,
        )  # fmt: skip
        book_attempts(now, way, tries, row)
        gone = way[Way.DIED] + way[Way.FOUND_AFTER] + way[Way.UNSEEN] + way[Way.OPEN]
        # A stay that outlasts the plan ends in the row behind its last day.
        ends = min(days, day + int(now[Param.RECEPTION_STAY]))
        move(now, people, rates, gone, again, due[ends], row)
        leave_reception(now, due[day], people[0], again, row)
        remember(now, memory, opening, learnt, kept)
        reception += row[Expected.TO_RECEPTION]
        reception -= total_of(due[day])
        row[Expected.IN_RECEPTION] = reception
        row[Expected.AT_SITE] = total_of(people[0])
        row[Expected.AT_OTHER_SITE] = total_of(people[1])
        for group in range(1, GROUPS, 2):
            row[Expected.STAYERS_AT_SITE] += people[0, group, 0] + people[0, group, 1]
    return days
