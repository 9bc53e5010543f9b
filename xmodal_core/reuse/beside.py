"""What runs from random weights scored on the same target, beside a run: what pretraining was worth to the target.

Validation rows alone are read, so that looking at it spends no look at the test rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from xmodal_core.errors import XModalError
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import ScoreKind

_FROM_RANDOM = "scratch"


@dataclass(frozen=True)
class Beside:
    """Validation scores of a run and of those from random weights.

    Attributes:
        kind: of score.
        own: of the run.
        n: validation rows.
        random: of every finished run from random weights on the same data and body, as many training rows and as
            many samples that losses read labels of; one a seed and learning rate.
    """

    kind: ScoreKind
    own: float
    n: int
    random: tuple[float, ...]

    @property
    def random_mean(self) -> float | None:
        """Mean of those from random weights; None where there are none."""
        return sum(self.random) / len(self.random) if self.random else None


def beside(run: RunDir, among: Iterable[RunDir]) -> Beside | None:
    """The validation scores of a finished run and of runs from random weights; None without validation rows."""
    result = run.result()
    if result is None or result.validation is None:
        return None
    found = []
    for other in among:
        try:
            one = other.result()
        except XModalError:
            continue
        if one is None or one.validation is None or _subject(one) != _subject(result):
            continue
        if one.method == _FROM_RANDOM:
            found.append(one.validation.score)
    return Beside(result.validation.kind, result.validation.score, result.validation.n, tuple(sorted(found)))


def _subject(result: RunResult) -> tuple[object, ...]:
    return result.target.hash, result.asked.body, result.asked.train_rows, result.label_samples
