"""Columns that may name what was measured several times."""

import numpy as np
import pytest

from tests.data.readers.tabular.tabled import codes, dataset
from xmodal_core.data.readers.tabular.repeated_units import names_unit

N = 120
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, N))
LABEL = np.array(["ash", "oak"])[RNG.integers(0, 2, N)]
BLOCKS = np.repeat(np.arange(12), 10)


@pytest.mark.parametrize(
    "name", ["well", "Plot No", "nct_id", "run", "Parzelle", "PlotID", "cell_line", "source_plate"]
)
def test_names_of_units_are_known_with_ids_and_numbers_behind_them(name: str) -> None:
    assert names_unit(name)


@pytest.mark.parametrize("name", ["wellness", "running", "colour", "region", "source", "rooms", "id"])
def test_other_names_are_none(name: str) -> None:
    assert not names_unit(name)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("well", np.array([f"{'ABC'[i % 3]}{i % 4}" for i in RNG.permutation(N)])),
        ("plot", BLOCKS),
        ("run", RNG.permutation(BLOCKS)),  # as many rows of each
        ("tower_id", np.array([f"T{i:02}" for i in RNG.permutation(BLOCKS)])),
    ],
)
def test_units_are_told_until_they_are_groups_or_categories(name: str, values: np.ndarray) -> None:
    columns = {"a": A, "b": B, name: values, "label": LABEL}
    assert codes(dataset(columns)) == ["possible-group"]
    assert not codes(dataset(columns, group=name))
    assert not codes(dataset(columns, category=(name,)))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("runs", RNG.poisson(3, N)),  # how many
        ("block", RNG.integers(0, 4, N)),  # too few to be dealt out
        ("field", A * 2),
        ("color_id", RNG.permutation(BLOCKS)),  # codes of categories
    ],
)
def test_features_of_such_names_are_no_units(name: str, values: np.ndarray) -> None:
    assert not codes(dataset({"a": A, "b": B, name: values, "label": LABEL}))
