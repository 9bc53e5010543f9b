from xmodal_core.data.readers.tables.orange import find_orange

NAMES, TYPES, ROLES = ["a", "k", "note", "y"], ["continuous", "d", "string", "x y z"], ["", "", "meta", "class"]
ROW = ["1.5", "2", "n", "x"]


def test_three_rows_say_names_types_and_roles() -> None:
    found = find_orange([NAMES, TYPES, ROLES, ROW], ".csv")
    assert found is not None
    assert (found.header.names, found.rows) == (tuple(NAMES), 3)
    assert found.categories() == {"k", "y"}


def test_a_name_has_its_role_and_type_in_front_in_tab_alone() -> None:
    head = [["C#a", "mS#note", "cD#y", "plain"], ROW]
    found = find_orange(head, ".tab")
    assert found is not None
    assert (found.names, found.types, found.roles) == (
        ("a", "note", "y", "plain"),
        ("c", "s", "d", ""),
        ("", "m", "c", ""),
    )
    assert find_orange(head, ".csv") is None


def test_other_rows_are_data() -> None:
    letters = [["cap", "gill", "ring", "y"], ["c", "d", "s", "t"], ["d", "c", "n", "b"], ["s", "n", "n", "c"]]
    assert find_orange(letters, ".data") is None  # letters that stand for colours
    assert find_orange([NAMES, ROW, ROW, ROW], ".tab") is None
    assert find_orange([NAMES, TYPES], ".tab") is None
