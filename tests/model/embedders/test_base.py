"""What every embedder promises of every family: position weighs in a token what it weighs in the body's own tokens.

Samples are noise, alike at every place, so that only positions tell places apart; the body's own input is random words,
or noise with the spectrum of pictures. What an image body does with pictures is not asked here: they pass its own
layer, which is held against the original network in `families`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.families import encoder, made
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.methods.stat_matched import match_statistics
from xmodal_core.model.bodies import BODIES
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.embedders.base import Embedder, Tokens
from xmodal_core.model.families import FAMILIES
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.stem import Content, Stem, natural_noise

N = 256
PATCH = 3
CHANCE = 3 / N  # by which means over as many samples differ where nothing tells places apart
READS = {name: known[name].modality for known in (FAMILIES, BODIES) for name in known}
EVERYTHING = [name for name in READS if name not in ("swin", "swinv2", "beit")]  # they take pictures alone
IN_PATCHES = [
    *((name, Modality.FIELD) for name in READS),
    *((name, Modality.IMAGE) for name in EVERYTHING if READS[name] is not Modality.IMAGE),
    *((name, modality) for name in EVERYTHING for modality in (Modality.SERIES, Modality.SEQUENCE)),
]
Folder = Callable[[str], str]


@pytest.fixture
def body(folder: Folder) -> Callable[..., Body]:
    """A family's tiny body, or one that ships, with what is said of the model around it."""

    def load(name: str, **said: str) -> Body:
        return load_body(name if name in BODIES else folder(name), settings=ModelSettings(**said)).eval()

    return load


def length(body: Body) -> int:
    """Tokens of a series: as many as an image body has patches."""
    return body.max_tokens if body.stem.patch is not None else 24


def noise(modality: Modality, body: Body) -> LabelledDataset:
    """Samples alike at every place; fields look like pictures where the body's filters were learned on those."""
    rng, n = np.random.default_rng(0), length(body)
    if modality is Modality.FIELD and body.stem.patch is not None and body.stem.image_size is not None:
        inputs = natural_noise(N, body.stem.patch[0].shape[1], body.stem.image_size).numpy()
    elif modality is Modality.SEQUENCE:
        inputs = rng.integers(0, 5, (N, PATCH * n))
    else:
        shapes = {Modality.SERIES: (2, PATCH * n), Modality.TABULAR: (n,)}
        inputs = rng.normal(size=(N, *shapes.get(modality, (3, 16, 16)))).astype(np.float32)
    return make_dataset(f"noise {modality}", modality, inputs, np.arange(N) % 2, ["a", "b"])


@torch.no_grad()
def own_tokens(name: str, body: Body, n_tokens: int, order: Tensor | None = None) -> Tensor:
    """What the body's own embedding layer gives for its own input (n, l, d), its content in another order if asked."""
    rng, stem = torch.Generator().manual_seed(1), body.stem
    order = torch.arange(n_tokens) if order is None else order
    if stem.word_embeddings is not None:
        words = 30 if name in FAMILIES else stem.word_embeddings.word_embeddings.num_embeddings
        return stem.word_embeddings(input_ids=torch.randint(4, words, (N, n_tokens), generator=rng)[:, order])
    if stem.patch is None:  # of sound: what stands before the projection is normed
        projection = encoder(name, made(name)).feature_projection.projection
        return projection(torch.randn(N, n_tokens, projection.in_features, generator=rng))[:, order]
    weight, bias = stem.patch
    images = natural_noise(N, weight.shape[1], stem.image_size or (0, 0))
    patches = F.conv2d(images, weight, bias, stem.stride or weight.shape[-2:]).flatten(2).transpose(1, 2)[:, order]
    normed = patches if stem.norm is None else F.layer_norm(patches, patches.shape[-1:], *stem.norm)
    return normed if stem.positions is None else normed + stem.positions[:n_tokens]


def tokens_of(data: LabelledDataset, body: Body) -> Tensor:
    with torch.no_grad():
        return made_embedder(data, body)(torch.from_numpy(data.inputs))


