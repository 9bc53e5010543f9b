import pytest

from tests.results import a_row
from xmodal_core.figures.curves import curves_figure, curves_sentence, curves_table
from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.rules import verdict
from xmodal_core.verdict.table import Summary


def row(arm: str, mean: float, interval: tuple[float, float] | None) -> Summary:
    return a_row(arm, (mean - 0.01, mean + 0.01), mean=mean, interval=interval)


SIZES = [
    ComparisonAtLevel(80, (row("finetune", 0.9, (0.8, 1.0)), row("scratch", 0.8, None)), verdict({}, roles={})),
    ComparisonAtLevel(20, (row("scratch", 0.6, (0.5, 0.7)),), verdict({}, roles={})),
]


def test_every_arm_is_a_line_over_its_training_rows_with_intervals() -> None:
    figure = curves_figure(SIZES)
    lines = {trace.name: trace for trace in figure.data}
    assert set(lines) == {"Finetune", "Scratch"}
    assert list(lines["Scratch"].y) == [0.6, 0.8]
    assert list(lines["Scratch"].error_y.array) == pytest.approx([0.1, 0.0])  # none where there is one seed
    assert list(lines["Scratch"].x) == pytest.approx([20, 80], rel=0.02)  # arms stand side by side
    assert list(lines["Finetune"].x) == pytest.approx([80], rel=0.02)
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.xaxis.ticktext) == ["80", "20"]
    assert figure.layout.yaxis.range[0] < 0.59 < 0.91 < figure.layout.yaxis.range[1]


def test_the_table_and_the_sentence_say_the_same() -> None:
    table = curves_table(SIZES)
    assert table["training rows"] == [20, 80, 80]
    assert table["method"] == ["Scratch", "Finetune", "Scratch"]
    assert table["test accuracy"] == [0.6, 0.9, 0.8]
    assert table["95 % low"] == [0.5, 0.8, None]
    assert curves_sentence(SIZES) == "Highest mean: Scratch with 20 rows, 0.6000; Finetune with 80 rows, 0.9000."
    assert curves_table([]) == {}
