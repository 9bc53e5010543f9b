"""The verdict in a report: the answer in a sentence and a picture, and what it rests on."""

from xmodal_core.figures import winners
from xmodal_core.figures.arms import arm_marks
from xmodal_core.figures.contrasts import contrasts_figure, contrasts_sentence, contrasts_table, shown_contrasts
from xmodal_core.figures.curves import curves_figure, curves_sentence
from xmodal_core.figures.runs import seed_dots
from xmodal_core.report.figures import Figures
from xmodal_core.report.markup import Markup, folded, joined, paragraphs, table, tag
from xmodal_core.reuse.report import ReuseReport
from xmodal_core.reuse.words import summary
from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.axes import ROWS, STEPS
from xmodal_core.verdict.export import Comparison
from xmodal_core.verdict.words import (
    along_lines,
    answer_in_words,
    arms_table,
    contrast_lines,
    level_in_words,
    margin_in_words,
    plain_answer,
    seeds_sentence,
    stands_in_words,
)


def lead(found: Comparison) -> str:
    """The answer of the level that heads the comparison, in one plain sentence."""
    return plain_answer(found.verdict, found.sizes[0].titles if found.sizes else None)


def verdict_section(found: Comparison, reuse: dict[str, ReuseReport], figures: Figures) -> Markup:
    """The picture of the verdict and its table; other levels behind a line each, then who wins where."""
    levels = found.every_level
    headed = found.sizes[0]
    rest = [level for level in levels if level is not headed]
    others = [
        folded(
            f"With {level_in_words(level, levels)}: {plain_answer(level.verdict, level.titles)}",
            *_level(level, found, figures),
        )
        for level in rest
    ]
    return tag(
        "section",
        tag("h2", "What the runs show"),
        *_level(headed, found, figures),
        *others,
        _where(found, figures) if rest else Markup(""),
        paragraphs(*(summary(name, report) for name, report in reuse.items())),
        paragraphs(*(found.notes or ()), found.model or "", _left_out(found), class_="small"),
    )


def _level(level: ComparisonAtLevel, found: Comparison, figures: Figures) -> list[Markup]:
    answer, rows = level.verdict, level.table
    name = level_in_words(level, found.every_level)
    size = f" with {name}" if name else ""
    contrasts = shown_contrasts(answer)
    drawn = [tag("p", tag("strong", f"What the data show{size}: {answer_in_words(answer)}."))]
    if contrasts:
        figure = contrasts_figure(contrasts, answer.margin, level.titles)
        alt = contrasts_sentence(answer, level.titles)
        drawn.append(figures.plot(figure, alt, contrasts_table(contrasts, level.titles)))
    drawn.append(paragraphs(answer.reuse, *(answer.doubts or ()), seeds_sentence(answer)))
    drawn.append(table(arms_table(rows), f"Test scores by method{size}, mean ± standard deviation over seeds"))
    best = f"{rows[0].title} has the highest mean, {rows[0].mean:.4f}; {rows[0].n_test} test rows."
    drawn.append(figures.plot(seed_dots(rows), best))
    lines = {
        "answer": [line.answer for line in answer.rules],
        "if": [line.condition for line in answer.rules],
        "stands": [stands_in_words(line) for line in answer.rules],
    }
    said = [*contrast_lines(answer), *answer.changes, answer.tuning]
    rule = f"Differences within {margin_in_words(answer)} do not matter. {answer.rule}"
    why = folded("The rule, and what would change the answer", table(lines), paragraphs(rule, *said, class_="small"))
    return [*drawn, why]


def _where(found: Comparison, figures: Figures) -> Markup:
    """Who wins where, and how the answer changes along either axis."""
    levels = [level for level in found.every_level if level.steps != 0]
    parts = [tag("h3", "Who wins where")]
    if len(levels) > 1:
        alt = winners.winners_sentence(levels)
        parts.append(figures.plot(winners.winners_figure(levels), alt, winners.winners_table(levels)))
    for across, axis in ((found.across, ROWS), (found.across_budgets, STEPS)):
        walked = list(found.sizes) if axis is ROWS else [one for one in levels if one.n_train == levels[0].n_train]
        if across is None or not across.sentence or len(walked) < 2:
            continue
        parts.append(tag("p", tag("strong", across.sentence)))
        said = f"Test score against {axis.name}. {curves_sentence(walked, axis)}"
        parts.append(figures.plot(curves_figure(walked, axis, arm_marks(found.every_level)), said))
        parts.append(tag("ul", *(tag("li", text) for text in along_lines(across, found.crossings)[1:])))
    return joined(*parts)


def _left_out(found: Comparison) -> str:
    n = len(found.left_out)
    return f"Left out, for their labels were shuffled: {n} run{'s' if n > 1 else ''}." if n else ""
