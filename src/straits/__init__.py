"""Straits simulates a shared border; see ``docs/`` for how and why.

The public names below are found when they are first used, so that importing the package does
nothing and costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from straits.base.version import __version__

if TYPE_CHECKING:
    from straits.analysis.compare import compare
    from straits.analysis.comparison import Comparison
    from straits.base.errors import StraitsError, UserError
    from straits.ensemble.executors import run_study
    from straits.ensemble.store import Store
    from straits.ensemble.study import Study
    from straits.scenario import (
        Baseline,
        Policy,
        Scenario,
        UncertaintySet,
        build,
        check_files,
        combine,
        load_baseline,
        load_policy,
        load_uncertainty,
        sample_futures,
    )

__all__ = [
    "Baseline", "Comparison", "Policy", "Scenario", "Store", "StraitsError", "Study",
    "UncertaintySet", "UserError", "__version__", "build", "check_files", "combine", "compare",
    "load_baseline", "load_policy", "load_uncertainty", "run_study", "sample_futures",
]

_ELSEWHERE = {
    "compare": "analysis.compare",
    "Comparison": "analysis.comparison",
    "StraitsError": "base.errors",
    "UserError": "base.errors",
    "run_study": "ensemble.executors",
    "Store": "ensemble.store",
    "Study": "ensemble.study",
}


def __getattr__(name: str) -> object:
    """Import a public name from the floor that defines it."""
    if name not in __all__:
        raise AttributeError(f"module 'straits' has no attribute {name!r}")
    return getattr(import_module(f"straits.{_ELSEWHERE.get(name, 'scenario')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
