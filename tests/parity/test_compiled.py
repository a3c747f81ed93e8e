"""Whether kernels are kept already, told by the file in which Numba keeps the largest of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba import config

from straits.base.compiled import are_compiled
from straits.engine.rng import Seed
from straits.plan.simple import Service, Station, Visit, network
from support.networks import run


def test_kept_kernels_are_found_and_an_empty_folder_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel under another name would have every study compile first, for nothing."""
    plan = network([Station("exit", [(0, 1)])], [[Visit(0, Service(40, 0.4))]],
                   np.ones((1, 24, 1)))
    run(plan, Seed(1).key, 24, 1, "calendar")
    assert are_compiled()
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert not are_compiled()
