import numpy as np
import pytest
import scipy.sparse

from xmodal_core.data.readers.arrays.annotated import unfold_annotated
from xmodal_core.data.readers.arrays.held import Entry, Held
from xmodal_core.data.reading import Reading

COUNTS = np.array([[0, 2, 0], [5, 0, 0], [0, 0, 0], [1, 0, 7]], np.float32)


def held(**arrays):
    return Held("t", [Entry(name, array.shape, array.dtype, lambda a=array: a) for name, array in arrays.items()])


def annotated(x, **more):
    about = {"obs/cell_type": np.array(["a", "b", "a", "b"]), "var/_index": np.array(["g1", "g2", "g3"])}
    return held(**{**x, **about, **more})


def sparse(kind, **changed):
    matrix = kind(COUNTS)
    return {f"X/{part}": changed.get(part, getattr(matrix, part)) for part in ("data", "indices", "indptr")}


@pytest.mark.parametrize(
    "x",
    [{"X": COUNTS}, sparse(scipy.sparse.csr_matrix), sparse(scipy.sparse.csc_matrix)],
    ids=["dense", "rows", "columns"],
)
def test_counts_are_the_same_however_they_are_kept(x):
    found = annotated(x)
    assert unfold_annotated("t", found, Reading()).reading.label == "obs/cell_type"
    assert found.get("X").load().tolist() == COUNTS.tolist()
    assert found.get("feature_names").load().tolist() == ["g1", "g2", "g3"]


@pytest.mark.parametrize(
    "changed",
    [
        {"indices": np.array([1, 0, 0, 3])},
        {"indices": np.array([1, 0, 0, -1])},
        {"indptr": np.array([0, 1, 2, 2, 9])},
        {"indptr": np.array([0, 3, 2, 2, 4])},
        {"data": np.array([2.0])},
    ],
)
def test_a_damaged_sparse_matrix_is_refused(changed, refusal):
    found = annotated(sparse(scipy.sparse.csr_matrix, **changed))
    unfold_annotated("t", found, Reading())
    refusal(lambda: found.get("X").load(), "sparse X is damaged")


def test_a_matrix_that_would_not_fit_is_refused_before_it_is_made(refusal):
    found = annotated(sparse(scipy.sparse.csr_matrix))
    many = np.dtype("U1")
    found.entries = [one for one in found.entries if not one.name.startswith(("obs/", "var/"))]
    for name, n in (("obs/cell_type", 10**6), ("var/_index", 30_000)):
        found.entries.append(Entry(name, (n,), many, lambda: np.empty(0)))
    refusal(lambda: unfold_annotated("t", found, Reading()), "1,000,000 cells x 30,000 genes", "keep fewer genes")
