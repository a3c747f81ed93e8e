"""The calendar, compiled: one event loop for the stations that couple, for one slice of time.

The same rules as ``engine/reference.py``, in the same order. What a vehicle will do and how long
each service takes does not depend on when, so its itinerary inside the block is drawn before
the loop starts (``itinerary.py``), in vectors; the loop moves integers and draws nothing but
patience. Events are words of time, phase and index in a binary heap. Two things keep
most of them out of it: the word that was put in last waits in front of the heap, since a vehicle
that moves on is often the next event; and the place of an event that was taken is filled by the
next one that is put in.

Every function takes the same flat arrays (``memory.py``): `m` small tables, `r` rows, `k` steps,
`v` visits, `f` numbers with a fraction, `heap`, `log`, `notes`, the slice's `rows`, and `box`, the
inboxes of other stations with their ends in `fill`.
"""

from __future__ import annotations

import numpy as np

from straits.engine._kernels.draws import bits_of, uniform
from straits.engine._kernels.inline import inner, kernel
from straits.engine._kernels.memory import (
    A_HEAD,
    A_LINK,
    A_TAIL,
    ABOARD,
    AFTER_SEA,
    AHEAD,
    ARRIVED,
    ASKED,
    BALK,
    BLOCKED,
    BUFFER,
    BUFFER_DM,
    BUSY,
    CANCELLED,
    CAPACITY,
    CAPACITY_OF,
    CAREFUL,
    CHANGES,
    CLASS,
    CLASS_LIMIT,
    CLASSES,
    COMPLY,
    CROSSING,
    CUT_OFF,
    CYCLIC,
    DIRTY,
    DIRTY_LIST,
    END,
    ENTER,
    EXITED,
    EXTRA,
    EXTRA_AT,
    EXTRA_LEAD,
    EXTRA_OFF,
    EXTRA_ON,
    EXTRA_OPEN,
    FAR,
    FINDS,
    FINISH,
    GAP,
    GONE,
    GREW,
    H_HEAD,
    H_TAIL,
    HEAP,
    HELD,
    HOLD_CLASS,
    HOLD_COUNT,
    HOLD_FROM,
    HOLD_GAP,
    HOLD_ON,
    HOLD_ROOM,
    HOLD_TO,
    HOLE,
    IS_DIRTY,
    JOIN,
    JOINED,
    KEY,
    KIND,
    LAST,
    LEAVE_AT,
    LEAVE_STEP,
    LEAVES,
    LINK,
    LOG_AT,
    LOG_NEXT,
    MEMBER,
    NOTE_GAVE_UP,
    NOTE_KEPT,
    NOTE_OUTCOME,
    NOTE_SAILING,
    NOTE_SCHEME,
    NOTE_STOOD,
    NOTES,
    OFF_DM,
    ON_DM,
    PATIENCE_DECISION,
    PATIENCE_TABLE,
    PENDING,
    PHASE,
    POOL,
    POOL_BUSY,
    POOL_LAST,
    POOL_OF,
    POOL_SERVERS,
    POOLS,
    PRIORITY,
    Q_HEAD,
    Q_LINK,
    Q_TAIL,
    QUEUE_DM,
    QUEUED,
    R_HEAD,
    R_LINK,
    R_TAIL,
    READY,
    RELEASE,
    RELEASE_DM,
    RELEASE_SET,
    RELEASED_AT,
    RENEGE,
    ROAD,
    ROAD_COUNT,
    ROAD_DM,
    ROAD_SIZE,
    ROADS,
    ROUND_SHIFT,
    ROW,
    S_HEAD,
    S_LAST,
    S_LEFT,
    S_OPEN,
    S_TAIL,
    SAIL,
    SAIL_FIRST,
    SAIL_LAST,
    SCHEDULED,
    SCHEME,
    SCHEME_OF,
    SCHEMES,
    SERVERS,
    SHIFT,
    SHIP,
    SLOT,
    SLOT_STATION,
    SLOTS,
    SPACE,
    SPACING,
    START,
    STARTED,
    STATION,
    STATION_COUNT,
    STATIONS,
    STATUS,
    STEP,
    STEP_BITS,
    STEP_STATION,
    STOPPED,
    STREAM,
    STREAM_ROAD,
    STREAMS,
    STUCK,
    STUCK_LIST,
    TAKEN,
    TRANSIT,
    UNLOAD,
    USED,
    VISIT,
    WAITING,
    WAY_OUT,
)  # fmt: skip
from straits.engine._kernels.rows import (
    ABOARD_BITS,
    ABOARD_MASK,
    CARGO,
    EMPTIED,
    FOUND,
    STREAM_BITS,
    VEHICLE,
)

_MASK = (1 << 22) - 1
_STEP_MASK = (1 << STEP_BITS) - 1
_TABLE_SIZE = 7681
_RANKS = 4
BALKED, RENEGED, TURNED_BACK = range(3)
_TURNED_AWAY = 3


# ---- the calendar of events


@inner
def _sink(heap, size, word):
    """Put a word at the root of the heap and let it sink."""
    i = 0
    child = 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= word:
            break
        heap[i] = heap[child]
        i = child
        child = 2 * i + 1
    heap[i] = word


