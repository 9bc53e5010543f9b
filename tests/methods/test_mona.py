"""MoNA's first stage: its gradients against answers worked out by hand, and what it must leave alone."""

import hashlib
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.tiny import TinyFiles, save_npz, tiny_dataset
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.data.named import load_named
from xmodal_core.evaluation import target_tensor, task_loss
from xmodal_core.methods.base import Stage, TrainState, draw_rows
from xmodal_core.methods.mona import Mona
from xmodal_core.methods.stages import bilevel, meta
from xmodal_core.methods.stages.bilevel import MODES, alignment_and_uniformity, bilevel_gradients
from xmodal_core.methods.stages.start import fit_start
from xmodal_core.methods.stages.watched import make_watch
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.embedders.text import PADDING
from xmodal_core.runs.run import Run
from xmodal_core.runs.spec import RunSpec, spec_from_json

both_modes = pytest.mark.parametrize("mode", MODES)
FREE = 1e9  # a virtual step that is not shortened


def scalar(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def scalar_problem(rate: float | None, mode: str, largest_move: float = FREE) -> bilevel.BilevelGradients:
    """e = a x, f = w u, inner (w a x - y)^2 / 2, outer (w' s - r)^2 / 2 at w = 1, a = 2, x = y = s = 1, r = 0."""
    a, w = scalar(2.0), scalar(1.0)
    return bilevel_gradients(
        lambda body: (body[0] * a - 1) ** 2 / 2,
        lambda body: (body[0] ** 2 / 2,),
        [w],
        [a],
        [],
        rate,
        mode,
        largest_move,
    )


@both_modes
def test_the_scalar_problem_has_the_gradient_worked_out_by_hand(mode: str) -> None:
    """Body gradient 2, w' = 0.8, d outer / da = 0.8 * -0.1 * d/da (w a - 1) a = -0.24."""
    found = scalar_problem(0.1, mode)
    assert found.inner == 0.5
    assert found.outer[0] == pytest.approx(0.32)
    assert found.meta[0].item() == pytest.approx(-0.24, abs=1e-9)
    assert found.embedder[0].item() == 1.0
    assert found.embedder[0].item() + 0.5 * found.meta[0].item() == pytest.approx(0.88)
    assert found.move == pytest.approx(0.2)
    assert found.cosine == pytest.approx(1.0)


def test_detaching_the_inner_gradient_gives_exactly_zero_and_a_first_order_reading_another_number() -> None:
    a, w = scalar(2.0), scalar(1.0)
    (slope,) = torch.autograd.grad((w * a - 1) ** 2 / 2, w, create_graph=True)
    ahead = w - 0.1 * slope.detach()
    (detached,) = torch.autograd.grad(ahead**2 / 2, a, materialize_grads=True, allow_unused=True)
    assert detached.item() == 0.0
    (at_start,) = torch.autograd.grad(-0.1 * w.detach() * slope, a)
    assert at_start.item() == pytest.approx(-0.30)


@both_modes
def test_a_long_virtual_step_is_shortened_and_its_gradient_with_it(mode: str) -> None:
    found = scalar_problem(0.1, mode, largest_move=0.02)  # |a g| / |w| would be 0.2
    assert found.move == pytest.approx(0.02)
    assert found.meta[0].item() == pytest.approx(0.98 * -0.01 * 3)


@both_modes
def test_a_virtual_step_without_a_rate_has_the_length_that_is_asked_for(mode: str) -> None:
    found = scalar_problem(None, mode, largest_move=0.02)  # the rate that moves 1 by 0.02 down a slope of 2 is 0.01
    assert found.move == pytest.approx(0.02)
    assert found.meta[0].item() == pytest.approx(0.98 * -0.01 * 3)


@both_modes
def test_without_a_slope_there_is_no_virtual_step_to_set_the_length_of(mode: str) -> None:
    a, w = scalar(2.0), scalar(1.0)
    found = bilevel_gradients(lambda body: 0 * body[0] * a, lambda body: (body[0] ** 2,), [w], [a], [], None, mode)
    assert (found.move, found.meta[0].item()) == (0.0, 0.0)


@both_modes
@pytest.mark.parametrize("seed", range(3))
def test_linear_networks_agree_with_brute_force(mode: str, seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    embed, body, x, y, s, r = draw(4, 3), draw(2, 4), draw(8, 3), draw(8, 2), draw(5, 4), draw(5, 2)
    embed.requires_grad_(), body.requires_grad_()

    def inner(weights: list[Tensor], embedder: Tensor = embed) -> Tensor:
        return ((x @ embedder.T @ weights[0].T - y) ** 2).mean()

    def outer(weights: list[Tensor]) -> tuple[Tensor, ...]:
        return ((s @ weights[0].T - r) ** 2).mean(), torch.tanh(s @ weights[0].T).mean()

    def outer_after_the_step(embedder: Tensor) -> float:
        (slope,) = torch.autograd.grad(inner([body], embedder), body)
        return torch.stack(outer([body - 0.05 * slope])).sum().item()

    brute, size = torch.zeros_like(embed), 1e-5
    for i, j in np.ndindex(*embed.shape):
        nudge = torch.zeros_like(embed)
        nudge[i, j] = size
        ahead, behind = (outer_after_the_step((embed + sign * nudge).detach()) for sign in (1, -1))
        brute[i, j] = (ahead - behind) / (2 * size)
    found = bilevel_gradients(inner, outer, [body], [embed], [], 0.05, mode, FREE)
    assert brute.abs().max() > 1e-3
    assert torch.allclose(found.meta[0], brute, atol=1e-8)


@both_modes
def test_an_outer_loss_without_slope_gives_zero_and_no_division_by_it(mode: str) -> None:
    a, w = scalar(2.0), scalar(1.0)
    for constant in (lambda body: (0 * body[0],), lambda body: (torch.tensor(3.0),)):
        found = bilevel_gradients(lambda body: (body[0] * a - 1) ** 2, constant, [w], [a], [], 0.1, mode)
        assert found.meta[0].item() == 0.0
        assert found.cosine == 0.0
        assert found.embedder[0].item() != 0.0


@pytest.mark.parametrize(
    ("points", "uniform"),
    [
        ([[1.0, 0.0]] * 4, 0.0),
        ([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-3.0, 0.0]], -1.09794),
        ([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 2.0]], -1.06264),
    ],
    ids=["collapsed", "antipodal", "orthogonal"],
)
def test_uniformity_of_two_tight_classes(points: list[list[float]], uniform: float) -> None:
    """Of six pairs two lie at 0 and four at 0, 4 or 2 squared: log((2 + 4 exp(-2 d)) / 6)."""
    align, found = alignment_and_uniformity(torch.tensor(points), torch.tensor([0, 0, 1, 1]), 2.0)
    assert align.item() == pytest.approx(0.0, abs=1e-6)
    assert found.item() == pytest.approx(uniform, abs=1e-5)


