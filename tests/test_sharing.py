"""Keys to workspaces of a shared server: only those that it made open anything, and no name of a folder is one."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmodal_core.errors import SettingsError
from xmodal_core.sharing import folder_name, is_shared, new_key


@pytest.mark.parametrize(("value", "expected"), [(None, False), ("", False), ("local", False), ("shared", True)])
def test_the_mode_is_local_unless_it_is_said(value, expected):
    assert is_shared({} if value is None else {"XMODAL_MODE": value}) is expected


def test_a_mode_that_is_none_is_no_guess():
    with pytest.raises(SettingsError, match="XMODAL_MODE is 'Shared', expected local or shared"):
        is_shared({"XMODAL_MODE": "Shared"})


def test_a_key_opens_one_folder_whose_name_does_not_tell_it(tmp_path):
    keys = [new_key(tmp_path) for _ in range(50)]
    names = [folder_name(tmp_path, key) for key in keys]
    assert len(set(names)) == 50
    assert None not in names
    for key, name in zip(keys, names, strict=True):
        assert folder_name(tmp_path, key) == name
        assert not any(key[i : i + 8] in name for i in range(len(key) - 8))
        assert folder_name(tmp_path, name) is None, "a folder's name opens nothing"


def test_a_key_of_another_server_opens_nothing(tmp_path):
    key = new_key(tmp_path / "one")
    assert folder_name(tmp_path / "two", key) is None


def test_no_letter_of_a_key_can_be_another(tmp_path):
    key = new_key(tmp_path)
    for i in range(len(key)):
        for letter in "Aw_":
            changed = key[:i] + letter + key[i + 1 :]
            assert changed == key or folder_name(tmp_path, changed) is None


@given(key=st.one_of(st.text(max_size=60), st.from_regex(r"[A-Za-z0-9_-]{34}", fullmatch=True)))
def test_what_is_no_key_opens_nothing(key, tmp_path_factory):
    assert folder_name(tmp_path_factory.getbasetemp(), key) is None


def test_the_secret_is_for_the_server_alone(tmp_path):
    new_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600


def test_first_visitors_at_once_get_keys_of_one_secret(tmp_path):
    for number in range(20):
        home, start = tmp_path / str(number), threading.Barrier(4)

        def arrive(_, home=home, start=start):
            start.wait()
            return new_key(home)

        with ThreadPoolExecutor(4) as pool:
            keys = list(pool.map(arrive, range(4)))
        assert None not in [folder_name(home, key) for key in keys]
        assert [path.name for path in home.iterdir()] == ["server.key"]
