"""Typed doors to what a page looks at (URL), what was computed (workspace) and what this process keeps warm.

The URL holds names and hashes, never paths; each is checked here before it is used.
"""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import show
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.named import load_named
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import cache_root, stored_name
from xmodal_core.data.variants import joined_reference, split_reference
from xmodal_core.environment import settle
from xmodal_core.errors import ReadOnlyError, RunError, XModalError
from xmodal_core.files import ask_before_writing
from xmodal_core.gallery import links, shelf
from xmodal_core.gallery.items import BODY, ITEMS
from xmodal_core.gallery.taking import take
from xmodal_core.model.bodies import BODIES, DEFAULT_SOURCE, default_body
from xmodal_core.model.facts import body_facts
from xmodal_core.panel.kept import kept_paths, read_report, read_request
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.sharing import folder_name, is_shared

if TYPE_CHECKING:
    from xmodal_core.runs.rundir import RunDir

settle(os.environ)

_KEYS = ("ws", "view", "target", "source", "body", "run", "gap")
_OF_CLASS = ("class", "me", "tour", "step", "locked")  # a lesson: stays in the address whatever is looked at
_MEMORY = "_address"  # session_state: the address, for the navigation bar drops the query
_PAGE = "_page"
HOME = "Start"  # title of the first page
_OWN = "_own"  # session_state: the person's own workspace, while another one is looked at
_GALLERY = "gallery-"  # what a `ws` begins with that is an item of the gallery
_WORKSPACE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_RUN = re.compile(r"[0-9a-z-]{1,40}")
_GAP = re.compile(r"[A-Za-z0-9_-]{1,80}")
_UPLOAD = re.compile(r"upload-([0-9a-f]{8,64})")
_LONGEST_BODY = 300


@dataclass(frozen=True)
class Selection:
    """What the URL points at; a name that does not exist here is None."""

    target: str | None = None
    source: str | None = None
    body: str | None = None
    run: str | None = None


def selection() -> Selection:
    """The selection in the URL, every part checked."""
    query = st.query_params
    target, source, body, run = (query.get(key) for key in ("target", "source", "body", "run"))
    return Selection(
        target=target if _is_target(target) else None,
        source=source if source in SOURCES or source in EXAMPLES or _stored_upload(source) is not None else None,
        body=body if body and len(body) <= _LONGEST_BODY and body.isprintable() else None,
        run=run if run and _RUN.fullmatch(run) and (runs_root() / run).is_dir() else None,
    )


def of_run() -> Selection | None:
    """What the run in the URL was made of; None without one, or where it is damaged."""
    run = open_run()
    if run is None:
        return None
    address = run_address(run)
    return Selection(address.get("target"), address.get("source"), address.get("body"), run.path.name)


def select(**changes: str | None) -> None:
    """Write parts of the URL: ws, view, target, source, body, run, gap; None removes. What depended on it goes too."""
    if {"target", "source", "body"} & set(changes):
        changes = {"gap": None, **changes}
    if unknown := set(changes) - set(_KEYS):
        raise ValueError(f"{', '.join(sorted(unknown))}: no part of the address")
    kept = st.query_params.to_dict() | changes
    st.query_params.from_dict({key: value for key, value in kept.items() if value is not None})
    st.session_state[_MEMORY] = address()


def address() -> dict[str, str]:
    """The known part of the URL's query."""
    return {key: st.query_params[key] for key in (*_KEYS, *_OF_CLASS) if key in st.query_params}


def keep_address(page: str) -> None:
    """Bring back the query after a click in the navigation bar, which drops it. `app.py` calls this first.

    Only on a change of page: adding to the address of the same page would trap the browser's Back button.
    """
    moved = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page
    back = page == HOME and gallery_item() is not None  # where the browser's Back leads from an item
    if moved and (back or not address()) and "board" not in st.query_params:  # a board is looked at by its code alone
        st.query_params.from_dict(_remembered(page))  # at once: one entry in the browser's history
    st.session_state[_MEMORY] = address()
    if not is_read_only():
        st.session_state[_OWN] = st.query_params.get("ws")


