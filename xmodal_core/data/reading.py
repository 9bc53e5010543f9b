"""`Reading`: what a person says about a file where a reader would guess.

It is the same in the app, on the command line (`--read label=Species,drop=Id`) and in a specification (`"reading":
{"label": "Species", "drop": ["Id"]}`), and part of what a data set is called by.
"""

import dataclasses
import json
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xmodal_core.data.modality import Modality
from xmodal_core.data.targets import Task
from xmodal_core.errors import SettingsError
from xmodal_core.values import JsonValue, parse_json

NO_LABELS = "none"  # said of the label: there is none, and rows can only be predicted
_Names = tuple[str, ...]


def _said(help: str, *, choices: tuple[str, ...] = (), of: str = "") -> Any:
    """A field that is None until a person says it.

    Args:
        help: one line for a form and for --help.
        choices: what it may be; anything where empty.
        of: the kind of name that it holds, "column" or "array", where it names a part of the file.
    """
    return dataclasses.field(default=None, metadata={"help": help, "choices": choices, "of": of})


@dataclass(frozen=True)
class Reading(JsonValue):
    """What was said about a file; whatever is None is for the reader to find out, and to say.

    Raises:
        SettingsError: a value that is none of the choices.
    """

    modality: str | None = _said("what a sample is", choices=tuple(map(str, Modality)))
    task: str | None = _said("what is asked of a sample", choices=tuple(map(str, Task)))
    samples: str | None = _said("the array that holds the samples", of="array")
    label: str | None = _said("the column or array that holds the labels; none for new rows to predict", of="column")
    axes: str | None = _said("order of the axes of one sample, such as time+channels or height+width+channels")
    drop: _Names | None = _said("columns, arrays or folders to leave out", of="column")  # noqa: RUF009
    number: _Names | None = _said("columns to read as numbers", of="column")  # noqa: RUF009
    category: _Names | None = _said("columns to read as categories", of="column")  # noqa: RUF009
    text: str | None = _said("the column to read as text or as a sequence of letters", of="column")
    id: str | None = _said("the column that only names the rows", of="column")
    group: str | None = _said("rows that belong together, such as a subject's: never in two splits", of="column")
    time: str | None = _said("the column that orders the rows: earlier ones train, later ones test", of="column")
    split: str | None = _said("the column or array that says train, val or test; none to split anew", of="column")
    fill: _Names | None = _said("columns whose empty cells have the value above", of="column")  # noqa: RUF009
    missing: str | None = _said("rows or values that are missing", choices=("drop", "impute", "refuse"))
    decimal: str | None = _said("the decimal mark", choices=("point", "comma"))
    thousands: str | None = _said("the thousands mark", choices=("none", "comma", "point", "space", "apostrophe"))
    separator: str | None = _said("what separates fields", choices=("comma", "semicolon", "tab", "bar", "space"))
    dates: str | None = _said("which comes first in dates of numbers", choices=("day-first", "month-first"))
    encoding: str | None = _said("how text is encoded, such as utf-8, cp1252, mac_roman or utf-16")
    header: str | None = _said("whether the first row holds names", choices=("yes", "no"))
    sheet: str | None = _said("the sheet of a workbook")
    hidden: str | None = _said("rows and columns that are hidden in a sheet", choices=("keep", "drop"))
    level: int | None = _said("which folder of a path is the class, counted from the file: 1 is the one around it")
    fit: str | None = _said("how pictures become squares", choices=("crop", "pad", "stretch"))
    ground: str | None = _said("what shines through where a picture is transparent", choices=("white", "black", "grey"))
    length: str | None = _said("how series become equally long", choices=("pad", "crop", "resample"))
    steps: int | None = _said("how many steps series are brought to")
    ignore: str | None = _said("the code of cells that have no class, or padding: those behind the end of a sequence")
    first: int | None = _said("the label of the first class name: 0, or 1 where classes count from one")

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, choices = getattr(self, field.name), field.metadata["choices"]
            if value is not None and choices and value not in choices:
                raise SettingsError(f"{field.name} is {value!r}, expected one of {', '.join(choices)}.")
        if self.steps is not None and self.steps < 1:
            raise SettingsError(f"steps is {self.steps}, expected 1 or more.")
        if self.level is not None and self.level < 1:
            raise SettingsError(f"level is {self.level}, expected 1 or more: 1 is the folder around a file.")

    @property
    def said(self) -> tuple[str, ...]:
        """Names of the fields that a person filled in, in their order."""
        return tuple(field.name for field in dataclasses.fields(self) if getattr(self, field.name) is not None)

    def with_(self, other: "Reading") -> "Reading":
        """This reading with what another one says; columns to leave out, of numbers and of categories add up."""
        values = {name: getattr(other, name) for name in other.said}
        for name in ("drop", "number", "category", "fill"):
            if getattr(self, name) and name in values:
                values[name] = tuple(dict.fromkeys((*getattr(self, name), *values[name])))
        return dataclasses.replace(self, **values)

    def on_command_line(self) -> str:
        """What `--read` takes, quoted for a shell where it must be."""
        parts = []
        for name, value in self.to_json().items():
            parts.append(f"{name}={'+'.join(value) if isinstance(value, list) else value}")
        text = ",".join(parts)
        plain = sum(part.count("=") for part in parts) == len(parts) and text.count(",") == len(parts) - 1
        names = [one for value in self.to_json().values() for one in (value if isinstance(value, list) else [])]
        if not plain or any("+" in one for one in names):
            text = json.dumps(self.to_json(), ensure_ascii=False)
        return text if all(c.isalnum() or c in "=,+._-" for c in text) else "'" + text.replace("'", "'\\''") + "'"


