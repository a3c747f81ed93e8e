"""What a comparison says: the frozen table that terminal, report and JSON are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from straits.results.measures import Measure

__all__ = ["Comparison", "Effect", "Incidence", "PolicyInfo", "QueueChart", "StockBand", "Verdict"]

# clear: the interval does not touch zero; unclear: it does; none: the same runs, or a
# difference below the resolution of the measure in every row.
Verdict = Literal["clear", "unclear", "none"]


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """One policy, in words."""

    policy: str  # id, or ids joined by +
    title: str
    role: str  # who proposed it, as a role
    says: str  # what the document assumes
    source: str
    maintains_arrangements: bool
    no_effect_yet: bool  # cannot have an effect inside the window
    shares_runs: bool  # its plan is the status quo's: the same runs
    in_force: str  # date, as simulated


@dataclass(frozen=True, slots=True)
class Effect:
    """One measure under one policy, against the status quo, over all rows.

    `value` is the median over rows of the measure itself, `difference` the median of the
    paired differences from the status quo; low and high are the ends of the interval that
    ``Comparison.interval`` names, inner ones hold half of the rows.
    """

    policy: str
    measure: str
    value: float
    value_low: float
    value_high: float
    difference: float
    low: float
    high: float
    inner_low: float
    inner_high: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Incidence:
    """Who gains, who pays: one group's measure under one policy."""

    policy: str
    who: str  # UK, France, Kent, Calais, hauliers, travellers, people at the site
    measure: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class QueueChart:
    """Mean number of vehicles waiting at one station by quarter of an hour of the week, UTC."""

    policy: str
    station: str
    label: str
    site: str
    direction: str
    kind: str
    vehicles: tuple[float, ...]  # 672, Monday 00:00 first; middle over rows
    metres: tuple[float, ...] = ()  # the same queue by the lengths of its vehicles


@dataclass(frozen=True, slots=True)
class StockBand:
    """People at the site day by day under one policy: lowest, middle, highest row."""

    policy: str
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a comparison found, with what it rests on.

    Attributes
    ----------
    interval : str
        What the intervals are, e.g. "lowest to highest of 10 rows".
    source_of_spread : str
        "assumptions and chance" or "chance alone".
    effects : mapping of (policy, measure) to Effect
        The status quo is among the policies; its differences are 0.
    stations : tuple of rows
        Rows of ``results.stations.station_rows`` with "policy": the middle over rows.
    assumptions : tuple of rows
        path, value, unit, low, high, source, assumed, grade, where.
    departed : tuple of rows
        crossing, direction, class, departed, inside_at_end, expected, year_figure.
    waiting_at_sites : mapping of policy to mapping of site to float
        Vehicles waiting for a check, Fridays 17:00 to 19:00 UTC: the middle over rows.
    notes : tuple of str
        What cannot be said, what differs from a full run.
    """

    baseline: str
    title: str
    decision_day: str
    days: int
    rows: int
    seed: int
    timing: str
    futures: str
    uncertainty: str  # the set that was asked for; "" for the baseline's own, or a borrowed one
    model: int
    version: str
    study: str
    table_hash: str
    interval: str
    source_of_spread: str
    policies: tuple[PolicyInfo, ...]
    measures: Mapping[str, Measure]
    effects: Mapping[tuple[str, str], Effect]
    incidence: tuple[Incidence, ...]
    stations: tuple[Mapping[str, object], ...]
    queues: tuple[QueueChart, ...]
    stock: tuple[StockBand, ...]
    waiting_at_sites: Mapping[str, Mapping[str, float]]
    assumptions: tuple[Mapping[str, object], ...]
    departed: tuple[Mapping[str, object], ...]
    headline: str
    paragraph: str
    notes: tuple[str, ...]
