"""Whether feature-label distortion really fell: read on rows that no stage trains on, beside chance, against collapse.

A distortion falls in two ways. Answers come to depend on the label: that is what alignment is asked for. Or the head
gives fewer answers altogether, at the end one to every sample: a collapse, in which H(Y_s) falls by as much. The same
answers under permuted labels tell them apart, for they have the same H(Y_s): what lies below *their* distortion is
information about the label, and progress is how much more of that there is than before training.

Differs: ours. The release watches the training value alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.embedding import Space, embed
from xmodal_core.methods.base import TrainState
from xmodal_core.methods.stages.watched import watched_rows
from xmodal_core.model.crossmodal import CrossModalModel
from xmodal_core.objectives.distortion import chance, distortion

_N_ROWS = 200
_N_PERMUTATIONS = 99
_EVALUATIONS = 5  # readings along the stage: each passes its rows through the body
_LEAST_SHARE = 0.5  # of a fall that has to be information, or it is a collapse
_NOISE = 2.0  # standard deviations that a change of information has to clear
_LEAST_CHANGE = 0.01  # nats: what two digits show, whatever the noise
_MEMO = "distortion_start"
_NAMES = ("distortion", "distortion_chance", "distortion_noise", "answer_entropy")

UNREAD = (
    "Whether the distortion fell is not known: there are no validation rows to read it on; mark rows as val, or take "
    "this alignment for untested."
)


@dataclass(frozen=True)
class Reading:
    """Distortion on held-out rows, in nats.

    Attributes:
        distortion: H(Y_s | Y_t).
        chance: its mean under permuted labels.
        noise: standard deviation over the permutations.
        answers: H(Y_s), the entropy of all answers together.
    """

    distortion: float
    chance: float
    noise: float
    answers: float

    @property
    def information(self) -> float:
        """How far the distortion lies below chance."""
        return self.chance - self.distortion

    def metrics(self, prefix: str) -> dict[str, float]:
        """As a step reports it."""
        values = (self.distortion, self.chance, self.noise, self.answers)
        return {f"{prefix}_{name}": value for name, value in zip(_NAMES, values, strict=True)}

    @classmethod
    def find(cls, metrics: Mapping[str, float], prefix: str) -> "Reading | None":
        """What a step reported; None where it read nothing."""
        names = [f"{prefix}_{name}" for name in _NAMES]
        return cls(*(metrics[name] for name in names)) if set(names) <= metrics.keys() else None


@dataclass(frozen=True)
class Change:
    """From a reading before training to one after it."""

    start: Reading
    now: Reading

    @property
    def fall(self) -> float:
        """By how much the distortion fell."""
        return self.start.distortion - self.now.distortion

    @property
    def noise(self) -> float:
        """What a change may be and still be nothing."""
        return max(_LEAST_CHANGE, _NOISE * float(np.hypot(self.start.noise, self.now.noise)))

    @property
    def progress(self) -> float:
        """Information about the labels that was gained; 0 where it is none beyond noise, as in a collapse."""
        gained = self.now.information - self.start.information
        return gained if gained > self.noise else 0.0

    @property
    def is_collapse(self) -> bool:
        """Whether the distortion fell mostly because H(Y_s) did, and little or nothing was learned of the labels."""
        return self.fall > self.noise and self.progress < _LEAST_SHARE * self.fall

    def in_words(self) -> str:
        """One sentence for a person."""
        fell = (
            f"Held-out distortion went from {self.start.distortion:.2f} to {self.now.distortion:.2f} nats (labels "
            f"permuted: {self.now.chance:.2f})"
        )
        entropy = f"the entropy of all answers from {self.start.answers:.2f} to {self.now.answers:.2f}"
        if self.is_collapse:
            learned = f"{self.progress:.2f} nats more" if self.progress else "no better"
            return (
                f"{fell}, but {entropy}: the answers collapse onto fewer source classes and tell the labels {learned}, "
                "so this fall is no progress; choose distortion information, or lower distortion_weight."
            )
        if self.progress == 0.0:
            return f"{fell}, {entropy}: answers tell the labels no better than before, so this is no progress."
        return f"{fell}, {entropy}: answers tell {self.progress:.2f} nats more of the labels than before."


class Heldout:
    """Held-out target rows with their labels, asked through the body and the head now and then.

    Attributes:
        rows: validation rows; none where there are none, for alignment has seen all others.
    """

    def __init__(self, target: LabelledDataset, head: nn.Module) -> None:
        """Choose the rows; the target has classes, or pseudo-labels in their place."""
        self.target, self.head = target, head
        self.rows = watched_rows(target, _N_ROWS) if "val" in target.splits else np.empty(0, np.int64)
        self.labels = torch.from_numpy(target.targets[self.rows])

    def reading(self, model: CrossModalModel) -> Reading:
        """Distortion now, beside chance."""
        found = embed(self.target, model, Space.BODY, self.rows)
        with torch.no_grad():
            answers = self.head(torch.from_numpy(found.features).to(model.device)).softmax(dim=1).cpu()
        return reading_of(answers, self.labels)

    def metrics(self, state: TrainState, step: int, total: int) -> dict[str, float]:
        """Readings of a 1-based step of a stage, about five times along it and at its last; otherwise nothing."""
        if not len(self.rows) or (step % max(1, total // _EVALUATIONS) and step != total):
            return {}
        now = self.reading(state.model)
        change = Change(Reading(*state.memo[_MEMO].tolist()), now)
        return now.metrics("heldout") | {"heldout_progress": change.progress, "distortion_n": float(len(self.rows))}

    def begin(self, state: TrainState) -> dict[str, float]:
        """Take the reading before training, which every later one is held against; a resumed run has it already."""
        if not len(self.rows):
            return {}
        if _MEMO not in state.memo:
            at = self.reading(state.model)
            state.memo[_MEMO] = torch.tensor([at.distortion, at.chance, at.noise, at.answers], dtype=torch.float64)
        return Reading(*state.memo[_MEMO].tolist()).metrics("start")


def reading_of(answers: Tensor, labels: Tensor, seed: int = 0) -> Reading:
    """Distortion of answers (m, K) given labels (m,), beside chance."""
    answers = answers.double()
    found = distortion(answers, labels)
    dealt = chance(answers, labels, _N_PERMUTATIONS, seed)
    return Reading(found.conditional.item(), dealt.mean().item(), dealt.std().item(), found.marginal.item())


def said(steps: Sequence[Mapping[str, float]]) -> tuple[str, bool]:
    """What the metrics of a stage's steps so far say in one sentence, and whether it is no reason to doubt.

    Nothing is said of a stage that has no source head, and before the first reading.
    """
    if not steps or "head_accuracy" not in steps[0]:
        return "", True
    start = Reading.find(steps[0], "start")
    if start is None:
        return UNREAD, False
    read = [found for found in (Reading.find(metrics, "heldout") for metrics in steps) if found is not None]
    if not read:
        return "", True
    change = Change(start, read[-1])
    return change.in_words(), change.progress > 0 and not change.is_collapse
