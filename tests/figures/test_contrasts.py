from xmodal_core.figures.contrasts import contrasts_figure, contrasts_sentence, contrasts_table, shown_contrasts
from xmodal_core.verdict.contrasts import Contrast
from xmodal_core.verdict.rules import verdict

TITLES = {"finetune": "Fine-tuning", "scratch": "From <scratch>"}
SCORES = {"finetune": {0: 0.95, 1: 0.96, 2: 0.94}, "scratch": {0: 0.80, 1: 0.82, 2: 0.81}}
GAIN = Contrast("finetune", "scratch", 0.14, (0.115, 0.165), 3, "better", 3, "A - C")
ONE_SEED = Contrast("simple", "finetune", -0.02, None, 1, "inconclusive", None, "")


def test_a_lane_a_contrast_with_its_interval_and_the_band_that_does_not_matter():
    figure = contrasts_figure([GAIN, ONE_SEED], 0.01, TITLES)
    below, above = figure.data
    assert below.x == (-2.0,)  # the last contrast lies lowest
    assert [round(at, 9) for at in above.x] == [14.0]
    assert (round(above.error_x.array[0], 9), round(above.error_x.arrayminus[0], 9)) == (2.5, 2.5)
    assert (below.error_x.array[0], below.error_x.arrayminus[0]) == (0.0, 0.0)
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (-1.0, 1.0)
    assert above.marker.symbol != below.marker.symbol
    assert "From &lt;scratch&gt;" in above.hovertext


def test_an_interval_of_two_seeds_does_not_press_the_others_flat():
    wide = Contrast("orca", "finetune", 0.01, (-3.0, 3.02), 2, "inconclusive", None, "B - A")
    figure = contrasts_figure([GAIN, wide], 0.01, TITLES)
    low, high = figure.layout.xaxis.range
    assert high == -low < 25
    bar = figure.data[0]
    assert abs(bar.x[0] + bar.error_x.array[0] - high) < 1e-9  # it runs to the edge


def test_each_pair_is_shown_once_and_told_in_words():
    scores = SCORES | {"simple": {0: 0.5, 1: 0.5, 2: 0.5}}
    answer = verdict(scores, titles=TITLES, roles={"finetune": "A", "scratch": "C", "simple": "D"})
    pairs = [(one.first, one.second) for one in shown_contrasts(answer)]
    assert len(pairs) == len(set(pairs))
    table = contrasts_table(shown_contrasts(answer), TITLES)
    assert table["difference, points"][0] == 14.0
    assert (table["95 % low"][0], table["95 % high"][0]) == (11.52, 16.48)  # 4.303 * 0.01 / sqrt(3) = 2.484
    assert "Fine-tuning against From <scratch> +14.0 points" in contrasts_sentence(answer, TITLES)
