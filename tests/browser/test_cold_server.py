import re
import sys
import time

import pytest

pytestmark = pytest.mark.browser
GOAL_S, LIMIT_S = 3.0, 6.0  # on a quiet machine, and on one that is busy with other things


def test_the_first_page_of_a_cold_server_is_there_at_once_even_for_a_deep_link(server, page, picture, capsys):
    from playwright.sync_api import expect

    begun = time.monotonic()
    page.goto(f"{server.url}/gap?target=digits", wait_until="commit")
    expect(page.get_by_text(re.compile("fractals → .*digits"))).to_be_visible()  # navigation and context strip are up
    visible = time.monotonic() - begun
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_visible()
    usable = time.monotonic() - begun
    picture("cold-gap")
    with capsys.disabled():
        sys.stdout.write(
            f"\nafter the server answered: first page visible in {visible:.2f} s (goal {GOAL_S:g} s), "
            f"its button to measure digits in {usable:.2f} s\n"
        )
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert visible < LIMIT_S
    assert usable < 2 * LIMIT_S