def test_alignment_counts_pairs_of_one_class_only() -> None:
    points = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    align, _ = alignment_and_uniformity(points, torch.tensor([5, 5, 7]), 2.0)
    assert align.item() == pytest.approx(2.0)


@given(st.integers(0, 500), st.integers(2, 6), st.integers(2, 5))
@settings(deadline=None, max_examples=25)
def test_source_batches_hold_equally_many_of_each_class_and_depend_on_seed_and_step_alone(
    step: int, n_classes: int, per_class: int
) -> None:
    labels = torch.tensor([0] * 9 + [1] * 7 + [2] * 5 + [3])  # class 3 cannot form a pair
    rows = meta.balanced_rows(labels, n_classes, per_class, step, seed=4)
    _, counts = labels[rows].unique(return_counts=True)
    assert counts.tolist() == [per_class] * min(n_classes, 3)
    assert len(rows.unique()) == len(rows)
    assert torch.equal(rows, meta.balanced_rows(labels, n_classes, per_class, step, seed=4))


def test_a_run_whose_meta_gradient_is_negligible_is_called_pretraining() -> None:
    assert meta.equals_pretraining([1e-4, 5e-4, 1.0])
    assert meta.equals_pretraining([])
    assert not meta.equals_pretraining([1e-2, 2e-3, 1e-4])


@pytest.fixture
def mona(prepared: Callable[..., Run]) -> Callable[..., Run]:
    """A run of a few steps, on other data and body where they are given."""
    usual = {"source_per_class": 4, "warmup_share": 0.25, "align_learning_rate": 1e-3}

    def make(*data: str, align_steps: int = 4, **settings: object) -> Run:
        return prepared("mona", *data, budget={"align_steps": align_steps, "refine_steps": 2}, **(usual | settings))

    return make


def digest(module: torch.nn.Module) -> str:
    return hashlib.blake2b(b"".join(t.numpy().tobytes() for t in module.state_dict().values())).hexdigest()


