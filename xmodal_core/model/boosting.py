"""Gradient-boosted trees behind the face of a module.

The trees are a function of training rows, learning rate and seed, and those of the first k rounds do not depend on
how many follow. So a checkpoint holds two numbers, which rate and how many rounds, and the trees are grown again in
a resumed run: nothing is pickled.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Task

RATES = (0.02, 0.06, 0.2)
_MAX_CATEGORIES = 255  # more are read as numbers


class BoostedTrees(nn.Module):
    """Histogram gradient boosting of scikit-learn; several numbers or labels get an ensemble each.

    Attributes:
        rounds: trees per output so far (a buffer).
        chosen: which of `RATES` (a buffer).
    """

    rounds: Tensor
    chosen: Tensor
    base: Tensor

    def __init__(self, dataset: LabelledDataset, targets: np.ndarray, seed: int) -> None:
        """Keep the training rows; nothing is grown yet.

        Args:
            dataset: tabular.
            targets: of its training rows: classes (n,), 0 and 1 (n, K), or numbers in standard units (n, k).
            seed: of the bins, where rows are so many that they are sampled.
        """
        super().__init__()
        self.inputs, self.targets = dataset.inputs[dataset.rows("train")], targets
        self.task, self.seed = dataset.task, seed
        self.categorical = np.array([0 < c <= _MAX_CATEGORIES for c in dataset.category_counts], dtype=bool)
        self.register_buffer("rounds", torch.tensor(0))
        self.register_buffer("chosen", torch.tensor(len(RATES) // 2))
        self.register_buffer("base", torch.from_numpy(_without_trees(dataset, targets)))
        self._grown: dict[tuple[int, int], Any] = {}  # (rate, output) -> estimator

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, f) -> (b, n_outputs): logits, or numbers in standard units."""
        rounds = int(self.rounds)
        outputs = np.tile(self.base.cpu().numpy(), (len(inputs), 1))
        for outputs in self.staged(inputs.cpu().numpy(), rounds):  # noqa: B007 - the last one is wanted
            pass
        return torch.from_numpy(outputs).to(inputs)

    def staged(self, inputs: np.ndarray, rounds: int) -> Iterator[np.ndarray]:
        """Outputs (b, n_outputs) after each of the first `rounds` rounds; trees that are missing are grown."""
        columns = [c for c in range(self._n_models) if not self._is_constant(c)]
        models = [self._model(column, rounds) for column in columns] if rounds else []
        stages = [(m.staged_predict if self.task is Task.REGRESSION else m.staged_decision_function) for m in models]
        for _, *values in zip(range(rounds), *(stage(inputs) for stage in stages), strict=False):
            outputs = np.tile(self.base.cpu().numpy(), (len(inputs), 1))
            for column, model, value in zip(columns, models, values, strict=True):
                if self.task is Task.CLASSIFICATION:
                    outputs[:, model.classes_] = (
                        np.stack([np.zeros_like(value), value], 1) if value.ndim == 1 else value
                    )
                else:
                    outputs[:, column] = value
            yield outputs

    def forget_others(self) -> None:
        """Free the trees of the rates that were not chosen."""
        self._grown = {key: model for key, model in self._grown.items() if key[0] == int(self.chosen)}

    @property
    def _n_models(self) -> int:
        return 1 if self.task is Task.CLASSIFICATION else self.targets.shape[1]

    def _column(self, column: int) -> np.ndarray:
        return self.targets if self.task is Task.CLASSIFICATION else self.targets[:, column]

    def _is_constant(self, column: int) -> bool:
        values = self._column(column)
        return bool((values == values[0]).all())

    def _model(self, column: int, rounds: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        rate = int(self.chosen)
        model = self._grown.get((rate, column))
        if model is None or model.n_iter_ < rounds:
            kind = HistGradientBoostingRegressor if self.task is Task.REGRESSION else HistGradientBoostingClassifier
            model = kind(
                learning_rate=RATES[rate],
                max_iter=rounds,
                min_samples_leaf=min(20, max(5, len(self.inputs) // 50)),  # the usual 20 from 1000 rows on
                categorical_features=self.categorical if self.categorical.any() else None,
                early_stopping=False,
                random_state=self.seed,
            )
            self._grown[rate, column] = model.fit(self.inputs, self._column(column))
        return model


def _without_trees(dataset: LabelledDataset, targets: np.ndarray) -> np.ndarray:
    """What no tree says, (n_outputs,): log frequencies of classes or labels, with half a row more; the mean."""
    if dataset.task is Task.CLASSIFICATION:
        counts = np.bincount(targets, minlength=dataset.n_outputs) + 0.5
        return np.log(counts / counts.sum()).astype(np.float32)
    if dataset.task is Task.MULTILABEL:
        positive = targets.sum(axis=0) + 0.5
        return np.log(positive / (len(targets) + 1 - positive)).astype(np.float32)
    return targets.mean(axis=0).astype(np.float32)
