"""Readouts: known answers, padding, merged grids, causal bodies, and that each learns on every task and body."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.families import native
from tests.tiny import TinyFiles, tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.model.body import Hidden
from xmodal_core.model.crossmodal import CrossModalModel, load_body, make_model
from xmodal_core.model.readout import MOST_PLACES, FlatTokens, MeanAndFlat, QueriedTokens, Readout, at_most
from xmodal_core.model.settings import READOUTS, ModelSettings

Made = Callable[..., CrossModalModel]
TOKENS = torch.tensor([[[1.0, 2.0], [3.0, 5.0], [8.0, 11.0]]])  # (1, 3, 2)


@pytest.fixture
def made(folder: Callable[[str], str]) -> Made:
    """`made("vit", data, "flat")`: a model around a tiny body of a family with a readout."""

    def make(family: str, data: object, readout: str, **said: str) -> CrossModalModel:
        body = load_body(folder(family), settings=ModelSettings(readout=readout, **said))
        return make_model(data, body).eval()  # type: ignore[arg-type]

    return make


class Shapes:
    """As much of a body and of an embedder as a readout asks for."""

    name = "a body"
    prefix: Tensor | None = None
    output_size = 2
    merged = 1
    opens = False
    reads_last = False

    def __init__(self, *grid: int) -> None:
        self.grid, self.n_tokens = grid, int(np.prod(grid))


def flat(*grid: int) -> FlatTokens:
    return FlatTokens(Shapes(), Shapes(*grid))  # type: ignore[arg-type]


def hidden(tokens: Tensor) -> Hidden:
    return Hidden(tokens[:, :0], tokens)


def test_flat_is_every_token_in_its_order() -> None:
    assert flat(3)(hidden(TOKENS)).tolist() == [[1, 2, 3, 5, 8, 11]]
    assert (flat(3).places, flat(3).width) == (3, 6)


def test_flat_is_divided_by_the_root_of_the_number_of_places() -> None:
    assert flat(4).divisor.tolist() == [2.0] * 8  # type: ignore[union-attr]
    assert flat(1).divisor is None


def test_the_mean_stands_undivided_before_the_tokens_in_their_order() -> None:
    readout = MeanAndFlat(Shapes(), Shapes(3))  # type: ignore[arg-type]
    assert readout(hidden(TOKENS)).tolist() == [[4, 6, 1, 2, 3, 5, 8, 11]]
    assert readout.divisor.tolist() == pytest.approx([1, 1] + [3**0.5] * 6)  # type: ignore[union-attr]
    real = torch.tensor([[True, True, False]])
    assert readout(hidden(TOKENS), real).tolist() == [[2, 3.5, 1, 2, 3, 5, 0, 0]]


def test_flat_gives_the_answer_of_the_mean_where_all_places_have_equal_weights() -> None:
    weight = torch.tensor([[0.5, -2.0], [4.0, 1.0]])
    found = flat(3)(hidden(TOKENS)) @ (weight.repeat(1, 3) / 3).T
    torch.testing.assert_close(found, TOKENS.mean(dim=1) @ weight.T)


def test_padding_counts_as_zero_at_its_place() -> None:
    real = torch.tensor([[True, True, False]])
    assert flat(3)(hidden(TOKENS), real).tolist() == [[1, 2, 3, 5, 0, 0]]


def test_beyond_so_many_places_neighbours_are_averaged_and_stay_in_order() -> None:
    tokens = torch.arange(128.0)[None, :, None].expand(-1, -1, 2)
    readout = flat(128)
    assert readout.pooled == (MOST_PLACES,)
    found = readout(hidden(tokens)).unflatten(1, (64, 2))
    assert found[0, :, 0].tolist() == [2 * place + 0.5 for place in range(64)]
    assert readout.width == 128


def test_places_of_a_grid_are_averaged_with_their_neighbours_along_both_axes() -> None:
    """Rows of 16 and columns of 8: the longer axis is halved, so that two rows become one."""
    readout = flat(16, 8)
    assert readout.pooled == (8, 8)
    rows = torch.arange(16.0).repeat_interleave(8)
    columns = torch.arange(8.0).repeat(16)
    found = readout(hidden(torch.stack([rows, columns], dim=1)[None])).unflatten(1, (8, 8, 2))
    assert found[0, :, 0, 0].tolist() == [2 * row + 0.5 for row in range(8)]
    assert found[0, 0, :, 1].tolist() == list(range(8))


def test_where_places_do_not_come_out_even_the_last_averages_what_is_left() -> None:
    """65 tokens in twos: 0 and 1, 2 and 3, ..., and 64 alone."""
    found = flat(65)(hidden(torch.arange(65.0)[None, :, None].expand(-1, -1, 2))).unflatten(1, (33, 2))
    assert found[0, :, 0].tolist() == [2 * place + 0.5 for place in range(32)] + [64]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=2))
def test_every_place_is_the_mean_of_tokens_of_its_own(grid: list[int]) -> None:
    tokens = torch.ones(1, int(np.prod(grid)), 2)
    readout = flat(*grid)
    assert readout(hidden(tokens)).tolist() == [[1.0] * readout.width]


def test_axes_are_halved_in_turn_the_longest_first() -> None:
    assert at_most((64,), 64) == (64,)
    assert at_most((65,), 64) == (33,)
    assert at_most((20, 10), 64) == (5, 10)
    assert at_most((9, 9), 64) == (5, 9)


def test_a_query_starts_as_the_mean_and_then_weighs_by_the_softmax_of_its_scores() -> None:
    readout = QueriedTokens(Shapes(), Shapes(3))  # type: ignore[arg-type]
    torch.testing.assert_close(readout(hidden(TOKENS)), TOKENS.mean(dim=1))
    with torch.no_grad():
        readout.key.weight.copy_(torch.eye(2))
        readout.query.copy_(torch.tensor([np.log(2) * 2**0.5, 0.0]))  # weights 2^1, 2^3 and 2^8, over their sum 266
    expected = [(2 * 1 + 8 * 3 + 256 * 8) / 266, (2 * 2 + 8 * 5 + 256 * 11) / 266]
    assert readout(hidden(TOKENS)).tolist()[0] == pytest.approx(expected)
    real = torch.tensor([[True, True, False]])
    assert readout(hidden(TOKENS), real).tolist()[0] == pytest.approx([(2 + 24) / 10, (4 + 40) / 10])


def test_of_a_query_at_its_start_it_is_the_query_that_learns_first() -> None:
    readout = QueriedTokens(Shapes(), Shapes(3))  # type: ignore[arg-type]
    readout(hidden(TOKENS)).square().sum().backward()
    assert readout.query.grad is not None
    assert readout.query.grad.abs().min() > 0


@pytest.mark.parametrize("readout", ["mean", "last", "attention", "flat", "mean+flat", "first"])
def test_word_pieces_behind_a_text_change_nothing(readout: str, made: Made, files: TinyFiles) -> None:
    data = tiny_dataset(Modality.TEXT)
    model = make_model(data, load_body(files.text_body, settings=ModelSettings(readout=readout))).eval()
    words = model.embedder.prepare(data, np.arange(4))
    if readout == "attention":
        nn.init.normal_(model.readout.query)  # type: ignore[arg-type]
    mask = model.embedder.mask(words)
    assert mask is not None
    assert not mask.all()
    with torch.no_grad():
        left, _ = model.hidden(words)
        other = Hidden(left.prefix, torch.where(mask.unsqueeze(-1), left.tokens, 99.0))
        assert torch.equal(model.readout(left, mask), model.readout(other, mask))
        expected = {"last": left.tokens[torch.arange(4), mask.sum(dim=1) - 1], "first": left.tokens[:, 0]}
    if readout in expected:
        assert torch.equal(model.readout(left, mask), expected[readout])


def test_the_first_token_of_a_vit_is_its_own_and_no_patch(made: Made) -> None:
    data = native("vit")
    model = made("vit", data, "first")
    inputs = torch.from_numpy(data.inputs)
    found, _ = model.hidden(inputs)
    assert torch.equal(model.readout(found), found.prefix[:, 0])
    whole = model.body._run(model.embedder(inputs), None).last_hidden_state
    assert torch.equal(found.prefix[:, 0], whole[:, 0])


def test_the_mean_of_a_causal_body_is_its_last_token_and_a_query_is_none_at_its_start(made: Made) -> None:
    data = tiny_dataset(Modality.SERIES)
    mean, last, query = (made("gpt2", data, name) for name in ("mean", "last", "attention"))
    found, _ = mean.hidden(torch.from_numpy(data.inputs[:3]))
    assert torch.equal(mean.readout(found), found.tokens[:, -1])
    assert torch.equal(mean.readout(found), last.readout(found))
    torch.testing.assert_close(query.readout(found), found.tokens.mean(dim=1))
    assert torch.equal(mean.features(torch.from_numpy(data.inputs[:3])), mean.readout(found))


def test_the_space_body_is_the_mean_whatever_is_read(made: Made) -> None:
    data = tiny_dataset(Modality.SERIES)
    inputs = torch.from_numpy(data.inputs[:3])
    features = [made("vit", data, name).features(inputs) for name in READOUTS]
    assert all(torch.equal(features[0], other) for other in features)


def test_a_merged_grid_is_read_at_the_places_that_are_left(made: Made) -> None:
    model = made("swin", native("swin"), "flat")
    assert (model.embedder.grid, model.readout.grid, model.readout.places) == ((8, 8), (4, 4), 16)  # type: ignore[attr-defined]
    assert model.readout.width == 16 * model.body.output_size


@pytest.mark.parametrize(("family", "modality"), [("bert", Modality.SERIES), ("gpt2", Modality.TEXT)])
def test_a_body_without_a_token_of_its_own_has_no_first(
    family: str, modality: Modality, made: Made, refusal: Callable[..., str]
) -> None:
    refusal(lambda: made(family, tiny_dataset(modality), "first"), "readout first", "choose readout mean")


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("family", ["vit", "bert", "gpt2", "swin"])
def test_every_readout_reads_every_task_from_every_kind_of_body(
    family: str, readout: str, task: Task, made: Made, refusal: Callable[..., str]
) -> None:
    """A target in cells is read cell by cell, and nothing else can be asked."""
    data = tiny_task(task, Modality.IMAGE)
    if data.cells and readout != "mean":
        refusal(lambda: made(family, data, readout), f"readout is {readout}", "every cell", "leave readout at auto")
        return
    if readout == "first" and family != "vit":
        refusal(lambda: made(family, data, readout), "readout first")
        return
    model = made(family, data, readout).train()
    outputs = model(torch.from_numpy(data.inputs[:5]))
    assert outputs.shape == (5, data.n_outputs, *data.cells)
    outputs.square().sum().backward()
    behind: list[Readout | nn.Module] = [model.readout, model.predictor]
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for m in behind for p in m.parameters())
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in model.embedder.parameters())
