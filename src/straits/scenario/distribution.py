"""Distributions of uncertain numbers: their parameters, and their quantiles."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Final

from straits.scenario.document import Steps
from straits.scenario.findings import Finding, excerpt, nearest, unknown_key
from straits.scenario.rules import QuantityRule

__all__ = ["FAMILIES", "Uncertain", "read_distribution", "shape_findings", "triangular_cdf",
           "triangular_quantile"]  # fmt: skip

# Parameters of each family; those in the second list are pure numbers whatever the unit.
FAMILIES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "uniform": (("low", "high"), ()),
    "triangular": (("low", "mode", "high"), ()),
    "normal": (("mean", "sd"), ()),
    "lognormal": (("median",), ("log_sd",)),
    "logitnormal": (("median",), ("logit_sd",)),
    "beta": ((), ("a", "b")),
    "choice": (("values",), ("weights",)),
}


@dataclass(frozen=True, slots=True)
class Uncertain:
    """One uncertain number, bound to a baseline.

    Attributes
    ----------
    name : str
        What a future calls it.
    paths : tuple of str
        The numbers that it moves together.
    op : str
        set, scale or add.
    unit : str
        Unit of its values; "1" for scale.
    family : str
        Kind of distribution.
    parameters : dict
        Parameters of the distribution [unit].
    low, high : float
        Range to which the distribution is cut [unit].
    """

    name: str
    paths: tuple[str, ...]
    op: str
    unit: str
    family: str
    parameters: dict[str, tuple[float, ...]]
    low: float
    high: float
    source: tuple[str, ...] = ()
    assumed: str = ""
    grade: str = ""
    title: str = ""
    place: str = ""

    def quantile(self, u: float) -> float:
        """Return the value below which a share `u` of the cut distribution lies [unit].

        Parameters
        ----------
        u : float
            Strictly between 0 and 1.
        """
        if self.family == "choice":
            values, weights = self.parameters["values"], self.parameters["weights"]
            reached = 0.0
            for value, weight in zip(values, weights, strict=True):
                reached += weight / math.fsum(weights)
                if u < reached:
                    return value
            return values[-1]
        first, last = self._cdf(self.low), self._cdf(self.high)
        if last <= first:
            return self.low + u * (self.high - self.low)
        value = self._inverse(first + u * (last - first))
        return min(max(value, self.low), self.high)

    def _one(self, key: str) -> float:
        return self.parameters[key][0]

    def _cdf(self, x: float) -> float:
        """Return the distribution function before it is cut [dimensionless]."""
        if self.family == "uniform":
            low, high = self._one("low"), self._one("high")
            return min(max((x - low) / (high - low), 0.0), 1.0) if high > low else 0.5
        if self.family == "triangular":
            return triangular_cdf(x, self._one("low"), self._one("mode"), self._one("high"))
        if self.family == "beta":
            from scipy.special import betainc

            return float(betainc(self._one("a"), self._one("b"), min(max(x, 0.0), 1.0)))
        z = self._score(x)
        return NormalDist().cdf(z) if math.isfinite(z) else (0.0 if z < 0 else 1.0)

    def _score(self, x: float) -> float:
        """Return the standard normal score of a value [dimensionless]."""
        if self.family == "normal":
            return (x - self._one("mean")) / self._one("sd")
        if self.family == "lognormal":
            median, spread = self._one("median"), self._one("log_sd")
            return math.log(x / median) / spread if x > 0 else -math.inf
        median, spread = self._one("median"), self._one("logit_sd")
        if x <= 0 or x >= 1:
            return -math.inf if x <= 0 else math.inf
        return (_logit(x) - _logit(median)) / spread

    def _inverse(self, p: float) -> float:
        """Return the quantile before the distribution is cut [unit]."""
        if self.family == "uniform":
            low, high = self._one("low"), self._one("high")
            return low + p * (high - low)
        if self.family == "triangular":
            return triangular_quantile(p, self._one("low"), self._one("mode"), self._one("high"))
        if self.family == "beta":
            from scipy.special import betaincinv

            return float(betaincinv(self._one("a"), self._one("b"), p))
        p = min(max(p, 1e-15), 1 - 1e-15)
        z = NormalDist().inv_cdf(p)
        if self.family == "normal":
            return self._one("mean") + self._one("sd") * z
        if self.family == "lognormal":
            return self._one("median") * math.exp(self._one("log_sd") * z)
        return 1.0 / (1.0 + math.exp(-(_logit(self._one("median")) + self._one("logit_sd") * z)))


def triangular_cdf(x: float, low: float, mode: float, high: float) -> float:
    """Return the share of a triangular distribution below a value [dimensionless]."""
    if x <= low or x >= high:
        return 0.0 if x <= low else 1.0
    if x <= mode:
        return (x - low) ** 2 / ((high - low) * (mode - low)) if mode > low else 0.0
    return 1.0 - (high - x) ** 2 / ((high - low) * (high - mode))


def triangular_quantile(p: float, low: float, mode: float, high: float) -> float:
    """Return the value below which a share `p` of a triangular distribution lies [unit of low]."""
    if p * (high - low) < mode - low:
        return low + math.sqrt(p * (high - low) * (mode - low))
    return high - math.sqrt((1 - p) * (high - low) * (high - mode))


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def read_distribution(
    raw: dict[str, Any], reader: QuantityRule, findings: list[Finding]
) -> tuple[str, dict[str, tuple[float, ...]]]:
    """Return family and parameters of a distribution, in the reader's unit."""
    path: Steps = ("distribution",)
    family = raw.get("family")
    if not isinstance(family, str) or family not in FAMILIES:
        close = nearest(str(family), FAMILIES)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        findings.append(
            Finding(
                "unknown family of distributions",
                excerpt(family),
                ", ".join(FAMILIES),
                hint,
                (*path, "family"),
            )
        )
        return "", {}
    with_unit, pure = FAMILIES[family]
    known = ("family", *with_unit, *pure)
    for key in raw:
        if key not in known:
            finding = unknown_key(key, known)
            findings.append(replace(finding, path=(*path, key)))
    plain_rule = QuantityRule("1", None, None)
    # Where the mean of a normal lies is free; only the cut distribution must keep the bounds.
    free = QuantityRule(reader.unit, None, None)
    parameters: dict[str, tuple[float, ...]] = {}
    for key in (*with_unit, *pure):
        if key == "weights" and key not in raw:
            continue
        if key not in raw:
            findings.append(Finding(f"'{key}' is missing, which '{family}' needs", path=path))
            continue
        rule = plain_rule if key in pure else free if key in ("mean", "sd") else reader
        items = raw[key] if isinstance(raw[key], list) else [raw[key]]
        if (key in ("values", "weights")) != isinstance(raw[key], list) or not items:
            wanted = "a list of numbers" if key in ("values", "weights") else "one number"
            findings.append(Finding(f"this must be {wanted}", excerpt(raw[key]), path=(*path, key)))
            continue
        parameters[key] = tuple(rule.number(one, findings, (*path, key)) for one in items)
    if family == "choice" and "values" in parameters and "weights" not in parameters:
        parameters["weights"] = (1.0,) * len(parameters["values"])
    return family, parameters


