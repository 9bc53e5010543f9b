"""Kinds of score, in one table, and one evaluation as a value; reading either needs no torch."""

from dataclasses import dataclass

from xmodal_core.data.targets import Task
from xmodal_core.errors import RunError
from xmodal_core.values import JsonValue


@dataclass(frozen=True)
class ScoreKind:
    """What the headline number of a task is, higher is better, and how two of them are compared.

    Attributes:
        name: as results and sentences call it.
        best: the perfect score, where differences are shares of the error that is left; None: differences of the
            score itself.
        unit: what a difference of 0.01 is one of.
        margin: the difference that is usually of no practical interest.
        is_share: it lies between 0 and 1.
    """

    name: str
    best: float | None = None
    unit: str = "points"
    margin: float = 0.01
    is_share: bool = True


ACCURACY = ScoreKind("accuracy")
SCORES = {
    Task.CLASSIFICATION: ACCURACY,
    Task.MULTILABEL: ScoreKind("mean average precision"),
    Task.REGRESSION: ScoreKind("R^2", best=1.0, unit="% of the error", margin=0.02, is_share=False),
    Task.DENSE: ScoreKind("minus relative L2 error", best=0.0, unit="% of the error", margin=0.02, is_share=False),
    Task.SEGMENTATION: ScoreKind("accuracy over cells"),
}
_BY_NAME = {kind.name: kind for kind in SCORES.values()}


def score_kind(name: str) -> ScoreKind:
    """The kind of score of this name.

    Raises:
        RunError: there is none.
    """
    if name not in _BY_NAME:
        raise RunError(f"a result is scored by {name[:40]!r}, expected one of {', '.join(_BY_NAME)}; run it again.")
    return _BY_NAME[name]


@dataclass(frozen=True)
class Evaluation(JsonValue):
    """Metrics of one model on one split; those that the task does not have are None.

    Attributes:
        score: the task's headline number, higher is better.
        score_name: what it is, a name in `SCORES`.
        loss: mean of the task's usual loss, whatever the run was trained on: nats, or squared error in standard units.
        n: rows.
        accuracy: CLASSIFICATION, share of rows named right; SEGMENTATION, share of cells, ignored ones left out.
        balanced_accuracy: CLASSIFICATION; its mean over classes.
        macro_f1: MULTILABEL, at p = 1/2, and SEGMENTATION, over cells; mean over labels that occur in the split.
        mean_average_precision: MULTILABEL; mean over labels that occur in the split.
        majority_accuracy: SEGMENTATION; accuracy of naming every cell by the most frequent class of the training cells.
        r2, rmse: REGRESSION; R^2 against the split's own mean, averaged over outputs; RMSE in target units.
        relative_l2: DENSE; mean over samples of |prediction - target| / |target| in target units.

    Raises:
        RunError: no score has that name.
    """

    score: float
    score_name: str
    loss: float
    n: int
    accuracy: float | None = None
    balanced_accuracy: float | None = None
    macro_f1: float | None = None
    mean_average_precision: float | None = None
    r2: float | None = None
    rmse: float | None = None
    relative_l2: float | None = None
    majority_accuracy: float | None = None

    def __post_init__(self) -> None:
        score_kind(self.score_name)

    @property
    def kind(self) -> ScoreKind:
        """What the score is."""
        return score_kind(self.score_name)
