"""FASTA: a line `>name ...` and lines of letters for each sequence; the label is in the line of the name."""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.labels import is_fractional
from xmodal_core.data.readers.letters import encode_letters
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.splitting import split_word
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
    _take_numbers(draft)
    for key in _SPLIT_KEYS:
        if (words := _of_key(titles, key)) is not None and upload.reading.split in (None, key):
            draft.splits, draft.split_reason = np.array(words, np.str_), f"from {key}= in the lines of the names"
            _take_validation(draft, titles)
            break
    else:
        _take_split_field(draft, titles)
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


def _take_numbers(draft: Draft) -> None:
    """Labels that are numbers with fractions are amounts."""
    with contextlib.suppress(ValueError):
        numbers = np.array([word or "nan" for word in draft.labels.tolist()]).astype(np.float64)
        known = numbers[np.isfinite(numbers)]
        if len(known) and (is_fractional(known).any() or draft.reading.task == "regression"):
            draft.labels = numbers


def _take_validation(draft: Draft, titles: list[str]) -> None:
    """Training rows that `validation=True` is said of, as FLIP has them, validate."""
    said = _of_key(titles, "validation")
    if said is None or draft.splits is None or not {word.lower() for word in said} <= {"true", "false"}:
        return
    validates = np.array([word.lower() == "true" for word in said]) & (draft.splits != "test")
    draft.splits = np.where(validates, "val", draft.splits)
    draft.split_reason = draft.split_reason.replace("=", "= and validation=", 1)


def _take_split_field(draft: Draft, titles: list[str]) -> None:
    fields = _fields(titles)
    at = _split_field(fields)
    if at is not None and draft.reading.split is None:
        draft.splits, draft.split_reason = np.array(fields[at], np.str_), f"from field {at + 1} between bars"


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
            if not pieces and line.startswith("@"):
                raise DataError(
                    f"{upload.name}: the file starts with {printable(line, 30)!r}, as FASTQ does, expected FASTA; "
                    "convert it, for instance with seqtk seq -a, and add a label to every name."
                )
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
    """Where labels could be, best first: of a usual key, else a word for every sequence of fewer kinds than half."""
    found = [_Guess(key, words, True) for key in _LABEL_KEYS if (words := _of_key(titles, key)) is not None]
    keys = dict.fromkeys(key.lower() for key in re.findall(r"(\w+)=", titles[0]))
    others = [key for key in keys if key not in (*_LABEL_KEYS, *_SPLIT_KEYS) and split_word(key) is None]
    places = [_Guess(key, words, False) for key in others if (words := _of_key(titles, key)) is not None]
    fields = _fields(titles)
    of_split = _split_field(fields)
    for at, words in reversed(list(enumerate(fields, start=1))):
        last = "the last field between bars" if at == len(fields) else f"field {at} between bars"
        places += [_Guess(last, words, False)] if at - 1 != of_split else []
    for place, word in _PLACES.items():
        places.append(_Guess(place, tuple(map(word, titles)), False))
    few = min(max(2, len(titles) / 2), len(titles) - 1)
    found += [one for one in places if all(one.words) and 2 <= len(set(one.words)) <= few]
    return found


def _in_brackets(title: str) -> str:
    match = re.search(r"\[([^\[\]=]+)\]\s*$", title)
    return match[1].strip() if match else ""


def _last_word(title: str) -> str:
    words = title.split()
    return words[-1] if len(words) > 1 and "=" not in words[-1] and not title.endswith("]") else ""


def _start(title: str) -> str:
    match = re.match(r"(.+?)[_.\-]?\d+(?:\s|$|\|)", title)
    return match[1] if match and "|" not in match[1] else ""


_PLACES: dict[str, Callable[[str], str]] = {
    "the words in the last brackets": _in_brackets,
    "the last word": _last_word,
    "the start of the name": _start,
    "the whole name": lambda title: title if "|" not in title and "=" not in title else "",
}


def _fields(titles: list[str]) -> list[tuple[str, ...]]:
    """What stands between bars, field by field, where every line has as many of them; else only the last."""
    rows = [[field.strip() for field in title.split("|")] for title in titles]
    if min(map(len, rows)) < 2:
        return []
    if len(set(map(len, rows))) > 1:
        return [tuple(row[-1] for row in rows)]
    return list(zip(*rows, strict=True))


def _split_field(fields: list[tuple[str, ...]]) -> int | None:
    """Which field says train and test of every sequence."""
    for at, words in enumerate(fields):
        if len({split_word(word) for word in set(words)} - {None}) >= 2 and all(map(split_word, set(words))):
            return at
    return None


def _of_key(titles: list[str], key: str) -> tuple[str, ...] | None:
    """What `key=word`, `[key=word]` or `key:word` says in every line, "" for a few without it; else None.

    What has blanks in it goes on to the next key where that is a class again, as in `label=E. coli len=9`.
    """
    start = rf"(?:^|[\s|\[;,]){re.escape(key)}[=:]\s*"
    ways = (start + r"\"([^\"]+)\"", start + r"([^|\];,]+?)(?=\s+\w+[=:]|\s*[|\];,]|\s*$)", start + r"([^\s|\];,]+)")
    found: list[tuple[str, ...]] = []
    for way in ways:
        matches = [re.search(way, title, re.IGNORECASE) for title in titles]
        words = tuple(match[1].strip() if match else "" for match in matches)
        found.append(words)
        if all(words) and len(set(words)) <= max(2, len(titles) / 2):
            return words
    n_said = sum(map(bool, found[-1]))
    return (
        found[-1] if n_said and (n_said == len(titles) or (n_said > 0.9 * len(titles) and key in _LABEL_KEYS)) else None
    )


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
