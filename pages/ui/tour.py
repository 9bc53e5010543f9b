"""The guided tour on screen: one sentence and one question a step; the student predicts, locks, and only then sees.

The address has all of it (`?tour=gap&step=2&locked=1-`): a refresh, another page and Back change nothing.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import classroom, glossary, session
from pages.ui.safe import line, plain
from xmodal_core.classroom.tour import TOURS, Reveal, Step
from xmodal_core.errors import XModalError

if TYPE_CHECKING:
    from xmodal_core.classroom.shown import Shown

TOUR, STEP, LOCKED = "tour", "step", "locked"  # in the address
_OPEN = "-"  # in `locked`: not answered yet


def card() -> None:
    """The card of the step in the address, at the bottom of every page; nothing without a tour."""
    asked = st.query_params.get(TOUR)
    if asked is None:
        return
    with st.bottom, st.container(key="tour", gap="xsmall"):
        if asked not in TOURS:
            st.caption(plain(f"There is no tour {asked[:20]}."))
            if st.button("Begin the tour", key="tour-start", type="primary"):
                begin()
            return
        number = _number(asked)
        if number > len(TOURS[asked]):
            _end(asked)
        else:
            _step(asked, number)


def begin(tour: str = "gap") -> None:
    """Go to the first step, with nothing answered."""
    _go(tour, 1, "")


def invite() -> None:
    """A button that starts the tour; nothing while it is under way."""
    if TOUR not in st.query_params and st.button(
        "Three-minute tour", key="tour-begin", icon=":material/play_circle:", help="Six questions: predict, then see"
    ):
        begin()


def _number(tour: str) -> int:
    """The step in the address, from 1; one behind the last is the end."""
    asked = st.query_params.get(STEP, "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 3 else 1
    return min(max(1, number), len(TOURS[tour]) + 1)


def locked(tour: str) -> list[int | None]:
    """The locked answers in the address, None where there is none."""
    said = st.query_params.get(LOCKED, "")
    found: list[int | None] = []
    for number, step in enumerate(TOURS[tour]):
        letter = said[number : number + 1]
        choice = int(letter) if letter.isdecimal() and letter.isascii() else None
        found.append(choice if choice is not None and choice < len(step.answers) else None)
    return found


def _written(answers: list[int | None]) -> str:
    return "".join(_OPEN if answer is None else str(answer) for answer in answers).rstrip(_OPEN)


def _step(tour: str, number: int) -> None:
    step, answers = TOURS[tour][number - 1], locked(tour)
    chosen = answers[number - 1]
    stop = "" if step.title.endswith("?") else "."
    words = " ".join(glossary.term(key) for key in step.terms)
    st.markdown(
        f"**{number} of {len(TOURS[tour])} · {plain(step.title)}{stop}** {plain(step.sentence)} :small[:gray[Words:]] "
        f":small[{words}]"
    )
    if chosen is None:
        _ask(tour, number, step, answers)
    else:
        _tell(tour, number, step, chosen)


def _ask(tour: str, number: int, step: Step, answers: list[int | None]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        guess = st.segmented_control(
            plain(step.question),
            range(len(step.answers)),
            format_func=lambda choice: line(step.answers[choice]),
            key=f"tour-{tour}-{number}-guess",
            width="content",
        )
        if st.button("Lock in", key="tour-lock", type="primary", disabled=guess is None, shortcut="L"):
            assert guess is not None
            answers[number - 1] = guess
            classroom.answer(tour, number, guess)
            st.query_params[LOCKED] = _written(answers)
            st.rerun()
        _steps(tour, number)


def _is_shown(step: Step) -> bool:
    """Whether the page shows what the step is about; a person may have looked around."""
    return session.gallery_item() == step.item


def _tell(tour: str, number: int, step: Step, chosen: int) -> None:
    reveal = revealed(tour, number)
    if reveal is None:
        st.markdown(f"You said: **{plain(step.answers[chosen])}**. What came of it is not on this machine.")
    else:
        mark = "✓ Right" if reveal.right == chosen else "✗ Not quite"
        said = f"you said: {plain(step.answers[chosen])}"
        right = "" if reveal.right == chosen else f" It is: **{plain(step.answers[reveal.right])}**."
        st.markdown(f"**{mark}**, {said}.{right} {plain(reveal.text, longest=600)} *{plain(step.why)}*")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _steps(tour, number, answered=True)


def _steps(tour: str, number: int, answered: bool = False) -> None:
    last = number == len(TOURS[tour])
    if not _is_shown(TOURS[tour][number - 1]) and st.button("Show it", key="tour-show", shortcut="S"):
        _go(tour, number, st.query_params.get(LOCKED, ""))
    if st.button("Back", key="tour-back", disabled=number == 1, shortcut="B"):
        _go(tour, number - 1, st.query_params.get(LOCKED, ""))
    onwards = "Finish" if last else "Next"
    if st.button(onwards, key="tour-next", type="primary" if answered else "secondary", shortcut="N"):
        _go(tour, number + 1, st.query_params.get(LOCKED, ""))
    if st.button("Leave the tour", key="tour-leave", type="tertiary"):
        _leave()


def _end(tour: str) -> None:
    answers, steps = locked(tour), TOURS[tour]
    reveals = [revealed(tour, number) for number in range(1, len(steps) + 1)]
    known = [(a, r) for a, r in zip(answers, reveals, strict=True) if a is not None and r is not None]
    right = sum(answer == reveal.right for answer, reveal in known)
    st.markdown(f"**The tour is done: {right} of {len(known)} answers were right.** What to take along:")
    st.caption("  \n".join(f"{number}. {plain(step.why)}" for number, step in enumerate(steps, 1)))
    with st.container(horizontal=True):
        if st.button("Back", key="tour-back", shortcut="B"):
            _go(tour, len(steps), st.query_params.get(LOCKED, ""))
        if st.button("Begin again", key="tour-again"):
            begin(tour)
        if st.button("To your own data", key="tour-leave", type="primary"):
            _leave("data")


def _go(tour: str, number: int, answers: str) -> None:
    """To a step: its page, its finished runs, everything that was answered."""
    steps = TOURS[tour]
    step = steps[min(number, len(steps)) - 1]
    beside = {key: st.query_params[key] for key in (classroom.CODE, classroom.ME) if key in st.query_params}
    try:
        shown = session.gallery_address(step.item)
    except XModalError:
        shown = {}
    query = {**shown, **beside, TOUR: tour, STEP: str(number), LOCKED: answers}
    st.switch_page(f"pages/views/{step.page}.py", query_params={key: value for key, value in query.items() if value})


def _leave(page: str = "start") -> None:
    for key in (TOUR, STEP, LOCKED):
        st.query_params.pop(key, None)
    session.go_home()
    st.switch_page(f"pages/views/{page}.py", query_params=session.address())


def revealed(tour: str, number: int) -> Reveal | None:
    """What came of a step, from the numbers of the runs that ship; None where they are not there."""
    return TOURS[tour][number - 1].tell(_numbers(tour))


@st.cache_resource(show_spinner="Reading the finished runs")
def _numbers(tour: str) -> "Mapping[str, Shown]":
    from xmodal_core.classroom.shown import shown

    found = {}
    for item in dict.fromkeys(step.item for step in TOURS[tour]):
        try:
            address = session.gallery_address(item)
            found[item] = shown(session.gallery_workspace(item), address["gap"], address["run"])
        except XModalError:
            continue
    return found
