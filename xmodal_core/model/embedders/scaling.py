"""What numbers go through before they are standardised, fitted on training rows and part of the checkpoint.

Samples are (b, c, ...): channels of images, fields and series, features of a table. `range` and `channel` change
nothing and say over what the standardisation that follows is taken; the others go channel by channel.

Reference: normal scores are the quantile transformation to a normal distribution that Gorishniy et al., NeurIPS 2022,
put before their embeddings; a series by its own mean and deviation is the usual z-norm of the UCR archive (Dau et al.,
2019).
"""

import numpy as np
import torch
from torch import Tensor, nn

_ROWS = 2000  # training rows that everything here is fitted on at most
_KNOTS = 128
_NOISE = 1e-6  # a deviation below this share of the largest number is rounding


class Unchanged(nn.Module):
    """Numbers as they are; the base of the others.

    Attributes:
        together: the standardisation that follows is one for all channels.
    """

    together = False

    def __init__(self, train: np.ndarray) -> None:
        """Take what is needed from training rows (n, c, ...)."""
        del train
        super().__init__()

    def forward(self, samples: Tensor) -> Tensor:
        """(b, c, ...) -> the same shape."""
        return samples

    @torch.no_grad()
    def fitted(self, train: np.ndarray) -> np.ndarray:
        """What becomes of training rows, for the standardisation that follows."""
        return self(torch.from_numpy(few_rows(train))).numpy()


class Range(Unchanged):
    """Numbers as they are, with one range for all channels: what is louder in one than in another stays so."""

    together = True

    def fitted(self, train: np.ndarray) -> np.ndarray:
        """All of them."""
        return train


class PerChannel(Unchanged):
    """Numbers as they are, each channel with a range of its own."""

    def fitted(self, train: np.ndarray) -> np.ndarray:
        """All of them."""
        return train


class OwnUnits(Unchanged):
    """(x - mean) / deviation, both of this sample in this channel; a channel that does not vary in it is zero.

    The level that is lost so is told to the tokens by `Level`.
    """

    def forward(self, samples: Tensor) -> Tensor:
        """(b, c, ...) -> the same shape."""
        mean, deviation = own_units(samples)
        return torch.where(deviation > 0, (samples - mean) / deviation.where(deviation > 0, 1), 0)


class Logarithm(Unchanged):
    """sign(x) log(1 + |x| / s), s the median of |x| over training rows and places of a channel.

    Where more than half of a channel is zero, s is the median of what is not.
    """

    unit: Tensor

    def __init__(self, train: np.ndarray) -> None:
        super().__init__(train)
        channels = by_channel(np.abs(few_rows(train)))
        units = [np.median(values) or _median(values[values > 0]) for values in channels]
        self.register_buffer("unit", as_channels(units, train.ndim))

    def forward(self, samples: Tensor) -> Tensor:
        """(b, c, ...) -> the same shape."""
        return samples.sign() * torch.log1p(samples.abs() / self.unit)


class NormalScores(Unchanged):
    """Normal scores: the standard normal quantile of the share of training numbers of the channel below x.

    Linear between 128 quantiles of the training rows, from the smallest to the largest number, flat beyond. What
    several quantiles fall on, a number that is frequent, has their mean score.
    """

    knots: Tensor
    scores: Tensor

    def __init__(self, train: np.ndarray) -> None:
        super().__init__(train)
        shares = np.linspace(0, 1, _KNOTS)
        inner = torch.from_numpy(shares.clip(0.5 / _KNOTS, 1 - 0.5 / _KNOTS))
        normal = torch.special.ndtri(inner).numpy()
        found = [
            _merged(np.quantile(values.astype(np.float64), shares), normal) for values in by_channel(few_rows(train))
        ]
        self.register_buffer("knots", torch.from_numpy(np.stack([knots for knots, _ in found])))  # (c, k)
        self.register_buffer("scores", torch.from_numpy(np.stack([scores for _, scores in found])))

    def forward(self, samples: Tensor) -> Tensor:
        """(b, c, ...) -> the same shape."""
        flat = samples.transpose(0, 1).flatten(1).contiguous()  # (c, b * places)
        above = torch.searchsorted(self.knots, flat, right=True)
        low, high = (above - 1).clamp_min(0), above.clamp_max(self.knots.shape[1] - 1)
        start, end = self.knots.gather(1, low), self.knots.gather(1, high)
        share = ((flat - start) / (end - start).clamp_min(torch.finfo(flat.dtype).tiny)).clamp(0, 1)
        scores = torch.lerp(self.scores.gather(1, low), self.scores.gather(1, high), share)
        return scores.unflatten(1, (len(samples), *samples.shape[2:])).transpose(0, 1)


