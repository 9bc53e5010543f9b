import pytest

from xmodal_core.data.readers import letters
from xmodal_core.data.readers.letters import alphabet, encode_letters
from xmodal_core.errors import DataError


@pytest.mark.parametrize(
    ("word", "kind"),
    [("ACGT", "DNA"), ("acgtn", "DNA"), ("ACGU", "RNA"), ("ACGTRYN", "DNA"), ("MKVLAAGI", "protein"), ("hello1", "")],
)
def test_an_alphabet_is_told_by_its_letters(word: str, kind: str) -> None:
    assert alphabet(set(word)) == kind


def test_letters_of_no_alphabet_keep_their_case() -> None:
    codes, kinds, _ = encode_letters("t", ["aA1", "1Aa"])
    assert kinds == ("1", "A", "a")
    assert codes.tolist() == [[3, 2, 1], [1, 2, 3]]


def test_too_long_sequences_are_refused_with_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MAX_LENGTH", 3)
    with pytest.raises(DataError, match="4 letters, expected at most 3"):
        encode_letters("t", ["ACGT", "A"])
