import pytest

from xmodal_core.data.name_words import words_of
from xmodal_core.data.readers.tabular import names


def test_words_of_a_name_are_split_at_capitals_digits_and_marks():
    assert words_of("SepalLengthCm") == ("sepal", "length", "cm")
    assert words_of("\u00e9tiquette_2") == ("etiquette", "2")
    assert words_of("patientID") == ("patient", "id")


@pytest.mark.parametrize(
    "name",
    ["label", "Target", "Target Class", "class_label", "Klasse", "y_true", "\u00c9tiquette", "label_id", "outcome"],
)
def test_names_of_labels_are_known_wherever_they_stand(name):
    assert names.label_rank(name, is_last=False) is not None


@pytest.mark.parametrize(
    "name", ["label_name", "predicted_label", "class_probability", "classic", "target_date", "yaw"]
)
def test_names_about_labels_are_none(name):
    assert names.label_rank(name, is_last=False) is None


def test_a_class_that_may_be_a_feature_comes_after_what_is_asked_for():
    assert names.label_rank("survived", False) < names.label_rank("class", False)
    assert names.label_rank("class", True) < names.label_rank("survived", False)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Id", True),
        ("PassengerId", True),
        ("row_id", True),
        ("userid", True),
        ("humid", False),
        ("body mass index", False),
    ],
)
def test_ids_are_known_by_name(name, is_one):
    assert names.names_rows(name) is is_one


@pytest.mark.parametrize("name", ["subject", "Patient_ID", "participantId", "subject no", "speakers"])
def test_groups_are_known_by_name(name):
    assert names.group_rank(name) is not None


def test_a_subject_is_nearer_to_a_group_than_a_session():
    assert names.group_rank("subject") < names.group_rank("session")
    assert names.group_rank("temperature") is None


@pytest.mark.parametrize(
    ("name", "split"),
    [("is_train", "train"), ("isTest", "test"), ("train", "train"), ("is_valid", "val"), ("trail", None)],
)
def test_a_name_may_ask_whether_a_row_is_of_a_split(name, split):
    assert names.names_one_split(name) == split


@pytest.mark.parametrize("name", ["", " ", "Unnamed: 0", "column 1", "...1", "X.1"])
def test_row_names_that_were_saved_along_have_no_name(name):
    assert names.is_unnamed(name)


def test_spellings_of_one_name_are_alike():
    assert len({names.alike(name) for name in ("Ash  tree", "ash_tree", "ASH-TREE", "\u00e0sh tree ")}) == 1
