"""The line above every page: what is looked at, whether it may be changed, and a link to exactly this view."""

import json
import os

import streamlit as st

from pages.ui import session, show
from pages.ui.safe import plain
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import cache_root
from xmodal_core.errors import ReadOnlyError, RunError
from xmodal_core.gallery.items import ITEMS
from xmodal_core.panel.words import headline
from xmodal_core.sharing import is_shared, new_key

_OF_A_RUN = ("align", "curriculum", "refine", "reuse")  # pages that show the run in the address
_KEY = "_key"  # session_state: of a visitor of a shared server
_KEY_HELP = (
    "This server is shared. The address of this page is the key to your workspace: keep it as a bookmark, and give it "
    "to nobody who is not to change your work."
)
_SAID_MS = 2000  # how long a button says that it has copied

_COPY_STYLE = """
button {
  font: inherit; font-size: 0.875rem; line-height: 1.4; padding: 0.1rem 0.6rem; cursor: pointer; white-space: nowrap;
  color: var(--st-text-color); background: transparent;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
}
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
"""
# navigator.clipboard is missing where the page does not come from this machine or by https, as in a class
_COPY_SCRIPT = """
function copied(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea");
  box.value = text;
  box.style.position = "fixed";
  box.style.opacity = "0";
  document.body.appendChild(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done ? Promise.resolve() : Promise.reject(new Error("copy"));
}

export default function ({ data: bytes, parentElement }) {
  const data = JSON.parse(new TextDecoder().decode(bytes));
  let button = parentElement.querySelector("button");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-live", "polite");
    parentElement.appendChild(button);
  }
  button.textContent = data.label;
  button.title = data.help;
  button.onclick = async () => {
    const link = new URL(window.location.href);
    link.hash = "";
    for (const [name, value] of Object.entries(data.query)) {
      if (value === "") link.searchParams.delete(name);
      else link.searchParams.set(name, value);
    }
    try {
      await copied(link.href);
      button.textContent = "Copied";
    } catch {
      window.prompt(data.help, link.href);
    }
    setTimeout(() => { button.textContent = data.label; }, data.ms);
  };
}
"""
_copy = st.components.v2.component("xmodal_copy_link", js=_COPY_SCRIPT, css=_COPY_STYLE)


def copy_link(key: str, label: str, about: str, query: dict[str, str] | None = None) -> None:
    """A button that copies the address of the page with everything in it that a person has set.

    Args:
        key: stable widget key.
        label: what stands on it.
        about: what it tells who points at it.
        query: what the copied address has otherwise; an empty value takes a name out.
    """
    told = {"label": label, "help": about, "query": query or {}, "ms": _SAID_MS}
    _copy(key=key, data=json.dumps(told).encode(), width="content")  # bytes: of anything else Streamlit asks pandas


def arrive() -> None:
    """Give who comes to a shared server without a key one of their own, in the address; `app.py` calls this first."""
    if not is_shared(os.environ) or "board" in st.query_params:
        return
    asked, only_looks = st.query_params.get("ws", ""), session.is_read_only()
    if not only_looks and session.opens_something(asked):
        return
    if _KEY not in st.session_state:
        st.session_state[_KEY] = new_key(cache_root().resolve())
    key = st.session_state[_KEY]
    if only_looks:
        session.keep_own(key)
        return
    st.query_params.from_dict(st.query_params.to_dict() | {"ws": key})  # at once: one entry in the browser's history
    if asked:
        st.toast("This address opens no workspace here; you have a new one.", duration="long")


def looked_at(page: str) -> None:
    """One line: what is compared with what, through which body, where, and the last gap.

    Args:
        page: in the address; for one that shows a run it is that run's source and body.
    """
    st.caption("  ·  ".join(_parts(page)), width="stretch")


def may_do() -> None:
    """Whether what is looked at may be changed, the way to a copy that may, and the link to this view."""
    if (item := session.gallery_item()) is not None:
        st.badge("Gallery, read only", icon=":material/lock:", color="gray", help=plain(ITEMS[item].text))
        _mine("strip-mine")
    elif session.is_read_only():
        st.badge("A link to look, read only", icon=":material/lock:", color="gray")
        st.button("Leave", key="strip-leave", on_click=session.go_home)
    if is_shared(os.environ) and not session.is_read_only():
        st.badge("Yours alone", icon=":material/key:", color="gray", help=_KEY_HELP)
        if not session.workspace().is_dir():
            return  # nothing to look at yet
        about = "A link to exactly what you see; who has it can look, and change nothing"
        copy_link("strip-copy", "Copy link to look", about, {"view": session.link_to_look(), "ws": ""})
        return
    copy_link("strip-copy", "Copy link", "A link to exactly what you see, also for another browser")


def _parts(page: str) -> list[str]:
    chosen = session.of_run() if page in _OF_A_RUN else None
    chosen = chosen or session.selection()
    if chosen.target is None:
        parts = [":orange[◆] no data set chosen"]
    else:
        source, target = session.source_reference(chosen), session.target_name(chosen)
        source = source if source in SOURCES else session.title(source)
        parts = [f":blue[●] {plain(source, 60)} → :orange[◆] {plain(target, 60)}"]
        parts.append(plain(session.body_reference(chosen), 60))
    if not session.is_read_only():  # where nothing is trained
        parts.append(plain(session.device_caption()))
    report = session.gap_report()
    if report is not None:
        parts.append(plain(headline(report.readings)))
    return parts


def refused(error: ReadOnlyError) -> None:
    """One sentence why nothing was changed, and the way to go on."""
    with st.container(horizontal=True, vertical_alignment="center", key="refused"):
        st.warning(plain(error), width="stretch")
        if session.gallery_item() is not None:
            _mine("refused-mine", primary=True)


def _mine(key: str, primary: bool = False) -> None:
    st.button(
        "Make it mine",
        key=key,
        type="primary" if primary else "secondary",
        on_click=_take,
        help="Copies its runs and its gap into your workspace, where you can go on with them",
    )


def _take() -> None:
    try:
        session.make_it_mine()
        st.toast("It is yours: its runs and its gap are in your workspace.")
    except (OSError, RunError) as error:
        show.error(RunError(f"It could not be copied: {error}."))
