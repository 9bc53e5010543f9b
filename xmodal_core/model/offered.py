"""Which settings of a model mean something for data of a kind; no torch."""

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.model.settings import ModelSettings

PREDICTOR = ("readout", "start")  # what stands behind a body, which no gap sees
_CUT = (Modality.SERIES, Modality.SEQUENCE, Modality.IMAGE, Modality.FIELD)
_UNSCALED = (Modality.SEQUENCE, Modality.TEXT)
_BY_CELL = (Task.DENSE, Task.SEGMENTATION)


def of_embedder(modality: Modality) -> tuple[str, ...]:
    """Names of the settings by which an embedder of these samples changes, the only ones that a gap sees.

    None for text, which enters through the body's own embedding layer whatever is said.
    """
    return () if modality is Modality.TEXT else (*_of_samples(modality), "compat")


def of_model(modality: Modality, task: Task) -> tuple[str, ...]:
    """Names of the settings by which a model for these samples and targets changes.

    A target in every cell is read from every token, so that no readout chooses among them.
    """
    behind = PREDICTOR[1:] if task in _BY_CELL else PREDICTOR
    return behind if modality is Modality.TEXT else (*_of_samples(modality), *behind, "compat")


def seen_by_gap(settings: ModelSettings, modality: Modality, task: Task) -> dict[str, str]:
    """The settings of an embedder with nothing left to `auto`, by name."""
    resolved = settings.resolved(modality, task)
    return {name: getattr(resolved, name) for name in of_embedder(modality)}


def _of_samples(modality: Modality) -> tuple[str, ...]:
    stem = ("stem",) if modality in _CUT else ()
    numbers = ("numbers",) if modality is Modality.TABULAR else ()
    return ("positions", *stem, *numbers, *(() if modality in _UNSCALED else ("scaling",)))
