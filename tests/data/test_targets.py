import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiny import tiny_task
from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset, stratified_rows
from xmodal_core.data.store import load_dataset, save_dataset
from xmodal_core.data.targets import TargetScale, strata

TABLE = np.arange(40, dtype=np.float64).reshape(20, 2)
FIELDS = np.random.default_rng(0).normal(size=(20, 2, 3, 4))


def table(targets, task=Task.REGRESSION, names=(), **more):
    return make_dataset("t", Modality.TABULAR, TABLE, targets, names, task=task, **more)


@pytest.mark.parametrize(
    ("task", "shape", "outputs", "classes"),
    [
        (Task.CLASSIFICATION, (60,), 2, 2),
        (Task.MULTILABEL, (60, 3), 3, 3),
        (Task.REGRESSION, (60, 2), 2, 0),
        (Task.DENSE, (60, 1, 8, 8), 1, 0),
        (Task.SEGMENTATION, (60, 8, 8), 3, 3),
    ],
)
def test_every_task_has_its_shape_type_and_outputs(task, shape, outputs, classes):
    data = tiny_task(task)
    assert (data.task, data.targets.shape, data.n_outputs, data.n_classes) == (task, shape, outputs, classes)
    assert data.targets.dtype == (np.int64 if task in (Task.CLASSIFICATION, Task.SEGMENTATION) else np.float32)
    assert {str(s) for s in data.splits} == {"train", "val", "test"}


def test_a_single_number_per_row_becomes_one_column():
    assert table(np.arange(20) / 2).targets.shape == (20, 1)


@pytest.mark.parametrize("modality", [Modality.FIELD, Modality.IMAGE])
def test_dense_targets_lie_on_the_cells_of_the_inputs(modality):
    data = make_dataset("f", modality, FIELDS, FIELDS[:, :1] * 2, (), task=Task.DENSE)
    assert data.targets.shape == (20, 1, 3, 4)


CODES = np.arange(100).reshape(20, 5) % 7


def residues(targets, modality=Modality.SEQUENCE, inputs=CODES, splits=None):
    return make_dataset("s", modality, inputs, targets, "abc", splits=splits, task=Task.SEGMENTATION)


@pytest.mark.parametrize(
    ("modality", "inputs", "cells"),
    [
        (Modality.SEQUENCE, CODES, (5,)),
        (Modality.SERIES, FIELDS[:, 0], (4,)),
        (Modality.IMAGE, FIELDS, (3, 4)),
        (Modality.FIELD, FIELDS, (3, 4)),
    ],
)
def test_every_cell_of_a_segmentation_has_a_class_or_none(modality, inputs, cells):
    classes = np.random.default_rng(0).integers(-1, 3, (20, *cells))
    data = residues(classes, modality, inputs)
    assert (data.cells, data.n_outputs, data.n_classes) == (cells, 3, 3)
    train = classes[data.rows("train")]
    assert data.train_cells.tolist() == [(train == c).sum() for c in range(3)]


def test_samples_are_grouped_by_their_most_frequent_class_without_the_ignored_cells():
    kinds = np.array([[0, 1, 1, -1, -1], [-1, -1, -1, -1, 2], [0, 0, 2, 2, 1], [-1] * 5])
    assert strata(Task.SEGMENTATION, np.repeat(kinds, 10, axis=0)).tolist() == [1] * 10 + [2] * 10 + [0] * 20
    few = np.concatenate([np.repeat(kinds[:1], 10, axis=0), kinds[1:3]])
    assert strata(Task.SEGMENTATION, few).tolist() == [1] * 10 + [3, 3]  # that lead one sample each


def test_classes_that_each_lead_one_sample_leave_rows_for_every_split():
    targets, names = np.arange(20)[:, None] + (CODES == 3), [f"c{i}" for i in range(21)]
    data = make_dataset("s", Modality.SEQUENCE, CODES, targets, names, task=Task.SEGMENTATION)
    assert [len(data.rows(split)) for split in ("train", "val", "test")] == [12, 4, 4]