@inner
def push(m, heap, at, phase, index):
    """Put an event into the calendar."""
    word = (at << SHIFT) | (phase << PHASE) | index
    ahead = m[AHEAD]
    if word < ahead:
        m[AHEAD] = word
        if ahead == FAR:
            return
        word = ahead
    size = m[HEAP]
    if m[HOLE]:
        m[HOLE] = 0
        _sink(heap, size, word)
        return
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent] <= word:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = word
    m[HEAP] = size + 1


@inner
def _next(m, heap, outside):
    """Return the next event, which may be `outside`, the next of those who come from elsewhere."""
    size = m[HEAP]
    if m[HOLE]:
        m[HOLE] = 0
        ahead = m[AHEAD]
        if ahead != FAR:
            m[AHEAD] = FAR
            _sink(heap, size, ahead)
        else:
            size -= 1
            m[HEAP] = size
            if size > 0:
                _sink(heap, size, heap[size])
    top = heap[0] if size > 0 else FAR
    ahead = m[AHEAD]
    if outside < top and outside < ahead:
        return outside
    if ahead < top:
        m[AHEAD] = FAR
        return ahead
    if size > 0:
        m[HOLE] = 1
    return top


# ---- small things


@inner
def step_of(r, v, row):
    """Return the step at which a vehicle of the block stands."""
    return v[2 * r[row * ROW + VISIT] + 1] & _STEP_MASK


@inner
def station_of(r, k, v, row):
    """Return the station at which a vehicle of the block stands or to which it goes."""
    return k[STEP * step_of(r, v, row) + STEP_STATION]


@inner
def stream_at(rows, row):
    """Return where the stream that a vehicle takes is in the small tables."""
    return STREAMS + STREAM * ((rows[row, CARGO] >> STREAM_BITS) & 255)


@inner
def _count_exit(m, rows, row):
    """Count a vehicle that leaves the network, by the stream of its address."""
    m[STREAMS + STREAM * ((rows[row, VEHICLE] >> 24) & 255) + EXITED] += 1


@inner
def need(m, rows, row, s):
    """Return the room that a vehicle takes before a station [vehicles or dm]."""
    return m[stream_at(rows, row) + SPACING] if m[s + BUFFER_DM] else 1


@inner
def _has_room(m, rows, row, s):
    room = m[s + BUFFER]
    return room < 0 or m[s + USED] + need(m, rows, row, s) <= room


@inner
def _on_duty(m, s):
    return m[s + SERVERS] + (m[s + EXTRA] if m[s + EXTRA_OPEN] else 0)


@inner
def _mark_dirty(m, station):
    s = STATIONS + STATION * station
    if not m[s + IS_DIRTY]:
        m[s + IS_DIRTY] = 1
        m[DIRTY_LIST + m[DIRTY]] = station
        m[DIRTY] += 1


@inner
def _take_pool(m, s, number):
    if m[s + POOL_OF] >= 0:
        m[POOLS + POOL * m[s + POOL_OF] + POOL_BUSY] += number


@inner
def note(m, notes, kind, a, b, c, d, e):
    """Write a record beside the log."""
    n = m[NOTES]
    m[NOTES] = n + 1
    notes[n, 0] = kind
    notes[n, 1] = a
    notes[n, 2] = b
    notes[n, 3] = c
    notes[n, 4] = d
    notes[n, 5] = e


@inner
def _patience(m, k, v, f, rows, row, visit, step):
    """Return how long a vehicle waits before it leaves a queue [ticks]."""
    rounds = (v[2 * visit + 1] >> ROUND_SHIFT) & 255
    u = uniform(m[KEY], k[STEP * step + PATIENCE_DECISION], rows[row, VEHICLE], rounds)
    bits = bits_of(1.0 - u)
    octave = 1022 - (bits >> 52)
    place = 256.0 - np.float64(bits & ((1 << 52) - 1)) * 2.0**-44
    index = np.int64(place)
    patience, _, quantiles = f
    table = k[STEP * step + PATIENCE_TABLE] * _TABLE_SIZE
    quantile = quantiles[table + _TABLE_SIZE - 1]
    if octave < 30:
        cell = table + octave * 256 + index
        quantile = quantiles[cell] + (place - index) * (quantiles[cell + 1] - quantiles[cell])
    return max(np.int64(patience[step] * quantile + 0.5), 1)


# ---- stations


@inner
def _first_rank(m, s):
    """Return the rank of the next vehicle of a queue that is not empty."""
    rank = 0
    while m[s + Q_HEAD + rank] < 0:
        rank += 1
    return rank


@inner
def _shorten(m, rows, row, s):
    """Take a vehicle off the length of a queue; extra servers close at a short one."""
    m[s + QUEUE_DM] -= m[stream_at(rows, row) + SPACING]
    if m[s + EXTRA_OPEN] and m[s + QUEUE_DM] <= m[s + EXTRA_OFF]:
        m[s + EXTRA_OPEN] = 0
        m[s + EXTRA_AT] = FAR


@inner
def _start(m, r, v, heap, log, rows, now, s, rank):
    """Start the service of the next vehicle of a queue."""
    row = m[s + Q_HEAD + rank]
    i = row * ROW
    m[s + Q_HEAD + rank] = r[i + Q_LINK]
    m[s + WAITING] -= 1
    visit = r[i + VISIT]
    ticks = v[2 * visit]
    r[i + STARTED] = now
    r[i + LEAVES] = now + ticks
    r[i + LEAVE_AT] = -1
    m[s + BUSY] += 1
    _take_pool(m, s, 1)
    m[s + USED] -= need(m, rows, row, s)
    _shorten(m, rows, row, s)
    at = m[s + LOG_NEXT]
    m[s + LOG_NEXT] = at + 1
    r[i + LOG_AT] = at
    log[0, at] = rows[row, VEHICLE]
    log[2, at] = r[i + ARRIVED]
    log[3, at] = now - r[i + JOINED]
    log[4, at] = ticks
    log[5, at] = -1
    if v[2 * visit + 1] & FINDS:
        rows[row, CARGO] |= FOUND
    push(m, heap, now + ticks, FINISH, row)


