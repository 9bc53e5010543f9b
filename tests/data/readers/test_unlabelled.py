"""Rows without labels, brought to the features of a data set that was trained on."""

from dataclasses import replace

import numpy as np
import pytest

from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.readers import read
from xmodal_core.data.readers.finish import UnlabelledError
from xmodal_core.data.readers.unlabelled import fitted, read_new_rows, reading_like
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Feature, Part
from xmodal_core.errors import DataError

WEIGHT = Feature("weight", "number", 0.1, fill=2.5)
COLOUR = Feature("colour", "category", 0, ("blue", "red", "(missing)"))
ABSENT = Feature("weight is missing", "indicator")


def fruit() -> bytes:
    lines = [f"{row % 3 + row / 100},{('red', 'blue')[row % 2]},{('apple', 'fig')[row % 2]}" for row in range(20)]
    return "\n".join(["weight,colour,kind", *lines]).encode()


def trained_on(*features: Feature) -> LabelledDataset:
    """A table as a reader leaves it, with these features."""
    rng = np.random.default_rng(0)
    given = read(fruit(), "fruit.csv").understanding
    assert given is not None
    counts = [len(feature.categories) for feature in features]
    table = np.stack([rng.integers(0, n, 20) if n else rng.normal(size=20) for n in counts], axis=1)
    return make_dataset(
        "fruit",
        Modality.TABULAR,
        table,
        np.arange(20) % 2,
        ["a", "b"],
        category_counts=counts if any(counts) else (),
        feature_names=[feature.name for feature in features],
        understanding=replace(given, features=features, reading=Reading(decimal="comma", label="kind", drop=("id",))),
    )


def brought(table: np.ndarray, *features: Feature, modality: Modality = Modality.TABULAR) -> Draft:
    reading = Reading(label="none")
    return Draft("new", "new.csv", reading, "csv", modality, "", np.array(table), np.empty(0), features=features)


def test_what_was_found_out_is_said_and_what_is_of_the_rows_alone_is_not():
    assert reading_like(trained_on(WEIGHT, COLOUR, ABSENT), ".csv") == Reading(
        label="none",
        modality="tabular",
        task="classification",
        number=("weight",),
        category=("colour",),
        decimal="comma",
    )
    assert reading_like(trained_on(WEIGHT), ".npz") == Reading(label="none", modality="tabular", task="classification")


@pytest.mark.parametrize(
    ("modality", "columns", "said"),
    [
        (Modality.TEXT, ("review",), {"text": "review"}),
        (Modality.SEQUENCE, ("dna",), {"text": "dna"}),
        (Modality.SERIES, ("t0", "t1"), {"number": ("t0", "t1"), "length": "pad", "steps": 2}),
    ],
)
def test_columns_that_make_up_a_sample_are_said_by_name(modality, columns, said):
    data = trained_on(WEIGHT)
    assert data.understanding is not None
    parts = (*(Part(name, "", "samples") for name in columns), Part("kind", "", "label"))
    shape = {Modality.TEXT: np.array(["a", "b"] * 10), Modality.SEQUENCE: np.arange(40).reshape(20, 2)}
    other = make_dataset(
        "other",
        modality,
        shape.get(modality, np.random.default_rng(0).normal(size=(20, 1, 2))),
        data.targets,
        data.class_names,
        understanding=replace(data.understanding, features=(), parts=parts, reading=Reading()),
    )
    expected = Reading(label="none", modality=str(modality), task="classification", **said)
    assert reading_like(other, ".csv") == expected


def test_a_date_is_a_number_of_days():
    data = trained_on(Feature("picked", "date"), WEIGHT)
    assert reading_like(data, ".csv").number == ("picked", "weight")
    found = fitted(brought([[2, 20000]], WEIGHT, Feature("picked", "number")), data)
    assert found.inputs.tolist() == [[20000, 2]]


def test_a_missing_number_is_filled_in_and_marked_as_in_training():
    data = trained_on(WEIGHT, COLOUR, ABSENT)
    new = brought([[1, np.nan], [0, 7]], replace(COLOUR, categories=("blue", "red")), WEIGHT)
    found = fitted(new, data)
    assert found.inputs.tolist() == [[2.5, 1, 1], [7, 0, 0]]
    assert found.usable.all()
    assert found.notes == ()


def test_a_missing_number_that_was_never_missing_in_training_gets_no_prediction():
    data = trained_on(replace(WEIGHT, fill=None), COLOUR)
    found = fitted(brought([[np.nan, 0], [7, 1]], WEIGHT, COLOUR), data)
    assert found.usable.tolist() == [False, True]
    assert found.inputs[1].tolist() == [7, 1]
    assert "1 of 2 rows have a missing or infinite value" in found.notes[0]