def _remembered(page: str) -> dict[str, str]:
    """The address to bring back: on the first page never one of what may only be looked at."""
    found: dict[str, str] = st.session_state.get(_MEMORY, {})
    if page == HOME and ("view" in found or found.get("ws", "").startswith(_GALLERY)):
        own = st.session_state.get(_OWN)
        lesson = {key: found[key] for key in _OF_CLASS if key in found}
        return lesson if own is None else {"ws": own, **lesson}
    return found


def keep_own(name: str) -> None:
    """The person's own workspace, where none is known yet: after a refresh while something else is looked at."""
    if st.session_state.get(_OWN) is None:
        st.session_state[_OWN] = name


def workspace() -> Path:
    """Folder of everything computed under the URL's `ws`, "default" without one; not necessarily made yet.

    An item of the gallery and the workspace behind a link to look at are workspaces, too.
    """
    if (item := gallery_item()) is not None:
        return shelf.workspace_of(item)
    token = st.query_params.get("view")
    if token is None:
        return _folder_of(st.query_params.get("ws"))
    return links.workspace_of(token) or _nowhere()


def _workspaces() -> Path:
    return cache_root().resolve() / "workspaces"


def _folder_of(ws: str | None) -> Path:
    """The folder of a `ws`; on a shared server only a key opens one, and it does not tell its name."""
    if is_shared(os.environ):
        name = folder_name(cache_root().resolve(), ws or "")
        return _nowhere() if name is None else _workspaces() / name
    return _workspaces() / (ws if ws and _WORKSPACE.fullmatch(ws) and not ws.startswith(_GALLERY) else "default")


def _nowhere() -> Path:
    return cache_root().resolve() / "nowhere"


def opens_something(ws: str) -> bool:
    """Whether a `ws` is a key to a workspace of this shared server."""
    return folder_name(cache_root().resolve(), ws) is not None


def gallery_item() -> str | None:
    """The item of the gallery that is looked at; None in a person's own workspace."""
    name = st.query_params.get("ws", "").removeprefix(_GALLERY)
    return name if st.query_params.get("ws") == f"{_GALLERY}{name}" and name in ITEMS else None


def is_read_only() -> bool:
    """Whether what is looked at may not be changed."""
    return gallery_item() is not None or "view" in st.query_params


def _refuse(path: Path) -> None:
    """Whoever looks at an item of the gallery, or came by a link to look, changes nothing in it."""
    if get_script_run_ctx(suppress_warning=True) is None or not is_read_only():
        return
    item = gallery_item()
    folder = workspace() if item is None else shelf.folder_of(item)  # which may only now be unpacked
    if folder in path.resolve().parents:
        what = "This is a link to look at somebody's work" if item is None else "This is an item of the gallery"
        way = "work on data of your own" if item is None else "make it mine"
        raise ReadOnlyError(f"{what}, which stays as it is; {way} to measure and train.")


ask_before_writing(_refuse)


def gallery_workspace(item: str) -> Path:
    """Folder of an item of the gallery. Raises RunError where it does not ship."""
    return shelf.workspace_of(item)


def gallery_address(item: str) -> dict[str, str]:
    """The query that opens an item of the gallery. Raises RunError where it does not ship."""
    card, kept = shelf.shown(item), ITEMS[item]
    if card is None:
        raise RunError(f"the gallery's {item} cannot be read; install again.")
    return {
        "ws": f"{_GALLERY}{item}",
        "target": kept.target,
        "source": kept.source,
        "body": BODY,
        "gap": card.gap,
        "run": card.run,
    }


def make_it_mine() -> None:
    """Copy the item that is looked at into the person's own workspace, and look at it there.

    Raises:
        OSError: the workspace cannot be written.
    """
    own = st.session_state.get(_OWN)
    take(workspace(), _folder_of(own))
    select(ws=own, gap=st.query_params.get("gap"))


def go_home() -> None:
    """Leave what may only be looked at for the person's own workspace."""
    select(ws=st.session_state.get(_OWN), **dict.fromkeys(("view", "target", "source", "body", "run")))


