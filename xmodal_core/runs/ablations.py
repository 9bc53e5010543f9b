"""Ablations: a method without one of its parts, by name, with what its runs are called in tables.

Importing this takes no torch: finished runs are named without loading methods.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xmodal_core.values import JsonValue

MARK = "ablation"  # stands behind the name of an arm that is one


@dataclass(frozen=True)
class Ablation(JsonValue):
    """A method with one part taken away or replaced. It stands for no role in the verdict's rule, as a rule.

    Attributes:
        name: in addresses, names of arms and on the command line.
        method: what it is an ablation of.
        title: for people.
        without: what is taken away, and what stands in its place.
        answers: which claim of the paper, or choice of its released code, it puts to the test; "ours" where we ask.
        settings: of the method, which make the ablation; all others are the method's.
        budget: steps by stage, likewise.
        same_as: the arm that it equals, number by number: run one of the two. Empty for most.
        keeps_role: what is replaced is a setting that a person may well prefer, and no part of the idea.
    """

    name: str
    method: str
    title: str
    without: str
    answers: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    budget: Mapping[str, int] = field(default_factory=dict)
    same_as: str = ""
    keeps_role: bool = False

    def is_made_by(self, method: str, settings: Mapping[str, Any], stages: Mapping[str, int]) -> bool:
        """Whether a run with these settings and steps by stage is one of this ablation, whatever else it has."""
        return (
            method == self.method
            and all(name in settings and settings[name] == value for name, value in self.settings.items())
            and all(stages.get(name.removesuffix("_steps"), 0) == n for name, n in self.budget.items())
        )


_NO_ALIGNMENT = {"align_steps": 0}
_NO_CURRICULUM = {"curriculum_steps": 0}
_OURS = "ours"
_OF_ORCA = (
    Ablation(
        "orca_unaligned",
        "orca",
        "ORCA without alignment",
        "Alignment; the embedder still starts from the pretrained embedding layer. The cell of the 2 x 2 that is "
        "plain fine-tuning.",
        "ours; the released ablation takes away alignment and initialisation at once",
        budget=_NO_ALIGNMENT,
        same_as="finetune",
    ),
    Ablation(
        "orca_random",
        "orca",
        "ORCA from a random embedder",
        "The pretrained embedding layer that the embedder starts from; it is aligned.",
        "ours; the released code aligns from the pretrained layer only",
        {"embedder_init": "random"},
    ),
    Ablation(
        "orca_random_unaligned",
        "orca",
        "ORCA from a random embedder, without alignment",
        "Alignment and the pretrained embedding layer.",
        "naive fine-tuning as in the released code, where embedder_epochs=0 takes away both",
        {"embedder_init": "random"},
        _NO_ALIGNMENT,
    ),
)
_OF_PARE = (
    Ablation(
        "pare_beta0",
        "pare",
        "PaRe's schedule alone",
        "The loss on intermediate samples; fine-tuning in PaRe's two cycles of the learning rate is left.",
        _OURS,
        {"beta": 0.0},
    ),
    Ablation(
        "pare_unmixed",
        "pare",
        "PaRe without mixing",
        "Source tokens: intermediate samples are target samples, under the same losses and schedule.",
        _OURS,
        {"share_start": 0.0},
    ),
    Ablation(
        "pare_random",
        "pare",
        "PaRe with a random gate",
        "The gate's say in which tokens change places: they are drawn.",
        "the gate, a main component of the paper; its own table was not available to us",
        {"rule": "random"},
    ),
    Ablation(
        "pare_inverted",
        "pare",
        "PaRe with an inverted gate",
        "The direction of the gate: the target's best tokens are replaced, not its weakest.",
        "the released code, whose second phase replaces the best",
        {"rule": "gate_inverted"},
    ),
    Ablation(
        "pare_fixed",
        "pare",
        "PaRe at a fixed share",
        "The gradual change: the mean share of tokens is replaced from beginning to end.",
        "the curriculum, the paper's title; its own table was not available to us",
        {"order": "fixed"},
    ),
    Ablation(
        "pare_reversed",
        "pare",
        "PaRe from hard to easy",
        "The direction of the curriculum: it begins target-like and ends source-like.",
        "the curriculum, the paper's title; its own table was not available to us",
        {"order": "hard_to_easy"},
    ),
    Ablation(
        "pare_one_cycle",
        "pare",
        "PaRe in one cycle",
        "The second cycle of the learning rate: one goes through both stages and takes the moments along.",
        "the released code, which has one stage and one cycle",
        {"cycles": "one"},
    ),
    Ablation(
        "pare_uncrossed",
        "pare",
        "PaRe without a curriculum",
        "The curriculum, whose steps become refinement where budgets are equal.",
        _OURS,
        budget=_NO_CURRICULUM,
        same_as="finetune",
    ),
)
_OF_ORCA_PARE = (
    Ablation(
        "orca_pare_unaligned",
        "orca_pare",
        "The whole road without alignment",
        "Alignment.",
        _OURS,
        budget=_NO_ALIGNMENT,
        same_as="pare",
    ),
    Ablation(
        "orca_pare_uncrossed",
        "orca_pare",
        "The whole road without a curriculum",
        "The curriculum, whose steps become refinement where budgets are equal.",
        _OURS,
        budget=_NO_CURRICULUM,
        same_as="orca",
    ),
)
_OF_MONA = (
    Ablation(
        "mona_plain",
        "mona",
        "MoNA without the meta-gradient",
        "The source's loss: the first stage trains embedder and predictor on the target's labels alone.",
        "the bi-level objective; the paper's own table was not available to us",
        {"strength": 0.0},
    ),
    Ablation(
        "mona_source",
        "mona",
        "MoNA on the source's loss alone",
        "The target's loss in the embedder's gradient, past the first steps.",
        _OURS,
        {"strength": 1.0},
    ),
    Ablation(
        "mona_unaligned",
        "mona",
        "MoNA without its first stage",
        "The whole first stage.",
        "the two stages, which the paper ablates; its table was not available to us",
        budget=_NO_ALIGNMENT,
        same_as="finetune",
    ),
)
_OF_LSG = (
    Ablation(
        "lsg_shuffled",
        "lsg",
        "LSG with shuffled names",
        "The meaning of the names: every class is given the vectors of another.",
        "whether it is language that helps; ours",
        {"control": "shuffled"},
    ),
    Ablation(
        "lsg_random",
        "lsg",
        "LSG with random vectors",
        "The names: classes have orthogonal vectors without any neighbourhood.",
        "whether it is language that helps; ours",
        {"control": "random"},
    ),
    Ablation(
        "lsg_no_naming",
        "lsg",
        "LSG without naming features",
        "The classification of features in the label graph (L_align).",
        "the released loss, term by term; the paper's own table was not available to us",
        {"guide_align_weight": 0.0},
    ),
    Ablation(
        "lsg_no_regression",
        "lsg",
        "LSG without drawing features to classes",
        "The regression of features onto the label graph (L_r).",
        "the released loss, term by term; the paper's own table was not available to us",
        {"guide_regression_weight": 0.0},
    ),
    Ablation(
        "lsg_no_edges",
        "lsg",
        "LSG without edges between classes",
        "What the label graph says of which classes are near: only the sentences of one class are wired.",
        _OURS,
        {"neighbours": 0},
    ),
    Ablation(
        "lsg_unguided",
        "lsg",
        "LSG without guidance",
        "Guidance.",
        _OURS,
        {"guide_weight": 0.0},
        same_as="finetune",
    ),
)
_OF_RECRAFT = (
    Ablation(
        "recraft_features",
        "recraft",
        "RECRAFT on features alone",
        "Distortion: features are aligned without labels, as ORCA with objective sinkhorn does bit for bit.",
        "feature alignment (Eq. 5) without feature-label distortion (Eq. 7), with which the paper compares",
        {"distortion_weight": 0.0},
    ),
    Ablation(
        "recraft_labels",
        "recraft",
        "RECRAFT on labels alone",
        "The alignment of features.",
        "feature-label distortion (Eq. 7) without feature alignment (Eq. 5); ours",
        {"feature_weight": 0.0},
    ),
    Ablation(
        "recraft_information",
        "recraft",
        "RECRAFT by information",
        "The conditional entropy of answers, which a constant answer lowers, too: minus the information of an answer "
        "about the label takes its place.",
        "feature-label distortion (Eq. 7); ours",
        {"distortion": "information"},
    ),
    Ablation(
        "recraft_sequence",
        "recraft",
        "RECRAFT in sequence",
        "The sum of both losses: features are aligned first, labels then.",
        "the released code, where the paper's figure has the sum",
        {"align_schedule": "sequence"},
    ),
    Ablation(
        "recraft_no_penalty",
        "recraft",
        "RECRAFT without the gradient penalty",
        "The penalty on slopes of the source head, which trains as long without it.",
        "the premise of the paper's bound",
        {"penalty_weight": 0.0},
    ),
    Ablation(
        "recraft_random_head",
        "recraft",
        "RECRAFT with a random source head",
        "The source's knowledge in the answers.",
        _OURS,
        {"source_head": "random"},
    ),
    Ablation(
        "recraft_shuffled",
        "recraft",
        "RECRAFT with shuffled labels in its distortion",
        "The meaning of the labels that distortion reads; refinement has the true ones.",
        _OURS,
        {"distortion_labels": "shuffled"},
    ),
    Ablation(
        "recraft_unaligned",
        "recraft",
        "RECRAFT without its first stage",
        "The whole first stage.",
        "naive fine-tuning, with which the paper compares",
        budget=_NO_ALIGNMENT,
        same_as="finetune",
    ),
)
_OF_FINETUNE = (
    Ablation(
        "finetune_one_rate",
        "finetune",
        "Fine-tuning at one rate",
        "The smaller learning rate of the body: all layers learn at the rate of the new ones, as from scratch.",
        "ORCA's released code, which has one rate for all",
        {"body_rate": 1.0},
        keeps_role=True,
    ),
)
ABLATIONS: dict[str, Ablation] = {
    one.name: one for one in (*_OF_ORCA, *_OF_PARE, *_OF_ORCA_PARE, *_OF_MONA, *_OF_LSG, *_OF_RECRAFT, *_OF_FINETUNE)
}
TWO_BY_TWO = tuple(one.name for one in _OF_ORCA)  # with orca itself: initialisation times alignment


def ablation_of(method: str, settings: Mapping[str, Any], stages: Mapping[str, int]) -> Ablation | None:
    """The ablation that a run is one of: of several the one that says most; None for a run of the method itself.

    Args:
        method: of the run.
        settings: those that are not the method's defaults, or all of them.
        stages: steps by stage; one without steps may be left out.
    """
    fitting = [one for one in ABLATIONS.values() if one.is_made_by(method, settings, stages)]
    return max(fitting, key=lambda one: len(one.settings) + len(one.budget), default=None)


def ablations_of(methods: Iterable[str]) -> list[Ablation]:
    """Ablations of these methods, method by method in the order that is given."""
    return [one for method in methods for one in ABLATIONS.values() if one.method == method]


def method_of(arm: str) -> str:
    """The method that an arm trains: an ablation's, or the arm is a method."""
    return ABLATIONS[arm].method if arm in ABLATIONS else arm


def each_once(arms: Iterable[str]) -> list[str]:
    """Arms without those that would be run a second time under another name: see `same_as`.

    A method stands before an ablation that equals it; of two such ablations the first stands.
    """
    given = list(dict.fromkeys(arms))
    stands = {arm: arm for arm in given if _equal_to(arm) == arm}
    for arm in given:
        stands.setdefault(_equal_to(arm), arm)
    return [arm for arm in given if stands[_equal_to(arm)] == arm]


def _equal_to(arm: str) -> str:
    """The arm that this one equals number by number; itself for most."""
    return (ABLATIONS[arm].same_as if arm in ABLATIONS else "") or arm
