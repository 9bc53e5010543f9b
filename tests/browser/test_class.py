"""A lesson in the browser: the tour by keyboard alone, two students and a board, and words that open the glossary."""

import re

import pytest

from tests.browser.driving import PATIENCE_MS, settle
from xmodal_core.classroom.tour import TOURS
from xmodal_core.gallery import shelf

pytestmark = pytest.mark.browser
STEPS = TOURS["gap"]
_MOST_TABS = 120


def tab_to(page, inside: str) -> None:
    """Press Tab until something inside the element of this key has the focus, as who has no mouse does."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(place) => !!document.activeElement?.closest(place)", inside):
            return
    raise AssertionError(f"no Tab leads to {inside}")


def answer(page) -> None:
    """Choose the first answer and lock it, by keyboard."""
    from playwright.sync_api import expect

    tab_to(page, ".st-key-tour [role=radiogroup]")
    page.keyboard.press("Space")
    expect(page.locator(".st-key-tour").get_by_role("button", name="Lock in")).to_be_enabled()
    settle(page)
    page.keyboard.press("l")


def test_the_tour_from_start_to_end_by_keyboard_only(server, page, picture):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/?tour=gap")
    card = page.locator(".st-key-tour")
    expect(card).to_contain_text("1 of 6")
    settle(page)
    page.keyboard.press("s")
    locked = ""
    for number, step in enumerate(STEPS, 1):
        expect(card).to_contain_text(f"{number} of 6")
        if shelf.shown(step.item) is not None:
            page.wait_for_url(re.compile(f"/{step.page}.*ws=gallery-{step.item}"))
        settle(page)
        assert step.why not in card.inner_text()
        answer(page)
        expect(card).to_contain_text(re.compile("Right|Not quite|You said"))
        locked += "0"
        page.wait_for_url(re.compile(f"locked={locked}"))
        picture(f"tour-{number}")
        if number == 2:
            page.reload()
            expect(card).to_contain_text(step.why if shelf.shown(step.item) is not None else "You said")
            settle(page)
        page.keyboard.press("n")
    expect(card).to_contain_text("The tour is done")
    settle(page)
    picture("tour-7")


def test_two_students_answer_and_the_board_shows_it_and_reveals(server, page, chromium, picture):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/room")
    page.get_by_role("button", name="Open a room").click()
    expect(page.get_by_text("0 of 0 have answered")).to_be_visible()
    (code,) = re.findall(r"board=([A-Z]{6})", page.url)
    for choice in (0, 1):
        student = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
        student.set_default_timeout(PATIENCE_MS)
        student.goto(f"{server.url}/?class={code}&tour=gap")
        card = student.locator(".st-key-tour")
        card.get_by_role("radio").nth(choice).click()
        card.get_by_role("button", name="Lock in").click()
        expect(card).to_contain_text(STEPS[0].why)
        assert re.search(r"me=desk-[0-9a-f]{16}", student.url)
        student.context.close()
    expect(page.get_by_text("2 of 2 have answered")).to_be_visible(timeout=PATIENCE_MS)  # the board asks every 3 s
    expect(page.get_by_role("figure", name=re.compile(r"2 answers\. At the floor: no gap: 1;"))).to_be_visible()
    picture("board-answers")
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_role("figure", name=re.compile("Right is: At the floor"))).to_be_visible()
    settle(page)
    picture("board-revealed")


def test_a_word_in_a_sentence_opens_its_entry(server, page):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/?tour=gap")
    word = page.locator(".st-key-tour a", has_text="floor")
    expect(word).to_have_attribute("title", re.compile("What the measure says where there is no gap"))
    settle(page)
    word.click()
    expect(page.get_by_role("dialog")).to_contain_text("The reading between two draws of the same data")
    page.get_by_role("dialog").get_by_label("Search").fill("transport")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("The work of moving one pile")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
