"""Itineraries, compiled: which stations of a block a vehicle will visit, and for how long.

Whom a search selects, who is sent back and how long a service takes are draws by address, so they
are known before anything is simulated. ``engine/reference.py`` draws them when they happen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from straits.engine._kernels.draws import table_place, threefry, to_unit, uniform
from straits.engine._kernels.inline import inner, kernel
from straits.engine._kernels.memory import (
    ABOARD,
    ALARM_AFTER,
    ALARM_BEFORE,
    BLOCKED,
    ENTER,
    FINDS,
    HELD,
    JOIN,
    LAST,
    LEAVE_STEP,
    ROAD,
    ROUND_SHIFT,
    ROW,
    SHIFT,
    STAGE_SHIFT,
    STEP,
    STEP_BITS,
    STEP_STATION,
    TRANSIT,
    VISIT,
    first_from,
)  # fmt: skip
from straits.engine._kernels.rows import ABOARD_BITS, ABOARD_MASK, CARGO, FOUND, ROUTE_BITS, VEHICLE

_CHUNK = 512
_MASK = (1 << 22) - 1
_OCTAVES = 30
_TABLE_SIZE = 7681
_ROUNDS = 16
_STEP_MASK = (1 << STEP_BITS) - 1


class Steps(NamedTuple):
    """The plan's arrays that say what a vehicle will do."""

    route_first: NDArray[np.int64]
    route_step: NDArray[np.int64]
    station: NDArray[np.int64]
    decision: NDArray[np.uint64]
    base: NDArray[np.float64]
    per_occupant: NDArray[np.float64]
    table: NDArray[np.int64]
    quantiles: NDArray[np.float64]
    select: NDArray[np.uint64]
    share: NDArray[np.float64]
    share_aboard: NDArray[np.float64]
    find: NDArray[np.uint64]
    sensitivity: NDArray[np.float64]
    find_ticks: NDArray[np.int64]
    again: NDArray[np.float64]
    back: NDArray[np.int64]
    again_decision: NDArray[np.uint64]
    alarm: NDArray[np.int64]
    false_alarm: NDArray[np.float64]
    alarm_decision: NDArray[np.uint64]
    load: NDArray[np.float64]
    load_cdf: NDArray[np.float64]
    load_decision: np.uint64
    stream_class: NDArray[np.int64]


@inner
def select(key, vehicle, route, stage, rounds, laden, alarm, p):
    """Return the first stage from `stage` on that a vehicle meets; the route's length for none."""
    first = p.route_first[route]
    length = p.route_first[route + 1] - first
    while stage < length:
        k = p.route_step[first + stage]
        if p.alarm[k] != 2 or alarm:
            share = p.share_aboard[k] if laden else p.share[k]
            if share >= 1.0 or uniform(key, p.select[k], vehicle, rounds) < share:
                break
        stage += 1
    return stage


@inner
def _search(key, vehicle, k, rounds, laden, alarm, kind, p):
    """Draw what a search finds; return (found, alarm afterwards, extra time [ticks])."""
    what = p.alarm[k]
    if what == 2:
        alarm = False
    if laden:
        if p.sensitivity[k] > 0.0:
            chance = p.sensitivity[k]
            ways = p.load_cdf.shape[1]
            load = 0
            if ways > 1:
                u = uniform(key, p.load_decision, vehicle, 0)
                for j in range(ways - 1):
                    load += u >= p.load_cdf[kind, j]
            chance *= p.load[k, load]
            if uniform(key, p.find[k], vehicle, rounds) < chance:
                if what == 1:
                    return False, True, np.int64(0)
                return True, alarm, p.find_ticks[k]
    elif (what == 1 and p.false_alarm[k] > 0.0
          and uniform(key, p.alarm_decision[k], vehicle, rounds) < p.false_alarm[k]):
        alarm = True
    return False, alarm, np.int64(0)


@inner
def expand(key, rows, row, stage, rounds, alarm, served, member, p, r, v, owner, n):
    """Write down the visits of one vehicle from a stage on; return how many there are now.

    `served` says that the first visit is under way or over: nothing is drawn for it again. `owner`
    is filled with the row of each visit.
    """
    cargo = rows[row, CARGO]
    vehicle = rows[row, VEHICLE]
    route = cargo >> ROUTE_BITS
    laden = (cargo >> ABOARD_BITS) & ABOARD_MASK != 0
    kind = p.stream_class[(vehicle >> 24) & 255]
    first = p.route_first[route]
    length = p.route_first[route + 1] - first
    begun = n
    r[row * ROW + VISIT] = n
    r[row * ROW + LEAVE_STEP] = -1
    while stage < length:
        k = p.route_step[first + stage]
        if not member[p.station[k]]:
            r[row * ROW + LEAVE_STEP] = k
            break
        word = k | (rounds << ROUND_SHIFT) | (stage << STAGE_SHIFT)
        if alarm:
            word |= ALARM_BEFORE
        extra = np.int64(0)
        if served:
            found = cargo & FOUND != 0
            served = False
        else:
            found, alarm, extra = _search(key, vehicle, k, rounds, laden, alarm, kind, p)
        if found:
            laden = False
            word |= FINDS
        if alarm:
            word |= ALARM_AFTER
        owner[n] = row
        v[2 * n] = extra
        v[2 * n + 1] = word
        n += 1
        stage += 1
        if p.again[k] > 0.0:
            if rounds < _ROUNDS and uniform(key, p.again_decision[k], vehicle, rounds) < p.again[k]:
                stage -= p.back[k] + 1
                rounds += 1
            else:
                rounds = 0
        stage = select(key, vehicle, route, stage, rounds, laden, alarm, p)
    if n > begun:
        v[2 * n - 1] |= LAST
    return n