def test_a_sequence_has_a_place_per_code():
    codes = np.arange(100).reshape(20, 5) % 7
    assert make_dataset("s", Modality.SEQUENCE, codes, codes[:, None] / 2, (), task=Task.DENSE).n_outputs == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: table(np.ones(20)), ("every target is the same", "differ")),
        (lambda: table(np.array([np.nan, *range(19)])), ("1 of 20 targets", "row 0")),
        (lambda: table(np.array([1e300, *range(19)])), ("1 of 20 targets", "infinite")),
        (lambda: table(np.arange(19) / 2), ("20 samples", "19 labels")),
        (lambda: table(np.arange(60).reshape(20, 3) % 2 * 2, Task.MULTILABEL, "abc"), ("other than 0 and 1",)),
        (lambda: table(np.ones((20, 3)), Task.MULTILABEL, "abc"), ("the same labels",)),
        (lambda: table(np.eye(20)[:, :4], Task.MULTILABEL, "abc"), ("(20, 4)", "(n, 3)")),
        (lambda: table(TABLE[:, None], Task.DENSE), ("tabular", "image, field, series, sequence")),
        (
            lambda: make_dataset("f", Modality.FIELD, FIELDS, FIELDS[..., :2], (), task=Task.DENSE),
            ("(20, 2, 3, 2)", "3, 4", "dense"),
        ),
        (lambda: residues(CODES % 4), ("from 0 to 3", "0 to 2 for 3 class names", "-1 where there is none")),
        (lambda: residues(CODES % 3 - 2), ("from -2 to 0",)),
        (lambda: residues(CODES[:, :4] % 3), ("(20, 4)", "(n, 5) as in X", "segmentation")),
        (lambda: residues(CODES[:, None] % 3), ("(20, 1, 5)", "segmentation")),
        (lambda: residues(np.where(CODES % 2, 1, -1)), ("1 class(es) in the cells", "dense")),
        (lambda: residues(np.tile([0, 1, 2, 1, -1], (20, 1))), ("the same classes in the same cells",)),
        (
            lambda: residues(
                np.where(np.arange(20)[:, None] < 15, CODES % 3, -1), splits=np.repeat(["train", "test"], [15, 5])
            ),
            ("no cell of the 5 test rows has a class",),
        ),
        (lambda: table(np.stack([CODES % 3] * 2, axis=2)[:, 0], Task.SEGMENTATION, "abc"), ("tabular", "image, field")),
        (lambda: table(np.zeros((20, 2, 2)) + np.arange(20)[:, None, None]), ("(20, 2, 2)", "regression")),
    ],
)
def test_targets_that_are_not_those_of_the_task_are_refused(make, words, refusal):
    refusal(make, *words)


def test_the_constructor_checks_the_task_too(refusal):
    data = tiny_task(Task.REGRESSION)
    refusal(
        lambda: LabelledDataset(
            "t", data.modality, data.inputs, data.targets, (), data.splits, data.uid, task=Task.MULTILABEL
        ),
        "multilabel",
    )


def test_a_scalar_target_is_split_by_tenths_so_that_every_split_sees_its_whole_range():
    values = np.random.default_rng(0).lognormal(size=400)
    data = make_dataset("t", Modality.TABULAR, np.ones((400, 1)), values, (), task=Task.REGRESSION)
    tenth = np.argsort(np.argsort(values)) // 40
    for split, each in (("train", 24), ("val", 8), ("test", 8)):
        assert np.bincount(tenth[data.rows(split)]).tolist() == [each] * 10


def test_several_outputs_and_fields_are_split_at_random_in_the_same_shares():
    for task in (Task.MULTILABEL, Task.DENSE):
        data = tiny_task(task)
        assert [len(data.rows(s)) for s in ("train", "val", "test")] == [36, 12, 12]


def test_a_given_split_of_numbers_gives_up_validation_rows():
    data = table(np.arange(20) / 2, splits=np.repeat(["train", "test"], [15, 5]))
    assert data.rows("test").tolist() == list(range(15, 20))
    assert len(data.rows("val")) > 0


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=2, max_size=60))
@settings(deadline=None, max_examples=40)
def test_strata_of_a_number_never_fall_as_it_grows(values):
    numbers = np.array(values, np.float32)[:, None]
    groups = strata(Task.REGRESSION, numbers)
    assert (np.diff(groups[np.argsort(numbers[:, 0], kind="stable")]) >= 0).all()
    assert len(np.unique(groups)) <= 10


def test_rows_can_be_drawn_in_proportion_for_every_task():
    for task in Task:
        data = tiny_task(task)
        assert len(stratified_rows(data.strata, 20, 0)) == 20


def test_the_scale_is_fitted_on_training_rows_alone_and_undone_exactly():
    values = np.concatenate([np.tile([10.0, 30.0], 8), [1e6] * 4])
    data = table(values, splits=np.repeat(["train", "val", "test"], [16, 1, 3]))
    assert data.target_scale.shift.tolist() == [[20.0]]
    assert data.target_scale.scale.tolist() == [[10.0]]
    assert data.target_scale.apply(data.targets[:2]).tolist() == [[-1.0], [1.0]]
    np.testing.assert_allclose(data.target_scale.undo(data.target_scale.apply(data.targets)), data.targets, rtol=1e-6)


def test_a_field_has_one_scale_per_output_and_a_constant_output_divides_by_one():
    fields = np.stack([FIELDS[:, 0] * 1e-6, np.full((20, 3, 4), 7.0)], axis=1)
    scale = TargetScale.fit(fields.astype(np.float32))
    assert scale.scale.shape == (1, 2, 1, 1)
    assert scale.scale[0, 1, 0, 0] == 1.0
    assert scale.apply(fields)[:, 0].std() == pytest.approx(1, rel=1e-4)


def test_the_content_hash_follows_the_task_and_that_of_classes_is_the_old_one():
    values = np.tile([[0.0], [1.0]], (10, 1))
    as_numbers, as_labels = table(values), table(values, Task.MULTILABEL, ["on"])
    assert as_numbers.content_hash != as_labels.content_hash
    codes = make_dataset("t", Modality.TABULAR, TABLE, np.arange(20) % 2, ("a", "b"))
    assert codes.content_hash == "e4808ee9cea3db25"


@pytest.mark.parametrize("task", Task)
def test_a_stored_data_set_keeps_its_task(task, tmp_path):
    data = tiny_task(task)
    back = load_dataset(save_dataset(data, tmp_path))
    assert (back.task, back.content_hash) == (task, data.content_hash)
    assert isinstance(back.task, Task)
    np.testing.assert_array_equal(back.targets, data.targets)
