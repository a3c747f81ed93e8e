"""The people half's history in expected values: what the individual-based model shows on average.

Hundreds of times quicker than one history of people, and without luck: for fitting numbers to the
record. The equations, and what is left out, are in ``_kernels.people_expected``; how far both
forms lie apart is measured in ``tests/parity/test_people_expected.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from straits.base.errors import InternalError
from straits.engine._kernels.people_expected import Expected, run
from straits.tables.people import PeoplePlan
from straits.tables.people_parameters import Param

__all__ = ["Expected", "expect_people"]


def expect_people(
    plan: PeoplePlan,
    parameters: NDArray[np.float64] | None = None,
    days: int | None = None,
    *,
    start_stock: float | None = None,
) -> NDArray[np.float64]:
    """Return the expected days of a history.

    Parameters
    ----------
    plan : PeoplePlan
        What is simulated.
    parameters : float64[day, Param], optional
        In place of the plan's; rates by month are held by day, as there.
    days : int, optional
        How many days, from the origin on; all of the plan's when absent. The elasticity of
        arrivals, which acts from the decision day on, is left out.
    start_stock : float, optional
        People at the site on the eve of day 0, in place of the plan's.

    Returns
    -------
    float64[day, Expected]
        People at the end of the day, and expected events of the day [people].

    Raises
    ------
    InternalError
        If there are not parameters enough, or on a day the site is closed or a route is open.
    """
    p = np.ascontiguousarray(plan.parameters if parameters is None else parameters)
    count = plan.days if days is None else days
    if p.shape[1:] != (len(Param),) or not 0 < count <= min(len(p), plan.days):
        raise InternalError(f"{count} days of a plan of {plan.days}, parameters {p.shape}")
    out = np.empty((count, len(Expected)))
    stock = float(plan.start_stock if start_stock is None else start_stock)
    done = run(
        p, plan.share, plan.targeting, plan.sensitivity, plan.search_before_sea,
        plan.uk_entry_juxtaposed, plan.exposure, stock, out,
    )  # fmt: skip
    if done < count:
        raise InternalError(f"the site is closed or a route open on day {done}: not expected")
    return out
