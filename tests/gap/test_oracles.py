"""Known answers of the panel: twelve numbers that theory gives, and the test that holds each.

Every one is checked where its code is tested; here is where to find it, and a test that none has gone.

 1  kNN index: null mean, standard deviation against permutations, false rejections
        gap/test_knn.py  test_the_null_of_two_equal_samples_is_the_published_number
        gap/test_knn.py  test_the_p_value_rejects_a_true_null_about_as_often_as_it_says
 2  MMD of two normal clouds, and the bias of the plain estimator
        gap/test_mmd.py  test_two_normal_clouds_one_apart_read_the_closed_form
        gap/test_mmd.py  test_without_a_gap_the_value_averages_zero_and_the_biased_one_its_known_bias
 3  OTDD of a translated copy, labels permuted or not; of a cloud with itself; the half convention
        gap/test_otdd.py  test_a_translated_copy_is_twice_the_squared_shift_away_whatever_its_labels_are_called
        gap/test_otdd.py  test_a_cloud_far_from_the_origin_is_at_distance_zero_from_itself
        objectives/test_objectives.py  test_debiased_otdd_of_the_source_with_itself_is_zero
 4  Frechet distance of a shift, and its bias without one
        gap/test_frechet.py  test_two_normal_clouds_one_apart_read_one_and_the_plain_value_its_bias_more
        gap/test_frechet.py  test_without_a_gap_many_dimensions_read_the_known_plain_value_and_little_more_than_its_bias
 5  energy distance on a line; sliced distance of a shift in few and many dimensions
        gap/test_energy.py  test_two_normal_samples_one_apart_on_a_line_read_the_closed_form
        gap/test_sliced.py  test_a_shift_of_three_reads_three_over_root_d_before_the_factor_and_three_after
 6  classifier of source against target: accuracy, proxy A-distance and area for a shift of one
        gap/test_c2st.py  test_a_shift_of_one_reads_the_area_accuracy_and_distance_of_the_best_classifier
 7  CKA of independent features, plain and debiased; of a rotated, scaled and moved copy
        reuse/diagnostics/test_cka.py  test_independent_features_read_zero_where_the_plain_estimator_reads_its_bias
        reuse/diagnostics/test_cka.py  test_rotation_scale_and_offset_change_nothing
 8  mutual nearest neighbours by chance and of a copy; coverage by chance
        reuse/diagnostics/test_mutual_knn.py  test_unrelated_encoders_share_neighbours_as_often_as_chance_says
        reuse/diagnostics/test_mutual_knn.py  test_calibration_puts_chance_at_zero_and_identity_at_one
        gap/test_coverage.py  test_without_a_gap_coverage_and_density_are_what_theory_says
 9  LogME as a normal log-density, with more features than rows too; H-score of one-hot features; LEEP of a
    source that knows nothing and of a renaming; GBC of two Gaussians
        gap/test_logme.py  test_the_evidence_is_the_normal_log_density_for_tall_and_wide_features
        gap/test_h_score.py  test_one_hot_features_reach_one_less_than_the_number_of_classes
        reuse/diagnostics/test_leep.py  test_a_source_that_knows_nothing_reads_the_negative_entropy_of_the_labels
        reuse/diagnostics/test_leep.py  test_a_source_class_per_label_reads_zero
        gap/test_gbc.py  test_two_gaussians_two_apart_overlap_by_the_closed_form
10  intrinsic dimension of a flat Gaussian; LISI by chance
        gap/test_intrinsic_dimension.py  test_five_dimensions_in_a_hundred_and_twenty_eight_are_found
        gap/test_lisi.py  test_the_null_of_balanced_halves_is_the_published_number
11  matching of source classes to random labels: zero on held-out samples, not 0.90
        reuse/diagnostics/test_matching.py  test_random_labels_read_zero_where_scoring_on_the_same_samples_reads_0_90
        reuse/diagnostics/test_matching.py  test_random_labels_are_at_chance_however_many_source_classes
12  a bootstrap raises the neighbour rate where there is no gap, a subsample does not
        gap/test_protocol.py  test_a_bootstrap_would_bias_the_neighbour_rate_and_subsampling_does_not
"""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
HELD = re.findall(r"^ +(\S+\.py)  (test_\w+)$", __doc__, re.MULTILINE)


def test_the_table_lists_all_twelve():
    numbers = re.findall(r"^ ?(\d+)  ", __doc__, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize(("file", "name"), HELD)
def test_the_test_that_holds_it_is_there_and_asserts_something(file, name):
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert any(isinstance(node, ast.Assert) for node in ast.walk(found))