@both_modes
def test_stage_one_trains_embedder_and_predictor_and_leaves_the_body_bit_for_bit(
    mode: str, mona: Callable[..., Run]
) -> None:
    run = mona(meta_gradient=mode)
    model = run.state.model
    body, embedder, predictor = digest(model.body), digest(model.embedder), digest(model.predictor)
    for step in run.steps():
        if step.stage is Stage.REFINE:
            break
        assert digest(model.body) == body
    assert digest(model.body) != body  # the first step of refinement
    assert digest(model.embedder) != embedder
    assert digest(model.predictor) != predictor


def test_warm_up_has_no_meta_gradient_and_every_later_step_has_one(mona: Callable[..., Run]) -> None:
    steps = [s for s in mona().steps() if s.stage is Stage.ALIGN]
    assert "meta_ratio" not in steps[0].metrics
    for step in steps[1:]:
        assert step.metrics["meta_ratio"] > 0
        assert step.metrics["inner_move"] == pytest.approx(bilevel.LARGEST_MOVE)
        assert -1 <= step.metrics["gradient_cosine"] <= 1
    for step in steps:
        got = step.metrics
        assert got["outer_loss"] == pytest.approx(got["align_loss"] + got["uniform_loss"])
        assert got["objective"] == pytest.approx(0.9 * got["inner_loss"] + 0.1 * got["outer_loss"])
        assert {"heldout_otdd", "heldout_knn_index", "heldout_knn_accuracy"} <= got.keys()
        assert {"source_points", "target_points"} <= step.arrays.keys()


def test_a_batch_of_source_sentences_ends_with_its_longest_and_reads_the_same(
    files: TinyFiles, mona: Callable[..., Run]
) -> None:
    sides = sides_of(mona(files.data(Modality.SERIES), files.data(Modality.TEXT, n=90), files.text_body))
    inputs, labels = sides.source_batch(0)
    lengths = sides.source_side.embedder.mask(inputs).sum(dim=1)
    assert inputs.shape[1] == lengths.max() < sides.source_inputs.shape[1]
    padded = torch.nn.functional.pad(inputs, (0, sides.source_inputs.shape[1] - inputs.shape[1]), value=PADDING)
    with torch.no_grad():
        torch.testing.assert_close(sides.features(inputs), sides.features(padded))
    assert len(labels) == len(inputs)


def test_both_modes_give_the_gradient_of_differentiating_through_the_virtual_step(mona: Callable[..., Run]) -> None:
    """On a transformer: build body' with a graph back to the embedder and differentiate the outer loss itself."""
    smooth = {"readout": "mean", "start": "none"}  # the error of a finite difference is the loss's curvature
    earlier = {"compat": "earlier", "model": smooth}
    run = mona(inner_rate=0.5, **earlier)
    sides = sides_of(run)
    model, rate = run.state.model.eval(), 1e-3
    found = {}
    for mode in MODES:
        found[mode] = torch.cat(
            [g.flatten() for g in sides_of(mona(meta_gradient=mode, inner_rate=rate, **earlier)).bilevel(2).meta]
        )
    names, weights = zip(*model.body.named_parameters(), strict=True)
    inputs, targets = sides.target_batch(2)
    source_inputs, labels = sides.source_batch(2)
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        slopes = torch.autograd.grad(sides.loss(model(inputs), targets), weights, create_graph=True)
        ahead = {f"side.body.{n}": w - rate * g for n, w, g in zip(names, weights, slopes, strict=True)}
        features = torch.func.functional_call(sides.features, ahead, (source_inputs,))
        outer = sum(alignment_and_uniformity(features, labels, 2.0))
        exact = torch.cat([g.flatten() for g in torch.autograd.grad(outer, list(model.embedder.parameters()))])
    assert exact.norm() > 0
    assert (found["double_backward"] - exact).norm() < 1e-4 * exact.norm()
    assert (found["finite_difference"] - exact).norm() < 1e-2 * exact.norm()


