"""What techniques of search find, one after the other, in vehicles that differ in their load.

Given its load, a vehicle's alarms are independent; over all vehicles they are not, for a load
through which one technique sees badly is often bad for the next. An alarm that is referred
leads to one secondary examination after the last technique. Regimes are made up by the caller:
nothing here knows a site, an hour, a lane or a person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "Regime",
    "Technique",
    "false_alarm_load",
    "found_probability",
    "referred_empty_share",
    "unseen_by_load",
    "unseen_in_attempts",
    "unseen_probability",
]


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique of a search regime."""

    name: str  # dotted; the luck of selection hangs on it
    share: float  # of vehicles that it meets
    sensitivity: tuple[float, ...]  # P(alarm | met, people aboard), by type of load
    false_alarm: float = 0.0  # P(alarm | met, nobody aboard)
    referral: float = 1.0  # share of its alarms that lead to the examination


@dataclass(frozen=True, slots=True)
class Regime:
    """Techniques in series, and the examination of vehicles that were referred.

    With `common_selection` one draw selects for all techniques, so that a technique for fewer
    vehicles meets none that one for more has let by; otherwise each selects on its own.
    """

    load_shares: tuple[float, ...]
    techniques: tuple[Technique, ...]
    secondary: tuple[float, ...]  # P(found | referred, people aboard), by type of load
    common_selection: bool = False

    def __post_init__(self) -> None:
        loads = len(self.load_shares)
        if any(len(by_load) != loads for by_load in self._by_load()):
            raise ValueError(f"every sensitivity needs {loads} places, one a type of load")
        if not math.isclose(sum(self.load_shares), 1.0, abs_tol=1e-12):
            raise ValueError(f"shares of loads add up to {sum(self.load_shares):g}, not 1")
        if len({one.name for one in self.techniques}) < len(self.techniques):
            raise ValueError("two techniques have one name")

    def _by_load(self) -> tuple[tuple[float, ...], ...]:
        return (self.secondary, *(one.sensitivity for one in self.techniques))


def unseen_by_load(regime: Regime) -> tuple[float, ...]:
    """Return P(nobody aboard is found | type of load), one place a type [dimensionless].

    References
    ----------
    .. [1] W. Feller, "An Introduction to Probability Theory and Its Applications", vol. 1,
       3rd ed., 1968, V.2: total probability over selections; a product for each selection.
    """
    shares = [one.share for one in regime.techniques]
    unseen = []
    for load, examined in enumerate(regime.secondary):
        alarms = [one.referral * one.sensitivity[load] for one in regime.techniques]
        quiet = _no_referral(shares, alarms, common=regime.common_selection)
        unseen.append(quiet + (1.0 - quiet) * (1.0 - examined))
    return tuple(unseen)


def unseen_probability(regime: Regime) -> float:
    """Return P(nobody aboard is found) over all types of load [dimensionless]."""
    by_load = unseen_by_load(regime)
    return math.fsum(
        share * chance for share, chance in zip(regime.load_shares, by_load, strict=True)
    )


def found_probability(regime: Regime) -> float:
    """Return P(those aboard are found) over all types of load [dimensionless]."""
    return 1.0 - unseen_probability(regime)


def referred_empty_share(regime: Regime) -> float:
    """Return the share of vehicles without people that are sent to the examination."""
    shares = [one.share for one in regime.techniques]
    alarms = [one.referral * one.false_alarm for one in regime.techniques]
    return 1.0 - _no_referral(shares, alarms, common=regime.common_selection)


def false_alarm_load(regime: Regime, *, rate_per_s: float, mean_examination_s: float) -> float:
    """Return the load that false alarms put on the examination [erlang].

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula: L = lambda W", 1961: the mean
       number of vehicles under examination with enough servers.
    """
    return rate_per_s * referred_empty_share(regime) * mean_examination_s


def unseen_in_attempts(regime: Regime, *, attempts: int, same_load: bool = False) -> float:
    """Return P(at least one of `attempts` crossings goes unseen) [dimensionless].

    Parameters
    ----------
    regime : Regime
        Who is found attempts again.
    attempts : int
        Crossings attempted, each in another vehicle.
    same_load : bool
        All of them in vehicles of one type of load, drawn once; otherwise drawn each time. One
        type for all makes success less likely: 1 - (1 - p)^n is concave in p (Jensen).

    References
    ----------
    .. [1] W. Feller (1968), as for `unseen_by_load`, VI.1: Bernoulli trials.
    """
    if not same_load:
        return _at_least_once(unseen_probability(regime), attempts)
    return math.fsum(
        share * _at_least_once(chance, attempts)
        for share, chance in zip(regime.load_shares, unseen_by_load(regime), strict=True)
    )


def _at_least_once(chance: float, attempts: int) -> float:
    """Return 1 - (1 - p)^n, exact for small p."""
    if chance >= 1.0:
        return 1.0 if attempts else 0.0
    return -math.expm1(attempts * math.log1p(-chance))


def _no_referral(shares: Sequence[float], alarms: Sequence[float], *, common: bool) -> float:
    """Return P(no alarm is referred) over selections."""
    if not common:
        return math.prod(1.0 - s * a for s, a in zip(shares, alarms, strict=True))
    ranked = sorted(zip(shares, alarms, strict=True), reverse=True)
    edges = [1.0, *(share for share, _ in ranked), 0.0]
    total, quiet = 0.0, 1.0
    for place, upper in enumerate(edges[:-1]):  # selections between two shares
        if place:
            quiet *= 1.0 - ranked[place - 1][1]
        total += (upper - edges[place + 1]) * quiet
    return total
