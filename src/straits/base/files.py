"""What the standard library leaves to do when a file is written under a temporary name first."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["usual_mode", "write_whole"]


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a file under a temporary name, and give it its name when it is whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        usual_mode(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def usual_mode(path: Path) -> None:
    """Let others read a file as they may read any new one: temporary files are their maker's."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