@inner
def _serve(m, r, v, heap, log, rows, now, station):
    """Start services while a server on duty is free; a pool serves who has waited longest."""
    s = STATIONS + STATION * station
    if m[s + KIND] == 1:
        return
    if m[s + POOL_OF] < 0:
        while m[s + WAITING] > 0 and m[s + BUSY] < _on_duty(m, s):
            _start(m, r, v, heap, log, rows, now, s, _first_rank(m, s))
        return
    pool = POOLS + POOL * m[s + POOL_OF]
    while m[pool + POOL_BUSY] < m[pool + POOL_SERVERS]:
        chosen = -1
        best_rank = 0
        best_joined = 0
        best_row = 0
        for other in range(m[STATION_COUNT]):
            t = STATIONS + STATION * other
            if (m[t + POOL_OF] != m[s + POOL_OF] or m[t + WAITING] == 0
                    or m[t + BUSY] >= _on_duty(m, t)):
                continue
            rank = _first_rank(m, t)
            row = m[t + Q_HEAD + rank]
            joined = r[row * ROW + JOINED]
            if (chosen < 0 or rank < best_rank or (rank == best_rank and (
                    joined < best_joined or (joined == best_joined and row < best_row)))):
                chosen, best_rank, best_joined, best_row = other, rank, joined, row
        if chosen < 0:
            return
        _start(m, r, v, heap, log, rows, now, STATIONS + STATION * chosen, best_rank)
        if chosen != station:
            _mark_dirty(m, chosen)


@inner
def _travel(m, r, k, v, heap, now, row):
    """Send a vehicle that has its place to its station in the block."""
    i = row * ROW
    joined = now + k[STEP * step_of(r, v, row) + TRANSIT]
    r[i + STATUS] = QUEUED
    r[i + STARTED] = -1
    r[i + LEAVES] = -1
    r[i + JOINED] = joined
    push(m, heap, joined, JOIN, row)


@inner
def _leave_block(m, r, k, notes, rows, box, fill, now, row):
    """Hand a vehicle to a station outside the block, or let it leave the network."""
    i = row * ROW
    r[i + STATUS] = GONE
    step = r[i + LEAVE_STEP]
    if step >= 0:
        t = k[STEP * step + STEP_STATION]
        box[fill[t]] = ((now + k[STEP * step + TRANSIT]) << SHIFT) | row
        fill[t] += 1
    elif now >= m[END]:
        n = m[NOTES]
        note(m, notes, NOTE_KEPT, row, -1, now, -1, -1)
        notes[n, 6] = now
        notes[n, 7] = QUEUED
        notes[n, 8] = -1
        notes[n, 9] = 0
        notes[n, 10] = 0
    else:
        _count_exit(m, rows, row)
        if (rows[row, CARGO] >> ABOARD_BITS) & ABOARD_MASK:
            box[fill[m[WAY_OUT]]] = (now << SHIFT) | row
            fill[m[WAY_OUT]] += 1


@inner
def _onward(m, r, k, v, heap, notes, rows, box, fill, now, row):
    """Send a vehicle from its station to the next, which may lie outside the block."""
    i = row * ROW
    visit = r[i + VISIT]
    if v[2 * visit + 1] & LAST:
        _leave_block(m, r, k, notes, rows, box, fill, now, row)
        return
    r[i + VISIT] = visit + 1
    r[i + ARRIVED] = now + k[STEP * step_of(r, v, row) + TRANSIT]
    _travel(m, r, k, v, heap, now, row)


@inner
def _free(m, r, k, v, heap, log, notes, rows, box, fill, now, row):
    """Let a served vehicle leave its station: finish its row of the log, free the server."""
    i = row * ROW
    station = station_of(r, k, v, row)
    s = STATIONS + STATION * station
    at = r[i + LOG_AT]
    held = r[i + JOINED] - r[i + ARRIVED]
    blocked = now - r[i + LEAVES]
    log[6, at] = blocked
    log[7, at] = held
    log[5, at] = held + log[3, at] + blocked
    m[s + STOPPED] -= 1
    m[s + BUSY] -= 1
    _take_pool(m, s, -1)
    _mark_dirty(m, station)
    _onward(m, r, k, v, heap, notes, rows, box, fill, now, row)


@inner
def _target(r, k, v, row):
    """Return the station in the block to which a vehicle goes next, -1 for elsewhere."""
    visit = r[row * ROW + VISIT]
    if v[2 * visit + 1] & LAST:
        return -1
    return k[STEP * (v[2 * visit + 3] & _STEP_MASK) + STEP_STATION]


