"""`straits calibrate`: fit the people half to the record, and keep the posterior."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import InterruptedRunError, Problem, UserError

if TYPE_CHECKING:
    from straits.analysis.calibrate import Fitted
    from straits.analysis.fit_report import Predicted
    from straits.plan.free import Free

__all__ = ["Calibration", "outside", "print_predictions", "run_calibrate", "run_left_out",
           "run_synthetic", "without_meaning"]  # fmt: skip

ALL: Final = "all"
_FAR: Final = 10.0  # deviations of its prior within which a number may be held
_LIMITS: Final = {
    "--steps": (200, 100_000), "--runs": (300, 20_000), "--draws": (20, 2_000),
    "--jobs": (1, 4 * (os.cpu_count() or 1)), "--seed": (0, 2**32 - 2), "--truths": (10, 10_000),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the user asked for."""

    baseline: str
    fit: str = ALL
    steps: int = 2000
    runs: int = 1000
    draws: int = 300
    seed: int = 1
    jobs: int | None = None
    out: Path | None = None
    fixed: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    until: str | None = None
    synthetic: int = 0  # truths to plant in place of the record


def run_synthetic(request: Calibration) -> bool:
    """Plant truths, fit them, print where they lie; return whether that is as it should be."""
    from straits.analysis.calibrate import fit_of
    from straits.analysis.fit_ranks import BINS, verdict
    from straits.analysis.fit_synthetic import recovery
    from straits.plan.free import names

    jobs = (os.cpu_count() or 1) if request.jobs is None else request.jobs
    problems = outside({"--truths": request.synthetic, "--jobs": jobs, "--seed": request.seed})
    problems += without_meaning(request, "--synthetic, which fits planted records alike")
    if problems:
        raise UserError(problems)
    begun = time.monotonic()

    def say(done: int) -> None:
        if done % 5 == 0 or done == request.synthetic:
            print(f"{time.monotonic() - begun:5.0f} s  {done} of {request.synthetic} truths",
                  file=sys.stderr, flush=True)

    found = recovery(fit_of(request.baseline, "pooled"), request.synthetic, request.seed, jobs, say)
    good, lines = verdict(found, names())
    shares = found.histogram.mean(axis=0)
    print(f"ranks of {found.rank.size:,} planted numbers, {request.synthetic} truths")
    for k, share in enumerate(shares):
        print(f"{k / BINS:.1f} to {(k + 1) / BINS:.1f}  {'#' * round(300 * share):<45}{share:6.1%}")
    print("\n".join(lines))
    return good


def run_left_out(request: Calibration) -> None:
    """Hide each series in turn from the pooled fit, and print how well the rest predicts it."""
    from straits.analysis.calibrate import fit_of
    from straits.analysis.fit_left_out import left_out
    from straits.analysis.fit_report import average_relative_difference

    jobs = (os.cpu_count() or 1) if request.jobs is None else request.jobs
    problems = outside({"--jobs": jobs, "--seed": request.seed})
    problems += without_meaning(request, "--leave-one-out, which fits the record as it stands")
    if problems:
        raise UserError(problems)
    begun = time.monotonic()
    if not are_compiled():
        print(COMPILING, file=sys.stderr, flush=True)
    found = left_out(fit_of(request.baseline, "pooled"), request.seed, jobs, lambda name: print(
        f"{time.monotonic() - begun:5.0f} s  without {name}", file=sys.stderr, flush=True))
    print(f"{'hidden from the fit':<24}{'rows':>6}{'covered':>9}{'difference':>12}")
    for one in found:
        covered = sum(row.covered for row in one.rows)
        print(f"{one.name.replace('_', ' '):<24}{len(one.rows):>6}{covered:>9}"
              f"{average_relative_difference(one.rows):>12.0%}")
    print("Covered by 90 % intervals; the difference is sum |predicted - observed| / sum observed, "
          "averaged over series.\nDraws of the Gaussian at the mode of the expected-value form: a "
          "look at what each series adds, not a fit to keep.")


