"""Measures: what a summary says, with unit, definition, commitment and direction.

Attempts are events and are never added to people; a mean wait never stands without those who
still wait, whose age counts as delay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from straits.base.clock import HOUR_TICKS, SECOND_TICKS
from straits.results.causes import BLOCKED, HELD
from straits.results.summary import Summary
from straits.tables.legend import Legend
from straits.tables.people import BOAT, COLUMNS, Event, Observation, PersonDays, State

__all__ = ["COMMITMENTS", "MEASURES", "PEOPLE_MEASURES", "Measure", "measure_values",
           "tailbacks_km"]  # fmt: skip

MONTH_DAYS: Final = 365.25 / 12.0
COMMITMENTS: Final = {
    1: "Security", 2: "Pressure", 3: "Economic link", 4: "Returns", 5: "Humanitarian",
    6: "Public cost",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity of the scorecard."""

    name: str
    label: str
    unit: str
    commitment: int
    direction: str  # what the commitment asks for: less, more, or none
    definition: str
    headline: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """What a measure is computed from."""

    summary: Summary
    legend: Legend
    days: int
    happened: tuple[tuple[int, ...], ...]  # events of the window by kind and place

    def events(self, *kinds: Event, at: int | slice = slice(None)) -> float:
        """Return how often these events happened in the window, `at` some places [events]."""
        places = [at] if isinstance(at, int) else range(COLUMNS)[at]
        return float(sum(self.happened[kind][place] for kind in kinds for place in places))

    def stock(self, *states: State) -> float:
        """Return the people in these states at the window's end [people]."""
        return float(sum(int(self.summary.values["stock"][-1, s]) for s in states))

    def stock_days(self, *states: State) -> float:
        """Return the sum of daily stocks in these states [person-days]."""
        return float(sum(int(self.summary.values["stock"][:, s].sum()) for s in states))

    def person_days(self, kind: PersonDays) -> float:
        """Return person-days of one kind [person-days]."""
        return float(self.summary.values["person_days"][:, kind].sum())

    def per_month(self, count: float) -> float:
        """Return a count of the window a month of 30.4 days."""
        return count * MONTH_DAYS / self.days

    def per_year(self, count: float) -> float:
        """Return a count of the window a year."""
        return count * 365.25 / self.days


def _served(case: _Case, direction: str) -> list[int]:
    """Return the numbers of the stations that serve one direction, departures included."""
    return [k for k, s in enumerate(case.legend.stations) if s.direction == direction]


def _delay_ticks(case: _Case, kinds: tuple[str, ...], directions: tuple[str, ...]) -> float:
    """Return the delay of vehicles of these classes [ticks]; those still waiting count."""
    values, legend = case.summary.values, case.legend
    delays = (values["delays"] + values["overdue"]).reshape(len(legend.stations), -1)
    row = [legend.classes.index(kind) for kind in kinds]
    stations = [k for direction in directions for k in _served(case, direction)]
    return float(delays[np.ix_(stations, row)].sum())


def _departed(case: _Case, kinds: tuple[str, ...], directions: tuple[str, ...],
              crossing: str | None = None) -> float:
    """Return vehicles that left on a departure [vehicles]."""
    legend = case.legend
    sea = [k for k, s in enumerate(legend.stations) if s.kind == "departure"]
    counts = case.summary.values["handled"][sea].sum(axis=0)
    return float(sum(
        int(counts[i]) for i, (c, d, k) in enumerate(legend.streams)
        if k in kinds and d in directions and (crossing is None or c == crossing)
    ))


LORRIES: Final = ("hgv_accompanied", "hgv_unaccompanied")
CARS: Final = ("car", "van", "motorcycle", "coach")
BOTH: Final = ("to_uk", "to_fr")


def _mean_delay(kinds: tuple[str, ...], direction: str) -> Callable[[_Case], float]:
    def value(case: _Case) -> float:
        vehicles = _departed(case, kinds, (direction,))
        ticks = _delay_ticks(case, kinds, (direction,))
        return ticks / vehicles / (60 * SECOND_TICKS) if vehicles else 0.0

    return value


