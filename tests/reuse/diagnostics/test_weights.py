import numpy as np
import pytest

from xmodal_core.reuse.diagnostics.weights import REST, group_of, weight_distance

BEFORE = {
    "transformer.layers.0.mlp.weight": np.array([[3.0, 4.0]]),
    "transformer.layers.0.mlp.bias": np.zeros(2),
    "transformer.layers.10.mlp.weight": np.array([[1.0]]),
    "prefix": np.array([2.0]),
}


def test_the_same_weights_are_at_distance_zero():
    found = weight_distance(BEFORE, {k: v.copy() for k, v in BEFORE.items()})
    assert found == {"layer 1": 0, "layer 11": 0, REST: 0, "all": 0}


def test_distance_is_relative_to_the_norm_of_the_group():
    """Layer 1: |(0, 0, 3, 4)| / |(3, 4)| = 1; rest: 1 / 2; all: sqrt(25 + 0 + 1) / sqrt(25 + 1 + 4)."""
    after = BEFORE | {"transformer.layers.0.mlp.bias": np.array([3.0, 4.0]), "prefix": np.array([3.0])}
    found = weight_distance(BEFORE, after)
    assert list(found) == ["layer 1", "layer 11", REST, "all"]
    assert found == pytest.approx({"layer 1": 1, "layer 11": 0, REST: 0.5, "all": np.sqrt(26 / 30)})


def test_doubling_every_weight_is_a_distance_of_one_everywhere():
    assert set(weight_distance(BEFORE, {k: 2 * v for k, v in BEFORE.items()}).values()) == {1.0}


def test_layers_are_read_from_names_of_every_family():
    assert group_of("transformer.encoder.layer.3.attention.self.query.weight") == "layer 4"
    assert group_of("transformer.encoder.layers.1.blocks.0.norm.weight") == "layer 2"
    assert group_of("transformer.layernorm.weight") == REST


def test_another_network_is_refused(refusal):
    refusal(lambda: weight_distance(BEFORE, {"prefix": np.zeros(1)}), "4 tensors")
    refusal(lambda: weight_distance(BEFORE, BEFORE | {"prefix": np.zeros(2)}), "shapes")
    refusal(lambda: weight_distance({}, {}), "0 tensors")
