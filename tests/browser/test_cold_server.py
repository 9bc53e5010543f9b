import sys
import time

import pytest

pytestmark = pytest.mark.browser
GOAL_S, LIMIT_S = 3.0, 6.0  # on a quiet machine, and on one that is busy with other things


def test_the_first_page_of_a_cold_server_is_there_at_once_though_a_deep_link(server, page, picture, capsys):
    from playwright.sync_api import expect

    begun = time.monotonic()
    page.goto(f"{server.url}/gap?target=digits", wait_until="commit")
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_visible()
    seconds = time.monotonic() - begun
    picture("cold-gap")
    with capsys.disabled():
        sys.stdout.write(f"\nfirst page visible {seconds:.2f} s after the server answered (goal {GOAL_S:g} s)\n")
    expect(page.get_by_text("digits", exact=False).first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert seconds < LIMIT_S