def _delay_hours(case: _Case) -> float:
    return _delay_ticks(case, LORRIES + CARS, BOTH) / HOUR_TICKS


def _delay_cost(case: _Case) -> float:
    cost = sum(
        _delay_ticks(case, (kind,), BOTH) / HOUR_TICKS * price
        for kind, price in case.legend.delay_cost.items()
    )
    return case.per_year(cost) / 1e6


def _kent_hours(case: _Case) -> float:
    """Return vehicle-hours spent waiting at checks on the Kent side, either direction [h]."""
    values, legend = case.summary.values, case.legend
    delays = values["delays"].reshape(len(legend.stations), -1)
    here = [k for k, s in enumerate(legend.stations)
            if s.site in ("dover", "folkestone") and s.kind != "departure"]
    return float(delays[here].sum() + values["waiting_age"][here].sum()) / HOUR_TICKS


def _still_waiting(case: _Case) -> float:
    served = [k for k, s in enumerate(case.legend.stations) if s.kind != "departure"]
    return float(case.summary.values["still_waiting"][served].sum())


def tailbacks_km(summary: Summary, legend: Legend) -> list[float]:
    """Return each road's longest queue, the mean of a quarter of an hour [km]."""
    longest = summary.values["longest_tailback_dm"] / (900.0 * SECOND_TICKS)
    return [float(longest[k]) / road.lanes / 1e4 for k, road in enumerate(legend.roads)]


FOUND: Final = (Event.FOUND_BEFORE_SEA, Event.FOUND_AFTER_SEA)
RETURNED: Final = (Event.REMOVED, Event.VOLUNTARY_RETURN, Event.RETURNED_UK,
                   Event.RETURNED_FRANCE, Event.WITHDREW_UK)
FROM_UK: Final = (Event.ONE_OUT, Event.DUBLIN_TO_FRANCE, Event.DUBLIN_ELSEWHERE)
BY_ROUTE: Final = (Event.FAMILY_TRANSFER, Event.FAMILY_REUNION, Event.CHILD_TRANSFER,
                   Event.TO_UK_CENTRE, Event.ONE_IN)
UK_SYSTEM: Final = (State.CLAIM_UK, State.APPEAL_UK)
FRANCE_SYSTEM: Final = (State.CLAIM_FRANCE, State.APPEAL_FRANCE)


def _share_detected(case: _Case) -> float:
    found = case.events(*FOUND)
    return 100.0 * found / max(found + case.events(Event.CROSSED_UNSEEN), 1.0)


def _public(payer: str) -> Callable[[_Case], float]:
    def value(case: _Case) -> float:
        prices = case.legend.prices
        total = sum(
            prices[name] * _quantity_of(case, name)
            for name, who in case.legend.payers.items()
            if who == payer and name in prices
        )
        return total / 1e6

    return value


def _on_duty_h(case: _Case, by: str, kinds: tuple[str, ...]) -> float:
    values = case.summary.values
    return float(sum(
        int(values["on_duty"][k]) for k, s in enumerate(case.legend.stations)
        if s.by == by and s.kind in kinds
    )) / HOUR_TICKS


def _quantity_of(case: _Case, name: str) -> float:
    """Return how much of a priced thing a year uses [the price's own unit]."""
    quantities: Mapping[str, Callable[[], float]] = {
        "search-bay-hour": lambda: _on_duty_h(case, "UK", ("search",)),
        "booth-hour-uk": lambda: _on_duty_h(case, "UK", ("entry", "exit")),
        "booth-hour-fr": lambda: _on_duty_h(case, "FR", ("entry", "exit")),
        "reception-place-night": lambda: case.stock_days(State.RECEPTION_CENTRE),
        "asylum-support-day-uk": lambda: case.stock_days(*UK_SYSTEM),
        "asylum-support-day-fr": lambda: case.stock_days(*FRANCE_SYSTEM),
        "asylum-decision-uk": lambda: case.events(
            Event.GRANTED_UK, Event.REFUSED_UK, Event.REWORKED_UK, Event.GRANTED_CALAIS,
            Event.REFUSED_CALAIS),
        "asylum-decision-fr": lambda: case.events(
            Event.GRANTED_FRANCE, Event.REFUSED_FRANCE, Event.REWORKED_FRANCE),
        "return-uk": lambda: case.events(Event.RETURNED_UK, *FROM_UK),
        "return-fr": lambda: case.events(Event.REMOVED, Event.RETURNED_FRANCE),
    }
    # What is not counted in the model is a sum a year that a policy may scale.
    return case.per_year(quantities[name]()) if name in quantities else 1.0


