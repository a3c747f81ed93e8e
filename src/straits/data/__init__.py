"""Facts that ship with the package: figures with sources, arrests by force, the coast."""

from __future__ import annotations

from straits.data.read import GRADES, Arrests, Figure, arrests_by_force, coastline, figures

__all__ = ["GRADES", "Arrests", "Figure", "arrests_by_force", "coastline", "figures"]
