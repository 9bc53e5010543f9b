"""One pass over a cost, wherever it lies: compiled for the CPU, in torch on CUDA."""

from collections.abc import Callable
from typing import Any

import numpy as np

Pass = Callable[[np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray]]
_WORTH_A_DEVICE = 5000 * 5000  # pairs; below, a pass is shorter than the way to the device
_BLOCK = 1 << 26  # entries of one exponential on the device


def passes(cost: np.ndarray, edges: np.ndarray) -> Pass:
    """The function (f, g, eps) -> sums of exp((f_i + g_j - C_ij) / eps), for a cost that stays the same.

    Args:
        cost: (n, m), single or double precision.
        edges: (s + 1,) edges of column strips, from `kernel.strips`.

    Returns:
        A function whose result is `kernel.exponential_sums`: over every strip (n, s), and over the rows (m,).
    """
    device = _cuda() if cost.size >= _WORTH_A_DEVICE else None
    if device is not None:
        return torch_passes(cost, edges, device)
    from xmodal_core.gap.transport.kernel import exponential_sums

    return lambda f, g, eps: exponential_sums(cost, f, g, eps, edges)


def torch_passes(cost: np.ndarray, edges: np.ndarray, device: Any) -> Pass:
    """The same on a torch device, which keeps the cost in its memory."""
    import torch

    held = torch.from_numpy(cost).to(device)
    strip = torch.from_numpy(np.repeat(np.arange(len(edges) - 1), np.diff(edges))).to(device)
    step = max(1, _BLOCK // cost.shape[1])

    def one_pass(f: np.ndarray, g: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray]:
        left, right = (torch.from_numpy(side).to(device, held.dtype) for side in (f, g))
        rows = torch.zeros(len(f), len(edges) - 1, dtype=held.dtype, device=device)
        columns = torch.zeros(len(g), dtype=torch.float64, device=device)
        for first in range(0, len(f), step):
            band = slice(first, first + step)
            kernel = ((left[band, None] + right - held[band]) / eps).exp_()  # (step, m)
            rows[band].index_add_(1, strip, kernel)
            columns += kernel.sum(dim=0, dtype=torch.float64)
        return rows.cpu().numpy(), columns.cpu().numpy()

    return one_pass


def _cuda() -> Any:
    import torch

    return torch.device("cuda") if torch.cuda.is_available() else None
