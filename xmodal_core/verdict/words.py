"""What a comparison says, as text: the command line prints it, and the app shows its parts."""

from collections.abc import Sequence

from xmodal_core.verdict.export import Comparison, ComparisonAtSize
from xmodal_core.verdict.rules import Rule, Verdict
from xmodal_core.verdict.sizes import AcrossSizes
from xmodal_core.verdict.table import Summary

_STANDS = {True: "holds", False: "does not hold", None: "not enough arms"}


def mean_in_words(row: Summary, between: str = " ± ") -> str:
    """Mean and standard deviation over seeds; the mean alone with one seed."""
    return f"{row.mean:.4f}" + ("" if row.sd is None else f"{between}{row.sd:.4f}")


def interval_in_words(row: Summary, absent: str = "none, one seed") -> str:
    """The 95 % interval of the mean."""
    return absent if row.interval is None else f"{row.interval[0]:.3f} to {row.interval[1]:.3f}"


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


def rows_lines(across: AcrossSizes | None) -> list[str]:
    """How many training rows would settle an open answer, and the rule by which that is told; none where it is not."""
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


def comparison_lines(found: Comparison) -> list[str]:
    """Table and verdict of every number of training rows, how the answer changes with it, and the rule."""
    lines = []
    for size in found.sizes:
        lines += [f"{size.n_train} training rows"] if len(found.sizes) > 1 else []
        lines += _size_lines(size)
    if found.across is not None:
        lines += [found.across.sentence] if found.across.sentence else []
        lines += [change.text for change in found.across.changes]
    lines += rows_lines(found.across)
    lines += [found.model] if found.model else []
    if found.left_out:
        lines += [f"Left out, for their labels were shuffled: {', '.join(found.left_out)}."]
    return [*lines, f"Margin {margin_in_words(found.verdict)}. {found.verdict.rule}"]


def _size_lines(size: ComparisonAtSize) -> list[str]:
    answer = size.verdict
    settle = seeds_sentence(answer)
    told = [text for text in (*(answer.doubts or ()), answer.reuse, settle, *answer.changes, answer.tuning) if text]
    return [
        *_table_lines(size.table, answer.score),
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
