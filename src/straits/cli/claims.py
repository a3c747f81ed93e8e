"""`straits claims`: a card for each statement, from the store where its runs are there."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from straits.base.compiled import COMPILING, are_compiled
from straits.base.errors import UserError
from straits.cli.asked import (
    QUICK,
    USUAL,
    Progress,
    RunOptions,
    asked_of,
    interrupted,
    keep,
    store_of,
)

if TYPE_CHECKING:
    from straits.analysis.claims import Asked, Ran
    from straits.analysis.statements import BoundStatement
    from straits.scenario import Statement

__all__ = ["ClaimsRequest", "run_claims_command"]


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """Statements by name or file, all that ship where none is named; and their runs."""

    claims: tuple[str, ...]
    options: RunOptions


def _statements(request: ClaimsRequest) -> list[Statement]:
    """Return the statements that are named, or all that ship; every unknown name at once."""
    from straits.scenario import load_statement
    from straits.scenario.library import find, names

    found, problems = [], []
    for name in dict.fromkeys(request.claims or names("statement")):
        try:
            found.append(load_statement(find(name, "statement", where="--claim")))
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(problems)
    return found


def run_claims_command(request: ClaimsRequest) -> None:
    """Run `straits claims`."""
    options = request.options
    asked, statements = asked_of(options, QUICK if options.quick else USUAL), _statements(request)
    from straits.analysis.claims import bind_all, run_claims

    bound = bind_all(statements, asked.study)
    store, progress = store_of(options), Progress()
    _announce(progress, bound, asked)
    if any(one.tests for one in bound) and not are_compiled():
        progress.say(COMPILING)
    try:
        ran = run_claims(bound, asked, store, options.processes, progress.watch)
    except KeyboardInterrupt as stop:
        raise interrupted(progress, store) from stop
    _finish(request, asked, ran)


def _announce(progress: Progress, bound: list[BoundStatement], asked: Asked) -> None:
    from straits.analysis.cards import needs_vehicles

    tested = [one for one in bound if one.tests]
    vehicles = sum(map(needs_vehicles, tested))
    parts = [f"{asked.study.baseline}   {len(bound)} statement{'s' if len(bound) > 1 else ''}"]
    if len(tested) > vehicles:
        parts.append(f"{len(tested) - vehicles} by people beside recorded traffic, "
                     f"{asked.futures:,} futures x {asked.replications}")
    if vehicles:
        parts.append(f"{vehicles} with simulated vehicles, {asked.simulated:,} futures")
    progress.say("   ".join(parts))


def _finish(request: ClaimsRequest, asked: Asked, ran: Ran) -> None:
    """Write the cards and the tables of runs, and print the cards."""
    from straits.base.version import MODEL, __version__
    from straits.report.claims import card_json, render_cards
    from straits.report.claims_page import render_claims_page
    from straits.report.terminal import Style

    options, baseline = request.options, ran.cards[0].bound.baseline.id
    data = {
        "baseline": baseline, "version": __version__, "model": MODEL, "seed": options.seed,
        "futures": asked.study.futures, "cards": [card_json(card) for card in ran.cards],
    }  # fmt: skip
    text = json.dumps(data, indent=1, ensure_ascii=False)
    page = render_claims_page(ran.cards, ran.cards[0].bound.baseline.doc.title,
                              _command(request, asked), __version__)
    folder = options.out or Path("runs") / f"claims-{baseline}"
    keep(folder, {"cards.json": text, "claims.html": page},
         {f"runs-{table.traffic}-{table.study.days}d.parquet": table for table in ran.tables})
    if options.as_json:
        print(text)
        return
    print(render_cards(ran.cards, Style.of(sys.stdout)))
    print(f"\nreport  {folder / 'claims.html'}")


def _command(request: ClaimsRequest, asked: Asked) -> str:
    """Return the command that gives the same cards again."""
    options = request.options
    named = "".join(f" \\\n    --claim {shlex.quote(name)}" for name in request.claims)
    drawn = f" --uncertainty {shlex.quote(options.uncertainty)}" if options.uncertainty else ""
    return (f"straits claims {shlex.quote(options.baseline)} --future-count {asked.futures} "
            f"--replications {asked.replications} \\\n    --simulated {asked.simulated} "
            f"--recorded {asked.recorded} --seed {options.seed} --futures {asked.study.futures}"
            f"{drawn} --timing {options.timing}{named}")
