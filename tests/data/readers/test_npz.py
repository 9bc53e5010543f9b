import io
import struct
import zipfile

import numpy as np
import pytest

from xmodal_core.data.dataset import Modality
from xmodal_core.data.readers import archive, read
from xmodal_core.data.readers.samples.kind import guess_samples
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading

LABELS = np.arange(20) % 2


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def load(modality=None, label_column=None, **arrays):
    return read(npz(**arrays), "my data.npz", Reading(modality=modality, label=label_column))


def floats(*shape):
    return np.random.default_rng(0).normal(size=shape)


def grains(*shape, dtype, high=100):
    return np.random.default_rng(0).integers(0, high, size=shape).astype(dtype)


# ---- what becomes what


@pytest.mark.parametrize(
    ("inputs", "modality", "shape"),
    [
        (grains(20, 12, 12, 3, dtype=np.uint8), Modality.IMAGE, (20, 3, 12, 12)),
        (grains(20, 40, 30, 1, dtype=np.float32), Modality.IMAGE, (20, 1, 40, 30)),
        (grains(20, 3, 32, 48, dtype=np.uint8), Modality.IMAGE, (20, 3, 32, 48)),
        (grains(20, 4, 3, 3, dtype=np.uint8), Modality.IMAGE, (20, 4, 3, 3)),
        (grains(20, 1, 64, 61, dtype=np.float16), Modality.IMAGE, (20, 1, 64, 61)),
        (grains(20, 12, 30, dtype=np.uint8), Modality.IMAGE, (20, 1, 12, 30)),
        (floats(20, 16, 18), Modality.IMAGE, (20, 1, 16, 18)),
        (floats(20, 6, 100), Modality.SERIES, (20, 6, 100)),
        (grains(20, 8, 256, dtype=np.int8), Modality.SERIES, (20, 8, 256)),
        (floats(20, 63), Modality.TABULAR, (20, 63)),
        (floats(20, 64), Modality.SERIES, (20, 1, 64)),
        (grains(20, 16, dtype=np.int8, high=4), Modality.SEQUENCE, (20, 16)),
        (grains(20, 15, dtype=np.int8, high=4), Modality.TABULAR, (20, 15)),
        (grains(20, 16, dtype=np.int8, high=4) - np.int8(3), Modality.TABULAR, (20, 16)),
        (np.arange(320, dtype=np.int16).reshape(20, 16), Modality.TABULAR, (20, 16)),
        (np.array([f"some words {i}" for i in range(20)]), Modality.TEXT, (20,)),
        (np.array([f"caf\u00e9 {i}".encode() for i in range(20)]), Modality.TEXT, (20,)),
        (floats(20), Modality.TABULAR, (20, 1)),
    ],
)
def test_the_modality_is_guessed_from_shape_and_type(inputs, modality, shape):
    data = load(X=inputs, y=LABELS)
    assert (data.modality, data.inputs.shape) == (modality, shape)
    assert guess_samples(inputs).reason in data.origin


def test_a_wide_float_table_says_why_it_became_a_series():
    assert "table" in guess_samples(floats(20, 64)).reason


@pytest.mark.parametrize(
    ("inputs", "modality", "shape"),
    [
        (floats(20, 30), Modality.SERIES, (20, 1, 30)),
        (floats(20, 2, 30), Modality.IMAGE, (20, 1, 2, 30)),
        (floats(20, 49), Modality.IMAGE, (20, 1, 7, 7)),
        (grains(20, 4, 3, 3, dtype=np.uint8), Modality.TABULAR, (20, 36)),
        (grains(20, 5, dtype=np.float64, high=9), Modality.SEQUENCE, (20, 5)),
        (grains(20, 1, 5, dtype=np.float64, high=9), Modality.SEQUENCE, (20, 5)),
        (floats(20, 1, 8, 9), Modality.SERIES, (20, 8, 9)),
        (np.array([[f"a{i}"] for i in range(20)]), Modality.TEXT, (20,)),
    ],
)
def test_a_chosen_modality_reshapes_where_that_is_unambiguous(inputs, modality, shape):
    data = load(modality, X=inputs, y=LABELS)
    assert (data.modality, data.inputs.shape) == (modality, shape)