@njit(cache=True, nogil=True)
def draw_services(key, rows, p, v, owner, n):
    """Add the service time [ticks] to every visit, in passes that vectorise."""
    ids = np.empty(_CHUNK, np.uint64)
    keys = np.empty(_CHUNK, np.uint64)
    ordinal = np.empty(_CHUNK, np.uint64)
    cells = np.empty(_CHUNK, np.int64)
    parts = np.empty(_CHUNK, np.float64)
    means = np.empty(_CHUNK, np.float64)
    last = p.quantiles.size - 1
    for low in range(0, n, _CHUNK):
        size = min(_CHUNK, n - low)
        for i in range(size):
            j = uint64(low + i)
            row = uint64(owner[j])
            word = v[uint64(2) * j + uint64(1)]
            k = uint64(word & _STEP_MASK)
            ids[i] = rows[row, VEHICLE]
            keys[i] = p.decision[k]
            ordinal[i] = (word >> ROUND_SHIFT) & 255
            cells[i] = p.table[k] * _TABLE_SIZE
            means[i] = p.base[k] + p.per_occupant[k] * np.float64(rows[row, CARGO] & 255)
        for i in range(size):
            word, _ = threefry(key, keys[i], ids[i], ordinal[i])
            octave, index, part = table_place(to_unit(word))
            inside = octave < _OCTAVES
            cells[i] += octave * 256 + index if inside else _TABLE_SIZE - 1
            parts[i] = part if inside else 0.0
        for i in range(size):
            cell = cells[i]
            quantile = p.quantiles[uint64(cell)]
            quantile += parts[i] * (p.quantiles[uint64(min(cell + 1, last))] - quantile)
            v[uint64(2 * (low + i))] += max(np.int64(means[i] * quantile + 0.5), 1)


@kernel
def place(state, k, p, sailing_first, stage_of, home, begins, order):
    """Find out where the carried vehicles of a slice begin.

    Parameters
    ----------
    state : tuple of columns
        Route, stage, arrived, leaves, joined, status and ship of the ``VehicleState``.
    k, p : arrays, Steps
        Of the steps, as the calendar and as `expand` read them.
    home : int64[carried]
        Filled with the station where each is, -1 for none. A vehicle aboard is at the departure
        that it is still to leave.
    begins : int64[carried]
        Filled with the stage of that.
    order : int64[carried]
        Filled with a word that ends in the row and sorts those held, those on a road and those on a
        ship as they stand.
    """
    route, stage, arrived, leaves, joined, status, ship = state
    for row in range(home.size):
        at = p.route_first[route[row]] + stage[row]
        since = arrived[row]
        home[row] = -1
        begins[row] = stage[row]
        if at < p.route_first[route[row] + 1]:
            step = p.route_step[at]
            home[row] = k[STEP * step + STEP_STATION]
            since -= k[STEP * step + TRANSIT]
        if status[row] == ABOARD:
            after = first_from(sailing_first, np.int64(0), sailing_first.size, ship[row] + 1)
            station = after - 1
            begins[row] = stage_of[station, route[row]]
            home[row] = station if begins[row] >= 0 else -1
            order[row] = (joined[row] << SHIFT) | row
        elif status[row] == ROAD:
            # Who was released comes after who reaches the road at the same instant.
            released = np.int64(leaves[row] >= 0)
            order[row] = (max(leaves[row], since) << SHIFT) | (released << (SHIFT - 1)) | row
        elif status[row] == HELD:
            order[row] = (since << SHIFT) | row


@inner
def is_here(home, member, row):
    """Say whether a row is carried and begins in the block."""
    return row < home.size and home[row] >= 0 and member[home[row]]


@kernel
def plan_visits(key, rows, state, begins, here, home, words, came_from, stage_of, member, p, r, v,
                owner, first):
    """Write down the itineraries of those in the block and those who come to it.

    Parameters
    ----------
    state : tuple of columns
        Started, status, rounds and alarm of the ``VehicleState``.
    begins, home : int64[carried]
        See `place`; `here` are the carried rows of the block.
    words : int64[n]
        Event words of those who come from outside the block; `first` is the station of each.
    came_from : int64[n]
        Filled with ENTER or JOIN.

    Returns
    -------
    int
        Visits written down.
    """
    started, status, rounds, alarm = state
    # Of the types that the loops give them: literals would have `expand` compiled four times.
    n, no_rounds, no = np.int64(0), np.int64(0), np.bool_(False)
    for i in range(here.size):
        row = here[i]
        # Who is aboard a ship has still to leave it: the visit of the departure is over.
        served = started[row] >= 0 or status[row] == BLOCKED or status[row] == ABOARD
        n = expand(key, rows, row, begins[row], rounds[row], alarm[row] != 0, served, member, p, r,
                   v, owner, n)
    for i in range(words.size):
        row = words[i] & _MASK
        came_from[i] = JOIN
        if is_here(home, member, row):
            continue
        cargo = rows[row, CARGO]
        route = cargo >> ROUTE_BITS
        stage = np.int64(stage_of[first[i], route])
        if row >= home.size:
            laden = (cargo >> ABOARD_BITS) & ABOARD_MASK != 0
            if stage == 0 or select(key, rows[row, VEHICLE], route, no_rounds, no_rounds, laden, no,
                                    p) == stage:
                came_from[i] = ENTER
        n = expand(key, rows, row, stage, no_rounds, no, no, member, p, r, v, owner, n)
    return n
