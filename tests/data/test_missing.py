import numpy as np
import pytest

from xmodal_core.data.draft import Draft
from xmodal_core.data.missing import fill_missing, settle_missing
from xmodal_core.data.modality import Modality
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Feature

NAN = np.nan
SPLITS = np.array(["train", "train", "train", "test", "test"])


def draft(inputs, features=(), counts=(), modality=Modality.TABULAR, **said):
    labels = np.arange(len(inputs)) % 2
    return Draft(
        "t",
        "t",
        Reading(**said),
        "f",
        modality,
        "",
        np.array(inputs),
        labels,
        features=features,
        category_counts=counts,
    )


def test_the_median_of_the_training_rows_stands_in_and_is_marked():
    begun = draft([[1.0, 0], [NAN, 0], [5.0, 1], [900.0, 1], [NAN, 0]])
    fill_missing(begun, SPLITS)
    assert begun.inputs.tolist() == [[1, 0, 0], [3, 0, 1], [5, 1, 0], [900, 1, 0], [3, 0, 1]]
    assert [f.name for f in begun.features] == ["feature 1", "feature 2", "feature 1 is missing"]
    assert begun.features[-1].kind == "indicator"
    assert "filled in 2 missing values of 'feature 1'" in begun.changed[0]


def test_a_feature_that_no_training_row_has_is_0_and_marked():
    begun = draft([[NAN], [NAN], [NAN], [4.0], [NAN]])
    fill_missing(begun, SPLITS)
    assert begun.inputs.tolist() == [[0, 1], [0, 1], [0, 1], [4, 0], [0, 1]]


def test_categories_keep_their_counts_and_indicators_have_none():
    features = [Feature("c", "category", 0.2, ("u", "(missing)")), Feature("x", "number", 0.2)]
    begun = draft([[0, 1.0], [1, NAN], [0, 3.0], [0, 4.0], [0, 5.0]], features, (2, 0))
    settle_missing(begun)
    assert "1 of 5 rows (1 in 'c', 1 in 'x')" in begun.warnings[0].message
    fill_missing(begun, SPLITS)
    assert begun.category_counts == (2, 0, 0)
    assert begun.inputs[1].tolist() == [1, 2, 1]


def test_rows_are_dropped_or_refused_where_that_is_said(refusal):
    inputs = [[1.0], [NAN], [3.0], [4.0], [5.0]]
    begun = draft(inputs, missing="drop")
    settle_missing(begun)
    assert begun.inputs.tolist() == [[1], [3], [4], [5]]
    assert begun.left_out[0].names == ("row 2",)
    refusal(lambda: settle_missing(draft(inputs, missing="refuse")), "1 of 5 rows", "missing=impute")
    refusal(lambda: settle_missing(draft([[NAN]] * 5, missing="drop")), "5 of 5")


@pytest.mark.parametrize("modality", [Modality.SERIES, Modality.IMAGE])
def test_only_tables_are_looked_at(modality):
    begun = draft([[[1.0, NAN]]] * 5, modality=modality)
    settle_missing(begun)
    fill_missing(begun, SPLITS)
    assert np.isnan(begun.inputs).any()
    assert not begun.warnings
