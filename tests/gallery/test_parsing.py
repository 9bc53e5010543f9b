from xmodal_core.gallery import parsing
from xmodal_core.gallery.items import ITEMS


def test_everything_that_items_are_on_is_read_once(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    asked: list[str] = []
    monkeypatch.setattr(parsing, "load_named", asked.append)
    monkeypatch.setattr(parsing.os, "nice", lambda _: 0, raising=False)
    assert parsing.main() == 0
    wanted = {item.target for item in ITEMS.values()} | {item.source for item in ITEMS.values()}
    assert sorted(asked) == sorted(wanted - {"digits@shuffled"})  # which is made of digits


def test_one_that_is_missing_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    assert not parsing.is_parsed()
    (tmp_path / "sources").mkdir()
    for name in parsing.names()[1:]:
        (tmp_path / "sources" / f"{name}-0.npz").touch()
    assert not parsing.is_parsed()
    (tmp_path / "sources" / f"{parsing.names()[0]}-0.npz").touch()
    assert parsing.is_parsed()