@pytest.mark.parametrize(
    ("inputs", "modality"),
    [
        (floats(20, 50), Modality.IMAGE),
        (floats(20, 3, 8, 9), Modality.SERIES),
        (floats(20, 5), Modality.SEQUENCE),
        (np.ones((20, 2, 5), int), Modality.SEQUENCE),
        (np.full((20, 5), 10**6), Modality.SEQUENCE),
        (np.full((20, 5), -1), Modality.SEQUENCE),
        (floats(20, 5), Modality.TEXT),
        (np.array(["a"] * 20), Modality.IMAGE),
        (np.array([["a", "b"]] * 20), Modality.TEXT),
        (floats(20, 20, 20, 20), Modality.IMAGE),
        (floats(20), Modality.IMAGE),
    ],
)
def test_a_chosen_modality_that_does_not_fit_is_refused(inputs, modality, refusal):
    refusal(lambda: load(modality, X=inputs, y=LABELS), "my data", str(modality))


def test_bytes_of_an_image_become_fractions_and_channels_come_first():
    pixels = grains(20, 5, 6, 3, dtype=np.uint8)
    pixels[0, 1, 2] = (255, 51, 0)
    data = load(X=pixels, y=LABELS)
    np.testing.assert_allclose(data.inputs[0, :, 1, 2], [1.0, 0.2, 0.0], rtol=1e-6)


def test_column_major_arrays_and_foreign_byte_order_keep_their_values():
    values = floats(20, 7)
    data = load(X=np.asfortranarray(values.astype(">f8")), y=LABELS.astype(">i4"))
    np.testing.assert_allclose(data.inputs, values, rtol=1e-6)
    assert (data.targets == LABELS).all()


# ---- labels


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.where(LABELS, 7, -3), ("-3", "7")),
        (np.where(LABELS, 10, 9), ("9", "10")),
        (np.where(LABELS, 2.0, 1.0), ("1", "2")),
        (np.where(LABELS, "b", "a"), ("a", "b")),
        (np.where(LABELS, b"b", b"a"), ("a", "b")),
        (LABELS.astype(bool), ("False", "True")),
        (LABELS[:, None], ("0", "1")),
    ],
)
def test_labels_of_any_kind_become_indices_in_sorted_order(labels, names):
    data = load(X=floats(20, 3), y=labels)
    assert data.class_names == names
    assert (data.targets == LABELS).all()


def test_class_names_go_by_index_even_where_a_class_does_not_occur():
    data = load(X=floats(20, 3), y=LABELS * 2, class_names=np.array(["cat", "cow", "dog"]))
    assert data.class_names == ("cat", "cow", "dog")
    assert set(data.targets.tolist()) == {0, 2}


def test_one_name_per_label_goes_by_sorted_order():
    data = load(X=floats(20, 3), y=LABELS * 2 - 1, class_names=np.array(["ill", "well"]))
    assert [data.class_names[t] for t in data.targets[:2]] == ["ill", "well"]


def test_string_labels_take_the_order_of_the_class_names():
    data = load(X=floats(20, 3), y=np.where(LABELS, "a", "b"), class_names=np.array(["b", "a"]))
    assert data.class_names == ("b", "a")
    assert (data.targets == LABELS).all()


@pytest.mark.parametrize(
    ("labels", "names", "word"),
    [
        (LABELS * 5, ["a", "b", "c"], "3 class names"),
        (np.where(LABELS, "a", "b"), ["a", "c"], "'b'"),
    ],
)
def test_class_names_that_do_not_fit_are_refused(labels, names, word, refusal):
    refusal(lambda: load(X=floats(20, 3), y=labels, class_names=np.array(names)), word)


def test_another_array_can_hold_the_labels():
    assert load(None, "kind", X=floats(20, 3), kind=LABELS, y=floats(20)).n_classes == 2


