import re
from dataclasses import replace
from typing import Any

import pytest

from xmodal_core.gap.base import GapReading
from xmodal_core.panel.triage import NOT_IN_PANEL, UNTESTED, Finding, place, triage


def reading(
    value: float, half: float | None, floor: float | None = 0.0, ceiling: float | None = None, **detail: Any
) -> GapReading:
    interval = None if half is None else (value - half, value + half)
    shuffled = detail.pop("shuffled", None)
    return GapReading(value, "", floor, ceiling, interval, None, 500, 0, detail, shuffled)


def accuracy(value: float, random: float | None, raw: float = 0.5, half: float = 0.02) -> GapReading:
    beside = {"raw_inputs": raw} | ({} if random is None else {"random_network": random})
    return reading(value, half, 0.1, **beside)


FAR = {"knn": reading(0.9, 0.02, 0.0, 1.0)}
NEAR = {"knn": reading(0.05, 0.02, 0.0, 1.0)}
HIGH = {"target_knn": accuracy(0.8, 0.6)}
NONE = {"target_knn": accuracy(0.8, 0.79)}


def joint(readings: dict[str, GapReading], space: str = "body") -> Finding:
    (found,) = (f for f in triage(readings, space).findings if f.topic == "both")
    return found


def test_a_reading_is_placed_between_its_floor_and_its_ceiling() -> None:
    """(0.5 - 0.1) / (0.9 - 0.1) = 0.5; ends 0.4 and 0.6 are 0.375 and 0.625 of the way."""
    assert place("knn", reading(0.5, 0.1, 0.1, 0.9)) == pytest.approx((0.5, 0.375, 0.625))
    assert place("knn", reading(0.5, 0.1, 0.0)) == pytest.approx((0.5, 0.4, 0.6))  # to 1 without an embedder
    assert place("centroid", reading(0.5, 0.1, 0.0)) is None  # which has no largest value
    assert place("knn", reading(0.5, 0.1, 0.4, 0.6)) is None  # the way is no longer than the interval
    assert place("knn", reading(0.5, None, 0.0, 1.0)) is None


@pytest.mark.parametrize(
    ("value", "half", "start"),
    [
        (0.56, 0.05, "Source and target are far apart"),  # 0.51 to 0.61
        (0.54, 0.05, "Inconclusive, neither near nor far"),  # 0.49 to 0.59
        (0.14, 0.05, "Source and target are near each other"),  # 0.09 to 0.19
        (0.16, 0.05, "Inconclusive, neither near nor far"),  # 0.11 to 0.21
        (0.0, 0.3, "Inconclusive, neither near nor far"),  # the floor is inside, but so is 30 % of the way
    ],
)
def test_far_and_near_are_claims_about_the_whole_interval(value: float, half: float, start: str) -> None:
    found = triage({"knn": reading(value, half, 0.0, 1.0)}, "embedder").findings[0]
    assert found.text.startswith(start)
    assert found.numbers["value"] == value
    assert found.numbers["ceiling"] == 1.0


def test_the_gap_is_split_into_mean_scale_and_rest() -> None:
    parts = {"mean_part": 0.6, "scale_part": 0.3, "residual_part": 0.1}
    found = triage({"centroid": reading(0.6, 0.1, 0.0, 2.0, **parts)}, "embedder").findings[1]
    assert "60 % is a shift of the mean, 30 % a change of scale, 10 % the rest" in found.text
    unclear = triage({"centroid": reading(0.6, 0.7, 0.0, 2.0, **parts)}, "embedder").findings[1]
    assert unclear.kind == "open"
    assert "cannot be told from the floor" in unclear.text


@pytest.mark.parametrize(
    ("random", "word"), [(0.75, "is above a random"), (0.77, "is inconclusive against a random"), (0.85, "is below a")]
)
def test_a_baseline_is_beaten_only_where_intervals_do_not_overlap(random: float, word: str) -> None:
    """0.80 +- 0.02 against 0.75 +- 0.02 leaves a point between them; against 0.77 +- 0.02 they overlap."""
    (found,) = triage({"target_knn": accuracy(0.8, random)}, "embedder").findings
    assert word in found.text
    assert "is above raw inputs (0.5)" in found.text
    assert found.numbers["a random encoder"] == random