@pytest.mark.parametrize(
    "off",
    [{"strength": 0.0}, {"compat": "earlier", "meta_weight": 0.0}, {"compat": "earlier", "inner_rate": 0.0}],
    ids=["no strength", "no weight", "no virtual step"],
)
def test_without_the_meta_gradient_stage_one_is_plain_pretraining_of_the_embedder(
    off: dict[str, Any], mona: Callable[..., Run]
) -> None:
    run, plain = mona(**off), mona()
    steps = list(islice(run.steps(), 4))
    fit_start(plain.state, plain.target)
    model, rows = plain.state.model.eval(), plain.target.rows("train")
    inputs, labels = model.embedder.prepare(plain.target, rows), torch.from_numpy(plain.target.targets[rows])
    trained = [*model.embedder.parameters(), *model.predictor.parameters()]
    optimizer = torch.optim.Adam(trained, 1e-3)
    for step in range(4):
        batch = draw_rows(len(rows), 8, step, 0)
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(inputs[batch]), labels[batch])
        assert steps[step].metrics["inner_loss"] == loss.item()
        loss.backward()
        optimizer.step()
    for mine, theirs in zip(run.state.model.parameters(), model.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_every_strength_makes_another_embedder(mona: Callable[..., Run]) -> None:
    runs = [mona(strength=share) for share in (0.0, 0.01, 0.1, 0.5, 1.0)]
    for run in runs:
        list(islice(run.steps(), 4))
    assert len({digest(run.state.model.embedder) for run in runs}) == len(runs)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
def test_strength_is_the_share_of_the_meta_gradient_in_what_moves_the_embedder(
    share: float, mona: Callable[..., Run]
) -> None:
    run = mona(strength=share)
    found = sides_of(run).bilevel(2)
    gradients, metrics = meta.combined(found, run.method)
    sizes = {"meta": share * bilevel.norm(found.embedder), "plain": (1 - share) * bilevel.norm(found.embedder)}
    n = len(found.embedder)
    left = [g - (1 - share) * p for g, p in zip(gradients[:n], found.embedder, strict=True)]  # what meta has added
    assert bilevel.norm(left).item() == pytest.approx(sizes["meta"].item(), rel=1e-3)
    assert bilevel.norm(left) / (bilevel.norm(left) + sizes["plain"]) == pytest.approx(share, rel=1e-3)
    along = sum((a * b).sum() for a, b in zip(left, found.meta, strict=True))
    assert along.item() == pytest.approx((bilevel.norm(left) * bilevel.norm(found.meta)).item(), rel=1e-3)
    assert all(torch.equal(a, b) for a, b in zip(gradients[n:], found.predictor, strict=True))
    assert metrics["meta_ratio"] == pytest.approx(share)
    assert metrics["meta_weight"] > 0


def test_a_source_that_does_not_hang_on_the_embedder_leaves_the_plain_gradient_whole() -> None:
    assert Mona(strength=0.5).weights(plain=2.0, meta=0.0) == (1.0, 0.0)
    assert Mona(strength=0.25).weights(plain=2.0, meta=0.5) == (0.75, 1.0)
    assert Mona(compat="earlier").weights(plain=2.0, meta=0.5) == (1.0, 0.5)


def test_specifications_from_before_strength_are_weighed_as_they_were(refusal: Callable[..., str]) -> None:
    values = {"method": "mona", "target": "digits", "body": "fractal-vit", "source": "fractals"}
    old = spec_from_json(json.dumps(values | {"schema": 2, "settings": {"inner_rate": 0.5}}))
    assert old.parsed.method == Mona(compat="earlier", inner_rate=0.5, stochastic_depth="off")
    assert json.loads(old.to_json())["settings"] == {"inner_rate": 0.5}
    assert spec_from_json(old.to_json()).parsed.method == old.parsed.method
    assert spec_from_json(json.dumps(values)).parsed.method == Mona()
    for settings_ in ({"inner_rate": 0.5}, {"meta_weight": 0.0}):
        refusal(lambda settings_=settings_: RunSpec(**values, settings=settings_), "compat ours", "strength instead")
    refusal(lambda: RunSpec(**values, settings={"strength": 0.5}, schema=2), "compat earlier", "inner_rate")


def test_a_run_from_before_strength_takes_the_steps_that_it_took(mona: Callable[..., Run]) -> None:
    """The rule of then, written out: the virtual step clipped, the weight constant."""
    run = mona(compat="earlier", inner_rate=1e3)
    sides, settings_ = sides_of(run), run.method
    found = sides.bilevel(2)
    assert found.move == pytest.approx(bilevel.LARGEST_MOVE)
    gradients, metrics = meta.combined(found, settings_)
    expected = [plain + 0.5 * m for plain, m in zip(found.embedder, found.meta, strict=True)]
    assert all(torch.equal(a, b) for a, b in zip(gradients, expected, strict=False))
    assert metrics["meta_ratio"] == 0.5 * bilevel.norm(found.meta).item() / bilevel.norm(found.embedder).item()
    assert metrics["objective"] == pytest.approx(found.inner + 0.5 * sum(found.outer))


@pytest.mark.parametrize("task", [Task.REGRESSION, Task.MULTILABEL, Task.DENSE])
def test_targets_that_are_no_classes_train_on_their_own_loss(
    task: Task, files: TinyFiles, mona: Callable[..., Run]
) -> None:
    rng, inputs = np.random.default_rng(0), tiny_dataset(Modality.SERIES).inputs
    targets = {
        Task.REGRESSION: inputs.mean(axis=(1, 2))[:, None],
        Task.MULTILABEL: (rng.random((len(inputs), 3)) < 0.5).astype(np.float32),
        Task.DENSE: 2 * inputs[:, :1],
    }[task]
    names = ("a", "b", "c") if task is Task.MULTILABEL else ()
    target = make_dataset("other task", Modality.SERIES, inputs, targets, names, task=task)
    run = mona()
    run.target = target
    run.state = TrainState(make_model(target, run.state.model.body), 0, torch.device("cpu"))
    steps = [s for s in run.steps() if s.stage is Stage.ALIGN]
    first = run.target.rows("train")[draw_rows(len(run.target.rows("train")), 8, 0, 0).numpy()]
    untrained = make_model(target, load_body(files.body))
    fit_start(TrainState(untrained, 0, torch.device("cpu")), target)
    with torch.no_grad():
        outputs = untrained.eval()(untrained.embedder.prepare(target, first))
    expected = task_loss(target)(outputs, target_tensor(target, first)).item()
    # Single precision, and without gradients other kernels may be taken.
    assert steps[0].metrics["inner_loss"] == pytest.approx(expected, rel=1e-5)
    assert all(s.metrics["meta_ratio"] > 0 for s in steps[1:])


def test_rows_of_the_source_loss_are_not_those_that_are_watched_or_the_retention_asks_about(
    mona: Callable[..., Run],
) -> None:
    run = mona()
    sides = sides_of(run)
    watch = make_watch(run.state, run.source, sides.source_side, run.target)
    assert run.source is not None
    learnt = set(run.source.uid[sides.source_rows])
    assert not learnt & set(watch.source.uid)
    assert not learnt & set(run.source.uid[run.source.rows("val", "test")])  # retention's queries, of a file


@pytest.mark.parametrize(("name", "n"), [("fractals", 150), ("scipy_docs", 2000)])
def test_retention_asks_about_source_samples_that_no_run_has_learnt_from(name: str, n: int) -> None:
    """Its data are another draw, seed 1: new fractals, but the same sentences, whose splits must then agree."""
    learnt, asked = load_named(name, n=n, seed=0), load_named(name, n=n, seed=1)
    seen = {sample.tobytes() for sample in learnt.inputs[learnt.rows("train")]}
    assert not seen & {sample.tobytes() for sample in asked.inputs[asked.rows("val", "test")]}


def test_settings_that_cannot_give_pairs_or_classes_are_refused_before_anything_is_computed(
    files: TinyFiles, mona: Callable[..., Run], tmp_path: Path, refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = files.data(Modality.SERIES)
    for name in ("batch_size", "source_per_class", "source_classes"):
        refusal(lambda name=name: RunSpec("mona", target, files.body, "fractals", settings={name: 1}), f"{name} is 1")
    refusal(lambda: RunSpec("mona", target, files.body), "mona needs a source")
    images = tiny_dataset(Modality.IMAGE, n=40, n_classes=2)
    splits = np.where(images.targets == 0, "train", "test").astype("<U5")
    one_class = make_dataset("one", Modality.IMAGE, images.inputs, images.targets, images.class_names, splits=splits)
    monkeypatch.setattr("xmodal_core.model.crossmodal.load_body", _never)
    refusal(lambda: mona(target, save_npz(tmp_path / "one.npz", one_class)), "1 class", "at least 2")


def test_a_diverging_stage_stops_with_one_sentence(mona: Callable[..., Run], refusal) -> None:
    run = mona(align_steps=30, align_learning_rate=1.0)
    with torch.no_grad():
        next(run.state.model.predictor.parameters()).mul_(float("inf"))
    refusal(lambda: list(run.steps()), "diverged at step 1", "lower align_learning_rate")


def sides_of(run: Run) -> meta.Sides:
    assert run.source is not None
    run.state.modules.eval()
    return meta.Sides(run.state, run.source, run.target, run.method, 8)


def _never(*_: object, **__: object) -> NoReturn:
    raise AssertionError("this should not have been computed")
