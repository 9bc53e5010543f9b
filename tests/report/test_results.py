import csv
import io

from tests.pages.runs import written_run
from xmodal_core.report.results import arms_columns, latex, runs_columns
from xmodal_core.spreadsheet import csv_text
from xmodal_core.verdict.export import export


def compared(home):
    runs = [written_run(home, "finetune", seed=seed, accuracy=0.9 + 0.01 * seed) for seed in range(3)]
    runs += [written_run(home, "scratch", seed=seed, accuracy=0.8, train_rows=270) for seed in range(2)]
    return export(runs)


def test_a_row_an_arm_and_level_reads_back_with_every_digit(tmp_path):
    found = compared(tmp_path)
    header, *rows = csv.reader(io.StringIO(csv_text(arms_columns(found))))
    table = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["arm"], row["training rows"], row["seeds"]) for row in table] == [
        ("finetune", "1079", "3"),
        ("scratch", "270", "2"),
    ]
    assert float(table[0]["mean"]) == found.table[0].mean
    assert float(table[0]["95 % low"]) == found.table[0].interval[0]


def test_a_row_a_run(tmp_path):
    found = compared(tmp_path)
    table = runs_columns(found)
    assert table["test"] == [0.9, 0.91, 0.92, 0.8, 0.8]
    assert table["run"] == [run.run for run in found.runs]
    assert table["steps on labels"] == [5] * 5


def test_latex_has_a_table_a_level_with_its_verdict(tmp_path):
    text = latex(compared(tmp_path))
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == text.count(r"\bottomrule") == 2
    assert r"\caption{Inconclusive: too few methods" in text
    assert r"0.9100 $\pm$ 0.0100" in text


def test_of_nothing_the_tables_are_empty():
    found = export([])
    assert arms_columns(found) == runs_columns(found) == {}
