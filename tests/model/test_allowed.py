"""On a shared server nobody names a folder of its disk, and nobody has it fetch what its operator did not ask for."""

import pytest

from xmodal_core.errors import ModelError
from xmodal_core.model.bodies import BODIES, check_kept, check_located, load_transformer
from xmodal_core.model.crossmodal import load_body
from xmodal_core.model.facts import body_facts, configuration


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.setenv("XMODAL_MODE", "shared")


def test_a_folder_and_an_id_are_refused_before_anybody_looks(files, shared, monkeypatch):
    body = files.body
    monkeypatch.setattr("xmodal_core.model.bodies.os.path.isdir", lambda _: pytest.fail("it looked"))
    for name in (body, "/etc", "owner/name", "owner/name#text"):
        for ask in (check_located, check_kept, load_transformer, load_body):
            with pytest.raises(ModelError, match="this server offers"):
                ask(name)


def test_a_folder_tells_nothing_of_itself(files, shared):
    assert body_facts(files.body) is None
    assert configuration(files.body) == {}


def test_what_the_operator_names_is_offered_with_its_towers(files, shared, monkeypatch):
    monkeypatch.setenv("XMODAL_BODIES", f" {files.body} , owner/name")
    check_located(files.body)
    assert load_body(files.body).hidden_size
    assert body_facts(files.body) is not None
    with pytest.raises(ModelError, match="this server offers"):
        check_kept("owner/other")
    check_kept("owner/name#text")


@pytest.mark.parametrize("name", sorted(BODIES))
def test_what_ships_is_always_there(name, shared):
    check_located(name)
    assert load_body(name).hidden_size


def test_on_a_machine_of_ones_own_nothing_is_refused(files):
    check_located(files.body)
    check_kept("owner/name")


@pytest.mark.parametrize("name", sorted(BODIES))
def test_what_ships_is_checked_before_it_is_loaded(name, monkeypatch):
    """As any other folder is: weights may be damaged on anybody's disk."""
    asked = []
    monkeypatch.setattr("xmodal_core.model.bodies.check_folder", lambda folder, *_: asked.append(folder))
    load_body(name)
    assert len(asked) == 1
