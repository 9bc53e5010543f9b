"""How many tokens a sample becomes, what a body takes, and what they cost."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.model.bodies import BODIES
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.tokens import TokenFacts, check_asked, check_tokens, cost_line, cut, token_facts


def series(length: int) -> LabelledDataset:
    x = np.random.default_rng(0).normal(size=(12, 1, length))
    return make_dataset("a walk", Modality.SERIES, x, np.arange(12) % 2, ["a", "b"])


@pytest.mark.parametrize(
    ("length", "most", "parts"),
    [(30, 24, (15, 2)), (30, 30, (30, 1)), (7, 24, (7, 1)), (100, 24, (20, 5))],
)
def test_a_sample_is_cut_into_equal_parts_and_never_into_more(length: int, most: int, parts: tuple[int, int]) -> None:
    assert cut(length, most) == parts


@pytest.mark.parametrize("name", BODIES)
def test_what_is_known_of_a_body_before_it_is_loaded_is_what_it_is(name: str) -> None:
    facts, body = token_facts(name), load_body(name)
    assert facts is not None
    assert (facts.most, facts.modality) == (body.max_tokens, body.modality)
    assert (facts.width, facts.inner) == (body.hidden_size, body.transformer.config.intermediate_size)
    for modality in (Modality.SERIES, Modality.SEQUENCE, Modality.TABULAR):
        assert facts.usual(modality) == body.most_tokens(modality)


def test_of_a_folder_it_is_read_from_its_configuration(files: TinyFiles) -> None:
    assert token_facts(files.body) == TokenFacts(16, Modality.IMAGE, 16, 32)
    assert token_facts(files.text_body) == TokenFacts(40, Modality.TEXT, 16, 32)
    assert token_facts("nobody/knows-this") is None


def test_work_by_hand() -> None:
    """A token costs 2 d + m + l units: of width 4 and inner width 8, 24 tokens cost 24 * 40 and 48 cost 48 * 64."""
    assert TokenFacts(99, Modality.TEXT, 4, 8).work(48, than=24) == pytest.approx(48 * 64 / (24 * 40))


@pytest.mark.parametrize(
    ("modality", "asked", "tokens"),
    [
        (Modality.SERIES, None, 15),  # 30 steps in at most 24
        (Modality.SERIES, 40, 30),
        (Modality.SERIES, 10, 10),
        (Modality.SEQUENCE, None, 20),  # 20 letters
        (Modality.SEQUENCE, 7, 7),
        (Modality.TABULAR, None, 7),  # 7 features
        (Modality.TABULAR, 3, 3),
    ],
)
def test_a_text_body_sees_as_many_tokens_as_were_asked_for(
    modality: Modality, asked: int | None, tokens: int, files: TinyFiles
) -> None:
    data = tiny_dataset(modality)
    model = make_model(data, load_body(files.text_body, tokens=asked))
    seen = model.embedder(model.embedder.prepare(data, np.arange(2)))
    assert seen.shape[1] == model.embedder.n_tokens == tokens
    assert torch.isfinite(model(model.embedder.prepare(data, np.arange(2)))).all()


def test_more_than_a_body_takes_is_refused_before_it_is_loaded_and_after(
    files: TinyFiles, refusal: Callable[..., str]
) -> None:
    for action in (
        lambda: check_tokens(41, files.text_body, [series(50)]),
        lambda: load_body(files.text_body, tokens=41),
    ):
        refusal(action, "tokens is 41", "takes at most 40", "set tokens to 40 or fewer")
    check_tokens(40, files.text_body, [series(50)])
    assert load_body(files.text_body, tokens=40).most_tokens(Modality.SERIES) == 40


def test_where_nothing_is_cut_into_tokens_they_are_refused(refusal: Callable[..., str]) -> None:
    images = tiny_dataset(Modality.IMAGE)
    refusal(lambda: check_tokens(9, "minilm", [images, images]), "tiny image (image)", "leave tokens out")
    check_tokens(9, "minilm", [images, series(50)])
    check_tokens(None, "minilm", [images])


@pytest.mark.parametrize("value", [0, -1, 2.5, "9", True])
def test_what_is_no_number_of_tokens_is_refused(value: object, refusal: Callable[..., str]) -> None:
    refusal(lambda: check_asked(value), "tokens is", "a whole number")  # type: ignore[arg-type]


def test_the_cost_is_told_against_the_usual_number() -> None:
    usual, more = cost_line(series(96), "minilm", None), cost_line(series(96), "minilm", 48)
    assert usual == (
        "A sample has 96 time steps and becomes 24 tokens of 4, as many as where nothing is said; minilm takes 512."
    )
    # 48 tokens of 2 * 384 + 1536 + 48 = 2352 units, 24 of 2328: a ratio of 2.02.
    assert "becomes 48 tokens of 2: about 2 times the work of the usual 24; minilm takes 512" in more
    assert cost_line(tiny_dataset(Modality.IMAGE), "minilm", None) == ""
    assert "is known once it is loaded" in cost_line(series(96), "nobody/knows-this", 48)
    assert cost_line(series(96), "nobody/knows-this", None) == ""


def test_as_released_a_prime_length_and_a_table_are_one_token() -> None:
    assert "97 time steps and becomes 1 token of 97" in cost_line(series(97), "minilm", None, released=True)
    assert "97 time steps and becomes 20 tokens of 5" in cost_line(series(97), "minilm", None)
    assert "7 features and becomes 1 token of 7" in cost_line(
        tiny_dataset(Modality.TABULAR), "minilm", 3, released=True
    )
