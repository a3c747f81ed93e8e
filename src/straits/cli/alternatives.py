"""`straits calibrate --alternatives`: which forms of the fit the record can do without."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import Problem, UserError
from straits.cli.calibrate import Calibration, outside, without_meaning

if TYPE_CHECKING:
    from straits.analysis.fit_alternatives import Answer

__all__ = ["run_alternatives"]

_WORST: Final = 3  # series named for each alternative
_LEAST: Final = 0.05  # squared errors below which a series fits no worse


def run_alternatives(request: Calibration, as_json: bool) -> None:
    """Ask the record about every alternative to the pooled fit, and print what it says."""
    from straits.analysis.calibrate import fit_of
    from straits.analysis.fit_alternatives import alternatives

    jobs = (os.cpu_count() or 1) if request.jobs is None else request.jobs
    problems = outside({"--jobs": jobs})
    problems += without_meaning(request, "--alternatives, which takes the pooled fit as it stands")
    if request.seed != Calibration(request.baseline).seed:
        problems.append(Problem("--seed", "", "has no meaning with --alternatives: nothing is "
                                "drawn", str(request.seed)))
    if problems:
        raise UserError(problems)
    begun = time.monotonic()
    if not are_compiled():
        print(COMPILING, file=sys.stderr, flush=True)
    fit = fit_of(request.baseline, "pooled")
    full, found = alternatives(fit, jobs, lambda name: print(
        f"{time.monotonic() - begun:5.0f} s  {name}", file=sys.stderr, flush=True))
    told = _told(request.baseline, int(fit.used.sum()), full, found)
    if as_json:
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        _print(told)


def _told(baseline: str, rows: int, full: Answer, found: list[Answer]) -> dict[str, Any]:
    """Return what is printed, as names and plain numbers."""
    from straits.analysis.fit_alternatives import NOT_ASKED, weight_words
    from straits.base.version import MODEL

    out = []
    for one in found:
        form = one.alternative
        assert form is not None
        weight = one.log_evidence - full.log_evidence
        worse = [{"series": name, "difference": value}
                 for name, value in one.worse_than(full)[:_WORST] if value >= _LEAST]
        out.append({
            "name": form.name, "says": form.says, "held": dict(form.held),
            "numbers_held": form.count, "misfit": one.misfit,
            "difference": one.misfit - full.misfit, "log_bayes_factor": weight,
            "words": weight_words(weight), "worse": worse,
        })  # fmt: skip
    return {"baseline": baseline, "model": MODEL, "rows": rows,
            "misfit": full.misfit, "log_evidence": full.log_evidence, "alternatives": out,
            "not_asked": dict(NOT_ASKED)}  # fmt: skip


def _print(told: dict[str, Any]) -> None:
    print(f"{'form':<22}{'held':>5}{'misfit':>9}{'more by':>9}{'ln Bayes':>10}  "
          f"{'what the record says':<24}worse by most")
    print(f"{'the fit as it is':<22}{0:>5}{told['misfit']:>9.1f}")
    for one in told["alternatives"]:
        worse = ", ".join(f"{each['series'].replace('_', ' ')} {each['difference']:+.1f}"
                          for each in one["worse"])
        print(f"{one['name']:<22}{one['numbers_held']:>5}{one['misfit']:>9.1f}"
              f"{one['difference']:>+9.1f}{one['log_bayes_factor']:>+10.1f}  "
              f"{one['words']:<24}{worse or 'none'}")
    print()
    for one in told["alternatives"]:
        print(f"{one['name']:<22}{one['says']}")
    print(f"\nMisfit: squared residuals of {told['rows']} rows and of priors at the mode of the "
          "expected-value form. ln Bayes: logarithm of the record's\nprobability under the form "
          "over that under the fit as it is, by Laplace's approximation; beyond 1, 3 and 5 it is "
          "called positive,\nstrong and very strong. Held: numbers that are not free, or tied to "
          "another.\nNot asked:")
    for question, why in told["not_asked"].items():
        print(f"  {question}: {why}")
