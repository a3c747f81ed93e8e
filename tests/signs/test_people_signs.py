"""Signs of the people half alone: the documented history, then a policy, row by row in pairs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from straits.engine.population import simulate_people
from straits.engine.rng import Seed
from straits.ensemble.study import plan_task
from straits.tables.people import (
    BOAT,
    TRAIN,
    Event,
    Observation,
    PeopleDay,
    PeopleState,
    PersonDays,
    State,
)
from straits.tables.vehicles import PLACES
from support.border import study, write_policy

ROWS = 3
DAYS = 120
CALAIS, COQUELLES = PLACES.index("calais"), PLACES.index("coquelles")
Ran = tuple[tuple[PeopleDay, ...], ...]


@cache
def eve(row: int) -> PeopleState:
    """Return the people on the eve of the decision day, after the documented history."""
    people = plan_task(study(days=DAYS), "status-quo", 0).people
    for state, _ in simulate_people(people, Seed(1, row).key, 0, people.decision_day - 1):
        last = state
    return last


@cache
def ran(policy: str = "status-quo", days: int = DAYS) -> Ran:
    """Return the days after the decision day under a policy, row by row."""
    names = () if policy == "status-quo" else (policy,)
    people = plan_task(study(*names, days=days), policy, 0).people
    first = people.decision_day
    return tuple(
        tuple(log for _, log in simulate_people(
            people, Seed(1, row).key, first, first + days - 1, eve(row)
        ))
        for row in range(ROWS)
    )


def attempts(rows: Ran) -> np.ndarray:
    """Return attempts at lorries that stood there, by row and place."""
    kinds = [Event.TURNED_BACK, Event.BOARDED, Event.DIED]
    ways = slice(0, len(PLACES))
    return np.array([sum(log.events[kinds, ways].sum(axis=0) for log in logs) for logs in rows])


def growth(rows: Ran, backlog: Observation) -> np.ndarray:
    """Return by how much a backlog grew from the first day to the last, by row."""
    return np.array([int(logs[-1].observed[backlog]) - int(logs[0].observed[backlog])
                     for logs in rows])  # fmt: skip


def test_a_fence_at_the_port_moves_attempts_to_the_tunnel(tmp_path: Path) -> None:
    """Fewer at the port, more at the tunnel, and fewer in all than the port loses."""
    fence = write_policy(tmp_path, "fence", "path: people.places.calais.access, scale: 0.5")
    before, after = attempts(ran()), attempts(ran(fence))
    lost = (before - after)[:, CALAIS]
    gained = (after - before)[:, COQUELLES]
    fewer = before.sum(axis=1) - after.sum(axis=1)
    noise = 4.5 * np.sqrt((before + after).sum(axis=0))
    assert lost.sum() > noise[CALAIS]
    assert gained.sum() > noise[COQUELLES]
    assert np.all(lost > 0)
    assert np.all(gained > 0)
    assert np.all(fewer < lost), "less than one for one"


def test_secured_parking_at_the_port_moves_attempts_to_the_tunnel(tmp_path: Path) -> None:
    """Who finds no lorry learns it: after a month more go elsewhere than the first nights show."""
    secured = write_policy(tmp_path, "secured", "path: people.places.calais.secured_share, set: 0.8")
    tried = [Event.NO_LORRY, Event.TURNED_BACK, Event.BOARDED, Event.DIED]
    begun, late = 10, 60
    moved = []
    for first, last in ((0, begun), (late, DAYS)):
        shares = [
            np.array([sum(log.events[tried].sum(axis=0) for log in logs[first:last])
                      for logs in ran(p)]).sum(axis=0)[:3]
            for p in (secured, "status-quo")
        ]  # fmt: skip
        part = [one[CALAIS] / one.sum() for one in shares]
        error = np.sqrt(sum(q * (1 - q) / one.sum() for q, one in zip(part, shares, strict=True)))
        moved.append((part[1] - part[0], error))
    assert moved[1][0] > 4.5 * moved[1][1]
    assert moved[1][0] > moved[0][0] + 4.5 * np.hypot(moved[0][1], moved[1][1])
    assert np.all((attempts(ran(secured)) - attempts(ran()))[:, COQUELLES] > 0)


def by_way(rows: Ran, way: int) -> np.ndarray:
    """Return attempts by train or boat, by row."""
    kinds = [Event.TURNED_BACK, Event.BOARDED, Event.DIED]
    return np.array([sum(int(log.events[kinds, way].sum()) for log in logs) for logs in rows])


def test_fences_everywhere_move_attempts_to_boats_that_work(tmp_path: Path) -> None:
    """Ten times as many boats as assumed, so that they are seen in 120 days; most get across."""
    boats = write_policy(tmp_path, "boats", "path: people.boats.weight, scale: 10")
    fences = write_policy(tmp_path, "fences", "path: people.access.level, scale: 0.3")
    before, after = (by_way(ran(p, 365), BOAT) for p in (boats, f"{boats}+{fences}"))
    assert after.sum() - before.sum() > 4.5 * np.sqrt((after + before).sum())
    safer = write_policy(tmp_path, "safer", "path: people.boats.access, set: 0.05")
    failing = by_way(ran(f"{boats}+{safer}", 365), BOAT)
    assert before.sum() - failing.sum() > 4.5 * np.sqrt((failing + before).sum())


def test_a_guarded_tunnel_has_fewer_on_foot(tmp_path: Path) -> None:
    guarded = write_policy(tmp_path, "guarded", "path: people.trains.access, scale: 0.2")
    before, after = by_way(ran(), TRAIN).sum(), by_way(ran(guarded), TRAIN).sum()
    assert before - after > 4.5 * np.sqrt(before + after)


def test_a_fence_of_no_height_moves_nobody(tmp_path: Path) -> None:
    none = write_policy(tmp_path, "none", "path: people.places.calais.access, scale: 1")
    assert np.array_equal(attempts(ran()), attempts(ran(none)))


def test_twice_the_staff_at_least_halves_the_growth_of_the_backlog(tmp_path: Path) -> None:
    staff = write_policy(tmp_path, "staff", "path: asylum.uk.caseworkers, scale: 2")
    before, after = (growth(ran(p), Observation.UK_BACKLOG) for p in ("status-quo", staff))
    assert np.all(before > 500), "without more staff the backlog grows"
    assert np.all(after <= before / 2)


@pytest.mark.parametrize(
    ("path", "backlog"),
    [("asylum.france.caseworkers", Observation.FRANCE_BACKLOG),
     ("asylum.uk.decisions_per_caseworker", Observation.UK_BACKLOG)],
)  # fmt: skip
def test_what_decides_claims_shortens_its_own_queue(
    path: str, backlog: Observation, tmp_path: Path
) -> None:
    more = write_policy(tmp_path, "more", f"path: {path}, scale: 1.2")
    assert np.all(growth(ran(more), backlog) < growth(ran(), backlog))


@pytest.mark.parametrize(("elasticity", "same"), [(0, True), (1, False)])
def test_claims_lodged_in_calais_draw_by_the_elasticity_alone(
    elasticity: int, same: bool, tmp_path: Path
) -> None:
    """With none, first arrivals are the same every day of the year; with one, they are not."""
    still = write_policy(tmp_path, "still", f"path: people.inflow.elasticity, set: {elasticity}")
    alone, routed = ran(still, 365), ran(f"{still}+uk-claims-from-calais", 365)
    arrived = [
        [[int(log.events[Event.ARRIVED].sum()) for log in logs] for logs in rows]
        for rows in (alone, routed)
    ]
    assert (arrived[0] == arrived[1]) is same
    assert sum(log.events[Event.LODGED_CALAIS].sum() for logs in routed for log in logs) > 1000


def decided(rows: Ran) -> np.ndarray:
    """Return decisions in the UK on claims of people in the model, by row."""
    kinds = [Event.GRANTED_UK, Event.REFUSED_UK]
    return np.array([sum(int(log.events[kinds].sum()) for log in logs) for logs in rows])


def counted(rows: Ran, *kinds: Event) -> np.ndarray:
    """Return how often these events happened, by row."""
    return np.array([sum(int(log.events[list(kinds)].sum()) for log in logs) for logs in rows])


def test_twice_the_staff_halves_the_growth_of_the_backlog_with_much_rework(tmp_path: Path) -> None:
    """Three first decisions in ten are made again, before and after."""
    rework = write_policy(tmp_path, "rework", "path: asylum.uk.rework, set: 0.3")
    staff = write_policy(tmp_path, "staff", "path: asylum.uk.caseworkers, scale: 2")
    before, after = (growth(ran(p), Observation.UK_BACKLOG) for p in (rework, f"{rework}+{staff}"))
    assert np.all(before > 500)
    assert np.all(after <= before / 2)


def test_rework_costs_staff(tmp_path: Path) -> None:
    """Worse decisions lengthen the queue, and as many more caseworkers make up for them."""
    rework = write_policy(tmp_path, "rework", "path: asylum.uk.rework, add: 0.2")
    more = write_policy(tmp_path, "more", "path: asylum.uk.caseworkers, scale: 1.1905")
    plain, worse, made_up = (
        growth(ran(p), Observation.UK_BACKLOG) for p in ("status-quo", rework, f"{rework}+{more}")
    )
    assert np.all(worse > plain + 500)
    assert np.all(np.abs(made_up - plain) < 0.15 * (worse - plain))


@pytest.mark.parametrize("hazard", ["withdrawal", "absconding"])
def test_claims_given_up_are_not_decided(hazard: str, tmp_path: Path) -> None:
    more = write_policy(tmp_path, "more", f"path: asylum.uk.{hazard}, add: 0.15 1/month")
    fewer = decided(ran(more))
    assert np.all(fewer < 0.9 * decided(ran()))
    # A turn that comes to nobody closes a file: the queue as a whole does not move faster.
    assert np.array_equal(*(
        [[int(log.observed[Observation.UK_DECISIONS]) for log in logs] for logs in ran(p)]
        for p in (more, "status-quo")
    ))  # fmt: skip


def test_one_in_one_out_hands_out_no_more_places_than_returns() -> None:
    rows = ran("one-in-one-out", 365)
    out, inside = counted(rows, Event.ONE_OUT), counted(rows, Event.ONE_IN)
    assert np.all(out > 500)
    assert np.all(inside > 0.9 * out)
    for logs in rows:
        left = np.cumsum([int(log.events[Event.ONE_OUT].sum()) for log in logs])
        came = np.cumsum([int(log.events[Event.ONE_IN].sum()) for log in logs])
        assert np.all(came[1:] <= left[:-1]), "no place before the return that opens it"
    assert counted(ran(), Event.ONE_OUT, Event.ONE_IN).sum() == 0


def test_a_route_for_children_takes_children_alone(tmp_path: Path) -> None:
    """The site has fewer of them; without places nobody moves."""
    opened = write_policy(tmp_path, "opened", "path: people.routes.children.capacity, set: 4 people/d")
    assert counted(ran(), Event.CHILD_TRANSFER).sum() == 0
    assert np.all(counted(ran(opened), Event.CHILD_TRANSFER) > 100)
    children = [
        np.array([int(logs[-1].person_days[PersonDays.CHILDREN_AT_SITE]) for logs in ran(p)])
        for p in ("status-quo", opened)
    ]
    assert np.all(children[1] < children[0])


def test_more_transfers_to_the_state_responsible_leave_fewer_claims_here(tmp_path: Path) -> None:
    more = write_policy(tmp_path, "more", "path: asylum.uk.dublin_capacity, set: 4 people/d")
    assert np.all(
        counted(ran(more), Event.DUBLIN_TO_FRANCE, Event.DUBLIN_ELSEWHERE)
        > counted(ran(), Event.DUBLIN_TO_FRANCE, Event.DUBLIN_ELSEWHERE) + 50
    )
    waiting = [np.array([int(logs[-1].stock[State.CLAIM_UK]) for logs in ran(p)])
               for p in ("status-quo", more)]  # fmt: skip
    assert np.all(waiting[1] < waiting[0])


def total(rows: Ran, *kinds: Event) -> np.ndarray:
    """Return how often events happened, by row."""
    return np.array([sum(int(log.events[list(kinds)].sum()) for log in logs) for logs in rows])


def test_dearer_help_with_lorries_moves_attempts_to_ways_without(tmp_path: Path) -> None:
    """Three times the price of lorries: more on foot; a price that nobody minds moves nobody."""
    dear = write_policy(tmp_path, "dear", "path: people.prices.lorries, set: 3")
    before, after = by_way(ran(), TRAIN).sum(), by_way(ran(dear), TRAIN).sum()
    assert after - before > 4.5 * np.sqrt(before + after)
    blind = write_policy(tmp_path, "blind", "path: people.choice.price_sensitivity, set: 0")
    assert np.array_equal(attempts(ran(blind)), attempts(ran(f"{blind}+{dear}")))


def test_a_deadlier_way_is_taken_less_by_who_minds(tmp_path: Path) -> None:
    """Deaths on foot at the tunnel become known: fewer go there, unless nobody minds."""
    deadly = write_policy(tmp_path, "deadly", "path: people.trains.deaths, set: 0.1")
    share = []
    for weight in (0, 1):
        minds = write_policy(tmp_path, f"minds{weight}",
                             f"path: people.choice.risk_sensitivity, set: {weight}")
        before, after = by_way(ran(minds), TRAIN), by_way(ran(f"{minds}+{deadly}"), TRAIN)
        share.append(after.sum() / before.sum())
        noise = np.sqrt(1 / after.sum() + 1 / before.sum())
    assert share[1] < share[0] - 4.5 * noise


def test_more_challenges_leave_fewer_returned(tmp_path: Path) -> None:
    """Returns of the UK are limited by capacity, so courts show where capacity does not bind."""
    room = write_policy(tmp_path, "room", "path: asylum.uk.returns_capacity, set: 100 people/d")
    court = write_policy(tmp_path, "court", "path: asylum.uk.challenged, set: 1")
    before, after = (total(ran(p, 365), Event.RETURNED_UK) for p in (room, f"{room}+{court}"))
    assert np.all(after < before)
    stopped = total(ran(f"{room}+{court}", 365), Event.STOPPED_UK)
    assert np.all(stopped > 0)


def test_judges_too_few_keep_appeals_waiting(tmp_path: Path) -> None:
    few = write_policy(tmp_path, "few", "path: asylum.uk.appeals_capacity, set: 1 people/d")
    many = write_policy(tmp_path, "many", "path: asylum.uk.appeals_capacity, scale: 10")
    waits = [
        np.array([int(logs[-1].stock[State.APPEAL_UK]) for logs in ran(p)])
        for p in (few, "status-quo", many)
    ]
    assert np.all(waits[0] > waits[1] + 100)
    assert np.array_equal(waits[1], waits[2]), "the documented judges are enough"


def test_registrations_too_few_keep_claims_out_of_the_queue(tmp_path: Path) -> None:
    few = write_policy(tmp_path, "registered", "path: asylum.france.registrations, set: 2 people/d")
    for logs in ran(few):
        assert sum(int(log.events[Event.CLAIMED_FRANCE].sum()) for log in logs) <= 2 * DAYS
    waits = [
        np.array([int(logs[-1].stock[State.CLAIM_FRANCE]) for logs in ran(p)])
        for p in ("status-quo", few)
    ]
    assert np.all(waits[1] > waits[0])


def test_a_closure_takes_to_centres_no_more_than_there_are_places(tmp_path: Path) -> None:
    """With 500 places 500 go; those who would have gone are dispersed like the others."""
    close = "close-camp"
    places = write_policy(tmp_path, "places", "path: people.site.closed_places, set: 500 places")
    first = np.array([int(logs[0].events[Event.RECEPTION_FULL].sum())
                      for logs in ran(f"{close}+{places}")])  # fmt: skip
    assert np.all(first > 500)
    stock = [np.array([int(logs[0].stock[State.RECEPTION_CENTRE]) for logs in ran(p)])
             for p in (close, f"{close}+{places}")]  # fmt: skip
    assert np.all(stock[1] < stock[0] - 1000)
