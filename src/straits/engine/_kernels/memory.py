"""Where the calendar keeps what: a few flat arrays of integers with written offsets.

A kernel whose functions hand a hundred arrays to each other compiles for minutes. So the
small tables (stations, pools, roads, schemes, ships, streams, counters) lie in one array `m`, at
offsets that are constants of the compiled code; so do the columns of a row in `r`, and of a step
in `k`. An entry is ``m[STATIONS + STATION * s + BUSY]``.
"""

from __future__ import annotations

from typing import Final

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
