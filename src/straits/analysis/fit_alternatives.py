"""Structural alternatives of the fit: forms that the record might do without, or decide between.

Each is the pooled fit with something taken out of it or changed, at the mode of the expected-value
form: minutes, where chains take most of an hour. Priors are standard normals, so that the
probability of the record under each form is an integral, of which Laplace's approximation needs
the mode and the Gaussian there alone [1]_. A number that is held adds nothing to it: its
prior integrates to one.

References
----------
.. [1] R. E. Kass, A. E. Raftery, "Bayes factors", Journal of the American Statistical Association
   90 (1995). doi:10.1080/01621459.1995.10476572
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit import Fit, Which, fitted_part, mode
from straits.ensemble.executors import spread
from straits.plan.fitted import CLEARED
from straits.plan.free import FREE
from straits.tables.people_parameters import Param

__all__ = ["ALTERNATIVES", "NOT_ASKED", "Alternative", "Answer", "alternatives", "weight_words"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A form that the fit could have instead of its own.

    Attributes
    ----------
    name : str
    says : str
        What is assumed, in words.
    held : dict
        Numbers that it holds, in the units of `FREE`; also values that the prior excludes.
    which : {"official", "ngo", "pooled"}
        Which head-count is true.
    alike : bool
        Whether all people at the site leave alike, so that who has been there for over a year is
        whoever has not left by chance.
    days : tuple of (Param, date, date, float)
        Values of parameters from the first day up to the second.
    """

    name: str
    says: str
    held: Mapping[str, float] = field(default_factory=dict)
    which: Which = "pooled"
    alike: bool = False
    days: tuple[tuple[Param, date, date, float], ...] = ()

    @property
    def count(self) -> int:
        """How many numbers are held or tied to another."""
        return len(self.held) + (self.which != "pooled")

    def of(self, fit: Fit) -> Fit:
        """Return a fit with this form in place of its own."""
        frame = fit.frame
        if self.days:
            p = frame.plan.parameters.copy()
            for param, first, behind, value in self.days:
                since, until = ((day - frame.origin).days for day in (first, behind))
                p[since:until, param] = value
            frame = replace(frame, plan=replace(frame.plan, parameters=p))
        return replace(fit, frame=frame, fixed={**fit.fixed, **self.held}, which=self.which,
                       alike=self.alike)


ALTERNATIVES: Final = (
    Alternative("no-tunnel-summer", "the summer of 2015 at the tunnel was like other summers",
                {"episode": 1.0}),
    Alternative("no-claims-wave", "no wave of UK claims by other routes around the turn of 2015",
                {"eight.wave": 0.0}),
    Alternative("no-fall", "access since mid-May 2016 as in the months before",
                {"access.fall": 1.0}),
    Alternative("no-wave-no-fall", "neither of the last two", {"eight.wave": 0.0,
                                                               "access.fall": 1.0}),
    Alternative("exits-alike", "nobody stays for longer than others but by chance",
                {"stayers": 0.0}, alike=True),
    Alternative("no-clearance", "nobody left when the south was cleared in March 2016",
                {"cleared.2016-03": 0.0}),
    Alternative("clearance-undone", "whoever left during the clearance came back, at the pace of "
                "those who come back from elsewhere",
                days=((Param.LEFT_AGAIN, *CLEARED, 1.0),)),
    Alternative("one-port-definition", "UK ports counted by one definition throughout",
                {"ports.break": 1.0}),
    Alternative("official-right", "the official head-count is right", which="official"),
    Alternative("associations-right", "the associations' head-count is right", which="ngo"),
)

NOT_ASKED: Final[Mapping[str, str]] = {
    "whether people who wait for a UK decision are held by the wait":
        "no such route was open in the record",
    "whether the effect of the clearance wore off slowly":
        "the inflow is free every two months and takes up what is slower than a few weeks",
    "which part of the ports' figure changed its definition":
        "one year was counted by the new one: a factor on the whole figure is all it can tell",
}  # fmt: skip
"""Structural questions that the expected form or the record cannot be asked, and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the record says of one form.

    Attributes
    ----------
    alternative : Alternative or None
        None for the fit's own form.
    z : float64[number]
        The mode.
    misfit : float
        Sum of squared residuals, of rows and of priors, there [squared errors].
    log_evidence : float
        Laplace's approximation of the logarithm of the record's probability, but for a constant
        that is the same for all forms.
    series : dict of str to float
        The rows' part of the misfit by series [squared errors].
    """

    alternative: Alternative | None
    z: NDArray[np.float64]
    misfit: float
    log_evidence: float
    series: Mapping[str, float]

    def worse_than(self, other: Answer) -> list[tuple[str, float]]:
        """Return by how much each series fits worse than in another, the worst first."""
        found = [(name, value - other.series[name]) for name, value in self.series.items()]
        return sorted((one for one in found if one[1] > 0.0), key=lambda one: -one[1])


def alternatives(
    fit: Fit, jobs: int, say: Callable[[str], None],
    asked: Sequence[Alternative] = ALTERNATIVES,
) -> tuple[Answer, list[Answer]]:
    """Return what the record says of a fit's own form, and of alternatives to it.

    Modes are sought from two places each: a fit may have more than one. Where an alternative fits
    better than the form itself, which mostly holds it, that form's is sought again from there.

    Parameters
    ----------
    fit : Fit
        Without a correction.
    jobs : int
    say : callable
        Told what is done.
    asked : sequence of Alternative
    """
    zero = np.zeros(len(FREE))
    (full,) = spread(_answer, [(fit, None, [zero])], jobs)
    say("the fit as it is")
    found = []
    for one in spread(_answer, [(fit, one, [full.z, zero]) for one in asked], jobs):
        found.append(one)
        say(_name(one))
    better = [one.z for one in found if one.misfit < full.misfit]
    if better:
        (again,) = spread(_answer, [(fit, None, [full.z, *better])], jobs)
        full = min(full, again, key=lambda one: one.misfit)
    return full, found


def _name(one: Answer) -> str:
    return "" if one.alternative is None else one.alternative.name


def _answer(task: tuple[Fit, Alternative | None, list[NDArray[np.float64]]]) -> Answer:
    fit, alternative, starts = task
    part = fitted_part(fit if alternative is None else alternative.of(fit))
    best: Answer | None = None
    for start in starts:
        z, gaussian = mode(part, start)
        squares = part.misfit(z) ** 2
        misfit = float(squares.sum() + z @ z)
        if best is None or misfit < best.misfit:
            series = {name: float(squares[where].sum())
                      for name, where in part.record.places.items()}
            best = Answer(alternative, z, misfit,
                          0.5 * float(np.linalg.slogdet(gaussian)[1]) - 0.5 * misfit, series)
    assert best is not None
    return best


_HARDLY: Final = 1.0
_WORDS: Final = ((3.0, "positive"), (5.0, "strong"), (np.inf, "very strong"))  # ln B, as in [1]


def weight_words(log_bayes_factor: float) -> str:
    """Return what a Bayes factor of an alternative over the fit's own form is called."""
    size = abs(log_bayes_factor)
    if size < _HARDLY:
        return "hardly a word"
    word = next(word for most, word in _WORDS if size < most)
    return f"{word} {'for' if log_bayes_factor > 0.0 else 'against'} it"
