"""The command line as its users meet it: arguments in; exit code, output and files out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from straits.cli import main

STRAITS = [sys.executable, "-c", "from straits.cli import main; main()"]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


def call(arguments: list[str], capsys: pytest.CaptureFixture[str],
         patch: pytest.MonkeyPatch) -> Said:
    """Run a command in this process."""
    patch.setattr(sys, "argv", ["straits", *arguments])
    capsys.readouterr()
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    seen = capsys.readouterr()
    return Said(code, seen.out, seen.err)


def start(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, with Ctrl-C as a terminal gives it.

    What runs the tests in the background may have switched it off, which children inherit.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(
            [*STRAITS, *arguments], cwd=folder, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"},
        )
    finally:
        signal.signal(signal.SIGINT, before)


def finish(process: subprocess.Popen[str], timeout_s: float = 300.0) -> Said:
    """Wait for a command and return what it said."""
    out, err = process.communicate(timeout=timeout_s)
    return Said(process.returncode, out, err)


def wait_until(true: Callable[[], bool], timeout_s: float = 180.0) -> None:
    """Wait until something is the case."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.005)


def parts(folder: Path) -> list[Path]:
    """Return the finished parts below a folder."""
    return sorted(folder.glob("parts/*.parquet"))