@inner
def _finish(m, r, k, v, heap, log, notes, rows, box, fill, at, row):
    """End a service: book a find, then move on or, for want of room, stay with the server."""
    i = row * ROW
    word = v[2 * r[i + VISIT] + 1]
    step = word & _STEP_MASK
    station = k[STEP * step + STEP_STATION]
    if word & FINDS:
        rows[row, CARGO] &= EMPTIED
        note(m, notes, NOTE_OUTCOME, row, k[STEP * step + AFTER_SEA], at, 0, 0)
    r[i + STATUS] = BLOCKED
    m[STATIONS + STATION * station + STOPPED] += 1
    if _ask(m, r, rows, at, row, _target(r, k, v, row)):
        _free(m, r, k, v, heap, log, notes, rows, box, fill, at, row)
    elif m[CYCLIC] and _stuck(m, r, k, v, station):
        m[STUCK] = 1


@inner
def _call_extra(m, heap, now, station):
    """Call the extra servers of a station whose queue has grown too long."""
    s = STATIONS + STATION * station
    if m[s + EXTRA] > 0 and m[s + EXTRA_AT] == FAR and m[s + QUEUE_DM] >= m[s + EXTRA_ON]:
        m[s + EXTRA_AT] = now + max(m[s + EXTRA_LEAD], 1)
        push(m, heap, m[s + EXTRA_AT], CAPACITY, m[CHANGES] + station)


@inner
def _give_up(m, r, notes, rows, at, row, station, why):
    """Let a vehicle leave the network before it was served."""
    i = row * ROW
    joined = -1 if why == TURNED_BACK else r[i + JOINED]
    n = m[NOTES]
    note(m, notes, NOTE_GAVE_UP, row, station, r[i + ARRIVED], joined, at)
    notes[n, 6] = why
    r[i + STATUS] = GONE
    r[i + LEAVE_AT] = -1
    _count_exit(m, rows, row)
    if (rows[row, CARGO] >> ABOARD_BITS) & ABOARD_MASK:
        note(m, notes, NOTE_OUTCOME, row, _TURNED_AWAY, at, 0, 0)


@inner
def _balks(m, s):
    """Say whether a vehicle that joins now would find too long a queue."""
    if m[s + WAITING] < m[s + BALK]:
        return False
    if m[s + WAITING] > 0 or m[s + KIND] == 1 or m[s + BUSY] >= _on_duty(m, s):
        return True
    if m[s + POOL_OF] < 0:
        return False
    pool = POOLS + POOL * m[s + POOL_OF]
    return m[pool + POOL_BUSY] >= m[pool + POOL_SERVERS]


@inner
def _join(m, r, k, v, f, heap, notes, rows, at, row):
    """Let a vehicle join the queue of its station, or turn away."""
    i = row * ROW
    visit = r[i + VISIT]
    step = v[2 * visit + 1] & _STEP_MASK
    station = k[STEP * step + STEP_STATION]
    s = STATIONS + STATION * station
    if m[s + BALK] >= 0 and _balks(m, s):
        m[s + USED] -= need(m, rows, row, s)
        _give_up(m, r, notes, rows, at, row, station, BALKED)
        _mark_dirty(m, station)
        return
    join_queue(m, r, k, v, f, heap, rows, at, row, s)
    _mark_dirty(m, station)
    if m[s + EXTRA] > 0:
        m[GREW] = station  # once it is known who of those waiting is served at once


@inner
def join_queue(m, r, k, v, f, heap, rows, at, row, s):
    """Put a vehicle into the queue of its station, until it is served or its patience ends."""
    i = row * ROW
    visit = r[i + VISIT]
    step = v[2 * visit + 1] & _STEP_MASK
    rank = k[STEP * step + PRIORITY]
    r[i + Q_LINK] = -1
    if m[s + Q_HEAD + rank] < 0:
        m[s + Q_HEAD + rank] = row
    else:
        r[m[s + Q_TAIL + rank] * ROW + Q_LINK] = row
    m[s + Q_TAIL + rank] = row
    m[s + WAITING] += 1
    m[s + QUEUE_DM] += m[stream_at(rows, row) + SPACING]
    if f[0][step] > 0.0:
        r[i + LEAVE_AT] = at + _patience(m, k, v, f, rows, row, visit, step)
        push(m, heap, r[i + LEAVE_AT], RENEGE, row)


@inner
def _renege(m, r, k, v, notes, rows, at, row):
    """Let a vehicle leave a queue in which it has lost patience."""
    i = row * ROW
    if r[i + STATUS] == GONE or r[i + LEAVE_AT] != at:
        return
    step = step_of(r, v, row)
    station = k[STEP * step + STEP_STATION]
    s = STATIONS + STATION * station
    rank = k[STEP * step + PRIORITY]
    before = -1
    here = m[s + Q_HEAD + rank]
    while here != row:
        before = here
        here = r[here * ROW + Q_LINK]
    if before < 0:
        m[s + Q_HEAD + rank] = r[i + Q_LINK]
    else:
        r[before * ROW + Q_LINK] = r[i + Q_LINK]
    if m[s + Q_TAIL + rank] == row:
        m[s + Q_TAIL + rank] = before
    m[s + WAITING] -= 1
    m[s + USED] -= need(m, rows, row, s)
    _shorten(m, rows, row, s)
    _give_up(m, r, notes, rows, at, row, station, RENEGED)
    _mark_dirty(m, station)


