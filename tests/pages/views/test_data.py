import io
import json

import numpy as np
import pytest

from xmodal_core.data.examples import EXAMPLES


def npz(n: int = 40, **changes: np.ndarray) -> bytes:
    rng = np.random.default_rng(0)
    arrays = {"X": rng.normal(size=(n, 6)), "y": np.arange(n) % 2, "class_names": np.array(["![a](b)", "c*d*"])}
    buffer = io.BytesIO()
    np.savez(buffer, **(arrays | changes))
    return buffer.getvalue()


def upload(app, name: str, data: bytes):
    return app.file_uploader[0].set_value((name, data, "application/octet-stream")).run()


def walls(app):
    """What the browser was sent to draw, by side."""
    mounted = [e.proto for e in app.get("bidi_component") if e.proto.component_name == "xmodal_wall"]
    told = [json.loads(proto.json) for proto in mounted]
    return {one["what"].removesuffix(" sample"): one for one in told}


def read_again(app, widgets, label, value):
    """Fill in one widget of the form and send it."""
    next(box for box in widgets if box.label == label).set_value(value)
    next(button for button in app.button if button.label == "Read again").click().run()


def test_without_a_choice_the_page_says_what_to_do(open_page):
    app = open_page("data")
    assert not app.exception
    assert len(app.info) == 1
    assert not [b for b in app.button if b.key == "go-gap"]


def test_an_unknown_target_is_one_warning(open_page):
    app = open_page("data", target="nonsense")
    assert not app.exception
    assert [w.value for w in app.warning] == [
        "The address names a data set that is not in this workspace; choose one here."
    ]


@pytest.mark.parametrize(("target", "n"), [("digits", "1,797"), ("wine", "178"), ("gun_point", "200")])
def test_an_example_is_previewed_with_its_facts(open_page, target, n):
    app = open_page("data", target=target)
    assert not app.exception
    assert any(f"**{n}** samples" in m.value for m in app.markdown)
    assert any("Licence" in c.value and "Origin" in c.value for c in app.caption)
    assert app.button(key="go-gap").label == "Measure the gap"


@pytest.mark.parametrize("target", ["digits", "wine", "gun_point"])
def test_the_source_stands_beside_the_target_in_pictures_by_class(open_page, target):
    found = walls(open_page("data", target=target))
    assert list(found) == ["source", "target"]
    data = EXAMPLES[target].load()
    assert [strip["name"] for strip in found["target"]["strips"]] == list(data.class_names)
    for strip in found["target"]["strips"]:
        label = data.class_names.index(strip["name"])
        assert strip["n"] == (data.targets == label).sum()
        assert all(data.targets[item["row"]] == label for item in strip["items"])
        assert all(item["uid"] == data.uid[item["row"]] for item in strip["items"])
    assert all(item.get("text") or "sheet" in side for side in found.values() for item in side["strips"][0]["items"])


def test_series_can_be_seen_as_spectrograms(open_page):
    app = open_page("data", target="gun_point")
    waves = walls(app)["target"]["sheet"]
    app.button_group(key="look").set_value("spectrograms").run()
    assert not app.exception
    assert walls(app)["target"]["sheet"] != waves


def test_the_columns_of_a_table_are_histograms_with_what_was_missing(open_page):
    rows = "".join(f"{'' if i % 4 else i},{i % 7},{'ab'[i % 2]}\n" for i in range(60))
    app = upload(open_page("data"), "mine.csv", f"u,v,label\n{rows}".encode())
    assert not app.exception
    (chart,) = [c for c in app.get("plotly_chart") if c.proto.id.endswith("columns")]
    assert "45 of 60 missing" in chart.proto.alt


def test_choosing_an_example_writes_the_address(open_page):
    app = open_page("data", target="digits", body="minilm")
    app.selectbox(key="target").set_value("wine").run()
    assert not app.exception
    assert "wine" in str(app.query_params["target"])
    assert "body" not in app.query_params


def test_choosing_a_network_sets_its_source(open_page):
    app = open_page("data", target="digits")
    assert app.selectbox(key="source").value == "fractals"
    app.selectbox(key="body").set_value("minilm").run()
    assert not app.exception
    assert app.selectbox(key="source").value == "scipy_docs"


def test_a_model_id_can_be_typed(open_page):
    app = open_page("data", target="digits", body="owner/name")
    assert not app.exception
    assert app.selectbox(key="body").value == "owner/name"


@pytest.mark.parametrize(
    ("family", "source", "stands"),
    [("vit", "fractals", True), ("bert", "scipy_docs", True), ("hubert", "fractals", False)],
)
def test_a_local_folder_is_compared_with_what_stands_for_its_modality(open_page, tmp_path, family, source, stands):
    (tmp_path / "config.json").write_text(f'{{"model_type": "{family}"}}')
    app = open_page("data", target="wine", body=str(tmp_path))
    assert not app.exception
    assert app.selectbox(key="source").value == source
    assert any("no labelled source ships" in c.value for c in app.caption) is not stands


