"""The sections `people`, `asylum` and `observers` of a baseline.

Their keys are the paths of `straits.tables.people_parameters.Param`, so that a key which the
documents admit is a number which the engine reads, and the other way round. Only what is needed
on the first day, or to spread a number over hours and seasons, is declared here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, create_model

from straits.scenario.closed import Closed
from straits.scenario.quantity import Numbers, Quantity, SeriesValue, numbers, quantity, series
from straits.tables.people_parameters import Param

__all__ = ["EXTRA", "AsylumDoc", "ObserversDoc", "PeopleDoc"]

_Leaf = tuple[Any, Any]
_HOURS: Final = numbers("h", length=24, low=0, high=1_000_000)
_CLAIMS: Final = quantity("people", low=0, high=100_000_000)

# What the engine does not read day by day.
EXTRA: Final[dict[str, tuple[Any, Any, str]]] = {
    "people.start.stock": (Quantity, quantity("people", low=0, high=100_000),
                           "people at the site on the first day of the history"),
    "people.attempts.season_peak": (Quantity, quantity("d", low=0, high=366),
                                    "day of the year on which attempts peak"),
    "people.exposure.calais": (Numbers, _HOURS,
                               "standing lorry-hours by UTC hour when no vehicles are simulated"),
    "people.exposure.coquelles": (Numbers, _HOURS, "the same at Coquelles"),
    "people.exposure.dunkirk": (Numbers, _HOURS, "the same at Dunkirk"),
    "asylum.uk.backlog_at_start": (Quantity, _CLAIMS,
                                   "claims that wait on the first day of the history"),
    "asylum.france.backlog_at_start": (Quantity, _CLAIMS, "the same in France"),
}  # fmt: skip


def _leaves() -> dict[str, _Leaf]:
    """Return the annotation and field of every key, by dotted path."""
    leaves: dict[str, _Leaf] = {}
    for param in Param:
        if param.kind == "series":
            kind: Any = Annotated[SeriesValue, series(param.unit, param.low, param.high)]
        else:
            kind = Annotated[Quantity, quantity(param.unit, param.low, param.high)]
        leaves[param.path] = (kind, Field(description=param.meaning))
    for path, (value, rule, meaning) in EXTRA.items():
        leaves[path] = (Annotated[value, rule], Field(description=meaning))
    return leaves


def _document(section: str) -> Any:
    """Return the closed model of one section, built from the leaves under it."""

    def build(prefix: str) -> Any:
        fields: dict[str, Any] = {}
        for path, leaf in leaves.items():
            if not path.startswith(prefix + "."):
                continue
            name, _, deeper = path[len(prefix) + 1 :].partition(".")
            if not deeper:
                fields[name] = leaf
            elif name not in fields:
                fields[name] = (build(f"{prefix}.{name}"), ...)
        title = "".join(part.title() for part in prefix.replace("_", ".").split("."))
        return create_model(f"{title}Doc", __base__=Closed, **fields)

    leaves = _leaves()
    return build(section)


if TYPE_CHECKING:

    class PeopleDoc(Closed):
        """The section `people`: who comes, what they choose, what the site offers."""

    class AsylumDoc(Closed):
        """The section `asylum`: one queue a state, its staff, decisions, returns."""

    class ObserversDoc(Closed):
        """The section `observers`: how the world's records see what happens."""

else:
    PeopleDoc = _document("people")
    AsylumDoc = _document("asylum")
    ObserversDoc = _document("observers")
