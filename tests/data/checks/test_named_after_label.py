import numpy as np
import pytest

from tests.data.readers.tabular.tabled import dataset
from xmodal_core.data.understanding import Caution

RNG = np.random.default_rng(0)
OAK = np.arange(80) % 2 == 0
KINDS = np.where(OAK, "oak", "elm").tolist()
NOISE = RNG.normal(size=80)


def leaks(name: str, values: np.ndarray, **said: object) -> list[Caution]:
    found = dataset({"height": NOISE, name: values, "label": KINDS}, **said).understanding
    assert found is not None
    return [one for one in found.warnings if one.code == "determines-label" and "by its name" in one.message]


def test_a_feature_that_is_called_after_a_class_and_tells_it_is_told_of() -> None:
    scores = np.where(OAK, 0.6, 0.4) + RNG.normal(size=80) * 0.05
    (warning,) = leaks("p_oak", scores)
    assert warning.mends is not None
    assert warning.mends.drop == ("p_oak",)
    assert not leaks("p_oak", scores, drop=("p_oak",))


@pytest.mark.parametrize(("name", "tells"), [("p_oak", False), ("p_birch", True), ("oak", True)])
def test_a_name_alone_or_a_value_alone_is_no_leak_of_this_kind(name: str, tells: bool) -> None:
    scores = (np.where(OAK, 0.6, 0.4) if tells else 0.5) + RNG.normal(size=80) * 0.05
    assert not leaks(name, scores)


@pytest.mark.parametrize("name", ["y_pred", "predicted_label", "model prediction"])
def test_a_prediction_of_the_label_is_told_of_whatever_it_is_worth(name: str) -> None:
    assert len(leaks(name, RNG.normal(size=80))) == 1
