"""Which settings of a model mean something for data of a kind; no torch."""

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.errors import ModelError
from xmodal_core.model.settings import BY_CELL, ModelSettings

PREDICTOR = ("readout", "start")  # what stands behind a body, which no gap sees
_CUT = (Modality.SERIES, Modality.SEQUENCE, Modality.IMAGE, Modality.FIELD)
_UNSCALED = (Modality.SEQUENCE, Modality.TEXT)
_KINDS = (Modality.IMAGE, Modality.FIELD, Modality.SERIES, Modality.SEQUENCE, Modality.TABULAR, Modality.TEXT)
_IDLE = {  # what a setting is where there is no choice, and what it is a choice of
    "stem": ("linear", "patches"),
    "numbers": ("linear", "numbers in columns"),
    "scaling": ("channel", "measured numbers"),
}


def of_embedder(modality: Modality) -> tuple[str, ...]:
    """Names of the settings by which an embedder of these samples changes, the only ones that a gap sees.

    None for text, which enters through the body's own embedding layer whatever is said.
    """
    return () if modality is Modality.TEXT else (*_of_samples(modality), "compat")


def of_model(modality: Modality, task: Task) -> tuple[str, ...]:
    """Names of the settings by which a model for these samples and targets changes.

    A target in every cell is read from every token, so that no readout chooses among them.
    """
    behind = PREDICTOR[1:] if task in BY_CELL else PREDICTOR
    return behind if modality is Modality.TEXT else (*_of_samples(modality), *behind, "compat")


def seen_by_gap(settings: ModelSettings, modality: Modality, task: Task) -> dict[str, str]:
    """The settings of an embedder with nothing left to `auto`, by name."""
    resolved = settings.resolved(modality, task)
    return {name: getattr(resolved, name) for name in of_embedder(modality)}


def check_fits(settings: ModelSettings, dataset: LabelledDataset) -> None:
    """Refuse a stem, an encoding of numbers, a scaling or a readout where there is nothing that it could change.

    Args:
        settings: with nothing left to `auto`.
        dataset: what enters through them, and is answered.

    Raises:
        ModelError: names the setting, and what has it.
    """
    offered = of_model(dataset.modality, dataset.task)
    for name, (idle, what) in _IDLE.items():
        found = getattr(settings, name)
        if name not in offered and found != idle:
            kinds = " or ".join(kind for kind in _KINDS if name in _of_samples(kind))
            raise ModelError(
                f"{name} is {found}, but {dataset.name} is {dataset.modality} data, which has no {what}, expected "
                f"{kinds} data; leave {name} at auto."
            )
    if settings.scaling == "sample" and dataset.modality is Modality.TABULAR:
        raise ModelError(
            f"scaling is sample, but a feature of {dataset.name} has a single number in a row, which has no deviation; "
            "choose scaling channel, log or quantile."
        )
    if settings.readout != "mean" and "readout" not in offered:
        raise ModelError(
            f"readout is {settings.readout}, but {dataset.name} asks for an answer in every cell, which is read from "
            "the token at its place; leave readout at auto."
        )


def _of_samples(modality: Modality) -> tuple[str, ...]:
    stem = ("stem",) if modality in _CUT else ()
    numbers = ("numbers",) if modality is Modality.TABULAR else ()
    return ("positions", *stem, *numbers, *(() if modality in _UNSCALED else ("scaling",)))