def test_categories_are_known_by_name_those_that_are_missing_too():
    data = trained_on(COLOUR)
    found = fitted(brought([[0], [1], [2]], Feature("colour", "category", 0, ("(missing)", "green", "red"))), data)
    assert found.usable.tolist() == [True, False, True]
    assert found.inputs[[0, 2], 0].tolist() == [2, 1]
    assert "'green'" in found.notes[0]


def test_where_rare_categories_shared_one_a_new_one_is_rare():
    data = trained_on(replace(COLOUR, categories=("blue", "(other)")))
    found = fitted(brought([[0], [1]], Feature("colour", "category", 0, ("green", "blue"))), data)
    assert found.inputs[:, 0].tolist() == [1, 0]
    assert found.usable.all()


def test_codes_without_names_are_not_stretched():
    data = trained_on(COLOUR)
    assert data.understanding is not None
    data = replace(data, understanding=replace(data.understanding, features=()))
    found = fitted(brought([[2.0], [3.0], [0.5]]), data)
    assert found.usable.tolist() == [True, False, False]
    assert "2 of 3 rows have a code" in found.notes[0]


def test_another_modality_is_refused(refusal):
    series = brought(np.zeros((2, 1, 3)), modality=Modality.SERIES)
    refusal(lambda: fitted(series, trained_on(WEIGHT)), "series", "tabular")


def test_a_file_that_is_said_to_have_no_labels_is_refused_everywhere_else(tmp_path, refusal):
    with pytest.raises(UnlabelledError) as caught:
        read(fruit(), "fruit.csv", Reading(label="none", number=("weight",)))
    assert caught.value.draft.inputs.shape == (20, 1)
    refusal(lambda: read(fruit(), "fruit.csv", Reading(label="none")), "no labels", "give the file to predict")
    (tmp_path / "fruit.csv").write_bytes(fruit())
    data = read(fruit(), "fruit.csv")
    refusal(lambda: read_new_rows(tmp_path / "fruit.csv", data, Reading(label="kind")), "leave the label out")


def test_pictures_lie_wherever_they_lie(tmp_path):
    import io
    import zipfile

    from PIL import Image

    def picture(shade: int) -> bytes:
        stream = io.BytesIO()
        Image.fromarray(np.full((8, 8), shade, np.uint8)).save(stream, "PNG")
        return stream.getvalue()

    for name, places in (("train", ("dark/{}.png", "light/{}.png")), ("new", ("{}.png",))):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for number in range(6):
                shade = 30 + 10 * number + 100 * (number % len(places))
                archive.writestr(places[number % len(places)].format(number), picture(shade))
    data = read(tmp_path / "train.zip", "train.zip")
    found = read_new_rows(tmp_path / "new.zip", data)
    assert found.inputs.shape == (6, 1, 64, 64)
    assert found.inputs[:, 0, 0, 0] == pytest.approx([shade / 255 for shade in (30, 40, 50, 60, 70, 80)], abs=1e-6)


def fasta(sequences: list[str], labels: list[str]) -> bytes:
    titles = [f">s{i}" + (f" label={label}" if label else "") for i, label in enumerate(labels)]
    return "\n".join(f"{title}\n{letters}" for title, letters in zip(titles, sequences, strict=True)).encode()


def test_letters_keep_their_codes_whichever_of_them_a_file_has(tmp_path):
    """Of A and G alone, G is the second letter; of A, C, G and T it is the third."""
    data = read(fasta(["ACGT", "GGTT", "CCAA", "TTTT"], ["a", "b", "a", "b"]), "train.fasta")
    assert data.inputs[0].tolist() == [1, 2, 3, 4]
    (tmp_path / "new.fasta").write_bytes(fasta(["GA", "GAGAGA", "AN"], [""] * 3))
    found = read_new_rows(tmp_path / "new.fasta", data)
    assert found.inputs.tolist() == [[3, 1, 0, 0], [3, 1, 3, 1], [1, 5, 0, 0]]
    assert len(found.notes) == 2
    assert "1 of 3 rows have letters that were not there to learn from (N)" in found.notes[0]
    assert "1 of 3 sequences are longer than 4 letters" in found.notes[1]


