"""The design of an experiment: which arms run at which seeds, training rows and learning rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.variants import with_train_rows
from xmodal_core.runs.ablations import method_of
from xmodal_core.runs.plan import Choice, budget_of, choice_of, defaults, equal_settings


@dataclass(frozen=True)
class Design:
    """Every arm at every seed, number of training rows and learning rate.

    Attributes:
        arms: methods and ablations.
        seeds: contrasts are paired by them.
        sizes: training rows to keep; 0 keeps them all.
        rates: multiples of each arm's own learning rate.
        steps: `align_steps`, `curriculum_steps` and `refine_steps`.
        equal: every arm sees as many labelled samples as far as its method can: see `budget_of` for the steps and
            `equal_settings` for the samples of one.
    """

    arms: Sequence[str]
    seeds: Sequence[int]
    sizes: Sequence[int]
    rates: Sequence[float]
    steps: Mapping[str, int]
    equal: bool = True

    def budget(self, arm: str) -> dict[str, int]:
        """Steps of an arm's own stages."""
        return budget_of(arm, self.steps, self.equal)

    def _equal(self, arm: str) -> Mapping[str, object]:
        return equal_settings(arm) if self.equal else {}

    def choices(self) -> list[Choice]:
        """One a run: size by size, seed by seed and arm by arm, so that pairs are complete early."""
        return [
            choice_of(arm, Choice(arm, {**settings, **self._equal(arm)}, self.budget(arm), seed, train_rows=n))
            for n in self.sizes
            for seed in self.seeds
            for arm in self.arms
            for settings in settings_at(arm, self.rates)
        ]


def check_sizes(choices: Iterable[Choice], data: LabelledDataset) -> None:
    """Refuse numbers of training rows that cannot be trained on, before anything starts.

    Raises:
        SettingsError: says which; see `with_train_rows`.
    """
    for n, seed in {(choice.train_rows, choice.seed) for choice in choices if choice.train_rows}:
        with_train_rows(data, n, seed)


def settings_at(arm: str, rates: Iterable[float]) -> list[dict[str, float]]:
    """Settings of an arm at every multiple of its own learning rate; one of the defaults where it searches itself."""
    from xmodal_core.methods import METHODS
    from xmodal_core.methods.base import Role

    method = method_of(arm)
    own = defaults(method).get("learning_rate")
    if own is None or METHODS[method].role is Role.SIMPLE:
        return [{}]
    return [{} if rate == 1 else {"learning_rate": float(f"{own * rate:.6g}")} for rate in rates]


def quarter_of(whole: int) -> int:
    """The second number of training rows of an experiment: two sizes tell how the answer changes with data."""
    return max(2, round(whole / 4))