@pytest.mark.parametrize("labels", [np.float64(1.0), LABELS.astype(complex)])
def test_labels_of_a_wrong_kind_are_refused(labels, refusal):
    refusal(lambda: load(X=floats(20, 3), y=labels), "expected")


def test_labels_that_are_infinite_are_refused(refusal):
    labels = LABELS.astype(float)
    labels[3] = np.inf
    refusal(lambda: load(X=floats(20, 3), y=labels), "1 labels are NaN or infinite")


@pytest.mark.parametrize("n", [19, 21])
def test_labels_longer_or_shorter_than_x_are_refused_with_both_numbers(n, refusal):
    refusal(lambda: load(X=floats(20, 3), y=np.arange(n) % 2), "20 samples", f"{n} labels")


# ---- optional arrays


def test_given_splits_are_kept_whatever_their_spelling():
    split = np.array((["Train"] * 6 + ["validation"] * 2 + [" test"] * 2) * 2)
    data = load(X=floats(20, 3), y=LABELS, split=split)
    assert data.splits[:10].tolist() == ["train"] * 6 + ["val"] * 2 + ["test"] * 2


@pytest.mark.parametrize("split", [np.array(["train"] * 19), np.array(["trainee"] * 20), np.zeros(20)])
def test_splits_that_do_not_fit_are_refused(split, refusal):
    refusal(lambda: load(X=floats(20, 3), y=LABELS, split=split), "split")


def test_category_codes_are_counted_and_nan_becomes_a_category_of_its_own():
    inputs = np.column_stack([floats(20), np.arange(20) % 3, np.arange(20) % 2]).astype(np.float32)
    inputs[[5, 6], 2] = np.nan
    data = load(X=inputs, y=LABELS, is_categorical=np.array([False, True, True]))
    assert data.category_counts == (0, 3, 3)
    assert data.inputs[[5, 6], 2].tolist() == [2.0, 2.0]
    assert "2 missing" in data.origin


@pytest.mark.parametrize(
    ("column", "flags", "word"),
    [
        (np.arange(20) + 0.5, [True, False], "feature 0"),
        (-np.ones(20), [True, False], "feature 0"),
        (np.full(20, 1e9), [True, False], "feature 0"),
        (np.ones(20), [True, False, False], "is_categorical"),
        (np.ones(20), [1, 0], "is_categorical"),
    ],
)
def test_categories_that_are_no_codes_are_refused(column, flags, word, refusal):
    inputs = np.column_stack([column, floats(20)])
    refusal(lambda: load(X=inputs, y=LABELS, is_categorical=np.array(flags)), word)


def test_the_sampling_rate_of_a_series_is_kept():
    assert load(X=floats(20, 2, 50), y=LABELS, sampling_rate_hz=np.float64(8.0)).sampling_rate_hz == 8.0


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, np.inf, [1.0, 2.0], "fast"])
def test_a_sampling_rate_that_is_none_is_refused(rate, refusal):
    refusal(lambda: load(X=floats(20, 2, 50), y=LABELS, sampling_rate_hz=np.array(rate)), "sampling_rate_hz")


# ---- bad content


@pytest.mark.parametrize("name", ["X", "y"])
def test_pickled_arrays_are_refused_with_the_safe_way_to_save(name, refusal):
    arrays = {"X": floats(20, 3), "y": LABELS} | {name: np.array([{"a": 1}] * 20, dtype=object)}
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=True, **arrays)
    refusal(lambda: read(stream.getvalue(), "p.npz"), name, "pickled", "run code", "astype")


def test_rows_of_unequal_length_saved_as_objects_are_refused(refusal):
    ragged = np.empty(20, dtype=object)
    for i in range(20):
        ragged[i] = np.zeros(i + 1)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=True, X=ragged, y=LABELS)
    refusal(lambda: read(stream.getvalue(), "p.npz"), "pickled")


