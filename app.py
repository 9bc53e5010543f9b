"""XModal Lab: `streamlit run app.py`."""

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from pages.ui import classroom, glossary, memory, session, show, tour, visiting
from pages.ui.headers import Headers
from xmodal_core.errors import ReadOnlyError, StorageError
from xmodal_core.files import storing

TITLES = {
    "start": session.HOME,
    "data": "Data",
    "gap": "Gap",
    "align": "Align",
    "curriculum": "Curriculum",
    "refine": "Refine",
    "reuse": "Reuse",
    "compare": "Compare",
    "report": "Report",
}


# A chosen segment or pill is drawn in the primary colour on a tint of it: too faint in the dark, and no theme can
# change it. Paper shows nothing that is there to be pressed, and cuts no figure.
STYLE = """<style>
[data-variant]:is([aria-checked="true"], [aria-pressed="true"]) p { color: CanvasText; }
@media print {
header, [data-testid="stToolbar"], [data-testid="stPopover"], [data-testid="stDownloadButton"],
[data-testid="stPageLink"], .modebar, .st-key-report-share { display: none !important; }
[data-testid="stPlotlyChart"], [data-testid="stDataFrame"], [data-testid="stImage"] { break-inside: avoid; }
h2, h3, h4 { break-after: avoid; }
}
</style>"""


def main() -> None:
    """One run of the script: navigation, the context strip, the page."""
    st.set_page_config(page_title="XModal Lab", layout="wide")
    pages = {
        name: st.Page(f"pages/views/{name}.py", title=title, url_path=name, default=name == "start")
        for name, title in TITLES.items()
    }
    pages["room"] = st.Page("pages/views/room.py", title="Class", url_path="room", visibility="hidden")
    page = st.navigation(list(pages.values()), position="top")
    session.keep_address(page.title)
    classroom.sit_down()
    visiting.arrive()
    with st.container(gap=None):
        st.html(STYLE)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="strip"):
            visiting.looked_at(page.url_path)
            with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
                classroom.strip()
                visiting.may_do()
                glossary.door(page.url_path or "start")
        show.offer_both_formats()
    tour.card()
    try:
        with storing():
            page.run()
    except ReadOnlyError as error:
        visiting.refused(error)
    except StorageError as error:
        show.error(error)
    memory.keep_swept()


app = st.App(__file__, middleware=[Middleware(Headers)])
if st.runtime.exists():
    main()
else:
    # The server imports this file once before it serves. A folder called `pages` makes Streamlit 1.67 take the first
    # session for an old-style multipage app and cover a deep link with "Page not found"; st.navigation, which tells it
    # otherwise, comes too late for that session.
    PagesManager.uses_pages_directory = False
