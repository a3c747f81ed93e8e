"""The individual-based model beside the expected-value form: what separates the two.

Runs are made at draws of a first posterior, widened, one history a draw. The logarithm of what the
record would have shown, individual over expected, is a straight line in the free numbers with a
rest that holds the luck of one history; the line then corrects the expected form in the next fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from straits.analysis.fit import Correction, Fit, claims_if_found
from straits.analysis.fit_record import History, predicted
from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.plan.fitted import plan_with
from straits.tables.people import Event, PeopleDay, PersonDays, State

__all__ = ["correction_of", "simulated", "simulated_history"]

WIDER: Final = 1.5  # draws are spread by this around the mean, so that the line is not extrapolated
RIDGE: Final = 5.0  # in units of one draw: slopes that the runs cannot tell from luck stay small
_SMALL: Final = 0.5


def simulated_history(fit: Fit, z: NDArray[np.float64], seed: int, row: int) -> History:
    """Return the days of one individual-based history under standard normals z."""
    plan = plan_with(fit.frame, fit.values(z))
    days = [day for _, day in simulate_people(plan, Seed(seed, row).key, 0, plan.days - 1)]

    def events(*kinds: Event) -> NDArray[np.float64]:
        return np.array([sum(int(day.events[kind].sum()) for kind in kinds) for day in days], float)

    def people(which: PersonDays) -> NDArray[np.float64]:
        return np.array([int(day.person_days[which]) for day in days], float)

    return History(
        site=people(PersonDays.AT_SITE),
        over_a_year=people(PersonDays.OVER_A_YEAR),
        arrivals=np.array([int(day.events[Event.ARRIVED, 0]) for day in days], float),
        counted=events(Event.COUNTED, Event.FOUND_BEFORE_SEA),
        unseen=events(Event.CROSSED_UNSEEN),
        found_after=events(Event.FOUND_AFTER_SEA),
        crossed=events(Event.CROSSED_UNSEEN, Event.FOUND_AFTER_SEA, Event.OPEN_BOARDED),
        deaths=events(Event.DIED),
        reception=events(Event.TO_RECEPTION),
        french_claims=_direct_claims(days),
    )


def _direct_claims(days: list[PeopleDay]) -> NDArray[np.float64]:
    """Return the claims made in France on the coast: those out of reception centres left out."""

    def events(kind: Event) -> NDArray[np.int64]:
        return np.array([int(day.events[kind].sum()) for day in days])

    stock = np.array([int(day.stock[State.RECEPTION_CENTRE]) for day in days])
    entered = events(Event.TO_RECEPTION) - np.diff(stock, prepend=0)
    from_centres = entered - events(Event.LEFT_RECEPTION) - events(Event.BACK_FROM_RECEPTION)
    return np.asarray(events(Event.CLAIMED_FRANCE) - from_centres, float)


def simulated(fit: Fit, z: NDArray[np.float64], seed: int, row: int) -> NDArray[np.float64]:
    """Return what the record would show of one individual-based history, float64[row]."""
    history = simulated_history(fit, z, seed, row)
    return predicted(fit.record, history, fit.values(z), claims_if_found(fit.frame))


def correction_of(
    fit: Fit, z: NDArray[np.float64], shown: NDArray[np.float64]
) -> Correction:
    """Return the line that leads from the expected form to the individual-based model.

    Parameters
    ----------
    fit : Fit
        Without a correction.
    z : float64[run, number]
    shown : float64[run, row]
        What `simulated` returned for each.
    """
    expected = np.stack([fit.predicted(one) for one in z])
    # Half an event is what a logarithm takes for none; shares have no such unit.
    share = np.array([row.statistic == "share" for row in fit.record.rows])
    least = np.where(share, 1e-4, _SMALL)
    ratio = np.log(np.maximum(shown, least) / np.maximum(expected, least))
    # Deaths are too few for a line: their correction is the mean.
    counts = fit.record.error == 0.0
    middle = z.mean(axis=0)
    centred = z - middle
    gram = centred.T @ centred
    ridged = gram + RIDGE * np.eye(z.shape[1])
    level = ratio.mean(axis=0)
    slope = np.linalg.solve(ridged, centred.T @ (ratio - level)).T
    slope[counts] = 0.0
    level[counts] = np.log(shown[:, counts].mean(axis=0) / expected[:, counts].mean(axis=0))
    rest = ratio - level - centred @ slope.T
    # The line was drawn through the same runs and leaves less of them than of any others: of luck
    # alone it would leave the squares of what its smoothing, with these eigenvalues, does not take.
    left = RIDGE / (np.linalg.eigvalsh(gram) + RIDGE)
    free = np.where(counts, 0.0, len(left) - float(left @ left))
    squares = (rest * rest).sum(axis=0) / (len(z) - 1.0 - free)
    return Correction(middle, level, slope, np.sqrt(squares))


def widened(
    z: NDArray[np.float64], count: int, pick: Callable[[int], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return `count` draws of a posterior, further from its mean by half.

    Parameters
    ----------
    z : float64[draw, number]
    count : int
    pick : callable
        Gives that many uniforms in [0, 1).
    """
    chosen = z[(pick(count) * len(z)).astype(np.int64)]
    middle = z.mean(axis=0)
    return np.asarray(middle + WIDER * (chosen - middle))
