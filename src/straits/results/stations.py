"""Stations in a table: waits by class, queues, throughput and utilisation."""

from __future__ import annotations

from straits.base.clock import HOUR_TICKS, SECOND_TICKS
from straits.results.histogram import quantile
from straits.results.summary import Summary
from straits.tables.legend import Legend

__all__ = ["station_rows"]


def station_rows(
    summary: Summary, legend: Legend, days: int
) -> list[dict[str, str | float]]:
    """Return waits, queues, throughput and utilisation by station and class.

    One row a (station, class) with visits: mean, p50, p90, p95, max wait [min], delay [h],
    visits; and one row a station with class "all": utilisation (not of a departure), still
    waiting, mean and longest quarter-hour queue [vehicles], mean queue [m].
    """
    v = summary.values
    classes = len(legend.classes)
    minute = 60.0 * SECOND_TICKS
    span = float(days) * 24 * HOUR_TICKS
    rows: list[dict[str, str | float]] = []
    for k, station in enumerate(legend.stations):
        if not v["handled"][k].any() and not v["still_waiting"][k]:
            continue
        here: dict[str, str | float] = {"station": station.station, "site": station.site,
                                        "direction": station.direction, "kind": station.kind}
        for c, kind in enumerate(legend.classes):
            p = k * classes + c
            count = int(v["visits"][p])
            if count:
                histogram = v["histogram"][p]
                rows.append({
                    **here, "class": kind, "visits": float(count),
                    "wait_mean_min": float(v["waits"][p]) / count / minute,
                    **{f"wait_p{q}_min": quantile(histogram, q / 100.0) / minute
                       for q in (50, 90, 95)},
                    "wait_max_min": float(v["longest_wait"][p]) / minute,
                    "delay_h": float(v["delays"][p]) / HOUR_TICKS,
                    "blocked_h": float(v["blocked"][p]) / HOUR_TICKS,
                    "held_h": float(v["held"][p]) / HOUR_TICKS,
                })
        duty = float(v["on_duty"][k])
        share = {"utilisation": float(v["busy"][k]) / duty if duty else 0.0}
        rows.append({
            **here, "class": "all",
            "visits": float(v["handled"][k].sum()),
            **({} if station.kind == "departure" else share),  # the space offered is not known
            "still_waiting": float(v["still_waiting"][k]),
            "oldest_waiting_min": float(v["oldest_waiting"][k]) / minute,
            "queue_mean_veh": float(v["queue"][k].sum()) / span,
            "queue_mean_m": float(v["queue_dm"][k].sum()) / 10.0 / span,
            "queue_longest_veh": float(v["longest_queue"][k]) / (900.0 * SECOND_TICKS),
        })
    return rows