def made_embedder(data: LabelledDataset, body: Body) -> Embedder:
    return make_model(data, body).embedder


def spread(means: Tensor, tokens: Tensor) -> float:
    """Variance over places of means (l, d), as a share of the variance of tokens (n, l, d)."""
    return float(means.var(dim=0, correction=0).mean() / tokens.flatten(0, 1).var(dim=0, correction=0).mean())


def share(tokens: Tensor) -> float:
    """Share of the variance of tokens that is position: that of their means over samples, from place to place."""
    return spread(tokens.mean(dim=0), tokens)


@pytest.mark.parametrize(("name", "modality"), IN_PATCHES, ids=str)
def test_position_has_the_share_of_a_token_that_it_has_in_the_bodys_own(
    name: str, modality: Modality, body: Callable[..., Body]
) -> None:
    found = body(name)
    tokens = tokens_of(noise(modality, found), found)
    ours, own = share(tokens), share(own_tokens(name, found, tokens.shape[1]))
    if found.stem.positions is None:  # relative, rotary or convolved ones are in the blocks
        assert max(ours, own) < CHANCE
    else:
        assert own > CHANCE
        assert own / 1.5 < ours < own * 1.5


@pytest.mark.parametrize("name", EVERYTHING)
def test_position_has_that_share_in_a_table_too_where_a_feature_is_a_token(
    name: str, body: Callable[..., Body]
) -> None:
    """Features differ from place to place by themselves: what position does is what is missing without it."""
    found, without = body(name), body(name, positions="none")
    data = noise(Modality.TABULAR, found)
    tokens = tokens_of(data, found)
    assert tokens.shape[1] == data.inputs.shape[1]
    ours = spread(tokens.mean(dim=0) - tokens_of(data, without).mean(dim=0), tokens)
    own = share(own_tokens(name, found, tokens.shape[1]))
    if found.stem.positions is None:
        assert ours == 0
    else:
        assert own / 1.5 < ours < own * 1.5


@pytest.mark.parametrize("name", EVERYTHING)
def test_another_order_changes_what_leaves_a_body_as_much_as_it_does_natively(
    name: str, body: Callable[..., Body]
) -> None:
    """Measured by how far one sample lies from the next: patches of a series against words, or patches of pictures.

    The stem is linear: another one sees what lies beside a patch, which is another order's own content.
    """
    found = body(name, stem="linear")
    data, n = noise(Modality.SERIES, found), length(found)
    embedder, series = made_embedder(data, found), torch.from_numpy(data.inputs)
    assert embedder.n_tokens == n
    order = torch.randperm(n, generator=torch.Generator().manual_seed(0))
    shuffled = series.unflatten(2, (n, PATCH))[:, :, order].flatten(2)
    with torch.no_grad():
        ours = effect(found, embedder(series), embedder(shuffled))
        own = effect(found, own_tokens(name, found, n), own_tokens(name, found, n, order))
    assert own > 0.05
    assert own / 2 < ours < own * 2


def effect(body: Body, tokens: Tensor, reordered: Tensor) -> float:
    """How far features move with the order of the tokens, beside how far those of two samples lie apart."""
    features, moved = (body.pooled(body.read(given)) for given in (tokens, reordered))
    return float((moved - features).norm(dim=1).mean() / (features.roll(1, 0) - features).norm(dim=1).mean())


@pytest.mark.parametrize("name", BODIES)
def test_added_as_released_a_position_is_next_to_nothing(name: str, body: Callable[..., Body]) -> None:
    """The control of this contract, on the bodies that ship."""
    after = body(name, positions="after")
    tokens = tokens_of(noise(Modality.SERIES, after), after)
    assert share(tokens) < share(own_tokens(name, after, tokens.shape[1])) / 10


def test_a_random_body_has_shares_of_its_own(folder: Folder) -> None:
    drawn = load_body(folder("bert"), pretrained=False)
    tokens = tokens_of(noise(Modality.SERIES, drawn), drawn)
    own = share(own_tokens("bert", drawn, tokens.shape[1]))
    assert own / 1.5 < share(tokens) < own * 1.5


