"""Closed forms that the engines are held against; nothing here imports an engine."""

from straits.theory import departures, detection, fluid, networks, stations

__all__ = ["departures", "detection", "fluid", "networks", "stations"]
