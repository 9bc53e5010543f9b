"""Sequences of letters to codes: DNA, RNA, proteins, and what looks like them."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.errors import DataError

PADDING = 0  # the code behind the end of a sequence
MAX_LENGTH = 2**16
MAX_CELLS = 2**28
_DNA, _RNA = set("ACGTN"), set("ACGUN")
_AMBIGUOUS = set("RYSWKMBDHV")
_PROTEIN = set("ACDEFGHIKLMNPQRSTVWYXBZUOJ")
_EXTRA = set("*-.")


def alphabet(letters: set[str]) -> str:
    """What the letters are of: DNA, RNA, protein, or "" for something else; case does not matter."""
    own = {letter.upper() for letter in letters} - _EXTRA
    for name, known in (("DNA", _DNA), ("RNA", _RNA), ("DNA", _DNA | _AMBIGUOUS), ("protein", _PROTEIN)):
        if own <= known:
            # ambiguity codes alone do not make a word DNA: most of a sequence has to be A, C, G and T
            return name
    return ""


def encode_letters(name: str, texts: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...], str]:
    """Codes (n, l) int64 with `PADDING` behind the end, the letters of codes 1, 2, ..., and what was done in a clause.

    Lower and upper case are the same letter where the letters are of a known alphabet.

    Raises:
        DataError: an empty sequence, one that is too long, or too many letters in all.
    """
    known = alphabet(set("".join(set("".join(texts[:1000])))))
    shown = [text.upper() for text in texts] if known else list(texts)
    lengths = np.array([len(text) for text in shown])
    if not lengths.min():
        raise DataError(
            f"{name}: sequence {int(lengths.argmin()) + 1:,} is empty, expected at least one letter; remove its row."
        )
    if lengths.max() > MAX_LENGTH or lengths.max() * len(shown) > MAX_CELLS:
        raise DataError(
            f"{name}: the longest of {len(shown):,} sequences has {lengths.max():,} letters, expected at most "
            f"{min(MAX_LENGTH, MAX_CELLS // len(shown)):,}; cut them into pieces."
        )
    letters = sorted(set().union(*map(set, shown)))
    code = {letter: index for index, letter in enumerate(letters, start=PADDING + 1)}
    codes = np.full((len(shown), lengths.max()), PADDING, np.int64)
    for row, text in zip(codes, shown, strict=True):
        row[: len(text)] = [code[letter] for letter in text]
    padded = "" if lengths.min() == lengths.max() else f", padded from {lengths.min():,} to {lengths.max():,} letters"
    if known and any(text != upper and text != text.lower() for text, upper in zip(texts, shown, strict=True)):
        padded += ", lower case as upper case"
    kind = f"{known} letters" if known else "letters"
    return codes, tuple(letters), f"{len(letters)} {kind} ({printable(''.join(letters), 40)}) as codes{padded}"