def shape_findings(one: Uncertain) -> list[Finding]:
    """Return what is wrong with the parameters of a distribution among themselves."""
    path: Steps = ("distribution",)
    findings: list[Finding] = []
    value = {key: values[0] for key, values in one.parameters.items()}
    if one.low > one.high:
        findings.append(
            Finding(
                "this range is reversed",
                f"{one.low:g} to {one.high:g}",
                "[LOW, HIGH]",
                path=("range",),
            )
        )
    if one.family in ("uniform", "triangular"):
        low, high = value["low"], value["high"]
        if not (low <= value.get("mode", low) <= high and low < high):
            found = ", ".join(f"{key} {number:g}" for key, number in value.items())
            findings.append(Finding("low, mode and high must ascend", found, path=path))
    for key in ("sd", "log_sd", "logit_sd", "a", "b"):
        if key in value and value[key] <= 0:
            findings.append(
                Finding("this must be above zero", f"{value[key]:g}", path=(*path, key))
            )
    if one.family == "lognormal" and value["median"] <= 0:
        findings.append(
            Finding("this must be above zero", f"{value['median']:g}", path=(*path, "median"))
        )
    if one.family == "logitnormal" and not 0 < value["median"] < 1:
        findings.append(
            Finding("this must be between 0 and 1", f"{value['median']:g}", path=(*path, "median"))
        )
    if one.family in ("beta", "logitnormal") and not 0 <= one.low <= one.high <= 1:
        findings.append(
            Finding(
                f"a {one.family} distribution lies between 0 and 1",
                f"{one.low:g} to {one.high:g}",
                path=("range",),
            )
        )
    if one.family == "choice":
        findings += _choice_findings(one)
    elif not findings and one._cdf(one.high) <= one._cdf(one.low) and one.high > one.low:
        findings.append(
            Finding(
                "the distribution has no weight inside its range",
                f"{one.low:g} to {one.high:g}",
                path=("range",),
            )
        )
    return findings


def _choice_findings(one: Uncertain) -> list[Finding]:
    path: Steps = ("distribution",)
    findings: list[Finding] = []
    values, weights = one.parameters["values"], one.parameters["weights"]
    if len(values) != len(weights):
        findings.append(
            Finding(
                "values and weights must be equally many",
                f"{len(values)} and {len(weights)}",
                path=path,
            )
        )
    if any(weight < 0 for weight in weights) or math.fsum(weights) <= 0:
        findings.append(
            Finding("weights must be zero or more, and not all zero", path=(*path, "weights"))
        )
    outer = [v for v in values if not one.low <= v <= one.high]
    if outer:
        findings.append(
            Finding(
                "this value lies outside the range",
                f"{outer[0]:g}",
                f"from {one.low:g} to {one.high:g}",
                path=(*path, "values"),
            )
        )
    return findings
