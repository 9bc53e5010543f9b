import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset
from xmodal_core.data.readers import read
from xmodal_core.data.readers.unlabelled import read_new_rows
from xmodal_core.data.reading import Reading
from xmodal_core.data.store import export_dataset
from xmodal_core.errors import DataError

N = 12
RNG = np.random.default_rng(0)
CLASSES = np.arange(N) % 2
INPUTS = {
    Modality.IMAGE: RNG.random((N, 3, 4, 5)),
    Modality.SERIES: RNG.random((N, 2, 9)),
    Modality.SEQUENCE: RNG.integers(0, 9, (N, 5)),
    Modality.TEXT: np.array([f"caf\u00e9 {i}\n" * (i + 1) for i in range(N)]),
    Modality.FIELD: RNG.random((N, 2, 4, 5)) * 1e6,
    Modality.TABULAR: np.column_stack([np.arange(N) / 7, np.arange(N) % 3]),
}
CELLS = {Modality.IMAGE: (4, 5), Modality.FIELD: (4, 5), Modality.SERIES: (9,), Modality.SEQUENCE: (5,)}
TARGETS = {
    Task.CLASSIFICATION: lambda _: CLASSES,
    Task.MULTILABEL: lambda _: RNG.integers(0, 2, (N, 2)),
    Task.REGRESSION: lambda _: RNG.random((N, 2)),
    Task.DENSE: lambda cells: RNG.random((N, 1, *cells)),
    Task.SEGMENTATION: lambda cells: RNG.integers(-1, 2, (N, *cells)),
}
NAMED = (Task.CLASSIFICATION, Task.MULTILABEL, Task.SEGMENTATION)
KINDS = [(m, t) for m in Modality for t in Task if t not in (Task.DENSE, Task.SEGMENTATION) or m in CELLS]


def kept(modality: Modality, task: Task) -> LabelledDataset:
    is_table = modality is Modality.TABULAR
    return make_dataset(
        "orchard 2",
        modality,
        INPUTS[modality],
        TARGETS[task](CELLS.get(modality, ())),
        ("n\u00e4h", "far") if task in NAMED else (),
        splits=np.array(["test", "train", "val"] * 4),
        category_counts=(0, 3) if is_table else (),
        feature_names=("weight", "colour") if is_table else (),
        sampling_rate_hz=12.5 if modality is Modality.SERIES else None,
        groups=np.arange(N) // 3,
        task=task,
    )


def exported(data: LabelledDataset, folder) -> bytes:
    export_dataset(data, folder / "out.npz")
    return (folder / "out.npz").read_bytes()


def with_arrays(content: bytes, **changes: np.ndarray | None) -> bytes:
    stream = io.BytesIO()
    with np.load(io.BytesIO(content)) as arrays:
        parts = {name: arrays[name] for name in arrays.files} | changes
    np.savez(stream, **{name: array for name, array in parts.items() if array is not None})
    return stream.getvalue()


@pytest.mark.parametrize(("modality", "task"), KINDS)
def test_what_is_exported_is_read_back_as_it_was(modality, task, tmp_path):
    data = kept(modality, task)
    back = read(exported(data, tmp_path), "mine.npz")
    for name in ("inputs", "targets", "splits", "uid", "groups"):
        np.testing.assert_array_equal(getattr(back, name), getattr(data, name))
    for name in ("name", "modality", "task", "class_names", "feature_names", "category_counts", "sampling_rate_hz"):
        assert getattr(back, name) == getattr(data, name)
    assert back.content_hash == data.content_hash
    assert back.understanding is not None
    assert (back.understanding.file, back.understanding.warnings) == ("mine.npz", ())


def test_a_file_that_was_read_and_exported_keeps_what_was_understood_of_it(tmp_path):
    rows = [f"{i},{i * 7 % 11},{'ab'[i % 2]}" for i in range(40)]
    data = read("\n".join(["Id,weight,kind", *rows]).encode(), "fruit.csv", Reading(drop=("Id",)))
    back = read(exported(data, tmp_path), "fruit.npz")
    assert back.content_hash == data.content_hash
    assert (back.understanding.label, back.feature_names) == ("kind", ("weight",))
    assert "csv" in back.understanding.format


def test_what_would_read_it_differently_is_refused(tmp_path, refusal):
    content = exported(kept(Modality.IMAGE, Task.CLASSIFICATION), tmp_path)
    refusal(lambda: read(content, "mine.npz", Reading(modality="field")), "was read before", "modality")


def test_arrays_that_were_changed_since_are_read_like_others_and_that_is_said(tmp_path):
    data = kept(Modality.SERIES, Task.CLASSIFICATION)
    changed = read(with_arrays(exported(data, tmp_path), X=data.inputs[:, :, ::-1]), "mine.npz")
    assert changed.modality is Modality.SERIES
    assert changed.content_hash != data.content_hash
    assert any("changed since" in one for one in changed.understanding.changed)


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.FIELD, Modality.SERIES, Modality.TABULAR])
def test_what_other_programs_wrote_under_the_same_names_keeps_its_modality(modality, tmp_path):
    data = kept(modality, Task.CLASSIFICATION)
    back = read(with_arrays(exported(data, tmp_path), xmodal_meta=None), "mine.npz")
    assert back.modality is modality
    np.testing.assert_array_equal(back.inputs, data.inputs)


def test_rows_of_an_export_are_predicted_on_as_those_of_the_file_that_it_is_from(tmp_path):
    rows = [f"{2**40 + i * 3},{'' if i % 5 == 0 else i},{['red', 'blue'][i % 2]},{'ab'[i % 3 > 0]}" for i in range(60)]
    path = tmp_path / "fruit.csv"
    path.write_text("\n".join(["code,weight,colour,kind", *rows]))
    data = read(path, path.name, Reading(label="kind", number=("code",)))
    assert data.understanding.shifts
    assert any(feature.kind == "indicator" for feature in data.understanding.features)
    export_dataset(data, tmp_path / "out.npz")
    found = read_new_rows(tmp_path / "out.npz", data)
    assert found.usable.all()
    np.testing.assert_array_equal(found.inputs, data.inputs)


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_an_export_with_flipped_bytes_is_read_or_refused(tmp_path_factory, data):
    stored = kept(Modality.TABULAR, Task.CLASSIFICATION)
    content = with_arrays(exported(stored, tmp_path_factory.mktemp("export")))
    with np.load(io.BytesIO(content)) as arrays:
        meta = bytearray(str(arrays["xmodal_meta"]).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        meta[data.draw(st.integers(0, len(meta) - 1))] = data.draw(st.integers(32, 126))
    altered = with_arrays(content, xmodal_meta=np.array(meta.decode("utf-8", "replace")))
    sentence = "."
    try:
        assert isinstance(read(altered, "mine.npz"), LabelledDataset)
    except DataError as error:
        sentence = str(error)
    assert sentence.endswith(".")
