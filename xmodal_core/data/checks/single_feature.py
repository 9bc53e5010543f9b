"""How well each feature of a table alone tells the target, on rows that it was not learned from."""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset

_SEEN = 4000  # rows looked at
_MOST_FEATURES = 200  # more are drawn evenly
_FOLDS = 4


def learned_alone(data: LabelledDataset) -> dict[int, float]:
    """Share of rows whose class the nearest value of one feature in other rows names, by feature.

    Rows are dealt out to four folds, whatever the splits say, and each is told from the three others; where several
    rows have the nearest value, most of them decide.

    Args:
        data: a table of classes.

    Returns:
        By index of the feature.
    """
    rows = _some_rows(len(data))
    width = data.inputs.shape[1]
    chosen = range(width) if width <= _MOST_FEATURES else np.linspace(0, width - 1, _MOST_FEATURES).astype(int).tolist()
    targets, folds = data.targets[rows], np.arange(len(rows)) % _FOLDS
    told = dict.fromkeys(chosen, 0)
    for fold in range(_FOLDS):
        held = folds == fold
        for index in told:
            told[index] += int((_nearest(data.inputs[rows, index], targets, held) == targets[held]).sum())
    return {index: right / len(rows) for index, right in told.items()}


def correlations(data: LabelledDataset) -> np.ndarray:
    """Absolute correlation (f,) of every feature of a table with a single number to predict; 0 for a constant.

    That of values or that of their ranks, whichever is larger: the logarithm of a target gives it away, too.
    """
    rows = _some_rows(len(data))
    inputs = data.inputs[rows].astype(np.float64)
    target = data.targets[rows, 0].astype(np.float64)
    return np.maximum(_correlated(inputs, target), _correlated(_ranks(inputs), _ranks(target[:, None])[:, 0]))


def _ranks(table: np.ndarray) -> np.ndarray:
    """(n, f) places of values among the different ones of their column."""
    return np.stack([np.unique(one, return_inverse=True)[1].reshape(-1) for one in table.T], axis=1).astype(np.float64)


def _correlated(inputs: np.ndarray, target: np.ndarray) -> np.ndarray:
    inputs, target = inputs - inputs.mean(axis=0), target - target.mean()
    norm = np.sqrt((inputs**2).sum(axis=0) * (target**2).sum())
    together: np.ndarray = np.abs(inputs.T @ target) / np.where(norm > 0, norm, np.inf)
    return together


def _some_rows(n: int) -> np.ndarray:
    """Rows in a random order, so that a fold is no part of the file."""
    return np.random.default_rng(0).permutation(n)[:_SEEN]


def _nearest(values: np.ndarray, targets: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Class of the training value that is nearest, (held rows,)."""
    known, codes = np.unique(values[~held], return_inverse=True)
    votes = np.zeros((len(known), int(targets.max()) + 1))
    np.add.at(votes, (codes.reshape(-1), targets[~held]), 1)
    asked = values[held]
    above = np.searchsorted(known, asked).clip(0, len(known) - 1)
    below = (above - 1).clip(0)
    nearer = np.where(np.abs(known[below] - asked) < np.abs(known[above] - asked), below, above)
    classes: np.ndarray = votes.argmax(axis=1)[nearer]
    return classes
