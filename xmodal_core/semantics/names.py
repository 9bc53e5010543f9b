"""Do these class names say anything in language? The check that comes before any guidance by names.

Reference: Ma et al., NeurIPS 2023 (arXiv 2311.08782) use names as they are; the check is ours.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from xmodal_core.data.printable import printable
from xmodal_core.errors import SettingsError

MAX_FLAGGED_SHARE = 0.5
NEAR_DUPLICATE = 0.999  # cosine of two classes' vectors from which on they count as one
_PLACEHOLDER = re.compile(
    r"^\W*(class|cls|label|category|cat|cluster|group|target|id|c|y)?[\W_]*\d+\W*$", re.IGNORECASE
)
_HEXADECIMAL = re.compile(r"^(0x[0-9a-f]+|(?=.*\d)[0-9a-f]{8,})$", re.IGNORECASE)
_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
_SHOWN = 3


class NameFlag(StrEnum):
    """Why a class name may carry no meaning."""

    EMPTY = "empty"
    NUMBER = "a number or placeholder"
    CODE = "a hexadecimal code"
    SHORT = "fewer than two letters"
    DUPLICATE = "the same text as another class"
    UNKNOWN = "no word that the encoder knows"
    SAME_VECTOR = "the same vector as another class"


@dataclass(frozen=True)
class NameReport:
    """What is known about each class as a phrase.

    Attributes:
        names: as in the data set.
        phrases: what the encoder will read: the name, the description, or both.
        flags: per class, the reasons against it; empty where there are none.
        kept: per class, whether the user vouches for it, which overrides its flags.
    """

    names: tuple[str, ...]
    phrases: tuple[str, ...]
    flags: tuple[tuple[NameFlag, ...], ...]
    kept: tuple[bool, ...]

    @property
    def usable(self) -> tuple[bool, ...]:
        """Per class, whether it may take part in guidance."""
        return tuple(kept or not flags for flags, kept in zip(self.flags, self.kept, strict=True))

    @property
    def refusal(self) -> str | None:
        """One sentence why guidance is off; None where it may go on."""
        bad = [printable(name, 24) for name, usable in zip(self.names, self.usable, strict=True) if not usable]
        if len(self.names) < 2:
            return f"found {len(self.names)} class, expected at least two: guidance by names relates classes."
        left = len(self.names) - len(bad)
        if len(bad) <= MAX_FLAGGED_SHARE * len(self.names) and left >= 2:
            return None
        shown = ", ".join(repr(name) for name in bad[:_SHOWN]) + (", ..." if len(bad) > _SHOWN else "")
        return (
            f"{len(bad)} of {len(self.names)} class names mean nothing in language ({shown}), so guidance by them "
            "would impose an arbitrary arrangement of the classes; describe the classes, vouch for the names that do "
            "mean something, or train without guidance."
        )

    @property
    def note(self) -> str:
        """What the page says of a graph that can hold little; empty otherwise."""
        if sum(self.usable) == 2:
            return "With two classes there is one relation at most: guidance acts as label-vector regularisation."
        return ""

    def with_flag(self, flag: NameFlag, classes: Collection[int]) -> "NameReport":
        """The report with one more flag on some classes (by index among all)."""
        flags = tuple((*f, flag) if i in classes else f for i, f in enumerate(self.flags))
        return replace(self, flags=flags)


def check_names(names: Sequence[str], descriptions: Sequence[str] = (), keep: Collection[str] = ()) -> NameReport:
    """Flag the classes whose text says nothing.

    A description stands in for a name that is flagged, and is added to one that is not.

    Args:
        names: K class names.
        descriptions: K descriptions, "" where there is none; or none at all.
        keep: names that the user vouches for; "*" stands for all.

    Raises:
        SettingsError: as many descriptions as classes were expected, or `keep` names no class.
    """
    if descriptions and len(descriptions) != len(names):
        raise SettingsError(f"found {len(descriptions)} descriptions for {len(names)} classes, expected one a class.")
    if stray := sorted(set(keep) - set(names) - {"*"}):
        raise SettingsError(f"keep_names has {printable(stray[0])!r}, which is no class; name classes as they are.")
    described = [d.strip() for d in descriptions] or [""] * len(names)
    phrases = tuple(_phrase(name, text) for name, text in zip(names, described, strict=True))
    counts = Counter(phrase.casefold() for phrase in phrases)
    flags = tuple(_flags(p) + ((NameFlag.DUPLICATE,) if p and counts[p.casefold()] > 1 else ()) for p in phrases)
    return NameReport(tuple(names), phrases, flags, tuple("*" in keep or name in keep for name in names))


def parse_descriptions(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Descriptions from one string with a line `name: description` for each class that has one.

    Where the text has no line break, `|` separates the entries, for the command line.

    Returns:
        K descriptions, "" where there is none; nothing for an empty text.

    Raises:
        SettingsError: a line starts with no class name, or a class has two lines.
    """
    found: dict[str, str] = {}
    by_length = sorted(names, key=len, reverse=True)  # "left" must not take the line of "left: ventricle"
    for line in filter(None, map(str.strip, text.split("\n" if "\n" in text else "|"))):
        name = next((n for n in by_length if line.startswith(f"{n}:")), None)
        if name is None:
            raise SettingsError(
                f"descriptions has {printable(line, 40)!r}, expected 'class name: description'; mend it."
            )
        if name in found:
            raise SettingsError(f"descriptions has two lines for {printable(name, 40)!r}, expected one; remove one.")
        found[name] = line[len(name) + 1 :].strip()
    return tuple(found.get(name, "") for name in names) if found else ()


def format_descriptions(descriptions: dict[str, str]) -> str:
    """The string that `parse_descriptions` reads, from class name -> description; for the page's table."""
    return "\n".join(f"{name}: {' '.join(text.split())}" for name, text in descriptions.items() if text.strip())


def parse_keep(text: str) -> tuple[str, ...]:
    """Names from a string with one a line; `|` separates where there is no line break."""
    return tuple(filter(None, map(str.strip, text.split("\n" if "\n" in text else "|"))))


def _phrase(name: str, description: str) -> str:
    name = " ".join(name.replace("_", " ").split())
    if not description or description.casefold() == name.casefold():
        return name
    return description if _flags(name) else f"{name}, {description}"


def _flags(phrase: str) -> tuple[NameFlag, ...]:
    if not phrase.strip():
        return (NameFlag.EMPTY,)
    if _PLACEHOLDER.match(phrase) or _is_number(phrase):
        return (NameFlag.NUMBER,)
    if _HEXADECIMAL.match(phrase) or _UUID.match(phrase):
        return (NameFlag.CODE,)
    letters, characters = sum(map(str.isalpha, phrase)), sum(map(str.isalnum, phrase))
    return (NameFlag.SHORT,) if letters < 2 and characters < 3 else ()  # "F-16" and "737-800" are names


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return any(map(str.isdigit, text))
