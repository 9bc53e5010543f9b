"""One damaged run takes no page of its workspace down, and is said."""

import shutil

import pytest

from tests.pages.runs import shown, written_run
from tests.runs.test_damage import KINDS

FILES = ("spec.json", "state.json", "result.json", "steps.jsonl", "control.json", "proc.json", "reuse.json")
PAGES = ("start", "compare", "report", "refine")


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_of_damage_is_shown_beside_what_is_sound(open_page, home, page):
    """One sound run and one of every kind of damage to every file, all in one workspace."""
    sound = written_run(home, "finetune", accuracy=0.9)
    for file in FILES:
        for kind, content in enumerate(KINDS.values()):
            broken = shutil.copytree(sound.path, sound.path.with_name(f"{file.split('.')[0]}-{kind}"))
            (broken / file).write_bytes(content)
    app = open_page(page, target="digits", **({"run": "state-0"} if page == "refine" else {}))
    assert not app.exception
    assert not [error.value for error in app.error]
    if page != "refine":
        assert "damaged" in " ".join(expander.label for expander in app.expander)
        assert "cannot be read" in shown(app)


@pytest.mark.parametrize("file", FILES)
def test_a_damaged_run_that_is_opened_is_a_sentence(open_page, home, file):
    run = written_run(home, "finetune", accuracy=0.9)
    for content in (KINDS["cut"], KINDS["no text"], KINDS["deep"]):
        (run.path / file).write_bytes(content)
        for page in ("refine", "reuse"):
            assert not open_page(page, target="digits", run=run.path.name).exception
