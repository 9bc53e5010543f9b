from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.embedding import Embedding, Scaling, Space, embed
from xmodal_core.errors import DataError
from xmodal_core.evaluation import evaluate, predict
from xmodal_core.model.crossmodal import load_body, make_model


def test_raw_features_are_the_flattened_inputs() -> None:
    data = tiny_dataset(Modality.SERIES)
    found = embed(data, None, Space.RAW, np.array([3, 1]))
    assert np.array_equal(found.features, data.inputs[[3, 1]].reshape(2, -1))
    assert found.uid.tolist() == [data.uid[3], data.uid[1]]


def test_text_has_no_raw_features() -> None:
    with pytest.raises(DataError, match="no raw features"):
        embed(tiny_dataset(Modality.TEXT), None, Space.RAW)


@pytest.mark.parametrize("space", [Space.EMBEDDER, Space.BODY])
def test_features_do_not_depend_on_what_else_is_in_the_batch(space: Space, files: TinyFiles) -> None:
    data = tiny_dataset(Modality.IMAGE, n=300)
    model = make_model(data, load_body(files.body))
    whole = embed(data, model, space)
    some = embed(data, model, space, np.array([299, 7]))
    np.testing.assert_allclose(some.features, whole.features[[299, 7]], atol=1e-5)
    assert model.training  # left as it was found


def test_scaling_brings_the_source_to_mean_zero_and_average_variance_one() -> None:
    rng = np.random.default_rng(0)
    features = (rng.normal(size=(500, 3)) * [1, 2, 3] + 5).astype(np.float32)
    cloud = Embedding(features, np.zeros(500, int), np.arange(500).astype(str), ("a",), Space.RAW, "")
    scaled = Scaling.fit(features).apply(cloud).features
    assert np.abs(scaled.mean(axis=0)).max() < 1e-5
    assert scaled.var(axis=0).mean() == pytest.approx(1, rel=1e-4)
    assert scaled.var(axis=0)[2] > 2 * scaled.var(axis=0)[0]  # one scalar: directions keep their proportions


def cloud(**changes: object) -> Embedding:
    values = {
        "features": np.zeros((4, 2), np.float32),
        "labels": np.array([0, 1, 0, 1]),
        "uid": np.array(["a", "b", "c", "d"]),
        "class_names": ("x", "y"),
        "space": Space.RAW,
        "provenance": "digits (raw inputs)",
    }
    return Embedding(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"features": np.zeros(4)}, ("features of shape (4,)", "expected (n, d) numbers")),
        ({"features": np.full((4, 2), "a")}, ("type <U1", "expected (n, d) numbers")),
        ({"labels": np.zeros(3, int)}, ("labels of shape (3,)", "each of its 4 rows")),
        ({"labels": np.array(1)}, ("labels of shape ()",)),
        ({"uid": np.array(["a"] * 5)}, ("uid of shape (5,)", "each of its 4 rows")),
        ({"weights": np.ones(3)}, ("weights of shape (3,)", "each of its 4 rows")),
        ({"weights": np.array([1.0, 0.0, 1.0, 1.0])}, ("weights that are not all above zero",)),
        ({"weights": np.array([1.0, np.nan, 1.0, 1.0])}, ("weights that are not all above zero",)),
    ],
)
def test_an_embedding_whose_parts_do_not_fit_is_refused(
    changes: dict[str, object], words: tuple[str, ...], refusal: Callable[..., str]
) -> None:
    refusal(lambda: cloud(**changes), "digits (raw inputs) has", *words)


def test_an_embedding_takes_what_metrics_refuse_in_their_own_words_and_targets_that_are_no_classes() -> None:
    assert len(cloud(features=np.full((4, 2), np.inf))) == 4
    assert len(cloud(labels=np.zeros((4, 8, 8), np.float32))) == 4
    some = cloud(weights=np.arange(1.0, 5.0)).take(np.array([3, 1]))
    assert (some.uid.tolist(), some.weights.tolist()) == (["d", "b"], [4.0, 2.0])


def test_scaling_of_a_constant_cloud_divides_by_one() -> None:
    assert Scaling.fit(np.ones((4, 2), np.float32)).scale == 1.0


def test_accuracy_balanced_accuracy_and_loss_by_hand(files: TinyFiles) -> None:
    """A predictor that always says class 0, on 36 rows of which a third are class 0."""
    data = tiny_dataset(Modality.IMAGE)
    model = make_model(data, load_body(files.body))
    with torch.no_grad():
        linear = model.predictor[-1]
        linear.weight.zero_()
        linear.bias.copy_(torch.tensor([2.0, 0.0, 0.0]))
    result = evaluate(model, data, "train")
    assert result is not None
    assert (result.accuracy, result.balanced_accuracy, result.n) == (pytest.approx(1 / 3), pytest.approx(1 / 3), 36)
    log_sum = np.log(np.exp(2) + 2)
    assert result.loss == pytest.approx(log_sum - 2 / 3, rel=1e-5)
    assert predict(model, data, data.rows("test")).shape == (len(data.rows("test")), 3)