@inner
def _capacity(m, changes, at, change):
    """Put other servers on duty, at a station or in a pool, or those called by a rule."""
    if change >= m[CHANGES]:
        s = STATIONS + STATION * (change - m[CHANGES])
        if m[s + EXTRA_AT] != at:
            return
        if m[s + QUEUE_DM] <= m[s + EXTRA_OFF]:
            m[s + EXTRA_AT] = FAR
            return
        m[s + EXTRA_OPEN] = 1
        _mark_dirty(m, change - m[CHANGES])
        return
    owner = changes[change, 0]
    if owner >= 0:
        m[STATIONS + STATION * owner + SERVERS] = changes[change, 1]
        _mark_dirty(m, owner)
        return
    pool = POOLS + POOL * (-1 - owner)
    m[pool + POOL_SERVERS] = changes[change, 1]
    if m[pool + POOL_LAST] >= 0:
        _mark_dirty(m, m[pool + POOL_LAST])


@inner
def _settle(m, r, k, v, heap, log, notes, rows, box, fill, now):
    """Let everything happen that this instant has made possible, downstream first."""
    while m[DIRTY] > 0:
        last = m[DIRTY] - 1
        best = last
        for j in range(last):
            if m[DIRTY_LIST + j] > m[DIRTY_LIST + best]:
                best = j
        station = m[DIRTY_LIST + best]
        m[DIRTY_LIST + best] = m[DIRTY_LIST + last]
        m[DIRTY] = last
        s = STATIONS + STATION * station
        m[s + IS_DIRTY] = 0
        _serve(m, r, v, heap, log, rows, now, station)
        while m[s + A_HEAD] >= 0 and _has_room(m, rows, m[s + A_HEAD], s):
            row = m[s + A_HEAD]
            m[s + A_HEAD] = r[row * ROW + A_LINK]
            m[s + USED] += need(m, rows, row, s)
            status = r[row * ROW + STATUS]
            if status == BLOCKED:
                _free(m, r, k, v, heap, log, notes, rows, box, fill, now, row)
            elif status == ROAD:
                _leave_road(m, r, k, v, heap, notes, rows, now, row)
            else:
                _off_ship(m, r, k, v, heap, notes, rows, box, fill, now, row)


# ---- room


@inner
def _asks_before(r, one, other):
    """Say who asks for room first: by instant, then blocked servers, ships, the road; then row."""
    a, b = one * ROW, other * ROW
    if r[a + ASKED] != r[b + ASKED]:
        return r[a + ASKED] < r[b + ASKED]
    first = 0 if r[a + STATUS] == BLOCKED else (1 if r[a + STATUS] == ABOARD else 2)
    second = 0 if r[b + STATUS] == BLOCKED else (1 if r[b + STATUS] == ABOARD else 2)
    if first != second:
        return first < second
    return one < other


@inner
def line_up(m, r, station, row, at):
    """Let a vehicle ask for room at a station, in the order of asking."""
    s = STATIONS + STATION * station
    i = row * ROW
    r[i + ASKED] = at
    r[i + A_LINK] = -1
    if m[s + A_HEAD] < 0:
        m[s + A_HEAD] = row
        m[s + A_TAIL] = row
        return
    if _asks_before(r, m[s + A_TAIL], row):
        r[m[s + A_TAIL] * ROW + A_LINK] = row
        m[s + A_TAIL] = row
        return
    before = -1
    here = m[s + A_HEAD]
    while _asks_before(r, here, row):
        before = here
        here = r[here * ROW + A_LINK]
    r[i + A_LINK] = here
    if before < 0:
        m[s + A_HEAD] = row
    else:
        r[before * ROW + A_LINK] = row


@inner
def _ask(m, r, rows, now, row, target):
    """Give a vehicle its place at the next station, or let it ask until there is room."""
    if target < 0:
        return True
    s = STATIONS + STATION * target
    if m[s + A_HEAD] < 0 and _has_room(m, rows, row, s):
        m[s + USED] += need(m, rows, row, s)
        return True
    line_up(m, r, target, row, now)
    return False


@inner
def _stuck(m, r, k, v, station):
    """Say whether servers wait for each other in a circle that holds this station."""
    count = m[STATION_COUNT]
    for one in range(count):
        s = STATIONS + STATION * one
        m[STUCK_LIST + one] = (m[s + MEMBER] and m[s + BUSY] > 0 and m[s + BUSY] == m[s + STOPPED]
                               and m[s + BUSY] >= _on_duty(m, s) and _on_duty(m, s) > 0)
    changed = True
    while changed and m[STUCK_LIST + station]:
        changed = False
        for t in range(count):
            if m[STUCK_LIST + t]:
                continue
            row = m[STATIONS + STATION * t + A_HEAD]
            while row >= 0:
                if r[row * ROW + STATUS] == BLOCKED:
                    here = station_of(r, k, v, row)
                    changed |= m[STUCK_LIST + here] != 0
                    m[STUCK_LIST + here] = 0
                row = r[row * ROW + A_LINK]
    return m[STUCK_LIST + station] != 0


# ---- roads and holding schemes


@inner
def _enter(m, r, k, v, f, heap, notes, rows, at, row):
    """Let a vehicle reach its approach: into a holding scheme, on to the road, or straight on."""
    i = row * ROW
    r[i + ARRIVED] = at + k[STEP * step_of(r, v, row) + TRANSIT]
    r[i + LEAVES] = -1
    r[i + JOINED] = -1
    road = m[stream_at(rows, row) + STREAM_ROAD]
    if road >= 0 and _holds(m, f, rows, row, m[ROADS + ROAD_SIZE * road + SCHEME_OF], at):
        d = ROADS + ROAD_SIZE * road
        r[i + STATUS] = HELD
        hold_again(m, r, d, row)
        _plan_release(m, heap, road, at)
        return
    _to_road(m, r, k, v, heap, notes, rows, at, row, road)


