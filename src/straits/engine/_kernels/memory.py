"""Where the calendar keeps what: a few flat arrays of integers with written offsets.

A kernel whose functions hand a hundred arrays to each other compiles for minutes. So the
small tables (stations, pools, roads, schemes, ships, streams, counters) lie in one array `m`, at
offsets that are constants of the compiled code; so do the columns of a row in `r`, and of a step
in `k`. An entry is ``m[STATIONS + STATION * s + BUSY]``.

`set_block` fills the small tables before a block runs and `read_block` takes from them what the
next slice must know. In NumPy both are a hundred calls on arrays of a few numbers, ten blocks a
day: as long as the events themselves.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from straits.engine._kernels.draws import uniform
from straits.engine._kernels.inline import inner, kernel

# The most that fit. A slice's ships come last and may be any number.
MOST: Final = {"pools": 64, "streams": 256, "roads": 64, "schemes": 32, "stations": 512}

# Counters.
(NOTES, VISITS, FOUND_PEOPLE, KEPT, STUCK, HEAP, AHEAD, HOLE, DIRTY, SAILED, START, END, CYCLIC,
 CHANGES, STATION_COUNT, ROAD_COUNT, SLOT_COUNT, WAY_OUT, KEY, CLASSES,
 GREW) = range(21)

TAKEN = 40  # by class, of the sailing that loads

POOLS, POOL = 64, 4
(POOL_SERVERS, POOL_BUSY, POOL_LAST) = range(3)

STREAMS, STREAM = POOLS + 64 * POOL, 4
(CLASS, SPACING, STREAM_ROAD, EXITED) = range(4)

ROADS, ROAD_SIZE = STREAMS + 256 * STREAM, 8
(SCHEME_OF, R_HEAD, R_TAIL, H_HEAD, H_TAIL, ROAD_DM, RELEASED_AT, RELEASE_SET) = range(8)

SCHEMES, SCHEME = ROADS + 64 * ROAD_SIZE, 24
(HOLD_ROOM, ON_DM, OFF_DM, RELEASE_DM, HOLD_GAP, HOLD_FROM, HOLD_TO, COMPLY, READY, HOLD_ON,
 HOLD_COUNT, HOLD_CLASS) = range(12)  # HOLD_CLASS: a bit a class

STATIONS, STATION = SCHEMES + 32 * SCHEME, 48
(KIND, BUFFER, BUFFER_DM, BALK, POOL_OF, EXTRA, EXTRA_ON, EXTRA_OFF, EXTRA_LEAD, CUT_OFF, CROSSING,
 GAP, CAREFUL, MEMBER, SAIL_FIRST, SAIL_LAST, SERVERS, EXTRA_OPEN, EXTRA_AT, BUSY, STOPPED, USED,
 WAITING, QUEUE_DM, A_HEAD, A_TAIL, IS_DIRTY, LOG_NEXT) = range(28)
Q_HEAD, Q_TAIL, CLASS_LIMIT = 28, 32, 36  # one a rank, one a rank, one a class
MOST_CLASSES: Final = STATION - CLASS_LIMIT

DIRTY_LIST = STATIONS + 512 * STATION
STUCK_LIST = DIRTY_LIST + 512
SLOTS, SLOT = STUCK_LIST + 512, 12
(SAILING, SLOT_STATION, CANCELLED, LINK, S_HEAD, S_TAIL, S_LEFT, S_LAST, S_OPEN, PENDING,
 SCHEDULED, CAPACITY_OF) = range(12)

# Columns of a row: two lines of the cache, what every visit touches in the first.
ROW: Final = 16
(VISIT, ARRIVED, JOINED, STARTED, LEAVES, LOG_AT, Q_LINK, STATUS, LEAVE_STEP, ASKED, LEAVE_AT, SHIP,
 A_LINK, R_LINK, FIRST_VISIT) = range(15)

# Columns of a step.
STEP: Final = 8
(STEP_STATION, TRANSIT, SPACE, AFTER_SEA, PRIORITY, PATIENCE_TABLE, PATIENCE_DECISION,
 STEP_SPARE) = range(8)

# A visit of an itinerary is a number of ticks and a word: step, marks, round, stage.
VISIT_SIZE: Final = 2
STEP_BITS: Final = 24  # step in the lowest bits
FINDS, ALARM_BEFORE, ALARM_AFTER, LAST = (1 << (STEP_BITS + i) for i in range(4))
ROUND_SHIFT: Final = STEP_BITS + 4
STAGE_SHIFT: Final = ROUND_SHIFT + 8

# What is written beside the log: records of a kind and up to 11 numbers.
NOTE: Final = 12
(NOTE_OUTCOME, NOTE_GAVE_UP, NOTE_STOOD, NOTE_SCHEME, NOTE_SAILING, NOTE_KEPT) = range(6)

# An event is a word: time, phase, index. At one instant the phases follow each other.
SHIFT: Final = 25
PHASE: Final = 22
FAR: Final = 1 << 62
CAPACITY, FINISH, UNLOAD, ENTER, JOIN, RENEGE, RELEASE, SAIL = range(8)

# What is with a row.
GONE: Final = -1  # it is not in the block
QUEUED, BLOCKED, ROAD, HELD, ABOARD = range(5)


class Timetables(NamedTuple):
    """The plan's arrays that say who is on duty and what sails, and when."""

    roster_first: NDArray[np.int64]
    roster_at: NDArray[np.int64]
    roster_servers: NDArray[np.int64]
    pool_first: NDArray[np.int64]
    pool_at: NDArray[np.int64]
    pool_servers: NDArray[np.int64]
    sailing_first: NDArray[np.int64]
    sailing_at: NDArray[np.int64]
    sailing_capacity: NDArray[np.int64]
    sailing_cancel: NDArray[np.float64]
    sailing_link: NDArray[np.int64]
    cancel_decision: NDArray[np.uint64]


