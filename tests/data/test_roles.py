from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.data.roles import reading_of, roles

BEFORE = {
    "Id": "number",
    "length": "number",
    "kind": "category",
    "fold": "split",
    "species": "label",
    "note": "left out",
}


def test_nothing_changed_says_nothing() -> None:
    assert reading_of(BEFORE, BEFORE) == Reading()


def test_only_what_changed_is_said() -> None:
    after = BEFORE | {"Id": "left out", "kind": "label", "species": "left out"}
    assert reading_of(BEFORE, after) == Reading(label="kind", drop=("Id", "species"))
    assert reading_of(BEFORE, BEFORE | {"Id": "category", "length": "category"}) == Reading(category=("Id", "length"))
    assert reading_of(BEFORE, BEFORE | {"note": "text", "Id": "id"}) == Reading(text="note", id="Id")


def test_a_split_that_is_none_any_more_is_said_to_be_none() -> None:
    assert reading_of(BEFORE, BEFORE | {"fold": "number"}) == Reading(number=("fold",), split="none")
    assert reading_of(BEFORE, BEFORE | {"fold": "number", "kind": "split"}) == Reading(number=("fold",), split="kind")


def test_what_was_said_before_stays_but_of_parts_that_changed() -> None:
    said = Reading(drop=("Id", "note"), label="species", task="classification")
    found = BEFORE | {"Id": "left out"}
    assert reading_of(found, found | {"Id": "number"}, said) == Reading(
        drop=("note",), number=("Id",), label="species", task="classification"
    )
    assert reading_of(found, found | {"species": "left out", "kind": "label"}, said) == Reading(
        drop=("Id", "note", "species"), label="kind", task="classification"
    )


def test_what_is_said_by_a_role_is_read_so() -> None:
    table = b"Id,a,kind,y2\n" + b"".join(
        b"%d,%d,%s,%d\n" % (i, i * 7 % 11, b"uv"[i % 2 :][:1], i % 3) for i in range(40)
    )
    first = read(table, "t.csv").understanding
    assert first is not None
    before = roles(first)
    if before:  # formats that name their parts
        changed = reading_of(before, before | {"kind": "label", "Id": "left out"})
        again = read(table, "t.csv", changed).understanding
        assert again is not None
        assert again.label == "kind"
        assert "Id" not in [feature.name for feature in again.features]
