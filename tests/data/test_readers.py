import gzip
import io
import zipfile

import h5py
import numpy as np
import openpyxl
import pandas as pd
import pytest
import safetensors.numpy
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.packed import packed, pictures
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.readers import READERS, read
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

SUFFIXES = sorted(READERS)


def good_npz():
    stream = io.BytesIO()
    np.savez_compressed(stream, X=np.arange(60.0).reshape(20, 3), y=np.arange(20) % 2)
    return stream.getvalue()


def good_zip():
    return packed(pictures("a", "b", n=2))


ROWS = [(1.5, "x", "p"), (2.25, "y", "q")] * 5


def good_xlsx():
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in [("a", "b", "label"), *ROWS]:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def good_parquet():
    stream = io.BytesIO()
    pd.DataFrame(ROWS, columns=["a", "b", "label"]).to_parquet(stream)
    return stream.getvalue()


def good_h5ad():
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["X"] = np.arange(60.0).reshape(20, 3) ** 2
        file["obs/cell_type"], file["var/_index"] = np.arange(20) % 2, ["a", "b", "c"]
    return stream.getvalue()


def good_arrays(suffix):
    stream, arrays = io.BytesIO(), {"X": np.arange(60.0).reshape(20, 3) ** 2, "y": np.arange(20) % 2}
    if suffix == ".safetensors":
        return safetensors.numpy.save(arrays)
    if suffix == ".mat":
        scipy.io.savemat(stream, arrays)
    else:
        with h5py.File(stream, "w") as file:
            for name, array in arrays.items():
                file[name] = array
    return stream.getvalue()


GOOD = {
    **{suffix: good_arrays(suffix) for suffix in (".safetensors", ".mat", ".h5", ".hdf5")},
    ".h5ad": good_h5ad(),
    ".npz": good_npz(),
    ".zip": good_zip(),
    ".csv": b"a,b,label\n" + b"1,x,0\n2,y,1\n" * 5,
    ".ts": b"@classLabel true a b\n@data\n" + b"".join(b"%d,2,3:%s\n" % (i, b"ab"[i % 2 :][:1]) for i in range(9)),
    **dict.fromkeys(
        (".fasta", ".fa", ".fna", ".faa", ".fas"),
        b"".join(b">s%d label=%s\nACGT%s\n" % (i, b"ab"[i % 2 :][:1], b"ACGTTGCA"[i:]) for i in range(8)),
    ),
    ".txt": b"a b label\n" + b"1.5 x p\n2.25 y q\n" * 5,
    ".gz": gzip.compress(b"a,b,label\n" + b"1.5,x,p\n2.25,y,q\n" * 5, mtime=0),
    ".xlsx": good_xlsx(),
    ".parquet": good_parquet(),
    ".jsonl": b'{"a": 1.5, "b": "x", "label": "p"}\n{"a": 2.25, "b": "y", "label": "q"}\n' * 5,
    ".arff": b"@relation r\n@attribute a real\n@attribute b {x,y}\n@attribute label {p,q}\n@data\n"
    + b"1.5,x,p\n2.25,y,q\n" * 5,
    ".tab": b"a\tb\tlabel\nc\td\td\n\t\tclass\n" + b"1.5\tx\tp\n2.25\ty\tq\n" * 5,
    ".data": b"1.5,x,p\n2.25,y,q\n" * 5,
    ".dat": b"@relation r\n@attribute a real [0.0, 9.0]\n@attribute b {x, y}\n@attribute label {p, q}\n@inputs a, b\n"
    + b"@outputs label\n@data\n"
    + b"1.5, x, p\n2.25, y, q\n" * 5,
    ".tsv": b"a\tb\tlabel\n" + b"1\tx\t0\n2\ty\t1\n" * 5,
}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_good_file_is_read_from_bytes_and_from_disk_alike(suffix, tmp_path):
    path = tmp_path / f"Name{'.csv' * (suffix == '.gz')}{suffix.upper()}"
    path.write_bytes(GOOD[suffix])
    from_bytes, from_disk = read(GOOD[suffix], path.name), read(path, path.name)
    assert from_bytes.content_hash == from_disk.content_hash
    assert from_bytes.name.startswith("Name")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_refused(suffix, refusal):
    refusal(lambda: read(b"", f"t{suffix}"), "empty")


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".pt", ".pth", ".joblib", ".npy", ".ckpt"])
def test_files_that_can_hold_code_or_no_labels_are_refused_with_the_safe_way(suffix, refusal):
    refusal(lambda: read(GOOD[".npz"], f"model{suffix}"), suffix, "save X and y together with np.savez(...)")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("t.xls", ".xlsx"),
        ("t.png", ".zip"),
        ("t.csv.bz2", "unpack"),
        ("t.xyz", ".npz, .csv"),
        ("t", "no suffix"),
        ("", "no suffix"),
        (".csv", "no suffix"),
        ("t.", "no suffix"),
        ("t.npy", "X.npy and y.npy"),
        ("t.nii.gz", "cut slices"),
    ],
)
def test_another_suffix_is_refused_with_what_is_accepted(name, word, refusal):
    refusal(lambda: read(b"anything", name), word)


@pytest.mark.parametrize(
    ("content", "suffix", "word"),
    [
        (PNG, ".npz", "PNG picture"),
        (PNG, ".csv", "PNG picture"),
        (PNG, ".zip", "PNG picture"),
        (GOOD[".csv"], ".npz", "something else"),
        (GOOD[".npz"], ".csv", "zip archive"),
        (GOOD[".zip"], ".tsv", "zip archive"),
        (b"\x80\x04\x95 pickle", ".npz", "Python pickle"),
        (b"\x80\x04\x95 pickle", ".csv", "Python pickle"),
        (b"\x93NUMPY\x01\x00", ".npz", "single NumPy array"),
    ],
)
def test_content_that_disagrees_with_the_suffix_is_refused(content, suffix, word, refusal):
    refusal(lambda: read(content, f"t{suffix}"), word)


