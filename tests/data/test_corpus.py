"""Every file of the corpus is right, warned of, or refused with a way out."""

import importlib
import pkgutil

import pytest

from tests.data import corpus
from tests.data.corpus import Brought
from xmodal_core.data.readers import read
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
