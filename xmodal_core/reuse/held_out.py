"""Source rows to ask about, none of which any stage of any method trains on."""

from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, stratified_rows, stratified_splits
from xmodal_core.data.named import load_named
from xmodal_core.data.pseudo import describe_labels, pseudo_classified
from xmodal_core.data.reading import Reading
from xmodal_core.data.sources import SOURCES
from xmodal_core.errors import RunError
from xmodal_core.model.bodies import DEFAULT_SOURCE
from xmodal_core.model.body import Body
from xmodal_core.runs.spec import RunSpec

N_BANK, N_QUERY = 2000, 1000
_RUN_SEED, _FRESH_SEED = 0, 1  # the draw that runs train with, and another one
_QUERY_SHARE = 1 / 3
_BANK_OF_A_CLASS = 10  # more of them, and even random weights read the classes: nothing would be left to lose


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A source with the rows that vote or are fitted on (bank) and the rows that are asked about (query).

    Attributes:
        source: a classification; pseudo-classes where it had no classes.
        bank, query: row numbers without a common row.
        labels: one line on where pseudo-classes come from; empty for true classes.
    """

    source: LabelledDataset
    bank: np.ndarray
    query: np.ndarray
    labels: str

    def describe(self) -> str:
        """One sentence for people: which rows these are."""
        return (
            f"{len(self.bank)} bank rows and {len(self.query)} queries of {self.source.n_classes} classes, on which no "
            "stage of any method trains."
        )

    @property
    def bank_of_a_class(self) -> int:
        """Bank rows of a class, on average and rounded down; at least 1."""
        return max(1, len(self.bank) // self.source.n_classes)


def held_out_source(
    spec: RunSpec, body: Body, *, n_bank: int = N_BANK, n_query: int = N_QUERY, seed: int = 0
) -> HeldOut:
    """Rows of a run's source, or of the body's default source, that no stage trains on, in proportion of classes.

    They are another draw of the source than a run's, without the rows whose content is that of a training row of the
    run's draw: all are left of sources that are drawn without end, the validation and test rows of others. They do
    not depend on the method, so that runs can be compared.

    Raises:
        RunError: too few rows are left to tell two classes apart; the body's modality has no default source.
    """
    name, reading = _asked(spec, body)
    given, trained = (load_named(name, seed=draw, reading=reading) for draw in (_FRESH_SEED, _RUN_SEED))
    return _rows_of(given, trained, n_bank, n_query, seed)


def retention_source(
    spec: RunSpec, body: Body, *, n_bank: int = N_BANK, n_query: int = N_QUERY, seed: int = 0
) -> HeldOut:
    """Held-out rows on which a loss can show: more classes where the source has them, few bank rows of each.

    Where a body reads the classes without a fault, a body that has forgotten much reads them as well; where the bank
    is large, so do random weights. So the source's finer draw is taken where there is one, and at most ten bank rows
    of a class.

    Raises:
        RunError: as `held_out_source`.
    """
    name, reading = _asked(spec, body)
    given, trained = (load_named(name, seed=draw, reading=reading) for draw in (_FRESH_SEED, _RUN_SEED))
    if name in SOURCES and (finer := SOURCES[name].finer) is not None:
        given = finer(N_BANK + N_QUERY, _FRESH_SEED)
    return _rows_of(given, trained, n_bank, n_query, seed, _BANK_OF_A_CLASS)


def _asked(spec: RunSpec, body: Body) -> tuple[str, Reading | None]:
    """The source that is asked about, and how it is read."""
    name = spec.source or DEFAULT_SOURCE.get(body.modality)
    if name is None:
        raise RunError(
            f"{body.name} was pretrained on {body.modality} data, for which no labelled source ships, and the run has "
            "none, expected one; train with a method that reads a source, on a source of your own."
        )
    return name, spec.source_reading if spec.source else None


def _rows_of(
    given: LabelledDataset,
    trained: LabelledDataset,
    n_bank: int,
    n_query: int,
    seed: int,
    bank_of_a_class: int | None = None,
) -> HeldOut:
    """Bank and query among the rows of `given` that are no training rows of `trained`, a run's draw."""
    source = pseudo_classified(given)
    pool = unlike(given, trained, trained.rows("train"))
    labels = source.targets[pool]
    is_query = stratified_splits(labels, shares=(0.0, _QUERY_SHARE)) == "test"
    sides = pool[~is_query], pool[is_query]
    if min(len(np.unique(source.targets[rows])) for rows in sides) < 2:
        raise RunError(
            f"{source.name} has {len(pool)} rows of {len(np.unique(labels))} classes that no stage trains on, expected "
            "at least three rows of two classes; choose a larger source."
        )
    if bank_of_a_class is not None:
        n_bank = min(n_bank, bank_of_a_class * source.n_classes)
    bank, query = (
        rows[stratified_rows(source.targets[rows], n, seed)] for rows, n in zip(sides, (n_bank, n_query), strict=True)
    )
    return HeldOut(source, bank, query, describe_labels(given, source.targets))


def unlike(dataset: LabelledDataset, other: LabelledDataset, rows: np.ndarray) -> np.ndarray:
    """Rows of `dataset` whose input equals none of these rows of `other`."""
    taken = {other.inputs[row].tobytes() for row in rows}
    return np.array([i for i in range(len(dataset)) if dataset.inputs[i].tobytes() not in taken], np.int64)
