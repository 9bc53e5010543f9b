from xmodal_core.gallery.taking import take


def test_everything_comes_once_and_what_was_there_stays(tmp_path):
    item, mine = tmp_path / "item", tmp_path / "mine"
    for path, text in (("runs/a/spec.json", "{}"), ("runs/a/frames/1.npz", "x"), ("gap/g.json", "gap")):
        (item / path).parent.mkdir(parents=True, exist_ok=True)
        (item / path).write_text(text)
    (mine / "gap").mkdir(parents=True)
    (mine / "gap" / "g.json").write_text("of mine")
    assert take(item, mine) == 1
    assert (mine / "runs" / "a" / "frames" / "1.npz").read_text() == "x"
    assert (mine / "gap" / "g.json").read_text() == "of mine"
    assert take(item, mine) == 0
    assert sorted(path.name for path in (mine / "runs").iterdir()) == ["a"]
