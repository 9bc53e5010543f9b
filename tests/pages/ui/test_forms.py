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
