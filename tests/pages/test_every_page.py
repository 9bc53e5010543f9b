"""What pages promise alike: where they lead without data, and what a run in the address that is none does."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.runs import shown

STRIP = {"glossary"}  # buttons of the context strip, which is on every page
NO_RUN = pytest.mark.parametrize(
    "name", ["../../etc", "unknown", "x" * 300, "%00"], ids=["outside", "unknown", "long", "nul"]
)


@pytest.mark.parametrize("page", ["gap", "align", "curriculum", "refine", "compare", "report"])
def test_without_a_target_the_page_leads_to_data(open_page: Callable[..., AppTest], page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert [button.key for button in app.button if button.key not in STRIP] == ["go-data"]
    assert len(app.info) == 1


@pytest.mark.parametrize("page", ["align", "curriculum", "refine"])
@NO_RUN
def test_an_address_that_names_no_run_is_told_and_the_form_stays(
    open_page: Callable[..., AppTest], page: str, name: str
) -> None:
    app = open_page(page, target="digits", run=name)
    assert not app.exception
    assert "not in this workspace" in shown(app)
    assert app.button(key=f"{page}-start")


@pytest.mark.parametrize(("page", "keys"), [("compare", {"compare-launch"}), ("report", set())])
@NO_RUN
def test_where_no_run_is_looked_at_a_wrong_one_does_no_harm(
    open_page: Callable[..., AppTest], page: str, keys: set[str], name: str
) -> None:
    app = open_page(page, target="digits", run=name)
    assert not app.exception
    assert app.title
    assert keys <= {button.key for button in app.button}
