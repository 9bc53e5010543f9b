"""Which encoding makes of bytes a text that somebody may have written.

Every single-byte encoding decodes nearly everything, so what tells them apart is what comes out: letters of one
language, capitals where words begin, signs where signs stand. "CafŽ" is no word, whatever its bytes are.
"""

import codecs
import re
from typing import NamedTuple

from xmodal_core.data.readers.tables.alphabets import ALPHABETS, HAN, HANGUL, KANA, MULTIBYTE, Alphabet

_SIGNS = frozenset("\u00a0°²³µ·×±€£§«»‘’“”–—…½¼¾%‰™®©¿¡ªº„‚†•‹›№")
_WITHIN_WORDS = frozenset("’·‘")
_BESIDE_LETTERS = frozenset("\u00a0°µ’‘“”„«»–—…™®©²³ªº·¿¡")
_RARE = frozenset("ŠšŽžŸŒœ\u00ff")  # of cp1252, where other encodings have frequent letters
_FREQUENT, _OTHER = 1.0, 0.7  # weight of a letter
_SEVERAL = 0.9  # of a letter of any Western language, where no single one has all of them
_PLAUSIBLE = 0.9  # share from which a Western text is not doubted
_BETTER = 0.1  # by which another encoding has to be more plausible
_TELLING = 3  # different letters from which one language is no chance
_MULTI = 0.15  # share of frequent characters from which double bytes are no chance, if more than of a Western text
_SURELY_MULTI = 0.5  # whatever a Western text has
_CONTEXTS = 5000
_WIDE_SIGN = re.compile("[\u3000-\u303f\uff00-\uff5e\u2460-\u2473℃]")  # as East Asian text has them
_HIGH = re.compile(r"(.?)([^\x00-\x7f])(?=(.?))", re.DOTALL)


class Guess(NamedTuple):
    """An encoding, and what else it may be.

    Attributes:
        encoding: the likeliest.
        doubt: another one may be meant.
        other: the second where it comes near; empty where it does not.
    """

    encoding: str
    doubt: bool
    other: str = ""


def guess_encoding(content: bytes) -> Guess:
    """An encoding for the start of a text that is not UTF-8."""
    west = "cp1252" if _decoded(content, "cp1252") is not None else "latin-1"
    ours = _share(content, west, _WESTERN)
    multi, strength = _of_several_bytes(content)
    if strength >= _SURELY_MULTI or (strength >= _MULTI and strength > ours):
        return Guess(multi, True)
    others = {
        encoding: _share(content, encoding, alphabets)
        for encoding, alphabets in _BY_ENCODING.items()
        if encoding != west and _n_that_differ(content, west, encoding)
    }
    best = max(others, key=lambda encoding: others[encoding], default="")
    if best and others[best] >= ours + _BETTER and others[best] > _PLAUSIBLE / 2:
        together = _any_western(content, west)
        if together < _PLAUSIBLE or _n_that_differ(content, west, best) >= _TELLING:
            return Guess(best, True)
        return Guess(west, True, best)
    letters = {c for c in content.decode(west, "replace") if ord(c) > 127 and c.isalpha()}
    if letters and letters <= _RARE and others.get("mac_roman", 0.0) >= ours:
        return Guess(west, True, "mac_roman")
    return Guess(west, max(ours, _any_western(content, west)) < _PLAUSIBLE)


def _decoded(content: bytes, encoding: str) -> str | None:
    """The text, without a character that the end of the bytes cuts; None where it is no text in this encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(content)
    except UnicodeDecodeError:
        return None


def _share(content: bytes, encoding: str, alphabets: tuple[Alphabet, ...]) -> float:
    """Share of what is not ASCII that is where it should be, as letters of one of the languages or as signs."""
    text = _decoded(content, encoding)
    if text is None:
        return 0.0
    contexts = _contexts(text)
    return max(sum(_weight(c, one) for c in contexts) for one in alphabets) / max(1, len(contexts))


def _any_western(content: bytes, encoding: str) -> float:
    contexts = _contexts(content.decode(encoding, "replace"))
    known = sum(any(_weight(c, one) for one in _WESTERN) for c in contexts)
    signs = sum(c[1] in _SIGNS and _weight(c, _WESTERN[0]) > 0 for c in contexts)
    return (_SEVERAL * known + (1 - _SEVERAL) * signs) / max(1, len(contexts)) + 1e-9  # rounding is no doubt


def _contexts(text: str) -> set[tuple[str, str, str]]:
    """Characters beyond ASCII with what stands before and behind them, each once: a label fills half of a table."""
    found = (match.groups() for _, match in zip(range(_CONTEXTS), _HIGH.finditer(text), strict=False))
    return {(before, own, behind) for before, own, behind in found}


def _weight(context: tuple[str, str, str], alphabet: Alphabet) -> float:
    """How well a character fits where it stands; 0 where it does not."""
    before, own, behind = context
    if own in _SIGNS:
        if before.isalpha() and behind.isalpha():
            return float(own in _WITHIN_WORDS)
        return float(own in _BESIDE_LETTERS or not (before.isalpha() or behind.isalpha()))
    small = own.lower() if len(own.lower()) == 1 else own
    weight = _FREQUENT if small in alphabet.frequent else _OTHER if small in alphabet.others else 0.0
    if not weight:
        return 0.0
    if own != small and before.isalpha() and (before.islower() or behind.islower()):
        return 0.0  # a capital inside a word
    beside_ascii = (before + behind).isascii() and (before.isalpha() or behind.isalpha())
    return 0.0 if beside_ascii and not alphabet.is_latin else weight


def _n_that_differ(content: bytes, one: str, other: str) -> int:
    """Number of different bytes that the encodings read as different letters."""
    high = bytes(sorted({byte for byte in content if byte > 127}))
    return sum(a != b for a, b in zip(high.decode(one, "replace"), high.decode(other, "replace"), strict=True))


def _of_several_bytes(content: bytes) -> tuple[str, float]:
    """The East Asian encoding of which most characters are in daily use, and their share; empty where none can be."""
    found: dict[str, float] = {}
    for encoding, script in MULTIBYTE.items():
        contexts = _contexts(_decoded(content, encoding) or "")
        if not contexts:
            continue
        daily = HANGUL if script == "Korean" else HAN | KANA if script == "Japanese" else HAN
        found[encoding] = sum(_is_daily(context, daily) for context in contexts) / len(contexts)
        if script == "Japanese" and not any(own in KANA for _, own, _ in contexts):
            found[encoding] *= 0.9  # Chinese is rarely valid in it, and a Japanese text without kana is rare
    best = max(found, key=lambda encoding: found[encoding], default="")
    return best, found.get(best, 0.0)


def _is_daily(context: tuple[str, str, str], daily: frozenset[str]) -> bool:
    """Whether a character is in daily use, and does not stand beside small ASCII letters, as those of Western words."""
    before, own, behind = context
    return (own in daily or bool(_WIDE_SIGN.match(own))) and not any(
        c.isascii() and c.islower() for c in (before, behind)
    )


_WESTERN = tuple(one for one in ALPHABETS.values() if one.encodings[0] == "cp1252")
_BY_ENCODING = {
    encoding: tuple(one for one in ALPHABETS.values() if encoding in one.encodings)
    for encoding in dict.fromkeys(encoding for one in ALPHABETS.values() for encoding in one.encodings)
}
