"""Sequences of letters to codes: DNA, RNA, proteins, and what looks like them."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.targets import Task
from xmodal_core.errors import DataError

PADDING = 0  # the code behind the end of a sequence
MAX_LENGTH = 2**16
MAX_CELLS = 2**28
_DNA, _RNA = set("ACGTN"), set("ACGUN")
_AMBIGUOUS = set("RYSWKMBDHV")  # one of several nucleotides, in the codes of the IUPAC
NUCLEOTIDES = frozenset(_DNA | _RNA | _AMBIGUOUS)
AMINO_ACIDS = frozenset("ACDEFGHIKLMNPQRSTVWYXBZUOJ")
GAPS = frozenset("*-.")  # stops and gaps beside letters


def alphabet(letters: set[str]) -> str:
    """What the letters are of: DNA, RNA, protein, or "" for something else; case does not matter."""
    own = {letter.upper() for letter in letters} - GAPS
    for name, known in (("DNA", _DNA), ("RNA", _RNA), ("DNA", _DNA | _AMBIGUOUS), ("protein", AMINO_ACIDS)):
        if own <= known:
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


def labels_by_letter(draft: Draft) -> None:
    """Words of labels that are as long as the sequences, letter by letter: a class for each place."""
    task, words = draft.reading.task or draft.task, draft.labels
    if draft.modality is not Modality.SEQUENCE or draft.letters is None or task not in (None, Task.SEGMENTATION):
        return
    if words.shape != draft.inputs.shape[:1]:
        return
    if words.dtype.kind == "f" and draft.class_names and np.isfinite(words).all():  # as columns of tables are
        words = np.array(draft.class_names, np.str_)[words.astype(np.int64)]
    if words.dtype.kind != "U":
        return
    lengths = (draft.inputs != PADDING).sum(axis=1)
    if not np.array_equal(np.char.str_len(words), lengths) or 2 * len(np.unique(words)) <= len(words):
        return
    letters = np.ascontiguousarray(words).view("<U1").reshape(len(words), -1)
    draft.class_names = ()
    draft.labels, draft.task = letters[:, : draft.inputs.shape[1]], Task.SEGMENTATION
    draft.task_reason = "y read as a class for each letter, none behind the end, because its words are as long as X's"
    draft.changed.append("words of the labels, as long as the sequences, read as a class for each letter")