def test_an_upload_is_stored_selected_and_escaped(open_page, home):
    app = upload(open_page("data", target="digits"), "mine.npz", npz())
    assert not app.exception
    assert not app.error
    target = app.query_params["target"]
    name = target[0] if isinstance(target, list) else target
    assert (home / "workspaces" / "default" / "uploads" / f"{name.removeprefix('upload-')}.npz").is_file()
    assert any("**40** samples" in m.value for m in app.markdown)
    assert [s.value for s in app.subheader] == ["mine"]


def test_an_upload_is_found_again_by_its_address(open_page):
    app = upload(open_page("data"), "mine.npz", npz())
    name = app.query_params["target"]
    again = open_page("data", target=name[0] if isinstance(name, list) else name)
    assert [s.value for s in again.subheader] == ["mine"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bad.npz", b"not an archive at all"),
        ("bad.npz", npz(y=np.zeros(40, np.int64))),
        ("bad.npz", npz(y=np.arange(39) % 2)),
        ("bad.csv", b"a,label\n1,x\n2\n"),
        ("bad.csv", b""),
    ],
)
def test_a_bad_file_is_one_sentence_and_keeps_what_was_there(open_page, name, data):
    app = upload(open_page("data", target="digits"), name, data)
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value.startswith("bad")
    assert "digits" in str(app.query_params["target"])
    assert [s.value for s in app.subheader] == ["digits"]


def test_the_modality_can_be_overruled_on_the_same_file(open_page):
    app = upload(open_page("data"), "mine.npz", npz(X=np.random.default_rng(1).normal(size=(40, 20))))
    assert any("**tabular** 20" in m.value for m in app.markdown)
    first = app.query_params["target"]
    read_again(app, app.selectbox, "Modality", "series")
    assert not app.exception
    assert any("**series** 1 x 20" in m.value for m in app.markdown)
    assert app.query_params["target"] != first


def test_the_label_column_of_a_table_can_be_chosen(open_page, monkeypatch):
    def edited(table, **_):  # the tests' browser cannot type into a table
        roles = zip(table["part"], table["role"], strict=True)
        return {"part": table["part"], "role": ["label" if part == "kind" else role for part, role in roles]}

    rows = "\n".join(f"{i},{i % 7},{'ab'[i % 2]},{'pqr'[i % 3]}" for i in range(60))
    app = upload(open_page("data"), "mine.csv", f"u,v,kind,label\n{rows}\n".encode())
    assert any("**3** classes" in m.value for m in app.markdown)
    monkeypatch.setattr("streamlit.data_editor", edited)
    app.run()
    next(button for button in app.button if button.label == "Read again").click().run()
    assert not app.exception
    assert any("**2** classes" in m.value for m in app.markdown)


def test_a_refused_file_can_be_read_differently(open_page):
    rows = "\n".join(f"{i},{i % 7},{i + 0.5}" for i in range(60))
    app = upload(open_page("data"), "mine.csv", f"u,v,label\n{rows}\n".encode())
    assert not app.error
    app = upload(open_page("data"), "bad.npz", npz(other=(np.arange(40) > 20) * 1, y=np.zeros(40, np.int64)))
    assert len(app.error) == 1
    read_again(app, app.text_input, "Label", "other")
    assert not app.error
    assert any("**2** classes" in m.value for m in app.markdown)


def test_a_warning_has_a_button_that_mends_it(open_page):
    lines = [f"{','.join(str(i * 7 + j) for j in range(5 + i % 3))}:{'ab'[i % 2]}" for i in range(12)]
    app = upload(open_page("data"), "waves.ts", ("@classLabel true a b\n@data\n" + "\n".join(lines)).encode())
    assert any("5 to 7 steps" in w.value for w in app.warning)
    next(button for button in app.button if button.label == "Read with length crop").click().run()
    assert not app.exception
    assert not [w.value for w in app.warning]
    assert any("**series** 1 x 5" in m.value for m in app.markdown)


def test_a_guess_that_was_right_can_be_confirmed(open_page):
    lines = [f"{','.join(str(i * 7 + j) for j in range(5 + i % 3))}:{'ab'[i % 2]}" for i in range(12)]
    app = upload(open_page("data"), "waves.ts", ("@classLabel true a b\n@data\n" + "\n".join(lines)).encode())
    next(button for button in app.button if button.label == "It is right so").click().run()
    assert not app.exception
    assert not [w.value for w in app.warning]
    assert any("**series** 1 x 7" in m.value for m in app.markdown)


