"""What people declare: baselines, policies, uncertainty sets, statements, and scenarios."""

from straits.scenario.change import Change
from straits.scenario.distribution import Uncertain
from straits.scenario.library import names
from straits.scenario.load import (
    Baseline,
    check_files,
    combine,
    load_baseline,
    load_policy,
    load_statement,
    load_uncertainty,
)
from straits.scenario.policy import Policy
from straits.scenario.resolved import load_resolved, resolve
from straits.scenario.statement import Statement
from straits.scenario.uncertainty import UncertaintySet, sample_futures, sample_sizes
from straits.scenario.world import Assumption, FutureValue, Scenario, build

__all__ = [
    "Assumption",
    "Baseline",
    "Change",
    "FutureValue",
    "Policy",
    "Scenario",
    "Statement",
    "Uncertain",
    "UncertaintySet",
    "build",
    "check_files",
    "combine",
    "load_baseline",
    "load_policy",
    "load_resolved",
    "load_statement",
    "load_uncertainty",
    "names",
    "resolve",
    "sample_futures",
    "sample_sizes",
]
