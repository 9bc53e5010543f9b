import pytest

from tests.results import a_row
from xmodal_core.figures.arms import arm_marks
from xmodal_core.figures.base import NEUTRAL
from xmodal_core.figures.winners import _edges, _tint, winners_figure, winners_sentence, winners_table
from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.rules import verdict

ROLES = {"finetune": "A", "orca": "B", "scratch": "C"}


def level(n_train: int, steps: int | None, **means: float) -> ComparisonAtLevel:
    scores = {arm: {seed: mean + seed / 1000 for seed in range(3)} for arm, mean in means.items()}
    table = sorted((a_row(arm, tuple(own.values())) for arm, own in scores.items()), key=lambda row: -row.mean)
    return ComparisonAtLevel(n_train, tuple(table), verdict(scores, roles=ROLES, validation=scores), steps)


ENOUGH = {"finetune": 0.9, "orca": 0.904, "scratch": 0.5}  # the highest mean is not the answer
ALIGN = {"finetune": 0.6, "orca": 0.9, "scratch": 0.5}
LEVELS = (
    level(80, 300, **ENOUGH),
    level(80, 90, **ALIGN),
    level(20, 90, finetune=0.9, orca=0.904),  # no arm from scratch: inconclusive
    level(20, 30, orca=0.3),
)


def test_a_cell_has_the_colour_of_the_arm_that_the_answer_names_and_says_it_in_words() -> None:
    figure = winners_figure(LEVELS)
    cells, texts = figure.data[0], figure.data[1]
    assert [list(row) for row in cells.z] == [[2, 2, None], [None, 1, 0]]  # 20 rows below; 30, 90 and 300 steps
    assert list(zip(texts.x, texts.y, strict=True)) == [(300, 80), (90, 80), (90, 20), (30, 20)]
    assert list(texts.text) == [
        "<b>Finetune</b><br>0.905 Orca",
        "<b>Orca</b><br>0.901 Orca",
        "<b>inconclusive</b><br>0.905 Orca",
        "<b>not compared</b><br>0.301 Orca",
    ]
    colours = dict(cells.colorscale)
    marks = arm_marks(LEVELS)
    assert set(colours.values()) == {_tint(c) for c in (marks["finetune"].colour, marks["orca"].colour, NEUTRAL)}
    legend = {trace.name: trace.marker.symbol for trace in figure.data[2:]}
    assert legend == {"Finetune": "diamond", "Orca": "circle", "inconclusive or not compared": "square"}
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("steps on labels", "training rows")


@pytest.mark.parametrize(("steps", "title"), [((None, None), "training rows"), ((90, 90), "steps on labels")])
def test_one_axis_is_a_strip(steps: tuple[int | None, int | None], title: str) -> None:
    n = (80, 20) if steps[0] is None else (80, 80)
    at = steps if steps[0] is None else (300, 90)
    figure = winners_figure([level(n[0], at[0], **ENOUGH), level(n[1], at[1], **ALIGN)])
    assert [list(row) for row in figure.data[0].z] == [[1, 0]]
    assert figure.layout.xaxis.title.text == title
    assert figure.layout.yaxis.visible is False


def test_the_table_and_the_sentence_say_the_same() -> None:
    table = winners_table(LEVELS)
    assert table["training rows"] == [80, 80, 20, 20]
    assert table["steps on labels"] == [300, 90, 90, 30]
    assert table["answer"] == ["full fine-tuning is enough", "align first, with orca", "inconclusive", "not compared"]
    assert table["highest mean"] == ["Orca", "Orca", "Orca", "Orca"]
    assert winners_sentence(LEVELS[:2]) == (
        "The answer by level: with 90 steps on labels, align first, with orca; with 300 steps on labels, full "
        "fine-tuning is enough."
    )
    assert winners_table([]) == {}


def test_edges_of_cells_lie_half_way_in_the_logarithm() -> None:
    assert _edges([10, 1000]) == pytest.approx([1, 100, 10_000])
    assert _edges([10]) == [5, 20]


def test_a_tint_is_light_enough_for_dark_letters() -> None:
    assert _tint("#000000") == "#999999"
    assert _tint("#FFFFFF") == "#FFFFFF"
