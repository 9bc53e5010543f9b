"""Orange's tables: below the names a row of types and one of roles, or both in front of a name, as in `cD#iris`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xmodal_core.data.readers.tables.header import Header
from xmodal_core.data.readers.tables.names import sum_up, unique_names
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.reading import Reading

_NUMBERS, _CATEGORIES, _TEXTS = {"c", "continuous", "numeric", "n"}, {"d", "discrete", "categorical"}, {"s", "string"}
_TYPES = _NUMBERS | _CATEGORIES | _TEXTS | {"text", "t", "time", "b", "basket"}
_SPELLED = {"continuous", "numeric", "discrete", "categorical", "string"}
_LABEL, _ASIDE = {"class", "c"}, {"meta", "m", "ignore", "i", "skip", "weight", "w"}
_PREFIXED = re.compile(r"([mciw]?)([CDSTBN]?)#(.+)")


@dataclass(frozen=True)
class OrangeHeader:
    """What the first rows say of every column.

    Attributes:
        names: of the columns, in order.
        types, roles: one word for each, maybe empty.
        rows: how many of the first rows hold no data.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    roles: tuple[str, ...]
    rows: int

    @property
    def header(self) -> Header:
        """The same for those who only ask for names."""
        return Header(self.names, self.rows)

    def categories(self) -> set[str]:
        """Columns that are categories whatever they look like."""
        names, _ = unique_names(self.names)
        values = {name for name, kind in zip(names, self.types, strict=True) if " " in kind}
        return values | {name for name, kind in zip(names, self.types, strict=True) if kind in _CATEGORIES}

    def apply(self, table: Table, said: Reading) -> None:
        """Tell a table its label, and leave out what is no feature unless a person says something of it."""
        roles = dict(zip(unique_names(self.names)[0], self.roles, strict=True))
        labels = [name for name, role in roles.items() if role in _LABEL]
        table.label = labels[0] if len(labels) == 1 else ""
        named = {one for name in said.said for one in _listed(getattr(said, name))}
        aside = [name for name, role in roles.items() if role in _ASIDE and name not in named]
        if len(aside) + 1 < len(table.columns):
            table.columns = [column for column in table.columns if column.name not in aside]
            sum_up(table.left_out, "columns", aside, "the file says that they are no features")


def find_orange(head: Sequence[Sequence[str]], suffix: str) -> OrangeHeader | None:
    """Orange's header, or None where the first rows are none.

    Args:
        head: the first rows of a table.
        suffix: of the file; only in `.tab` a name has its type in front.
    """
    names = [cell.strip() for cell in head[0]]
    prefixed = [_PREFIXED.fullmatch(name) for name in names]
    if suffix == ".tab" and any(prefixed):
        parts = [
            (one[3], one[2].lower(), one[1]) if one else (name, "", "")
            for name, one in zip(names, prefixed, strict=True)
        ]
        first, types, roles = zip(*parts, strict=True)
        return OrangeHeader(first, types, roles, 1)
    if len(head) < 4 or not len(head[0]) == len(head[1]) == len(head[2]):
        return None
    kinds = [cell.strip().lower() for cell in head[1]]
    said = [cell.strip().lower().split()[0] if cell.strip() else "" for cell in head[2]]
    known = [kind in _TYPES for kind in kinds]
    if not all(is_known or " " in kind for is_known, kind in zip(known, kinds, strict=True)) or not any(known):
        return None
    if not {*said} <= _LABEL | _ASIDE | {""} or not (any(said) or _SPELLED & {*kinds}):
        return None
    return OrangeHeader(tuple(names), tuple(kinds), tuple(said), 3)


def _listed(value: object) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