@inner
def hold_again(m, r, d, row):
    """Put a vehicle at the end of a holding area."""
    r[row * ROW + R_LINK] = -1
    if m[d + H_HEAD] < 0:
        m[d + H_HEAD] = row
    else:
        r[m[d + H_TAIL] * ROW + R_LINK] = row
    m[d + H_TAIL] = row
    m[SCHEMES + SCHEME * m[d + SCHEME_OF] + HOLD_COUNT] += 1


@inner
def _holds(m, f, rows, row, scheme, at):
    """Say whether a holding scheme takes a vehicle that reaches its approach."""
    if scheme < 0:
        return False
    c = SCHEMES + SCHEME * scheme
    kind = m[stream_at(rows, row) + CLASS]
    if (not m[c + HOLD_ON] or at < m[c + HOLD_FROM] or at >= m[c + HOLD_TO]
            or not (m[c + HOLD_CLASS] >> kind) & 1 or m[c + HOLD_COUNT] >= m[c + HOLD_ROOM]):
        return False
    share = f[1][scheme, 0]
    return share >= 1.0 or uniform(m[KEY], m[c + COMPLY], rows[row, VEHICLE], 0) < share


@inner
def _to_road(m, r, k, v, heap, notes, rows, now, row, road):
    """Let a vehicle on to the road; at its head it asks for room."""
    i = row * ROW
    station = station_of(r, k, v, row)
    r[i + STATUS] = ROAD
    d = ROADS + ROAD_SIZE * road
    if road < 0 or m[d + R_HEAD] < 0:
        if _ask(m, r, rows, now, row, station):
            if r[i + LEAVES] >= 0:
                _note_stood(m, r, k, v, notes, row, road, now)
            _travel(m, r, k, v, heap, now, row)
            return
        r[i + JOINED] = now
    stand(m, r, rows, row, road, STATIONS + STATION * station)
    _call_extra(m, heap, now, station)
    if road < 0 or m[d + SCHEME_OF] < 0:
        return
    c = SCHEMES + SCHEME * m[d + SCHEME_OF]
    if (not m[c + HOLD_ON] and m[c + HOLD_FROM] <= now and now < m[c + HOLD_TO]
            and m[d + ROAD_DM] >= m[c + ON_DM]):
        m[c + HOLD_ON] = 1
        note(m, notes, NOTE_SCHEME, m[d + SCHEME_OF], now, 1, 0, 0)


@inner
def stand(m, r, rows, row, road, s):
    """Count a vehicle that stands on the road."""
    spacing = m[stream_at(rows, row) + SPACING]
    m[s + QUEUE_DM] += spacing
    if road >= 0:
        d = ROADS + ROAD_SIZE * road
        r[row * ROW + R_LINK] = -1
        if m[d + R_HEAD] < 0:
            m[d + R_HEAD] = row
        else:
            r[m[d + R_TAIL] * ROW + R_LINK] = row
        m[d + R_TAIL] = row
        m[d + ROAD_DM] += spacing


@inner
def _note_stood(m, r, k, v, notes, row, road, until):
    i = row * ROW
    since = r[i + ARRIVED] - k[STEP * step_of(r, v, row) + TRANSIT]
    note(m, notes, NOTE_STOOD, row, road, since, r[i + LEAVES], until)


@inner
def _leave_road(m, r, k, v, heap, notes, rows, now, row):
    """Let the head of the road go to its station; who is next asks for room, and so on."""
    road = m[stream_at(rows, row) + STREAM_ROAD]
    d = ROADS + ROAD_SIZE * road
    while True:
        _note_stood(m, r, k, v, notes, row, road, now)
        _shorten(m, rows, row, STATIONS + STATION * station_of(r, k, v, row))
        following = r[row * ROW + R_LINK]
        _travel(m, r, k, v, heap, now, row)
        if road < 0:
            return
        m[d + R_HEAD] = following
        m[d + ROAD_DM] -= m[stream_at(rows, row) + SPACING]
        if following < 0:
            break
        row = following
        r[row * ROW + JOINED] = now
        if not _ask(m, r, rows, now, row, station_of(r, k, v, row)):
            break
    _plan_release(m, heap, road, now)
    _end_scheme(m, notes, road, now)


@inner
def _plan_release(m, heap, road, now):
    """Set the instant of the next release from a holding area, if the road has space for it."""
    d = ROADS + ROAD_SIZE * road
    scheme = m[d + SCHEME_OF]
    c = SCHEMES + SCHEME * scheme
    if (scheme < 0 or m[d + H_HEAD] < 0 or m[d + RELEASE_SET]
            or m[d + ROAD_DM] > m[c + RELEASE_DM]):
        return
    m[d + RELEASE_SET] = 1
    push(m, heap, max(now, m[d + RELEASED_AT] + m[c + HOLD_GAP]), RELEASE, road)


@inner
def plan_releases(m, heap):
    """Set the next release to every road at the start of a slice."""
    for road in range(m[ROAD_COUNT]):
        _plan_release(m, heap, road, m[START])


