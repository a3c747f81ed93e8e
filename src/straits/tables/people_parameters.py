"""The daily parameters of the people half: one column of the plan each, one path of a document.

`Param` is the only list: the documents' closed keys (`straits.scenario.population`), the plan's
matrix (`straits.plan.people`) and the engines' indices are all read from it, so a lever that a
policy can move is a lever that the engine feels. Rates by month stand in the plan by day.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Self

__all__ = ["MONTH_DAYS", "Param"]

MONTH_DAYS = 365.25 / 12.0
_SHARE = (0.0, 1.0)
# Far above anything that is counted here, and low enough for whole numbers of 64 bits.
_ANY = (0.0, 1e8)


class Param(IntEnum):
    """One number a day: path in the documents, unit there, bounds, kind, meaning."""

    path: str
    unit: str
    low: float | None
    high: float | None
    kind: str  # "one" a single number, "series" a number by date, "derived" made by the plan
    meaning: str

    def __new__(
        cls, path: str, unit: str, bounds: tuple[float, float | None], kind: str, meaning: str
    ) -> Self:
        """Return the next member; they are numbered as they are written."""
        number = len(cls.__members__)
        member = int.__new__(cls, number)
        member._value_ = number
        member.path, member.unit, member.kind, member.meaning = path, unit, kind, meaning
        member.low, member.high = bounds
        return member

    # fmt: off
    # ruff: noqa: E501
    INFLOW = ("people.inflow.per_day", "people/d", (0.0, 2000.0), "series", "first arrivals at the site, before the elasticity acts")
    INFLOW_OUTLOOK = ("people.inflow.outlook", "1", (0.0, 20.0), "one", "factor on first arrivals after the decision day: European inflow against its documented course")
    INFLOW_OTHER = ("people.inflow.other_sites", "1", (0.0, 5.0), "one", "first arrivals at other sites of the coast for each one at the site")
    ELASTICITY = ("people.inflow.elasticity", "1", (0.0, 3.0), "one", "elasticity of first arrivals to the perceived chance of being in the UK within 90 days")
    INFLOW_MEMORY = ("people.inflow.memory", "d", (1.0, 3650.0), "one", "half-life of the perceived chance")
    INFLOW_CAP = ("people.inflow.cap", "1", (1.0, 100.0), "one", "largest factor by which the elasticity can raise first arrivals")
    NEED = ("people.traits.needs_protection", "1", _SHARE, "one", "share of arrivals in need of protection, by the standard of need in use")
    AIMS = ("people.traits.intends_uk", "1", _SHARE, "one", "share of arrivals aiming for the UK")
    TIES = ("people.traits.uk_ties", "1", _SHARE, "one", "share of arrivals with family in the UK")
    CHILD = ("people.traits.unaccompanied_child", "1", _SHARE, "one", "share of arrivals who are children alone")
    VULNERABLE = ("people.traits.vulnerable", "1", _SHARE, "one", "share of arrivals with a recorded vulnerability")
    STAYER = ("people.traits.stayer", "1", _SHARE, "one", "share of arrivals who leave much later than others")
    LEAVE = ("people.leaving.rate", "1/month", (0.0, 30.0), "one", "hazard of leaving for elsewhere")
    LEAVE_STAYER = ("people.leaving.stayer_factor", "1", _SHARE, "one", "factor on a stayer's exits by choice or removal, and on attempts")
    LEAVE_EVENT = ("people.leaving.event", "1/month", (0.0, 30.0), "series", "added hazard of leaving the site during dated events")
    LEAVE_CROWDING = ("people.leaving.crowding", "1", (0.0, 3.0), "one", "exponent of crowding in the leaving hazard; a hypothesis, off at 0")
    LEAVE_REFERENCE = ("people.leaving.crowding_reference", "people", (1.0, 1e8), "one", "site stock at which crowding has no effect")
    LEFT_AGAIN = ("people.leaving.re_arrival", "1", _SHARE, "one", "share of those who left elsewhere who come back")
    RATE = ("people.attempts.rate", "1/month", (0.0, 60.0), "series", "attempts by a person aiming for the UK, before season, episode and saturation")
    EPISODE = ("people.attempts.episode", "1", (0.0, 50.0), "series", "factor of dated episodes on the attempt rate")
    SEASON = ("people.attempts.season_amplitude", "1", (0.0, 2.0), "derived", "factor of the season on the attempt rate")
    LEARNING = ("people.attempts.learning", "1", (0.0, 2.0), "one", "exponent of perceived success in the attempt rate")
    REFERENCE_SUCCESS = ("people.attempts.reference_success", "1", (0.001, 1.0), "one", "perceived success an attempt at which learning has no effect")
    MEMORY = ("people.attempts.memory", "d", (1.0, 3650.0), "one", "half-life of what people on site know of recent attempts")
    PRIOR_ATTEMPTS = ("people.attempts.prior_attempts", "attempts", (1.0, 1e8), "one", "weight of the reference success in what people know")
    QUEUE_ATTEMPTS = ("people.attempts.in_queue", "1", _SHARE, "one", "factor on the attempt rate of people who wait for a decision lodged in Calais")
    ACCESS = ("people.access.level", "1", _SHARE, "series", "chance that an attempt at a lorry is not turned back before boarding")
    ACCESS_UK_PART = ("people.access.uk_part", "1", _SHARE, "one", "share of the turnings-back that ends when the UK's control leaves French soil")
    ACCESS_CALAIS = ("people.places.calais.access", "1", (0.0, 5.0), "one", "factor on access at the port of Calais")
    ACCESS_COQUELLES = ("people.places.coquelles.access", "1", (0.0, 5.0), "one", "factor on access at the tunnel terminal")
    ACCESS_DUNKIRK = ("people.places.dunkirk.access", "1", (0.0, 5.0), "one", "factor on access at the port of Dunkirk")
    WEIGHT_CALAIS = ("people.places.calais.weight", "1", _ANY, "one", "preference for Calais when access and success are equal")
    WEIGHT_COQUELLES = ("people.places.coquelles.weight", "1", _ANY, "one", "preference for Coquelles when access and success are equal")
    WEIGHT_DUNKIRK = ("people.places.dunkirk.weight", "1", _ANY, "one", "preference for Dunkirk when access and success are equal")
    OPEN_CALAIS = ("people.places.calais.open_weight", "1", _ANY, "one", "preference for open boarding at Calais, beside lorries with an access of 0.17")
    OPEN_COQUELLES = ("people.places.coquelles.open_weight", "1", _ANY, "one", "preference for open boarding at Coquelles")
    OPEN_DUNKIRK = ("people.places.dunkirk.open_weight", "1", _ANY, "one", "preference for open boarding at Dunkirk")
    PARKED_CALAIS = ("people.places.calais.parked_lorry_hours", "h/d", _ANY, "one", "lorry-hours a day on parkings and approaches outside the model")
    PARKED_COQUELLES = ("people.places.coquelles.parked_lorry_hours", "h/d", _ANY, "one", "the same at Coquelles")
    PARKED_DUNKIRK = ("people.places.dunkirk.parked_lorry_hours", "h/d", _ANY, "one", "the same at Dunkirk")
    SECURED_CALAIS = ("people.places.calais.secured_share", "1", _SHARE, "one", "share of lorry-hours out of reach: secured parking, patrols")
    SECURED_COQUELLES = ("people.places.coquelles.secured_share", "1", _SHARE, "one", "the same at Coquelles")
    SECURED_DUNKIRK = ("people.places.dunkirk.secured_share", "1", _SHARE, "one", "the same at Dunkirk")
    MATCHING = ("people.matching.attempts_per_lorry_hour", "1", _ANY, "one", "attempts that a stationary lorry-hour can hold at most")
    CHOICE_ACCESS = ("people.choice.access_sensitivity", "1", (0.0, 10.0), "one", "exponent of access in the choice of a place")
    CHOICE_SUCCESS = ("people.choice.success_sensitivity", "1", (0.0, 10.0), "one", "exponent of perceived success in the choice of place and mode")
    OPEN_UK = ("people.open_boarding.uk_entry_pass", "1", _SHARE, "one", "chance of passing a UK entry control on French soil")
    OPEN_EXIT_SHARE = ("people.open_boarding.exit_check_share", "1", _SHARE, "one", "share of French exit checks carried out")
    OPEN_EXIT_SENSITIVITY = ("people.open_boarding.exit_check_sensitivity", "1", _SHARE, "one", "chance that a French exit check stops a person without papers")
    OPEN_CLAIM = ("people.open_boarding.claims_on_arrival", "1", _SHARE, "one", "share of those who arrive by ticket who claim asylum in the UK")
    LIABILITY = ("people.carriers.liability", "1", _SHARE, "one", "carriers' liability for people without papers: 1 in force, 0 lifted")
    CARRIER_CHECKS = ("people.carriers.checks_if_liable", "1", _SHARE, "one", "share of passengers checked by carriers who are liable")
    CARRIER_CHECKS_FREE = ("people.carriers.checks_if_not", "1", _SHARE, "one", "share of passengers checked by carriers who are not")
    CARRIER_SENSITIVITY = ("people.carriers.sensitivity", "1", _SHARE, "one", "chance that a carrier's check stops a person without papers")
    DEATH = ("people.harm.deaths", "1", _SHARE, "one", "chance of dying in an attempt")
    INJURY = ("people.harm.injuries", "1", _SHARE, "one", "chance of an injury in an attempt")
    DRIVER = ("people.harm.driver_incidents", "1", _SHARE, "one", "chance that an attempt puts a driver in danger")
    CLAIM_FRANCE = ("people.claims_france.rate", "1/month", (0.0, 30.0), "series", "hazard of claiming asylum in France, people aiming for the UK")
    PREFERENCE = ("people.claims_france.preference", "1", (0.0, 50.0), "one", "factor on claims in France and centres for people not aiming for the UK")
    RECEPTION_RATE = ("people.reception.rate", "1/month", (0.0, 30.0), "one", "hazard of asking for a place in a reception centre")
    RECEPTION_CAPACITY = ("people.reception.capacity", "people/d", _ANY, "series", "places offered a day")
    RECEPTION_STAY = ("people.reception.stay", "d", (1.0, 3650.0), "one", "time in a centre before the next step")
    RECEPTION_CLAIM = ("people.reception.claims_france", "1", _SHARE, "one", "share of those in a centre who claim asylum in France")
    RECEPTION_BACK = ("people.reception.back", "1", _SHARE, "one", "share of those in a centre who go back to the site")
    REMOVAL_RATE = ("people.removals.rate", "1/month", (0.0, 30.0), "one", "hazard of being picked out for removal from the site")
    REMOVAL_CAPACITY = ("people.removals.capacity", "people/d", _ANY, "series", "removals a day that the services can carry out")
    REMOVAL_SCREEN = ("people.removals.screen_sensitivity", "1", _SHARE, "one", "chance that the screen before a removal recognises a person in need of protection")
    VOLUNTARY = ("people.voluntary_return.rate", "1/month", (0.0, 30.0), "one", "hazard of a voluntary return")
    RETURN_AGAIN = ("people.returns.re_arrival", "1", _SHARE, "one", "share of returned people who come back")
    AGAIN_DELAY = ("people.returns.re_arrival_delay", "d", (1.0, 3650.0), "one", "mean time until someone comes back")
    FAMILY_RATE = ("people.routes.family.rate", "1/month", (0.0, 30.0), "one", "hazard of a transfer for children alone with family in the UK")
    FAMILY_CAPACITY = ("people.routes.family.capacity", "people/d", _ANY, "series", "transfers a day that both states carry out")
    LODGE_OPEN = ("people.routes.uk_claims_from_calais.open", "1", _SHARE, "one", "share of the decisions offered for UK asylum claims lodged in Calais; 0 while there is no such route")
    LODGE_CAPACITY = ("people.routes.uk_claims_from_calais.capacity", "people/d", _ANY, "one", "decisions a day")
    LODGE_TIME = ("people.routes.uk_claims_from_calais.processing", "d", (0.0, 500.0), "one", "least time from claim to decision")
    LODGE_JOIN = ("people.routes.uk_claims_from_calais.join_share", "1", _SHARE, "one", "share of people aiming for the UK who would lodge a claim")
    LODGE_RATE = ("people.routes.uk_claims_from_calais.joining_rate", "1/month", (0.0, 300.0), "one", "hazard of lodging, of those who would")
    LODGE_LEAVE = ("people.routes.uk_claims_from_calais.leave_factor", "1", _SHARE, "one", "factor on leaving while a claim is pending")
    LODGE_STAY = ("people.routes.uk_claims_from_calais.refused_stay", "1", _SHARE, "one", "share of those refused who stay at the site")
    LODGE_RETURN = ("people.routes.uk_claims_from_calais.refused_returned", "1", _SHARE, "one", "share of those refused who enter the French return channel")
    LODGE_GRANT_NEED = ("people.routes.uk_claims_from_calais.grant_if_need", "1", _SHARE, "one", "share granted of those in need of protection")
    LODGE_GRANT_NOT = ("people.routes.uk_claims_from_calais.grant_if_not", "1", _SHARE, "one", "share granted of those not in need")
    CENTRE_OPEN = ("people.routes.uk_centre.open", "1", _SHARE, "one", "share of the places offered in a UK centre to people from Calais; 0 while there is none")
    CENTRE_CAPACITY = ("people.routes.uk_centre.capacity", "people/d", _ANY, "one", "people admitted a day")
    CENTRE_JOIN = ("people.routes.uk_centre.join_share", "1", _SHARE, "one", "share of people aiming for the UK who would ask to go")
    CENTRE_RATE = ("people.routes.uk_centre.joining_rate", "1/month", (0.0, 300.0), "one", "hazard of asking, of those who would")
    CLOSED = ("people.site.closed", "1", _SHARE, "series", "1 while the site is closed")
    CLOSED_CENTRES = ("people.site.closed_to_centres", "1", _SHARE, "one", "share taken to reception centres on the day of the closure")
    CLOSED_STAY = ("people.site.closed_stay", "1", _SHARE, "one", "share who stay near the closed site")
    CLOSED_OTHER = ("people.site.closed_to_other_sites", "1", _SHARE, "one", "share who go to other sites of the coast")
    CLOSED_AGAIN = ("people.site.closed_re_arrival", "1", _SHARE, "one", "share of those dispersed by the closure who come back")
    CLOSED_HAZARD = ("people.site.dispersal_factor", "1", (0.0, 100.0), "one", "factor on leaving while the site is closed and dispersal goes on")
    CLOSED_INFLOW = ("people.site.closed_inflow", "1", (0.0, 5.0), "one", "factor on first arrivals while the site is closed")
    SHELTER = ("people.site.shelter_places", "places", _ANY, "series", "places under a solid roof")
    TOILETS = ("people.site.toilets", "toilets", _ANY, "series", "usable toilets")
    WATER = ("people.site.water", "l/d", _ANY, "series", "water supplied")
    TOILET_STANDARD = ("people.site.people_per_toilet", "people", (1.0, 1e8), "one", "standard: people a toilet")
    WATER_STANDARD = ("people.site.water_per_person", "l/d", (0.1, 1e8), "one", "standard: water a person")
    UK_CLAIM = ("people.uk.claims", "1", _SHARE, "one", "share of people who crossed unseen who claim asylum")
    UK_CLAIM_LAG = ("people.uk.claim_lag", "d", (0.1, 3650.0), "one", "mean time from crossing to claim")
    UK_FOUND_INLAND = ("people.uk.found_inland", "1", _SHARE, "one", "share of people who crossed unseen whom the police arrest within three days")
    UK_CLAIM_FOUND = ("people.uk.claims_if_found", "1", _SHARE, "one", "share of people found on UK soil who claim asylum")
    UK_FADE = ("people.uk.out_of_view", "d", (1.0, 36500.0), "one", "mean time until a person unseen in the UK leaves the model's view")
    UK_BACKGROUND = ("asylum.uk.background", "people/d", (0.0, 5000.0), "series", "asylum claims of others, who share the UK's queue")
    UK_STAFF = ("asylum.uk.caseworkers", "people", _ANY, "series", "caseworkers who decide")
    UK_PACE = ("asylum.uk.decisions_per_caseworker", "1/d", (0.0, 100.0), "one", "decisions of a caseworker a day, weekends counted")
    UK_TIME = ("asylum.uk.minimum_time", "d", (0.0, 500.0), "one", "least time from claim to decision")
    UK_GRANT_NEED = ("asylum.uk.grant_if_need", "1", _SHARE, "one", "share granted at first instance of those in need")
    UK_GRANT_NOT = ("asylum.uk.grant_if_not", "1", _SHARE, "one", "share granted at first instance of those not in need")
    UK_APPEAL = ("asylum.uk.appeal_lodged", "1", _SHARE, "one", "share of refusals appealed")
    UK_APPEAL_TIME = ("asylum.uk.appeal_time", "d", (1.0, 3650.0), "one", "time from refusal to the appeal's decision")
    UK_ALLOWED_NEED = ("asylum.uk.allowed_if_need", "1", _SHARE, "one", "share of appeals allowed of those in need")
    UK_ALLOWED_NOT = ("asylum.uk.allowed_if_not", "1", _SHARE, "one", "share of appeals allowed of those not in need")
    UK_SCREEN = ("asylum.uk.screen_sensitivity", "1", _SHARE, "one", "chance that the screen before a return recognises a person in need")
    UK_DOCUMENTS = ("asylum.uk.documents", "1", _SHARE, "one", "share of people to be returned whose documents can be had")
    UK_RETURNS = ("asylum.uk.returns_capacity", "people/d", _ANY, "one", "returns a day of people in the model")
    UK_RETURN_LIMIT = ("asylum.uk.return_limit", "d", (1.0, 3650.0), "one", "time after which a return is given up")
    UK_STUCK_LEAVE = ("asylum.uk.non_returnable_leave", "1/month", (0.0, 30.0), "one", "hazard of leaving of people who cannot be returned")
    FR_BACKGROUND = ("asylum.france.background", "people/d", (0.0, 5000.0), "series", "asylum claims of others, who share France's queue")
    FR_STAFF = ("asylum.france.caseworkers", "people", _ANY, "series", "caseworkers who decide")
    FR_PACE = ("asylum.france.decisions_per_caseworker", "1/d", (0.0, 100.0), "one", "decisions of a caseworker a day, weekends counted")
    FR_TIME = ("asylum.france.minimum_time", "d", (0.0, 500.0), "one", "least time from claim to decision")
    FR_GRANT_NEED = ("asylum.france.grant_if_need", "1", _SHARE, "one", "share granted at first instance of those in need")
    FR_GRANT_NOT = ("asylum.france.grant_if_not", "1", _SHARE, "one", "share granted at first instance of those not in need")
    FR_APPEAL = ("asylum.france.appeal_lodged", "1", _SHARE, "one", "share of refusals appealed")
    FR_APPEAL_TIME = ("asylum.france.appeal_time", "d", (1.0, 3650.0), "one", "time from refusal to the appeal's decision")
    FR_ALLOWED_NEED = ("asylum.france.allowed_if_need", "1", _SHARE, "one", "share of appeals allowed of those in need")
    FR_ALLOWED_NOT = ("asylum.france.allowed_if_not", "1", _SHARE, "one", "share of appeals allowed of those not in need")
    FR_SCREEN = ("asylum.france.screen_sensitivity", "1", _SHARE, "one", "chance that the screen before a return recognises a person in need")
    FR_DOCUMENTS = ("asylum.france.documents", "1", _SHARE, "one", "share of people to be returned whose documents can be had")
    FR_RETURNS = ("asylum.france.returns_capacity", "people/d", _ANY, "one", "returns a day of people in the model")
    FR_RETURN_LIMIT = ("asylum.france.return_limit", "d", (1.0, 3650.0), "one", "time after which a return is given up")
    FR_STUCK_LEAVE = ("asylum.france.non_returnable_leave", "1/month", (0.0, 30.0), "one", "hazard of leaving of people who cannot be returned")
    OFFICIAL = ("observers.official_count.ratio", "1", (0.01, 3.0), "one", "official head-count over the true stock")
    OFFICIAL_NOISE = ("observers.official_count.noise", "1", (0.0, 2.0), "one", "its lognormal noise, log standard deviation")
    NGO = ("observers.ngo_count.ratio", "1", (0.01, 3.0), "one", "associations' head-count over the true stock")
    NGO_NOISE = ("observers.ngo_count.noise", "1", (0.0, 2.0), "one", "its lognormal noise, log standard deviation")
    COUNTED = ("observers.prevented_attempts.counted_share", "1", _SHARE, "one", "share of attempts turned back before boarding that are counted")
    ARRESTS = ("observers.arrests.background", "1/d", (0.0, 500.0), "one", "arrests a day that have nothing to do with Calais")
    PORTS = ("observers.port_finds.background", "1/d", (0.0, 500.0), "one", "people found a day at UK ports off other routes")
    PORTS_SHARE = ("observers.port_finds.share", "1", _SHARE, "one", "share of people who crossed whom UK ports report")
    # fmt: on
