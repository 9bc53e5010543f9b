"""How a number of a table is written before a linear map makes a token of it: (b, f) -> (b, f, k).

Reference: Gorishniy, Rubachev and Babenko, NeurIPS 2022: piecewise-linear encoding with quantile bins (section 3.2,
eq. 1), periodic activations (section 3.3) in front of a linear layer and ReLU (PLR), each feature with its own.

Differs: sigma is .1 and not tuned; frequencies and bins are 48 as in their package, bins fewer where one would hold
less than eight training rows.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

_BINS = 48
_ROWS_OF_A_BIN = 8
_MEASURED = 256  # training rows that tell how much codes vary
_FREQUENCIES = 48  # of their package
# Half of the tasks of the paper want less than .2 and a third less than .05 (its package's notes); what is too large
# costs most.
_SIGMA = 0.1


class Line(nn.Module):
    """The number itself; the base of the others.

    Attributes:
        codes: k.
        rectified: a ReLU follows the linear map.
    """

    codes = 1
    rectified = False

    def __init__(self, train: np.ndarray) -> None:
        """Take what is needed from training rows (n, f), standardised."""
        del train
        super().__init__()

    def forward(self, numbers: Tensor) -> Tensor:
        """(b, f) -> (b, f, k)."""
        return numbers.unsqueeze(-1)

    @torch.no_grad()
    def size(self, train: np.ndarray) -> float:
        """Root of the variance of all codes of a number together, as a rule; the map behind starts the smaller."""
        if self.codes == 1:
            return 1.0
        few = train[np.linspace(0, len(train) - 1, min(len(train), _MEASURED)).round().astype(int)]
        variance = float(self(torch.from_numpy(few)).var(dim=0, correction=0).sum(dim=1).mean())
        return math.sqrt(variance) or 1.0


class Pieces(Line):
    """e_t = (x - b_t-1) / (b_t - b_t-1), not below 0 but in the first bin and not above 1 but in the last (eq. 1).

    The edges b are quantiles of the training rows, each once: a number of few values has fewer bins. One that never
    changes has a single bin from there to there plus one.
    """

    low: Tensor
    width: Tensor
    least: Tensor
    most: Tensor

    def __init__(self, train: np.ndarray) -> None:
        super().__init__(train)
        wanted = min(_BINS, max(1, len(train) // _ROWS_OF_A_BIN))
        shares = np.linspace(0, 1, wanted + 1)
        edges = [np.unique(np.quantile(values, shares).astype(np.float32)) for values in train.T]
        edges = [np.append(found, found + 1) if len(found) == 1 else found for found in edges]
        self.codes = max(len(found) - 1 for found in edges)
        shape = (len(edges), self.codes)
        # A bin that a feature does not have is 0 always.
        low, width, least, most = np.zeros(shape), np.ones(shape), np.zeros(shape), np.zeros(shape)
        for i, found in enumerate(edges):
            n = len(found) - 1
            low[i, :n], width[i, :n], most[i, :n] = found[:-1], np.diff(found), 1
            least[i, 0], most[i, n - 1] = -np.inf, np.inf
        for name, values in (("low", low), ("width", width), ("least", least), ("most", most)):
            self.register_buffer(name, torch.from_numpy(values.astype(np.float32)))

    def forward(self, numbers: Tensor) -> Tensor:
        """(b, f) -> (b, f, bins)."""
        return ((numbers.unsqueeze(-1) - self.low) / self.width).clamp(self.least, self.most)


class Waves(Line):
    """sin(2 pi c x) and cos(2 pi c x) of learned frequencies c, which start with deviation sigma around 0."""

    codes = 2 * _FREQUENCIES
    rectified = True

    def __init__(self, train: np.ndarray) -> None:
        super().__init__(train)
        self.frequencies = nn.Parameter(_SIGMA * torch.randn(train.shape[1], _FREQUENCIES))

    def forward(self, numbers: Tensor) -> Tensor:
        """(b, f) -> (b, f, 2 * frequencies)."""
        angles = 2 * math.pi * numbers.unsqueeze(-1) * self.frequencies
        return torch.cat([angles.sin(), angles.cos()], dim=-1)


_NUMBERS: dict[str, type[Line]] = {"linear": Line, "piecewise": Pieces, "periodic": Waves}


def make_numbers(name: str, train: np.ndarray) -> Line:
    """The encoding of a name, fitted on training rows (n, f) as they are after scaling."""
    return _NUMBERS[name](train)
