"""What can happen to a person, and what a draw is for: closed lists of words.

New words stand at the end: the number of a purpose is where the plan keeps its address.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

__all__ = ["BOAT", "COLUMNS", "DECISIONS", "NOWHERE", "TRAIN", "Decision", "Event"]


class Event(IntEnum):
    """What can happen to a person on a day, or a thing that an attempt does to others."""

    ARRIVED = 0
    ARRIVED_AGAIN = 1
    LEFT = 2
    VOLUNTARY_RETURN = 3
    CLAIMED_FRANCE = 4
    REMOVED = 5  # returned from the site
    SCREENED = 6  # a screen kept a person in need of protection from a return
    WRONGLY_RETURNED = 7  # in need of protection and returned all the same
    FAMILY_TRANSFER = 8
    TO_RECEPTION = 9
    RECEPTION_FULL = 10
    LEFT_RECEPTION = 11
    LODGED_CALAIS = 12
    GRANTED_CALAIS = 13
    REFUSED_CALAIS = 14
    TO_UK_CENTRE = 15
    UK_CENTRE_FULL = 16
    DISPERSED = 17
    NO_LORRY = 18  # no stationary lorry within reach
    TURNED_BACK = 19
    BOARDED = 20
    NO_VEHICLE = 21  # boarded, but no lorry stood there, or it turned away before the sea
    OPEN_TRIED = 22
    OPEN_BOARDED = 23
    DIED = 24
    INJURED = 25
    DRIVER_INCIDENT = 26
    FOUND_BEFORE_SEA = 27
    FOUND_AFTER_SEA = 28
    CROSSED_UNSEEN = 29
    ARRESTED = 30  # found inland by the police
    OUT_OF_VIEW = 31
    CLAIMED_UK = 32
    GRANTED_UK = 33
    REFUSED_UK = 34
    APPEALED_UK = 35
    ALLOWED_UK = 36  # appeal allowed
    RETURNED_UK = 37
    NOT_RETURNABLE_UK = 38
    GRANTED_FRANCE = 39
    REFUSED_FRANCE = 40
    APPEALED_FRANCE = 41
    ALLOWED_FRANCE = 42
    RETURNED_FRANCE = 43
    NOT_RETURNABLE_FRANCE = 44
    WITHDREW_CALAIS = 45  # a claim lodged in Calais ends without a decision
    BACK_FROM_RECEPTION = 46
    COUNTED = 47  # a turning-back that entered the statistics
    WITHDREW_UK = 48  # a claim that waited is withdrawn, and the person returns by choice
    WITHDREW_FRANCE = 49
    ABSCONDED_UK = 50  # a person whose claim waited drops out of view
    ABSCONDED_FRANCE = 51
    REWORKED_UK = 52  # a first decision is sent back to be decided again
    REWORKED_FRANCE = 53
    FRESH_CLAIM_UK = 54
    FRESH_CLAIM_FRANCE = 55
    DUBLIN_ASKED = 56  # the UK asks another state to take charge
    DUBLIN_LAPSED = 57  # time is up: the UK decides
    DUBLIN_TO_FRANCE = 58
    DUBLIN_ELSEWHERE = 59
    FAMILY_REUNION = 60
    CHILD_TRANSFER = 61  # a child alone without family in the UK
    ONE_OUT = 62  # returned from the UK to France, which opens a place
    ONE_IN = 63  # enters the UK in such a place
    BACK_AT_SITE = 64  # from France's asylum system, or returned there and back to the coast
    CHALLENGED_UK = 65  # a court is asked to stop a return
    CHALLENGED_FRANCE = 66
    STOPPED_UK = 67  # it does
    STOPPED_FRANCE = 68


# Columns of events behind those of PLACES: attempts that need no lorry, and events without a place.
TRAIN: Final = 3
BOAT: Final = 4
NOWHERE: Final = 5
COLUMNS: Final = 6


class Decision(IntEnum):
    """Purposes of a draw: index into the plan's decision ids."""

    INFLOW = 0
    TRAIT_NEED = 1
    TRAIT_AIMS = 2
    TRAIT_TIES = 3
    TRAIT_CHILD = 4
    TRAIT_VULNERABLE = 5
    TRAIT_STAYER = 6
    TRAIT_WILLING = 7
    CHOICE = 8
    SCREEN = 9
    AGAIN = 10
    AGAIN_DELAY = 11
    PLACE = 12
    MATCH = 13
    DEATH = 14
    INJURY = 15
    DRIVER = 16
    ACCESS = 17
    INSTANT = 18
    OPEN = 19
    OPEN_CLAIM = 20
    SEARCH = 21
    FOUND_CLAIM = 22
    CROSSED = 23
    CROSSED_DELAY = 24
    PORT_FOUND = 25
    RECEPTION = 26
    LODGED = 27
    LODGED_NEXT = 28
    UK_GRANT = 29
    UK_APPEAL = 30
    UK_ALLOWED = 31
    UK_SCREEN = 32
    UK_DOCUMENTS = 33
    FR_GRANT = 34
    FR_APPEAL = 35
    FR_ALLOWED = 36
    FR_SCREEN = 37
    FR_DOCUMENTS = 38
    CLOSURE = 39
    OFFICIAL = 40
    NGO = 41
    ARRESTS = 42
    PORTS = 43
    COUNTED = 44
    WAITING = 45
    WITHDRAWN_TO = 46
    UK_REWORK = 47
    FR_REWORK = 48
    DUBLIN = 49
    DUBLIN_TO = 50
    ONE_OUT_TO = 51
    UK_CHALLENGE = 52
    FR_CHALLENGE = 53
    UK_STOPPED = 54
    FR_STOPPED = 55


DECISIONS: Final = tuple(f"people.{member.name.lower()}" for member in Decision)
