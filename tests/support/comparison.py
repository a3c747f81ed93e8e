"""A comparison made by hand, so that pages and terminals can be tested without a simulation."""

from __future__ import annotations

from dataclasses import replace
from math import sin

from straits.analysis.comparison import (
    Comparison,
    Effect,
    Incidence,
    PolicyInfo,
    QueueChart,
    StockBand,
    Verdict,
)
from straits.results.measures import MEASURES

HOSTILE = '<script>alert("x")</script> & "quoted" \'single\' </title>'
SITES = ("calais", "coquelles", "dunkirk", "dover", "folkestone")
POLICIES = (
    ("status-quo", "Status quo"), ("joint-statement", "Joint statement of 30 August 2016"),
    ("end-le-touquet", "End the treaty of Le Touquet (sea ports)"),
    ("end-both-treaties", "End both arrangements (sea ports and tunnel)"),
    ("uk-centre", "A UK centre for asylum claims from Calais"),
    ("uk-claims-from-calais", "UK asylum claims lodged in Calais"),
    ("new-treaty", "A new treaty with stronger controls"),
    ("close-camp", "Close the camp, with dispersal"),
)
WHO = (("UK", "public_cost_uk"), ("France", "public_cost_fr"), ("Kent", "kent_delay_hours"),
       ("Calais", "without_shelter"), ("hauliers", "lorry_delay_to_uk"),
       ("hauliers", "lorry_delay_to_fr"), ("travellers", "car_delay_to_uk"),
       ("travellers", "car_delay_to_fr"), ("people at the site", "deaths"),
       ("people at the site", "without_decision"))
VERDICTS: tuple[Verdict, ...] = ("clear", "unclear", "none")


def policy_info(policy: str, title: str, **changes: object) -> PolicyInfo:
    info = PolicyInfo(
        policy=policy, title=title, role="French candidates and local authorities",
        says="The first thing it assumes.\n\nThe second thing, with a range.", source="The press",
        maintains_arrangements=policy != "end-le-touquet", no_effect_yet=False, shares_runs=False,
        in_force="2016-08-30")
    return replace(info, **changes)  # type: ignore[arg-type]


def effect(policy: str, measure: str, k: int, first: bool) -> Effect:
    """Return an effect whose verdict goes round with `k`; large and small numbers alternate."""
    size = (0.004, 12.5, 1_234_567.0, 380.0)[k % 4]
    verdict: Verdict = "none" if first else VERDICTS[k % 3]
    sign = -1.0 if k % 2 else 1.0
    ends = {"none": (0.0, 0.0, 0.0), "clear": (0.4, 0.5, 0.7), "unclear": (-0.3, 0.1, 0.4)}[verdict]
    low, middle, high = sorted(sign * size * end for end in ends)
    return Effect(policy, measure, size * 2, size, size * 3, middle, low, high,
                  (low + middle) / 2, (high + middle) / 2, verdict)


def station(policy: str, name: str, site: str, direction: str, kind: str, visits: float
            ) -> list[dict[str, object]]:
    here: dict[str, object] = {"policy": policy, "rows": 3, "station": name, "site": site,
                               "direction": direction, "kind": kind}
    return [
        {**here, "class": "car", "visits": visits, "wait_mean_min": 1.2, "wait_p50_min": 0.4,
         "wait_p90_min": 3.0, "wait_p95_min": 5.0, "wait_max_min": 61.0, "delay_h": visits / 50},
        {**here, "class": "all", "visits": visits, "utilisation": 0.61, "still_waiting": 2.0,
         "oldest_waiting_min": 3.0, "queue_mean_veh": 4.0, "queue_mean_m": 24.0,
         "queue_longest_veh": 81.0},
    ]


def stations(policy: str, moved: bool) -> list[dict[str, object]]:
    entry = "dover" if moved else "calais"
    return [
        *station(policy, "dover-calais-to-uk", "calais", "to_uk", "departure", 1000.0),
        *station(policy, "dover-calais-to-fr", "dover", "to_fr", "departure", 1000.0),
        *station(policy, f"uk-entry-{entry}", entry, "to_uk", "entry", 1000.0),
        *station(policy, "fr-entry", "calais" if moved else "dover", "to_fr", "entry", 900.0),
    ]


def queue(policy: str, name: str, label: str, site: str, height: float) -> QueueChart:
    week = tuple(height * (1.0 + sin(q / 15.0)) for q in range(672))
    return QueueChart(policy, name, label, site, "to_uk", "entry", week)


def comparison(days: int = 365, **changes: object) -> Comparison:
    """Return a comparison of eight policies with every verdict, size and kind of row."""
    infos = tuple(policy_info(*row) for row in POLICIES)
    effects = {
        (p.policy, name): effect(p.policy, name, k + j, first=not k)
        for k, p in enumerate(infos) for j, name in enumerate(MEASURES)
    }
    moved = "end-le-touquet"
    queues = [queue(p.policy, "uk-entry-calais", "UK entry check at Calais, cars", "calais", 8.0)
              for p in infos if p.policy != moved]
    queues.append(queue(moved, "uk-entry-dover",
                        "UK entry check at Dover, cars, moved from Dunkirk", "dover", 800.0))
    return replace(Comparison(
        baseline="calais-2016", title="The Short Straits on 30 August 2016",
        decision_day="2016-08-30", days=days, rows=3, seed=1, timing="immediate", futures="priors",
        uncertainty="",
        model=1, version="0.1.0", study="69201a7e", table_hash="74e16043b68150bc83f78ab527433b90",
        interval="lowest to highest of 3 rows", source_of_spread="assumptions and chance",
        policies=infos, measures=MEASURES, effects=effects,
        incidence=tuple(Incidence(p.policy, who, name, effects[(p.policy, name)])
                        for p in infos[1:] for who, name in WHO),
        stations=tuple(r for p in infos for r in stations(p.policy, p.policy == moved)),
        queues=tuple(queues),
        stock=tuple(StockBand(
            p.policy, *(tuple(9000.0 + k * d + 300 * side for d in range(days))
                        for side in (-1, 0, 1))) for k, p in enumerate(infos)),
        waiting_at_sites={p.policy: {s: 4.0 + 30.0 * (p.policy == moved and s == "dover") + j
                                     for j, s in enumerate(SITES)} for p in infos},
        assumptions=(
            {"path": "crossings.dover-calais.crossing_time", "value": 5400.0, "unit": "s",
             "low": 5100.0, "high": 5700.0, "tolerance": None, "assumed": "", "grade": "",
             "source": ("ferry.crossing.dover_calais",), "where": "a.yaml:1:1"},
            {"path": "demand.groups.x.weekday", "value": (1.0, 0.9, 1.1), "unit": "1",
             "low": None, "high": None, "tolerance": 0.08, "source": (), "grade": "D",
             "assumed": "the port says so", "where": "a.yaml:2:1"},
        ),
        departed=({"crossing": "dover-calais", "direction": "to_uk", "class": "car",
                   "departed": 59_178.3, "inside_at_end": 75.0, "expected": 59_263.6,
                   "year_figure": 721_389.8},),
        headline="End the treaty of Le Touquet (sea ports): longer waits in Kent",
        paragraph="End the treaty of Le Touquet (sea ports). Lorries bound for the UK: about 5.7 "
                  "min more of delay. Cannot be said: deaths.",
        notes=("Policies are simulated in force on the decision day.", "Not a forecast."),
    ), **changes)  # type: ignore[arg-type]