_M: Final = Measure
_TABLE: Final[tuple[tuple[Measure, Callable[[_Case], float]], ...]] = (
    (_M("undetected_crossings", "Undetected crossings", "people a month", 1, "less",
        "People who reached the UK in a lorry, on a train or in a boat unfound", True),
     lambda c: c.per_month(c.events(Event.CROSSED_UNSEEN))),
    (_M("detections_before_sea", "Found before departure", "people a month", 1, "none",
        "People found in a lorry by a search before the crossing"),
     lambda c: c.per_month(c.events(Event.FOUND_BEFORE_SEA))),
    (_M("detections_after_sea", "Found on arrival", "people a month", 1, "none",
        "People found by a search after the crossing, on a train or on landing"),
     lambda c: c.per_month(c.events(Event.FOUND_AFTER_SEA))),
    (_M("share_detected", "Share found of those aboard", "%", 1, "more",
        "Found before or after the sea over found and unfound, by lorry, train and boat"),
     _share_detected),
    (_M("boat_crossings", "Crossed by boat", "people a year", 1, "none",
        "People who reached the UK in a boat, found on landing or not"),
     lambda c: c.per_year(c.events(Event.CROSSED_UNSEEN, Event.FOUND_AFTER_SEA, at=BOAT))),
    (_M("open_boardings", "Boarded openly without papers", "people a month", 1, "less",
        "People let aboard as passengers"),
     lambda c: c.per_month(c.events(Event.OPEN_BOARDED))),
    (_M("site_stock", "People at the site", "people, last day", 2, "less",
        "People at the site at the window's end, those with a claim lodged there included", True),
     lambda c: c.stock(State.AT_SITE, State.CLAIM_LODGED_CALAIS)),
    (_M("site_stock_mean", "People at the site, mean", "people", 2, "less",
        "Mean over the days of the window"),
     lambda c: c.stock_days(State.AT_SITE, State.CLAIM_LODGED_CALAIS) / c.days),
    (_M("inflow", "First arrivals", "people a day", 2, "less",
        "People who arrived for the first time, at the site and at other sites of the coast"),
     lambda c: c.events(Event.ARRIVED) / c.days),
    (_M("prevented_attempts", "Prevented attempts, as counted", "attempts a month", 2, "less",
        "Events that entered the statistics; one person makes many"),
     lambda c: c.per_month(float(c.summary.values["observed"][:, Observation.PREVENTED_ATTEMPTS]
                                 .sum()))),
    (_M("official_count", "Official head-count", "people, last day", 2, "none",
        "What the official observer would have counted at the site on the last day"),
     lambda c: float(c.summary.values["observed"][-1, Observation.OFFICIAL_COUNT])),
    (_M("ngo_count", "Head-count by NGOs", "people, last day", 2, "none",
        "What the NGOs' census would have counted at the site on the last day"),
     lambda c: float(c.summary.values["observed"][-1, Observation.NGO_COUNT])),
    (_M("arrests", "Arrests on suspicion of illegal entry", "arrests a year", 1, "none",
        "National police records: those found inland, and a background that has nothing to do "
        "with Calais"),
     lambda c: c.per_year(float(c.summary.values["observed"][:, Observation.ARRESTS].sum()))),
    (_M("lorry_delay_to_uk", "Lorry delay, to the UK", "min, mean", 3, "less",
        "Waiting for checks, and for a departure after a full one, per lorry; still waiting "
        "included", True), _mean_delay(LORRIES, "to_uk")),
    (_M("lorry_delay_to_fr", "Lorry delay, to France", "min, mean", 3, "less",
        "As for lorries to the UK", True), _mean_delay(LORRIES, "to_fr")),
    (_M("car_delay_to_uk", "Car and coach delay, to the UK", "min, mean", 3, "less",
        "As for lorries; cars, vans, motorcycles and coaches"), _mean_delay(CARS, "to_uk")),
    (_M("car_delay_to_fr", "Car and coach delay, to France", "min, mean", 3, "less",
        "As for lorries; cars, vans, motorcycles and coaches"), _mean_delay(CARS, "to_fr")),
    (_M("delay_hours", "Delay of all vehicles", "thousand h a year", 3, "less",
        "Delay of every vehicle, both directions"),
     lambda c: c.per_year(_delay_hours(c)) / 1e3),
    (_M("delay_cost", "Cost of delay", "£m a year", 3, "less",
        "Delay by class at the class's cost an hour"), _delay_cost),
    (_M("lorries_departed", "Lorries departed", "thousand a year", 3, "more",
        "Lorries and trailers that left on a departure, both directions"),
     lambda c: c.per_year(_departed(c, LORRIES, BOTH)) / 1e3),
    (_M("foot_passengers", "Foot passengers", "thousand a year", 3, "none",
        "People on foot on the sailings that left"),
     lambda c: c.per_year(float(c.summary.values["sailing_foot"].sum())) / 1e3),
    (_M("still_waiting", "Vehicles still waiting", "vehicles, last day", 3, "less",
        "Vehicles waiting for a check at the window's end"), _still_waiting),
    (_M("kent_delay_hours", "Delay at checks in Kent", "thousand h a year", 3, "less",
        "Waiting at check-in and controls at Dover and Folkestone, both directions"),
     lambda c: c.per_year(_kent_hours(c)) / 1e3),
    (_M("blocked_hours", "Blocked after a check", "thousand h a year", 3, "less",
        "Time of vehicles that were served and could not go on for want of room ahead"),
     lambda c: c.per_year(float(c.summary.values["ledger"][BLOCKED].sum()) / HOUR_TICKS) / 1e3),
    (_M("held_hours", "Held on roads and ships", "thousand h a year", 3, "less",
        "Time of vehicles that stood on an approach, in a holding scheme or aboard a ship in port, "
        "for want of room ahead"),
     lambda c: c.per_year(float(c.summary.values["ledger"][HELD].sum()) / HOUR_TICKS) / 1e3),
    (_M("longest_tailback", "Longest tailback", "km", 3, "less",
        "The longest queue on any approach, mean of a quarter of an hour"),
     lambda c: max(tailbacks_km(c.summary, c.legend), default=0.0)),
    (_M("scheme_hours", "Hours under a holding scheme", "h a year", 3, "less",
        "Time in which lorries are held on roads by a traffic scheme"),
     lambda c: c.per_year(float(c.summary.values["scheme_on"].sum()) / HOUR_TICKS)),
    (_M("returned", "People returned", "people a year", 4, "more",
        "Removed from the site, returned by either state, or gone home voluntarily", True),
     lambda c: c.per_year(c.events(*RETURNED))),
    (_M("transferred_from_uk", "Transferred from the UK", "people a year", 4, "none",
        "People sent from the UK to France in exchange for others, or to the state responsible "
        "for their claim"),
     lambda c: c.per_year(c.events(*FROM_UK))),
    (_M("admitted_by_route", "Admitted to the UK by a route", "people a year", 5, "none",
        "Children and adults joining family, children alone, people taken to a UK centre or in "
        "exchange for people returned; protection granted in Calais not included"),
     lambda c: c.per_year(c.events(*BY_ROUTE))),
    (_M("wrongly_returned", "In need of protection and returned", "people a year", 4, "less",
        "Returns of people in need of protection that the screen let through"),
     lambda c: c.per_year(c.events(Event.WRONGLY_RETURNED))),
    (_M("non_returnable", "Cannot be returned", "people, last day", 4, "less",
        "Refused people without papers or a willing state, both states"),
     lambda c: c.stock(State.NON_RETURNABLE_FRANCE, State.NON_RETURNABLE_UK)),
    (_M("arrived_again", "Came back", "people a year", 4, "less",
        "People who had left or been returned and came back"),
     lambda c: c.per_year(c.events(Event.ARRIVED_AGAIN))),
    (_M("deaths", "Deaths", "people a year", 5, "less", "People who died in an attempt", True),
     lambda c: c.per_year(c.events(Event.DIED))),
    (_M("injuries", "Injuries", "people a year", 5, "less", "People injured in an attempt"),
     lambda c: c.per_year(c.events(Event.INJURED))),
    (_M("driver_incidents", "Driver incidents", "events a year", 5, "less",
        "Attempts that put a driver at risk"),
     lambda c: c.per_year(c.events(Event.DRIVER_INCIDENT))),
    (_M("without_shelter", "Days without shelter", "thousand person-days a year", 5, "less",
        "Person-days at the site without a place under a roof", True),
     lambda c: c.per_year(c.person_days(PersonDays.WITHOUT_SHELTER)) / 1e3),
    (_M("below_area", "Days below the standard of floor", "thousand person-days a year", 5, "less",
        "Person-days at the site without the standard floor (3.5 m2) under a solid roof"),
     lambda c: c.per_year(c.person_days(PersonDays.BELOW_AREA_STANDARD)) / 1e3),
    (_M("below_water", "Days below the water standard", "thousand person-days a year", 5, "less",
        "Person-days at the site below 15 litres a person and day"),
     lambda c: c.per_year(c.person_days(PersonDays.BELOW_WATER_STANDARD)) / 1e3),
    (_M("below_toilets", "Days below the toilet standard", "thousand person-days a year", 5,
        "less", "Person-days at the site with more than 20 people a toilet"),
     lambda c: c.per_year(c.person_days(PersonDays.BELOW_TOILET_STANDARD)) / 1e3),
    (_M("children_at_site", "Children alone at the site", "people, mean", 5, "less",
        "Children without family at the site, mean over the window"),
     lambda c: c.person_days(PersonDays.CHILDREN_AT_SITE) / c.days),
    (_M("without_decision", "Days without a decision", "thousand person-days a year", 5, "less",
        "Person-days of people whose asylum claim waits for its first decision"),
     lambda c: c.per_year(c.person_days(PersonDays.WITHOUT_DECISION)) / 1e3),
    (_M("uk_asylum_claims", "Asylum claims to the UK by people from the coast", "claims a year",
        2, "none", "Registered on UK soil or lodged in Calais; who does both has made two"),
     lambda c: c.per_year(c.events(Event.CLAIMED_UK, Event.LODGED_CALAIS))),
    (_M("uk_claims_lodged_in_calais", "Asylum claims to the UK lodged in Calais",
        "claims a year", 2, "none", "Those of the claims to the UK that were lodged in Calais"),
     lambda c: c.per_year(c.events(Event.LODGED_CALAIS))),
    (_M("france_asylum_claims", "Asylum claims in France by people from the coast",
        "claims a year", 2, "none", "Claims registered by France"),
     lambda c: c.per_year(c.events(Event.CLAIMED_FRANCE))),
    (_M("public_cost_uk", "UK public cost", "£m a year", 6, "less",
        "Checks, searches, asylum, returns and security paid by the UK", True), _public("UK")),
    (_M("public_cost_fr", "French public cost", "£m a year", 6, "less",
        "Checks, reception, asylum, returns and security paid by France", True), _public("FR")),
)
MEASURES: Final = {measure.name: measure for measure, _ in _TABLE}
# Those that the people half gives alone: waits, and what staff on duty costs, need vehicles.
PEOPLE_MEASURES: Final = frozenset(
    name for name, measure in MEASURES.items() if measure.commitment not in (3, 6))


def measure_values(
    summary: Summary, legend: Legend, days: int, names: Collection[str] = MEASURES.keys()
) -> dict[str, float]:
    """Return measures' values over a window of `days` days [each measure's unit].

    All of them, or those of `names`; `PEOPLE_MEASURES` need no legend with stations.
    """
    happened = tuple(map(tuple, summary.values["events"].sum(axis=0).tolist()))
    case = _Case(summary, legend, days, happened)
    return {measure.name: float(value(case)) for measure, value in _TABLE if measure.name in names}
