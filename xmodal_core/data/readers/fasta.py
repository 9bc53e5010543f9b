"""FASTA: a line `>name ...` and lines of letters for each sequence; the label is in the line of the name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.letters import encode_letters
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.errors import DataError

_FORM = "FASTA"
_LABEL_KEYS = ("label", "class", "target", "y", "category", "family", "type")
_SPLIT_KEYS = ("split", "set", "fold", "subset")


@dataclass(frozen=True)
class _Guess:
    name: str  # what `label` of the reading calls it
    words: tuple[str, ...]
    sure: bool  # by a key of a usual name


def read_fasta(upload: Upload) -> LabelledDataset:
    """Read sequences with a class each.

    Raises:
        DataError: no sequences, no labels in the lines of names, or letters that cannot be codes.
    """
    if upload.reading.modality not in (None, Modality.SEQUENCE):
        raise DataError(f"{upload.name}: FASTA is read as sequence, not {upload.reading.modality}; choose sequence.")
    titles, sequences = _records(upload)
    guesses = _guesses(titles)
    unlabelled = upload.reading.label == NO_LABELS
    chosen = _Guess("", ("",) * len(titles), True) if unlabelled else _choose(upload, titles, guesses)
    codes, letters, how = encode_letters(upload.name, sequences)
    draft = Draft(
        upload.name,
        upload.filename,
        upload.reading,
        _FORM,
        Modality.SEQUENCE,
        "read as sequences because FASTA holds nothing else",
        codes,
        np.array(chosen.words, np.str_),
        chosen.name,
        "as chosen" if upload.reading.label else "from the lines of the names",
    )
    draft.letters = letters
    draft.changed.append(how)
    for key in _SPLIT_KEYS:
        if (words := _of_key(titles, key)) is not None and upload.reading.split in (None, key):
            draft.splits, draft.split_reason = np.array(words, np.str_), f"from {key}= in the lines of the names"
            break
    if not chosen.sure and upload.reading.label is None:
        others = [guess.name for guess in guesses if guess is not chosen]
        draft.warn(
            "label-guessed",
            f"the label was taken from {chosen.name} of lines such as {printable('>' + titles[0], 40)!r}"
            + (f", and could be {' or '.join(others)}" if others else ""),
            "confirm it or choose another",
            Reading(label=chosen.name),
        )
    return finish(draft)


def _records(upload: Upload) -> tuple[list[str], list[str]]:
    try:
        text = upload.stream.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{upload.name}: byte {error.start:,} is no text, expected UTF-8; save it again.") from error
    titles: list[str] = []
    pieces: list[list[str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(">"):
            titles.append(line[1:].strip())
            pieces.append([])
        elif line.strip() and not line.startswith(";"):
            if not pieces:
                raise DataError(
                    f"{upload.name}: line {number:,} has letters before the first name, expected a line that starts "
                    "with >; check the file."
                )
            if not re.fullmatch(r"[A-Za-z*.\- \t]+", line):
                raise DataError(
                    f"{upload.name}: line {number:,} holds {printable(line, 30)!r}, expected letters of a sequence; "
                    "correct the line."
                )
            pieces[-1].append("".join(line.split()))
    if not titles:
        raise DataError(f"{upload.name}: found no line that starts with >, expected FASTA; check the file.")
    return titles, ["".join(piece) for piece in pieces]


def _guesses(titles: list[str]) -> list[_Guess]:
    """Where labels could be, best first: each a word for every sequence, of fewer kinds than half the sequences."""
    found = [_Guess(key, words, True) for key in _LABEL_KEYS if (words := _of_key(titles, key)) is not None]
    keys = dict.fromkeys(key.lower() for key in re.findall(r"(\w+)=", titles[0]))
    others = [key for key in keys if key not in (*_LABEL_KEYS, *_SPLIT_KEYS)]
    found += [_Guess(key, words, False) for key in others if (words := _of_key(titles, key)) is not None]
    places: dict[str, Callable[[str], str]] = {
        "the last field between bars": lambda t: t.split("|")[-1].strip() if "|" in t else "",
        "the last word": lambda t: t.split()[-1] if len(t.split()) > 1 and "=" not in t.split()[-1] else "",
        "the start of the name": lambda t: m[1] if (m := re.match(r"(.+?)[_.\-]?\d+(?:\s|$|\|)", t)) else "",
    }
    found += [_Guess(place, tuple(map(word, titles)), False) for place, word in places.items()]
    return [guess for guess in found if all(guess.words) and 2 <= len(set(guess.words)) <= max(2, len(titles) / 2)]


def _of_key(titles: list[str], key: str) -> tuple[str, ...] | None:
    """Words of `key=word`, `[key=word]` or `key:word`, where every line has one."""
    pattern = re.compile(rf"(?:^|[\s|\[;,]){re.escape(key)}[=:]\s*([^\s|\];,]+)", re.IGNORECASE)
    found = [match[1] if (match := pattern.search(title)) else "" for title in titles]
    return tuple(found) if all(found) else None


def _choose(upload: Upload, titles: list[str], guesses: list[_Guess]) -> _Guess:
    said = upload.reading.label
    if said is not None:
        words = _of_key(titles, said)
        named = next((guess for guess in guesses if guess.name == said), None)
        if named is None and words is None:
            raise DataError(
                f"{upload.name}: found no {printable(said, 40)!r} in every line of a name, expected "
                f"{', '.join(repr(g.name) for g in guesses) or 'a key such as label=...'}; choose another."
            )
        return named or _Guess(said, words or (), True)
    if not guesses:
        raise DataError(
            f"{upload.name}: found no labels in lines such as {printable('>' + titles[0], 40)!r}, expected "
            "'>name label=class'; add them, or save a .csv with a sequence and a label column."
        )
    return guesses[0]
