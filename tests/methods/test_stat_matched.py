"""Stat-matched weights keep mean and deviation of every tensor and nothing else."""

from collections.abc import Callable

import pytest
import torch

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.methods.stat_matched import like_noise, match_statistics
from xmodal_core.model.crossmodal import load_body
from xmodal_core.runs.run import Run


def test_noise_has_mean_and_deviation_of_its_model() -> None:
    rng = torch.Generator().manual_seed(0)
    noise = like_noise(torch.tensor([1.0, 5.0]).repeat(20_000), rng)  # mean 3, deviation 2
    assert float(noise.mean()) == pytest.approx(3, abs=5 * 2 / 200)  # five standard errors
    assert float(noise.std()) == pytest.approx(2, abs=5 * 2 / 283)
    assert ((noise - 3).abs() > 2).float().mean() == pytest.approx(0.317, abs=0.015)  # normal, not two-valued
    assert like_noise(torch.ones(3), rng).tolist() == [1, 1, 1]
    assert like_noise(torch.tensor([7.0]), rng).tolist() == [7]


def test_every_tensor_of_body_and_stem_is_replaced_with_its_statistics_kept(files: TinyFiles) -> None:
    before, after = load_body(files.body), load_body(files.body)
    match_statistics(after, seed=0)
    pairs = list(zip(before.state_dict().values(), after.state_dict().values(), strict=True))
    for old, new in [
        *pairs,
        (before.stem.positions, after.stem.positions),
        (before.stem.patch[0], after.stem.patch[0]),
    ]:
        if old.std(correction=0) == 0:
            assert torch.equal(old, new)  # norms and biases of an untrained network
            continue
        assert abs(torch.corrcoef(torch.stack([old.flatten(), new.flatten()]))[0, 1]) < 5 / old.numel() ** 0.5
        error = float(old.std()) / old.numel() ** 0.5
        assert float(new.mean() - old.mean()) == pytest.approx(0, abs=5 * error)
        assert float(new.std()) == pytest.approx(float(old.std()), abs=5 * error)


def test_the_seed_decides_the_weights(files: TinyFiles) -> None:
    bodies = [load_body(files.body) for _ in range(3)]
    for body, seed in zip(bodies, (0, 0, 1), strict=True):
        match_statistics(body, seed)
    weights = [body.transformer.layers[0].mlp.fc1.weight for body in bodies]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_neither_body_nor_embedder_of_a_run_keeps_a_pretrained_tensor(
    files: TinyFiles, prepared: Callable[..., Run]
) -> None:
    target, model = files.data(Modality.IMAGE), {"stem": "linear"}  # a local convolution was never pretrained
    matched, usual = (prepared(method, target, model=model).state.model for method in ("stat_matched", "finetune"))
    for (name, old), new in zip(usual.named_parameters(), matched.parameters(), strict=True):
        if not name.startswith("predictor") and old.std(correction=0) > 0:
            assert not torch.equal(old, new), name