def own_workspace() -> Path:
    """The person's own workspace, whatever is looked at; not necessarily made yet."""
    return _folder_of(st.session_state.get(_OWN)) if is_read_only() else workspace()


def link_to_look() -> str:
    """The `view` of an address that lets others look at this workspace and change nothing.

    Raises:
        OSError: the workspace cannot be written.
        ReadOnlyError: it is not the person's own.
    """
    return links.token_of(workspace())


def without_place(text: str) -> str:
    """A text that is shown or taken away, without where the workspace lies: its name is the key to it."""
    return text.replace(str(workspace()), "workspace")


def runs_root() -> Path:
    """Folder of the workspace's run directories."""
    return workspace() / "runs"


def uploads_root() -> Path:
    """Folder of the workspace's uploaded data sets."""
    return workspace() / "uploads"


def _is_target(name: str | None) -> bool:
    """Whether an example or an upload of this workspace has this name, whole or broken on purpose."""
    base, _ = split_reference(name or "")
    return base in EXAMPLES or _stored_upload(base) is not None


def _stored_upload(target: str | None) -> Path | None:
    match = _UPLOAD.fullmatch(target or "")
    path = uploads_root() / f"{match[1]}.npz" if match else None
    return path if path is not None and path.is_file() else None


def target_reference(chosen: Selection) -> str:
    """What `RunSpec.target` and `GapRequest.target` take: an example's name, or the path of the stored upload.

    With @ and how it is broken, where it is broken on purpose.
    """
    base, how = split_reference(chosen.target or "")
    stored = _stored_upload(base)
    return joined_reference(str(stored) if stored is not None else base, how)


def body_reference(chosen: Selection) -> str:
    """The chosen body, else what suits the target."""
    return chosen.body if chosen.body is not None else default_body(_target_modality(chosen))


def source_reference(chosen: Selection) -> str:
    """The chosen source or the path of an uploaded one, else the proxy of the body's pretraining modality.

    Of sound, which has no proxy here, images.
    """
    if chosen.source is not None:
        stored = _stored_upload(chosen.source)
        return str(stored) if stored is not None else chosen.source
    body = body_reference(chosen)
    if body in BODIES:
        return BODIES[body].source
    facts = body_facts(body)
    if facts is None:
        return BODIES[default_body(_target_modality(chosen))].source
    return DEFAULT_SOURCE.get(facts.modality, DEFAULT_SOURCE[Modality.IMAGE])


def _target_modality(chosen: Selection) -> Modality | None:
    base, _ = split_reference(chosen.target or "")
    if base in EXAMPLES:
        return EXAMPLES[base].modality
    return None if (data := _target(chosen)) is None else data.modality


def target_name(chosen: Selection) -> str | None:
    """What people call the chosen target; None without one."""
    return None if chosen.target is None else title(target_reference(chosen))


def title(reference: str) -> str:
    """What people call a data set: the title of a source, the name of an example or an upload."""
    if reference in SOURCES:
        return SOURCES[reference].title
    base, how = split_reference(reference)
    if base in EXAMPLES:
        return reference
    path = Path(base)
    return joined_reference(_title(base, path.stat().st_mtime_ns), how) if path.is_file() else "damaged upload"


@st.cache_data(max_entries=1000, show_spinner=False)
def _title(reference: str, written: int) -> str:  # noqa: ARG001 - part of the cache key
    return stored_name(Path(reference)) or "damaged upload"


def _target(chosen: Selection) -> LabelledDataset | None:
    try:
        return dataset(target_reference(chosen)) if chosen.target else None
    except XModalError:  # need_target tells; the strip and the defaults above only have to go on
        return None


def dataset(reference: str) -> LabelledDataset:
    """The data set of this reference; shared between sessions, so never changed."""
    try:
        written = (
            Path(split_reference(reference)[0]).stat().st_mtime_ns
        )  # equal data may come again from another file, understood otherwise
    except OSError:
        written = 0
    return _dataset(reference, written)


@st.cache_resource(max_entries=8, show_spinner="Reading the data")
def _dataset(reference: str, written: int) -> LabelledDataset:  # noqa: ARG001 - part of the cache key
    return load_named(reference)


