"""A settings class is a form."""

from dataclasses import dataclass

import pytest

from pages.ui import forms
from xmodal_core.settings import setting


def test_a_form_asks_for_every_kind_of_setting():
    @dataclass(frozen=True)
    class Settings:
        rate: float = setting(5e-4, "Learning rate", low=1e-7, high=1.0)
        k: int = setting(10, "Neighbours", low=1, high=200, unit="samples")
        metric: str = setting("cosine", "Distance", choices=("euclidean", "cosine"))
        exact: bool = setting(True, "Exact")

    assert forms.edit(Settings, "form") == {"rate": 5e-4, "k": 10, "metric": "cosine", "exact": True}
    assert forms.edit(Settings, "part", only=("k",)) == {"k": 10}
    assert forms._step(5e-4) == pytest.approx(1e-5)


def test_what_is_read_beside_another_choice_alone_is_shown_beside_it(open_page):
    app = open_page("align", target="digits")
    app.selectbox(key="align-method").set_value("mona").run()
    assert {"align-mona-strength"} <= {one.key for one in app.number_input}
    assert not {"align-mona-inner_rate", "align-mona-meta_weight"} & {one.key for one in app.number_input}
    app.radio(key="align-mona-compat").set_value("earlier").run()
    assert not app.exception
    assert {"align-mona-inner_rate", "align-mona-meta_weight"} <= {one.key for one in app.number_input}
    assert "align-mona-strength" not in {one.key for one in app.number_input}
