"""Finished runs in a browser: the verdict first, rows of the table draw curves, figures and tables are taken away."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from tests.browser.driving import settle
from tests.pages.runs import written_run

pytestmark = pytest.mark.browser
TABLE_HEAD, ROW = 36, 35  # pixels


@pytest.fixture(scope="module")
def finished(server):
    for seed in range(3):
        written_run(server.home, "finetune", seed=seed, accuracy=0.94 + 0.01 * seed)
        written_run(server.home, "scratch", seed=seed, accuracy=0.80 + 0.01 * seed)
    return server


def test_the_answer_is_on_the_first_screen_and_rows_draw_their_curves(finished, page, picture):
    from playwright.sync_api import expect

    page.goto(f"{finished.url}/compare?target=digits")
    answer = page.get_by_role("heading", name="The pretrained transformer helps; which way of using it is best")
    expect(answer).to_be_in_viewport()
    figure = page.get_by_role("figure", name="Paired differences; those within 1 points do not matter.")
    expect(figure).to_be_in_viewport()
    settle(page)
    picture("comparison-1")
    expect(page.get_by_role("region", name="States of 6 runs.")).to_have_count(1)  # once, not twice
    rows = page.locator(".st-key-board-states .dvn-scroller")
    rows.scroll_into_view_if_needed()
    for row in (0, 3):
        rows.click(position={"x": 16, "y": TABLE_HEAD + ROW * row + 16})
        settle(page)
    said = "Validation score: Fine-tuning, seed 0, 0.7500 after 5 steps, test 0.9400; From scratch, seed 0"
    expect(page.get_by_role("figure", name=said)).to_be_visible()
    expect(page.get_by_text("Only what differs:")).to_be_visible()
    picture("comparison-2-linked")


def test_figures_and_tables_are_taken_away(finished, page):
    page.goto(f"{finished.url}/compare?target=digits")
    figure = page.locator(".st-key-verdict-picture .js-plotly-plot")
    figure.hover()
    for kind, first in (("an SVG", b"<svg"), ("a PNG", b"\x89PNG")):
        with page.expect_download() as download:
            figure.locator(f".modebar-btn[data-title='Download plot as {kind}']").click()
        assert Path(download.value.path()).read_bytes().startswith(first)
        assert download.value.suggested_filename == f"verdict-picture.{kind[-3:].lower()}"
    settle(page)
    page.get_by_role("button", name="Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Table of methods, CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    assert [(row["arm"], row["seeds"]) for row in rows] == [("finetune", "3"), ("scratch", "3")]
    with page.expect_download() as download:
        page.get_by_role("button", name="Runs without weights, zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len([name for name in archive.namelist() if name.endswith("result.json")]) == 6


def test_the_report_is_downloaded_as_one_file(finished, page):
    page.goto(f"{finished.url}/report?target=digits")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as one HTML file").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Does fractal-vit help on digits?" in text
    assert str(finished.home) not in text
    page.emulate_media(media="print")
    settle(page)
    assert not page.get_by_role("button", name="Download as one HTML file").is_visible()
    assert not page.get_by_role("navigation").is_visible()
