from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.panel.whole import measured
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.errors import DataError
from xmodal_core.gap.projection import LinearProjection
from xmodal_core.panel.drawn import embedded_again
from xmodal_core.panel.kept import read_umap, write_umap
from xmodal_core.panel.points import Points
from xmodal_core.panel.request import GapRequest
from xmodal_core.panel.umap_points import keep_umap_points, kept_umap_points, umap_points

UMAP = "xmodal_core.panel.umap_points.umap_projection"


@pytest.fixture
def far(tmp_path: Path) -> GapRequest:
    """Two clouds that share no neighbour, on the raw inputs."""
    for name, shift in (("a", 0), ("b", 40)):
        x = np.random.default_rng(shift).normal(size=(60, 4)) + shift
        np.savez(tmp_path / f"{name}.npz", X=x, y=np.arange(60) % 2)
    a, b = (str(tmp_path / f"{name}.npz") for name in "ab")
    return GapRequest(a, b, space="raw", n=30, metrics=("centroid",), curve=False, seed=2)


def points_of(request: GapRequest) -> Points:
    return measured(request).points


def test_the_same_rows_are_drawn_and_clouds_far_apart_stay_apart(far: GapRequest) -> None:
    linear = points_of(far)
    umap = umap_points(embedded_again(far, linear), linear, far.seed)
    for name in ("source", "target"):
        before, after = getattr(linear, name), getattr(umap, name)
        assert replace(after, xy=before.xy) == before
        assert after.xy != before.xy
    assert umap.explained is None
    xy = np.array(umap.source.xy + umap.target.xy)
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2) + np.diag(np.full(60, np.inf))
    assert ((apart.argmin(axis=1) < 30) == (np.arange(60) < 30)).all()
    assert umap_points(embedded_again(far, linear), linear, far.seed) == umap


def test_what_a_network_embedded_is_embedded_again_and_nothing_else(
    files: TinyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The map is given the features that the projection was fitted on, and starts from its picture."""
    request = GapRequest(
        files.data(Modality.IMAGE),
        files.data(Modality.SERIES),
        files.body,
        n=30,
        metrics=("centroid",),
    )
    seen: list[np.ndarray] = []
    fit = LinearProjection.fit
    monkeypatch.setattr(LinearProjection, "fit", lambda s, t: seen.append(np.concatenate([s, t])) or fit(s, t))
    linear = points_of(request)
    given: list[np.ndarray] = []
    monkeypatch.setattr(UMAP, lambda features, start, seed: given.append(features) or start)
    found = umap_points(embedded_again(request, linear), linear, request.seed)
    assert np.array(found.source.xy) == pytest.approx(np.array(linear.source.xy), abs=1e-4)
    np.testing.assert_allclose(np.sort(given[0], axis=0), np.sort(seen[0], axis=0), rtol=1e-4, atol=1e-5)


def test_a_map_is_kept_and_found_for_the_same_rows_only(
    far: GapRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UMAP, lambda features, start, seed: start + seed)
    path, linear = tmp_path / "r.json", points_of(far)
    assert kept_umap_points(path, linear) is None
    fitted = keep_umap_points(path, far, linear)
    assert kept_umap_points(path, linear) == fitted == read_umap(path)
    assert fitted.source.xy[0] == pytest.approx([place + 2 for place in linear.source.xy[0]], abs=1e-4)
    write_umap(path, replace(fitted, source=replace(fitted.source, uid=["other"])))
    assert kept_umap_points(path, linear) is None
    path.with_suffix(".umap.json").write_text("{")
    assert kept_umap_points(path, linear) is None


def test_rows_that_the_data_no_longer_have_are_refused(far: GapRequest) -> None:
    linear = points_of(far)
    gone = replace(linear, source=replace(linear.source, uid=["gone", *linear.source.uid[1:]]))
    with pytest.raises(DataError, match="has no sample gone"):
        embedded_again(far, gone)
