import numpy as np

from tests.data.corpus.zips import CORPUS
from tests.data.packed import packed, picture, pictures
from xmodal_core.data.readers import read
from xmodal_core.data.readers.files import listed as module
from xmodal_core.data.reading import Reading

FILES = {f"images/{i}.png": picture(i, 60 + 100 * (i % 2)) for i in range(20)}


def listed(head, row, files=FILES, name="labels.csv", **said):
    table = "\n".join([head, *(row(i) for i in range(20))])
    return read(packed({**files, name: table.encode()}), "t.zip", Reading(**said))


def codes(data):
    return [one.code for one in data.understanding.warnings]


def test_labels_go_to_the_files_that_they_name_whatever_the_order():
    data = listed("image,label", lambda i: f"{19 - i},{'even' if i % 2 else 'odd'}")
    assert [data.class_names[target] for target in data.targets[:3]] == ["even", "odd", "even"]
    assert data.understanding.label == "label"


def test_numbers_are_predicted_and_missing_ones_left_out():
    data = listed("image,score", lambda i: f"{i},{i / 7 if i else ''}")
    assert (data.task, len(data)) == ("regression", 19)
    np.testing.assert_allclose(data.targets[:2, 0], (1 / 7, 2 / 7), rtol=1e-6)


def test_split_and_group_columns_are_used_or_asked_for():
    data = listed(
        "image,label,split", lambda i: f"{i},{'ab'[i % 2]},{'train' if i < 14 else 'dev' if i < 17 else 'test'}"
    )
    assert [len(data.rows(split)) for split in ("train", "val", "test")] == [14, 3, 3]
    row = lambda i: f"{i},{'ab'[i % 2]},p{i // 4}"  # noqa: E731
    assert codes(listed("image,label,patient", row)) == ["possible-group"]
    grouped = listed("image,label,patient", row, group="patient")
    assert not codes(grouped)
    assert not set(grouped.groups[grouped.splits == "test"]) & set(grouped.groups[grouped.splits == "train"])
    ordered = listed("image,label,year", lambda i: f"{i},{'ab'[i % 2]},{i}", time="year")
    assert ordered.splits.tolist() == ["train"] * 12 + ["val"] * 4 + ["test"] * 4


def test_a_column_that_could_be_the_label_too_is_asked_for():
    row = lambda i: f"{i},{'ab'[i % 2]},{'xy'[i // 10]}"  # noqa: E731
    assert codes(listed("image,label,type", row)) == ["label-guessed"]
    other = listed("image,label,type", row, label="type")
    assert (other.class_names, codes(other)) == (("x", "y"), [])


def test_folders_that_part_files_otherwise_are_asked_for():
    files = {f"{'summer' if i < 10 else 'winter'}/{i}.png": picture(i) for i in range(20)}
    row = lambda i: f"{i},{'ab'[i % 2]}"  # noqa: E731
    assert codes(listed("image,label", row, files)) == ["label-guessed"]
    by_folder = listed("image,label", row, files, label="folder 1")
    assert (by_folder.class_names, codes(by_folder)) == (("summer", "winter"), [])
    same = {f"{'ab'[i % 2]}/{i}.png": picture(i) for i in range(20)}
    assert not codes(listed("image,label", row, same))


def test_files_and_lines_without_a_partner_are_counted():
    found = listed("image,label", lambda i: f"{i + 3},{'ab'[i % 2]}")
    messages = [one.message for one in found.understanding.warnings]
    assert messages[0].startswith("3 lines of labels.csv name no file")
    assert messages[1].startswith("3 files are not named in labels.csv")


def test_a_list_that_may_matter_and_names_nothing_is_said():
    data = read(packed({**pictures("cat", "dog"), "metadata.csv": b"a,b\n1,2\n"}), "t.zip")
    assert codes(data) == ["part-unused"]


def test_made_up_answers_are_no_labels():
    made_up = "id,label\n" + "\n".join(f"{i},cat" for i in range(6))
    files = {**pictures("cat", "dog"), "sample_submission.csv": made_up.encode()}
    assert not codes(read(packed(files), "t.zip"))


def test_lists_of_val_and_test_leave_the_rest_to_train():
    files = pictures("cat", "dog", n=8)
    for name, at in (("validation_list.txt", 0), ("testing_list.txt", 1)):
        files[name] = "\n".join(f"{c}/{i}.png" for c in ("cat", "dog") for i in (at, at + 2)).encode()
    data = read(packed(files), "t.zip")
    assert [len(data.rows(split)) for split in ("train", "val", "test")] == [8, 4, 4]
    assert CORPUS["lists of splits"].outcome == "right"


def test_a_list_of_very_many_bytes_is_refused(monkeypatch, refusal):
    monkeypatch.setattr(module, "MAX_LIST_BYTES", 100)
    refusal(lambda: listed("image,label", lambda i: f"{i},{'ab'[i % 2]}"), "labels.csv", "by itself")
