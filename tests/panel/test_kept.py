import json
from dataclasses import replace
from pathlib import Path

import pytest

from xmodal_core.gap.against_n import CurvePoint
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.kept import (
    read_report,
    read_request,
    read_umap,
    write_report,
    write_request,
    write_umap,
)
from xmodal_core.panel.points import CloudPoints, Points
from xmodal_core.panel.report import Context, GapReport
from xmodal_core.panel.request import GapRequest

POINTS = Points(
    CloudPoints([[0.0, 1.0]], ["a"], ["s/0"], [0.5]),
    CloudPoints([[2.0, 3.0], [4.0, 5.0]], ["b", "c"], ["t/0", "t/1"]),
    (0.5, 0.25),
    "mean difference",
)
READING = GapReading(1.0, "units", 0.5, None, (0.9, 1.1), None, 2, 0, {"floor_n": 2}, None)
REPORT = GapReport(
    source="s",
    target="t",
    space="raw",
    body="",
    readings={"knn": READING},
    points=POINTS,
    n=2,
    seed=0,
    device="cpu",
    seconds=1.5,
    metrics=("knn", "otdd"),
    curves={"knn": (CurvePoint(50, 1.0, 0.5, None),)},
    refused={"otdd": "Too few rows."},
    context=Context({"source": 1.5, "target": None}, {"target": "clusters"}),
)


def test_what_was_kept_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "0123.json"
    request = GapRequest("a", "b", metrics=("knn", "otdd"), settings={"knn": {"k": 3}}, n=None, seed=4)
    umap = replace(POINTS, explained=None, horizontal="UMAP 1")
    write_report(path, REPORT)
    write_request(path, request)
    write_umap(path, umap)
    assert (read_report(path), read_request(path), read_umap(path)) == (REPORT, request, umap)
    assert read_request(path).key() == request.key()
    assert {p.name for p in path.parent.iterdir()} == {"0123.json", "0123.request.json", "0123.umap.json"}


def test_the_files_are_plain_json_of_the_documented_keys(tmp_path: Path) -> None:
    write_report(tmp_path / "r.json", REPORT)
    stored = json.loads((tmp_path / "r.json").read_text())
    assert stored["points"] == {
        "explained": [0.5, 0.25],
        "horizontal": "mean difference",
        "source": [[0.0, 1.0]],
        "source_labels": ["a"],
        "source_uid": ["s/0"],
        "source_mixing": [0.5],
        "target": [[2.0, 3.0], [4.0, 5.0]],
        "target_labels": ["b", "c"],
        "target_uid": ["t/0", "t/1"],
    }
    assert stored["curves"] == {"knn": [{"n": 50, "value": 1.0, "sd": 0.5, "floor": None}]}
    assert stored["context"] == {
        "intrinsic_dimension": {"source": 1.5, "target": None},
        "pseudo_labels": {"target": "clusters"},
    }


def test_a_report_from_before_curves_and_context_is_read(tmp_path: Path) -> None:
    values = REPORT.to_json()
    old = {key: value for key, value in values.items() if key not in ("curves", "context", "refused", "complete")}
    (tmp_path / "r.json").write_text(json.dumps(old))
    assert read_report(tmp_path / "r.json") == replace(REPORT, curves={}, context=Context(), refused={})


@pytest.mark.parametrize(
    "content", ["", "[]", "3", "null", "{", "{}", '{"readings": 3}', '{"source": 3, "metrics": 4}', '{"explained": []}']
)
def test_any_file_but_ours_and_none_at_all_read_as_nothing(content: str, tmp_path: Path) -> None:
    path = tmp_path / "0123.json"
    assert (read_report(path), read_request(path), read_umap(path)) == (None, None, None)
    for name in ("0123.json", "0123.request.json", "0123.umap.json"):
        (tmp_path / name).write_text(content)
    assert (read_report(path), read_request(path), read_umap(path)) == (None, None, None)


def test_points_that_are_damaged_make_the_report_damaged(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(REPORT.to_json() | {"points": {"source": []}}))
    assert read_report(tmp_path / "r.json") is None
