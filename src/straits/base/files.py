"""What the standard library leaves to do when a file is written under a temporary name first."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["usual_mode"]


def usual_mode(path: Path) -> None:
    """Let others read a file as they may read any new one: temporary files are their maker's."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
