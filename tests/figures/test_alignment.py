import pytest

from tests.figures.test_runs import record
from xmodal_core.figures import alignment
from xmodal_core.figures.playback import Chart, Line
from xmodal_core.figures.runs import Panel


def two(distance, accuracy):
    """Records of step 1 and step 9."""
    return [
        record(step, objective=o, heldout_otdd=d, heldout_knn_accuracy=a, heldout_n=36.0)
        for step, o, d, a in zip((1, 9), (1.0, 0.5), distance, accuracy, strict=True)
    ]


@pytest.mark.parametrize(
    ("distance", "accuracy", "said"),
    [
        ((80, 40), (0.9, 0.9), "came closer to the source's and its classes stay as far apart"),
        ((80, 40), (0.9, 0.7), "came closer to the source's but its classes ran together"),
        ((80, 40), (0.7, 0.9), "came closer to the source's and its classes came further apart"),
        ((80, 79), (0.7, 0.9), "hardly moved but its classes came further apart"),
        ((80, 79), (0.9, 0.9), "hardly moved and its classes stay as far apart"),
        ((80, 90), (0.9, 0.7), "moved away and its classes ran together"),
    ],
)
def test_the_first_sentence_says_in_plain_words_what_became_of_the_clouds(distance, accuracy, said):
    text = alignment.in_plain_words(two(distance, accuracy))
    assert text.startswith(f"The target's cloud {said}: from step 1 to 9, held-out OTDD went from {distance[0]}.0 to")
    assert text.endswith(f"accuracy from {accuracy[0]:.2f} to {accuracy[1]:.2f} (n = 36 rows a side).")


def test_long_numbers_are_written_out():
    assert "OTDD went from 187 to 5,650 and" in alignment.in_plain_words(two((187.2, 5649.6), (0.9, 0.9)))


def test_a_single_step_says_nothing():
    assert alignment.in_plain_words(two((80, 40), (0.9, 0.9))[:1]) == ""
    assert alignment.in_plain_words([]) == ""


def test_of_many_steps_some_are_played_with_the_first_and_the_last():
    assert alignment.thinned([3, 4, 9], 3) == [3, 4, 9]
    assert alignment.thinned(list(range(1, 102)), 5) == [1, 26, 51, 76, 101]
    assert len(alignment.thinned(list(range(1000)))) == alignment.MOST_FRAMES


def test_panels_are_charts_without_the_curves_that_nobody_measured():
    panels = [Panel("t", {"objective": "o", "missing": "m"}, (0.0, 1.0)), Panel("empty", {"missing": "m"})]
    drawn = alignment.charts(two((80, 40), (0.9, 0.9)), panels)
    assert drawn == [Chart("t", [Line("o", [1, 9], [1.0, 0.5])], (0.0, 1.0))]


def test_the_warning_names_its_step_and_both_accuracies():
    assert alignment.warned(two((80, 40), (0.9, 0.9))) is None
    found = alignment.warned(two((80, 40), (0.9, 0.7)))
    assert found is not None
    assert found.step == 9
    assert "From step 9 on the objective is lower" in found.text
    assert "0.90 at first, 0.70 now" in found.text
