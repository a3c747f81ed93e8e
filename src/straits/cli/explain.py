"""`straits explain`: the compiled plan in words, before any run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from straits.base.errors import Problem, UserError

if TYPE_CHECKING:
    from straits.plan.explain import StationLoad
    from straits.scenario import Assumption

__all__ = ["run_explain"]


def run_explain(baseline: str, policy: str, days: int, timing: str) -> None:
    """Print loads by crossing and direction, the first bottleneck, and every assumption."""
    from straits.ensemble.study import Study, horizon, plan_task, scenario_of
    from straits.plan.choice import demand_notes
    from straits.plan.explain import station_loads
    from straits.plan.explain_network import network_lines

    if not 1 <= days <= 3650:
        raise UserError(Problem("--days", "", "out of range", str(days), "1 to 3,650"))
    if timing not in ("immediate", "stated"):
        raise UserError(Problem("--timing", "", "not known", timing, "immediate or stated"))
    study = Study(baseline, (policy,), days=days, rows=1, futures="fixed",
                  timing="stated" if timing == "stated" else "immediate")
    scenario = scenario_of(study, policy, 0)
    origin, decision_day, warm_up = horizon(study)
    planned = plan_task(study, policy, 0)
    first = decision_day - timedelta(warm_up)
    print(f"{scenario.baseline.title}   {policy}, {timing} timing")
    print(f"{days} d from {decision_day}; people from {origin}; plan {planned.key[:8]}; "
          "nothing is run")
    for change in scenario.changes:
        ramp = f", ramp {change.ramp_days} d" if change.ramp_days > 1 else ""
        print(f"  {change.policy}: {change.path}, {change.op} from {change.in_force}{ramp}")
    groups: dict[tuple[str, str], list[StationLoad]] = {}
    for load in station_loads(scenario, planned.vehicles, first, (warm_up, warm_up + days)):
        groups.setdefault((load.crossing, load.direction), []).append(load)
    for (crossing, direction), rows in groups.items():
        _group(f"{crossing}, {direction.replace('_', ' ')}", rows)
    print("\n".join(network_lines(scenario, planned.vehicles, decision_day)))
    for note in demand_notes(scenario.world_at(decision_day)):
        print(f"  {note}")
    _assumptions(scenario.assumptions())


def _group(title: str, rows: Iterable[StationLoad]) -> None:
    """Print the stations of one crossing and direction in the order met."""
    print(f"\n{title:<68}     load [erlang]  servers on duty   busy share   peak hour (UTC)")
    print(f"{'':<68}     mean    peak     mean  at peak   mean   peak")
    worst = None
    for row in rows:
        label = f"{row.label} ({row.phase})" if row.phase != "departure" else row.label
        numbers = (f"{'space wanted, of what sails':>36}" if row.phase == "departure" else
                   f"{row.mean_load:9.1f}{row.peak_load:8.1f}{row.mean_servers:9.1f}"
                   f"{row.peak_servers:9.0f}")
        shares = (f"{row.utilisation:6.2f}{row.peak_utilisation:7.2f}" if row.mean_servers > 0.0
                  else f"{'nobody':>6}{'on duty':>8}")
        print(f"  {label:<68}{numbers:<36}{shares}   {row.peak_at}")
        if worst is None or row.peak_utilisation > worst.peak_utilisation:
            worst = row
    if worst is not None:
        if worst.mean_servers <= 0.0:
            print(f"  first bottleneck: {worst.label}: nobody on duty, nobody gets through")
            return
        over = ": a queue must grow there" if worst.peak_utilisation > 1.0 else ""
        print(f"  first bottleneck: {worst.label}, load {worst.peak_utilisation:.2f} of what is on "
              f"duty in its worst hour{over}")


def _assumptions(rows: Iterable[Assumption]) -> None:
    """Print every number, its range and where it comes from, one a line."""
    print("\nEvery number it rests on: path, value, range, source or reason")
    for row in rows:
        value = row.value
        text = ("[" + " ".join(f"{v:g}" for v in value) + "]" if isinstance(value, tuple)
                else f"{value:g}")
        span = ""
        if row.low is not None and row.high is not None:
            span = f"  {row.low:g} to {row.high:g}"
        elif row.tolerance is not None:
            span = f"  within {100 * row.tolerance:.0f} %"
        origin = [", ".join(row.source)] if row.source else []
        if row.assumed:
            origin.append(f"assumed: {row.assumed}")
        unit = "" if row.unit == "1" else f" {row.unit}"
        print(f"  {row.path}  {text}{unit}{span}  {'; '.join(origin)}")