def need_target() -> LabelledDataset:
    """The chosen data set, or one sentence, a way to choose one, and the end of the page."""
    chosen = selection()
    if chosen.target is not None:
        try:
            return dataset(target_reference(chosen))
        except XModalError as error:
            show.error(error)
    elif "target" in st.query_params:
        st.warning("The address names a data set that is not in this workspace; choose one here.")
    else:
        st.info("No data set is chosen yet.")
    go_to("data", "Choose data", primary=True)
    return st.stop()


def runs() -> "list[RunDir]":
    """Runs of this workspace, newest first."""
    from xmodal_core.runs.job import list_runs

    return list_runs(runs_root())


def open_run(*stages: str) -> "RunDir | None":
    """The run in the URL; None without one, where it is damaged, or where its method has none of the stages."""
    from xmodal_core.runs.rundir import RunDir

    name = selection().run
    path = (runs_root() / name).resolve() if name else None
    if path is None or not path.is_relative_to(runs_root().resolve()):
        return None
    try:
        run = RunDir.open(path)
        method = run.spec_values().get("method")
    except RunError:
        return None
    if stages:
        from xmodal_core.methods import METHODS

        if method not in METHODS or not set(stages) & set(METHODS[method].stages):
            return None
    return run


def run_address(run: "RunDir") -> dict[str, str]:
    """The query that shows a run and what it was made of. Raises RunError where its specification is damaged."""
    spec = run.spec_values()
    target, source = (_address_of(str(spec.get(side) or "")) for side in ("target", "source"))
    parts = {"run": run.path.name, "target": target, "source": source, "body": spec.get("body")}
    parts |= {key: st.query_params[key] for key in ("ws", "view") if key in st.query_params}
    return {key: str(value) for key, value in parts.items() if value}


def _address_of(reference: str) -> str:
    """A data set in the URL: its name where it ships, else the hash of the upload."""
    base, how = split_reference(reference)
    ships = not reference or base in EXAMPLES or reference in SOURCES
    return reference if ships else joined_reference(f"upload-{Path(base).stem}", how)


def gap_path(key: str) -> Path:
    """Where the gap result of this key is kept."""
    return workspace() / "gap" / f"{key}.json"


def gap_address() -> Path | None:
    """Where the gap result in the URL is kept, or will be; None without one."""
    key = st.query_params.get("gap", "")
    return gap_path(key) if _GAP.fullmatch(key) else None


def gap_report() -> GapReport | None:
    """The gap result in the URL; None without one, or where it is damaged."""
    path = gap_address()
    if path is None or not path.is_file():
        return None
    return _read_gap(str(path), path.stat().st_mtime_ns)


def gap_reports() -> list[tuple[GapRequest, GapReport]]:
    """Complete gap reports of the workspace with what was asked for, newest first; damaged ones are left out."""
    found = []
    for path in kept_paths(workspace() / "gap"):
        request, report = read_request(path), _read_gap(str(path), path.stat().st_mtime_ns)
        if request is not None and report is not None and report.complete and report.readings:
            found.append((request, report))
    return found


@st.cache_resource(max_entries=64, show_spinner=False)
def _read_gap(path: str, written: int) -> GapReport | None:  # noqa: ARG001 - part of the cache key
    return read_report(Path(path))


def go_to(page: str, label: str, primary: bool = False) -> None:
    """A link to another page that keeps the query; a primary button where it is the page's next step."""
    path = f"pages/views/{page}.py"
    if not primary:
        st.page_link(path, label=label, query_params=address())
    elif st.button(label, type="primary", key=f"go-{page}"):
        st.switch_page(path, query_params=address())


def device_caption() -> str:
    """Where networks run, as far as it is known without importing torch for the caption's sake."""
    torch = sys.modules.get("torch")
    if torch is None or getattr(torch.__spec__, "_initializing", False):
        return "device: found at first use"
    if torch.cuda.is_available():
        return f"device: {torch.cuda.get_device_name(0)}"
    return f"device: CPU ({os.cpu_count()} cores)"
