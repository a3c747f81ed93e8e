"""The numbers that the record of the people half can teach, their priors, and where they act.

Every number is a standard normal seen through its prior: `value` of z = 0 is the prior's median.
So a sampler works on numbers of like size, and a prior is the same for all of them. The inflow is
a walk: the logarithm of each knot is that of the one before plus a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from straits.scenario.distribution import triangular_cdf, triangular_quantile

__all__ = ["FREE", "KNOTS", "KNOT_SD", "Free", "names", "values_of", "z_of"]

Family = Literal["lognormal", "logitnormal", "normal", "walk", "triangular"]

# Every two months from the origin of the record to the decision day.
KNOTS: Final = tuple(
    date(year, month, 1) for year in (2013, 2014, 2015, 2016) for month in (1, 3, 5, 7, 9, 11)
)[:23]
FIRST_KNOT_SD: Final = 0.7
KNOT_SD: Final = 0.45  # log standard deviation of a step between knots


@dataclass(frozen=True, slots=True)
class Free:
    """A free number.

    Attributes
    ----------
    name : str
        What posterior tables call it.
    family : {"lognormal", "logitnormal", "normal", "walk", "triangular"}
        For "walk" the median is that of the first knot and the mean of a step is none.
    median, spread : float
        Of the prior; the spread is a log or logit standard deviation, or a plain one. Of a
        triangular prior the mode and the distance of its ends.
    unit, meaning : str
    low : float
        Lower end of a triangular prior.
    """

    name: str
    family: Family
    median: float
    spread: float
    unit: str
    meaning: str
    low: float = -np.inf


def _log(name: str, median: float, spread: float, unit: str, meaning: str) -> Free:
    return Free(name, "lognormal", median, spread, unit, meaning)


def _logit(name: str, median: float, spread: float, meaning: str) -> Free:
    return Free(name, "logitnormal", median, spread, "1", meaning)


def _between(name: str, low: float, mode: float, high: float, unit: str, meaning: str) -> Free:
    return Free(name, "triangular", mode, high - low, unit, meaning, low)


# fmt: off
# ruff: noqa: E501
# Medians and spreads are assumptions, set before the fit near the documented values of the baseline,
# whose sources stand in its file, and wide: a log spread of 0.6 is a factor of 2.7 either way.
FREE: Final = (
    _log("stock_at_start", 350, 0.4, "people", "people at the site on 1 January 2013"),
    *(Free(f"inflow.{knot:%Y-%m}", "walk", 10.0, FIRST_KNOT_SD if k == 0 else KNOT_SD, "people/d",
           f"first arrivals on {knot:%-d %B %Y}") for k, knot in enumerate(KNOTS)),
    _log("leaving", 0.12, 0.45, "1/month", "hazard of leaving for elsewhere"),
    _logit("intends_uk", 0.80, 0.35, "share of arrivals aiming for the UK"),
    _logit("stayers", 0.08, 0.5, "share of arrivals who leave much later than others"),
    _log("other_sites", 0.20, 0.5, "1", "first arrivals at other sites for each one at the site"),
    _log("attempts.2013", 6.0, 0.6, "1/month", "attempts by a person aiming for the UK until May 2014"),
    _log("attempts.2014-06", 4.0, 0.6, "1/month", "the same until mid-January 2015"),
    _log("attempts.2015-01", 3.0, 0.6, "1/month", "the same until October 2015"),
    _log("attempts.2015-11", 1.6, 0.6, "1/month", "the same since November 2015"),
    _log("episode", 2.0, 0.6, "1", "factor of the summer of 2015 at the tunnel, at its peak"),
    _log("season", 0.2, 0.6, "1", "amplitude of the season of attempts, in logarithms"),
    _log("lorry_room", 0.08, 0.6, "1", "attempts that a stationary lorry-hour can hold at most"),
    _logit("access.2013", 0.18, 0.5, "chance that an attempt is not turned back, until mid-May 2015"),
    _logit("access.2015-05", 0.18, 0.5, "the same until October 2015"),
    _logit("access.2015-11", 0.15, 0.5, "the same until mid-May 2016"),
    _log("access.fall", 1.0, 0.5, "1", "factor on that chance since mid-May 2016"),
    _log("french_claims.2013", 0.055, 0.5, "1/month", "hazard of claiming asylum in France until 2014"),
    _log("french_claims.2015", 0.055, 0.5, "1/month", "the same in 2015; a fifth of it once centres had opened"),
    _log("prefers_france", 3.0, 0.4, "1", "how much likelier those not aiming for the UK choose France"),
    _log("reception.2015-10", 40.0, 0.2, "people/d", "places in reception centres taken up a day to the end of 2015"),
    _log("reception.2016-01", 9.0, 0.3, "people/d", "the same to mid-May 2016"),
    _log("reception.2016-05", 15.0, 0.3, "people/d", "the same since"),
    _logit("cleared.2016-03", 0.15, 0.7, "share of the site that left when its south was cleared"),
    _log("deaths", 0.0004, 0.3, "1", "deaths an attempt that meets a lorry"),
    _log("official_count", 0.85, 0.12, "1", "official head-count over the people at the site"),
    _log("counts_ratio", 0.76, 0.10, "1", "official head-count over the associations'"),
    _logit("uk_claims", 0.73, 0.8, "share of people who crossed unseen who claim asylum in the UK"),
    _log("eight.base", 1200.0, 0.2, "claims/quarter", "claims in the UK by the eight nationalities off other routes, 2013"),
    Free("eight.trend", "normal", 0.0, 0.08, "1/year", "growth of those claims, in logarithms"),
    _log("eight.wave", 300.0, 1.2, "claims/quarter", "peak of a wave of claims by other routes around the turn of 2015"),
    _logit("lorry_drops", 0.62, 1.0, "lorry-drop encounters for each crossing"),
    _log("arrests.background", 6500.0, 0.25, "1/year", "arrests that have nothing to do with Calais"),
    _logit("arrests.share", 0.20, 0.9, "share of people who crossed unseen whom the police arrest"),
    _log("ports.background", 300.0, 0.6, "people/year", "people found at UK ports off other routes"),
    _logit("ports.share", 0.12, 0.8, "share of people who crossed whom UK ports report"),
    _log("ports.break", 1.0, 0.4, "1", "factor on the ports' figure since its definition changed in 2015"),
    # No series teaches these three by themselves, but comparisons draw them, and what the record says of
    # access hangs on them: a draw of the one beside a draw of the other would miss the record by a third.
    # Their names and ranges are those of the uncertainty set, which says what else they move.
    _between("search.share", 0.63, 1.0, 1.62, "1", "factor on the share of lorries searched"),
    _between("search.targeting", 1.0, 1.5, 2.5, "1", "how much likelier a lorry with people aboard is picked"),
    _between("search.sensitivity", 0.3, 0.6, 0.9, "1", "share of searches of a lorry with people aboard that find them"),
)
# fmt: on


def names() -> tuple[str, ...]:
    """Return the names of the free numbers, in order."""
    return tuple(free.name for free in FREE)


def _places(*families: Family) -> NDArray[np.int64]:
    return np.array([k for k, free in enumerate(FREE) if free.family in families])


_WALK: Final = _places("walk")
_POSITIVE: Final = _places("lognormal", "walk")
_LOGIT: Final = _places("logitnormal")
_TRIANGULAR: Final = tuple(_places("triangular").tolist())
_SPREAD = np.array([free.spread for free in FREE])
_CENTRE = np.array(
    [
        float(np.log(free.median))
        if free.family in ("lognormal", "walk")
        else float(np.log(free.median / (1.0 - free.median)))
        if free.family == "logitnormal"
        else free.median
        for free in FREE
    ]
)
_NORMAL: Final = NormalDist()


def values_of(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the numbers that standard normals stand for.

    Parameters
    ----------
    z : float64[..., number]

    Returns
    -------
    float64[..., number]
        In the units of `FREE`.
    """
    linear = _CENTRE + _SPREAD * z
    # What adds up in a walk are the steps alone.
    linear[..., _WALK] = _CENTRE[_WALK] + np.cumsum(_SPREAD[_WALK] * z[..., _WALK], axis=-1)
    out = linear.copy()
    out[..., _POSITIVE] = np.exp(linear[..., _POSITIVE])
    out[..., _LOGIT] = 1.0 / (1.0 + np.exp(-linear[..., _LOGIT]))
    for k in _TRIANGULAR:
        ends = _ends(FREE[k])
        quantiles = [triangular_quantile(_NORMAL.cdf(one), *ends) for one in z[..., k].flat]
        out[..., k] = np.reshape(quantiles, z.shape[:-1])
    return out


def _ends(free: Free) -> tuple[float, float, float]:
    """Return low end, mode and high end of a triangular prior."""
    return free.low, free.median, free.low + free.spread


def z_of(values: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the standard normals of numbers given by name; those not named are at 0."""
    z = np.zeros(len(FREE))
    before = 0.0
    for k, free in enumerate(FREE):
        if free.family == "walk":
            level = float(np.log(values[free.name])) - _CENTRE[k] if free.name in values else before
            z[k] = (level - before) / free.spread
            before = level
        elif free.name in values:
            value = values[free.name]
            if free.family == "triangular":
                z[k] = _NORMAL.inv_cdf(triangular_cdf(value, *_ends(free)))
                continue
            linear = value
            if free.family == "lognormal":
                linear = float(np.log(value))
            elif free.family == "logitnormal":
                linear = float(np.log(value / (1.0 - value)))
            z[k] = (linear - _CENTRE[k]) / free.spread
    return z
