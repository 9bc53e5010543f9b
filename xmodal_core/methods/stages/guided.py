"""Stage REFINE with guidance by class names (LSG): fine-tuning whose features are also drawn to the label graph."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.embedding import Space, embed
from xmodal_core.errors import SettingsError
from xmodal_core.methods.base import TrainState
from xmodal_core.methods.stages.given import Given, check_encoder
from xmodal_core.model.seeding import seeded
from xmodal_core.semantics.encoders import CONTROLS, MAX_PROMPTS, controlled, encode_names
from xmodal_core.semantics.graph import memberships, near_duplicates
from xmodal_core.semantics.informative import informativeness
from xmodal_core.semantics.names import NameFlag, NameReport, check_names, parse_descriptions, parse_keep
from xmodal_core.semantics.network import (
    MAX_NODES,
    LabelNetwork,
    cached_label_network,
    class_anchors,
    read_alone,
    read_wired,
    unit_logit_loss,
)
from xmodal_core.settings import setting

_WARMUP_SHARE = 0.1
_MEMO = "guide_"


@dataclass(frozen=True)
class Guidance:
    """Settings of guidance by class names, beside those of `Refinement`.

    `descriptions` is one string with a line `class name: description` for each class that has one; where there is
    no line break, `|` separates the entries. `keep_names` lists, one a line or separated by `|`, names that look
    meaningless and are not; `*` vouches for all.

    Differs: with `wire="none"` data never enter the graph: the frozen network reads each alone, the classification
    has to find the class in the feature, and the regression compares hidden features with the class's; with the
    release's `wire="label"` edges to its own label give a datum's class away, and the projected feature is compared
    with its own hidden one. Features enter the network at unit length, as the sentences do. Weights of 1 for the
    regression (released: 8 or 10, tuned for a ResNet-50) and 0.1 for the classification (released: 1 at temperature 1;
    at 0.1 its gradient is ten times as large), warmed up over the first tenth of the steps because the features
    of a new embedder mean nothing yet. Classes with a flagged name take no part.
    """

    encoder: str = setting(
        "minilm", "Reader of the names: minilm, a text body (id or folder), a .npy or .csv of vectors, or lexical"
    )
    descriptions: str = setting("", "Descriptions of classes, a line 'class name: description' each")
    keep_names: str = setting("", "Names to use although they look meaningless, one a line; * for all")
    control: str = setting("names", "Whose vectors guide: the names', shuffled over classes, random", choices=CONTROLS)
    guide_weight: float = setting(1.0, "Weight of guidance; 0 is plain fine-tuning", low=0.0, high=100.0)
    guide_regression_weight: float = setting(
        1.0, "Weight of drawing features to the label graph, against naming them in it", low=0.0, high=100.0
    )
    guide_align_weight: float = setting(
        0.1, "Weight of naming features in the label graph, against drawing them to it", low=0.0, high=100.0
    )
    neighbours: int = setting(3, "Nearest classes that each class is wired to", low=0, high=50)
    wire: str = setting("none", "Whether features are named with edges to their own label", choices=("none", "label"))
    prompts: int = setting(5, "Sentences per class in the label graph", low=1, high=MAX_PROMPTS)

    def check(self, given: Given) -> None:
        """Refuse names that cannot guide, and an encoder that cannot read them.

        Raises:
            SettingsError: see `read_names`; or no loss is left, or the encoder is an image body, or a file that is not
                there.
        """
        if not self.guide_weight:
            return
        if self.guide_regression_weight == self.guide_align_weight == 0:
            raise SettingsError(
                "guide_regression_weight and guide_align_weight are both 0, expected one above it; raise one, or set "
                "guide_weight to 0."
            )
        self.read_names(given.target)
        check_encoder(self.encoder)

    def read_names(self, target: LabelledDataset) -> NameReport:
        """What the names are worth, before any compute.

        Raises:
            SettingsError: the target has no classes, its names mean nothing, or the graph would be too large.
        """
        if target.task is Task.SEGMENTATION:
            raise SettingsError(
                f"{target.name} has a class for every cell, expected one or several for a sample, which names can "
                "guide; choose another method."
            )
        if target.task not in (Task.CLASSIFICATION, Task.MULTILABEL):
            raise SettingsError(
                f"{target.name} is a {target.task} target without class names, so there is no language to guide by; "
                "choose another method."
            )
        descriptions = parse_descriptions(self.descriptions, target.class_names)
        report = check_names(target.class_names, descriptions, parse_keep(self.keep_names))
        if report.refusal:
            raise SettingsError(f"{target.name}: {report.refusal}")
        nodes = sum(report.usable) * self.prompts
        if nodes > MAX_NODES:
            raise SettingsError(
                f"{target.name}: {sum(report.usable)} classes of {self.prompts} sentences make a graph of {nodes} "
                f"nodes, expected at most {MAX_NODES}; lower prompts."
            )
        return report


@dataclass(frozen=True, eq=False)
class NameGuide:
    """A frozen label network and a projector onto it; the `Guide` of `refine`, with w mu(t) (r L_r + a L_align).

    Attributes:
        settings: weights, and how features are wired to the graph.
        network: on the training device.
        projected, anchors: nodes times W1, (K' P, d); what each class's hidden feature is, (K', d).
        classes: (K',) which classes of the data set take part.
        n_classes: K, of the data set.
        modules: the projector, features (b, d') -> (b, d); trained with the model, dropped at inference.
        facts: readings that belong to the first step.
    """

    settings: Guidance
    network: LabelNetwork
    projected: Tensor
    anchors: Tensor
    classes: Tensor
    n_classes: int
    modules: nn.Module
    facts: dict[str, float]

    @classmethod
    def learn(cls, state: TrainState, target: LabelledDataset, settings: Guidance) -> "NameGuide":
        """Encode the names, train the label network, add the projector; a resumed run finds them in `state.memo`.

        Raises:
            SettingsError: see `Guidance.read_names`; or the encoder tells too few classes apart.
        """
        facts = {} if f"{_MEMO}classes" in state.memo else _learn(state, target, settings)
        memo = {k.removeprefix(_MEMO): v.to(state.device) for k, v in state.memo.items() if k.startswith(_MEMO)}
        classes = memo.pop("classes")
        network = LabelNetwork(**memo)
        with seeded(state.seed):
            state.add("guide_projector", nn.Linear(state.model.body.output_size, network.w1.shape[0]))
        projected, anchors = network.nodes @ network.w1, class_anchors(network, len(classes))
        projector = state.modules["guide_projector"]
        return cls(settings, network, projected, anchors, classes, target.n_classes, projector, facts)

    def __call__(self, features: Tensor, targets: Tensor, step: int, total: int) -> tuple[Tensor, dict[str, float]]:
        """See `Guide`."""
        regression, align, readings = self.losses(features, targets)
        weight = self.settings.guide_weight * guide_ramp(step, total)
        readings |= self.facts if step == 0 else {}
        regression, align = self.settings.guide_regression_weight * regression, self.settings.guide_align_weight * align
        return weight * (regression + align), readings

    def losses(self, features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, dict[str, float]]:
        """L_r and L_align of a batch, and what to log.

        Args:
            features: (b, d') that the predictor reads.
            targets: (b,) int64 or (b, K) of 0 and 1.
        """
        shares = memberships(targets, self.n_classes)[:, self.classes]  # (b, K')
        taking_part = shares.sum(dim=1) > 0
        if not taking_part.any():
            return features.sum() * 0, features.sum() * 0, {}
        points = self.modules(features[taking_part])
        shares = shares[taking_part]
        labels = shares.argmax(dim=1) if targets.ndim == 1 else (shares > 0).float()
        if self.settings.wire == "none":
            regression, logits = read_alone(self.network, self.anchors, points, shares)
        else:
            regression, logits = read_wired(self.network, self.projected, points, shares)
        align = unit_logit_loss(logits, labels)
        metrics = {"guide_regression": regression.item(), "guide_align": align.item()}
        if self.settings.wire == "none" and targets.ndim == 1:  # with label edges it is right whatever the feature is
            metrics["guide_accuracy"] = (logits.argmax(dim=1) == labels).float().mean().item()
        return regression, align, metrics


def _learn(state: TrainState, target: LabelledDataset, settings: Guidance) -> dict[str, float]:
    report = settings.read_names(target)
    usable = np.flatnonzero(report.usable)
    vectors = encode_names([report.phrases[c] for c in usable], settings.encoder, settings.prompts)
    report = report.with_flag(NameFlag.UNKNOWN, set(usable[~vectors.known].tolist()))
    report = report.with_flag(NameFlag.SAME_VECTOR, {int(usable[c]) for c in near_duplicates(vectors.means)})
    if report.refusal:
        raise SettingsError(f"{target.name}: {report.refusal}")
    still = np.array(report.usable)[usable]
    vectors, classes = controlled(vectors.take(still), settings.control, state.seed), usable[still]
    network = cached_label_network(vectors, settings.neighbours, state.seed)
    state.memo |= {f"{_MEMO}{name}": tensor for name, tensor in network.tensors().items()}
    state.memo[f"{_MEMO}classes"] = torch.from_numpy(classes)
    facts = {"guide_classes": float(len(classes)), "guide_held_out_sentences": network.held_out.item()}
    rows = target.rows("val")
    if settings.control == "random" or target.task is not Task.CLASSIFICATION or not len(rows):
        return facts
    rows = rows[np.isin(target.targets[rows], classes)]
    held = embed(target, state.model, Space.BODY, rows)
    test = informativeness(vectors.means, held.features, np.searchsorted(classes, held.labels))
    return facts | ({"guide_rho": test.rho, "guide_p": test.p} if np.isfinite(test.rho) else {})


def guide_ramp(step: int, total: int) -> float:
    """Share of the guidance weight at 0-based `step`: from 0 to 1 over the first tenth of the steps."""
    return min(1.0, step / max(1, round(total * _WARMUP_SHARE)))
