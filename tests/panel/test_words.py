import pytest

from tests.readings import accuracy, reading
from xmodal_core.gap import METRICS
from xmodal_core.panel.report import Context
from xmodal_core.panel.words import (
    BETWEEN_CLOUDS,
    NEIGHBOURS,
    TARGET_HOLDS,
    bounds_text,
    caveats,
    context_line,
    direction,
    finding,
    groups,
    headline,
    interval_note,
    interval_text,
    main_names,
    number,
    numbers_line,
    ordered,
    p_text,
    parts_line,
    provenance_line,
    readings_table,
)


def test_halfway_between_floor_and_ceiling_is_said_in_percent():
    assert finding("otdd", reading()) == "Above the floor; 50 % of the way to an untrained embedder."


def test_an_interval_that_covers_the_floor_claims_nothing():
    for interval in ((1.9, 10.1), (2.0, 10.0), (-1.0, 2.0)):
        assert finding("otdd", reading(interval=interval)) == "Not distinguishable from the floor at this n."


def test_below_the_floor_is_called_below():
    assert finding("otdd", reading(value=1.0, interval=(0.5, 1.5), ceiling=None)) == "Below the floor."


def test_where_less_means_a_gap_below_the_floor_says_so():
    less = reading(value=0.2, floor=0.96, ceiling=None, interval=(0.1, 0.3))
    assert finding("coverage", less) == "Below the floor, which here means further apart."
    more = reading(value=0.99, floor=0.5, ceiling=None, interval=(0.9, 1.0))
    assert finding("coverage", more) == "Above the floor."
    directions = [direction(name) for name in ("otdd", "coverage", "target_knn")]
    assert directions == ["higher is further apart", "lower is further apart", "higher is better"]


def test_accuracy_is_held_against_chance():
    assert finding("target_knn", accuracy()) == "Above chance."
    assert finding("target_knn", accuracy(interval=(0.05, 0.4))) == "Not distinguishable from chance at this n."


def test_a_score_without_chance_is_held_against_shuffled_labels():
    score = accuracy(value=-0.9, floor=-1.2, shuffled=-1.2, interval=(-1.0, -0.8), detail={})
    assert finding("target_knn", score) == "Above its value under shuffled labels."
    assert numbers_line("target_knn", score).count("shuffled labels") == 1


def test_why_there_is_no_interval_and_whom_one_is_about_are_said():
    assert interval_text(reading(interval=None, n=19)) == "no interval below 20 rows"
    assert interval_text(reading(interval=None)) == "no interval, half of the rows are refused"
    sampled, fixed = (reading(detail={"class_shares": shares}) for shares in ("sampled", "fixed"))
    usual = "95 % intervals are about other rows of the same origin, whose class shares vary as rows do"
    assert interval_note({"knn": sampled, "mmd": sampled}) == f"{usual}."
    apart = {"knn": sampled, "mmd": sampled, "otdd": fixed}
    assert interval_note(apart) == f"{usual}, those of OTDD with the class shares of these rows."
    assert interval_note({"knn": reading()}) == interval_note({}) == ""  # reports of before


def test_without_interval_or_floor_nothing_is_claimed():
    assert "cannot be told" in finding("otdd", reading(interval=None))
    assert "cannot be placed" in finding("otdd", reading(floor=None))


def test_caveats_are_the_metrics_note_and_a_floor_on_other_rows():
    assert caveats(reading()) == []
    (said,) = caveats(reading(detail={"floor_n": 50}))
    assert said.startswith("The floor is measured at n = 50, the value at n = 100")
    assert caveats(reading(detail={"floor_n": None, "note": "It is saturated."})) == ["It is saturated."]
    assert caveats(reading(detail={"note": ""})) == []


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.0123456, "0.0123"), (-0.5, "−0.5"), (12345.6, "12,346"), (1e-9, "1e−09")]
)
def test_numbers_have_three_digits(value, shown):
    assert number(value) == shown


def test_p_values_are_quoted_as_they_can_be():
    assert [p_text(p) for p in (None, 0.0, 0.0321)] == ["–", "< 0.001", "0.032"]


