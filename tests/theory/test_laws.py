"""Every engine against every law of `straits validate traffic`, in short runs."""

import numpy as np
import pytest

from straits.analysis import traffic_batches as batches
from straits.analysis.traffic_batches import Stays, Window, law_row, mean_row
from straits.analysis.traffic_theory import LAWS, theory_rows
from straits.analysis.traffic_theory_stations import _number_present_mg1
from straits.engine.variates import constant_table, exponential_table
from straits.theory import stations as closed

ENGINES = ("auto", "calendar", "reference")
# Days that the plain engine runs of the longer laws, otherwise `quick_days`: ten batches at least.
# All engines give the same bits, so what is accepted once stays so.
PLAIN_DAYS = {"many servers": 4, "limited room": 4, "patience": 4, "network with feedback": 4,
              "blocking in line": 4, "bulk departures": 12, "overload": 4}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_law(law, engine):
    days = PLAIN_DAYS.get(law.name, law.quick_days) if engine == "reference" else law.quick_days
    rows = law.rows(engine, days)
    assert rows
    for row in rows:
        assert row.kind == "theory"
        assert row.verdict == "accepted", (row.case, row.what, row.published, row.simulated, row.note)


def test_every_row_says_how_far_off_it_is():
    rows = [row for law in LAWS[1:3] for row in law.rows("auto", law.quick_days)]
    assert len({(row.case, row.what) for row in rows}) == len(rows)
    for row in rows:
        assert row.band is not None
        assert "batches" in row.note
        if row.published is not None:
            assert row.low < row.simulated < row.high
            assert row.band[0] < row.published < row.band[1]


def test_the_entry_runs_all_laws():
    rows = theory_rows("auto", quick=True)
    assert len(rows) > 60
    assert len({(row.case, row.what) for row in rows}) == len(rows)


def test_a_wrong_closed_form_is_found(monkeypatch):
    """The comparison can fail: a wait of 15 in 100 too much is rejected, and so is a wrong law."""
    true_mean, true_law = closed.mean_wait_md1, closed.number_present_md1
    monkeypatch.setattr(closed, "mean_wait_md1", lambda **known: 1.15 * true_mean(**known))
    monkeypatch.setattr(closed, "number_present_md1", lambda *, rate_per_s, service_s, count:
                        true_law(rate_per_s=1.1 * rate_per_s, service_s=service_s, count=count))
    law = next(one for one in LAWS if one.name == "one server, constant service")
    rows = {row.what: row.verdict for row in law.rows("auto", 240)}
    assert rows["mean wait"] == "outside"
    assert rows["number present, share of time"] == "outside"


def test_stays_by_hand():
    """Two overlapping stays: time shares, what arrivals find and the mean number present."""
    one = Stays(np.array([0, 10, 40]), np.array([20, 40, 60]))
    over = Window(0, 100, 2)
    np.testing.assert_allclose(one.law_in_time(over, 3), [[0.0, 0.8, 0.2], [0.8, 0.2, 0.0]])
    np.testing.assert_allclose(one.mean_number(over), [1.2, 0.2])
    # At 40 one leaves and one comes: services end before vehicles join.
    np.testing.assert_allclose(one.law_seen(Window(0, 100, 1), 2), [[2 / 3, 1 / 3]])
    both = one + Stays(np.array([90]), np.array([100]))
    np.testing.assert_allclose(both.mean_number(over), [1.2, 0.4])


def test_rows_by_hand():
    samples = np.array([1.0, 3.0])  # mean 2, standard error 1
    assert mean_row("case", "what", "s", 6.4, samples).verdict == "accepted"
    assert mean_row("case", "what", "s", 6.6, samples).verdict == "outside"
    shares = np.array([[0.4, 0.6], [0.6, 0.4]])  # mean 0.5, standard error 0.1
    row = law_row("case", "what", np.array([0.3, 0.5]), shares)
    assert row.simulated == pytest.approx(2.0)
    assert "P(0)" in row.note
    assert law_row("case", "what", np.array([0.96, 0.5]), shares).verdict == "outside"


def test_short_runs_have_fewer_batches():
    assert batches.window(120).batches == batches.BATCHES
    short = batches.window(4)
    assert short.batches == 10
    assert short.length >= batches.SHORTEST


def test_law_of_mg1_has_the_known_special_cases():
    known = {"rate_per_s": 0.025, "count": 12}
    constant = _number_present_mg1(services_s=30.0 * constant_table(), **known)
    np.testing.assert_allclose(
        constant, closed.number_present_md1(rate_per_s=0.025, service_s=30.0, count=12), rtol=1e-6)
    exponential = _number_present_mg1(services_s=30.0 * exponential_table(), **known)
    np.testing.assert_allclose(
        exponential, closed.number_present_mmc(rate_per_s=0.025, mean_service_s=30.0, servers=1,
                                               count=12), rtol=1e-4)
