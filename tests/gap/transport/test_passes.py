"""A pass by torch is the compiled one."""

import numpy as np
import pytest

from tests.gap.clouds import unlike_sides
from xmodal_core.gap.otdd import OtddSettings, otdd
from xmodal_core.gap.transport import passes
from xmodal_core.gap.transport.kernel import exponential_sums, strips


def test_a_pass_in_torch_gives_the_sums_of_the_compiled_one(monkeypatch):
    import torch

    monkeypatch.setattr(passes, "_BLOCK", 300)  # several bands of rows
    rng = np.random.default_rng(2)
    cost, f, g = rng.random((30, 40)).astype(np.float32), rng.normal(size=30), rng.normal(size=40)
    edges = strips(np.array([0, 11, 40]))
    for one, other in zip(
        passes.torch_passes(cost, edges, torch.device("cpu"))(f, g, 0.5),
        exponential_sums(cost, f, g, 0.5, edges),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.gpu
def test_the_divergence_on_a_gpu_is_the_one_on_the_cpu(monkeypatch):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs CUDA")
    source, target = unlike_sides(300, 280, 4, 1)
    on_cpu = otdd(source, target, OtddSettings(debias=True)).value
    monkeypatch.setattr(passes, "_WORTH_A_DEVICE", 0)
    assert otdd(source, target, OtddSettings(debias=True)).value == pytest.approx(on_cpu, rel=1e-6)