def without_meaning(request: Calibration, where: str) -> list[Problem]:
    """Return a problem for each option that was given and has no meaning here."""
    usual = Calibration(request.baseline)
    return [
        Problem(option, "", f"has no meaning with {where}")
        for option, name in (
            ("--fit", "fit"), ("--steps", "steps"), ("--runs", "runs"), ("--draws", "draws"),
            ("--out", "out"), ("--fix", "fixed"), ("--without", "without"), ("--until", "until"))
        if getattr(request, name) != getattr(usual, name)
    ]  # fmt: skip


def outside(asked: dict[str, int]) -> list[Problem]:
    """Return a problem for each option whose value is out of range."""
    return [
        Problem(option, "", "out of range", str(value), f"{low:,} to {high:,}")
        for option, value in asked.items()
        for low, high in [_LIMITS[option]]
        if not low <= value <= high
    ]


def run_calibrate(request: Calibration) -> bool:
    """Run the fits, print what they say, write the posterior; return whether all chains settled."""
    from straits.analysis.calibrate import Effort, calibrate, fit_of, posterior_of
    from straits.analysis.fit import FITS
    from straits.data.record import SERIES
    from straits.ensemble.posterior import write_posterior
    from straits.plan.free import FREE

    jobs = (os.cpu_count() or 1) if request.jobs is None else request.jobs
    asked = {"--steps": request.steps, "--runs": request.runs, "--draws": request.draws,
             "--jobs": jobs, "--seed": request.seed}
    problems = outside(asked)
    if request.fit not in (ALL, *FITS):
        problems.append(Problem("--fit", "", "not known", repr(request.fit),
                                ", ".join((ALL, *FITS))))
    fixed, wrong = _fixed(request.fixed, {free.name: free for free in FREE})
    if "official_count" in fixed and request.fit != "pooled":
        problems.append(Problem("--fix", "", "the fits official and ngo set this number",
                                "'official_count'", "--fit pooled"))
    problems += wrong
    problems += [Problem("--without", "", "no such series", repr(name), ", ".join(SERIES))
                 for name in request.without if name not in SERIES]
    until = _until(request.until, problems)
    if problems:
        raise UserError(problems)
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {text}", file=sys.stderr, flush=True)

    which = list(FITS) if request.fit == ALL else [request.fit]
    which.sort(key=lambda name: name != "pooled")  # whose posterior places the runs
    fits = [fit_of(request.baseline, name, fixed, request.without, until)  # type: ignore[arg-type]
            for name in which]
    if not fits[0].used.any():
        raise UserError(Problem("command line", "", "nothing of the record is left to fit", "", "",
                                "leave out --until, or some of --without"))
    folder = request.out or Path("calibrations") / _variant(request)
    effort = Effort(request.steps, request.runs, request.draws, min(request.draws, 200))
    if not are_compiled():
        print(COMPILING, file=sys.stderr, flush=True)
    try:
        found = calibrate(fits, effort, request.seed, jobs, folder, say)
    except KeyboardInterrupt as stop:
        raise InterruptedRunError(
            f"Interrupted. Chains and histories so far are in {folder}. The same command goes on."
        ) from stop
    for one in found:
        _print_fit(one, request.seed)
    path = folder / "posterior.parquet"
    write_posterior(path, posterior_of(found, effort, request.seed))
    print(f"posterior  {path}")
    return all(one.settled.enough for one in found)


def _variant(request: Calibration) -> str:
    """Return a folder's name that tells one question to the record from another."""
    parts = [Path(request.baseline).stem, request.fit if request.fit != ALL else "",
             *sorted(request.fixed), *(f"without-{name}" for name in sorted(request.without)),
             f"until-{request.until}" if request.until else "",
             f"seed-{request.seed}" if request.seed != 1 else ""]
    return "-".join(part for part in parts if part)


def _until(text: str | None, problems: list[Problem]) -> date | None:
    """Return the date of --until; add what is wrong with it."""
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:  # weeks and days of the year are dates as well
        problems.append(Problem("--until", "", "is no date", repr(text), "YYYY-MM-DD"))
    return found


