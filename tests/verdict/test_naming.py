"""Runs that differ in anything never pass for one arm."""

from dataclasses import replace
from typing import Any

import pytest

from tests.results import a_result
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.methods import METHODS
from xmodal_core.model.settings import model_settings
from xmodal_core.runs.result import Standing
from xmodal_core.verdict.naming import arms, models_sentence
from xmodal_core.verdict.results import _BEFORE, FinishedRun


def a_run(
    method: str = "finetune", schema: int = 2, *, version: str = "2", stood_for: str = "", **model: str
) -> FinishedRun:
    """A run of which these settings of its model were said; `stood_for` is the readout that `auto` stood for then."""
    said: dict[str, Any] = {"schema": schema} | ({"model": model} if model else {})
    resolved = model_settings(model | ({"readout": stood_for} if stood_for else {}))
    fields: dict[str, Any] = {"versions": {"xmodal-lab": version}}
    fields |= {"model": resolved.resolved(Modality.SERIES, Task.CLASSIFICATION)} if schema > 1 else {}
    standing = Standing(method, "D" if method == "simple" else "A", {})
    return FinishedRun("r", a_result(method, spec=said, standing=standing, **fields))


def sentence(*runs: FinishedRun) -> str | None:
    return models_sentence([run.result for run in runs])


def test_models_are_told_as_soon_as_they_differ_also_between_methods() -> None:
    runs = [a_run(), a_run(readout="flat", positions="after"), a_run("orca", 1), a_run("pare", compat="earlier")]
    runs += [a_run("pare", compat="released", start="norm"), a_run("simple", 1)]
    assert arms(runs) == [
        "finetune",
        "finetune (positions=after, readout=flat)",
        "orca (model of before)",
        "pare (model of before)",
        "pare (model as released by ORCA, start=norm)",
        "simple",
    ]
    assert "not the method's alone" in (sentence(*runs) or "")


def test_what_all_have_is_said_once_and_the_usual_goes_without_saying() -> None:
    before, flat = [a_run(schema=1), a_run("orca", 1), a_run("simple", 1)], [a_run(readout="flat"), a_run("simple")]
    assert arms(before) == ["finetune", "orca", "simple"]
    assert sentence(*before) == "Every run with a body: model of before."
    assert arms(flat) == ["finetune", "simple"]
    assert sentence(*flat) == "Every run with a body: readout flat."
    assert sentence(a_run(), a_run("orca")) is None


def test_mona_from_before_strength_is_an_arm_of_its_own() -> None:
    assert arms([a_run("mona", schema=2), a_run("mona", schema=3)]) == ["mona (compat=earlier)", "mona"]
    own = {name: dict(getattr(kind, "before", {})) for name, kind in METHODS.items()}
    for settings in own.values():
        settings.pop("stochastic_depth", None)  # told where it acts, which it never did before
    assert {name: settings for name, settings in own.items() if settings} == _BEFORE


def test_a_run_whose_body_skipped_blocks_is_no_arm_of_one_from_before() -> None:
    skipped = a_run()
    standing = replace(skipped.result.standing, settings={"drop_path_rate": 0.1})
    now = FinishedRun("r", replace(skipped.result, standing=standing))
    assert arms([a_run(schema=2), now]) == ["finetune", "finetune (drop_path_rate=0.1)"]


def test_two_defaults_of_two_versions_are_two_arms() -> None:
    assert arms([a_run(stood_for="mean"), a_run(stood_for="flat"), a_run(start="norm")]) == [
        "finetune (readout=mean)",
        "finetune (readout=flat)",
        "finetune (start=norm)",
    ]
    assert arms([a_run(version="1", stood_for="mean"), a_run("orca", stood_for="flat")]) == [
        "finetune (readout=mean)",
        "orca (readout=flat)",
    ]


def test_what_a_method_always_has_is_no_difference_of_models() -> None:
    assert arms([a_run(), a_run("linear_probe", stood_for="last")]) == ["finetune", "linear_probe"]


