"""Breaking the chosen data on purpose: what is expected is asked first, and the whole data stand beside it."""

from xmodal_core.panel import background


def target(app):
    value = app.query_params["target"]
    return value[0] if isinstance(value, list) else value


def text(app):
    return "\n".join(element.value for element in (*app.markdown, *app.caption)).replace("\\", "")


def broken(app, name, guess):
    app.button_group(key="break-name").set_value(name).run()
    assert app.button(key="break-do").disabled
    app.button_group(key=f"break-{name}-guess").set_value(guess).run()
    return app.button(key="break-do").click().run()


def test_data_are_broken_after_a_guess_and_mended_again(open_page):
    app = broken(open_page("data", target="wine"), "x10", "some")
    assert not app.exception
    assert target(app) == "wine@x10"
    assert "Broken on purpose: times ten." in text(app)
    assert "You expected: some." in text(app)
    assert app.selectbox(key="target").value == "wine"
    app.button(key="break-mend").click().run()
    assert not app.exception
    assert target(app) == "wine"


def test_what_means_nothing_for_such_data_is_said_and_not_offered(open_page, home):
    from xmodal_core.data.named import load_named
    from xmodal_core.data.store import save_dataset

    texts = load_named("scipy_docs", n=60)
    save_dataset(texts, home / "workspaces" / "default" / "uploads")
    app = open_page("data", target=f"upload-{texts.content_hash}")
    app.button_group(key="break-name").set_value("x10").run()
    assert not app.exception
    assert "letters have no unit" in text(app)
    assert "break-do" not in [button.key for button in app.button]
    app = broken(app, "noise", "nearer")
    assert not app.exception
    assert target(app) == f"upload-{texts.content_hash}@noise"


def test_an_unknown_way_to_break_is_an_unknown_data_set(open_page):
    app = open_page("data", target="wine@nonsense")
    assert not app.exception
    assert any("not in this workspace" in warning.value for warning in app.warning)


def measure(app, home):
    app.selectbox(key="space").set_value("raw").run()
    app.number_input(key="n").set_value(60).run()
    app.multiselect(key="metrics").set_value(["knn", "target_knn"]).run()
    app.button(key="measure").click().run()
    (key,) = app.query_params["gap"] if isinstance(app.query_params["gap"], list) else [app.query_params["gap"]]
    assert background.find(home / "workspaces" / "default" / "gap" / f"{key}.json").wait(60)
    return app.run()


def test_on_gap_the_whole_data_stand_beside_the_broken(open_page, home):
    app = measure(open_page("gap", target="digits", source="digits"), home)
    assert "Target kNN accuracy" in text(app)
    app = broken(app, "shuffled", "only accuracy falls")
    assert target(app) == "digits@shuffled"
    app = measure(app, home)
    assert not app.exception
    (line,) = [each for each in text(app).splitlines() if each.startswith("Whole → broken: ")]
    before, after = line.split("Target kNN accuracy ")[1].split(" (n = 60 → 60")[0].split(" → ")
    assert float(before) > 0.5 > 0.3 > float(after)  # chance is a tenth
