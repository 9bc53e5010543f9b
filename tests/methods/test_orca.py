"""ORCA: parity with the released code, the 2 x 2 of initialisation and alignment, levels, and every task."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.families import saved
from tests.methods.resuming import metrics, resumed
from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.errors import SettingsError
from xmodal_core.methods.stages.align import drawn_tokens
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.settings import EARLIER, USUAL, ModelSettings
from xmodal_core.objectives import OBJECTIVES
from xmodal_core.runs.run import Run, prepare
from xmodal_core.runs.spec import RunSpec

RELEASED = ModelSettings(compat="released")


@pytest.fixture
def orca(files: TinyFiles, prepared: Callable[..., Run]) -> Callable[..., Run]:
    """A run on a tiny target of a task, of two steps of alignment unless others are asked for."""

    def make(task: Task = Task.CLASSIFICATION, align: int = 2, refine: int = 0, **settings: object) -> Run:
        return prepared("orca", files.task(task), budget={"align_steps": align, "refine_steps": refine}, **settings)

    return make


def embedder(run: Run) -> list[Tensor]:
    return [p.detach().clone() for p in run.state.model.embedder.parameters()]


def slow_entropic_cost(cost: Tensor, eps: float) -> Tensor:
    """OT_eps with uniform weights by plain alternating updates; gradients by the envelope theorem."""
    n, m = cost.shape
    f, g = cost.new_zeros(n), cost.new_zeros(m)
    with torch.no_grad():
        for _ in range(3000):
            f = -eps * (torch.logsumexp((g - cost) / eps, 1) - np.log(m))
            g = -eps * (torch.logsumexp((f[:, None] - cost) / eps, 0) - np.log(n))
        plan = torch.exp((f[:, None] + g - cost) / eps) / (n * m)
    return (plan * cost).sum() - (plan * cost).sum().detach() + f.mean() + g.mean()


def test_the_released_label_aware_call_has_the_gradient_of_plain_divergences_per_class() -> None:
    """Parity (a): all targets of a call under one dummy label, label distances up to 15 and detached."""
    rng = np.random.default_rng(0)
    source, source_labels = torch.from_numpy(rng.normal(size=(40, 4))), torch.from_numpy(rng.integers(0, 4, 40))
    target, labels = torch.from_numpy(rng.normal(size=(23, 4)) + 1), torch.from_numpy(rng.integers(0, 3, 23))
    distance = torch.from_numpy(rng.uniform(0, 15, (4, 3)))
    eps = 0.8

    def half(a: Tensor, b: Tensor) -> Tensor:
        return (a[:, None] - b).square().sum(-1) / 2

    moved = target.clone().requires_grad_()
    total = moved.new_zeros(())
    for c in range(3):
        own = moved[labels == c]
        between = slow_entropic_cost(half(source, own) + distance[source_labels, c][:, None] / 2, eps)
        total = total + len(own) / len(target) * (between - slow_entropic_cost(half(own, own), eps) / 2)
    total.backward()
    again = target.clone().requires_grad_()
    OBJECTIVES["per_class"](source, source_labels, 0.05)(again, labels, eps).backward()
    assert moved.grad is not None
    torch.testing.assert_close(again.grad, moved.grad, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("settings", [EARLIER, RELEASED], ids=["earlier", "released"])
def test_series_embedder_is_the_released_one_given_its_weights(settings: ModelSettings, tmp_path: Path) -> None:
    """Parity (b), 1-D: strided convolution, LayerNorm before the positions, positions from RoBERTa's second on."""
    import transformers as t

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = t.RobertaConfig(vocab_size=20, max_position_embeddings=30, **sizes)
    torch.manual_seed(0)
    original = t.RobertaModel(config, add_pooling_layer=False)
    torch.nn.init.normal_(original.embeddings.LayerNorm.weight, 1.0, 0.3)
    original.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "word"]))
    t.BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)  # no text body is without one
    data = tiny_dataset(Modality.SERIES)
    layer = make_model(data, load_body(str(tmp_path), settings=settings)).embedder
    x = torch.from_numpy(data.inputs[:5])
    train = data.inputs[data.rows("train")]
    scaled = torch.from_numpy((data.inputs[:5] - train.mean((0, 2))[:, None]) / train.std((0, 2))[:, None])
    stride = layer.project.stride[0]
    assert 30 % stride == 0  # where the release pads nothing
    cut = torch.nn.functional.conv1d(scaled, layer.project.weight, layer.project.bias, stride).transpose(1, 2)
    own = original.embeddings
    normed = torch.nn.functional.layer_norm(cut, (16,), own.LayerNorm.weight, own.LayerNorm.bias)
    expected = normed + own.position_embeddings(torch.arange(2, 30 // stride + 2))
    torch.testing.assert_close(layer(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("settings", [USUAL, EARLIER, RELEASED], ids=["ours", "earlier", "released"])
def test_image_embedder_is_the_released_one_on_three_channels(settings: ModelSettings, tmp_path: Path) -> None:
    """Parity (b), 2-D: resize, Swin's own patch projection and LayerNorm, no positions."""
    import transformers as t

    config = t.SwinConfig(image_size=16, patch_size=2, embed_dim=8, depths=[1], num_heads=[1], window_size=4)
    torch.manual_seed(0)
    original = t.SwinModel(config, add_pooling_layer=False)
    original.save_pretrained(tmp_path)
    images = np.random.default_rng(0).random((12, 3, 32, 32), dtype=np.float32)
    data = make_dataset("images", Modality.IMAGE, images, np.arange(12) % 2, ["a", "b"])
    layer = make_model(data, load_body(str(tmp_path), settings=settings)).embedder.eval()
    x = torch.from_numpy(images)
    scaled = (x - layer.shift) / layer.scale
    resized = torch.nn.functional.interpolate(scaled, (16, 16), mode="bilinear", antialias=True)
    with torch.no_grad():
        expected = original.eval().embeddings(resized)[0]
        torch.testing.assert_close(layer(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("task", Task)
def test_the_released_model_is_aligned_and_refined_on_every_task(
    task: Task, files: TinyFiles, prepared: Callable[..., Run], tmp_path: Path
) -> None:
    """Fields of one channel before a Swin, whose filters for red see them; numbers of a table before a BERT."""
    modality, source, body = Modality.FIELD, Modality.IMAGE, saved("swin", tmp_path)
    if task is Task.REGRESSION:
        modality, source, body = Modality.TABULAR, Modality.TEXT, files.text_body
    budget = {"align_steps": 2, "refine_steps": 2}
    asked = prepared("orca", files.task(task, modality), files.data(source, n=90), body, budget=budget).spec
    run = prepare(replace(asked, model={"compat": "released"}), torch.device("cpu"))
    losses = [step.metrics.get("loss", step.metrics.get("objective")) for step in run.steps()]
    assert len(losses) == 4
    assert np.isfinite(losses).all()
    assert len(run.state.model.predictor.state_dict()) == 2


def test_initialisation_and_alignment_are_two_switches(orca: Callable[..., Run]) -> None:
    start = {init: embedder(orca(embedder_init=init)) for init in ("pretrained", "random")}
    assert any(not torch.equal(a, b) for a, b in zip(start["pretrained"], start["random"], strict=True))
    for init, before in start.items():
        plain, aligned = (orca(align=n, embedder_init=init) for n in (0, 2))
        assert not list(plain.steps())
        assert len(list(aligned.steps())) == 2
        assert all(torch.equal(a, b) for a, b in zip(before, embedder(plain), strict=True))
        assert any(not torch.equal(a, b) for a, b in zip(before, embedder(aligned), strict=True))


def test_a_randomly_initialised_embedder_that_is_not_aligned_is_fine_tuned(
    files: TinyFiles, orca: Callable[..., Run], prepared: Callable[..., Run]
) -> None:
    target = files.task(Task.CLASSIFICATION)
    finetune = prepared("finetune", target, budget={"refine_steps": 3}, embedder_init="random")
    unaligned = orca(align=0, refine=3, embedder_init="random")
    assert [s.metrics["loss"] for s in unaligned.steps()] == [s.metrics["loss"] for s in finetune.steps()]


@pytest.mark.parametrize("level", ["mean", "token"])
@pytest.mark.parametrize("task", Task)
def test_every_task_is_aligned_by_its_classes_or_its_pseudo_labels(
    task: Task, level: str, orca: Callable[..., Run]
) -> None:
    run = orca(task, align=8, level=level, align_learning_rate=5e-3)
    steps = list(run.steps())
    assert steps[-1].metrics["objective"] < steps[0].metrics["objective"]
    labels = steps[0].arrays["target_labels"]
    assert labels.dtype == np.int64
    assert 2 <= len(np.unique(labels)) <= 10


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_token_level_runs_with_every_objective_and_resumes_bit_for_bit(
    objective: str, orca: Callable[..., Run], tmp_path: Path
) -> None:
    settings = {"level": "token", "objective": objective, "align_batch": 32}
    whole, first, second = (orca(align=3, **settings) for _ in range(3))
    assert resumed(first, 1, second, tmp_path) == metrics(whole)


def test_drawn_tokens_are_real_tokens_of_their_sample_each_at_most_once() -> None:
    tokens = torch.arange(12.0).view(3, 4, 1)  # token i of sample s is 4 s + i
    mask = torch.tensor([[True] * 4, [True, False, False, False], [True, True, True, False]])
    rng = torch.Generator().manual_seed(0)
    for n in (1, 2, 3, 9):
        features, labels = drawn_tokens(tokens, mask, torch.tensor([7, 8, 9]), n, rng)
        values = features.flatten().long()
        assert len(values) == min(n, 4) + 1 + min(n, 3)
        assert len(set(values.tolist())) == len(values)
        assert torch.equal(values // 4 + 7, labels)
        assert mask.flatten()[values].all()
    every, labels = drawn_tokens(tokens, None, torch.tensor([7, 8, 9]), 4, rng)
    assert sorted(every.flatten().tolist()) == list(range(12))
    assert labels.tolist() == [7] * 4 + [8] * 4 + [9] * 4


def test_tokens_show_what_their_mean_hides() -> None:
    """Source tokens at +1 and -1, target tokens at 0: equal means, W2^2 of the tokens is 1."""
    source = torch.tensor([1.0, -1.0]).view(1, 2, 1).expand(6, -1, -1)
    target, labels, rng = torch.zeros(6, 2, 1), torch.zeros(6, dtype=torch.long), torch.Generator()
    by_mean = OBJECTIVES["sliced"](source.mean(1), labels, 0.05)(target.mean(1), labels, 0.0)
    tokens = [drawn_tokens(side, None, labels, 2, rng) for side in (source, target)]
    by_token = OBJECTIVES["sliced"](*tokens[0], 0.05)(*tokens[1], 0.0)
    assert by_mean.item() == pytest.approx(0.0, abs=1e-6)
    assert by_token.item() == pytest.approx(1.0, rel=1e-5)


def test_bad_settings_are_refused_before_anything_is_loaded() -> None:
    for settings, message in (
        ({"level": "word"}, "level is 'word', expected one of mean, token"),
        ({"align_batch": 1}, "align_batch is 1"),
        ({"tokens_per_sample": 0}, "tokens_per_sample is 0"),
        ({"objective": "l2"}, "objective is 'l2'"),
    ):
        with pytest.raises(SettingsError, match=message):
            RunSpec("orca", "nowhere", "nobody", "nothing", settings=settings)
