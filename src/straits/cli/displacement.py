"""`straits displacement`: where attempts and people go when one policy takes another's place."""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import Problem, UserError
from straits.cli.compare import Request, checked_study, loaded_study

if TYPE_CHECKING:
    from straits.analysis.displacement import Ledger
    from straits.ensemble.study import Study

__all__ = ["run_displacement"]

_LEAST: Final = 0.5  # people or attempts a row below which a line is left out

_FATES: Final = (
    "not in the model", "on the coast", "waiting in Calais for a UK decision",
    "in France: centre or asylum system", "protected in France",
    "in the UK: unseen or asylum system", "protected in the UK", "in the UK, out of view",
    "elsewhere", "returned", "dead",
)  # fmt: skip
_WAYS: Final = (
    "lorry at Calais", "lorry at Coquelles", "lorry at Dunkirk",
    "ticket at Calais", "ticket at Coquelles", "ticket at Dunkirk",
    "no lorry within reach at Calais", "no lorry within reach at Coquelles",
    "no lorry within reach at Dunkirk", "a train, on foot at the tunnel", "a boat",
)  # fmt: skip
_MODES: Final = (("a lorry", slice(0, 3)), ("a ticket", slice(3, 6)),
                 ("no lorry within reach", slice(6, 9)), ("a train", slice(9, 10)),
                 ("a boat", slice(10, 11)))  # fmt: skip
_NONE: Final = 2


def run_displacement(request: Request, against: str, policy: str) -> None:
    """Run the rows, check that every ledger balances, and print their means."""
    policy, against = policy.strip(), against.strip()
    problems = [Problem(option, "", "this is one policy or one combination", repr(name),
                        "a name, a file, or names joined by '+'")
                for option, name in (("--policy", policy), ("--against", against)) if "," in name]
    if problems:
        raise UserError(problems)
    if policy == against:
        raise UserError(Problem("--against", "", "a policy moves nothing against itself",
                                repr(against), "another policy than --policy"))
    study = loaded_study(checked_study(request))
    from straits.ensemble.executors import spread

    jobs = request.jobs or min(os.cpu_count() or 1, study.rows)
    begun = time.monotonic()
    if not are_compiled():
        print(COMPILING, file=sys.stderr, flush=True)
    tasks = [(study, against, policy, row) for row in range(study.rows)]
    found = []
    for one in spread(_row, tasks, jobs):
        found.append(one)
        print(f"{time.monotonic() - begun:5.0f} s  {len(found)} of {study.rows} rows",
              file=sys.stderr, flush=True)
    if request.as_json:
        print(json.dumps(_as_json(study, against, policy, found), indent=1))
    else:
        _show(study, against, policy, found)


def _row(task: tuple[Study, str, str, int]) -> Ledger:
    from straits.analysis.displacement import row_ledger

    return row_ledger(*task)


def _line(name: str, values: list[float], indent: str = "  ") -> str:
    mean = sum(values) / len(values)
    span = f"{min(values):,.0f} to {max(values):,.0f}" if len(values) > 1 else ""
    return f"{indent + name:<76}{mean:>10,.0f}  {span:>20}"


