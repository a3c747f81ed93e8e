"""The small tables of the calendar's memory, as far as the plan fills them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import NumericalError
from straits.engine._kernels.memory import (
    A_HEAD,
    A_TAIL,
    AFTER_SEA,
    BALK,
    BUFFER,
    BUFFER_DM,
    CAREFUL,
    CLASS,
    CLASS_LIMIT,
    CLASSES,
    COMPLY,
    CROSSING,
    CUT_OFF,
    EXTRA,
    EXTRA_LEAD,
    EXTRA_OFF,
    EXTRA_ON,
    GAP,
    GREW,
    H_HEAD,
    H_TAIL,
    HOLD_CLASS,
    HOLD_FROM,
    HOLD_GAP,
    HOLD_ROOM,
    HOLD_TO,
    KIND,
    MOST,
    MOST_CLASSES,
    OFF_DM,
    ON_DM,
    PATIENCE_DECISION,
    PATIENCE_TABLE,
    POOL_OF,
    PRIORITY,
    Q_HEAD,
    Q_TAIL,
    R_HEAD,
    R_TAIL,
    READY,
    RELEASE_DM,
    ROAD_COUNT,
    ROAD_SIZE,
    ROADS,
    SAIL_FIRST,
    SAIL_LAST,
    SCHEME,
    SCHEME_OF,
    SCHEMES,
    SLOTS,
    SPACE,
    SPACING,
    STATION,
    STATION_COUNT,
    STATIONS,
    STEP,
    STEP_STATION,
    STREAM,
    STREAM_ROAD,
    STREAMS,
    TRANSIT,
)  # fmt: skip
from straits.tables.vehicles import PRIORITIES, VehiclePlan

__all__ = ["small_tables", "step_columns"]


def step_columns(plan: VehiclePlan) -> NDArray[np.int64]:
    """Return what the calendar reads of a step, flat."""
    k = np.zeros((plan.step_station.size, STEP), np.int64)
    k[:, STEP_STATION], k[:, TRANSIT] = plan.step_station, plan.step_transit
    k[:, SPACE], k[:, AFTER_SEA] = plan.step_space, plan.step_after_sea
    k[:, PRIORITY], k[:, PATIENCE_TABLE] = plan.step_priority, plan.step_patience_table
    k[:, PATIENCE_DECISION] = plan.step_patience_decision.astype(np.int64)
    return k.ravel()


def small_tables(plan: VehiclePlan) -> NDArray[np.int64]:
    """Return the small tables of ``_kernels.memory`` as far as the plan fills them.

    Raises
    ------
    NumericalError
        If the network has more of something than the tables hold.
    """
    sizes = {"stations": len(plan.station_names), "pools": len(plan.pool_names),
             "roads": len(plan.road_names), "schemes": len(plan.scheme_names),
             "streams": len(plan.stream_names)}
    for name, size in sizes.items():
        if size > MOST[name]:
            raise NumericalError(f"{size} {name}; a coupled network holds at most {MOST[name]}")
    m = np.zeros(SLOTS, np.int64)
    classes = plan.class_spacing_dm.size
    if classes > MOST_CLASSES:
        raise NumericalError(f"{classes} vehicle classes; at most {MOST_CLASSES}")
    m[GREW] = -1
    m[STATION_COUNT], m[ROAD_COUNT], m[CLASSES] = sizes["stations"], sizes["roads"], classes
    table = m[STATIONS : STATIONS + STATION * sizes["stations"]].reshape(-1, STATION)
    for column, values in (
        (KIND, plan.station_kind), (BUFFER, plan.station_buffer),
        (BUFFER_DM, plan.station_buffer_dm), (BALK, plan.station_balk),
        (POOL_OF, plan.station_pool), (EXTRA, plan.station_extra),
        (EXTRA_ON, plan.station_extra_on_dm), (EXTRA_OFF, plan.station_extra_off_dm),
        (EXTRA_LEAD, plan.station_extra_lead), (CUT_OFF, plan.station_cut_off),
        (CROSSING, plan.station_crossing), (GAP, plan.station_unload_gap),
        (CAREFUL, plan.station_careful), (SAIL_FIRST, plan.sailing_first[:-1]),
        (SAIL_LAST, plan.sailing_first[1:]), (A_HEAD, -1), (A_TAIL, -1),
    ):
        table[:, column] = values
    table[:, Q_HEAD : Q_HEAD + PRIORITIES] = table[:, Q_TAIL : Q_TAIL + PRIORITIES] = -1
    table[:, CLASS_LIMIT : CLASS_LIMIT + classes] = plan.station_class_capacity
    streams = m[STREAMS : STREAMS + STREAM * sizes["streams"]].reshape(-1, STREAM)
    streams[:, CLASS] = plan.stream_class
    streams[:, SPACING] = plan.class_spacing_dm[plan.stream_class]
    streams[:, STREAM_ROAD] = plan.road_of_stream
    roads = m[ROADS : ROADS + ROAD_SIZE * sizes["roads"]].reshape(-1, ROAD_SIZE)
    roads[:, SCHEME_OF] = plan.road_scheme
    roads[:, [R_HEAD, R_TAIL, H_HEAD, H_TAIL]] = -1
    schemes = m[SCHEMES : SCHEMES + SCHEME * sizes["schemes"]].reshape(-1, SCHEME)
    last = plan.scheme_phase_first[1:] - 1
    for column, values in (
        (HOLD_ROOM, plan.scheme_phase_veh[last] if last.size else 0), (ON_DM, plan.scheme_on_dm),
        (OFF_DM, plan.scheme_off_dm), (RELEASE_DM, plan.scheme_release_dm),
        (HOLD_GAP, plan.scheme_gap), (HOLD_FROM, plan.scheme_from), (HOLD_TO, plan.scheme_to),
        (COMPLY, plan.scheme_comply_decision.astype(np.int64)),
        (READY, plan.scheme_ready_decision.astype(np.int64)),
        (HOLD_CLASS, (plan.scheme_class << np.arange(classes)).sum(axis=1)),
    ):
        schemes[:, column] = values
    return m
