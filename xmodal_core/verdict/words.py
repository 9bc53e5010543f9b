"""What a comparison says, as text: the command line prints it, and the app shows its parts."""

from collections.abc import Sequence

from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.axes import ROWS
from xmodal_core.verdict.crossings import Crossing
from xmodal_core.verdict.export import Comparison
from xmodal_core.verdict.levels import AcrossLevels
from xmodal_core.verdict.rules import Rule, Verdict
from xmodal_core.verdict.table import Summary

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


def stands_in_words(line: Rule) -> str:
    """How a line of the rule stands."""
    return _STANDS[line.holds]


def margin_in_words(answer: Verdict) -> str:
    """The margin with its unit."""
    return f"{100 * answer.margin:g} {answer.unit}"


def answer_in_words(answer: Verdict) -> str:
    """The answer, behind what label budgets it was found at where these are unequal."""
    return answer.answer if answer.budgets is None else f"{answer.budgets}: {answer.answer}"


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
