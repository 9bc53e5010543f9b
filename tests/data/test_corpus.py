"""Every file of the corpus is right, warned of, or refused with a way out."""

import importlib
import pkgutil

import pytest

from tests.data import corpus
from tests.data.corpus import Brought
from xmodal_core.data.readers import read
from xmodal_core.data.roles import agreed
from xmodal_core.errors import XModalError

KINDS = sorted(module.name for module in pkgutil.iter_modules(corpus.__path__))
CORPUS = {
    f"{kind}/{name}": brought
    for kind in KINDS
    for name, brought in importlib.import_module(f"tests.data.corpus.{kind}").CORPUS.items()
}


@pytest.mark.parametrize("name", CORPUS)
def test_what_a_person_brings_is_right_or_warned_of_or_refused_with_a_way_out(name: str) -> None:
    check(CORPUS[name])


def check(brought: Brought) -> None:
    """Read it, and hold what came against what should."""
    if brought.outcome == "refused":
        with pytest.raises(XModalError) as refused:
            read(brought.make(), brought.name, brought.reading)
        sentence = str(refused.value)
        assert "\n" not in sentence, sentence
        assert sentence.endswith("."), sentence
        for word in brought.says:
            assert word in sentence
        return
    found = read(brought.make(), brought.name, brought.reading).understanding
    assert found is not None
    assert {warning.code for warning in found.warnings} == set(brought.says), found.warnings
    assert (brought.outcome == "warned") == bool(brought.says), "a file that is warned of says its codes"
    for name, value in brought.facts.items():
        actual = [one.name for one in found.features] if name == "features" else getattr(found, name)
        assert (list(actual) if isinstance(actual, tuple) else actual) == value, name


def doubts() -> dict[str, tuple[Brought, str]]:
    """Every warning of the corpus that something can be said about, by the name of its file and its code."""
    return {
        f"{name} {code}": (brought, code)
        for name, brought in CORPUS.items()
        if brought.outcome == "warned"
        for code in brought.says
    }


@pytest.mark.parametrize("name", doubts())
def test_what_mends_or_confirms_a_warning_takes_it_away(name: str) -> None:
    brought, code = doubts()[name]
    found = read(brought.make(), brought.name, brought.reading).understanding
    assert found is not None
    for warning in (one for one in found.warnings if one.code == code):
        for said in filter(None, (warning.mends, agreed(found, warning))):
            try:
                again = read(brought.make(), brought.name, brought.reading.with_(said)).understanding
            except XModalError:
                assert said == warning.mends, "to agree with what was read is never refused"
                continue  # what is to be done was done, and something else has to be, too
            assert again is not None
            assert warning.message not in [one.message for one in again.warnings], said
