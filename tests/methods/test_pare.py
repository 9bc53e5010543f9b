"""PaRe as a method: its limits, its loss on every task, the released selection, and text with padding."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.methods.resuming import metrics, resumed, same_weights
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.errors import SettingsError
from xmodal_core.methods.pare import Pare
from xmodal_core.methods.stages.splice import Selection, splice
from xmodal_core.model.crossmodal import source_model
from xmodal_core.runs.run import Run
from xmodal_core.runs.spec import RunSpec

STEPS = 6


@pytest.fixture
def pare(prepared: Callable[..., Run]) -> Callable[..., Run]:
    """A run of the curriculum alone."""

    def make(*data: str, steps: int = STEPS, **settings: object) -> Run:
        return prepared("pare", *data, budget={"curriculum_steps": steps, "refine_steps": 0}, **settings)

    return make


def gates(run: Run) -> list[torch.Tensor]:
    return [run.state.modules["gate"].score.weight.detach().clone() for _ in run.steps()]


@pytest.mark.parametrize("task", Task)
def test_every_task_mixes_losses_by_the_share_of_replaced_tokens_and_never_target_values(
    task: Task, files: TinyFiles, pare: Callable[..., Run]
) -> None:
    for m in metrics(pare(files.task(task), beta=0.3)):
        mixed = (1 - m["share"]) * m["mixed_target_loss"] + m["share"] * m["mixed_source_loss"]
        assert m["loss"] == pytest.approx(m["target_loss"] + 0.3 * mixed, rel=1e-5)
        assert m["gate_gradient"] > 0


@pytest.mark.parametrize("task", [Task.CLASSIFICATION, Task.DENSE])
def test_without_weight_on_intermediate_samples_it_is_fine_tuning_bit_for_bit(
    task: Task, files: TinyFiles, pare: Callable[..., Run], prepared: Callable[..., Run]
) -> None:
    unclipped = {"clip_norm": 0.0}  # the norm is summed in another order where there is a gate
    mixed = pare(files.task(task), beta=0.0, **unclipped)
    losses = [m["target_loss"] for m in metrics(mixed)]
    finetune = prepared("finetune", files.task(task), budget={"refine_steps": STEPS}, **unclipped)
    assert losses == [step.metrics["loss"] for step in finetune.steps()]
    for a, b in zip(mixed.state.model.parameters(), finetune.state.model.parameters(), strict=True):
        assert torch.equal(a, b)


def two_stages(prepared: Callable[..., Run], **settings: object) -> Run:
    return prepared("pare", budget={"curriculum_steps": 4, "refine_steps": 3}, **settings)


def test_one_cycle_without_intermediate_samples_is_one_fine_tuning_through_both_stages(
    prepared: Callable[..., Run],
) -> None:
    """Batches begin anew with a stage, so a batch is all rows here, which the stage after has in another order."""
    plain = {"clip_norm": 0.0, "batch_size": 4096}
    run = two_stages(prepared, cycles="one", beta=0.0, **plain)
    whole = prepared("finetune", budget={"refine_steps": 7}, **plain)
    found = [m.get("target_loss", m["loss"]) for m in metrics(run)]
    assert found == pytest.approx([m["loss"] for m in metrics(whole)], rel=1e-4)


def test_two_cycles_warm_up_twice_and_one_once(prepared: Callable[..., Run]) -> None:
    two, one = (Pare(cycles=cycles) for cycles in ("two", "one"))
    assert (two.shared_cycle(3), one.shared_cycle(3)) == (0, 3)
    rates = {c: [m["learning_rate"] for m in metrics(two_stages(prepared, cycles=c))[4:]] for c in ("two", "one")}
    # of 7 steps one is warm-up, and steps 4 to 6 have 3, 2 and 1 sixths of the peak left
    assert rates["one"] == pytest.approx([1e-3 * sixths / 6 for sixths in (3, 2, 1)])
    assert rates["two"] == pytest.approx([1e-3 * share for share in (1, 1, 0.5)])


def test_one_cycle_takes_its_moments_along_and_two_begin_with_none(prepared: Callable[..., Run]) -> None:
    for cycles, taken in (("two", 1), ("one", 5)):
        run = two_stages(prepared, cycles=cycles)
        list(islice(run.steps(), 5))
        assert run.state.optimizer is not None
        weight = next(iter(run.state.model.predictor.parameters()))
        assert int(run.state.optimizer.state[weight]["step"]) == taken


@pytest.mark.parametrize("cut", [2, 4, 5])
def test_one_cycle_goes_on_from_wherever_it_was_cut(cut: int, prepared: Callable[..., Run], tmp_path: Path) -> None:
    first, second, whole = (two_stages(prepared, cycles="one") for _ in range(3))
    assert resumed(first, cut, second, tmp_path) == metrics(whole)
    assert same_weights(second.state.model, whole.state.model)


def test_with_no_token_replaced_the_mix_is_the_target(pare: Callable[..., Run]) -> None:
    for m in metrics(pare(share_start=0.0)):
        assert m["k"] == m["share"] == 0
        assert m["mixed_target_loss"] == pytest.approx(m["target_loss"], rel=1e-6)
        assert "gate_overlap" not in m


def test_with_every_token_replaced_only_the_sources_labels_count(pare: Callable[..., Run]) -> None:
    """The series has 15 tokens, the images 16: the shorter side decides how many can be replaced."""
    for m in metrics(pare(share_start=1.0, share_end=1.0)):
        assert m["k"] == 15
        assert m["share"] == 1
        assert m["loss"] == pytest.approx(m["target_loss"] + m["mixed_source_loss"], rel=1e-6)


def test_schedules_fall_rise_or_stay(pare: Callable[..., Run]) -> None:
    ks = {o: [m["k"] for m in metrics(pare(order=o))] for o in ("easy_to_hard", "hard_to_easy", "fixed")}
    assert ks["easy_to_hard"] == ks["hard_to_easy"][::-1]
    assert ks["easy_to_hard"][0] == 9  # .64 of 15
    assert ks["fixed"] == [4] * STEPS


def test_the_gate_learns_to_the_end_where_the_released_one_freezes(pare: Callable[..., Run]) -> None:
    ours = metrics(pare(steps=12, share_end=0.2))
    released = metrics(pare(steps=12, share_end=0.2, compat="released"))
    assert all(m["gate_gradient"] > 0 for m in ours)
    assert [m["gate_gradient"] > 0 for m in released] == [True] * 2 + [False] * 10
    weights = gates(pare(steps=12, share_end=0.2, compat="released"))
    assert not torch.equal(weights[0], weights[1])
    assert all(torch.equal(weights[1], w) for w in weights[2:])


def test_a_random_choice_leaves_the_gate_as_it_was(pare: Callable[..., Run]) -> None:
    weights = gates(pare(rule="random"))
    assert all(torch.equal(weights[0], w) for w in weights)


@pytest.mark.parametrize(("compat", "largest"), [("ours", False), ("released", True)])
def test_frames_show_the_lowest_target_tokens_replaced_and_the_highest_in_the_released_second_phase(
    compat: str, largest: bool, pare: Callable[..., Run]
) -> None:
    frame = list(pare(share_end=0.5, compat=compat).steps())[-1].arrays
    k = frame["target_replaced"].shape[1]
    assert k == 7
    for scores, chosen, top in (
        (frame["target_scores"], frame["target_replaced"], largest),
        (frame["source_scores"], frame["source_chosen"], True),
    ):
        order = np.argsort(-scores if top else scores, axis=1, kind="stable")[:, :k]
        assert np.array_equal(np.sort(order, axis=1), np.sort(chosen, axis=1))


@pytest.mark.parametrize("settings", [{"order": "random"}, {"compat": "released"}, {"rule": "random"}])
def test_draws_of_the_curriculum_survive_an_interruption(
    settings: dict[str, str], pare: Callable[..., Run], tmp_path: Path
) -> None:
    assert resumed(pare(**settings), 3, pare(**settings), tmp_path) == metrics(pare(**settings))


def test_settings_that_would_run_another_curriculum_are_refused_before_anything_is_loaded() -> None:
    for settings, message in (
        ({"share_start": 0.1, "share_end": 0.6}, "swap them, or set order to hard_to_easy"),
        ({"compat": "released", "rule": "random"}, "set one of them back"),
        ({"share_start": 1.5}, "expected between 0.0 and 1.0"),
        ({"batch_size": 1}, "batch_size is 1"),
    ):
        with pytest.raises(SettingsError, match=message):
            RunSpec("pare", "nowhere", "nobody", "nothing", settings=settings)


def test_padding_of_a_source_sentence_never_reaches_the_mix(files: TinyFiles, pare: Callable[..., Run]) -> None:
    road = (files.data(Modality.SERIES), files.data(Modality.TEXT, n=45), files.text_body)
    plain, changed = (pare(*road, share_start=1.0, share_end=1.0) for _ in range(2))
    words = changed.state.model.body.stem.word_embeddings
    assert words is not None
    with torch.no_grad():
        words.word_embeddings.weight[0] += 5.0
    found = metrics(plain)
    assert found == metrics(changed)
    assert found[0]["k"] > 5  # more than a sentence has


@pytest.mark.parametrize("positions", ["before", "after"])
def test_a_spliced_token_keeps_the_position_of_the_place_it_came_from(
    positions: str, files: TinyFiles, prepared: Callable[..., Run]
) -> None:
    """A word is norm(word + kind + position) of its own place; a patch of the target, of the place where it stays."""
    road = (files.data(Modality.SERIES), files.data(Modality.TEXT, n=45), files.text_body)
    run = prepared("pare", *road, model={"positions": positions})
    target, body = run.state.model.embedder, run.state.model.body
    assert run.source is not None
    source = source_model(run.source, body).embedder
    series, words = target.prepare(run.target, np.array([0])), source.prepare(run.source, np.array([0]))
    chosen = Selection(source=torch.tensor([[1, 3]]), target=torch.tensor([[0, 7]]))
    with torch.no_grad():
        mixed = splice(target(series), source(words), chosen)[0]
        layer, norm = source.layer, target.tokens.norm  # type: ignore[attr-defined]
        for place, came_from in ((0, 1), (7, 3)):
            content = layer.word_embeddings(words[0, came_from]) + layer.token_type_embeddings.weight[0]
            word = layer.LayerNorm(content + layer.position_embeddings.weight[came_from])
            torch.testing.assert_close(mixed[place], word)
        patch = target.content(series)[0, 5]
        own = layer.position_embeddings.weight[5]
        if positions == "before":
            patch = norm(target.tokens.gain * patch + target.tokens.constant + own)
        else:
            patch = norm(patch) + own
        torch.testing.assert_close(mixed[5], patch)