@inner
def first_from(times, low, high, at):
    """Return the first place in times[low:high], which rise, that is not before `at`."""
    while low < high:
        middle = (low + high) >> 1
        if times[middle] < at:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def set_block(m, small, t, member, pool_last, state, heap, who, key, start, end, cyclic, notes):
    """Fill the small tables of a block as they are before anything happens; return its ships.

    Parameters
    ----------
    small : int64[SLOTS]
        What the plan fills.
    t : Timetables
    pool_last : int64[pool]
        The last station of the block that a pool serves, -1 for none.
    state : tuple of arrays
        Of the ``VehicleState``, or as the blocks before have left them: extra_at, scheme_on,
        released_at, open_sailing, open_left, open_last.
    heap : int64[n]
        Filled with the events that are known: unsorted, m[HEAP] of them.
    who : int64[n, 2]
        Filled with the changes of servers: station, or -1 - pool; how many are then on duty.
    notes : int
        Notes that the slice has already.
    """
    extra_at, scheme_on, released_at = state[:3]
    for i in range(STATIONS + STATION * member.size):
        m[i] = small[i]
    m[START] = start
    m[END] = end
    m[CYCLIC] = cyclic
    m[KEY] = np.int64(key)
    m[NOTES] = notes
    m[AHEAD] = FAR
    m[WAY_OUT] = member.size
    for road in range(released_at.size):
        m[ROADS + ROAD_SIZE * road + RELEASED_AT] = released_at[road]
    for scheme in range(scheme_on.size):
        m[SCHEMES + SCHEME * scheme + HOLD_ON] = scheme_on[scheme]
    changes = np.int64(0)  # a literal would have the parts compiled twice
    for s in range(member.size):
        b = STATIONS + STATION * s
        m[b + MEMBER] = member[s]
        m[b + EXTRA_OPEN] = extra_at[s] < start
        m[b + EXTRA_AT] = extra_at[s]
        if member[s]:
            m[b + SERVERS], changes = _set_duty(
                t.roster_first, t.roster_at, t.roster_servers, s, s, heap, who, start, end, changes)
        else:
            m[b + BUFFER] = -1  # whoever leaves the block finds room
    for pool in range(pool_last.size):
        b = POOLS + POOL * pool
        m[b + POOL_LAST] = pool_last[pool]
        m[b + POOL_SERVERS], changes = _set_duty(
            t.pool_first, t.pool_at, t.pool_servers, pool, -1 - pool, heap, who, start, end,
            changes)
    m[CHANGES] = changes
    events = changes
    for s in range(member.size):
        if member[s] and start <= extra_at[s] < end:
            heap[events] = (extra_at[s] << SHIFT) | (CAPACITY << PHASE) | (changes + s)
            events += 1
    slots = _set_slots(m, t, member, state, key, start, end)
    for slot in range(slots):
        at = m[SLOTS + SLOT * slot + SCHEDULED]
        if at >= start:
            heap[events] = (at << SHIFT) | (SAIL << PHASE) | slot
            events += 1
    m[HEAP] = events
    return slots


@inner
def _set_duty(first, times, servers, one, owner, heap, who, start, end, changes):
    """Write down who is on duty when the slice begins, and what changes in it."""
    low = first[one]
    begin = first_from(times, low, first[one + 1], start)
    for i in range(begin, first_from(times, low, first[one + 1], end)):
        heap[changes] = (times[i] << SHIFT) | (CAPACITY << PHASE) | changes
        who[changes, 0] = owner
        who[changes, 1] = servers[i]
        changes += 1
    return servers[begin - 1] if begin > low else np.int64(0), changes


