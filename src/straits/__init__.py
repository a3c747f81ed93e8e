"""Straits simulates a shared border; see ``docs/`` for how and why."""

from straits.base.version import __version__

__all__ = ["__version__"]
