"""Waiting for scheduled departures."""

from __future__ import annotations

__all__ = ["mean_wait_for_departure"]


def mean_wait_for_departure(*, headway_s: float, cut_off_s: float = 0.0) -> float:
    """Return the mean wait for an even headway that never fills [s]: half of it, and the cut-off.

    Arrivals are Poisson, so the instant of arrival is uniform within a headway.
    """
    return cut_off_s + 0.5 * headway_s
