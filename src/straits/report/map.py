"""Maps of the Strait: who waits where, under the status quo and under one policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, log10, radians, sin, sqrt
from typing import Final

from straits.analysis.comparison import Comparison, PolicyInfo
from straits.data.read import coastline
from straits.report.markup import Table, esc, path_of, px, show_table
from straits.report.text import level, short_name

__all__ = ["carried", "crossing_name", "maps", "site_name", "where_checks_stand"]

WIDTH: Final = 520.0
HEIGHT: Final = 292.0
WEST: Final = 0.80
NORTH: Final = 51.32
SHRINK: Final = cos(radians(51.0))
DEGREE: Final = WIDTH / ((2.50 - WEST) * SHRINK)  # pixels a degree of latitude
KM: Final = DEGREE / 111.2
# The largest disc, and the largest factor when queues are small [px].
LARGEST: Final = 20.0
FACTOR: Final = 3.2
# A mean delay so many times the middle one means that a queue never cleared in some row.
CARRIED: Final = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """A terminal on the map.

    Attributes
    ----------
    name : str
    lon, lat : float
        Degrees, WGS84.
    angle : float
        Way from the terminal to the centre of its disc, seawards [degrees, north is -90].
    dx, dy : float
        From the terminal to its label, in the sea [px].
    anchor : str
        Class of the label's anchor: s start, e end, m middle.
    """

    name: str
    lon: float
    lat: float
    angle: float
    dx: float
    dy: float
    anchor: str


PLACES: Final[Mapping[str, Place]] = {
    "dover": Place("Dover", 1.335, 51.124, -38.0, 40.0, -36.0, "s"),
    "folkestone": Place("Folkestone", 1.130, 51.096, 96.0, -14.0, 46.0, "s"),
    "calais": Place("Calais", 1.868, 50.970, -72.0, 23.0, -34.0, "s"),
    "coquelles": Place("Coquelles", 1.805, 50.932, -160.0, -64.0, 17.0, "e"),
    "dunkirk": Place("Dunkirk", 2.195, 51.024, -90.0, -6.0, -50.0, "s"),
}
# Ferries curve gently, Dunkirk's to the north; the tunnel is straight.
LINES: Final = (
    ("dover", "calais", "ferry", -6.0),
    ("dover", "dunkirk", "ferry", -22.0),
    ("folkestone", "coquelles", "tunnel", 0.0),
)


def site_name(site: str) -> str:
    """Return a site's name for readers."""
    return PLACES[site].name if site in PLACES else site.replace("-", " ").capitalize()


def crossing_name(crossing: str) -> str:
    """Return a crossing's name for readers: Dover–Calais."""
    sites = crossing.split("-")
    if len(sites) == 2 and all(site in PLACES for site in sites):
        return "–".join(PLACES[site].name for site in sites)
    return crossing


def _project(lon: float, lat: float) -> tuple[float, float]:
    """Return the place of a point, equirectangular at 51 degrees north [px]."""
    return (lon - WEST) * SHRINK * DEGREE, (NORTH - lat) * DEGREE


