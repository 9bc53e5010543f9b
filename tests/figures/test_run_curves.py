from xmodal_core.figures.run_curves import run_curve, run_curves_figure, run_curves_sentence, run_curves_table
from xmodal_core.scores import ACCURACY


def record(stage: str, score: float | None = None) -> dict:
    return {"stage": stage, "metrics": {} if score is None else {"validation_score": score}}


def test_steps_of_alignment_are_not_counted_and_steps_without_a_reading_are_left_out():
    curve = run_curve("orca", "ORCA", [record("align"), record("refine", 0.5), record("refine"), record("refine", 0.7)])
    assert (curve.steps, curve.scores) == ((1, 3), (0.5, 0.7))


def test_an_arm_has_a_colour_and_a_run_of_it_a_dash():
    curves = [
        run_curve("orca", "ORCA, seed 0", [record("refine", 0.5)], test=0.4),
        run_curve("orca", "ORCA, seed 1", [record("refine", 0.6)]),
        run_curve("<b>", "<b>", []),
    ]
    figure = run_curves_figure(curves, ACCURACY)
    first, second, third = figure.data
    assert first.line.color == second.line.color != third.line.color
    assert first.line.dash != second.line.dash
    assert first.marker.symbol != third.marker.symbol
    assert third.name == "&lt;b&gt;"
    assert run_curves_table(curves) == {
        "run": ["ORCA, seed 0", "ORCA, seed 1"],
        "steps on labels": [1, 1],
        "validation score": [0.5, 0.6],
    }
    assert run_curves_sentence(curves[::2]) == (
        "Validation score: ORCA, seed 0, 0.5000 after 1 steps, test 0.4000; <b>, no validation reading."
    )
