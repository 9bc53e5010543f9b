from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.corpus.masks import CORPUS
from tests.data.damage import reads_or_refuses_damaged
from tests.data.packed import encoded, packed, picture
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading


def drawn(form=(40, 100)):
    """Pictures in which exactly the masked pixels are bright."""
    files = {}
    for i in range(6):
        mask = np.zeros(form, np.uint8)
        mask[4 + i : 24 + i, 10 + 2 * i : 70] = 1
        noise = np.random.default_rng(i).integers(0, 30, form)
        files |= {f"images/{i}.png": encoded((mask * 200 + noise).astype(np.uint8)), f"masks/{i}.png": encoded(mask)}
    return packed(files)


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_masks_lie_where_their_pictures_show_it(fit):
    data = read(drawn(), "t.zip", Reading(fit=fit))
    real = data.targets != -1
    bright = data.inputs[:, 0] > 0.45
    assert ((data.targets == 1) == bright)[real].mean() > 0.98
    bars = {"crop": 0, "stretch": 0, "pad": 64 - round(40 * 0.64)}
    assert (~real).sum(axis=(1, 2)).tolist() == [bars[fit] * 64] * 6


def test_no_class_arises_between_two():
    mask = np.zeros((200, 200), np.uint8)
    mask[::2] = 9
    files = {f"masks/{i}.png": encoded(np.roll(mask, i, 1) * (np.arange(200) > 20 * i)) for i in range(1, 5)}
    data = read(packed({**files, **{f"images/{i}.png": picture(i, 99) for i in range(1, 5)}}), "t.zip")
    assert data.class_names == ("0", "9")


def test_rows_to_predict_need_no_masks(tmp_path):
    from xmodal_core.data.readers.unlabelled import read_new_rows

    data = read(drawn(), "t.zip", Reading(fit="pad"))
    (tmp_path / "new.zip").write_bytes(drawn())
    np.testing.assert_array_equal(read_new_rows(tmp_path / "new.zip", data).inputs, data.inputs)


@cache
def made(name: str) -> bytes:
    return CORPUS[name].make()  # once, for a zip has the time in it


@given(st.data(), st.sampled_from([name for name, one in CORPUS.items() if one.outcome != "refused"]))
@settings(deadline=None, max_examples=40)
def test_damaged_masks_are_read_or_refused(data, name):
    reads_or_refuses_damaged(data, made(name), "t.zip", most=6)
