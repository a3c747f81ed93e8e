"""Rooms, pools, loops, techniques, berths, roads and incidents: from documents to the plan's columns."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from straits.base.clock import DAY_TICKS, HOUR_TICKS, SECOND_TICKS
from straits.base.errors import UserError
from straits.base.names import decision_id
from straits.plan.explain import expected_visits, station_loads
from straits.plan.explain_network import network_lines
from straits.plan.legend import legend_of
from straits.plan.vehicles import compile_vehicles
from straits.scenario import Scenario, build, load_baseline
from straits.scenario.document import parse
from straits.scenario.load import Baseline, policy_of
from straits.tables.vehicles import NEVER, UNLIMITED, VEHICLE_CLASSES, VehiclePlan

TRAFFIC = Path(__file__).parents[2] / "scenarios" / "valid" / "traffic.yaml"
FIRST = date(2016, 8, 29)  # a Monday; policies are in force from its second day on
DAYS = 5
CAR, LORRY = VEHICLE_CLASSES.index("car"), VEHICLE_CLASSES.index("hgv_accompanied")
POLICY = """straits: policy
id: test
title: A test
proposer: {role: a test}
date: 2016-08-30
source: written for a test
says: Written for a test.
announced: 2016-08-30
in_force: 2016-08-30
maintains_arrangements: true
changes:
"""


@cache
def baseline() -> Baseline:
    return load_baseline(TRAFFIC)


@cache
def scenario(*changes: str) -> Scenario:
    text = POLICY + "".join(f"  - {{{change}}}\n" for change in changes)
    policies = [policy_of(parse(text, "test.yaml", "policy"))] if changes else []
    return build(baseline(), policies)


@cache
def plan(*changes: str) -> VehiclePlan:
    return compile_vehicles(scenario(*changes), FIRST, DAYS)


def at(name: str) -> int:
    return plan().station_names.index(name)


def steps(direction: str, kind: str, which: VehiclePlan | None = None, epoch: int = 0) -> list[int]:
    """Return the steps of a stream's route."""
    one = which or plan()
    route = one.route_of[epoch, one.stream_names.index(f"dover-calais/{direction}/{kind}")]
    return one.route_step[one.route_first[route] : one.route_first[route + 1]].tolist()


def names(which: list[int], one: VehiclePlan | None = None) -> list[str]:
    one = one or plan()
    return [one.station_names[one.step_station[k]] for k in which]


def servers(one: VehiclePlan, station: str, when: int) -> int:
    """Return the servers on duty at an instant [ticks]."""
    number = one.station_names.index(station)
    low, high = one.roster_first[number], one.roster_first[number + 1]
    place = int(np.searchsorted(one.roster_at[low:high], when, side="right")) - 1
    return int(one.roster_servers[low + place])


def test_rooms_in_vehicles_and_metres() -> None:
    room, by_length = plan().station_buffer, plan().station_buffer_dm
    assert (room[at("dover-check-in")], by_length[at("dover-check-in")]) == (3000, 1)
    assert (room[at("fr-entry-dover")], by_length[at("fr-entry-dover")]) == (40, 0)
    assert (room[at("calais-fr-entry")], by_length[at("calais-fr-entry")]) == (300, 0)
    assert (room[at("dover-uk-search-dog")], by_length[at("dover-uk-search-dog")]) == (1500, 1)
    assert (room[at("to-fr")], by_length[at("to-fr")]) == (30_000, 1)
    assert room[at("uk-entry-calais")] == UNLIMITED
    assert plan().class_spacing_dm[[CAR, LORRY]].tolist() == [75, 195]


def test_a_future_never_makes_a_room_smaller_than_a_vehicle() -> None:
    small = build(baseline(), (), {"stations.dover-check-in.buffer": 0.0,
                                   "controls.fr-entry-dover.buffer": 0.0})  # fmt: skip
    room = compile_vehicles(small, FIRST, 1).station_buffer
    assert room[at("dover-check-in")] == 195
    assert room[at("fr-entry-dover")] == 1


def test_rules_of_a_queue() -> None:
    here = at("dover-check-in")
    assert plan().station_balk[here] == 150
    assert (np.delete(plan().station_balk, here) == UNLIMITED).all()
    assert plan().station_extra[here] == 2
    assert plan().station_extra_on_dm[here] == 2500
    assert plan().station_extra_off_dm[here] == 1000
    assert plan().station_extra_lead[here] == 900 * SECOND_TICKS
    car, lorry = steps("to_fr", "car")[0], steps("to_fr", "hgv_accompanied")[0]
    assert plan().step_priority[[car, lorry]].tolist() == [1, 0]
    assert plan().step_patience[[car, lorry]].tolist() == [6 * HOUR_TICKS, 0.0]
    assert plan().step_patience_decision[car] == decision_id("dover-check-in.patience")


