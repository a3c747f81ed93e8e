"""The record of the people half: complete, dated, honest about overlaps, nothing late is fitted."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest

from straits.base.errors import DataError
from straits.data import figures, read, record
from straits.data.record import LAST_FITTED, SERIES, STATISTICS, RecordRow, people_record

# Observations by series: values, of which fitted; then bounds, all of them fitted.
COUNTS = {
    "official_count": (16, 15, 0),
    "ngo_count": (7, 5, 1),
    "prevented_attempts": (16, 14, 11),
    "port_finds": (3, 3, 0),
    "arrests": (3, 3, 0),
    "deaths": (3, 2, 0),
    "reception": (3, 3, 0),
    "uk_claims_eight": (15, 14, 0),
    "lorry_drops": (2, 2, 0),
    "france_claims": (2, 2, 0),
    "arrivals": (2, 2, 0),
    "over_a_year": (2, 1, 0),
}
UNITS = {
    "stock": {"people"},
    "sum": {"attempts", "attempts/month", "people", "arrests", "applications"},
    "per_day": {"people/day"},
    "share": {"share"},
}
ORIGIN = date(2013, 1, 1)  # where the fitted history begins


def values(series: str) -> list[RecordRow]:
    return [row for row in people_record() if row.series == series and row.side == "both"]


def overlap(one: RecordRow, other: RecordRow) -> bool:
    return one.first <= other.last and other.first <= one.last


def test_every_row_names_a_figure_that_is_a_number_of_its_kind() -> None:
    for row in people_record():
        figure = figures()[row.figure]
        assert figure.number is not None, row.figure
        assert figure.number > 0, row.figure
        assert figure.unit in UNITS[row.statistic], row.figure


def test_recalled_or_assumed_figures_are_not_in_the_record() -> None:
    for row in people_record():
        assert figures()[row.figure].grade in ("A", "B"), row.figure
        assert not row.figure.startswith(("derived.", "claim.")), row.figure


def test_days_are_in_order_and_lie_in_the_history() -> None:
    for row in people_record():
        assert ORIGIN <= row.first <= row.last <= date(2016, 12, 31), row


def test_nothing_after_the_decision_day_is_fitted() -> None:
    for row in people_record():
        assert row.fitted == (row.last <= LAST_FITTED), row
        if not row.fitted:
            assert "predicted" in row.note, row


def test_each_series_has_the_observations_documented() -> None:
    rows = people_record()
    assert set(COUNTS) == set(SERIES)
    for series, (both, fitted, bounds) in COUNTS.items():
        assert len(values(series)) == both, series
        assert sum(row.fitted for row in values(series)) == fitted, series
        one_sided = [row for row in rows if row.series == series and row.side != "both"]
        assert len(one_sided) == bounds, series
        assert all(row.fitted for row in one_sided), series


def test_a_series_has_one_statistic() -> None:
    for series in SERIES:
        kinds = {row.statistic for row in people_record() if row.series == series}
        assert len(kinds) == 1, series
        assert kinds <= set(STATISTICS), series


def test_errors_are_positive_save_where_they_are_poisson() -> None:
    for row in people_record():
        if row.series == "deaths":
            assert row.log_sd == 0.0
            assert "Poisson" in row.note
        else:
            assert 0.03 <= row.log_sd <= 0.35, row


def test_no_figure_is_a_value_twice() -> None:
    counted = Counter(row.figure for row in people_record() if row.side == "both")
    assert [figure for figure, count in counted.items() if count > 1] == []


def test_overlapping_values_of_a_series_say_so() -> None:
    found = set()
    for series in SERIES:
        for one, other in combinations(values(series), 2):
            if overlap(one, other):
                found.add(series)
                assert "overlap" in one.note, one
                assert "overlap" in other.note, other
    assert found == {"prevented_attempts", "reception"}


def test_what_overlaps_by_most_of_its_days_weighs_less() -> None:
    by_figure = {row.figure.removeprefix("attempts.juxtaposed."): row for row in values("prevented_attempts")}
    alone = 0.07
    for figure, shared in (("2013", 2), ("fy2013_14", 2), ("2014", 3), ("fy2014_15", 3), ("2014-04to07", 3)):
        assert by_figure[figure].log_sd == pytest.approx(alone * shared**0.5, abs=0.005)


def test_months_of_2016_stand_without_their_quarter_and_their_year() -> None:
    used = {row.figure for row in people_record()}
    for figure in ("attempts.juxtaposed.2016q1", "attempts.juxtaposed.2016", "attempts.monthly_2016"):
        assert figure in figures()
        assert figure not in used
    months = [row for row in values("prevented_attempts") if ".monthly.2016-" in row.figure]
    assert [row.first.month for row in months] == list(range(1, 10))
    for row in months:
        assert row.first.day == 1
        assert (row.last + timedelta(days=1)).day == 1


def test_the_peak_of_2015_bounds_every_other_month() -> None:
    (peak,) = [row for row in values("prevented_attempts") if "peak" in row.figure]
    bounds = [row for row in people_record() if row.series == peak.series and row.side == "upper"]
    assert {row.figure for row in bounds} == {peak.figure}
    months = sorted([peak, *bounds], key=lambda row: row.first)
    assert [row.first for row in months] == [date(2015, month, 1) for month in range(1, 13)]
    assert all(a.last + timedelta(days=1) == b.first for a, b in pairwise(months))


def test_quarters_of_claims_leave_no_gap_and_end_before_children_were_transferred() -> None:
    rows = values("uk_claims_eight")
    assert rows[0].first == date(2013, 1, 1)
    assert all(a.last + timedelta(days=1) == b.first for a, b in pairwise(rows))
    assert rows[-1].last == date(2016, 9, 30)


@pytest.mark.parametrize(
    "end",
    ["calais.pop.official.2014-spring", "calais.pop.official.2015-10-mid", "calais.pop.ngo.2014-07",
     "calais.arrivals_per_day.2016-07"],
)  # fmt: skip
def test_a_range_is_one_observation_at_its_middle(end: str) -> None:
    low, high, middle = (figures()[f"{end}.{part}"] for part in ("low", "high", "middle"))
    assert low.number is not None
    assert high.number is not None
    assert middle.number == (low.number + high.number) / 2
    used = [row.figure for row in people_record() if row.figure.startswith(end)]
    assert used == [middle.key]


def test_one_count_with_two_readings_is_one_observation() -> None:
    october = [row for row in people_record() if row.figure.startswith("calais.pop.official.2016-10")]
    assert len(october) == 1


@pytest.mark.parametrize("column", ["series", "statistic", "side", "fitted"])
def test_an_unknown_word_is_refused_with_its_line(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = next(iter(read.table_rows("people_record.csv"))) | {column: "perhaps"}
    monkeypatch.setattr(record, "table_rows", lambda _: iter([row]))
    with pytest.raises(DataError, match=rf"people_record\.csv:2  {column} .*'perhaps'"):
        people_record.__wrapped__()


def test_the_record_is_read_once() -> None:
    assert people_record() is people_record()