def reading_from_json(values: object, where: str = "reading") -> Reading:
    """The `"reading"` of a specification.

    Raises:
        SettingsError: no object, an unknown field, or a value of another type or choice.
    """
    if not isinstance(values, Mapping):
        raise SettingsError(f'{where} is {values!r}, expected a JSON object such as {{"label": "Species"}}.')
    said = {_known(name, where): _typed(name, value, where) for name, value in values.items()}
    return Reading(**said)


def parse_reading(texts: Sequence[str], option: str = "--read") -> Reading:
    """What `--read` was given: NAME=VALUE with commas between, columns joined by +; or the JSON of a reading.

    Args:
        texts: one for each time that the option was given; later ones win.
        option: what it is called, for messages.

    Raises:
        SettingsError: no NAME=VALUE, an unknown name, or a value that it does not take.
    """
    reading = Reading()
    for text in texts:
        if text.lstrip().startswith("{"):
            try:
                reading = reading.with_(reading_from_json(parse_json(text), option))
            except json.JSONDecodeError as error:
                raise SettingsError(
                    f"{option} got no JSON from character {error.colno:,} on; quote the names."
                ) from error
            continue
        for part in text.split(","):
            name, equals, value = part.partition("=")
            if not (name.strip() and equals and value):
                raise SettingsError(
                    f"{option} got {part!r}, expected NAME=VALUE, for instance label=Species,drop=Id; names with a "
                    "comma in them need the JSON form."
                )
            reading = reading.with_(reading_from_json({name.strip(): value}, option))
    return reading


def _known(name: str, where: str) -> str:
    fields = Reading.__dataclass_fields__
    if name not in fields:
        raise SettingsError(f"{where} has no {name!r}; it has {', '.join(fields)}.")
    return name


def _typed(name: str, value: object, where: str) -> Any:
    """A JSON value or a text as the field's type."""
    kind = typing.get_args(typing.get_type_hints(Reading)[name])[0]
    if value is None:
        return None
    if typing.get_origin(kind) is tuple:
        names = value.split("+") if isinstance(value, str) else value
        if isinstance(names, list | tuple) and names and all(isinstance(one, str) and one for one in names):
            return tuple(names)
    elif kind is int and not isinstance(value, bool):
        try:
            return int(str(value))
        except ValueError:
            pass
    elif kind is str and isinstance(value, str | int) and not isinstance(value, bool) and str(value):
        return str(value)  # a column or a code may be called by a number
    expected = {int: "a whole number", str: "text"}.get(kind, "a list of names")
    raise SettingsError(f"{name} of {where} is {value!r}, expected {expected}.")