def test_the_line_of_numbers_has_each_that_exists():
    twin = {"value": 5.0, "n_source": 80, "n_target": 60}
    full = reading(p=0.5, shuffled=7.0, detail={"permutations": 999, "class_balanced": twin})
    assert numbers_line("otdd", full) == (
        "Value 6 [5.5, 6.5], floor 2, ceiling 10, shuffled labels 7, p 0.500 (999 permutations), "
        "class-balanced 5 (80 source, 60 target rows), n = 100 a side, seed 0"
    )
    bare = accuracy(interval=None, n=10, detail={"chance": 0.1, "raw_inputs": 0.9, "random_network": 0.3})
    assert numbers_line("target_knn", bare) == (
        "Value 0.3 no interval below 20 rows, chance 0.1, raw inputs 0.9, random network 0.3, n = 10 rows, seed 0"
    )


def test_beside_a_transport_stand_n_solver_and_what_its_bounds_prove():
    exact = reading(detail={"solver": "assignment", "lower": 6.0, "upper": 6.0})
    assert provenance_line("otdd", exact) == "n = 100 a side · assignment, bounds meet"
    loose = reading(detail={"solver": "sinkhorn", "lower": 5.9, "upper": 6.0, "n_subsample": 5000})
    assert bounds_text(loose) == "sinkhorn, optimum within [5.9, 6], points on a subsample of 5,000"
    assert provenance_line("knn", reading()) == "n = 100 a side"
    assert provenance_line("knn", reading(detail={"floor_n": 50})) == "n = 100 a side · floor at n = 50"


def test_parts_of_a_value_are_named():
    detail = {"squared": 36.0, "feature_part": 30.0, "label_part": 6.0}
    assert parts_line(reading(detail=detail)) == "squared 36, feature part 30, label part 6"
    fitted = {"mean_part": 0.5, "rho_out": 0.123}
    assert parts_line(reading(detail=fitted)) == "mean part 0.5, 12% of the target outside the source's axes"
    assert parts_line(reading()) == ""


def test_the_headline_is_the_reading_that_matters_most_whenever_it_came():
    assert headline({"knn": reading(value=1.0), "otdd": reading()}) == "OTDD 6 [5.5, 6.5], floor 2"
    assert headline({}) == ""


def test_readings_stand_in_groups_and_none_is_lost():
    found = groups(METRICS)
    assert sorted(name for members in found.values() for name in members) == sorted(METRICS)
    assert "otdd" in found[BETWEEN_CLOUDS]
    assert found[NEIGHBOURS] == ["knn", "coverage"]
    assert all(METRICS[name].target_only for name in found[TARGET_HOLDS])
    assert groups(["knn"]) == {NEIGHBOURS: ["knn"]}


def test_three_readings_stand_beside_the_clouds_or_those_that_were_asked():
    assert main_names(METRICS) == ["otdd", "knn", "target_knn"]
    assert main_names(["centroid", "knn"]) == ["knn"]
    assert main_names(["centroid"]) == ["centroid"]
    assert ordered(["centroid", "otdd"]) == ["otdd", "centroid"]


def test_context_is_said_side_by_side_and_left_out_where_unknown():
    assert context_line(Context({"source": 12.34, "target": None})) == "Intrinsic dimension: source 12.3"
    assert context_line(Context({"source": None, "target": None})) == ""
    assert context_line(Context()) == ""
    clusters = Context({"source": 2, "target": 3}, {"target": "pseudo-labels: 10 k-means clusters"})
    said = "Intrinsic dimension: source 2, target 3; Target classes are pseudo-labels: 10 k-means clusters"
    assert context_line(clusters) == said


def test_the_table_has_a_row_a_reading_and_its_limits():
    table = readings_table({"knn": reading(interval=None, p=0.5), "otdd": reading(shuffled=7.0)})
    assert table["metric"] == ["OTDD", "kNN index"]
    assert table["95 % low"] == [5.5, None]
    assert table["shuffled labels"] == [7.0, None]
    assert table["p"] == ["–", "0.500"]
    assert table["cannot tell"][0] == METRICS["otdd"].blind_to
    assert readings_table({}) == {}
