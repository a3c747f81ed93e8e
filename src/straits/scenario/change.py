"""A change of a policy, tied to a baseline and dated, and what it does to a value."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from straits.scenario.document import Steps
from straits.scenario.quantity import Quantity
from straits.scenario.tree import plain

__all__ = ["Change", "moved", "sized"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a policy, bound to a baseline and dated.

    Attributes
    ----------
    policy, path, op : str
        Who changes what, and how: set, scale or add.
    value : Any
        The plain value: a number [unit of the path; dimensionless for scale], a tuple, text,
        or a mapping.
    announced, in_force : date
        When people can know it, and when it begins to hold.
    ramp_days : int
        Days over which a number moves in full; 1 is at once [d].
    leaf : Any
        The value with its origin, range and unit.
    """

    policy: str
    path: str
    op: str
    value: Any
    announced: date
    in_force: date
    ramp_days: int
    leaf: Any
    steps: Steps
    low: float | None = None
    high: float | None = None
    place: str = ""


def sized(change: Change, share: float) -> Change:
    """Return a change as large as a draw has it: triangular over its range, the value as mode.

    A change without a range, or that is not one number, stays as it is.
    """
    leaf = change.leaf
    if not isinstance(leaf, Quantity) or leaf.range is None:
        return change
    low, high = leaf.range
    if high <= low:
        return change
    left = (leaf.value - low) / (high - low)
    if share < left:
        value = low + math.sqrt(share * left) * (high - low)
    else:
        value = high - math.sqrt((1.0 - share) * (1.0 - left)) * (high - low)
    return replace(change, value=value, leaf=replace(leaf, value=value))


def moved(base: Any, change: Change, ordinal: int) -> Any:
    """Return a plain value as a change has it on a day [declared unit].

    Numbers move linearly over the ramp, the first day included; all else moves at once.
    """
    days = ordinal - change.in_force.toordinal()
    if days < 0:
        return base
    step = plain(change.leaf, ordinal)
    weight = min(1.0, (days + 1) / change.ramp_days)
    if isinstance(base, tuple):
        steps = step if isinstance(step, tuple) else (step,) * len(base)
        if len(steps) == len(base):
            return tuple(
                _mixed(one, inner, change, weight) for one, inner in zip(base, steps, strict=True)
            )
        return step
    if isinstance(base, dict) and isinstance(step, dict) and base.keys() == step.keys():
        if all(isinstance(one, float) for one in (*base.values(), *step.values())):
            return {key: _mixed(base[key], step[key], change, weight) for key in base}
        return step
    if isinstance(base, float) and isinstance(step, float):
        return _mixed(base, step, change, weight)
    return step


def _mixed(base: float, step: float, change: Change, weight: float) -> float:
    new = {"set": step, "scale": base * step, "add": base + step}[change.op]
    if change.low is not None:
        new = max(new, change.low)
    if change.high is not None:
        new = min(new, change.high)
    return new if weight >= 1.0 else base + weight * (new - base)
