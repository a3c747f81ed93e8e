"""`straits validate`: the past simulated beside the record.

`straits validate traffic` puts the vehicle half beside closed forms, other programs and queues of
the past.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import Problem, UserError

if TYPE_CHECKING:
    from straits.analysis.traffic_rows import TrafficRow

__all__ = ["PEOPLE", "TRAFFIC", "TrafficRequest", "refuse_days", "refuse_traffic_options",
           "run_people", "run_traffic", "run_validate"]  # fmt: skip

TRAFFIC: Final = "traffic"  # in place of a baseline's name
PEOPLE: Final = "people"


@dataclass(frozen=True, slots=True)
class TrafficRequest:
    """What the user asked for with `straits validate traffic`."""

    rows: int = 20
    seed: int = 1
    part: str = ""  # all of them
    quick: bool = False
    as_json: bool = False


def run_traffic(request: TrafficRequest) -> bool:
    """Print the table of the vehicle half; return whether no row is outside its band."""
    from straits.analysis.traffic import PARTS, traffic_rows

    problems = []
    for option, value, low, high in (("--rows", request.rows, 1, 10_000),
                                     ("--seed", request.seed, 0, 2**32 - 1)):
        if not low <= value <= high:
            problems.append(Problem(option, "", "out of range", str(value), f"{low:,} to {high:,}"))
    parts = [part for part in PARTS if request.part in ("", part)]
    if not parts:
        problems.append(Problem("--part", "", "not known", repr(request.part), ", ".join(PARTS)))
    if problems:
        raise UserError(problems)
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {text}", file=sys.stderr, flush=True)

    rows = traffic_rows(request.rows, request.quick, parts, seed=request.seed, say=say)
    outside = sum(row.verdict == "outside" for row in rows)
    if request.as_json:
        told = [{key: _finite(value) for key, value in asdict(row).items()} for row in rows]
        print(json.dumps({"rows": told, "outside": outside}, indent=2, allow_nan=False))
    else:
        _print_traffic(rows, outside)
    return not outside


def _print_traffic(rows: list[TrafficRow], outside: int) -> None:
    names = [f"{row.case}, {row.what}" + (f" [{row.unit}]" if row.unit else "") for row in rows]
    width = max(map(len, names), default=0)
    print(f"{'case':<{width}}{'published':>12}{'simulated':>12}  {'interval':>21}"
          f"{'acceptance band':>21}  {'held against':<12}  verdict   note")
    for name, row in zip(names, rows, strict=True):
        published = "" if row.published is None else _short(row.published)
        band = "" if row.band is None else _span(*row.band)
        word = "OUTSIDE" if row.verdict == "outside" else row.verdict
        print(f"{name:<{width}}{published:>12}{_short(row.simulated):>12}  "
              f"{_span(row.low, row.high):>21}{band:>21}  {row.kind:<12}  "
              f"{word:<9} {row.note}")
    fitted = sum(row.verdict == "fitted" for row in rows)
    skipped = sum(row.verdict == "skipped" for row in rows)
    print(f"{len(rows)} rows: {outside} outside their band, {fitted} fitted and no test, "
          f"{skipped} skipped. Bands are written before the run; docs/validation-traffic.md says "
          "what was assumed.")


def _span(low: float, high: float) -> str:
    return f"{_short(low)} to {_short(high)}" if math.isfinite(low + high) else ""


def _finite(value: object) -> object:
    """Return a value as JSON has it: what was not measured is null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _short(value: float) -> str:
    """Return a number with about four digits; nothing for what was not measured."""
    if not math.isfinite(value):
        return ""
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100.0 else f"{value:.1f}"


def refuse_traffic_options(part: str, quick: bool, as_json: bool) -> None:
    """Raise for options that only `straits validate traffic` has, given with a baseline."""
    given = {"--part": part, "--quick": quick, "--json": as_json}
    problems = [
        Problem(option, "", "this is an option of `straits validate traffic`")
        for option, value in given.items() if value
    ]  # fmt: skip
    if problems:
        raise UserError(problems)


def refuse_days(days: int | None) -> None:
    """Raise if days of vehicles are asked for where no window is simulated."""
    if days is not None:
        raise UserError(Problem("--days", "", "this is an option of `straits validate BASELINE`",
                                str(days)))


def run_people(rows: int, seed: int, jobs: int | None = None) -> bool:
    """Print the record beside histories of the shipped posterior; return whether it is kept.

    The bands, written beforehand, are those of `analysis.fit_report`.
    """
    from straits.analysis.calibrate import posterior_predictive
    from straits.analysis.fit_report import kept
    from straits.cli.calibrate import print_predictions

    problems = []
    for option, value, low, high in (("--rows", rows, 20, 10_000), ("--seed", seed, 0, 2**32 - 1)):
        if not low <= value <= high:
            problems.append(Problem(option, "", "out of range", str(value), f"{low:,} to {high:,}"))
    if problems:
        raise UserError(problems)
    begun = time.monotonic()

    def say(done: int) -> None:
        if done % 20 == 0 or done == rows:
            print(f"{time.monotonic() - begun:5.0f} s  {done} of {rows} histories", file=sys.stderr,
                  flush=True)

    found, misfit = posterior_predictive("calais-2016", rows, seed, jobs or os.cpu_count() or 1,
                                         say)
    print_predictions(found)
    good, said = kept(found, misfit)
    print("\n".join(said))
    return good


def run_validate(baseline: str, rows: int, seed: int, days: int) -> bool:
    """Print the validation table; return whether every row lies in its band."""
    from straits.analysis.validation import Row, validate_people, validate_vehicles
    from straits.data.read import acceptance

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

    if not are_compiled():
        print(COMPILING, file=sys.stderr, flush=True)
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
    later = len(acceptance()) - len(people)
    if later:
        print(f"{later} published counts go on for long after the decision day, up to which the "
              "people's history is simulated: they are left out.")
    outside = [row for row in [*people, *vehicles] if not row.accepted]
    print(f"{len(people) + len(vehicles)} rows, {len(outside)} outside their band. The people "
          "half is at its documented values here, not at those of a calibration; the record's "
          "sources are named in the figures table.")
    return not outside