@inner
def slot_of(m, slots, sailing):
    """Return the place of a sailing among the block's, or of the first after it."""
    low, high = np.int64(0), slots
    while low < high:
        middle = (low + high) >> 1
        if m[SLOTS + SLOT * middle + SAILING] < sailing:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _set_slots(m, t, member, state, key, start, end):
    """Fill in the block's sailings that leave in the slice or are still open, by index."""
    open_sailing, open_left, open_last = state[3:]
    slots = np.int64(0)
    for s in range(member.size):
        low, high = t.sailing_first[s], t.sailing_first[s + 1]
        if not member[s] or low == high:
            continue
        for sailing in range(first_from(t.sailing_at, low, high, start),
                             first_from(t.sailing_at, low, high, end)):
            m[SLOTS + SLOT * slots + SAILING] = sailing
            slots += 1
        for i in range(open_sailing.size):
            if low <= open_sailing[i] < high:
                slots = _add_slot(m, slots, open_sailing[i])
    station = 0
    for slot in range(slots):
        b = SLOTS + SLOT * slot
        sailing = m[b + SAILING]
        while t.sailing_first[station + 1] <= sailing:
            station += 1
        m[b + SLOT_STATION] = station
        m[b + SCHEDULED] = t.sailing_at[sailing]
        m[b + CAPACITY_OF] = t.sailing_capacity[sailing]
        m[b + S_HEAD] = m[b + S_TAIL] = m[b + S_LEFT] = -1
        m[b + S_LAST] = -FAR
        m[b + S_OPEN] = m[b + PENDING] = m[b + CANCELLED] = 0
        if t.sailing_cancel[sailing] > 0.0:
            m[b + CANCELLED] = uniform(key, t.cancel_decision[station], t.sailing_at[sailing],
                                       np.int64(0)) < t.sailing_cancel[sailing]
    for slot in range(slots):
        b = SLOTS + SLOT * slot
        target = t.sailing_link[m[b + SAILING]]
        m[b + LINK] = -1
        place = slot_of(m, slots, target)
        if target >= 0 and place < slots and m[SLOTS + SLOT * place + SAILING] == target:
            m[b + LINK] = place
            m[SLOTS + SLOT * place + PENDING] += 1
    for i in range(open_sailing.size):
        place = slot_of(m, slots, open_sailing[i])
        b = SLOTS + SLOT * place
        if place < slots and m[b + SAILING] == open_sailing[i]:
            m[b + S_OPEN] = 1
            m[b + S_LEFT] = open_left[i]
            m[b + S_LAST] = open_last[i]
    m[SLOT_COUNT] = slots
    return slots


@inner
def _add_slot(m, slots, sailing):
    """Put a sailing among the others, which rise, unless it is there; return how many there are."""
    place = slots
    while place > 0 and m[SLOTS + SLOT * (place - 1) + SAILING] >= sailing:
        place -= 1
    if place < slots and m[SLOTS + SLOT * place + SAILING] == sailing:
        return slots
    for i in range(slots, place, -1):
        m[SLOTS + SLOT * i + SAILING] = m[SLOTS + SLOT * (i - 1) + SAILING]
    m[SLOTS + SLOT * place + SAILING] = sailing
    return slots + 1


@kernel
def read_block(m, member, state, exited, still, count):
    """Take from the small tables what is true at the end of the slice.

    `state` are extra_at, scheme_on and released_at, to write to; vehicles that left are added to
    `exited` int64[stream]; `still` int64[3, n] has `count` sailings that are not over, with the
    two instants of the ``VehicleState``, and gets those of the block. Returns how many it has then.
    """
    extra_at, scheme_on, released_at = state
    for s in range(member.size):
        if member[s]:
            extra_at[s] = m[STATIONS + STATION * s + EXTRA_AT]
    for road in range(released_at.size):
        released_at[road] = m[ROADS + ROAD_SIZE * road + RELEASED_AT]
    for scheme in range(scheme_on.size):
        scheme_on[scheme] = m[SCHEMES + SCHEME * scheme + HOLD_ON]
    for stream in range(exited.size):
        exited[stream] += m[STREAMS + STREAM * stream + EXITED]
    for slot in range(m[SLOT_COUNT]):
        b = SLOTS + SLOT * slot
        if m[b + S_OPEN]:
            still[0, count] = m[b + SAILING]
            still[1, count] = m[b + S_LEFT]
            still[2, count] = m[b + S_LAST]
            count += 1
    return count
