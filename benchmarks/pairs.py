"""How much the shared luck of two policies is worth: ``python -m benchmarks.pairs``.

The difference in total wait between a policy and model A, row by row under the same luck, against
the difference of two independent runs. The ratio of their variances is how many times fewer rows
the pair needs for the same interval. The independent variance is the sum of the two runs' own.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks import model as shared
from benchmarks.ours import plan_of, simulate
from straits.base.clock import SECOND_TICKS
from straits.engine.run import Scratch

POLICIES = {
    "entry check 2 % slower": ({"entry_scale": 1.02}, 200),
    "one more entry server by day": ({"entry_servers": 1}, 50),
}


def total_waits(days: int, rows: int, **policy: float) -> np.ndarray:
    """Return the total wait of each row, float64[row] [s]."""
    plan = plan_of(shared.MODELS["A"], days, **policy)  # type: ignore[arg-type]
    scratch = Scratch()
    return np.array([
        simulate(plan, days, row=row, scratch=scratch).summary.values["waits"].sum()
        for row in range(rows)]) / SECOND_TICKS


def reduction(base: np.ndarray, other: np.ndarray) -> float:
    """Return the variance of an independent difference over that of the paired one."""
    return float((base.var(ddof=1) + other.var(ddof=1)) / (other - base).var(ddof=1))


def main() -> None:
    """Print the reduction of variance for each policy beside its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--pairs", type=int, default=200)
    asked = parser.parse_args()
    if asked.pairs < 2 or asked.days < 1:
        parser.error("at least two pairs of a day")
    base = total_waits(asked.days, asked.pairs)
    print(f"model A, {asked.days} d, {asked.pairs} pairs; total wait {base.mean() / 3600:,.0f} h "
          f"a row, standard deviation {base.std(ddof=1) / 3600:,.0f} h")
    for name, (policy, bar) in POLICIES.items():
        other = total_waits(asked.days, asked.pairs, **policy)
        paired = other - base
        again = np.random.default_rng(1).integers(0, asked.pairs, (2000, asked.pairs))
        low, high = np.quantile([reduction(base[k], other[k]) for k in again], [0.025, 0.975])
        error = paired.std(ddof=1) / asked.pairs**0.5
        print(f"{name}: {reduction(base, other):.0f}x smaller variance (95 % interval {low:.0f} to "
              f"{high:.0f}; bar >= {bar}x); difference {paired.mean() / 3600:+,.1f} h, "
              f"standard error {error / 3600:.2f} h")


if __name__ == "__main__":
    main()