def _show(study: Study, against: str, policy: str, found: list[Ledger]) -> None:
    rows = f"{study.rows} rows, mean and lowest to highest" if study.rows > 1 else "1 row"
    print(f"{study.baseline}   {against} -> {policy}   {study.days} d   {rows}")
    print(f"\nATTEMPTS UNDER {against}, BY WHAT THEY BECOME UNDER {policy}")
    for way, name in enumerate(_WAYS):
        _block(name, [
            *((said, [float(one.attempts[booking, way, into].sum()) for one in found])
              for said, booking, into in _becomes(way)),
            *((f"not made, the person is {said}",
               [float(one.not_made[way, fate]) for one in found])
              for fate, said in enumerate(_FATES))])
    print(f"\nATTEMPTS UNDER {policy} THAT THE SAME PERSON DOES NOT MAKE UNDER {against}")
    for way, name in enumerate(_WAYS):
        _block(name, [(f"under {against} the person is {said}",
                       [float(one.added[fate, way]) for one in found])
                      for fate, said in enumerate(_FATES)])
    print("\nPEOPLE WHO ARE ON THE COAST AT ANY TIME, BY THEIR ATTEMPTS IN THE WINDOW")
    for which, name in enumerate((against, policy)):
        _block(f"under {name}", [
            (said, [float(one.tries[which, k]) for one in found])
            for k, said in enumerate(_bins())])
    print(f"\nPEOPLE, BY THEIR END UNDER {against} AND UNDER {policy}")
    _block("everybody under either", [
        ("the same end under both", [float(one.people.trace()) for one in found]),
        *((f"{said} -> {then}", [float(one.people[fate, other]) for one in found])
          for fate, said in enumerate(_FATES) for other, then in enumerate(_FATES)
          if fate != other)])
    for which, name in ((1, against), (0, policy)):  # harm beside what moved, however small
        print(_line(f"dead under {name}",
                    [float(one.people.sum(axis=which)[-1]) for one in found], ""))
    every = "all" if study.rows > 1 else "the"
    print("\nEvery attempt and person of both policies is booked once: the ledgers balance in "
          f"{every} {study.rows} row{'s' if study.rows > 1 else ''}.\n"
          "Attempts of a person are paired in their order: by way and day, by place and day, by "
          "way, by mode,\nthen at all. Who finds no lorry within reach stands in lines of their "
          "own, and in the distribution\nof attempts has made none. An end is where someone stands "
          "on the last day, not what follows from it.\nAttempts are events and never people.")


def _becomes(way: int) -> list[tuple[str, int, slice]]:
    """Return what an attempt of a way can become: words, booking, ways it is booked to."""
    from straits.analysis.displacement import MODE, Booking

    every = slice(None)
    other = [(f"{said}, another day or place", Booking.OTHER_MODE, into)
             for k, (said, into) in enumerate(_MODES) if k != MODE[way]]
    reach = "the same day and place, " + (
        "a lorry within reach" if MODE[way] == _NONE else "no lorry within reach")
    return [("the same day and way", Booking.SAME, every), (reach, Booking.REACH, every),
            ("the same way, another day", Booking.OTHER_DAY, every),
            ("another place", Booking.OTHER_PLACE, every), *other]


def _bins() -> list[str]:
    """Return the words for the bins of attempts."""
    from straits.analysis.displacement import BINS

    ends = [*(f"{low}" if low + 1 == high else f"{low} to {high - 1}"
              for low, high in pairwise(BINS)), f"{BINS[-1]} or more"]
    return [f"{end} attempt{'' if end == '1' else 's'}" for end in ends]


def _block(name: str, lines: list[tuple[str, list[float]]]) -> None:
    """Print a sum and its parts; parts too small for a line of their own are one line."""
    total = [sum(values) for values in zip(*(values for _, values in lines), strict=True)]
    if max(total) == 0.0:
        return
    print(_line(name, total, ""))
    rest = list(total)
    for said, values in lines:
        if sum(values) / len(values) >= _LEAST:
            print(_line(said, values))
            rest = [left - value for left, value in zip(rest, values, strict=True)]
    if any(rest):
        print(_line("all others", rest))


def _as_json(study: Study, against: str, policy: str, found: list[Ledger]) -> dict[str, Any]:
    from straits.analysis.displacement import BINS, Booking, Fate, Way

    ways, fates = [one.name.lower() for one in Way], [one.name.lower() for one in Fate]
    return {
        "baseline": study.baseline, "against": against, "policy": policy, "days": study.days,
        "seed": study.seed, "futures": study.futures, "ways": ways, "fates": fates,
        "bookings": [one.name.lower() for one in Booking][:-1], "attempts_from": list(BINS),
        "rows": [{
            "attempts": one.attempts.tolist(), "not_made": one.not_made.tolist(),
            "added": one.added.tolist(), "people": one.people.tolist(),
            "people_by_attempts": one.tries.tolist(),
        } for one in found],
    }  # fmt: skip
