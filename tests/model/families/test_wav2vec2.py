"""wav2vec 2.0: tokens of any series enter behind its front end; what it was pretrained on has no labelled stand-in."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.families import WAVE, encoder, native, saved
from tests.tiny import SIZES, TinyFiles, tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.reuse.held_out import held_out_source
from xmodal_core.runs.spec import RunSpec


def test_the_larger_size_with_norms_before_blocks_is_the_original(tmp_path: Path) -> None:
    from transformers import Wav2Vec2Config, Wav2Vec2Model

    torch.manual_seed(0)
    larger = {"do_stable_layer_norm": True, "feat_extract_norm": "layer"}
    whole = Wav2Vec2Model(Wav2Vec2Config(**SIZES, **WAVE, **larger)).eval()
    body = load_body(saved("wav2vec2", tmp_path, whole)).eval()
    wave = torch.from_numpy(native("wav2vec2").inputs[:3, 0])
    with torch.no_grad():
        tokens, _ = whole.feature_projection(whole.feature_extractor(wave).transpose(1, 2))
        expected = encoder("wav2vec2", whole)(wave, output_hidden_states=True)
        torch.testing.assert_close(body(tokens), expected.last_hidden_state, atol=1e-5, rtol=1e-4)
        for state, states in zip(body.layers(tokens), expected.hidden_states, strict=True):
            torch.testing.assert_close(state, states.mean(dim=1), atol=1e-5, rtol=1e-4)


def test_it_reads_no_text(tmp_path: Path, refusal: Callable[..., str]) -> None:
    body = load_body(saved("wav2vec2", tmp_path))
    refusal(lambda: make_model(tiny_dataset(Modality.TEXT), body), "no tokenizer")


def test_what_it_still_knows_is_asked_of_a_source_that_was_given(
    tmp_path: Path, files: TinyFiles, refusal: Callable[..., str]
) -> None:
    body, series = load_body(saved("wav2vec2", tmp_path)), files.data(Modality.SERIES)
    refusal(lambda: held_out_source(RunSpec("finetune", series, body.name), body), "no labelled source ships")
    found = held_out_source(RunSpec("orca", series, body.name, series), body)
    assert found.source.modality is Modality.SERIES


@pytest.mark.parametrize("modality", [Modality.SERIES, Modality.IMAGE])
def test_what_enters_is_cut_into_few_tokens(modality: Modality, tmp_path: Path) -> None:
    body = load_body(saved("wav2vec2", tmp_path))
    assert make_model(tiny_dataset(modality), body).embedder.n_tokens <= 64
