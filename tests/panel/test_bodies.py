"""The panel over several bodies is the panels of each, side by side."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.panel.whole import measured
from tests.readings import accuracy, reading
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.gap import METRICS
from xmodal_core.panel.bodies import (
    BodiesProgress,
    BodiesReport,
    OfBody,
    across_bodies,
    comparison_caption,
    comparison_lines,
    comparison_table,
    measure_bodies,
    position,
    position_text,
)
from xmodal_core.panel.measure import DONE
from xmodal_core.panel.request import GapRequest


@pytest.fixture(scope="module")
def request_(files: TinyFiles) -> GapRequest:
    metrics = ("centroid", "target_knn")
    return GapRequest(
        files.data(Modality.IMAGE, n=120), files.data(Modality.SERIES, n=90), files.body, metrics=metrics, n=50
    )


@pytest.fixture(scope="module")
def way(request_: GapRequest, files: TinyFiles) -> Iterator[list[BodiesProgress]]:
    """Two bodies that work and between them one that is none."""
    with pytest.MonkeyPatch.context() as patch:
        for name, entry in METRICS.items():
            patch.setitem(METRICS, name, replace(entry, n_subsamples=5))
        bodies = (files.body, str(files.folder), files.text_body, files.body)
        yield list(measure_bodies(across_bodies(request_, bodies)))


def test_requests_are_those_of_each_body_with_their_keys(request_: GapRequest, files: TinyFiles) -> None:
    first, second = across_bodies(request_, (files.body, files.text_body, files.body))
    assert first == request_
    assert second.key() == replace(request_, body=files.text_body).key()
    assert [r.source for r in across_bodies(request_, ("a", "b", "a"), ("x", "y", "z"))] == ["x", "y"]


def test_what_is_no_comparison_of_bodies_is_refused(request_: GapRequest, refusal: Callable[..., str]) -> None:
    raw = replace(request_, space="raw")
    refusal(lambda: across_bodies(raw, ("a", "b")), "raw inputs are the same for every body")
    refusal(lambda: across_bodies(request_, ("a", "b", "c"), ("x", "y")), "2 sources for 3 bodies")
    refusal(lambda: across_bodies(request_, map(str, range(13))), "13 bodies, expected 12 at most")


def test_a_body_that_is_refused_is_a_row_and_takes_no_other_down(
    way: list[BodiesProgress], request_: GapRequest, files: TinyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = way[-1]
    assert last.line == DONE
    image, none, text = last.report.bodies
    assert (none.body, none.report) == (str(files.folder), None)
    assert none.refused is not None
    assert "config.json" in none.refused
    for name, entry in METRICS.items():
        monkeypatch.setitem(METRICS, name, replace(entry, n_subsamples=5))
    for one in (image, text):
        alone = measured(replace(request_, body=one.body))
        assert one.report is not None
        assert one.report.complete
        assert one.report.readings == alone.readings
    table = comparison_table(last.report)
    assert table["metric"] == ["every measure"] + ["Target kNN accuracy"] * 2 + ["Centroid distance"] * 2
    assert table["body"] == [str(files.folder)] + [files.body, files.text_body] * 2
    assert table["finding"][0] == none.refused
    assert table["value"][0] is None
    assert None not in (*table["n"][1:], *table["floor or chance"][1:], *table["95 % low"][1:])


def test_it_fills_as_it_goes(way: list[BodiesProgress], files: TinyFiles) -> None:
    """The number of bodies in a report only grows, and a body has one reading after the other."""
    bodies = [len(progress.report.bodies) for progress in way]
    assert bodies == sorted(bodies)
    assert bodies[-1] == 3
    of_text = [p.report.bodies[-1].report for p in way[:-1] if p.report.bodies[-1].body == files.text_body]
    counts = [0 if report is None else len(report.readings) for report in of_text]
    assert counts == sorted(counts)
    assert set(counts) == {0, 1}  # the second one comes with the end
    assert any(progress.line.startswith(f"{files.text_body}: Measuring") for progress in way)


def test_where_every_body_is_refused_the_first_sentence_is_the_answer(
    request_: GapRequest, files: TinyFiles, refusal: Callable[..., str]
) -> None:
    requests = across_bodies(request_, (str(files.folder), "/no/such/folder"))
    refusal(lambda: list(measure_bodies(requests)), "config.json")


def test_a_comparison_comes_back_from_its_json(way: list[BodiesProgress]) -> None:
    found = way[-1].report.to_json()
    assert found["schema"] == 1
    assert [set(one) for one in found["bodies"]] == [
        {"body", "source", "report"},
        {"body", "source", "refused"},
        {"body", "source", "report"},
    ]
    assert BodiesReport.from_json(found) == way[-1].report


def test_a_position_by_hand() -> None:
    """Floor 2, ceiling 10: 6 is half of the way, its interval [5.5, 6.5] from 43.75 % to 56.25 %."""
    assert position(reading()) == (50, 43.75, 56.25)
    assert position_text(reading()) == "50 % [44, 56]"
    assert position(reading(floor=10.0, ceiling=2.0)) == (50, 43.75, 56.25)  # one that falls as the gap grows
    assert position(reading(interval=None)) == (50, None, None)
    assert position_text(reading(value=1.0, interval=None)) == "−12 %"
    assert position(reading(ceiling=2.0)) is None
    assert position_text(accuracy()) == "–"


def test_the_lines_say_what_cannot_be_compared_and_have_a_minus_that_scripts_read(
    way: list[BodiesProgress], files: TinyFiles
) -> None:
    lines = comparison_lines(way[-1].report)
    assert not any("−" in line for line in lines)
    assert f"{files.folder} refused: " in lines[-2]
    for word in ("do not rank bodies", "floor (0 %)", "ceiling (100 %", "no promise"):
        assert word in lines[-1]
    assert [line.split()[0] for line in lines if "of floor to ceiling;" in line] == [files.body, files.text_body]


def test_own_sources_are_told() -> None:
    one, two = OfBody("a", "fractals", refused="No."), OfBody("b", "scipy_docs", refused="No.")
    assert "each body against its own source" in comparison_caption(BodiesReport((one, two)))
    assert "Both sides" in comparison_caption(BodiesReport((one, replace(two, source="fractals"))))
