"""Predictors of every task: a patch of outputs lands at the place of its token."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.families import saved
from tests.tiny import TinyFiles, tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.errors import ModelError
from xmodal_core.model.body import masked_mean
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.predictor import DensePredictor, Standardise, make_predictor, started, unit_of
from xmodal_core.model.settings import ModelSettings

ON_CELLS = [Modality.IMAGE, Modality.FIELD, Modality.SERIES]


def stamping(predictor: DensePredictor) -> DensePredictor:
    """A predictor whose every output of a patch is the token's first number plus ten times its place in the patch."""
    with torch.no_grad():
        predictor.project.weight.zero_()
        predictor.project.weight[:, 0] = 1
        predictor.project.bias.copy_(10 * torch.arange(len(predictor.project.bias)))
    return predictor


def test_patches_of_a_field_land_where_their_tokens_are() -> None:
    predictor = stamping(DensePredictor(3, (2, 2), 1, (4, 4)))
    tokens = torch.zeros(1, 4, 3)
    tokens[0, :, 0] = torch.tensor([0.0, 1.0, 2.0, 3.0])
    expected = [[0, 10, 1, 11], [20, 30, 21, 31], [2, 12, 3, 13], [22, 32, 23, 33]]
    assert predictor(tokens)[0, 0].tolist() == expected


def test_several_outputs_of_a_cell_are_channels() -> None:
    predictor = stamping(DensePredictor(3, (1, 2), 2, (1, 4)))
    tokens = torch.zeros(1, 2, 3)
    tokens[0, 1, 0] = 1
    assert predictor(tokens)[0].tolist() == [[[0, 10, 1, 11]], [[20, 30, 21, 31]]]


def test_a_series_gives_back_its_padding() -> None:
    predictor = stamping(DensePredictor(2, (2,), 1, (5,)))
    tokens = torch.zeros(1, 2, 2)
    tokens[0, 1, 0] = 1
    assert predictor(tokens)[0, 0].tolist() == [0, 10, 20, 1, 11]


def test_a_grid_that_does_not_divide_the_target_is_resized_to_it() -> None:
    predictor = DensePredictor(3, (4, 4), 2, (9, 6))
    assert predictor.patch == (3, 2)
    with torch.no_grad():
        predictor.project.weight.zero_()
        predictor.project.bias.fill_(2.0)
    torch.testing.assert_close(predictor(torch.randn(5, 16, 3)), torch.full((5, 2, 9, 6), 2.0))


def test_another_number_of_tokens_is_refused_in_one_sentence(refusal) -> None:
    refusal(lambda: DensePredictor(3, (2, 2), 1, (4, 4))(torch.zeros(1, 5, 3)), "5 tokens", "grid of 4")


@pytest.mark.parametrize("modality", ON_CELLS)
@pytest.mark.parametrize("family", ["vit", "bert"])
@pytest.mark.parametrize("task", Task)
def test_every_task_goes_through_every_body(family: str, modality: Modality, task: Task, tmp_path: Path) -> None:
    data = tiny_task(task, modality)
    model = make_model(data, load_body(saved(family, tmp_path))).eval()
    inputs = model.embedder.prepare(data, np.arange(4))
    outputs = model(inputs)
    assert outputs.shape == (4, data.n_outputs, *data.cells)
    tokens = model.embedder(inputs)
    torch.testing.assert_close(model.predict(tokens), outputs)
    torch.testing.assert_close(model.outputs(model.body.read(tokens)), outputs)
    assert model.features(inputs).shape == (4, model.body.output_size)
    torch.testing.assert_close(model.features(inputs), masked_mean(model.body(tokens), None))


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.FIELD])
def test_a_body_that_merges_patches_predicts_larger_ones(modality: Modality, tmp_path: Path) -> None:
    data = tiny_task(Task.DENSE, modality)
    model = make_model(data, load_body(saved("swin", tmp_path)))
    assert model.embedder.grid == (8, 8)
    assert model.predictor.grid == (4, 4)
    assert model.predictor.patch == (2, 2)
    assert model(torch.from_numpy(data.inputs[:3])).shape == (3, 1, 8, 8)


def test_a_sequence_has_an_output_per_code(files: TinyFiles) -> None:
    codes = np.random.default_rng(0).integers(0, 4, (20, 33))
    data = make_dataset("s", Modality.SEQUENCE, codes, codes[:, None] / 2, (), task=Task.DENSE)
    model = make_model(data, load_body(files.body))
    assert model(torch.from_numpy(codes[:2])).shape == (2, 1, 33)


