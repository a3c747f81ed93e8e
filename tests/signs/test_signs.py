"""What a policy must do whatever the numbers: the signs that nobody in the debate disputes.

Every test runs the real border of August 2016 under fixed futures, row by row under the same luck.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from straits.base.clock import DAY_TICKS
from straits.engine.population import simulate_people
from straits.ensemble.study import plan_task, simulate
from straits.results.measures import measure_values
from straits.results.summary import Summary
from straits.tables.people import TRAIN, Event
from straits.tables.vehicles import VehiclePlan
from support.border import KEY, Ran, checkpoint, planned, run, study, write_policy

DAYS = 14
ROWS = 2
TREATY = "end-le-touquet"
BOTH = "end-both-treaties"


@cache
def total(policy: str, days: int = DAYS, rows: int = ROWS) -> tuple[Summary, ...]:
    """Return the summaries of a policy, one a row."""
    names = () if policy == "status-quo" else (policy,)
    plan = study(*names, days=days, rows=rows)
    return tuple(simulate(plan, policy, row) for row in range(rows))


def counted(summaries: tuple[Summary, ...], *kinds: Event) -> int:
    """Return how often these events happened, over all rows."""
    return sum(int(s.values["events"][:, k].sum()) for s in summaries for k in kinds)


def values(policy: str, measure: str, days: int = DAYS) -> np.ndarray:
    """Return a measure by row."""
    names = () if policy == "status-quo" else (policy,)
    plan = study(*names, days=days, rows=ROWS)
    return np.array([
        measure_values(s, plan_task(plan, policy, row).legend, days)[measure]
        for row, s in enumerate(total(policy, days))
    ])


def handled(summaries: tuple[Summary, ...], policy: str) -> dict[str, int]:
    """Return visits by station, over all rows."""
    names = planned(policy, DAYS).vehicles.station_names
    counts = sum(s.values["handled"].sum(axis=1) for s in summaries)
    return dict(zip(names, counts.tolist(), strict=True))


# ---------------------------------------------------------------- treaties and soil


def test_ending_le_touquet_moves_both_states_port_controls() -> None:
    kept, ended = (handled(total(p), p) for p in ("status-quo", TREATY))
    moved = {
        "uk-entry-calais-tourist": "dover-uk-entry-tourist",
        "uk-entry-calais-coach": "dover-uk-entry-coach",
        "uk-entry-calais-freight": "dover-uk-entry-freight",
        "uk-entry-dunkirk-freight": "dover-uk-entry-freight",
        "uk-search-calais": "dover-uk-search",
        "uk-search-dunkirk": "dover-uk-search",
        "fr-entry-dover-tourist": "calais-fr-entry-tourist",
        "fr-entry-dover-coach": "calais-fr-entry-coach",
        "fr-entry-dover-freight": "dunkirk-fr-entry-freight",
    }
    for old, new in moved.items():
        assert kept[old] > 100
        assert kept[new] == 0
        assert ended[old] < 0.02 * kept[old], old  # those inside on the decision day
        assert ended[new] > 100, new
    # What France checks of those who leave its soil stays, and so does the tunnel.
    for name, count in kept.items():
        if "coquelles" in name or "folkestone" in name or name.startswith("fr-exit"):
            assert ended[name] == pytest.approx(count, rel=0.01), name


def test_the_outbound_passport_queue_leaves_dover() -> None:
    """Only vehicles that had entered before the decision day are still checked there."""
    plan = planned(TREATY)
    ran = run(plan, 3)
    start = plan.warm_up * DAY_TICKS
    for station, name in enumerate(plan.vehicles.station_names):
        if name.startswith(("fr-entry-dover", "uk-entry-calais", "uk-entry-dunkirk",
                            "uk-search-calais", "uk-search-dunkirk")):
            here = ran.visits["station"] == station
            entered_hour = ran.visits["vehicle"][here] >> 32
            assert np.all(entered_hour < 24 * plan.warm_up), name
            assert np.all(ran.visits["arrived"][here] < start + DAY_TICKS // 4), name


def tunnel(plan: VehiclePlan, ran: Ran) -> bytes:
    """Return the log of every station of the tunnel, byte for byte."""
    names = [n for n in plan.station_names
             if any(part in n for part in ("coquelles", "folkestone", "shuttle"))]
    assert len(names) > 15
    return ran.of(plan, names)


def test_ending_le_touquet_leaves_the_tunnel_alone() -> None:
    plans = [planned(p) for p in ("status-quo", TREATY)]
    ran = [run(p, 3, coupled=False) for p in plans]
    logs = [tunnel(p.vehicles, r) for p, r in zip(plans, ran, strict=True)]
    assert logs[0] == logs[1]
    ports = [r.of(p.vehicles, ["dover-calais-to-fr"]) for p, r in zip(plans, ran, strict=True)]
    assert ports[0] != ports[1]


def test_ending_both_treaties_moves_the_tunnel_too() -> None:
    ended = handled(total(BOTH), BOTH)
    assert ended["folkestone-uk-entry-freight"] > 100
    assert ended["folkestone-uk-search"] > 100
    assert ended["coquelles-fr-entry-freight"] > 100
    assert ended["uk-entry-coquelles-freight"] < 200


def test_ending_le_touquet_raises_asylum_claims_in_the_uk() -> None:
    kept, ended = total("status-quo"), total(TREATY)
    before, after = (counted(s, Event.CLAIMED_UK) for s in (kept, ended))
    assert after > before + 4.5 * np.sqrt(before + after)
    assert np.all(values(TREATY, "uk_asylum_claims") > values("status-quo", "uk_asylum_claims"))


def test_ending_le_touquet_lets_people_be_found_on_arrival_and_not_before() -> None:
    ended = total(TREATY)
    at_ports = sum(
        int(s.values["events"][2:, Event.FOUND_BEFORE_SEA][:, [0, 2]].sum()) for s in ended
    )
    assert at_ports == 0
    later, now = (
        sum(int(s.values["events"][:, Event.FOUND_AFTER_SEA, :TRAIN].sum()) for s in summaries)
        for summaries in (ended, total("status-quo"))
    )
    assert later > 0 == now, "in lorries; trains and boats are looked over on arrival today"


def test_carriers_liability_off_raises_open_boarding_when_the_treaty_has_ended(
    tmp_path: Path,
) -> None:
    free = write_policy(tmp_path, "not-liable", "path: people.carriers.liability, set: 0")
    liable, lifted = (
        counted(total(p), Event.OPEN_BOARDED) for p in (TREATY, f"{TREATY}+{free}")
    )
    assert lifted > 1.5 * liable > 0
    kept = counted(total("status-quo"), Event.OPEN_BOARDED)
    assert kept < 0.1 * liable


# ---------------------------------------------------------------- security and the link


def search(folder: Path, share: float) -> str:
    """Write a policy that searches this much larger a share everywhere, with the same bays."""
    return write_policy(folder, "search", *(
        f"path: controls.uk-search-{site}.share, scale: {share}"
        for site in ("calais", "dunkirk", "coquelles")
    ))


def test_more_search_finds_more_and_makes_lorries_wait(tmp_path: Path) -> None:
    more = search(tmp_path, 1.6)
    kept, searched = total("status-quo"), total(more)
    found = [counted(s, Event.FOUND_BEFORE_SEA) for s in (kept, searched)]
    aboard = [counted(s, Event.BOARDED) for s in (kept, searched)]
    share = [f / b for f, b in zip(found, aboard, strict=True)]
    error = np.sqrt(sum(s * (1 - s) / b for s, b in zip(share, aboard, strict=True)))
    assert share[1] > share[0] + 4.5 * error
    # Bays are opened for the load as far as they are built; a lorry meets a search more often.
    assert np.all(values(more, "lorry_delay_to_uk") > values("status-quo", "lorry_delay_to_uk"))


def test_more_search_with_the_same_bays_on_duty_makes_long_queues(tmp_path: Path) -> None:
    plan, more = planned(), planned(search(tmp_path, 1.6))
    names = ("roster_first", "roster_at", "roster_servers")
    same_bays = replace(more.vehicles, **{name: getattr(plan.vehicles, name) for name in names})
    one, other = run(plan, 3), run(more, 3, vehicles=same_bays)
    for site in ("calais", "coquelles"):
        k = plan.vehicles.station_names.index(f"uk-search-{site}")
        waits = [r.visits["waiting"][r.visits["station"] == k].mean() for r in (one, other)]
        assert waits[1] > 2.0 * waits[0]


def test_a_slower_uk_check_delays_those_bound_for_the_uk_alone(tmp_path: Path) -> None:
    slow = write_policy(tmp_path, "slow", *(
        f"path: controls.uk-entry-{site}-tourist.service.car.fixed, add: 20 s"
        for site in ("calais", "dunkirk", "coquelles")
    ))
    kept, slower = (values(p, "car_delay_to_uk") for p in ("status-quo", slow))
    assert np.all(slower > kept)
    assert np.array_equal(values(slow, "car_delay_to_fr"), values("status-quo", "car_delay_to_fr"))


def test_harder_access_means_fewer_attempts_that_succeed(tmp_path: Path) -> None:
    hard = write_policy(tmp_path, "fences", "path: people.access.level, scale: 0.4")
    before, after = (counted(total(p), Event.CROSSED_UNSEEN) for p in ("status-quo", hard))
    assert after < before - 4.5 * np.sqrt(before + after)


# ---------------------------------------------------------------- people


@pytest.mark.parametrize("coupled", [True, False])
def test_without_elasticity_a_route_draws_nobody(tmp_path: Path, coupled: bool) -> None:
    """The same first arrivals day by day, with thousands of claims lodged."""
    route = "uk-claims-from-calais"
    still = write_policy(tmp_path, "still", "path: people.inflow.elasticity, set: 0")
    plan = study(still, f"{still}+{route}", days=30, coupled=coupled)
    alone, open_route = (
        simulate(plan, p, 0).values["events"].sum(axis=2) for p in plan.policies[1:]
    )
    assert np.array_equal(alone[:, Event.ARRIVED], open_route[:, Event.ARRIVED])
    assert open_route[:, Event.LODGED_CALAIS].sum() > 1000


def test_with_elasticity_a_route_draws_people_within_the_year(tmp_path: Path) -> None:
    """At first a queue of months draws fewer; the year as a whole has more."""
    route = "uk-claims-from-calais"
    drawn = write_policy(tmp_path, "drawn", "path: people.inflow.elasticity, set: 1")
    plan = study(drawn, f"{drawn}+{route}", days=365)
    arrived = []
    for policy in plan.policies[1:]:
        people = plan_task(plan, policy, 0).people
        days = simulate_people(people, KEY, people.decision_day, people.days - 1,
                               checkpoint().people)
        arrived.append(sum(int(log.events[Event.ARRIVED].sum()) for _, log in days))
    assert arrived[1] > 1.2 * arrived[0]


def test_closing_the_camp_empties_it_into_reception_centres() -> None:
    kept, closed = (values(p, "site_stock") for p in ("status-quo", "close-camp"))
    assert np.all(closed < 0.5 * kept)
    assert counted(total("close-camp"), Event.TO_RECEPTION) > 3 * counted(
        total("status-quo"), Event.TO_RECEPTION
    )


@pytest.mark.parametrize("policy", ["status-quo", TREATY, "uk-centre", "close-camp"])
def test_attempts_are_never_people(policy: str) -> None:
    """Many attempts a person; those who board are few of them, those who cross fewer still."""
    summaries = total(policy)
    tried = counted(summaries, Event.TURNED_BACK, Event.BOARDED)
    boarded = counted(summaries, Event.BOARDED)
    crossed = counted(summaries, Event.CROSSED_UNSEEN)
    assert tried > boarded > crossed > 0
