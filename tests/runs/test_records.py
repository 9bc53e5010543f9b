"""Which steps leave a frame."""

from xmodal_core.methods.base import Stage, Step
from xmodal_core.runs.records import keeps_frame


def test_all_frames_of_alignment_are_kept_and_some_of_the_others() -> None:
    stages = [("align", 500), ("curriculum", 1000), ("refine", 3000)]
    kept = {
        stage: sum(keeps_frame(stages, Step(Stage(stage), i, total, {})) for i in range(1, total + 1))
        for stage, total in stages
    }
    assert kept["align"] == 500
    assert 195 <= kept["curriculum"] + kept["refine"] <= 205
    short = [("curriculum", 7)]
    assert all(keeps_frame(short, Step(Stage.CURRICULUM, i, 7, {})) for i in range(1, 8))
