import json

from xmodal_core.runs.differing import configuration, differing
from xmodal_core.runs.plan import Choice, plan_of, specification


def of(choice: Choice) -> dict[str, str]:
    spec = specification(choice, "digits", "fractal-vit", "fractals")
    return configuration(json.loads(spec.to_json()), plan_of(spec))


def test_only_what_differs_is_told_defaults_filled_in():
    first = of(Choice("finetune", budget={"refine_steps": 5}))
    second = of(Choice("finetune", {"learning_rate": 0.5}, {"refine_steps": 5}, seed=3))
    table = differing({"one": first, "two": second})
    assert table == {"setting": ["seed", "settings.learning_rate"], "one": ["0", "0.001"], "two": ["3", "0.5"]}


def test_what_a_method_does_not_have_is_a_dash():
    table = differing({"a": of(Choice("finetune")), "b": of(Choice("orca"))})
    row = table["setting"].index("settings.objective")
    assert table["a"][row] == "–"
    assert table["b"][row] == "otdd"


def test_equal_runs_differ_in_nothing():
    same = of(Choice("simple"))
    assert differing({"a": same, "b": dict(same)}) == {"setting": [], "a": [], "b": []}