class Level(nn.Module):
    """The mean and the size of a sample (b, c, ...) as something to add to each of its tokens, (b, 1, d).

    Standardised mean and logarithm of one plus the deviation, in units of its training median, through a linear map
    that starts at zero, where tokens know the shape of a sample only.
    """

    shift: Tensor
    scale: Tensor
    unit: Tensor

    def __init__(self, train: np.ndarray, width: int) -> None:
        super().__init__()
        samples = torch.from_numpy(few_rows(train))
        deviations = own_units(samples)[1].flatten(1).numpy()  # (n, c)
        self.register_buffer("unit", torch.tensor([_median(values[values > 0]) for values in deviations.T]))
        levels = self.levels(samples).double()  # (n, 2 c)
        deviation = levels.std(dim=0, correction=0)
        self.register_buffer("shift", levels.mean(dim=0).float())
        self.register_buffer("scale", deviation.where(deviation > 0, 1).float())
        self.map = nn.Linear(levels.shape[1], width, bias=False)
        nn.init.zeros_(self.map.weight)

    def levels(self, samples: Tensor) -> Tensor:
        """(b, c, ...) -> (b, 2 c)."""
        mean, deviation = (values.flatten(1) for values in own_units(samples))
        return torch.cat([mean, torch.log1p(deviation / self.unit)], dim=1)

    def forward(self, samples: Tensor) -> Tensor:
        """(b, c, ...) -> (b, 1, d)."""
        told: Tensor = self.map((self.levels(samples) - self.shift) / self.scale)
        return told.unsqueeze(1)


_SCALINGS: dict[str, type[Unchanged]] = {
    "range": Range,
    "channel": PerChannel,
    "sample": OwnUnits,
    "log": Logarithm,
    "quantile": NormalScores,
}


def make_scaling(name: str, train: np.ndarray) -> Unchanged:
    """The scaling of a name, fitted on training rows (n, c, ...)."""
    return _SCALINGS[name](train)


def make_level(name: str, train: np.ndarray, width: int) -> Level | None:
    """What tells tokens of this width the level that a scaling takes away; None where it takes none."""
    return Level(train, width) if name == "sample" else None


def few_rows(train: np.ndarray) -> np.ndarray:
    """At most `_ROWS` rows, evenly spaced."""
    return train if len(train) <= _ROWS else train[np.linspace(0, len(train) - 1, _ROWS).round().astype(int)]


def by_channel(rows: np.ndarray) -> np.ndarray:
    """(n, c, ...) -> (c, n * places)."""
    return rows.swapaxes(0, 1).reshape(rows.shape[1], -1)


def as_channels(values: list[float], dimensions: int) -> Tensor:
    """A number for each channel, in the shape that goes with samples (b, c, ...) of so many dimensions."""
    return torch.tensor(values, dtype=torch.float32).view(-1, *[1] * (dimensions - 2))


def own_units(samples: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation (b, c, 1, ...) of each sample in each channel; a deviation that is only rounding is zero.

    Numbers may be as small as floats can be, so that they are squared in units of the largest.
    """
    places = tuple(range(2, samples.ndim))
    mean = samples.mean(dim=places, keepdim=True)
    centred = samples - mean
    largest = centred.abs().amax(dim=places, keepdim=True)
    varies = largest > _NOISE * samples.abs().amax(dim=places, keepdim=True)
    unit = largest.where(varies, 1)
    return mean, unit * (centred / unit).square().mean(dim=places, keepdim=True).sqrt() * varies


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else 1.0


def _merged(knots: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each knot once, with the mean score of those that fall on it; filled up with the last to the old length."""
    distinct, group = np.unique(knots.astype(np.float32), return_inverse=True)
    mean = np.bincount(group, weights=scores) / np.bincount(group)
    more = len(knots) - len(distinct)
    return np.pad(distinct, (0, more), mode="edge"), np.pad(mean, (0, more), mode="edge").astype(np.float32)
