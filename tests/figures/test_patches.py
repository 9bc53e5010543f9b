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


def test_grey_images_become_three_equal_channels_in_full_range():
    rgb = patches.as_rgb(np.array([[[0.0, 8.0], [16.0, 4.0]]]), 0.0, 16.0)
    assert rgb.shape == (2, 2, 3)
    assert rgb[..., 0].tolist() == [[0, 128], [255, 64]]
    assert (rgb == rgb[..., :1]).all()


def test_five_channels_are_averaged_and_constant_images_stay_finite():
    assert patches.as_rgb(np.ones((5, 2, 2)), 1.0, 1.0).tolist() == np.zeros((2, 2, 3), int).tolist()


def test_scores_lie_on_the_grid_of_the_image_in_raster_order_and_marked_cells_are_outlined():
    rgb = np.zeros((8, 8, 3), np.uint8)
    figure = patches.image_tokens(rgb, np.arange(4.0), np.array([1]), marked_as="taken", colour="#123456")
    heat = figure.data[1]
    assert np.asarray(heat.z).tolist() == [[0, 1], [2, 3]]
    assert (heat.x0, heat.dx, heat.y0, heat.dy) == (1.5, 4.0, 1.5, 4.0)  # cell centres, pixels from -0.5 to 7.5
    box = figure.layout.shapes[1]
    assert box.line.color == "#123456"
    assert 3.5 < box.x0 < box.x1 < 7.5  # upper right cell
    assert -0.5 < box.y0 < box.y1 < 3.5
    assert figure.data[-1].name == "taken (1)"


def test_replaced_stretches_of_a_series_are_shaded():
    figure = patches.series_tokens(np.zeros((2, 10)), np.zeros(4), np.array([3]), marked_as="replaced", colour="red")
    shaded = [s for s in figure.layout.shapes if s.type == "rect"]
    assert [(s.x0, s.x1) for s in shaded] == [(8.5, 9.5)]  # patches of 3; the last one holds a single time step
    assert len([t for t in figure.data if t.type == "scatter" and t.mode == "lines"]) == 2


def test_bars_are_split_into_marked_and_unmarked_and_names_are_no_markup():
    scores, marked = np.array([0.1, 0.2, 0.3]), np.array([0, 2])
    figure = patches.token_bars(["<i>", "b", "c"], scores, marked, marked_as="m", colour="red")
    assert figure.data[0].x == ("&lt;i&gt;", "c")
    assert list(figure.data[0].y) == [0.1, 0.3]
    assert figure.data[1].x == ("b",)


def test_spread_is_the_standard_deviation_within_samples_not_between_them():
    scores = np.array([[0.5, 0.5], [0.9, 0.9]])
    assert patches.spread(scores, np.array([[0.0, 1.0]])) == (0.0, 0.5)


def test_the_spread_curve_draws_the_first_value_as_the_line_to_beat():
    figure = patches.spread_curve([1, 2], [(0.1, 0.2), (0.3, 0.4)], 9)
    assert [trace.y for trace in figure.data] == [(0.1, 0.3), (0.2, 0.4)]
    assert [shape.y0 for shape in figure.layout.shapes] == [0.1, 0.2]


def test_tokens_of_a_table_are_features_or_groups_of_neighbours():
    assert patches.token_names("tabular", 3, 3) == ["feature 1", "feature 2", "feature 3"]
    assert patches.token_names("tabular", 2, 3) == ["features 1 to 2", "features 3 to 3"]
    assert patches.token_names("text", 2, 0) == ["token 1", "token 2"]
