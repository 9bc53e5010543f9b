"""AnnData (`.h5ad`): `X` of cells x genes, dense or by rows, columns about cells in `obs`, names of genes in `var`."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.archive import MAX_EXPANDED_BYTES
from xmodal_core.data.readers.arrays import names
from xmodal_core.data.readers.arrays.gathered import of_codes
from xmodal_core.data.readers.arrays.held import Entry, Held, loaded
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

_OBS, _OLD_CATEGORIES = "obs/", "obs/__categories/"
_LABELS = (  # what is usually asked of a cell, the most usual first
    *("label", "labels", "cell_type", "celltype", "cell_types", "celltypes", "cell_label", "cell_ontology_class"),
    *("cell_annotation", "annotation", "cell_type_original", "bulk_labels", "cluster", "clusters", "leiden", "louvain"),
)
_INDEX = ("_index", "index")
_SHOWN = 8


@dataclass(frozen=True)
class Annotated:
    """How the arrays are to be read on.

    Attributes:
        reading: with the label and, where nothing else was said, as a table.
        label_reason, modality_reason: clauses; empty where the person said it.
        doubts: warnings.
        left: arrays that are not used.
    """

    reading: Reading
    label_reason: str = ""
    modality_reason: str = ""
    doubts: tuple[Caution, ...] = ()
    left: tuple[Entry, ...] = ()


def unfold_annotated(name: str, held: Held, reading: Reading) -> Annotated:
    """Bring the file to plain arrays, in place: X, the columns about cells, and names of features.

    Args:
        name: data set, for messages.
        held: the arrays of the file.
        reading: what the person said.

    Raises:
        DataError: no X, a damaged sparse matrix, one too large to be spread out, or nothing that is plainly the label.
    """
    entries = {entry.name: entry for entry in of_codes(held.entries)}
    cells = [_column(entries, one) for path, one in entries.items() if path.startswith(_OBS) and path.count("/") == 1]
    genes = [one for path, one in entries.items() if path.startswith("var/") and path.count("/") == 1]
    samples = _samples(name, entries, len(cells[0]) if cells else 0, len(genes[0]) if genes else 0)
    columns = [one for one in cells if one.name.removeprefix(_OBS) not in _INDEX and len(one) == len(samples)]
    said = replace(reading, samples=reading.samples or "X", modality=reading.modality or "tabular")
    doubts: tuple[Caution, ...] = ()
    reason = ""
    if reading.label is None:
        label, rival = _label(name, columns)
        said, reason = replace(said, label=label.name), f"because of the name {printable(label.name, 40)}"
        doubts = (_doubt(label, rival),) if rival is not None else ()
    wanted = {reading.label, reading.group, reading.time, reading.split, said.label}
    kept = [one for one in columns if {one.name, one.name.removeprefix(_OBS)} & wanted or _is_group(one)]
    index = next((one for one in genes if one.name.removeprefix("var/") in _INDEX), None)
    used = {samples.name, "X/data", "X/indices", "X/indptr", *(one.name for one in (*kept, index) if one is not None)}
    left = tuple(one for path, one in entries.items() if path not in used and not path.startswith(_OLD_CATEGORIES))
    held.format = "AnnData"
    held.entries = [samples, *kept] + ([replace(index, name="feature_names")] if index is not None else [])
    as_table = "" if reading.modality else "read as a table because AnnData holds cells x genes"
    return Annotated(said, reason if said.label != NO_LABELS else "", as_table, doubts, left)


def _column(entries: dict[str, Entry], one: Entry) -> Entry:
    """A column about cells; of older files words as codes with their categories elsewhere."""
    categories = entries.get(_OLD_CATEGORIES + one.name.removeprefix(_OBS))
    if categories is None or one.dtype.kind not in "iu":
        return one
    codes = [replace(one, name=f"{one.name}/codes"), replace(categories, name=f"{one.name}/categories")]
    return of_codes(codes)[0]


def _samples(name: str, entries: dict[str, Entry], n_cells: int, n_genes: int) -> Entry:
    if "X" in entries and len(entries["X"].shape) == 2:
        return entries["X"]
    parts = [entries.get(f"X/{part}") for part in ("data", "indices", "indptr")]
    data, indices, indptr = parts
    if data is None or indices is None or indptr is None or not (n_cells and n_genes):
        raise DataError(
            f"{name}: found no plain X of cells x genes in AnnData, expected one; save it with "
            "np.savez(file, X=adata.X.toarray(), y=adata.obs['cell_type'].astype(str))."
        )
    if (n_bytes := n_cells * n_genes * data.dtype.itemsize) > MAX_EXPANDED_BYTES:
        raise DataError(
            f"{name}: X of {n_cells:,} cells x {n_genes:,} genes takes {n_bytes / 2**30:.1f} GiB with its zeros, "
            f"expected at most {MAX_EXPANDED_BYTES / 2**30:.0f}; keep fewer genes, such as with "
            "sc.pp.highly_variable_genes(adata, n_top_genes=2000, subset=True)."
        )
    by_rows = len(indptr) == n_cells + 1
    return Entry("X", (n_cells, n_genes), data.dtype, _spread(name, data, indices, indptr, (n_cells, n_genes), by_rows))


def _spread(
    name: str, data: Entry, indices: Entry, indptr: Entry, shape: tuple[int, int], by_rows: bool
) -> Callable[[], np.ndarray]:
    """A sparse matrix with its zeros; by rows, or by columns."""

    def load() -> np.ndarray:
        values, places, starts = (loaded(name, one) for one in (data, indices, indptr))
        sides = shape if by_rows else shape[::-1]
        counts = np.diff(starts.astype(np.int64))
        fits = len(starts) == sides[0] + 1 and len(values) == len(places) == counts.sum() and (counts >= 0).all()
        if not fits or (len(places) and not 0 <= places.min() <= places.max() < sides[1]):
            raise DataError(f"{name}: the sparse X is damaged, expected a matrix by rows or columns; save it again.")
        dense = np.zeros(sides, values.dtype)
        dense[np.repeat(np.arange(sides[0]), counts), places] = values
        return dense if by_rows else dense.T

    return load


def _label(name: str, columns: list[Entry]) -> tuple[Entry, Entry | None]:
    """The column that is asked for by its usual name, and another one that could be.

    Raises:
        DataError: none is called so.
    """
    by_base = {names.parse(one.name).base: one for one in reversed(columns)}
    found = [by_base[base] for base in _LABELS if base in by_base]
    if not found:
        shown = ", ".join(printable(one.name.removeprefix(_OBS), 30) for one in columns[:_SHOWN]) or "none"
        raise DataError(
            f"{name}: found the columns {shown} about cells, expected one called label or cell_type; say which is the "
            "label with --read label=NAME."
        )
    return found[0], found[1] if len(found) > 1 else None


def _doubt(label: Entry, rival: Entry) -> Caution:
    return Caution(
        "label-guessed",
        f"the labels were taken from {printable(label.name, 40)}, and {printable(rival.name, 40)} could be it, too",
        "say which one is (label=NAME)",
        Reading(label=rival.name),
    )


def _is_group(column: Entry) -> bool:
    base = names.parse(column.name).base
    return base in (*names.GROUPS, *names.PERHAPS_GROUPS, "donor", "donor_id", "individual")
