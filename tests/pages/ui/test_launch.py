"""What cannot be run is said beside a disabled Start, before a run directory is made."""

import pytest

from tests.pages.runs import runs_root, shown
from tests.tiny import tiny_task
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import save_dataset


def test_a_source_that_the_body_cannot_read_disables_the_methods_that_read_one(open_page, home):
    where = {"target": "digits", "body": "fractal-vit", "source": "scipy_docs"}
    app = open_page("align", **where)
    assert not app.exception
    assert "fractal-vit has no tokenizer, so it cannot read the text of scipy_docs" in shown(app)
    assert app.button(key="align-start").disabled
    app = open_page("refine", **where)
    assert "no tokenizer" not in shown(app)
    assert not app.button(key="refine-start").disabled
    assert not runs_root(home).exists()


def test_a_body_of_a_fixed_grid_disables_what_is_no_picture(open_page, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "swin", "depths": [2, 2]}')
    app = open_page("refine", target="breast_cancer", body=str(tmp_path))
    assert not app.exception
    assert "takes a fixed grid of image patches" in shown(app)
    assert app.button(key="refine-start").disabled
    app.selectbox(key="refine-method").set_value("simple").run()  # it has no body
    assert not app.button(key="refine-start").disabled


@pytest.mark.parametrize(
    ("task", "offered"),
    [(Task.CLASSIFICATION, set()), (Task.DENSE, {"field_loss"}), (Task.MULTILABEL, {"positive_weight"})],
)
def test_a_loss_is_asked_for_where_the_target_has_the_choice(open_page, home, task, offered):
    data = tiny_task(task, Modality.FIELD if task is Task.DENSE else Modality.IMAGE)
    save_dataset(data, home / "workspaces" / "default" / "uploads")
    app = open_page("refine", target=f"upload-{data.content_hash}")
    assert not app.exception
    keys = {widget.key for widget in (*app.number_input, *app.selectbox, *app.radio)}
    asked = {name for name in ("field_loss", "positive_weight") if f"refine-finetune-{name}" in keys}
    assert (asked, "refine-finetune-batch_size" in keys) == (offered, True)


@pytest.mark.parametrize("method", ["orca", "pare"])
def test_a_source_that_ships_is_not_drawn_for_the_question(open_page, monkeypatch, method):
    def never(*_):
        raise AssertionError("drawn")

    for name, source in SOURCES.items():
        monkeypatch.setitem(SOURCES, name, type(source)(**{**vars(source), "load": never}))
    app = open_page("refine", target="digits")
    app.selectbox(key="refine-method").set_value(method).run()
    assert not app.exception
    assert not app.button(key="refine-start").disabled