def test_the_columns_of_a_refused_table_are_offered(open_page):
    rows = "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(40))
    app = upload(open_page("data"), "odd.csv", f"u,v,kind\n<1,{rows[2:]}".encode())
    assert len(app.error) == 1
    assert next(box for box in app.selectbox if box.label == "Label").options == ["u", "v", "kind"]
    next(box for box in app.multiselect if box.label == "Drop").set_value(["u"])
    next(button for button in app.button if button.label == "Read again").click().run()
    assert not app.error
    assert any("**tabular** 1" in m.value for m in app.markdown)


def test_an_upload_can_be_read_differently_after_a_refresh(open_page):
    app = upload(open_page("data"), "mine.npz", npz(X=np.random.default_rng(1).normal(size=(40, 20))))
    later = open_page("data", target=app.query_params["target"])
    read_again(later, later.selectbox, "Modality", "series")
    assert any("**series** 1 x 20" in m.value for m in later.markdown)


def test_equal_data_from_another_file_are_told_as_that_file(open_page):
    rows = [(i, i * 7 % 11, "ab"[i % 2]) for i in range(40)]
    app = open_page("data")
    for name, separator in (("first.csv", ","), ("second.csv", ";")):
        text = "\n".join(separator.join(map(str, row)) for row in [("u", "v", "label"), *rows])
        app = upload(app, name, text.encode())
        assert any(f"**file**: {name.removesuffix('.csv')}" in m.value for m in app.markdown)


def test_an_own_source_is_read_and_selected_beside_the_target(open_page):
    app = open_page("data", target="digits")
    app.file_uploader[1].set_value(("source.npz", npz(), "application/octet-stream")).run()
    assert not app.exception
    assert str(app.query_params["source"]).startswith("upload-")
    assert app.query_params["target"] == "digits"
    gap = open_page("gap", target="digits", source=str(app.query_params["source"]))
    assert not gap.exception
    assert not gap.error


def test_a_damaged_upload_is_one_sentence(open_page, home):
    folder = home / "workspaces" / "default" / "uploads"
    folder.mkdir(parents=True)
    (folder / "0123456789abcdef.npz").write_bytes(b"gone")
    app = open_page("data", target="upload-0123456789abcdef")
    assert not app.exception
    assert len(app.error) == 1


def test_the_task_can_be_chosen_and_decides_what_is_shown(open_page):
    app = upload(open_page("data"), "mine.npz", npz(y=np.arange(40) % 5, class_names=np.array(list("abcde"))))
    assert any("**5** classes" in m.value for m in app.markdown)
    read_again(app, app.selectbox, "Task", "regression")
    assert not app.exception
    assert not app.error
    assert any("**1** number to predict" in m.value for m in app.markdown)


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 30)])
def test_classes_of_cells_are_shown_beside_their_inputs_with_the_share_of_the_largest(open_page, shape):
    x = np.random.default_rng(0).normal(size=(40, *shape)).astype(np.float32)
    buffer = io.BytesIO()
    np.savez(buffer, X=x, y=(x[:, 0] > -1).astype(int) - (x[:, 0] > 2), class_names=np.array(["dark", "![a](b)"]))
    app = upload(open_page("data"), "mask.npz", buffer.getvalue())
    assert not app.exception
    assert not app.error
    assert any("**2** classes, one in every cell" in m.value for m in app.markdown)
    assert any("of the training cells are" in c.value and "![" not in c.value for c in app.caption)
    target = walls(app)["target"]
    assert target["height"] == 2 * 56 + 2  # its classes stand below each sample
    assert "a class per cell" in next(box for box in app.selectbox if box.label == "Task").options
    read_again(app, app.selectbox, "Task", "dense")
    assert not app.exception
    assert any("**1** field to predict" in m.value for m in app.markdown)


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 30)])
def test_a_dense_target_is_shown_beside_its_input(open_page, shape):
    x = np.random.default_rng(0).normal(size=(40, *shape)).astype(np.float32)
    buffer = io.BytesIO()
    np.savez(buffer, X=x, y=2 * x)
    app = upload(open_page("data"), "field.npz", buffer.getvalue())
    assert not app.exception
    assert not app.error
    assert any("**1** field to predict" in m.value for m in app.markdown)
    assert walls(app)["target"]["height"] == 2 * 56 + 2


def test_what_was_understood_is_a_card_and_the_data_set_can_be_taken_away(open_page):
    app = upload(open_page("data"), "mine.npz", npz())
    assert not app.exception
    facts = next(m.value for m in app.markdown if "**samples**" in m.value)
    assert "- **file**: mine" in facts
    assert "**splits**: 24 train, 8 val, 8 test" in facts
    assert "![a]" not in facts
    assert [button.label for button in app.get("download_button")] == ["Export as read"]
    assert "Steps" in [box.label for box in app.number_input]  # a whole number is asked for as one
