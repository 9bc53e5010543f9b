import json

import numpy as np

from tests.pages.runs import REUSE, shown, written_run
from xmodal_core.data.readers import read
from xmodal_core.data.store import save_dataset


def test_without_results_the_data_are_described_and_nothing_else_is_claimed(open_page):
    app = open_page("report", target="digits")
    assert not app.exception
    assert "digits: image, 1797 samples of shape (1, 8, 8), 10 classes of 174 to 183 samples" in shown(app)
    assert "Not measured on this address" in shown(app)
    assert not app.dataframe
    assert not app.code


def test_finished_runs_are_reported_with_versions_and_the_commands_that_repeat_them(open_page, home):
    run = written_run(home, "finetune", accuracy=0.95)
    written_run(home, "scratch", accuracy=0.8)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = open_page("report", target="digits")
    assert not app.exception
    text = shown(app)
    assert "torch 2.13.0" in text
    assert "retention 0.50" in text
    lines = app.code[0].value.splitlines()
    assert lines[-1].startswith("python -m xmodal_core compare again/")
    assert sum(line.startswith("python -m xmodal_core run ") for line in lines) == 2
    assert any(str(run.path / "spec.json") in line for line in lines)
    assert app.get("download_button")


def test_unfinished_runs_have_no_commands_and_no_numbers(open_page, home):
    written_run(home, "finetune", done=1)
    app = open_page("report", target="digits")
    assert not app.exception
    assert "1 runs on this data and body, none finished" in shown(app)
    assert not app.code


def test_both_sizes_are_reported(open_page, home):
    for seed in range(3):
        written_run(home, "finetune", seed=seed, accuracy=0.9)
        written_run(home, "finetune", seed=seed, accuracy=0.7, train_rows=270)
    app = open_page("report", target="digits")
    assert not app.exception
    assert "The answer is the same with 270 and with 1,079 training rows: inconclusive." in shown(app)
    assert [tab.label for tab in app.tabs] == ["1,079 training rows", "270 training rows"]


def test_an_uploaded_file_is_reported_with_what_was_understood_and_what_is_doubtful(open_page, home):
    lines = [f"{row / 7 + row % 2},{('red', 'blue')[row % 2]},{'' if row == 3 else row % 2}" for row in range(40)]
    data = read("\n".join(["weight,[colour](x),label", *lines]).encode(), "fruit.csv")
    save_dataset(data, home / "workspaces" / "default" / "uploads")
    app = open_page("report", target=f"upload-{data.content_hash}")
    assert not app.exception
    text = shown(app)
    assert "1 of 40 rows have no label and were left out; fill them in if they have one." in text
    assert "splits**: 23 train, 8 val, 8 test" in text
    table = app.dataframe[0].value
    assert table["feature"].tolist() == ["weight", "[colour](x)"]
    assert table["categories"].tolist() == ["", "blue, red"]


def test_predictions_of_finished_runs_can_be_taken_away(open_page, home):
    written_run(home, "scratch", accuracy=0.8)  # of a version that kept none
    run = written_run(home, "finetune", accuracy=0.95)
    run.write_predictions({"uid": np.array(["digits/0"]), "prediction": np.array(["3"])})
    app = open_page("report", target="digits")
    assert not app.exception
    assert app.selectbox(key="report-run").options == [run.path.name]
    labels = [button.label for button in app.get("download_button")]
    assert labels[0] == "Download as one HTML file"
    assert labels[-2:] == ["Predictions as CSV", "As Parquet"]


def test_a_link_to_look_opens_the_same_report_and_offers_no_other_link(open_page, home):
    written_run(home, "finetune", accuracy=0.95)
    app = open_page("report", target="digits")
    assert "report-link-token" not in app.session_state  # nobody has asked for one
    app.button(key="report-link-make").click().run()
    assert not app.exception
    token = app.session_state["report-link-token"]
    theirs = open_page("report", target="digits", view=token)
    assert not theirs.exception
    assert not theirs.error
    assert "Fine-tuning" in next(d.value for d in theirs.dataframe if "95 % interval" in d.value)["method"].tolist()
    assert "report-link-make" not in [button.key for button in theirs.button]
    assert theirs.code[0].value.startswith("python -m xmodal_core run workspace/runs/")  # its name is the key to it
    assert str(home) not in shown(theirs)
