"""A policy moves numbers one by one: what must hold between them is checked with it in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from straits.base.errors import UserError
from straits.ensemble.study import Study, people_plan
from straits.scenario import build, check_files, combine, load_baseline
from straits.tables.people_parameters import Param
from support.border import write_policy


def problems(folder: Path, *changes: str) -> list[str]:
    """Return what a check of such a policy says against the shipped baseline."""
    return [str(one) for one in check_files([write_policy(folder, "tried", *changes)])]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["path: people.site.closed_to_centres, set: 0.9"],
         "closed_to_centres, closed_stay and closed_to_other_sites are shares of the same people"),
        (["path: people.reception.back, add: 0.2"], "found 0.8 + 0.25 = 1.05"),
        (["path: people.routes.uk_claims_from_calais.refused_returned, set: 0.6"],
         "refused_returned and refused_stay are shares of the same people"),
        (["path: people.routes.uk_centre.open, set: 1",
          "path: people.routes.uk_centre.join_share, scale: 0"],
         "this route is open and nobody can take it; found people.routes.uk_centre.join_share is 0"),
        (["path: people.routes.one_in_one_out.open, set: 1",
          "path: people.routes.one_in_one_out.window, set: 0 d"],
         "this route is open and nobody can take it; found people.routes.one_in_one_out.window is 0"),
        (["path: people.routes.uk_claims_from_calais.open, set: 1",
          "path: people.traits.intends_uk, set: 0"],
         "found people.traits.intends_uk is 0"),
    ],
)  # fmt: skip
def test_a_policy_that_does_not_hold_together(
    changes: list[str], said: str, tmp_path: Path
) -> None:
    (found,) = problems(tmp_path, *changes)
    assert said in found
    assert "with this change" in found
    assert found.startswith(f"{tmp_path / 'tried.yaml'}:")
    with pytest.raises(UserError, match="with this change"):
        build(load_baseline("calais-2016"), combine(str(tmp_path / "tried.yaml")))


@pytest.mark.parametrize(
    "changes",
    [
        # Two moves that hold together only as a pair.
        ["path: people.site.closed_to_centres, set: 0.95", "path: people.site.closed_stay, set: 0",
         "path: people.site.closed_to_other_sites, set: 0.05"],
        # A shut route may have no places.
        ["path: people.routes.uk_centre.capacity, scale: 0"],
        ["path: people.routes.uk_centre.open, set: 1",
         "path: people.routes.uk_centre.capacity, set: 5 people/d"],
        ["path: people.traits.intends_uk, set: 0"],
    ],
)  # fmt: skip
def test_what_holds_together_is_left_alone(changes: list[str], tmp_path: Path) -> None:
    assert problems(tmp_path, *changes) == []


def test_dates_and_bounds_of_the_parent_stay_as_they_are(tmp_path: Path) -> None:
    """A child that begins its history later need not write every series anew."""
    path = tmp_path / "later.yaml"
    path.write_text(
        "straits: baseline\nid: later\ntitle: A later history\nextends: calais-2016\n"
        "history: {from: 2015-01-01}\n", encoding="utf-8",
    )  # fmt: skip
    assert check_files([path]) == []


def test_what_does_not_hold_for_some_months_is_told(tmp_path: Path) -> None:
    """It would hold again once the last change is in force."""
    (found,) = problems(
        tmp_path,
        "path: people.site.closed_to_other_sites, set: 0.5, in_force: 2017-01-01",
        "path: people.site.closed_to_other_sites, set: 0.08, in_force: 2017-06-01",
    )
    assert "found 0.6 + 0.05 + 0.5 = 1.15" in found
    assert found.startswith(f"{tmp_path / 'tried.yaml'}:12:")


def test_a_route_that_opens_before_it_has_places_is_told(tmp_path: Path) -> None:
    (found,) = problems(
        tmp_path,
        "path: people.routes.uk_centre.open, set: 1",
        "path: people.routes.uk_centre.capacity, scale: 0, in_force: 2016-09-30",
        "path: people.routes.uk_centre.capacity, set: 9 people/d, in_force: 2017-06-01",
    )
    assert "people.routes.uk_centre.capacity is 0" in found


@pytest.mark.parametrize(
    "change",
    ["path: people.start.stock, set: 100", "path: people.attempts.season_peak, set: 10 d",
     "path: asylum.uk.backlog_at_start, set: 1 people",
     "path: asylum.france.backlog_at_start, scale: 2"],
)  # fmt: skip
def test_a_policy_cannot_change_what_the_history_begins_with(change: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, change)
    assert "a policy cannot change this" in found
    assert "a baseline of your own may change this" in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("path: people.site.closed, set: 0.4, range: [0.4, 0.4], ramp: 0 d",
         "a site is closed or it is not; found 0.4"),
        ("path: people.site.closed, set: 1, range: [0, 1], ramp: 0 d", "no draw lies between"),
        ("path: people.site.closed, set: 1, range: [1, 1], ramp: 30 d",
         "a site is closed or it is not; found 0.0333"),
        ("path: asylum.uk.challenged, add: 0.8, range: [0.1, 2]", "out of its bounds"),
        ("path: asylum.uk.caseworkers, add: -250 people, range: [-400 people, -100 people]",
         "out of its bounds; found 315 becomes -85"),
        ("path: asylum.uk.caseworkers, add: -320 people, range: [-320 people, -100 people]",
         "out of its bounds; found 315 becomes -5"),
        ("path: asylum.uk.registrations, set: '1,000 people/d', range: [1 people/d, 2000 people/d]",
         "a number has no comma in it"),
        ("path: people.routes.children.capacity, set: 5 people/d, range: [1 people/d, 9 people/d]",
         ""),
    ],
)  # fmt: skip
def test_ranges_and_closures(line: str, said: str, tmp_path: Path) -> None:
    path = Path(write_policy(tmp_path, "tried"))
    path.write_text(path.read_text().replace("changes: []", "changes:\n  - {" + line
                                             + ", assumed: a test}"))
    found = [str(one) for one in check_files([path])]
    assert bool(found) == bool(said), found
    assert said in "".join(found)


def test_places_that_nobody_can_take(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "path: people.routes.children.capacity, set: 5 people/d",
                        "path: people.routes.children.rate, set: 0 1/month")
    assert "places are offered and nobody can take them" in found
    assert "people.routes.children.rate is 0" in found


def test_staff_of_today_can_be_cut(tmp_path: Path) -> None:
    """Numbers of years before the policy do not bound it: 227 in 2013, 315 on the decision day."""
    assert problems(tmp_path, "path: asylum.uk.caseworkers, add: -250 people") == []


def test_a_number_by_date_is_as_uncertain_as_any_other(tmp_path: Path) -> None:
    path = Path(write_policy(tmp_path, "tried"))
    path.write_text(path.read_text().replace(
        "changes: []", "changes:\n  - {path: asylum.uk.registrations, set: 50 people/d, "
        "range: [10 people/d, 90 people/d], assumed: a test}"))
    study = Study("calais-2016", ("status-quo", str(path)), days=3, rows=6, futures="priors")
    drawn = {float(people_plan(study, str(path), row).parameters[-1, Param.UK_REGISTERED])
             for row in range(6)}
    assert len(drawn) == 6
    assert 10.0 <= min(drawn) < max(drawn) <= 90.0
