"""Straits beside other tools on one model: ``python -m benchmarks.peers --model B --pairs 3``.

Every tool runs in a process of its own, in turn with Straits (A B A B ...), on one thread; what is
compared is CPU seconds per visit (one vehicle at one station) over the same days. Straits draws its
own demand and takes every measure of a summary; a rival is given its arrival trace ready made and
sums waits and blocking. A run of Straits takes a fraction of a second where SimPy takes twenty, so
it is repeated in its process and the median taken: one interruption would else double it.

Prints one JSON line a run, whether the tools' means agree, and one line a rival: ``SimPy 366x``.
A rival that is not installed, or does not run on this interpreter, is skipped and says so;
``--python`` names another interpreter that has the rivals.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.model import MODELS, STATIONS, peak_mb

NOT_HERE = 3  # exit code of a run whose package is missing
ERRORS = 4.5  # standard errors by which means may differ
SLACK = 0.01  # and as a share: moves take one tick here, and Ciw changes shifts in its own way
ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Rival:
    """A tool: its name, its package, the most days it is given by model, the bar by model."""

    name: str
    package: str
    days: dict[str, int]
    bar: dict[str, str]


RIVALS = {
    "simpy": Rival("SimPy", "simpy", {}, {"A": ">= 500x", "B": ">= 140x"}),
    "ciw": Rival("Ciw", "ciw", {"A": 7, "B": 7}, {"A": ">= 1500x", "B": ">= 300x"}),
    # Model B blocks on its fifth day first.
    "salabim": Rival("salabim", "salabim", {"A": 2, "B": 5}, {}),
    "cimba": Rival("Cimba (Python)", "cimba", {}, {
        "A": ">= 18x for its C library", "B": ">= 4x for its C library"}),
}


def _measure(python: str, *arguments: str) -> dict[str, object]:
    """Run one tool in a process of its own; what it prints, or why it did not run."""
    done = subprocess.run([python, "-m", "benchmarks.peers", *arguments], check=False,
                          capture_output=True, text=True, env={**os.environ, **ONE_THREAD})
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return {"why": said if done.returncode == NOT_HERE else f"does not run here: {said}"}
    return json.loads(done.stdout.strip().splitlines()[-1])


def _alone(tool: str, name: str, days: int) -> int:
    """Run one tool in this process and print its JSON line."""
    if tool == "spread":
        from benchmarks import ours

        print(json.dumps(ours.spread(MODELS[name], days)))
        return 0
    try:
        module = importlib.import_module("benchmarks.ours" if tool == "straits"
                                         else f"benchmarks.peer_{tool}")
    except ImportError as error:
        print(f"not installed: {error}", file=sys.stderr)
        return NOT_HERE
    run = getattr(module, "run_tool" if tool == "straits" else "run")
    before = peak_mb()
    found = run(MODELS[name], days)
    line = {"tool": tool, "version": found.pop("version"), "model": name, "days": days, **found}
    line["ns_per_visit"] = round(line["cpu_s"] / line["visits"] * 1e9, 2)
    line["rss_mb"] = round(peak_mb(), 1)
    line["imported_mb"] = round(before, 1)
    print(json.dumps(line))
    return 0


def disagreements(found: dict[str, object], spread: dict[str, object]) -> list[str]:
    """Return where a tool's mean waits and blocking differ from Straits' by more than chance.

    The tool's one run is held against the mean of Straits' rows, whose standard deviation is that
    of one run: days, trace and services all differ between rows, as between the tools.
    """
    out = []
    for what in ("waits_s", "blocked_s"):
        for station in STATIONS:
            mean, sd = spread[what][station]
            error = sd * (1.0 + 1.0 / spread["rows"]) ** 0.5
            far = abs(found[what][station] - mean)
            if far > ERRORS * error + SLACK * mean:
                out.append(f"{what} at {station}: {found[what][station]:.4f} against {mean:.4f} "
                           f"+- {error:.4f}")
    return out


def _against(tool: str, asked: argparse.Namespace) -> tuple[str, bool]:
    """Run a rival and Straits in turn; return the line that sums it up, and whether all is well."""
    rival = RIVALS[tool]
    days = min(asked.days, rival.days.get(asked.model, asked.days))
    task = ("--model", asked.model, "--days", str(days), "--only")
    ratios, wrong, version = [], [], ""
    spread = None
    for _ in range(asked.pairs):
        theirs = _measure(asked.python, *task, tool)
        if "why" in theirs:
            return f"{rival.name} skipped: package {rival.package}: {theirs['why']}", True
        ours = _measure(sys.executable, *task, "straits")
        if "why" in ours:
            raise SystemExit(f"straits {ours['why']}")
        print(json.dumps(ours), json.dumps(theirs), sep="\n", flush=True)
        spread = spread or _measure(sys.executable, *task, "spread")
        wrong += disagreements(theirs, spread)
        ratios.append(theirs["ns_per_visit"] / ours["ns_per_visit"])
        version = theirs["version"]
    for text in dict.fromkeys(wrong):
        print(f"{rival.name} does not agree: {text}")
    bar = rival.bar.get(asked.model)
    low, middle, high = (f"{x:.1f}" if x < 10.0 else f"{x:.0f}" for x in (
        min(ratios), statistics.median(ratios), max(ratios)))
    return (f"{rival.name} {middle}x   ({low} to {high} in {asked.pairs} pairs of {days} d, "
            f"version {version})"
            + (f"   bar: {bar}" if bar else "")
            + ("" if wrong else f"   means agree within {ERRORS} standard errors + {SLACK:.0%}"),
            not wrong)


def main() -> None:
    """Run the tools in turn and print how many times slower the rivals are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="A", choices=sorted(MODELS))
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--rivals", default="simpy,ciw")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the rivals")
    parser.add_argument("--only", choices=["straits", "spread", *RIVALS])
    asked = parser.parse_args()
    if asked.only:
        sys.exit(_alone(asked.only, asked.model, asked.days))
    rivals = [name for name in asked.rivals.split(",") if name]
    unknown = sorted(set(rivals) - set(RIVALS))
    if unknown:
        parser.error(f"no rival {', '.join(unknown)}; there are {', '.join(RIVALS)}")
    done = [_against(name, asked) for name in rivals]
    print("\n".join(line for line, _ in done))
    memory = _measure(sys.executable, "--model", asked.model, "--days", str(asked.days),
                      "--only", "straits")
    inside = memory["memory_b_per_vehicle"]
    print(f"Straits: {inside:.0f} B of peak memory a vehicle of its largest slice, everything "
          f"included; {memory['rss_mb']:.0f} MB in all")
    sys.exit(0 if all(fine for _, fine in done) else 1)


if __name__ == "__main__":
    main()
