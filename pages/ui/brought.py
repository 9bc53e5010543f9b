"""Files that a person brings: taken in, told as they were understood, and read differently on request."""

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import session, show
from pages.ui.safe import line, plain
from xmodal_core.data.readers import MAX_FILE_BYTES, READERS, read
from xmodal_core.data.readers.table import column_names
from xmodal_core.data.reading import Reading
from xmodal_core.data.roles import ARRAY_ROLES, COLUMN_ROLES, agreed, reading_of, roles
from xmodal_core.data.store import keep_file, kept_file, save_dataset
from xmodal_core.data.targets import Task
from xmodal_core.data.understanding import Caution, Understanding
from xmodal_core.errors import XModalError

_GUESS = "find out"
_REFUSED, _TAKEN = "_refused", "_taken"  # session_state, with the side
_BY_ROLE = {"label", "samples", "drop", "number", "category", "text", "id", "group", "time", "split"}
_FIRST = ("modality", "task")
_TASKS = {
    Task.CLASSIFICATION: "a class",
    Task.MULTILABEL: "labels",
    Task.REGRESSION: "numbers",
    Task.DENSE: "a value per cell",
    Task.SEGMENTATION: "a class per cell",
}
_SHOWN_PARTS = 2000


@dataclasses.dataclass(frozen=True)
class _Refused:
    content: bytes
    filename: str
    reading: Reading
    error: XModalError


def bring(side: str, label: str, use: Callable[[str], None]) -> None:
    """An uploader; a file is read once, and a refused one leaves the selection alone and can be read differently.

    Args:
        side: target or source; part of the widgets' keys.
        label: of the uploader.
        use: what to do with the name of the data set in the address once it is read.
    """
    kinds = ", ".join(READERS)
    file = st.file_uploader(
        label,
        type=[suffix.removeprefix(".") for suffix in READERS],
        key="upload" if side == "target" else f"upload-{side}",
        help=f"{kinds}; up to {MAX_FILE_BYTES // 2**20:,} MiB. Nothing leaves this machine.",
    )
    if file is None:
        st.session_state.pop(f"{_REFUSED}-{side}", None)
        st.session_state.pop(f"{_TAKEN}-{side}", None)
        return
    if st.session_state.get(f"{_TAKEN}-{side}") != file.file_id:
        st.session_state[f"{_TAKEN}-{side}"] = file.file_id
        _take(file.getvalue(), file.name, Reading(), side, use)
    refused: _Refused | None = st.session_state.get(f"{_REFUSED}-{side}")
    if refused is not None:
        show.error(refused.error)
        columns = column_names(refused.content, refused.filename)
        said = _differently(refused.filename, refused.reading, None, f"{side}-refused", columns)
        if said is not None:
            _take(refused.content, refused.filename, said, side, use)


def reread(name: str, found: Understanding, side: str, use: Callable[[str], None]) -> None:
    """Warnings with a button for each that the reader can mend, and the form that reads the file differently.

    Args:
        name: of the data set in the address.
        found: what was understood.
        side: target or source.
        use: see `bring`.
    """
    kept = kept_file(name.removeprefix("upload-"), session.uploads_root())
    for number, warning in enumerate(found.warnings):
        said = _warned(found, warning, f"{side}-{number}", kept is not None)
        if said is not None and kept is not None:
            _take(kept[0].read_bytes(), kept[1], found.reading.with_(said), side, use)
    if kept is None:
        st.caption("The file itself is not in this workspace; upload it again to read it differently.")
        return
    said = _differently(kept[1], found.reading, found, f"{side}-{name}")
    if said is not None:
        _take(kept[0].read_bytes(), kept[1], said, side, use)
    if (refused := st.session_state.get(f"{_REFUSED}-{side}")) is not None:
        show.error(refused.error)


def _warned(found: Understanding, warning: Caution, key: str, can: bool) -> Reading | None:
    """One warning; what is said about it once a button of it was pressed."""
    text = f"{warning.message}; {warning.fix}."
    st.warning(plain(text[:1].upper() + text[1:], longest=600))
    if not can:
        return None
    agreement = agreed(found, warning)
    with st.container(horizontal=True):
        if warning.mends is not None:
            said = ", ".join(f"{field} {_in_words(getattr(warning.mends, field))}" for field in warning.mends.said)
            if st.button(plain(f"Read with {said}", longest=60), key=f"mend-{key}-{warning.code}"):
                return warning.mends
        if agreement is not None and st.button("It is right so", key=f"agree-{key}-{warning.code}"):
            return agreement
    return None


def _in_words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _take(content: bytes, filename: str, reading: Reading, side: str, use: Callable[[str], None]) -> None:
    st.session_state.pop(f"{_REFUSED}-{side}", None)
    try:
        with st.spinner("Reading the file", show_time=True):
            data = read(content, filename, reading, progress=_progress())
            save_dataset(data, session.uploads_root())
            keep_file(content, filename, data.content_hash, session.uploads_root())
    except XModalError as error:
        st.session_state[f"{_REFUSED}-{side}"] = _Refused(content, filename, reading, error)
        return
    use(f"upload-{data.content_hash}")
    st.rerun()


