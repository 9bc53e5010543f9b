import json

import numpy as np
import pytest
from safetensors.numpy import save

from xmodal_core.data.readers import read

X, Y = np.arange(60.0).reshape(20, 3), np.arange(20) % 2


def packed(header, body=b""):
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return len(text).to_bytes(8, "little") + text + body


def test_what_safetensors_writes_is_read_with_words_of_its_metadata():
    names = json.dumps(["ash", "birch"])
    data = read(save({"images": X, "labels": Y}, {"class_names": names, "format": "np"}), "t.safetensors")
    assert data.class_names == ("ash", "birch")
    np.testing.assert_array_equal(data.inputs, X)
    assert data.understanding.format == "safetensors"


def test_half_numbers_of_brains_are_the_upper_half_of_floats():
    halves = (np.array([1.5, -2.0, 0.0, 3.0], np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
    labels = np.array([0, 1, 0, 1]).tobytes()
    header = {
        "X": {"dtype": "BF16", "shape": [4, 1], "data_offsets": [0, 8]},
        "y": {"dtype": "I64", "shape": [4], "data_offsets": [8, 40]},
    }
    assert read(packed(header, halves + labels), "t.safetensors").inputs[:, 0].tolist() == [1.5, -2.0, 0.0, 3.0]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff" * 9,
        packed(b"{"),
        packed([]),
        packed({"X": {"dtype": "F32", "shape": [10**6], "data_offsets": [0, 4]}}, b"\0" * 4),
        packed({"X": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}),
        packed({"X": {"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]}}),
        packed({"X": {"dtype": "Q4", "shape": [1], "data_offsets": [0, 1]}}, b"\0"),
        packed({"X": 3}),
    ],
)
def test_a_header_that_lies_is_refused(content, refusal):
    refusal(lambda: read(content, "t.safetensors"), "damaged or no safetensors file")
