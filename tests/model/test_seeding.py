"""A network that is made of a seed is the same one, whatever other threads make or load meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from xmodal_core.model.crossmodal import load_body
from xmodal_core.model.seeding import seeded

N = 20


def made(seed: int) -> torch.Tensor:
    with seeded(seed):
        return torch.cat([nn.Linear(40, 40).weight.detach().flatten() for _ in range(N)])


def test_the_generator_is_left_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    made(1)
    assert torch.equal(torch.rand(3), expected)


def test_nested_blocks_each_have_their_own_seed():
    with seeded(1):
        outer = torch.rand(2)
        with seeded(2):
            inner = torch.rand(2)
        rest = torch.rand(2)
    with seeded(1):
        assert torch.equal(torch.cat([outer, rest]), torch.rand(4))
    with seeded(2):
        assert torch.equal(inner, torch.rand(2))


def test_threads_that_make_networks_at_once_each_get_their_own():
    alone = [made(seed) for seed in range(4)]
    start = threading.Barrier(4)

    def at_once(seed: int) -> torch.Tensor:
        start.wait()
        return made(seed)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            for found, expected in zip(pool.map(at_once, range(4)), alone, strict=True):
                assert torch.equal(found, expected)


@pytest.mark.parametrize("pretrained", [True, False])
def test_a_body_that_is_loaded_meanwhile_changes_nothing(files, pretrained):
    body, expected, stop = files.body, made(0), threading.Event()

    def load() -> None:
        while not stop.is_set():
            load_body(body, pretrained=pretrained, seed=3)

    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load)
        found = [made(0) for _ in range(150)]
        stop.set()
        loading.result()
    assert all(torch.equal(one, expected) for one in found)
