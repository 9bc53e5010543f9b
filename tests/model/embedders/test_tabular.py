"""Tokens of a table: codes of a number through the map of its feature, and rows of categories as they are."""

import numpy as np
import pytest
import torch

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.settings import NUMBERS, ModelSettings


def table() -> LabelledDataset:
    """Two numbers and a category of three."""
    rng = np.random.default_rng(0)
    inputs = np.column_stack([rng.normal(5, 2, 60), rng.exponential(size=60), np.arange(60) % 3])
    return make_dataset("t", Modality.TABULAR, inputs, np.arange(60) % 2, ["a", "b"], category_counts=(0, 0, 3))


@pytest.mark.parametrize("numbers", NUMBERS)
def test_a_token_is_the_map_of_its_codes_and_waves_pass_a_relu(numbers: str, files: TinyFiles) -> None:
    data = table()
    layer = make_model(data, load_body(files.text_body, settings=ModelSettings(numbers=numbers))).embedder
    rows = torch.from_numpy(data.inputs[:7])
    train = data.inputs[data.rows("train")][:, :2]
    standard = (rows[:, :2] - torch.from_numpy(train.mean(0))) / torch.from_numpy(train.std(0))
    codes = layer.numbers(torch.cat([standard, rows[:, 2:]], dim=1))
    direction = layer.direction.view(3, layer.numbers.codes, 16)
    expected = torch.stack([codes[:, f] @ direction[f] + layer.bias[f] for f in range(2)], dim=1)
    expected = expected.relu() if numbers == "periodic" else expected
    found = layer.content(rows)
    torch.testing.assert_close(found[:, :2], expected, rtol=1e-4, atol=1e-4)
    assert torch.equal(found[:, 2], layer.categories(rows[:, 2].long()) + layer.bias[2])
    assert found[:, 2].min() < 0


def test_one_range_for_all_numbers_leaves_categories_out(files: TinyFiles) -> None:
    data = table()
    layer = make_model(data, load_body(files.text_body, settings=ModelSettings(scaling="range"))).embedder
    train = data.inputs[data.rows("train")][:, :2]
    torch.testing.assert_close(layer.shift, torch.tensor([train.mean(), train.mean(), 0.0]))
    torch.testing.assert_close(layer.scale, torch.tensor([train.std(), train.std(), 1.0]))


def test_weights_of_a_line_have_their_old_names_and_shapes(files: TinyFiles) -> None:
    layer = make_model(table(), load_body(files.text_body)).embedder
    shapes = {name: tuple(p.shape) for name, p in layer.named_parameters() if not name.startswith("tokens.")}
    assert shapes == {"direction": (3, 16), "bias": (3, 16), "categories.weight": (3, 16)}
