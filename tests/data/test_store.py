import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.data.dataset import Modality, make_dataset
from xmodal_core.data.store import (
    cache_root,
    cached,
    is_stored,
    keep_file,
    kept_file,
    load_dataset,
    save_dataset,
    stored_name,
)

LABELS = np.arange(12) % 2
INPUTS = {
    Modality.IMAGE: np.random.default_rng(0).random((12, 3, 4, 5)),
    Modality.SERIES: np.random.default_rng(1).random((12, 2, 9)),
    Modality.SEQUENCE: np.arange(60).reshape(12, 5),
    Modality.TEXT: np.array(["caf\u00e9 \u2615", "", "a\nb", "long " * 20] * 3),
    Modality.FIELD: np.random.default_rng(2).random((12, 2, 4, 5)) * 1e6,
    Modality.TABULAR: np.column_stack([np.arange(12) / 7, np.arange(12) % 3]),
}


def sample(modality=Modality.TABULAR, name="some name"):
    return make_dataset(
        name,
        modality,
        INPUTS[modality],
        LABELS,
        ("n\u00e4h", "far"),
        origin="here",
        category_counts=(0, 3) if modality is Modality.TABULAR else (),
        sampling_rate_hz=12.5 if modality is Modality.SERIES else None,
    )


@pytest.mark.parametrize("modality", Modality)
def test_a_data_set_comes_back_as_it_was(modality, tmp_path):
    data = sample(modality)
    path = save_dataset(data, tmp_path / "new" / "folder")
    back = load_dataset(path)
    for field in ("inputs", "targets", "splits", "uid"):
        np.testing.assert_array_equal(getattr(back, field), getattr(data, field))
        assert getattr(back, field).dtype == getattr(data, field).dtype
    for field in ("name", "modality", "class_names", "category_counts", "sampling_rate_hz", "origin", "content_hash"):
        assert getattr(back, field) == getattr(data, field)
    assert isinstance(back.modality, Modality)
    assert back.inputs.flags.writeable


@given(st.lists(st.text(max_size=8), min_size=4, max_size=12))
@settings(deadline=None, max_examples=30)
def test_any_text_comes_back_as_it_was(tmp_path_factory, texts):
    texts = [t.encode("utf-8", "replace").decode() for t in texts]
    data = make_dataset("t", Modality.TEXT, np.array(texts), np.arange(len(texts)) % 2, ("a", "b"))
    back = load_dataset(save_dataset(data, tmp_path_factory.mktemp("text")))
    assert back.inputs.tolist() == data.inputs.tolist()
    assert back.content_hash == data.content_hash


def test_the_file_is_named_by_its_content_and_nothing_else_is_left_behind(tmp_path):
    path = save_dataset(sample(), tmp_path)
    assert path.name == f"{sample().content_hash}.npz"
    assert save_dataset(sample(), tmp_path) == path
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_nothing_in_the_file_is_pickled(tmp_path):
    with np.load(save_dataset(sample(Modality.TEXT), tmp_path), allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} <= set("fiU")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = save_dataset(sample(), tmp_path)
    before = path.read_bytes()

    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="The disk is full"):
        save_dataset(sample(), tmp_path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_damage_anywhere_in_a_stored_upload_is_refused(tmp_path, refusal):
    path = save_dataset(sample(), tmp_path)
    good = path.read_bytes()
    flipped = good.replace("tabular".encode("utf-32-le"), "tabulaX".encode("utf-32-le"))
    assert flipped != good
    for content in (b"", good[:100], good[:-30], b"PK\x03\x04 nonsense", flipped):
        path.write_bytes(content)
        refusal(lambda: load_dataset(path))


def altered(path, **changes):
    with np.load(path, allow_pickle=False) as arrays:
        parts = {name: arrays[name] for name in arrays.files} | changes
    np.savez(path, **{name: value for name, value in parts.items() if value is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": INPUTS[Modality.TABULAR].astype(np.float32) + 1},
        {"targets": 1 - LABELS},
        {"splits": None},
        {"xmodal_meta": np.array("{}")},
        {"xmodal_meta": np.array("not json")},
        {"xmodal_meta": np.array("[1]")},
        {"inputs": INPUTS[Modality.IMAGE].astype(np.float32)},
    ],
)
def test_a_stored_data_set_that_was_altered_is_refused(changes, tmp_path, refusal):
    path = save_dataset(sample(), tmp_path)
    altered(path, **changes)
    refusal(lambda: load_dataset(path))


def test_a_file_that_is_gone_is_refused(tmp_path, refusal):
    refusal(lambda: load_dataset(tmp_path / "gone.npz"), "gone", "cannot be opened")


def test_stored_files_are_told_from_uploads(tmp_path):
    np.savez(tmp_path / "upload.npz", X=INPUTS[Modality.TABULAR], y=LABELS)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    assert is_stored(save_dataset(sample(), tmp_path))
    assert not any(is_stored(tmp_path / name) for name in ("upload.npz", "t.csv", "gone.npz"))


class Builder:
    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return sample()


def test_a_source_is_built_once_and_again_after_damage(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    build = Builder()
    first, second = cached("key", build), cached("key", build)
    assert build.calls == 1
    assert first.content_hash == second.content_hash
    file = tmp_path / "sources" / "key.npz"
    file.write_bytes(file.read_bytes()[:200])
    assert cached("key", build).content_hash == first.content_hash
    assert build.calls == 2
    assert cached("key", build).content_hash == first.content_hash
    assert build.calls == 2


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv("XMODAL_HOME", str(blocked))
    build = Builder()
    assert cached("key", build).content_hash == sample().content_hash
    assert build.calls == 1


def test_the_root_is_the_environment_variable_or_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XMODAL_HOME", "~/lab")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_root() == tmp_path / "lab"
    monkeypatch.delenv("XMODAL_HOME")
    assert cache_root() == tmp_path / ".cache" / "xmodal-lab"


def test_a_name_is_read_without_the_arrays_and_a_damaged_file_has_none(tmp_path):
    path = save_dataset(sample(), tmp_path)
    assert stored_name(path) == load_dataset(path).name
    path.write_bytes(path.read_bytes()[:-100])
    assert stored_name(path) is None
    assert stored_name(tmp_path / "gone.npz") is None


def test_the_file_that_a_data_set_was_read_from_is_kept_once_and_found_again(tmp_path):
    for content_hash in ("0" * 16, "1" * 16):
        keep_file(b"a,label\n", "my table.csv", content_hash, tmp_path)
    assert len(list((tmp_path / "files").iterdir())) == 1
    found = kept_file("1" * 16, tmp_path)
    assert found is not None
    assert (found[0].read_bytes(), found[1]) == (b"a,label\n", "my table.csv")
    assert kept_file("2" * 16, tmp_path) is None
    (tmp_path / f"{'1' * 16}.from.json").write_text('{"file": "../../etc/passwd", "name": "x"}')
    assert kept_file("1" * 16, tmp_path) is None
