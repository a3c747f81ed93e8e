"""Shared helpers; the folder is on the path so that tests may import `support`."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def needs(name: str, found: bool, package: str) -> None:
    """Skip with the package's name, or fail where CI demands it."""
    if found:
        return
    required = os.environ.get("STRAITS_REQUIRE", "").split(",")
    message = f"{name} is not installed; install the package {package}"
    if name in required:
        pytest.fail(message)
    pytest.skip(message)