def _ring(ring: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Return a ring in pixels, without points nearer than what a screen can show."""
    points: list[tuple[float, float]] = []
    for lon, lat in ring:
        x, y = _project(lon, lat)
        x, y = min(max(x, -40.0), WIDTH + 40.0), min(max(y, -40.0), HEIGHT + 40.0)
        if not points or hypot(x - points[-1][0], y - points[-1][1]) >= 0.7:
            points.append((x, y))
    return points


def _coast() -> str:
    """Return the land as one path, to be drawn by every map of the page."""
    paths = []
    for feature in coastline()["features"]:
        shape = feature["geometry"]
        polygons = (shape["coordinates"] if shape["type"] == "MultiPolygon"
                    else [shape["coordinates"]])
        for polygon in polygons:
            points = _ring(polygon[0])
            inside = any(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
            if inside and len(points) >= 4:
                paths.append(path_of(points, close=True))
    return (f'<svg width="0" height="0" class="defs" aria-hidden="true"><defs>'
            f'<path id="coast" d="{"".join(paths)}"/></defs></svg>')


def _crossing(start: Place, end: Place, kind: str, bow: float) -> str:
    (x1, y1), (x2, y2) = _project(start.lon, start.lat), _project(end.lon, end.lat)
    return (f'<path class="{kind}" d="M{px(x1)} {px(y1)}Q{px((x1 + x2) / 2)} '
            f'{px((y1 + y2) / 2 + 2 * bow)} {px(x2)} {px(y2)}"/>')


def _disc(place: Place, count: float, factor: float, subject: bool) -> str:
    """Draw a terminal: its dot, its disc seawards of it, its label in the sea."""
    x, y = _project(place.lon, place.lat)
    radius = factor * sqrt(max(count, 0.0))
    turn = radians(place.angle)
    cx, cy = x + radius * cos(turn), y + radius * sin(turn)
    tx, ty = x + place.dx, y + place.dy
    gap = hypot(tx - cx, ty - cy)
    reach = min(radius + 1.0, gap)
    # The leader ends beside the label's first line.
    ex = tx + (4 if place.anchor == "e" else -4) if place.anchor != "m" else tx
    lx, ly = cx + (ex - cx) / gap * reach, cy + (ty - 4 - cy) / gap * reach
    return (
        f'<circle class="disc{" subj" if subject else ""}" cx="{px(cx)}" cy="{px(cy)}" '
        f'r="{px(radius)}"/>'
        f'<line class="leader" x1="{px(lx)}" y1="{px(ly)}" x2="{px(ex)}" y2="{px(ty - 4)}"/>'
        f'<circle class="spot" cx="{px(x)}" cy="{px(y)}" r="1.8"/>'
        f'<text class="lab {place.anchor}" x="{px(tx)}" y="{px(ty)}">'
        f'<tspan class="nm">{esc(place.name)}</tspan>'
        f'<tspan x="{px(tx)}" dy="1.15em">{esc(level(count))}</tspan></text>'
    )


def _drawing(waiting: Mapping[str, float], factor: float, subject: str, title: str) -> str:
    """Draw one map."""
    known = {site: count for site, count in waiting.items() if site in PLACES}
    lines = "".join(_crossing(PLACES[a], PLACES[b], kind, bow) for a, b, kind, bow in LINES
                    if a in known and b in known)
    # The largest first, so that a small disc is never under a large one.
    discs = "".join(_disc(PLACES[site], count, factor, site == subject)
                    for site, count in sorted(known.items(), key=lambda item: -item[1]))
    bar = 10 * KM
    said = ", ".join(f"{site_name(s)} {level(n)}" for s, n in known.items())
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" '
        f'aria-label="{esc(title)}: vehicles waiting, {esc(said)}">'
        f'<rect class="sea" width="{WIDTH:.0f}" height="{HEIGHT:.0f}"/>'
        f'<use href="#coast" class="land"/>'
        f'<text class="ctry m" x="76" y="44">UNITED KINGDOM</text>'
        f'<text class="ctry m" x="420" y="242">FRANCE</text>'
        f'<text class="strait m" x="190" y="246">Strait of Dover</text>'
        f'<text class="strait m" x="190" y="262" lang="fr">Pas de Calais</text>'
        f"{lines}{discs}"
        f'<path class="bar" d="M12 277v4h{px(bar)}v-4"/>'
        f'<text class="s note" x="{px(18 + bar)}" y="282">10 km</text></svg>'
    )


def _joined(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]


def where_checks_stand(comparison: Comparison, policy: str) -> str:
    """Return in words where each state's entry check stands, before or after the sea.

    A site counts as checking when a fiftieth of the checks of that direction are made there;
    the rest are vehicles that were already past it when a control moved.
    """
    rows = [r for r in comparison.stations if r["policy"] == policy and r["class"] == "all"]
    leaves = {(r["direction"], r["site"]) for r in rows if r["kind"] == "departure"}
    parts = []
    for direction, state in (("to_uk", "UK entry check"), ("to_fr", "French entry check")):
        visits: dict[str, float] = {}
        for row in rows:
            if row["kind"] == "entry" and row["direction"] == direction:
                site = str(row["site"])
                visits[site] = visits.get(site, 0.0) + float(str(row["visits"]))
        total = sum(visits.values())
        here = [s for s, n in visits.items() if n >= total / 50 and total > 0]
        before = [site_name(s) for s in here if (direction, s) in leaves]
        after = [site_name(s) for s in here if (direction, s) not in leaves]
        said = [f"{when} the sea at {_joined(names)}"
                for when, names in (("before", before), ("after", after)) if names]
        if said:
            parts.append(f"{state} {', '.join(said)}")
    return "; ".join(parts) + "." if parts else "No entry check was simulated."


def carried(comparison: Comparison) -> str:
    """Return a warning where a few rows carry the means: a queue that never clears in them."""
    named = [short_name(p, 24) for p in comparison.policies
             if any(e.value_high > CARRIED * max(e.value, 1.0)
                    for m in comparison.measures.values() if m.unit == "min, mean"
                    for e in [comparison.effects[(p.policy, m.name)]])]
    if not named:
        return ""
    return (f'<p class="note">In some rows a queue grows without clearing under '
            f"{esc(_joined(named))}: what is drawn is the middle row, which does not show "
            f"them. The scorecard’s intervals do.</p>")


def _largest_change(there: Mapping[str, float], here: Mapping[str, float]) -> str:
    """Return the site whose queue differs most, as a sentence."""
    if not here:
        return ""
    site = max(here, key=lambda s: abs(here[s] - there.get(s, 0.0)))
    now, then = here[site], there.get(site, 0.0)
    if abs(now - then) < 1.0:
        return "No site differs by a vehicle or more."
    return (f"The largest difference is at {site_name(site)}: {level(now)} vehicles "
            f"instead of {level(then)}.")


def _sizes(largest: float) -> tuple[int, int]:
    """Return two round counts for the key of areas, the larger not beyond the largest disc."""
    power = 10 ** max(int(log10(max(largest, 1.0))), 0)
    upper = max(k * power for k in (1, 2, 5) if k * power <= max(largest, 1.0))
    return max(upper // 5, 1), max(upper, 2)


def maps(comparison: Comparison, subject: PolicyInfo | None) -> tuple[str, str]:
    """Return the sentence and the pair of maps, at one scale."""
    first = comparison.policies[0]
    shown = [first] if subject is None else [first, subject]
    waiting = comparison.waiting_at_sites
    largest = max([1.0, *(n for p in shown for n in waiting[p.policy].values())])
    factor = min(FACTOR, LARGEST / sqrt(largest))
    site = ""
    lead = ""
    if subject is not None:
        there, here = waiting[first.policy], waiting[subject.policy]
        lead = _largest_change(there, here)
        site = max(here, key=lambda s: abs(here[s] - there.get(s, 0.0))) if here else ""
    drawings = "".join(
        f'<figure class="mapbox"><figcaption><b>{esc(p.title)}</b>'
        f"<span>{esc(where_checks_stand(comparison, p.policy))}</span></figcaption>"
        f"{_drawing(waiting[p.policy], factor, site, p.title)}</figure>"
        for p in shown)
    sites = list(waiting[first.policy])
    content = Table(
        "Vehicles waiting for a check, mean of Fridays 17:00 to 19:00 UTC",
        ("Policy", *(site_name(s) for s in sites)),
        [(p.title, *(level(waiting[p.policy].get(s, 0.0)) for s in sites))
         for p in comparison.policies])
    sizes = _sizes(largest)
    discs = "".join(
        f'<span><svg class="wh" width="{px(2 * r + 2)}" height="{px(2 * r + 2)}" '
        f'aria-hidden="true"><circle class="disc" cx="{px(r + 1)}" cy="{px(r + 1)}" r="{px(r)}"/>'
        f"</svg> {n:,} vehicle{'' if n == 1 else 's'}</span>"
        for n in sizes for r in [factor * sqrt(n)])
    note = (f'<p class="key"><span>Area of the disc: vehicles waiting for a check, middle of '
            f"{comparison.rows} row{'s' if comparison.rows > 1 else ''}; their spread is not "
            f"drawn here.</span>{discs}"
            f"<span>Solid: ferry. Dotted: tunnel. Lines show a crossing, not a ship’s track."
            f"</span></p>")
    return lead, (f'{_coast()}<div class="maps">{drawings}</div>{note}'
                  f"{carried(comparison)}{show_table(content)}")
