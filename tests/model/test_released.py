"""ORCA's dense predictors as released: averages by hand, and Swin's own decoder."""

from pathlib import Path

import pytest
import torch

from tests.families import SWIN, native, saved
from tests.tiny import TinyFiles, tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.released import ReleasedFieldPredictor, ReleasedSeriesPredictor
from xmodal_core.model.settings import ModelSettings

RELEASED = ModelSettings(compat="released")


def test_a_token_gives_the_means_of_its_blocks_of_numbers() -> None:
    tokens = torch.arange(12.0).view(1, 2, 6)
    predictor = ReleasedSeriesPredictor(1, 6, 2)
    assert not list(predictor.parameters())
    assert predictor(tokens).tolist() == [[[0.5, 2.5, 4.5, 6.5, 8.5, 10.5]]]


def test_several_outputs_are_cut_from_the_row_of_all_blocks() -> None:
    tokens = torch.arange(8.0).view(1, 2, 4)
    assert ReleasedSeriesPredictor(2, 4, 2)(tokens).tolist() == [[[0, 1, 2, 3], [4, 5, 6, 7]]]


def test_channels_of_pixels_are_averaged_to_outputs_and_pixels_to_cells() -> None:
    predictor = ReleasedFieldPredictor(3, (1, 2), 2, 3, 1, (1, 2))
    with torch.no_grad():
        predictor.decoder[0].weight.fill_(1)
        predictor.decoder[0].bias.copy_(torch.arange(12.0))
    tokens = torch.tensor([[[1.0, 0, 0], [10, 10, 0]]])
    # Pixels of channel k are 4 k + 0, 1, 2, 3 above the sum of their token: mean 5.5 over all.
    assert predictor(tokens).tolist() == [[[[6.5, 25.5]]]]
    four = ReleasedFieldPredictor(3, (1, 2), 2, 3, 4, (2, 4))
    found = four(torch.randn(5, 2, 3))
    assert found.shape == (5, 4, 2, 4)
    assert torch.linalg.matrix_rank(found[0].flatten(1).double(), tol=1e-5) <= 3


def test_fields_are_decoded_by_swin_for_masked_images(tmp_path: Path) -> None:
    import transformers as t

    torch.manual_seed(0)
    original = t.SwinForMaskedImageModeling(t.SwinConfig(**SWIN, encoder_stride=4)).eval()
    original.save_pretrained(tmp_path)
    fields = native("swin").inputs
    data = make_dataset("f", Modality.FIELD, fields, fields[:, :1], (), task=Task.DENSE)
    model = make_model(data, load_body(str(tmp_path), settings=RELEASED)).eval()
    decoder = original.decoder[0]
    model.predictor.decoder[0].load_state_dict(decoder.state_dict())
    model.embedder.shift.zero_(), model.embedder.scale.fill_(1.0)
    inputs = torch.from_numpy(fields)
    with torch.no_grad():
        expected = original(inputs).reconstruction.mean(dim=1, keepdim=True)
        torch.testing.assert_close(model(inputs), expected, rtol=1e-4, atol=1e-5)


def test_a_released_decoder_starts_as_swin_starts(tmp_path: Path) -> None:
    data = tiny_task(Task.DENSE, Modality.FIELD)
    model = make_model(data, load_body(saved("swin", tmp_path), settings=RELEASED))
    convolution = model.predictor.decoder[0]
    assert convolution.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not convolution.bias.any()


@pytest.mark.parametrize("task", [Task.DENSE, Task.SEGMENTATION])
def test_a_series_gets_a_value_or_a_class_in_every_step(task: Task, files: TinyFiles) -> None:
    data = tiny_task(task, Modality.SERIES)
    for start in ("none", "norm"):
        settings = ModelSettings(compat="released", start=start)
        model = make_model(data, load_body(files.text_body, settings=settings))
        assert model(torch.from_numpy(data.inputs[:2])).shape == (2, data.n_outputs, 30)


def test_a_class_is_a_linear_map_of_the_mean_token(files: TinyFiles) -> None:
    data = tiny_dataset(Modality.SERIES)
    model = make_model(data, load_body(files.text_body, settings=RELEASED)).eval()
    inputs = torch.from_numpy(data.inputs[:3])
    mean = model.body(model.embedder(inputs)).mean(dim=1)
    torch.testing.assert_close(model(inputs), torch.nn.functional.linear(mean, *model.predictor.parameters()))


def test_patches_that_overlap_are_refused(tmp_path: Path, refusal) -> None:
    overlapping = load_body(saved("audio-spectrogram-transformer", tmp_path), settings=RELEASED)
    dense = tiny_task(Task.DENSE, Modality.FIELD)
    refusal(lambda: make_model(dense, overlapping), "3 x 6 tokens of 10 x 19 pixels", "square patches")
