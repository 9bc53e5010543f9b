"""Settings of MoNA's first stage, and how they weigh the two losses against each other."""

from dataclasses import dataclass

from xmodal_core.methods.stages.bilevel import MODES
from xmodal_core.methods.stages.given import Given
from xmodal_core.methods.stages.loss import TrainingLoss
from xmodal_core.methods.stages.watched import check_watched
from xmodal_core.settings import setting

_COMPATS = ("ours", "earlier")


@dataclass(frozen=True)
class Meta(TrainingLoss):
    """Settings of MoNA's first stage.

    Differs: the paper weighs the source's loss by a constant, whose effect hangs on the length of the virtual step and
    on the two losses: ours is the share of the meta-gradient in what moves the embedder, the same at every step and on
    any data (`compat="earlier"`: a constant weight, and a virtual step that is clipped). The paper's values for the
    virtual step, the batches and the optimizer are not known to us; these are ours. The body is put back after every
    step, so that stage 2 starts from the pretrained one.
    """

    meta_gradient: str = setting("finite_difference", "How the meta-gradient is computed", choices=MODES)
    strength: float = setting(
        0.1,
        "Share of the meta-gradient in the embedder's gradient; 0 trains on the target's loss alone, 1 on the source's",
        low=0.0,
        high=1.0,
        where=("compat", "ours"),
    )
    temperature: float = setting(2.0, "Temperature of the uniformity loss", low=0.01, high=100.0)
    source_classes: int = setting(8, "Source classes per step", low=2, high=1000, unit="classes")
    source_per_class: int = setting(8, "Source samples per class and step", low=2, high=256, unit="samples")
    warmup_share: float = setting(0.3, "Share of the stage before the meta-gradient sets in", low=0.0, high=1.0)
    align_learning_rate: float = setting(1e-3, "Learning rate of embedder and predictor", low=1e-7, high=1.0)
    compat: str = setting(
        "ours", "Weight of the meta-gradient: by strength, or as in runs of before strength", choices=_COMPATS
    )
    inner_rate: float = setting(
        1e-3,
        "With compat earlier: rate of the virtual step, a thousandth of the body's norm at most",
        low=0.0,
        high=1e6,
        where=("compat", "earlier"),
    )
    meta_weight: float = setting(
        0.5,
        "With compat earlier: weight of the source's loss after the virtual step",
        low=0.0,
        high=1e6,
        where=("compat", "earlier"),
    )

    def check(self, given: Given) -> None:
        """Refuse rows that no step can be read on; see `check_watched`."""
        check_watched(given)

    @property
    def is_plain(self) -> bool:
        """Whether there is no meta-gradient at all."""
        return self.strength == 0 if self.compat == "ours" else 0 in (self.inner_rate, self.meta_weight)

    @property
    def virtual_rate(self) -> float | None:
        """Rate of the virtual step; None for a step of a fixed length."""
        return None if self.compat == "ours" else self.inner_rate

    def weights(self, plain: float, meta: float) -> tuple[float, float]:
        """Factors of the plain and of the meta-gradient, by their norms."""
        if self.compat == "earlier":
            return 1.0, self.meta_weight
        return (1 - self.strength, self.strength * plain / meta) if meta > 0 else (1.0, 0.0)

    def objective(self, inner: float, outer: float) -> float:
        """Both losses as one number: by the shares of their gradients, or by the constant weight."""
        if self.compat == "earlier":
            return inner + self.meta_weight * outer
        return (1 - self.strength) * inner + self.strength * outer
