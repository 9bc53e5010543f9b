"""The verdict as a card: the answer, what it rests on, every line of the rule, and what would change it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui.safe import plain
from xmodal_core.verdict import LEAST_PAIRS


def draw(
    answer: Mapping[str, Any], across: Mapping[str, Any] | None = None, rows: int | None = None, suffix: str = ""
) -> None:
    """Draw the card of one number of training rows.

    Args:
        answer: of `verdict.verdict`, with the sentence on tuning.
        across: of `verdict.across_sizes`, for what it says of rows.
        rows: training rows of this answer; None where there is one size.
        suffix: of the widget keys.
    """
    size = "" if rows is None else f" with {rows:,} training rows"
    with st.container(border=True, key=f"verdict-card{suffix}"):
        st.markdown(f"**What the data show{size}: {plain(answer['answer'])}.** {plain(answer['why'], longest=900)}")
        if answer["reuse"]:
            st.markdown(plain(answer["reuse"], longest=600))
        if answer["seeds_needed"] and answer["seeds_needed"] > LEAST_PAIRS:
            st.markdown(
                plain(
                    f"To settle it: about {answer['seeds_needed']} seeds an arm, 8 s² / margin² of the paired "
                    "differences seen so far (80 % power)."
                )
            )
        if across and across["rows"]:
            st.markdown(plain(across["rows"], longest=1200))
        if answer["tuning"]:
            st.caption(plain(answer["tuning"], longest=600))
        with st.expander("The rule, and what would change the answer", key=f"verdict-rule{suffix}"):
            _rule(answer, across, suffix)


def _rule(answer: Mapping[str, Any], across: Mapping[str, Any] | None, suffix: str) -> None:
    st.dataframe(
        [_rule_row(i, line) for i, line in enumerate(answer["rules"], start=1)],
        hide_index=True,
        key=f"verdict-rules{suffix}",
        alt="Lines of the rule, in order, with how each stands.",
    )
    arms = ", ".join(f"{role} {arm}" for role, arm in answer["arms"].items() if role != "M")
    st.caption(
        plain(
            f"Differences within {100 * answer['margin']:g} {answer['unit']} do not matter. "
            f"Arms: {arms or 'none yet'}; M is the better of A and B. Validation rows choose M, and between "
            f"runs of one role. {answer['rule']}",
            longest=1500,
        )
    )
    if across and across["rows"]:
        st.caption(plain(across["rows_rule"], longest=1200))
    told = [f"- {plain(text)}" for text in (*_contrasts(answer), *answer["changes"])]
    st.markdown("\n".join(told) or "Nothing has been compared yet.")


def _rule_row(number: int, line: Mapping[str, Any]) -> dict[str, str]:
    stands = {True: "holds", False: "does not hold", None: "not enough arms"}[line["holds"]]
    needs = ", ".join(line["needs"])
    return {"": str(number), "answer": line["answer"], "if": line["condition"], "stands": stands, "read from": needs}


def _contrasts(answer: Mapping[str, Any]) -> list[str]:
    """Each contrast of the rule once, behind the questions that it answers: M is A or B again."""
    asked: dict[str, list[str]] = {}
    for line in answer["rules"]:
        for text in line["found"]:
            question, _, said = text.partition(": ")
            asked.setdefault(said, [])
            asked[said] += [question] if question not in asked[said] else []
    in_rule = [f"{', '.join(questions)}: {said}" for said, questions in asked.items()]
    return in_rule + [text for text in answer["sentences"] if text not in asked]