@inner
def _release(m, r, k, v, f, heap, notes, rows, at, road):
    """Release the first vehicle that is held; a driver who is not ready is turned back."""
    d = ROADS + ROAD_SIZE * road
    m[d + RELEASE_SET] = 0
    scheme = m[d + SCHEME_OF]
    c = SCHEMES + SCHEME * scheme
    if m[d + H_HEAD] < 0 or m[d + ROAD_DM] > m[c + RELEASE_DM]:
        return
    row = m[d + H_HEAD]
    m[d + H_HEAD] = r[row * ROW + R_LINK]
    m[c + HOLD_COUNT] -= 1
    m[d + RELEASED_AT] = at
    r[row * ROW + LEAVES] = at
    unready = f[1][scheme, 1]
    if unready > 0.0 and uniform(m[KEY], m[c + READY], rows[row, VEHICLE], 0) < unready:
        _note_stood(m, r, k, v, notes, row, road, at)
        _give_up(m, r, notes, rows, at, row, station_of(r, k, v, row), TURNED_BACK)
    else:
        _to_road(m, r, k, v, heap, notes, rows, at, row, road)
    _plan_release(m, heap, road, at)
    _end_scheme(m, notes, road, at)


@inner
def _end_scheme(m, notes, road, now):
    """End a holding scheme when nobody is held and its roads are clear."""
    scheme = m[ROADS + ROAD_SIZE * road + SCHEME_OF]
    c = SCHEMES + SCHEME * scheme
    if scheme < 0 or not m[c + HOLD_ON]:
        return
    for other in range(m[ROAD_COUNT]):
        d = ROADS + ROAD_SIZE * other
        if m[d + SCHEME_OF] == scheme and (m[d + H_HEAD] >= 0 or m[d + ROAD_DM] > m[c + OFF_DM]):
            return
    m[c + HOLD_ON] = 0
    note(m, notes, NOTE_SCHEME, scheme, now, 0, 0, 0)


# ---- departures


@inner
def _sail(m, r, k, v, heap, log, notes, rows, box, fill, sailing_at, at, slot):
    """Load a sailing while there is room, and let it leave, once its berth is free."""
    b = SLOTS + SLOT * slot
    station = m[b + SLOT_STATION]
    s = STATIONS + STATION * station
    if m[b + PENDING] > 0:
        m[b + S_OPEN] = 1
        m[b + S_LEFT] = -1
        return
    m[b + S_OPEN] = 0
    if m[b + CANCELLED]:
        note(m, notes, NOTE_SAILING, station, at, 0, 0, -1)
        _berth_free(m, heap, at, slot)
        return
    loaded, used = _load(m, r, k, v, heap, log, notes, rows, box, fill, sailing_at, at, slot)
    note(m, notes, NOTE_SAILING, station, at, loaded, used, at - m[b + SCHEDULED])
    _mark_dirty(m, station)
    if m[s + CAREFUL]:
        m[b + S_OPEN] = 1
        m[b + S_LEFT] = at
        m[b + S_LAST] = -FAR
        push(m, heap, wants_off(m, r, slot), UNLOAD, slot)


@inner
def _load(m, r, k, v, heap, log, notes, rows, box, fill, sailing_at, at, slot):
    """Put vehicles on a ship in the order of loading until the next does not fit."""
    b = SLOTS + SLOT * slot
    s = STATIONS + STATION * m[b + SLOT_STATION]
    used = 0
    loaded = 0
    for kind in range(m[CLASSES]):
        m[TAKEN + kind] = 0
    for rank in range(_RANKS):
        before = -1
        row = m[s + Q_HEAD + rank]
        while row >= 0:
            i = row * ROW
            following = r[i + Q_LINK]
            kind = m[stream_at(rows, row) + CLASS]
            if r[i + JOINED] + m[s + CUT_OFF] > at:
                break  # who joined after this one is late, too
            limit = m[s + CLASS_LIMIT + kind]
            if limit >= 0 and m[TAKEN + kind] >= limit:
                before = row
                row = following
                continue
            space = k[STEP * step_of(r, v, row) + SPACE]
            if used + space > m[b + CAPACITY_OF]:
                return loaded, used
            used += space
            m[TAKEN + kind] += 1
            loaded += 1
            if before < 0:
                m[s + Q_HEAD + rank] = following
            else:
                r[before * ROW + Q_LINK] = following
            if m[s + Q_TAIL + rank] == row:
                m[s + Q_TAIL + rank] = before
            m[s + WAITING] -= 1
            _board(m, r, k, v, heap, log, notes, rows, box, fill, sailing_at, at, slot, row, loaded)
            row = following
    return loaded, used