def test_noise_of_equal_statistics_keeps_the_share_and_nothing_of_what_words_are_on_average(folder: Folder) -> None:
    body = load_body(folder("bert"))
    before, known = share(tokens_of(noise(Modality.SERIES, body), body)), body.stem.content
    assert known is not None
    match_statistics(body, 0)
    assert body.stem.content is not None
    assert not torch.isclose(body.stem.content.mean, known.mean).any()
    after = share(tokens_of(noise(Modality.SERIES, body), body))
    assert before / 1.5 < after < before * 1.5


def stem(**known: object) -> Stem:
    return Stem(**({"positions": None, "norm": None} | known))  # type: ignore[arg-type]


def test_gain_and_constant_bring_content_to_the_bodys_own_mean_and_deviation() -> None:
    """Content -1 and 1 in one number and 3 in the other: mean (0, 3), variance (1, 0), so a deviation of root 1/2."""
    tokens = Tokens(stem(content=Content(torch.tensor([5.0, 7.0]), 2**-0.5 * 4)), 2, 2, True, "before")
    content = torch.tensor([[[-1.0, 3.0], [1.0, 3.0]]])
    tokens.fit(content)
    assert tokens.gain.item() == pytest.approx(4)
    assert tokens(content)[0].tolist() == [[pytest.approx(1), pytest.approx(7)], [pytest.approx(9), pytest.approx(7)]]


@pytest.mark.parametrize(
    ("positions", "expected"), [("before", [-1.0, 1.0]), ("after", [1.0, 0.0]), ("none", [1.0, -1.0])]
)
def test_a_token_is_the_norm_of_content_with_position_or_of_content_alone(
    positions: str, expected: list[float]
) -> None:
    """Content (2, 0) at a place with position (0, 1), or (0, 8): a norm of two numbers leaves their order alone."""
    place = torch.tensor([[0.0, 8.0 if positions == "before" else 1.0]])
    tokens = Tokens(stem(positions=place, norm=(torch.ones(2), torch.zeros(2))), 1, 2, True, positions)
    torch.testing.assert_close(tokens(torch.tensor([[[2.0, 0.0]]]))[0, 0], torch.tensor(expected), atol=1e-4, rtol=0)


def test_content_that_never_changes_is_no_division_by_zero() -> None:
    tokens = Tokens(stem(content=Content(torch.zeros(2), 1.0)), 3, 2, True, "before")
    tokens.fit(torch.ones(4, 3, 2))
    assert torch.isfinite(tokens(torch.ones(4, 3, 2))).all()


def test_the_size_of_content_is_taken_from_training_rows_alone(folder: Folder) -> None:
    body = load_body(folder("bert"))
    data = noise(Modality.SERIES, body)
    changed = data.inputs.copy()
    changed[data.rows("test")] *= 1e3
    other = make_dataset("changed", Modality.SERIES, changed, data.targets, ["a", "b"])
    assert np.array_equal(data.splits, other.splits)
    one, two = (made_embedder(d, body).state_dict() for d in (data, other))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_where_a_norm_stands_before_positions_they_are_added_behind_it(tmp_path: Path) -> None:
    """Swin with positions of its own: norm, then positions."""
    import transformers as t

    from tests.families import SWIN

    torch.manual_seed(0)
    model = t.SwinModel(t.SwinConfig(**SWIN, use_absolute_embeddings=True), add_pooling_layer=False).eval()
    with torch.no_grad():
        model.embeddings.position_embeddings.normal_()
        model.embeddings.norm.bias.normal_()
    model.save_pretrained(tmp_path)
    body = load_body(str(tmp_path)).eval()
    images = make_dataset(
        "i", Modality.IMAGE, np.random.default_rng(0).random((12, 3, 16, 16)), np.arange(12) % 2, "ab"
    )
    found = make_model(images, body).embedder
    found.shift.zero_()
    found.scale.fill_(1.0)
    inputs = torch.from_numpy(images.inputs)
    with torch.no_grad():
        torch.testing.assert_close(found(inputs), model.embeddings(inputs)[0], atol=1e-5, rtol=1e-4)
