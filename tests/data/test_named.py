import numpy as np
import pytest

from tests.data.packed import pictures
from xmodal_core.data.dataset import Modality
from xmodal_core.data.named import load_named
from xmodal_core.data.reading import Reading
from xmodal_core.data.store import save_dataset


def test_an_example_is_found_by_name():
    assert load_named("wine").inputs.shape == (178, 13)


def test_a_source_is_found_by_name_with_its_number_of_rows_and_seed():
    first = load_named("fractals", n=40, seed=1)
    assert len(first) == 40
    assert first.content_hash != load_named("fractals", n=40, seed=2).content_hash


def test_a_file_is_found_by_its_path(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, X=np.arange(30.0).reshape(10, 3), y=np.arange(10) % 2)
    assert load_named(str(path)).name == "mine"


def test_a_stored_upload_is_found_by_its_path_with_its_own_name(tmp_path):
    wine = load_named("wine")
    back = load_named(str(save_dataset(wine, tmp_path)))
    assert (back.name, back.modality, back.content_hash) == ("wine", Modality.TABULAR, wine.content_hash)


@pytest.mark.parametrize("name", ["", "wines", "no/such/file.npz", "a\0b", "x" * 5000, "~nobody-has-this-name/x.csv"])
def test_an_unknown_name_is_refused_with_what_exists(name, refusal):
    refusal(lambda: load_named(name), "digits", "italy_power_demand", "fractals", "scipy_docs")


def test_a_folder_of_pictures_is_found_by_its_path(tmp_path):
    for name, content in pictures("pets/cat", "pets/dog").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    data = load_named(str(tmp_path / "pets"), reading=Reading(fit="pad"))
    assert (data.name, data.class_names, len(data)) == ("pets", ("cat", "dog"), 12)


def test_a_folder_without_anything_to_read_is_refused(tmp_path, refusal):
    refusal(lambda: load_named(str(tmp_path)), "no files", "one folder per class")


def test_what_is_broken_on_purpose_is_found_by_its_name_unless_a_file_has_it(tmp_path):
    assert load_named("wine@x10").inputs.max() == pytest.approx(10 * load_named("wine").inputs.max())
    stored = save_dataset(load_named("wine"), tmp_path)
    assert load_named(f"{stored}@few").name == "wine@few"
    path = tmp_path / "mine@noise"
    (path / "cat").mkdir(parents=True)
    for name, content in pictures("cat", "dog").items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(content)
    assert load_named(str(path)).name == "mine@noise"
    assert len(load_named(str(path))) == 12
