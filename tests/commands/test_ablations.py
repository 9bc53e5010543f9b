import json

from tests.command_line import call
from xmodal_core.runs.ablations import ABLATIONS


def test_every_ablation_is_listed_with_what_makes_it(capsys):
    code, out, _ = call(capsys, "ablations", "--json")
    assert code == 0
    assert [one["name"] for one in json.loads(out)] == list(ABLATIONS)
    text = call(capsys, "ablations", "--method", "orca")[1]
    assert [line.split()[0] for line in text.splitlines() if line[:1].strip()] == [
        "orca_unaligned",
        "orca_random",
        "orca_random_unaligned",
    ]
    parts = {"method": "orca", "settings": {"embedder_init": "random"}, "budget": {"align_steps": 0}}
    assert f"run SPEC.json --ablation orca_random_unaligned, or {json.dumps(parts)}" in text
    assert "the same as  finetune" in text


def test_a_method_without_ablations_is_told_which_have_some(capsys):
    code, _, err = call(capsys, "ablations", "--method", "scratch")
    assert code == 2
    assert "no ablation of 'scratch', expected one of orca, pare," in err
