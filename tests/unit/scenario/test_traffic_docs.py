"""Rooms with two units, and times by the clock of a site."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from straits.scenario.findings import Finding
from straits.scenario.incidents import instants_of
from straits.scenario.servers import Metres, RoomRule

RULE = RoomRule("vehicles", 0.0, None)


def read(value: object) -> tuple[object, list[Finding]]:
    findings: list[Finding] = []
    return RULE.read({"value": value, "source": "dover.buffer_zone"}, findings), findings


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [(220, 220.0, "vehicles"), ("220 vehicles", 220.0, "vehicles"), ("300 m", 300.0, "m"),
     ("1.2 km", 1200.0, "m")],
)  # fmt: skip
def test_a_room_is_in_vehicles_or_metres(written: object, value: float, unit: str) -> None:
    room, findings = read(written)
    assert not findings
    assert (room.value, room.unit) == (value, unit)  # type: ignore[attr-defined]
    assert isinstance(room.plain(), Metres) == (unit == "m")  # type: ignore[attr-defined]
    again, _ = read(room.node()["value"])  # type: ignore[attr-defined]
    assert again == room


@pytest.mark.parametrize("written", ["3 h", "many", -1, "-5 m"])
def test_other_rooms_are_refused(written: object) -> None:
    assert read(written)[1]


def test_a_local_time_is_one_instant() -> None:
    assert instants_of("2016-07-22 18:00", "Europe/London") == [
        datetime(2016, 7, 22, 17, tzinfo=UTC)]  # fmt: skip
    assert instants_of("2016-07-22 18:00", "Europe/Paris") == [
        datetime(2016, 7, 22, 16, tzinfo=UTC)]  # fmt: skip


def test_the_clock_skips_an_hour_and_shows_one_twice() -> None:
    assert instants_of("2016-03-27 01:30", "Europe/London") == []
    assert instants_of("2016-10-30 01:30", "Europe/London") == [
        datetime(2016, 10, 30, 0, 30, tzinfo=UTC), datetime(2016, 10, 30, 1, 30, tzinfo=UTC)]  # fmt: skip
    assert len(instants_of("2016-10-30 02:00", "Europe/London")) == 1
