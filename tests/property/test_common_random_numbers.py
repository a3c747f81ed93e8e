"""What a change does not touch stays the same to the byte: draws and entities have addresses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from straits.base.clock import DAY_TICKS, HOUR_TICKS
from straits.engine.arrivals import arrivals, day_factors
from straits.engine.run import run_slice
from straits.ensemble.study import plan_task
from straits.tables.vehicles import VehiclePlan, pack_vehicle_id, stream_of
from support import border
from support.border import KEY, planned, run, same_people, with_servers, write_policy

DAYS = 2


def untouched(plan: VehiclePlan) -> list[str]:
    """Return the streams that never meet Dover's outbound stations."""
    return [n for n in plan.stream_names if "to_uk" in n or n.startswith("folkestone")]


@pytest.mark.parametrize("add", [1, -1])
def test_a_server_at_dover_moves_nobody_elsewhere(add: int) -> None:
    plan = planned()
    # Without what truly couples them: berths, the road that lorries and cars to Dover share, and
    # Operation Stack, which holds lorries for the tunnel when the ports' queue is long.
    plan = replace(plan, vehicles=replace(
        plan.vehicles, sailing_link=np.full_like(plan.vehicles.sailing_link, -1),
        road_of_stream=np.full_like(plan.vehicles.road_of_stream, -1)))
    other = with_servers(plan.vehicles, "fr-entry-dover-tourist", add)
    one, two = run(plan, DAYS), run(plan, DAYS, vehicles=other)
    names = untouched(plan.vehicles)
    assert one.of_streams(plan.vehicles, *names) == two.of_streams(other, *names)
    inbound = [s.station for s in plan.legend.stations if s.direction == "to_uk"]
    assert one.of(plan.vehicles, inbound) == two.of(other, inbound)
    assert all(same_people(a, b) for a, b in zip(one.people, two.people, strict=True))
    # and somebody did move
    touched = ("dover-calais/to_fr/car",)
    assert one.of_streams(plan.vehicles, *touched) != two.of_streams(other, *touched)
    assert one.of(plan.vehicles, ["fr-entry-dover-freight"]) == two.of(
        other, ["fr-entry-dover-freight"]
    )


def test_a_policy_for_dover_alone_leaves_calais_alone(tmp_path: Path) -> None:
    """As above, by documents: the compiler, too, leaves the rest alone."""
    path = write_policy(
        tmp_path, "slower-dover",
        "path: controls.fr-entry-dover-tourist.service.car.per_occupant, scale: 1.5",
    )  # fmt: skip
    one, two = planned(), planned(path)
    first, second = run(one, DAYS), run(two, DAYS)
    names = untouched(one.vehicles)
    assert one.vehicles.stream_names == two.vehicles.stream_names
    assert one.vehicles.station_names == two.vehicles.station_names
    assert first.of_streams(one.vehicles, *names) == second.of_streams(two.vehicles, *names)
    check = ["fr-entry-dover-tourist"]
    assert first.of(one.vehicles, check) != second.of(two.vehicles, check)


def test_more_volume_only_adds_vehicles(tmp_path: Path) -> None:
    path = write_policy(tmp_path, "more-cars", "path: demand.volumes.dover-calais.car, scale: 1.2")
    plans = [plan_task(border.study(path), name, 0).vehicles for name in ("status-quo", path)]
    few, many = (
        arrivals(p, KEY, day_factors(p, KEY), 24 * p.days - 48, 24 * p.days) for p in plans
    )
    kept = np.isin(many.vehicle, few.vehicle)
    for name in ("vehicle", "at", "occupants"):
        np.testing.assert_array_equal(getattr(many, name)[kept], getattr(few, name))
    cars = {k for k, name in enumerate(plans[0].stream_names) if name.startswith("dover-calais")
            and name.endswith("/car")}
    assert set(stream_of(many.vehicle[~kept]).tolist()) == cars
    share = (~kept).sum() / np.isin(stream_of(few.vehicle), list(cars)).sum()
    assert 0.1 < share < 0.3


@pytest.mark.parametrize("stream", ["dover-calais/to_uk/hgv_accompanied",
                                    "folkestone-coquelles/to_fr/car"])
def test_one_more_vehicle_moves_nobody_it_does_not_meet(stream: str) -> None:
    plan = planned().vehicles
    state = border.checkpoint().vehicles
    day = planned().warm_up
    new = arrivals(plan, KEY, day_factors(plan, KEY), 24 * day, 24 * day + 24)
    hour = 24 * day + 11
    number = plan.stream_names.index(stream)
    guest = pack_vehicle_id(number, hour, 1 << 20)
    at = hour * HOUR_TICKS + HOUR_TICKS // 3
    place = int(np.searchsorted(new.vehicle, guest))
    more = replace(new, **{
        name: np.insert(getattr(new, name), place, value)
        for name, value in (("vehicle", guest), ("at", at), ("occupants", 2),
                            ("stream", number))
    })
    span = {"start": day * DAY_TICKS, "end": (day + 1) * DAY_TICKS}
    logs = [border.copied(run_slice(plan, KEY, state, a, **span)[0]) for a in (new, more)]
    table = [np.stack([log[name] for name in border.VISIT]) for log in logs]
    mine = table[1][0] == guest
    met = set(table[1][1][mine].tolist())
    assert len(met) >= 3
    table[1] = table[1][:, ~mine]
    # Stations it never stood at: the same rows, except for who had stood in a queue with it.
    entry = int(plan.step_station[plan.route_step[plan.route_first[plan.route_of[0, number]]]])
    early = [t[:, t[2] < at] for t in table]
    assert np.array_equal(*[t[:, t[2] + t[3] < at] for t in early])
    first = [t[:, (t[1] == entry) & (t[2] <= at)] for t in table]
    assert np.array_equal(*first)
    sharing = {
        k for k in range(len(plan.stream_names))
        if set(plan.step_station[plan.route_step[plan.route_first[plan.route_of[0, k]]:
                                                 plan.route_first[plan.route_of[0, k] + 1]]])
        & met
    }  # fmt: skip
    strangers = [t[:, ~np.isin(stream_of(t[0]), list(sharing))] for t in table]
    assert strangers[0].shape[1] > 1000
    assert np.array_equal(*strangers)


def test_a_row_has_the_same_luck_however_many_rows_there_are() -> None:
    one = plan_task(border.study(rows=2, futures="priors"), "status-quo", 1).key
    other = plan_task(border.study("end-le-touquet", rows=2, futures="priors"), "status-quo", 1).key
    assert one == other
