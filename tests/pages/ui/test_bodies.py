"""The same gap panel over several bodies, as a person asks for it under the panel of one."""

import json
import time

import pytest

from tests.pages.runs import shown
from tests.tiny import TinyFiles
from xmodal_core.panel import background, measure
from xmodal_core.panel.request import GapRequest


@pytest.fixture
def panel(open_page, home, files: TinyFiles):
    """Digits against digits on a tiny body, measured."""
    app = open_page("gap", target="digits", source="digits", body=files.body)
    app.number_input(key="n").set_value(60).run()
    app.multiselect(key="metrics").set_value(["centroid", "target_knn"]).run()
    app.button(key="measure").click().run()
    assert background.find(kept(app, home)).wait(60)
    app.session_state["gap-others"] = True  # its fold is opened
    app.run()
    assert not app.exception
    return app


def kept(app, home, key: str = ""):
    asked = app.query_params["gap"]
    name = key or (asked[0] if isinstance(asked, list) else asked)
    return home / "workspaces" / "default" / "gap" / f"{name}.json"


def choose(app, *bodies: str):
    return next(box for box in app.multiselect if box.key.startswith("gap-bodies")).set_value(list(bodies)).run()


def of_other(app, home, body: str):
    """Where the panel of another body is kept: under the key of a request of its own."""
    asked = json.loads(kept(app, home).with_suffix(".request.json").read_text())
    return kept(app, home, GapRequest.from_json(asked | {"body": body}).key())


def finish(app, home, *bodies: str):
    for body in bodies:
        assert background.find(of_other(app, home, body)).wait(60)
    return app.run()


def table(app):
    return next(frame.value for frame in app.dataframe if "body" in frame.value)


def test_bodies_are_compared_row_by_row_and_one_that_is_none_is_a_row(panel, home, files):
    none = str(home / "none")
    app = choose(panel, files.body, files.text_body, none)
    assert "Not measured yet" in shown(app)
    before = kept(app, home).stat().st_mtime_ns
    app = finish(app.button(key="gap-compare").click().run(), home, files.text_body, none)
    assert not app.exception
    found = table(app)
    assert list(found["metric"]) == ["every measure"] + ["Target kNN accuracy"] * 2 + ["Centroid distance"] * 2
    assert list(found["body"]) == [none] + [files.body, files.text_body] * 2
    assert "no such folder" in found["finding"].iloc[0]
    assert "do not rank bodies by the value" in shown(app)
    assert kept(app, home).stat().st_mtime_ns == before  # what was measured is not measured again
    assert json.loads(of_other(app, home, files.text_body).read_text())["complete"]


def test_a_refresh_finds_the_same_comparison(panel, open_page, home, files):
    app = choose(panel, files.body, files.text_body)
    app = finish(app.button(key="gap-compare").click().run(), home, files.text_body)
    query = {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}
    again = open_page("gap", **query)
    assert not again.exception
    assert table(again).equals(table(app))


def test_it_fills_as_readings_come_and_can_be_cancelled(panel, home, files, monkeypatch):
    reading = measure._reading

    def slow(metric, request, sample, clouds):
        while metric.name == "centroid":
            yield
            time.sleep(0.01)
        return (yield from reading(metric, request, sample, clouds))

    monkeypatch.setattr(measure, "_reading", slow)
    app = choose(panel, files.body, files.text_body).button(key="gap-compare").click().run()
    other = background.find(of_other(app, home, files.text_body))
    deadline = time.monotonic() + 30
    while other.taken < 1:
        assert time.monotonic() < deadline
        assert other.state == "running", other.error
        time.sleep(0.01)
    app.run()
    assert not app.exception
    assert list(table(app)["metric"]) == ["Target kNN accuracy", "Target kNN accuracy", "Centroid distance"]
    app.button(key="gap-compare-cancel").click().run()
    assert not app.exception
    assert other.wait(30)
    app.run()
    assert "gap-compare-cancel" not in [button.key for button in app.button]


def test_raw_inputs_are_no_matter_of_bodies(open_page, home):
    app = open_page("gap", target="digits", source="digits")
    app.selectbox(key="space").set_value("raw").run()
    app.number_input(key="n").set_value(60).run()
    app.multiselect(key="metrics").set_value(["centroid"]).run()
    app.button(key="measure").click().run()
    assert background.find(kept(app, home)).wait(60)
    app.run()
    assert not app.exception
    assert not [box for box in app.multiselect if box.key.startswith("gap-bodies")]