def test_codes_that_were_made_in_another_way_are_refused(refusal):
    """The -1 of a padding makes every code one more: without any, the same numbers would stand for others."""
    data = make_dataset("codes", Modality.SEQUENCE, np.arange(40).reshape(20, 2) % 5, np.arange(20) % 2, ["a", "b"])
    given = read(fruit(), "fruit.csv").understanding
    assert given is not None
    raised = replace(data, understanding=replace(given, features=(), changed=("codes raised by one, padded to 2",)))
    new = brought(np.array([[1, 7]]), modality=Modality.SEQUENCE)
    refusal(lambda: fitted(new, raised), "codes raised by one", "as in the file")
    new.changed.append("codes raised by one, padded to 9")
    assert fitted(new, raised).inputs.tolist() == [[1, 7]]
    assert "1 of 1 rows have codes that were not there to learn from" in fitted(new, raised).notes[0]


def ts(series: list[list[int]], labels: list[str]) -> bytes:
    head = ["@problemName x", "@timestamps false", f"@classLabel {'true a b' if labels else 'false'}", "@data"]
    lines = [",".join(map(str, one)) for one in series]
    if labels:
        lines = [f"{line}:{label}" for line, label in zip(lines, labels, strict=True)]
    return "\n".join([*head, *lines]).encode()


def test_series_are_brought_to_the_length_that_was_trained_on(tmp_path):
    data = read(ts([[1, 2, 3, 4], [5, 6], [2, 3, 4, 5], [6, 7]], ["a", "b", "a", "b"]), "train.ts")
    assert data.inputs[1].tolist() == [[5, 6, 6, 6]]
    (tmp_path / "new.ts").write_bytes(ts([[1, 2], [3, 4]], []))
    found = read_new_rows(tmp_path / "new.ts", data)
    assert found.inputs.tolist() == [[[1, 2, 2, 2]], [[3, 4, 4, 4]]]
    assert found.notes == ()
    (tmp_path / "new.ts").write_bytes(ts([[1, 2, 3, 4, 5, 6]], ["a"]))
    found = read_new_rows(tmp_path / "new.ts", data)
    assert found.inputs.tolist() == [[[1, 2, 3, 4]]]
    assert "1 series are longer than 4 steps and were cropped" in found.notes[0]


@pytest.mark.parametrize(("last", "day"), [("25/04/2024", "2024-02-01"), ("04/25/2024", "2024-01-02")])
def test_dates_of_new_rows_are_read_in_the_order_of_those_that_were_learned_from(tmp_path, last, day):
    rows = [f"0{1 + row % 9}/0{1 + row % 7}/2024,{row % 5 + 0.5},{('apple', 'fig')[row % 2]}" for row in range(20)]
    data = read("\n".join(["picked,weight,kind", *rows, f"{last},1.5,fig"]).encode(), "fruit.csv")
    path = tmp_path / "new.csv"
    path.write_text("picked,weight\n01/02/2024,2.5\n03/04/2024,1.5\n", encoding="utf-8")  # could be either
    found = read_new_rows(path, data)
    shift = (data.understanding.shifts or {}).get("0", 0)
    assert found.inputs[0, 0] + shift == np.datetime64(day).astype(int)
    path.write_text(f"picked,weight\n{'/'.join((last[3:5], last[:2], last[6:]))},2.5\n", encoding="utf-8")
    with pytest.raises(DataError, match="year-month-day"):
        read_new_rows(path, data)


def test_dates_that_are_written_otherwise_in_new_rows_are_told(tmp_path):
    rows = [f"2024-0{1 + row % 9}-0{1 + row % 7},{row % 5 + 0.5},{('apple', 'fig')[row % 2]}" for row in range(20)]
    data = read("\n".join(["picked,weight,kind", *rows]).encode(), "fruit.csv")
    path = tmp_path / "new.csv"
    path.write_text("picked,weight\n01/02/2024,2.5\n", encoding="utf-8")
    (note,) = read_new_rows(path, data).notes
    assert "day/month/year here and were year-month-day" in note


@pytest.mark.parametrize(
    ("values", "new", "number"),
    [
        (["1.250.000", "12.500", "999"], "12.500", 12500),  # alone it would be twelve and a half
        (["1,250,000", "12,500", "999"], "12,500", 12500),
        (["1,5", "2,25", "3,125"], "3,125", 3.125),
        (["1.5", "2.25", "3.125"], "3.125", 3.125),
    ],
)
def test_marks_in_numbers_of_new_rows_are_those_that_were_learned_from(tmp_path, values, new, number):
    rows = [
        f"{values[row % 3]};{('red', 'blue', 'grey')[row % 5 % 3]};{('apple', 'fig')[row % 2]}" for row in range(24)
    ]
    data = read("\n".join(["worth;colour;kind", *rows]).encode(), "fruit.csv")
    path = tmp_path / "new.csv"
    path.write_text(f"worth;colour\n{new};red\n", encoding="utf-8")
    found = read_new_rows(path, data)
    assert found.inputs[0, 0] + ((data.understanding.shifts or {}).get("0", 0)) == number