def test_loops_go_back_as_far_as_the_route_has_it() -> None:
    car, lorry = steps("to_fr", "car"), steps("to_fr", "hgv_accompanied")
    assert names(lorry) == ["dover-check-in", "fr-entry-dover", "dover-weighbridge", "to-fr"]
    assert plan().step_back[lorry].tolist() == [0, 0, 2, 0]
    assert plan().step_again[lorry].tolist() == [0.02, 0.05, 0.1, 0.0]
    assert plan().step_again[car].tolist() == [0.02, 0.05, 0.0]
    ended = plan("path: instruments.le-touquet.ends, set: in_force")
    assert ended.epoch_start.tolist() == [0, DAY_TICKS]
    later = steps("to_fr", "hgv_accompanied", ended, 1)
    assert names(later, ended) == ["dover-check-in", "dover-weighbridge", "to-fr",
                                   "calais-fr-entry"]  # fmt: skip
    assert ended.step_back[later].tolist() == [0, 1, 0, 0]
    assert ended.step_decision[later[1]] == plan().step_decision[lorry[2]]


def test_visits_of_loops_and_examinations() -> None:
    lorry = np.array(steps("to_fr", "hgv_accompanied"))
    once = 1 / 0.9
    assert expected_visits(plan(), lorry) == pytest.approx([once / 0.98, once / 0.95, once, 1.0])
    searched = np.array(steps("to_uk", "hgv_accompanied"))
    alarmed = 1 - (1 - 0.4 * 0.02) * (1 - 0.2 * 0.1)
    assert expected_visits(plan(), searched)[2:5] == pytest.approx([0.4, 0.2, alarmed])


def test_a_pool_is_planned_for_all_that_share_it() -> None:
    assert plan().pool_names == ("dover-officers",)
    members = np.flatnonzero(plan().station_pool == 0)
    assert members.tolist() == [at("dover-check-in"), at("fr-entry-dover")]
    loads = {
        one.station: one for one in station_loads(scenario(), plan(), FIRST, (0, DAYS))
    }
    both = loads["dover-check-in"].mean_load + loads["fr-entry-dover"].mean_load
    low, high = plan().pool_first[:2]
    stretch = np.diff([*plan().pool_at[low:high], DAYS * DAY_TICKS])
    mean = float(plan().pool_servers[low:high] @ stretch) / (DAYS * DAY_TICKS)
    assert both / 0.8 <= mean <= both / 0.8 + 1.0


def test_techniques_stand_in_a_row_and_work_together() -> None:
    lorry = steps("to_uk", "hgv_accompanied")
    assert names(lorry)[2:5] == [f"uk-search-calais-{k}" for k in ("probe", "dog", "secondary")]
    parts = lorry[2:5]
    assert plan().step_alarm[parts].tolist() == [1, 1, 2]
    assert plan().step_share[parts] == pytest.approx([0.4, 0.2, 1.0])
    assert plan().step_share_aboard[parts] == pytest.approx([0.6, 0.3, 1.0])
    assert plan().step_false_alarm[parts] == pytest.approx([0.02, 0.1, 0.0])
    # Dog and shed together: one less the chance that both miss; the shed takes longest.
    soft, hard = 1 - 0.5 * 0.2, 1 - 0.5 * 0.4
    found = plan().step_sensitivity[parts, None] * plan().step_load[parts]
    assert found == pytest.approx(np.array([[0.7, 0.35], [soft, hard], [0.95, 0.95]]))
    assert plan().step_load.max() <= 1.0
    assert plan().step_base[parts].tolist() == [90 * 1024, 200 * 1024, 1200 * 1024]
    assert plan().step_find_ticks[parts].tolist() == [0, 0, 1200 * SECOND_TICKS]
    assert plan().load_cdf[LORRY] == pytest.approx([0.6, 1.0])
    assert servers(plan(), "uk-search-calais-secondary", 0) == 2


