"""What a comparison says, as text: the command line prints it, and the app shows its parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.axes import ROWS
from xmodal_core.verdict.contrasts import LEAST_PAIRS, called
from xmodal_core.verdict.crossings import Crossing
from xmodal_core.verdict.export import Comparison
from xmodal_core.verdict.levels import AcrossLevels
from xmodal_core.verdict.rules import ANSWERS, Rule, Verdict
from xmodal_core.verdict.table import Summary

_PLAIN = {  # by the role that the answer names
    "D": "No transformer is needed here: a simple model does better.",
    "B": "Yes, the pretrained transformer helps, most of all when the gap is crossed first ({arm}).",
    "A": "Yes, the pretrained transformer helps, and simply fine-tuning it is enough.",
    "C": "No, pretraining does not help here: the same network, trained from scratch, does as well.",
}
_STANDS = {True: "holds", False: "does not hold", None: "not enough arms"}


def mean_in_words(row: Summary, between: str = " ± ") -> str:
    """Mean and standard deviation over seeds; the mean alone with one seed."""
    return f"{row.mean:.4f}" + ("" if row.sd is None else f"{between}{row.sd:.4f}")


def interval_in_words(row: Summary, absent: str = "none, one seed") -> str:
    """The 95 % interval of the mean, as far as the score goes: a share is never beyond 1."""
    if row.interval is None:
        return absent
    low, high = row.interval
    if row.kind.is_share:
        low, high = max(low, 0.0), min(high, 1.0)
    return f"{low:.3f} to {high:.3f}"


def arms_table(rows: Sequence[Summary]) -> dict[str, list[Any]]:
    """Columns of a table with a row an arm, as it is read by people."""
    columns: dict[str, list[Any]] = {
        "method": [row.title for row in rows],
        rows[0].metric: [mean_in_words(row) for row in rows],
        "95 % interval": [interval_in_words(row) for row in rows],
    }
    if any(row.rate for row in rows):
        columns["learning rate"] = [row.rate for row in rows]
    columns |= {"seeds": [row.n_seeds for row in rows]}
    columns |= {"steps": [", ".join(map(str, row.all_steps)) for row in rows]}
    if any(row.label_samples for row in rows):
        columns["labelled samples"] = [row.label_samples for row in rows]
    return columns | {"mean seconds": [round(row.seconds, 1) for row in rows]}


def stands_in_words(line: Rule) -> str:
    """How a line of the rule stands."""
    return _STANDS[line.holds]


def margin_in_words(answer: Verdict) -> str:
    """The margin with its unit."""
    return f"{100 * answer.margin:g} {answer.unit}"


def answer_in_words(answer: Verdict) -> str:
    """The answer, behind what label budgets it was found at where these are unequal."""
    return answer.answer if answer.budgets is None else f"{answer.budgets}: {answer.answer}"


def plain_answer(answer: Verdict, titles: Mapping[str, str] | None = None) -> str:
    """The answer in one sentence for somebody who knows none of the terms; "inconclusive" where it is.

    Args:
        answer: with its contrasts.
        titles: what arms are called in sentences.
    """
    role = next((role for role, text in ANSWERS.items() if answer.answer.startswith(text)), None)
    if role is not None:
        return _PLAIN[role].format(arm=called(answer.arms.get(role, ""), titles))
    by_role = {c.role: c for c in answer.contrasts}
    if not by_role:
        return "Inconclusive: too few methods have been run on these data to compare any two."
    gain = by_role.get("A - C")
    if gain is not None and gain.low > answer.margin:
        return "The pretrained transformer helps; which way of using it is best is inconclusive so far."
    if max(c.n_pairs for c in answer.contrasts) < LEAST_PAIRS:
        return f"Inconclusive: every method has to be run at least {LEAST_PAIRS} times, and that has not happened yet."
    if gain is None:
        return "Inconclusive: training from scratch and plain fine-tuning have to be run side by side first."
    return "Inconclusive: the differences that were seen are too small, or too uncertain, to say what helps."


def seeds_sentence(answer: Verdict) -> str:
    """How many seeds, or else test rows, would settle an open answer; empty where it cannot be told."""
    how = "with a chance of 80 %, from the mean and spread seen so far"
    if answer.seeds_needed is not None:
        return f"To settle the answer: about {answer.seeds_needed} seeds an arm, {how}."
    if answer.rows_needed is not None:
        return (
            f"To settle the answer: more test rows, not more seeds; about {answer.rows_needed:,} (or groups of them, "
            f"where rows belong together) with {answer.rows_at_seeds} seeds an arm, {how}."
        )
    return ""


def rows_lines(across: AcrossLevels | None) -> list[str]:
    """How many rows, or steps, would settle an open answer, and by which rule that is told; none where it is not."""
    return [across.rows, across.rows_rule] if across is not None and across.rows else []


def contrast_lines(answer: Verdict) -> list[str]:
    """Each contrast of the rule once, behind the questions that it answers: M is A or B again."""
    asked: dict[str, list[str]] = {}
    for line in answer.rules:
        for text in line.found:
            question, _, said = text.partition(": ")
            asked.setdefault(said, [])
            asked[said] += [question] if question not in asked[said] else []
    in_rule = [f"{', '.join(questions)}: {said}" for said, questions in asked.items()]
    return in_rule + [text for text in answer.sentences if text not in asked]


def level_in_words(level: ComparisonAtLevel, among: Sequence[ComparisonAtLevel]) -> str:
    """What tells a level from the others of its comparison; empty where it is alone."""
    rows = [f"{level.n_train:,} training rows"] if len({one.n_train for one in among}) > 1 else []
    return ", ".join(rows + ([] if level.steps is None else [f"{level.steps:,} steps on labels"]))


def along_lines(across: AcrossLevels | None, crossings: Sequence[Crossing] | None) -> list[str]:
    """How the answer changes along an axis, and where arms cross along it."""
    if across is None:
        return []
    axis = across.axis or ROWS.name
    lines = [across.sentence] if across.sentence else []
    lines += [change.text for change in across.changes]
    return lines + [one.text for one in crossings or () if one.axis == axis]


def comparison_lines(found: Comparison) -> list[str]:
    """Table and verdict of every level, how the answer changes along each axis, and the rule."""
    lines = []
    for level in found.every_level:
        name = level_in_words(level, found.every_level)
        lines += ([name] if name else []) + _level_lines(level)
    for across in (found.across, found.across_budgets):
        lines += along_lines(across, found.crossings) + rows_lines(across)
    lines += [*(found.notes or ()), *([found.model] if found.model else [])]
    if found.left_out:
        lines += [f"Left out, for their labels were shuffled: {', '.join(found.left_out)}."]
    return [*lines, f"Margin {margin_in_words(found.verdict)}. {found.verdict.rule}"]


def _level_lines(level: ComparisonAtLevel) -> list[str]:
    answer = level.verdict
    settle = seeds_sentence(answer)
    told = [text for text in (*(answer.doubts or ()), answer.reuse, settle, *answer.changes, answer.tuning) if text]
    return [
        *_table_lines(level.table, answer.score),
        *answer.sentences,
        f"Verdict: {answer_in_words(answer)}. {answer.why}",
        *told,
    ]


def _table_lines(table: Sequence[Summary], score: str) -> list[str]:
    lines = [f"{'method':<28}{f'test {score}':>32}{'95 % interval':>20}{'seeds':>7}{'steps':>8}{'seconds':>9}"]
    for row in table:
        read = f"{mean_in_words(row, ' +- '):>32}{interval_in_words(row, 'none'):>20}"
        lines.append(f"{row.arm:<28}{read}{row.n_seeds:>7}{row.steps:>8}{row.seconds:>9.1f}")
    return lines
