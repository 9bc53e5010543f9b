from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.panel.drawn import drawn_features, kept_features
from xmodal_core.panel.kept import MAX_WIDTH, read_features, write_features
from xmodal_core.panel.measure import measure_gap
from xmodal_core.panel.request import GapRequest


@pytest.fixture(scope="module")
def request_(files: TinyFiles) -> GapRequest:
    return GapRequest(
        files.data(Modality.IMAGE), files.data(Modality.SERIES), files.body, n=30, metrics=("centroid",), curve=False
    )


def test_what_a_measurement_hands_on_is_kept_and_is_what_embedding_again_gives(
    request_: GapRequest, tmp_path: Path
) -> None:
    way = list(measure_gap(request_))
    (features,) = [progress.features for progress in way if progress.features is not None]
    points = way[-1].report.points
    path = tmp_path / "r.json"
    assert kept_features(path, points) is None
    again = drawn_features(path, request_, points)
    for one, other, kept in zip(features, again, read_features(path), strict=True):
        np.testing.assert_allclose(one.features, other.features, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(other.features, kept.features)
        assert one.uid.tolist() == other.uid.tolist() == kept.uid.tolist()
        assert one.labels.tolist() == kept.labels.tolist()
        assert one.class_names == kept.class_names


def test_features_of_other_rows_are_not_taken_for_these(request_: GapRequest, tmp_path: Path) -> None:
    *_, last = measure_gap(request_)
    path, points = tmp_path / "r.json", last.report.points
    drawn_features(path, request_, points)
    assert kept_features(path, points) is not None
    assert kept_features(path, replace(points, source=replace(points.source, uid=["other"]))) is None
    path.with_suffix(".features.npz").write_bytes(b"no archive")
    assert kept_features(path, points) is None


def test_very_wide_rows_are_not_kept(request_: GapRequest, tmp_path: Path) -> None:
    *_, last = measure_gap(request_)
    path = tmp_path / "r.json"
    source, target = drawn_features(path, request_, last.report.points)
    path.with_suffix(".features.npz").unlink()
    wide = replace(source, features=np.zeros((len(source), MAX_WIDTH + 1), np.float32))
    write_features(path, wide, target)
    assert read_features(path) is None
