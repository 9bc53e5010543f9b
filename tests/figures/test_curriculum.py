import json

import numpy as np
import pytest

from xmodal_core.figures.curriculum import gate_charts, in_plain_words, packed
from xmodal_core.figures.exchange import Tiles


def side(n):
    return "a title", Tiles(np.zeros((n, 2, 2, 3), np.uint8), 2, [""] * n, n)


def frame(k):
    """One sample with four source and three target tokens."""
    return {
        "source_scores": np.array([[0.1, 0.9, 0.4, 0.6]]),
        "target_scores": np.array([[0.5, 0.2, 0.7]]),
        "source_chosen": np.array([[1, 3][:k]]),
        "target_replaced": np.array([[0, 1][:k]]),
    }


def test_every_frame_has_its_choice_and_the_order_in_which_tokens_would_go():
    told = packed(side(4), side(3), [(1, frame(2)), (2, frame(0))], 0, {"rule": "gate"}, [(1, 2), (2, 0)], 10)
    first, last = json.loads(json.dumps(told))["frames"]
    assert (first["k"], first["chosen"], first["replaced"], first["raster"]) == (2, [1, 3], [0, 1], True)
    assert first["source_order"] == [1, 3, 2, 0]
    assert first["target_order"] == [1, 0, 2]
    assert (last["k"], last["chosen"]) == (0, [])
    assert (told["low"], told["high"]) == (0.1, 0.9)
    assert told["source"]["columns"] == 2


def test_the_released_code_gives_the_best_away_after_a_sixth_of_the_stage():
    frames = [(1, frame(1)), (3, frame(1))]
    early, late = packed(side(4), side(3), frames, 0, {"compat": "released"}, [(1, 1)], 12)["frames"]
    assert (early["target_order"], early["raster"]) == ([1, 0, 2], True)
    assert (late["target_order"], late["raster"]) == ([2, 0, 1], False)  # step 3 of 12 begins at 2 / 12


@pytest.mark.parametrize(("rule", "can"), [("gate", True), ("gate_inverted", True), ("random", False)])
def test_what_is_drawn_at_random_cannot_be_previewed(rule, can):
    assert packed(side(4), side(3), [(1, frame(1))], 0, {"rule": rule}, [(1, 1)], 2)["previews"] is can


def test_what_the_gate_learnt_stands_beside_what_chance_gives():
    spread, choice = gate_charts([(1, frame(2)), (2, frame(1))], [(1, 0.8)])
    assert spread.lines[2].values == [spread.lines[0].values[0]] * 2
    assert choice.lines[0].values == [0.8]
    assert choice.lines[1].values == [0.5, 0.25]  # 2 of 4, 1 of 4
    assert len(gate_charts([(1, frame(1))], [])) == 1


def test_words_say_how_many_are_exchanged_first_and_last():
    assert in_plain_words([(1, 40), (9, 8)], 64, 24).endswith("40 of 64 at step 1, 8 at step 9 of 24.")
    assert "fewer and fewer" in in_plain_words([(1, 40), (9, 8)], 64, 24)