def test_a_moved_search_keeps_its_luck() -> None:
    ended = plan("path: instruments.le-touquet.ends, set: in_force")
    before, after = steps("to_uk", "hgv_accompanied"), steps("to_uk", "hgv_accompanied", ended, 1)
    parts = after[-3:]
    assert names(parts, ended) == [f"dover-uk-search-{k}" for k in ("probe", "dog", "secondary")]
    for column in ("step_decision", "step_find_decision", "step_alarm_decision",
                   "step_select_decision"):  # fmt: skip
        moved, stood = getattr(ended, column)[parts], getattr(plan(), column)[before[2:5]]
        assert moved.tolist() == stood.tolist()
    assert len(set(plan().step_select_decision[before[2:5]].tolist())) == 1
    assert ended.step_select_decision[parts[0]] == decision_id("uk-search-calais.select")
    assert ended.step_decision[parts[0]] == decision_id("uk-search-calais-probe.service")


def test_departures_by_class_order_and_chance() -> None:
    here = at("to-fr")
    assert plan().station_class_capacity[here, LORRY] == 120
    assert plan().station_class_capacity[here, CAR] == UNLIMITED
    car, lorry = steps("to_fr", "car")[-1], steps("to_fr", "hgv_accompanied")[-1]
    assert plan().step_priority[[car, lorry]].tolist() == [1, 0]
    low, high = plan().sailing_first[here], plan().sailing_first[here + 1]
    assert plan().sailing_cancel[low] == 0.02
    assert plan().station_cancel_decision[here] == decision_id("to-fr.cancel")
    other = at("to-uk")
    first = plan().sailing_at[plan().sailing_first[other] : plan().sailing_first[other + 1]]
    hours = first[(first >= 0) & (first < DAY_TICKS)] / HOUR_TICKS
    # Listed by the clock of Calais, which is two hours ahead of the clock of the plan.
    assert hours.tolist() == [4.0, 7.25, 10.5, 13.75, 17.0, 20.25, 22.5]
    assert high - low == 24 * DAYS


def test_a_sailing_waits_for_one_ship_that_came_in_time() -> None:
    here, there = at("to-fr"), at("to-uk")
    low, high = plan().sailing_first[there], plan().sailing_first[there + 1]
    links = plan().sailing_link[low:high]
    used = links[links >= 0]
    assert used.size == np.unique(used).size > 20
    assert (used >= plan().sailing_first[here]).all()
    assert (used < plan().sailing_first[here + 1]).all()
    ready = plan().sailing_at[low:high][links >= 0] + (90 + 45) * 60 * SECOND_TICKS
    gap = plan().sailing_at[used] - ready
    assert (gap >= 0).all()
    assert gap.max() < HOUR_TICKS
    assert (np.delete(plan().sailing_link, np.arange(low, high)) == -1).all()


def test_incidents_change_servers_and_sailings() -> None:
    day = 2 * DAY_TICKS  # 31 August
    hour = HOUR_TICKS
    # 06:00 to 12:30 at Dover is 05:00 to 11:30 UTC.
    quarter = hour // 4
    assert servers(plan(), "fr-entry-dover", day + 5 * hour) == 3
    assert servers(plan(), "fr-entry-dover", day + 11 * hour + quarter) == 3
    assert servers(plan(), "fr-entry-dover", day + 11 * hour + 2 * quarter) < 3
    # 22:00 to 02:00 at Calais is 20:00 to 24:00 UTC; four in ten of eight, then of four, servers.
    calais = [servers(plan(), "calais-check-in", day + h * hour) for h in (19, 20, 21, 22, 23, 24)]
    assert calais == [8, 3, 3, 2, 2, 4]
    assert servers(plan(), "uk-entry-calais", day + 20 * hour) == 1
    here = at("to-fr")
    low, high = plan().sailing_first[here], plan().sailing_first[here + 1]
    when = plan().sailing_at[low:high] - 3 * DAY_TICKS
    storm = (when >= -hour) & (when < 17 * hour)
    capacity, cancel = plan().sailing_capacity[low:high], plan().sailing_cancel[low:high]
    assert set(capacity[storm].tolist()) == {14_500}
    assert set(capacity[~storm].tolist()) == {29_000}
    assert cancel[storm] == pytest.approx(np.full(storm.sum(), 1 - 0.98 * 0.8))


