import numpy as np
import pytest

from xmodal_core.data.dataset import Modality
from xmodal_core.data.sources import SOURCES, summary_sentence


@pytest.mark.parametrize(
    ("docstring", "sentence"),
    [
        ("Compute the mean.\n\nMore.", "Compute the mean."),
        ("Compute the\n    mean of `x`. More follows here.\n", "Compute the mean of x."),
        ("Set ``a``, *b* and **c**; see :func:`~scipy.stats.mean`", "Set a, b and c; see scipy.stats.mean."),
        ("f(x, /, out=None)\n\nf(x, out=None)\n\nGamma function of x.", "Gamma function of x."),
        ("g(a,\n  b=(1, 2))\n\nSolve the system, i.e. invert it [1]_.", "Solve the system, i.e. invert it."),
        ("Two words.", None),
        ("f(x)", None),
        (".. deprecated:: 1.0\n   Use another one.", None),
        ("", None),
    ],
)
def test_the_first_sentence_is_taken_without_markup(docstring, sentence):
    assert summary_sentence(docstring) == sentence


def test_fractals_are_balanced_images_of_ten_classes_in_the_unit_range():
    data = SOURCES["fractals"].load(100, 0)
    assert data.inputs.shape == (100, 1, 32, 32)
    assert 0 <= data.inputs.min() < data.inputs.max() <= 1
    assert np.bincount(data.targets).tolist() == [10] * 10


def test_finer_fractals_begin_with_the_same_classes_in_the_same_instances():
    finer = SOURCES["fractals"].finer
    assert finer is not None
    data, usual = finer(600, 1), SOURCES["fractals"].load(30, 1)
    assert (data.name, np.bincount(data.targets).tolist()) == ("fractals-200", [3] * 200)
    np.testing.assert_array_equal(data.inputs[:30], usual.inputs)


def test_a_number_of_fractals_that_ten_does_not_divide_differs_by_one_per_class():
    counts = np.bincount(SOURCES["fractals"].load(33, 0).targets)
    assert counts.tolist() == [4] * 3 + [3] * 7


def test_another_seed_draws_fresh_instances_of_the_same_fractal_classes():
    first, second = SOURCES["fractals"].load(100, 0), SOURCES["fractals"].load(100, 1)
    assert first.content_hash != second.content_hash
    means = [np.stack([d.inputs[d.targets == k].mean(axis=0).ravel() for k in range(10)]) for d in (first, second)]
    distances = np.linalg.norm(means[0][:, None] - means[1][None], axis=2)
    assert (distances.argmin(axis=1) == np.arange(10)).sum() >= 9  # each class is nearest to itself


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_deterministic_by_seed_from_disk_and_when_made_again(name, monkeypatch, tmp_path):
    first = SOURCES[name].load(60, 3)
    assert first.content_hash == SOURCES[name].load(60, 3).content_hash
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    assert first.content_hash == SOURCES[name].load(60, 3).content_hash
    assert first.content_hash != SOURCES[name].load(60, 4).content_hash
    assert (first.name, first.modality) == (name, SOURCES[name].modality)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_a_stratified_split(name):
    data = SOURCES[name].load(300, 0)
    for label in range(data.n_classes):
        assert set(data.splits[data.targets == label].tolist()) == {"train", "val", "test"}


def test_sentences_are_unique_english_labelled_by_subpackage():
    data = SOURCES["scipy_docs"].load(10**6, 0)
    assert data.modality is Modality.TEXT
    assert len(data) > 500
    assert len(set(data.inputs.tolist())) == len(data)
    assert np.bincount(data.targets).min() >= 20
    assert {"stats", "signal", "linalg", "special", "optimize"} <= set(data.class_names)
    for sentence in data.inputs.tolist():
        assert sentence.endswith(".")
        assert len(sentence.split()) >= 3
        assert not set("`\n\\") & set(sentence)


def test_a_sentence_is_what_its_function_says_of_itself():
    from scipy import linalg

    data = SOURCES["scipy_docs"].load(10**6, 0)
    sentence = linalg.inv.__doc__.strip().splitlines()[0]
    row = data.inputs.tolist().index(sentence)
    assert data.class_names[data.targets[row]] == "linalg"


def test_every_subpackage_keeps_a_row_for_each_split_in_the_smallest_draw():
    whole = SOURCES["scipy_docs"].load(10**6, 0)
    least = SOURCES["scipy_docs"].load(3 * whole.n_classes, 0)
    assert np.bincount(least.targets).tolist() == [3] * whole.n_classes


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(
    ("n", "seed", "word"), [(0, 0, "at least"), (-5, 0, "at least"), (29, 0, "at least"), (100, -1, "seed")]
)
def test_requests_that_cannot_be_met_are_refused(name, n, seed, word, refusal):
    refusal(lambda: SOURCES[name].load(n, seed), name, word)
