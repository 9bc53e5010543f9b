"""Random initialisation that leaves torch's global generator as it found it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_one_thread = threading.RLock()


@contextmanager
def alone() -> Iterator[None]:
    """Run a block that makes or loads a network while no other thread does.

    The generator is one of the whole process, and so are the functions of torch that initialise, which transformers
    takes away while it loads: of two threads at once, each gets a part of what the other one drew, or nothing.
    """
    with _one_thread:
        yield


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run a block with torch's generators at `seed`, then put the old state back; one thread at a time.

    Layers of torch and transformers initialise from the global generator; this is the one place that sets it.
    """
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    with alone(), torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


def pick_device() -> torch.device:
    """CUDA where there is a GPU, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe_device(device: torch.device) -> str:
    """What the screen says of the device."""
    if device.type == "cuda":
        return f"cuda: {torch.cuda.get_device_name(device)}"
    n = torch.get_num_threads()
    return f"cpu: {n} {'thread' if n == 1 else 'threads'}"
