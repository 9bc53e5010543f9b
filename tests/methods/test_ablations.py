"""Every entry of ABLATIONS trained beside its method, on tiny networks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.families import saved
from tests.methods.resuming import same_weights
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.methods import METHODS
from xmodal_core.runs.ablations import ABLATIONS, Ablation
from xmodal_core.runs.plan import Choice, budget_of, choice_of
from xmodal_core.runs.run import Run

NAMES = ("red apple", "green apple", "wild bird", "tame bird")  # near in pairs, so that the label graph has edges
STEPS = {"align_steps": 3, "curriculum_steps": 4, "refine_steps": 2}


@pytest.fixture(scope="module")
def trained(prepared: Callable[..., Run], files: TinyFiles) -> Callable[[str], Run]:
    """`trained("mona_plain")`: a run of an arm to its end, all arms at equal budgets; once for every arm.

    Images before an image body: its filters are what a pretrained start of the embedder copies.
    """
    target = files.data(Modality.IMAGE, n_classes=len(NAMES), names=NAMES)
    known: dict[str, Run] = {}

    def run_of(arm: str) -> Run:
        if arm not in known:
            chosen = choice_of(arm, Choice(arm, budget=budget_of(arm, STEPS, equal=True)))
            own = {"rows_per_label": 8, "head_steps": 3} if chosen.method == "recraft" else {}
            known[arm] = prepared(chosen.method, target, budget=chosen.budget, **(own | dict(chosen.settings)))
            for _ in known[arm].steps():
                pass
        return known[arm]

    return run_of


@pytest.mark.parametrize("one", ABLATIONS.values(), ids=ABLATIONS)
def test_an_ablation_ends_elsewhere_than_its_method_after_as_many_labels(
    one: Ablation, trained: Callable[[str], Run]
) -> None:
    run, whole = trained(one.name), trained(one.method)
    assert not same_weights(run.state.model, whole.state.model)
    assert run.result(1.0).label_samples == whole.result(1.0).label_samples
    assert run.method.role is METHODS[one.method].role  # it is the comparison that gives it none


@pytest.mark.parametrize("one", [one for one in ABLATIONS.values() if one.same_as], ids=lambda one: one.name)
def test_what_is_called_the_same_is_the_same_bit_for_bit(one: Ablation, trained: Callable[[str], Run]) -> None:
    assert same_weights(trained(one.name).state.model, trained(one.same_as).state.model)


def test_a_random_start_that_is_the_pretrained_one_is_refused(
    prepared: Callable[..., Run], refusal: Callable[..., str], files: TinyFiles, tmp_path: Path
) -> None:
    """Neither a ViT nor GPT-2 has a LayerNorm in its embedding layer, and filters are for pictures."""
    words = ("neither a LayerNorm nor filters that series data could start from", "another body")
    series, gpt2 = files.data(Modality.SERIES), saved("gpt2", tmp_path)
    refusal(lambda: prepared("orca", series, embedder_init="random"), *words)
    refusal(lambda: prepared("orca", series, files.data(Modality.TEXT), gpt2, embedder_init="random"), *words)
    assert prepared("orca", series, body=files.text_body, embedder_init="random").done == 0