@pytest.mark.parametrize("bad", [np.inf, 1e300])
def test_values_that_are_not_finite_in_single_precision_are_refused(bad, refusal):
    inputs = floats(20, 3)
    inputs[2, 1] = bad
    refusal(lambda: load(X=inputs, y=LABELS), "1 of 20", "row 2")


@pytest.mark.parametrize(
    "inputs",
    [
        np.float64(3.0),
        np.zeros((0, 3)),
        np.zeros((20, 0)),
        floats(20, 2, 2, 2, 2),
        floats(20, 3).astype(complex),
        np.array(["2020-01-01"] * 20, "M8[D]"),
    ],
)
def test_samples_of_a_wrong_kind_are_refused(inputs, refusal):
    refusal(lambda: load(X=inputs, y=LABELS), "X has")


@pytest.mark.parametrize("present", ["X", "y"])
def test_a_missing_array_is_refused_with_how_to_save(present, refusal):
    refusal(lambda: load(**{present: LABELS}), f"found {present} (20 int64)", "np.savez")


def test_text_bytes_that_are_not_in_the_encoding_that_was_named_are_refused(refusal):
    words = np.array([b"caf\xe9"] * 20)
    refusal(lambda: read(npz(X=words, y=LABELS), "w.npz", Reading(encoding="utf-8")), "utf-8")


def test_text_with_impossible_code_points_is_refused(refusal):
    words = np.array(["ab"] * 20)
    words.view(np.uint32)[0] = 0xD800
    refusal(lambda: load(X=words, y=LABELS), "Unicode")


def archive_with(content, name="X.npy", method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        packed.writestr(name, content)
    return stream.getvalue()


def npy_header(shape, descr="<f8"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"shape": shape, "fortran_order": False, "descr": descr})
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an array at all",
        b"\x93NUMPY",
        npy_header((10**12,)),
        npy_header((3,)) + b"\0" * 23,
        npy_header((-2, -2)) + b"\0" * 32,
        npy_header((4,), "<U0"),
        b"\x93NUMPY\x01\x00" + struct.pack("<H", 20) + b"{'shape': (((((((((((",
        b"\x93NUMPY\x09\x00" + b"\0" * 30,
    ],
)
def test_an_array_whose_header_lies_is_refused_without_allocating(content, refusal):
    refusal(lambda: read(archive_with(content), "lie.npz"), "lie")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_that_cannot_be_bounded_is_refused(method, refusal):
    refusal(lambda: read(archive_with(b"\0" * 100, method=method), "odd.npz"), "compression method")


def test_an_archive_that_claims_three_gigabytes_is_refused_before_unpacking(refusal):
    content = bytearray(archive_with(b"\0" * 100_000))
    claim = struct.pack("<L", 3 * 2**30)
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = claim  # uncompressed size in the central directory
    refusal(lambda: read(bytes(content), "bomb.npz"), "3.00 GiB", "at most 1.00 GiB")


def test_an_archive_that_unpacks_to_more_than_it_claims_is_refused(refusal):
    content = bytearray(archive_with(b"\0" * 100_000))
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<L", 1000)
    refusal(lambda: read(bytes(content), "lie.npz"), "damaged")


def test_bytes_are_counted_while_they_are_unpacked(refusal):
    upload = Upload(io.BytesIO(archive_with(b"\0" * 100_000)), "big", "big.npz")
    with archive.open_archive(upload) as opened:
        entry = opened.infolist()[0]
        assert len(archive.read_entry(upload, opened, entry, 100_000)) == 100_000
        refusal(lambda: archive.read_entry(upload, opened, entry, 99_999), "unpacks to")


def test_an_encrypted_entry_is_refused(refusal):
    content = bytearray(archive_with(b"secret"))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1  # the encryption bit of the general purpose flags
    refusal(lambda: read(bytes(content), "locked.npz"), "encrypted")


def test_an_archive_cut_short_is_refused(refusal):
    good = npz(X=floats(20, 50), y=LABELS)
    refusal(lambda: read(good[: len(good) // 2], "cut.npz"), "damaged or cut short")