BASE: dict[str, Any] = {"source": "fractals", "budget": {"align_steps": 20, "refine_steps": 90}}
OTHERWISE: list[dict[str, Any]] = [
    {"source": "scipy_docs"},
    {"budget": {"align_steps": 20, "refine_steps": 300}},
    {"budget": {"align_steps": 50, "refine_steps": 60}},  # as many in all
    {"source_reading": {"label": "kind"}},
    {"source_reading": {"label": "k" * 50}},
    {"source_reading": {"label": "k" * 51}},  # told alike, for what is told is cut
    {"guidance": {}},
    {"tokens": 96},
    {"settings": {"batch_size": 8}},
    {"model": {"readout": "flat"}},
]


def orca(seed: int = 0, **spec: Any) -> FinishedRun:
    said = BASE | {"schema": 2} | spec
    standing = Standing("orca", "B", said.get("settings", {}))
    return FinishedRun("r", a_result("orca", seed, spec=said, standing=standing))


@pytest.mark.parametrize("spec", OTHERWISE, ids=str)
def test_a_run_that_differs_in_one_thing_is_another_arm(spec: dict[str, Any]) -> None:
    first, again, other = arms([orca(), orca(1), orca(**spec)])
    assert first == again
    assert first != other


def test_as_many_arms_are_told_apart_as_there_are() -> None:
    names = arms([orca(), *(orca(**spec) for spec in OTHERWISE), orca(1)])
    assert len(set(names)) == len(OTHERWISE) + 1
    assert names[0] == names[-1]


def test_source_and_steps_are_told_where_runs_differ_in_them() -> None:
    assert arms([orca(), orca(1)]) == ["orca", "orca"]
    assert arms([orca(), orca(source="scipy_docs")]) == ["orca (source=fractals)", "orca (source=scipy_docs)"]
    longer = orca(budget={"align_steps": 20, "refine_steps": 300})
    assert arms([orca(), longer]) == ["orca (steps=20 align + 90 refine)", "orca (steps=20 align + 300 refine)"]


def test_a_default_that_was_said_is_no_difference_and_kept_stages_count_before_what_was_asked() -> None:
    """85 steps of curriculum are the default, and ORCA has no such stage."""
    assert len(set(arms([orca(), orca(budget=BASE["budget"] | {"curriculum_steps": 85})]))) == 1
    kept = replace(orca(budget={}).result, stages={"align": 20, "refine": 90})
    assert len(set(arms([orca(), FinishedRun("r", kept)]))) == 1


def test_an_ablation_is_called_so_whoever_asked_for_it_and_told_with_what_else_it_has() -> None:
    unaligned = {"budget": {"align_steps": 0, "refine_steps": 90}}
    assert arms([orca(), orca(**unaligned)]) == ["orca", "orca_unaligned (ablation)"]
    assert arms([orca(**unaligned)]) == ["orca_unaligned (ablation)"]
    faster = orca(**unaligned, settings={"learning_rate": 0.002})
    assert arms([orca(), orca(**unaligned), faster]) == [
        "orca",
        "orca_unaligned (ablation)",
        "orca_unaligned (ablation, learning_rate=0.002)",
    ]
    random = [orca(settings={"embedder_init": "random"}, **more) for more in ({}, unaligned)]
    assert arms([orca(), *random]) == ["orca", "orca_random (ablation)", "orca_random_unaligned (ablation)"]
    assert arms([orca(), orca(**unaligned, guidance={})])[1] == "orca_unaligned (ablation, guidance=class names)"


def test_steps_of_an_ablation_are_told_where_its_own_runs_differ_in_them() -> None:
    short, long = (orca(budget={"align_steps": 0, "refine_steps": n}) for n in (90, 300))
    assert arms([orca(), short, long]) == [
        "orca",
        "orca_unaligned (ablation, steps=90)",
        "orca_unaligned (ablation, steps=300)",
    ]