def _fixed(
    texts: tuple[str, ...], known: Mapping[str, Free]
) -> tuple[dict[str, float], list[Problem]]:
    """Read ``name=value`` pairs; return them, and what is wrong with them."""
    fixed: dict[str, float] = {}
    problems = []
    for text in texts:
        name, _, value = text.partition("=")
        if name not in known:
            near = get_close_matches(name, known, 3)
            problems.append(Problem("--fix", "", "no such number", repr(name),
                                    ", ".join(near or known)))
            continue
        low, high = _bounds(known[name])
        allowed = f"NAME=VALUE, the value between {low:.4g} and {high:.4g}"
        if name in fixed:
            problems.append(Problem("--fix", "", "this number is held twice", repr(name)))
        try:
            fixed[name] = float(value)
        except ValueError:
            problems.append(Problem("--fix", "", "is no number", repr(text), allowed))
            continue
        if not low <= fixed[name] <= high:  # what is no number is refused here as well
            problems.append(Problem("--fix", "", "out of range", repr(text), allowed))
    return fixed, problems


def _bounds(free: Free) -> tuple[float, float]:
    """Return what a number may be held at: a triangular prior's ends, else ten deviations."""
    if free.family == "triangular":
        return free.low, free.low + free.spread
    if free.family == "logitnormal":
        return 1e-6, 1.0 - 1e-6
    if free.family == "normal":
        return free.median - _FAR * free.spread, free.median + _FAR * free.spread
    # Steps of a walk add up; its ends are those of a factor of a hundred.
    far = math.log(100.0) if free.family == "walk" else _FAR * free.spread
    return free.median * math.exp(-far), free.median * math.exp(far)


def _print_fit(found: Fitted, seed: int) -> None:
    from straits.analysis.fit import FITS, least_misfit
    from straits.analysis.fit_report import kept, learnt, predictions

    fit = found.fit
    print(f"\nFIT  {fit.which}: {FITS[fit.which]}   R-hat at most {found.settled.r_hat.max():.3f}, "
          f"at least {found.settled.size.min():,.0f} effective draws of each number")
    print(f"{'number':<24}{'unit':<16}{'prior':>10}{'90 %':>22}{'posterior':>12}{'90 %':>22}"
          f"{'overlap':>9}")
    for one in learnt(fit, found.many):
        mark = "" if one.taught else "  the data taught little"
        print(f"{one.name:<24}{one.unit:<16}{one.prior[0]:>10.4g}{_span(one.prior):>22}"
              f"{one.posterior[0]:>12.4g}{_span(one.posterior):>22}{one.overlap:>9.2f}{mark}")
    rows = predictions(fit.record, found.shown, fit.used, seed)
    print_predictions(rows)
    print("\n".join(kept(rows, least_misfit(fit))[1]))


def _span(three: tuple[float, float, float]) -> str:
    return f"{three[1]:.4g} to {three[2]:.4g}"


def print_predictions(rows: list[Predicted]) -> None:
    """Print the record beside its predictions, fitted and predicted rows told apart."""
    from straits.analysis.fit_report import average_relative_difference

    print(f"\n{'record':<62}{'observed':>10}{'median':>10}{'90 % interval':>21}  ")
    for row in rows:
        span = row.first if row.first == row.last else f"{row.first} to {row.last}"
        name = f"{row.series.replace('_', ' ')}, {span}"
        if row.side != "both":
            name += f", {row.side} bound"
        verdict = "covered" if row.covered else "NOT COVERED"
        print(f"{name:<62}{_number(row.observed):>10}{_number(row.median):>10}"
              f"{_number(row.low) + ' to ' + _number(row.high):>21}  "
              f"{'fitted   ' if row.fitted else 'predicted'} {verdict}")
    for fitted in (True, False):
        some = [row for row in rows if row.fitted == fitted and row.side == "both"]
        if some:
            print(f"{'fitted' if fitted else 'predicted'}: {sum(row.covered for row in some)} of "
                  f"{len(some)} covered by 90 % intervals, average relative difference "
                  f"{average_relative_difference(some):.1%}")
    bounds = [row for row in rows if row.side != "both"]
    if bounds:
        print(f"bounds: {sum(row.covered for row in bounds)} of {len(bounds)} kept")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10.0 else f"{value:.3g}"
