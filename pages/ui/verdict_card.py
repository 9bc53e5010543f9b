"""The verdict as a card: the answer in plain words, as a picture, what it rests on, and what would change it."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import show
from pages.ui.safe import plain
from xmodal_core.figures.contrasts import contrasts_figure, contrasts_sentence, contrasts_table, shown_contrasts
from xmodal_core.verdict.levels import AcrossLevels
from xmodal_core.verdict.rules import Rule, Verdict
from xmodal_core.verdict.words import (
    answer_in_words,
    contrast_lines,
    margin_in_words,
    plain_answer,
    seeds_sentence,
    stands_in_words,
)


def draw(
    answer: Verdict,
    across: Sequence[AcrossLevels] = (),
    level: str = "",
    suffix: str = "",
    titles: Mapping[str, str] | None = None,
) -> None:
    """Draw the card of one level.

    Args:
        answer: with the sentence on tuning.
        across: for what they say of more rows, or more steps.
        level: what tells this one from the others; empty where it is alone.
        suffix: of the widget keys.
        titles: what arms are called in sentences.
    """
    with st.container(border=True, key=f"verdict-card{suffix}"):
        st.markdown(f"## {plain(plain_answer(answer, titles))}")
        contrasts = shown_contrasts(answer)
        if contrasts:
            left, right = st.columns([6, 5], gap="medium")
            with left:
                show.figure(
                    contrasts_figure(contrasts, answer.margin, titles or {}),
                    f"verdict-picture{suffix}",
                    contrasts_sentence(answer, titles or {}),
                    contrasts_table(contrasts, titles or {}),
                )
            with right:
                _told(answer, level)
        else:
            _told(answer, level)
        with st.expander("The rule, and what would change the answer", key=f"verdict-rule{suffix}"):
            _rule(answer, across, suffix)


def _told(answer: Verdict, level: str) -> None:
    size = f" with {level}" if level else ""
    st.markdown(f"**What the data show{size}: {plain(answer_in_words(answer), longest=600)}.**")
    if answer.reuse:
        st.markdown(plain(answer.reuse, longest=600))
    for doubt in answer.doubts or ():
        st.markdown(plain(doubt, longest=600))
    if seeds := seeds_sentence(answer):
        st.markdown(plain(seeds))
    st.caption(plain(answer.why, longest=900))
    if answer.tuning:
        st.caption(plain(answer.tuning, longest=600))


def _rule(answer: Verdict, across: Sequence[AcrossLevels], suffix: str) -> None:
    st.dataframe(
        [_rule_row(i, line) for i, line in enumerate(answer.rules, start=1)],
        hide_index=True,
        key=f"verdict-rules{suffix}",
        alt="Lines of the rule, in order, with how each stands.",
    )
    arms = ", ".join(f"{role} {arm}" for role, arm in answer.arms.items() if role != "M")
    st.caption(
        plain(
            f"Differences within {margin_in_words(answer)} do not matter. "
            f"Arms: {arms or 'none yet'}; M is the better of A and B. Validation rows choose M, and between "
            f"arms of one role, over the seeds that all of them have. {answer.rule}",
            longest=1500,
        )
    )
    for axis in across:
        if axis.rows:
            st.markdown(plain(axis.rows, longest=1200))
            st.caption(plain(axis.rows_rule, longest=1200))
    told = [f"- {plain(text)}" for text in (*contrast_lines(answer), *answer.changes)]
    st.markdown("\n".join(told) or "Nothing has been compared yet.")


def _rule_row(number: int, line: Rule) -> dict[str, str]:
    return {
        "": str(number),
        "answer": line.answer,
        "if": line.condition,
        "stands": stands_in_words(line),
        "read from": ", ".join(line.needs),
    }
