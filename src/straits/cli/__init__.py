"""The command line: one function a command, nothing heavy imported before it is needed."""

from straits.cli.app import main

__all__ = ["main"]
