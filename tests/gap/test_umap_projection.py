import numpy as np
import pytest

from xmodal_core.gap.umap_projection import N_NEIGHBOURS, umap_projection


def clusters(n: int, d: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Two clusters of n rows, fifty standard deviations apart, and where to start: nowhere in particular."""
    rng = np.random.default_rng(0)
    features = np.r_[rng.normal(size=(n, d)), rng.normal(size=(n, d)) + 50].astype(np.float32)
    return features, rng.normal(size=(2 * n, 2))


def test_every_nearest_neighbour_in_the_plane_is_of_the_own_cluster() -> None:
    n = 60
    xy = umap_projection(*clusters(n), seed=0)
    assert (xy.shape, xy.dtype) == ((2 * n, 2), np.float32)
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert ((apart.argmin(axis=1) < n) == (np.arange(2 * n) < n)).all()


def test_the_same_seed_gives_the_same_picture_and_another_seed_another() -> None:
    first, again, other = (umap_projection(*clusters(30), seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("rows", [3, 4, N_NEIGHBOURS])
def test_fewer_rows_than_neighbours_are_placed(rows: int) -> None:
    features, start = clusters(N_NEIGHBOURS)
    xy = umap_projection(features[:rows], start[:rows], 0)
    assert (xy.shape, np.isfinite(xy).all()) == ((rows, 2), True)


@pytest.mark.parametrize("start", [np.zeros((40, 2)), np.c_[np.arange(40.0), np.zeros(40)]])
def test_rows_that_start_in_one_place_or_on_one_line_get_places(start: np.ndarray) -> None:
    xy = umap_projection(np.random.default_rng(0).normal(size=(40, 1)), start, 0)
    assert np.isfinite(xy).all()
    assert (xy.std(axis=0) > 0).all()


@pytest.mark.parametrize("features", [np.ones((2, 3)), np.full((9, 3), np.inf), np.full((9, 3), np.nan)])
def test_too_few_rows_and_what_is_no_number_are_refused(features: np.ndarray, refusal) -> None:
    refusal(lambda: umap_projection(features, np.zeros((len(features), 2)), 0), "expected at least 3 rows of finite")
