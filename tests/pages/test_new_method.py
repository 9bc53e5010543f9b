"""A method is one class and one entry of METHODS: forms, runs, tables and the verdict know it by what it states."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.runs import address, runs_root, shown
from tests.tiny import TinyFiles
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Role
from xmodal_core.methods.finetune import Finetune
from xmodal_core.methods.orca import Orca
from xmodal_core.runs.plan import baselines, usual
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import spec_from_json
from xmodal_core.runs.standing import standing_of
from xmodal_core.runs.worker import execute
from xmodal_core.verdict.export import export


class Bitfit(Finetune):
    name, title, role = "bitfit", "BitFit: biases alone", Role.BESIDE


class Leap(Orca):
    name, title = "leap", "Leap: over the gap at once"


OpenPage = Callable[..., AppTest]


@pytest.fixture
def where(files: TinyFiles, no_worker: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The two methods are registered, a body is there, and no process is started; the query of every page."""
    monkeypatch.setitem(METHODS, "bitfit", Bitfit)
    monkeypatch.setitem(METHODS, "leap", Leap)
    return {"target": "digits", "source": "digits", "body": files.body}


def test_the_form_offers_it_where_its_stages_and_in_the_group_of_its_role(
    open_page: OpenPage, where: dict[str, str]
) -> None:
    options = {page: open_page(page, **where).selectbox(key=f"{page}-method").options for page in ("align", "refine")}
    assert "Crossing · Leap: over the gap at once" in options["align"]
    assert "Baseline · BitFit: biases alone" not in options["align"]
    assert {"Crossing · Leap: over the gap at once", "Baseline · BitFit: biases alone"} <= set(options["refine"])
    groups = [option.split(" · ")[0] for option in options["refine"]]
    assert groups == sorted(groups, reverse=True)  # crossing methods first
    assert "bitfit" in baselines()
    assert "leap" not in baselines()
    assert not {"bitfit", "leap"} & set(usual("ABCDS"))  # others have these roles, and come first


@pytest.mark.parametrize(("page", "method"), [("refine", "bitfit"), ("align", "leap")])
def test_it_is_launched_from_the_form_trained_compared_and_reported(
    page: str, method: str, open_page: OpenPage, where: dict[str, str], home: Path
) -> None:
    run = trained(open_page, where, home, page, method)
    assert run.read_state().state == "done"
    title = METHODS[method].title
    compared = open_page("compare", **where)
    assert not compared.exception
    assert title in [name for table in compared.dataframe if "method" in table.value for name in table.value["method"]]
    assert title.split(":")[0] in compared.multiselect(key="compare-arms").options
    reported = open_page("report", **where)
    assert not reported.exception
    assert f"again/{run.path.name}" in shown(reported)


def test_a_crossing_method_may_be_the_verdicts_and_a_baseline_never(
    open_page: OpenPage, where: dict[str, str], home: Path
) -> None:
    like = trained(open_page, where, home, "refine", "bitfit")
    means = {"finetune": 0.6, "scratch": 0.3, "bitfit": 0.95}
    runs = [written_like(home, like, method, seed, mean) for method, mean in means.items() for seed in range(3)]
    assert export(runs).verdict.arms == {"A": "finetune", "C": "scratch"}
    assert export(runs).verdict.answer == "inconclusive"
    runs += [written_like(home, like, "leap", seed, 0.8) for seed in range(3)]
    found = export(runs).verdict
    assert found.arms == {"A": "finetune", "C": "scratch", "B": "leap", "M": "leap"}
    assert found.answer == "align first, with Leap"
    assert "align first, with Leap" in shown(open_page("report", **where))


def trained(open_page: OpenPage, where: dict[str, str], home: Path, page: str, method: str) -> RunDir:
    """Start a run with one step a stage from a page's form, and train it here and now."""
    app = open_page(page, **where)
    app.selectbox(key=f"{page}-method").set_value(method).run()
    for stage in METHODS[method].stages:
        app.number_input(key=f"{page}-budget-{stage}_steps").set_value(1)
    app.button(key=f"{page}-start").click().run()
    assert not app.exception
    run = RunDir.find(runs_root(home), address(app))
    assert spec_from_json((run.path / "spec.json").read_text()).method == method
    execute(run.path, follow_control=False)
    return run


def written_like(home: Path, like: RunDir, method: str, seed: int, accuracy: float) -> RunDir:
    """A run of another method and seed, with the result of a finished one but for its score."""
    spec = like.spec_values() | {"method": method, "seed": seed, "source": "digits", "settings": {}, "budget": {}}
    run = RunDir.create(runs_root(home), json.dumps(spec))
    score = accuracy * (1 + 0.001 * (seed - 1))
    result: dict[str, Any] = json.loads((like.path / "result.json").read_text())
    result |= {"method": method, "title": METHODS[method].title, "seed": seed, "spec": spec}
    result |= {"standing": standing_of(method, {}, guided=False).to_json()}
    result |= {split: result[split] | {"accuracy": score, "score": score} for split in ("test", "validation")}
    (run.path / "result.json").write_text(json.dumps(result))
    return run
