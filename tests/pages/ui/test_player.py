"""The player as a page mounts it; what it does in the browser is in tests/browser/test_player.py."""

from streamlit.testing.v1 import AppTest

from xmodal_core.figures.playback import unpack


def a_page():
    import numpy as np
    import streamlit as st

    from pages.ui import player
    from xmodal_core.data.named import load_named
    from xmodal_core.figures.base import SOURCE, TARGET
    from xmodal_core.figures.playback import Scene

    data = load_named("wine")
    points = np.arange(8, dtype=float).reshape(4, 2)
    left = player.cloud(SOURCE, data, np.array([0, 1, 2, 3]), points)
    right = player.cloud(TARGET, data, np.array([5, 4, 9, 8]), np.stack([points, points + 1]), values={})
    player.player(
        "both",
        Scene([left, right], steps=[1, 2]),
        alt="a *picture*",
        table={"n": [4]},
        choice={"target": st.query_params.get("of", "")},
    )


def test_a_player_sends_its_clouds_once_and_each_sheet_on_its_own():
    app = AppTest.from_function(a_page, default_timeout=60).run()
    assert not app.exception
    mounted = [element.proto for element in app.get("bidi_component")]
    header, numbers = unpack(mounted[0].bytes)
    assert header["view"]["alt"] == "a *picture*"
    assert header["view"]["choice"] == {"target": ""}
    clouds = header["scenes"][0]["clouds"]
    assert clouds[0]["uid"] == ["wine/0", "wine/1", "wine/2", "wine/3"]
    assert clouds[1]["uid"] == ["wine/5", "wine/4", "wine/9", "wine/8"]
    assert len(numbers) == (1 + 2) * 8 + 2 * 4
    keys = {clouds[0]["sheet"]["key"], clouds[1]["sheet"]["key"], clouds[0]["class_sheet"]["key"]}
    assert clouds[0]["class_sheet"]["key"] == clouds[1]["class_sheet"]["key"]
    assert {proto.bytes[:16].decode() for proto in mounted[1:]} == keys
    assert app.dataframe[0].value["n"].tolist() == [4]
