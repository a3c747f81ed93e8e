"""A scenario: baseline, future and policies as one world that can be asked for any day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from straits.base.errors import Problem, UserError
from straits.scenario.change import Change, moved, sized
from straits.scenario.check_policy import put
from straits.scenario.document import Steps, dotted
from straits.scenario.load import Baseline, bind_policies, in_order
from straits.scenario.paths import locate, rule_of
from straits.scenario.policy import Policy
from straits.scenario.quantity import Numbers, Quantity, SeriesValue, Shares
from straits.scenario.tree import leaves, plain, tree
from straits.scenario.uncertainty import UncertaintySet

__all__ = ["Assumption", "FutureValue", "Scenario", "build"]

Timing = Literal["immediate", "stated"]
FutureValue = float | Mapping[date, float]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number that a scenario rests on.

    Attributes
    ----------
    path : str
        Dotted path; for a policy's number, the policy's id and a colon come first.
    value : float or tuple of float
        The number or numbers [unit]; for a series its values in order of date.
    unit : str
        Unit of value, low and high.
    low, high : float or None
        Range of a single number [unit].
    tolerance : float or None
        Relative range of the numbers of a list [dimensionless].
    source : tuple of str
        Keys of shipped figures.
    assumed, grade, where : str
        Why it is assumed, how good it is, and where it is written.
    """

    path: str
    value: float | tuple[float, ...]
    unit: str
    low: float | None
    high: float | None
    tolerance: float | None
    source: tuple[str, ...]
    assumed: str
    grade: str
    where: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A baseline, one future and a set of dated policies.

    Attributes
    ----------
    baseline : Baseline
        The world as documented.
    policies : tuple of Policy
        What patches it, in order.
    future : dict
        Values of the uncertainties, by name [units of the set]; what a calibration found, by path.
    timing : str
        "immediate" or "stated".
    changes : tuple of Change
        The policies' changes, dated by the timing.
    uncertainty : UncertaintySet or None
        What the names in `future` mean.
    """

    baseline: Baseline
    policies: tuple[Policy, ...]
    future: Mapping[str, FutureValue]
    timing: Timing
    changes: tuple[Change, ...]
    uncertainty: UncertaintySet | None = None
    # The world before policies as a tree of numbers with origins; the parts of it that change
    # with the date; and the values on the decision day, which every day's world is copied from.
    _tree: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _moving: dict[Steps, tuple[Change, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _template: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        """The folder from which names of files of observed arrivals lead."""
        return Path(self.baseline.document.place(("demand", "observed")).file).parent

    def world_at(self, day: date) -> dict[str, Any]:
        """Return the world on a day: the document's keys, with plain values [declared units].

        Numbers are floats, lists of numbers tuples, shares mappings; absent entries are None.
        The parts that no date moves are shared between calls: a world is read, never changed.
        """
        ordinal = day.toordinal()
        world: dict[str, Any] = dict(self._template)
        own = {id(world)}
        for steps in self._moving:
            _put_apart(world, steps, self._value(steps, ordinal), own)
        return world

    def value_at(self, path: str, day: date) -> Any:
        """Return the plain value at a dotted path on a day [declared unit]."""
        from straits.scenario.paths import split

        value: Any = self.world_at(day)
        for step in split(path):
            value = value[step]
        return value

    def breaks(self, first: date, last: date, sections: Iterable[str] | None = None) -> list[date]:
        """Return the days in (first, last] on which the world differs from the day before.

        Parameters
        ----------
        first, last : date
            The days to compare between.
        sections : iterable of str, optional
            Only the world under these top-level keys, such as "stations" and "controls".
        """
        start, end = first.toordinal(), last.toordinal()
        wanted = None if sections is None else frozenset(sections)
        days: set[int] = set()
        for steps, changes in self._moving.items():
            if wanted is not None and steps[0] not in wanted:
                continue
            maybe: set[int] = set()
            for _, leaf in leaves(_at(self._tree, steps)):
                if isinstance(leaf, SeriesValue):
                    maybe |= leaf.changes(start, end)
            for change in changes:
                begin = change.in_force.toordinal()
                maybe.update(
                    range(max(begin, start + 1), min(begin + change.ramp_days - 1, end) + 1)
                )
                for _, leaf in leaves(change.leaf):
                    if isinstance(leaf, SeriesValue):
                        maybe |= leaf.changes(start, end)
            days.update(
                day
                for day in maybe - days
                if self._value(steps, day) != self._value(steps, day - 1)
            )
        return [date.fromordinal(day) for day in sorted(days)]

    def assumptions(self) -> list[Assumption]:
        """Return every number that this scenario rests on, those of its policies last."""
        document = self.baseline.document
        rows = [
            _row(dotted(steps), leaf, str(document.place(steps)))
            for steps, leaf in leaves(tree(self.baseline.doc))
            if leaf.source or leaf.assumed
        ]
        for change in self.changes:
            rows += [
                _row(f"{change.policy}: {change.path} {change.op}", leaf, change.place)
                for _, leaf in leaves(change.leaf)
                if leaf.source or leaf.assumed
            ]
        return rows

    def resolved_yaml(self) -> str:
        """Return the scenario as one document: defaults filled, declared units, sources."""
        from straits.scenario.resolved import scenario_text

        return scenario_text(self)

    def _value(self, steps: Steps, ordinal: int) -> Any:
        value = plain(_at(self._tree, steps), ordinal)
        for change in self._moving[steps]:
            value = moved(value, change, ordinal)
        return value


def build(
    baseline: Baseline,
    policies: Sequence[Policy] = (),
    future: Mapping[str, FutureValue] | None = None,
    timing: str = "immediate",
    uncertainty: UncertaintySet | None = None,
    sizes: Mapping[tuple[str, str], float] | None = None,
) -> Scenario:
    """Return the scenario of a baseline under policies, in one future.

    The future acts first and on all dates, then the policies from their days on. A number that
    a future or a policy would take out of the bounds of its field stays at the bound.

    Parameters
    ----------
    baseline : Baseline
        The world.
    policies : sequence of Policy
        What patches it, in order.
    future : mapping, optional
        Values by name of `uncertainty`, or by dotted path where a path of the baseline is
        set to the value [units of the set, or of the path]; a mapping of dates gives a series
        by date its steps.
    timing : str
        "immediate": everything is announced and in force on the decision day, ramps kept;
        "stated": the documents' dates.
    uncertainty : UncertaintySet, optional
        What the names in `future` mean.
    sizes : mapping, optional
        How large policies turn out, by (policy, path): shares of their ranges [in (0, 1)].

    Raises
    ------
    UserError
        With everything that does not fit together.
    """
    if timing not in ("immediate", "stated"):
        allowed = "immediate, stated"
        raise UserError(Problem("--timing", "", "unknown timing", repr(timing), allowed))
    changes, problems = bind_policies(baseline, policies, timing)
    if sizes:
        changes = [
            sized(change, sizes[(change.policy, change.path)])
            if (change.policy, change.path) in sizes else change
            for change in changes
        ]
    world = tree(baseline.doc)
    for name, value in (future or {}).items():
        problem = _apply(world, baseline, uncertainty, name, value)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise UserError(in_order(problems))
    moving: dict[Steps, list[Change]] = defaultdict(list)
    for steps, leaf in leaves(world):
        if isinstance(leaf, SeriesValue) and len(leaf.dates) > 1:
            moving[steps] = []
    for change in changes:
        moving[change.steps].append(change)
    return Scenario(
        baseline, tuple(policies), dict(future or {}), _timing(timing), tuple(changes),
        uncertainty, world, {steps: tuple(kept) for steps, kept in moving.items()},
        plain(world, baseline.doc.decision_day.toordinal()),
    )  # fmt: skip


def _timing(text: str) -> Timing:
    return "immediate" if text == "immediate" else "stated"


def _apply(
    world: dict[str, Any],
    baseline: Baseline,
    uncertainty: UncertaintySet | None,
    name: str,
    value: FutureValue,
) -> Problem | None:
    """Put one value of a future into the world; return why that cannot be done."""
    known = [] if uncertainty is None else [one.name for one in uncertainty.uncertain]
    paths: tuple[str, ...] = (name,)
    op = "set"
    if uncertainty is not None and name in known:
        paths, op = uncertainty[name].paths, uncertainty[name].op
    for path in paths:
        leaf = locate(baseline.doc, path)
        rule = None if not hasattr(leaf, "annotation") else rule_of(leaf.annotation)
        if rule is None or not hasattr(leaf, "steps"):
            allowed = ", ".join(known) or "a dotted path to a number of the baseline"
            return Problem("future", "", "nothing uncertain has this name", repr(name), allowed)
        old = _at(world, leaf.steps)
        if not isinstance(value, Mapping):
            new = _shifted(old, op, float(value), rule.low, rule.high)
        elif isinstance(old, SeriesValue) and value:
            new = _stepped(old, value, rule.low, rule.high)
        else:
            return Problem("future", path, "only a series by date has steps", repr(name))
        put(world, leaf.steps, new)
    return None


def _stepped(
    old: SeriesValue, steps: Mapping[date, float], low: float | None, high: float | None
) -> SeriesValue:
    """Return a series with other steps, kept within its bounds."""
    dates = sorted(steps)
    values = [max(steps[when], -math.inf if low is None else low) for when in dates]
    return replace(
        old, dates=tuple(when.toordinal() for when in dates), kind="steps",
        values=tuple(min(value, math.inf if high is None else high) for value in values))


def _shifted(old: Any, op: str, value: float, low: float | None, high: float | None) -> Any:
    def one(base: float) -> float:
        new = {"set": value, "scale": base * value, "add": base + value}[op]
        new = new if low is None else max(new, low)
        return new if high is None else min(new, high)

    if isinstance(old, Quantity):
        return replace(old, value=one(old.value))
    if isinstance(old, Numbers | SeriesValue | Shares):
        return replace(old, values=tuple(one(base) for base in old.values))
    return Quantity(value=value, bare=True)


def _at(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def _put_apart(world: Any, steps: Steps, value: Any, own: set[int]) -> None:
    """Set a value on a path, copying the nodes on it that are not in `own` yet."""
    node = world
    for step in steps[:-1]:
        inner = node[step]
        if id(inner) not in own:
            inner = copy(inner)
            node[step] = inner
            own.add(id(inner))
        node = inner
    node[steps[-1]] = value


def _row(path: str, leaf: Any, where: str) -> Assumption:
    low, high = leaf.range if isinstance(leaf, Quantity) and leaf.range else (None, None)
    value = leaf.value if isinstance(leaf, Quantity) else leaf.values
    tolerance = None if isinstance(leaf, Quantity) else leaf.tolerance
    return Assumption(
        path, value, leaf.unit, low, high, tolerance, leaf.source, leaf.assumed, leaf.grade, where
    )