def _progress() -> Callable[[int, int], None]:
    """A bar for files of many files; drawn for every hundredth of them."""
    place = st.empty()

    def draw(done: int, total: int) -> None:
        if done % max(1, total // 100) == 0:
            place.progress(done / max(1, total), text=f"{done:,} of {total:,} files")

    return draw


def _differently(
    filename: str, said: Reading, found: Understanding | None, key: str, columns: Sequence[str] = ()
) -> Reading | None:
    """A form with everything that can be said about such a file; the reading once it was sent.

    `columns` are those of a file that could not be read so far.
    """
    takes = READERS[Path(filename if found is None else found.file).suffix.lower()].takes  # of a table in a zip
    with st.expander("Read it differently", icon=":material/edit_note:"), st.form(f"reading-{key}", border=False):
        before = roles(found) if found is not None else {}
        after = _edit_roles(found, before, key) if found is not None and before else before
        fields = {field.name: field for field in dataclasses.fields(Reading) if field.name in takes}
        by_hand = [name for name in fields if not before or name not in _BY_ROLE]
        values: dict[str, Any] = {}
        halves = st.columns(2)
        for place, name in enumerate((*_FIRST, *(n for n in by_hand if n not in _FIRST))):
            if name in fields:
                with halves[place % 2]:
                    values[name] = _ask(fields[name], getattr(said, name), f"{key}-{name}", columns)
        if not st.form_submit_button("Read again", key=f"read-again-{key}"):
            return None
    said = dataclasses.replace(said, **values)
    return reading_of(before, after, said) if before else said


def _edit_roles(found: Understanding, before: Mapping[str, str], key: str) -> dict[str, str]:
    """The parts of a file in a table whose roles can be changed."""
    parts = found.parts[:_SHOWN_PARTS]
    is_table = "number" in READERS[Path(found.file).suffix.lower()].takes
    choices = COLUMN_ROLES if is_table else ARRAY_ROLES
    table = pd.DataFrame(
        {
            "part": [part.name for part in parts],
            "holds": [part.holds for part in parts],
            "role": [before[part.name] for part in parts],
        }
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=["part", "holds"],
        column_config={
            "role": st.column_config.SelectboxColumn(
                options=sorted({*choices, *before.values()}, key=lambda role: (role not in choices, role)),
                required=True,
            )
        },
        key=f"roles-{key}",
        height=min(300, 36 * (len(parts) + 1)),
    )
    return dict(zip(edited["part"], edited["role"], strict=True))


def _ask(field: dataclasses.Field[Any], value: Any, key: str, columns: Sequence[str]) -> Any:
    """A widget for one field of a reading; None where the reader is to find out."""
    if columns and field.metadata["of"] == "column":
        return _ask_column(field, value, key, columns)
    label, about = field.name.capitalize(), field.metadata["help"].capitalize() + "."
    if field.metadata["choices"]:
        choices = [_GUESS, *field.metadata["choices"]]
        index = choices.index(value) if value in choices else 0
        chosen = st.selectbox(label, choices, index=index, key=key, help=about, format_func=_choice)
        return None if chosen == _GUESS else chosen
    if int in typing.get_args(field.type):
        number = st.number_input(label, value=value, step=1, key=key, help=about, placeholder=_GUESS)
        return None if number is None else int(number)
    many = isinstance(value, tuple) or field.name in ("drop", "number", "category", "fill")
    shown = " + ".join(value) if isinstance(value, tuple) else value or ""
    text = st.text_input(label, value=shown, key=key, help=about, placeholder=_GUESS).strip()
    if many:
        return tuple(part.strip() for part in text.split("+") if part.strip()) or None
    return text or None


def _ask_column(field: dataclasses.Field[Any], value: Any, key: str, columns: Sequence[str]) -> Any:
    """A choice of one column, or of several where the field takes them."""
    label, about = field.name.capitalize(), field.metadata["help"].capitalize() + "."
    if field.name in ("drop", "number", "category", "fill"):
        chosen = [name for name in value or () if name in columns]
        shown = st.multiselect(label, columns, chosen, format_func=_short, key=key, help=about, placeholder=_GUESS)
        return tuple(shown) or None
    index = columns.index(value) if value in columns else None
    return st.selectbox(label, columns, index, format_func=_short, key=key, help=about, placeholder=_GUESS)


def _short(name: str) -> str:
    return line(name, 60)


def _choice(value: str) -> str:
    return _TASKS[Task(value)] if value in tuple(Task) else value


def uploads() -> dict[str, str]:
    """Names in the address of this workspace's uploads, newest first, with what people call them."""
    found = sorted(session.uploads_root().glob("*.npz"), key=lambda path: -path.stat().st_mtime)
    return {f"upload-{path.stem}": line(session.title(str(path)), 60) for path in found[:50]}
