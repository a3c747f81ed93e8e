"""One exception tree: the user's mistake, missing data, a numerical limit, our own bug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "DataError",
    "InternalError",
    "InterruptedRunError",
    "NumericalError",
    "Problem",
    "StraitsError",
    "UserError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input: where, what, found, allowed, what to do."""

    where: str  # "file:line:column", or the option or argument that carried the value
    path: str  # dotted path inside the document, "" when it concerns the whole
    message: str
    found: str = ""
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        head = f"{self.where}  {self.path}".rstrip()
        body = self.message
        if self.found:
            body += f"; found {self.found}"
        if self.allowed:
            body += f"; allowed: {self.allowed}"
        if self.hint:
            body += f". {self.hint}"
        return f"{head}\n    {body}"


class StraitsError(Exception):
    """Root of every exception that this package raises on purpose."""

    exit_code: ClassVar[int] = 70


class UserError(StraitsError):
    """The input is wrong; carries every problem found, not only the first."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: list[Problem] | Problem) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DataError(StraitsError):
    """Data that the work needs are missing or damaged."""

    exit_code: ClassVar[int] = 3


class NumericalError(StraitsError):
    """A limit of the arithmetic was met: horizon, number of rows, no convergence."""

    exit_code: ClassVar[int] = 4


class InternalError(StraitsError):
    """A bug of ours: a ledger that does not balance, a status no one expected."""

    exit_code: ClassVar[int] = 70


class InterruptedRunError(StraitsError):
    """The run was stopped by its user and can be resumed."""

    exit_code: ClassVar[int] = 130
