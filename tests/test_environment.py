"""What we ask of libraries, where nobody has asked otherwise."""

from xmodal_core.environment import settle


def test_what_a_person_asks_of_a_library_stays() -> None:
    asked = {"OMP_WAIT_POLICY": "active"}
    settle(asked)
    assert asked["OMP_WAIT_POLICY"] == "active"
    assert asked["THP_MEM_ALLOC_ENABLE"] == "1"