def test_a_baseline_has_the_whole_width_where_the_value_s_own_is_cut_at_one() -> None:
    for random, word in ((0.88, "inconclusive against"), (0.85, "above")):
        cut = replace(accuracy(0.98, random), interval=(0.92, 1.0))  # 0.06 below, and 0.06 above but for the end
        assert f"is {word} a random encoder" in triage({"target_knn": cut}, "body").findings[0].text


def test_logme_is_read_above_what_shuffled_labels_leave() -> None:
    high = reading(0.3, 0.1, -0.2, shuffled=-0.2, shuffled_sd=0.1)  # 0.2 is above -0.2 + 2 * 0.1
    (found,) = triage({"logme": high}, "body").findings
    assert found.text.startswith("The features explain the target's labels: LogME 0.3 [0.2, 0.4], +0.5 against")
    low = reading(0.3, 0.1, -0.2, shuffled=0.1, shuffled_sd=0.1)  # 0.2 is not above 0.1 + 2 * 0.1
    assert triage({"logme": low}, "body").findings[0].text.startswith("Inconclusive")


def test_far_apart_with_label_structure_is_the_align_first_hypothesis() -> None:
    found = joint(FAR | HIGH)
    assert found.kind == "hypothesis"
    assert found.text.startswith("Hypothesis: align first")
    assert found.numbers == {"kNN index": 0.9, "Target kNN accuracy": 0.8}


@pytest.mark.parametrize("labels", [NONE, {"target_knn": accuracy(0.5, 0.8)}])
def test_near_without_label_structure_is_false_comfort(labels: dict[str, GapReading]) -> None:
    found = joint(NEAR | labels)
    assert found.kind == "warning"
    assert found.text.startswith("False comfort")


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        (FAR | NONE, "No hypothesis follows: the clouds are far apart"),
        (NEAR | HIGH, "No hypothesis follows: the clouds are near each other"),
        ({"knn": reading(0.4, 0.02, 0.0, 1.0)} | HIGH, "Inconclusive: the gap is neither"),
        (FAR | {"target_knn": accuracy(0.8, None)}, "not held against a random encoder"),
        # one reading above and one below a random encoder
        (FAR | HIGH | {"linear_probe": accuracy(0.5, 0.8)}, "no clear difference in label structure"),
    ],
)
def test_nothing_else_raises_a_hypothesis(readings: dict[str, GapReading], words: str) -> None:
    found = joint(readings)
    assert found.kind == "open"
    assert words in found.text


def test_near_needs_every_gap_reading_and_far_only_one() -> None:
    far_mean = {"centroid": reading(1.8, 0.1, 0.0, 2.0, mean_part=1.8, scale_part=0.1, residual_part=0.1)}
    assert "far apart" in joint(NEAR | far_mean | NONE).text
    open_mean = {"centroid": reading(0.8, 0.1, 0.0, 2.0, mean_part=0.8, scale_part=0.1, residual_part=0.1)}
    assert "neither" in joint(NEAR | open_mean | NONE).text


@pytest.mark.parametrize("space", ["raw", "embedder"])
def test_only_what_leaves_the_body_raises_a_hypothesis(space: str) -> None:
    found = triage(FAR | HIGH, space)
    assert not [f for f in found.findings if f.topic == "both"]
    assert "Label structure in the body: measure what leaves the network." in found.missing


def test_a_gap_alone_decides_nothing_and_no_probability_is_printed() -> None:
    for readings in (FAR, NEAR, FAR | HIGH, NEAR | NONE):
        found = triage(readings, "body")
        assert found.confidence == UNTESTED
        told = " ".join(f.text for f in found.findings)
        assert not re.search(r"scratch|probab|likely|should|recommend|fine-tun", told, re.IGNORECASE)
    assert [f.topic for f in triage(FAR, "body").findings] == ["gap"]


def test_what_is_missing_is_told_with_its_reason() -> None:
    found = triage(FAR | {"target_knn": accuracy(0.8, None)}, "body", {"logme": "x has one class."})
    assert "LogME refused these rows: x has one class." in found.missing
    assert "Centroid distance was not measured." in found.missing
    assert "Target kNN accuracy of a random encoder: not read beside the value." in found.missing
    assert found.missing[-1] == NOT_IN_PANEL


def test_clusters_are_not_passed_off_as_classes() -> None:
    labels = {"target_knn": reading(0.8, 0.02, 0.1, random_network=0.5, pseudo_labels={"target": "clusters"})}
    assert "classes that are clusters of the targets" in triage(labels, "body").findings[0].text
