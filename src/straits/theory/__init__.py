"""Closed forms that the engines are held against; nothing here imports an engine."""

from straits.theory import departures, stations

__all__ = ["departures", "stations"]
