"""`straits validate`: the past simulated beside the record."""

from __future__ import annotations

import sys

from straits.base.errors import Problem, UserError

__all__ = ["run_validate"]


def run_validate(baseline: str, rows: int, seed: int, days: int) -> bool:
    """Print the validation table; return whether every row lies in its band."""
    from straits.analysis.validation import Row, validate_people, validate_vehicles

    problems = []
    for option, value, high in (("--rows", rows, 10_000), ("--days", days, 3650)):
        if not 1 <= value <= high:
            problems.append(Problem(option, "", "out of range", str(value), f"1 to {high:,}"))
    if problems:
        raise UserError(problems)

    def show(row: int) -> None:
        print(f"history, row {row + 1} of {rows}", file=sys.stderr, flush=True)

    def line(row: Row) -> None:
        verdict = "accepted" if row.accepted else "OUTSIDE"
        record = f"{row.record:12,.0f}" if row.record else f"{'':>12}"
        digits = 0 if row.simulated >= 100 else 1
        interval = f"{row.low:,.{digits}f} to {row.high:,.{digits}f}"
        band = f"{row.band[0]:,.0f} to {row.band[1]:,.0f}"
        print(f"{row.case:<58}{record}{row.simulated:12,.{digits}f}  {interval:>21}"
              f"{band:>24}  {verdict:<9} {row.note}")

    people = validate_people(baseline, rows, seed, show)
    print(f"{'case':<58}{'record':>12}{'simulated':>12}  {'lowest to highest':>21}"
          f"{'acceptance band':>24}  verdict   note")
    for row in people:
        line(row)
    vehicles = validate_vehicles(
        baseline, rows, seed, days,
        lambda row: print(f"window, row {row + 1} of {rows}", file=sys.stderr, flush=True))
    for row in vehicles:
        line(row)
    outside = [row for row in [*people, *vehicles] if not row.accepted]
    print(f"{len(people) + len(vehicles)} rows, {len(outside)} outside their band. The people "
          "half is set from published values and not yet calibrated; the record's sources are "
          "named in the figures table.")
    return not outside