def test_a_zip_of_arrays_is_read_as_such_whichever_suffix_it_has():
    arrays = read(GOOD[".npz"], "t.zip", Reading(label="y"))
    assert arrays.content_hash == read(GOOD[".npz"], "t.npz", Reading(label="y")).content_hash


def test_a_file_that_is_not_there_is_refused(tmp_path, refusal):
    refusal(lambda: read(tmp_path / "gone.csv", "gone.csv"), "gone", "cannot be opened")


def test_a_hostile_file_name_stays_on_one_line(refusal):
    refusal(lambda: read(b"", "evil\n# heading\x1b[31m" + "x" * 500 + ".csv"), "empty")


# the settings of a search for exceptions other than DataError
searched = settings(deadline=None, max_examples=80)


def reads_or_refuses(content, suffix, modality=None):
    refusal = "."
    try:
        assert isinstance(
            read(content, f"t{'.csv' * (suffix == '.gz')}{suffix}", Reading(modality=modality)), LabelledDataset
        )
    except DataError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert refusal.endswith(".")


@given(st.binary(max_size=300), st.sampled_from([*SUFFIXES, ".pkl", ""]), st.sampled_from([None, *Modality]))
@searched
def test_random_bytes_are_read_or_refused(content, suffix, modality):
    reads_or_refuses(content, suffix, modality)


@given(st.data(), st.sampled_from(SUFFIXES), st.sampled_from([None, *Modality]))
@searched
def test_good_files_with_flipped_bytes_are_read_or_refused(data, suffix, modality):
    content = bytearray(GOOD[suffix])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    reads_or_refuses(bytes(content), suffix, modality)


@given(st.data(), st.sampled_from([".npz", ".zip", ".xlsx"]))
@searched
def test_entries_with_flipped_bytes_but_a_valid_checksum_are_read_or_refused(data, suffix):
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD[suffix])) as good, zipfile.ZipFile(stream, "w") as target:
        for entry in good.infolist():
            content = bytearray(good.read(entry))
            place = data.draw(st.integers(0, min(len(content), 130) - 1))  # headers are where the danger is
            content[place] = data.draw(st.integers(0, 255))
            target.writestr(entry.filename, bytes(content))
    reads_or_refuses(stream.getvalue(), suffix)


CELLS = st.one_of(st.text(max_size=4), st.floats().map(str), st.sampled_from(["", "nan", "1", '"', "train", "1_0"]))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=8), st.sampled_from([None, *Modality]))
@searched
def test_random_tables_are_read_or_refused(rows, modality):
    reads_or_refuses("\n".join(",".join(row) for row in rows).encode("utf-8", "replace"), ".csv", modality)


@pytest.mark.parametrize(
    ("name", "modality", "shape", "n_classes"),
    [
        ("cifar10_5k2k", Modality.IMAGE, (7000, 3, 32, 32), 10),
        ("mnist_t10k", Modality.IMAGE, (10000, 1, 28, 28), 10),
        ("sat_landsat", Modality.IMAGE, (6435, 4, 3, 3), 6),
        ("fsdd_logmel", Modality.IMAGE, (3000, 1, 64, 61), 10),
        ("dna_splice", Modality.SEQUENCE, (3190, 60), 3),
        ("protein_multiloc", Modality.SEQUENCE, (5959, 500), 11),
        ("emg_myo", Modality.SERIES, (3933, 8, 256), 8),
        ("ucr_crop", Modality.SERIES, (22558, 1, 46), 24),
        ("ucr_ecg200", Modality.SERIES, (200, 1, 96), 2),
        ("ucr_ecg5000", Modality.SERIES, (4898, 1, 140), 5),
        ("uea_basicmotions", Modality.SERIES, (80, 6, 100), 4),
        ("tab_adult_8k", Modality.TABULAR, (8000, 14), 2),
        ("tab_vehicle", Modality.TABULAR, (846, 18), 4),
        ("tab_winequality", Modality.TABULAR, (6497, 12), 5),
        ("text_sst2", Modality.TEXT, (9613,), 2),
        ("text_trec", Modality.TEXT, (5952,), 6),
    ],
)
def test_real_files_become_the_sensible_modality_with_their_own_split(shared_data, name, modality, shape, n_classes):
    path = shared_data / f"{name}.npz"
    data = read(path, path.name)
    assert (data.modality, data.inputs.shape, data.n_classes) == (modality, shape, n_classes)
    with np.load(path, allow_pickle=False) as arrays:
        assert len(data.rows("test")) == (arrays["split"] == "test").sum()
        assert [data.class_names[t] for t in data.targets[:50]] == arrays["class_names"][arrays["y"][:50]].tolist()


def test_a_real_field_becomes_a_dense_task_and_says_so(shared_data):
    path = shared_data / "pde_darcy16.npz"
    data = read(path, path.name)
    assert (data.task, data.modality) == (Task.DENSE, Modality.FIELD)
    assert data.inputs.shape == data.targets.shape == (1050, 1, 16, 16)
    assert [len(data.rows(s)) for s in ("train", "val", "test")] == [800, 200, 50]
    assert "value(s) to predict per cell because it has the cells of X" in data.origin
