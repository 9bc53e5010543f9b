"""Columns of running text, of sequences of letters, and of SMILES."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.name_words import words_of
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.archive import check_expanded
from xmodal_core.data.readers.letters import AMINO_ACIDS, NUCLEOTIDES, encode_letters
from xmodal_core.data.readers.tabular import names
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.dates import are_dates
from xmodal_core.data.readers.tabular.lengths import has_its_letters, is_length
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

_SHORTEST_SEQUENCE = 8  # letters; shorter ones are words
_LONGEST_NAME = 60  # letters of what a sequence is called
_LOOKED_AT = 500
_SMILES = re.compile(r"[A-Za-z0-9@+\-\[\]()=#$%/\\.:*~]+")
_SEQUENCE_NAMES = {
    *("sequence", "seq", "dna", "rna", "protein", "peptide", "aa", "aminoacids", "cdr", "cdr3", "sequenz", "secuencia"),
}
_FEW_OTHERS = 3  # feature columns beside a text; more of them are a table with a text beside it


@dataclass(frozen=True, eq=False)
class Written:
    """A column that is read by itself.

    Attributes:
        column: where it is.
        modality: TEXT or SEQUENCE.
        reason: why.
    """

    column: Counted
    modality: Modality
    reason: str


def find_written(upload: Upload, draft: Draft, columns: Sequence[Counted]) -> Written | None:
    """The column of text or sequences that the samples are, if they are one.

    Raises:
        DataError: text was chosen and no single column could be it.
    """
    reading = draft.reading
    if reading.text is not None:
        column = next(column for column in columns if column.name == reading.text)
        if reading.modality not in (None, Modality.TEXT, Modality.SEQUENCE):
            raise DataError(
                f"{draft.name}: the column {column.shown} was said to be text and the samples {reading.modality}, "
                "expected modality text or sequence with it; leave one out."
            )
        own = Modality(reading.modality) if reading.modality else _written_modality(column) or Modality.TEXT
        return Written(column, own, f"read as {own} from the column {column.shown} as chosen")
    wanted = {*(reading.category or ()), *(reading.number or ())}
    full = [c for c in columns if c.name not in wanted and 2 * c.n_missing < len(c.column.missing)]
    written = {column: modality for column in full if (modality := _written_modality(column))}
    written, called = _alone(draft, columns, written)
    if reading.modality in (Modality.TEXT, Modality.SEQUENCE):
        return _chosen(upload, columns, written, Modality(reading.modality))
    if not written or reading.modality is not None:
        return None
    if len(written) > 1:
        return _several(upload, draft, columns, written)
    ((column, modality),) = written.items()
    others = [c for c in columns if c is not column and not are_dates(c) and not is_length(c, [column])]
    others = [c for c in others if not has_its_letters(c, column) and c not in called]
    if len(others) > _FEW_OTHERS or (others and not (column.is_prose or _by_name(column) or modality != Modality.TEXT)):
        return None
    if others:
        draft.warn(
            "modality-guessed",
            f"the samples were taken to be the column {column.shown}, and {len(others)} other "
            f"column{'s were' if len(others) > 1 else ' was'} left out ({printable(_shown(others), 80)})",
            "say that they are, or that the samples are a table (modality=tabular)",
            Reading(text=column.name),
        )
    return Written(column, modality, f"read as {modality} from the column {column.shown}")


def _alone(
    draft: Draft, columns: Sequence[Counted], written: dict[Counted, Modality]
) -> tuple[dict[Counted, Modality], list[Counted]]:
    """Without words that have a letter for each of the only sequence; and the names of the sequences, with a doubt.

    A table of more features is no column of sequences, and nothing is left out of it.
    """
    sequences = [column for column, modality in written.items() if modality is Modality.SEQUENCE]
    if len(sequences) != 1 or len(columns) - len(written) > _FEW_OTHERS:
        return written, []
    (sequence,) = sequences
    rest = {c: modality for c, modality in written.items() if c is sequence or not has_its_letters(c, sequence)}
    called = [c for c in rest if c is not sequence and _names_sequences(c)]
    if len(called) + 1 < len(rest):
        return rest, []
    for column in called:
        draft.warn(
            "row-numbers",
            f"{column.shown} was taken for the names of the sequences in {sequence.shown} ({column.n_distinct:,} "
            "different ones), and was left out",
            "leave it out for good, or say which column is the text",
            Reading(drop=(column.name,)),
        )
    return {sequence: Modality.SEQUENCE}, called


def _names_sequences(column: Counted) -> bool:
    """Short words without blanks, of which nearly every row has its own."""
    spaced = np.char.find(column.distinct[0], " ") >= 0
    return column.longest <= _LONGEST_NAME and column.mostly_different and not spaced.any()


def _by_name(column: Counted) -> bool:
    return names.names_text(column.name) or bool({*words_of(column.name)} & {*_SEQUENCE_NAMES, "smiles"})


def _shown(columns: Sequence[Counted]) -> str:
    return ", ".join(column.shown for column in columns)


def _chosen(
    upload: Upload, columns: Sequence[Counted], written: dict[Counted, Modality], modality: Modality
) -> Written | None:
    """The one column that can be what was chosen."""
    candidates = [c for c, own in written.items() if own is modality] or list(written)
    words = [column for column in columns if column.is_words]
    if modality is Modality.SEQUENCE and not words:
        return None  # whole numbers as codes
    if len(candidates) != 1:
        candidates = words if len(words) == 1 else candidates
    if len(candidates) != 1:
        raise DataError(
            f"{upload.name}: found {len(candidates)} columns that look like {modality}"
            f"{' (' + _shown(candidates) + ')' if candidates else ''}, expected one; say which with --read text=NAME."
        )
    return Written(candidates[0], modality, f"read as {modality} from the column {candidates[0].shown}")


def _several(
    upload: Upload, draft: Draft, columns: Sequence[Counted], written: dict[Counted, Modality]
) -> Written | None:
    """One of several columns of text: the one that its name says, with a doubt."""
    if len(columns) - len(written) > _FEW_OTHERS:
        return None
    named = [column for column in written if _by_name(column)]
    if len(named) != 1:
        raise DataError(
            f"{upload.name}: found {len(written)} columns that look like text ({_shown(list(written))}), each with "
            f"up to {max(c.n_distinct for c in written):,} different texts, expected one; say which with --read "
            "text=NAME."
        )
    (column,) = named
    draft.warn(
        "modality-guessed",
        f"{len(written)} columns could be the text ({_shown(list(written))}), of which {column.shown} was read alone",
        "say which one is",
        Reading(text=column.name),
    )
    return Written(column, written[column], f"read as {written[column]} from the column {column.shown}")


def _written_modality(column: Counted) -> Modality | None:
    """What a column of words is by itself; None for categories and numbers."""
    if not column.is_words or not column.n_distinct or are_dates(column):
        return None
    if is_sequence(column):
        return Modality.SEQUENCE
    if column.is_prose or (names.names_text(column.name) and (column.n_distinct > 20 or _spaced(column))):
        return Modality.TEXT
    if column.mostly_different or is_smiles(column) or column.n_distinct > 0.8 * len(column.present) >= 16:
        return Modality.TEXT
    return None


def _spaced(column: Counted) -> bool:
    return bool((np.char.find(column.distinct[0], " ") > 0).mean() > 0.5)


def is_sequence(column: Counted) -> bool:
    """Whether words are sequences of nucleotides or amino acids: long, of these letters alone, mostly different."""
    is_named = bool({*words_of(column.name)} & _SEQUENCE_NAMES)
    if column.median_length < (4 if is_named else _SHORTEST_SEQUENCE) or column.n_distinct < 0.1 * len(column.present):
        return False
    words = "".join(str(word) for word in column.distinct[0][:_LOOKED_AT])
    letters = set(words.upper())
    if letters <= NUCLEOTIDES | {"-"} and len(letters & set("ACGTU")) >= 2:
        return words.isupper() or words.islower()
    return (
        letters <= AMINO_ACIDS | {"*", "-"}
        and len(letters) >= 12
        and (words.isupper() or (is_named and words.islower()))
    )


def is_smiles(column: Counted) -> bool:
    """Whether words are molecules in SMILES."""
    if "smiles" in words_of(column.name):
        return True
    words = [str(word) for word in column.distinct[0][:_LOOKED_AT]]
    bonded = sum(any(c in word for c in "()=#") for word in words)
    return bonded > 0.5 * len(words) and all(_SMILES.fullmatch(word) for word in words)


def texts_of(upload: Upload, column: Counted) -> np.ndarray:
    """The column as texts (n,).

    Raises:
        DataError: a row has none, or they would take too much memory.
    """
    words = column.column.words
    if column.n_missing:
        raise DataError(
            f"{upload.name}: {column.n_missing:,} of {len(words):,} values are missing in column {column.shown}, "
            "expected a text in every row; fill them in, remove these rows, or use --read missing=drop."
        )
    check_expanded(upload, 4 * len(words) * max(1, int(np.char.str_len(words).max())))  # the width of the longest
    return words.astype(np.str_)


def codes_of(draft: Draft, texts: np.ndarray) -> np.ndarray:
    """Sequences of letters (n,) as codes (n, l) int64: `letters.PADDING` behind the shorter ones, unless cropped.

    Raises:
        DataError: letters cannot be resampled, or there are too many.
    """
    length = draft.reading.length
    if length == "resample":
        raise DataError(
            f"{draft.name}: letters cannot be resampled, expected pad or crop as length of sequences; choose one."
        )
    lengths = np.char.str_len(texts)
    least, most = int(lengths.min()), int(lengths.max())
    if length == "crop" and 0 < least < most:
        texts = texts.astype(f"U{least}")
        draft.changed.append(f"sequences cropped to the first {least:,} letters, as many as the shortest has")
    codes, draft.letters, clause = encode_letters(draft.name, texts.tolist())
    draft.changed.append(clause)
    if length is None and 2 * least < most:
        draft.warn(
            "unequal-lengths",
            f"sequences have {least:,} to {most:,} letters and were padded at the end",
            "say so, or crop them to the length of the shortest (length=crop)",
            Reading(length="pad"),
        )
    return codes
