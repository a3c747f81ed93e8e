"""What every run folder states about itself: versions, seeds, documents, tasks, hashes."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Protocol

from straits.base.version import MODEL, __version__
from straits.ensemble.study import Study, TaskDone, scenario_of

__all__ = ["manifest_of", "resolved_of"]

FORMAT = 1


class Hashed(Protocol):
    """A result that knows the hash of its table."""

    @property
    def table_hash(self) -> str:
        """Hash of the table's numbers."""

    @property
    def study(self) -> str:
        """Short hash of all tasks."""


def resolved_of(study: Study) -> str:
    """Return the resolved baseline and policies of a study as YAML documents."""
    parts = []
    for policy in study.policies:
        parts.append(f"# {policy}\n{scenario_of(study, policy, 0).resolved_yaml()}")
    return "---\n".join(parts)


def manifest_of(
    study: Study, result: Hashed, done: Sequence[TaskDone]
) -> Mapping[str, object]:
    """Return the manifest: what was asked, what it was computed with, what came out.

    The table hash depends on the numbers alone, so two runs of one study agree in it, on any
    number of processes and however often they were interrupted.
    """
    import numba
    import numpy

    return {
        "format": FORMAT,
        "version": __version__,
        "model": MODEL,
        "study": asdict(study),
        "study_hash": result.study,
        "table_hash": result.table_hash,
        "tasks": [{"policy": d.policy, "row": d.row, "key": d.key} for d in done],
        "python": sys.version.split()[0],
        "numpy": numpy.__version__,
        "numba": numba.__version__,
        "platform": platform.platform(),
    }
