import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.figures import patches


@pytest.mark.parametrize(("n", "side"), [(64, 8), (1, 1), (63, None), (2, None), (196, 14)])
def test_only_square_numbers_of_tokens_are_grids(n, side):
    assert patches.grid_side(n) == side


@given(length=st.integers(1, 500), wanted=st.integers(1, 64))
@settings(deadline=None, max_examples=60)
def test_token_intervals_are_the_patches_that_the_embedder_cuts(length, wanted):
    patch = -(-length // wanted)  # the embedder's rule: patches of equal length, at most `wanted`
    n_tokens = -(-length // patch)
    intervals = [patches.token_interval(i, n_tokens, length) for i in range(n_tokens)]
    assert intervals == [(i * patch, min((i + 1) * patch, length)) for i in range(n_tokens)]
    assert intervals[-1][1] == length


def test_spread_is_the_standard_deviation_within_samples_not_between_them():
    scores = np.array([[0.5, 0.5], [0.9, 0.9]])
    assert patches.spread(scores, np.array([[0.0, 1.0]])) == (0.0, 0.5)


def test_tokens_of_a_table_are_features_or_groups_of_neighbours():
    assert patches.token_names("tabular", 3, 3) == ["feature 1", "feature 2", "feature 3"]
    assert patches.token_names("tabular", 2, 3) == ["features 1 to 2", "features 3 to 3"]
    assert patches.token_names("text", 2, 0) == ["token 1", "token 2"]
