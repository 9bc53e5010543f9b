"""Arms and runs of a comparison as tables of numbers, for other programs."""

from collections.abc import Mapping
from typing import Any

from xmodal_core.report.tables import latex_text
from xmodal_core.verdict.export import Comparison
from xmodal_core.verdict.results import label_steps
from xmodal_core.verdict.words import arms_table, level_in_words, margin_in_words, plain_answer


def arms_columns(found: Comparison) -> dict[str, list[Any]]:
    """A row an arm and level, with every digit."""
    rows: list[Mapping[str, Any]] = [
        {
            "training rows": level.n_train,
            "steps on labels": level.steps,
            "arm": row.arm,
            "method": row.title,
            "score": row.metric,
            "mean": row.mean,
            "sd": row.sd,
            "95 % low": None if row.interval is None else row.interval[0],
            "95 % high": None if row.interval is None else row.interval[1],
            "seeds": row.n_seeds,
            "test rows": row.n_test,
            "labelled samples": row.label_samples,
            "learning rate": row.rate,
            "mean seconds": row.seconds,
        }
        for level in found.every_level
        for row in level.table
    ]
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def runs_columns(found: Comparison) -> dict[str, list[Any]]:
    """A row a run that was compared."""
    rows: list[Mapping[str, Any]] = [
        {
            "run": run.run,
            "method": run.result.title,
            "seed": run.result.seed,
            "training rows": run.result.target.n_train,
            "steps": run.result.steps,
            "steps on labels": label_steps(run.result),
            "learning rate": run.result.asked.settings.get("learning_rate"),
            "score": run.result.test.score_name,
            "test": run.result.test.score,
            "test rows": run.result.test.n,
            "validation": None if run.result.validation is None else run.result.validation.score,
            "seconds": run.result.seconds,
            "device": run.result.device,
            "data": run.result.target.hash,
        }
        for run in found.runs
    ]
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def latex(found: Comparison) -> str:
    """A table a level, as people read it, with its verdict as the caption."""
    tables = []
    for i, level in enumerate(found.every_level):
        where = f" ({name})" if (name := level_in_words(level, found.every_level)) else ""
        caption = (
            f"{plain_answer(level.verdict, level.titles)} Test scores{where}, mean and standard deviation over seeds, "
            f"{level.table[0].n_test} test rows; differences within {margin_in_words(level.verdict)} do not matter."
        )
        tables.append(latex_text(arms_table(level.table), caption, f"tab:xmodal-{i + 1}"))
    return "\n".join(["% needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}", *tables])