def test_a_new_dense_predictor_starts_near_the_mean(files: TinyFiles) -> None:
    data = tiny_task(Task.DENSE, Modality.FIELD)
    model = make_model(data, load_body(files.body))
    assert model(torch.from_numpy(data.inputs)).abs().max() < 1


@pytest.mark.parametrize("factor", [1.0, 1e-9, 1e9])
def test_the_units_of_a_field_do_not_matter(factor: float, files: TinyFiles) -> None:
    rng = np.random.default_rng(0)
    fields = rng.normal(size=(20, 2, 8, 8)) + np.array([5.0, -3.0])[:, None, None]
    where = files.body
    tokens = []
    for values in (fields, fields * factor):
        data = make_dataset("f", Modality.FIELD, values, np.arange(20) % 2, ("a", "b"))
        embedder = make_model(data, load_body(where), seed=1).embedder
        scaled = embedder.resized(torch.from_numpy(data.inputs[data.rows("train")]))
        assert scaled.mean(dim=(0, 2, 3)).abs().max() < 1e-3
        tokens.append(embedder(torch.from_numpy(data.inputs)))
    torch.testing.assert_close(tokens[0], tokens[1], atol=1e-4, rtol=1e-4)


def test_a_field_of_another_resolution_goes_in_and_comes_out_on_the_cells_of_the_target(files: TinyFiles) -> None:
    model = make_model(tiny_task(Task.DENSE, Modality.FIELD), load_body(files.body))
    assert model(torch.randn(2, 1, 37, 21)).shape == (2, 1, 8, 8)


def test_a_channel_that_never_changes_is_no_division_by_zero(files: TinyFiles) -> None:
    fields = np.random.default_rng(0).normal(size=(20, 2, 8, 8))
    fields[:, 1] = 4
    data = make_dataset("f", Modality.FIELD, fields, np.arange(20) % 2, ("a", "b"))
    model = make_model(data, load_body(files.body))
    assert torch.isfinite(model(torch.from_numpy(data.inputs))).all()


def test_a_target_per_cell_needs_tokens_in_place(files: TinyFiles) -> None:
    data = tiny_task(Task.DENSE, Modality.SERIES)
    model = make_model(data, load_body(files.body))
    model.embedder.grid = None
    with pytest.raises(ModelError, match="lie on no grid"):
        make_predictor(data, model.body, model.embedder, model.readout, model.settings)


def test_a_number_that_is_the_same_in_all_training_rows_is_not_read() -> None:
    unit = Standardise(3)
    unit.fit(torch.tensor([[-3.0, 4.0, 7.0], [3.0, -4.0, 7.0]]))
    assert unit(torch.tensor([[6.0, 8.0, 1e6]])).tolist() == [[2.0, 2.0, 0.0]]
    unit.fit(torch.ones(4, 3))
    assert unit(torch.full((1, 3), 3.0)).tolist() == [[0.0, 0.0, 0.0]]


def test_features_of_many_places_are_divided_behind_their_units() -> None:
    linear = torch.nn.Linear(3, 1, bias=False)
    torch.nn.init.ones_(linear.weight)
    divisor = torch.tensor([1.0, 2.0, 4.0])
    assert started("none", 3, linear, divisor)(torch.full((1, 3), 4.0)).item() == 4 + 2 + 1
    unit, divided, _ = started("standard", 3, linear, divisor)  # type: ignore[misc]
    assert isinstance(unit, Standardise)
    assert divided(torch.full((1, 3), 8.0)).tolist() == [[8.0, 4.0, 2.0]]
    assert "divisor" not in str(started("standard", 3, linear, divisor).state_dict().keys())
    assert started("none", 3, linear) is linear


def test_what_stands_behind_the_longest_text_of_training_is_not_read(files: TinyFiles) -> None:
    words = np.array(["red", "one", "alpha"] * 10)
    splits = np.array(["train"] * 27 + ["test"] * 3)
    longer = np.concatenate([words[:27], ["red one alpha red one"] * 3])
    data = make_dataset("t", Modality.TEXT, longer, np.arange(30) % 3, ("a", "b", "c"), splits=splits)
    body = load_body(files.text_body, settings=ModelSettings(readout="flat", start="standard"))
    model = make_model(data, body).eval()
    unit = unit_of(model.predictor)
    assert unit is not None
    with torch.no_grad():
        read = model.readout(*model.hidden(model.embedder.prepare(data, np.arange(30))))
        unit.fit(read[:27])
    width, pieces = model.body.output_size, 3  # a word between two that open and close a text
    assert read[27:, pieces * width :].abs().max() > 0
    assert unit(read[27:])[:, pieces * width :].abs().max() == 0
    assert unit(read[27:])[:, : pieces * width].abs().max() > 0
