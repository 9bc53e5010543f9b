import pytest

from tests.data.readers.tabular.tabled import draft
from xmodal_core.data.readers.tabular.several_in_cell import doubt_blanks, mark_between

SKIES = ["clear", "haze", "clear road", "haze road", "clear water road", "haze water", "water", "road water clear"]
NAMES = ["golden retriever", "labrador retriever", "german shepherd", "pug", "shih tzu"]


@pytest.mark.parametrize(
    ("cells", "name", "mark"),
    [
        (SKIES, "tags", " "),
        (SKIES, "image_tags", " "),
        (SKIES, "Keywords", " "),
        (SKIES, "sky", None),
        (NAMES, "tags", None),
        (NAMES, "labels", None),
        (["a|b", "b|c", "a", "c", "b"], "kind", "|"),
        (["a b|c d", "c d", "a b"], "tags", "|"),
    ],
)
def test_blanks_part_labels_where_the_column_says_so_and_words_come_back(cells, name, mark):
    assert mark_between(dict.fromkeys(cells, 5), is_said=False, name=name) == mark


def test_blanks_part_labels_where_the_person_says_so():
    assert mark_between(dict.fromkeys(NAMES, 5), is_said=True, name="breed") == " "
    assert mark_between({"pug": 3, "cat": 4}, is_said=True, name="breed") is None


@pytest.mark.parametrize(
    ("cells", "name", "codes"),
    [
        ([*SKIES, "road", "haze clear", "water clear", "road haze"], "sky", ["task-guessed"]),
        (NAMES, "tags", ["task-guessed"]),
        (NAMES, "breed", []),
        (["pug", "cat"], "tags", []),
    ],
)
def test_cells_of_words_that_come_back_are_doubted(cells, name, codes):
    begun = draft()
    doubt_blanks(begun, cells, name)
    assert [warning.code for warning in begun.warnings] == codes
