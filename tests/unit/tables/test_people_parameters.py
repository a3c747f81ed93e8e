"""The one list of parameters."""

from straits.tables.people import DECISIONS, PERSON, State, pack_person_id
from straits.tables.people_parameters import Param


def test_paths_are_unique_and_blocks_are_aligned() -> None:
    assert len({param.path for param in Param}) == len(Param)
    assert [int(param) for param in Param] == list(range(len(Param)))
    for name in ("ACCESS", "WEIGHT", "OPEN", "PARKED", "SECURED"):
        first = Param[f"{name}_CALAIS"]
        assert Param[f"{name}_COQUELLES"] == first + 1
        assert Param[f"{name}_DUNKIRK"] == first + 2
    span = Param.FR_BACKGROUND - Param.UK_BACKGROUND
    inside = [p for p in Param if Param.UK_BACKGROUND <= p < Param.FR_BACKGROUND]
    assert all(p.path.startswith("asylum.uk.") for p in inside)
    assert [Param(p + span).path for p in inside] == [  # type: ignore[call-arg, arg-type]
        p.path.replace(".uk.", ".france.") for p in inside
    ]


def test_a_person_row_has_no_gaps() -> None:
    assert PERSON.itemsize == 48
    assert sum(PERSON[name].itemsize for name in PERSON.names or ()) == 48


def test_ids_sort_by_cohort_then_day() -> None:
    ids = [pack_person_id(1, 0, 5), pack_person_id(1, 1, 0), pack_person_id(2, 0, 0)]
    assert ids == sorted(ids)
    assert pack_person_id(1, 1, 0, generation=1) > ids[-1]


def test_words() -> None:
    assert len(set(DECISIONS)) == len(DECISIONS)
    assert State.PROTECTED_UK == 14