@inner
def _board(m, r, k, v, heap, log, notes, rows, box, fill, sailing_at, at, slot, row, place):
    """Log the departure of a vehicle, and put it on the ship or on its way ashore."""
    b = SLOTS + SLOT * slot
    s = STATIONS + STATION * m[b + SLOT_STATION]
    i = row * ROW
    joined = r[i + JOINED]
    first, last = m[s + SAIL_FIRST], m[s + SAIL_LAST]
    in_time = first + np.searchsorted(sailing_at[first:last], joined + m[s + CUT_OFF])
    missed = max(at - sailing_at[in_time], 0) if in_time < last else 0
    n = m[s + LOG_NEXT]
    m[s + LOG_NEXT] = n + 1
    held = joined - r[i + ARRIVED]
    log[0, n] = rows[row, VEHICLE]
    log[2, n] = r[i + ARRIVED]
    log[3, n] = at - joined
    log[4, n] = 0
    log[5, n] = held + missed
    log[6, n] = 0
    log[7, n] = held
    m[s + USED] -= need(m, rows, row, s)
    _shorten(m, rows, row, s)
    r[i + LEAVE_AT] = -1
    ashore = at + m[s + CROSSING] + place * m[s + GAP]
    if not m[s + CAREFUL]:
        _onward(m, r, k, v, heap, notes, rows, box, fill, ashore, row)
        return
    visit = r[i + VISIT]
    r[i + STATUS] = ABOARD
    r[i + SHIP] = slot
    r[i + JOINED] = place
    r[i + LEAVES] = ashore
    r[i + STARTED] = -1
    step = r[i + LEAVE_STEP]
    if not v[2 * visit + 1] & LAST:
        step = v[2 * visit + 3] & _STEP_MASK
    r[i + ARRIVED] = ashore + (k[STEP * step + TRANSIT] if step >= 0 else 0)
    embark(m, r, b, row)


@inner
def embark(m, r, b, row):
    """Put a vehicle behind the others on a ship."""
    r[row * ROW + R_LINK] = -1
    if m[b + S_HEAD] < 0:
        m[b + S_HEAD] = row
    else:
        r[m[b + S_TAIL] * ROW + R_LINK] = row
    m[b + S_TAIL] = row


@inner
def wants_off(m, r, slot):
    """Return when the next vehicle of a ship could leave it, or when an empty one is in port."""
    b = SLOTS + SLOT * slot
    s = STATIONS + STATION * m[b + SLOT_STATION]
    row = m[b + S_HEAD]
    if row < 0:
        return m[b + S_LEFT] + m[s + CROSSING]
    return max(r[row * ROW + LEAVES], m[b + S_LAST] + m[s + GAP])


@inner
def _unload(m, r, k, v, heap, notes, rows, box, fill, at, slot):
    """Let the next vehicle off a ship, if there is room for it."""
    row = m[SLOTS + SLOT * slot + S_HEAD]
    if row < 0:
        _berth_free(m, heap, at, slot)
    elif _ask(m, r, rows, at, row, _target(r, k, v, row)):
        _off_ship(m, r, k, v, heap, notes, rows, box, fill, at, row)


@inner
def _off_ship(m, r, k, v, heap, notes, rows, box, fill, now, row):
    """Let a vehicle drive off; the last one frees the berth."""
    i = row * ROW
    slot = r[i + SHIP]
    b = SLOTS + SLOT * slot
    m[b + S_HEAD] = r[i + R_LINK]
    m[b + S_LAST] = now
    visit = r[i + VISIT]
    if v[2 * visit + 1] & LAST:
        _leave_block(m, r, k, notes, rows, box, fill, now, row)
    else:
        r[i + VISIT] = visit + 1
        _travel(m, r, k, v, heap, now, row)
    if m[b + S_HEAD] >= 0:
        push(m, heap, wants_off(m, r, slot), UNLOAD, slot)
    else:
        _berth_free(m, heap, now, slot)


@inner
def _berth_free(m, heap, now, slot):
    """Free the berth of a ship; who waits for it may leave."""
    m[SLOTS + SLOT * slot + S_OPEN] = 0
    follows = m[SLOTS + SLOT * slot + LINK]
    if follows < 0:
        return
    b = SLOTS + SLOT * follows
    m[b + PENDING] -= 1
    if m[b + PENDING] == 0 and m[b + S_OPEN] and m[b + S_LEFT] < 0:
        push(m, heap, now, SAIL, follows)


# ---- the loop


@kernel
def run_block(m, r, k, v, f, heap, log, notes, rows, box, fill, changes, sailing_at, outside):
    """Run the events of a block until the end of the slice.

    `outside` are the sorted words of those who come from elsewhere (ENTER or JOIN), and a last one
    in the far future; `changes` int64[n, 2] says whose servers change, and their new number.
    Whatever is still due afterwards follows from the rows.
    """
    p = 0
    while True:
        word = _next(m, heap, outside[p])
        at = word >> SHIFT
        if at >= m[END]:
            break
        if word == outside[p]:
            p += 1
        phase = (word >> PHASE) & 7
        index = word & _MASK
        if phase == FINISH:
            _finish(m, r, k, v, heap, log, notes, rows, box, fill, at, index)
        elif phase == JOIN:
            _join(m, r, k, v, f, heap, notes, rows, at, index)
        elif phase == ENTER:
            _enter(m, r, k, v, f, heap, notes, rows, at, index)
        elif phase == CAPACITY:
            _capacity(m, changes, at, index)
        elif phase == UNLOAD:
            _unload(m, r, k, v, heap, notes, rows, box, fill, at, index)
        elif phase == SAIL:
            _sail(m, r, k, v, heap, log, notes, rows, box, fill, sailing_at, at, index)
        elif phase == RENEGE:
            _renege(m, r, k, v, notes, rows, at, index)
        else:
            _release(m, r, k, v, f, heap, notes, rows, at, index)
        if m[STUCK]:
            break
        if m[DIRTY]:
            _settle(m, r, k, v, heap, log, notes, rows, box, fill, at)
        if m[GREW] >= 0:
            _call_extra(m, heap, at, m[GREW])
            m[GREW] = -1