def test_roads_and_schemes() -> None:
    one = plan()
    assert one.road_names == ("a20",)
    assert one.road_lanes.tolist() == [2]
    on = [name for name, road in zip(one.stream_names, one.road_of_stream, strict=True) if road == 0]
    assert on == ["dover-calais/to_fr/hgv_accompanied", "dover-calais/to_fr/car"]
    assert one.road_scheme.tolist() == [0]
    assert one.scheme_names == ("stack",)
    assert one.scheme_phase_first.tolist() == [0, 2]
    assert one.scheme_phase_veh.tolist() == [2100, 3600]
    # Lengths of a queue count the vehicles of both lanes.
    assert one.scheme_on_dm.tolist() == [80_000]
    assert one.scheme_off_dm.tolist() == [10_000]
    assert one.scheme_release_dm.tolist() == [20_000]
    assert one.scheme_gap.tolist() == [20 * SECOND_TICKS]
    assert one.scheme_class.tolist() == [[1, 0, 0, 0, 0, 0]]
    assert (one.scheme_compliance[0], one.scheme_unready[0]) == (0.95, 0.01)
    # From midnight of 31 August to the end of 2 September by the clock of Dover.
    assert one.scheme_from.tolist() == [2 * DAY_TICKS - HOUR_TICKS]
    assert one.scheme_to.tolist() == [5 * DAY_TICKS - HOUR_TICKS]
    assert one.scheme_comply_decision[0] == decision_id("stack.comply")
    assert one.scheme_ready_decision[0] == decision_id("stack.ready")


def test_what_is_not_described_has_no_effect() -> None:
    mini = build(load_baseline(TRAFFIC.parent / "mini.yaml"))
    one = compile_vehicles(mini, FIRST, 2)
    assert not one.step_again.any()
    assert not one.step_patience.any()
    assert not one.step_alarm.any()
    assert not one.step_priority.any()
    assert one.step_load.shape[1] == 1
    assert (one.step_load == 1.0).all()
    assert (one.station_pool == -1).all()
    assert one.pool_first.tolist() == [0]
    assert not one.station_extra.any()
    assert not one.sailing_cancel.any()
    assert (one.sailing_link == -1).all()
    assert (one.road_of_stream == -1).all()
    assert one.scheme_class.shape == (0, len(VEHICLE_CLASSES))
    kept = {"calais-check-in": 200, "calais-fr-entry": 300}
    for name, room in zip(one.station_names, one.station_buffer, strict=True):
        assert room == kept.get(name, UNLIMITED)


def test_policies_change_what_a_date_can_change() -> None:
    more = plan(
        "path: pools.dover-officers.servers.target_utilisation, set: 0.4, range: [0.4, 0.5], assumed: x",
        "path: controls.uk-search-calais.techniques.probe.servers.built, add: 2, range: [1, 3], assumed: x",
        "path: controls.uk-search-calais.share, scale: 2, range: [1, 2], assumed: x",
        "path: controls.uk-search-calais.techniques.dog.share, set: 1, range: [0.5, 1], assumed: x",
        "path: departures.to-fr.cancelled, set: 0.5, range: [0, 0.5], assumed: x",
        "path: incidents.officers-ill.servers, set: 1, range: [0, 2], assumed: x",
    )
    assert more.station_names == plan().station_names
    before, after = steps("to_uk", "hgv_accompanied"), steps("to_uk", "hgv_accompanied", more, 1)
    assert more.step_share[after[2:4]] == pytest.approx([0.8, 0.8])
    assert steps("to_uk", "hgv_accompanied", more) == before
    assert more.pool_servers.max() > plan().pool_servers.max()
    assert servers(more, "fr-entry-dover", 2 * DAY_TICKS + 6 * HOUR_TICKS) == 1
    low = plan().sailing_first[at("to-fr")]
    chances = more.sailing_cancel[low : low + 30]
    assert set(chances[:20].tolist()) == {0.02}
    assert set(chances[25:].tolist()) == {0.5}


@pytest.mark.parametrize(
    "change",
    [
        "path: stations.dover-check-in.buffer, scale: 2, range: [1, 2], assumed: x",
        "path: stations.dover-check-in.balk_at, scale: 2, range: [1, 2], assumed: x",
        "path: stations.dover-check-in.extra_servers.add, add: 1, range: [1, 2], assumed: x",
        "path: controls.uk-search-calais.techniques.dog.buffer, add: 1, range: [1, 2], assumed: x",
        "path: controls.uk-search-calais.techniques.probe.order, set: 3",
        "path: departures.to-fr.berth_turnaround, add: 1 min, range: [0 min, 1 min], assumed: x",
        "path: departures.to-fr.class_capacity.hgv_accompanied, add: 1, range: [1, 2], assumed: x",
        "path: vehicle_classes.car.spacing, add: 1 m, range: [1 m, 2 m], assumed: x",
        "path: roads.a20.lanes, set: 1, range: [1, 2], assumed: x",
        "path: schemes.stack.starts_at, add: 1 km, range: [1 km, 2 km], assumed: x",
        'path: incidents.storm.to, set: "2016-09-01 12:00"',
    ],
)
def test_what_the_plan_holds_once_is_refused_on_a_date(change: str) -> None:
    with pytest.raises(UserError) as caught:
        plan(change)
    path = change.split(",")[0].removeprefix("path: ")
    problem = caught.value.problems[0]
    assert path.startswith(problem.path) or problem.path.startswith(path.rsplit(".", 1)[0])
    assert "cannot change on a date" in problem.message


