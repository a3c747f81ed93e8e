"""Where compiled kernels are kept: a folder named after everything they were compiled from.

Numba keeps machine code beside one source file and renews it when that file changes; the numbers
and functions that a kernel takes from other files are baked in and would go stale. So the folder's
name holds a hash of every file that kernels are made of, and a new version starts a new folder.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["COMPILING", "are_compiled", "cache_folder", "keep_compiled"]

COMPILING: Final = "compiling the kernels for this machine: once, about a minute"

# Folders of the package whose files kernels are made of.
_SOURCES = ("engine/_kernels", "results", "tables")


def cache_folder() -> Path:
    """Return the folder for compiled kernels of exactly these sources."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.blake2s(digest_size=6)
    for folder in _SOURCES:
        for file in sorted((package / folder).glob("*.py")):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "straits" / f"kernels-{digest.hexdigest()}"


def keep_compiled() -> None:
    """Tell Numba where to keep kernels; called once, before the first kernel is defined.

    A folder named by NUMBA_CACHE_DIR wins. Where none can be written, a temporary one serves: the
    next run compiles again.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    from numba import config

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"straits-{os.getuid()}" / folder.name
        folder.mkdir(parents=True, exist_ok=True)
    config.CACHE_DIR = str(folder)


def are_compiled() -> bool:
    """Say whether the largest kernel of these sources is kept already; the others mostly are then.

    Called when kernels have been defined, which makes the folder.
    """
    from numba import config

    return any(Path(config.CACHE_DIR or cache_folder()).rglob("calendar.run_block-*.nbi"))
