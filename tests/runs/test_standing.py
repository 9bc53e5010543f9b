"""What a method says of itself is kept with the result of its run."""

import pytest

from xmodal_core.methods import METHODS
from xmodal_core.runs.result import Standing
from xmodal_core.runs.standing import standing_of


@pytest.mark.parametrize(
    ("method", "guided", "stands_for", "role"),
    [
        ("finetune", False, "finetune", "A"),
        ("finetune", True, "lsg", "B"),
        ("orca", True, "orca", "B"),
        ("simple", False, "simple", "D"),
        ("frozen", True, "", ""),
        ("of another version", False, "of another version", ""),
        ("of another version", True, "", ""),
    ],
)
def test_guidance_makes_lsg_of_fine_tuning_and_of_nothing_else(
    method: str, guided: bool, stands_for: str, role: str
) -> None:
    found = standing_of(method, {}, guided)
    assert (found.method, found.role) == (stands_for, role)


def test_only_settings_that_are_not_the_defaults_are_a_runs_own() -> None:
    default = METHODS["finetune"]().learning_rate
    given = {"learning_rate": default, "batch_size": 7}
    assert standing_of("finetune", given, False) == Standing("finetune", "A", {"batch_size": 7})
    assert standing_of("of another version", given, False).settings == given