@pytest.mark.parametrize(
    ("change", "message", "found"),
    [
        ("path: departures.truck-shuttle-to-fr.capacity, scale: 0, range: [0, 1], assumed: x",
         "a departure without capacity carries nothing", "0"),
        ("path: departures.truck-shuttle-to-fr.capacity, scale: 0.01, range: [0, 1], assumed: x",
         "no vehicle of class hgv_accompanied fits on this departure", "0.32"),
        ("path: departures.dover-calais-to-fr.capacity, set: 1 m, range: [1 m, 2 m], assumed: x",
         "fits on this departure", "1"),
    ],
)
def test_a_policy_that_leaves_no_room_on_a_departure_is_refused(
    change: str, message: str, found: str
) -> None:
    policy = policy_of(parse(f"{POLICY}  - {{{change}}}\n", "test.yaml", "policy"))
    with pytest.raises(UserError) as caught:
        compile_vehicles(build(load_baseline("calais-2016"), [policy]), FIRST, DAYS)
    (problem,) = caught.value.problems
    assert problem.path == change.split(",")[0].removeprefix("path: ")
    assert problem.where == "2016-08-30"
    assert message in problem.message
    assert problem.found == found
    assert "or more" in problem.allowed
    assert "cancelled" in problem.hint


def test_a_departure_that_is_always_cancelled_is_the_way_to_stop_it() -> None:
    change = "path: departures.truck-shuttle-to-fr.cancelled, set: 1, range: [0.5, 1], assumed: x"
    policy = policy_of(parse(f"{POLICY}  - {{{change}}}\n", "test.yaml", "policy"))
    one = compile_vehicles(build(load_baseline("calais-2016"), [policy]), FIRST, DAYS)
    number = one.station_names.index("truck-shuttle-to-fr")
    assert one.sailing_cancel[one.sailing_first[number + 1] - 1] == 1.0


def test_the_legend_names_roads_and_schemes() -> None:
    legend = legend_of(scenario(), plan(), FIRST, (1, DAYS))
    (road,) = legend.roads
    assert (road.road, road.lanes, road.length_dm) == ("a20", 2, 120_000)
    assert [(one.label, one.distance_dm) for one in road.junctions] == [
        ("Western Docks", 20_000), ("Roundhill tunnels", 95_000)]  # fmt: skip
    (scheme,) = legend.schemes
    assert [(one.label, one.vehicles) for one in scheme.phases] == [("one", 2100), ("two", 3600)]
    assert legend.pools == (("dover-officers", "Officers at Dover"),)
    labels = {one.station: one.label for one in legend.stations}
    assert labels["uk-search-calais-dog"] == "UK freight search at Calais: Dog and Heartbeat shed"
    assert labels["dover-uk-search-probe"].startswith("UK freight search at Dover: Probe")


def test_explain_says_what_limits_the_network() -> None:
    text = "\n".join(network_lines(scenario(), plan(), date(2016, 8, 31)))
    for part in (
        "Check-in at Dover: 300 m; others turn away at 150 waiting; 2 more servers",
        "Officers at Dover: ",
        "to-fr: ",
        "A20 to the port, 2 lanes, 12.0 km; a km holds 267 car, 103 hgv_accompanied; "
        "Western Docks 2.0 km, Roundhill tunnels 9.5 km",
        "from 2016-08-31, to 2016-09-02: holds hgv_accompanied from a queue of 4.0 km; "
        "up to one 2,100, two 3,600 vehicles",
        "A storm, 2016-09-01 00:00 to 2016-09-01 18:00: 50 % of capacity, 20 % cancelled at to-fr",
    ):
        assert part in text
    mini = build(load_baseline(TRAFFIC.parent / "mini.yaml"))
    lines = network_lines(mini, compile_vehicles(mini, FIRST, 1), FIRST)
    assert lines == ["", "Room: who finds none stays where it is, and blocks",
                     "  Check-in at Calais: 200 vehicles"]  # fmt: skip


def test_a_scheme_without_dates_is_always_there() -> None:
    from straits.plan.roads import road_columns

    world = dict(scenario().world_at(FIRST))
    world["schemes"] = {"stack": {**world["schemes"]["stack"], "available": None}}
    columns = road_columns(world, FIRST)
    assert columns["scheme_from"].tolist() == [-NEVER]
    assert columns["scheme_to"].tolist() == [NEVER]
