"""The words of a name, whatever way it is written."""

import re
import unicodedata

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")


def words_of(name: str) -> tuple[str, ...]:
    """Words of a name in small letters, without accents; digits are words of their own.

    "SepalLengthCm" has the words sepal, length and cm, "étiquette_2" etiquette and 2.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return tuple(word.casefold() for word in _WORD.findall(plain))
