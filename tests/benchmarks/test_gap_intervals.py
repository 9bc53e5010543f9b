"""The simulation behind the default of class shares, on few draws of a cheap reading."""

import pytest

from benchmarks.gap_intervals import coverage, main
from xmodal_core.errors import XModalError
from xmodal_core.gap import METRICS


def test_kept_shares_cover_too_little_where_shares_are_drawn_and_drawn_ones_never_do() -> None:
    found = coverage(METRICS["centroid"], n=60, draws=60, truth_draws=300)
    assert found["sampled", "fixed"] < 0.85
    assert min(found["sampled", "sampled"], found["fixed", "fixed"], found["fixed", "sampled"]) > 0.88


def test_it_prints_a_line_a_metric_and_kind_of_rows(capsys) -> None:
    main(["--metrics", "centroid", "--rows", "40", "--draws", "2", "--truth", "4"])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["metric", "rows"]
    assert [row.split()[:3] for row in rows] == [["centroid", "40", "sampled"], ["centroid", "40", "fixed"]]
    with pytest.raises(XModalError, match="metric is 'tea'"):
        main(["--metrics", "tea"])
